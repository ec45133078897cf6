package report

import (
	"fmt"
	"slices"
	"strings"
)

// What a plan says in words, for the renderers. No value is cleaned here: each
// renderer does that for itself.

func joined(name, kind string) string { return strings.TrimSpace(name + "  " + kind) }

// title returns what a step is about, in lower case: "delete contoso.com.  MX".
func (s *Step) title() string { return joined(s.Action.Verb()+" "+s.Name, s.Type) }

// Verb is the word for an action: the same in every text.
func (a Action) Verb() string {
	switch a {
	case ActionRemove:
		return "delete"
	case ActionRun:
		return "do"
	}
	return string(a)
}

// serves is the word before the codes of the findings of a step: what is not a
// record that was tried may fix them.
func (s *Step) serves() string {
	if s.HasValues() {
		return "fixes "
	}
	return "for "
}

// remarks says what a step waits for, what it fixes and what it leaves alone.
func remarks(s *Step) string {
	var list []string
	if len(s.After) > 0 {
		list = append(list, "after "+stepNumbers(s.After))
	}
	if len(s.Fixes) > 0 {
		list = append(list, s.serves()+strings.Join(s.Fixes, ", "))
	}
	if n := len(s.Keep); n > 0 && s.ChangesRecords() {
		list = append(list, "keep "+plural(n, "other "+s.Type+" record", "other "+s.Type+" records"))
	}
	return strings.Join(list, "; ")
}

// whys returns what is wrong with what, for a step that does not name a record: the
// others are found in the report by the codes of their findings.
func (s *Step) whys() []string {
	if s.ChangesRecords() {
		return nil
	}
	return s.About
}

// stepNumbers names steps: "step 2", "steps 2, 4".
func stepNumbers(numbers []int) string {
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	if len(words) == 1 {
		return "step " + words[0]
	}
	return "steps " + strings.Join(words, ", ")
}

// Words says when an alternative applies and what it does.
func (a *Alternative) Words() string {
	said := strings.TrimSpace(a.Text + " " + a.Caution)
	if said == "" {
		return a.Label
	}
	return a.Label + ": " + said
}

// alternativeLetter names the alternatives of a decision A, B, C.
func alternativeLetter(i int) string { return string(rune('A' + i%26)) }

func valueRows(label string, values []string) []stepRow {
	var rows []stepRow
	for _, v := range values {
		if v == "" {
			v = `""`
		}
		rows = append(rows, stepRow{label: label, value: v})
	}
	return rows
}

// commandLines returns commands, which may have several lines, a line each.
func commandLines(commands []string) []string {
	var lines []string
	for _, c := range commands {
		for l := range strings.Lines(c) {
			lines = append(lines, strings.TrimRight(l, "\r\n"))
		}
	}
	return lines
}

// outcome says how the domain is judged after the plan.
func (s *Start) outcome(p *Plan) string { return p.Outcome(s.titleOf(p.Result.Verdict)) }

// Outcome says how the domain is judged after the plan: the title of the verdict,
// what is left, and which steps it is left to. Steps outside the DNS leave nothing
// to judge in advance.
func (p *Plan) Outcome(verdict string) string {
	if p.Result.Verdict == CouldNotTell && len(p.Steps) > 0 && !slices.ContainsFunc(p.Steps, changesAny) {
		return "Run maildiag again afterwards: it cannot check the result of a step outside the DNS in advance."
	}
	remark, open := p.remaining()
	said := p.lead(open) + withRemark(verdict, remark)
	switch {
	case p.Result.Verdict == CouldNotTell:
		said += ". maildiag could not check everything. Run it again after the last step"
	case !p.Proven:
		said += ". maildiag could not check in advance what these records lead to. Take one step at a time, and run maildiag again after each"
	}
	return said + "."
}

// lead says after what the verdict holds: not after a step whose result the DNS does not
// show in advance.
func (p *Plan) lead(open bool) string {
	what := "change"
	for i := range p.Steps {
		if !p.Steps[i].ChangesRecords() {
			what = "step"
		}
	}
	n := len(p.Steps)
	switch {
	case n == 0:
		return "Nothing to do: "
	case open && slices.ContainsFunc(p.Steps, func(s Step) bool { return s.HasValues() }):
		return "With the record changes: "
	case open:
		return "Until then: "
	case n == 1:
		return "With this " + what + ": "
	}
	return fmt.Sprintf("With these %d %ss: ", n, what)
}

// withRemark adds a remark to a title in its parentheses, which may be there already.
func withRemark(title, remark string) string {
	open, closed := strings.CutSuffix(title, ")")
	switch {
	case remark == "":
		return title
	case closed:
		return open + "; " + remark + ")"
	}
	return title + " (" + remark + ")"
}

func changesAny(s Step) bool { return s.ChangesRecords() || len(s.Alternatives) > 0 }

// remaining says what the changes of records leave: to nobody, to a person's
// decisions, or to steps outside the DNS. open reports whether it is left to a step.
func (p *Plan) remaining() (said string, open bool) {
	var nobody []string
	var decisions, outside []int
	for _, code := range p.Result.Remaining {
		left := len(decisions) + len(outside)
		for i := range p.Steps {
			switch s := &p.Steps[i]; {
			case !slices.Contains(s.Fixes, code):
			case s.Action == ActionDecide:
				decisions = append(decisions, s.Step)
			case !s.HasValues():
				outside = append(outside, s.Step)
			}
		}
		if left == len(decisions)+len(outside) {
			nobody = append(nobody, code)
		}
	}
	var parts []string
	if len(nobody) > 0 {
		parts = append(parts, strings.Join(nobody, ", ")+pick(len(nobody), " remains", " remain"))
	}
	if len(decisions) > 0 {
		parts = append(parts, "undecided: "+stepNumbers(decisions))
	}
	if len(outside) > 0 {
		parts = append(parts, "not checked in advance: "+stepNumbers(outside))
	}
	return strings.Join(parts, "; "), len(decisions)+len(outside) > 0
}

func pick(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// stepLines returns a step as lines, each value whole.
func stepLines(s *Step) []string {
	lines := []string{fmt.Sprintf("Step %d (%s): %s", s.Step, s.Owner, s.title()), s.Text}
	if s.Caution != "" {
		lines = append(lines, "Caution: "+s.Caution)
	}
	if s.ChangesRecords() {
		lines = append(lines, signed(s.Keep, s.Removed(), s.Added())...)
	} else {
		lines = append(lines, commandLines(s.Commands)...)
	}
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		lines = append(lines, alternativeLetter(i)+": "+a.Words())
		lines = append(lines, signed(nil, a.Removed(), a.Added())...)
		lines = append(lines, commandLines(a.Commands)...)
	}
	return lines
}

// signed returns values in the manner of a diff.
func signed(keep, remove, add []string) []string {
	var lines []string
	for _, list := range []struct {
		sign   string
		values []string
	}{{"  ", keep}, {"- ", remove}, {"+ ", add}} {
		for _, v := range list.values {
			lines = append(lines, list.sign+v)
		}
	}
	return lines
}

// advice says in one line who is to do what about a finding, or has to decide what.
func (f *Fix) advice() string {
	if len(f.Alternatives) == 0 {
		return fmt.Sprintf("fix (%s): %s", f.Owner, f.Text)
	}
	said := fmt.Sprintf("decide (%s): %s", f.Owner, f.Text)
	for i, a := range f.Alternatives {
		said += fmt.Sprintf(" %c: %s: %s", 'A'+i, a.Label, a.Text)
	}
	return said
}
