package records

import (
	"fmt"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// The bounds of the terms that a finding holds.
const (
	maxTerms     = 80
	maxTermText  = 300 // bytes
	networksTold = 2   // of networks in a row
)

// terms lists what a receiver evaluates, in its order.
func (f spfFacts) terms() []report.Term {
	l := termList{terms: make([]report.Term, 0, 16)}
	for _, b := range f.tree.Root.Branches {
		l.add(b, 0)
	}
	l.flush()
	return l.terms
}

// termList collects terms; those that it has no room for are left out.
type termList struct {
	terms    []report.Term
	networks []string // in a row
	depth    int      // of these
}

func (l *termList) add(b *spf.Branch, depth int) {
	if b.Kind == spf.IP4 || b.Kind == spf.IP6 {
		l.networks, l.depth = append(l.networks, b.Text), depth
		return
	}
	l.flush()
	t := report.Term{Depth: depth, Text: b.Text, Fault: b.State.Permanent()}
	if b.Lookups > 0 {
		t.First, t.Lookups, t.Note = b.LookupsBefore+1, b.Total, kit.TermRemark(b)
	}
	l.put(t)
	if b.Child == nil {
		return
	}
	for _, below := range b.Child.Branches {
		l.add(below, depth+1)
	}
	l.flush()
}

// flush writes the networks in a row as one term.
func (l *termList) flush() {
	if len(l.networks) == 0 {
		return
	}
	text := strings.Join(l.networks[:min(len(l.networks), networksTold)], " ")
	if more := len(l.networks) - networksTold; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	l.networks = l.networks[:0]
	l.put(report.Term{Depth: l.depth, Text: text})
}

func (l *termList) put(t report.Term) {
	if len(l.terms) < maxTerms {
		t.Text = kit.Clip(t.Text, maxTermText)
		l.terms = append(l.terms, t)
	}
}
