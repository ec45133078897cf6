package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// DKIM waits for the decision whether a domain sends that publishes that it does not.
func TestPlanAsksBeforeDKIM(t *testing.T) {
	t.Parallel()
	for txt, decides := range map[string]bool{
		"v=spf1 -all":                  true,
		"v=spf1 redirect=_s.quiet.com": true,
		"v=spf1 ~all":                  false,
		"v=spf1 ip4:198.51.100.1 -all": false,
	} {
		p := orderPlan(t, ourMX+someDMARC+"_s.quiet.com. TXT \"v=spf1 -all\"\ncontoso.com. TXT \""+txt+"\"\n")
		enabled := slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool {
			return slices.ContainsFunc(s.Commands, func(c string) bool { return strings.HasPrefix(c, "Set-DkimSigningConfig") })
		})
		if s := stepOf(p.plan, "dkim.selector1"); decides != (s.Action == report.ActionDecide) || decides == enabled || decides && !slices.Contains(s.Fixes, "spf.m365") {
			t.Errorf("%q: enabled %v: %+v", txt, enabled, s)
		}
	}
}

// A null MX beside other MX records goes without a question only if the domain is
// said to be on Microsoft 365.
func TestPlanAsksAboutNullMX(t *testing.T) {
	t.Parallel()
	for _, other := range []string{ourMX, "contoso.com. MX 10 backup.example.\n"} {
		for _, expect := range []kit.Expectation{kit.ExpectAuto, kit.ExpectM365} {
			env, _ := kittest.NewEnv(t, "contoso.com", orderZone+ourSPF+someDMARC+other+"contoso.com. MX 0 .\n")
			env.Expect = expect
			p := planFor(t, env)
			p.hold(t)
			if s := stepOf(p.plan, "mx.null"); s.HasValues() != (expect == kit.ExpectM365) {
				t.Errorf("%s, %v: %+v", other, expect, s)
			}
		}
	}
}

// No record is shown for a name that is an alias.
func TestPlanKeepsAliasesAlone(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"web.example. A 198.51.100.3\n", "web.example. MX 10 backup.example.\n", ""} {
		env, _ := kittest.NewEnv(t, "www.contoso.com", orderZone+"www.contoso.com. CNAME web.example.\n"+target)
		p := planFor(t, env)
		p.hold(t)
		for _, s := range p.plan.Steps {
			sets := []report.Set{{Name: s.Name, Add: s.Add}}
			for _, a := range s.Alternatives {
				sets = append(append(sets, a.Sets...), report.Set{Name: s.Name, Add: a.Add})
			}
			for _, set := range sets {
				if set.Name == "www.contoso.com." && len(set.Add) > 0 {
					t.Errorf("%q: %+v", target, s)
				}
			}
		}
	}
}

// A stricter policy has no tag that RFC 9989 took away.
func TestPlanRaisesWithoutRemovedTags(t *testing.T) {
	t.Parallel()
	for record, want := range map[string]string{
		"p=none; pct=10; rua=mailto:d@contoso.com":           "p=quarantine; rua=mailto:d@contoso.com; t=y",
		"p=none; rua=mailto:d@contoso.com; ri=3600; rf=afrf": "p=quarantine; rua=mailto:d@contoso.com; t=y",
		"p=none; rua=mailto:d@contoso.com":                   "p=quarantine; rua=mailto:d@contoso.com; t=y",
	} {
		p := orderPlan(t, ourMX+ourSPF+"_dmarc.contoso.com. TXT \"v=DMARC1; "+record+"\"\n")
		if s := stepOf(p.plan, "dmarc.policy"); !slices.Equal(firstChoice(&s), []string{"v=DMARC1; " + want}) {
			t.Errorf("%q: %q", record, firstChoice(&s))
		}
	}
}

// What a person is to do about a record waits for the steps that change it.
func TestPlanOrdersAdviceAboutOneRecord(t *testing.T) {
	t.Parallel()
	for _, terms := range []string{"a ip4:8.0.0.0/7 -all", "ip4:8.0.0.0/7 ~all", "ptr ip4:8.0.0.0/7 -all"} {
		p := orderPlan(t, ourMX+someDMARC+"contoso.com. TXT \"v=spf1 "+terms+"\"\n")
		change, s := stepOf(p.plan, "spf.m365"), stepOf(p.plan, "spf.range")
		if !slices.Contains(s.After, change.Step) {
			t.Errorf("%q: step %d does not wait for step %d", terms, s.Step, change.Step)
		}
	}
}
