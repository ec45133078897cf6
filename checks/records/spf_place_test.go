package records

import (
	"strings"
	"testing"

	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// A record at the wrong name is found, and its senders come into the one that the
// domain lacks; what answers for every name is not one.
func TestMisplacedSPF(t *testing.T) {
	const cloud = "spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\n_spf.example TXT v=spf1 ip4:192.0.2.0/24 -all\n"
	for zone, want := range map[string]string{
		"spf.contoso.com TXT v=spf1 ip4:192.0.2.1 include:spf.protection.outlook.com -all":               "v=spf1 ip4:192.0.2.1 include:spf.protection.outlook.com ~all",
		"_spf.contoso.com TXT v=spf1 ip4:192.0.2.1 -all":                                                 "v=spf1 ip4:192.0.2.1 include:spf.protection.outlook.com ~all",
		"contoso.com.contoso.com TXT v=spf1 include:_spf.example +all":                                   "v=spf1 include:_spf.example include:spf.protection.outlook.com ~all",
		"spf.contoso.com TXT v=spf1 ip4:192.0.2.1 redirect=_spf.example":                                 "v=spf1 ip4:192.0.2.1 include:spf.protection.outlook.com redirect=_spf.example",
		"spf.contoso.com TXT v=spf1 INCLUDE:spf.protection.outlook.com ip4:192.0.2.1 ~all ip4:192.0.2.9": "v=spf1 INCLUDE:spf.protection.outlook.com ip4:192.0.2.1 ~all",
		"spf.contoso.com TXT v=spf1 -all":                                                                "v=spf1 include:spf.protection.outlook.com ~all",
		"spf.contoso.com TXT v=spf1 ip4:192.0.2.300 -all":                                                "v=spf1 include:spf.protection.outlook.com ~all",
		"*.contoso.com TXT v=spf1 ip4:192.0.2.1 -all":                                                    "v=spf1 include:spf.protection.outlook.com ~all",
		"www.contoso.com TXT v=spf1 ip4:192.0.2.1 -all":                                                  "v=spf1 include:spf.protection.outlook.com ~all",
	} {
		x := find(found(t, microsoftMX+cloud+zone+"\n", SPF, nil), "spf.record")
		if x.Status != report.Fail || x.Fix == nil || len(x.Fix.Edits) != 1 || x.Fix.Edits[0].New != want {
			t.Errorf("%s: %v %+v, want %s", zone, x.Status, x.Fix, want)
			continue
		}
		if _, _, err := spf.Parse(x.Fix.Edits[0].New); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
		if said := strings.Contains(x.Summary, "do not look"); said != strings.Contains(want, "192.0.2.1") && said != strings.Contains(want, "_spf.example") {
			t.Errorf("%s: %s", zone, x.Summary)
		}
	}
}
