// Package nearmiss recognizes host names that are one slip of the pen away from
// a well-known name. It would rather miss a slip than see one that is none.
package nearmiss

import (
	"strings"
	"unicode/utf8"
)

// minLength is how long a known name must be for its look-alikes to be slips;
// short names differ by one letter from names of others.
const minLength = 12

// Of returns the known name that name was meant to be, and whether there is
// exactly one. A known name itself, and a name below one, is no near miss.
func Of(name string, known []string) (meant string, ok bool) {
	name = fold(name)
	for _, k := range known {
		if below, ok := strings.CutSuffix(name, strings.ToLower(k)); ok && (below == "" || strings.HasSuffix(below, ".")) {
			return "", false
		}
	}
	for _, k := range known {
		k = strings.ToLower(k)
		if len(k) < minLength || !slipped(name, k) {
			continue
		}
		if ok && meant != k {
			return "", false
		}
		meant, ok = k, true
	}
	return meant, ok
}

// fold returns the name in lower case without the dot at its end.
func fold(name string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
}

// slipped reports whether name is known with one slip: a letter changed, left
// out, doubled or swapped with its neighbor; a dot that is missing, doubled or
// another sign; a zone appended; or letters that look alike.
func slipped(name, known string) bool {
	if zone, ok := strings.CutPrefix(name, known); ok && strings.HasPrefix(zone, ".") { // a zone file without the dot at the end
		return true
	}
	if !closeLengths(name, known) || sibling(name, known) {
		return false
	}
	return oneSlip(name, known) || same(name, known, unsigned) || same(name, known, shape)
}

// closeLengths reports whether one slip can lie between two names: the cheap
// test that most names fail. Foreign letters take more bytes than they replace.
func closeLengths(name, known string) bool {
	const most = 8 // signs left out or doubled
	d := utf8.RuneCountInString(name) - len(known)
	return -most <= d && d <= most
}

// sibling reports whether name differs from known only by more letters at the
// end of its first label, as "spfa" from "spf": operators number hosts so.
func sibling(name, known string) bool {
	host, zone, _ := strings.Cut(name, ".")
	knownHost, knownZone, _ := strings.Cut(known, ".")
	return zone == knownZone && strings.HasPrefix(host, knownHost)
}

// same reports whether two names are equal letter by letter, as a reader takes
// these from a name; most differ in the first already.
func same(a, b string, read func(string) (letter rune, rest string)) bool {
	for {
		var x, y rune
		x, a = read(a)
		y, b = read(b)
		if x != y || x == end {
			return x == y
		}
	}
}

// end stands for the letter behind the last of a name.
const end rune = -1

func first(name string) (letter rune, rest string) {
	if name == "" {
		return end, ""
	}
	letter, size := utf8.DecodeRuneInString(name)
	return letter, name[size:]
}

// unsigned reads a letter or digit.
func unsigned(name string) (letter rune, rest string) {
	return first(strings.TrimLeft(name, ".-_,"))
}

// shape reads what letters that look alike have in common.
func shape(name string) (letter rune, rest string) {
	for _, pair := range []struct{ two, one string }{{"rn", "m"}, {"vv", "w"}} {
		if rest, ok := strings.CutPrefix(name, pair.two); ok {
			return rune(pair.one[0]), rest
		}
	}
	letter, rest = first(name)
	switch letter {
	case '0', '\u043e':
		letter = 'o'
	case '1', 'i', '\u0456':
		letter = 'l'
	case '\u0430':
		letter = 'a'
	case '\u0435':
		letter = 'e'
	case '\u0440':
		letter = 'p'
	case '\u0441':
		letter = 'c'
	case '\u0443':
		letter = 'y'
	}
	return letter, rest
}

// oneSlip reports whether a and b differ by one letter left out, added or
// changed, or by two neighbors swapped. Digits are no slip: they number hosts.
func oneSlip(a, b string) bool {
	const digits = "0123456789"
	x, y := Differing(a, b)
	return (len(x) <= 1 && len(y) <= 1 || Swapped(x, y)) && !strings.ContainsAny(x, digits) && !strings.ContainsAny(y, digits)
}

// Differing returns what is left of two words without the beginning and the end
// that they share.
func Differing(a, b string) (x, y string) {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return a[head : len(a)-tail], b[head : len(b)-tail]
}

// Swapped reports whether x and y are two letters in either order.
func Swapped(x, y string) bool { return len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0] }
