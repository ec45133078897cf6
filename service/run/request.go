// Package run runs checks for clients: one run for all who ask the same at
// once, in their turn, within bounds.
package run

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// Request is what a client may say: nothing of it chooses whom to ask, or how long.
type Request struct {
	Domain  string // A-label form, see [Target]
	Unicode string // U-label form, if it differs
	Expect  kit.Expectation
	Only    []string // IDs of checks; nil: all
	Fresh   bool     // nothing is answered from what is remembered
}

// ErrTarget is returned for a target that is not a domain name.
var ErrTarget = errors.New("not a domain name; give one such as contoso.com")

// maxTarget bounds the length of a name in any form.
const maxTarget = 1024

// Target reads the name of a domain. Unlike on a command line, nothing else is
// taken for one: no address, no URL, no port.
func Target(s string) (ascii, unicode string, err error) { return nameBy(kit.MailDomain, s) }

// Host reads the name of a server, as Target reads that of a domain.
func Host(s string) (ascii string, err error) {
	ascii, _, err = nameBy(dnsrec.ParseDomain, s)
	return ascii, err
}

// nameBy reads a name by a parser, and nothing else.
func nameBy(parse func(string) (ascii, unicode string, err error), s string) (ascii, unicode string, err error) {
	if len(s) > maxTarget || strings.ContainsAny(s, "@/:[]\\ \t\r\n\x00,;?#%") {
		return "", "", errors.Join(ErrTarget, Near(s))
	}
	ascii, unicode, err = parse(s)
	if err != nil || dnsrec.IsAddress(ascii) || !strings.Contains(ascii, ".") {
		return "", "", errors.Join(ErrTarget, err, Near(s))
	}
	if unicode == ascii {
		unicode = ""
	}
	return ascii, unicode, nil
}

// ParseRequest reads the parameters of a check.
func ParseRequest(domain, expect, only string) (r Request, err error) {
	if r.Domain, r.Unicode, err = Target(domain); err != nil {
		return r, err
	}
	switch r.Expect = kit.Expectation(expect); r.Expect {
	case "":
		r.Expect = kit.ExpectAuto
	case kit.ExpectAuto, kit.ExpectM365, kit.ExpectAny:
	default:
		return r, errors.New("expect must be auto, m365 or any")
	}
	if only != "" {
		r.Only = strings.Split(only, ",")
		slices.Sort(r.Only)
		r.Only = slices.Compact(r.Only)
	}
	_, err = r.rows()
	return r, err
}

// rows returns the checks that are asked for.
func (r *Request) rows() ([]kit.Check, error) {
	for _, id := range r.Only {
		if !slices.ContainsFunc(checks.All(), func(c kit.Check) bool { return c.ID == id }) {
			return nil, fmt.Errorf("there is no check %q", id)
		}
	}
	rows, _ := kit.Select(checks.All(), r.Only, nil)
	return rows, nil
}

// key is the same for all requests that one run can answer.
func (r *Request) key() string {
	return fmt.Sprintf("%s %s %s %t", r.Domain, r.Expect, strings.Join(r.Only, ","), r.Fresh)
}

// victim names the party whose servers a check asks: the organization of the
// domain, so that its names under one roof count together.
func victim(domain string) string {
	if org, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return org
	}
	return domain
}
