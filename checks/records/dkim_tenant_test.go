package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// A tenant that is one slip from that of the other selector, and has no key, is named
// and corrected. Tenants that are merely different, and keys that work, are left alone.
func TestMisspelledTenant(t *testing.T) {
	t.Parallel()
	const (
		rest = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n"
		key  = " TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		old  = ".onmicrosoft.com"
		dane = ".n-v1.dkim.mail.microsoft"
	)
	for _, c := range []struct {
		tenant, other, zone, otherZone string
		key, corrected                 bool
	}{
		{"contosoltd", "contosltd", old, old, false, true}, {"contosoltd", "contosotld", old, old, false, true},
		{"contosoltd", "contosoltdd", dane, dane, false, true}, {"contosoltd", "contozoltd", dane, dane, false, true},
		{"contosoltd", "contosltd", old, old, true, false}, // it has a key
		{"contosoltd", "fabrikam", old, old, false, false},
		{"contoso1", "contoso2", old, old, false, false}, // tenants are numbered
		{"contosoltd", "contosoltd", dane, ".o-v1.dkim.mail.microsoft", false, false},
		{"contosoltd", "contosoltd", dane, old, false, false},
	} {
		for _, n := range []string{"1", "2"} {
			one, two := "selector"+n, "selector"+map[string]string{"1": "2", "2": "1"}[n]
			good, bad := one+"-contoso-com._domainkey."+c.tenant+c.zone, two+"-contoso-com._domainkey."+c.other+c.otherZone
			zone := rest + one + "._domainkey.contoso.com CNAME " + good + ".\n" + good + key + two + "._domainkey.contoso.com CNAME " + bad + ".\n"
			if c.key {
				zone += bad + key
			}
			env, _ := mailEnv(t, "contoso.com", zone)
			fs := kit.Gather(t.Context(), env, DKIM)
			i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "dkim.tenant" })
			if i < 0 {
				t.Errorf("%s, %s: %v", good, bad, fs)
				continue
			}
			edits := fs[i].Fix.Edits
			if named := strings.Contains(fs[i].Summary, "misspel"); named != (c.corrected || c.key) {
				t.Errorf("%s, %s: %q", good, bad, fs[i].Summary)
			}
			if (len(edits) > 0) != c.corrected || c.corrected && (edits[0].Old != bad+"." || edits[0].New != two+good[len(one):]+".") {
				t.Errorf("%s, %s: %+v", good, bad, edits)
			}
		}
	}
}
