package plan

import (
	"fmt"
	"slices"
	"sort"
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
// the highest first. ask returns what a wildcard record gives a name; above one that has
// records, none does.
func servedBy(sets []rrset, ask func(name string, first ...dnsrec.Type) []dnsrec.Answer) (list []served) {
	var asked []string
	for _, set := range sets {
		org := dmarc.ListOrganizational(set.name)
		for name := set.name; name != org && dnsrec.Within(name, org); _, name, _ = strings.Cut(name, ".") {
			alias := slices.Contains(sets, rrset{name, dnsrec.TypeCNAME}) // takes the place of all
			if alias || strings.ContainsAny(name, "_*") || slices.Contains(asked, name) {
				continue
			}
			asked = append(asked, name)
			var first []dnsrec.Type
			if name == set.name {
				first = append(first, set.typ)
			}
			given := givenSets(name, ask(name, first...))
			if len(given) == 0 {
				break
			}
			list = append(list, served{name, given})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return strings.Count(list[i].name, ".") < strings.Count(list[j].name, ".") })
	return list
}

// givenSets returns answers as RRsets to publish.
func givenSets(name string, given []dnsrec.Answer) (sets []report.Set) {
	for _, a := range given {
		t, values := a.Type, a.Values
		if len(a.CNAMEs) > 0 {
			t, values = dnsrec.TypeCNAME, a.CNAMEs[:1]
		}
		set := report.Set{Name: name + ".", Type: string(t), TTL: int(newTTL / time.Second)}
		for _, v := range values {
			set.Add = append(set.Add, presented(t, plain(t, v)))
		}
		sets = append(sets, set)
	}
	return sets
}

// changes returns what is published for the name.
func (s served) changes() (list []dnsrec.Change) {
	for _, set := range s.given {
		c := dnsrec.Change{Name: s.name, Type: dnsrec.Type(set.Type), TTL: newTTL}
		for _, v := range set.Add {
			c.Values = append(c.Values, plain(c.Type, v))
		}
		list = append(list, c)
	}
	return list
}

// alias reports whether the name is an alias by the wildcard record.
func (s served) alias() bool { return s.given[0].Type == string(dnsrec.TypeCNAME) }

// without returns the changes without those of the name that is served.
func (s served) without(changes []dnsrec.Change) []dnsrec.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c dnsrec.Change) bool { return c.Name == s.name })
}

// servedText says why the records are published.
func servedText(list []served) string {
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	return fmt.Sprintf("A wildcard record answers for %s. With the first record at this name or below it, it no longer does. "+
		"So publish the records given here in one change: they keep what it gives today. If names below %s are in use, copy their records, too.",
		listed(names), names[0])
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

// publishServed adds the step that publishes what names lose otherwise, where others add
// records at or below them. Names above one another are published in one change: each
// alone would take from the other what it has.
func (m *maker) publishServed() {
	var list []served
	var users []int
	for _, s := range m.served {
		of := m.usersOf(s)
		if len(of) > 0 && len(m.names.unkept) == 0 {
			list, users = append(list, s), append(users, of...)
		} else if len(m.names.unkept) == 0 {
			m.now = m.world(s.without(m.now.changes))
		}
	}
	if len(list) == 0 {
		return
	}
	first := m.publish(list, unique(users))
	for _, s := range list {
		for _, u := range m.usersOf(s) {
			if u != first {
				m.steps[u].waits = append(m.steps[u].waits, first)
			}
		}
	}
}

// usersOf lists the steps that change records at a name that is served, or below it, or
// may. At an alias nothing else can stand.
func (m *maker) usersOf(s served) (places []int) {
	for i := range m.steps {
		o := &m.steps[i]
		if slices.ContainsFunc(slices.Concat(o.sets(), o.decides), func(r rrset) bool {
			return dnsrec.Within(r.name, s.name) && !(s.alias() && r.name == s.name && r.typ != dnsrec.TypeCNAME)
		}) {
			places = append(places, i)
		}
	}
	return places
}

// publish adds the step that publishes what names have by a wildcard record, and returns
// its place. Steps that change records of the names become part of it, unless they wait
// for what waits for it.
func (m *maker) publish(list []served, users []int) (place int) {
	c := step{urgent: true, Step: report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Text: servedText(list)}}
	var sets []report.Set
	for _, s := range list {
		sets = append(sets, s.given...)
	}
	var joined []int
	for _, u := range users {
		o := m.steps[u]
		of := slices.ContainsFunc(list, func(s served) bool { return s.name == o.set().name })
		if !of || !o.HasValues() || len(o.Sets) > 0 || slices.ContainsFunc(o.waits, func(w int) bool { return slices.Contains(users, w) && !slices.Contains(joined, w) }) {
			continue
		}
		joined = append(joined, u)
		was := sets
		sets = nil
		for _, set := range was {
			if ofSet(set) != o.set() {
				sets = append(sets, set)
			}
		}
		if final := o.Published(); len(final) > 0 {
			sets = append(sets, report.Set{Name: o.Name, Type: o.Type, Add: final, TTL: int(newTTL / time.Second)})
		}
		c.Text, c.Caution = sentences(o.Text, c.Text), sentences(c.Caution, o.Caution)
		c.Fixes, c.about, c.About = unique(slices.Concat(c.Fixes, o.Fixes)), slices.Concat(c.about, o.about), unique(slices.Concat(c.About, o.About))
		c.waits = slices.Concat(c.waits, o.waits)
	}
	sort.SliceStable(sets, func(i, j int) bool { return servedRank(sets[i]) > servedRank(sets[j]) })
	c.Name, c.Type, c.Add, c.TTL, c.Sets = sets[0].Name, sets[0].Type, sets[0].Add, sets[0].TTL, sets[1:]
	c.waits = slices.DeleteFunc(c.waits, func(w int) bool { return slices.Contains(joined, w) })
	return m.replace(joined, c)
}

// servedRank is highest for what comes first: texts of the domain itself, whose change is
// what most steps are for.
func servedRank(s report.Set) int {
	order := []string{string(dnsrec.TypeMX), string(dnsrec.TypeAAAA), string(dnsrec.TypeA), string(dnsrec.TypeTXT)}
	return strings.Count(s.Name, ".")*len(order) + slices.Index(order, s.Type)
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
		steps[i].waits = slices.Clone(steps[i].waits)
		for j, w := range steps[i].waits {
			steps[i].waits[j] = at[w]
		}
	}
	m.steps = steps
	return place
}
