package dmarc

import (
	"net/url"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/taglist"
)

// uris reads the addresses of rua and ruf, and ignores the invalid ones.
func (p *parser) uris(t taglist.Tag) (list []URI) {
	if t.Value == "" {
		p.say(KindValue, t, t.ValuePos, "%s= is empty, so no reports are sent", t.Name)
	}
	pos := t.ValuePos
	for piece, rest, more := "", t.Value, true; more; {
		piece, rest, more = strings.Cut(rest, ",")
		u, fault := readURI(strings.Trim(piece, taglist.WSP))
		at := pos + len(piece) - len(strings.TrimLeft(piece, taglist.WSP))
		pos += len(piece) + 1
		if t.Value == "" {
			continue
		}
		if fault != "" {
			p.say(KindURI, t, at, "%s", fault)
			continue
		}
		list = append(list, u)
		if u.Size != "" {
			p.say(KindSize, t, at+len(u.Address), "the size limit !%s was removed from DMARC by RFC 9989",
				u.Size)
		}
		if u.Scheme() != "mailto" {
			p.say(KindScheme, t, at, "receivers need to support mailto: only; few report to %s:",
				taglist.Clip(u.Scheme()))
		}
	}
	return list
}

// readURI reads one address, or says why it is none (RFC 9989 4.6, 4.8).
func readURI(s string) (u URI, fault string) {
	u.Address, u.Size, _ = strings.Cut(s, "!")
	scheme := u.Scheme()
	switch {
	case s == "":
		return u, "there is an empty address between commas"
	case strings.ContainsAny(u.Address, " \t\r\n\"<>\\^`{|}") || strings.ContainsFunc(u.Address, notPrintable):
		return u, quote(s) + " is not an address: it contains spaces or other characters that must be written as %xx"
	case strings.Contains(s, "!") && !validSize(u.Size):
		return u, quote(s) + " is not an address: an exclamation mark must be written as %21"
	case scheme == "" && strings.Contains(s, "@"):
		return u, quote(s) + " lacks mailto: before it, so no reports are sent there"
	case scheme == "":
		return u, quote(s) + " is not an address of the form mailto:name@domain"
	case u.Host() == "":
		return u, quote(s) + " names no domain that reports could be sent to"
	}
	return u, ""
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }

// validSize reports whether s is the size of RFC 7489 6.4: digits and a unit.
func validSize(s string) bool {
	s = strings.TrimRight(s, "kmgtKMGT")
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Scheme is the part before the first colon in lower case, "" if that is no
// scheme of a URI (RFC 3986 3.1).
func (u URI) Scheme() string {
	scheme, _, ok := strings.Cut(u.Address, ":")
	if !ok || scheme == "" {
		return ""
	}
	for i := range len(scheme) {
		c := scheme[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '+' && c != '-' && c != '.' && (c < '0' || c > '9')) {
			return ""
		}
	}
	return strings.ToLower(scheme)
}

// Host is the domain that reports go to: that of the mail address or of the
// web server, canonical; "" if the address names none.
func (u URI) Host() string {
	if u.Scheme() != "mailto" {
		parsed, err := url.Parse(u.Address)
		if err != nil {
			return ""
		}
		return dnsrec.Canonical(parsed.Hostname())
	}
	_, address, _ := strings.Cut(u.Address, ":")
	address, _, _ = strings.Cut(address, "?")
	local, host, ok := strings.Cut(address, "@")
	if !ok || local == "" || !validDomain(dnsrec.Canonical(host)) {
		return ""
	}
	return dnsrec.Canonical(host)
}

// validDomain reports whether s can be a domain name: labels of 1 to 63
// characters, none of them a separator (RFC 1035 2.3.4).
func validDomain(s string) bool {
	const maxName, maxLabel = 253, 63
	if len(s) > maxName {
		return false
	}
	for label, more := "", true; more; {
		label, s, more = strings.Cut(s, ".")
		if label == "" || len(label) > maxLabel || strings.ContainsAny(label, "@:/?#[]!%&*()=+~'$") {
			return false
		}
	}
	return true
}
