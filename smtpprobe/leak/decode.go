package leak

import (
	"html"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// The alphabets in which bytes are written as text (RFC 4648 4 to 8).
const (
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
)

var alphabets = []struct {
	symbols string
	bits    int
	fold    bool // upper and lower case are the same
}{
	{upper + lower + digits + "+/", 6, false},
	{upper + lower + digits + "-_", 6, false},
	{upper + "234567", 5, true},
	{digits + "ABCDEFGHIJKLMNOPQRSTUV", 5, true},
	{"+-" + digits + upper + lower, 6, false}, // xxencode
	{digits + "ABCDEF", 4, true},
	{"01", 1, false},
	{" !\"#$%&'()*+,-./" + digits + ":;<=>?@" + upper + "[\\]^_", 6, false}, // uuencode
}

// unescapes undo one way each to write characters within a text.
func unescapes() []func(string) string {
	return []func(string) string{percent, quotedPrintable, xtext, html.UnescapeString, backslashes, numbers, utf7, joined,
		codes(decimals, 10), codes(octals, 8), codes(hexes, 16), codes(triples, 10), moved}
}

// unpacked returns the bytes that a text may stand for as a whole. The encoded
// text may be split, so that separators do not count, and may start anywhere.
func unpacked(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, a := range alphabets {
			values := valuesOf(s, a.symbols, a.fold)
			for from := range 8 / gcd(8, a.bits) {
				if from < len(values) && !yield(pack(values[from:], a.bits)) {
					return
				}
			}
		}
	}
}

// minRun is how much text there must be together in bytes before it is decoded once
// more; a text that is not encoded becomes bytes of all kinds.
const minRun = 6

// readable returns the text within bytes.
func readable(s string) string {
	runs := strings.FieldsFunc(strings.ReplaceAll(s, "\x00", ""), func(r rune) bool { return r < ' ' || r > '~' })
	return strings.Join(slices.DeleteFunc(runs, func(run string) bool { return len(run) < minRun }), " ")
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// valuesOf returns the numbers of the symbols in a text; all else is skipped.
func valuesOf(s, symbols string, fold bool) []byte {
	if fold {
		s = strings.ReplaceAll(strings.ToUpper(s), "0X", "")
	}
	var out []byte
	for i := range len(s) {
		if v := strings.IndexByte(symbols, s[i]); v >= 0 {
			out = append(out, byte(v))
		}
	}
	return out
}

// pack joins numbers of some bits to bytes. What is not a whole byte is dropped.
func pack(values []byte, bits int) string {
	var out []byte
	acc, have := 0, 0
	for _, v := range values {
		acc, have = acc<<bits|int(v), have+bits
		if have >= 8 {
			have -= 8
			out = append(out, byte(acc>>have))
			acc &= 1<<have - 1
		}
	}
	return string(out)
}

var (
	percents   = regexp.MustCompile(`%u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}`)
	equals     = regexp.MustCompile(`=[ \t]*\r?\n|=[0-9A-Fa-f]{2}`)
	pluses     = regexp.MustCompile(`\+[0-9A-Fa-f]{2}`)
	slashes    = regexp.MustCompile(`\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[0-7]{3}|\\[^0-9A-Za-z]`)
	lists      = regexp.MustCompile(`\b[0-9]{1,3}(?:[^0-9A-Za-z]+[0-9]{1,3}\b)+`)
	decimals   = regexp.MustCompile(`[0-9]+`)
	octals     = regexp.MustCompile(`0?[0-7]{2,3}`)
	hexes      = regexp.MustCompile(`0[xX][0-9A-Fa-f]{2}`)
	triples    = regexp.MustCompile(`[0-2][0-9]{2}`)
	shifted    = regexp.MustCompile(`\+([A-Za-z0-9+/]+)-?`)
	joints     = regexp.MustCompile(`\?=\s*=\?[^?\s]*\?[BbQq]\?|=\?[^?\s]*\?[BbQq]\?|\?=|["']\s*[+.&,]?\s*["']`)
	surrogates = regexp.MustCompile(`(?i)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}`)
)

// percent undoes the encoding of URLs. RFC 3986 2.1
func percent(s string) string { return percents.ReplaceAllStringFunc(s, byHex(1)) }

// quotedPrintable undoes RFC 2045 6.7, and with it the Q encoding of RFC 2047.
func quotedPrintable(s string) string { return equals.ReplaceAllStringFunc(s, byHex(1)) }

// xtext undoes the encoding of ESMTP parameters. RFC 3461 4
func xtext(s string) string { return pluses.ReplaceAllStringFunc(s, byHex(1)) }

// byHex returns the character that hexadecimal digits name after a mark, or
// after a mark and "u"; a line end that was quoted becomes nothing.
func byHex(mark int) func(string) string {
	return func(s string) string {
		code := s[mark:]
		wide := strings.HasPrefix(code, "u")
		n, err := strconv.ParseUint(strings.TrimPrefix(code, "u"), 16, 32)
		switch {
		case err != nil:
			return ""
		case wide:
			return string(rune(n))
		}
		return string([]byte{byte(n)})
	}
}

// backslashes undoes the escapes of JSON, C, Go and zone files.
func backslashes(s string) string {
	s = surrogates.ReplaceAllStringFunc(s, func(pair string) string {
		hi, _ := strconv.ParseUint(pair[2:6], 16, 32)
		lo, _ := strconv.ParseUint(pair[8:12], 16, 32)
		return string(utf16.DecodeRune(rune(hi), rune(lo)))
	})
	return slashes.ReplaceAllStringFunc(s, func(e string) string {
		base, code := 16, strings.Trim(e[2:], "{}")
		switch e[1] {
		case 'u', 'U', 'x':
		case '0', '1', '2', '3', '4', '5', '6', '7':
			base, code = 8, e[1:]
		default:
			return e[1:]
		}
		n, err := strconv.ParseUint(code, base, 32)
		if err != nil {
			return e
		}
		if e[1] == 'u' || e[1] == 'U' {
			return string(rune(n))
		}
		return string([]byte{byte(n)})
	})
}

// numbers reads lists of character codes.
func numbers(s string) string {
	return lists.ReplaceAllStringFunc(s, func(list string) string {
		var b strings.Builder
		for _, code := range strings.FieldsFunc(list, func(r rune) bool { return r < '0' || r > '9' }) {
			if n, err := strconv.ParseUint(code, 10, 8); err == nil {
				b.WriteByte(byte(n))
			}
		}
		return b.String()
	})
}

// codes reads all numbers of a text as character codes, whatever is between them, as
// in calls of functions.
func codes(number *regexp.Regexp, base int) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for _, code := range number.FindAllString(s, -1) {
			if n, err := strconv.ParseUint(strings.TrimLeft(code, "0xX"), base, 8); err == nil {
				b.WriteByte(byte(n))
			}
		}
		return b.String()
	}
}

// moved undoes blocks of Unicode that repeat the bytes: tags and Braille patterns.
func moved(s string) string {
	return strings.Map(func(r rune) rune {
		const tags, braille, size = 0xe0000, 0x2800, 0x100
		switch {
		case r >= tags && r < tags+size/2:
			return r - tags
		case r >= braille && r < braille+size:
			return r - braille
		}
		return r
	}, s)
}

// joined takes away what splits and marks encoded words (RFC 2047 2) and
// concatenated strings; "_" is a blank there.
func joined(s string) string {
	return strings.ReplaceAll(joints.ReplaceAllString(s, ""), "_", " ")
}

// wide reads bytes as UTF-16, with the low and high byte at these places, from
// the first byte and from the second.
func wide(raw string, low, high int) string {
	var units []uint16
	for from := range 2 {
		for i := from; i+1 < len(raw); i += 2 {
			units = append(units, uint16(raw[i+low])|uint16(raw[i+high])<<8)
		}
	}
	return string(utf16.Decode(units))
}

// utf7 undoes RFC 2152: characters in UTF-16 within "+" and "-".
func utf7(s string) string {
	return shifted.ReplaceAllStringFunc(s, func(m string) string {
		return wide(pack(valuesOf(strings.Trim(m, "+-"), upper+lower+digits+"+/", false), 6), 1, 0)
	})
}
