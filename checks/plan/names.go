package plan

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// names is what stands at the names whose records a plan changes.
type names struct {
	known  *kit.Known
	served []string // have no records of their own, and get those that a wildcard record gives them, see keepServed
	unkept []string // of these, those that cannot: no record is to be added there
}

// others are the types that maildiag or an administrator may have put where a
// CNAME record is to stand.
var others = []dnsrec.Type{dnsrec.TypeTXT, dnsrec.TypeA, dnsrec.TypeAAAA, dnsrec.TypeMX}

// aliasFirst are the types that show whether a name is an alias, the surest first.
var aliasFirst = append([]dnsrec.Type{dnsrec.TypeCNAME}, others...)

// newNames asks what the checks did not need: what else stands where a CNAME
// record is to be, and whether an answer comes from a wildcard record.
func newNames(k *kit.Known, list []draft) names {
	n := names{known: k}
	sets := setsOf(list)
	var asked []dnsrec.Query
	for _, set := range sets {
		if _, known := n.alias(set.name); set.typ != dnsrec.TypeCNAME || !known { // any answer shows an alias
			asked = append(asked, dnsrec.Q(set.name, set.typ))
		}
	}
	n.known.Ask(asked)
	n.askBeside(sets)
	asked = nil
	for _, set := range sets {
		for _, at := range append(n.beside(set), set) {
			values, _ := n.answer(at)
			if alias, _ := n.alias(at.name); len(values)+len(alias) > 0 && at.name != k.Domain && !k.NoWildcard(at.name) {
				asked = append(asked, dnsrec.Q(dnsrec.Sibling(at.name), at.typ))
			}
		}
	}
	n.known.Ask(asked)
	return n
}

// askBeside asks what stands where a CNAME record is to be: nothing else where there is
// one already (RFC 1034 3.6.2).
func (n names) askBeside(sets []rrset) {
	var asked []dnsrec.Query
	for _, set := range sets {
		if alias, _ := n.alias(set.name); set.typ != dnsrec.TypeCNAME || n.lacks(set.name) || len(alias) > 0 {
			continue
		}
		for _, t := range others {
			asked = append(asked, dnsrec.Q(set.name, t))
		}
	}
	n.known.Ask(asked)
}

// lacks reports whether an answer has shown that a name does not exist.
func (n names) lacks(name string) bool {
	return slices.ContainsFunc(aliasFirst, func(t dnsrec.Type) bool {
		a, known := n.known.Peek(name, t)
		return known && a.Err == nil && a.NXDomain() && len(a.CNAMEs) == 0
	})
}

// answer returns the values of an RRset at a name, in order, as answers show
// them. ok is false if it could not be read, or if the name is an alias.
func (n names) answer(set rrset) (values []string, ok bool) {
	if set.typ == dnsrec.TypeCNAME {
		return n.alias(set.name)
	}
	a, known := n.known.Peek(set.name, set.typ)
	if !known || a.Err != nil || len(a.CNAMEs) > 0 {
		return nil, false
	}
	for _, v := range a.Values {
		values = append(values, plain(set.typ, v))
	}
	return values, true
}

// alias returns the alias of a name, which the answer of any type shows.
func (n names) alias(name string) (values []string, ok bool) {
	for _, t := range aliasFirst {
		a, known := n.known.Peek(name, t)
		switch {
		case !known || a.Err != nil:
		case t == dnsrec.TypeCNAME:
			return a.Values, true
		case len(a.CNAMEs) > 0:
			return a.CNAMEs[:1], true
		default:
			ok = true
		}
	}
	return nil, ok
}

// fromWildcard is what people read about wild.
const fromWildcard = "The current answer comes from a wildcard record."

// wild reports whether the answer at a name comes from a wildcard record: a name
// that nobody publishes has the same.
func (n names) wild(set rrset) bool {
	if set.name == n.known.Domain || slices.Contains(n.served, set.name) {
		return false
	}
	values, _ := n.answer(set)
	same, ok := n.answer(rrset{dnsrec.Sibling(set.name), set.typ})
	return ok && len(values) > 0 && slices.Equal(values, same)
}

// published returns an RRset as it stands at its name. What could not be read, or
// stands elsewhere because the name is an alias, is not changed.
func (n names) published(set rrset, unaliased bool) (values []string, ok bool) {
	switch alias, _ := n.alias(set.name); {
	case n.wild(set):
		return nil, true
	case set.typ != dnsrec.TypeCNAME && len(alias) > 0 && (unaliased || n.wild(rrset{set.name, dnsrec.TypeCNAME})):
		return nil, true
	}
	return n.answer(set)
}

// beside lists what else stands at a name that is to become an alias.
func (n names) beside(alias rrset) (sets []rrset) {
	if alias.typ != dnsrec.TypeCNAME {
		return nil
	}
	for _, t := range others {
		set := rrset{alias.name, t}
		if values, ok := n.published(set, false); ok && len(values) > 0 {
			sets = append(sets, set)
		}
	}
	return sets
}

// inTheWay says what has to go before an alias can be published.
func (n names) inTheWay(alias rrset) string {
	var types []string
	for _, set := range n.beside(alias) {
		types = append(types, string(set.typ))
	}
	if len(types) == 0 {
		return ""
	}
	return "Delete the " + strings.Join(types, " and ") + " record of " + alias.name +
		" in the same change: a name with a CNAME record can have no other records."
}

// noRoom says of RRsets that are to stand at an alias why they cannot.
func (n names) noRoom(sets []rrset) string {
	for _, set := range sets {
		if alias, _ := n.alias(set.name); set.typ != dnsrec.TypeCNAME && len(alias) > 0 && !n.wild(rrset{set.name, dnsrec.TypeCNAME}) &&
			!slices.Contains(sets, rrset{set.name, dnsrec.TypeCNAME}) {
			return set.name + " is an alias (CNAME) for " + alias[0] + ", and an alias can have no other records. " +
				"If it should have others, first replace the CNAME record " + withWhat(set)
		}
	}
	return ""
}

// aliasOf says of a name that a wildcard record makes an alias why a set cannot stand there.
func (n names) aliasOf(sets []rrset) string {
	if !slices.ContainsFunc(sets, func(set rrset) bool { return slices.Contains(n.served, set.name) }) {
		return ""
	}
	return n.noRoom(sets)
}

// withWhat says what takes the place of an alias where a set is to stand: of the names
// of records for mail, it is the set; hosts and domains need their addresses.
func withWhat(set rrset) string {
	if first, _, _ := strings.Cut(set.name, "."); set.typ == dnsrec.TypeTXT && (strings.HasPrefix(first, "_") || strings.Contains(set.name, "._domainkey.")) {
		return "with the TXT record."
	}
	return "with A and AAAA records."
}

// besideAlias leaves the edits of a way out that are of an alias, where others are left:
// a host that is an alias needs no more to have no mail.
func (n names) besideAlias(way draft) draft {
	noRoom := func(e report.Edit) bool {
		return n.noRoom([]rrset{setOf(e)}) != "" && !way.unaliases(setOf(e).name)
	}
	fix := *way.findings[0].Fix
	if !slices.ContainsFunc(fix.Edits, noRoom) {
		return way
	}
	fix.Edits = slices.DeleteFunc(slices.Clone(fix.Edits), noRoom)
	if len(fix.Edits) == 0 {
		return way
	}
	return draft{[]*report.Finding{{Fix: &fix}}}
}

// apply applies edits to the values of an RRset. What a wildcard record answers is
// edited as if it stood there, and only the result is published.
func (n names) apply(set rrset, now []string, edits []report.Edit) (after []string, ok bool) {
	if !n.wild(set) || len(now) > 0 {
		return apply(set, now, edits)
	}
	from, _ := n.answer(set)
	if after, ok = apply(set, from, edits); !ok {
		return nil, false
	}
	after = slices.DeleteFunc(after, func(v string) bool { return slices.Contains(from, v) })
	return after, len(after) > 0
}

// foreign reports whether a draft is for a zone of somebody else.
func (n names) foreign(d draft) bool {
	org := dmarc.ListOrganizational(n.known.Domain)
	return slices.ContainsFunc(d.sets(), func(s rrset) bool { return !dnsrec.Within(s.name, org) })
}
