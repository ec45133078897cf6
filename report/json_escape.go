package report

import (
	"io"
	"unicode/utf8"
)

// EscapedJSON returns a writer of whole JSON documents that escapes what a
// terminal or an editor would obey or hide: control characters beyond ASCII,
// and signs that turn the direction of text (RFC 8259 7 allows both raw).
func EscapedJSON(w io.Writer) io.Writer { return escapedJSON{w} }

type escapedJSON struct{ w io.Writer }

func (e escapedJSON) Write(p []byte) (int, error) {
	b := make([]byte, 0, len(p)+16)
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRune(p[i:])
		if r < 0x7f || shows(r) && n > 1 {
			b = append(b, p[i:i+n]...)
		} else {
			b = appendEscape(b, r)
		}
		i += n
	}
	if _, err := e.w.Write(b); err != nil {
		return 0, err
	}
	return len(p), nil
}
