package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed report.html
var htmlText string

// newHTML writes one file that needs nothing else: no script, no request, its
// own style, light and dark, and made to be printed. Every value is cleaned
// as for a terminal and then escaped by html/template for its place.
func newHTML(w io.Writer, _ Options) Sink {
	h := &htmlSink{w: w}
	var err error
	h.page, err = template.New("report").Funcs(template.FuncMap{
		"clean": Clean, "lines": Lines, "url": linkURL, "word": statusWord, "seconds": seconds,
		"verb": htmlVerb, "worst": worstFirst,
	}).Parse(htmlText)
	h.err = err // a fault of ours that the tests would have found
	return &collector{open: h.open, each: h.domain, close: h.stop}
}

type htmlSink struct {
	w    io.Writer
	page *template.Template
	err  error
	n    int
	rows []htmlRow
}

// htmlRow is one line of the table of several domains.
type htmlRow struct {
	Anchor, Domain string
	Verdict        Verdict
	Counts         Counts
}

// htmlDomain is what the template sees of one domain.
type htmlDomain struct {
	*Report
	Anchor   string
	Verdict  Verdict
	Counts   Counts
	Meaning  string
	Sections []htmlSection
}

type htmlSection struct {
	Title    string
	Findings []htmlFinding
}

type htmlFinding struct {
	*Finding
	Text    string
	Problem bool
}

func (h *htmlSink) run(name string, data any) error {
	if h.err != nil {
		return fmt.Errorf("report: %w", h.err)
	}
	var b strings.Builder
	if err := h.page.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err := io.WriteString(h.w, b.String())
	return err
}

func (h *htmlSink) open(s *Start) error { return h.run("head", s) }

func (h *htmlSink) domain(r *Report) error {
	h.n++
	d := htmlDomain{Report: r, Anchor: fmt.Sprintf("d%d", h.n), Verdict: r.Verdict(), Counts: r.Counts()}
	d.Meaning = meanings[d.Verdict]
	for i := range r.Findings {
		f := &r.Findings[i]
		title := r.Start.title(f.Check)
		if n := len(d.Sections); n == 0 || d.Sections[n-1].Title != title {
			d.Sections = append(d.Sections, htmlSection{Title: title})
		}
		s := &d.Sections[len(d.Sections)-1]
		s.Findings = append(s.Findings, htmlFinding{f, saying(f, r.Begin.Domain), isProblem(f.Status)})
	}
	h.rows = append(h.rows, htmlRow{d.Anchor, r.Begin.Domain, d.Verdict, d.Counts})
	return h.run("domain", d)
}

func (h *htmlSink) stop(s *Stop) error {
	return h.run("foot", map[string]any{"Rows": h.rows, "Stop": s})
}

// htmlVerb names a change of a record.
func htmlVerb(r Record) string {
	switch {
	case r.Before == "":
		return "add"
	case r.After == "":
		return "remove"
	}
	return "change"
}

// worstFirst gives the problems of a domain, the worst first.
func worstFirst(d htmlDomain) []htmlFinding {
	var out []htmlFinding
	for _, s := range []Status{Fail, Unknown, Warn} {
		for _, sec := range d.Sections {
			for _, f := range sec.Findings {
				if f.Status == s {
					out = append(out, f)
				}
			}
		}
	}
	return out
}
