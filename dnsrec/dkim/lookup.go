package dkim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"maildiag/dnsrec"
)

// Name is where the key of a selector is published (RFC 6376 3.6.2.1).
func Name(selector, domain string) string {
	return dnsrec.Canonical(selector + "._domainkey." + domain)
}

// Result is what the DNS holds at one selector.
type Result struct {
	Domain, Selector string
	Name             string        // where it was looked for
	Answer           dnsrec.Answer // to the TXT question, with the chain of CNAMEs
	Err              error         // there is no usable answer; the rest is empty
	Texts            []Text        // all TXT records at the end of the chain
}

// Text is one TXT record at a selector.
type Text struct {
	Value    string
	Record   *Record   // nil: not meant as a key
	Problems []Problem // of the key record
}

// Fault is the first problem that keeps receivers from using the key, or nil.
func (t Text) Fault() *Problem {
	i := slices.IndexFunc(t.Problems, func(p Problem) bool { return p.Fatal })
	if i < 0 {
		return nil
	}
	return &t.Problems[i]
}

// Revoked reports whether the key was withdrawn.
func (t Text) Revoked() bool { return t.Record != nil && t.Record.Revoked() && t.Fault() == nil }

// Lookup asks for the key of a selector: one question, which follows CNAMEs.
func Lookup(ctx context.Context, r dnsrec.Resolver, domain, selector string) *Result {
	found := At(domain, selector)
	found.Ask(ctx, r)
	return &found
}

// At returns the result of a selector that was not asked for yet.
func At(domain, selector string) Result {
	return Result{Domain: domain, Selector: selector, Name: Name(selector, domain)}
}

// Ask asks for a key, again if its lookup failed.
func (r *Result) Ask(ctx context.Context, res dnsrec.Resolver) {
	r.Answer, r.Err = res.Lookup(ctx, dnsrec.Query{Name: r.Name, Type: dnsrec.TypeTXT})
	if r.Err != nil {
		return
	}
	r.Texts = make([]Text, 0, len(r.Answer.Values))
	for _, v := range r.Answer.Values {
		rec, problems := Examine(v)
		r.Texts = append(r.Texts, Text{v, rec, problems})
	}
}

// Keys returns the TXT records that are meant as keys. Receivers need exactly
// one: with more, which of them counts is undefined (RFC 6376 3.6.2.2).
func (r *Result) Keys() []Text {
	if !slices.ContainsFunc(r.Texts, Text.foreign) {
		return slices.Clip(r.Texts)
	}
	return slices.DeleteFunc(slices.Clone(r.Texts), Text.foreign)
}

// foreign reports whether a text is not meant as a key.
func (t Text) foreign() bool { return t.Record == nil }

// Found reports whether something meant as a key is published here.
func (r *Result) Found() bool {
	return slices.ContainsFunc(r.Texts, func(t Text) bool { return !t.foreign() })
}

// Exists reports whether the DNS holds any data at this name: a CNAME or TXT.
func (r *Result) Exists() bool {
	return r.Err == nil && (len(r.Answer.CNAMEs) > 0 || len(r.Answer.Values) > 0)
}

// SameAs reports whether both names have the same data, as names have that exist
// only by a wildcard.
func (r *Result) SameAs(other *Result) bool {
	return r.Exists() && other.Exists() &&
		slices.Equal(r.Answer.CNAMEs, other.Answer.CNAMEs) &&
		slices.Equal(r.Answer.Values, other.Answer.Values)
}

// Probe is a selector that nobody uses. If it exists, a wildcard record
// answers for all selectors, and what it says of others proves nothing. It is
// the same each time for one domain, so that a recorded run can be replayed.
func Probe(domain string) string {
	sum := sha256.Sum256([]byte(dnsrec.Canonical(domain)))
	return "nobody-" + hex.EncodeToString(sum[:6])
}
