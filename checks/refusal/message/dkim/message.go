// Package dkim verifies DKIM signatures (RFC 6376) as of the time at which a
// message was received, and holds the pieces that ARC shares with it (RFC 8617
// 4.1.2): tag lists, canonical forms and keys.
//
// Libraries verify as of now, and refuse what a receiver may accept (l=). A
// message that is checked days later needs a verifier that knows when it
// came, and that tells a broken signature from one which it will not take.
package dkim

import (
	"bytes"
	"strings"
)

const crlf = "\r\n"

// Message is a message in the form in which it was transmitted, with CRLF at
// the end of each line.
type Message struct {
	Fields []Field
	Body   []byte

	canonical map[string][]byte // bodies that were asked for
	counts    map[string]int    // of the fields, by their names in lower case
}

// count returns how many fields have a name.
func (m *Message) count(name string) int {
	if m.counts == nil {
		m.counts = map[string]int{}
		for _, f := range m.Fields {
			m.counts[strings.ToLower(f.Name)]++
		}
	}
	return m.counts[strings.ToLower(name)]
}

// Field is one header field with its folding and its line end.
type Field struct {
	Name string // as written
	Raw  string
}

// Value is what follows the colon, still folded.
func (f Field) Value() string {
	_, v, _ := strings.Cut(f.Raw, ":")
	return v
}

// Split cuts a message at its first empty line. Lines before it that are no
// fields are fields without a name.
func Split(data []byte) *Message {
	head, body, found := bytes.Cut(data, []byte("\r\n\r\n"))
	if bytes.HasPrefix(data, []byte(crlf)) {
		head, body, found = nil, data[len(crlf):], true
	}
	m := &Message{Body: body}
	if !found {
		head = bytes.TrimSuffix(head, []byte(crlf))
	}
	if len(head) == 0 {
		return m
	}
	text, start := string(head)+crlf, 0
	for at := 0; at < len(text); {
		if c := text[at]; at > 0 && c != ' ' && c != '\t' {
			m.add(text[start:at])
			start = at
		}
		at += strings.Index(text[at:], crlf) + len(crlf)
	}
	m.add(text[start:])
	return m
}

// add takes one field. All share the memory of the header, so that a field of
// many lines costs no more than its bytes.
func (m *Message) add(raw string) {
	name, _, _ := strings.Cut(raw[:strings.Index(raw, crlf)], ":")
	m.Fields = append(m.Fields, Field{Name: strings.TrimRight(name, " \t"), Raw: raw})
}

// picker hands out the fields of a name from the bottom up, each once. RFC
// 6376 5.4.2
type picker struct {
	fields []Field
	taken  map[string]int // by name: how many were handed out
	index  map[string][]int
}

func newPicker(fields []Field) *picker {
	p := &picker{fields: fields, taken: map[string]int{}, index: map[string][]int{}}
	for i, f := range fields {
		k := strings.ToLower(f.Name)
		p.index[k] = append(p.index[k], i)
	}
	return p
}

func (p *picker) next(name string) (Field, bool) {
	k := strings.ToLower(name)
	at := p.index[k]
	n := len(at) - 1 - p.taken[k]
	if n < 0 {
		return Field{}, false // signed as absent
	}
	p.taken[k]++
	return p.fields[at[n]], true
}
