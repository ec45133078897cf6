package taglist

import (
	"slices"
	"strings"

	"maildiag/dnsrec/nearmiss"
)

// versions are those of the records that begin with one: none of them is a slip of
// another.
var versions = []string{"spf1", "dkim1", "dmarc1", "stsv1", "tlsrptv1", "bimi1"}

// Slipped reports whether a text begins with v= and a slip of the pen for a version, in
// either case: two characters that changed places, or one that is missing, added or
// wrong. rest is what follows it.
func Slipped(text, version string) (rest string, ok bool) {
	text = strings.TrimLeft(text, WSP+"\"'")
	if len(text) == 0 || text[0]|0x20 != 'v' {
		return "", false
	}
	text, ok = strings.CutPrefix(strings.TrimLeft(text[1:], WSP), "=")
	text = strings.TrimLeft(text, WSP)
	end := strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 || !Alnum(byte(r)) })
	if end < 0 {
		end = len(text)
	}
	word := strings.ToLower(text[:end])
	x, y := nearmiss.Differing(word, strings.ToLower(version))
	return text[end:], ok && !slices.Contains(versions, word) && (len(x) <= 1 && len(y) <= 1 || nearmiss.Swapped(x, y))
}
