package dnsrec

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/net/publicsuffix"
)

// Sibling is a name beside another that nobody publishes: it has an answer only if
// a wildcard record makes it (RFC 4592 2.1.1).
func Sibling(name string) string {
	_, parent, _ := strings.Cut(name, ".")
	return "_maildiag-wildcard-test." + parent
}

// servedTypes are the types of records of hosts and domains for which Served asks.
var servedTypes = [...]Type{TypeMX, TypeTXT, TypeA, TypeAAAA}

// Served returns what a wildcard record gives a name that has no records of its own
// (RFC 4592 3.3.1): the answers with data, or one with the alias. It loses all of that
// with the first record at or below it. Served returns nothing if the name has records
// of its own, or if that is not known. A domain that was registered has some.
//
// A resolver with a method NoWildcard may say without a question that none is there. The
// types in first are asked first: their answers may be known.
func Served(ctx context.Context, r Resolver, name string, first ...Type) (given []Answer, err error) {
	if org, err := publicsuffix.EffectiveTLDPlusOne(name); err != nil || org == name {
		return nil, nil
	}
	if s, ok := r.(interface{ NoWildcard(name string) bool }); ok && s.NoWildcard(name) {
		return nil, nil
	}
	for i, t := range append(first, servedTypes[:]...) {
		is, err := r.Lookup(ctx, Query{name, t})
		if err == nil && !absent(is) {
			var other Answer
			if other, err = r.Lookup(ctx, Query{Sibling(name), t}); err == nil && (absent(other) || !sameData(is, other)) {
				return nil, nil
			}
		}
		switch {
		case KindOf(err) == KindMissing:
			return nil, err
		case err != nil || absent(is):
			return nil, nil
		case len(is.CNAMEs) > 0:
			return []Answer{is}, nil
		case len(is.Values) > 0 && i >= len(first):
			given = append(given, is)
		}
	}
	return given, nil
}

// absent reports whether an answer says that its name does not exist.
//
//go:noinline
func absent(a Answer) bool { return a.NXDomain() && len(a.CNAMEs) == 0 }

// sameData reports whether two names have the same alias, or the same records.
//
//go:noinline
func sameData(a, b Answer) bool {
	if len(a.CNAMEs)+len(b.CNAMEs) > 0 {
		return len(a.CNAMEs) > 0 && len(b.CNAMEs) > 0 && a.CNAMEs[0] == b.CNAMEs[0]
	}
	for _, v := range a.Values {
		if !slices.Contains(b.Values, v) {
			return false
		}
	}
	return len(a.Values) == len(b.Values)
}

// made are the names that a change makes exist, at which a wildcard record of the base may
// have answered: its own, and those above it (RFC 4592 2.2.2), but for a domain that was
// registered. If one is not served, those above it are not.
type made struct {
	typ    Type
	names  []string     // from the lowest on
	served atomic.Int32 // how many of them, and one; 0: not known
}

// makes notes the names that a change makes exist.
func (c *Changed) makes(name string, t Type) {
	name = strings.TrimPrefix(name, "*.") // that record is asked for by its name only
	org, err := publicsuffix.EffectiveTLDPlusOne(name)
	m := &made{typ: t}
	for ; err == nil && name != org; _, name, _ = strings.Cut(name, ".") {
		m.names = append(m.names, name)
	}
	if len(m.names) > 0 {
		c.made = append(c.made, m)
	}
}

// lost reports whether a name had its answers of the base from a wildcard record that no
// longer answers for it: a change makes a name exist that is the same, or above it.
//
//go:noinline
func (c *Changed) lost(ctx context.Context, name string) (bool, error) {
	for _, m := range c.made {
		if !Within(name, m.names[len(m.names)-1]) {
			continue
		}
		n, err := m.count(ctx, c.base)
		if err != nil {
			return false, err
		}
		if n > 0 && Within(name, m.names[n-1]) {
			return true, nil
		}
	}
	return false, nil
}

// count returns how many of the names the base serves by a wildcard record.
//
//go:noinline
func (m *made) count(ctx context.Context, base Resolver) (n int, err error) {
	if known := m.served.Load(); known > 0 {
		return int(known) - 1, nil
	}
	for ; n < len(m.names); n++ {
		given, err := Served(ctx, base, m.names[n], m.typ)
		if err != nil {
			return 0, err
		}
		if len(given) == 0 {
			break
		}
	}
	m.served.Store(int32(n) + 1)
	return n, nil
}

// Loses reports whether the changes take an answer of the base away, or may, because a
// wildcard record no longer gives it.
func (c *Changed) Loses(ctx context.Context, a *Answer) bool {
	if len(c.made) == 0 || len(a.Values)+len(a.CNAMEs) == 0 {
		return false
	}
	return c.gone(ctx, a.Name) || slices.ContainsFunc(a.CNAMEs, func(n string) bool { return c.gone(ctx, n) })
}

// gone is lost, also where that is not known yet.
//
//go:noinline
func (c *Changed) gone(ctx context.Context, name string) bool {
	lost, err := c.lost(ctx, name)
	return lost || err != nil
}

// ask asks the base, and leaves out what its wildcard records no longer give.
func (c *Changed) ask(ctx context.Context, q Query) (Answer, error) {
	a, err := c.base.Lookup(ctx, q)
	if len(c.made) == 0 || err == nil && len(a.Values)+len(a.CNAMEs) == 0 || err != nil && KindOf(err) != KindChain {
		return a, err
	}
	lost, missing := c.lost(ctx, q.Name)
	switch {
	case missing != nil:
		return Answer{Query: q}, missing
	case lost:
		return Answer{Query: q, Server: WhatIf, Rcode: "NXDOMAIN"}, nil
	}
	return a, err
}
