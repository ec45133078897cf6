package kit

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/dnsrec"
)

// FreeDomain returns the registrable domain of a name of others, if it does not exist:
// anyone who registers it decides what is published there. It returns "" if it exists,
// or if that is not known.
func (k *Known) FreeDomain(name string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil || dnsrec.Within(k.Domain, org) || !ValidHost(org) || strings.Contains(org, "_") {
		return ""
	}
	if _, icann := publicsuffix.PublicSuffix(org); !icann { // nobody sells names there
		return ""
	}
	a, ok := k.Need(org, dnsrec.TypeTXT)
	if !ok || a.Err != nil || !a.NXDomain() || len(a.CNAMEs) > 0 {
		return ""
	}
	return org
}
