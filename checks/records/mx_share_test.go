package records

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// How much of the mail goes beside Microsoft 365 depends on the preferences, and on how
// many hosts that exist have the lowest one.
func TestShareOfLeftoverHosts(t *testing.T) {
	t.Parallel()
	const ours = "contoso-com.mail.protection.outlook.com."
	const hosts = "contoso-com.mail.protection.outlook.com A 192.0.2.1\nfabrikam-com.mail.protection.outlook.com A 192.0.2.2\n" +
		"m1.contoso.com A 203.0.113.1\nm2.contoso.com A 203.0.113.2\nm3.contoso.com A 203.0.113.3\nmx.other.example A 203.0.113.9\n" +
		"aspmx.l.google.com A 192.0.2.30\nalt1.aspmx.l.google.com A 192.0.2.31\n"
	for _, c := range []struct {
		mx   string
		want string
	}{
		{"0 " + ours + "|0 m1.contoso.com.", "about half of all mail"},
		{"0 " + ours + "|0 m1.contoso.com.|0 m2.contoso.com.", "about 2 of 3 messages"},
		{"0 " + ours + "|0 m1.contoso.com.|10 m2.contoso.com.", "about half of all mail"},
		{"0 " + ours + "|0 aspmx.l.google.com.|0 alt1.aspmx.l.google.com.|0 m1.contoso.com.", "about 2 of 4 messages|about half of all mail"},
		{"0 " + ours + "|0 m1.contoso.com.|0 gone.contoso.com.", "about half of all mail"},
		{"0 " + ours + "|0 fabrikam-com.mail.protection.outlook.com.|0 m1.contoso.com.", "about 1 of 3 messages"},
		{"0 m1.contoso.com.|10 " + ours, "nearly all mail"},
		{"0 m1.contoso.com.|0 m2.contoso.com.|10 " + ours, "nearly all mail"},
		{"0 m1.contoso.com.|0 mx.other.example.|10 " + ours, "receives mail first (preference 0)"},
		{"0 " + ours + "|10 m1.contoso.com.", "mail on failover"},
		{"0 " + ours + "|10 m1.contoso.com.|20 m2.contoso.com.", "mail on failover"},
		{"0 gone.contoso.com.|10 " + ours + "|10 m1.contoso.com.", "about half of all mail"},
	} {
		world := hosts + "contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n"
		for mx := range strings.SplitSeq(c.mx, "|") {
			world += "contoso.com MX " + mx + "\n"
		}
		env, _ := mailEnv(t, "contoso.com", world)
		var said []string
		for _, f := range kit.Gather(t.Context(), env, MX) {
			if f.Code == "mx.leftover" && f.Fix != nil && f.Status > report.Info {
				said = append(said, f.Summary)
			}
		}
		if !slices.ContainsFunc(said, func(s string) bool {
			return slices.ContainsFunc(strings.Split(c.want, "|"), func(w string) bool { return strings.Contains(s, w) })
		}) {
			t.Errorf("%s: %q, want %q", c.mx, said, c.want)
		}
	}
}
