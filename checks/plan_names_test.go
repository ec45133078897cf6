package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
)

const (
	goodKeys = "selector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.fabrikam.onmicrosoft.com.\n" +
		"selector2._domainkey.contoso.com. CNAME selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com.\n"
	tenantKeys = "selector1-contoso-com._domainkey.fabrikam.onmicrosoft.com. " + someKey + "selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com. " + someKey
)

// A selector whose aliases lead nowhere is to point to Microsoft's target, not to where
// the chain ends.
func TestPlanEndsLoopsOfSelectors(t *testing.T) {
	t.Parallel()
	const one, two = "selector1._domainkey.contoso.com.", "selector2._domainkey.contoso.com."
	for _, zone := range []string{
		one + " CNAME " + two + "\n" + two + " CNAME " + one + "\n",
		one + " CNAME " + one + "\n" + two + " CNAME " + two + "\n",
		one + " CNAME a.contoso.com.\na.contoso.com. CNAME " + one + "\n" + two + " CNAME a.contoso.com.\n",
		one + " CNAME dkim.other.example.\ndkim.other.example. CNAME dkim.other.example.\n" + two + " CNAME dkim.other.example.\n",
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+zone)
		for _, code := range []string{"dkim.selector1", "dkim.selector2"} {
			if s := stepOf(p.plan, code); s.Type != "CNAME" || !strings.Contains(s.Text, "Microsoft assigns the target") {
				t.Errorf("%s: %s: %+v", zone, code, s)
			}
		}
	}
}

// The autodiscover record that has the domain twice is deleted as the right one is
// published; one of somebody else's stays.
func TestPlanMovesDoubledAutodiscover(t *testing.T) {
	t.Parallel()
	const twice, once = "autodiscover.contoso.com.contoso.com.", "autodiscover.contoso.com."
	for _, c := range []struct {
		zone            string
		deletes, writes bool
	}{
		{twice + " CNAME autodiscover.outlook.com.\n", true, true},
		{twice + " CNAME autodiscover.office365.us.\n", true, true},
		{twice + " CNAME web.example.\n", false, true},
		{twice + " A 198.51.100.4\n", false, true},
		{"*.contoso.com. CNAME autodiscover.outlook.com.\n", false, false},
		{twice + " CNAME autodiscover.outlook.com.\n" + once + " CNAME autodiscover.outlook.com.\n", false, false},
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+goodKeys+tenantKeys+c.zone) // p=none is left to decide
		deletes, writes := false, false
		for _, s := range p.plan.Steps {
			deletes = deletes || s.Name == twice && s.HasValues() && len(s.Published()) == 0
			writes = writes || s.Name == once && slices.Equal(s.Published(), []string{"autodiscover.outlook.com."})
		}
		if deletes != c.deletes || writes != c.writes {
			t.Errorf("%s: deletes %v, writes %v: %+v", c.zone, deletes, writes, p.plan)
		}
	}
}

// A copy of Microsoft's key that is marked as a test is replaced; what is said against
// the copy alone is not a second problem.
func TestCopiedKeyIsOneProblem(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]bool{
		"v=DKIM1; k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=": false, // Microsoft's
		"v=DKIM1; k=ed25519; t=y; p=Ebs+f3eKYPJ3jwh7jVH4jOd7d5Z7e3Hpl9ePoC2JzGQ=": true,  // somebody's
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", orderZone+ourMX+ourSPF+someDMARC+tenantKeys+
			"selector2._domainkey.contoso.com. CNAME selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com.\n"+
			"selector1._domainkey.contoso.com. TXT \""+text+"\"\n")
		p := planFor(t, env)
		p.hold(t)
		if got := count(problems(p.findings), "dkim.key ") > 0; got != says {
			t.Errorf("%s: %v", text, problems(p.findings))
		}
	}
}
