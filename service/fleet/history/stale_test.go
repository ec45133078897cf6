package history

import (
	"path/filepath"
	"testing"
	"time"

	"maildiag/report"
)

// Each row is how many hours ago two sites looked, the first of which saw a failure,
// and what counts if a look is stale after three.
func TestStaleVerdict(t *testing.T) {
	const bad, good = report.NotReady, report.Ready
	for _, c := range []struct {
		ams, fra   time.Duration
		want       report.Verdict
		ams2, fra2 bool // stale
	}{
		{0, 0, bad, false, false}, {3, 0, bad, false, false}, {4, 0, good, true, false}, {0, 4, bad, false, true}, {9, 8, bad, true, true},
	} {
		s := open(t, filepath.Join(t.TempDir(), "h.db"))
		s.Stale = 3 * time.Hour
		if err := s.Watch(t.Context(), []string{"contoso.com"}, []string{"ams", "fra"}); err != nil {
			t.Fatal(err)
		}
		for site, ago := range map[string]time.Duration{"ams": c.ams, "fra": c.fra} {
			r := look(0, site, report.Pass)
			r.At, r.Verdict = epoch.Add(-ago*time.Hour), map[string]report.Verdict{"ams": bad, "fra": good}[site]
			add(t, s, r)
		}
		list, err := s.Domains(t.Context(), epoch)
		if err != nil || len(list) != 1 || len(list[0].Sites) != 2 {
			t.Fatal(list, err)
		}
		if d := list[0]; d.Verdict != c.want || d.Sites[0].Stale != c.ams2 || d.Sites[1].Stale != c.fra2 {
			t.Errorf("%+v: %s, %+v", c, d.Verdict, d.Sites)
		}
	}
}
