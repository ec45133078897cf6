package history

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/report"
)

// A problem that one site sees is no problem while another one does not see it,
// whichever looks first, and also if there was no such problem before.
func TestOneSiteAlone(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	if err := s.Watch(t.Context(), []string{}, []string{"a", "f"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		looks string // site and what it sees: x a problem, o none, ? unknown
		want  []string
	}{
		"the other looks first":   {"a:o f:o a:o f:x a:o f:x a:o", []string{KindDisagree}},
		"the other looks later":   {"a:o f:o f:x a:o f:x f:x", []string{}},
		"the order changes":       {"a:o f:o a:o f:x f:x a:o", []string{KindDisagree}},
		"the other cannot tell":   {"a:o f:o a:o f:x a:? f:x a:? f:x", []string{KindProblem}},
		"there is no other":       {"f:o f:x f:x", []string{KindProblem}},
		"the other sees it, too":  {"a:o f:o f:x a:x", []string{KindProblem}},
		"the other never looked":  {"f:o f:x f:x a:o a:o f:x", []string{KindProblem, KindDisagree}},
		"from the start, at both": {"f:x a:x f:x a:x", []string{}},
	} {
		var list []Result
		for n, said := range strings.Fields(c.looks) {
			r := look(n, said[:1], map[byte]report.Status{'x': report.Fail, 'o': report.Pass, '?': report.Unknown}[said[2]])
			r.Domain, r.At = strings.NewReplacer(" ", "-", ",", "").Replace(name)+".example", epoch.Add(time.Duration(n)*time.Minute)
			list = append(list, r)
		}
		if _, err := s.AddAll(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		events, err := s.events(t.Context(), "WHERE domain = ? ORDER BY id", list[0].Domain)
		if err != nil {
			t.Fatal(err)
		}
		kinds := []string{}
		for _, e := range events {
			kinds = append(kinds, e.Kind)
		}
		if !slices.Equal(kinds, c.want) {
			t.Errorf("%s: %v, want %v", name, kinds, c.want)
		}
	}
}
