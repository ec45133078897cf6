package dmarc

import (
	"bufio"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	other "github.com/emersion/go-msgauth/dmarc"
)

// explained are the ways in which go-msgauth's parser, which follows RFC 7489,
// is known to differ from ours. Each takes a text on which the two disagree
// and reports whether it is the cause.
var explained = []struct {
	why   string
	holds func(txt string, ours []Problem) bool
}{
	{"it takes the last of several tags of one name; RFC 6376 3.2 makes the list invalid", hasKind(KindDuplicate)},
	{"it does not ask that v=DMARC1 comes first (RFC 9989 4.7)", hasKind(KindVersion)},
	{"it rejects a record with a piece that is no tag; RFC 9989 4.7 ignores the piece", hasKind(KindSyntax)},
	{"it rejects a record with an invalid adkim, aspf, fo or pct; RFC 9989 4.7 uses the default", hasKind(KindValue)},
	{"it wants tags and values in lower case; the ABNF of RFC 9989 4.8 takes both", hasKind(KindCase)},
	{"it rejects a record with an invalid rf, ri or pct; RFC 9989 removed these tags", hasKind(KindRemoved)},
	{"it keeps addresses that are none, and sizes with them", func(_ string, ours []Problem) bool {
		return hasKind(KindURI)("", ours) || hasKind(KindSize)("", ours)
	}},
	{"it accepts V=DMARC1 no more than v=dmarc1; the ABNF of RFC 9989 4.8 has the v in either case", func(txt string, _ []Problem) bool {
		return strings.HasPrefix(txt, "V")
	}},
	{"it trims more white space than RFC 6376 has", func(txt string, _ []Problem) bool { return strings.ContainsAny(txt, "\v\f\u0085\u00a0") }},
}

func hasKind(k Kind) func(string, []Problem) bool {
	return func(_ string, ours []Problem) bool {
		return slices.ContainsFunc(ours, func(p Problem) bool { return p.Kind == k })
	}
}

// differ compares the two parsers on one text; "" if they agree.
func differ(txt string) string {
	theirs, theirErr := other.Parse(txt)
	ours, _, ourErr := Parse(txt)
	if (theirErr == nil) != (ours != nil && ourErr == nil) {
		return fmt.Sprintf("ours: %v, theirs: %v", ourErr, theirErr)
	}
	if theirErr != nil {
		return ""
	}
	mine := []any{string(ours.P), string(ours.SP), string(ours.DKIMMode()), string(ours.SPFMode()), joinURIs(ours.RUA), joinURIs(ours.RUF), options(ours.FO)}
	yours := []any{string(theirs.Policy), string(theirs.SubdomainPolicy), string(theirs.DKIMAlignment), string(theirs.SPFAlignment),
		strings.Join(theirs.ReportURIAggregate, ","), strings.Join(theirs.ReportURIFailure, ","), theirs.FailureOptions}
	if !reflect.DeepEqual(mine, yours) || (ours.Pct == nil) != (theirs.Percent == nil) || ours.Pct != nil && *ours.Pct != *theirs.Percent {
		return fmt.Sprintf("ours: %v, theirs: %v", mine, yours)
	}
	return ""
}

func options(list []string) (fo other.FailureOptions) {
	for _, o := range list {
		fo |= map[string]other.FailureOptions{"0": other.FailureAll, "1": other.FailureAny, "d": other.FailureDKIM, "s": other.FailureSPF}[o]
	}
	return fo
}

// explain names the reason of a difference, "" if there is none.
func explain(txt string) string {
	_, problems := Examine(txt)
	for _, e := range explained {
		if e.holds(txt, problems) {
			return e.why
		}
	}
	return ""
}

// TestAgainstMsgauth compares with go-msgauth on generated records, well
// formed and not.
func TestAgainstMsgauth(t *testing.T) {
	const n = 20000
	counts := map[string]int{}
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		txt := generate(r)
		d := differ(txt)
		if d == "" {
			counts["agree"]++
			continue
		}
		why := explain(txt)
		if why == "" {
			t.Errorf("%q: %s", txt, d)
		}
		counts[why]++
	}
	for why, c := range counts {
		t.Logf("%6d %s", c, why)
	}
	if counts["agree"] < n/4 {
		t.Errorf("only %d of %d records compare equal: the generator is too wild", counts["agree"], n)
	}
}

// generate makes a record, now and then with a fault.
func generate(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	policies := func() string {
		return pick("none", "quarantine", "reject", "none", "reject", "None", "", "block", "none sp=reject")
	}
	parts := []string{pick("v=DMARC1", "v=DMARC1", "v=DMARC1", "v=DMARC1", "v=DMARC1", "v = DMARC1", "v=dmarc1", "V=DMARC1", "v=DMARC1 p=none", "p=none", " v=DMARC1")}
	tags := []func() string{
		func() string { return "p=" + pick("none", "quarantine", "reject") },
		func() string { return "sp=" + policies() },
		func() string { return "p = " + policies() },
		func() string { return "adkim=" + pick("r", "s", "S", "strict") },
		func() string { return "aspf=" + pick("r", "s", "x") },
		func() string {
			return "rua=" + pick("mailto:a@b.example", "mailto:a@b.example, mailto:c@d.example", "a@b.example", "mailto:a@b.example!10m", "")
		},
		func() string { return "ruf=" + pick("mailto:a@b.example", "https://b.example/") },
		func() string { return "fo=" + pick("0", "1", "d:s", "1:d:s", "x") },
		func() string { return "pct=" + pick("0", "100", "50", "101", "-1", "x", "50%") },
		func() string { return "rf=" + pick("afrf", "iodef") },
		func() string { return "ri=" + pick("86400", "0", "x") },
		func() string { return pick("t=y", "np=reject", "psd=n", "unknown=1", "junk", "") },
	}
	if r.IntN(10) > 0 {
		parts = append(parts, tags[0]())
	}
	for _, i := range r.Perm(len(tags))[:r.IntN(5)] {
		if i > 0 || r.IntN(10) == 0 {
			parts = append(parts, tags[i]())
		}
	}
	return strings.Join(parts, pick(";", "; ", " ; ")) + pick("", ";", "; ")
}

// corpus opens a file of the real data, or skips the test.
func corpus(t *testing.T, name string) *os.File {
	t.Helper()
	dir := os.Getenv("MAILDIAG_CORPUS")
	if dir == "" {
		t.Skip("MAILDIAG_CORPUS is not set")
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// TestRealRecords parses the DMARC records of 245 real zones; the ones with a
// problem stand in a golden file.
func TestRealRecords(t *testing.T) {
	f := corpus(t, "dns/real-txt-records.tsv")
	var report strings.Builder
	n := 0
	for in := bufio.NewScanner(f); in.Scan(); {
		col := strings.Split(in.Text(), "\t")
		if col[0] != "dmarc" {
			continue
		}
		n++
		txt := col[2]
		_, problems := Examine(txt)
		if d := differ(txt); d != "" && explain(txt) == "" {
			t.Errorf("%s %q: %s", col[1], txt, d)
		}
		if strings.Contains(col[1], "._report._dmarc.") { // no policy, but a consent
			if !Consents(txt) {
				fmt.Fprintf(&report, "%s\t1\tconsent\tno consent: %s\n", col[1], txt)
			}
			continue
		}
		if len(problems) == 0 {
			if rec, _, _ := Parse(txt); rec == nil {
				fmt.Fprintf(&report, "%s\t1\tforeign\tnot meant as DMARC: %s\n", col[1], txt)
			}
		}
		for _, p := range problems {
			fmt.Fprintf(&report, "%s\t%d\t%s\t%s\n", col[1], p.Pos+1, p.Kind, p.Text)
		}
	}
	t.Logf("%d records", n)
	if n < 200 {
		t.Errorf("only %d records were read", n)
	}
	golden(t, "testdata/real_records.golden", report.String())
}

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s", name, got)
	}
}
