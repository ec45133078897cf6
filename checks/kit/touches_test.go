package kit

import (
	"testing"

	"maildiag/dnsrec"
)

// TestTouches asks which changes can make a difference to an answer.
func TestTouches(t *testing.T) {
	mx := dnsrec.Answer{Query: dnsrec.Q("a.example", dnsrec.TypeMX), Rcode: "NOERROR", Values: []string{"10 m.example"}}
	gone := dnsrec.Answer{Query: dnsrec.Q("x.a.example", dnsrec.TypeTXT), Rcode: "NXDOMAIN"}
	alias := dnsrec.Answer{Query: dnsrec.Q("www.a.example", dnsrec.TypeA), Rcode: "NOERROR", CNAMEs: []string{"b.example"}}
	for _, c := range []struct {
		ans  dnsrec.Answer
		name string
		typ  dnsrec.Type
		want bool
	}{
		{mx, "a.example", dnsrec.TypeMX, true},
		{mx, "a.example", dnsrec.TypeTXT, false},
		{mx, "a.example", dnsrec.TypeCNAME, true}, // nothing stands beside an alias
		{mx, "a.example", anyType, true},
		{mx, "m.example", dnsrec.TypeA, false},
		{gone, "x.a.example", dnsrec.TypeCNAME, true},
		{gone, "x.a.example", dnsrec.TypeMX, true},     // the name exists then
		{gone, "y.x.a.example", dnsrec.TypeTXT, true},  // and so it does by one below it
		{gone, "*.a.example", dnsrec.TypeTXT, true},    // which answers for it
		{gone, "a.example", dnsrec.TypeTXT, false},     // its parent
		{alias, "www.a.example", dnsrec.TypeTXT, true}, // takes the place of the alias
		{alias, "b.example", dnsrec.TypeA, true},
		{alias, "b.example", dnsrec.TypeTXT, false}, // the end of the chain has no alias
		{alias, "b.example", dnsrec.TypeCNAME, true},
		{alias, "c.b.example", dnsrec.TypeTXT, false},
		{alias, "*.example", dnsrec.TypeA, false},        // the names exist
		{alias, "www.a.example", dnsrec.TypeCNAME, true}, // another target
	} {
		if got := touches(&c.ans, &dnsrec.Change{Name: c.name, Type: c.typ}); got != c.want {
			t.Errorf("%s of %s: a change of %s %q concerns it: %t", c.ans.Type, c.ans.Name, c.name, c.typ, got)
		}
	}
}
