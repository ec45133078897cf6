package main

import (
	"html/template"
	"io"
	"strings"

	"maildiag/checks/migrate"
	"maildiag/report"
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
	b.WriteString("From " + markdownText(r.From.Name) + ", " + stageTitle(r) + ". " + markdownText(upperFirst(nameServerWords(r))) + ".\n\n**" + goWords(r) + "**\n")
	for _, why := range r.Reasons {
		b.WriteString("- " + markdownText(why.Text) + "\n")
	}
	for _, p := range migrate.Phases() {
		steps := r.Steps(p)
		if len(steps) == 0 {
			continue
		}
		b.WriteString("\n## " + upperFirst(phaseTitle(p)) + "\n\n")
		if p == migrate.PhaseKeep {
			b.WriteString(strings.Join(keepLines(r), " ") + "\n\n")
		}
		for _, n := range steps {
			markdownStep(&b, r.Plan.Steps[n-1])
		}
	}
	if len(r.Watch) > 0 {
		b.WriteString("\n## Watch\n\n")
	}
	for _, l := range r.Watch {
		b.WriteString("- " + markdownText(l) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func markdownStep(b *strings.Builder, s report.Step) {
	b.WriteString("- [ ] **" + numbers([]int{s.Step}) + ".** " + markdownText(s.Owner+": "+stepWords(s)))
	b.WriteString(markdownText(afterWords(s)) + ". " + markdownText(s.Text) + "\n")
	for _, l := range stepLines(s) {
		b.WriteString("  - " + l[0] + " " + markdownCode(l[1]) + "\n")
	}
}

// stepLines lists what a step deletes, adds and runs, verbatim.
func stepLines(s report.Step) (lines [][2]string) {
	for _, v := range s.Remove {
		lines = append(lines, [2]string{"delete", v})
	}
	for _, v := range s.Add {
		lines = append(lines, [2]string{"add", v})
	}
	for _, v := range s.Commands {
		lines = append(lines, [2]string{"run", v})
	}
	return lines
}

// migrateHTML is the checklist as a page. It loads nothing and runs nothing.
const migrateHTML = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>{{.Domain}}: move to {{.Cloud}}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}li{margin:.5rem 0;list-style:none}ul{padding:0}
code{overflow-wrap:anywhere;font-size:14px}.go{font-weight:bold;font-size:1.2rem}label{display:block}div.v{margin-left:1.8rem}</style></head><body>
<h1>{{.Domain}}: move to {{.Cloud}}</h1><p>From {{.From}}, {{.Stage}}. {{.NameServers}}.</p><p class="go">{{.Go}}</p>
{{if .Reasons}}<ul>{{range .Reasons}}<li>{{.}}</li>{{end}}</ul>{{end}}
{{range .Phases}}<h2>{{.Title}}</h2>{{if .Note}}<p>{{.Note}}</p>{{end}}<ul>
{{range .Steps}}<li><label><input type="checkbox"> <b>{{.Number}}.</b> {{.What}}</label><div class="v">{{.Text}}{{range .Lines}}<br>{{index . 0}} <code>{{index . 1}}</code>{{end}}</div></li>
{{end}}</ul>{{end}}
{{if .Watch}}<h2>Watch</h2><ul>{{range .Watch}}<li>{{.}}</li>{{end}}</ul>{{end}}
</body></html>
`

// migrateView is what the page shows.
type migrateView struct {
	Domain, Cloud, From, Stage, NameServers, Go string
	Reasons, Watch                              []string
	Phases                                      []phaseView
}

type phaseView struct {
	Title, Note string
	Steps       []stepView
}

type stepView struct {
	Number     int
	What, Text string
	Lines      [][2]string
}

// writeMigrateHTML writes the steps as a page with boxes to tick.
func writeMigrateHTML(w io.Writer, r *migrate.Report) error {
	page, err := template.New("migrate").Parse(migrateHTML)
	if err != nil {
		return err
	}
	return page.Execute(w, viewOf(r))
}

func viewOf(r *migrate.Report) migrateView {
	v := migrateView{Domain: report.Clean(r.Domain), Cloud: r.Cloud.Title, From: report.Clean(r.From.Name), Stage: stageTitle(r),
		NameServers: report.Clean(upperFirst(nameServerWords(r))), Go: goWords(r)}
	for _, why := range r.Reasons {
		v.Reasons = append(v.Reasons, report.Clean(why.Text))
	}
	for _, l := range r.Watch {
		v.Watch = append(v.Watch, report.Clean(l))
	}
	for _, p := range migrate.Phases() {
		pv := phaseView{Title: upperFirst(phaseTitle(p))}
		if p == migrate.PhaseKeep {
			pv.Note = strings.Join(keepLines(r), " ")
		}
		for _, n := range r.Steps(p) {
			pv.Steps = append(pv.Steps, viewOfStep(r.Plan.Steps[n-1]))
		}
		if len(pv.Steps) > 0 {
			v.Phases = append(v.Phases, pv)
		}
	}
	return v
}

func viewOfStep(s report.Step) stepView {
	v := stepView{Number: s.Step, What: report.Clean(s.Owner + ": " + stepWords(s) + afterWords(s)), Text: report.Clean(s.Text)}
	for _, l := range stepLines(s) {
		v.Lines = append(v.Lines, [2]string{l[0], report.Clean(l[1])})
	}
	return v
}
