package records

import (
	"testing"

	"maildiag/report"
)

// An alias at a common selector that leads to no key is told: with the record that
// corrects it where the target without the appended zone has a key, as a warning
// where something shows that a service signs with it, and else as information.
func TestDanglingSelectors(t *testing.T) {
	const (
		signer = "s1.domainkey.u1.wl.sendgrid.net"
		second = "s2.domainkey.u1.wl.sendgrid.net"
		other  = "spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\nsendgrid.net TXT v=spf1 ip4:192.0.2.0/24 -all\n"
		known  = microsoftMX + other + "contoso.com TXT v=spf1 include:spf.protection.outlook.com include:sendgrid.net -all\n"
		plain  = microsoftMX + other + "contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n"
		away   = "contoso.com MX 10 mx.hoster.example.\n" + other + "contoso.com TXT v=spf1 include:sendgrid.net -all\n"
	)
	key := func(name string) string { return name + " TXT " + testKey(name, 2048) + "\n" }
	alias := func(selector, target string) string {
		return selector + "._domainkey.contoso.com CNAME " + target + ".\n"
	}
	for name, c := range map[string]struct {
		zone  string
		want  report.Status
		edits int // of the change; else it is a decision
	}{
		"zone appended":                      {plain + alias("s1", signer+".contoso.com") + key(signer), report.Warn, 1},
		"zone appended, second":              {plain + alias("s1", signer) + key(signer) + alias("s2", second+".contoso.com") + key(second), report.Warn, 1},
		"zone appended, mailbox provider":    {plain + alias("google", "key.google.example.contoso.com") + key("key.google.example"), report.Warn, 1},
		"zone appended, no key":              {plain + alias("k1", signer+".contoso.com"), report.Warn, 0},
		"zone appended, revoked key":         {plain + alias("k1", signer+".contoso.com") + signer + " TXT v=DKIM1; p=\n", report.Warn, 0},
		"zone appended, not on Microsoft":    {away + alias("s1", signer+".contoso.com") + key(signer), report.Warn, 1},
		"in SPF":                             {known + alias("s1", signer), report.Warn, 0},
		"in SPF, text that is no key":        {known + alias("s1", signer) + signer + " TXT hello\n", report.Warn, 0},
		"in SPF, not on Microsoft":           {away + alias("s1", signer), report.Warn, 0},
		"the other one works":                {plain + alias("s1", signer) + key(signer) + alias("s2", second), report.Warn, 0},
		"nothing shows a use":                {plain + alias("s1", signer), report.Info, 0},
		"another service in SPF":             {known + alias("k1", "dkim.mcsv.net") + "mcsv.net A 192.0.2.1\n", report.Info, 0},
		"a domain that is free":              {plain + alias("google", "google.dkim.gonesvc.com"), report.Warn, 0},
		"a free domain at the end":           {plain + alias("k1", "k.live.net") + "k.live.net CNAME key.gonesvc.co.uk.\n", report.Warn, 0},
		"below a free domain, not on M365":   {away + alias("k1", "gonesvc.com"), report.Warn, 0},
		"a name that nobody sells":           {plain + alias("k1", "key.corp.internal"), report.Info, 0},
		"the domain does not answer":         {plain + alias("k1", "key.gonesvc.com") + "gonesvc.com SERVFAIL\n", report.Info, 0},
		"the domain exists":                  {plain + alias("k1", "key.live.net") + "live.net A 192.0.2.1\n", report.Info, 0},
		"own zone":                           {plain + alias("mail", "key.contoso.com"), report.Info, 0},
		"a key":                              {known + alias("s1", signer) + key(signer), report.Unset, 0},
		"revoked key":                        {known + alias("s1", signer) + signer + " TXT v=DKIM1; p=\n", report.Unset, 0},
		"does not answer":                    {known + alias("s1", signer) + "s1._domainkey.contoso.com SERVFAIL\n", report.Unset, 0},
		"no alias":                           {known, report.Unset, 0},
		"Microsoft's own selectors":          {known + alias("selector1", "selector1-contoso-com._domainkey.t.onmicrosoft.com.contoso.com"), report.Unset, 0},
		"a wildcard alias":                   {known + "*._domainkey.contoso.com CNAME " + signer + ".\n", report.Unset, 0},
		"a wildcard alias with a zone added": {known + "*._domainkey.contoso.com CNAME " + signer + ".contoso.com.\n" + key(signer), report.Unset, 0},
	} {
		x := find(found(t, c.zone, DKIM, nil), "dkim.dangling")
		if x.Status != c.want {
			t.Errorf("%s: %v, want %v", name, x.Status, c.want)
			continue
		}
		if x.Status == report.Unset {
			continue
		}
		if len(x.Fix.Edits) != c.edits || (c.edits == 0) != (len(x.Fix.Alternatives) == 2) {
			t.Errorf("%s: %+v", name, x.Fix)
		}
	}
}

// The name of a key that stands in a TXT record at a common selector becomes an alias,
// if the key is there.
func TestSelectorsAsText(t *testing.T) {
	const (
		target = "dkim.vendor.example"
		plain  = microsoftMX + "spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\ncontoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n"
	)
	key := target + " TXT " + testKey(target, 2048) + "\n"
	for zone, want := range map[string]report.Status{
		plain + key + "k1._domainkey.contoso.com TXT " + target + "\n":            report.Warn,
		plain + key + "k1._domainkey.contoso.com TXT " + target + ".\n":           report.Warn,
		plain + "k1._domainkey.contoso.com TXT " + target + "\n":                  report.Unset,
		plain + key + "k1._domainkey.contoso.com TXT hello\n":                     report.Unset,
		plain + key + "k1._domainkey.contoso.com CNAME " + target + ".\n":         report.Unset,
		plain + key + "*._domainkey.contoso.com TXT " + target + "\n":             report.Unset,
		plain + key + "k1._domainkey.contoso.com TXT v=DKIM1; n=" + target + "\n": report.Unset,
	} {
		x := find(found(t, zone, DKIM, nil), "dkim.as-txt")
		if x.Status != want || want != report.Unset && len(x.Fix.Edits) != 2 {
			t.Errorf("%q: %v, want %v", zone, x.Status, want)
		}
	}
}
