package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// A selector that is an alias for the key of somebody else is none of Microsoft's:
// with it, Microsoft 365 does not sign, whatever receivers find there. Behind a
// filter, that service may sign all mail.
func TestSelectorElsewhere(t *testing.T) {
	const (
		mx   = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\n"
		back = "contoso.com MX 10 mx.filter.example.\n"
		key  = " TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		rest = "contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\nautodiscover.contoso.com CNAME autodiscover.outlook.com.\n"
	)
	half := map[byte]func(n string) string{
		'm': func(n string) string {
			target := "selector" + n + "-contoso-com._domainkey.ctenant.onmicrosoft.com"
			return "selector" + n + "._domainkey.contoso.com CNAME " + target + ".\n" + target + key
		},
		'e': func(n string) string { // a target without a key
			return "selector" + n + "._domainkey.contoso.com CNAME selector" + n + "-contoso-com._domainkey.ctenant.onmicrosoft.com.\n"
		},
		'o': func(n string) string { // another signer
			return "selector" + n + "._domainkey.contoso.com CNAME s" + n + ".domainkey.u1.sender.example.\ns" + n + ".domainkey.u1.sender.example" + key
		},
		'-': func(string) string { return "" },
	}
	for pair, want := range map[string]report.Status{
		"mm": report.Pass, "me": report.Pass, "mo": report.Warn, "om": report.Warn, "oo": report.Warn, "oe": report.Warn, "eo": report.Warn,
		"o-": report.Warn, "-o": report.Warn, "--": report.Fail, "ee": report.Fail, "m-": report.Warn,
	} {
		zone := rest + half[pair[0]]("1") + half[pair[1]]("2")
		for _, front := range []string{mx, back} {
			env, _ := mailEnv(t, "contoso.com", front+zone)
			worst := report.Pass
			for _, f := range kit.Gather(t.Context(), env, DKIM) {
				if f.Status == report.Warn || f.Status == report.Fail {
					worst = max(worst, f.Status)
				}
				if pair == "oo" && front == mx && f.Code == "dkim.selector1" && (f.Fix == nil || len(f.Fix.Alternatives) != 2) {
					t.Errorf("%s: no decision: %+v", pair, f.Fix)
				}
			}
			expected := want
			if front == back && strings.Trim(pair, "mo") == "" {
				expected = report.Pass // the filter may sign
			}
			if front == mx && worst != expected || front == back && (worst == report.Pass) != (expected == report.Pass) {
				t.Errorf("%s behind %q: %v, want %v", pair, strings.Fields(front)[3], worst, expected)
			}
		}
	}
}
