package report

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"
)

//go:embed report.css
var htmlStyle string

// newHTML writes one file that needs nothing else: no script, no request, its
// own style, light and dark, and made to be printed.
//
// It is written by hand rather than with html/template, whose reflection keeps
// the linker from dropping unused methods and costs 2.5 MB of the program. The
// rule that takes its place: markup is constant text, and every value goes
// through [markup.text].
func newHTML(w io.Writer, _ Options) Sink {
	h := &htmlSink{w: w}
	return &collector{open: h.open, each: h.domain, close: h.stop}
}

type htmlSink struct {
	w    io.Writer
	rows []htmlRow
}

// htmlRow is one line of the table of several domains.
type htmlRow struct {
	row
	anchor string
}

// markup collects a piece of the page.
type markup struct{ strings.Builder }

// text writes a value: cleaned as for a terminal, then escaped.
func (m *markup) text(s string) { m.WriteString(html.EscapeString(Clean(s))) }

// el writes an element of a class with a value in it. Tag and class are
// constants or names of ours.
func (m *markup) el(tag, class, s string) {
	m.start(tag, class)
	m.text(s)
	m.WriteString("</" + tag + ">")
}

func (m *markup) start(tag, class string) {
	m.WriteString("<" + tag)
	if class != "" {
		m.WriteString(` class="` + class + `"`)
	}
	m.WriteString(">")
}

// flush writes what was collected.
func (m *markup) flush(w io.Writer) error {
	_, err := io.WriteString(w, m.String())
	return err
}

const htmlHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
`

func (h *htmlSink) open(s *Start) error {
	var m markup
	m.WriteString(htmlHead)
	m.el("title", "", "maildiag "+s.Started.Format("2006-01-02"))
	m.WriteString("\n<style>\n" + htmlStyle + "</style>\n</head>\n<body>\n")
	return m.flush(h.w)
}

func (h *htmlSink) domain(r *Report) error {
	var m markup
	line := htmlRow{row{r.Verdict(), r.Begin.Domain, r.Counts()}, fmt.Sprintf("d%d", len(h.rows)+1)}
	h.rows = append(h.rows, line)
	m.WriteString(`<section class="report" id="` + line.anchor + `">` + "\n")
	m.header(r, line)
	m.tasks(r)
	check := ""
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Check != check || i == 0 {
			check = f.Check
			m.el("h2", "", r.Start.title(check))
			m.WriteString("\n")
		}
		m.finding(f, r.Begin.Domain)
	}
	m.WriteString("</section>\n")
	return m.flush(h.w)
}

// header names domain, verdict, counts and circumstances.
func (m *markup) header(r *Report, line htmlRow) {
	name := r.Begin.Domain
	if r.Begin.Unicode != "" {
		name += " (" + r.Begin.Unicode + ")"
	}
	m.WriteString(`<header class="domain">` + "\n")
	m.el("h1", "", name)
	m.WriteString("\n")
	m.el("p", "verdict "+string(line.verdict), line.verdict.Title())
	m.WriteString("\n" + `<p class="about">`)
	for i, s := range []Status{Fail, Unknown, Warn, Pass, Info, Skip} {
		if i > 0 {
			m.WriteString(", ")
		}
		m.el("span", s.String(), fmt.Sprintf("%d %s", line.counts.Of(s), s))
	}
	m.text(". " + meanings[line.verdict])
	m.WriteString("</p>\n")
	about := fmt.Sprintf("Resolver %s. %s, %s, %s.", r.Begin.Resolver, r.Begin.Started.Format("2006-01-02 15:04 UTC"),
		seconds(r.End.Elapsed), plural(r.End.Queries, "DNS query", "DNS queries"))
	if r.End.Cloud != "" {
		about = "Microsoft 365 (" + r.End.Cloud + "). " + about
	}
	if r.Start.AsOf != "" {
		about += " Judged as of " + r.Start.AsOf + "."
	}
	m.el("p", "about", about)
	if r.End.Cut {
		m.WriteString("\n<p><strong>Unfinished:</strong> the run was stopped before all was looked at.</p>")
	}
	m.WriteString("\n</header>\n")
}

// tasks lists what to do, the worst first.
func (m *markup) tasks(r *Report) {
	open := false
	for _, s := range []Status{Fail, Unknown, Warn} {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Status != s || f.Fix == nil {
				continue
			}
			if !open {
				m.WriteString("<h2>What to do</h2>\n<table>\n")
				open = true
			}
			m.WriteString("<tr>")
			m.el("td", "status "+s.String(), statusWord(s))
			m.el("td", "code", f.Code)
			m.WriteString("<td>")
			m.el("strong", "", f.Fix.Owner)
			m.text(": " + f.Fix.Text)
			m.WriteString("</td></tr>\n")
		}
	}
	if open {
		m.WriteString("</table>\n")
	}
}

// finding writes one finding; what is well keeps its evidence folded.
func (m *markup) finding(f *Finding, domain string) {
	m.WriteString(`<div class="finding">`)
	m.el("span", "status "+f.Status.String(), statusWord(f.Status))
	m.el("span", "code", f.Code)
	m.el("span", "text", saying(f, domain))
	switch {
	case isProblem(f.Status):
		m.WriteString("\n" + `<div class="more">`)
		m.detail(f)
		m.WriteString("</div>")
	case len(f.Evidence) > 0 || f.Fix != nil:
		m.WriteString("\n" + `<details class="more"><summary>more</summary>`)
		m.detail(f)
		m.WriteString("</details>")
	}
	m.WriteString("</div>\n")
}

func (m *markup) detail(f *Finding) {
	m.WriteString("<dl>\n")
	for i := range f.Evidence {
		if e := &f.Evidence[i]; e.Kind == "rule" {
			m.WriteString("<dt>why</dt><dd>")
			m.text(e.Text)
			if e.Link != "" {
				m.WriteString(" (")
				m.link(e.Link)
				m.WriteString(")")
			}
			m.WriteString("</dd>\n")
		}
	}
	if f.Fix != nil {
		m.fix(f.Fix)
	}
	for i := range f.Evidence {
		if e := &f.Evidence[i]; e.Kind != "rule" {
			m.seen(e)
		}
	}
	m.WriteString("</dl>")
}

func (m *markup) fix(fix *Fix) {
	m.WriteString("<dt>fix</dt>")
	m.el("dd", "", fix.Text)
	m.WriteString("\n")
	for _, e := range fix.Edits {
		m.WriteString("<dt>edit</dt>")
		m.el("dd", "", editWords(e))
		m.WriteString("\n")
	}
	for _, c := range fix.Commands {
		m.WriteString("<dt>run</dt><dd>")
		m.pre(c)
		m.WriteString("</dd>\n")
	}
	m.WriteString("<dt>who</dt>")
	m.el("dd", "", fix.Owner)
	m.WriteString("\n")
	for _, l := range fix.Links {
		m.WriteString("<dt>source</dt><dd>")
		m.link(l)
		m.WriteString("</dd>\n")
	}
}

// seen shows what somebody else said, line by line.
func (m *markup) seen(e *Evidence) {
	m.el("dt", "", e.Kind)
	m.WriteString("<dd>")
	if e.From != "" {
		m.text("from " + e.From)
	}
	m.pre(e.Text)
	m.text(e.Note)
	m.WriteString("</dd>\n")
}

// pre shows text of several lines as it is.
func (m *markup) pre(s string) {
	m.WriteString("<pre>")
	for i, l := range Lines(s) {
		if i > 0 {
			m.WriteString("\n")
		}
		m.text(l)
	}
	m.WriteString("</pre>")
}

// link shows a source, as a link if [linkURL] knows its address.
func (m *markup) link(s string) {
	url := linkURL(s)
	if url == "" {
		m.text(s)
		return
	}
	m.WriteString(`<a href="` + html.EscapeString(url) + `" rel="noreferrer noopener">`)
	m.text(s)
	m.WriteString("</a>")
}

// stop ends the page, for several domains with a table, the worst first.
func (h *htmlSink) stop(s *Stop) error {
	var m markup
	if len(h.rows) > 1 {
		m.el("h1", "", fmt.Sprintf("%d domains", len(h.rows)))
		m.WriteString("\n<table>\n<tr><th>verdict</th><th>domain</th><th>fail</th><th>unknown</th><th>warn</th><th>pass</th></tr>\n")
		for _, r := range worstFirst(h.rows, func(r htmlRow) Verdict { return r.verdict }) {
			m.WriteString("<tr>")
			m.el("td", string(r.verdict), r.verdict.Title())
			m.WriteString(`<td><a href="#` + r.anchor + `">`)
			m.text(r.domain)
			m.WriteString("</a></td>")
			for _, s := range []Status{Fail, Unknown, Warn, Pass} {
				m.el("td", "", fmt.Sprint(r.counts.Of(s)))
			}
			m.WriteString("</tr>\n")
		}
		m.WriteString("</table>\n")
	}
	m.WriteString("<footer>")
	if s.Cut {
		m.WriteString("<p>The run was stopped before all domains were done.</p>")
	}
	m.el("p", "", "maildiag, "+seconds(s.Elapsed))
	m.WriteString("</footer>\n</body>\n</html>\n")
	return m.flush(h.w)
}
