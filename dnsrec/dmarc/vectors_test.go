package dmarc

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// verifyCase is one case of testdata/dmarc_verify.json.
type verifyCase struct {
	Title string
	Calls []struct {
		Input struct {
			HeaderFrom  any
			DKIMDomains []any
			SPFDomains  []any
		}
		Zone map[string]struct {
			TXT   [][]string
			Error string
		}
	}
	Expect []struct {
		Subject, Check string
		Args           []any
	}
}

// notOurs are the cases about what their program puts around the result.
var notOurs = map[string]string{
	"Should return false for headerFrom array with multiple elements":                  "several From addresses are the caller's business",
	"Should include ARC result in comment when provided":                               "ARC",
	"Should track undersized DKIM signatures":                                          "l= of a signature",
	"Should report an undersized DKIM signature even when strict alignment rejects it": "l= of a signature",
}

func TestVerifyVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/dmarc_verify.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []verifyCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	checked, skipped := 0, 0
	for _, c := range cases {
		if notOurs[c.Title] != "" {
			skipped++
			continue
		}
		t.Run(c.Title, func(t *testing.T) { checked += c.run(t) })
	}
	t.Logf("%d cases, %d of them not ours, %d expectations held", len(cases), skipped, checked)
	if len(cases) != 34 || checked < 40 {
		t.Errorf("%d cases and %d expectations were read, too few", len(cases), checked)
	}
}

func (c *verifyCase) run(t *testing.T) (checked int) {
	call := c.Calls[len(c.Calls)-1]
	var lines []string
	for name, rr := range call.Zone {
		for _, strs := range rr.TXT {
			lines = append(lines, "="+name+" "+strings.Join(strs, ""))
		}
		if rr.Error != "" {
			lines = append(lines, "="+name+" SERVFAIL")
		}
	}
	dns, _ := world(t, lines...)
	r := Discover(t.Context(), dns, headerDomain(call.Input.HeaderFrom))
	v := r.Evaluate(t.Context(), dns, domains(call.Input.DKIMDomains), strings.Join(domains(call.Input.SPFDomains), ""))
	got := map[string]string{
		"result.status.result":      v.Tree.Result,
		"result.policy":             string(r.Tree.Policy),
		"result.domain":             r.Tree.Org,
		"result.status.header.from": r.Domain,
	}
	if rec := r.Tree.Record; rec != nil {
		got["result.p"], got["result.sp"] = string(rec.P), string(rec.SP)
		got["result.alignment.dkim.strict"] = fmt.Sprint(rec.DKIMMode() == Strict)
		got["result.alignment.spf.strict"] = fmt.Sprint(rec.SPFMode() == Strict)
		got["result.status.header.d"] = r.Tree.At
		got["result.rr"] = r.Step(r.Tree.At).Records()[0].Value
		if rec.Pct != nil {
			got["result.pct"] = fmt.Sprint(*rec.Pct)
		}
	}
	for _, e := range c.Expect {
		want := ""
		switch e.Check {
		case "to.equal":
			want = fmt.Sprint(e.Args[0])
		case "to.be.true":
			want = "true"
		case "to.be.false":
			want = "false"
		}
		have, known := got[e.Subject]
		if !known || want == "" {
			continue
		}
		checked++
		if have != want {
			t.Errorf("%s: %q, want %q", e.Subject, have, want)
		}
	}
	return checked
}

// headerDomain takes the domain out of a From address.
func headerDomain(from any) string {
	if list, ok := from.([]any); ok {
		from = list[0]
	}
	s := fmt.Sprint(from)
	return s[strings.LastIndexByte(s, '@')+1:]
}

// domains reads "example.com" and {"domain": "example.com"}.
func domains(list []any) (out []string) {
	for _, v := range list {
		if m, ok := v.(map[string]any); ok {
			v = m["domain"]
		}
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// TestPublicSuffixVectors: the list that is linked in gives the organizational
// domains of the list's own vectors.
func TestPublicSuffixVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/psl_tests.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) != 2 || strings.HasPrefix(f[0], "//") || f[0] == "null" || strings.HasPrefix(f[0], ".") {
			continue
		}
		n++
		domain, want := ascii(t, f[0]), f[1]
		got := ListOrganizational(domain)
		if suffix, _ := publicsuffix.PublicSuffix(domain); want == "null" {
			if got != domain || suffix != domain {
				t.Errorf("%s is a public suffix, got %s", domain, got)
			}
		} else if got != ascii(t, want) {
			t.Errorf("%s: %s, want %s", domain, got, want)
		}
	}
	if n < 70 {
		t.Errorf("only %d vectors were read", n)
	}
	t.Logf("%d vectors", n)
}

func ascii(t *testing.T, s string) string {
	a, err := idna.Lookup.ToASCII(strings.ToLower(s))
	if err != nil {
		t.Fatal(err)
	}
	return a
}
