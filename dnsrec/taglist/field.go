package taglist

import (
	"fmt"
	"strings"
)

// This file holds the stricter lists of MTA-STS and TLS reporting, which are
// fields of RFC 8461 3.1 and, in the same words, RFC 8460 3.

const maxFieldName = 32 // characters; RFC 8461 3.1

// Field reports what keeps the tag from being a field of the stricter lists, and
// at which byte of the text; "" if nothing. The characters of also may stand
// in the value besides.
func (t Tag) Field(also string) (pos int, fault string) {
	switch {
	case !t.Equals:
		return t.Pos, fmt.Sprintf("%q is not of the form name=value", Clip(t.Name))
	case !ValidField(t.Name):
		return t.Pos, fmt.Sprintf("%q is not a field name", Clip(t.Name))
	case t.ValuePos != t.Pos+len(t.Name)+1:
		return t.Pos + len(t.Name), fmt.Sprintf("spaces are not allowed around the = of %q", Clip(t.Name))
	case t.Value == "":
		return t.ValuePos, fmt.Sprintf("%q has no value", Clip(t.Name))
	}
	for i := range len(t.Value) {
		c := t.Value[i]
		if (c <= ' ' || c >= 0x7F || c == '=') && strings.IndexByte(also, c) < 0 {
			return t.ValuePos + i, fmt.Sprintf("the character %q may not stand in a value; is a semicolon missing?", c)
		}
	}
	return 0, ""
}

// ValidField reports whether s is the name of such a field: a letter or digit,
// then up to 31 letters, digits, underscores, hyphens and dots.
func ValidField(s string) bool {
	for i := range len(s) {
		if c := s[i]; !Alnum(c) && (i == 0 || c != '_' && c != '-' && c != '.') {
			return false
		}
	}
	return s != "" && len(s) <= maxFieldName
}

// Alnum reports whether c is a letter or digit of ASCII.
func Alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

const maxClip = 60 // bytes

// Clip bounds a piece of a hostile text for a message.
func Clip(s string) string {
	if len(s) <= maxClip {
		return s
	}
	return strings.ToValidUTF8(s[:maxClip], "") + "..."
}
