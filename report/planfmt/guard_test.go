package planfmt

import (
	"strings"
	"testing"

	"maildiag/report"
	"maildiag/report/runnertest"
)

// Row 1 of issue 16, for plans: a record that would be a command in the log of
// a CI system is written by the escapes of the format.
func TestRow01_NoCommandInAnyPlan(t *testing.T) {
	for _, format := range FormatNames() {
		for _, p := range runnertest.Payloads() {
			plan := report.Plan{Steps: []report.Step{
				{Step: 1, Owner: p, Action: report.ActionChange, Name: "x.contoso.com.", Type: "TXT", Keep: []string{p}, Remove: []string{"r" + p}, Add: []string{"a" + p},
					Text: p, Caution: p, Verify: p, Fixes: []string{p}, About: []string{p}},
				{Step: 2, Owner: report.OwnerM365, Action: report.ActionRun, Text: p, Commands: []string{p}},
				{Step: 3, Owner: p, Action: report.ActionDecide, Text: p, Name: p, Type: p, Alternatives: []report.Alternative{{Label: p, Text: p, Add: []string{p}}}},
				{Step: 4, Owner: p, Action: report.ActionAdd, Name: p, Type: "TXT", Add: []string{p}}}}
			var b strings.Builder
			if err := Write(&b, format, plan, sampleMeta()); err != nil {
				t.Fatal(err)
			}
			if found := runnertest.Commands(b.String()); found != nil {
				t.Fatalf("%s, payload %q: %.300q", format, p, found)
			}
		}
	}
}
