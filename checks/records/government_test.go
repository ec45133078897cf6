package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// GCC High and DoD share the names of mail. What tells them apart is read from any
// record; where none does, no record is changed to the name of either.
func TestGovernmentCloudIsReadNotGuessed(t *testing.T) {
	const autodiscover, federation = "autodiscover.contoso.com CNAME ", "_sipfederationtls._tcp.contoso.com SRV 100 1 5061 "
	const high, dod, either = "Microsoft 365 GCC High", "Microsoft 365 DoD", "Microsoft 365 GCC High or DoD"
	for more, want := range map[string]string{
		"": either,
		autodiscover + "autodiscover.outlook.com":                                                          either,
		autodiscover + "mail.contoso.com":                                                                  either,
		"autodiscover.contoso.com A 192.0.2.1":                                                             either,
		federation + "sipfed.online.lync.com":                                                              either,
		autodiscover + "autodiscover.office365.us":                                                         high,
		autodiscover + "autodiscover.ofice365.us":                                                          high,
		federation + "sipfed.online.gov.skypeforbusiness.us":                                               high,
		autodiscover + "autodiscover-dod.office365.us":                                                     dod,
		autodiscover + "autodiscover-dod.ofice365.us":                                                      dod,
		federation + "sipfed.online.dod.skypeforbusiness.us":                                               dod,
		federation + "SIPFED.online.DoD.skypeforbusiness.us":                                               dod,
		autodiscover + "autodiscover.outlook.com\n" + federation + "sipfed.online.dod.skypeforbusiness.us": dod,
	} {
		for _, mail := range []string{"contoso.com MX 0 contoso.mail.protection.office365.us\ncontoso.mail.protection.office365.us A 192.0.2.9\n",
			"contoso.com MX 10 mx.filter.example\nmx.filter.example A 192.0.2.9\ncontoso.com TXT v=spf1 include:spf.protection.office365.us -all\n"} {
			var cloud *kit.Cloud
			row := func(k *kit.Known) []report.Finding {
				if p, ok := k.Profile(); ok {
					cloud = p.Cloud
				}
				return Autodiscover(k)
			}
			fs := found(t, mail+"spf.protection.office365.us TXT v=spf1 ip4:23.103.191.0/24 -all\n"+more+"\n", row, nil)
			if cloud == nil || cloud.Title != want {
				t.Errorf("%q: %+v", more, cloud)
				continue
			}
			x := find(fs, "autodiscover.target")
			if x.Fix != nil {
				for _, e := range proposed(x.Fix) {
					if want == either || e.New != "" && !strings.Contains(e.New, cloud.Autodiscover) {
						t.Errorf("%q: proposes %+v", more, e)
					}
				}
			}
			if want == either && x.Fix != nil && (!strings.Contains(x.Fix.Text, "in DoD") || len(x.Fix.Edits)+len(x.Fix.Alternatives) > 0) {
				t.Errorf("%q: %+v", more, x.Fix)
			}
		}
	}
}

// A name that Microsoft has retired is its own: mail arrives there, and what the domain
// needs to send is not for later.
func TestRetiredHostsAreMicrosofts(t *testing.T) {
	for _, host := range []string{"mail.messaging.microsoft.com", "contoso-com.mail.eo.outlook.com", "contoso-com.mail.protection.outlook.de", "mail.global.frontbridge.com"} {
		zone := "contoso.com MX 10 " + host + "\n" + host + " A 192.0.2.9\nspf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\n"
		for record, want := range map[string]report.Status{"v=spf1 ip4:192.0.2.1 -all": report.Fail, "v=spf1 include:spf.messaging.microsoft.com ~all": report.Fail,
			"v=spf1 mx include:spf.protection.outlook.com -all": report.Pass} {
			fs := found(t, zone+"contoso.com TXT "+record+"\n", SPF, nil)
			x := find(fs, "spf.m365")
			if x.Status != want || strings.Contains(x.Summary, "not migrated") || x.Fix != nil && strings.Contains(x.Fix.Text, "before the first mailbox") {
				t.Errorf("%s, %s: %v %s %+v", host, record, x.Status, x.Summary, x.Fix)
			}
			if has(fs, "spf.cutover", report.Warn) {
				t.Errorf("%s, %s: a move that is over", host, record)
			}
			if strings.Contains(record, "messaging") && (x.Fix == nil || len(x.Fix.Edits) == 0 || x.Fix.Edits[0].New != "include:spf.protection.outlook.com") {
				t.Errorf("%s: the include of before Exchange Online stays: %+v", host, x.Fix)
			}
		}
	}
}
