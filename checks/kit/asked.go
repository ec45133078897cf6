package kit

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
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
