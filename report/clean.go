package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Clean makes hostile text safe and honest for a terminal and for one line of
// plain text: whatever does not show as itself is written as an escape.
//
//	ESC, BEL, TAB, LF and other control bytes   \x1b \a \t \n \x00
//	C1 controls, bidi marks, zero-width, tags   \u009b \u202e \u200b \U000e0041
//	spaces other than the plain one             \u00a0
//	bytes that are not UTF-8                    \xff
//
// Newlines are escaped too: text of several lines is split first. A backslash
// is left alone, so that records can be copied. A combining mark is shown only
// after a character it can sit on, and at most three in a row.
func Clean(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks, first := 0, true
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		bare := r == utf8.RuneError && n == 1
		if !bare && unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case bare:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !shows(r), marks > maxMarks, marks > 0 && first:
			b.WriteString(escapeRune(r))
		default:
			b.WriteRune(r)
		}
		i, first = i+n, false
	}
	return b.String()
}

// maxMarks is how many combining marks may sit on one character; languages
// that are written need no more.
const maxMarks = 3

// maxDomain is the length of the longest domain name; RFC 1035 2.3.4
const maxDomain = 253

// CleanTo is [Clean] cut to cols columns of the terminal, with "..." at the
// end of what was cut.
func CleanTo(s string, cols int) string { return truncate(cleanSome(s, cols), cols, "...") }

// cleanSome cleans at least as much of s as fills more than cols columns, so
// that a huge value that is cut afterwards costs little.
func cleanSome(s string, cols int) string {
	const most = 4 + 4*maxMarks // bytes that take one column
	if limit := (max(cols, 0) + 1) * most; len(s) > limit {
		s = s[:limit]
	}
	return Clean(s)
}

// Lines splits text of several lines and makes each safe as [Clean] does. The
// ends of lines may be LF or CRLF; an end after the last line is dropped.
func Lines(s string) []string {
	s = strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = Clean(l)
	}
	return lines
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// shows reports whether r is seen as itself.
func shows(r rune) bool {
	return unicode.IsPrint(r) && !unicode.Is(unseen, r)
}

// unseen holds what counts as printable but shows nothing, or alters what
// is next to it: default-ignorable code points outside the categories Cf
// and Cn, fillers, the blank braille pattern, variation selectors.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, // Khmer inherent vowels
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, // Mongolian selectors
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // blank braille
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // variation selectors
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1}, // half-width Hangul filler
		{Lo: 0xfffc, Hi: 0xfffc, Stride: 1}, // object replacement
	},
	R32: []unicode.Range32{
		{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, // null note head
		{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}, // variation selectors
	},
}

func escapeRune(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// ascii writes clean text in ASCII alone, for terminals that have no UTF-8:
// the signs that our own sentences use become their plain forms, all others
// escapes.
func ascii(s string) string {
	if plainASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch plain, ok := asciiSigns[r]; {
		case ok:
			b.WriteString(plain)
		case r >= 0x80:
			b.WriteString(escapeRune(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var asciiSigns = map[rune]string{
	'→': "->", '←': "<-", '…': "...", '–': "-", '—': "-", '·': "-", '×': "x", '≤': "<=", '≥': ">=",
	'‘': "'", '’': "'", '“': `"`, '”': `"`, '─': "-",
}

// columns measures text as terminals do that are not set up for East Asian
// legacy fonts. It does not look at the environment, so that a replay gives
// the same lines anywhere.
func columns() *runewidth.Condition {
	return &runewidth.Condition{StrictEmojiNeutral: true}
}

// width is how many columns of the terminal clean text takes.
func width(s string) int {
	if plainASCII(s) {
		return len(s)
	}
	return columns().StringWidth(s)
}

// truncate cuts clean text to cols columns, mark included.
func truncate(s string, cols int, mark string) string {
	cols = max(cols, 0)
	if width(s) <= cols {
		return s
	}
	if cols < width(mark) {
		mark = ""
	}
	return columns().Truncate(s, cols, mark)
}
