package report

import (
	"slices"
	"strings"
)

// How many lines one piece of evidence may take, unless all is asked for.
const (
	evidenceLines        = 12
	evidenceLinesVerbose = 200
)

// detail gives the lines under a finding's statement: why, what was seen, what
// to do, who. For what is no problem there are none unless asked for.
func (t *text) detail(f *Finding) []string {
	b := block{page: t.page, ink: t.ink, verbose: t.o.Verbose}
	problem := isProblem(f.Status)
	if !problem && !t.o.Verbose {
		if f.Fix != nil {
			t.unsaid++
		}
		return nil
	}
	for _, kind := range []bool{true, false} { // the rule first, then what was seen
		for i := range f.Evidence {
			if e := &f.Evidence[i]; (e.Kind == "rule") == kind {
				b.evidence(e, f.Summary)
			}
		}
	}
	if f.Fix == nil {
		return b.lines
	}
	if before := t.sameFix(f); before != "" && !t.o.Verbose {
		b.prose("fix", "as for "+before+" above")
	} else {
		b.fix(f.Fix, problem, linked(f))
	}
	return b.lines
}

// sameFix names the finding of this domain that had the same advice, so that
// one trouble with the resolver is not explained nine times.
func (t *text) sameFix(f *Finding) string {
	if len(f.Fix.Edits)+len(f.Fix.Commands) > 0 || f.Fix.Text == "" {
		return ""
	}
	before, ok := t.advice[f.Fix.Text]
	if !ok {
		t.advice[f.Fix.Text] = f.Code
	}
	return before
}

// linked lists the sources that the evidence has named already.
func linked(f *Finding) []string {
	var links []string
	for _, e := range f.Evidence {
		if e.Kind == "rule" && e.Link != "" {
			links = append(links, e.Link)
		}
	}
	return links
}

// block collects the lines of a detail block.
type block struct {
	page    page
	ink     ink
	verbose bool
	lines   []string
}

// put adds lines under a label; the label stands before the first.
func (b *block) put(label string, lines ...string) {
	for i, l := range lines {
		if i > 0 {
			label = ""
		}
		head := strings.Repeat(" ", colLabel) + b.ink.faint(label)
		b.lines = append(b.lines, head+strings.Repeat(" ", labels-len(label)+2)+l)
	}
}

// prose adds a wrapped sentence.
func (b *block) prose(label, s string) {
	if s != "" {
		cols := b.page.body()
		b.put(label, wrap(b.page.cleanTo(s, 12*cols), cols)...)
	}
}

// whole adds what will be copied: never wrapped, never broken. What does not
// fit beside its label gets a line of its own, as far left as it needs; what
// belongs together stands one below the other.
func (b *block) whole(labels, values []string) {
	widest := 0
	for i, v := range values {
		values[i] = b.page.clean(v)
		widest = max(widest, width(values[i]))
	}
	beside := widest <= b.page.width-colBody
	indent := colLabel + 2
	if widest > b.page.width-indent {
		indent = 2
	}
	for i, v := range values {
		switch {
		case beside:
			b.put(labels[i], v)
			continue
		case labels[i] != "":
			b.lines = append(b.lines, strings.Repeat(" ", colLabel)+b.ink.faint(labels[i]))
		}
		b.lines = append(b.lines, strings.Repeat(" ", indent)+v)
	}
}

var evidenceLabels = map[string]string{
	"query": "seen", "answer": "seen", "smtp": "smtp", "https": "https",
	"certificate": "cert", "server": "said", "rule": "why",
}

// evidence shows one piece. Which resolver gave an answer is told only if all
// is asked for, and a note only if the summary does not say the same.
func (b *block) evidence(e *Evidence, summary string) {
	label, ok := evidenceLabels[e.Kind]
	if !ok {
		label = "seen"
	}
	most := evidenceLines
	if b.verbose {
		most = evidenceLinesVerbose
	}
	lines, cut := b.verbatim(e.Text, most)
	switch {
	case e.Kind == "rule" && e.Link != "":
		lines = b.suffix(lines, "("+b.page.clean(e.Link)+")", cut)
	case e.From != "" && (b.verbose || label != "seen"):
		lines = b.suffix(lines, "from "+b.page.cleanTo(e.From, min(60, b.page.body()-5)), cut)
	}
	b.put(label, lines...)
	if e.Note != "" && !strings.Contains(summary, e.Note) {
		b.prose("", b.page.arrow+" "+e.Note)
	}
}

// verbatim gives the lines of what somebody else said, cut to most lines.
func (b *block) verbatim(s string, most int) (lines []string, cut bool) {
	cols := b.page.body()
	const perColumn = 16 // bytes at most
	if limit := most * (cols + 1) * perColumn; len(s) > limit {
		s = s[:limit]
	}
	var out []string
	for _, l := range Lines(s) {
		if !b.page.unicode {
			l = ascii(l)
		}
		if out = append(out, wrap(l, cols)...); len(out) > most {
			break
		}
	}
	if len(out) > most {
		mark := truncate(b.page.ellipsis+" (cut here; --json has all)", cols, "")
		return append(out[:most-1], b.ink.faint(mark)), true
	}
	return out, false
}

// suffix adds a remark after the first line if it fits there, else after the
// last, else below; only below if the last line is the mark of a cut.
func (b *block) suffix(lines []string, s string, cut bool) []string {
	try := []int{0, len(lines) - 1}
	if cut {
		try = try[:1]
	}
	for _, i := range try {
		if width(lines[i])+3+width(s) <= b.page.body() {
			lines[i] += "   " + b.ink.faint(s)
			return lines
		}
	}
	return append(lines, b.ink.faint(s))
}

// fix writes what to do: the sentence, the records, the commands, and for a
// problem who must do it and the source.
func (b *block) fix(fix *Fix, problem bool, linked []string) {
	b.prose("fix", fix.Text)
	for _, r := range fix.Edits {
		b.record(r)
	}
	var labels, commands []string
	for _, c := range fix.Commands {
		for l := range strings.Lines(c) {
			commands = append(commands, strings.TrimRight(l, "\r\n"))
			labels = append(labels, "")
		}
	}
	if len(commands) > 0 {
		labels[0] = "run"
		b.whole(labels, commands)
	}
	if problem {
		b.prose("who", fix.Owner)
	}
	label := "source"
	for _, l := range fix.Links {
		if !slices.Contains(linked, l) {
			b.put(label, b.page.clean(l))
			label = ""
		}
	}
}

// record writes one change of the DNS, values ready to copy.
func (b *block) record(r Edit) {
	name := b.page.clean(r.Name + "  " + r.Type)
	switch {
	case r.Old == "" && r.New == "":
	case r.Old == "":
		b.change("add", name, r.New)
	case r.New == "":
		b.change("remove", name, r.Old)
	default:
		b.put("change", name)
		b.whole([]string{"from", "to"}, []string{r.Old, r.New})
	}
}

// change writes verb, name and value on one line if they fit, else the value
// on a line of its own.
func (b *block) change(verb, name, value string) {
	line := name + "  " + b.page.clean(value)
	if width(line) <= b.page.width-colBody {
		b.put(verb, line)
		return
	}
	b.put(verb, name)
	b.whole([]string{""}, []string{value})
}
