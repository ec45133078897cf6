package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// A host that a name below the domain still uses for its mail is never one to delete, and
// nobody is told that it is switched off.
func TestHostsOfSubdomainsStay(t *testing.T) {
	t.Parallel()
	const host = "mail." + domain
	for name, c := range map[string]struct {
		typ, value string
		stays      bool
	}{
		"MX":                {"MX", "10 " + host, true},
		"MX of another":     {"MX", "10 mx.hoster.test", false},
		"SPF by name":       {"TXT", "v=spf1 a:" + host + " -all", true},
		"SPF by MX":         {"TXT", "v=spf1 mx:" + strings.ToUpper(host) + "/32 -all", true},
		"SPF by address":    {"TXT", "v=spf1 ip4:" + oldIP + " -all", true},
		"SPF by network":    {"TXT", "v=spf1 +ip4:198.51.100.0/24 ~all", true},
		"SPF of others":     {"TXT", "v=spf1 include:_spf.google.com -all", false},
		"SPF of a neighbor": {"TXT", "v=spf1 ip4:198.51.100.26 -all", false},
	} {
		for _, stage := range []Stage{"", Before} {
			w := moved()
			w.set(host, "A", 300, oldIP)
			w.set("_25._tcp."+host, "TLSA", 300, "3 1 1 0123456789012345678901234567890123456789012345678901234567890123")
			w.set("erp."+domain, c.typ, 300, c.value)
			r := w.assess(t, Options{Unasked: true, Stage: stage, Names: []string{"erp." + domain}})
			told := slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool {
				return s.Name == host+"." || strings.Contains(s.Text, host+" A") || strings.Contains(s.Text, "_25._tcp."+host)
			}) || slices.ContainsFunc(r.Watch, func(s string) bool { return strings.Contains(s, host+". This name still") })
			if told == c.stays {
				t.Errorf("%s, stage %q: told %v\n%s\n%s", name, stage, told, strings.Join(steps(r), "\n"), strings.Join(r.Watch, "\n"))
			}
		}
	}
}

// Two SPF records of a subdomain are told where its mail is.
func TestSubdomainWithTwoRecords(t *testing.T) {
	t.Parallel()
	w := moved()
	w.set("erp."+domain, "TXT", 300, "v=spf1 ip4:192.0.2.1 -all", "v=spf1 include:_spf.google.com -all")
	r := w.assess(t, Options{Unasked: true, Names: []string{"erp." + domain}})
	if !slices.ContainsFunc(r.Watch, func(s string) bool { return strings.Contains(s, "erp."+domain+" has 2 SPF records") }) {
		t.Errorf("%q", r.Watch)
	}
}
