package kit_test

import (
	"errors"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// Names of records and of Microsoft's hosts are not mail domains, however they are
// typed; the hint is a domain only where one is known.
func TestNotMailDomains(t *testing.T) {
	const record, host, other = "name of a record", "host of Microsoft 365", "not a domain name"
	for _, tc := range []struct{ name, reason, hint string }{
		{"_dmarc.contoso.com", record, "maildiag contoso.com"},
		{" https://_DMARC.Contoso.com./x", record, "maildiag contoso.com"},
		{"dmarc@_dmarc.contoso.com", record, "maildiag contoso.com"},
		{"selector1._domainkey.contoso.com", record, "maildiag contoso.com"},
		{"_domainkey.sub.contoso.com", record, "maildiag sub.contoso.com"},
		{"_smtp._tls.contoso.com", record, "maildiag contoso.com"},
		{"_25._tcp.mail.contoso.com", record, "maildiag mail.contoso.com"},
		{"contoso.com._report._dmarc.fabrikam.com", record, "maildiag fabrikam.com"},
		{"_never.seen.before.contoso.com", record, "maildiag seen.before.contoso.com"},
		{"_dmarc.münchen.example", record, "maildiag xn--mnchen-3ya.example"},
		{"selector1-contoso-com._domainkey.contoso.onmicrosoft.com", record, "maildiag contoso.onmicrosoft.com"},
		{"selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft", record, ""},
		{"_dmarc.smtp.office365.com", record, ""},
		{"_dmarc.com", record, ""},
		{"_dmarc", record, ""},
		{"smtp.office365.com", host, "maildiag smtp smtp.office365.com"},
		{"smtp.office365.us", host, "maildiag smtp smtp.office365.us"},
		{"smtp.partner.outlook.cn", host, "maildiag smtp smtp.partner.outlook.cn"},
		{"contoso-com.mail.protection.outlook.com", host, "contoso-com.mail.protection.outlook.com:25"},
		{"contoso-com.e-v1.mx.microsoft", host, ":25"},
		{"Autodiscover.Outlook.com.", host, ""},
		{"contoso.mail.eo.outlook.com", host, ""},
		{"enterpriseregistration.windows.net", host, ""},
		{"a b.com", other, "contoso.com"},
	} {
		ascii, _, err := kit.MailDomain(tc.name)
		e, ok := errors.AsType[*dnsrec.NameError](err)
		if !ok || ascii != "" || !strings.Contains(e.Text(), tc.reason) || !strings.Contains(e.Hint, tc.hint) ||
			tc.hint == "" && strings.Contains(e.Hint, "maildiag") {
			t.Errorf("%s: %q, %v", tc.name, ascii, err)
		}
	}
	for _, name := range []string{
		"contoso.com", "outlook.com", "hotmail.com", "microsoft.com", "office365.com", "contoso.onmicrosoft.com", "contoso.mail.onmicrosoft.com",
		"contoso.onmicrosoft.us", "contoso.partner.onmschina.cn", "co.uk", "notoutlook.com", "outlook.com.example", "user@sub.contoso.com",
		"autodiscover.contoso.com", "con_toso.example",
	} {
		if ascii, _, err := kit.MailDomain(name); err != nil || ascii == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Hosts and names such as _spf publish SPF; the names of other records do not.
func TestSPFDomain(t *testing.T) {
	for name, ok := range map[string]bool{
		"contoso.com": true, "_spf.contoso.com": true, "_netblocks.google.example": true, "spf.protection.outlook.com": true, "a._spf.contoso.com": true,
		"_dmarc.contoso.com": false, "selector1._domainkey.contoso.com": false, "_smtp._tls.contoso.com": false, "_mta-sts.contoso.com": false,
		"a b": false,
	} {
		if ascii, _, err := kit.SPFDomain(name); (err == nil) != ok || ok && ascii != name {
			t.Errorf("%s: %q, %v", name, ascii, err)
		}
	}
}
