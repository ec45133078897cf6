package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// labTruth is what a generated world holds of a domain.
type labTruth struct {
	Domain  string   `json:"domain"`
	SPF     string   `json:"spf"`
	Lookups int      `json:"spf_lookups"`
	DMARC   string   `json:"dmarc"`
	DKIM    []string `json:"dkim"`
	MTASTS  bool     `json:"mtasts"`
	TLSRPT  bool     `json:"tlsrpt"`
}

// TestLab runs bulk over a generated world that a name server serves, and
// compares every verdict with what the world holds. MAILDIAG_LAB is the
// world's folder (domains.txt, truth.ndjson), MAILDIAG_LAB_RESOLVER the server;
// MAILDIAG_LAB_ARGS are further flags. With -test.cpuprofile it is the way to
// profile a run.
func TestLab(t *testing.T) {
	world := os.Getenv("MAILDIAG_LAB")
	if world == "" {
		t.Skip("MAILDIAG_LAB is not set: no generated world to compare with")
	}
	out := filepath.Join(t.TempDir(), "out.jsonl")
	args := append([]string{"bulk", "--resolver", os.Getenv("MAILDIAG_LAB_RESOLVER"), "-o", out, filepath.Join(world, "domains.txt")},
		strings.Fields(os.Getenv("MAILDIAG_LAB_ARGS"))...)
	if code := run(t.Context(), args, strings.NewReader(""), os.Stdout, os.Stderr); code != exitFound {
		t.Errorf("exit code %d", code)
	}
	truths := readTruth(t, filepath.Join(world, "truth.ndjson"))
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if os.Getenv("MAILDIAG_LAB_ONLY") != "" {
		return // to profile the run alone
	}
	n, wrong, queries := 0, 0, 0
	for r, err := range report.ReadReports(bufio.NewReaderSize(file, 1<<20)) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		queries += r.End.Queries
		truth, ok := truths[r.Begin.Domain]
		if !ok {
			t.Fatalf("%s is not in the world, or twice in the output", r.Begin.Domain)
		}
		delete(truths, r.Begin.Domain)
		if diffs := truth.compare(r); len(diffs) > 0 {
			if wrong++; wrong <= 50 {
				t.Errorf("%s: %s", r.Begin.Domain, strings.Join(diffs, "; "))
			}
		}
	}
	t.Logf("%d domains, %d not as they are, %.2f queries a domain", n, wrong, float64(queries)/float64(max(n, 1)))
	if len(truths) > 0 || n == 0 {
		t.Errorf("%d domains are missing", len(truths))
	}
}

func readTruth(t *testing.T, name string) map[string]labTruth {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all := map[string]labTruth{}
	d := json.NewDecoder(bufio.NewReader(file))
	for d.More() {
		var x labTruth
		if err := d.Decode(&x); err != nil {
			t.Fatal(err)
		}
		all[x.Domain] = x
	}
	return all
}

// compare reports where a report differs from the truth.
func (x *labTruth) compare(r *report.Report) (diffs []string) {
	say := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			diffs = append(diffs, fmt.Sprintf("%s is %v, want %v", what, got, want))
		}
	}
	for _, f := range r.Findings {
		if f.Status == report.Unknown && f.Check != "dane" { // no path to the lab's server is authentic
			diffs = append(diffs, f.Code+" is unknown")
		}
	}
	if x.SPF == "" { // the domain does not exist
		say("domain.exists", has(r, "domain.exists", report.Fail), true)
		return diffs
	}
	say("SPF", spfClass(r), plainClass(x.SPF))
	if n := number(r, "spf.lookups", "lookups"); countable(x.SPF) {
		say("SPF lookups", n, x.Lookups)
	}
	say("DMARC", dmarcClass(r), x.DMARC)
	say("DKIM", foundSelectors(r), x.guessable())
	say("MTA-STS", has(r, "mtasts.record", report.Pass), x.MTASTS)
	say("TLS-RPT", has(r, "tlsrpt.record", report.Pass), x.TLSRPT)
	return diffs
}

func has(r *report.Report, code string, s ...report.Status) bool {
	return slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.Code == code && slices.Contains(s, f.Status) })
}

func number(r *report.Report, code, key string) string {
	for _, f := range r.Findings {
		if f.Code == code {
			return fmt.Sprint(f.Data[key])
		}
	}
	return "not there"
}

// plainClass joins the classes that differ only in what they are made of.
func plainClass(class string) string {
	switch class {
	case "redirect", "macro", "nomail", "deep":
		return "ok" // deep shows in the number of lookups
	}
	return class
}

// countable reports the classes whose evaluation has a definite number of lookups.
func countable(class string) bool {
	return !slices.Contains([]string{"missing", "multiple", "syntax", "loop"}, class)
}

func spfClass(r *report.Report) string {
	for _, c := range []struct {
		code, class string
		status      report.Status
	}{
		{"spf.record", "missing", report.Fail}, {"spf.multiple", "multiple", report.Fail}, {"spf.syntax", "syntax", report.Fail},
		{"spf.include", "nxinclude", report.Fail}, {"spf.loop", "loop", report.Fail}, {"spf.ptr", "ptr", report.Warn},
	} {
		if has(r, c.code, c.status) {
			return c.class
		}
	}
	if has(r, "spf.record", report.Pass) {
		return "ok"
	}
	return "not told"
}

func dmarcClass(r *report.Report) string {
	switch {
	case has(r, "dmarc.multiple", report.Fail):
		return "multiple"
	case has(r, "dmarc.syntax", report.Fail, report.Warn):
		return "syntax"
	case has(r, "dmarc.rua-auth", report.Warn):
		return "extrua"
	case has(r, "dmarc.record", report.Fail, report.Warn): // a warning where the domain is parked
		return "missing"
	}
	for _, f := range r.Findings {
		if f.Code == "dmarc.policy" {
			return fmt.Sprint(f.Data["declared"])
		}
	}
	return "not told"
}

var labSelector = regexp.MustCompile(`(?:^|[ ,:])([a-z0-9]+) (?:\(|RSA|Ed25519)`)

// foundSelectors returns the selectors at which the report found a record.
func foundSelectors(r *report.Report) (names []string) {
	for _, f := range r.Findings {
		if name, ours := strings.CutSuffix(f.Subject, "._domainkey."+r.Begin.Domain); ours && f.Code == "dkim.key" {
			names = append(names, name) // a weak key is told alone
		} else if f.Code == "dkim.key" || f.Code == "dkim.others" {
			for _, m := range labSelector.FindAllStringSubmatch(f.Summary, -1) {
				names = append(names, m[1])
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// guessable returns the selectors that can be found: not those of random letters.
func (x *labTruth) guessable() (names []string) {
	for _, s := range x.DKIM {
		if !strings.HasPrefix(s, "x0") {
			names = append(names, s)
		}
	}
	slices.Sort(names)
	return names
}
