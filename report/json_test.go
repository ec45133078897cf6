package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestReadReportsForms(t *testing.T) {
	doc := render(t, "jsonl", Options{}, goodRun())
	for name, tt := range map[string]struct {
		text    string
		reports int
		fails   bool
	}{
		"none": {"", 0, false}, "blank": {" \n", 0, false},
		"one": {doc, 1, false}, "a line each": {doc + doc, 2, false},
		"array": {" [" + doc + ",\n" + doc + "]\n", 2, false}, "empty array": {"[]", 0, false},
		"cut array": {"[" + doc + "," + doc[:40], 1, true}, "open array": {"[" + doc, 1, true},
		"no report": {"x", 0, true}, "cut": {doc + doc[:40], 1, true},
	} {
		n, failed := 0, false
		for r, err := range ReadReports(strings.NewReader(tt.text)) {
			if failed = err != nil; !failed && r.Begin.Domain != "" {
				n++
			}
		}
		if n != tt.reports || failed != tt.fails {
			t.Errorf("%s: %d reports, error %v; want %d, %v", name, n, failed, tt.reports, tt.fails)
		}
	}
}

// What a terminal obeys leaves a JSON document only as an escape, and reads back
// as it was.
func TestEscapedJSON(t *testing.T) {
	for _, s := range []string{"plain", "münchen 日本", "\u009b31m", "\u202ex\u2066", "\x7f", "\u0085\u2028", "\U000e0041", "<b>&"} {
		var b bytes.Buffer
		if err := json.NewEncoder(EscapedJSON(&b)).Encode(s); err != nil {
			t.Fatal(err)
		}
		if bad := dirty(strings.TrimSuffix(b.String(), "\n")); bad != "" {
			t.Errorf("%q: %s comes out", s, bad)
		}
		var again string
		if err := json.Unmarshal(b.Bytes(), &again); err != nil || again != s {
			t.Errorf("%q is read back as %q (%v)", s, again, err)
		}
	}
}
