package kit

import (
	"slices"
	"strings"

	"maildiag/dnsrec"
)

// This file tells which checks a change of records concerns, so that the others
// need not be judged again.

// use notes that an answer was used.
func (k *Known) use(q dnsrec.Query) {
	if !k.NoPlan {
		k.missed.used = append(k.missed.used, uint16(k.answers.dns.Place(q)))
	}
}

// Uses notes that something was made of the answer to a question earlier.
func (k *Known) Uses(name string, t dnsrec.Type) {
	if place := k.answers.dns.Place(dnsrec.Q(name, t)); place >= 0 && !k.NoPlan {
		k.missed.used = append(k.missed.used, uint16(place))
	}
}

// ConcernsSPF reports whether changes can make a difference to the SPF record of
// the domain, or to what it leads to.
func (k *Known) ConcernsSPF(changes []dnsrec.Change) bool {
	w, _ := spfWalk.Of(k)
	return k.Concerns(&Missed{used: w.used}, changes)
}

// Concerns reports whether changes can make a difference to a gather that
// missed nothing.
func (k *Known) Concerns(m *Missed, changes []dnsrec.Change) bool {
	return slices.ContainsFunc(m.used, func(place uint16) bool {
		q := k.answers.dns.Asked(int(place))
		ans, _, _ := k.answers.dns.Known(q)
		return slices.ContainsFunc(changes, func(c dnsrec.Change) bool {
			return c.Name == q.Name || slices.Contains(ans.CNAMEs, c.Name) || ans.NXDomain() && above(end(ans), c.Name)
		})
	})
}

// end returns the name at the end of a chain of aliases.
func end(a dnsrec.Answer) string {
	if n := len(a.CNAMEs); n > 0 {
		return a.CNAMEs[n-1]
	}
	return a.Name
}

// above reports whether a name that does not exist would, if one below it did
// (RFC 8020 2).
func above(name, changed string) bool { return strings.HasSuffix(changed, "."+name) }
