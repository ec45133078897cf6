// Package eml reads an e-mail message into its header fields and the tree of
// its parts, as far as is needed to diagnose it.
//
// A message is a header, an empty line and a body (RFC 5322 2.1); a field of
// the header may go on over several lines that start with a blank, and it is
// one line once these are joined ("unfolded"). A body of a multipart type is
// cut by lines that start with "--" and the boundary (RFC 2046 5.1); a part is
// again a header, an empty line and a body, and may itself be a message.
//
// Bounces come from many kinds of software and break these rules in many ways,
// and anyone who sends a message chooses all of it. So the reader never fails: it
// takes what it can, is bounded in everything, and notes what it left out.
package eml

import (
	"bytes"
	"fmt"
	"mime"
	"slices"
	"strings"
)

// The limits. What lies beyond them is left out, and a note tells so.
const (
	MaxFields  = 2000
	MaxHeader  = 256 << 10
	MaxDepth   = 50
	MaxParts   = 1000
	MaxDecoded = 20 << 20 // of all parts together
)

// Field is one header field.
type Field struct {
	Name  string // as written
	Value string // unfolded, without blanks around it; hostile
}

// Part is a message or a part of one.
type Part struct {
	Fields  []Field
	Dropped int               // fields that are left out, for there was no room for them
	Cut     bool              // fields that decide something are left out
	Type    string            // media type in lower case, "text/plain" if none is given
	Params  map[string]string // of the media type
	Body    []byte            // as transmitted, still encoded
	Parts   []*Part           // of a multipart or of a message/rfc822
}

// Message is a message that was read.
type Message struct {
	*Part
	Notes []string // what was cut or is malformed
}

// Parse reads a message whose lines end with LF or CRLF.
func Parse(data []byte) *Message {
	r := &reader{decoded: MaxDecoded}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.Contains(data, []byte("\r\n")) {
		data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	}
	m := &Message{Part: r.part(data, "text/plain", 0)}
	m.Notes = r.notes
	return m
}

// reader keeps the count of all that is bounded.
type reader struct {
	parts   int
	fields  int
	decoded int // bytes that may still be decoded
	notes   []string
}

func (r *reader) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}

func (r *reader) part(data []byte, standard string, depth int) *Part {
	r.parts++
	p := &Part{}
	r.header(p, data)
	p.setType(standard)
	boundary := p.Params["boundary"]
	switch {
	case depth >= MaxDepth:
		if boundary != "" {
			r.note("parts nested deeper than %d were not checked", MaxDepth)
		}
	case strings.HasPrefix(p.Type, "multipart/") && boundary != "":
		r.multipart(p, boundary, depth)
	case p.Type == "message/rfc822" || p.Type == "message/global":
		inner := p.Body
		if p.encoded() {
			inner = r.decode(p)
		}
		p.Parts = []*Part{r.part(bytes.TrimLeft(inner, "\n"), "text/plain", depth+1)}
	}
	return p
}

// maxBoundary is the longest boundary. RFC 2046 5.1.1
const maxBoundary = 70

func (r *reader) multipart(p *Part, boundary string, depth int) {
	if len(boundary) > 4*maxBoundary {
		r.note("a boundary of %d characters was not used", len(boundary))
		return
	}
	standard := "text/plain"
	if p.Type == "multipart/digest" {
		standard = "message/rfc822" // RFC 2046 5.1.5
	}
	for _, raw := range cutParts(p.Body, boundary, MaxParts+1) {
		if r.parts >= MaxParts {
			r.note("parts after the first %d were not checked", MaxParts)
			return
		}
		p.Parts = append(p.Parts, r.part(raw, standard, depth+1))
	}
}

// cutParts cuts a body at the lines that are the boundary. A boundary that is
// never closed ends with the body.
func cutParts(body []byte, boundary string, most int) [][]byte {
	mark := []byte("--" + boundary)
	var parts [][]byte
	start := -1
	for at := 0; at < len(body) && len(parts) < most; {
		i := lineIndex(body[at:], mark)
		if i < 0 {
			break
		}
		i += at
		rest := body[i+len(mark):]
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		line = bytes.TrimRight(line, " \t\r")
		at = i + len(mark)
		if len(line) > 0 && !bytes.Equal(line, []byte("--")) {
			continue // another boundary that starts with this one
		}
		if start >= 0 {
			parts = append(parts, bytes.TrimSuffix(body[start:i], []byte("\n")))
		}
		start = min(i+len(mark)+len(line)+1, len(body))
		if len(line) > 0 {
			return parts // the closing one
		}
	}
	if start >= 0 && start < len(body) && len(parts) < most {
		parts = append(parts, body[start:])
	}
	return parts
}

// lineIndex finds a line of b that starts with mark.
func lineIndex(b, mark []byte) int {
	if bytes.HasPrefix(b, mark) {
		return 0
	}
	i := bytes.Index(b, append([]byte("\n"), mark...))
	if i < 0 {
		return -1
	}
	return i + 1
}

func (p *Part) setType(standard string) {
	p.Type = standard
	value := p.Get("Content-Type")
	if value == "" {
		return
	}
	t, params, err := mime.ParseMediaType(cleanParams(value))
	if err != nil && t == "" {
		t, _, _ = strings.Cut(strings.ToLower(value), ";")
		t = strings.TrimSpace(t)
	}
	if strings.Count(t, "/") != 1 {
		t = standard
	}
	if params["boundary"] == "" {
		if b := roughBoundary(value); b != "" {
			params = map[string]string{"boundary": b, "report-type": roughParam(value, "report-type")}
		}
	}
	p.Type, p.Params = t, params
}

// maxType is how much of a Content-Type field is parsed.
const maxType = 4 << 10

func cleanParams(v string) string {
	return strings.TrimRight(v[:min(len(v), maxType)], "; \t")
}

// roughBoundary finds the boundary in a Content-Type that breaks the grammar,
// as those of some bounces do (unquoted "/" or "=").
func roughBoundary(v string) string { return roughParam(v[:min(len(v), maxType)], "boundary") }

func roughParam(v, name string) string {
	i := strings.Index(Lower(v), name+"=")
	if i < 0 {
		return ""
	}
	v = v[i+len(name)+1:]
	if strings.HasPrefix(v, `"`) {
		v, _, _ = strings.Cut(v[1:], `"`)
		return v
	}
	v, _, _ = strings.Cut(v, ";")
	return strings.TrimSpace(v)
}

// Lower returns s with A to Z in lower case and nothing else changed, so that
// indexes into it are indexes into s; strings.ToLower changes the length of
// some hostile strings.
func Lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// Get returns the value of the first field of that name, "" if there is none.
func (p *Part) Get(name string) string {
	for _, f := range p.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All returns the values of the fields of that name, from the top.
func (p *Part) All(name string) []string {
	var vs []string
	for _, f := range p.Fields {
		if strings.EqualFold(f.Name, name) {
			vs = append(vs, f.Value)
		}
	}
	return vs
}

// Walk calls f for the part and all parts below it, in order, until f
// returns false for one; then it skips what lies below that one.
func (p *Part) Walk(f func(*Part) bool) {
	if !f(p) {
		return
	}
	for _, q := range p.Parts {
		q.Walk(f)
	}
}
