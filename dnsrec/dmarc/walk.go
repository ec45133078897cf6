package dmarc

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/dnsrec"
)

// The limits of the DNS tree walk (RFC 9989 4.10).
const (
	maxQueries = 8 // names asked about, at most
	shortened  = 7 // labels that are left of a longer name after the first query
)

// Name is where the policy of a domain is published (RFC 9989 4.5).
func Name(domain string) string { return "_dmarc." + domain }

// Text is one TXT record that is meant as a policy.
type Text struct {
	Value    string
	Record   *Record // nil: receivers do not take it for one, see Problems
	Problems []Problem
}

// Fault is the first problem that keeps receivers from applying the record as
// it was meant, or nil.
func (t Text) Fault() *Problem {
	i := slices.IndexFunc(t.Problems, func(p Problem) bool { return p.Fatal })
	if i < 0 {
		return nil
	}
	return &t.Problems[i]
}

// Step is what the DNS holds at one name of the walk.
type Step struct {
	Domain string // the domain asked about
	Name   string // where: _dmarc.Domain
	Answer dnsrec.Answer
	Err    error    // there is no usable answer; the rest is empty
	Texts  []Text   // what is meant as a policy
	Others []string // other TXT records
}

// Records returns the texts that receivers take for policies: those that begin
// with v=DMARC1 (RFC 9989 4.10, steps 2 and 6).
func (s *Step) Records() []Text {
	if !slices.ContainsFunc(s.Texts, func(t Text) bool { return t.Record == nil }) {
		return s.Texts
	}
	return slices.DeleteFunc(slices.Clone(s.Texts), func(t Text) bool { return t.Record == nil })
}

// Record is the policy of this name: nil if there is none, or several, which
// are all discarded.
func (s *Step) Record() *Record {
	if rs := s.Records(); len(rs) == 1 {
		return rs[0].Record
	}
	return nil
}

// ask looks the name of a step up.
func (s *Step) ask(ctx context.Context, r dnsrec.Resolver) {
	s.Texts, s.Others = nil, nil
	if s.Answer, s.Err = r.Lookup(ctx, dnsrec.Q(s.Name, dnsrec.TypeTXT)); s.Err != nil {
		return
	}
	for _, v := range s.Answer.Values {
		rec, problems := Examine(v)
		if rec == nil && len(problems) == 0 {
			s.Others = append(s.Others, v)
			continue
		}
		s.Texts = append(s.Texts, Text{v, rec, problems})
	}
}

// walkNames returns the names of the walk from a domain upwards: the domain
// itself, then its parents up to the top, those of more than seven labels left
// out (RFC 9989 4.10).
func walkNames(domain string) []string {
	labels := 1 + strings.Count(domain, ".")
	names := append(make([]string, 0, min(labels, maxQueries)), domain)
	for left := labels - 1; left > 0 && len(names) < maxQueries; left-- {
		if _, domain, _ = strings.Cut(domain, "."); left <= shortened {
			names = append(names, domain)
		}
	}
	return names
}

// steps returns the steps of the walk, of which nothing was asked yet.
func steps(domain string) []*Step {
	names := walkNames(domain)
	steps, room := make([]*Step, len(names)), make([]Step, len(names))
	for i, name := range names {
		room[i] = Step{Domain: name, Name: Name(name)}
		steps[i] = &room[i]
	}
	return steps
}

// ends reports whether the walk ends at this name (RFC 9989 4.10, steps 2 and 6).
func (s *Step) ends() bool {
	rec := s.Record()
	return rec != nil && (rec.PSD == "y" || rec.PSD == "n")
}

// organizational finds the organizational domain by the records of a walk
// (RFC 9989 4.10.2). unsure reports whether a name could not be asked that might
// have changed it.
func organizational(steps []*Step) (domain string, unsure error) {
	start := steps[0].Domain
	org := start
	for i, s := range steps {
		switch rec := s.Record(); {
		case s.Err != nil:
			unsure = s.Err
		case rec == nil:
		case rec.PSD == "n":
			return s.Domain, unsure
		case rec.PSD == "y" && i > 0:
			return below(start, s.Domain), unsure
		default:
			org = s.Domain
		}
	}
	return org, unsure
}

// below returns the name one label below parent on the way to domain.
func below(domain, parent string) string {
	rest := strings.TrimSuffix(domain, "."+parent)
	return rest[strings.LastIndexByte(rest, '.')+1:] + "." + parent
}

// ListOrganizational finds the organizational domain by the Public Suffix
// List: the suffix and one label more (RFC 7489 3.2). A public suffix, or a
// name of one label, is its own.
func ListOrganizational(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

// Wildcard reports whether the record of a step comes from a wildcard of its
// domain, which then also stands at "_dmarc" of every name below: a name that
// nobody uses has the same.
func Wildcard(ctx context.Context, r dnsrec.Resolver, s *Step) bool {
	const nobody = "nobody-uses-this-name." // the same each time, so that a recorded run can be replayed
	if len(s.Texts) == 0 {
		return false
	}
	a, err := r.Lookup(ctx, dnsrec.Q(nobody+s.Domain, dnsrec.TypeTXT))
	return err == nil && len(a.Values) > 0 &&
		slices.Equal(slices.Sorted(slices.Values(a.Values)), slices.Sorted(slices.Values(s.Answer.Values)))
}
