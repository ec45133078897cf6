package plan

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/report"
)

// This file keeps the changes of a name that becomes an alias, or is one no longer, in one
// step: in between, a server would refuse the one or lose the other (RFC 1034 3.6.2).

// together joins what makes room at a name to what then stands there.
func together(moves []move) (joined []move) {
	taken := map[int]bool{}
	for i, v := range moves {
		if len(v.change.Values) == 0 {
			continue
		}
		for j, o := range moves {
			alias := v.change.Type == dnsrec.TypeCNAME || o.change.Type == dnsrec.TypeCNAME
			switch {
			case taken[j] || i == j || len(o.change.Values) > 0:
			case alias && o.change.Name == v.change.Name:
				moves[i].makeRoom(o)
				taken[j] = true
			case doubled(v.change.Name, o.change.Name):
				moves[i].makeRoom(o)
				moves[i].step.Action, moves[i].moves = report.ActionAdd, true
				taken[j] = true
			}
		}
	}
	for i, v := range moves {
		if !taken[i] {
			v.sayRoom()
			joined = append(joined, v)
		}
	}
	return joined
}

// doubled reports whether a name is another one with its domain appended twice.
func doubled(name, twice string) bool {
	domain, ok := strings.CutPrefix(twice, name+".")
	return ok && strings.HasSuffix(name, "."+domain)
}

// makeRoom adds to a move the one that deletes what is in its place.
func (m *move) makeRoom(o move) {
	m.with = append(m.with, o.change)
	m.step.Sets = append(m.step.Sets, report.Set{Name: o.step.Name, Type: o.step.Type, Keep: o.step.Keep, Remove: o.step.Remove})
	m.step.Action = report.ActionChange
}

// sayRoom says in a step what it deletes beside its own RRset.
func (m *move) sayRoom() {
	var types []string
	for _, set := range m.step.Sets {
		types = append(types, set.Type)
	}
	if len(types) == 0 || m.moves {
		return
	}
	records := "record"
	if len(types) > 1 {
		records = "records"
	}
	m.step.Text = sentences(m.step.Text, fmt.Sprintf("In the same change, delete the %s %s: a name with a CNAME record can have no other records.", listed(types), records))
}

// after returns changes, and then those of the move.
func (m *move) after(changes []dnsrec.Change) []dnsrec.Change {
	for _, c := range append(slices.Clone(m.with), m.change) {
		changes = dnsrec.WithChange(changes, c)
	}
	return changes
}

// sets lists the RRsets that a step changes.
func (s *step) sets() []rrset { return append(mapped(s.Sets, ofSet), s.set()) }
