package kit_test

import (
	"fmt"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
)

// A changed world takes over the facts whose answers a change does not touch, and
// works out the others anew.
func TestChangedWorldInheritsFacts(t *testing.T) {
	const zone = "contoso.com TXT \"one\"\nalias.contoso.com CNAME target.contoso.com.\ntarget.contoso.com TXT \"two\"\n"
	worked := 0
	fact := kit.NewFact(func(k *kit.Known) string {
		worked++
		a, _ := k.Need("contoso.com", dnsrec.TypeTXT)
		b, _ := k.Need("alias.contoso.com", dnsrec.TypeTXT)
		c, _ := k.Need("sub.absent.contoso.com", dnsrec.TypeTXT)
		return fmt.Sprint(a.Values, b.Values, c.Values)
	})
	outer := kit.NewFact(func(k *kit.Known) string { v, _ := fact.Of(k); return "outer " + v })
	unread := kit.NewFact(func(*kit.Known) *int { return new(int) })
	for _, c := range []struct {
		name  string
		typ   dnsrec.Type
		value string
		anew  bool
		want  string
	}{
		{"other.contoso.com", dnsrec.TypeTXT, "x", false, "[one] [two] []"},
		{"x.target.contoso.com", dnsrec.TypeTXT, "x", false, "[one] [two] []"},
		{"contoso.com", dnsrec.TypeTXT, "x", true, "[x] [two] []"},
		{"target.contoso.com", dnsrec.TypeTXT, "x", true, "[one] [x] []"},
		{"alias.contoso.com", dnsrec.TypeTXT, "x", true, "[one] [x] []"},
		{"sub.absent.contoso.com", dnsrec.TypeTXT, "x", true, "[one] [two] [x]"},
		{"*.absent.contoso.com", dnsrec.TypeTXT, "x", true, "[one] [two] [x]"},
		{"below.sub.absent.contoso.com", dnsrec.TypeTXT, "x", true, "[one] [two] []"},
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", zone)
		got := kit.Gather(t.Context(), env, func(k *kit.Known) string {
			if _, ok := outer.Of(k); !ok {
				return ""
			}
			k.Need(c.name, c.typ) // as a plan does before it changes something
			if k.Missing() {
				return ""
			}
			plain, _ := unread.Of(k)
			worked = 0
			view := k.With(dnsrec.Change{Name: c.name, Type: c.typ, Values: []string{c.value}})
			if own, _ := unread.Of(view); own == plain {
				t.Errorf("%s: a fact without answers is shared", c.name)
			}
			v, ok := outer.Of(view)
			if !ok {
				t.Errorf("%s: not final", c.name)
			}
			return v
		})
		if want := "outer " + c.want; got != want || (worked > 0) != c.anew {
			t.Errorf("%s: got %q, worked out anew: %v; want %q, %v", c.name, got, worked > 0, want, c.anew)
		}
	}
}

// What was made of a fact that can be compared is concerned by a change only where the
// fact is another then, whatever became of the answers behind it.
func TestChangedWorldComparesFacts(t *testing.T) {
	const zone = "contoso.com TXT \"one\"\n"
	fact := kit.NewFact(func(k *kit.Known) int {
		a, _ := k.Need("contoso.com", dnsrec.TypeTXT)
		return len(a.Values)
	}).Compared(func(a, b int) bool { return a == b })
	outer := kit.NewFact(func(k *kit.Known) int { v, _ := fact.Of(k); return -v })
	readers := map[string]func(k *kit.Known) []report.Finding{
		"the fact":       func(k *kit.Known) []report.Finding { fact.Of(k); return nil },
		"a fact of it":   func(k *kit.Known) []report.Finding { outer.Of(k); return nil },
		"its answer":     func(k *kit.Known) []report.Finding { k.Need("contoso.com", dnsrec.TypeTXT); return nil },
		"both":           func(k *kit.Known) []report.Finding { fact.Of(k); k.Need("contoso.com", dnsrec.TypeTXT); return nil },
		"another domain": func(k *kit.Known) []report.Finding { fact.Of(k.About("fabrikam.com")); return nil },
	}
	concerned := map[string][]bool{ // by the same number of texts, by another
		"the fact": {false, true}, "a fact of it": {false, true}, "its answer": {true, true}, "both": {true, true}, "another domain": {true, true},
	}
	for name, read := range readers {
		for i, values := range [][]string{{"two"}, {"one", "two"}} {
			env, _ := kittest.NewEnv(t, "contoso.com", zone)
			got := kit.Gather(t.Context(), env, func(k *kit.Known) bool {
				var m kit.Missed
				row := &kit.Check{ID: "row", Run: func(k *kit.Known) []report.Finding {
					read(k)
					return []report.Finding{{}}
				}}
				if k.Need("contoso.com", dnsrec.TypeTXT); k.Missing() {
					return false
				}
				k.RunCheck(row, &m)
				return k.With(dnsrec.Change{Name: "contoso.com", Type: dnsrec.TypeTXT, Values: values}).Concerned(&m)
			})
			if got != concerned[name][i] {
				t.Errorf("%s, texts %q: concerned %v", name, values, got)
			}
		}
	}
}
