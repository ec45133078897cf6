package checks

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// damages are what is done to zones beside the faults of worldFaults: damaged
// DMARC records at right and wrong names, aliases and what stands in their way,
// wildcard records, mail servers that do not exist or are meant for clients.
func damages() (list []worldFault) {
	const at = "_dmarc.contoso.com."
	for _, text := range []string{
		"v=DMARC1; p=reject; np=foo; rua=mailto:a@contoso.com", "v=DMARC1; p=reject; sp=foo; rua=mailto:a@contoso.com", "v=DMARC1; p=reject; adkim=x; fo=9",
		"p=reject; v=DMARC1; rua=mailto:a@contoso.com", "v=dmarc1; p=REJECT", "v=DMARC1; p=rejct; rua=a@contoso.com", "v=DMARC1; p=reject; rua=mailto:a@b,com",
		"v=DMARC1; p=quarantine; rua=mailto a@contoso.com", "v=DMARC1; p=none; rua=mailto:a@contoso.comv=DMARC1; p=reject", "v=DMARC1; p=reject; rua=mailto:a@g44",
		"v=DMARC1; p=reject; rua=https://x.example/ mailto:a b@contoso.com", "v=DMARC1; p=reject; pct=200; rf=q", "v=DMARC1 p=reject",
	} {
		for _, name := range []string{at, "contoso.com.", "dmarc.contoso.com.", "_dmarc.contoso.com.contoso.com.", "*.contoso.com."} {
			list = append(list, worldFault{name: name + " " + text, drop: at, add: name + ` TXT "` + text + `"`})
		}
	}
	for _, add := range []string{
		"_dmarc.contoso.com. CNAME gone.vendor.example.", "_dmarc.contoso.com. CNAME d.vendor.example.\nd.vendor.example. TXT \"v=DMARC1; p=reject\"",
		"*._domainkey.contoso.com. TXT \"v=DKIM1; p=\"", "*.contoso.com. CNAME www.contoso.com.\nwww.contoso.com. A 192.0.2.80",
	} {
		list = append(list, worldFault{name: add, drop: at + "|selector1._domainkey.contoso.com.|autodiscover.contoso.com.", add: add})
	}
	for _, beside := range []string{`TXT "x"`, "A 192.0.2.1", "AAAA 2001:db8::1", "MX 10 mail.contoso.com."} {
		for _, label := range []string{"autodiscover", "selector1._domainkey"} {
			list = append(list, worldFault{name: label + " " + beside, drop: label + ".contoso.com.", add: label + ".contoso.com. " + beside})
		}
	}
	for _, host := range []string{"gone.contoso.com.", "contoso.onmicrosoft.com.", "smtp.office365.com.", "contoso-com.protection.outlook.com.", "contoso-com.mx.microsfot.",
		"contoso-com.mail.protection.outlook.com.contoso.com.", "contoso-com.mail.protecton.outlook.com.", "aspmx.l.google.com."} {
		add := "contoso.com. MX 0 " + host
		list = append(list, worldFault{name: add, drop: "contoso.com. MX", add: add}, worldFault{name: "beside: " + add, add: add})
	}
	return list
}

// No plan publishes what makes a zone invalid, what never was in force, or what
// nobody meant.
func TestPlansOfDamage(t *testing.T) {
	t.Parallel()
	broken, all := damages(), worldFaults()
	rng := rand.New(rand.NewPCG(12, 9))
	counts := map[string]int{}
	const worlds = 160
	for range worlds {
		faults := []worldFault{broken[rng.IntN(len(broken))], broken[rng.IntN(len(broken))]}
		if rng.IntN(2) == 0 {
			faults = append(faults, all[rng.IntN(len(all))])
		}
		env := cached(faultyWorld(t, faults...), false)
		if rng.IntN(2) == 0 {
			env.Expect = kit.ExpectAuto
		}
		p := planFor(t, env)
		p.hold(t)
		p.holdRecords(t)
		if t.Failed() {
			for _, f := range faults {
				t.Log(f.name)
			}
			t.Fatalf("%+v", p.plan)
		}
		if p.plan != nil {
			for _, s := range p.plan.Steps {
				counts[string(s.Action)]++
			}
		}
	}
	logCounts(t, counts)
	if counts["decide"] == 0 || counts["change"]+counts["add"] < worlds/2 {
		t.Error("the plans prove too little")
	}
}

// holdRecords holds what no record of a plan may do.
func (p planned) holdRecords(t *testing.T) {
	t.Helper()
	if p.plan == nil {
		return
	}
	var changes []dnsrec.Change
	for _, s := range p.plan.Steps {
		if s.ChangesRecords() && len(s.Add)+len(s.Remove) > 0 {
			changes = append(changes, changesOf(s)...)
			p.holdAlias(t, s)
		}
	}
	after := dnsrec.NewChanged(p.env.DNS, changes...)
	for _, c := range changes {
		if !strings.HasSuffix("."+c.Name, "."+p.env.Domain) {
			t.Errorf("%s is in the zone of somebody else", c.Name)
		}
	}
	for _, s := range p.plan.Steps {
		for _, m := range kit.ReadMXs(s.Add) {
			if s.Type == "MX" && s.ChangesRecords() && m.Kind != kit.MXNull && !p.answers(t, after, m.Host, dnsrec.TypeA) && !p.answers(t, after, m.Host, dnsrec.TypeAAAA) {
				t.Errorf("step %d publishes %s, which does not exist", s.Step, m.Host)
			}
		}
		for _, code := range s.Fixes {
			if len(s.Add)+len(s.Remove) > 0 && s.ChangesRecords() && slices.Contains(p.plan.Result.Remaining, code) {
				t.Errorf("step %d fixes %s, which remains", s.Step, code)
			}
		}
	}
	p.holdPolicy(t, after)
}

// holdAlias: a name that becomes an alias has no other records (RFC 1034 3.6.2),
// and what a wildcard record answers is not deleted.
func (p planned) holdAlias(t *testing.T, s report.Step) {
	t.Helper()
	name := dnsrec.Canonical(s.Name)
	_, parent, _ := strings.Cut(name, ".")
	for _, typ := range []dnsrec.Type{dnsrec.TypeTXT, dnsrec.TypeA, dnsrec.TypeAAAA, dnsrec.TypeMX} {
		sibling, _ := p.env.DNS.Lookup(t.Context(), dnsrec.Q("nobody-published-this."+parent, typ))
		own, _ := p.env.DNS.Lookup(t.Context(), dnsrec.Q(name, typ))
		wild := len(sibling.Values) > 0 && slices.Equal(slices.Sorted(slices.Values(sibling.Values)), slices.Sorted(slices.Values(own.Values)))
		if s.Type == "CNAME" && len(s.Add) > 0 && !wild && p.answers(t, p.env.DNS, name, typ) && !slices.ContainsFunc(s.Sets, func(o report.Set) bool {
			return o.Name == s.Name && o.Type == string(typ) && len(o.Keep)+len(o.Add) == 0
		}) {
			t.Errorf("step %d puts a CNAME beside %s %s", s.Step, name, typ)
		}
		if name != p.env.Domain && wild && s.Type == string(typ) && len(s.Before()) > 0 {
			t.Errorf("step %d changes what a wildcard record answers: %v", s.Step, s.Before())
		}
	}
}

// holdPolicy: no DMARC policy comes into force that was not published as one, and
// no address for reports that nobody wrote.
func (p planned) holdPolicy(t *testing.T, after dnsrec.Resolver) {
	t.Helper()
	was, is := dmarc.Discover(t.Context(), p.env.DNS, p.env.Domain), dmarc.Discover(t.Context(), after, p.env.Domain)
	strongest, written := dmarc.None, ""
	for _, text := range was.Own().Texts {
		if text.Record != nil && text.Record.P.Strength() > strongest.Strength() {
			strongest = text.Record.P
		}
	}
	for _, f := range p.findings {
		for _, e := range f.Evidence {
			written += strings.ReplaceAll(e.Text, ",", ".")
		}
	}
	rec := is.Tree.Record
	if rec == nil || is.Tree.At != p.env.Domain {
		return
	}
	if rec.P.Strength() > strongest.Strength() {
		t.Errorf("%s comes into force, was %s", rec.P, strongest)
	}
	for _, u := range rec.RUA {
		if !strings.Contains(written, strings.TrimPrefix(u.Address, "mailto:")) && u.Address != "mailto:dmarc-reports@"+p.env.Domain {
			t.Errorf("nobody wrote %s", u.Address)
		}
	}
}

// answers reports whether a name itself has records of a type.
func (p planned) answers(t *testing.T, r dnsrec.Resolver, name string, typ dnsrec.Type) bool {
	a, err := r.Lookup(t.Context(), dnsrec.Q(name, typ))
	return err == nil && len(a.Values) > 0 && len(a.CNAMEs) == 0
}
