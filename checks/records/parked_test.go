package records

import (
	"slices"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// A domain whose records say that it sends nothing may sign mail all the same, if it has
// a key: what parks it for good is then a question.
func TestParkedDomainsWithKeysAreAsked(t *testing.T) {
	t.Parallel()
	const key, revoked = "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL0Mk4", "v=DKIM1; p="
	at := func(selector, text string) string { return selector + "._domainkey.contoso.com TXT " + text + "\n" }
	keys := map[string]struct {
		zone string
		live bool
	}{
		"none":             {"", false},
		"s1":               {at("s1", key), true},
		"default":          {at("default", key), true},
		"google":           {at("google", key), true},
		"Microsoft's":      {"selector1._domainkey.contoso.com CNAME selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft.\nselector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft TXT " + key + "\n", true},
		"revoked":          {at("s1", revoked), false},
		"not enabled":      {"selector1._domainkey.contoso.com CNAME selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft.\nmicrosoft TXT x\n", false},
		"wildcard revoked": {at("*", revoked), false},
	}
	for name, k := range keys {
		for _, mx := range []string{"", "contoso.com MX 0 .\n"} {
			for _, dmarc := range []string{"", "v=DMARC1; p=none", "v=DMARC1; p=quarantine; pct=10", "v=DMARC1; p=quarantine; t=y; rua=mailto:a@contoso.com", "v=DMARC1; p=reject"} {
				world := "contoso.com TXT v=spf1 -all\n" + k.zone + mx
				if dmarc != "" {
					world += "_dmarc.contoso.com TXT " + dmarc + "\n"
				}
				env, _ := mailEnv(t, "contoso.com", world)
				var facts, asked []string
				for _, f := range slices.Concat(kit.Gather(t.Context(), env, MX), kit.Gather(t.Context(), env, DKIM), kit.Gather(t.Context(), env, DMARC)) {
					parks := f.Fix != nil && slices.ContainsFunc(f.Fix.Edits, func(e report.Edit) bool {
						return e.New == "0 ." || e.New == "p=reject" || e.New == "v=DMARC1; p=reject"
					})
					switch {
					case parks:
						facts = append(facts, f.Code)
					case f.Fix != nil && len(f.Fix.Alternatives) > 0 && f.Status > report.Pass:
						asked = append(asked, f.Code)
					}
				}
				if k.live && (len(facts) > 0 || !slices.Contains(asked, "dkim.parked")) || !k.live && dmarc != "v=DMARC1; p=reject" && len(facts) == 0 {
					t.Errorf("keys %s, MX %q, DMARC %q: facts %v, asked %v", name, mx, dmarc, facts, asked)
				}
			}
		}
	}
}
