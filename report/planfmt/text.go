package planfmt

import (
	"fmt"
	"io"
	"strings"

	"maildiag/report"
)

// writeText writes the plan for people. The steps stay in their order, and a
// heading names the owner wherever it changes: anyone who reads from the top does
// everything in a safe order.
func writeText(w io.Writer, d *doc) error {
	p := &printer{w: w}
	for _, l := range d.summary() {
		p.wrapped("", l, d.meta.Width)
	}
	owner := ""
	for _, s := range d.steps {
		if s.part {
			continue
		}
		if s.Owner != owner {
			owner = s.Owner
			p.line("")
			p.line(report.Clean(strings.ToUpper(owner[:min(1, len(owner))]) + owner[min(1, len(owner)):]))
		}
		p.line("")
		p.textStep(s, d.meta.Width)
	}
	return p.err
}

const textIndent = "     "

func (p *printer) textStep(s *step, width int) {
	head := strings.TrimSpace(fmt.Sprintf("%s %s %s", s.Action.Verb(), s.Name, s.Type))
	p.wrapped(fmt.Sprintf("%3d. ", s.Step.Step), head, width)
	for _, l := range s.prose(nil, width-len(textIndent)+2) {
		p.line(textIndent + strings.TrimPrefix(l, "  "))
	}
	from, to := "delete  ", "add     "
	if s.Action == report.ActionChange {
		from, to = "from    ", "to      "
	}
	for _, list := range []struct {
		label  string
		values []string
	}{{"keep    ", s.Keep}, {from, s.Removed()}, {to, s.Added()}, {"run     ", commands("", s.Commands)}} {
		for _, v := range list.values {
			p.wrapped(textIndent+list.label, v, width)
		}
	}
	for i, a := range s.Alternatives {
		p.textAlternative(rune('A'+i%26), a, width)
	}
}

func (p *printer) textAlternative(letter rune, a report.Alternative, width int) {
	p.wrapped(fmt.Sprintf("%s%c. ", textIndent, letter), a.Words(), width)
	for _, list := range []struct {
		label  string
		values []string
	}{{"delete  ", a.Removed()}, {"add     ", a.Added()}, {"run     ", commands("", a.Commands)}} {
		for _, v := range list.values {
			p.wrapped(textIndent+"   "+list.label, v, width)
		}
	}
}

// wrapped writes text after a label; further lines stand below its start.
func (p *printer) wrapped(label, text string, width int) {
	for _, l := range wrap(text, width-len(label)) {
		p.line(label + l)
		label = strings.Repeat(" ", len(label))
	}
}
