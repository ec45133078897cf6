package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// task is one fix for the list of what to do.
type task struct {
	status Status
	codes  []string
	fix    Fix
}

// severity orders tasks: failures, what could not be checked, warnings.
func severity(s Status) int { return slices.Index([]Status{Fail, Unknown, Warn}, s) }

// meanings say each verdict in a sentence that fits a domain and a server.
var meanings = map[Verdict]string{
	Ready:          "Everything checked is correct.",
	ReadyWarned:    "Mail works today. The warnings say what can break later, or what can be abused.",
	NotOnMicrosoft: "Nothing of this domain points to Microsoft 365. If it should be there, run with --expect m365.",
	NoMail:         "The domain publishes that it neither sends nor receives mail.",
	NotReady:       "Fix the failures first: until then, mail can be rejected, lost or sent to junk.",
	Works:          "Everything checked is correct.",
	WorksWarned:    "The server works today. The warnings say what can break later, or what can be abused.",
	Fails:          "Fix the failures first: until then, mail through this server can fail.",
	BlockedHere:    "A device on this network cannot send through this server. The network is at fault, not the server.",
	CouldNotTell: "Nothing failed, but something required could not be checked. " +
		"This does not mean that the domain or server is at fault.",
}

// meaning says what the verdict means, of a domain or server with these findings.
func (v Verdict) meaning(c Counts) string {
	said := meanings[v]
	if c.accepted > 0 && said == meanings[Ready] {
		return "Nothing is wrong but what is accepted."
	}
	return said
}

// close writes the verdict, the counts and what to do.
func (t *text) close(e *End) {
	t.tellTopic()
	t.tellAsides()
	v := e.Verdict(t.counts)
	t.keepRow(v)
	if !t.roomy || t.section == "" {
		t.line()
	}
	t.verdict(e, v)
	if e.Cut {
		t.prose("Not finished: the time limit for this domain was reached, or the run was stopped.")
	}
	if !t.o.Quiet {
		t.prose(t.meaning(e, v))
	}
	t.whatToDo(e.Plan)
}

// verdict writes the verdict and how it was reached.
func (t *text) verdict(e *End, v Verdict) {
	lines := wrap(t.start.titleOf(v), t.page.right)
	last := len(lines) - 1
	for _, l := range lines[:last] {
		t.line(t.ink.verdict(v, l))
	}
	spans := []span{{lines[last], t.ink.verdict(v, lines[last])}, t.strong(t.page.cleanTo(t.begin.Domain, t.page.width))}
	if !t.o.Quiet {
		spans = append(spans, t.plain(cloudName(e, v, t.begin.Expect, t.page)))
	}
	spans = append(spans, t.countsSpan())
	effort := seconds(e.Elapsed)
	if t.o.Verbose {
		effort += ", " + plural(e.Queries, "DNS query", "DNS queries")
	}
	if !t.o.Quiet {
		spans = append(spans, t.weak(effort))
	}
	t.flow(3, spans...)
}

// meaning says what the verdict means.
func (t *text) meaning(e *End, v Verdict) string {
	said := v.meaning(t.counts)
	if e.Kind == KindNoMail && v == ReadyWarned {
		said = meanings[NoMail] + " The warnings say what can be abused."
	}
	if v == Ready && t.start.compared() {
		said = "Nothing is wrong that was not wrong before. Known problems are not repeated."
	}
	if t.unsaid > 0 && len(t.todo) == 0 { // else the last line names it
		said += " Run with -v for optional improvements."
	}
	return said
}

// prose writes a sentence of ours across the page.
func (t *text) prose(s string) {
	for _, l := range wrap(s, t.page.right) {
		t.line(t.ink.faint(l))
	}
}

// whatToDo writes the plan, and the fix of each problem that it leaves.
func (t *text) whatToDo(p *Plan) {
	if p == nil {
		p = &Plan{}
	}
	todo := slices.DeleteFunc(slices.Clone(t.todo), func(k task) bool {
		return !slices.ContainsFunc(k.codes, func(code string) bool { return !p.ends(code, k.status) })
	})
	if len(p.Steps)+len(todo) == 0 {
		return
	}
	t.line()
	t.steps(p.Steps)
	if len(p.Steps) > 0 && len(todo) > 0 {
		t.line("  ", t.ink.bold("Not part of these steps"))
	}
	t.tasks(todo, len(p.Steps))
	if len(p.Steps) > 0 || t.hints() {
		t.line()
	}
	t.outcome(p)
}

// hints reports whether the end says where more is told.
func (t *text) hints() bool { return !t.o.Quiet && !t.o.Verbose && len(t.todo) > 0 }

// outcome writes how the domain is judged after the plan, and where more is told.
func (t *text) outcome(p *Plan) {
	var last []span
	if len(p.Steps) > 0 {
		lines := wrap(t.page.clean(t.start.outcome(p)), t.page.right)
		n := len(lines) - 1
		for _, l := range lines[:n] {
			t.line(l)
		}
		last = append(last, t.plain(lines[n]))
	}
	if t.hints() {
		last = append(last, t.weak(t.details(last, t.todo[0].codes[0])))
	}
	if len(last) > 0 {
		t.flow(gapOfHints, last...)
	}
}

// gapOfHints is the space before where more is told.
const gapOfHints = 3

// details says where more is told of a finding, as far as the line goes that begins
// with some spans. A command is not cut: it would be typed so.
func (t *text) details(line []span, code string) string {
	const more, indent = "Details: -v", 2
	whole := more + ", maildiag checks " + t.page.cleanTo(code, maxCode)
	room := t.page.width
	for _, s := range line {
		if rest := room - width(s.text) - gapOfHints; rest >= width(more) {
			room = rest
		} else {
			room -= indent // of the next line
		}
	}
	if width(whole) <= room {
		return whole
	}
	return more
}

// maxCode bounds a code that is shown: no code of ours is longer.
const maxCode = 40

// cloudName returns where the domain is, if that is known and the verdict does not
// say it.
func cloudName(e *End, v Verdict, expect string, p page) string {
	switch {
	case e.Cloud != "":
		return "Microsoft 365 (" + p.cleanTo(cloudTitle(e.Cloud), 30) + ")"
	case e.Host != "" && v == NotOnMicrosoft:
		return "(" + p.cleanTo(e.Host, 40) + ")"
	case v == CouldNotTell || v == BlockedHere || v == NotOnMicrosoft || v == NoMail || expect == "any": // not known, said, or not asked
		return ""
	}
	return "not on Microsoft 365"
}

// cloudTitle is how a cloud is called in a text.
func cloudTitle(id string) string {
	switch id {
	case "gcc-high":
		return "GCC High"
	case "china":
		return "21Vianet"
	}
	return strings.Replace(strings.Replace(id, "gcc", "GCC", 1), "dod", "DoD", 1)
}

// countsSpan counts the findings, the worst first. The short form counts the
// problems if there are any.
func (t *text) countsSpan() span {
	var plain, painted []string
	counted := []Status{Fail, Unknown, Warn, Pass, Info, Skip}
	if c := t.counts; !t.o.Verbose && c.Fail+c.Unknown+c.Warn > 0 {
		counted = counted[:3]
	}
	for _, s := range counted {
		if n := t.counts.Of(s); n > 0 {
			one := fmt.Sprintf("%d %s", n, s)
			plain = append(plain, one)
			painted = append(painted, t.ink.status(s, one))
		}
	}
	if t.counts.accepted > 0 {
		one := fmt.Sprintf("%d accepted", t.counts.accepted)
		plain, painted = append(plain, one), append(painted, one)
	}
	return span{strings.Join(plain, "  "), strings.Join(painted, "  ")}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// addTask keeps what to do about f; the same fix twice is one task.
func (t *text) addTask(f *Finding) {
	if f.Fix == nil {
		return
	}
	same := func(o task) bool {
		return o.status == f.Status && o.fix.Owner == f.Fix.Owner && slices.Equal(o.fix.Edits, f.Fix.Edits) &&
			slices.Equal(o.fix.Commands, f.Fix.Commands) && (len(o.fix.Edits) > 0 || o.fix.Text == f.Fix.Text)
	}
	i := slices.IndexFunc(t.todo, same)
	if i < 0 {
		t.todo = append(t.todo, task{f.Status, []string{f.Code}, *f.Fix})
		return
	}
	if !slices.Contains(t.todo[i].codes, f.Code) {
		t.todo[i].codes = append(t.todo[i].codes, f.Code)
	}
}

// tasks lists fixes after the number before, the worst problem first.
func (t *text) tasks(todo []task, before int) {
	sort.SliceStable(todo, func(i, j int) bool { return severity(todo[i].status) < severity(todo[j].status) })
	for i, k := range todo {
		rows := []stepRow{{label: "do", value: k.fix.Text}}
		for _, e := range k.fix.Edits {
			rows = append(rows, editRows(e)...)
		}
		rows = append(rows, valueRows("run", commandLines(k.fix.Commands))...)
		rows = append(rows, stepRow{label: "who", value: k.fix.Owner + " (" + statusWord(k.status) + " " + strings.Join(k.codes, ", ") + ")"})
		t.step(fmt.Sprint(before+i+1), rows)
	}
}

// row is one line of the summary of several domains.
type row struct {
	verdict Verdict
	domain  string
	counts  Counts
}

// maxRows bounds the summary; for more domains there is maildiag bulk.
const maxRows = 500

func (t *text) keepRow(v Verdict) {
	if len(t.rows) < maxRows {
		t.rows = append(t.rows, row{v, t.begin.Domain, t.counts})
		return
	}
	t.dropped++
}

// summary ends a run of several domains with a table, the worst first.
func (t *text) summary(s *Stop) {
	if len(t.rows) < 2 {
		return
	}
	sort.SliceStable(t.rows, func(i, j int) bool { return t.rows[i].verdict.worse() > t.rows[j].verdict.worse() })
	longest, room := 0, 0
	for _, r := range t.rows {
		room = max(room, len(t.start.bareTitle(r.verdict)))
		longest = max(longest, min(width(r.domain), max(t.page.right-40, t.page.right-23)))
	}
	t.line()
	t.line(t.ink.faint(strings.Repeat(t.page.rule, t.page.right)))
	heading := wrap(strings.TrimSpace(fmt.Sprintf("%d domains %s", len(t.rows)+t.dropped, t.start.scope())), t.page.right)
	last := len(heading) - 1
	for _, l := range heading[:last] {
		t.line(t.ink.bold(l))
	}
	t.flow(3, t.strong(heading[last]), t.weak(seconds(s.Elapsed)))
	for _, r := range t.rows {
		title := t.start.bareTitle(r.verdict)
		t.counts = r.counts
		verdict := span{pad(title, room), t.ink.verdict(r.verdict, title) + strings.Repeat(" ", room-len(title))}
		t.flow(2, span{}, verdict, t.plain(pad(t.page.cleanTo(r.domain, longest), longest)), t.countsSpan())
	}
	if t.dropped > 0 {
		t.line(fmt.Sprintf("  and %d more; maildiag bulk is made for so many", t.dropped))
	}
}
