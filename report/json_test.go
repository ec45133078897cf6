package report

import (
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
