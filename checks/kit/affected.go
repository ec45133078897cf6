package kit

import (
	"context"
	"slices"
	"strings"

	"maildiag/dnsrec"
)

// This file tells which checks a change of records concerns, so that the others
// need not be judged again.

// planned reports whether changes of this world are to be tried.
func (k *Known) planned() bool { return !k.NoPlan && k.changed == nil }

// use notes that an answer was used.
func (k *Known) use(q dnsrec.Query) {
	if k.planned() {
		k.missed.used = append(k.missed.used, uint16(k.answers.dns.Place(q)))
	}
}

// Uses notes that something was made of the answer to a question earlier.
func (k *Known) Uses(name string, t dnsrec.Type) {
	if place := k.answers.dns.Place(dnsrec.Q(name, t)); place >= 0 && k.planned() {
		k.missed.used = append(k.missed.used, uint16(place))
	}
}

// ConcernsSPF reports whether changes can make a difference to the SPF record of
// the domain, or to what it leads to. A run that left SPF out asks for it now; what
// stays unknown is concerned, as is any type of record at a name that the record
// uses: that of a plan may use it. A gather must not call it.
func (k *Known) ConcernsSPF(changes []dnsrec.Change) bool {
	w, _ := spfWalk.Of(k)
	if !w.done {
		if _, ok := k.WholeSPF(); !ok {
			return true
		}
	}
	names := slices.Clone(changes)
	for i := range names {
		names[i].Type = anyType
	}
	return k.concerns(w.used, names)
}

// anyType is that of a change of which only the name counts.
const anyType dnsrec.Type = ""

// Concerned reports whether the changes of this world can make a difference to a gather
// that missed nothing in the world as it is.
func (k *Known) Concerned(m *Missed) bool { return k.concerns(m.used, k.changes) }

// concerns reports whether changes can make a difference to what was made of answers and
// facts at some places.
func (k *Known) concerns(used []uint16, changes []dnsrec.Change) bool {
	for i, place := range used { // this is where a plan spends its time
		if slices.Contains(used[:i], place) {
			continue
		}
		if place >= firstFact {
			if k.differs(int(place - firstFact)) {
				return true
			}
			continue
		}
		ans, _, _ := k.answers.dns.Known(k.answers.dns.Asked(int(place)))
		for i := range changes {
			if touches(&ans, &changes[i]) {
				return true
			}
		}
		if k.changed != nil && k.loses(&ans) {
			return true
		}
	}
	return false
}

// loses reports whether a wildcard record no longer gives an answer in a changed world.
func (k *Known) loses(a *dnsrec.Answer) bool {
	rows := k.missed
	defer func() { k.missed = rows }()
	k.aside.Reset()
	k.missed = &k.aside
	return k.changed.Loses(context.Background(), a)
}

// firstFact is the place of the first fact that stands for the answers it was made of.
// Those of answers are fewer (see [dnsrec.DefaultQueries]).
const firstFact = 1 << 15

// differs reports whether a fact of the world before the changes is, or may be, another
// in this one.
func (k *Known) differs(i int) bool {
	if k.before == nil {
		return true
	}
	rows := k.missed
	defer func() { k.missed = rows }()
	k.aside.Reset()
	k.missed = &k.aside
	return k.before.facts[i].key.(interface{ differs(view *Known) bool }).differs(k)
}

// differs reports whether the fact is not known to be the same in a view as before its
// changes.
func (f *Fact[T]) differs(view *Known) bool {
	is, ok := f.Of(view)
	return !ok || !f.same(*view.before.findFact(f).value.(*T), is)
}

// touches reports whether a change can make a difference to an answer.
func touches(a *dnsrec.Answer, c *dnsrec.Change) bool {
	switch last := end(a); {
	case a.NXDomain() && (above(last, c.Name) || covers(c.Name, last)):
		return true
	case c.Name == last && !a.NXDomain() && !slices.Contains([]dnsrec.Type{a.Type, dnsrec.TypeCNAME, anyType}, c.Type):
		return false // other records of a name that has no alias
	default:
		return c.Name == a.Name || slices.Contains(a.CNAMEs, c.Name)
	}
}

// covers reports whether a changed record is a wildcard that can answer for a name
// that does not exist (RFC 4592 3.3.1).
func covers(changed, name string) bool {
	parent, wild := strings.CutPrefix(changed, "*.")
	return wild && strings.HasSuffix(name, "."+parent)
}

// end returns the name at the end of a chain of aliases.
func end(a *dnsrec.Answer) string {
	if n := len(a.CNAMEs); n > 0 {
		return a.CNAMEs[n-1]
	}
	return a.Name
}

// above reports whether a name that does not exist would, if one below it did
// (RFC 8020 2).
func above(name, changed string) bool { return changed != name && dnsrec.Within(changed, name) }
