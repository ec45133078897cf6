package main

import (
	"html"
	"io"
	"strconv"
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
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}li{margin:.5rem 0;list-style:none}ul{padding:0}
code{overflow-wrap:anywhere;font-size:14px}.go{font-weight:bold;font-size:1.2rem}label{display:block}div.v{margin-left:1.8rem}</style>
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

// writeMigrateHTML writes the steps as a page with boxes to tick. A template would
// keep the linker from leaving out what is not used.
func writeMigrateHTML(w io.Writer, r *migrate.Report) error {
	v, esc := viewOf(r), html.EscapeString
	var b strings.Builder
	title := esc(v.Domain + ": move to " + v.Cloud)
	b.WriteString(migrateHTML + "<title>" + title + "</title></head><body>\n<h1>" + title + "</h1><p>" +
		esc("From "+v.From+", "+v.Stage+". "+v.NameServers) + ".</p><p class=\"go\">" + esc(v.Go) + "</p>\n")
	htmlList(&b, v.Reasons)
	for _, p := range v.Phases {
		b.WriteString("<h2>" + esc(p.Title) + "</h2><p>" + esc(p.Note) + "</p><ul>\n")
		for _, s := range p.Steps {
			b.WriteString("<li><label><input type=\"checkbox\"> <b>" + strconv.Itoa(s.Number) + ".</b> " + esc(s.What) + "</label><div class=\"v\">" + esc(s.Text))
			for _, l := range s.Lines {
				b.WriteString("<br>" + esc(l[0]) + " <code>" + esc(l[1]) + "</code>")
			}
			b.WriteString("</div></li>\n")
		}
		b.WriteString("</ul>\n")
	}
	htmlList(&b, v.Watch)
	b.WriteString("</body></html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func htmlList(b *strings.Builder, lines []string) {
	for _, l := range lines {
		b.WriteString("<p>" + html.EscapeString(l) + "</p>\n")
	}
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
