package kit_test

import (
	"slices"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
)

func TestProfile(t *testing.T) {
	const target = "spf.protection.outlook.com. TXT \"v=spf1 ip4:40.92.0.0/15 -all\"\n"
	tests := []struct {
		name, domain, zone string
		expect             kit.Expectation
		microsoft          bool
		cloud              string
		signs              []string
	}{
		{"nothing", "contoso.com", "contoso.com. A 192.0.2.1\n", "", false, "", nil},
		{"MS= proves ownership, not use", "contoso.com", "contoso.com. TXT \"MS=ms12345678\"\n", "", false, "", nil},
		{"MX", "contoso.com", "contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.\n", "", true, "worldwide", []string{"MX"}},
		{"retired MX", "contoso.com", "contoso.com. MX 0 contoso-com.mail.eo.outlook.com.\n", "", true, "worldwide", []string{"MX"}},
		{"SPF", "contoso.com", "contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n" + target, "", true, "worldwide", []string{"SPF"}},
		{"SPF in China", "contoso.cn", "contoso.cn. TXT \"v=spf1 include:spf.protection.partner.outlook.cn -all\"\n", "", true, "china", []string{"SPF"}},
		{"SPF by a redirect to a record of its own", "contoso.com", "contoso.com. TXT \"v=spf1 redirect=_spf.contoso.com\"\n_spf.contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n" + target, "", true, "worldwide", []string{"SPF"}},
		{"what a provider includes is no sign", "contoso.com", "contoso.com. TXT \"v=spf1 include:_spf.host.example -all\"\n_spf.host.example. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n" + target, "", false, "", nil},
		{"DKIM", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\nselector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft.\n", "", true, "worldwide", []string{"DKIM"}},
		{"autodiscover", "contoso.com", "contoso.com. A 192.0.2.1\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\n", "", true, "worldwide", []string{"autodiscover"}},
		{"misspelled MX", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlok.com.\n", "", true, "worldwide", []string{"MX"}},
		{"alias of its own", "contoso.com", "contoso.com. MX 0 mail.contoso.com.\nmail.contoso.com. CNAME contoso-com.mail.protection.outlook.com.\n", "", true, "worldwide", []string{"MX"}},
		{"misspelled DKIM", "contoso.com", "contoso.com. MX 10 mail.example.\nselector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.contoso.onmicrosft.com.\n", "", true, "worldwide", []string{"DKIM"}},
		{"misspelled autodiscover", "contoso.com", "contoso.com. MX 10 mail.example.\nautodiscover.contoso.com. CNAME autodiscover.outlok.com.\n", "", true, "worldwide", []string{"autodiscover"}},
		{"autodiscover by SRV", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 192.0.2.1\n_autodiscover._tcp.contoso.com. SRV 0 0 443 autodiscover.outlook.com.\n", "", true, "worldwide", []string{"autodiscover"}},
		{"DoD by autodiscover", "contoso.mil", "contoso.mil. MX 0 t.mail.protection.office365.us.\nautodiscover.contoso.mil. CNAME autodiscover-dod.office365.us.\n", "", true, "dod", []string{"MX"}},
		{"GCC High", "contoso.us", "contoso.us. MX 0 t.mail.protection.office365.us.\nautodiscover.contoso.us. CNAME autodiscover.office365.us.\n", "", true, "gcc-high", []string{"MX"}},
		{"expected", "contoso.com", "contoso.com. A 192.0.2.1\n", kit.ExpectM365, true, "worldwide", nil},
		{"any will do", "contoso.com", "contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.\n", kit.ExpectAny, false, "", []string{"MX"}},
		{"initial domain", "contoso.onmicrosoft.com", "contoso.onmicrosoft.com. A 192.0.2.1\n", "", true, "worldwide", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env, _ := kittest.NewEnv(t, tt.domain, tt.zone)
			if tt.expect != "" {
				env.Expect = tt.expect
			}
			p := profileOf(t, env)
			cloud := ""
			if p.Cloud != nil {
				cloud = p.Cloud.ID
			}
			if p.Microsoft != tt.microsoft || cloud != tt.cloud || !slices.Equal(p.Signs, tt.signs) {
				t.Errorf("microsoft %v, cloud %q, signs %v; want %v, %q, %v", p.Microsoft, cloud, p.Signs, tt.microsoft, tt.cloud, tt.signs)
			}
		})
	}
}

func profileOf(t *testing.T, env *kit.Env) kit.Profile {
	return kit.Gather(t.Context(), env, func(k *kit.Known) kit.Profile {
		p, _ := k.Profile()
		return p
	})
}

// A domain is only parked by its own word, not while its MX is unknown.
func TestNotParkedWhileMXIsUnknown(t *testing.T) {
	env, srv := kittest.NewEnv(t, "contoso.com", `contoso.com. TXT "v=spf1 -all"`)
	srv.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	if profileOf(t, env).Parked {
		t.Error("parked, though the MX records are not known")
	}
}
