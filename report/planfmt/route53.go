package planfmt

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// The change batch of Route 53, as its API names the members.
type route53Batch struct {
	Comment string
	Changes []route53Change
}

type route53Change struct {
	Action            string
	ResourceRecordSet route53Set
}

type route53Set struct {
	Name            string
	Type            string
	TTL             int
	ResourceRecords []route53Record
}

type route53Record struct{ Value string }

// maxComment is the length of the longest comment that Route 53 takes.
const maxComment = 256

// writeRoute53 writes a change batch for each zone. Route 53 makes all changes
// of a batch or none. It knows record sets only as a whole, so the values that
// stay are in there too.
func writeRoute53(w io.Writer, d *doc) error {
	batches := slices.DeleteFunc(d.groups(), func(g *group) bool { return !g.live() })
	if len(batches) == 0 {
		batches = []*group{{}} // it says what is not in the file
	}
	for _, g := range batches {
		if err := writeBatch(w, route53Comment(d, g), g); err != nil {
			return err
		}
	}
	return nil
}

func writeBatch(w io.Writer, comment string, g *group) error {
	batch := route53Batch{Comment: comment, Changes: []route53Change{}}
	for _, s := range g.changes {
		batch.Changes = append(batch.Changes, route53Changes(s)...)
	}
	text, err := asciiJSON(batch, "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// route53Changes returns the changes of one record set. DELETE fails unless
// the record set is exactly as given, its TTL included, and CREATE fails if
// there is one, so that a change made by someone else is seen. Where the TTL
// is not known, only UPSERT is left, which overwrites.
func route53Changes(s *step) []route53Change {
	before, after := route53SetOf(s, s.before()), route53SetOf(s, s.published())
	switch {
	case len(before.ResourceRecords) == 0:
		return []route53Change{{"CREATE", after}}
	case len(after.ResourceRecords) == 0:
		return []route53Change{{"DELETE", before}}
	case s.TTL == 0:
		return []route53Change{{"UPSERT", after}}
	}
	return []route53Change{{"DELETE", before}, {"CREATE", after}}
}

// route53Fits requires, beside a plain name, that a record set which goes as a
// whole has a TTL: without it Route 53 refuses the batch.
func route53Fits(s *step) string {
	if why := plainName(s); why != "" {
		return why
	}
	if len(s.before()) > 0 && len(s.published()) == 0 && s.TTL == 0 {
		return "Route 53 deletes a record set only if it is told its TTL, which is not known"
	}
	return ""
}

func route53SetOf(s *step, values []value) route53Set {
	set := route53Set{Name: s.name, Type: s.Type, TTL: s.ttl(), ResourceRecords: []route53Record{}}
	for _, v := range values {
		text := v.rdata(s.Type)
		if s.Type == "TXT" {
			text = quoteStrings(v.strings, escapeOctal)
		}
		set.ResourceRecords = append(set.ResourceRecords, route53Record{text})
	}
	return set
}

// escapeOctal writes a byte as Route 53 reads it: in octal, not in decimal as
// in a zone file.
func escapeOctal(c byte) string {
	if c == '"' {
		return `\"`
	}
	return fmt.Sprintf(`\%03o`, c)
}

// route53Comment names the zone, the steps and what is not in the batch.
func route53Comment(d *doc, g *group) string {
	var done, blind, left []string
	for _, s := range g.changes {
		if !s.part {
			done = append(done, fmt.Sprint(s.Step.Step))
		}
		if route53Changes(s)[0].Action == "UPSERT" {
			blind = append(blind, fmt.Sprint(s.Step.Step))
		}
	}
	for _, s := range d.steps {
		if !s.live() && !s.part {
			left = append(left, fmt.Sprint(s.Step.Step))
		}
	}
	var parts []string
	if len(g.changes) > 0 {
		parts = append(parts, strings.TrimSuffix(g.zone(), "."))
	}
	if len(d.meta.Status) > 0 { // the rest may not fit
		parts = append(parts, d.meta.Status[0])
	}
	if len(done) > 0 {
		parts = append(parts, "maildiag plan: steps "+strings.Join(done, " "))
	}
	if len(blind) > 0 {
		parts = append(parts, "overwrites whatever is there: steps "+strings.Join(blind, " "))
	}
	if d.meta.Held != "" {
		parts = append(parts, "nothing is written until "+d.meta.Held)
	}
	if len(left) > 0 {
		parts = append(parts, "not in this file: steps "+strings.Join(left, " "))
	}
	if !d.plan.Proven {
		parts = append(parts, "not proven")
	}
	comment := strings.Join(parts, "; ")
	return comment[:min(len(comment), maxComment)]
}
