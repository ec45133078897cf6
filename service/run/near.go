package run

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/report"
)

// NearError says what a text is that is not the name of a domain, but looks like
// one was meant.
type NearError struct {
	Domain string // that was probably meant; empty: none
	what   string
}

func (e *NearError) Error() string {
	if e.Domain == "" {
		return e.what
	}
	return e.what + " The domain is " + report.CleanTo(e.Domain, maxTarget) + "."
}

// Near recognizes an address, a URL, a host with a port, several names, and a name
// with wrong punctuation. It returns nil for anything else, such as the text of a bounce.
func Near(s string) error {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxTarget {
		return nil
	}
	for _, kind := range []func(string) *NearError{nearAddress, nearURL, nearMailbox, nearPort, nearList, nearSlip} {
		if e := kind(s); e != nil {
			return e
		}
	}
	return nil
}

// named returns the error of a text that holds the name of one domain; nil if it
// does not.
func named(name, what string) *NearError {
	if ascii := domainOf(name); ascii != "" {
		return &NearError{ascii, what}
	}
	return nil
}

// domainOf returns the canonical form of a domain; empty: it is none.
func domainOf(name string) string {
	if strings.ContainsAny(name, "@/:[]\\ \t\r\n,;?#%") {
		return ""
	}
	ascii, _, err := Target(name)
	if err != nil {
		return ""
	}
	return ascii
}

func nearAddress(s string) *NearError {
	host := s
	if h, _, err := net.SplitHostPort(s); err == nil {
		host = h
	}
	host, _, _ = strings.Cut(strings.Trim(host, "[]"), "/")
	if _, err := netip.ParseAddr(host); err != nil {
		return nil
	}
	return &NearError{what: "That is an IP address. A check needs the name of a domain, such as contoso.com."}
}

func nearURL(s string) *NearError {
	u, err := url.Parse(s)
	switch {
	case err != nil || !strings.Contains(s, ":") || strings.ContainsAny(s, " \t"):
		return nil
	case u.Scheme == "mailto":
		if a := nearMailbox(u.Opaque); a != nil {
			return a
		}
		return nil
	case u.Host == "":
		return nil
	}
	return named(u.Hostname(), "That is a URL.")
}

func nearMailbox(s string) *NearError {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return nil
	}
	return named(a.Address[strings.LastIndexByte(a.Address, '@')+1:], "That is an email address.")
}

func nearPort(s string) *NearError {
	host, port, ok := strings.Cut(s, ":")
	if !ok || port == "" || strings.Trim(port, "0123456789") != "" || len(port) > 5 {
		return nil
	}
	return named(host, "That is a host and a port.")
}

// nearList recognizes names that only blanks, commas or semicolons separate.
func nearList(s string) *NearError {
	names := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;", r) })
	if len(names) < 2 {
		if path, _, ok := strings.Cut(s, "/"); ok && len(names) == 1 {
			return named(path, "That is a web address.")
		}
		return nil
	}
	for _, n := range names {
		if domainOf(n) == "" {
			return nil
		}
	}
	return &NearError{domainOf(names[0]), "These are several domains. Check one at a time; the command maildiag bulk checks a list."}
}

// nearSlip recognizes one name with commas, semicolons or further dots in it.
func nearSlip(s string) *NearError {
	labels := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(".,;", r) })
	name := strings.Join(labels, ".")
	if _, icann := publicsuffix.PublicSuffix(name); !icann || name == s || len(labels) < 2 {
		return nil
	}
	return named(name, "That is not a domain name; its punctuation is probably a typing error.")
}
