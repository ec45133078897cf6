package planfmt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"maildiag/report"
)

// planSchema names the form of planJSON.
const planSchema = "maildiag.plan/v1"

// planJSON is a plan with what a program must know before it takes steps of it.
type planJSON struct {
	Schema  string      `json:"schema"`
	Domain  string      `json:"domain"`
	Version string      `json:"version,omitempty"` // of maildiag
	Status  []string    `json:"status,omitempty"`  // what to know first
	Ready   []int       `json:"ready"`             // the changes of records that can be made now
	Waiting []waitJSON  `json:"waiting"`           // the steps that cannot be taken yet
	Plan    report.Plan `json:"plan"`
}

type waitJSON struct {
	Step   int    `json:"step"`
	Until  string `json:"until,omitempty"`
	ByHand string `json:"by_hand,omitempty"` // why no program can make the change
}

// writeJSON writes the plan as it is; Done is not applied to its steps, because the
// reader has the whole plan.
func writeJSON(w io.Writer, d *doc) error {
	p := planJSON{Schema: planSchema, Domain: d.meta.Domain, Version: d.meta.Version, Ready: []int{}, Waiting: []waitJSON{}, Plan: d.plan}
	for _, l := range d.meta.Status {
		p.Status = append(p.Status, report.Clean(l))
	}
	for _, s := range d.steps { // two of a step that takes the place of other records
		until := strings.Join(s.until(d.meta.Held), " and ")
		switch {
		case until != "" || s.why != "":
			p.Waiting = appendNew(p.Waiting, waitJSON{s.Step.Step, until, s.why})
		case s.live():
			p.Ready = appendNew(p.Ready, s.Step.Step)
		}
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

func appendNew[T comparable](list []T, item T) []T {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
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
