package run

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"maildiag/report"
)

// A check without a plan needs no change, and nothing is left to prove; a check
// that was cut short has no plan.
func TestWritePlan(t *testing.T) {
	steps := &report.Plan{Steps: []report.Step{{Step: 1, Action: report.ActionRun}}}
	for name, x := range map[string]struct {
		end    report.End
		proven bool
		steps  int
		err    error
	}{
		"nothing to change": {report.End{}, true, 0, nil},
		"a plan":            {report.End{Plan: steps}, false, 1, nil},
		"cut short":         {report.End{Cut: true}, false, 0, ErrNoPlan},
		"cut with a plan":   {report.End{Cut: true, Plan: steps}, false, 0, ErrNoPlan},
	} {
		var b strings.Builder
		err := WritePlan(&b, &report.Report{Begin: report.Begin{Domain: "contoso.com"}, End: x.end}, "json", "1")
		if !errors.Is(err, x.err) {
			t.Fatalf("%s: %v", name, err)
		}
		if err != nil {
			if b.Len() > 0 {
				t.Errorf("%s: %s", name, b.String())
			}
			continue
		}
		var got struct {
			Plan struct {
				Proven bool
				Steps  []json.RawMessage
			}
		}
		if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
			t.Fatal(err)
		}
		if got.Plan.Proven != x.proven || len(got.Plan.Steps) != x.steps {
			t.Errorf("%s: %s", name, b.String())
		}
	}
}
