package plan

import (
	"strings"
	"testing"

	"maildiag/dnsrec"
)

// A record that receivers begin to read is cautioned of where it refuses the servers
// that it does not list; one that they read today, or that refuses nobody, is not.
func TestCautionOfRecordThatBegins(t *testing.T) {
	set := rrset{"contoso.com", dnsrec.TypeTXT}
	const strict = "v=spf1 ip4:192.0.2.1 -all"
	for _, c := range []struct {
		was  []string
		now  string
		says bool
	}{
		{[]string{`"v=spf1 ip4:192.0.2.1 -all"`}, strict, true},
		{[]string{"spf1 ip4:192.0.2.1 -all"}, strict, true},
		{[]string{"v=spf1 ip4:192.0.2.1-all"}, strict, true},
		{[]string{"v=spf1 ip4:192.0.2.1 -all", "v=spf1 a -all"}, "v=spf1 ip4:192.0.2.1 a -all", true},
		{nil, strict, true},
		{nil, "v=spf1 -all", false}, // it is meant to send nothing
		{nil, "v=spf1 ip4:192.0.2.1 ~all", false},
		{[]string{"spf1 ip4:192.0.2.1 ~all"}, "v=spf1 ip4:192.0.2.1 ~all", false},
		{[]string{"v=spf1 a -all"}, "v=spf1 a ip4:192.0.2.1 -all", false},
		{[]string{"v=spf1 a ~all"}, "v=spf1 a redirect=_spf.example.com", false},
	} {
		if got := strings.Contains(caution(set, c.was, []string{c.now}), "no valid SPF record"); got != c.says {
			t.Errorf("%q to %q: %v", c.was, c.now, got)
		}
	}
}
