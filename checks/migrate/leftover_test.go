package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// saysLater reports whether a step after the cut-over names a term or a record.
func (r *Report) saysLater(what string) bool {
	return slices.ContainsFunc(r.stepsOf(PhaseKeep), func(s report.Step) bool {
		words := strings.FieldsFunc(s.Text+" "+s.Name+" "+strings.Join(s.Remove, " "), func(c rune) bool { return strings.ContainsRune(" ,", c) })
		return slices.ContainsFunc(words, func(w string) bool { return strings.TrimRight(w, ".") == what })
	})
}

// Every term and every selector of the mail system of today is in a later step, also
// what its provider's record stands for. Those of other services are not.
func TestWhatGoesLaterIsComplete(t *testing.T) {
	const six = "2001:db8::25"
	for _, origin := range []OriginKind{FromGoogle, FromOnPrem, FromHosting, FromHoster, FromGateway} {
		for _, gateway := range []bool{false, true} {
			for term, goes := range map[string]bool{
				"ip4:" + oldIP: true, "ip4:203.0.113.7": true, "ip6:" + six: true, "ip6:2001:db8::/32": true, "a": true, "include:spf.hoster.test": true,
				"include:websitewelcome.com": true, "include:servers.mcsv.net": false, "include:spf.protection.outlook.com": false,
			} {
				w, _ := spec{origin: origin, prepared: true}.build()
				mx, _ := spec{origin: origin}.old(w)
				w.set(mx, "AAAA", 300, six)
				w.set("websitewelcome.com", "TXT", 300, "v=spf1 ip4:203.0.113.9 -all")
				w.set("servers.mcsv.net", "TXT", 300, "v=spf1 ip4:203.0.113.8 -all")
				w.set(domain, "A", 300, oldIP)
				extra := term + " "
				if term == "include:spf.protection.outlook.com" {
					extra = ""
				}
				w.set(domain, "TXT", 300, "v=spf1 "+extra+"include:spf.protection.outlook.com ~all")
				w.set("default._domainkey."+domain, "TXT", 300, key)
				w.set("k1._domainkey."+domain, "CNAME", 300, "dkim.mcsv.net")
				w.set("dkim.mcsv.net", "TXT", 300, key)
				r := w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) {
					if gateway {
						e.Gateways = []string{mx}
					}
				})
				stays := gateway && origin == FromHoster && term == "include:spf.hoster.test" // the record of the filter
				if r.saysLater(term) != (goes && !stays) {
					t.Errorf("%s, gateway %v, %s: %v\n%s", origin, gateway, term, !goes, strings.Join(steps(r), "\n"))
				}
				if !r.saysLater("default._domainkey."+domain) || term == "include:servers.mcsv.net" && r.saysLater("k1._domainkey."+domain) || r.saysLater("selector1._domainkey."+domain) {
					t.Errorf("%s, gateway %v, %s: selectors\n%s", origin, gateway, term, strings.Join(steps(r), "\n"))
				}
			}
		}
	}
}
