package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/fatih/color"
)

// newText writes the report for people: topic by topic as they are checked, and
// at the end the verdict and what to do. In the long form, each finding has a
// line, and evidence below it.
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

	out    strings.Builder // of the event at hand
	start  Start
	begin  Begin
	headed bool // the domain's first line is written
	counts Counts
	todo   []task
	unsaid int // advice that is not shown because nothing is wrong

	// The short form.
	topic      []Finding // of the check at hand
	topicTitle string    // not written yet
	begun      bool      // a topic is written
	asides     asides    // not written yet

	// The long form.
	section string // check whose heading was written last
	subject string // of the finding above in this section
	roomy   bool   // the last thing written was a block

	rows    []row // of the summary of several domains
	dropped int   // rows not kept
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
	t.begin, t.section, t.roomy, t.todo, t.unsaid = *b, "", true, nil, 0
	t.topic, t.asides, t.begun = nil, asides{}, false
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
	if isProblem(f.Status) && !(f.Optional && f.Status == Unknown) {
		t.addTask(f)
	}
	if t.o.Verbose {
		t.long(f)
		return
	}
	t.gather(f)
}

// long writes a finding with all that is known of it.
func (t *text) long(f *Finding) {
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

func isProblem(s Status) bool { return s == Warn || s == Fail || s == Unknown }

// heading opens the section of a check. A blank line sets it off from a block.
func (t *text) heading(check string) {
	if t.section == "" {
		t.line()
	}
	t.section, t.subject = check, ""
	t.line(t.ink.bold(t.page.cleanTo(t.start.title(check), t.page.width)))
}

// statementLines is how many lines a statement may take.
const statementLines = 40

// statement writes the finding's line: status, code, and what was found.
func (t *text) statement(f *Finding) {
	p := t.page
	word, code := statusWord(f.Status), p.cleanTo(f.Code, p.codes+20)
	over := max(width(code)-p.codes, 0) // a long code reaches into the column
	said := f.Summary
	if isProblem(f.Status) || f.Subject != t.subject {
		said = saying(f, t.begin.Domain)
	}
	t.subject = f.Subject
	said = p.cleanTo(said, (statementLines+1)*p.prose())
	lines := clip(wrapFrom(said, p.prose(), over), statementLines, p.prose()-over, p.ellipsis)
	t.line("  ", t.ink.status(f.Status, word), strings.Repeat(" ", statusCols-len(word)+2),
		strings.TrimRight(pad(code, p.codes)+"  "+lines[0], " "))
	for _, l := range lines[1:] {
		t.line(strings.Repeat(" ", p.indent()), l)
	}
}

// saying is the finding in a sentence that names its subject.
func saying(f *Finding, domain string) string {
	if subject := subjectOf(f, domain); subject != "" {
		return sentence(subject, f.Summary)
	}
	return f.Summary
}

// plurals are the verbs of a summary whose subjects are several.
var plurals = map[string]string{"is": "are", "has": "have", "does": "do", "points": "point", "contains": "contain", "belongs": "belong", "was": "were"}

// sentenceOf is [sentence] about one or several subjects.
func sentenceOf(subjects []string, summary string) string {
	subject := strings.Join(subjects, ", ")
	verb, rest, _ := strings.Cut(summary, " ")
	switch many := plurals[verb]; {
	case subject == "":
		return summary
	case len(subjects) == 1:
		return sentence(subject, summary)
	case many != "":
		return subject + " " + many + " " + rest
	}
	return subject + ": " + summary
}

// sentence joins what a summary is about and the summary: one that begins with a
// verb continues its subject, unless it uses the word itself, as of a host "mail".
func sentence(subject, summary string) string {
	verb, rest, _ := strings.Cut(summary, " ")
	switch verb {
	case "is", "has", "have", "was", "does", "must", "still", "points", "contains", "belongs", "appears", "proves", "works":
		if !strings.Contains(rest+" ", " "+subject+" ") {
			return subject + " " + summary
		}
	}
	return subject + ": " + summary
}

// Statement says a finding with its subject.
func (f *Finding) Statement() string {
	if f.Subject == "" || strings.Contains(f.Summary, f.Subject) {
		return f.Summary
	}
	return sentence(f.Subject, f.Summary)
}

// subjectOf returns what the summary is about if it does not say so itself,
// within the domain by its first labels.
func subjectOf(f *Finding, domain string) string {
	subject := strings.TrimSuffix(f.Subject, "."+domain)
	if subject == domain || f.Subject != "" && strings.Contains(f.Summary, f.Subject) ||
		strings.HasPrefix(f.Summary, subject+" ") { // elsewhere it may be a word: "mail", "alias"
		return ""
	}
	return subject
}

// statusCols is the width of the column of status words.
const statusCols = 7

// statusWord is the status as the text shows it: problems of the domain in capitals.
func statusWord(s Status) string {
	if s == Fail || s == Warn {
		return strings.ToUpper(s.String())
	}
	return s.String()
}

// seconds returns a duration as a person would say it.
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

// ink colors words by their meaning. Without color it writes no escape byte.
// Only the sixteen basic colors are used, and only on words that say the same
// in letters, so that they can be read in any theme.
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

// verdict colors the verdict like the status that led to it.
func (k ink) verdict(v Verdict, title string) string {
	switch v.degree() {
	case Ready:
		return k.ready.Sprint(title)
	case ReadyWarned, NotOnMicrosoft:
		return k.status(Warn, title)
	case NotReady:
		return k.status(Fail, title)
	}
	return k.status(Unknown, title)
}
