package report

import "io"

// The parts of the page of --format html, for pages that have a frame of their
// own. They hold no script and no style.

// HTMLStyle returns the style sheet that the parts need.
func HTMLStyle() string { return htmlStyle }

// WriteHTMLSection writes what the page says of one domain.
func WriteHTMLSection(w io.Writer, r *Report) error {
	var m markup
	m.section(r, htmlRow{row{r.Verdict(), r.Begin.Domain, r.Counts()}, "d1"})
	return m.flush(w)
}

// WriteHTMLTiles writes the tiles of the topics that are known so far of a
// domain. They lead nowhere: their sections are not there yet.
func WriteHTMLTiles(w io.Writer, r *Report) error {
	var m markup
	d := htmlDomain{markup: &m, r: r, bare: true}
	d.group()
	d.tiles()
	return m.flush(w)
}

// section writes all of one domain.
func (m *markup) section(r *Report, line htmlRow) {
	d := htmlDomain{markup: m, r: r, id: line.anchor}
	m.WriteString(`<section class="report" id="` + line.anchor + `">` + "\n")
	m.header(r, line)
	d.group()
	d.tiles()
	d.plan()
	d.pictures()
	m.WriteString("<h2>Details</h2>\n")
	for i := range d.topics {
		d.topic(i)
	}
	m.WriteString("</section>\n")
}
