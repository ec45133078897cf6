package spf

import (
	"net/netip"
	"slices"
	"strings"
)

// Sample is an address that a tree speaks of, and the term it comes from. It is
// not valid where the term authorizes hosts that it does not list.
type Sample struct {
	Addr   netip.Addr
	Source string  // the domain and the term
	By     *Branch // the term
}

// Compare returns the addresses that pass by one tree and not by the other: lost
// in after, and gained by it. It looks at the first and last address of every
// network in either tree, and at the terms whose hosts are not listed: ptr,
// exists, macros, and what lets everyone pass. Terms that receivers do not come to
// because they give up before, count for nothing.
func Compare(before, after *Tree) (lost, gained []Sample) {
	old, now := before.verdicts(), after.verdicts()
	return lacking(old, now), lacking(now, old)
}

// verdicts is what receivers come to in a tree.
type verdicts struct {
	networks []Network
	unlisted []*Branch // terms that let hosts pass which they do not list
}

// verdicts lists what receivers come to.
func (t *Tree) verdicts() (v verdicts) {
	reached := t.reached()
	list, open := t.Networks()
	for _, n := range list {
		if reached(n.Source) {
			v.networks = append(v.networks, n)
		}
	}
	for _, b := range append(open, t.Everyone()...) {
		if b.State != StateNothing && b.Result() == Pass && reached(b) {
			v.unlisted = append(v.unlisted, b)
		}
	}
	return v
}

// Opens reports whether everyone passes by a term that receivers come to.
func (t *Tree) Opens() bool { return slices.ContainsFunc(t.Everyone(), t.reached()) }

// Passes reports whether receivers come to an include of a name that lets its hosts
// pass, before they give up.
func (t *Tree) Passes(name string) bool {
	reached := t.reached()
	return slices.ContainsFunc(t.Reaches(name), func(r Reach) bool { return r.Result == Pass && reached(r.Path[len(r.Path)-1]) })
}

// Stop returns the term at which receivers give up that have found no match before
// it (RFC 7208 4.6.4, 5.2); nil if there is none.
func (t *Tree) Stop() (end *Branch) {
	voids := 0
	t.Walk(func(b *Branch) bool {
		if b.Child == nil {
			voids += b.Voids
		}
		if b.State.Permanent() || b.TooMany() || voids > MaxVoids {
			end = b
		}
		return end == nil
	})
	return end
}

// TooMany reports whether receivers that come to the term give up at it, because it
// is one lookup too many (RFC 7208 4.6.4).
func (b *Branch) TooMany() bool { return b.over(0) }

// over is TooMany where some lookups more come before the term.
func (b *Branch) over(more int) bool { return b.LookupsBefore+b.Lookups+more > MaxLookups }

// CutOff returns the terms by which hosts pass, and that receivers no longer come to
// if some lookups more stand before all terms.
func (t *Tree) CutOff(more int) (terms []*Branch) {
	var end *Branch
	t.Walk(func(b *Branch) bool {
		if b.over(more) {
			end = b
		}
		return end == nil
	})
	if end == nil {
		return nil
	}
	v := t.verdicts()
	for _, n := range v.networks {
		kept := func(o Network) bool {
			return o.Source.before(end) && o.Result == Pass && o.Prefix.Bits() <= n.Prefix.Bits() && o.Prefix.Contains(n.Prefix.Addr())
		}
		if n.Result == Pass && !slices.ContainsFunc(v.networks, kept) {
			terms = append(terms, n.Source)
		}
	}
	for _, b := range v.unlisted {
		if !b.before(end) {
			terms = append(terms, b)
		}
	}
	return terms
}

// Withheld returns the includes of the owner's record whose sign keeps the hosts that
// they list from passing (RFC 7208 4.6.2), and that have no other way to pass.
func (t *Tree) Withheld() (includes []*Branch) {
	for _, b := range t.Owned().Branches {
		if b.Kind != Include || b.Qualifier == '+' || b.Child == nil || b.State != StateGood || t.Reaches(b.Target)[0].Result == Pass {
			continue
		}
		if list, open := (&Tree{Root: b.Child}).Networks(); len(list)+len(open) > 0 {
			includes = append(includes, b)
		}
	}
	return includes
}

// reached returns a function that reports whether receivers come to a term: they
// give up at the first fault, and come to none if they cannot read the record.
func (t *Tree) reached() func(*Branch) bool {
	if len(t.Root.Records) != 1 || len(t.Root.Records[0].Faults) > 0 {
		return func(*Branch) bool { return false }
	}
	end := t.Stop()
	return func(b *Branch) bool { return end == nil || b.before(end) }
}

// before reports whether receivers come to b before they come to another term of
// the tree.
func (b *Branch) before(o *Branch) bool {
	way, other := b.places(), o.places()
	for i := range min(len(way), len(other)) {
		if way[i] != other[i] {
			return way[i] < other[i]
		}
	}
	return len(way) < len(other)
}

// places are the places of the terms that lead to b, from the root.
func (b *Branch) places() (at []int) {
	for ; b != nil; b = b.Node.Parent {
		at = append(at, slices.Index(b.Node.Branches, b))
	}
	slices.Reverse(at)
	return at
}

func lacking(from, in verdicts) (out []Sample) {
	sample := func(addr netip.Addr, b *Branch) Sample { return Sample{addr, b.Node.Domain + ": " + b.Text, b} }
	for _, n := range from.networks {
		for _, addr := range []netip.Addr{n.Prefix.Addr(), lastAddr(n.Prefix)} {
			if !passes(from.networks, addr) || in.everyone() || passes(in.networks, addr) ||
				slices.ContainsFunc(out, func(s Sample) bool { return s.Addr == addr }) {
				continue
			}
			out = append(out, sample(addr, n.Source))
		}
	}
	for _, b := range from.unlisted {
		if !in.everyone() && !slices.ContainsFunc(in.unlisted, b.alike) {
			out = append(out, sample(netip.Addr{}, b))
		}
	}
	return out
}

// everyone reports whether a term lets everyone pass.
func (v verdicts) everyone() bool { return slices.ContainsFunc(v.unlisted, (*Branch).Open) }

// alike reports whether another term authorizes the same hosts.
func (b *Branch) alike(o *Branch) bool {
	follows := func(k Kind) bool { return k == Include || k == Redirect }
	return (b.Kind == o.Kind || follows(b.Kind) && follows(o.Kind)) && strings.EqualFold(b.Domain, o.Domain) && (b.Domain != "" && !b.Macros() || b.Node.Domain == o.Node.Domain)
}

// passes reports whether the first network that holds addr passes.
func passes(list []Network, addr netip.Addr) bool {
	i := slices.IndexFunc(list, func(n Network) bool { return n.Result != Neutral && n.Prefix.Contains(addr) })
	return i >= 0 && list[i].Result == Pass
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
