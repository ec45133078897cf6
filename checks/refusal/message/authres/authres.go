// Package authres reads Authentication-Results fields (RFC 8601), in which a
// server writes down what it found out about a message.
//
// Pieces of such a field repeat what the sender chose: the envelope sender may
// be `"a; dmarc=pass"@example.com`, and a comment may quote anything. So the
// field is cut by the grammar, quoted strings and nested comments included,
// and never by looking for a word in it.
package authres

import (
	"fmt"
	"strings"
)

// Field is one Authentication-Results field. All strings are hostile.
type Field struct {
	ID      string // authserv-id; "" where Microsoft 365 leaves it out
	Results []Result
	Fault   string // why it cannot be read
}

// Result is the outcome of one method.
type Result struct {
	Method  string // in lower case, without its version
	Value   string // in lower case
	Reason  string
	Props   map[string]string // "ptype.property" in lower case; "" if it is there with two values
	Comment string            // the first one behind the value
}

// The limits of a field.
const (
	maxField   = 16 << 10
	maxResults = 100
)

// Parse reads the value of a field. A fault leaves no results.
func Parse(v string) Field {
	if len(v) > maxField {
		return Field{Fault: fmt.Sprintf("it is longer than %d KiB", maxField>>10)}
	}
	parts, ok := cut(v)
	if !ok {
		return Field{Fault: "a quoted string or a comment in it does not end"}
	}
	f := Field{}
	if first := parts[0]; !first.is('=') {
		f.ID = first.id()
		parts = parts[1:]
	}
	for _, p := range parts[:min(len(parts), maxResults)] {
		if r, ok := p.result(); ok {
			f.Results = append(f.Results, r)
		}
	}
	return f
}

// token is a word, a quoted string, a comment or a special character.
type token struct {
	kind byte // 'w', '"', '(' or '='
	text string
}

// part is what stands between two semicolons.
type part []token

func (p part) is(kind byte) bool {
	for _, t := range p {
		if t.kind == kind {
			return true
		}
	}
	return false
}

// id is the authserv-id: the first word. A version may follow. RFC 8601 2.2
func (p part) id() string {
	for _, t := range p {
		if t.kind != '(' {
			return t.text
		}
	}
	return ""
}

// cut cuts a field at its semicolons.
func cut(v string) (parts []part, ok bool) {
	parts = []part{nil}
	add := func(t token) { parts[len(parts)-1] = append(parts[len(parts)-1], t) }
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case c == ';':
			parts = append(parts, nil)
			i++
		case c == '=':
			add(token{'=', "="})
			i++
		case c == '(' || c == '"':
			text, n, closed := quoted(v[i:])
			if !closed {
				return nil, false
			}
			add(token{c, text})
			i += n
		default:
			n := strings.IndexAny(v[i:], " \t\r\n;=(\"")
			if n < 0 {
				n = len(v) - i
			}
			add(token{'w', v[i : i+n]})
			i += n
		}
	}
	return parts, true
}

// quoted reads a quoted string, or a comment with those inside it. RFC 5322
// 3.2.2, 3.2.4
func quoted(v string) (text string, n int, closed bool) {
	open, depth := v[0], 0
	var b strings.Builder
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '\\' && i+1 < len(v):
			i++
			b.WriteByte(v[i])
			continue
		case open == '"' && c == '"' && i > 0:
			return b.String(), i + 1, true
		case open == '(' && c == '(':
			depth++
		case open == '(' && c == ')':
			if depth--; depth == 0 {
				return b.String(), i + 1, true
			}
		}
		if i > 0 {
			b.WriteByte(v[i])
		}
	}
	return "", 0, false
}

// result reads "method/version = value reason=x ptype.property=value ...".
func (p part) result() (Result, bool) {
	r := Result{Props: map[string]string{}}
	words := make(part, 0, len(p))
	for _, t := range p {
		switch {
		case t.kind != '(':
			words = append(words, t)
		case len(words) == 3 && r.Comment == "":
			r.Comment = t.text
		}
	}
	if len(words) < 3 || words[0].kind != 'w' || words[1].kind != '=' || words[2].kind == '=' {
		return r, false
	}
	method, _, _ := strings.Cut(words[0].text, "/")
	r.Method, r.Value = strings.ToLower(method), strings.ToLower(words[2].text)
	r.props(words[3:])
	return r, true
}

// props reads pairs. A value may be cut into several tokens, such as a local
// part in quotes and its domain, or base64 with its "=" at the end.
func (r *Result) props(words part) {
	for len(words) >= 2 {
		if words[0].kind != 'w' || words[1].kind != '=' {
			words = words[1:]
			continue
		}
		name := strings.ToLower(words[0].text)
		words = words[2:]
		var value string
		for len(words) > 0 && (len(words) < 2 || words[1].kind != '=' || words[0].kind != 'w' || value == "") {
			if value != "" && words[0].kind == 'w' && !strings.HasPrefix(words[0].text, "@") {
				break
			}
			value += words[0].text
			words = words[1:]
		}
		r.set(name, value)
	}
}

func (r *Result) set(name, value string) {
	if name == "reason" {
		if r.Reason == "" {
			r.Reason = value
		}
		return
	}
	if first, twice := r.Props[name]; twice && first != value {
		value = "" // it says two things
	}
	r.Props[name] = value
}
