package spf

import (
	"slices"
	"strings"
)

// This file merges records that contradict each other.

// Refusals lists the mechanisms of several records that do not authorize servers
// which another of them may authorize. In one record, their order decides
// (RFC 7208 4.6.2).
func Refusals(records []*Record) (terms []string) {
	for i, r := range records {
		for _, t := range r.Live() {
			if t.Kind == All || t.Kind == Redirect || t.Qualifier == '+' || slices.Contains(terms, t.Text) {
				continue
			}
			allows := func(u *Term) bool { return u.Kind != All && u.Qualifier == '+' && t.mayMeet(u) }
			for j, other := range records {
				if i != j && slices.ContainsFunc(other.Live(), allows) {
					terms = append(terms, t.Text)
					break
				}
			}
		}
	}
	return terms
}

// mayMeet reports whether a server may match two mechanisms.
func (t *Term) mayMeet(o *Term) bool {
	network := func(k Kind) bool { return k == IP4 || k == IP6 }
	if network(t.Kind) && network(o.Kind) {
		return t.Prefix.Overlaps(o.Prefix)
	}
	return !o.Kind.Modifier()
}

// Leading returns the terms with which one record of several begins where its [Refusals]
// are to decide: each with what its own record has before it, which are its exceptions. ok
// is false if another record allows by those what it refuses.
func Leading(records []*Record) (lead []string, ok bool) {
	refusals := Refusals(records)
	var earlier []*Term
	for _, r := range records {
		live := r.Live()
		last := -1
		for i, t := range live {
			if t.Qualifier != '+' && slices.Contains(refusals, t.Text) {
				last = i
			}
		}
		for i, t := range live[:last+1] {
			if t.Qualifier != '+' && slices.ContainsFunc(earlier, t.mayMeet) {
				return nil, false
			}
			excepted := func(o *Term) bool { return o.Qualifier != '+' && o.mayMeet(t) }
			if t.Qualifier == '+' && !slices.ContainsFunc(live[i:last+1], excepted) {
				continue
			}
			if !slices.ContainsFunc(lead, func(o string) bool { return means(unsigned(o), unsigned(t.Text)) }) { // else decided
				lead = append(lead, t.Text)
			}
		}
		for _, t := range live[:last+1] {
			if t.Qualifier == '+' {
				earlier = append(earlier, t)
			}
		}
	}
	return lead, true
}

// RefusingFirst returns one record of several that begins with what is [Leading].
func RefusingFirst(records []*Record) (string, error) {
	lead, ok := Leading(records)
	if !ok {
		return "", ErrConflict
	}
	text, err := Apply(versionTag+" "+strings.Join(lead, " "), merging(records)...)
	if err != nil {
		return "", err
	}
	var again []Edit // what another record authorizes by the same term
	rec, _, _ := Parse(text)
	for _, t := range lead {
		if t != unsigned(t) && !slices.ContainsFunc(rec.Terms, func(o Term) bool { return means(o.Text, t) }) {
			again = append(again, ReplaceTerm(unsigned(t), t))
		}
	}
	return Apply(text, again...)
}

// WithoutRefusals returns one record of several without their [Refusals].
func WithoutRefusals(records []*Record) (string, error) {
	edits := merging(records[1:])
	for _, t := range Refusals(records) {
		edits = append(edits, RemoveTerm(t))
	}
	return Apply(records[0].Text, edits...)
}

func merging(records []*Record) (edits []Edit) {
	for _, r := range records {
		edits = append(edits, MergeRecord(r.Text))
	}
	return append(edits, RepairSyntax()...)
}
