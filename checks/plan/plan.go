// Package plan composes the edits of all findings of a domain into one plan: one
// change an RRset, in an order in which it is safe to stop after each step. What
// it prints as a record has been applied to what is known of the world and
// judged again; the rest is advice, or a decision for a person.
package plan

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// Judge examines the world with changed records: it returns what the checks find
// there, and what is known of it.
type Judge func(changes []dnsrec.Change) ([]*report.Finding, *kit.Known)

// Make composes a plan for the findings of a domain, and proves it by judge. It
// returns nil if there is nothing to do.
func Make(k *kit.Known, findings []*report.Finding, judge Judge) *report.Plan {
	list := drafts(findings)
	m := &maker{judge: judge, names: newNames(k, list), now: world{known: k, claims: claimsOf(findings), findings: findings}}
	m.first = m.now
	m.readPolicy(k)
	m.keepServed(list)
	for _, d := range list {
		m.add(d)
	}
	m.goOn()
	left := drafts(m.left())
	if m.prepare(left) {
		left = drafts(m.left())
	}
	m.close(left)
	m.publishServed()
	if len(m.steps) == 0 {
		return nil
	}
	p := &report.Plan{Proven: m.now.claims.sureAs(m.first.claims), Steps: numbered(m.steps), Result: m.now.result()}
	for i := range p.Steps {
		noteCut(k, &p.Steps[i])
	}
	return p
}

// noteCut notes how the texts are published that a step removes or keeps.
func noteCut(k *kit.Known, s *report.Step) {
	var texts []string
	if s.Type == string(dnsrec.TypeTXT) {
		texts = s.Before()
	} else if texts = s.Removed(); len(s.Sets) == 0 {
		return
	}
	for _, o := range s.Sets {
		texts = append(texts, o.Remove...)
	}
	for _, a := range s.Alternatives {
		texts = append(texts, a.Remove...)
	}
	a, _ := k.Peek(dnsrec.Canonical(s.Name), dnsrec.TypeTXT)
	s.Cut = a.Cut(texts)
}

// world is the domain as it is after some changes.
type world struct {
	known    *kit.Known
	changes  []dnsrec.Change
	claims   claims
	findings []*report.Finding
}

// changed reports whether an RRset is not as it was published.
func (w world) changed(s rrset) bool {
	return slices.ContainsFunc(w.changes, func(c dnsrec.Change) bool { return c.Name == s.name && c.Type == s.typ })
}

// maker takes one draft after the other, and keeps what the world is like after
// the changes so far.
type maker struct {
	judge    Judge
	names    names
	first    world // as it is
	now      world
	steps    []step
	ended    []string       // codes of findings that steps with commands are for
	assigned []claim        // whose records Microsoft assigns
	keeping  bool           // a step that keeps servers was made for the draft at hand
	policy   *mtasts.Policy // of MTA-STS, in mode enforce; nil: none
	mild     *mtasts.Policy // of MTA-STS, in another mode; nil: none
	unread   bool           // there is one that could not be read
	taken    int            // how many drafts were taken
	rounds   int            // of goOn within one another
	served   []served       // names that have their records from a wildcard record
}

// add makes steps of a draft: what can be proven of it becomes a change of
// records. What cannot is left for close.
func (m *maker) add(d draft) {
	d = d.only(m.now.claims.open)
	if m.read(d) {
		d = d.only(func(f *report.Finding) bool { return !concernsSPF(f) })
	}
	for len(d.sets()) > 0 && !d.decides() && !m.names.foreign(d) {
		parts := d.parts()
		i := slices.IndexFunc(parts, m.try)
		if i < 0 {
			break
		}
		d = d.without(parts[i])
	}
	if len(d.findings) > 0 && !d.decides() && d.open() && !m.names.unkeepable(d.sets()) {
		m.assign(d)
	}
}

// maxRounds bounds how often a changed world is looked at for what a change
// brought to light.
const maxRounds = 4

// goOn takes what the changes brought to light, until nothing is left that a
// change can end: a record that receivers could not read before has faults of its
// own, and one change may make room for another. What is published changes once,
// for all of it.
func (m *maker) goOn() {
	for range maxRounds {
		before := m.taken
		for _, d := range drafts(m.opened()) {
			m.add(d)
		}
		if m.taken == before {
			return
		}
	}
}

// opened lists what asks for a change of records that are changed already, what was
// not wrong before, and what was a decision or advice before.
func (m *maker) opened() (fs []*report.Finding) {
	if len(m.now.changes) == 0 {
		return nil
	}
	for _, f := range m.now.findings {
		appeared := m.first.claims.bad[claim{f.Code, f.Subject}] == report.Unset
		if f.Fix != nil && len(f.Fix.Edits) > 0 && !slices.Contains(m.ended, f.Code) &&
			(appeared || m.openAtFirst(f) || slices.ContainsFunc(draft{[]*report.Finding{f}}.sets(), m.now.changed)) {
			fs = append(fs, f)
		}
	}
	return fs
}

// openAtFirst reports whether what a finding says was left to a decision, or to advice
// without records, in the world as it is.
func (m *maker) openAtFirst(f *report.Finding) bool {
	return slices.ContainsFunc(m.first.findings, func(o *report.Finding) bool {
		return o.Code == f.Code && o.Subject == f.Subject && o.Fix != nil && (len(o.Fix.Alternatives) > 0 || len(o.Fix.Edits) == 0)
	})
}

// try makes steps of a draft, if the world is better after them, and at no time
// worse.
func (m *maker) try(d draft) bool {
	moves, ok := d.compose(m.names, m.now.changes)
	if !ok {
		return false
	}
	after, ok := m.apply(moves)
	if !ok {
		return false
	}
	fixed := m.now.claims.gone(after.claims, append(d.codes(), rejected))
	better := len(fixed) > 0 && (after.claims.noWorseThan(m.now.claims, d.endedByCommand()) || d.onlyReads(m.now, after) || m.onlyGraver(d, after))
	if !better || m.losesKeys(moves, after) || m.unusable(after) {
		return false
	}
	if useful := d.useful(m.now, after); len(useful.findings) < len(d.findings) && m.try(useful) {
		return true
	}
	if m.losesSenders(d, after) {
		return m.tryKeeping(d, moves, after)
	}
	m.countLookups(d, moves, after)
	ended := m.now.claims.ended(after.claims, d.claims())
	for i := range moves {
		moves[i].step.about = ended
	}
	fixed = unique(append(fixed, mapped(ended, func(at claim) string { return at.code })...))
	m.now = after
	m.taken++
	m.take(d, moves, fixed)
	return true
}

// apply returns the world after changes. ok is false if mail is lost after one of
// them, if the MTA-STS policy does not allow it, if everyone may send, or if the domain is judged worse.
func (m *maker) apply(moves []move) (after world, ok bool) {
	after = m.now
	for _, v := range moves {
		after = m.world(v.after(after.changes))
		if m.losesMail(after, v) || m.breaksSTS(after, v) || m.opens(after) || !after.claims.verdictNoWorseThan(m.now.claims) {
			return after, false
		}
	}
	return after, true
}

// world is the domain after some changes.
func (m *maker) world(changes []dnsrec.Change) world {
	w := world{changes: changes}
	w.findings, w.known = m.judge(changes)
	w.claims = claimsOf(w.findings)
	return w
}
