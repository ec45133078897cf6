package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// This file keeps what a wildcard record gives to hosts and domains that have no records
// of their own: they lose all of it with the first record at or below their name (RFC
// 4592 2.2.2). What they have today is published with it.

// served is a name without records of its own, and what a wildcard record gives it.
type served struct {
	name  string
	given []report.Set
}

// servedBy lists what hosts and domains at and above some names lose with a record there,
// the highest first. ask returns what a wildcard record gives a name.
func servedBy(sets []rrset, ask func(name string) []dnsrec.Answer) (list []served) {
	var asked []string
	for _, set := range sets {
		org := dmarc.ListOrganizational(set.name)
		for name := set.name; name != org && dnsrec.Within(name, org); _, name, _ = strings.Cut(name, ".") {
			alias := slices.Contains(sets, rrset{name, dnsrec.TypeCNAME}) // takes the place of all
			if alias || strings.ContainsAny(name, "_*") || slices.Contains(asked, name) {
				continue
			}
			asked = append(asked, name)
			if given := givenSets(name, ask(name)); len(given) > 0 {
				list = append(list, served{name, given})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b served) int { return strings.Count(a.name, ".") - strings.Count(b.name, ".") })
	return list
}

// givenSets returns answers as RRsets to publish.
func givenSets(name string, given []dnsrec.Answer) (sets []report.Set) {
	for _, a := range given {
		t, values := a.Type, a.Values
		if len(a.CNAMEs) > 0 {
			t, values = dnsrec.TypeCNAME, a.CNAMEs[:1]
		}
		sets = append(sets, report.Set{Name: name + ".", Type: string(t), TTL: int(newTTL / time.Second),
			Add: mapped(values, func(v string) string { return presented(t, plain(t, v)) })})
	}
	return sets
}

// changes returns what is published for the name.
func (s served) changes() []dnsrec.Change {
	return mapped(s.given, func(set report.Set) dnsrec.Change {
		t := dnsrec.Type(set.Type)
		return dnsrec.Change{Name: s.name, Type: t, TTL: newTTL, Values: mapped(set.Add, func(v string) string { return plain(t, v) })}
	})
}

// alias reports whether the name is an alias by the wildcard record.
func (s served) alias() bool { return s.given[0].Type == string(dnsrec.TypeCNAME) }

// without returns the changes without those of the name that is served.
func (s served) without(changes []dnsrec.Change) []dnsrec.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c dnsrec.Change) bool { return c.Name == s.name })
}

// text says why the records are published.
func (s served) text() string {
	types := mapped(s.given, func(set report.Set) string { return set.Type })
	return fmt.Sprintf("%s has no records of its own: a wildcard record answers for it. As soon as a record is added at this name or below it, "+
		"the wildcard record no longer does. So publish what it has today (%s) in the same change. If names below it are in use, copy their records, too.",
		s.name, listed(types))
}

// keepServed begins with the world in which the names that drafts change, or that are
// above them, have the records that a wildcard record gives them.
func (m *maker) keepServed(list []draft) {
	m.served = servedBy(setsOf(list), m.names.known.Served)
	if len(m.served) == 0 {
		return
	}
	var changes []dnsrec.Change
	for _, s := range m.served {
		changes = append(changes, s.changes()...)
		m.names.served = append(m.names.served, s.name)
	}
	if after := m.world(changes); after.claims.verdictNoWorseThan(m.now.claims) {
		m.now = after
	} else {
		m.names.unkept = m.names.served
	}
}

// unkeepable reports whether a record of one of the sets would take from a name what it has
// by a wildcard record, and publishing that does harm.
func (n names) unkeepable(sets []rrset) bool {
	return slices.ContainsFunc(sets, func(r rrset) bool {
		return slices.ContainsFunc(n.unkept, func(name string) bool { return dnsrec.Within(r.name, name) })
	})
}

// setsOf lists the RRsets that drafts, or their alternatives, change.
func setsOf(list []draft) (sets []rrset) {
	for _, d := range list {
		sets = append(sets, d.sets()...)
		for _, f := range d.findings {
			for _, c := range f.Fix.Alternatives {
				sets = append(sets, mapped(c.Edits, setOf)...)
			}
		}
	}
	return unique(sets)
}

// publishServed adds the steps that publish what names lose otherwise, where others add
// records at or below them.
func (m *maker) publishServed() {
	if len(m.names.unkept) > 0 {
		return
	}
	for _, s := range m.served {
		var users []int
		for i := range m.steps {
			if o := &m.steps[i]; slices.ContainsFunc(slices.Concat(o.sets(), o.decides), func(r rrset) bool { return dnsrec.Within(r.name, s.name) && !(s.alias() && r.name == s.name) }) {
				users = append(users, i)
			}
		}
		if len(users) == 0 {
			m.now = m.world(s.without(m.now.changes))
			continue
		}
		first := m.publish(s, users)
		for i := range m.steps {
			o := &m.steps[i]
			if i != first && slices.ContainsFunc(slices.Concat(o.sets(), o.decides), func(r rrset) bool { return dnsrec.Within(r.name, s.name) }) {
				o.waits = append(o.waits, first)
			}
		}
	}
}

// publish adds the step that publishes what a name has by a wildcard record, and returns
// its place. Steps that change records of the name become part of it, unless they wait
// for what waits for it.
func (m *maker) publish(s served, users []int) (place int) {
	c := step{urgent: true, Step: report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Text: s.text()}}
	sets := slices.Clone(s.given)
	var joined []int
	for _, u := range users {
		o := m.steps[u]
		if o.set().name != s.name || !o.HasValues() || len(o.Sets) > 0 || slices.ContainsFunc(o.waits, func(w int) bool { return slices.Contains(users, w) && !slices.Contains(joined, w) }) {
			continue
		}
		joined = append(joined, u)
		sets = slices.DeleteFunc(sets, func(set report.Set) bool { return set.Type == o.Type })
		if final := o.Published(); len(final) > 0 {
			sets = append(sets, report.Set{Name: o.Name, Type: o.Type, Add: final, TTL: int(newTTL / time.Second)})
		}
		c.Text, c.Caution = sentences(o.Text, c.Text), sentences(c.Caution, o.Caution)
		c.Fixes, c.about, c.About = unique(slices.Concat(c.Fixes, o.Fixes)), slices.Concat(c.about, o.about), unique(slices.Concat(c.About, o.About))
		c.waits = slices.Concat(c.waits, o.waits)
	}
	slices.SortStableFunc(sets, func(a, b report.Set) int { return servedRank(a) - servedRank(b) })
	c.Name, c.Type, c.Add, c.TTL, c.Sets = sets[0].Name, sets[0].Type, sets[0].Add, sets[0].TTL, sets[1:]
	c.waits = slices.DeleteFunc(c.waits, func(w int) bool { return slices.Contains(joined, w) })
	return m.replace(joined, c)
}

// servedRank puts texts first: their change is what most steps are for.
func servedRank(s report.Set) int {
	return slices.Index([]string{string(dnsrec.TypeMX), string(dnsrec.TypeAAAA), string(dnsrec.TypeA), string(dnsrec.TypeTXT)}, s.Type) * -1
}

// replace puts a step in the place of others, and returns its place.
func (m *maker) replace(old []int, s step) (place int) {
	steps, at := make([]step, 0, len(m.steps)+1), make([]int, len(m.steps))
	if len(old) == 0 {
		old, at = []int{len(m.steps)}, append(at, 0)
	}
	for i := range at {
		if at[i] = len(steps); !slices.Contains(old, i) {
			steps = append(steps, m.steps[i])
		} else if i == old[0] {
			steps, place = append(steps, s), len(steps)
		}
	}
	for _, o := range old {
		at[o] = place
	}
	for i := range steps {
		steps[i].waits = mapped(steps[i].waits, func(w int) int { return at[w] })
	}
	m.steps = steps
	return place
}
