package plan

import (
	"fmt"
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file holds what is particular to changes of SPF records.

const checkSPF = "spf"

// maxRounds bounds how often a changed record is looked at for what a change
// brought to light.
const maxRounds = 4

// finishSPF adds what is still wrong with the SPF records, once the drafts of
// the domain as it is are done: a record that receivers could not read before
// has faults of its own. What is published changes once, for all of it.
func (m *maker) finishSPF(seen []report.Finding) {
	for range maxRounds {
		fresh := slices.DeleteFunc(slices.Clone(m.now.findings), func(f report.Finding) bool {
			return f.Check != checkSPF || slices.ContainsFunc(seen, func(o report.Finding) bool {
				return o.Code == f.Code && o.Subject == f.Subject && o.Status == f.Status && sameEdits(o.Fix, f.Fix)
			})
		})
		if len(m.now.changes) == 0 || len(fresh) == 0 {
			return
		}
		seen = slices.Concat(seen, fresh)
		for _, d := range drafts(fresh) {
			m.add(d)
		}
	}
}

func sameEdits(a, b *report.Fix) bool {
	return a == nil && b == nil || a != nil && b != nil && slices.Equal(a.Edits, b.Edits)
}

// losesSenders reports whether an address that may send before may not after.
// Microsoft's servers that receive mail send none.
func (m *maker) losesSenders(after world) bool {
	if !m.first.ConcernsSPF(after.changes) {
		return false
	}
	was, ok := m.now.known.SPF()
	is, ok2 := after.known.SPF()
	switch {
	case !ok || !ok2:
		return true // not known
	case len(was.Root.Records) == 0:
		return false
	}
	lost, _ := spf.Compare(was, is)
	return slices.ContainsFunc(lost, func(s spf.Sample) bool { return !receivesOnly(s.By) })
}

// receivesOnly reports whether a term stands for Microsoft's servers that receive
// mail.
func receivesOnly(b *spf.Branch) bool {
	hosts := b.Hosts
	if b.Kind == spf.A {
		hosts = []string{b.Target}
	}
	return len(hosts) > 0 && !slices.ContainsFunc(hosts, func(h string) bool { return kit.ReadMX("0 "+h).Kind != kit.MXMicrosoft })
}

// beyondLookups reports whether receivers give up at the record after a change
// because of its lookups, and the change did not only bring them down (RFC 7208
// 4.6.4).
func (m *maker) beyondLookups(after world) bool {
	if !m.first.ConcernsSPF(after.changes) {
		return false
	}
	was, ok := m.now.known.SPF()
	is, ok2 := after.known.SPF()
	return !ok || !ok2 || is.Lookups > spf.MaxLookups && (is.Lookups >= was.Lookups || len(was.Root.Records) > 1)
}

// countLookups says in the step of a changed record what it costs, where that was
// at fault.
func (m *maker) countLookups(d draft, moves []move, after world) {
	tree, ok := after.known.SPF()
	if !ok || !slices.Contains(d.codes(), "spf.lookups") {
		return
	}
	for i := range moves {
		if moves[i].change.Name == tree.Owned().Domain && moves[i].change.Type == dnsrec.TypeTXT {
			moves[i].step.Text += fmt.Sprintf(" The record then needs %d of %d lookups.", tree.Lookups, spf.MaxLookups)
		}
	}
}

// advisedLater reports whether the advice of a finding waits until the SPF record is
// what it will be.
func advisedLater(f *report.Finding) bool { return f.Check == checkSPF && f.Code != "spf.record" }

// adviseSPF adds what is left to do about the SPF records as they then are: by a
// decision between alternatives, with the record that each leads to, or advice.
func (m *maker) adviseSPF() {
	for i := range m.now.findings {
		f := &m.now.findings[i]
		if !advisedLater(f) || f.Fix == nil || !asks(f) {
			continue
		}
		s := adviceOf(f)
		if len(f.Fix.Alternatives) > 1 {
			s.Action = report.ActionDecide
		}
		for _, c := range f.Fix.Alternatives {
			s.Alternatives = append(s.Alternatives, m.alternative(c, &s))
		}
		m.put(s)
	}
}

// alternative composes one of the alternatives of a step. It has a record if that is
// one change which makes nothing worse.
func (m *maker) alternative(c report.Choice, s *step) report.Alternative {
	a := report.Alternative{Label: c.Label, Text: c.Text}
	d := draft{[]*report.Finding{{Check: checkSPF, Fix: &report.Fix{Edits: c.Edits}}}}
	moves, ok := d.compose(m.first, m.now.changes)
	if !ok || len(moves) != 1 {
		return a
	}
	after := m.world(with(m.now.changes, moves[0].change))
	if !after.claims.noWorseThan(m.now.claims, "") || m.beyondLookups(after) {
		return a
	}
	change := moves[0].change
	now := m.values(change)
	s.Name, s.Type = change.Name+".", string(change.Type)
	s.Keep, a.Remove = split(change.Type, now, change.Values)
	_, a.Add = split(change.Type, change.Values, now)
	return a
}

// values are those of the RRset of a change, as the plan so far leaves them.
func (m *maker) values(of dnsrec.Change) []string {
	for _, e := range m.now.changes {
		if e.Name == of.Name && e.Type == of.Type {
			return e.Values
		}
	}
	values, _ := published(m.first, rrset{of.Name, of.Type})
	return values
}
