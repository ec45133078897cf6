package plan

import (
	"cmp"
	"slices"

	"maildiag/dnsrec"
	"maildiag/report"
)

// choice is a decision on its way into the plan.
type choice struct {
	draft
	step
}

// choices lists the decisions among drafts. Of those of one check, the ones that show
// records come first: what waits for a decision without them could not be shown.
func (m *maker) choices(list []draft) (out []choice) {
	for _, d := range list {
		if d.decides() {
			out = append(out, choice{d, m.decision(d)})
		}
	}
	place := map[string]int{}
	for i, c := range slices.Backward(out) {
		place[c.findings[0].Check] = i
	}
	slices.SortStableFunc(out, func(a, b choice) int {
		if a.rank() != b.rank() {
			return a.rank() - b.rank()
		}
		return cmp.Or(place[a.findings[0].Check]-place[b.findings[0].Check], b.records()-a.records())
	})
	return out
}

// records is 1 if an alternative of a decision shows records.
func (s *step) records() int {
	if slices.ContainsFunc(s.Alternatives, func(a report.Alternative) bool { return len(a.Sets) > 0 }) {
		return 1
	}
	return 0
}

// decision is a choice that only a person can make. The records of each
// alternative are those that it leads to after the steps before.
func (m *maker) decision(d draft) step {
	s := adviceOf(d.findings[0])
	s.Action, s.Commands = report.ActionDecide, nil
	s.Fixes, s.about = d.codes(), d.claims()
	withheld := false
	for i := range d.findings[0].Fix.Alternatives {
		c := d.alternative(i)
		way := m.names.besideAlias(d.way(c))
		a, losing := m.alternative(d, c, way)
		if text, policy, ok := m.behindPolicy(way); ok {
			a.Sets, a.Caution, losing = nil, text, true
			s.waits = append(s.waits, policy)
		}
		s.Alternatives, withheld = append(s.Alternatives, a), withheld || losing
		s.decides = append(s.decides, mapped(c.Edits, setOf)...)
		s.decides = append(s.decides, mapped(a.Sets, ofSet)...)
	}
	s.Caution = m.names.noRoom(s.decides)
	if withheld { // the records of the others alone would look like what to do
		s.withhold()
	}
	return s
}

// withhold takes the records out of the alternatives of a decision.
func (s *step) withhold() {
	for i := range s.Alternatives {
		s.Alternatives[i].Sets = nil
	}
}

// decide adds a decision, and what is run behind it. It waits for other changes of
// its RRsets; after another decision about them its own records are not known.
func (m *maker) decide(c choice) {
	s := c.step
	before, undecided := m.touching(s.decides)
	if s.waits = append(s.waits, before...); undecided {
		s.Caution = sentences(s.Caution, "Decide the earlier step first. Then run maildiag plan again.")
		s.withhold()
	}
	place, ok := m.fold(s)
	if !ok {
		place = m.put(s)
	}
	_, behind := c.commands()
	for _, b := range behind {
		b.waits = []int{place}
		b.Text += " If you kept another record there, do this after it is replaced."
		m.put(b)
	}
}

// fold puts a decision that comes before all else in the place of the step that
// changes the same RRset, so that this changes once: each way makes that change, too.
func (m *maker) fold(s step) (place int, ok bool) {
	if !slices.Contains(s.Fixes, rejected) {
		return 0, false
	}
	place = slices.IndexFunc(m.steps, func(o step) bool { return o.HasValues() && slices.Equal(unique(s.decides), []rrset{o.set()}) })
	if place < 0 {
		return 0, false
	}
	o := m.steps[place]
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		final := o.Published()
		if len(a.Sets) > 0 {
			final = slices.Concat(a.Sets[0].Keep, a.Sets[0].Add)
		}
		set := report.Set{Name: o.Name, Type: o.Type}
		set.Keep, set.Remove = split(dnsrec.Type(o.Type), o.Before(), final)
		_, set.Add = split(dnsrec.Type(o.Type), final, o.Before())
		a.Sets = []report.Set{set}
	}
	s.Text, s.Caution = sentences(s.Text, o.Text), sentences(s.Caution, o.Caution)
	s.Fixes, s.about = unique(slices.Concat(s.Fixes, o.Fixes)), slices.Concat(s.about, o.about)
	s.waits = append(slices.DeleteFunc(s.waits, func(w int) bool { return w == place }), o.waits...)
	m.steps[place] = s
	return place, true
}

// ofSet returns the RRset of a change.
func ofSet(set report.Set) rrset { return rrset{dnsrec.Canonical(set.Name), dnsrec.Type(set.Type)} }

// touching lists the steps that change one of several RRsets, or may. undecided
// reports whether one of them is a decision: what stands there after it is not known.
func (m *maker) touching(sets []rrset) (steps []int, undecided bool) {
	for i := range m.steps {
		s := &m.steps[i]
		decides := slices.ContainsFunc(s.decides, func(r rrset) bool { return slices.Contains(sets, r) })
		if decides || s.ChangesRecords() && slices.ContainsFunc(s.sets(), func(r rrset) bool { return slices.Contains(sets, r) }) {
			steps, undecided = append(steps, i), undecided || decides
		}
	}
	return steps, undecided
}

// ofOneSet makes a decision about one RRset a step about it. Alternatives that keep
// different records of it keep their changes whole.
func ofOneSet(s *report.Step) {
	var sets []rrset
	for _, a := range s.Alternatives {
		sets = append(sets, mapped(a.Sets, ofSet)...)
	}
	if len(unique(sets)) != 1 {
		return
	}
	s.Name, s.Type = sets[0].name+".", string(sets[0].typ)
	var keeps [][]string
	for _, a := range s.Alternatives {
		for _, set := range a.Sets {
			keeps = append(keeps, set.Keep)
		}
	}
	if slices.ContainsFunc(keeps, func(k []string) bool { return !slices.Equal(k, keeps[0]) }) {
		return
	}
	s.Keep = keeps[0]
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		if len(a.Sets) == 0 {
			continue
		}
		a.Remove, a.Add, a.Sets = a.Sets[0].Remove, a.Sets[0].Add, nil
	}
}

// alternative joins the alternatives of one label.
func (d draft) alternative(i int) report.Choice {
	c := d.findings[0].Fix.Alternatives[i]
	for _, f := range d.findings[1:] {
		o := f.Fix.Alternatives[i]
		c.Text, c.Caution = sentences(c.Text, o.Text), sentences(c.Caution, o.Caution)
		c.Edits = unique(append(slices.Clone(c.Edits), o.Edits...))
	}
	return c
}

// way is one way to take a decision, as a draft.
func (d draft) way(c report.Choice) draft {
	f, edits := d.findings[0], c.Edits
	if slices.ContainsFunc(edits, unvalued) {
		edits = slices.DeleteFunc(slices.Clone(edits), unvalued)
	}
	return draft{[]*report.Finding{{Fix: &report.Fix{Owner: f.Fix.Owner, Edits: edits, Commands: f.Fix.Commands}}}}
}

// follow returns the world after one way to take a decision. ok is false if it has
// no records, or if they make something worse.
func (m *maker) follow(way draft) (moves []move, after world, ok bool) {
	if len(way.sets()) == 0 || m.names.foreign(way) {
		return nil, after, false
	}
	if moves, ok = way.compose(m.names, m.now.changes); !ok {
		return nil, after, false
	}
	after = m.now
	for _, v := range moves {
		after = m.world(v.after(after.changes))
	}
	ended := way.endedByCommand()
	is, was := after.claims.without(ended), m.now.claims.without(ended)
	ok = is.verdictNoWorseThan(was) && (is.failsNoMoreThan(was) || m.onlyGraver(way, after)) && !m.unusable(after) && !m.opens(after)
	return moves, after, ok
}

// alternative composes one way to take a decision. It has records only if they
// make nothing worse; losing reports whether they would take senders away.
func (m *maker) alternative(d draft, c report.Choice, way draft) (a report.Alternative, losing bool) {
	a = report.Alternative{Label: c.Label, Text: c.Text, Stay: c.Stay, Caution: c.Caution}
	moves, after, ok := m.follow(way)
	for _, v := range moves {
		older, wait := m.olderPolicy(v)
		a.Caution = sentences(a.Caution, older, wait)
	}
	if !ok {
		return a, false
	}
	if !way.changesText() && m.losesSenders(way, after) {
		a.Caution = sentences(a.Caution, sendersFirst)
		return a, true
	}
	for _, v := range moves {
		a.Sets = append(append(a.Sets, v.step.Sets...), v.setFromNow())
		a.Caution = sentences(a.Caution, m.merges(d, v), caution(rrset{v.change.Name, v.change.Type}, v.now, v.change.Values))
	}
	return a, false
}

// sendersFirst is said of a change that takes servers out of the SPF record without
// touching it.
const sendersFirst = "The SPF record allows servers by these records, and they may still send mail. First put their addresses into " +
	"the SPF record, or make sure that they send nothing. Then run maildiag plan again, which shows the records."

// changesText reports whether a draft changes TXT records: such a change of an
// SPF record says itself whom it takes away.
func (d draft) changesText() bool {
	return slices.ContainsFunc(d.sets(), func(s rrset) bool { return s.typ == dnsrec.TypeTXT })
}

// setFromNow is the change of a move, seen from the world after earlier steps.
func (v move) setFromNow() report.Set {
	set := report.Set{Name: v.step.Name, Type: v.step.Type}
	set.Keep, set.Remove = split(v.change.Type, v.now, v.change.Values)
	_, set.Add = split(v.change.Type, v.change.Values, v.now)
	return set
}
