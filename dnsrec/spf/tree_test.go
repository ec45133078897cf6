package spf

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
)

func load(t *testing.T, zone string) (*Tree, *fakeDNS) {
	t.Helper()
	f := fakeZone(zone)
	return Load(context.Background(), f, "d.test"), f
}

// find returns the branch with that text.
func (t *Tree) branchOf(text string) (found *Branch) {
	t.Walk(func(b *Branch) bool {
		if found == nil && b.Text == text {
			found = b
		}
		return true
	})
	return found
}

func TestTree(t *testing.T) {
	tree, f := load(t, `
		d.test TXT v=spf1 a mx include:a.test include:b.test exists:%{i}.d.test -all
		d.test A 192.0.2.1
		d.test MX 10 mx.d.test
		mx.d.test A 192.0.2.2
		mx.d.test AAAA 2001:db8::2
		a.test TXT v=spf1 include:c.test ip4:198.51.100.0/24 ~all
		b.test TXT v=spf1 include:c.test include:spf.%{d} -all
		spf.b.test TXT v=spf1 -all
		c.test TXT v=spf1 ip6:2001:db8:1::/48 -all`)
	if tree.Lookups != 8 || tree.Voids != 0 || tree.Result() != Pass || tree.Cut {
		t.Errorf("lookups %d, voids %d, result %s", tree.Lookups, tree.Voids, tree.Result())
	}
	if b := tree.branchOf("include:b.test"); b.Total != 3 || b.LookupsBefore != 4 || b.Lookups != 1 {
		t.Errorf("include:b.test: %d of its own, %d in all, after %d", b.Lookups, b.Total, b.LookupsBefore)
	}
	if b := tree.branchOf("mx"); !slices.Equal(b.Addrs, []netip.Addr{netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("2001:db8::2")}) {
		t.Errorf("mx leads to %v", b.Addrs)
	}
	for q, n := range f.asked {
		if n != 1 {
			t.Errorf("%v asked %d times", q, n)
		}
	}
	list, open := tree.Networks()
	var got []string
	for _, n := range list {
		got = append(got, n.Prefix.String())
	}
	if want := "192.0.2.1/32 192.0.2.2/32 2001:db8::2/128 2001:db8:1::/48 198.51.100.0/24 2001:db8:1::/48"; strings.Join(got, " ") != want {
		t.Errorf("networks %v", got)
	}
	if len(open) != 1 || open[0].Kind != Exists {
		t.Errorf("open terms: %d", len(open))
	}
}

// TestTreeAsksNothingInVain holds that terms which no receiver reaches cost
// nothing.
func TestTreeAsksNothingInVain(t *testing.T) {
	tree, f := load(t, `
		d.test TXT v=spf1 ip4:192.0.2.1 -all mx include:a.test redirect=b.test`)
	if tree.Lookups != 0 || f.queries != 1 {
		t.Errorf("lookups %d, questions %d", tree.Lookups, f.queries)
	}
}

func TestFault_045_Loops(t *testing.T) {
	for _, c := range []struct{ zone, loop string }{
		{"d.test TXT v=spf1 include:d.test -all", "d.test d.test"},
		{"d.test TXT v=spf1 redirect=d.test", "d.test d.test"},
		{"d.test TXT v=spf1 include:b.test -all\nb.test TXT v=spf1 include:d.test -all", "d.test b.test d.test"},
		{"d.test TXT v=spf1 redirect=a.test\na.test TXT v=spf1 redirect=b.test\nb.test TXT v=spf1 redirect=a.test", "a.test b.test a.test"},
	} {
		tree, f := load(t, c.zone)
		var loop string
		tree.Walk(func(b *Branch) bool {
			if b.State == StateLoop {
				loop = strings.Join(b.Loop, " ")
			}
			return true
		})
		if loop != c.loop || tree.Result() != PermError || f.queries > 11 {
			t.Errorf("%s: loop %q, result %s, %d questions", c.zone, loop, tree.Result(), f.queries)
		}
		o := (&Checker{Resolver: fakeZone(c.zone)}).Check(context.Background(), netip.MustParseAddr("192.0.2.9"), "", "u@d.test")
		if o.Result != PermError || o.Lookups > MaxLookups+1 {
			t.Errorf("%s: check gives %s after %d", c.zone, o.Result, o.Lookups)
		}
	}
}

func TestFault_046_SameIncludeTwice(t *testing.T) {
	tree, _ := load(t, `
		d.test TXT v=spf1 include:a.test include:b.test -all
		a.test TXT v=spf1 include:c.test -all
		b.test TXT v=spf1 include:c.test -all
		c.test TXT v=spf1 ip4:192.0.2.1 -all`)
	if tree.Lookups != 4 || tree.Result() != Pass {
		t.Errorf("lookups %d, result %s", tree.Lookups, tree.Result())
	}
	twins := 0
	tree.Walk(func(b *Branch) bool {
		if b.Earlier != nil {
			twins++
			if b.Earlier.Via() != "d.test → a.test" || b.Via() != "d.test → b.test" {
				t.Errorf("twin %s of %s", b.Via(), b.Earlier.Via())
			}
		}
		return true
	})
	if twins != 1 {
		t.Errorf("%d duplicates", twins)
	}
}

// nested returns a zone with n terms that ask, spread over four levels.
func nested(n int) string {
	per := []int{0, 0, 0, 0}
	for i := range n - 3 { // three includes join the levels
		per[i%4]++
	}
	names := []string{"d.test", "l1.test", "l2.test", "l3.test"}
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "%s A 192.0.2.1\n%s TXT v=spf1%s", name, name, strings.Repeat(" a", per[i]))
		if i < 3 {
			fmt.Fprintf(&b, " include:%s", names[i+1])
		}
		b.WriteString(" -all\n")
	}
	return b.String()
}

func TestFault_047_OneCounterForAllLevels(t *testing.T) {
	for n, want := range map[int]Result{10: Pass, 11: PermError} {
		tree, f := load(t, nested(n))
		if tree.Lookups != n || tree.Result() != want {
			t.Errorf("%d terms: counted %d, result %s", n, tree.Lookups, tree.Result())
		}
		o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr("192.0.2.9"), "", "u@d.test")
		if want == Pass {
			want = Fail
		}
		if o.Result != want {
			t.Errorf("%d terms: check gives %s (%s)", n, o.Result, o.Problem)
		}
		if b := tree.Breaking(); (b != nil) != (n == 11) {
			t.Errorf("%d terms: breaks at %v", n, b)
		}
	}
}

func TestFault_048_Voids(t *testing.T) {
	for _, c := range []struct {
		zone  string
		voids int
		want  Result
	}{
		{"d.test TXT v=spf1 a:n1.test a:n2.test -all", 2, Pass},
		{"d.test TXT v=spf1 a:n1.test a:n2.test a:n3.test -all", 3, PermError},
		{"d.test TXT v=spf1 a:n1.test a:n2.test a:n3.test -all\nn1.test NODATA\nn2.test NODATA\nn3.test NODATA", 3, PermError},
		{"d.test TXT v=spf1 a:n1.test mx:n2.test exists:n3.test -all", 3, PermError},
		{"d.test TXT v=spf1 a:n1.test a:n2.test a:n3.test -all\nn3.test FAIL servfail", 2, TempError},
		{"d.test TXT v=spf1 a:n1.test a:n2.test a:n3.test -all\nn1.test FAIL timeout\nn2.test AAAA 2001:db8::1", 1, TempError},
	} {
		tree, f := load(t, c.zone)
		if tree.Voids != c.voids || tree.Result() != c.want {
			t.Errorf("%s: %d voids, result %s", c.zone, tree.Voids, tree.Result())
		}
		o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr("2001:db8::9"), "", "u@d.test")
		if want := c.want; o.Result != want && (want != Pass || o.Result != Fail) {
			t.Errorf("%s: check gives %s (%s)", c.zone, o.Result, o.Problem)
		}
	}
}

func TestFault_049_ManyMX(t *testing.T) {
	for n, want := range map[int]Result{10: Pass, 11: PermError, 100: PermError} {
		var b strings.Builder
		b.WriteString("d.test TXT v=spf1 mx -all\n")
		for i := range n {
			fmt.Fprintf(&b, "d.test MX 10 mx%d.test\nmx%d.test A 192.0.2.%d\n", i, i, i)
		}
		tree, f := load(t, b.String())
		if tree.Lookups != 1 || tree.Result() != want {
			t.Errorf("%d hosts: %d lookups, result %s", n, tree.Lookups, tree.Result())
		}
		if f.queries > 2+2*MaxMX {
			t.Errorf("%d hosts: %d questions", n, f.queries)
		}
	}
}

func TestFault_050_WideAndDeep(t *testing.T) {
	f := newFake()
	var fill func(name string, depth int)
	fill = func(name string, depth int) {
		var includes []string
		for i := range 10 {
			child := fmt.Sprintf("%d.%s", i, name)
			includes = append(includes, "include:"+child)
			if depth < 4 {
				fill(child, depth+1)
			}
		}
		f.add(name, dnsrec.TypeTXT, "v=spf1 "+strings.Join(includes, " ")+" -all")
	}
	fill("d.test", 1)
	tree := Load(context.Background(), f, "d.test")
	if !tree.Cut || tree.Result() != PermError || tree.Lookups <= MaxLookups || f.queries > 41 {
		t.Errorf("cut %v, result %s, at least %d lookups, %d questions", tree.Cut, tree.Result(), tree.Lookups, f.queries)
	}
	if b := tree.Breaking(); b == nil || b.Via() == "" {
		t.Errorf("not told where receivers stop")
	}
}

func TestFault_051_MacroBombs(t *testing.T) {
	for _, c := range []struct{ name, record string }{
		{"big number", "v=spf1 exists:%{d2147483648}.x.test -all"},
		{"a thousand", "v=spf1 exists:" + strings.Repeat("%{l255r-+,/_=}", 1000) + ".x.test -all"},
		{"60 KB", "v=spf1 exists:" + strings.Repeat("%{s}", 15000) + ".x.test -all"},
		{"long label", "v=spf1 exists:%{l}%{l}%{l}.x.test -all"},
	} {
		f := newFake()
		f.add("d.test", dnsrec.TypeTXT, c.record)
		sender := strings.Repeat("a-b+c", 50) + "@d.test"
		o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr("192.0.2.9"), "h.test", sender)
		if o.Result != Fail && o.Result != PermError {
			t.Errorf("%s: %s", c.name, o.Result)
		}
		for q := range f.asked {
			if len(q.Name) > MaxName {
				t.Errorf("%s: a name of %d bytes was asked for", c.name, len(q.Name))
			}
		}
		Load(context.Background(), f, "d.test")
	}
}

func TestFault_056_ServfailInTheTree(t *testing.T) {
	for _, kind := range []dnsrec.Kind{dnsrec.KindServFail, dnsrec.KindTimeout, dnsrec.KindRefused} {
		tree, f := load(t, `
			d.test TXT v=spf1 include:a.test include:b.test -all
			a.test TXT v=spf1 include:c.test -all
			b.test TXT v=spf1 ip4:192.0.2.1 -all
			c.test FAIL `+string(kind))
		b := tree.branchOf("include:c.test")
		if tree.Result() != TempError || b.State != StateTemp || dnsrec.KindOf(b.Err) != kind {
			t.Errorf("%s: result %s, state %d, error %v", kind, tree.Result(), b.State, b.Err)
		}
		o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr("192.0.2.9"), "", "u@d.test")
		if o.Result != TempError || !strings.Contains(o.Problem, "c.test") {
			t.Errorf("%s: check gives %s: %s", kind, o.Result, o.Problem)
		}
	}
}

func TestFault_058_ManyPTR(t *testing.T) {
	f := fakeZone("d.test TXT v=spf1 ptr exists:%{p}.x.test -all")
	for i := range 100 {
		f.add("9.2.0.192.in-addr.arpa", dnsrec.TypePTR, fmt.Sprintf("h%d.test", i))
		f.add(fmt.Sprintf("h%d.test", i), dnsrec.TypeA, "192.0.2.9")
	}
	o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr("192.0.2.9"), "", "u@d.test")
	if o.Result != Fail || f.queries > 20 {
		t.Errorf("%s after %d questions", o.Result, f.queries)
	}
}

func TestReaches(t *testing.T) {
	const target = "spf.protection.outlook.com"
	leaf := "\n" + target + " TXT v=spf1 ip4:192.0.2.0/24 -all\n"
	for _, c := range []struct {
		zone         string
		direct, redi bool
		result       Result
		n            int
	}{
		{"d.test TXT v=spf1 include:SPF.protection.outlook.com -all" + leaf, true, false, Pass, 1},
		{"d.test TXT v=spf1 ~include:" + target + " -all" + leaf, true, false, SoftFail, 1},
		{"d.test TXT v=spf1 include:a.test -all\na.test TXT v=spf1 include:" + target + " -all" + leaf, false, false, Pass, 2},
		{"d.test TXT v=spf1 include:a.test -all\na.test TXT v=spf1 ?include:" + target + " -all" + leaf, false, false, Neutral, 2},
		{"d.test TXT v=spf1 redirect=a.test\na.test TXT v=spf1 ?include:" + target + " -all" + leaf, false, true, Neutral, 2},
		{"d.test TXT v=spf1 redirect=" + target + leaf, false, true, Pass, 1},
	} {
		tree, _ := load(t, c.zone)
		ways := tree.Reaches(target)
		if len(ways) != 1 || ways[0].Direct() != c.direct || ways[0].Redirected() != c.redi ||
			ways[0].Result != c.result || len(ways[0].Path) != c.n {
			t.Errorf("%s: %+v", c.zone, ways)
		}
	}
	tree, _ := load(t, "d.test TXT v=spf1 mx -all include:"+target+leaf)
	if len(tree.Reaches(target)) != 0 {
		t.Error("reached behind all")
	}
	if tree, _ := load(t, "d.test TXT v=spf1 include:a.test -all\na.test TXT v=spf1 +all"); len(tree.Everyone()) != 1 {
		t.Error("+all in an include not told")
	}
	if tree, _ := load(t, "d.test TXT v=spf1 -include:a.test -all\na.test TXT v=spf1 +all"); len(tree.Everyone()) != 0 {
		t.Error("all hosts fail, none pass")
	}
}

func TestPlan(t *testing.T) {
	zone := `
		d.test TXT v=spf1 a mx ptr include:dead.test include:a.test include:c.test include:sendgrid.net include:keep.test -all
		d.test A 192.0.2.1
		d.test MX 10 mx.d.test
		mx.d.test A 192.0.2.2
		a.test TXT v=spf1 include:c.test -all
		c.test TXT v=spf1 ip4:198.51.100.7 -all
		sendgrid.net TXT v=spf1 include:u1.test include:u2.test include:u3.test -all
		u1.test TXT v=spf1 ip4:198.51.100.1 -all
		u2.test TXT v=spf1 ip4:198.51.100.2 -all
		u3.test TXT v=spf1 ip4:198.51.100.3 -all
		keep.test TXT v=spf1 -all`
	tree, f := load(t, zone)
	if tree.Lookups != 12 || tree.Result() != PermError {
		t.Fatalf("lookups %d, result %s", tree.Lookups, tree.Result())
	}
	p := tree.Plan(Advice{Keep: []string{"keep.test"}})
	if want := "v=spf1 a mx ptr include:a.test include:sendgrid.net include:keep.test -all"; p.Record(tree) != want || p.Lookups != 10 || !p.Enough(tree) {
		t.Errorf("plan %+v", p)
	}
	again := Load(context.Background(), Overlay{f, "d.test", p.Record(tree)}, "d.test")
	if again.Lookups != p.Lookups || again.Voids != p.Voids || again.Result() != Pass {
		t.Errorf("the plan's record has %d lookups, %d voids, result %s", again.Lookups, again.Voids, again.Result())
	}
}

// A term is covered only by the first one that speaks of its addresses.
func TestCoveredBehindRefusals(t *testing.T) {
	for record, want := range map[string]bool{
		"v=spf1 a ip4:192.0.2.0/24 -all":                        true,
		"v=spf1 ip4:192.0.2.0/24 a -all":                        true,
		"v=spf1 a -ip4:192.0.2.0/25 ip4:192.0.2.0/24 -all":      false,
		"v=spf1 a ~ip4:192.0.2.1 ip4:192.0.2.0/24 -all":         false,
		"v=spf1 ip4:192.0.2.0/24 -ip4:192.0.2.1 a -all":         true,
		"v=spf1 a/24 -ip4:192.0.2.128/25 ip4:192.0.2.0/24 -all": false,
	} {
		tree, _ := load(t, "d.test TXT "+record+"\nd.test A 192.0.2.1")
		all := tree.Repairs(Advice{})
		if got := len(all) == 1 && all[0].Kind == RepairCovered; got != want {
			t.Errorf("%q: %+v", record, all)
		}
	}
}

// TestPlanKeepsItsWord holds for many trees that the record of a plan has the
// count that the plan tells.
func TestPlanKeepsItsWord(t *testing.T) {
	terms := []string{"a", "mx", "ptr", "a:none.test", "include:gone.test", "include:a.test", "include:c.test",
		"include:sendgrid.net", "exists:%{i}.x.test", "ip:192.0.2.3", "mx:d.test", "include:loop.test"}
	zone := `
		d.test A 192.0.2.1
		d.test MX 10 mx.d.test
		mx.d.test A 192.0.2.2
		a.test TXT v=spf1 include:c.test -all
		c.test TXT v=spf1 include:e.test ip4:192.0.2.2 -all
		e.test TXT v=spf1 ip4:192.0.2.1 -all
		loop.test TXT v=spf1 include:loop.test -all
		sendgrid.net TXT v=spf1 include:c.test include:e.test a:none.test -all`
	for mask := range 1 << len(terms) {
		record := "v=spf1"
		for i, term := range terms {
			if mask>>i&1 == 1 {
				record += " " + term
			}
		}
		f := fakeZone(zone)
		f.add("d.test", dnsrec.TypeTXT, record+" -all")
		tree := Load(context.Background(), f, "d.test")
		p := tree.Plan(Advice{Keep: []string{"sendgrid.net"}})
		again := Load(context.Background(), Overlay{f, "d.test", p.Record(tree)}, "d.test")
		if again.Lookups != p.Lookups || again.Voids != p.Voids || p.Enough(tree) != (again.Result() == Pass) {
			t.Fatalf("%s\n→ %s\nplan %d/%d %v, but %d/%d %s", record, p.Record(tree), p.Lookups, p.Voids, p.Enough(tree),
				again.Lookups, again.Voids, again.Result())
		}
	}
}

func TestOutcomePath(t *testing.T) {
	f := fakeZone(`
		d.test TXT v=spf1 mx include:a.test redirect=r.test
		d.test MX 10 mx.d.test
		mx.d.test A 192.0.2.2
		a.test TXT v=spf1 include:b.test -all
		b.test TXT v=spf1 ip4:198.51.100.0/24 -all
		r.test TXT v=spf1 ip4:203.0.113.0/24 -all`)
	for ip, want := range map[string]string{
		"192.0.2.2":    "pass d.test mx [d.test: mx]",
		"198.51.100.7": "pass d.test include:a.test [d.test: include:a.test a.test: include:b.test b.test: ip4:198.51.100.0/24]",
		"203.0.113.7":  "pass r.test ip4:203.0.113.0/24 [d.test: redirect=r.test r.test: ip4:203.0.113.0/24]",
		"192.0.2.99":   "fail r.test -all [d.test: redirect=r.test r.test: -all]",
	} {
		o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr(ip), "", "u@d.test")
		if got := fmt.Sprintf("%s %s %s %v", o.Result, o.Domain, o.Term, o.Path); got != want {
			t.Errorf("%s: %s, want %s", ip, got, want)
		}
	}
}

func TestInternationalSender(t *testing.T) {
	f := fakeZone("xn--brsborn-90a.de TXT v=spf1 exists:%{o}.x.test -all\nxn--brsborn-90a.de.x.test A 127.0.0.2")
	o := (&Checker{Resolver: f}).Check(context.Background(), netip.MustParseAddr("192.0.2.9"), "", "jürgen@börsborn.de")
	if o.Result != Pass {
		t.Errorf("%s: %s", o.Result, o.Problem)
	}
}
