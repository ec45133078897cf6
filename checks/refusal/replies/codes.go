package replies

import (
	"slices"
	"strconv"
	"strings"
)

// Fit says how well the enhanced code of a reply fits a row.
type Fit int

// The fits, the weakest first.
const (
	NoFit    Fit = iota
	VagueFit     // the row's code, but one that says nothing: 5.7.1, 5.0.0
	RangeFit     // within a range of the row
	ExactFit     // the row's code
)

// codeFit returns the fit of an enhanced code for the row.
func (r *Row) codeFit(enhanced string) Fit {
	prefix, detail, ok := splitEnhanced(enhanced)
	if !ok || r.isClass() {
		return NoFit
	}
	best := NoFit
	for _, pattern := range r.Enhanced {
		best = max(best, patternFit(pattern, prefix, detail))
	}
	if best == ExactFit && vague(enhanced) {
		return VagueFit
	}
	return best
}

func patternFit(pattern, prefix string, detail int) Fit {
	span, isRange := 0, false
	if low, high, found := strings.Cut(pattern, "-"); found {
		pattern, isRange = low, true
		span, _ = strconv.Atoi(high)
	}
	p, d, ok := splitEnhanced(pattern)
	switch {
	case !ok, p != prefix && (p[0] != 'x' || p[1:] != prefix[1:]):
		return NoFit
	case isRange && detail >= d && detail <= span:
		return RangeFit
	case d == detail:
		return ExactFit
	}
	return NoFit
}

// vague reports whether an enhanced code names only a subject: x.y.0 is "other
// or undefined" (RFC 3463 3), and servers give 5.7.1 for anything.
func vague(enhanced string) bool {
	return strings.HasSuffix(enhanced, ".0") || enhanced[1:] == ".7.1" || enhanced[1:] == ".5.0"
}

// splitEnhanced cuts "5.7.64" into "5.7" and 64. The class may be "x".
func splitEnhanced(s string) (prefix string, detail int, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 3 || s[1] != '.' || strings.IndexByte("245x", s[0]) < 0 || len(s) > len("5.999.999") {
		return "", 0, false
	}
	detail, err := strconv.Atoi(s[i+1:])
	return s[:i], detail, err == nil
}

// private reports whether an enhanced code belongs to one provider: the
// registry of RFC 5248 does not define it, and only rows of that provider and
// its kin have it.
func private(enhanced string) bool {
	found := Any
	rows := catalogue()
	for i := range rows {
		r := &rows[i]
		if r.codeFit(enhanced) == NoFit {
			continue
		}
		if r.Provider == Any || found != Any && !found.kin(r.Provider) {
			return false
		}
		found = r.Provider
	}
	return found != Any
}

// accepted reports whether the codes are those of success, RFC 5321 4.2.1.
func accepted(q Query) bool {
	return q.Code >= 200 && q.Code < 400 || q.Code == 0 && strings.HasPrefix(q.Enhanced, "2.")
}

func (r *Row) isClass() bool { return strings.HasPrefix(r.ID, "class.") }

// classFit returns how many characters of the code a row of a class knows.
func (r *Row) classFit(q Query) int {
	fit := 0
	for _, prefix := range r.Enhanced {
		if q.Enhanced != "" && strings.HasPrefix(q.Enhanced+".", prefix) {
			fit = len(prefix)
		}
	}
	if q.Enhanced == "" && q.Code != 0 && slices.Contains(r.Codes, uint16(q.Code/100)) {
		fit = 1
	}
	return fit
}
