package report

import (
	"fmt"
	"slices"
	"strings"
)

// The columns of the list of what to do:
//
//	 1 change contoso.com.  TXT
//	   from   v=spf1 include:spf.protection.outlook.com include:x ~all
//	|  |      |
//	0  3      10
const (
	colStep      = 3
	stepLabels   = 6 // width of the column of labels
	colStepValue = colStep + stepLabels + 1
)

// stepRow is one labeled value of a step. It is wrapped and never cut.
type stepRow struct{ label, value string }

// steps writes what to do. The owner stands in the heading if it is the same
// for all, and otherwise wherever it changes: the steps stay in their safe order.
func (t *text) steps(steps []Step) {
	owner := onlyOwner(steps)
	for _, l := range wrap(t.page.clean(strings.TrimSuffix("What to do: "+owner, ": ")), t.page.width) {
		t.line(t.ink.bold(l))
	}
	for i := range steps {
		s := &steps[i]
		if s.Owner != owner {
			owner = s.Owner
			for _, l := range wrap(t.page.clean(owner), t.page.width-2) {
				t.line("  ", t.ink.bold(l))
			}
		}
		t.step(fmt.Sprint(s.Step), t.stepRows(s))
	}
}

// onlyOwner returns the owner of all steps, if they have the same.
func onlyOwner(steps []Step) string {
	owner := ""
	for i := range steps {
		if i > 0 && steps[i].Owner != owner {
			return ""
		}
		owner = steps[i].Owner
	}
	return owner
}

// step writes the rows of one step after its number.
func (t *text) step(number string, rows []stepRow) {
	cols := t.page.width - colStepValue
	for _, r := range rows {
		label := r.label
		for _, l := range wrap(t.page.clean(r.value), cols) {
			t.line(strings.TrimRight(fmt.Sprintf("%*s %-*s ", colStep-1, number, stepLabels, label)+l, " "))
			number, label = "", ""
		}
	}
}

// stepRows returns the rows of a step: what to do first, then what to know.
func (t *text) stepRows(s *Step) []stepRow {
	var rows []stepRow
	switch {
	case s.ChangesRecords():
		rows = t.recordRows(s)
	case s.Action == ActionDecide:
		rows = t.decisionRows(s)
	default:
		rows = append(withRemarks([]stepRow{{label: "do", value: s.Text}}, 0, s), valueRows("why", t.whys(s))...)
		rows = append(rows, valueRows("run", commandLines(s.Commands))...)
	}
	if s.Caution != "" {
		rows = append(rows, stepRow{value: "Caution: " + s.Caution})
	}
	if s.Verify != "" && t.o.Verbose {
		rows = append(rows, stepRow{label: "verify", value: s.Verify})
	}
	return slices.DeleteFunc(rows, func(r stepRow) bool { return r.label == "" && r.value == "" })
}

// whys returns what a step without a record of its own is about, if the report has
// not said it already.
func (t *text) whys(s *Step) []string {
	shown := func(code string) bool {
		return slices.ContainsFunc(t.todo, func(k task) bool { return slices.Contains(k.codes, code) })
	}
	if !slices.ContainsFunc(s.Fixes, func(code string) bool { return !shown(code) }) {
		return nil
	}
	return s.whys()
}

// recordRows returns the change of an RRset. A single value stands in the
// first line if it fits.
func (t *text) recordRows(s *Step) []stepRow {
	verb, name := s.Action.Verb(), joined(s.Name, s.Type)
	values := append(valueRows("from", s.Removed()), valueRows("to", s.Added())...)
	if s.Action != ActionChange {
		values = append(valueRows("delete", s.Removed()), valueRows("add", s.Added())...)
		if len(values) == 1 && values[0].label == verb {
			if one := name + "  " + values[0].value; width(t.page.clean(one)) <= t.page.width-colStepValue {
				name, values = one, nil
			} else {
				values[0].label = ""
			}
		}
	}
	rows := append([]stepRow{{label: verb, value: name}}, values...)
	if t.o.Verbose {
		rows = append(rows, valueRows("keep", s.Keep)...)
	}
	rows = append(rows, stepRow{value: s.Text})
	if len(values) > 0 && width(t.page.clean(name))+width(t.page.clean(remarks(s)))+3 <= t.page.width-colStepValue {
		return withRemarks(rows, 0, s)
	}
	return withRemarks(rows, len(rows)-1, s)
}

// withRemarks adds the remarks on a step to the row i, which never holds the
// value of a record: it could be copied with it.
func withRemarks(rows []stepRow, i int, s *Step) []stepRow {
	if r := remarks(s); r != "" {
		rows[i].value = strings.TrimLeft(rows[i].value+"  ("+r+")", " ")
	}
	return rows
}

// decisionRows returns the ways to take a decision. The short form leaves out what
// changes nothing, and the explanation.
func (t *text) decisionRows(s *Step) []stepRow {
	about, why := joined(s.Name, s.Type), valueRows("why", t.whys(s))
	if a := s.onlyChange(); a != nil && !t.o.Verbose {
		if about == "" {
			return slices.Concat(withRemarks([]stepRow{{"decide", a.onlyWords()}}, 0, s), why, a.values())
		}
		return slices.Concat(withRemarks([]stepRow{{"decide", about}}, 0, s), why, []stepRow{{value: a.onlyWords()}}, a.values())
	}
	rows := slices.Concat(withRemarks([]stepRow{{"decide", about}}, 0, s), []stepRow{{value: s.Text}}, why)
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		rows = append(append(rows, stepRow{alternativeLetter(i), a.Words()}), a.values()...)
	}
	return rows
}

// onlyChange returns the one way to take a decision that changes anything, if the
// other is to leave things as they are.
func (s *Step) onlyChange() *Alternative {
	i := slices.IndexFunc(s.Alternatives, func(a Alternative) bool { return a.Stay })
	if i < 0 || len(s.Alternatives) != 2 {
		return nil
	}
	return &s.Alternatives[1-i]
}

// onlyWords says when a change is right, which may follow, and what to mind.
func (a *Alternative) onlyWords() string {
	switch {
	case len(a.values()) == 0:
		return "only " + a.Words()
	case a.Caution != "":
		return "only " + a.Label + ". Caution: " + a.Caution
	}
	return "only " + a.Label + ":"
}

// values returns what an alternative deletes, adds and runs.
func (a *Alternative) values() []stepRow {
	rows := append(valueRows("delete", a.Removed()), valueRows("add", a.Added())...)
	return append(rows, valueRows("run", commandLines(a.Commands))...)
}

// editRows returns an edit, with a value that replaces another below it.
func editRows(e Edit) []stepRow {
	if e.Op != "" || e.Old == "" || e.New == "" {
		return []stepRow{{label: "edit", value: editWords(e)}}
	}
	return []stepRow{{label: "change", value: joined(e.Name, e.Type)}, {label: "from", value: e.Old}, {label: "to", value: e.New}}
}
