package report

import (
	"slices"
	"strings"
)

// The short form: one line for each topic that is fine, and for each problem
// what is wrong and what it does to mail.
//
//	MX              FAIL     aspmx.l.google.com still receives mail (preference 10)   mx.leftover
//	SPF             ok       v=spf1 include:spf.protection.outlook.com -all
//	|               |        |
//	0               16       25
const (
	topicTitles   = 14 // "AUTHENTICATION" is the longest
	problemLines  = 8  // of one statement
	evidenceLines = 20 // of one piece of evidence
)

// gather keeps a finding until its topic is complete.
func (t *text) gather(f *Finding) {
	if len(t.topic) > 0 && t.topic[0].Check != f.Check {
		t.tellTopic()
	}
	t.topic = append(t.topic, *f)
	if f.Fix != nil && !isProblem(f.Status) {
		t.unsaid++
	}
}

// tellTopic writes the topic at hand: its problems, or one line.
func (t *text) tellTopic() {
	topic := t.topic
	t.topic = nil
	if len(topic) == 0 {
		return
	}
	if problems := equalOnce(topic, t.begin.Domain, t.tells); len(problems) > 0 {
		t.tellAsides()
		t.topicTitle = t.start.title(topic[0].Check)
		for i := range problems {
			t.problem(&problems[i])
		}
		return
	}
	if t.o.Quiet {
		return
	}
	t.fine(topic)
}

// asides are topics in a row that need no line each: nothing in them passed, and
// all were skipped for one reason, or some have nothing but remarks.
type asides struct {
	status Status // Info or Skip
	titles []string
	said   string // of the first
}

// tells reports whether a finding has a row of its own. In a comparison all have: each
// is a change.
func (t *text) tells(f *Finding) bool {
	return isProblem(f.Status) || !t.o.Quiet && (f.Accepted || t.start.compared() && f.Status != Skip)
}

// fine writes the line of a topic without a problem.
func (t *text) fine(topic []Finding) {
	title := t.start.title(topic[0].Check)
	if said := t.fineWords(topic, Pass); said != "" {
		t.tellAsides()
		t.topicTitle = title
		t.topicRow(Pass, []string{said})
		return
	}
	next := asides{Info, []string{title}, t.fineWords(topic, Info)}
	if next.said == "" {
		next.status, next.said = Skip, topic[0].Summary
	}
	if a := &t.asides; len(a.titles) > 0 && (a.status != next.status || a.status == Info || a.said == next.said) {
		a.titles, a.status = append(a.titles, title), max(a.status, next.status)
		return
	}
	t.tellAsides()
	t.asides = next
}

// fineWords joins what the findings of one status say, as far as one line goes.
func (t *text) fineWords(topic []Finding, kind Status) string {
	cols, line := t.page.topicProse(), ""
	for i := range topic {
		if topic[i].Status != kind {
			continue
		}
		said := t.page.cleanTo(saying(&topic[i], t.begin.Domain), cols)
		if line != "" {
			said = line + "; " + said
		}
		if line == "" || width(said) <= cols {
			line = said
		}
	}
	return line
}

// tellAsides writes the topics that share a line.
func (t *text) tellAsides() {
	a, cols := t.asides, t.page.topicProse()
	t.asides = asides{}
	if len(a.titles) == 0 {
		return
	}
	said := a.said
	if len(a.titles) == 1 {
		t.topicTitle = a.titles[0]
	} else {
		if a.status == Info {
			said = "optional, see -v"
		}
		said = strings.Join(a.titles, ", ") + ": " + said
	}
	t.topicRow(a.status, clip(wrap(t.page.cleanTo(said, 5*cols), cols), 4, cols, t.page.ellipsis))
}

// shared is a finding and those of the topic that say the same.
type shared struct {
	Finding
	said            string // the summary without the subject
	subjects, codes []string
}

// equalOnce returns the findings that have a row each. Those that differ in
// nothing but their subject, as those of two DKIM selectors, are one.
func equalOnce(topic []Finding, domain string, tells func(*Finding) bool) []shared {
	var list []shared
	for _, f := range topic {
		if !tells(&f) {
			continue
		}
		subject := subjectOf(&f, domain)
		said := withoutSubject(f.Summary, subject)
		i := slices.IndexFunc(list, func(o shared) bool {
			return o.Status == f.Status && subject != "" && o.subjects[0] != "" && o.said == said
		})
		if i < 0 {
			list = append(list, shared{f, said, []string{subject}, []string{f.Code}})
			continue
		}
		list[i].subjects = append(list[i].subjects, subject)
		if !slices.Contains(list[i].codes, f.Code) {
			list[i].codes = append(list[i].codes, f.Code)
		}
	}
	return list
}

// withoutSubject returns a summary with a mark in place of the subject's first
// label, as in the targets of two selectors.
func withoutSubject(summary, subject string) string {
	label, _, _ := strings.Cut(subject, ".")
	if len(label) < 4 { // may be part of a word
		return summary
	}
	return strings.ReplaceAll(summary, label, "*")
}

// problem writes what is wrong, why it matters, and the proof.
func (t *text) problem(f *shared) {
	cols := t.page.topicProse()
	said := sentenceOf(f.subjects, f.Summary)
	lines := clip(wrap(t.page.cleanTo(said, (problemLines+1)*cols), cols), problemLines, cols, t.page.ellipsis)
	lines = t.aside(lines, t.page.cleanTo(strings.Join(f.codes, ", "), cols))
	for _, e := range f.Evidence {
		if e.Kind == "rule" {
			lines = append(lines, clip(wrap(t.page.cleanTo(e.Text, 5*cols), cols), 4, cols, t.page.ellipsis)...)
		}
	}
	t.topicRow(f.Status, lines)
	t.proof(f)
}

// proof shows the first piece of each kind of evidence; the next is the same
// over another address. What the DNS answered is in the statement and in the
// plan, but for an answer that says nothing.
func (t *text) proof(f *shared) {
	indent := strings.Repeat(" ", t.page.titles+2)
	var shown []string
	for _, e := range f.Evidence {
		dns := e.Kind == "answer" || e.Kind == "query"
		if e.Kind == "rule" || dns && f.Status != Unknown || slices.Contains(shown, e.Kind) {
			continue
		}
		shown = append(shown, e.Kind)
		lines, _ := verbatim(t.page, e.Text, t.page.right-len(indent), evidenceLines)
		for _, l := range lines {
			t.line(strings.TrimRight(indent+l, " "))
		}
	}
}

// aside adds a remark to the last line if it fits there, else below it.
func (t *text) aside(lines []string, remark string) []string {
	last := len(lines) - 1
	if width(lines[last])+3+width(remark) <= t.page.topicProse() {
		lines[last] += "   " + t.ink.faint(remark)
		return lines
	}
	return append(lines, t.ink.faint(remark))
}

// topicRow writes lines beside a status, and in the first row of a topic beside
// its title. A narrow page has the title above.
func (t *text) topicRow(s Status, lines []string) {
	if !t.headed {
		t.header()
	}
	if !t.begun {
		t.begun = true
		t.line()
	}
	title, word := t.page.cleanTo(t.topicTitle, t.page.width), topicWord(s)
	t.topicTitle = ""
	if n := t.page.titles; width(title) > n {
		t.line(t.ink.bold(title))
		title = ""
	}
	head := t.ink.bold(title)
	if gap := t.page.topicIndent() - statusCols - 2 - width(title); gap > 0 {
		head += strings.Repeat(" ", gap)
	}
	head += t.ink.status(s, word) + strings.Repeat(" ", statusCols+2-len(word))
	for _, l := range lines {
		t.line(strings.TrimRight(head+l, " "))
		head = strings.Repeat(" ", t.page.topicIndent())
	}
}

// topicWord is the status of a row in the short form.
func topicWord(s Status) string {
	if s == Pass {
		return "ok"
	}
	return statusWord(s)
}
