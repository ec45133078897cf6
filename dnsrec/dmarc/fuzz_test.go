package dmarc

import (
	"context"
	"strings"
	"sync"
	"testing"

	"maildiag/dnsrec"
)

// everywhere answers every question with what the fuzzer chose, one line a
// name by the number of its labels, and counts.
type everywhere struct {
	mu    sync.Mutex
	lines []string
	asked map[string]int
}

func (e *everywhere) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked[q.String()]++
	a := dnsrec.Answer{Query: q, Rcode: "NOERROR"}
	line := e.lines[strings.Count(q.Name, ".")%len(e.lines)]
	switch line {
	case "":
		a.Rcode = "NXDOMAIN"
	case "!":
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail}
	default:
		a.Values = strings.Split(line, "|")
	}
	return a, nil
}

// FuzzDiscover: whatever is published, the questions are bounded, none is
// asked twice, and what is found is the domain or above it.
func FuzzDiscover(f *testing.F) {
	f.Add("a.mail.example.com", "v=DMARC1; p=none; psd=n\n!\n\nv=DMARC1; p=reject; np=none|v=DMARC1; p=x; rua=mailto:a@b.example")
	f.Add("a.b.c.d.e.f.g.h.i.j.k", "v=DMARC1; p=reject; psd=y; t=y; pct=3")
	f.Add("co.uk", "v=DMARC1; p=none; rua=mailto:a@b.example,https://c.example/x; ruf=mailto:d@e.example")
	f.Fuzz(func(t *testing.T, domain, text string) {
		if !validDomain(domain) {
			return
		}
		r := &everywhere{lines: strings.Split(text, "\n"), asked: map[string]int{}}
		res := Discover(t.Context(), r, domain)
		if len(r.asked) > maxQueries+1 {
			t.Errorf("%d questions: %v", len(r.asked), r.asked)
		}
		above := func(name string) bool { return name == res.Domain || strings.HasSuffix(res.Domain, "."+name) }
		for _, rd := range []*Reading{&res.Tree, &res.List} {
			if !above(rd.Org) || rd.At != "" && !above(rd.At) {
				t.Errorf("%s: %s: organization %s, found at %s", domain, rd.Standard, rd.Org, rd.At)
			}
			if rd.Found() && rd.Policy.Strength() > rd.Declared.Strength() {
				t.Errorf("%s: %s applied for %s", domain, rd.Policy, rd.Declared)
			}
		}
		if res.Tree.Record != nil {
			Authorizations(t.Context(), r, res.Tree.At, res.Tree.Record)
		}
		if v := res.Evaluate(t.Context(), r, []string{domain}, ""); res.Tree.Found() && v.Tree.Result != "pass" {
			t.Errorf("a signature of %s itself: %s", domain, v.Tree.Result)
		}
		for q, n := range r.asked {
			if n > 2 { // once to discover, and once for a consent of the same name
				t.Errorf("%s was asked %d times", q, n)
			}
		}
		if len(r.asked) > maxQueries+1+MaxAuthorizations {
			t.Errorf("%d questions", len(r.asked))
		}
	})
}
