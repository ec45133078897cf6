package report

import (
	"fmt"
	"slices"
	"strings"
)

// task is one line of the list of what to do.
type task struct {
	status             Status
	code, owner, brief string
	records            []Edit
	more               int // findings with the same advice
}

func newTask(f *Finding, domain string) task {
	t := task{status: f.Status, code: f.Code}
	if f.Fix == nil {
		return t
	}
	t.owner, t.brief = f.Fix.Owner, f.Fix.Text
	if len(f.Fix.Edits) > 0 {
		t.records, t.brief = f.Fix.Edits, changes(f.Fix.Edits, domain)
	}
	return t
}

// changes says in short what to do to the DNS, with names as the domain's
// administrator types them.
func changes(records []Edit, domain string) string {
	r := records[0]
	name := strings.TrimSuffix(r.Name, ".")
	if name == domain {
		name = ""
	} else {
		name = " " + strings.TrimSuffix(name, "."+domain)
	}
	s := recordVerb(r) + " " + r.Type + name
	if n := len(records) - 1; n > 0 {
		s += ", and " + plural(n, "more record", "more records")
	}
	return s
}

// recordVerb says what is to be done to a record.
func recordVerb(r Edit) string {
	switch {
	case r.Old == "":
		return "add"
	case r.New == "":
		return "remove"
	}
	return "change"
}

// colTask is the column of the codes in the list of what to do.
const colTask = 5 + statusCols + 2

// severity orders tasks: failures, what could not be told, warnings.
func severity(s Status) int { return slices.Index([]Status{Fail, Unknown, Warn}, s) }

// meanings say each verdict in a sentence that fits a domain and a server.
var meanings = map[Verdict]string{
	Ready:       "All that was looked at is as it should be.",
	ReadyWarned: "It works today. The warnings tell what will break, or what is open to abuse.",
	NotReady:    "Until the failures are set right, mail cannot be sent, or is lost, refused, junked or unprotected.",
	CouldNotTell: "Nothing failed, but something required could not be tested. " +
		"That proves nothing against the domain or server.",
}

// close writes the verdict, the counts and the list of what to do.
func (t *text) close(e *End) {
	t.tellSkipped()
	v := t.counts.Verdict(e.Cut)
	t.keepRow(v)
	if !t.roomy || t.section == "" && !t.o.Quiet {
		t.line()
	}
	if !t.o.Quiet {
		t.line(t.ink.faint(strings.Repeat(t.page.rule, t.page.right)))
	}
	title := t.start.titleOf(v)
	verdict := span{title, t.ink.verdict(v, title)}
	domain := t.strong(t.page.cleanTo(t.begin.Domain, t.page.width))
	if t.o.Quiet {
		t.flow(3, verdict, domain, t.countsSpan())
	} else {
		t.flow(3, verdict, domain, t.plain(cloudName(e.Cloud, v, t.begin.Expect, t.page)))
		effort := fmt.Sprintf("in %s, %s", seconds(e.Elapsed), plural(e.Queries, "DNS query", "DNS queries"))
		t.flow(3, t.countsSpan(), t.weak(effort))
	}
	if e.Cut {
		for _, l := range wrap("Unfinished: the run was stopped, or ran out of time, before all was looked at.", t.page.right) {
			t.line(l)
		}
	}
	if t.o.Quiet {
		t.whatToDo(e.Plan)
		return
	}
	said := meanings[v]
	if v == Ready && t.start.compared() {
		said = "Nothing is wrong that was not wrong before. What was wrong before is not told here."
	}
	if t.unsaid > 0 {
		said += " More can be done: -v tells what."
	}
	for _, l := range wrap(said, t.page.right) {
		t.line(t.ink.faint(l))
	}
	t.whatToDo(e.Plan)
}

// whatToDo writes the plan, or without one the fix of each problem.
func (t *text) whatToDo(p *Plan) {
	switch {
	case p != nil && len(p.Steps) > 0:
		t.plan(p)
	case !t.o.Quiet:
		t.tasks()
	}
}

// cloudName tells where the domain is, if that is known.
func cloudName(id string, v Verdict, expect string, p page) string {
	switch {
	case id != "":
		return "Microsoft 365 (" + p.cleanTo(id, 30) + ")"
	case v == CouldNotTell || expect == "any": // not known, or not asked
		return ""
	}
	return "not on Microsoft 365"
}

// countsSpan counts the findings, the worst first, leaving out what is not
// there.
func (t *text) countsSpan() span {
	var plain, painted []string
	for _, s := range []Status{Fail, Unknown, Warn, Pass, Info, Skip} {
		if n := t.counts.Of(s); n > 0 {
			one := fmt.Sprintf("%d %s", n, s)
			plain = append(plain, one)
			painted = append(painted, t.ink.status(s, one))
		}
	}
	return span{strings.Join(plain, "  "), strings.Join(painted, "  ")}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// addTask keeps what to do about f; the same advice twice is one task.
func (t *text) addTask(f *Finding) {
	k := newTask(f, t.begin.Domain)
	same := func(o task) bool {
		return o.status == k.status && o.owner == k.owner && o.brief == k.brief && slices.Equal(o.records, k.records)
	}
	if i := slices.IndexFunc(t.todo, same); i >= 0 && k.brief != "" {
		t.todo[i].more++
		return
	}
	t.todo = append(t.todo, k)
}

// tasks lists what to do, the worst first, one line each.
func (t *text) tasks() {
	if len(t.todo) == 0 {
		return
	}
	slices.SortStableFunc(t.todo, func(a, b task) int { return severity(a.status) - severity(b.status) })
	t.line()
	t.flow(3, t.strong("What to do"), t.weak(t.page.cleanTo("(details above; maildiag checks ID explains a check)", t.page.right-2)))
	p := t.page
	for i, k := range t.todo {
		word, code := statusWord(k.status), p.cleanTo(k.code, p.codes+20)
		if k.more > 0 {
			code += fmt.Sprintf(" +%d", k.more)
		}
		who := k.owner
		if who != "" && k.brief != "" {
			who += ": "
		}
		code = pad(code, p.codes-colTask+colCode)
		rest := p.cleanTo(who+k.brief, p.right-colTask-width(code)-2)
		t.line(fmt.Sprintf("%3d  ", i+1), t.ink.status(k.status, word), strings.Repeat(" ", colTask-5-len(word)),
			strings.TrimRight(code+"  "+rest, " "))
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

// worstFirst sorts rows by their verdict, and leaves those that are alike in
// their order.
func worstFirst[T any](rows []T, of func(T) Verdict) []T {
	slices.SortStableFunc(rows, func(a, b T) int { return of(b).worse() - of(a).worse() })
	return rows
}

// summary ends a run of several domains with a table, the worst first.
func (t *text) summary(s *Stop) {
	if len(t.rows) < 2 {
		return
	}
	t.rows = worstFirst(t.rows, func(r row) Verdict { return r.verdict })
	longest := 0
	for _, r := range t.rows {
		longest = max(longest, min(width(r.domain), max(t.page.right-40, t.page.right-23)))
	}
	t.line()
	t.line(t.ink.faint(strings.Repeat(t.page.rule, t.page.right)))
	t.flow(3, t.strong(fmt.Sprintf("%d domains", len(t.rows)+t.dropped)), t.weak(seconds(s.Elapsed)))
	for _, r := range t.rows {
		title, room := t.start.titleOf(r.verdict), len("READY WITH WARNINGS")
		t.counts = r.counts
		verdict := span{pad(title, room), t.ink.verdict(r.verdict, title) + strings.Repeat(" ", room-len(title))}
		t.flow(2, span{}, verdict, t.plain(pad(t.page.cleanTo(r.domain, longest), longest)), t.countsSpan())
	}
	if t.dropped > 0 {
		t.line(fmt.Sprintf("  and %d more; maildiag bulk is made for so many", t.dropped))
	}
}
