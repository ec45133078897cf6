package kit

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
)

// Plural writes a number with its noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Clip cuts s to n bytes, at a character, and marks the cut.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "..."
}

// ClipLine is clip for a text that is to be one line.
func ClipLine(s string, n int) string { return Clip(strings.Join(strings.Fields(s), " "), n) }

// ShortList joins the first n of names and counts the rest.
func ShortList(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}

// Lazily returns a function that compiles a pattern when it is first called: most
// runs need few of all patterns. Inlined, each of the many calls would have its own
// copy of the code of sync.OnceValue in the program.
//
//go:noinline
func Lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Public reports whether an address may belong to a server on the Internet. The
// networks of documentation count as such, so that examples work.
func Public(ip netip.Addr) bool {
	return dnsrec.Public(ip) || dnsrec.Documentation(ip)
}

const maxLabel = 63 // RFC 1035 2.3.4

// ValidHost reports whether name can be a host's: letters, digits, hyphens, and
// the underscore that is met though no host may have it.
func ValidHost(name string) bool { // RFC 1123 2.1
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) { // '_' is judged later: such names exist and resolve
			if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
				return false
			}
		}
	}
	return true
}

// HasSuffix reports whether host ends in one of the suffixes, which start with
// a dot and need at least one label before them.
func HasSuffix(host string, suffixes []string) bool {
	for _, s := range suffixes {
		if strings.HasSuffix(host, s) && len(host) > len(s) {
			return true
		}
	}
	return false
}

// Spell writes a duration for a person, in its largest unit, rounded up.
func Spell(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d >= 2*day:
		return fmt.Sprintf("%d days", (d+day-1)/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", (d+time.Hour-1)/time.Hour)
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}
