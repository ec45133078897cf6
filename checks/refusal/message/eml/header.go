package eml

import (
	"bytes"
	"mime"
	"strings"

	"maildiag/checks/refusal/message/eml/charset"
)

// header cuts data into the header fields of p and its body. An mbox line
// ("From x ...") before the first field is dropped; a line that is no field ends
// the header, for a bounce without an empty line must not lose its body.
func (r *reader) header(p *Part, data []byte) {
	var values [][]byte // of the fields, with their line ends
	left, kept := MaxHeader, false
	for len(data) > 0 {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		if len(bytes.TrimRight(line, " \t\r")) == 0 {
			data = rest
			break
		}
		switch last := len(values) - 1; {
		case line[0] == ' ' || line[0] == '\t':
			switch {
			case !kept:
			case len(line) > left:
				kept = false
				p.drop(p.Fields[last].Name)
			default:
				v := values[last]
				values[last] = v[:len(v)+1+len(line)] // the next line of the same array
				left -= len(line)
			}
		case len(p.Fields)+p.Dropped == 0 && IsMbox(line):
		default:
			name, value, ok := fieldLine(line)
			if !ok {
				p.unfold(values, r)
				p.Body = data
				return
			}
			if kept = r.room(name, len(line), left); !kept {
				p.drop(name)
				break
			}
			left -= len(line)
			p.Fields, values = append(p.Fields, Field{Name: name}), append(values, value)
		}
		data = rest
	}
	p.unfold(values, r)
	p.Body = data
}

// room reports whether a field is kept: fields that nobody knows get half of
// the room, so that they do not take that of the others.
func (r *reader) room(name string, size, left int) bool {
	scarce := r.fields >= MaxFields/2 || left-size < MaxHeader/2
	if r.fields >= MaxFields || size > left || scarce && !known[strings.ToLower(name)] {
		return false
	}
	r.fields++
	return true
}

// drop counts a field that is left out, or the rest of it.
func (p *Part) drop(name string) {
	p.Dropped++
	p.Cut = p.Cut || known[strings.ToLower(name)]
}

func (p *Part) unfold(values [][]byte, r *reader) {
	for i, v := range values {
		p.Fields[i].Value = strings.TrimSpace(strings.ReplaceAll(string(v), "\n", ""))
	}
	if p.Dropped > 0 {
		r.note("maildiag reads %d KiB and %d fields of a header at most; the rest was not checked", MaxHeader>>10, MaxFields)
	}
}

// IsMbox reports whether a line is the separator of the mbox format, plain or
// quoted (RFC 4155). A From field with blanks before its colon is not one. RFC
// 5322 4.5
func IsMbox(line []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimPrefix(line, []byte(">")), []byte("From "))
	return ok && !bytes.HasPrefix(bytes.TrimLeft(rest, " \t"), []byte(":"))
}

// maxName is the longest name of a field that is treated as one.
const maxName = 200

// fieldLine cuts the first line of a field. A name is printable ASCII without
// blanks or a colon; some write blanks before the colon. RFC 5322 2.2, 4.5
func fieldLine(line []byte) (name string, value []byte, ok bool) {
	i := bytes.IndexByte(line[:min(len(line), maxName)], ':')
	if i <= 0 {
		return "", nil, false
	}
	n := bytes.TrimRight(line[:i], " \t")
	for _, c := range n {
		if c <= ' ' || c >= 0x7f {
			return "", nil, false
		}
	}
	return string(n), line[i+1:], len(n) > 0
}

// maxWords bounds the decoding of encoded words.
const maxWords = 64 << 10

// Decoded returns a field's value with its encoded words (RFC 2047) as UTF-8;
// what cannot be decoded stays as it is.
func Decoded(value string) string {
	if len(value) > maxWords || !strings.Contains(value, "=?") {
		return value
	}
	s, err := (&mime.WordDecoder{CharsetReader: charset.Reader}).DecodeHeader(value)
	if err != nil {
		return value
	}
	return s
}

// Legible is Decoded for who looks for ASCII text: an unknown charset keeps it.
func Legible(value string) string {
	if s, err := (&mime.WordDecoder{CharsetReader: charset.LooseReader}).DecodeHeader(value[:min(len(value), maxWords)]); err == nil {
		return s
	}
	return value
}

// known are the names by which the start of a message is recognized.
var known = map[string]bool{
	"received": true, "from": true, "to": true, "cc": true, "subject": true, "date": true, "message-id": true,
	"return-path": true, "delivered-to": true, "mime-version": true, "content-type": true, "reply-to": true,
	"authentication-results": true, "dkim-signature": true, "received-spf": true, "sender": true,
	"arc-seal": true, "arc-message-signature": true, "arc-authentication-results": true, "x-received": true,
	"content-transfer-encoding": true, "x-originating-ip": true, "x-forefront-antispam-report": true,
	"x-ms-exchange-organization-authas": true, "envelope-to": true, "in-reply-to": true, "references": true,
	"x-failed-recipients": true, "auto-submitted": true, "x-mailer": true, "precedence": true,
	"x-apparently-to": true, "thread-topic": true, "list-id": true, "x-original-to": true,
}

// minKnown is how many well-known fields make a message.
const minKnown = 2

// IsMessage reports whether data starts like the header of a message.
func IsMessage(data []byte) bool {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.TrimLeft(data, "\r\n")
	n := 0
	for first := true; n < minKnown; first = false {
		line, rest, _ := bytes.Cut(data, []byte("\n"))
		line = bytes.TrimRight(line, "\r")
		if len(line) == 0 {
			return false
		}
		data = rest
		if line[0] == ' ' || line[0] == '\t' || first && IsMbox(line) {
			continue
		}
		name, _, ok := fieldLine(line)
		if !ok {
			return false
		}
		if known[strings.ToLower(name)] {
			n++
		}
	}
	return true
}

// Known reports whether a field of that name belongs to most messages.
func Known(name string) bool { return known[strings.ToLower(name)] }
