package records

import (
	"regexp"
	"strings"
	"testing"

	"maildiag/report"
)

// Receivers that discard a record, or give up before a term, let nobody pass by it: no
// finding claims that they do (RFC 7208 4.5, 4.6, 4.6.4).
func TestUnheardTermsAllowNobody(t *testing.T) {
	const zone = microsoftMX + "gone.contoso.com TXT none\n_spf.google.com TXT v=spf1 ip4:192.0.2.0/24 ~all\n" +
		"spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\nspf.protection.office365.us TXT v=spf1 ip4:23.103.191.0/24 -all\n" +
		"loop.contoso.com TXT v=spf1 include:contoso.com ~all\nopen.contoso.com TXT v=spf1 +all\n"
	claims := regexp.MustCompile(`(^| )(allows|passes|lets)( |$)`)
	for _, terms := range []string{
		"+all", "ip4:0.0.0.0/0 -all", "include:open.contoso.com -all", "redirect=open.contoso.com",
		"include:_spf.google.com -all", "include:spf.protection.office365.us ~all", "include:spf.protection.outlook.com include:_spf.google.com +all",
	} {
		claimed := false
		for _, broken := range []string{"", "nonsense ", "ip4:192.0.2.1/33 ", "include: x ", "include:gone.contoso.com ", "include:loop.contoso.com ", "second"} {
			records := "contoso.com TXT v=spf1 " + broken + terms + "\n"
			if broken == "second" {
				records = "contoso.com TXT v=spf1 " + terms + "\ncontoso.com TXT v=spf1 ip4:192.0.2.9 ~all\n"
			}
			for _, x := range found(t, zone+records, SPF, nil) {
				said := claims.MatchString(x.Summary) && x.Status != report.Skip
				switch {
				case broken == "":
					claimed = claimed || said
				case said:
					t.Errorf("%s: %s %v: %s", strings.ReplaceAll(records, "\n", "; "), x.Code, x.Status, x.Summary)
				}
			}
		}
		if !claimed {
			t.Errorf("%s: nothing is claimed of a record that receivers read", terms)
		}
	}
}

// What mx allows today matters at the switch only where nothing else allows it.
func TestCutoverNamesWhatIsLost(t *testing.T) {
	const old = "contoso.com MX 10 mail.contoso.com.\nmail.contoso.com A 192.0.2.7\ncontoso.com A 192.0.2.7\nspf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\n"
	for terms, want := range map[string]report.Status{
		"mx": report.Warn, "+mx": report.Warn, "mx ip4:192.0.2.8": report.Warn, "mx/24 a": report.Warn,
		"a mx": report.Info, "+a +mx": report.Info, "mx ip4:192.0.2.7": report.Info, "mx a:mail.contoso.com": report.Info, "mx ip4:192.0.2.0/24": report.Info,
	} {
		x := find(found(t, old+"contoso.com TXT v=spf1 "+terms+" include:spf.protection.outlook.com ~all\n", SPF, nil), "spf.cutover")
		fail, write := strings.Contains(x.Summary, "they fail SPF"), len(x.Fix.Edits) > 0 && x.Fix.Edits[0].New != ""
		if x.Status != want || fail != (want == report.Warn) || write != (want == report.Warn && !strings.Contains(terms, "/24 ")) {
			t.Errorf("%s: %v %q %+v", terms, x.Status, x.Summary, x.Fix)
		}
		if len(x.Fix.Edits) > 0 && strings.Contains(x.Fix.Text, "If ") {
			t.Errorf("%s: the record beside it has decided: %s", terms, x.Fix.Text)
		}
	}
}

// Addresses of the cloud's own hosts are never written into the record: its include
// holds them, and Microsoft changes them.
func TestLookupsDoNotWriteMicrosoft(t *testing.T) {
	zone := "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com MX 30 backup.contoso.com.\ncontoso-com.mail.protection.outlook.com A 52.101.1.1\n" +
		"backup.contoso.com A 192.0.2.7\nspf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 ip4:52.100.0.0/15 -all\n"
	for i := range 9 {
		zone += strings.ReplaceAll("s#.example TXT v=spf1 ip4:203.0.113.# -all\n", "#", string(rune('1'+i)))
	}
	includes := ""
	for i := range 9 {
		includes += " include:s" + string(rune('1'+i)) + ".example"
	}
	for _, terms := range []string{"include:spf.protection.outlook.com mx", "mx include:spf.protection.outlook.com", "mx:contoso.com include:spf.protection.outlook.com"} {
		for _, x := range found(t, zone+"contoso.com TXT v=spf1 "+terms+includes+" -all\n", SPF, nil) {
			if x.Fix == nil {
				continue
			}
			for _, e := range x.Fix.Edits {
				if strings.Contains(e.New, "52.101.") {
					t.Errorf("%s: %s writes %s", terms, x.Code, e.New)
				}
			}
			if strings.Contains(x.Fix.Text, "52.101.") {
				t.Errorf("%s: %s", terms, x.Fix.Text)
			}
		}
	}
}
