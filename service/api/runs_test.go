package api

import (
	"testing"
	"time"

	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
)

// The status counts domains, whatever the pieces: none twice, none too many, and
// all of them at the end.
func TestStatusCountsDomains(t *testing.T) {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	for _, domains := range []int{1, 24, 25, 26, 499, 500, 501, 700, 1000, 10_001} {
		run := bus.Run{Sealed: true, Domains: domains, Parts: job.Parts(domains), Submitted: now.Add(-time.Hour)}
		short := run.Parts*job.PartSize - domains
		for parts := range run.Parts + 1 {
			for _, last := range []bool{false, true} {
				if last && parts == 0 || !last && parts == run.Parts {
					continue
				}
				want := parts * job.PartSize
				if last {
					want -= short
				}
				s := statusOf(&run, bus.Progress{Parts: parts, Last: last, Recent: min(parts, 2)}, now)
				if s.Checked != want || s.Checked > domains || (s.State == StateDone) != (parts == run.Parts) || (s.State == StateDone) != (s.Checked == domains) {
					t.Fatalf("%d of %d parts of %d domains, last %v: %+v", parts, run.Parts, domains, last, s)
				}
			}
		}
	}
}

// The rate is that of the last minute, or of the time since a run began; without
// results, and for a run that is done, there is none.
func TestStatusPace(t *testing.T) {
	now := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	for name, x := range map[string]struct {
		age           time.Duration
		parts, recent int
		rate          float64
		left          int
	}{
		"long under way": {time.Hour, 24, 12, 5, 80},
		"new":            {10 * time.Second, 4, 4, 10, 90},
		"stalled":        {time.Hour, 4, 0, 0, 0},
		"begun":          {0, 0, 0, 0, 0},
		"a clock behind": {-time.Hour, 4, 4, 100, 9},
		"done":           {time.Hour, 40, 40, 0, 0},
	} {
		run := bus.Run{Sealed: true, Domains: 1000, Parts: 40, Submitted: now.Add(-x.age)}
		s := statusOf(&run, bus.Progress{Parts: x.parts, Recent: x.recent}, now)
		if s.Rate != x.rate || s.Left != x.left {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
