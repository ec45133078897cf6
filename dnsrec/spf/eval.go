package spf

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
)

// Checker is check_host (RFC 7208 4). The zero value lacks only a Resolver.
type Checker struct {
	Resolver dnsrec.Resolver
	Receiver string    // who checks, for %{r}; empty: "unknown"
	Now      time.Time // for %{t}
}

// Outcome is the result of one check, and how it came about.
type Outcome struct {
	Result Result

	Domain string // whose record decided; empty if none was found
	Term   string // the term of that record which decided, as published; empty: none did
	Path   []Step // from the first record to the innermost term that matched

	Problem     string // with permerror and temperror: what went wrong, in plain words
	Explanation string // with fail: the domain's own words, hostile (RFC 7208 6.2)
	Lookups     int    // terms that asked the DNS, as far as the check went
	Voids       int    // lookups that found nothing
	Err         error  // with temperror: the *dnsrec.Error

	// LocalPart reports whether a term that was evaluated asks for the local part of
	// the sender (%{l} or %{s}, RFC 7208 7.2): the outcome holds for this one only.
	LocalPart bool

	Helo bool // the same for the HELO name (%{h})
}

// Step is one term on the path of a check.
type Step struct{ Domain, Term string }

func (s Step) String() string { return s.Domain + ": " + s.Term }

const (
	maxSender      = 512  // bytes of a sender or HELO name that are checked
	maxExplanation = 1024 // bytes of an explanation that are kept
)

// Check reports whether the host at ip may send for sender, an address; with an
// empty sender, as of bounces, for helo (RFC 7208 2.4).
func (c *Checker) Check(ctx context.Context, ip netip.Addr, helo, sender string) Outcome {
	e := &evaluation{checker: c, ctx: ctx}
	local, domain := senderParts(sender, helo)
	if a, _, err := dnsrec.ParseDomain(domain); err == nil && !ascii(domain) {
		domain = a // RFC 8616 4
	}
	e.values = values{
		ip: ip.Unmap().WithZone(""), local: local, sender: domain, helo: helo, // RFC 7208 5: mapped IPv4 is IPv4
		receiver: c.Receiver, now: c.Now, validated: e.validatedName,
	}
	if e.values.receiver == "" {
		e.values.receiver = unknownName
	}
	if !checkable(domain) || !ip.IsValid() || len(sender) > maxSender || len(helo) > maxSender {
		return Outcome{Result: None, Problem: fmt.Sprintf("%q is not a domain that can publish SPF", domain)}
	}
	v := e.host(dnsrec.Canonical(domain))
	return e.outcome(v)
}

// senderParts returns local part and domain of the sender (RFC 7208 4.3).
func senderParts(sender, helo string) (local, domain string) {
	at := strings.LastIndexByte(sender, '@')
	switch {
	case sender == "":
		local, domain = postmaster, helo
	case at < 0:
		local, domain = postmaster, sender
	default:
		local, domain = sender[:at], sender[at+1:]
	}
	if local == "" {
		local = postmaster
	}
	return local, domain
}

// checkable reports whether check_host may ask for this domain (RFC 7208 4.3).
func checkable(domain string) bool {
	name := strings.TrimSuffix(domain, ".")
	dot := strings.LastIndexByte(name, '.')
	return dot > 0 && askable(name) && topLabel(name[dot+1:])
}

// evaluation is the state of one check; one counter holds for all levels
// (RFC 7208 4.6.4).
type evaluation struct {
	checker *Checker
	ctx     context.Context
	values  values
	lookups int
	voids   int
	path    []Step
	inner   []Step   // the way to the match in the record last included
	ptr     []string // validated names of the address
	ptrDone bool
	ptrVoid bool
}

// verdict is what one record, or one term, leads to.
type verdict struct {
	result  Result
	record  *Record // whose exp holds
	domain  string
	term    string
	path    []Step
	problem string
	err     error
}

func (e *evaluation) outcome(v verdict) Outcome {
	o := Outcome{
		Result: v.result, Domain: v.domain, Term: v.term, Path: v.path, Problem: v.problem,
		Lookups: e.lookups, Voids: e.voids, Err: v.err, LocalPart: e.values.usedLocal, Helo: e.values.usedHelo,
	}
	if v.result == Fail && v.record != nil {
		o.Explanation = e.explain(v)
	}
	return o
}

// perm and temp are the verdicts that end a check.
func (e *evaluation) perm(format string, args ...any) *verdict {
	return &verdict{result: PermError, domain: e.values.domain, path: slices.Clone(e.path),
		problem: fmt.Sprintf(format, args...)}
}

func (e *evaluation) temp(err error) *verdict {
	return &verdict{result: TempError, domain: e.values.domain, path: slices.Clone(e.path),
		problem: err.Error(), err: err}
}

// host is check_host for one domain.
func (e *evaluation) host(domain string) verdict {
	outer := e.values.domain
	e.values.domain = domain
	defer func() { e.values.domain = outer }()
	p := fetch(e.ctx, e.checker.Resolver, domain)
	switch {
	case p.Err != nil:
		return *e.temp(p.Err) // RFC 7208 4.4
	case len(p.Records) == 0:
		if p.Void() {
			e.voids++
		}
		return verdict{result: None, domain: domain, path: slices.Clone(e.path)}
	case len(p.Records) > 1: // RFC 7208 4.5
		return *e.perm("%s has %d SPF records; only one is allowed", domain, len(p.Records))
	}
	rec := p.Records[0]
	if len(rec.Faults) > 0 { // RFC 7208 4.6
		v := e.perm("the record of %s is broken: %s", domain, rec.Faults[0].Problem)
		v.term = rec.Faults[0].Term
		return *v
	}
	return e.record(rec)
}

func (e *evaluation) record(rec *Record) verdict {
	domain := e.values.domain
	for _, t := range rec.Live() {
		e.path = append(e.path, Step{domain, t.Text})
		v := e.term(*t)
		if v != nil {
			if v.term == "" {
				v.term = t.Text
			}
			if v.record == nil && t.Kind != Redirect {
				v.record = rec
			}
			if v.path == nil {
				v.path = slices.Clone(e.path)
			}
		}
		e.path = e.path[:len(e.path)-1]
		if v != nil {
			return *v
		}
	}
	return verdict{result: Neutral, domain: domain, record: rec, path: slices.Clone(e.path)} // RFC 7208 4.7
}

// term evaluates one term; nil means it does not match.
func (e *evaluation) term(t Term) *verdict {
	if t.Kind.Lookup() {
		if e.lookups++; e.lookups > MaxLookups {
			return e.perm("more than %d terms ask the DNS (RFC 7208 4.6.4)", MaxLookups)
		}
	}
	target := e.target(t)
	var match bool
	var stop *verdict
	switch t.Kind {
	case All:
		match = true
	case IP4, IP6:
		match = t.Prefix.Contains(e.values.ip)
	case Include:
		match, stop = e.include(target)
	case Redirect:
		return e.redirect(target)
	case A:
		match, stop = e.addresses(target, t)
	case MX:
		match, stop = e.mx(target, t)
	case PTR:
		match, stop = e.pointer(target)
	case Exists:
		match, stop = e.exists(target)
	}
	switch {
	case stop == nil && e.voids > MaxVoids:
		return e.perm("more than %d lookups find nothing (RFC 7208 4.6.4)", MaxVoids)
	case stop != nil || !match:
		return stop
	}
	v := &verdict{result: t.Qualifier.Result(), domain: e.values.domain}
	if t.Kind == Include {
		v.path = e.inner
	}
	return v
}

// explain fetches the domain's own words on a fail; "" if there are none that
// can be used (RFC 7208 6.2).
func (e *evaluation) explain(v verdict) string {
	exp := v.record.find(Exp)
	if exp == nil {
		return ""
	}
	e.values.domain = v.domain
	target := fitName(e.values.expand(exp.Domain))
	if !askable(target) {
		return ""
	}
	a, err := e.checker.Resolver.Lookup(e.ctx, dnsrec.Q(target, dnsrec.TypeTXT))
	if err != nil || len(a.Values) != 1 {
		return ""
	}
	text := a.Values[0]
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return ""
		}
	}
	if checkMacros(text, true) != nil {
		return ""
	}
	text = e.values.expand(text)
	return text[:min(len(text), maxExplanation)]
}
