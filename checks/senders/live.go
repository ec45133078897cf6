package senders

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
)

// maxHosts bounds the addresses whose names are looked up.
const maxHosts = 200

// live is what the DNS says of a domain now; its zero value says nothing.
type live struct {
	ctx      context.Context
	dns      dnsrec.Resolver
	dmarc    *dmarc.Record
	tree     *spf.Tree
	networks []spf.Network
	changed  dnsrec.Resolver // with the changed SPF record; nil: none
	domain   string
	checked  map[netip.Addr]spf.Outcome
	hosts    map[netip.Addr]string
	record   string // the changed record
	notes    []string
}

// ErrNeedsLive is returned for a change of an SPF record without a resolver.
var ErrNeedsLive = errors.New("a change of the SPF record can only be tried with the DNS (--live)")

// ChangeError is returned for a change that cannot be made to an SPF record.
type ChangeError struct{ err error }

func (e *ChangeError) Error() string { return e.err.Error() }
func (e *ChangeError) Unwrap() error { return e.err }

// lookUp asks for the records of a domain. A resolver that fails leaves them
// unknown, but a change cannot be tried then.
func lookUp(ctx context.Context, opt *Options, domain string) (*live, error) {
	l := &live{ctx: ctx, dns: opt.Live, domain: domain, checked: map[netip.Addr]spf.Outcome{}, hosts: map[netip.Addr]string{}}
	changes := len(opt.With)+len(opt.Without) > 0
	if opt.Live == nil {
		if changes {
			return nil, ErrNeedsLive
		}
		return l, nil
	}
	if r := dmarc.Discover(ctx, opt.Live, domain); r.Tree.Found() && r.Tree.At == domain {
		l.dmarc = r.Tree.Record
	}
	if t := spf.Load(ctx, opt.Live, domain); t.Result() == spf.Pass && len(t.Everyone()) == 0 {
		l.tree = t
		l.networks, _ = t.Networks()
	} else {
		l.notes = append(l.notes, "The SPF record of "+domain+" could not be used to name sources: "+spfState(t)+".")
	}
	if changes {
		return l, l.change(opt)
	}
	return l, nil
}

// spfState says why a tree does not name sources.
func spfState(t *spf.Tree) string {
	switch r := t.Result(); r {
	case spf.TempError:
		return "the DNS did not answer"
	case spf.None:
		return "it has none"
	case spf.Pass:
		return "it lets everyone pass"
	default:
		return "receivers answer " + string(r)
	}
}

// change tries an SPF record with terms added and taken out.
func (l *live) change(opt *Options) error {
	if l.tree == nil {
		return fmt.Errorf("%s has no SPF record that works, so that no change can be tried (maildiag spf %s)", l.domain, l.domain)
	}
	var edits []spf.Edit
	for _, w := range opt.Without {
		terms := l.termsOf(w)
		if len(terms) == 0 {
			return &ChangeError{fmt.Errorf("the SPF record of %s has no term %q, and none of a sender of that name", l.domain, w)}
		}
		for _, t := range terms {
			edits = append(edits, spf.RemoveTerm(t))
		}
	}
	for _, w := range opt.With {
		edits = append(edits, spf.AddTerm(w))
	}
	text, err := spf.Apply(l.tree.Root.Records[0].Text, edits...)
	if err != nil {
		return &ChangeError{err}
	}
	l.record = text
	l.changed = spf.Overlay{Resolver: opt.Live, Name: dnsrec.Canonical(l.domain), Text: text}
	return nil
}

// termsOf finds terms of the record by their text, or by the sender that is
// included.
func (l *live) termsOf(what string) (terms []string) {
	for _, b := range l.tree.Root.Branches {
		s := spf.SenderOf(b.Target)
		if strings.EqualFold(b.Text, what) || b.Target != "" && s != nil && strings.Contains(strings.ToLower(s.Name), strings.ToLower(what)) {
			terms = append(terms, b.Text)
		}
	}
	return terms
}

// passes reports whether an address passes with the changed record. sure is false if
// that depends on what reports do not tell: the local part, or the HELO name.
func (l *live) passes(addr netip.Addr) (ok, sure bool) {
	out, known := l.checked[addr]
	if !known {
		c := spf.Checker{Resolver: l.changed}
		out = c.Check(l.ctx, addr, l.domain, "postmaster@"+l.domain)
		l.checked[addr] = out
	}
	return out.Result == spf.Pass, !out.LocalPart && !out.Helo
}

// covers returns the term that lets an address pass.
func (l *live) covers(addr netip.Addr) *spf.Branch {
	for _, n := range l.networks {
		if n.Result == spf.Pass && n.Prefix.Contains(addr) {
			return n.Source
		}
	}
	return nil
}

// host returns the name of an address whose own address it is, "" if it has
// none or is not asked for.
func (l *live) host(addr netip.Addr) string {
	if name, ok := l.hosts[addr]; ok || l.dns == nil || len(l.hosts) >= maxHosts {
		return name
	}
	l.hosts[addr] = ""
	a, err := l.dns.Lookup(l.ctx, dnsrec.Q(dnsrec.ReverseName(addr), dnsrec.TypePTR))
	if err != nil || len(a.Values) == 0 {
		return ""
	}
	t := dnsrec.TypeA
	if addr.Is6() {
		t = dnsrec.TypeAAAA
	}
	name := a.Values[0]
	if back, err := l.dns.Lookup(l.ctx, dnsrec.Q(name, t)); err == nil && slices.Contains(back.Values, addr.String()) {
		l.hosts[addr] = name
	}
	return l.hosts[addr]
}
