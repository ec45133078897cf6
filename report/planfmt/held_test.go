package planfmt

import (
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
