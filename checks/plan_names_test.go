package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
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
			deletes = deletes || slices.ContainsFunc(s.Sets, func(o report.Set) bool { return o.Name == twice && len(o.Keep)+len(o.Add) == 0 })
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

// Where a chain of aliases ends in Microsoft's key for the selector, it works, through
// whatever names it leads.
func TestChainsToMicrosoftKeys(t *testing.T) {
	t.Parallel()
	const one, two = "selector1-contoso-com._domainkey.fabrikam.onmicrosoft.com.", "selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com."
	for zone, want := range map[string]string{
		"ms1.dkim.contoso.com. CNAME " + one:                                                      "",
		"ms1.dkim.contoso.com. CNAME a.vendor.example.\na.vendor.example. CNAME " + one:           "",
		"ms1.dkim.contoso.com. CNAME " + two:                                                      "dkim.selector1", // the key of the other
		"ms1.dkim.contoso.com. CNAME key.example.":                                                "dkim.selector1",
		"ms1.dkim.contoso.com. CNAME nowhere.example.":                                            "dkim.selector1",
		"ms1.dkim.contoso.com. CNAME selector1-fabrikam-com._domainkey.fabrikam.onmicrosoft.com.": "dkim.token",
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+tenantKeys+"selector1._domainkey.contoso.com. CNAME ms1.dkim.contoso.com.\n"+
			"selector2._domainkey.contoso.com. CNAME "+two+"\n"+zone+"\n"+
			"selector1-fabrikam-com._domainkey.fabrikam.onmicrosoft.com. "+someKey)
		for _, code := range []string{"dkim.selector1", "dkim.token"} {
			if got := count(problems(p.findings), code+" "); (got > 0) != (code == want) {
				t.Errorf("%s: %v", zone, problems(p.findings))
			}
		}
		for _, s := range p.plan.Steps {
			if s.Type == "CNAME" && s.HasValues() && s.Name == "selector1._domainkey.contoso.com." && !slices.Equal(s.Remove, []string{"ms1.dkim.contoso.com."}) {
				t.Errorf("%s: %+v", zone, s)
			}
		}
	}
}

// A key that nobody may use, at a selector that was guessed, is deleted if no service
// signs with it any more.
func TestUselessKeysMayGo(t *testing.T) {
	t.Parallel()
	const short = "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL3vdJCfrX1XPRzpHfJ9EBUpoz/QydtnHo1RtN9jz1RRwEJppgEPDq1yq9TRggwnoxga8qBZJi/4qQdiPTPD6SsCAwEAAQ=="
	for name, asks := range map[string]bool{"default": true, "mail": true, "k1": true, "selector1": false} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+tenantKeys+"selector2._domainkey.contoso.com. CNAME selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com.\n"+
			name+"._domainkey.contoso.com. TXT \""+short+"\"\n")
		s := stepOf(p.plan, "dkim.key")
		if deletes := len(s.Alternatives) > 0 && slices.Equal(s.Alternatives[0].Removed(), []string{short}); deletes != asks {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// Nobody can register a name that is none.
func TestNobodyRegistersWhatIsNoName(t *testing.T) {
	t.Parallel()
	for term, free := range map[string]bool{
		"include:spf.vendorgone.com":                             true,
		"include:spf.protection.outlook.cominclude:sendgrid.net": false,
		"include:spf.vendorgone.com,include:sendgrid.net":        false,
		"include:spf.vendorgone.com;":                            false,
		"a:mail.vendorgone.com":                                  true,
		"include:_spf.vendor_gone.com":                           false,
	} {
		p := orderPlan(t, ourMX+someDMARC+"com. SOA ns.com. h.com. 1 2 3 4 5\ncontoso.com. TXT \"v=spf1 "+term+" include:spf.protection.outlook.com -all\"\n")
		if got := slices.ContainsFunc(p.findings, func(f report.Finding) bool { return strings.Contains(f.Summary, "anyone who registers") }); got != free {
			t.Errorf("%s: %v, %+v", term, got, problems(p.findings))
		}
	}
}

// To have no mail, a domain says so in all its records: what one leaves open, another
// would take.
func TestNoMailClosesAllRecords(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{
		"contoso.com. TXT \"v=spf1 a mx ~all\"\n",
		"contoso.com. TXT \"v=spf1 include:live.example ?all\"\n" + someDMARC,
		"contoso.com. TXT \"v=spf1 a ~all\"\ncontoso.com. TXT \"v=spf1 mx ~all\"\n",
		"contoso.com. MX 0 .\n" + ourSPF,
		"contoso.com. MX 0 .\n" + ourSPF + someDMARC,
		"contoso.com. MX 0 .\n" + ourSPF + "_dmarc.contoso.com. TXT \"v=DMARC1; p=reject\"\n",
	} {
		p := orderPlan(t, zone)
		s := stepOf(p.plan, "mx.none")
		if s.Step == 0 {
			s = stepOf(p.plan, "mx.null")
		}
		if len(s.Alternatives) != 2 {
			t.Errorf("%s: %+v", zone, p.plan)
			continue
		}
		var changes []dnsrec.Change
		for _, o := range p.plan.Steps[:s.Step-1] {
			if o.HasValues() {
				changes = append(changes, changesOf(o)...)
			}
		}
		a := s.Alternatives[1]
		changes = append(changes, changesOf(report.Step{Name: s.Name, Type: s.Type, Keep: s.Keep, Add: a.Add, Sets: a.Sets})...)
		env := *p.env
		env.NoPlan, env.DNS = true, dnsrec.NewChanged(p.env.DNS, slices.DeleteFunc(changes, func(c dnsrec.Change) bool { return c.Name == "" })...)
		found, _ := p.examine(t, &env)
		if left := problems(found); len(left) > count(left, "dmarc.rua ") { // whose address is here
			t.Errorf("%s: %v after %+v", zone, left, a)
		}
	}
}
