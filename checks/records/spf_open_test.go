package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
)

// Where receivers do not come to a term that lets everyone send, nothing says that
// somebody passes by it today.
func TestOpenTermBehindAnError(t *testing.T) {
	eleven := "v=spf1"
	zone := ""
	for _, l := range "abcdefghijk" {
		eleven += " include:" + string(l) + ".spf.test"
		zone += string(l) + ".spf.test. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
	}
	for name, c := range map[string]struct {
		records []string
		open    bool // today
	}{
		"sound":                           {[]string{"v=spf1 ip4:203.0.113.1 +all"}, true},
		"a syntax error":                  {[]string{"v=spf1 ip4:203.0.113.1/33 +all"}, false},
		"two errors":                      {[]string{"v=spf1 include: spf.example.net ip4:x +all"}, false},
		"an unknown term":                 {[]string{"v=spf1 ipv4:203.0.113.1 all"}, false},
		"two records":                     {[]string{"v=spf1 ip4:203.0.113.1 -all", "v=spf1 +all"}, false},
		"a loop":                          {[]string{"v=spf1 include:contoso.com +all"}, false},
		"a missing name":                  {[]string{"v=spf1 include:gone.test +all"}, false},
		"too many lookups":                {[]string{eleven + " +all"}, false},
		"an error in an include":          {[]string{"v=spf1 include:broken.test +all"}, false},
		"an open include":                 {[]string{"v=spf1 include:open.test -all"}, true},
		"an open include behind an error": {[]string{"v=spf1 include:broken.test include:open.test -all"}, false},
	} {
		text := "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\nopen.test TXT \"v=spf1 +all\"\nbroken.test TXT \"v=spf1 ip4:1.2.3 -all\"\n" + zone
		for _, r := range c.records {
			text += "contoso.com TXT \"" + r + "\"\n"
		}
		env, _ := kittest.NewEnv(t, "contoso.com", text)
		for _, f := range kit.Gather(t.Context(), env, SPF) {
			if f.Code != "spf.all" && f.Code != "spf.m365" {
				continue
			}
			later := strings.Contains(f.Summary, "would allow") || strings.Contains(f.Summary, "does not pass SPF")
			if passes := strings.Contains(f.Summary, "every server") && !later; passes && !c.open || f.Code == "spf.all" && f.Status > 0 && c.open == later {
				t.Errorf("%s: %s %s: %s", name, f.Code, f.Status, f.Summary)
			}
		}
	}
}
