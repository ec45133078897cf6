package report

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// decoder reads one event as [encoder] writes it: every member at most once, and
// in that order. It gives up on anything else, and encoding/json then decides
// what the line means; that takes several times as long. A test compares the two.
//
// The strings of an event are parts of its line.
type decoder struct {
	s   string
	at  int
	bad bool // given up
}

// decodeEvent reads one line of a stream.
func decodeEvent(line []byte) (e Event, err error) {
	d := decoder{s: string(line)}
	if e = d.event(); !d.bad {
		return e, nil
	}
	e = Event{}
	err = json.Unmarshal(line, &e)
	return e, err
}

func (d *decoder) event() (e Event) {
	d.open()
	switch {
	case d.key("finding"):
		e.Finding = new(Finding)
		d.finding(e.Finding)
	case d.key("begin"):
		e.Begin = new(Begin)
		d.begin(e.Begin)
	case d.key("end"):
		e.End = new(End)
		d.end(e.End)
	default: // there is one of the others in a run
		d.fail()
	}
	d.close()
	d.bad = d.bad || d.at != len(d.s)
	return e
}

// fail ends the reading: nothing more is read.
func (d *decoder) fail() { d.bad, d.at = true, len(d.s) }

// take reads one character if it comes next.
func (d *decoder) take(c byte) bool {
	if d.at == len(d.s) || d.s[d.at] != c {
		return false
	}
	d.at++
	return true
}

func (d *decoder) must(c byte) {
	if !d.take(c) {
		d.fail()
	}
}

func (d *decoder) open()  { d.must('{') }
func (d *decoder) close() { d.must('}') }

// key reports whether the member name comes next, and reads its key.
func (d *decoder) key(name string) bool {
	rest := d.s[d.at:]
	if d.at > 0 && d.s[d.at-1] != '{' {
		if rest == "" || rest[0] != ',' {
			return false
		}
		rest = rest[1:]
	}
	n := len(name)
	if len(rest) < n+3 || rest[0] != '"' || rest[1:n+1] != name || rest[n+1] != '"' || rest[n+2] != ':' {
		return false
	}
	d.at = len(d.s) - len(rest) + n + 3
	return true
}

// str reads a member that may be left out.
func (d *decoder) str(name string, to *string) {
	if d.key(name) {
		*to = d.text()
	}
}

func (d *decoder) num(name string, to *int) {
	if d.key(name) {
		*to = int(d.integer())
	}
}

// yes reads a member that is left out if it is false.
func (d *decoder) yes(name string, to *bool) {
	if d.key(name) {
		*to = d.boolean()
	}
}

func (d *decoder) millis(to *time.Duration) {
	if d.key("elapsed_ms") {
		*to = time.Duration(d.integer()) * time.Millisecond
	}
}

// time reads a member that is a time. [time.Time] reads no escapes in it.
func (d *decoder) time(name string, to *time.Time) {
	if !d.key(name) {
		return
	}
	from := d.at
	text := d.text()
	if len(text) != d.at-from-len(`""`) || to.UnmarshalText([]byte(text)) != nil {
		d.fail()
	}
}

func (d *decoder) boolean() bool {
	for _, word := range [...]string{"true", "false"} {
		if strings.HasPrefix(d.s[d.at:], word) {
			d.at += len(word)
			return word == "true"
		}
	}
	d.fail()
	return false
}

// integer reads a number without fraction or exponent that fits well into an int64
// as a number of milliseconds.
func (d *decoder) integer() (n int64) {
	digits := d.number()
	if len(digits) > 12 {
		d.fail()
		return 0
	}
	text := strings.TrimPrefix(digits, "-")
	for i := range len(text) {
		n = n*10 + int64(text[i]-'0')
	}
	if len(text) < len(digits) {
		n = -n
	}
	return n
}

// number reads an integer as it is written (RFC 8259 6).
func (d *decoder) number() string {
	from := d.at
	d.take('-')
	first := d.at
	for d.at < len(d.s) && d.s[d.at] >= '0' && d.s[d.at] <= '9' {
		d.at++
	}
	n := d.at - first
	if n == 0 || n > 1 && d.s[first] == '0' || d.at < len(d.s) && strings.IndexByte(".eE", d.s[d.at]) >= 0 {
		d.fail()
		return ""
	}
	return d.s[from:d.at]
}

// text reads a string (RFC 8259 7).
func (d *decoder) text() string {
	d.must('"')
	from := d.at
	for d.at < len(d.s) {
		switch c := d.s[d.at]; {
		case c == '"':
			d.at++
			return d.utf8(d.s[from : d.at-1])
		case c == '\\':
			return d.escaped(from)
		case c < ' ':
			d.fail()
			return ""
		}
		d.at++
	}
	d.fail()
	return ""
}

// utf8 returns s, which must be valid.
func (d *decoder) utf8(s string) string {
	if !utf8.ValidString(s) {
		d.fail()
		return ""
	}
	return s
}

// escaped reads the rest of a string that starts at from and has an escape.
func (d *decoder) escaped(from int) string {
	b := make([]byte, 0, max(64, 2*(d.at-from)))
	b = append(b, d.s[from:d.at]...)
	for d.at < len(d.s) {
		c := d.s[d.at]
		d.at++
		switch {
		case c == '"':
			return d.utf8(string(b))
		case c < ' ':
			d.fail()
		case c == '\\':
			b = utf8.AppendRune(b, d.escape())
		default:
			b = append(b, c)
		}
	}
	d.fail()
	return ""
}

// escape reads what follows a backslash.
func (d *decoder) escape() rune {
	if d.at == len(d.s) {
		return 0
	}
	c := d.s[d.at]
	d.at++
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i])
	}
	if c != 'u' {
		d.fail()
		return 0
	}
	r := d.hex()
	if !utf16.IsSurrogate(r) {
		return r
	}
	if !strings.HasPrefix(d.s[d.at:], `\u`) {
		d.fail()
		return 0
	}
	d.at += 2
	if r = utf16.DecodeRune(r, d.hex()); r == utf8.RuneError {
		d.fail()
	}
	return r
}

// hex reads four hexadecimal digits.
func (d *decoder) hex() (r rune) {
	if len(d.s)-d.at < 4 {
		d.fail()
		return 0
	}
	for _, c := range []byte(d.s[d.at : d.at+4]) {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if digit < 0 || c < '0' {
			d.fail()
			return 0
		}
		r = r<<4 | rune(digit)
	}
	d.at += 4
	return r
}

// decodeList reads a member that is a list.
func decodeList[T any](d *decoder, name string, to *[]T, item func(*T)) {
	if d.key(name) {
		decodeItems(d, to, item)
	}
}

// decodeItems reads a list.
func decodeItems[T any](d *decoder, to *[]T, item func(*T)) {
	d.must('[')
	list := []T{}
	for !d.take(']') && !d.bad {
		if len(list) > 0 {
			d.must(',')
		}
		list = append(list, *new(T))
		item(&list[len(list)-1])
	}
	*to = slices.Clip(list)
}

func (d *decoder) strings(name string, to *[]string) {
	decodeList(d, name, to, func(s *string) { *s = d.text() })
}
