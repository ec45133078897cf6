// Package taglist splits the "name=value; name=value" texts of RFC 6376 3.2,
// in which DKIM keys, DMARC policies and their kin are written. It knows where
// each piece stood, so that a fault can be pointed at, and has no opinion on
// which names exist.
package taglist

import "strings"

// WSP is the white space that may stand around names, values and separators
// (RFC 6376 2.8; line ends occur where a record was pasted with them).
const WSP = " \t\r\n"

// Tag is one piece of a list between semicolons, trimmed. A piece without an
// equals sign has all its text in Name and Equals false.
type Tag struct {
	Name, Value string
	Equals      bool
	Pos         int // byte offset of Name in the text
	ValuePos    int // byte offset of Value in the text
}

const usual = 8 // tags of a record

// Split returns the pieces of s in order, without the empty ones.
func Split(s string) []Tag {
	if s == "" {
		return nil
	}
	tags := make([]Tag, 0, min(1+strings.Count(s, ";"), usual))
	for pos := 0; pos <= len(s); {
		piece, _, _ := strings.Cut(s[pos:], ";")
		if strings.Trim(piece, WSP) != "" {
			tags = append(tags, parse(piece, pos))
		}
		pos += len(piece) + 1
	}
	return tags
}

func parse(piece string, pos int) Tag {
	name, value, equals := strings.Cut(piece, "=")
	t := Tag{Equals: equals, Pos: pos + lead(name), ValuePos: pos + len(name) + 1 + lead(value)}
	t.Name, t.Value = strings.Trim(name, WSP), strings.Trim(value, WSP)
	return t
}

// lead counts the white space at the start of s.
func lead(s string) int { return len(s) - len(strings.TrimLeft(s, WSP)) }

// ValidName reports whether s is a tag name by RFC 6376 3.2: a letter, then
// letters, digits and underscores.
func ValidName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// ListValue splits a value at sep into its trimmed, non-empty items.
func ListValue(value, sep string) []string {
	var items []string
	for item, more := "", true; more; {
		item, value, more = strings.Cut(value, sep)
		if item = strings.Trim(item, WSP); item != "" {
			items = append(items, item)
		}
	}
	return items
}
