package dmarc

import (
	"cmp"
	"slices"

	"maildiag/dnsrec/taglist"
)

// Effect is what a change of the records of a name does beside what it is made for.
type Effect struct {
	// Starts are the tags, such as "p=reject", that begin to apply: at receivers
	// that ignore the records as they were written.
	Starts []string

	// GivenUp are the tags of damaged or several records that the new one does not
	// have, or has in a milder form; of one sound record, the policies.
	GivenUp []string

	// Lowered are the policies that a new t=y lowers beside that of p (RFC 9989 4.7).
	Lowered []string
}

// EffectOf compares the texts of a name that are meant as DMARC with the one that
// takes their place.
func EffectOf(before []string, after string) (e Effect) {
	if len(before) == 0 {
		return e
	}
	now, _ := examine(after)
	if now == nil {
		return e
	}
	was, problems := examine(before[0])
	if len(before) == 1 && !ignored(was, problems) {
		e.Lowered = loweredBy(was, now)
		for _, tag := range was.policies() {
			if now.milder(tag) {
				e.GivenUp = append(e.GivenUp, tag.Name+"="+tag.Value)
			}
		}
		return e
	}
	for _, tag := range now.policies() {
		e.Starts = append(e.Starts, tag.Name+"="+tag.Value)
	}
	for _, text := range before {
		e.GivenUp = append(e.GivenUp, now.lacks(text)...)
	}
	slices.Sort(e.GivenUp)
	e.GivenUp = slices.Compact(e.GivenUp)
	return e
}

// spoiling are the kinds of fault for which at least some receivers ignore a
// record, or its policy.
var spoiling = []Kind{KindVersion, KindSyntax, KindDuplicate, KindPolicy, KindMissing, KindOrder, KindCase}

// ignored reports whether some receivers do not apply what a record asks for.
func ignored(rec *Record, problems []Problem) bool {
	return rec == nil || rec.Standing() != Applied ||
		slices.ContainsFunc(problems, func(p Problem) bool { return slices.Contains(spoiling, p.Kind) })
}

// lacks lists what a text asks for, as far as that can be told, and the record does
// not.
func (r *Record) lacks(text string) (tags []string) {
	for _, t := range meantTags(text) {
		if t.Value != "" && r.milder(t) {
			tags = append(tags, t.Name+"="+t.Value)
		}
	}
	return tags
}

// milder reports whether the record asks for less than a tag of another.
func (r *Record) milder(t taglist.Tag) bool {
	switch t.Name {
	case "p":
		return r.P.Strength() < Policy(t.Value).Strength()
	case "sp":
		return r.subdomains().Strength() < Policy(t.Value).Strength()
	case "np":
		return cmp.Or(r.NP, r.subdomains()).Strength() < Policy(t.Value).Strength()
	case "adkim":
		return t.Value == string(Strict) && r.DKIMMode() != Strict
	case "aspf":
		return t.Value == string(Strict) && r.SPFMode() != Strict
	case "t":
		return t.Value == "y" && !r.Testing()
	case "psd":
		return t.Value != "u" && r.PSD != t.Value // u is the default (RFC 9989 4.7)
	}
	return false
}

// subdomains returns the policy for names below the domain (RFC 9989 4.7).
func (r *Record) subdomains() Policy { return cmp.Or(r.SP, r.P) }

// loweredBy lists the policies beside p that a record applied and a new t=y lowers.
func loweredBy(was, now *Record) (tags []string) {
	if was.Testing() || !now.Testing() {
		return nil
	}
	return now.Tested()
}

// Tested lists the policies beside p that t=y lowers for receivers that implement
// RFC 9989, such as "sp=reject".
func (r *Record) Tested() (tags []string) {
	if !r.Testing() {
		return nil
	}
	for _, tag := range r.policies() {
		if tag.Name != "p" {
			tags = append(tags, tag.Name+"="+tag.Value)
		}
	}
	return tags
}

// policies lists the tags that ask for more than none.
func (r *Record) policies() (tags []taglist.Tag) {
	for _, tag := range []taglist.Tag{{Name: "p", Value: string(r.P)}, {Name: "sp", Value: string(r.SP)}, {Name: "np", Value: string(r.NP)}} {
		if Policy(tag.Value).Strength() > 0 {
			tags = append(tags, tag)
		}
	}
	return tags
}
