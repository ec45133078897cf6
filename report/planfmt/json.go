package planfmt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"maildiag/report"
)

// writeJSON writes the plan as it is; Done is not applied, because the reader
// has the whole plan.
func writeJSON(w io.Writer, d *doc) error {
	text, err := json.MarshalIndent(struct {
		Domain  string      `json:"domain"`
		Version string      `json:"version,omitempty"` // of maildiag
		Plan    report.Plan `json:"plan"`
	}{d.meta.Domain, d.meta.Version, d.plan}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// asciiJSON returns v as JSON in ASCII alone, indented: no terminal, editor or
// code page can alter it.
func asciiJSON(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return escapeNonASCII(bytes.TrimRight(b.Bytes(), "\n")), nil
}

// escapeNonASCII escapes what only a string of a document can hold.
func escapeNonASCII(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		switch {
		case r < 0x7f:
			out = append(out, byte(r))
		case r > 0xffff:
			a, b := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, a, b)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// quoteJSON returns s as a JSON string, which is a string of JavaScript too.
func quoteJSON(s string) string {
	text, err := asciiJSON(s, "")
	if err != nil { // a string always has a form in JSON
		return `""`
	}
	return string(text)
}
