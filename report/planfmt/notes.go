package planfmt

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"maildiag/report"
)

// noteWidth is the width of prose in comments.
const noteWidth = 100

// summary returns the lines that open every file: what it is and what it is
// worth.
func (d *doc) summary() []string {
	title := "Plan for " + d.meta.Domain
	if d.meta.Version != "" {
		title += ", written by maildiag " + d.meta.Version
	}
	lines := []string{title}
	if len(d.meta.Status) > 0 {
		for _, l := range d.meta.Status {
			lines = append(lines, report.Clean(l))
		}
		return lines
	}
	return append(lines, d.plan.Outcome(d.plan.Result.Verdict.Title()))
}

func count(n int, one, many string) string { return pick(n == 1, one, many) }

func pick(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// heading returns the line that names a step.
func (s *step) heading() string {
	h := fmt.Sprintf("Step %d (%s): %s", s.Step.Step, s.Owner, s.Action.Verb())
	if s.Name != "" || s.Type != "" {
		h += " " + s.Name + " " + s.Type
	}
	return h
}

// notes returns all there is to say about a step. Of what is written as code
// it is only why.
func (s *step) notes() []string {
	lines := []string{s.heading()}
	lines = s.prose(lines, noteWidth)
	if !s.ChangesRecords() {
		return append(append(lines, commands("  run: ", s.Commands)...), s.choices()...)
	}
	if s.why != "" {
		lines = append(lines, "  Not written as records: "+s.why+". Make this change by hand.")
		lines = append(lines, prefixed("  keep:   ", s.Keep)...)
		lines = append(lines, prefixed("  delete: ", s.Removed())...)
		lines = append(lines, prefixed("  add:    ", s.Added())...)
	}
	return lines
}

// prose appends the sentences of a step.
func (s *step) prose(lines []string, width int) []string {
	add := func(label, text string) {
		for _, l := range wrap(label+text, width-2) {
			lines = append(lines, "  "+l)
		}
	}
	if s.Text != "" {
		add("", s.Text)
	}
	for _, why := range s.About {
		add("Why: ", why)
	}
	if s.Caution != "" {
		add("Caution: ", s.Caution)
	}
	if len(s.after) > 0 {
		add("After ", stepList(s.after)+".")
	}
	if len(s.Fixes) > 0 {
		add(s.serves(), strings.Join(s.Fixes, ", ")+".")
	}
	if s.Verify != "" {
		add("Verify: ", s.Verify)
	}
	return lines
}

// serves is the label before the codes of the findings of a step.
func (s *step) serves() string {
	if s.HasValues() {
		return "Fixes "
	}
	return "For "
}

func stepList(numbers []int) string {
	var words []string
	for _, n := range numbers {
		words = append(words, fmt.Sprint(n))
	}
	return count(len(words), "step ", "steps ") + strings.Join(words, ", ")
}

// choices returns the alternatives of a decision.
func (s *step) choices() []string {
	var lines []string
	for i, a := range s.Alternatives {
		for n, l := range wrap(fmt.Sprintf("%c. %s", 'A'+rune(i%26), a.Words()), noteWidth-5) {
			lines = append(lines, pick(n == 0, "  ", "     ")+l)
		}
		lines = append(lines, prefixed("     delete: ", a.Removed())...)
		lines = append(lines, prefixed("     add:    ", a.Added())...)
		lines = append(lines, commands("     run:    ", a.Commands)...)
	}
	return lines
}

func prefixed(prefix string, values []string) []string {
	var lines []string
	for _, v := range values {
		if v == "" {
			v = `""`
		}
		lines = append(lines, prefix+v)
	}
	return lines
}

// commands returns commands, which may have several lines, a line each.
func commands(prefix string, list []string) []string {
	var lines []string
	for _, c := range list {
		for l := range strings.Lines(c) {
			lines = append(lines, prefix+strings.TrimRight(l, "\r\n"))
		}
	}
	return lines
}

// script writes the formats that are lines of code with comments.
type script struct {
	sign  string                  // starts a comment
	gap   string                  // the line between steps
	intro []string                // how the file is used, as comments
	setup []string                // code before all
	open  func(g *group) []string // code around the changes of a group
	close func(g *group) []string
	code  func(s *step) []string // code of a change
	run   func(s *step) []string // code of a run step; none: a comment
}

func (f script) write(w io.Writer, d *doc) error {
	p := &printer{w: w}
	p.comment(f.sign, d.summary()...)
	p.comment(f.sign, f.intro...)
	p.code(f.setup...)
	groups := d.groups()
	if f.open == nil {
		groups = []*group{{steps: d.steps}}
	}
	for _, g := range groups {
		f.frame(p, g, f.open)
		for _, s := range g.steps {
			f.step(p, s, d.meta.Held)
		}
		f.frame(p, g, f.close)
	}
	return p.err
}

// frame writes the code around the changes of a group.
func (f script) frame(p *printer, g *group, code func(*group) []string) {
	switch {
	case code == nil || len(g.changes) == 0:
	case g.live():
		p.line(f.gap)
		p.code(code(g)...)
	default:
		p.line(f.gap)
		p.comment(f.sign, code(g)...)
	}
}

// step writes one step; the code of one that waits or is held is commented out.
func (f script) step(p *printer, s *step, held string) {
	code := f.code
	if !s.ChangesRecords() {
		code = f.run
	}
	p.line(f.gap)
	var lines []string
	if code != nil && s.why == "" && s.Action != report.ActionDecide {
		lines = code(s)
	}
	if len(lines) == 0 {
		p.comment(f.sign, s.notes()...)
		return
	}
	p.comment(f.sign, s.prose([]string{s.heading()}, noteWidth)...)
	if until := s.until(held); len(until) > 0 {
		p.comment(f.sign, "  Commented out until "+strings.Join(until, " and ")+".")
		p.comment(f.sign, lines...)
		return
	}
	p.code(lines...)
}

// until says what must be so before the step can be taken; none: nothing.
func (s *step) until(held string) (all []string) {
	if held != "" {
		all = append(all, held)
	}
	if len(s.waits) > 0 {
		all = append(all, stepList(s.waits)+" "+count(len(s.waits), "is", "are")+" finished")
	}
	return all
}

// printer writes lines and keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s+"\n")
	}
}

// code writes lines as they are. The functions that make them have escaped
// every value, so there is no line break within.
func (p *printer) code(lines ...string) {
	for _, l := range lines {
		p.line(l)
	}
}

// comment writes lines that no program reads. They may hold anything, so they
// are cleaned: a line break in a value would end the comment.
func (p *printer) comment(sign string, lines ...string) {
	for _, l := range lines {
		p.line(strings.TrimRight(sign+" "+report.Clean(l), " "))
	}
}

// minColumns is the width of the narrowest text.
const minColumns = 20

// wrap breaks text at spaces into lines of at most cols columns, and within a
// word only if the word is longer than a line. Nothing is left out.
func wrap(text string, cols int) []string {
	cols = max(cols, minColumns)
	var lines []string
	for text = report.Clean(text); utf8.RuneCountInString(text) > cols; {
		cut := runeOffset(text, cols)
		if i := strings.LastIndexByte(text[:min(cut+1, len(text))], ' '); i > 0 {
			cut = i + 1
		}
		lines = append(lines, strings.TrimSuffix(text[:cut], " "))
		text = text[cut:]
	}
	return append(lines, text)
}

// runeOffset returns where the rune number n starts.
func runeOffset(s string, n int) int {
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}
