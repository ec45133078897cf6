package plan

import (
	"fmt"
	"slices"

	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file holds what is particular to changes of SPF records.

const checkSPF = "spf"

// concernsSPF reports whether a finding asks for a change of an SPF record.
func concernsSPF(f *report.Finding) bool { return f.Check == checkSPF }

// reading are the findings whose changes let receivers read a record at all. What
// else is found in it before may not be true.
var reading = []string{"spf.syntax", "spf.multiple", "spf.lookalike", "spf.glued", "spf.name"}

func (d draft) readable() draft {
	return d.only(func(f *report.Finding) bool { return slices.Contains(reading, f.Code) })
}

// onlyReads reports whether a draft makes a record readable, and what is worse after
// it is a fault of a kind that the record had before: the next round is for that.
func (d draft) onlyReads(before, after world) bool {
	return len(d.readable().findings) == len(d.findings) && after.claims.noMoreThan(before.claims) && !after.claims.failsAnew(before.claims)
}

// read makes the records of a draft readable, and goes on with what they then say.
// It reports whether the domain is better for it; if not, nothing has changed.
func (m *maker) read(d draft) bool {
	part := d.readable()
	if len(part.sets()) == 0 || m.rounds == maxRounds {
		return false
	}
	saved := *m
	saved.steps = slices.Clone(m.steps)
	m.rounds++
	if m.try(part) {
		m.goOn()
		if m.now.claims.noWorseThan(saved.now.claims, d.endedByCommand()) {
			m.rounds = saved.rounds
			return true
		}
	}
	*m = saved
	return false
}

// contradictory reports whether records refuse and allow the same servers: how they
// become one is a decision.
func contradictory(texts []string) bool {
	var records []*spf.Record
	for _, t := range texts {
		rec, _, _ := spf.Parse(t)
		records = append(records, rec)
	}
	return len(spf.Refusals(records)) > 0
}

// merges says that a way to take a decision about something else makes one SPF record of
// several, too.
func (m *maker) merges(d draft, v move) string {
	was := len(chosen(v.now, spf.Ours))
	if v.change.Type != dnsrec.TypeTXT || was < 2 || len(chosen(v.change.Values, spf.Ours)) != 1 || slices.Contains(d.codes(), "spf.multiple") {
		return ""
	}
	return fmt.Sprintf("It also combines the %d SPF records of today into one.", was)
}

// below reports whether a draft changes only SPF records below the domain: the
// record of the domain is judged by what they say.
func (d draft) below() bool {
	return d.findings[0].Code == "spf.include" && len(d.sets()) > 0 &&
		!slices.ContainsFunc(d.findings, func(f *report.Finding) bool { return f.Code != "spf.include" })
}

// losesSenders reports whether somebody may not send after a change who may send
// before it, or may by the published records. What lets everyone send is closed
// where the draft says so; nobody sends from private addresses, nor from servers
// that are known to receive mail only.
func (m *maker) losesSenders(d draft, after world) bool {
	if !m.first.known.ConcernsSPF(after.changes) {
		return false
	}
	closes := slices.Contains(d.codes(), "spf.all")
	return m.now.loses(after, closes) || len(m.now.changes) > 0 && m.first.loses(after, true)
}

// loses reports whether somebody who may send may not after changes, as far as is
// known.
func (w world) loses(after world, closes bool) bool {
	lost, ok := w.lost(after, closes)
	return !ok || len(lost) > 0
}

// lost lists who may send and may not after changes. closes is whether a record that
// lets everyone send may be closed.
func (w world) lost(after world, closes bool) (lost []spf.Sample, ok bool) {
	was, ok := w.known.WholeSPF()
	is, ok2 := after.known.WholeSPF()
	switch {
	case !ok || !ok2:
		return nil, false
	case len(was.Root.Records) == 0:
		return nil, true
	}
	lost, _ = spf.Compare(was, is)
	return slices.DeleteFunc(lost, func(s spf.Sample) bool {
		return closes && s.By.Open() || s.Addr.IsValid() && spf.Unroutable(s.Addr) || w.inbound(s)
	}), true
}

// opens reports whether a change lets everyone send where receivers did not come to
// the term before that says so.
func (m *maker) opens(after world) bool {
	if !m.first.known.ConcernsSPF(after.changes) {
		return false
	}
	was, ok := m.now.known.WholeSPF()
	is, ok2 := after.known.WholeSPF()
	return ok && ok2 && is.Opens() && !was.Opens()
}

// unusable reports whether a change leaves an SPF record that receivers give up
// at: one that is not valid (RFC 7208 4.6), or has too many lookups (RFC 7208 4.6.4)
// without being better than before.
func (m *maker) unusable(after world) bool {
	texts := slices.DeleteFunc(slices.Clone(after.changes), func(c dnsrec.Change) bool {
		return c.Type != dnsrec.TypeTXT || slices.ContainsFunc(m.now.changes, func(o dnsrec.Change) bool {
			return o.Name == c.Name && o.Type == c.Type && slices.Equal(o.Values, c.Values)
		})
	})
	if !m.first.known.ConcernsSPF(texts) {
		return false
	}
	was, ok := m.now.known.WholeSPF()
	is, ok2 := after.known.WholeSPF()
	if !ok || !ok2 || is.Lookups > spf.MaxLookups && (len(was.Root.Records) > 1 || !m.helps(was, is)) {
		return true
	}
	return slices.ContainsFunc(after.changes, func(c dnsrec.Change) bool {
		return c.Type == dnsrec.TypeTXT && slices.ContainsFunc(c.Values, func(v string) bool {
			_, _, err := spf.Parse(v)
			return err != nil
		})
	})
}

// helps reports whether a record with too many lookups has fewer than before, or lets
// Microsoft 365 pass before receivers give up.
func (m *maker) helps(was, is *spf.Tree) bool {
	p, _ := m.first.known.Profile()
	return is.Lookups < was.Lookups || p.Cloud != nil && is.Passes(p.Cloud.SPF) && !was.Passes(p.Cloud.SPF)
}

// countLookups says in the step of a changed record what it costs, where that was
// at fault.
func (m *maker) countLookups(d draft, moves []move, after world) {
	tree, ok := after.known.WholeSPF()
	if !ok || !slices.Contains(d.codes(), "spf.lookups") {
		return
	}
	for i := range moves {
		if moves[i].change.Name == tree.Owned().Domain && moves[i].change.Type == dnsrec.TypeTXT {
			moves[i].step.Text += fmt.Sprintf(" The record then needs %d of %d lookups.", tree.Lookups, spf.MaxLookups)
		}
	}
}
