package kit

import (
	"strconv"
	"strings"
)

// MXToken returns the label that Microsoft derives from a domain for its MX and
// DKIM names: contoso.com becomes contoso-com. Hyphens of the domain are taken
// out and their places written at the end: heig-vd.ch becomes heigvd-ch01b.
//
// Without hyphens the rule is Microsoft's ("External DNS records for Office
// 365"). The rule for hyphens was derived from published records (863 domains,
// 856 equal), so a difference is worth a warning at most; and the label of any
// other domain of the same tenant works as well. Names with xn-- labels are
// not verified.
func MXToken(domain string) string {
	d := strings.ToLower(strings.TrimSuffix(domain, "."))
	base := strings.ReplaceAll(strings.ReplaceAll(d, "-", ""), ".", "-")
	if !strings.Contains(d, "-") {
		return base
	}
	// Four characters make a nibble, the first the lowest bit: a hyphen sets
	// its bit. Runs of zero nibbles are counted, others are 'a' plus value.
	var b strings.Builder
	b.WriteString(base + "0")
	zeros := 0
	for i := 0; i < len(d); i += 4 {
		nibble := byte(0)
		for j, c := range d[i:min(i+4, len(d))] {
			if c == '-' {
				nibble |= 1 << j
			}
		}
		if nibble == 0 {
			zeros++
			continue
		}
		if zeros > 0 {
			b.WriteString(strconv.Itoa(zeros))
		}
		b.WriteByte('a' + nibble)
		zeros = 0
	}
	return b.String()
}

// TokenSure reports whether MXToken's rule is verified for this domain.
func TokenSure(domain string) bool { return !strings.Contains("."+domain, ".xn--") }
