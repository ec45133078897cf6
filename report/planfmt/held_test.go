package planfmt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// A plan that is held does nothing in any tool: what is left beside the comments is
// what a plan without steps has.
func TestHeldPlanDoesNothing(t *testing.T) {
	code := func(format string, p report.Plan, held string) (lines []string) {
		meta := sampleMeta()
		meta.Held = held
		var b strings.Builder
		if err := Write(&b, format, p, meta); err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(b.String()) {
			if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, ";") && !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "//") && !strings.HasPrefix(l, `"Comment"`) {
				lines = append(lines, l)
			}
		}
		return lines
	}
	for _, format := range []string{"zone", "nsupdate", "cloudflare", "route53", "azure", "dnscontrol", "terraform", "powershell"} {
		empty := code(format, report.Plan{}, "")
		if got := code(format, samplePlan(), "the time has come"); !slices.Equal(got, empty) {
			t.Errorf("%s: %q", format, got)
		}
		if got := code(format, samplePlan(), ""); slices.Equal(got, empty) {
			t.Errorf("%s: the plan without a reason to wait does nothing", format)
		}
	}
}

// JSON says which steps can be taken now as the zone file does, which comments the
// others out, and until when the others wait.
func TestJSONSaysWhatWaits(t *testing.T) {
	for _, held := range []string{"", "the time has come"} {
		meta := sampleMeta()
		meta.Held = held
		var doc struct {
			Ready   []int
			Waiting []waitJSON
		}
		if err := json.Unmarshal([]byte(written(t, "json", samplePlan(), meta)), &doc); err != nil {
			t.Fatal(err)
		}
		zone := written(t, "zone", samplePlan(), meta)
		for _, s := range samplePlan().Steps {
			_, part, _ := strings.Cut(zone, fmt.Sprintf("; Step %d (", s.Step))
			part, _, _ = strings.Cut(part, "\n\n")
			live := s.HasValues() && !strings.Contains(part, "Commented out until")
			ready := slices.Contains(doc.Ready, s.Step)
			i := slices.IndexFunc(doc.Waiting, func(w waitJSON) bool { return w.Step == s.Step })
			if ready != live || ready && i >= 0 || held != "" && i < 0 || i >= 0 && !strings.Contains(doc.Waiting[i].Until, held) {
				t.Errorf("held %q, step %d: ready %v, waiting %v\n%s", held, s.Step, ready, doc.Waiting, part)
			}
		}
	}
}
