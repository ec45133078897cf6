package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// withDMARC is the finished world with other DMARC records and, if record is not
// empty, another SPF record. Without keys, DKIM covers no mail.
func withDMARC(record string, keys bool, policies ...string) worldFault {
	w := worldFault{name: record + " " + strings.Join(policies, " "), drop: "_dmarc.contoso.com."}
	if !keys {
		w.drop += "|selector1|selector2"
	}
	if record != "" {
		w.drop += `|contoso.com. TXT "v=spf1`
		w.add = fmt.Sprintf("contoso.com. TXT %q\n", record)
	}
	for _, p := range policies {
		w.add += fmt.Sprintf("_dmarc.contoso.com. TXT %q\n", p)
	}
	return w
}

// stepOn returns the first step about a code; nil if there is none.
func (p planned) stepOn(code string) *report.Step {
	if p.plan == nil {
		return nil
	}
	i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, code) })
	if i < 0 {
		return nil
	}
	return &p.plan.Steps[i]
}

// damagedPolicies are records that some receivers ignore, and others apply.
var damagedPolicies = []string{
	"v=DMARC1; rua=mailto:d@contoso.com; p=%s",
	"v=DMARC1; sp=none; p=%s; rua=mailto:d@contoso.com",
	"v=DMARC1; P=%s; rua=mailto:d@contoso.com",
	"v=DMARC1; adkim=r; aspf=r; p=%s; rua=mailto:d@contoso.com",
	"v=DMARC1; p=%s; rua=mailto:d@contoso.com; rua=mailto:e@contoso.com",
	"v=DMARC1; p=%s; sp=rejcet; rua=mailto:d@contoso.com",
	"v=DMARC1; p=%s; rua=mailto:d@contoso.com; mailto:e@contoso.com",
}

// A policy that begins to apply by a correction is said, and where mail may fail it,
// it is a decision whose first choice is p=none.
func TestPlansSayWhichPolicyBeginsToApply(t *testing.T) {
	t.Parallel()
	for i, form := range damagedPolicies {
		for _, policy := range []dmarc.Policy{dmarc.None, []dmarc.Policy{dmarc.Quarantine, dmarc.Reject}[i%2]} {
			text := fmt.Sprintf(form, policy)
			sure := planFor(t, cached(faultyWorld(t, withDMARC("", true, text)), false))
			sure.hold(t)
			s := sure.stepOn("dmarc.syntax")
			switch invalid := strings.Contains(form, "rejcet"); { // receivers read that as p=none, RFC 9989 4.10.1
			case invalid && policy != dmarc.None:
				if s == nil || s.Action != report.ActionDecide || !strings.Contains(strings.Join(firstChoice(s), " "), "p=none") {
					t.Errorf("%q, covered: %+v", text, s)
				}
			case s == nil || s.Action != report.ActionChange || (s.Caution == "") != (policy == dmarc.None && !invalid):
				t.Errorf("%q, covered: %+v", text, s)
			}
			for _, mail := range []string{
				"contoso.com. MX 10 mx.contoso.com.\nmx.contoso.com. A 198.51.100.1\ncontoso.com. TXT \"v=spf1 mx ~all\"", // who signs is not known
				"contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. TXT \"v=spf1 foo:bar ~all\"",    // nothing covers it
			} {
				if policy == dmarc.None {
					continue // nothing begins to apply
				}
				w := withDMARC("", false, text)
				w.drop, w.add = w.drop+"|contoso.com. MX|contoso.com. TXT", w.add+mail
				open := planFor(t, cached(faultyWorld(t, w), false))
				open.hold(t)
				s = open.stepOn("dmarc.syntax")
				if s == nil || s.Action != report.ActionDecide || !strings.Contains(strings.Join(firstChoice(s), " "), "p=none") {
					t.Errorf("%q, %q: %+v", text, mail, s)
				}
			}
		}
	}
}

// What was a decision only for the sake of another fault is a change once that is
// mended, and records that contradict each other are joined by nothing but a choice.
func TestPlansGoOnWhereADecisionIsNoLongerNeeded(t *testing.T) {
	t.Parallel()
	p := planFor(t, cached(faultyWorld(t, withDMARC("v=spf1 ip4:198.51.100.1 -all", false, "v=DMARC1; P=Reject; rua=mailto:d@contoso.com")), false))
	p.hold(t)
	if s := p.stepOn("dmarc.syntax"); s == nil || !s.HasValues() || s.Caution == "" {
		t.Errorf("%+v", s)
	}
	for _, end := range []string{"~all", "+all", "?all", ""} {
		w := withDMARC("v=spf1 ?include:vendor.example include:spf.protection.outlook.com ~all", true, "v=DMARC1; p=reject; rua=mailto:d@contoso.com")
		w.add += fmt.Sprintf("contoso.com. TXT %q\n%s", strings.TrimSpace("v=spf1 include:vendor.example "+end), senderZone)
		p := planFor(t, cached(faultyWorld(t, w), false))
		p.hold(t)
		if s := p.stepOn("spf.multiple"); s == nil || s.Action != report.ActionDecide {
			t.Errorf("%q: %+v", end, s)
		}
	}
}

// firstChoice returns what the first alternative of a step publishes.
func firstChoice(s *report.Step) (values []string) {
	if len(s.Alternatives) == 0 {
		return nil
	}
	a := &s.Alternatives[0]
	return a.Added()
}

// Mail that is rejected today comes first in the plan: as a change that ends it, or
// as a decision that prints the record which suspends the policy.
func TestPlansBeginWithRejectedMail(t *testing.T) {
	t.Parallel()
	const many = "v=spf1 a:h1.contoso.com a:h2.contoso.com a:h3.contoso.com a:h4.contoso.com a mx include:vendor.example a:app.contoso.com include:neutral.example -all"
	for i, record := range []string{many, "v=spf1 foo:bar include:spf.protection.outlook.com -all", "v=spf1 ip4:198.51.100.0/33 include:spf.protection.outlook.com -all",
		"v=spf1 ip4:198.51.100.1 -all", "v=spf1 include:gone.example include:spf.protection.outlook.com -all"} {
		policy := []string{"p=reject", "p=quarantine; sp=none", "p=quarantine; adkim=s"}[i%3]
		w := withDMARC(record, false, "v=DMARC1; "+policy+"; rua=mailto:d@contoso.com")
		w.add += senderZone
		p := planFor(t, cached(faultyWorld(t, w), false))
		p.hold(t)
		switch s := p.stepOn("dmarc.m365"); {
		case s == nil:
			t.Errorf("%q, %s: no step about rejected mail", record, policy)
		case s.Step != 1:
			t.Errorf("%q, %s: step %d is the one about rejected mail", record, policy, s.Step)
		case s.Action == report.ActionDecide && !strings.Contains(strings.Join(firstChoice(s), " "), "p=none"):
			t.Errorf("%q, %s: the first choice publishes %q", record, policy, firstChoice(s))
		}
	}
}

// The verdict at the end of a plan is the one of the domain after it.
func TestPlansPromiseTheVerdictThatFollows(t *testing.T) {
	t.Parallel()
	const null = "contoso.com. MX 0 .\n"
	for zone, want := range map[string]report.Verdict{
		"contoso.com. TXT \"v=spf1 -all\"":                                                                        report.NoMail,
		null + "contoso.com. TXT \"v=spf1 -all\"":                                                                 report.NoMail,
		null + "contoso.com. TXT \"v=spf1 -all\"\n_dmarc.contoso.com. TXT \"v=DMARC1; p=none\"":                   report.NoMail,
		null + "contoso.com. TXT \"v=spf1 ~all\"\n_dmarc.contoso.com. TXT \"v=DMARC1; p=none\"":                   report.NoMail,
		null + "contoso.com. TXT \"V=SPF1  -ALL\"\n_dmarc.contoso.com. TXT \"v=DMARC1; p=quarantine\"":            report.NoMail,
		"contoso.com. MX 10 mx.contoso.com.\nmx.contoso.com. A 198.51.100.1\ncontoso.com. TXT \"v=spf1 mx ~all\"": report.NotOnMicrosoft,
	} {
		env := cached(faultyWorld(t, worldFault{drop: "contoso.com.|_|selector|autodiscover|enterprise|lync|sip|mta-sts", add: zone}), false)
		env.Expect = kit.ExpectAuto
		p := planFor(t, env)
		if p.plan == nil || !slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return s.HasValues() }) {
			t.Errorf("%q: no change in the plan", zone)
			continue
		}
		if end := p.verdictAfter(t); p.plan.Result.Verdict != end || end != want {
			t.Errorf("%q: the plan promises %s, the domain is %s, want %s", zone, p.plan.Result.Verdict, end, want)
		}
	}
}

// verdictAfter returns how the domain is judged after the changes of the plan.
func (p planned) verdictAfter(t *testing.T) (v report.Verdict) {
	t.Helper()
	var changes []dnsrec.Change
	for _, s := range p.plan.Steps {
		if s.HasValues() {
			changes = append(changes, changesOf(s)...)
		}
	}
	env := *p.env
	env.NoPlan, env.DNS = true, dnsrec.NewChanged(p.env.DNS, changes...)
	var counts report.Counts
	err := Run(t.Context(), &env, p.rows, kittest.SinkFunc(func(e report.Event) error {
		switch {
		case e.Finding != nil:
			counts.Add(e.Finding)
		case e.End != nil:
			v = e.End.Verdict(counts)
		}
		return nil
	}))
	if err != nil {
		t.Error(err)
	}
	return v
}

// A change that asks for a milder policy than the record was meant to have says so,
// wherever the record is published.
func TestPlansSayWhichPolicyIsGivenUp(t *testing.T) {
	t.Parallel()
	const none, reject = "v=DMARC1; p=none; rua=mailto:d@contoso.com", "v=DMARC1; p=reject; rua=mailto:e@contoso.com"
	alias := "_dmarc.contoso.com. CNAME policy.contoso.com.\n"
	at := func(name string, texts ...string) (zone string) {
		for _, text := range texts {
			zone += fmt.Sprintf("%s TXT %q\n", name, text)
		}
		return zone
	}
	for name, add := range map[string]string{
		"several":            at("_dmarc.contoso.com.", none, reject),
		"several, alias":     alias + at("policy.contoso.com.", none, reject),
		"p before v":         at("_dmarc.contoso.com.", "p=reject; v=DMARC1; rua=mailto:d@contoso.com"),
		"p before v, alias":  alias + at("policy.contoso.com.", "p=reject; v=DMARC1; rua=mailto:d@contoso.com"),
		"no version, alias":  alias + at("policy.contoso.com.", "v=dmarc1; p=reject; rua=mailto:d@contoso.com"),
		"misspelled":         at("_dmarc.contoso.com.", "v=DMARC1; p=rejcet; rua=mailto:d@contoso.com"),
		"twice":              at("_dmarc.contoso.com.", "v=DMARC1; p=none; p=reject; rua=mailto:d@contoso.com"),
		"several, damaged":   at("_dmarc.contoso.com.", none, "p=reject; v=DMARC1"),
		"several, subdomain": at("_dmarc.contoso.com.", none, strings.Replace(reject, "p=reject", "p=none; sp=reject", 1)),
	} {
		p := planFor(t, cached(faultyWorld(t, worldFault{drop: "_dmarc.contoso.com.", add: add}), false))
		p.hold(t)
		i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool {
			return s.HasValues() && slices.ContainsFunc(s.Remove, func(text string) bool {
				return strings.Contains(strings.ToUpper(text), "DMARC1")
			})
		})
		if i < 0 || !strings.Contains(p.plan.Steps[i].Caution, "p=reject") {
			t.Errorf("%s: %+v", name, p.plan.Steps)
		}
	}
}
