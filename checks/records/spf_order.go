package records

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file is about the terms behind all.

// afterAllChoices returns what to do about terms behind all: receivers never came to
// them (RFC 7208 5.1), so to move them allows more servers than today. It returns none
// if there is nothing to ask: what Microsoft 365 needs moves, and a second all goes.
func (f spfFacts) afterAllChoices(r *spf.Record, issues []spf.Issue) []report.Choice {
	name := f.owned()
	move, end := beforeAll(name, issues)
	var drop []report.Edit
	for _, i := range issues {
		needed := f.profile.Cloud != nil && i.Term.Kind == spf.Include && dnsrec.Canonical(i.Term.Domain) == f.profile.Cloud.SPF
		live := slices.ContainsFunc(r.Live(), func(t *spf.Term) bool { return strings.EqualFold(t.String(), i.Term.String()) })
		if !needed && !live && i.Term.Kind != spf.All { // to remove a live term would remove both
			drop = append(drop, kit.RemoveTerm(name, i.Term.Text))
		}
	}
	if len(drop) == 0 {
		return nil
	}
	if end {
		one := kit.SetAll(name, r.All().Text)
		move, drop = append(move, one), append(drop, one)
	}
	return []report.Choice{
		{Label: "if the servers that these terms name send for " + f.domain, Text: "Move the terms before all: mail from these servers then passes SPF.", Edits: move},
		{Label: "if not", Text: "Delete the terms: they have had no effect.", Edits: drop},
	}
}

// beforeAll returns the changes that move terms before all, and whether a second all
// is among the terms.
func beforeAll(name string, issues []spf.Issue) (edits []report.Edit, end bool) {
	for _, i := range issues {
		if i.Term.Kind == spf.All {
			end = true
			continue
		}
		edits = append(edits, kit.AddTerm(name, i.Term.Text))
	}
	return edits, end
}
