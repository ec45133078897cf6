package dkim

import (
	"bytes"
	"strings"
)

// The canonicalizations of c=. RFC 6376 3.4
const (
	Simple  = "simple"
	Relaxed = "relaxed"
)

// canonicalField returns a field in the form that is hashed. RFC 6376 3.4.1, 3.4.2
func canonicalField(raw, how string) string {
	if how == Simple {
		return raw
	}
	return RelaxedField(raw)
}

// RelaxedField returns a field in relaxed form. RFC 6376 3.4.2
func RelaxedField(raw string) string {
	name, value, _ := strings.Cut(raw, ":")
	name = strings.ToLower(strings.TrimRight(name, " \t"))
	return name + ":" + strings.Join(strings.FieldsFunc(value, blank), " ") + crlf
}

func blank(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// canonicalBody returns the body in the form that is hashed, once made for all
// signatures.
func (m *Message) canonicalBody(how string) []byte {
	if b, ok := m.canonical[how]; ok {
		return b
	}
	if m.canonical == nil {
		m.canonical = map[string][]byte{}
	}
	m.canonical[how] = canonicalBody(m.Body, how)
	return m.canonical[how]
}

// canonicalBody returns a body in the form that is hashed. RFC 6376 3.4.3, 3.4.4
func canonicalBody(body []byte, how string) []byte {
	if how == Relaxed {
		body = relaxedBody(body)
	}
	end := len(body)
	for end >= 2 && body[end-2] == '\r' && body[end-1] == '\n' {
		end -= 2
	}
	if end == 0 && how == Relaxed {
		return nil // "no CRLF is added to an empty body"
	}
	return append(body[:end:end], crlf...)
}

// relaxedBody takes the blanks off the ends of lines and makes one of several.
func relaxedBody(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for line := range bytes.SplitSeq(body, []byte(crlf)) {
		pending := false
		for _, c := range line {
			if c == ' ' || c == '\t' {
				pending = true
				continue
			}
			if pending {
				out, pending = append(out, ' '), false
			}
			out = append(out, c)
		}
		out = append(out, crlf...)
	}
	return out
}
