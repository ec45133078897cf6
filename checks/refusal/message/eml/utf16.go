package eml

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF16 turns UTF-16 text into UTF-8. It is recognized by its byte order mark,
// or without one by NULs at every second byte of the start.
func UTF16(b []byte) (string, bool) {
	big, ok := order(b)
	if !ok {
		return "", false
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		u := uint16(b[i]) | uint16(b[i+1])<<8
		if big {
			u = uint16(b[i])<<8 | uint16(b[i+1])
		}
		units = append(units, u)
	}
	return strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff"), true
}

// probe is how many bytes of the start tell the order.
const probe = 64

func order(b []byte) (big, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return false, true
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return true, true
	}
	b = b[:min(len(b), probe)]
	if len(b) < 8 {
		return false, false
	}
	var even, odd int
	for i, c := range b {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	half := len(b) / 2
	switch {
	case odd >= half*9/10 && even == 0:
		return false, true
	case even >= half*9/10 && odd == 0:
		return true, true
	}
	return false, false
}

// NewUTF16Reader returns a reader of UTF-16 as UTF-8, recognized as [UTF16] does;
// nil for anything else.
func NewUTF16Reader(r *bufio.Reader) io.Reader {
	head, _ := r.Peek(probe) // a shorter input is recognized too
	big, ok := order(head)
	if !ok {
		return nil
	}
	return bufio.NewReader(&utf16Reader{r: r, big: big}) // which asks for more than a character
}

type utf16Reader struct {
	r    *bufio.Reader
	big  bool
	kept rune // a unit after an unpaired surrogate
	some bool // kept holds one
}

func (u *utf16Reader) Read(p []byte) (n int, err error) {
	var b [utf8.UTFMax]byte
	for len(p)-n >= utf8.UTFMax {
		c, err := u.rune()
		if err != nil {
			return n, err
		}
		if c != '\ufeff' {
			n += copy(p[n:], b[:utf8.EncodeRune(b[:], c)])
		}
	}
	return n, nil
}

func (u *utf16Reader) rune() (rune, error) {
	c, err := u.unit()
	if err != nil || !utf16.IsSurrogate(c) {
		return c, err
	}
	low, err := u.unit()
	if err != nil {
		return utf8.RuneError, nil // the end comes up again
	}
	pair := utf16.DecodeRune(c, low)
	if pair == utf8.RuneError {
		u.kept, u.some = low, true
	}
	return pair, nil
}

func (u *utf16Reader) unit() (rune, error) {
	if u.some {
		u.some = false
		return u.kept, nil
	}
	var b [2]byte
	if _, err := io.ReadFull(u.r, b[:]); err != nil {
		return 0, err
	}
	if u.big {
		return rune(b[0])<<8 | rune(b[1]), nil
	}
	return rune(b[1])<<8 | rune(b[0]), nil
}
