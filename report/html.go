package report

import (
	"bufio"
	"bytes"
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
func newHTML(w io.Writer, o Options) Sink {
	h := &htmlSink{w: w, index: htmlIndex{spool: spool{dir: o.Dir}}}
	return &collector{open: h.open, each: h.domain, close: h.stop, brief: true}
}

type htmlSink struct {
	w     io.Writer
	start Start
	index htmlIndex
	piece markup // of one domain, written before the next
}

// htmlRow is one line of the table of several domains.
type htmlRow struct {
	row
	anchor string
}

// markup collects a piece of the page.
type markup struct{ bytes.Buffer }

// text writes a value: cleaned as for a terminal, then escaped.
func (m *markup) text(s string) { m.WriteString(html.EscapeString(Clean(s))) }

// el writes an element of a class with a value in it. Tag and class are
// constants or names of ours.
func (m *markup) el(tag, class, s string) {
	m.start(tag, class)
	m.text(s)
	m.WriteString("</")
	m.WriteString(tag)
	m.WriteByte('>')
}

func (m *markup) start(tag, class string) {
	m.WriteByte('<')
	m.WriteString(tag)
	if class != "" {
		m.WriteString(` class="`)
		m.WriteString(class)
		m.WriteByte('"')
	}
	m.WriteByte('>')
}

// flush writes what was collected.
func (m *markup) flush(w io.Writer) error {
	_, err := m.WriteTo(w)
	return err
}

// HTMLHead starts a page that needs nothing else: it forbids scripts and
// requests. A title and a style follow.
const HTMLHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
`

func (h *htmlSink) open(s *Start) error {
	h.start = *s
	return nil
}

// head starts the page. It waits for the first domain, whose name is the title
// if it is the only one.
func (h *htmlSink) head(m *markup, about string) {
	m.WriteString(HTMLHead)
	m.el("title", "", about+"maildiag "+h.start.Started.Format("2006-01-02"))
	m.WriteString("\n<style>\n" + htmlStyle + "</style>\n</head>\n<body>\n")
}

func (h *htmlSink) domain(r *Report) error {
	m := &h.piece
	line := htmlRow{row{r.Verdict(), r.Begin.Domain, r.Counts()}, fmt.Sprintf("d%d", h.index.n+1)}
	if h.index.n == 0 {
		about := ""
		if r.Start.Domains == 1 {
			about = cleanSome(r.Begin.Domain, maxDomain) + ": " + r.Start.titleOf(line.verdict) + ", "
		}
		h.head(m, about)
	}
	m.section(r, line)
	if err := m.flush(h.w); err != nil {
		return err
	}
	return h.index.add(line.verdict, indexRow{Clean(line.domain), h.row(line)})
}

// header names domain, verdict, counts and circumstances.
func (m *markup) header(r *Report, line htmlRow) {
	name := r.Begin.Domain
	if r.Begin.Unicode != "" {
		name += " (" + r.Begin.Unicode + ")"
	}
	m.WriteString(`<header class="card ` + string(line.verdict.degree()) + `"><div>` + "\n")
	m.el("h1", "", name)
	m.WriteString("\n")
	m.el("p", "", line.verdict.meaning(line.counts))
	m.WriteString("\n")
	if r.End.Cut {
		m.WriteString("<p><strong>Not finished:</strong> the time limit for this domain was reached, or the run was stopped.</p>\n")
	}
	m.el("p", "about", circumstances(r))
	m.WriteString("\n</div>")
	m.el("p", "badge", r.Start.titleOf(line.verdict))
	m.WriteString("\n</header>\n")
}

// circumstances says when and how a domain was checked.
func circumstances(r *Report) string {
	about := fmt.Sprintf("Checked %s with resolver %s, %s in %s.", r.Begin.Started.Format("2006-01-02 15:04 UTC"), r.Begin.Resolver,
		plural(r.End.Queries, "DNS query", "DNS queries"), seconds(r.End.Elapsed))
	if r.End.Cloud != "" {
		about = "Microsoft 365 (" + cloudTitle(r.End.Cloud) + "). " + about
	}
	if r.Start.AsOf != "" {
		about += " Judged as of " + r.Start.AsOf + "."
	}
	return about + " " + countWords(r.Counts()) + "."
}

// countWords counts the findings, the worst first.
func countWords(c Counts) string {
	var words []string
	for _, s := range []Status{Fail, Unknown, Warn, Pass, Info, Skip} {
		if n := c.Of(s); n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, s))
		}
	}
	if c.accepted > 0 {
		words = append(words, fmt.Sprintf("%d accepted", c.accepted))
	}
	return strings.Join(words, ", ")
}

func (m *markup) detail(f *Finding, planned bool) {
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
		m.fix(f.Fix, planned)
	}
	for i := range f.Evidence {
		if e := &f.Evidence[i]; e.Kind != "rule" {
			m.seen(e)
		}
	}
	m.WriteString("</dl>")
}

// fix says what to do. The steps of a plan have the records and commands.
func (m *markup) fix(fix *Fix, planned bool) {
	m.WriteString("<dt>fix</dt>")
	m.el("dd", "", fix.Text)
	m.WriteString("\n")
	if planned {
		fix = &Fix{Owner: fix.Owner, Links: fix.Links}
	}
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

// seen shows what someone else said, line by line.
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
	defer h.index.spool.close()
	var m markup
	if h.index.n == 0 {
		h.head(&m, "")
		if err := m.flush(h.w); err != nil {
			return err
		}
	}
	if h.index.n > 1 {
		if err := h.overview(); err != nil {
			return err
		}
	}
	m.WriteString("<footer>")
	if s.Cut {
		m.WriteString("<p>The run was stopped before all domains were done.</p>")
	}
	m.el("p", "", "maildiag, "+seconds(s.Elapsed))
	m.WriteString("</footer>\n</body>\n</html>\n")
	return m.flush(h.w)
}

// overview lists several domains. It is written when all are done, and the style
// sheet shows it first. Its links choose one of two orders.
func (h *htmlSink) overview() error {
	w := bufio.NewWriterSize(h.w, 64<<10)
	var m markup
	m.WriteString(`<nav class="overview card" aria-label="Domains">` + "\n")
	m.el("h1", "", fmt.Sprintf("%d domains", h.index.n))
	m.WriteString("\n" + `<p class="about">Sort: <a href="#by-verdict">worst first</a>, <a href="#by-name">by name</a></p>` + "\n")
	w.WriteString(m.String() + tableStart("by-name"))
	if err := h.index.writeSorted(w); err != nil {
		return err
	}
	w.WriteString("</table>\n" + tableStart("by-verdict"))
	if err := h.index.writeWorstFirst(w); err != nil {
		return err
	}
	w.WriteString("</table>\n</nav>\n")
	return w.Flush()
}

func tableStart(id string) string {
	return `<table id="` + id + `">` + "\n<tr><th>verdict</th><th>domain</th><th>fail</th><th>unknown</th><th>warn</th><th>pass</th></tr>\n"
}

// row writes a row of the table.
func (h *htmlSink) row(r htmlRow) string {
	var m markup
	m.WriteString("<tr>")
	m.el("td", string(r.verdict.degree()), h.start.titleOf(r.verdict))
	m.WriteString(`<td><a href="#` + r.anchor + `">`)
	m.text(r.domain)
	m.WriteString("</a></td>")
	for _, s := range []Status{Fail, Unknown, Warn, Pass} {
		m.el("td", "", fmt.Sprint(r.counts.Of(s)))
	}
	m.WriteString("</tr>\n")
	return m.String()
}
