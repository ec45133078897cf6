package planfmt

import (
	"strings"
	"testing"

	"maildiag/report"
)

// What a person has to make sure of before a step is taken keeps its records, and those of
// the steps behind it, out of what a program acts on, in each format.
func TestStepsThatAskAreNotLive(t *testing.T) {
	plan := report.Plan{Steps: []report.Step{
		{Step: 1, Owner: report.OwnerDNS, Action: report.ActionAdd, Name: "one.contoso.com.", Type: "CNAME", Add: []string{"first.example."}, Text: "One."},
		{Step: 2, Owner: report.OwnerDNS, Action: report.ActionAdd, Name: "two.contoso.com.", Type: "CNAME", Add: []string{"second.example."}, Text: "Two."},
		{Step: 3, Owner: report.OwnerDNS, Action: report.ActionAdd, Name: "three.contoso.com.", Type: "CNAME", Add: []string{"third.example."}, Text: "Three.", After: []int{2}},
	}}
	for _, f := range Formats() {
		var with, without strings.Builder
		meta := Meta{Domain: "contoso.com", Version: "1"}
		if err := Write(&without, f.Name, plan, meta); err != nil {
			t.Fatal(err)
		}
		meta.Until = map[int]string{2: "the mailboxes have moved"}
		if err := Write(&with, f.Name, plan, meta); err != nil {
			t.Fatal(err)
		}
		lines := func(text, value string) (live bool) {
			for line := range strings.Lines(text) {
				trimmed := strings.TrimLeft(line, " \t")
				comment := strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, ";") || strings.HasPrefix(trimmed, "//")
				live = live || strings.Contains(line, value) && !comment
			}
			return live
		}
		switch f.Name {
		case "text", "ticket", "json": // for people, who read the condition
			if !strings.Contains(strings.Join(strings.Fields(with.String()), " "), "the mailboxes have moved") && f.Name != "text" {
				t.Errorf("%s does not say the condition:\n%s", f.Name, with.String())
			}
			continue
		}
		for value, want := range map[string]bool{"first.example": true, "second.example": false, "third.example": false} {
			if !lines(without.String(), value) || lines(with.String(), value) != want {
				t.Errorf("%s: %s live %v\n%s", f.Name, value, !want, with.String())
			}
		}
	}
}
