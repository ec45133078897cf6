package report

import (
	"fmt"
	"slices"
	"strings"
)

// htmlDomain writes the sections of one domain. Its anchors are numbers, so
// that no byte of a domain is part of an address.
type htmlDomain struct {
	*markup
	r      *Report
	id     string
	bare   bool // tiles alone
	topics []htmlTopic
}

// htmlTopic is the findings of one check.
type htmlTopic struct {
	title       string
	told        *Finding // stands for all
	first, next int      // findings
	counts      Counts
}

// group finds the topics.
func (d *htmlDomain) group() {
	for i := range d.r.Findings {
		f := &d.r.Findings[i]
		if i == 0 || f.Check != d.r.Findings[i-1].Check {
			d.topics = append(d.topics, htmlTopic{title: d.r.Start.title(f.Check), told: f, first: i})
		}
		t := &d.topics[len(d.topics)-1]
		t.next = i + 1
		t.counts.Add(f)
		if speaks(f) > speaks(t.told) {
			t.told = f
		}
	}
}

// speaks orders findings by how much they say of the state of their topic: the worst
// problem, or else what passed, for a remark is about something optional.
func speaks(f *Finding) int {
	if quiet := slices.Index([]Status{Skip, Info, Pass}, f.Status); quiet >= 0 && !f.Accepted {
		return quiet
	}
	return 3 + badness(f)
}

func (d *htmlDomain) topicID(i int) string   { return fmt.Sprintf("%s-t%d", d.id, i+1) }
func (d *htmlDomain) findingID(i int) string { return fmt.Sprintf("%s-f%d", d.id, i+1) }
func (d *htmlDomain) stepID(n int) string    { return fmt.Sprintf("%s-step%d", d.id, n) }

// anchor writes a link within the page.
func (d *htmlDomain) anchor(id, said string) {
	d.WriteString(`<a href="#` + id + `">`)
	d.text(said)
	d.WriteString("</a>")
}

// tiles shows each topic in one line, with a link to its section.
func (d *htmlDomain) tiles() {
	d.WriteString(`<nav class="tiles" aria-label="Topics">` + "\n")
	for i := range d.topics {
		t := &d.topics[i]
		tag, href := "a", ` href="#`+d.topicID(i)+`"`
		if d.bare {
			tag, href = "div", ""
		}
		d.WriteString("<" + tag + ` class="tile ` + t.told.Status.String() + `"` + href + "><b>")
		d.text(t.title + " ")
		d.el("i", "", tileWord(t))
		d.WriteString("</b>")
		d.el("span", "", brief(saying(t.told, d.r.Begin.Domain)))
		d.WriteString("</" + tag + ">\n")
	}
	d.WriteString("</nav>\n")
}

// brief is what a tile has room for: all of a short text, or the clauses of a long
// one that fit, whole.
func brief(said string) string {
	said = Clean(said)
	const room = 80 // bytes
	if len(said) <= room {
		return said
	}
	short := ""
	for _, end := range []string{". ", "; ", ": ", " (", ", "} {
		at := strings.LastIndex(said[:room], end)
		if at > len(short) && (end != ": " || strings.Contains(said[:at], " ")) { // a subject alone says nothing
			short = said[:at]
		}
	}
	if len(short) < room/5 {
		return said
	}
	return short
}

// tileWord says the state of a topic: how many problems it has, or none.
func tileWord(t *htmlTopic) string {
	s := t.told.Status
	if isProblem(s) {
		return fmt.Sprintf("%d %s", t.counts.Of(s), strings.ToUpper(s.String()))
	}
	if t.told.Accepted {
		return "ACCEPTED"
	}
	if t.counts.Pass > 0 {
		return "OK"
	}
	return strings.ToUpper(s.String())
}

// topic writes the findings of a check; one that is fine is folded.
func (d *htmlDomain) topic(i int) {
	t := &d.topics[i]
	open := ""
	if isProblem(t.told.Status) {
		open = " open"
	}
	d.WriteString(`<details class="topic" id="` + d.topicID(i) + `"` + open + "><summary>")
	d.el("span", "status "+t.told.Status.String(), tileWord(t))
	d.text(" " + t.title + " ")
	d.el("em", "", countWords(t.counts))
	d.WriteString("</summary>\n")
	for n := t.first; n < t.next; n++ {
		d.finding(n)
	}
	d.WriteString("</details>\n")
}

// finding writes one finding; what is well keeps its evidence folded.
func (d *htmlDomain) finding(i int) {
	f := &d.r.Findings[i]
	steps := d.r.End.Plan.stepsFor(f)
	if !isProblem(f.Status) {
		steps = nil
	}
	class := "finding"
	if !isProblem(f.Status) {
		class = "finding fine" // not printed
	}
	d.WriteString(`<div class="` + class + `" id="` + d.findingID(i) + `">`)
	d.el("span", "status "+f.Status.String(), statusWord(f.Status))
	d.el("span", "code", f.Code)
	d.WriteString(`<span class="text">`)
	d.text(saying(f, d.r.Begin.Domain))
	for _, n := range steps {
		d.WriteString(" ")
		d.anchor(d.stepID(n), fmt.Sprintf("step %d", n))
	}
	d.WriteString("</span>")
	switch {
	case isProblem(f.Status):
		d.WriteString("\n" + `<div class="more">`)
		d.detail(f, len(steps) > 0)
		d.WriteString("</div>")
	case len(f.Evidence) > 0 || f.Fix != nil:
		d.WriteString("\n" + `<details class="more"><summary>more</summary>`)
		d.detail(f, false)
		d.WriteString("</details>")
	}
	d.WriteString("</div>\n")
}

// plan lists what to do: the steps, and the fix of each problem that no step
// ends.
func (d *htmlDomain) plan() {
	p := d.r.End.Plan
	var rest []int
	for _, s := range []Status{Fail, Unknown, Warn} {
		for i := range d.r.Findings {
			if f := &d.r.Findings[i]; f.Status == s && f.Fix != nil && !p.ends(f.Code, s) {
				rest = append(rest, i)
			}
		}
	}
	planned := p != nil && len(p.Steps) > 0
	if !planned && len(rest) == 0 {
		return
	}
	d.WriteString("<h2>What to do</h2>\n" + `<section class="card">` + "\n")
	if planned {
		d.steps(p.Steps)
	}
	if len(rest) > 0 {
		d.fixes(rest, planned)
	}
	if planned {
		d.el("p", "outcome", d.r.Start.outcome(p))
		d.WriteString("\n")
	}
	d.WriteString("</section>\n")
}

// fixes lists fixes that are not part of a step.
func (d *htmlDomain) fixes(findings []int, planned bool) {
	if planned {
		d.WriteString(`<p class="owner">Not part of these steps</p>` + "\n")
	}
	d.WriteString(`<ul class="plan">` + "\n")
	for _, i := range findings {
		f := &d.r.Findings[i]
		d.WriteString("<li>")
		d.el("span", "status "+f.Status.String(), statusWord(f.Status))
		d.WriteString("<div>")
		d.anchor(d.findingID(i), f.Code)
		d.text(": " + f.Fix.Text + " (" + f.Fix.Owner + ")")
		d.WriteString("</div></li>\n")
	}
	d.WriteString("</ul>\n")
}

// steps lists the steps in their order. The owner stands above wherever it
// changes.
func (d *htmlDomain) steps(steps []Step) {
	for i := range steps {
		if i == 0 || steps[i].Owner != steps[i-1].Owner {
			if i > 0 {
				d.WriteString("</ol>\n")
			}
			d.el("p", "owner", steps[i].Owner)
			d.WriteString("\n" + `<ol class="plan">` + "\n")
		}
		d.step(&steps[i])
	}
	d.WriteString("</ol>\n")
}

func (d *htmlDomain) step(s *Step) {
	d.WriteString(`<li id="` + d.stepID(s.Step) + `">`)
	d.el("span", "num", fmt.Sprint(s.Step))
	d.WriteString("<div>")
	d.el("b", "", s.title())
	d.WriteString("<br>")
	d.text(s.Text + " ")
	d.remarks(s)
	for _, why := range s.whys() {
		d.el("p", "why", "Why: "+why)
	}
	if s.Caution != "" {
		d.el("p", "caution", "Caution: "+s.Caution)
	}
	if s.ChangesRecords() {
		d.record(s.Keep, s.Removed(), s.Added())
	} else {
		d.commands(s.Commands)
	}
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		d.el("p", "choice", alternativeLetter(i)+": "+a.Words())
		d.record(nil, a.Removed(), a.Added())
		d.commands(a.Commands)
	}
	if s.Verify != "" {
		d.el("p", "about", "Check with: "+s.Verify)
	}
	d.WriteString("</div></li>\n")
}

// remarks links to the steps to wait for and to the findings that a step ends.
func (d *htmlDomain) remarks(s *Step) {
	d.WriteString(`<span class="about">`)
	for i, n := range s.After {
		if i == 0 {
			d.WriteString("after ")
		}
		d.anchor(d.stepID(n), fmt.Sprintf("step %d", n))
		d.WriteString(" ")
	}
	for i, code := range s.Fixes {
		if i == 0 {
			d.WriteString(s.serves())
		}
		at := slices.IndexFunc(d.r.Findings, func(f Finding) bool { return f.Code == code && isProblem(f.Status) })
		if at < 0 {
			d.text(code)
		} else {
			d.anchor(d.findingID(at), code)
		}
		d.WriteString(" ")
	}
	d.WriteString("</span>")
}

// record shows a change of an RRset, each value whole.
func (d *htmlDomain) record(keep, remove, add []string) {
	if len(keep)+len(remove)+len(add) == 0 {
		return
	}
	d.WriteString(`<div class="rec">`)
	for _, list := range []struct {
		tag    string
		values []string
	}{{"span", keep}, {"del", remove}, {"ins", add}} {
		for _, v := range list.values {
			d.el(list.tag, "", v)
		}
	}
	d.WriteString("</div>")
}

func (d *htmlDomain) commands(commands []string) {
	for _, c := range commands {
		d.pre(c)
	}
}
