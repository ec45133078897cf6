package history

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/tags"
)

// Whatever is written, the list in memory is the one that the database has, and what
// was handed out before stays as it was.
func TestBoard(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			s := open(t, filepath.Join(t.TempDir(), "h.db"))
			if seed%2 == 1 {
				s.Stale = 36 * time.Hour
			}
			random := rand.New(rand.NewPCG(seed, 0))
			names := []string{"a.example", "b.example", "c.example", "d.example"}
			some := func() []string { return names[random.IntN(2) : 2+random.IntN(3)] }
			now := epoch
			var old []*Domain
			before := ""
			for step := range 120 {
				now = now.Add(time.Duration(random.IntN(400)) * time.Minute)
				var err error
				switch random.IntN(8) {
				case 0:
					err = s.Watch(t.Context(), some(), []string{"ams", "fra"}[:1+random.IntN(2)])
				case 1:
					err = s.Tag(t.Context(), map[string]tags.Tags{names[random.IntN(4)]: {"tenant": fmt.Sprint(random.IntN(2))}})
				case 2:
					code := []string{"mx.leftover", "other"}[random.IntN(2)]
					err = s.Accept(t.Context(), func(_, c string, _ time.Time) *Exception {
						return map[string]*Exception{code: {"2027-12-31", "x"}}[c]
					}, now)
				case 3:
					err = s.Expire(t.Context(), now.AddDate(0, 0, -random.IntN(40)))
				default:
					status := []report.Status{report.Pass, report.Fail, report.Warn}[random.IntN(3)]
					r := look(step, []string{"ams", "fra"}[random.IntN(2)], status)
					r.Domain, r.At, r.Verdict = names[random.IntN(4)], now, []report.Verdict{report.Ready, report.NotReady, report.ReadyWarned}[random.IntN(3)]
					_, err = s.Add(t.Context(), r)
				}
				list, e := s.Domains(t.Context(), now)
				if err != nil || e != nil {
					t.Fatal(err, e)
				}
				if text := textOf(t, old); old != nil && text != before {
					t.Fatalf("step %d: what was handed out has changed to %s", step, text)
				}
				want, err := s.domains(t.Context(), now.UTC().Truncate(day), nil)
				if err != nil || len(want) != len(list) {
					t.Fatalf("step %d: %d domains, want %d, %v", step, len(list), len(want), err)
				}
				for i, d := range want {
					d.judge(s.Stale, now)
					got := *list[i]
					got.from, got.until, d.from, d.until = time.Time{}, time.Time{}, time.Time{}, time.Time{}
					if !reflect.DeepEqual(got, *d) {
						t.Fatalf("step %d: %+v, want %+v", step, got, *d)
					}
				}
				old, before = list, textOf(t, list)
			}
		})
	}
}

func textOf(t *testing.T, list []*Domain) string {
	t.Helper()
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
