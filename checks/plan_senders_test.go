package checks

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// withSPF is the finished world with other SPF and DMARC records.
func withSPF(record, policy, more string) worldFault {
	policy = "v=DMARC1; p=" + policy + "; rua=mailto:d@contoso.com"
	return worldFault{name: record + " " + policy, drop: `contoso.com. TXT "v=spf1|_dmarc.contoso.com.`,
		add: fmt.Sprintf("contoso.com. TXT %q\n_dmarc.contoso.com. TXT %q\n%s\n%s", record, policy, senderZone, more)}
}

// senderZone holds senders that a record may authorize.
const senderZone = `contoso.com. A 198.51.100.10
app.contoso.com. A 198.51.100.11
h1.contoso.com. A 198.51.100.21
h2.contoso.com. A 198.51.100.22
h3.contoso.com. A 198.51.100.23
h4.contoso.com. A 198.51.100.24
12.100.51.198.in-addr.arpa. PTR ptr.contoso.com.
ptr.contoso.com. A 198.51.100.12
198.51.100.13.allow.contoso.com. A 127.0.0.2
_own.contoso.com. TXT "v=spf1 ip4:198.51.100.14 ?all"
_open.contoso.com. TXT "v=spf1 ip4:198.51.100.14 +all"
vendor.example. TXT "v=spf1 ip4:198.51.100.15 include:two.vendor.example include:three.vendor.example -all"
two.vendor.example. TXT "v=spf1 ip4:198.51.100.16 -all"
three.vendor.example. TXT "v=spf1 ip4:198.51.100.17 -all"
faulty.example. TXT "v=spf1 ip4:198.51.100.18 foo:bar -all"
neutral.example. TXT "v=spf1 ip4:198.51.100.19 ?all"`

// What authorizes somebody, or was meant to, is a decision and not a change.
func TestPlansLeaveSendersToDecisions(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, c := range []struct {
		record, policy string
		code, offers   string // the code of the decision, and what one of its alternatives publishes
	}{
		{"v=spf1 ptr " + cloud + " -all", "none", "spf.ptr", "v=spf1 " + cloud + " -all"},
		{"v=spf1 ptr:contoso.com " + cloud + " -all", "reject", "spf.ptr", "v=spf1 " + cloud + " -all"},
		{"v=spf1 ~ptr " + cloud + " ptr:app.contoso.com ~all", "reject", "spf.ptr", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 ptr " + cloud + " a:h1.contoso.com a:h2.contoso.com a:h3.contoso.com a:h4.contoso.com a mx include:vendor.example a:app.contoso.com -all", "reject", "spf.ptr", ""},
		{"v=spf1 " + cloud + " +all", "reject", "spf.all", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " all", "quarantine", "spf.all", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 +all", "reject", "spf.all", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 ip4:0.0.0.0/0 -all", "reject", "spf.all", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " ip4:0.0.0.0/1 ip4:128.0.0.0/1 ~all", "reject", "spf.all", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " ip6:::/0 a/0 -all", "reject; t=y", "spf.all", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " include:_open.contoso.com -all", "reject", "spf.all", "v=spf1 ip4:198.51.100.14 ~all"},
		{"v=spf1 " + cloud + " include:_gone.contoso.com -all", "reject", "spf.include", "v=spf1 " + cloud + " -all"},
		{"v=spf1 include:gone.erp.contoso.com " + cloud + " ~all", "none", "spf.include", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " redirect=_gone.contoso.com", "none", "spf.include", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " include:_spf.gogle.com -all", "reject", "spf.include", "v=spf1 " + cloud + " include:_spf.google.com -all"},
		{"v=spf1 " + cloud + " include:spf.mandrilapp.com -all", "reject", "spf.include", "v=spf1 " + cloud + " -all"},
		{"v=spf1 " + cloud + " include:gone.sendgrid.net -all", "reject", "spf.include", "v=spf1 " + cloud + " -all"},
		{"v=spf1 " + cloud + " -all redirect=vendor.example", "none", "spf.order", "v=spf1 " + cloud + " include:vendor.example -all"},
		{"v=spf1 redirect=vendor.example " + cloud + " ~all", "none", "spf.order", "v=spf1 " + cloud + " ~all"},
		{"v=spf1 " + cloud + " -all include:vendor.example ip4:198.51.100.14", "none", "spf.order", "v=spf1 " + cloud + " include:vendor.example ip4:198.51.100.14 -all"},
		{"v=spf1 " + cloud + " -all ip4:198.51.100.14 include:vendor.example", "none", "spf.order", "v=spf1 " + cloud + " -all"},
		{"v=spf1 " + cloud + " ~all ip6:2001:db8::1 -all", "none", "spf.order", "v=spf1 " + cloud + " ip6:2001:db8::1 ~all"},
		{"v=spf1 ip4:198.51.100.14 -all include:vendor.example " + cloud, "none", "spf.order", "v=spf1 ip4:198.51.100.14 " + cloud + " -all"},
		{"v=spf1 " + cloud + " -all include:vendor.example ipv4:198.51.100.14", "none", "spf.order", "v=spf1 " + cloud + " include:vendor.example ip4:198.51.100.14 -all"},
		{"v=spf1 " + cloud + " -al include:vendor.example", "none", "spf.order", "v=spf1 " + cloud + " include:vendor.example -all"},
		{"v=spf1 " + cloud + " -all redirect=vendor.example include:", "none", "spf.order", "v=spf1 " + cloud + " include:vendor.example -all"},
	} {
		p := planFor(t, cached(faultyWorld(t, withSPF(c.record, c.policy, "")), false))
		p.hold(t)
		p.holdPasses(t)
		if p.plan == nil {
			t.Errorf("%q: no plan", c.record)
			continue
		}
		i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return s.Action == report.ActionDecide && slices.Contains(s.Fixes, c.code) })
		if i < 0 {
			t.Errorf("%q, p=%s: %s is no decision: %+v", c.record, c.policy, c.code, p.plan.Steps)
			continue
		}
		offers := slices.ContainsFunc(p.plan.Steps[i].Alternatives, func(a report.Alternative) bool {
			added := slices.Clone(a.Add)
			for _, set := range a.Sets {
				added = append(added, set.Add...)
			}
			return slices.Contains(added, c.offers)
		})
		if len(p.plan.Steps[i].Alternatives) < 2 || c.offers != "" && !offers {
			t.Errorf("%q: %s offers %+v, want %q", c.record, c.code, p.plan.Steps[i].Alternatives, c.offers)
		}
	}
}

// What receivers give up before is not opened by a repair: a term behind it that
// lets everyone send is closed in the same change, or the repair waits.
func TestPlansOpenNothing(t *testing.T) {
	t.Parallel()
	for _, record := range []string{
		"v=spf1 include:spf.protection.outlok.com +all",
		"v=spf1 include:gone.example include:spf.protection.outlook.com ip4:0.0.0.0/0 -all",
		"v=spf1 include:spf.protection.outlook.com foo:bar +all",
		"v=spf1 include:spf.protection.outlook.com ip4:198.51.100.300 a/0 all",
		"v=spf1 include:contoso.com include:_open.contoso.com -all",
		"v=spf1 mx:none.contoso.com a:none.contoso.com a:gone.contoso.com include:spf.protection.outlook.com +all",
		"v=spf1 a:h1.contoso.com a:h2.contoso.com a:h3.contoso.com a:h4.contoso.com a mx include:vendor.example a:app.contoso.com include:spf.protection.outlook.com include:_open.contoso.com -all",
	} {
		p := planFor(t, cached(faultyWorld(t, withSPF(record, "reject", "")), false))
		p.hold(t)
		p.holdPasses(t)
	}
}

// The record that decides is the one that is edited, and whose operator is named.
func TestPlansEditTheRecordThatDecides(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, c := range []struct{ record, more, code, changed, named string }{
		{"v=spf1 " + cloud + " redirect=_own.contoso.com", "", "spf.all", "_own.contoso.com.", ""},
		{"v=spf1 " + cloud + " redirect=_way.contoso.com", `_way.contoso.com. TXT "v=spf1 a redirect=_own.contoso.com"`, "spf.all", "_own.contoso.com.", ""},
		{"v=spf1 " + cloud + " redirect=neutral.example", "", "spf.all", "", "record of neutral.example"},
		{"v=spf1 " + cloud + " redirect=_way.contoso.com", `_way.contoso.com. TXT "v=spf1 a redirect=neutral.example"`, "spf.all", "", "redirect=neutral.example in the record of _way.contoso.com"},
		{"v=spf1 " + cloud + " include:_s1.contoso.com -all", "_s1.contoso.com. TXT \"v=spf1 include:_s2.contoso.com a -all\"\n_s2.contoso.com. TXT \"v=spf1 a:app.contoso.com include:faulty.example -all\"",
			"spf.include", "", "include:faulty.example in the record of _s2.contoso.com"},
		{"v=spf1 " + cloud + " include:_s1.contoso.com -all", "_s1.contoso.com. TXT \"v=spf1 include:sub.example a -all\"\nsub.example. TXT \"v=spf1 a:app.contoso.com include:faulty.example -all\"",
			"spf.include", "", "include:sub.example in the record of _s1.contoso.com"},
	} {
		p := planFor(t, cached(faultyWorld(t, withSPF(c.record, "none", c.more)), false))
		p.hold(t)
		p.holdPasses(t)
		found := false
		for _, s := range p.plan.Steps {
			switch {
			case !slices.Contains(s.Fixes, c.code):
			case c.changed != "":
				found = found || s.ChangesRecords() && s.Name == c.changed
			default:
				found = found || strings.Contains(s.Text, c.named)
			}
		}
		if !found {
			t.Errorf("%q: no step for %s changes %q or names %q: %+v", c.record, c.code, c.changed, c.named, p.plan.Steps)
		}
	}
}

// stranger is a host that no record names.
var stranger = netip.MustParseAddr("192.0.2.200")

// passing are hosts that a record may authorize, and one that nobody knows.
func passing() (ips []netip.Addr) {
	for i := range 16 {
		ips = append(ips, netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + i)}))
	}
	return append(ips, stranger, netip.MustParseAddr("2001:db8::200"))
}

// holdPasses: after each change, whoever passed before passes, also by what is not
// listed. Only where no DMARC policy is in force may a step close a record that
// lets everyone send.
func (p planned) holdPasses(t *testing.T) {
	t.Helper()
	if p.plan == nil {
		return
	}
	sender := "u@" + p.env.Domain
	before := spf.Checker{Resolver: p.env.DNS, Now: p.env.Now}
	var changes []dnsrec.Change
	closes := false
	for _, s := range p.plan.Steps {
		if !s.ChangesRecords() || len(s.Add)+len(s.Remove) == 0 {
			continue
		}
		changes = append(changes, changesOf(s)...)
		closes = closes || slices.Contains(s.Fixes, "spf.all")
		after := spf.Checker{Resolver: dnsrec.NewChanged(p.env.DNS, changes...), Now: p.env.Now}
		for _, ip := range passing() {
			b := before.Check(t.Context(), ip, "", sender)
			everyone := strings.HasSuffix(b.Term, "all") || strings.Contains(b.Term, "/")
			a := after.Check(t.Context(), ip, "", sender)
			if a.Result == spf.Pass && b.Result != spf.Pass && ip == stranger {
				t.Errorf("step %d lets everyone pass by %s: %q → %q", s.Step, a.Term, s.Remove, s.Add)
			}
			if b.Result == spf.Pass && a.Result != spf.Pass && !(closes && everyone && !p.enforces(t)) {
				t.Errorf("step %d takes %s away, which passed by %s: %q → %q", s.Step, ip, b.Term, s.Remove, s.Add)
			}
		}
	}
}

// enforces reports whether a DMARC record asks for more than reports.
func (p planned) enforces(t *testing.T) bool {
	a, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q("_dmarc."+p.env.Domain, dnsrec.TypeTXT))
	return err != nil || !slices.ContainsFunc(a.Values, func(v string) bool { return strings.Contains(v, "p=none") })
}

// No plan takes anybody away, whatever the record holds.
func TestPlansKeepWhoPasses(t *testing.T) {
	t.Parallel()
	terms := []string{"ptr", "ptr:contoso.com", "exists:%{i}.allow.contoso.com", "a", "mx", "a:app.contoso.com", "a:h1.contoso.com", "a:h2.contoso.com",
		"a:h3.contoso.com", "a:h4.contoso.com", "a:none.contoso.com", "include:_own.contoso.com", "include:_gone.contoso.com", "include:gone.example", "include:vendor.example",
		"include:faulty.example", "include:contoso.com", "+all", "ip4:0.0.0.0/0", "ip4:198.51.100.14", "-ip4:198.51.100.15", "redirect=vendor.example",
		"redirect=_own.contoso.com", "redirect=_gone.contoso.com", "include:spf.protection.outlook.com", "a:spf.protection.outlook.com", "ip4:198.51.100.300", "include:"}
	rng := rand.New(rand.NewPCG(7208, 12))
	changed := 0
	for range 45 {
		record := "v=spf1"
		for _, i := range rng.Perm(len(terms))[:2+rng.IntN(10)] {
			record += " " + terms[i]
		}
		record += []string{" -all", " ~all", " ?all", ""}[rng.IntN(4)]
		policy := []string{"none", "quarantine", "reject"}[rng.IntN(3)]
		p := planFor(t, cached(faultyWorld(t, withSPF(record, policy, "")), false))
		p.hold(t)
		p.holdPasses(t)
		if t.Failed() {
			t.Fatalf("%q, p=%s\n%+v", record, policy, p.plan.Steps)
		}
		if p.plan != nil && slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return s.ChangesRecords() && s.Name == "contoso.com." && s.Type == "TXT" }) {
			changed++
		}
	}
	if changed < 15 {
		t.Errorf("only %d plans change the record", changed)
	}
}
