package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// sampleLines returns the lines of all sample runs, and an event of each kind with
// every field set.
func sampleLines(t testing.TB) (lines []string) {
	var full struct {
		Begin   Begin
		Finding Finding
		End     End
	}
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	all := []Event{{Begin: &full.Begin}, {Finding: &full.Finding}, {End: &full.End}}
	for _, events := range runs() {
		all = append(all, events...)
	}
	seen := map[string]bool{}
	for _, e := range all {
		if e.Start != nil || e.Stop != nil {
			continue
		}
		var b strings.Builder
		s, err := New("ndjson", &b, Options{})
		if err == nil {
			err = s.Emit(e)
		}
		if err != nil {
			t.Fatal(err)
		}
		if line := strings.TrimSuffix(b.String(), "\n"); !seen[line] {
			seen[line] = true
			lines = append(lines, line)
		}
	}
	return lines
}

// sameAsJSON reports a line that the decoder reads otherwise than encoding/json
// does. It returns whether the decoder read it at all.
func sameAsJSON(t testing.TB, line string) bool {
	d := decoder{s: line}
	got := d.event()
	if d.bad {
		return false
	}
	var want Event
	if err := json.Unmarshal([]byte(line), &want); err != nil {
		t.Errorf("%s\nis read, but encoding/json says: %v", line, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nis read as\n%+v\nbut means\n%+v", line, got, want)
	}
	return true
}

// sampleDocuments returns the documents of all sample runs, each on a line.
func sampleDocuments(t testing.TB) (lines []string) {
	for _, events := range runs() {
		var b strings.Builder
		s, err := New("jsonl", &b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if err := s.Emit(e); err != nil {
				t.Fatal(err)
			}
		}
		lines = append(lines, slices.DeleteFunc(strings.Split(b.String(), "\n"), func(l string) bool { return l == "" })...)
	}
	return lines
}

// sameDocument reports a document that the decoder reads otherwise than encoding/json
// does. It returns whether the decoder read it at all.
func sameDocument(t testing.TB, line string) bool {
	got, ok := decodeReport([]byte(line))
	if !ok {
		return false
	}
	var want Report
	if err := json.Unmarshal([]byte(line), &want); err != nil {
		t.Errorf("%s\nis read, but encoding/json says: %v", line, err)
	} else if !reflect.DeepEqual(*got, want) {
		t.Errorf("%s\nis read as\n%+v\nbut means\n%+v", line, *got, want)
	}
	return true
}

// Documents are read as encoding/json reads them, whatever is changed in them, and all
// that are written are read by the decoder.
func TestDecodeDocuments(t *testing.T) {
	lines := sampleDocuments(t)
	if len(lines) < 5 {
		t.Errorf("%d documents are too few", len(lines))
	}
	for _, line := range lines {
		if !sameDocument(t, line) {
			t.Errorf("not read by the decoder: %s", line)
		}
		for i := 0; i < len(line); i += 1 + len(line)/100 {
			rest := line[i+1:]
			sameDocument(t, line[:i]+rest)
			for _, c := range "\"\\{}[],:01-n\x00\x80 " {
				sameDocument(t, line[:i]+string(c)+rest)
			}
		}
	}
}

// Lines of another form, wherever they stand among the usual ones, lose no document.
func TestReadReportsOfMixedForms(t *testing.T) {
	lines := sampleDocuments(t)
	indent := func(line string) string {
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(line), "", " "); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for i := range lines {
		mixed := slices.Clone(lines)
		mixed[i] = indent(lines[i]) + "\n\n"
		for _, text := range []string{strings.Join(mixed, "\n"), strings.Join(lines[:i+1], "\n"), strings.Join(lines[:i+1], "\n") + "\n",
			"[" + strings.Join(mixed[:i+1], ",") + "]"} {
			n := 0
			for r, err := range ReadReports(strings.NewReader(text)) {
				if err != nil {
					t.Fatalf("%s\n%v", text, err)
				}
				var want Report
				if err := json.Unmarshal([]byte(lines[n]), &want); err != nil || !reflect.DeepEqual(*r, want) {
					t.Errorf("document %d of a text with another form in %d is read otherwise (%v)", n, i, err)
				}
				n++
			}
			if n != len(lines) && n != i+1 {
				t.Errorf("%d documents are read of\n%s", n, text)
			}
		}
	}
}

// The decoder reads all that the encoder writes.
func TestDecodeWhatIsWritten(t *testing.T) {
	lines := sampleLines(t)
	for _, line := range lines {
		if !sameAsJSON(t, line) {
			t.Errorf("not read by the decoder: %s", line)
		}
	}
	if len(lines) < 20 {
		t.Errorf("%d lines are too few", len(lines))
	}
}

// Whatever is changed in a line, the decoder reads it as encoding/json does, or
// not at all.
func TestDecodeChangedLines(t *testing.T) {
	for _, line := range sampleLines(t) {
		for i := 0; i < len(line); i += 1 + len(line)/50 { // FuzzDecode goes everywhere
			rest := line[i+1:]
			sameAsJSON(t, line[:i]+rest)
			for _, c := range "\"\\{}[],:01-n\x00\x80 " {
				sameAsJSON(t, line[:i]+string(c)+rest)
			}
		}
	}
}

// What else JSON allows means the same, whoever reads it.
func TestDecodeOtherForms(t *testing.T) {
	finding := func(members string) string { return `{"finding":{` + members + `}}` }
	for _, line := range []string{
		finding(`"summary":"a","summary":"b"`), finding(`"code":"x","check":"y"`), finding(`"Code":"x"`),
		finding(`"code":null`), finding(`"evidence":[]`), finding(`"evidence":null`), finding(`"evidence":[{}]`),
		finding(`"fix":null`), finding(`"fix":{}`), finding(`"data":{}`), finding(`"data":{"a":1,"a":2}`),
		finding(`"data":{"b":1,"a":2}`), finding(`"data":{"a":null}`), finding(`"data":{"a":[1]}`),
		finding(`"data":{"a":1.5}`), finding(`"data":{"a":-0}`), finding(`"data":{"a":01}`), finding(`"data":{"a":1e3}`),
		finding(`"data":{"a":-}`), finding(`"data":{"a":18446744073709551616}`), finding(`"data":{"":""}`),
		finding(`"elapsed_ms":9223372036854775807`), finding(`"elapsed_ms":-5`), finding(`"elapsed_ms":1.0`),
		finding(`"optional":false`), finding(`"optional":1`), finding(`"status":"Fail"`), finding(`"status":"\u0066ail"`),
		finding(`"summary":"\u0000\u001f\u00e9\ud83d\ude00"`), finding(`"summary":"\ud83d"`), finding(`"summary":"\ud83dx"`),
		finding(`"summary":"\ud83d\u0041"`), finding(`"summary":"\udc00"`), finding(`"summary":"\uD83D\uDE00\/\b\f\n\r\t"`),
		finding(`"summary":"\u12"`), finding(`"summary":"\u00g0"`), finding(`"summary":"\u @12"`), finding(`"summary":"\x"`), finding("\"summary\":\"\xff\""),
		finding("\"summary\":\"a\\n\xff\""), finding("\"summary\":\"a\tb\""), finding("\"summary\":\"\\\\a\tb\""), finding(`"summary":"`),
		`{"finding":{}} `, ` {"finding":{}}`, `{"finding":{}}{}`, `{"finding":{},"end":{}}`, `{"finding":null}`, `{}`, ``, `{`, `[]`,
		`{"begin":{"started":"2026-11-23T10:31:07Z"}}`, `{"begin":{"started":"2026\u002d11-23T10:31:07Z"}}`,
		`{"begin":{"started":"2026-11-23T10:31:07+25:00"}}`, `{"begin":{"started":"2026-11-23"}}`, `{"begin":{"started":"2026-11-23T1:31:07Z"}}`,
		`{"end":{"plan":{"proven":true,"steps":[],"result":{"remaining":[]}}}}`, `{"end":{"plan":{"steps":[{}]}}}`,
		`{"end":{"plan":{,"steps":[]}}}`, `{"end":{"plan":null}}`, `{"end":{"plan":{"steps":null}}}`, `{"end":{"queries":-1}}`,
		`{"end":{"plan":{"steps":[{"after":[1,2,x]}]}}}`, `{"end":{"plan":{"steps":[{"after":[1,]}]}}}`, `{"stop":{}}`,
	} {
		sameAsJSON(t, line)
	}
}

func FuzzDecode(f *testing.F) {
	for _, line := range sampleLines(f) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) { sameAsJSON(t, line) })
}
