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
		if k = strings.ToLower(k); name == k || strings.HasSuffix(name, "."+k) {
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
	if strings.HasPrefix(name, known+".") { // a zone file without the dot at the end
		return true
	}
	if !closeLengths(name, known) || sibling(name, known) {
		return false
	}
	return oneSlip(name, known) || signs.Replace(name) == signs.Replace(known) || shape.Replace(name) == shape.Replace(known)
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
	first, zone, _ := strings.Cut(name, ".")
	knownFirst, knownZone, _ := strings.Cut(known, ".")
	return zone == knownZone && strings.HasPrefix(first, knownFirst)
}

// signs leaves the letters and digits of a name.
var signs = strings.NewReplacer(".", "", "-", "", "_", "", ",", "")

// shape makes the letters that look alike the same.
var shape = strings.NewReplacer(
	"0", "o", "1", "l", "i", "l", "rn", "m", "vv", "w",
	"\u0430", "a", "\u0435", "e", "\u043e", "o", "\u0440", "p", "\u0441", "c", "\u0443", "y", "\u0456", "l",
)

// oneSlip reports whether a and b differ by one letter left out, added or
// changed, or by two neighbors swapped. Digits are no slip: they number hosts.
func oneSlip(a, b string) bool {
	x, y := Differing(a, b)
	if strings.ContainsAny(x+y, "0123456789") {
		return false
	}
	return len(x) <= 1 && len(y) <= 1 || Swapped(x, y)
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
