package kit

import (
	"slices"
	"strings"

	"maildiag/dnsrec"
)

// MailDomain reads a domain whose mail is in question, as [dnsrec.ParseDomain] reads
// names. It refuses names that no address ends in: those of records, and of Microsoft's
// own hosts. What is said of them would lead people to break the domain above.
func MailDomain(s string) (ascii, unicode string, err error) {
	if ascii, unicode, err = dnsrec.ParseDomain(s); err != nil {
		return "", "", err
	}
	if owner, ok := recordOwner(ascii); ok {
		return "", "", notMail(ascii, "is the name of a record, not a mail domain", checkHint(owner))
	}
	if microsoftHost(ascii) {
		return "", "", notMail(ascii, "is a host of Microsoft 365, not a mail domain", hostHint(ascii))
	}
	return ascii, unicode, nil
}

// SPFDomain reads a name that may publish SPF: a mail domain, a host, or a name that
// others include, such as _spf.contoso.com. Names of other records are refused.
func SPFDomain(s string) (ascii, unicode string, err error) {
	if ascii, unicode, err = dnsrec.ParseDomain(s); err != nil {
		return "", "", err
	}
	if owner, _ := recordOwner(ascii); slices.ContainsFunc(strings.Split(ascii, "."), isOtherRecord) {
		return "", "", notMail(ascii, "is the name of another record, not of an SPF record", checkHint(owner))
	}
	return ascii, unicode, nil
}

// isOtherRecord reports whether a label is of the name of a record that is not SPF
// (RFC 8552 4.1.2, the registry of underscored names).
func isOtherRecord(label string) bool {
	switch label {
	case "_dmarc", "_report", "_domainkey", "_mta-sts", "_smtp", "_tls", "_tcp", "_udp", "_bimi":
		return true
	}
	return false
}

// recordOwner returns the domain to which the name of a record belongs, "" for none.
// Labels that start with an underscore are for records (RFC 8552 1.1); the names of
// mail domains have none (RFC 5321 2.3.5).
func recordOwner(name string) (owner string, ok bool) {
	last := strings.LastIndex("."+name, "._")
	if last < 0 {
		return "", false
	}
	_, owner, _ = strings.Cut(name[last:], ".")
	return owner, true
}

// microsoftHost reports whether a name is of a server of Microsoft 365. The zones
// themselves, such as outlook.com, and the initial domains of tenants have mail.
func microsoftHost(name string) bool {
	if HasSuffix(name, retiredMX) || HasSuffix(name, consumerMX) {
		return true
	}
	for i := range clouds {
		c := &clouds[i]
		if HasSuffix(name, c.MX) || HasSuffix(name, c.Servers) || HasSuffix(name, c.DKIM) && !strings.HasSuffix(name, c.Initial) ||
			name == c.Registration || slices.Contains(c.Enrollment, name) || name == c.SIP || name == c.Msoid || name == c.Graph {
			return true
		}
	}
	return false
}

const hintMail = "type the domain of your addresses, such as contoso.com"

func notMail(name, reason, hint string) error {
	return &dnsrec.NameError{Input: name, Name: true, Reason: reason, Hint: hint}
}

// checkHint says how to check a domain, if it can be one.
func checkHint(domain string) string {
	if !strings.Contains(domain, ".") || microsoftHost(domain) {
		return hintMail
	}
	return "maildiag " + domain
}

// hostHint says what to ask of a host: a server is tested by maildiag smtp.
func hostHint(host string) string {
	if HasSuffix(host, retiredMX) || HasSuffix(host, consumerMX) {
		return hintMail
	}
	for i := range clouds {
		switch {
		case host == clouds[i].Submission:
			return hintMail + "; maildiag smtp " + host + " tests the server"
		case HasSuffix(host, clouds[i].MX):
			return hintMail + "; maildiag smtp " + host + ":25 tests the server"
		}
	}
	return hintMail
}
