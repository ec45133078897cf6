package spf

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// charNames names the characters that get into records from word processors,
// web pages and chat programs, most of which cannot be seen.
var charNames = map[rune]string{
	0x00: "NUL", '\t': "tab", '\n': "line feed", '\r': "carriage return",
	0xA0: "no-break space", 0xAD: "soft hyphen", 0x2009: "thin space", 0x202F: "narrow no-break space",
	0x200B: "zero-width space", 0x200C: "zero-width non-joiner", 0x200D: "zero-width joiner",
	0x200E: "left-to-right mark", 0x200F: "right-to-left mark", 0x2028: "line separator",
	0x202A: "left-to-right embedding", 0x202C: "pop directional formatting",
	0x202D: "left-to-right override", 0x202E: "right-to-left override",
	0x2060: "word joiner", 0x3000: "ideographic space", 0xFEFF: "byte order mark",
	0x2010: "hyphen", 0x2011: "non-breaking hyphen", 0x2012: "figure dash", 0x2013: "en dash",
	0x2014: "em dash", 0x2015: "horizontal bar", 0x2212: "minus sign", 0xFE63: "small hyphen",
	0xFF0D: "full-width hyphen", 0x2018: "curly quote", 0x2019: "curly quote", 0x201C: "curly quote",
	0x201D: "curly quote", 0x201E: "low quote", 0xAB: "angle quote", 0xBB: "angle quote",
	0xFF1A: "full-width colon", 0x02D0: "length mark", 0x2236: "ratio sign",
	0x223C: "tilde operator", 0x02DC: "small tilde", 0xFF5E: "full-width tilde",
}

// plain returns the ASCII that a foreign character stands for: "" for the
// invisible ones and quotes, " " for blanks; ok is false if none comes to mind.
func plain(r rune) (s string, ok bool) {
	switch {
	case r == 0, r == 0xAD, r == 0xFEFF, unicode.Is(unicode.Cf, r):
		return "", true
	case unicode.IsSpace(r):
		return " ", true
	case unicode.Is(unicode.Pd, r), r == 0x2212:
		return "-", true
	case unicode.In(r, unicode.Pi, unicode.Pf), r == 0x201E, r == '"', r == '`':
		return " ", true
	case r >= 0xFF01 && r <= 0xFF5E: // full-width forms
		return string(r - 0xFEE0), true
	case r == 0x02D0, r == 0x2236:
		return ":", true
	case r == 0x223C, r == 0x02DC:
		return "~", true
	}
	if c, ok := homoglyphs[r]; ok {
		return string(c), true
	}
	return string(r), r > ' ' && r < 0x7F
}

// homoglyphs maps letters that look like those of "v=spf1", "all", "include"
// and "redirect" to them.
var homoglyphs = map[rune]byte{
	'ѵ': 'v', 'ν': 'v', 'ѕ': 's', 'р': 'p', 'ρ': 'p', 'а': 'a', 'α': 'a', 'с': 'c', 'е': 'e',
	'і': 'i', 'ι': 'i', 'ӏ': 'l', 'о': 'o', 'ο': 'o', 'х': 'x', 'у': 'y', 'ԁ': 'd', 'т': 't', 'п': 'n',
	'Ѕ': 'S', 'Р': 'P', 'Ρ': 'P', 'А': 'A', 'Α': 'A', 'С': 'C', 'Е': 'E', 'І': 'I', 'М': 'M', 'Х': 'X',
}

// Visible writes a record so that every byte can be seen: characters that are
// not printable ASCII become "<U+200B>", bytes that are no UTF-8 "<0xEF>".
func Visible(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "<0x%02X>", s[i])
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteByte(s[i])
		}
		i += n
	}
	return b.String()
}

// foreign is the fault of a byte that cannot stand in a record.
func foreign(s string, i int) *fault {
	r, n := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && n == 1 {
		return faultf(i, 1, "the byte 0x%02X cannot stand in a record: only ASCII can", s[i])
	}
	name := charNames[r]
	if name == "" && unicode.IsLetter(r) {
		name = "letter " + string(r)
	}
	if name != "" {
		name = " (" + name + ")"
	}
	return faultf(i, n, "the character U+%04X%s cannot stand in a record: only ASCII can", r, name)
}

// How much of a record Mark shows: it fits beside a label on a narrow terminal.
const (
	markHead = 20
	markBody = 24
	markTail = 16
)

// Mark shows the place of a fault: a cut of the record, made visible, and
// below it a line of carets.
func Mark(txt string, offset, n int) string {
	offset = min(max(offset, 0), len(txt))
	end := min(offset+max(n, 1), len(txt))
	from := runeStart(txt, max(0, offset-markHead))
	head := Visible(txt[min(from, offset):offset])
	if from > 0 || len(head) > markHead {
		head = "..." + head[max(0, len(head)-markHead+3):]
	}
	end = offset + wholeRunes(txt[offset:], end-offset)
	body := Visible(txt[offset:max(offset, runeStart(txt, min(end, offset+markBody)))])
	tail := ""
	if len(body) > markBody || end > offset+markBody {
		body, tail = body[:min(len(body), markBody)], "..."
	} else if rest := Visible(txt[end:min(len(txt), end+2*markTail)]); len(rest) > markTail+3 {
		tail = rest[:markTail] + "..."
	} else {
		tail = rest
	}
	return head + body + tail + "\n" + strings.Repeat(" ", len(head)) + strings.Repeat("^", max(1, len(body)))
}

// wholeRunes is n, moved forward to the end of a character of s. Bytes that are
// part of no character stand for themselves.
func wholeRunes(s string, n int) int {
	for i := n; i < len(s) && i < n+utf8.UTFMax; i++ {
		if utf8.RuneStart(s[i]) {
			return i
		}
	}
	return min(n, len(s))
}

// runeStart moves i back to where a character starts, if one does.
func runeStart(s string, i int) int {
	for j := i; j > 0 && j < len(s) && j > i-utf8.UTFMax; j-- {
		if utf8.RuneStart(s[j]) {
			return j
		}
	}
	return i
}
