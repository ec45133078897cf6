package message

import (
	"strings"

	"maildiag/dnsrec"
)

// domain is the domain that a result of DKIM or SPF is about, "" if the field
// does not name one clearly. Of SPF only the envelope sender counts for DMARC:
// anybody chooses the name that he gives with HELO (RFC 9989 4.4).
func (m *MethodResult) domain() string {
	switch m.Method {
	case "dkim":
		return m.signer()
	case "spf":
		return addressDomain(m.Params["smtp.mailfrom"])
	}
	return ""
}

// signer is the domain in header.d, or in header.i where a server writes that
// alone. Where it writes both, i= must be within d= (RFC 6376 3.5).
func (m *MethodResult) signer() string {
	d, hasD := m.Params["header.d"]
	i, hasI := m.Params["header.i"]
	domain, identity := addressDomain("@"+d), addressDomain(i)
	switch {
	case hasD && hasI:
		if identity == domain || strings.HasSuffix(identity, "."+domain) {
			return domain
		}
		return ""
	case hasD:
		return domain
	}
	return identity
}

// addressDomain returns the domain of an address or of a domain alone, as an
// A-label in lower case, "" if it cannot be read in one way.
func addressDomain(s string) string {
	s = strings.TrimSpace(s)
	if inside, ok := strings.CutPrefix(s, "<"); ok {
		s = strings.TrimSuffix(inside, ">")
	}
	if local, domain, ok := strings.Cut(s, "@"); ok && !strings.ContainsAny(local, "<>") {
		s = domain
	}
	if s == "" || strings.ContainsAny(s, "@<>()[],:;/\\\"'% \t\r\n\x00") || !strings.Contains(s, ".") {
		return ""
	}
	domain, _, err := dnsrec.ParseDomain(strings.TrimSuffix(s, "."))
	if err != nil {
		return ""
	}
	return domain
}
