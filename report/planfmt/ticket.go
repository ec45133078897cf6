package planfmt

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"maildiag/report"
)

// writeTicket writes what the DNS provider has to do, and nothing that someone
// else does. Values are not wrapped: a ticket system may keep line breaks.
func writeTicket(w io.Writer, d *doc) error {
	p := &printer{w: w}
	p.line(report.Clean("Please change these DNS records of " + d.meta.Domain + "."))
	if len(d.meta.Status) > 0 {
		p.line("")
	}
	for _, l := range d.meta.Status {
		p.line(report.Clean(l))
	}
	if !d.plan.Proven {
		p.line("")
		p.line("The result of these changes could not be checked in advance. Make them one at a time, and tell me after each.")
	}
	n := 0
	for _, s := range d.steps {
		if s.ChangesRecords() && !s.part {
			n++
			p.line("")
			p.ticketStep(d, s, n)
		}
	}
	if n == 0 {
		p.ticketEmpty(d)
		return p.err
	}
	p.line("")
	p.line("If the records of today differ from the old values above, do not change them; please tell me first.")
	p.line("All other records of the domain stay as they are.")
	return p.err
}

// ticketEmpty says that there is no record to change, and what else the DNS
// administrator has to do.
func (p *printer) ticketEmpty(d *doc) {
	var open []*step
	for _, s := range d.steps {
		if s.Owner == report.OwnerDNS {
			open = append(open, s)
		}
	}
	p.line("")
	if len(open) == 0 {
		p.line("There is nothing to change in the DNS.")
		return
	}
	p.line("No record can be given yet. These steps need a decision, or a value that is not in the DNS:")
	for _, s := range open {
		p.ticketProse("- ", strings.Join(append(slices.Clone(s.About), s.Text), ". "))
	}
}

func (p *printer) ticketStep(d *doc, s *step, n int) {
	p.line(report.Clean(fmt.Sprintf("%d. %s %s %s", n, ticketAction(s), s.Name, s.Type)))
	if d.meta.Held != "" {
		p.ticketProse("Not before:  ", d.meta.Held)
	}
	p.ticketWaits(d, s)
	p.ticketField("Record name: ", []string{s.Name})
	p.ticketField("Type:        ", []string{s.Type})
	if s.TTL > 0 {
		p.ticketField("TTL:         ", []string{fmt.Sprintf("%d seconds", s.TTL)})
	}
	for _, o := range s.Sets {
		title := "Delete too:  "
		if len(o.Add) > 0 {
			title = "Publish too: "
		}
		p.ticketField(title, []string{o.Name + " " + o.Type + " (in the same change)"})
		p.ticketField("Its value:   ", slices.Concat(o.Remove, o.Add))
	}
	p.ticketField("Old value:   ", s.Remove)
	p.ticketField("New value:   ", s.Shown())
	p.ticketField("Keep:        ", s.Keep)
	if s.Type == "TXT" && slices.ContainsFunc(s.Add, func(v string) bool { return len(v) > maxString }) {
		p.ticketProse("Note:        ", "The new value is one record of several strings: each string has at most 255 bytes, and no space is added between them.")
	}
	p.ticketProse("What:        ", s.Text)
	for _, why := range s.About {
		p.ticketProse("Why:         ", why)
	}
	p.ticketProse("Caution:     ", s.Caution)
	p.ticketProse("Check:       ", s.Verify)
}

// ticketAction returns the title of a change. Nobody must take "delete" for
// the whole record set where values stay.
func ticketAction(s *step) string {
	switch {
	case s.Action == report.ActionRemove && len(s.Keep) > 0:
		return "DELETE the old value (and keep the others):"
	case s.Action == report.ActionAdd && len(s.Keep) > 0:
		return "ADD the new value (and keep the others):"
	}
	return strings.ToUpper(s.Action.Verb())
}

// ticketWaits says what must happen before, in words that do not need the
// other steps.
func (p *printer) ticketWaits(d *doc, s *step) {
	for _, n := range s.waits {
		other := d.find(n)
		p.ticketProse("Not before:  ", fmt.Sprintf("the %s has finished this: %s", other.Owner, other.Text))
	}
	for _, n := range s.after {
		if other := d.find(n); other.ChangesRecords() {
			p.ticketProse("Not before:  ", "the change of "+other.Name+" "+other.Type)
		}
	}
}

func (p *printer) ticketField(label string, values []string) {
	for _, v := range values {
		p.line("   " + label + report.Clean(v))
		label = strings.Repeat(" ", len(label))
	}
}

func (p *printer) ticketProse(label, text string) {
	if text != "" {
		p.wrapped("   "+label, text, noteWidth)
	}
}
