package records

import (
	"context"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
)

// Tests of the rows of issue 16, by number.

// Row 2: a host with private addresses alone is out of reach whatever else is
// wrong with its name.
func TestRow02_Unreachable(t *testing.T) {
	for name, c := range map[string]struct {
		zone string
		want []string
	}{
		"alias":      {"contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. CNAME in.contoso.com.\nin.contoso.com. A 10.0.0.1", []string{"mx.unreachable fail"}},
		"underscore": {"contoso.com. MX 10 mail_in.contoso.com.\nmail_in.contoso.com. A 100.64.0.9", []string{"mx.unreachable fail"}},
		"both":       {"contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 127.0.0.1\nmail.contoso.com. AAAA ::1", []string{"mx.unreachable fail"}},
		"one of two": {"contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 127.0.0.1\nmail.contoso.com. AAAA 2001:db8::1", nil},
		"two hosts":  {"contoso.com. MX 10 a.contoso.com.\ncontoso.com. MX 20 b.contoso.com.\na.contoso.com. A 0.0.0.0\nb.contoso.com. A 169.254.0.1", []string{"mx.unreachable fail", "mx.unreachable fail"}},
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", c.zone)
		if got := kittest.Verdicts(kit.Gather(t.Context(), env, MX), false); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Row 12: a resolver, or a wildcard, that answers the same key for every name
// has published nothing with the domain appended twice.
func TestRow12_KeyEverywhere(t *testing.T) {
	key := "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
	for name, liesAt := range map[string]func(string) bool{
		"every _domainkey":  func(n string) bool { return strings.Contains(n, "._domainkey.") },
		"below the doubled": func(n string) bool { return strings.HasSuffix(n, "._domainkey.contoso.com.contoso.com") },
		"every name":        func(n string) bool { return strings.HasSuffix(n, "contoso.com") && n != "contoso.com" },
		"all but the selectors": func(n string) bool {
			return strings.Contains(n, "._domainkey.") && !strings.HasPrefix(n, "selector") || strings.Contains(n, "contoso.com.contoso.com")
		},
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com. A 192.0.2.1\ncontoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"")
		next := env.DNS
		env.DNS = kit.ResolverFunc(func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
			if host := strings.TrimSuffix(q.Name, "."); q.Type == dnsrec.TypeTXT && liesAt(host) {
				return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: []string{key}, Server: "192.0.2.53:53/udp"}, nil
			}
			return next.Lookup(ctx, q)
		})
		for _, v := range kittest.Verdicts(kit.Gather(t.Context(), env, DKIM), true) {
			if strings.HasPrefix(v, "dkim.suffix") {
				t.Errorf("%s: %s", name, v)
			}
		}
	}
	env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com. A 192.0.2.1\n"+
		"selector1._domainkey.contoso.com.contoso.com. TXT \""+key+"\"")
	if got := kittest.Verdicts(kit.Gather(t.Context(), env, DKIM), false); !slices.ContainsFunc(got, func(v string) bool { return strings.HasPrefix(v, "dkim.suffix") }) {
		t.Errorf("a doubled domain is no longer found: %q", got)
	}
}
