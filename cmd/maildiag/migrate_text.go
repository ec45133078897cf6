package main

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/migrate"
	"maildiag/report"
)

// migrateText is the report of a move for people.
func migrateText(r *migrate.Report) string {
	t := &migratePage{r: r}
	fmt.Fprintf(t, "%s   %s\n", report.Clean(r.Domain), stageWords(r))
	t.para("  ", "%s", moveWords(r))
	t.para("  ", "%s", nameServerWords(r))
	t.WriteString("\n")
	for _, row := range inventoryRows(r) {
		t.row(row[0], row[1])
	}
	for _, n := range factNotes(r) {
		t.lines(n.label, n.lines)
	}
	for _, p := range migrate.Phases() {
		t.phase(p)
	}
	for _, n := range lastNotes(r) {
		t.lines(n.label, n.lines)
	}
	t.verdict()
	return t.String()
}

// migratePage is a page of text in the making.
type migratePage struct {
	strings.Builder
	r *migrate.Report
}

// para writes hostile text, wrapped, after a label; further lines stand below its
// start.
func (t *migratePage) para(label, format string, args ...any) {
	t.WriteString(hanging(label, report.Clean(fmt.Sprintf(format, args...))))
}

// hanging breaks clean text into lines that stand beside a label.
func hanging(label, text string) string {
	indent := strings.Repeat(" ", len(label))
	return label + strings.TrimPrefix(report.Wrap(text, indent, textWidth), indent)
}

const migrateLabel = 10

// row writes a label and text beside it.
func (t *migratePage) row(label, text string) {
	t.para(fmt.Sprintf("  %-*s", migrateLabel, label), "%s", text)
}

func (t *migratePage) lines(label string, list []string) {
	if len(list) > 0 {
		t.WriteString("\n")
	}
	for i, l := range list {
		if i > 0 {
			label = ""
		}
		t.row(label, l)
	}
}

// phase writes the steps that are due at one time.
func (t *migratePage) phase(p migrate.Phase) {
	numbers := t.r.Steps(p)
	if len(numbers) == 0 {
		return
	}
	fmt.Fprintf(t, "\n%s\n", phaseTitle(p))
	for _, s := range t.r.Plan.Steps {
		if slices.Contains(numbers, s.Step) {
			t.step(s)
		}
	}
}

func (t *migratePage) step(s report.Step) {
	what := stepWords(s)
	t.para(fmt.Sprintf("%4d ", s.Step), "%s: %s%s", s.Owner, what, afterWords(s))
	const indent = "       "
	t.values(indent, valueLines(s.Removed(), s.Added(), s.Commands))
	if len(s.Keep) > 0 {
		t.para(indent, "(keep %d other %s)", len(s.Keep), plural(len(s.Keep), s.Type+" record"))
	}
	t.para(indent, "%s", s.Text)
	if s.Caution != "" {
		t.para(indent, "%s", s.Caution)
	}
	for _, alt := range s.Alternatives {
		t.para(indent+"- ", "%s", alt.Words())
		t.values(indent+"  ", valueLines(alt.Removed(), alt.Added(), alt.Commands))
	}
}

// values writes what is deleted, added and run. A command stays on its line.
func (t *migratePage) values(indent string, lines [][2]string) {
	for _, l := range lines {
		if label := fmt.Sprintf("%s%-7s", indent, l[0]); l[0] == "run" {
			t.WriteString(label + report.Clean(l[1]) + "\n")
		} else {
			t.para(label, "%s", l[1])
		}
	}
}

// stepWords says in short what a step does.
func stepWords(s report.Step) string {
	switch {
	case s.ChangesRecords():
		return string(s.Action) + " " + s.Name + " " + s.Type
	case s.Action == report.ActionRun && len(s.Commands) == 0:
		return "do"
	}
	return string(s.Action)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// afterWords says which steps must be finished first.
func afterWords(s report.Step) string {
	if len(s.After) == 0 {
		return ""
	}
	return " (after " + plural(len(s.After), "step") + " " + numbers(s.After) + ")"
}

func numbers(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ", "), "[]")
}

// verdict says GO or NO-GO, and why.
func (t *migratePage) verdict() {
	t.WriteString("\n" + goWords(t.r) + "   " + report.Clean(t.r.Domain) + "\n")
	for _, why := range t.r.Reasons {
		t.para("  - ", "%s", reasonWords(why))
	}
	for _, l := range timeWords(t.r) {
		t.para("  ", "%s", l)
	}
}
