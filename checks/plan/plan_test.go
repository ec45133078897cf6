package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

const txt, mx, cname = dnsrec.TypeTXT, dnsrec.TypeMX, dnsrec.TypeCNAME

// What several findings ask of one RRset is one change, and what is beside it stays.
func TestComposesOneChangeOfAnRRset(t *testing.T) {
	z := zone{"contoso.com TXT": {"v=spf1 a:gone.example -all", "site-verification=1"}, "_dmarc.contoso.com TXT": {"v=DMARC1; p=none"},
		"m365.example TXT": {"v=spf1 ip4:192.0.2.1 -all"}}
	wantPlan(t, z.plan(t,
		rule{"spf.m365", report.Fail, "contoso.com TXT", lacks("include:m365.example"), fixBy(kit.AddTerm("contoso.com", "include:m365.example"))},
		rule{"dmarc.rua", report.Warn, "_dmarc.contoso.com TXT", lacks("rua="), fixBy(kit.SetTag("_dmarc.contoso.com", "rua", "mailto:d@contoso.com"))},
		rule{"spf.void", report.Warn, "contoso.com TXT", has("gone.example"), fixBy(kit.RemoveTerm("contoso.com", "a:gone.example"))},
		rule{"dmarc.policy", report.Warn, "_dmarc.contoso.com TXT", lacks("p=reject"), fixBy(kit.SetTag("_dmarc.contoso.com", "p", "reject"))}),
		"change contoso.com. TXT -v=spf1 a:gone.example -all +v=spf1 include:m365.example -all spf.m365,spf.void",
		"change _dmarc.contoso.com. TXT -v=DMARC1; p=none +v=DMARC1; p=reject; rua=mailto:d@contoso.com dmarc.rua,dmarc.policy")
}

// What is fine asks for nothing. What an edit does not end stays advice, and does not
// keep the others from being fixed.
func TestComposesWhatCanBeProven(t *testing.T) {
	z := zone{"contoso.com TXT": {"v=spf1 a:gone.example -all"}}
	wantPlan(t, z.plan(t,
		rule{"spf.void", report.Warn, "contoso.com TXT", has("gone.example"), fixBy(kit.RemoveTerm("contoso.com", "a:gone.example"))},
		rule{"spf.vain", report.Fail, "contoso.com TXT", has("v=spf1"), fixBy(kit.RemoveTerm("contoso.com", "a:none.example"))},
		rule{"spf.fine", report.Fail, "contoso.com TXT", has("+all"), fixBy(kit.SetAll("contoso.com", "-all"))}),
		"change contoso.com. TXT -v=spf1 a:gone.example -all +v=spf1 -all spf.void",
		"run after:TXT spf.vain")
}

// A vain edit does not ride along with a useful one in the change of an RRset.
func TestLeavesVainEditsOut(t *testing.T) {
	z := zone{"contoso.com TXT": {"v=spf1 a:gone.example ip4:192.0.2.1 -all"}}
	wantPlan(t, z.plan(t,
		rule{"spf.void", report.Warn, "contoso.com TXT", has("gone.example"), fixBy(kit.RemoveTerm("contoso.com", "a:gone.example"))},
		rule{"spf.vain", report.Fail, "contoso.com TXT", has("v=spf1"), fixBy(kit.AddTerm("contoso.com", "ip4:192.0.2.9"))}),
		"change contoso.com. TXT -v=spf1 a:gone.example ip4:192.0.2.1 -all +v=spf1 ip4:192.0.2.1 -all spf.void",
		"run after:TXT spf.vain")
}

// At the limit of lookups, what goes makes room for what comes in one record.
func TestReducesBeforeItAdds(t *testing.T) {
	z := zone{"m365.example TXT": {"v=spf1 ip4:192.0.2.1 -all"}}
	terms := ""
	for i := range 10 { // RFC 7208 4.6.4
		host := fmt.Sprintf("h%d.contoso.com", i)
		z[host+" A"] = []string{"192.0.2.9"}
		terms += " a:" + host
	}
	z["contoso.com TXT"] = []string{"v=spf1" + terms + " -all"}
	add := rule{"spf.m365", report.Fail, "contoso.com TXT", lacks("include:m365.example"), fixBy(kit.AddTerm("contoso.com", "include:m365.example"))}
	reduce := rule{"spf.near", report.Warn, "contoso.com TXT", has("a:h9.contoso.com"), fixBy(kit.RemoveTerm("contoso.com", "a:h9.contoso.com"))}
	if got := brief(z.plan(t, add)); !slices.Equal(got, []string{"run spf.m365"}) {
		t.Errorf("11 lookups: %q", got)
	}
	want := "v=spf1" + strings.TrimSuffix(terms, " a:h9.contoso.com") + " include:m365.example -all"
	for _, rules := range [][]rule{{add, reduce}, {reduce, add}} {
		p := z.plan(t, rules...)
		if len(p.Steps) != 1 || !slices.Equal(p.Steps[0].Add, []string{want}) || len(p.Steps[0].Fixes) != 2 {
			t.Errorf("%q", brief(p))
		}
	}
}

// A plan says how the texts are published that it removes or keeps, also where a
// person decides; those that it adds are new.
func TestKeepsTheCut(t *testing.T) {
	z := zone{"contoso.com TXT": {"v=spf1 ¦mx -all", "kept=¦1", "MS=ms1"}, "k._domainkey.contoso.com TXT": {"v=DKIM1; ¦p=A"}}
	spf := rule{"spf.m365", report.Fail, "contoso.com TXT", lacks("include:spf"), fixBy(report.Edit{Name: "contoso.com", Type: "TXT", Op: report.EditAddFirst, New: "include:spf.protection.outlook.com"})}
	key := rule{"dkim.leftover", report.Warn, "k._domainkey.contoso.com TXT", has("p=A"), either("nobody signs", report.Edit{Name: "k._domainkey.contoso.com", Type: "TXT", Old: "v=DKIM1; p=A"})}
	p := z.plan(t, spf, key)
	if len(p.Steps) != 2 {
		t.Fatalf("%q", brief(p))
	}
	want := [][][]string{{{"v=spf1 ", "mx -all"}, {"kept=", "1"}}, {{"v=DKIM1; ", "p=A"}}}
	for i, s := range p.Steps {
		if !slices.EqualFunc(s.Cut, want[i], slices.Equal) {
			t.Errorf("step %d: %q", s.Step, s.Cut)
		}
	}
}

// What is included changes before what includes it, and what stands in the way of
// an alias goes before the alias comes.
func TestOrdersChanges(t *testing.T) {
	z := zone{"contoso.com TXT": {"v=spf1 include:_s.contoso.com ~all"}, "_s.contoso.com TXT": {"v=spf1 a:gone.example -all"},
		"autodiscover.contoso.com A": {"192.0.2.5"}, "autodiscover.contoso.com TXT": {"old"}}
	wantPlan(t, z.plan(t,
		rule{"spf.all", report.Warn, "contoso.com TXT", has("~all"), fixBy(kit.SetAll("contoso.com", "-all"))},
		rule{"spf.include", report.Fail, "_s.contoso.com TXT", has("gone.example"), fixBy(kit.RemoveTerm("_s.contoso.com", "a:gone.example"))},
		rule{"autodiscover.target", report.Warn, "autodiscover.contoso.com CNAME", lacks("m365.example"),
			fixBy(kit.Add("autodiscover.contoso.com", cname, "m365.example."))}),
		"change _s.contoso.com. TXT -v=spf1 a:gone.example -all +v=spf1 -all spf.include",
		"change contoso.com. TXT -v=spf1 include:_s.contoso.com ~all +v=spf1 include:_s.contoso.com -all spf.all",
		"change autodiscover.contoso.com. CNAME -autodiscover.contoso.com. TXT old -autodiscover.contoso.com. A 192.0.2.5 +m365.example. autodiscover.target")
}

// A decision shows the records of each way, after the steps; two findings with the
// same choice are one decision, and another one about the same records waits.
func TestDecides(t *testing.T) {
	z := zone{"contoso.com TXT": {"v=spf1 a:gone.example a:one.example a:two.example -all"}}
	gone := rule{"spf.void", report.Warn, "contoso.com TXT", has("gone.example"), fixBy(kit.RemoveTerm("contoso.com", "a:gone.example"))}
	unused := func(code, host string) rule {
		return rule{code, report.Warn, "contoso.com TXT", has(host), either(host+" is not used", kit.RemoveTerm("contoso.com", "a:"+host))}
	}
	again := unused("spf.twice", "one.example")
	wantPlan(t, z.plan(t, unused("spf.leftover", "one.example"), gone, again, unused("spf.other", "two.example")),
		"change contoso.com. TXT -v=spf1 a:gone.example a:one.example a:two.example -all +v=spf1 a:one.example a:two.example -all spf.void",
		"decide contoso.com. TXT | -v=spf1 a:one.example a:two.example -all +v=spf1 a:two.example -all | after:TXT spf.leftover,spf.twice",
		"decide | | after:TXT after:TXT spf.other")
}

// A way to take a decision that ends in something worse has no records.
func TestDecidesWithoutHarm(t *testing.T) {
	z := zone{"contoso.com MX": {"10 mail.contoso.com.", "20 old.example."}, "mail.contoso.com A": {"192.0.2.5"}, "old.example A": {"192.0.2.6"}}
	p := z.plan(t,
		rule{"mx.leftover", report.Warn, "contoso.com MX", has("old.example"), either("it is gone", kit.Remove("contoso.com", mx, "20 old.example."))},
		rule{"mx.own", report.Warn, "contoso.com MX", has("mail.contoso.com"), either("it is a filter", kit.Remove("contoso.com", mx, "10 mail.contoso.com."))},
		rule{"mx.needed", report.Fail, "contoso.com MX", lacks("mail.contoso.com"), report.Fix{Owner: report.OwnerDNS, Text: "Publish it."}})
	wantPlan(t, p, "decide contoso.com. MX | -20 old.example. | mx.leftover", "decide | | after:MX mx.own")
}

// Nothing is changed after which the domain is judged worse (rule 2), everyone may
// send, somebody may not who may, a key is gone, or mail has nowhere to go (rule 4).
func TestHarmsNobody(t *testing.T) {
	const spf = "v=spf1 a:mail.contoso.com include:open.example -all"
	z := zone{"contoso.com MX": {"10 mail.contoso.com."}, "mail.contoso.com A": {"192.0.2.5"}, "contoso.com TXT": {spf}, "open.example TXT": {"v=spf1 ip4:192.0.2.7 -all"},
		"everyone.example TXT": {"v=spf1 +all"}, "google._domainkey.contoso.com TXT": {"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="},
		"k1._domainkey.contoso.com TXT": {"v=DKIM1; p="}}
	ask := func(code, set, wrong string, edits ...report.Edit) rule {
		return rule{code, report.Warn, set, has(wrong), fixBy(edits...)}
	}
	for _, c := range []struct {
		what  string
		rules []rule
		steps bool
	}{
		{"judged worse", []rule{ask("x.a", "contoso.com TXT", "include", kit.RemoveTerm("contoso.com", "include:open.example")),
			{"x.b", report.Fail, "contoso.com TXT", lacks("open.example"), report.Fix{Owner: report.OwnerDNS, Text: "Keep it."}}}, false},
		{"nobody is open", []rule{ask("spf.x", "contoso.com TXT", "open.example", kit.ReplaceTerm("contoso.com", "include:open.example", "include:everyone.example"))}, false},
		{"a sender is lost", []rule{ask("spf.x", "contoso.com TXT", "mail.contoso.com", kit.RemoveTerm("contoso.com", "a:mail.contoso.com"))}, false},
		{"a sender is kept", []rule{ask("spf.x", "contoso.com TXT", "mail.contoso.com", kit.ReplaceTerm("contoso.com", "a:mail.contoso.com", "ip4:192.0.2.5"))}, true},
		{"the record is not valid", []rule{ask("spf.x", "contoso.com TXT", "mail.contoso.com", kit.Replace("contoso.com", txt, spf, "v=spf1 a:mail.contoso.com/99 -all"))}, false},
		{"a key is lost", []rule{ask("dkim.x", "google._domainkey.contoso.com TXT", "p=", kit.Remove("google._domainkey.contoso.com", txt, z["google._domainkey.contoso.com TXT"][0]))}, false},
		{"a key was revoked", []rule{ask("dkim.x", "k1._domainkey.contoso.com TXT", "p=", kit.Remove("k1._domainkey.contoso.com", txt, "v=DKIM1; p="))}, true},
		{"no MX record", []rule{ask("mx.x", "contoso.com MX", "mail", kit.Remove("contoso.com", mx, "10 mail.contoso.com."))}, false},
		{"a null MX record", []rule{ask("mx.x", "contoso.com MX", "mail", kit.Replace("contoso.com", mx, "10 mail.contoso.com.", "0 ."))}, false},
		{"a host that does not exist", []rule{ask("mx.x", "contoso.com MX", "mail", kit.Replace("contoso.com", mx, "10 mail.contoso.com.", "0 none.contoso.com."))}, false},
		{"what is not published", []rule{ask("mx.x", "contoso.com MX", "mail", kit.Remove("contoso.com", mx, "10 other.contoso.com."))}, false},
	} {
		p := z.plan(t, c.rules...)
		if changes := p != nil && slices.ContainsFunc(p.Steps, func(s report.Step) bool { return s.ChangesRecords() }); changes != c.steps {
			t.Errorf("%s: %q", c.what, brief(p))
		}
	}
}

// An RRset that could not be read is never changed (rule 5), nor one that stands
// elsewhere, nor one in a zone of somebody else.
func TestChangesOnlyWhatIsKnown(t *testing.T) {
	for _, c := range []struct {
		what, name string
		more       zone
	}{
		{"no answer", "_dmarc.contoso.com", zone{"_dmarc.contoso.com TXT": {"SERVFAIL"}}},
		{"an alias", "_dmarc.contoso.com", zone{"_dmarc.contoso.com CNAME": {"dmarc.vendor.example"}, "dmarc.vendor.example TXT": {"v=DMARC1; p=none"}}},
		{"an alias to no answer", "_dmarc.contoso.com", zone{"_dmarc.contoso.com CNAME": {"dmarc.vendor.example"}, "dmarc.vendor.example TXT": {"SERVFAIL"}}},
		{"another zone", "_dmarc.vendor.example", zone{"_dmarc.vendor.example TXT": {"v=DMARC1; p=none"}}},
		{"a zone above", "_dmarc.com", zone{"_dmarc.com TXT": {"v=DMARC1; p=none"}}},
	} {
		for _, status := range []report.Status{report.Fail, report.Warn} {
			for _, edit := range []report.Edit{kit.SetTag(c.name, "rua", "mailto:d@contoso.com"), kit.Add(c.name, txt, "v=DMARC1; p=none; rua=mailto:d@contoso.com")} {
				p := c.more.plan(t, rule{"dmarc.rua", status, c.name + " TXT", lacks("rua="), fixBy(edit)})
				if p == nil || len(p.Steps) != 1 || p.Steps[0].ChangesRecords() || len(p.Steps[0].Fixes) != 1 {
					t.Errorf("%s: %q", c.what, brief(p))
				}
			}
		}
	}
}

// Steps that Microsoft 365 waits for come in the order of their commands: what shows
// values, the records, and what switches them on.
func TestOrdersCommands(t *testing.T) {
	fix := fixBy(kit.Add("selector1._domainkey.contoso.com", cname, "one.example."))
	fix.Commands = []string{"Get-DkimSigningConfig -Identity contoso.com", "Set-DkimSigningConfig -Identity contoso.com -Enabled $true"}
	p := zone{}.plan(t, rule{"dkim.selector1", report.Fail, "selector1._domainkey.contoso.com CNAME", lacks("one.example"), fix})
	if len(p.Steps) != 3 || p.Steps[0].Action != report.ActionRun || !slices.Equal(p.Steps[1].After, []int{1}) || !slices.Equal(p.Steps[2].After, []int{2}) || !p.Proven {
		t.Errorf("%q", brief(p))
	}
}

// Whatever findings ask for: a plan changes each RRset once, from what is published,
// no step waits for a later one, and a domain that needs nothing has no plan.
func TestPlansAreWellFormed(t *testing.T) {
	if p := (zone{}).plan(t); p != nil {
		t.Errorf("%q", brief(p))
	}
	rng := rand.New(rand.NewPCG(12, 5))
	names := []string{"contoso.com", "_s.contoso.com", "a.contoso.com", "vendor.example"}
	for range 150 {
		z := zone{}
		for _, n := range names {
			z[n+" TXT"] = []string{fmt.Sprintf("v=spf1 ip4:192.0.2.%d -all", 1+rng.IntN(9)), "note"}
		}
		var rules []rule
		for i := range 1 + rng.IntN(5) {
			name := names[rng.IntN(len(names))]
			term := fmt.Sprintf("ip4:198.51.100.%d", i)
			r := rule{fmt.Sprintf("spf.x%d", i), []report.Status{report.Fail, report.Warn}[rng.IntN(2)], name + " TXT", lacks(term), fixBy(kit.AddTerm(name, term))}
			if rng.IntN(3) == 0 {
				r.fix = either(term+" sends", kit.AddTerm(name, term))
			}
			rules = append(rules, r)
		}
		p := z.plan(t, rules...)
		changed := map[string]bool{}
		for i, s := range p.Steps {
			if s.Step != i+1 || slices.ContainsFunc(s.After, func(n int) bool { return n >= s.Step }) {
				t.Errorf("%q: step %d", brief(p), i+1)
			}
			if !s.ChangesRecords() {
				continue
			}
			published := z[dnsrec.Canonical(s.Name)+" "+s.Type]
			if before := s.Before(); changed[s.Name] || strings.HasPrefix(s.Name, "vendor") || len(before) != len(published) ||
				slices.ContainsFunc(before, func(v string) bool { return !slices.Contains(published, v) }) {
				t.Errorf("%q: step %d", brief(p), i+1)
			}
			changed[s.Name] = true
		}
	}
}

// A way that publishes a DMARC record sets the tags of the one that exists: two would be
// none.
func TestSecondDMARCRecordIsNotAdded(t *testing.T) {
	z := zone{"_dmarc.contoso.com TXT": {"v=DMARC1; p=none; rua=mailto:a@contoso.com", "note"}, "contoso.com MX": nil}
	wantPlan(t, z.plan(t, rule{"mx.none", report.Warn, "contoso.com MX", lacks("."), either("contoso.com has no mail",
		kit.Add("contoso.com", mx, "0 ."), kit.Add("_dmarc.contoso.com", txt, "v=DMARC1; p=reject"))}),
		"decide | -_dmarc.contoso.com. TXT v=DMARC1; p=none; rua=mailto:a@contoso.com +_dmarc.contoso.com. TXT v=DMARC1; p=reject; rua=mailto:a@contoso.com +contoso.com. MX 0 . | mx.none")
}
