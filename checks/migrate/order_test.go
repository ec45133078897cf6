package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// at returns the place of the first step that a test is about; -1: none.
func at(list []report.Step, is func(report.Step) bool) int { return slices.IndexFunc(list, is) }

func enables(s report.Step) bool {
	return slices.ContainsFunc(s.Commands, func(c string) bool { return strings.HasPrefix(c, "Set-DkimSigningConfig") })
}

// What takes the longest comes first, signing is enabled right after its records,
// and what needs mail at Microsoft 365 does not come before it.
func TestOrderOfNow(t *testing.T) {
	for _, o := range []OriginKind{FromGoogle, FromOnPrem, FromNothing} {
		w, _ := spec{origin: o, fault: "long TTL"}.build()
		if o == FromNothing {
			w.set("_dmarc."+domain, "TXT", 300)
		}
		r := w.assess(t, Options{})
		now := r.stepsOf(PhaseNow)
		if o != FromNothing && !strings.Contains(now[0].Text, "TTL") {
			t.Errorf("%s: the TTL is lowered late\n%s", o, strings.Join(steps(r), "\n"))
		}
		if e := at(now, enables); e < 1 || !isSelector(now[e-1]) {
			t.Errorf("%s: signing is enabled at %d\n%s", o, e, strings.Join(steps(r), "\n"))
		}
		for _, s := range now {
			if only(s.Fixes, []string{"dmarc.policy", "dmarc.rua"}) && !s.HasValues() {
				t.Errorf("%s: due now: %s", o, s.Text)
			}
			if showsOnly(s) && !slices.ContainsFunc(r.Plan.Steps, func(x report.Step) bool { return slices.Contains(x.After, s.Step) }) {
				t.Errorf("%s: nothing needs %q", o, s.Commands)
			}
		}
	}
}

// The proof of a new tenant can be published long before it has the domain; its keys
// appear when it does, and are published then.
func TestTenantKeysFollowTheDomain(t *testing.T) {
	const proof = "MS=ms99999999"
	w, _ := spec{origin: FromNothing, prepared: true}.build()
	w.set(domain, "MX", 300, "0 "+target)
	w.set("autodiscover."+domain, "CNAME", 300, "autodiscover.outlook.com")
	w.set(domain, "TXT", 300, "v=spf1 include:spf.protection.outlook.com -all", proof)
	ms := Expected{Name: domain, Type: dnsrec.TypeTXT, Value: proof}
	if r := w.assess(t, Options{Tenant: true, Expected: []Expected{ms}}); r.Stage != Prepared || len(r.stepsOf(PhaseCutover)) == 0 {
		t.Errorf("proof alone: stage %s\n%s", r.Stage, strings.Join(steps(r), "\n"))
	}
	key := Expected{Name: "selector1._domainkey." + domain, Type: dnsrec.TypeCNAME, Value: "selector1-contoso-test._domainkey.other.onmicrosoft.com"}
	r := w.assess(t, Options{Tenant: true, Expected: []Expected{ms, key}})
	cut := r.stepsOf(PhaseCutover)
	gone := at(cut, func(s report.Step) bool { return strings.HasPrefix(s.Text, "In the old tenant") })
	if s := at(cut, isSelector); gone < 0 || s < gone || at(r.stepsOf(PhaseNow), enables) >= 0 {
		t.Errorf("keys at %d, the domain leaves at %d\n%s", s, gone, strings.Join(steps(r), "\n"))
	}
}

// A pinned certificate is deleted before its server changes, whatever the server is
// called.
func TestPinnedHosts(t *testing.T) {
	for _, host := range []string{"mail", "mx1", "post.intern"} {
		w, _ := spec{origin: FromOnPrem, prepared: true}.build()
		host += "." + domain
		w.set(domain, "MX", 300, "10 "+host)
		w.set(host, "A", 300, oldIP)
		w.set("_25._tcp."+host, "TLSA", 300, "3 1 1 "+strings.Repeat("ab", 32))
		r := w.assess(t, Options{})
		if at(r.stepsOf(PhaseKeep), func(s report.Step) bool { return strings.Contains(s.Text, "_25._tcp."+host+",") }) < 0 {
			t.Errorf("%s\n%s", host, strings.Join(steps(r), "\n"))
		}
	}
}

// A wildcard alias explains the answers of all types, other wildcards those of one.
func TestSameData(t *testing.T) {
	answer := func(aliases, values []string) kit.Answer {
		return kit.Answer{Answer: dnsrec.Answer{CNAMEs: aliases, Values: values}}
	}
	alias, other, addr := []string{domain}, []string{"other.test"}, []string{"192.0.2.1"}
	for _, c := range []struct {
		a, wild kit.Answer
		same    bool
	}{
		{answer(alias, nil), answer(alias, addr), true}, {answer(alias, addr), answer(alias, addr), true}, {answer(nil, addr), answer(nil, addr), true},
		{answer(other, addr), answer(alias, addr), false}, {answer(nil, addr), answer(alias, addr), false}, {answer(nil, nil), answer(nil, nil), false},
		{answer(nil, []string{"192.0.2.2"}), answer(nil, addr), false},
	} {
		if got := sameData(c.a, c.wild); got != c.same {
			t.Errorf("%v %v: %v", c.a.Answer, c.wild.Answer, got)
		}
	}
}
