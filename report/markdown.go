package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// newMarkdown writes a report for tickets and pull requests (GitHub-flavored
// Markdown): the verdict, the plan, each problem, and a table of the rest.
func newMarkdown(w io.Writer, o Options) Sink {
	return Collect(func(r *Report) error {
		m := md{verbose: o.Verbose, quiet: o.Quiet}
		m.report(r)
		_, err := io.WriteString(w, m.String())
		return err
	})
}

type md struct {
	strings.Builder
	verbose, quiet bool
}

func (m *md) line(format string, args ...any) { fmt.Fprintf(m, format+"\n", args...) }

func (m *md) report(r *Report) {
	c := r.Counts()
	m.line("## %s: %s\n", mdText(r.Begin.Domain), mdText(r.Start.titleOf(r.Verdict())))
	m.line("%d fail, %d unknown, %d warn, %d pass, %d info, %d skipped; resolver %s; %s; maildiag %s\n",
		c.Fail, c.Unknown, c.Warn, c.Pass, c.Info, c.Skip, mdText(r.Begin.Resolver),
		r.Begin.Started.Format("2006-01-02 15:04 UTC"), mdText(r.Start.Version))
	if r.End.Cut {
		m.line("**Not finished:** the time limit for this domain was reached, or the run was stopped.\n")
	}
	m.plan(&r.Start, r.End.Plan)
	var rest []*Finding
	for i := range r.Findings {
		if f := &r.Findings[i]; isProblem(f.Status) {
			m.problem(f, r.Begin.Domain, r.End.Plan)
		} else {
			rest = append(rest, f)
		}
	}
	if len(rest) == 0 || m.quiet {
		return
	}
	m.line("| status | check | finding |\n|---|---|---|")
	for _, f := range rest {
		m.line("| %s | %s | %s |", f.Status, mdText(f.Code), mdText(saying(f, r.Begin.Domain)))
	}
	m.line("")
}

func (m *md) problem(f *Finding, domain string, p *Plan) {
	m.line("### %s %s\n", statusWord(f.Status), mdText(f.Code))
	m.line("%s\n", mdSentence(saying(f, domain)))
	for _, e := range f.Evidence {
		if e.Kind == "rule" {
			m.line("Why: %s %s\n", mdText(e.Text), mdLink(e.Link))
		}
	}
	if f.Fix != nil {
		m.fix(f.Fix, p.stepsFor(f))
	}
	m.seen(f.Evidence)
}

// fix says what to do. The steps that do it have the records and commands.
func (m *md) fix(fix *Fix, steps []int) {
	if len(steps) > 0 {
		m.line("**Fix** (%s, %s): %s\n", mdText(fix.Owner), stepNumbers(steps), mdText(fix.Text))
	} else {
		m.line("**Fix** (%s): %s\n", mdText(fix.Owner), mdText(fix.Text))
		items(m, fix.Edits, func(e Edit) string { return mdSentence(editWords(e)) })
		m.code("", mapped(commandLines(fix.Commands), Clean))
	}
	items(m, fix.Links, mdLink)
}

// items writes a list unless it is empty.
func items[T any](m *md, list []T, item func(T) string) {
	for _, v := range list {
		m.line("- %s", item(v))
	}
	if len(list) > 0 {
		m.line("")
	}
}

// seen shows the evidence as one block of code.
func (m *md) seen(evidence []Evidence) {
	var lines []string
	for _, e := range evidence {
		if e.Kind == "rule" {
			continue
		}
		text := Lines(e.Text)
		if most := evidenceLines; len(text) > most && !m.verbose {
			text = append(text[:most:most], "...")
		}
		if e.From != "" {
			text[0] += "   (from " + Clean(e.From) + ")"
		}
		lines = append(lines, text...)
		if e.Note != "" {
			lines = append(lines, "-> "+Clean(e.Note))
		}
	}
	if len(lines) > 0 {
		m.line("Seen:\n")
		m.code("", lines)
	}
}

// code writes clean lines as a block of code with a fence longer than any in
// them.
func (m *md) code(language string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fence := "```"
	for strings.Contains(strings.Join(lines, "\n"), fence) {
		fence += "`"
	}
	m.line("%s%s\n%s\n%s\n", fence, language, strings.Join(lines, "\n"), fence)
}

// mdText escapes what Markdown, HTML in it, and the forges' own extensions
// (mentions, issue numbers, bare links) would act on.
func mdText(s string) string {
	var b strings.Builder
	s = Clean(s)
	for i, r := range s {
		switch r {
		case '\\', '`', '*', '_', '[', ']', '<', '>', '&', '|', '~', '$', '!':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '@', '#':
			b.WriteByte('\\')
			b.WriteRune(r)
			b.WriteString("<!-- -->")
		case ':':
			if strings.HasPrefix(s[i:], "://") {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case '.':
			if i >= 3 && strings.EqualFold(s[i-3:i], "www") {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// mdSentence is mdText at the start of a line, where signs such as + or a
// number with a dot would start a list. No comment may stand there: it would
// start a block of HTML, in which nothing is escaped.
func mdSentence(s string) string {
	t := strings.TrimLeft(mdText(s), " ")
	if t == "" {
		return t
	}
	if strings.ContainsRune("+-=", rune(t[0])) {
		return `\` + t
	}
	number := len(t) - len(strings.TrimLeft(t, "0123456789"))
	if number > 0 && number < len(t) && (t[number] == '.' || t[number] == ')') {
		return t[:number] + `\` + t[number:]
	}
	return t
}

// mdLink makes a source a link if it is one.
func mdLink(s string) string {
	if url := linkURL(s); url != "" {
		return "[" + mdText(s) + "](<" + url + ">)"
	}
	return mdSentence(s) // it may stand at the start of a list's item
}

// linkURL returns the address of a source: itself if it is an https address of
// plain characters, or the section of an RFC.
func linkURL(s string) string {
	if strings.HasPrefix(s, "https://") && plainURL(s) {
		return s
	}
	f := strings.Fields(s)
	if len(f) < 2 || f[0] != "RFC" || !digits(f[1], "") {
		return ""
	}
	url := "https://www.rfc-editor.org/rfc/rfc" + f[1]
	if len(f) > 2 && digits(f[2], ".") {
		url += "#section-" + f[2]
	}
	return url
}

func digits(s, also string) bool {
	return s != "" && !slices.ContainsFunc([]rune(s), func(r rune) bool {
		return (r < '0' || r > '9') && !strings.ContainsRune(also, r)
	})
}

func plainURL(s string) bool {
	for _, r := range s {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune("<>\"'`\\(){}[]|^", r) {
			return false
		}
	}
	return true
}
