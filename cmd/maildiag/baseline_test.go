package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// check runs maildiag check in this process.
func check(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"check"}, args...), strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// changesOf returns the findings of a report as "status code change".
func changesOf(t *testing.T, jsonl string) (out []string) {
	t.Helper()
	for r, err := range report.ReadReports(strings.NewReader(jsonl)) {
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %v", f.Status, f.Code, or(f.Data["change"], ""))))
		}
	}
	return out
}

func or(v, instead any) any {
	if v == nil {
		return instead
	}
	return v
}

const baseZone = `. 300 IN SOA ns.test. h.test. 1 3600 600 86400 60
. NS ns.test.
a.example. MX 10 mx.host.example.
a.example. TXT "v=spf1 mx -all"
mx.host.example. A 192.0.2.1
`

func TestBaseline(t *testing.T) {
	srv := dnstest.New(t, baseZone+`_dmarc.a.example. TXT "v=DMARC1; p=reject"`)
	base := filepath.Join(t.TempDir(), "base.json")
	args := []string{"--resolver", srv.Addr, "--only", "mx,spf,dmarc", "--expect", "any", "--format", "jsonl", "a.example"}
	first, _, _ := check(t, append(args, "-o", base)...)
	since := append(args, "--baseline", base)
	for _, c := range []struct {
		name, zone string
		faults     bool
		code       int
		want, not  []string
	}{
		{name: "nothing", zone: baseZone + `_dmarc.a.example. TXT "v=DMARC1; p=reject"`, code: 0,
			want: []string{"info baseline.compared"}, not: []string{"dmarc", "spf", "mx"}},
		{name: "new failure", zone: baseZone, code: 1, want: []string{"fail dmarc.record new"}},
		{name: "changed record", zone: strings.Replace(baseZone, "v=spf1 mx -all", "v=spf1 ip4:192.0.2.7 -all", 1) + `_dmarc.a.example. TXT "v=DMARC1; p=reject"`,
			code: 0, want: []string{"info spf.record changed"}, not: []string{"fail", "warn"}},
		{name: "not told", zone: baseZone, faults: true, code: 3, want: []string{"unknown dmarc.record new"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := srv.SetZone(c.zone); err != nil {
				t.Fatal(err)
			}
			if c.faults {
				srv.Fault("_dmarc.a.example", "", dnstest.Fault{Rcode: "SERVFAIL"})
			}
			code, out, errs := check(t, since...)
			got := changesOf(t, out)
			if code != c.code || errs != "" {
				t.Errorf("exit code %d, want %d; %s", code, c.code, errs)
			}
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("no %q in %q", w, got)
				}
			}
			for _, n := range c.not {
				if slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, n) }) {
					t.Errorf("%q in %q", n, got)
				}
			}
		})
	}
	if first != exitOK {
		t.Errorf("the baseline itself: exit code %d", first)
	}
}

// diffOf compares two lists of findings of one check.
func diffOf(old, now []report.Finding) []string {
	r := &report.Report{Findings: old}
	var out []string
	for _, f := range newDiff(r, now).all([]report.CheckInfo{{ID: "mx"}}) {
		out = append(out, fmt.Sprintf("%s %s %v", f.Status, f.Code, or(f.Data["change"], "-")))
	}
	return out
}

func TestDiff(t *testing.T) {
	f := func(s report.Status, code, answer string) report.Finding {
		x := report.Finding{Check: "mx", Code: code, Status: s}
		if answer != "" {
			x.Evidence = []report.Evidence{{Kind: "answer", Text: answer, From: "192.0.2.53"}}
		}
		return x
	}
	const summary = "info baseline.compared -"
	list := func(fs ...report.Finding) []report.Finding { return fs }
	for name, c := range map[string]struct {
		old, now []report.Finding
		want     []string
	}{
		"same": {list(f(report.Fail, "mx.a", "x MX\n 1 a\n 2 b")), list(f(report.Fail, "mx.a", "x MX\n 2 b\n 1 a")), nil},
		"new":  {list(f(report.Pass, "mx.b", "")), list(f(report.Warn, "mx.a", "")), []string{"warn mx.a new"}},
		"not in the baseline": {nil, list(f(report.Warn, "mx.a", ""), f(report.Pass, "mx.b", "")),
			[]string{"warn mx.a not_in_baseline"}},
		"skipped there":    {list(f(report.Skip, "mx.skipped", "")), list(f(report.Fail, "mx.a", "")), []string{"fail mx.a new"}},
		"new and good":     {nil, list(f(report.Pass, "mx.a", "")), nil},
		"fixed":            {list(f(report.Fail, "mx.a", "")), list(f(report.Pass, "mx.a", "")), []string{"pass mx.a fixed"}},
		"gone":             {list(f(report.Fail, "mx.a", "")), list(f(report.Pass, "mx.b", "")), []string{"pass mx.a fixed"}},
		"gone, not told":   {list(f(report.Fail, "mx.a", "")), list(f(report.Unknown, "mx.b", "")), []string{"unknown mx.b new"}},
		"gone, skipped":    {list(f(report.Fail, "mx.a", "")), list(f(report.Skip, "mx.skipped", "")), nil},
		"worse":            {list(f(report.Warn, "mx.a", "")), list(f(report.Fail, "mx.a", "")), []string{"fail mx.a new"}},
		"better":           {list(f(report.Fail, "mx.a", "")), list(f(report.Warn, "mx.a", "")), []string{"info mx.a better"}},
		"changed and good": {list(f(report.Pass, "mx.a", "x MX\n 1 a")), list(f(report.Pass, "mx.a", "x MX\n 1 b")), []string{"info mx.a changed"}},
		"changed and bad":  {list(f(report.Fail, "mx.a", "x MX\n 1 a")), list(f(report.Fail, "mx.a", "x MX\n 1 b")), []string{"info mx.a changed"}},
		"one more alike": {list(f(report.Fail, "mx.a", "")), list(f(report.Fail, "mx.a", ""), f(report.Fail, "mx.a", "")),
			[]string{"fail mx.a new"}},
	} {
		if got := diffOf(c.old, c.now); !slices.Equal(got, append(c.want, summary)) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// What names the question it answers is compared by that question alone, not by
// words around it; a baseline of an older version does not name any.
func TestDiffByQuery(t *testing.T) {
	mx, txt := dnsrec.Q("a.example", dnsrec.TypeMX), dnsrec.Q("a.example", dnsrec.TypeTXT)
	seen := func(q dnsrec.Query, text string) report.Evidence { return kit.AnswerTo(q, "192.0.2.53", text) }
	prose := func(text string) report.Evidence { return report.Evidence{Kind: "answer", Text: text} }
	type list = []report.Evidence
	for name, c := range map[string]struct {
		old, now list
		differ   bool
	}{
		"same":                {list{seen(mx, "q\n  1 a")}, list{seen(mx, "q\n  1 a")}, false},
		"rotated":             {list{seen(mx, "q\n  1 a\n  2 b")}, list{seen(mx, "q\n  2 b\n  1 a")}, false},
		"other server":        {list{seen(mx, "1 a")}, list{kit.AnswerTo(mx, "198.51.100.53", "1 a")}, false},
		"other value":         {list{seen(mx, "1 a")}, list{seen(mx, "1 b")}, true},
		"other question":      {list{seen(mx, "x")}, list{seen(txt, "x")}, true},
		"swapped":             {list{seen(mx, "x"), seen(txt, "y")}, list{seen(mx, "y"), seen(txt, "x")}, true},
		"order of questions":  {list{seen(mx, "x"), seen(txt, "y")}, list{seen(txt, "y"), seen(mx, "x")}, false},
		"other words":         {list{seen(mx, "x"), prose("a → b")}, list{seen(mx, "x"), prose("a, then b")}, false},
		"old baseline":        {list{prose("a.example MX\n  1 a")}, list{seen(mx, "a.example MX\n  1 a")}, false},
		"old baseline, other": {list{prose("a.example MX\n  1 a")}, list{seen(mx, "a.example MX\n  1 b")}, true},
		"nothing but words":   {list{prose("a → b")}, list{prose("a → c")}, true},
		"not of the DNS":      {list{{Kind: "smtp", Text: "220 a"}}, list{{Kind: "smtp", Text: "220 b"}}, false},
	} {
		if got := recordsDiffer(report.Finding{Evidence: c.now}, report.Finding{Evidence: c.old}); got != c.differ {
			t.Errorf("%s: differ is %v", name, got)
		}
	}
}

func TestBaselineFiles(t *testing.T) {
	dir := t.TempDir()
	srv := dnstest.New(t, baseZone)
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	_, stream, _ := check(t, "--resolver", srv.Addr, "--only", "mx", "--format", "ndjson", "a.example")
	for _, file := range []string{
		write("empty", ""), write("text", "hello"), write("other", `{"schema":"x/v1"}`), write("stream", stream),
		write("diff", `{"schema":"maildiag.report/v1","domain":"a.example","compared":true}`),
		write("half", `{"schema":"maildiag.report/v1","domain":"a.exa`), filepath.Join(dir, "missing"),
	} {
		code, out, errs := check(t, "--resolver", srv.Addr, "--baseline", file, "a.example")
		if code != exitUsage || out != "" || !strings.HasPrefix(errs, "maildiag: error: cannot use the baseline "+file) {
			t.Errorf("%s: code %d, %s", file, code, errs)
		}
	}
	// A domain that the baseline does not have, and several documents, indented.
	_, docs, _ := check(t, "--resolver", srv.Addr, "--only", "mx", "--json", "b.example", "a.example")
	if !json.Valid([]byte(docs)) {
		t.Errorf("not one JSON document:\n%s", docs)
	}
	base := write("two", docs)
	_, out, _ := check(t, "--resolver", srv.Addr, "--only", "mx", "--format", "jsonl", "--baseline", base, "a.example", "c.example")
	got := changesOf(t, out)
	if !slices.Contains(got, "info baseline.compared") || !slices.Contains(got, "info baseline.missing") {
		t.Errorf("%q", got)
	}
}

func TestAccept(t *testing.T) {
	srv := dnstest.New(t, baseZone)
	file := filepath.Join(t.TempDir(), "accept.txt")
	for name, c := range map[string]struct {
		lines string
		code  int
		want  []string
	}{
		"none":        {"# nothing", 1, []string{"fail dmarc.record"}},
		"finding":     {"dmarc.record a.example 2026-12-31 ticket 4711", 0, []string{"info dmarc.record"}},
		"check":       {"dmarc a.example never we know", 0, []string{"info dmarc.record"}},
		"all domains": {"dmarc.record * 2026-12-31 x", 0, []string{"info dmarc.record"}},
		"below":       {"dmarc.record *.example 2026-12-31 x", 0, []string{"info dmarc.record"}},
		"not below":   {"dmarc.record *.a.example 2026-12-31 x", 1, []string{"fail dmarc.record"}},
		"other name":  {"dmarc.record b.example 2026-12-31 x", 1, []string{"fail dmarc.record"}},
		"last day":    {"dmarc.record a.example 2026-11-23 x", 0, []string{"info dmarc.record"}},
		"expired":     {"dmarc.record a.example 2026-11-22 x", 1, []string{"fail dmarc.record", "warn accept.expired"}},
		"unused":      {"mx.leftover a.example never x\ndmarc.record a.example never x", 0, []string{"info accept.unused"}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, []byte(c.lines+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			code, out, errs := check(t, "--resolver", srv.Addr, "--only", "mx,dmarc", "--expect", "any",
				"--as-of", "2026-11-23", "--format", "jsonl", "--accept", file, "a.example")
			got := changesOf(t, out)
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("no %q in %q", w, got)
				}
			}
			if code != c.code || errs != "" {
				t.Errorf("exit code %d, want %d; %s", code, c.code, errs)
			}
		})
	}
}

// What is accepted is seen in every format, beside a verdict that does not count it,
// and a domain without exceptions has no check without a result.
func TestAcceptedIsSeen(t *testing.T) {
	srv := dnstest.New(t, baseZone)
	file := filepath.Join(t.TempDir(), "accept.txt")
	if err := os.WriteFile(file, []byte("dmarc.record a.example 2026-12-31 ticket 4711\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, domain := range []string{"a.example", "b.example"} {
		for format, want := range map[string]string{
			"text": "ticket 4711", "nagios": ", 1 accepted", "checkmk": "ticket 4711", "html": "ACCEPTED", "markdown": "ticket 4711",
			"junit": "accept.active", "csv": "ticket 4711", "jsonl": `"accepted":true`, "prometheus": "",
		} {
			_, out, errs := check(t, "--resolver", srv.Addr, "--only", "mx,dmarc", "--expect", "any", "--as-of", "2026-11-23", "--no-plan",
				"--format", format, "--accept", file, domain)
			if (domain == "a.example") != strings.Contains(out, want) && want != "" && !(format == "junit") || errs != "" {
				t.Errorf("%s of %s: %q is there or not\n%s%s", format, domain, want, out, errs)
			}
			if strings.Contains(out, "no result") || strings.Contains(out, `check="accept",status="unknown"`) || strings.Contains(out, "Everything checked is correct") {
				t.Errorf("%s of %s:\n%s", format, domain, out)
			}
		}
	}
}

func TestAcceptRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "accept.txt")
	for lines, want := range map[string]string{
		"mx.leftover a.example 2026-12-31":          "line 1: it needs an ID, a domain, the last day and a reason",
		"# x\nmxx.leftover a.example 2026-12-31 x":  `line 2: there is no check "mxx"`,
		"dmarc.rec a.example 2026-12-31 x":          `did you mean dmarc.record?`,
		"mx a..example 2026-12-31 x":                `line 1: "a..example" is not a domain name`,
		"mx a.example 31.12.2026 x":                 `line 1: "31.12.2026" is not a day`,
		"mx a.example 2026-02-30 x":                 `line 1: "2026-02-30" is not a day`,
		"mx " + strings.Repeat("a", 70000) + " x x": "token too long",
	} {
		if err := os.WriteFile(file, []byte(lines), 0o666); err != nil {
			t.Fatal(err)
		}
		code, out, errs := check(t, "--accept", file, "a.example")
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%.40q: code %d, %s", lines, code, errs)
		}
	}
}

// --as-of changes how dates are judged, not when the domain was looked at.
func TestAsOfKeepsTheTime(t *testing.T) {
	srv := dnstest.New(t, baseZone)
	before := time.Now().UTC().Truncate(time.Second)
	_, out, _ := check(t, "--resolver", srv.Addr, "--only", "mx", "--as-of", "1999-01-01", "--format", "json", "a.example")
	var r struct {
		Started time.Time `json:"started"`
		AsOf    string    `json:"as_of"`
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Started.Before(before) || r.AsOf != "1999-01-01" {
		t.Errorf("started %s as of %s: %v", r.Started, r.AsOf, err)
	}
}
