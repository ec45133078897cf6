package spf

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"maildiag/dnsrec"
)

// FuzzCheck holds that a check ends with a result of RFC 7208 within bounds,
// asks only for names that can be asked for, and that the tree of the same
// zone is bounded as well and agrees with it on what is broken.
func FuzzCheck(f *testing.F) {
	f.Add("v=spf1 include:b.test mx -all", "v=spf1 redirect=a.test", "%{i} is bad", "user", "192.0.2.1")
	f.Add("v=spf1 a:%{l1r-}.b.test exp=c.test -all", "v=spf1 include:a.test", "%{p}%{c}%{t}", "a-b+c", "2001:db8::1")
	f.Add("v=spf1 exists:%{ir}.%{v}.%{d2}.b.test ptr ?all", "v=spf1 mx:b.test include:b.test", "x", "", "::ffff:192.0.2.1")
	f.Add("v=spf1 include:%{d}.test include:b.test include:b.test ~all", "v=spf1 a mx ptr exists:c.test", "%", "x@y", "192.0.2.9")
	f.Fuzz(func(t *testing.T, a, b, c, local, ip string) {
		addr, err := netip.ParseAddr(ip)
		if err != nil {
			addr = netip.MustParseAddr("192.0.2.1")
		}
		zone := newFake()
		zone.add("a.test", dnsrec.TypeTXT, a)
		zone.add("b.test", dnsrec.TypeTXT, b)
		zone.add("c.test", dnsrec.TypeTXT, c)
		for _, host := range []string{"b.test", "c.test", "mx.b.test"} {
			zone.add("b.test", dnsrec.TypeMX, "10 "+host)
			zone.add(host, dnsrec.TypeA, "192.0.2.1")
		}
		zone.add("1.2.0.192.in-addr.arpa", dnsrec.TypePTR, "b.test")
		o := (&Checker{Resolver: zone}).Check(context.Background(), addr, "h.test", local+"@a.test")
		switch o.Result {
		case None, Neutral, Pass, Fail, SoftFail, TempError, PermError:
		default:
			t.Fatalf("result %q", o.Result)
		}
		if o.Lookups > MaxLookups+1 || zone.queries > 1+MaxLookups*(2+MaxMX)+1+MaxPTR+1 || len(o.Explanation) > maxExplanation {
			t.Fatalf("%d lookups, %d questions", o.Lookups, zone.queries)
		}
		for q := range zone.asked {
			if !askable(q.Name) || q.Name != strings.ToLower(q.Name) {
				t.Fatalf("asked for %q", q.Name)
			}
		}
		zone.queries = 0
		tree := Load(context.Background(), zone, "a.test")
		if zone.queries > 1+maxCounted+maxAddresses {
			t.Fatalf("the tree took %d questions", zone.queries)
		}
		if tree.Result() == Pass && o.Result == PermError && !strings.Contains(o.Problem, "find nothing") &&
			!strings.Contains(a+b+c, "%") {
			t.Fatalf("the tree is good, the check says %s: %s", o.Result, o.Problem)
		}
		tree.Plan(Advice{})
		tree.Networks()
	})
}
