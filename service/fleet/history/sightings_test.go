package history

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"maildiag/report"
)

// A problem that one site sees is no problem while another one does not see it,
// whichever looks first, and also if there was no such problem before.
func TestOneSiteAlone(t *testing.T) {
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
		s := open(t, filepath.Join(t.TempDir(), "h.db"))
		if err := s.Watch(t.Context(), []string{"contoso.com"}, []string{"a", "f"}); err != nil {
			t.Fatal(err)
		}
		n := 0
		for rest := c.looks; rest != ""; n++ {
			r := look(n, rest[:1], map[byte]report.Status{'x': report.Fail, 'o': report.Pass, '?': report.Unknown}[rest[2]])
			r.At = epoch.Add(time.Duration(n) * time.Minute)
			add(t, s, r)
			rest = rest[min(len(rest), 4):]
		}
		list, err := s.Pending(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		kinds := []string{}
		for _, e := range list {
			kinds = append(kinds, e.Kind)
		}
		if !slices.Equal(kinds, c.want) {
			t.Errorf("%s: %v, want %v", name, kinds, c.want)
		}
	}
}
