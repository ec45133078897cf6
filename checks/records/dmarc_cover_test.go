package records

import (
	"strings"
	"testing"

	"maildiag/report"
)

// A policy in force is a failure where mail from Microsoft 365 passes neither SPF
// nor DKIM, and a question where a key stands at its selectors that may be somebody
// else's, or where the mail may leave through another service.
func TestPolicyOverMailOfMicrosoft(t *testing.T) {
	const (
		own     = "selector1-contoso-com._domainkey.tenant.onmicrosoft.com."
		foreign = "s1.domainkey.u1.sender.example."
		lacking = microsoftMX + "contoso.com TXT v=spf1 ip4:192.0.2.7 -all\n"
		dead    = microsoftMX + "contoso.com TXT v=spf1 include:gone.example include:spf.protection.outlook.com -all\n"
		gateway = microsoftMX + "contoso.com TXT v=spf1 include:eu._netblocks.mimecast.com -all\neu._netblocks.mimecast.com TXT v=spf1 ip4:192.0.2.0/24 -all\n"
	)
	key := func(name string) string { return name + " TXT " + testKey("selector1", 2048) + "\n" }
	at := func(selector string) string { return selector + "._domainkey.contoso.com" }
	alias := func(selector, target string) string { return at(selector) + " CNAME " + target + "\n" }
	ofOther := "selector1-fabrikam-com._domainkey.tenant.onmicrosoft.com."
	none := report.Unset
	for name, c := range map[string]struct {
		zone string
		want report.Status
	}{
		"no key":                          {lacking, report.Fail},
		"no key, dead include":            {dead, report.Fail},
		"Microsoft's key":                 {lacking + alias("selector1", own) + key(own), none},
		"Microsoft's key at the second":   {dead + alias("selector2", strings.Replace(own, "selector1", "selector2", 1)) + key(strings.Replace(own, "selector1", "selector2", 1)), none},
		"new form":                        {lacking + alias("selector1", "selector1-contoso-com._domainkey.tenant.n-v1.dkim.mail.microsoft.") + key("selector1-contoso-com._domainkey.tenant.n-v1.dkim.mail.microsoft."), none},
		"not enabled":                     {lacking + alias("selector1", own), report.Fail},
		"revoked by Microsoft":            {lacking + alias("selector1", own) + own + " TXT v=DKIM1; k=rsa; p=\n", report.Fail},
		"the other number's key":          {lacking + alias("selector2", own) + key(own), report.Fail},
		"another domain's key":            {lacking + alias("selector1", ofOther) + key(ofOther), report.Warn},
		"a key in a TXT record":           {lacking + key(at("selector1")), report.Warn},
		"a key in a TXT record, second":   {lacking + key(at("selector2")), report.Warn},
		"TXT key, dead include":           {dead + key(at("selector1")), report.Warn},
		"revoked TXT key":                 {lacking + at("selector1") + " TXT v=DKIM1; p=\n", report.Fail},
		"unusable TXT key":                {lacking + at("selector1") + " TXT v=DKIM1; k=rsa; p=!!!!\n", report.Fail},
		"the target as TXT":               {lacking + at("selector1") + " TXT " + own + "\n", report.Fail},
		"text that is no key":             {lacking + at("selector1") + " TXT hello\n", report.Fail},
		"another signer":                  {lacking + alias("selector1", foreign) + key(foreign), report.Warn},
		"other signers at both":           {lacking + alias("selector1", foreign) + alias("selector2", foreign) + key(foreign), report.Warn},
		"another signer without a key":    {lacking + alias("selector1", foreign), report.Fail},
		"another signer and Microsoft":    {lacking + alias("selector2", foreign) + key(foreign) + alias("selector1", own) + key(own), none},
		"TXT key and Microsoft":           {lacking + key(at("selector2")) + alias("selector1", own) + key(own), none},
		"a wildcard key":                  {lacking + key("*._domainkey.contoso.com"), report.Fail},
		"selector2 does not answer":       {lacking + at("selector2") + " SERVFAIL\n", none},
		"selector2 silent, TXT key":       {lacking + key(at("selector1")) + at("selector2") + " SERVFAIL\n", none},
		"gateway in SPF":                  {gateway, report.Warn},
		"gateway in SPF, Microsoft signs": {gateway + alias("selector1", own) + key(own), none},
		"SPF lets everyone send":          {microsoftMX + "contoso.com TXT v=spf1 +all\n", none},
		"SPF passes":                      {microsoftMX + goodSPF, none},
	} {
		policies := []string{"p=reject", "p=quarantine", "p=reject; t=y", "p=quarantine; t=y", "p=quarantine; pct=0", "p=none", "p=none; sp=reject"}
		for _, policy := range []string{"p=reject", policies[len(name)%len(policies)]} {
			want := c.want
			if strings.HasPrefix(policy, "p=none") {
				want = none
			}
			fs := found(t, c.zone+"_dmarc.contoso.com TXT v=DMARC1; "+policy+"; rua=mailto:d@contoso.com\n", DMARC, nil)
			x := find(fs, "dmarc.m365")
			if x.Status != want {
				t.Errorf("%s, %s: %v, want %v", name, policy, x.Status, want)
			}
			if x.Status != none && len(x.Fix.Alternatives) != 2 {
				t.Errorf("%s, %s: no decision: %+v", name, policy, x.Fix)
			}
		}
	}
}
