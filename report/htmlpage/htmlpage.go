// Package htmlpage writes the pages of commands that are no reports of checks.
package htmlpage

import (
	"html"
	"strings"

	"maildiag/report"
)

// Page collects a page. It is written by hand, for html/template costs 2.5 MB of
// the program: markup is constant text, and every value goes through Text.
type Page struct{ strings.Builder }

// Text writes a value: cleaned as for a terminal, then escaped.
func (p *Page) Text(s string) { p.WriteString(html.EscapeString(report.Clean(s))) }

// El writes an element with a value in it. Tag and class are constants.
func (p *Page) El(tag, class, s string) {
	p.WriteString("<" + tag)
	if class != "" {
		p.WriteString(` class="` + class + `"`)
	}
	p.WriteString(">")
	p.Text(s)
	p.WriteString("</" + tag + ">\n")
}

// Row writes a row of a table. The first cell is its heading.
func (p *Page) Row(class string, cells ...string) {
	p.WriteString(`<tr class="` + class + `">`)
	for i, c := range cells {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		p.El(tag, "", c)
	}
	p.WriteString("</tr>\n")
}

// Table writes a heading and a table with rows.
func (p *Page) Table(heading string, rows func()) {
	p.El("h2", "", heading)
	p.WriteString("<table>\n")
	rows()
	p.WriteString("</table>\n")
}
