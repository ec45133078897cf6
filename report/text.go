package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"
)

// newText writes the report for people: a line for each finding as it comes,
// a block for each problem, and at the end the verdict and what to do.
func newText(w io.Writer, o Options) Sink {
	return &text{w: w, o: o, ink: newInk(o.Color), page: newPage(o)}
}

// text is the renderer for people. It writes what belongs together at once
// and keeps of each domain no more than its list of things to do.
type text struct {
	w    io.Writer
	o    Options
	ink  ink
	page page

	out     strings.Builder // of the event at hand
	start   Start
	begin   Begin
	headed  bool   // the domain's first line is written
	section string // check whose heading was written last
	subject string // of the finding above in this section
	unsaid  int    // advice that is not shown because nothing is wrong
	roomy   bool   // the last thing written was a block
	counts  Counts
	todo    []task
	advice  map[string]string // text of a fix → code that had it first
	rows    []row             // of the summary of several domains
	dropped int               // rows not kept
	skipped []skipped         // since the last finding that says something
}

// skipped are the codes that were skipped for one reason.
type skipped struct {
	why   string
	codes []string
}

// Emit writes one event.
func (t *text) Emit(e Event) error {
	t.out.Reset()
	switch {
	case e.Start != nil:
		t.start = *e.Start
	case e.Begin != nil:
		t.open(e.Begin)
	case e.Finding != nil:
		t.finding(e.Finding)
	case e.End != nil:
		t.close(e.End)
	case e.Stop != nil:
		t.summary(e.Stop)
	}
	if t.out.Len() == 0 {
		return nil
	}
	_, err := io.WriteString(t.w, t.out.String())
	return err
}

// line writes one line.
func (t *text) line(parts ...string) {
	for _, p := range parts {
		t.out.WriteString(p)
	}
	t.out.WriteByte('\n')
}

// span is a piece of a line, as it is measured and as it is painted.
type span struct{ text, painted string }

func (t *text) plain(s string) span  { return span{s, s} }
func (t *text) strong(s string) span { return span{s, t.ink.bold(s)} }
func (t *text) weak(s string) span   { return span{s, t.ink.faint(s)} }

// flow writes spans side by side, gap columns apart, and goes on in the next
// line, indented, where the terminal ends. Empty spans at the end are dropped.
func (t *text) flow(gap int, spans ...span) {
	used := 0
	for i, s := range spans {
		n := width(s.text)
		switch {
		case n == 0 && i > 0:
			continue
		case i > 0 && used+gap+n > t.page.width:
			t.line()
			t.out.WriteString("  ")
			used = 2
		case i > 0:
			t.out.WriteString(strings.Repeat(" ", gap))
			used += gap
		}
		t.out.WriteString(s.painted)
		used += n
	}
	t.line()
}

func (t *text) open(b *Begin) {
	if t.counts, t.headed = (Counts{}), false; len(t.rows) > 0 && !t.o.Quiet {
		t.line()
	}
	t.begin, t.section, t.roomy, t.todo, t.unsaid, t.skipped = *b, "", true, nil, 0, nil
	t.advice = map[string]string{}
	if !t.o.Quiet {
		t.header()
	}
}

// header names the domain and the circumstances.
func (t *text) header() {
	t.headed = true
	name := t.page.cleanTo(t.begin.Domain, t.page.width)
	if t.begin.Unicode != "" {
		name += " (" + t.page.cleanTo(t.begin.Unicode, max(t.page.width-width(name)-3, 20)) + ")"
	}
	about := []string{t.page.cleanTo("resolver "+t.begin.Resolver, min(60, t.page.width-2)), t.begin.Started.Format("2006-01-02 15:04 UTC")}
	if t.begin.Expect != "" && t.begin.Expect != "auto" {
		about = append(about, t.page.cleanTo("expecting "+t.begin.Expect, 30))
	}
	if t.start.AsOf != "" {
		about = append(about, t.page.cleanTo("judged as of "+t.start.AsOf, 30))
	}
	spans := []span{t.strong(name)}
	for _, a := range about {
		spans = append(spans, t.weak(a))
	}
	t.flow(3, spans...)
}

func (t *text) finding(f *Finding) {
	t.counts.Add(f)
	problem := isProblem(f.Status)
	if problem && !(f.Optional && f.Status == Unknown) {
		t.addTask(f)
	}
	if t.o.Quiet && !problem {
		return
	}
	if f.Status == Skip && !t.o.Verbose {
		t.skip(f)
		return
	}
	if !t.headed {
		t.header()
	}
	t.tellSkipped()
	lines := t.detail(f)
	if f.Check != t.section {
		t.heading(f.Check)
	}
	t.statement(f)
	for _, l := range lines {
		t.line(l)
	}
	t.roomy = len(lines) > 0
	if t.roomy {
		t.line()
	}
}

// skip notes a finding that was skipped, to tell of all of one reason at once.
func (t *text) skip(f *Finding) {
	code := strings.TrimSuffix(f.Code, ".skipped")
	for i := range t.skipped {
		if t.skipped[i].why == f.Summary {
			t.skipped[i].codes = append(t.skipped[i].codes, code)
			return
		}
	}
	t.skipped = append(t.skipped, skipped{f.Summary, []string{code}})
}

// tellSkipped writes what was skipped, a line for each reason.
func (t *text) tellSkipped() {
	indent := strings.Repeat(" ", statusCols+4)
	for _, s := range t.skipped {
		if t.section == "" {
			t.line()
		}
		t.section, t.roomy = " ", false
		said := t.page.cleanTo(strings.Join(s.codes, ", ")+": "+s.why, 8*t.page.width)
		for i, l := range wrapFrom(said, t.page.width-len(indent), 0) {
			if i == 0 {
				t.line("  ", t.ink.status(Skip, statusWord(Skip)), strings.Repeat(" ", statusCols-len(statusWord(Skip))+2), l)
				continue
			}
			t.line(indent, l)
		}
	}
	t.skipped = nil
}

func isProblem(s Status) bool { return s == Warn || s == Fail || s == Unknown }

// heading opens the section of a check. A blank line sets it off from a block.
func (t *text) heading(check string) {
	if t.section == "" {
		t.line()
	}
	t.section, t.subject = check, ""
	t.line(t.ink.bold(t.page.cleanTo(t.start.title(check), t.page.width)))
}

// statementLines is how many lines a statement may take, by status: what is
// well is told in short.
func (t *text) statementLines(s Status) int {
	switch {
	case t.o.Verbose:
		return 40
	case isProblem(s), s == Info:
		return 8
	}
	return 4
}

// statement writes the finding's line: status, code, and what was found.
func (t *text) statement(f *Finding) {
	p, most := t.page, t.statementLines(f.Status)
	word, code := statusWord(f.Status), p.cleanTo(f.Code, p.codes+20)
	over := max(width(code)-p.codes, 0) // a long code reaches into the column
	said := f.Summary
	if isProblem(f.Status) || f.Subject != t.subject {
		said = saying(f, t.begin.Domain)
	}
	t.subject = f.Subject
	said = p.cleanTo(said, (most+1)*p.prose())
	lines := clip(wrapFrom(said, p.prose(), over), most, p.prose()-over, p.ellipsis)
	t.line("  ", t.ink.status(f.Status, word), strings.Repeat(" ", statusCols-len(word)+2),
		strings.TrimRight(pad(code, p.codes)+"  "+lines[0], " "))
	for _, l := range lines[1:] {
		t.line(strings.Repeat(" ", p.indent()), l)
	}
}

// saying is the finding in a sentence that names its subject, within the
// domain by its first labels.
func saying(f *Finding, domain string) string {
	subject := strings.TrimSuffix(f.Subject, "."+domain)
	if subject == "" || subject == domain || strings.Contains(f.Summary, f.Subject) ||
		strings.HasPrefix(f.Summary, subject+" ") { // elsewhere it may be a word: "mail", "alias"
		return f.Summary
	}
	return subject + ": " + f.Summary
}

// statusCols is the width of the column of status words.
const statusCols = 7

// statusWord is the status as the text shows it: what needs hands in capitals.
func statusWord(s Status) string {
	if s == Fail || s == Warn {
		return strings.ToUpper(s.String())
	}
	return s.String()
}

// seconds shows a duration as a person would say it.
func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

// ink colours words by their meaning. Without colour it writes no escape byte.
// Only the sixteen basic colours are used, and only on words that say the same
// in letters, so that any theme and any eye can read it.
type ink struct {
	marks  map[Status]*color.Color
	ready  *color.Color
	strong *color.Color
	weak   *color.Color
}

func newInk(on bool) ink {
	style := func(a ...color.Attribute) *color.Color {
		c := color.New(a...)
		if on {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c
	}
	return ink{
		marks: map[Status]*color.Color{
			Pass:    style(color.FgGreen),
			Info:    style(color.FgCyan),
			Warn:    style(color.FgYellow),
			Fail:    style(color.FgRed, color.Bold),
			Unknown: style(color.FgMagenta, color.Bold),
			Skip:    style(color.Faint),
		},
		ready:  style(color.FgGreen, color.Bold),
		strong: style(color.Bold),
		weak:   style(color.Faint),
	}
}

func (k ink) bold(s string) string  { return k.strong.Sprint(s) }
func (k ink) faint(s string) string { return k.weak.Sprint(s) }

func (k ink) status(s Status, text string) string {
	if c := k.marks[s]; c != nil {
		return c.Sprint(text)
	}
	return text
}

// verdict colours the verdict like the status that led to it.
func (k ink) verdict(v Verdict, title string) string {
	switch v {
	case Ready:
		return k.ready.Sprint(title)
	case ReadyWarned:
		return k.status(Warn, title)
	case NotReady:
		return k.status(Fail, title)
	}
	return k.status(Unknown, title)
}
