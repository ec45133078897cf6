package dmarcreport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// The limits of the XML that is read.
const (
	bufferSize = 64 << 10
	maxMarkup  = 32 << 10 // bytes of one tag or processing instruction
	maxText    = 1 << 10  // bytes that are kept of a value; no name is longer
	maxFiller  = 1 << 20  // bytes of one text or comment
	maxNesting = 32
)

// kind is what a scanner found.
type kind uint8

const (
	opening kind = iota
	closing
	text
)

// scanner reads the XML of aggregate reports, several times as fast as
// encoding/xml and in constant memory: elements and their text. Attributes and
// comments are skipped. A document type declaration is an error: reports have
// none, and all entities that expand to more than a character are declared
// there.
type scanner struct {
	r    *bufio.Reader
	at   int64  // bytes read
	text []byte // of the text, valid until the next call
	buf  []byte // holds text
	name []byte // of the element
	void bool   // an empty element: its end is due
}

var errNoXML = errors.New("not an XML report")

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, bufferSize)}
}

// next returns the next thing in the input, io.EOF at its end.
func (s *scanner) next() (kind, error) {
	if s.void {
		s.void = false
		return closing, nil
	}
	for {
		more, err := s.untilTag()
		if err != nil || more {
			return text, err
		}
		found, k, err := s.tag()
		if err != nil || found {
			return k, err
		}
	}
}

// untilTag reads text up to a "<", which is left in the input. more reports
// whether there is text other than white space.
func (s *scanner) untilTag() (more bool, err error) {
	s.buf = s.buf[:0]
	for read := 0; ; {
		b, err := s.r.ReadSlice('<')
		s.at += int64(len(b))
		read += len(b)
		if err == nil {
			b = b[:len(b)-1]
		}
		if len(s.buf) == 0 {
			b = bytes.TrimLeft(b, " \t\r\n")
		}
		s.buf = append(s.buf, b[:min(maxText-len(s.buf), len(b))]...)
		switch {
		case err == nil:
			_ = s.r.UnreadByte() // of what was just read
			s.at--
			s.text = unescape(bytes.TrimSpace(s.buf))
			return len(s.text) > 0, nil
		case err != bufio.ErrBufferFull:
			return false, ended(err, s.at == 0)
		case read > maxFiller:
			return false, fmt.Errorf("a text of more than %d bytes", maxFiller)
		}
	}
}

// ended turns the end of the input into an error where there was no report.
func ended(err error, empty bool) error {
	if err == io.EOF && empty {
		return errors.New("the file is empty")
	}
	return err
}

// tag reads what starts with "<". found is false for what is skipped.
func (s *scanner) tag() (found bool, k kind, err error) {
	head, _ := s.r.Peek(len("<![CDATA[")) // less at the end of the input
	switch {
	case bytes.HasPrefix(head, []byte("<!--")):
		return false, 0, s.skip("-->", nil)
	case bytes.HasPrefix(head, []byte("<![CDATA[")):
		_, _ = s.r.Discard(len("<![CDATA[")) // it was peeked at
		s.buf = s.buf[:0]
		if err = s.skip("]]>", &s.buf); err != nil {
			return false, 0, err
		}
		s.text = s.buf
		return len(s.text) > 0, text, nil
	case bytes.HasPrefix(head, []byte("<?")):
		return false, 0, s.skip("?>", nil)
	case bytes.HasPrefix(head, []byte("<!")):
		return false, 0, errors.New("a document type declaration, which no report has")
	case len(head) < len("<a>"):
		return false, 0, io.ErrUnexpectedEOF
	}
	k, err = s.element()
	return true, k, err
}

// element reads the tag of an element.
func (s *scanner) element() (kind, error) {
	tag, err := s.markup()
	if err != nil {
		return 0, err
	}
	body, k := tag[1:len(tag)-1], opening
	if body[0] == '/' {
		body, k = body[1:], closing
	} else if body[len(body)-1] == '/' {
		body, s.void = body[:len(body)-1], true
	}
	name := body[:nameLength(body)]
	if len(name) == 0 || len(name) < len(body) && !space(body[len(name)]) {
		return 0, fmt.Errorf("%q is not a tag", body[:min(len(body), 40)])
	}
	if i := bytes.LastIndexByte(name, ':'); i >= 0 { // a namespace
		name = name[i+1:]
	}
	s.name = append(s.name[:0], name...)
	return k, nil
}

// markup reads up to the ">" that is not within quotes.
func (s *scanner) markup() ([]byte, error) {
	tag, err := s.r.ReadSlice('>')
	s.at += int64(len(tag))
	if err != nil {
		return nil, unexpected(err)
	}
	if len(tag) < len("<a>") {
		return nil, errors.New("a tag without a name")
	}
	if !quoted(tag) {
		return tag, nil
	}
	all := bytes.Clone(tag)
	for quoted(all) {
		tag, err = s.r.ReadSlice('>')
		s.at += int64(len(tag))
		all = append(all, tag...)
		if err != nil {
			return nil, unexpected(err)
		}
		if len(all) > maxMarkup {
			return nil, fmt.Errorf("a tag of more than %d bytes", maxMarkup)
		}
	}
	return all, nil
}

// quoted reports whether a tag ends within an attribute value.
func quoted(tag []byte) bool {
	if bytes.IndexByte(tag, '"') < 0 && bytes.IndexByte(tag, '\'') < 0 {
		return false
	}
	var open byte
	for _, c := range tag {
		switch {
		case open == 0 && (c == '"' || c == '\''):
			open = c
		case c == open:
			open = 0
		}
	}
	return open != 0
}

func unexpected(err error) error {
	switch err {
	case io.EOF:
		return io.ErrUnexpectedEOF
	case bufio.ErrBufferFull:
		return fmt.Errorf("a tag of more than %d bytes", bufferSize)
	}
	return err
}

// skip reads up to and including end. What comes before it is added to into, if
// that is not nil.
func (s *scanner) skip(end string, into *[]byte) error {
	last := end[len(end)-1]
	var tail []byte // the last bytes read, where end may start
	for read := 0; read <= maxFiller; {
		b, err := s.r.ReadSlice(last)
		s.at += int64(len(b))
		read += len(b)
		if into != nil {
			*into = append(*into, b[:min(len(b), max(0, maxText-len(*into)))]...)
		}
		tail = append(tail, b[max(0, len(b)-len(end)):]...)
		tail = tail[max(0, len(tail)-len(end)):]
		if string(tail) == end {
			if into != nil {
				*into = bytes.TrimSuffix(*into, []byte(end))
			}
			return nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return unexpected(err)
		}
	}
	return fmt.Errorf("a comment of more than %d bytes", maxFiller)
}

// nameLength returns how much of b is a name that XML allows, as far as that
// matters here.
func nameLength(b []byte) int {
	for i, c := range b {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= utf8.RuneSelf
		if !letter && (i == 0 || c != '-' && c != '.' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(b)
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// unescape replaces references to characters in place. Others stay as they are:
// without a document type there are none. XML 1.0 4.6
func unescape(b []byte) []byte {
	if bytes.IndexByte(b, '&') < 0 {
		return b
	}
	out := b[:0]
	for len(b) > 0 {
		end := bytes.IndexByte(b[:min(len(b), maxReference)], ';')
		if b[0] != '&' || end < 0 {
			out, b = append(out, b[0]), b[1:]
			continue
		}
		if r := reference(string(b[1:end])); r != 0 {
			out, b = utf8.AppendRune(out, r), b[end+1:]
			continue
		}
		out, b = append(out, b[0]), b[1:]
	}
	return out
}

const maxReference = len("&#x10FFFF;")

// reference returns the character that a reference stands for, 0 if it is not
// one of a character. Its UTF-8 is never longer than the reference.
func reference(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if len(name) < 2 || name[0] != '#' {
		return 0
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || n < ' ' {
		return 0
	}
	return rune(n)
}
