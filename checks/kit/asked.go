package kit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"maildiag/dnsrec"
)

// Asked is what is asked of domains and has no member of its own in a report.
type Asked struct {
	Cloud     string
	Selectors []string
	Gateways  []string
	CertDays  string // the form of [ParseCertDays]; empty: the usual ones
}

// Options returns the flags that ask it, and for the rows that differ from the
// usual ones; empty: what is usual. Two runs with the same rows have the same,
// however that was said.
func (a *Asked) Options(rows, usual []Check) string {
	var out []string
	if a.Cloud != "auto" {
		out = append(out, "--cloud "+a.Cloud)
	}
	have, missing := IDs(rows), IDs(usual)
	missing = slices.DeleteFunc(missing, func(id string) bool { return slices.Contains(have, id) })
	switch {
	case len(missing) > len(have):
		out = append(out, "--only "+strings.Join(have, ","))
	case len(missing) > 0:
		out = append(out, "--skip "+strings.Join(missing, ","))
	}
	if a.CertDays != "" {
		out = append(out, "--cert-days "+Shorten(a.CertDays))
	}
	if len(a.Gateways) > 0 {
		out = append(out, "--gateway "+Shorten(strings.Join(slices.Compact(slices.Sorted(slices.Values(a.Gateways))), ",")))
	}
	if len(a.Selectors) > 0 {
		out = append(out, "--selector "+Shorten(strings.Join(slices.Compact(slices.Sorted(slices.Values(a.Selectors))), ",")))
	}
	return strings.Join(out, " ")
}

// CheckSelector returns why s cannot be a DKIM selector; nil if it can.
func CheckSelector(s string) error {
	switch {
	case s == "":
		return errors.New("is empty")
	case strings.Contains(s, "_domainkey"):
		return errors.New("is the name of a record: the selector is the part before ._domainkey")
	case !ValidHost(dnsrec.Canonical(s)): // RFC 6376 3.1
		return errors.New("is not a DKIM selector: letters, digits and hyphens, with dots in between")
	}
	return nil
}

// CheckMXHost returns why s cannot be a host in an MX record; nil if it can.
func CheckMXHost(s string) error {
	if dnsrec.IsAddress(s) {
		return errors.New("is an IP address: MX records hold names of hosts") // RFC 5321 5.1
	}
	if host := dnsrec.Canonical(s); !ValidHost(host) || !strings.Contains(host, ".") {
		return errors.New("is not the full name of a host, as in an MX record")
	}
	return nil
}

// IDs returns the IDs of rows.
func IDs(rows []Check) (ids []string) {
	for _, c := range rows {
		ids = append(ids, c.ID)
	}
	return ids
}

// Shorten keeps a list readable, and different from others.
func Shorten(list string) string {
	const most = 200
	if len(list) <= most {
		return list
	}
	return fmt.Sprintf("%s...(%x)", list[:most], sha256.Sum256([]byte(list)))
}
