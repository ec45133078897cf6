package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// A selector whose target follows from that of the other one, also as that is corrected, is
// shown: the same command is in one step only.
func TestPlanDerivesTheOtherSelector(t *testing.T) {
	t.Parallel()
	const label = "contoso-com._domainkey.contoso.onmicrosoft.com."
	for _, n := range []string{"1", "2"} {
		other := map[string]string{"1": "2", "2": "1"}[n]
		sel, name := "selector"+n, "selector"+n+"._domainkey.contoso.com."
		for wrong, follows := range map[string]bool{
			name + " CNAME " + sel + "-" + label + "contoso.com.":                                     true, // without the final dot
			sel + "._domainkey.contoso.com.contoso.com. CNAME " + sel + "-" + label:                   true,
			name + " TXT \"" + sel + "-" + label + "\"":                                               true,
			name + " CNAME " + sel + "-" + label:                                                      true,
			name + " CNAME " + sel + "-fabrikam-com._domainkey.fabrikam.onmicrosoft.com.":             false,
			name + " CNAME selector" + other + "-" + label + "contoso.com.":                           false,
			name + " CNAME " + sel + "-fabrikam-com._domainkey.fabrikam.onmicrosoft.com.contoso.com.": false,
		} {
			env, _ := kittest.NewEnv(t, "contoso.com", mailAtMicrosoft+"contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n"+wrong+"\n")
			p := planFor(t, env)
			p.hold(t)
			s := stepOf(p.plan, "dkim.selector"+other)
			if shown := slices.Equal(s.Add, []string{"selector" + other + "-" + label}); shown != follows {
				t.Errorf("%s: %+v", wrong, s)
			}
			commands := 0
			for _, s := range p.plan.Steps {
				if slices.ContainsFunc(s.Commands, func(c string) bool {
					return strings.HasSuffix(c, "Format-List Selector1CNAME, Selector2CNAME")
				}) && s.Action == report.ActionRun {
					commands++
				}
			}
			if commands > 1 {
				t.Errorf("%s: %d steps show the targets: %+v", wrong, commands, p.plan.Steps)
			}
		}
	}
}

// A step names all that it ends, also what it was not made for, and says nothing twice.
func TestPlanNamesAllThatAStepEnds(t *testing.T) {
	t.Parallel()
	for record, codes := range map[string][]string{
		"v=spf1 include:spf.protection.outlook.cominclude:app.example -all": {"spf.m365", "spf.include", "spf.name"},
		"v=spf1 include:spf.protection.outlook.com-all":                     {"spf.name"},
		"v=spf1 include:app.exampleinclude:spf.protection.outlook.com ~all": {"spf.m365", "spf.include", "spf.name"},
		"v=spf1include:spf.protection.outlook.com -all":                     {"spf.lookalike"},
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", mailAtMicrosoft+"app.example. TXT \"v=spf1 ip4:203.0.113.5 -all\"\ncontoso.com. TXT \""+record+"\"\n")
		p := planFor(t, env)
		p.hold(t)
		i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return s.Name == "contoso.com." && s.Type == "TXT" && s.HasValues() })
		if i < 0 {
			t.Errorf("%s: %+v", record, p.plan.Steps)
			continue
		}
		for _, code := range codes {
			found := slices.ContainsFunc(p.findings, func(f report.Finding) bool { return f.Code == code })
			if found && !slices.Contains(p.plan.Steps[i].Fixes, code) {
				t.Errorf("%s: %s is not among what step %d fixes: %q", record, code, i+1, p.plan.Steps[i].Fixes)
			}
		}
	}
}

// A term that lets everyone send is told once, and no step asks for it a second time.
func TestPlanClosesOpenTermsOnce(t *testing.T) {
	t.Parallel()
	for _, term := range []string{"ip4:0.0.0.0/0", "ip6:::/0", "a/0", "+all"} {
		for _, policy := range []string{"none", "reject"} {
			env, _ := kittest.NewEnv(t, "contoso.com", strings.Replace(mailAtMicrosoft, "p=reject", "p="+policy, 1)+
				"contoso.com. A 203.0.113.9\ncontoso.com. TXT \"v=spf1 include:spf.protection.outlook.com "+term+" -all\"\n")
			p := planFor(t, env)
			p.hold(t)
			about := 0
			for _, s := range p.plan.Steps {
				if slices.ContainsFunc(s.Fixes, func(c string) bool { return c == "spf.all" || c == "spf.range" }) {
					about++
				}
			}
			if about != 1 {
				t.Errorf("%s, p=%s: %d steps: %+v", term, policy, about, p.plan.Steps)
			}
		}
	}
}
