package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// A domain that receives mail and publishes that it sends none keeps saying so until
// its owner decides otherwise, and its policy is not suspended.
func TestPlanKeepsReceiveOnlyDomains(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for txt, decides := range map[string]bool{
		`contoso.com. TXT "v=spf1 -all"`:                                                           true,
		`contoso.com. TXT "V=SPF1 -ALL"`:                                                           true,
		`contoso.com. TXT "v=spf1  -all "`:                                                         true,
		`contoso.com. TXT "v=spf1 " "-all"`:                                                        true,
		`contoso.com. TXT "v=spf1 -all exp=why.contoso.com"`:                                       true,
		"contoso.com. TXT \"v=spf1 -all\"\ncontoso.com. TXT \"v=spf1  -all\"":                      true,
		"contoso.com. TXT \"v=spf1 redirect=_s.contoso.com\"\n_s.contoso.com. TXT \"v=spf1 -all\"": true,
		`contoso.com. TXT "v=spf1 ~all"`:                                                           false,
		`contoso.com. TXT "v=spf1 ip4:198.51.100.1 -all"`:                                          false,
		`contoso.com. TXT "v=spf1 -all ` + cloud + `"`:                                             false,
	} {
		for _, policy := range []string{"p=reject; rua=mailto:d@contoso.com", "p=reject", "p=none; rua=mailto:d@contoso.com"} {
			p := orderPlan(t, ourMX+txt+"\n_dmarc.contoso.com. TXT \"v=DMARC1; "+policy+"\"\n")
			changed := slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool {
				return s.HasValues() && strings.Contains(strings.Join(s.Add, " "), cloud)
			})
			suspends := policy != "p=none; rua=mailto:d@contoso.com" && slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool {
				return strings.Contains(strings.Join(firstChoice(&s), " "), "p=none")
			})
			s := stepOf(p.plan, "spf.m365")
			switch {
			case !decides && !changed:
				t.Errorf("%q, %s: %+v", txt, policy, s)
			case decides && (changed || s.Action != report.ActionDecide || len(s.Alternatives) != 2 || len(s.Alternatives[1].Added()) > 0):
				t.Errorf("%q, %s: %+v", txt, policy, s)
			case decides && !strings.Contains(strings.Join(firstChoice(&s), " "), cloud):
				t.Errorf("%q, %s: the first way adds %q", txt, policy, firstChoice(&s))
			case decides && suspends:
				t.Errorf("%q, %s: a step suspends the policy", txt, policy)
			}
		}
	}
}
