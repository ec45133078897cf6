package dmarc

import (
	"context"
	"fmt"
	"slices"

	"maildiag/dnsrec"
)

// Standard is the RFC by which a Reading was made.
type Standard string

// The standards in use.
const (
	RFC9989 Standard = "RFC 9989" // tree walk
	RFC7489 Standard = "RFC 7489" // Public Suffix List; many receivers still follow it
)

// Reading is what receivers of one standard make of a domain.
type Reading struct {
	Standard Standard
	Org      string  // organizational domain, for alignment
	At       string  // domain whose record applies; "" if none does
	Record   *Record // that record
	Tag      string  // where the policy stands in it: "p", "sp" or "np"; "" if it does not stand there
	Declared Policy  // as it stands there, or as its absence is read
	Policy   Policy  // what is to be applied: a level weaker in test mode
	Percent  int     // how much of the failing mail it is applied to; 100 but with pct
	Broken   bool    // there are records, but they keep DMARC from being applied
	Err      error   // a name could not be asked, so the policy is not known
	OrgErr   error   // a name could not be asked, so Org is not certain
}

// Found reports whether a policy applies.
func (r *Reading) Found() bool { return r.Err == nil && r.Record != nil && !r.Broken }

// Result is what DMARC says of one name.
type Result struct {
	Domain string
	Steps  []*Step // of the walk, from Domain upwards
	Tree   Reading // by RFC 9989
	List   Reading // by RFC 7489

	// Exists reports whether the name itself exists; "unknown" where that made
	// no difference and was not asked, or could not be.
	Exists Existence

	top string // the organizational domain by the Public Suffix List
}

// Existence is whether a name exists in the DNS (RFC 8020).
type Existence string

// The values of Existence.
const (
	Unasked Existence = "unknown"
	Present Existence = "yes"
	Absent  Existence = "no"
)

// Discover finds the policy for mail From a domain, by both standards. It asks
// for at most eight names, and in rare cases whether the domain itself exists.
// As long as one of these answers is missing, that is the error of both
// readings, and nothing is asked that depends on it.
func Discover(ctx context.Context, r dnsrec.Resolver, domain string) *Result {
	res := New(domain)
	res.Advance(ctx, r)
	return res
}

// New returns the result of a domain of which nothing was asked yet.
func New(domain string) *Result {
	domain = dnsrec.Canonical(domain)
	return &Result{Domain: domain, Steps: steps(domain), Tree: unread(RFC9989), List: unread(RFC7489), Exists: Unasked}
}

// walk asks for all names of the walk, those too that are above its end, so
// that no question waits for another.
func (res *Result) walk(ctx context.Context, r dnsrec.Resolver) []*Step {
	for _, s := range res.Steps {
		s.ask(ctx, r)
	}
	return res.Steps
}

// Advance is [Discover] for a result that lacked answers.
func (res *Result) Advance(ctx context.Context, r dnsrec.Resolver) {
	if slices.ContainsFunc(res.walk(ctx, r), func(s *Step) bool { return missing(s.Err) }) {
		return
	}
	res.top = ListOrganizational(res.Domain)
	res.Tree = res.readTree()
	res.List = res.readList()
	res.settle(ctx, r)
}

func missing(err error) bool { return dnsrec.KindOf(err) == dnsrec.KindMissing }

// unread is the reading of answers that are not all known.
func unread(s Standard) Reading {
	return Reading{Standard: s, Err: dnsrec.ErrMissing, OrgErr: dnsrec.ErrMissing}
}

// Own is the step of the domain itself.
func (r *Result) Own() *Step { return r.Steps[0] }

// Step returns the step of a domain, nil if the walk did not come there.
func (r *Result) Step(domain string) *Step {
	for _, s := range r.Steps {
		if s.Domain == domain {
			return s
		}
	}
	return nil
}

// readTree finds the record that applies by RFC 9989 4.10.1: that of the
// domain, else of its organizational domain, else of the public suffix domain.
func (r *Result) readTree() Reading {
	rd := Reading{Standard: RFC9989}
	rd.Org, rd.OrgErr = organizational(r.Steps)
	candidates := []*Step{r.Own(), r.Step(rd.Org)}
	if i := slices.IndexFunc(r.Steps, (*Step).ends); i >= 0 {
		candidates = append(candidates, r.Steps[i])
	}
	for _, s := range candidates {
		if s != nil && s.Record() != nil {
			rd.At, rd.Record = s.Domain, s.Record()
			break
		}
	}
	rd.Err = r.hidden(rd.At)
	switch {
	case rd.Err != nil:
	case rd.Record != nil:
		rd.Broken = rd.Record.Standing() == Ignored
	default:
		rd.Broken = slices.ContainsFunc(r.Steps, func(s *Step) bool { return len(s.Records()) > 1 })
	}
	return rd
}

// hidden returns the error of a name that could not be asked and whose record,
// if it has one, would apply in place of the one at a domain. Names above the
// organizational domain of the Public Suffix List only count if nothing was
// found: that a top-level domain answers badly says nothing of those in it.
func (r *Result) hidden(at string) error {
	if r.Own().Err != nil {
		return r.Own().Err
	}
	if at == r.Domain {
		return nil
	}
	for _, s := range r.Steps {
		if s.Err != nil {
			return s.Err
		}
		if s.ends() || at != "" && s.Domain == r.top {
			return nil
		}
	}
	return nil
}

// readList finds the record that applies by RFC 7489 6.6.3: that of the
// domain, else of the organizational domain. Several records end the search.
func (r *Result) readList() Reading {
	rd := Reading{Standard: RFC7489, Org: r.top}
	for _, domain := range [...]string{r.Domain, rd.Org} {
		s := r.Step(domain)
		switch {
		case s == nil: // not asked: a public suffix of more labels than the walk has
		case s.Err != nil:
			rd.Err = s.Err
			return rd
		case len(s.Records()) > 1:
			rd.Broken = true
			return rd
		case s.Record() != nil:
			rd.At, rd.Record = s.Domain, s.Record()
			rd.Broken = rd.Record.Standing() == Ignored
			return rd
		}
	}
	return rd
}

// settle works the policies out, and finds out whether the domain exists if
// that makes a difference.
func (r *Result) settle(ctx context.Context, res dnsrec.Resolver) {
	if s := r.Own(); s.Err == nil && !s.Answer.NXDomain() {
		r.Exists = Present // the name is above one that exists
	} else if rec := r.Tree.Record; rec != nil && r.Tree.At != r.Domain && rec.NP != "" && rec.NP != or(rec.SP,
		rec.P) {
		var err error
		if r.Exists, err = exists(ctx, res, r.Domain); missing(err) {
			r.Tree, r.List = unread(RFC9989), unread(RFC7489)
			return
		}
	}
	r.Tree.apply(r.Domain, r.Exists)
	r.List.apply(r.Domain, Unasked) // RFC 7489 has no np
}

// exists asks for a name's own records. Any type would do; MX is the one that
// others want as well.
func exists(ctx context.Context, r dnsrec.Resolver, domain string) (Existence, error) {
	a, err := r.Lookup(ctx, dnsrec.Q(domain, dnsrec.TypeMX))
	switch {
	case err != nil:
		return Unasked, err
	case a.NXDomain() && len(a.CNAMEs) == 0:
		return Absent, nil
	}
	return Present, nil
}

func or(a, b Policy) Policy {
	if a != "" {
		return a
	}
	return b
}

// apply works out the policy for a domain from the record found.
func (rd *Reading) apply(domain string, exists Existence) {
	rd.Percent = maxPercent
	if !rd.Found() {
		return
	}
	rec := rd.Record
	if rec.Standing() == Monitoring {
		rd.Declared, rd.Policy = None, None
		return
	}
	rd.Tag, rd.Declared = "p", rec.P
	if rd.At != domain { // RFC 9989 4.10.1: p applies to the domain of the record only
		if rec.SP != "" {
			rd.Tag, rd.Declared = "sp", rec.SP
		}
		if exists == Absent && rec.NP != "" {
			rd.Tag, rd.Declared = "np", rec.NP
		}
	}
	rd.Policy = rd.Declared
	switch {
	case rd.Standard == RFC9989 && rec.Testing():
		rd.Policy = rd.Declared.Lower()
	case rd.Standard == RFC7489 && rec.Pct != nil && rd.Declared != None: // RFC 7489 6.6.4
		rd.Percent = *rec.Pct
	}
}

// Difference is one point on which the two readings part.
type Difference struct {
	About string // "organizational-domain", "record" or "policy"
	Text  string // for a person
}

// Differences reports where the two readings part.
func (r *Result) Differences() (out []Difference) {
	t, l := &r.Tree, &r.List
	if t.Err != nil || l.Err != nil || t.Record == nil && l.Record == nil {
		return nil
	}
	say := func(about, format string, args ...any) {
		out = append(out, Difference{about, fmt.Sprintf(format, args...)})
	}
	if t.Org != l.Org {
		say("organizational-domain", "the organizational domain is %s by the tree walk of RFC 9989, and %s "+
			"by the Public Suffix List of RFC 7489", t.Org, l.Org)
	}
	if t.At != l.At || t.Broken != l.Broken {
		say("record", "the record that applies is %s by RFC 9989, and %s by RFC 7489", t.where(), l.where())
	}
	if t.Found() && l.Found() && (t.Policy != l.Policy || l.Percent != maxPercent) {
		say("policy", "the policy is %s by RFC 9989, and %s by RFC 7489", t.what(), l.what())
	}
	return out
}

func (rd *Reading) where() string {
	switch {
	case rd.At != "":
		return "that of " + rd.At
	case rd.Broken:
		return "none, because of several"
	}
	return "none"
}

func (rd *Reading) what() string {
	s := string(rd.Policy)
	if rd.Percent != maxPercent {
		next := rd.Policy.Lower()
		s = fmt.Sprintf("%s for %d%% of the mail that fails, %s for the rest (pct)", s, rd.Percent, next)
	}
	if rd.Policy != rd.Declared {
		s += " (" + string(rd.Declared) + ", a level lower for t=y)"
	}
	return s
}
