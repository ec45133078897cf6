package bounce

import (
	"slices"
	"strings"
)

// inProse reports whether a reply is named in a sentence of somebody who tells
// of it: "we had 550 5.1.1 for one address".
func inProse(s string, i int) bool {
	s = s[max(0, i-maxLead):i]
	before, found := strings.CutSuffix(s[strings.LastIndexByte(s, '\n')+1:], " ")
	words := strings.Fields(before)
	if !found || len(words) < 3 {
		return false
	}
	last := words[len(words)-1]
	return strings.IndexFunc(last, func(r rune) bool { return r < 'a' || r > 'z' }) < 0 && !slices.Contains(leads, last)
}

// cutNext cuts a part of a text, which starts at at, where other codes follow that
// are told of in the same sentence.
func cutNext(s string, at int, h head, closed bool) (string, bool) {
	for i := at; i < len(s); i++ {
		if c := s[i]; c != '4' && c != '5' {
			continue
		}
		if next, ok := headAt(s, i); ok && next.code > 0 && next.enhanced != "" && (next.code != h.code || next.enhanced != h.enhanced) {
			return s[at:i], true
		}
	}
	return s[at:], closed
}

// nextOfList returns the length of what stands between two lines of a reply that a
// program shows as a list: `550-first", "550 last"`.
func nextOfList(s string, quote byte, h head) int {
	rest := strings.TrimLeft(s[1:], ", ")
	if rest == "" || rest[0] != quote || h.code == 0 {
		return 0
	}
	if n := sameCodes(rest[1:], h); n > 0 {
		return len(s) - len(rest) + 1 + n
	}
	return 0
}
