package kit_test

import (
	"fmt"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
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
