package kit

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/dnsrec"
)

// FreeDomain returns the registrable domain of a name of others, if it does not exist:
// anyone who registers it decides what is published there. It returns "" if it exists,
// or if that is not known.
func (k *Known) FreeDomain(name string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil || dnsrec.Within(k.Domain, org) {
		return ""
	}
	suffix, icann := publicsuffix.PublicSuffix(org)
	if !icann || !ValidHost(org) || strings.Contains(org, "_") || slices.ContainsFunc(strings.Split(suffix, "."), restricted) {
		return ""
	}
	a, ok := k.Need(org, dnsrec.TypeTXT)
	if !ok || a.Err != nil || !a.NXDomain() || len(a.CNAMEs) > 0 {
		return ""
	}
	return org
}

// restricted reports whether a label of a public suffix says that not anyone can register
// a name there.
func restricted(label string) bool {
	return slices.Contains([]string{"arpa", "edu", "gov", "int", "mil", "onion"}, label)
}

// FreeEnd returns what [Known.FreeDomain] says of the name that an answer is about, or of the
// one that its chain of aliases leads to, if that does not exist.
func (k *Known) FreeEnd(a dnsrec.Answer) string {
	if !a.NXDomain() {
		return ""
	}
	return k.FreeDomain(end(&a))
}

// Anyone says what anyone who registers a domain could do; "" if it is none.
func Anyone(org, could string) string {
	if org == "" {
		return ""
	}
	return ". The domain " + org + " does not exist: anyone who registers it can " + could
}
