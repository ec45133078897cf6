package main

import (
	"io"
	"strconv"
	"strings"

	"maildiag/checks/migrate"
	"maildiag/report"
	"maildiag/report/htmlpage"
)

// markdownText makes text safe for a paragraph of Markdown.
func markdownText(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "<", "&lt;", ">", "&gt;", "[", "\\[", "]", "\\]", "|", "\\|", "#", "\\#").
		Replace(report.Clean(s))
}

// markdownCode makes text a code span, whatever backquotes it has.
func markdownCode(s string) string {
	s = report.Clean(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		s = " " + s + " "
	}
	return fence + s + fence
}

// writeMigrateMarkdown writes the steps as a checklist.
func writeMigrateMarkdown(w io.Writer, r *migrate.Report) error {
	var b strings.Builder
	b.WriteString("# " + markdownText(r.Domain) + ": move to " + markdownText(r.Cloud.Title) + "\n\n")
	b.WriteString(markdownText(openingWords(r)) + "\n\n**" + goWords(r) + "**\n")
	for _, why := range r.Reasons {
		b.WriteString("- " + markdownText(reasonWords(why)) + "\n")
	}
	for _, l := range timeWords(r) {
		b.WriteString("\n" + markdownText(l) + "\n")
	}
	b.WriteString("\n## Today\n\n")
	for _, row := range inventoryRows(r) {
		b.WriteString("- " + row[0] + ": " + markdownText(row[1]) + "\n")
	}
	markdownNotes(&b, factNotes(r))
	for _, p := range migrate.Phases() {
		steps := r.Steps(p)
		if len(steps) == 0 {
			continue
		}
		b.WriteString("\n## " + upperFirst(phaseTitle(p)) + "\n\n")
		for _, n := range steps {
			markdownStep(&b, r.Plan.Steps[n-1])
		}
	}
	markdownNotes(&b, lastNotes(r))
	_, err := io.WriteString(w, b.String())
	return err
}

// openingWords are the paragraph that opens a page.
func openingWords(r *migrate.Report) string {
	return upperFirst(moveWords(r)) + ". " + upperFirst(stageWords(r)) + ". " + upperFirst(nameServerWords(r)) + "."
}

func markdownNotes(b *strings.Builder, notes []note) {
	for _, n := range notes {
		if len(n.lines) > 0 {
			b.WriteString("\n## " + n.title + "\n\n")
		}
		for _, l := range n.lines {
			b.WriteString("- " + markdownText(l) + "\n")
		}
	}
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func markdownStep(b *strings.Builder, s report.Step) {
	b.WriteString("- [ ] **" + numbers([]int{s.Step}) + ".** " + markdownText(s.Owner+": "+stepWords(s)))
	b.WriteString(markdownText(afterWords(s)) + ". " + markdownText(s.Text) + "\n")
	markdownValues(b, "  ", valueLines(s.Removed(), s.Added(), s.Commands))
	if s.Caution != "" {
		b.WriteString("  - " + markdownText(s.Caution) + "\n")
	}
	for _, alt := range s.Alternatives {
		b.WriteString("  - " + markdownText(alt.Words()) + "\n")
		markdownValues(b, "    ", valueLines(alt.Removed(), alt.Added(), alt.Commands))
	}
}

func markdownValues(b *strings.Builder, indent string, lines [][2]string) {
	for _, l := range lines {
		b.WriteString(indent + "- " + l[0] + " " + markdownCode(l[1]) + "\n")
	}
}

// valueLines lists what is deleted, added and run, verbatim.
func valueLines(remove, add, commands []string) (lines [][2]string) {
	for _, v := range remove {
		lines = append(lines, [2]string{"delete", v})
	}
	for _, v := range add {
		lines = append(lines, [2]string{"add", v})
	}
	for _, v := range commands {
		lines = append(lines, [2]string{"run", v})
	}
	return lines
}

// checklistStyle is the style of the page.
const checklistStyle = `body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}li{margin:.5rem 0;list-style:none}ul{padding:0}
code{overflow-wrap:anywhere;font-size:14px}.go{font-weight:bold;font-size:1.2rem}label{display:block}div.v{margin-left:1.8rem}
`

// checklist is the steps of a move as a page with boxes to tick.
type checklist struct{ htmlpage.Page }

// writeMigrateHTML writes the steps as a page with boxes to tick. It loads nothing
// and runs nothing.
func writeMigrateHTML(w io.Writer, r *migrate.Report) error {
	p := &checklist{}
	title := r.Domain + ": move to " + r.Cloud.Title
	p.WriteString(report.HTMLHead)
	p.El("title", "", title)
	p.WriteString("<style>\n" + checklistStyle + "</style>\n</head>\n<body>\n")
	p.El("h1", "", title)
	p.El("p", "", openingWords(r))
	p.El("p", "go", goWords(r))
	for _, why := range r.Reasons {
		p.El("p", "", reasonWords(why))
	}
	for _, l := range timeWords(r) {
		p.El("p", "", l)
	}
	var today []string
	for _, row := range inventoryRows(r) {
		today = append(today, row[0]+": "+row[1])
	}
	p.notes(append([]note{{title: "Today", lines: today}}, factNotes(r)...))
	for _, phase := range migrate.Phases() {
		p.phase(r, phase)
	}
	p.notes(lastNotes(r))
	p.WriteString("</body>\n</html>\n")
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *checklist) notes(notes []note) {
	for _, n := range notes {
		if len(n.lines) > 0 {
			p.El("h2", "", n.title)
		}
		for _, l := range n.lines {
			p.El("p", "", l)
		}
	}
}

func (p *checklist) phase(r *migrate.Report, phase migrate.Phase) {
	steps := r.Steps(phase)
	if len(steps) == 0 {
		return
	}
	p.El("h2", "", upperFirst(phaseTitle(phase)))
	p.WriteString("<ul>\n")
	for _, n := range steps {
		p.step(r.Plan.Steps[n-1])
	}
	p.WriteString("</ul>\n")
}

func (p *checklist) step(s report.Step) {
	p.WriteString(`<li><label><input type="checkbox"> <b>` + strconv.Itoa(s.Step) + ".</b> ")
	p.Text(s.Owner + ": " + stepWords(s) + afterWords(s))
	p.WriteString(`</label><div class="v">`)
	p.Text(s.Text)
	p.values(valueLines(s.Removed(), s.Added(), s.Commands))
	if s.Caution != "" {
		p.WriteString("<br>")
		p.Text(s.Caution)
	}
	for _, alt := range s.Alternatives {
		p.WriteString("<br>")
		p.Text(alt.Words())
		p.values(valueLines(alt.Removed(), alt.Added(), alt.Commands))
	}
	p.WriteString("</div></li>\n")
}

func (p *checklist) values(lines [][2]string) {
	for _, l := range lines {
		p.WriteString("<br>" + l[0] + " <code>")
		p.Text(l[1])
		p.WriteString("</code>")
	}
}
