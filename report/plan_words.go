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
func (s *Step) title() string {
	verb := stepVerbs[s.Action]
	if verb == "" {
		verb = string(s.Action)
	}
	return joined(verb+" "+s.Name, s.Type)
}

var stepVerbs = map[Action]string{ActionAdd: "add", ActionChange: "change", ActionRemove: "delete"}

// remarks says what a step waits for, what it fixes and what it leaves alone.
func remarks(s *Step) string {
	var list []string
	if len(s.After) > 0 {
		list = append(list, "after "+stepNumbers(s.After))
	}
	if len(s.Fixes) > 0 {
		list = append(list, "fixes "+strings.Join(s.Fixes, ", "))
	}
	if n := len(s.Keep); n > 0 && s.ChangesRecords() {
		list = append(list, "keep "+plural(n, "other "+s.Type+" record", "other "+s.Type+" records"))
	}
	return strings.Join(list, "; ")
}

// stepNumbers names steps: "step 2", "steps 2, 4".
func stepNumbers(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = fmt.Sprint(n)
	}
	if len(words) == 1 {
		return "step " + words[0]
	}
	return "steps " + strings.Join(words, ", ")
}

func alternativeWords(a *Alternative) string {
	if a.Text == "" {
		return a.Label
	}
	return a.Label + ": " + a.Text
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

// outcome says how the domain is judged after the plan. Steps that change no
// record leave nothing to prove: what they come to shows only in another run.
func (s *Start) outcome(p *Plan) string {
	if !slices.ContainsFunc(p.Steps, func(st Step) bool { return (&st).ChangesRecords() || len(st.Alternatives) > 0 }) {
		return "Run maildiag again afterwards: it cannot check the result of a step outside the DNS in advance."
	}
	what := "changes"
	for i := range p.Steps {
		if !p.Steps[i].ChangesRecords() {
			what = "steps"
		}
	}
	with := fmt.Sprintf("With these %d %s: ", len(p.Steps), what)
	if len(p.Steps) == 1 {
		with = "With this " + strings.TrimSuffix(what, "s") + ": "
	}
	with += s.titleOf(p.Result.Verdict)
	if left := p.Result.Remaining; len(left) > 0 {
		verb := "remain"
		if len(left) == 1 {
			verb = "remains"
		}
		with += " (" + strings.Join(left, ", ") + " " + verb + ")"
	}
	if !p.Proven {
		return with + ". Not proven: maildiag could not check the result of every step. Check each step before you take it."
	}
	return with + "."
}

// stepLines returns a step as lines, each value whole.
func stepLines(s *Step) []string {
	lines := []string{fmt.Sprintf("Step %d (%s): %s", s.Step, s.Owner, s.title()), s.Text}
	if s.Caution != "" {
		lines = append(lines, "Caution: "+s.Caution)
	}
	if s.ChangesRecords() {
		lines = append(lines, signed(s.Keep, s.Remove, s.Add)...)
	} else {
		lines = append(lines, commandLines(s.Commands)...)
	}
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		lines = append(lines, alternativeLetter(i)+": "+alternativeWords(a))
		lines = append(lines, signed(nil, a.Remove, a.Add)...)
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
