package plan

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
	"maildiag/report"
)

// Every step has a number, whatever waits for what, and comes after those that it
// names. Without circles, it names all that it waits for.
func TestNumbersEveryStep(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		steps, circles := make([]step, 1+r.IntN(7)), seed%2 == 0
		for i := range steps {
			steps[i].Fixes = []string{[]string{"a", rejected}[r.IntN(2)]}
			for w := range steps {
				if r.IntN(3) == 0 && (circles || w < i) {
					steps[i].waits = append(steps[i].waits, w)
				}
			}
		}
		list := numbered(steps)
		if len(list) != len(steps) {
			t.Fatalf("seed %d: %d of %d steps", seed, len(list), len(steps))
		}
		named, waits := 0, 0
		for i, s := range list {
			named, waits = named+len(s.After), waits+len(steps[i].waits)
			if s.Step != i+1 || slices.ContainsFunc(s.After, func(n int) bool { return n >= s.Step }) {
				t.Errorf("seed %d: step %d is number %d, after %v", seed, i+1, s.Step, s.After)
			}
		}
		if !circles && named != waits {
			t.Errorf("seed %d: %d of %d waits are named", seed, named, waits)
		}
	}
}

// A step does not wait for what waits for it.
func TestAdviceDoesNotWaitInACircle(t *testing.T) {
	steps := []step{{waits: []int{1}}, {waits: []int{2, 1}}, {}, {waits: []int{3}}}
	for _, c := range []struct {
		place, other int
		want         bool
	}{{0, 1, true}, {0, 2, true}, {1, 0, false}, {2, 0, false}, {3, 0, false}, {1, 1, true}} {
		if got := waitsFor(steps, c.place, c.other); got != c.want {
			t.Errorf("%d waits for %d: %v", c.place, c.other, got)
		}
	}
}

// Steps that share their lists do not write into one another, and what a step is for
// stays when it joins another.
func TestPutSharesNoLists(t *testing.T) {
	fixes := append(make([]string, 0, 9), "spf.a")
	var m maker
	for _, name := range []string{"a.", "b."} {
		m.put(step{Step: report.Step{Action: report.ActionAdd, Name: name, Type: "TXT", Fixes: fixes}})
	}
	for _, name := range []string{"a.", "b."} {
		m.put(step{Step: report.Step{Action: report.ActionAdd, Name: name, Type: "TXT", Fixes: []string{"of " + name}}})
	}
	for i, want := range []string{"of a.", "of b."} {
		if got := m.steps[i].Fixes; !slices.Equal(got, []string{"spf.a", want}) {
			t.Errorf("step %d: %q", i, got)
		}
	}
	d := draft{[]*report.Finding{{Code: "dkim.a", Subject: "x", Fix: &report.Fix{Commands: []string{"Set-DkimSigningConfig"}}}}}
	if _, behind := d.commands(); !slices.Equal(behind[0].about, d.claims()) {
		t.Errorf("a command is for %v", behind[0].about)
	}
}

// An alias gives way to what is to stand at its name.
func TestAliasGivesWay(t *testing.T) {
	for name, want := range map[string]string{
		"_dmarc.contoso.com": "TXT", "_mta-sts.contoso.com": "TXT", "_smtp._tls.contoso.com": "TXT", "s1._domainkey.contoso.com": "TXT",
		"contoso.com": "A and AAAA", "www.contoso.com": "A and AAAA",
	} {
		if got := withWhat(rrset{name, dnsrec.TypeTXT}); !strings.Contains(got, want+" record") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
