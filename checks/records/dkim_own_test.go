package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// What stands at a selector is judged by the key that Microsoft holds for it: what
// fails today fails, what may fail today says so, and only what cannot fail before the
// next key rotation says that.
func TestSelectorAgainstMicrosoftsKey(t *testing.T) {
	t.Parallel()
	const (
		rest  = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n"
		mine  = " TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		same  = " TXT k=ed25519; h=sha256; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
		alien = " TXT v=DKIM1; k=ed25519; p=/Xmc6ldrmNFXqAPCcWXwZ7+mh2CnHWYIyvGwuGTuDzY=\n"
		one   = "selector1._domainkey.contoso.com CNAME selector1-contoso-com._domainkey.ctenant.n-v1.dkim.mail.microsoft.\n"
		at1   = "selector1-contoso-com._domainkey.ctenant.n-v1.dkim.mail.microsoft"
		at2   = "selector2-contoso-com._domainkey.ctenant.n-v1.dkim.mail.microsoft"
		two   = "selector2._domainkey.contoso.com"
	)
	elsewhere := two + " CNAME s2.sender.example.\ns2.sender.example" + alien
	damaged := two + " CNAME selector2-contoso-com._domainkey.\n"
	otherDomain := two + " CNAME selector2-fabrikam-com._domainkey.ctenant.n-v1.dkim.mail.microsoft.\n"
	for _, c := range []struct {
		name, zone string
		want       report.Status
		says       string // in the summary
		decides    bool
	}{
		{"a copy", one + at1 + mine + two + same + at2 + mine, report.Warn, "a copy of Microsoft's key", false},
		{"a copy, none at the other", one + two + same + at2 + mine, report.Warn, "a copy of Microsoft's key", false},
		{"another key", one + at1 + mine + two + alien + at2 + mine, report.Warn, "today if it signs with", true},
		{"another key, none at the other", one + two + alien + at2 + mine, report.Fail, "its signatures fail", true},
		{"another key, revoked at the other", one + at1 + " TXT v=DKIM1; p=\n" + two + alien + at2 + mine, report.Fail, "its signatures fail", true},
		{"another key, none at Microsoft", one + at1 + mine + two + alien, report.Warn, "at the next key rotation", true},
		{"another key, a revoked one at Microsoft", one + at1 + mine + two + alien + at2 + " TXT v=DKIM1; p=\n", report.Warn, "at the next key rotation", true},
		{"another key, Microsoft's not known", two + alien, report.Warn, "needs a CNAME", true},
		{"another key, no answer of Microsoft", one + at1 + mine + two + alien, report.Warn, "needs a CNAME", true},
		{"missing", one + at1 + mine, report.Warn, "breaks at the next key rotation", false},
		{"missing, a key at Microsoft", one + at1 + mine + at2 + mine, report.Warn, "today or after the next", false},
		{"missing, the only key at Microsoft", one + at2 + mine, report.Fail, "none for selector1", false},
		{"missing, no key at all", one, report.Warn, "cannot be enabled", false},
		{"elsewhere", one + at1 + mine + elsewhere, report.Warn, "breaks at the next key rotation", true},
		{"elsewhere, a key at Microsoft", one + at1 + mine + elsewhere + at2 + mine, report.Warn, "today or after the next", true},
		{"damaged, the only key at Microsoft", one + damaged + at2 + mine, report.Fail, "not valid", false},
		{"damaged", one + at1 + mine + damaged, report.Warn, "not valid", false},
	} {
		env, srv := mailEnv(t, "contoso.com", rest+c.zone)
		if strings.HasSuffix(c.name, "no answer of Microsoft") {
			srv.Fault(at2, "", dnstest.Fault{Rcode: "SERVFAIL"})
		}
		fs := kit.Gather(t.Context(), env, DKIM)
		i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "dkim.selector2" })
		if i < 0 {
			t.Errorf("%s: %v", c.name, fs)
			continue
		}
		f := fs[i]
		if f.Status != c.want || !strings.Contains(f.Summary, c.says) || f.Fix == nil || (len(f.Fix.Alternatives) > 0) != c.decides {
			t.Errorf("%s: got %v %q, decides %v; want %v %q, %v", c.name, f.Status, f.Summary, len(f.Fix.Alternatives) > 0, c.want, c.says, c.decides)
		}
		published := strings.Contains(c.zone, at2+mine)
		for _, o := range fs {
			if o.Code == "dkim.enabled" && o.Status == report.Fail && published {
				t.Errorf("%s: %q, although Microsoft has a key", c.name, o.Summary)
			}
		}
	}
	env, _ := mailEnv(t, "contoso.com", rest+one+at1+mine+otherDomain+at2+mine)
	if fs := kit.Gather(t.Context(), env, DKIM); !slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Code == "dkim.token" && f.Status == report.Warn }) {
		t.Errorf("the key of another domain: %v", fs)
	}
}
