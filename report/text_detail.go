package report

import (
	"slices"
	"strings"
)

// longEvidenceLines is how many lines one piece of evidence may take in the
// long form.
const longEvidenceLines = 200

// detail returns the lines under a finding's statement: why, what was seen,
// what to do, who.
func (t *text) detail(f *Finding) []string {
	b := block{page: t.page, ink: t.ink}
	for _, kind := range []bool{true, false} { // the rule first, then what was seen
		for i := range f.Evidence {
			if e := &f.Evidence[i]; (e.Kind == "rule") == kind {
				b.evidence(e, f.Summary)
			}
		}
	}
	if f.Fix != nil {
		b.fix(f.Fix, isProblem(f.Status), linked(f))
	}
	return b.lines
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
	page  page
	ink   ink
	lines []string
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

// whole adds clean values that are wrapped and never cut.
func (b *block) whole(label string, values []string) {
	for _, v := range values {
		b.put(label, wrap(v, b.page.width-colBody)...)
		label = ""
	}
}

var evidenceLabels = map[string]string{
	"query": "seen", "answer": "seen", "smtp": "smtp", "https": "https",
	"certificate": "cert", "server": "said", "rule": "why",
}

// evidence shows one piece, and its note if the summary does not say the same.
func (b *block) evidence(e *Evidence, summary string) {
	label, ok := evidenceLabels[e.Kind]
	if !ok {
		label = "seen"
	}
	lines, cut := verbatim(b.page, e.Text, b.page.body(), longEvidenceLines)
	switch {
	case e.Kind == "rule" && e.Link != "":
		lines = b.suffix(lines, "("+b.page.clean(e.Link)+")", cut)
	case e.From != "":
		lines = b.suffix(lines, "from "+b.page.cleanTo(e.From, min(60, b.page.body()-5)), cut)
	}
	b.put(label, lines...)
	if e.Note != "" && !strings.Contains(summary, e.Note) {
		b.prose("", b.page.arrow+" "+e.Note)
	}
}

// verbatim returns the lines of what someone else said, cut to most lines.
func verbatim(p page, s string, cols, most int) (lines []string, cut bool) {
	const perColumn = 16 // bytes at most
	if limit := most * (cols + 1) * perColumn; len(s) > limit {
		s = s[:limit]
	}
	var out []string
	for _, l := range Lines(s) {
		if !p.unicode {
			l = ascii(l)
		}
		if out = append(out, wrap(l, cols)...); len(out) > most {
			break
		}
	}
	if len(out) > most {
		return append(out[:most-1], truncate(p.ellipsis+" (cut here; --json has all)", cols, "")), true
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
	b.whole("edit", mapped(editsWords(fix.Edits), b.page.clean))
	b.whole("run", mapped(commandLines(fix.Commands), b.page.clean))
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
