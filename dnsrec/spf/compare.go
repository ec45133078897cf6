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
func (t *Tree) verdicts() verdicts { return t.verdictsOf(t.reached()) }

// verdictsOf lists what some terms of a tree come to.
func (t *Tree) verdictsOf(reached func(*Branch) bool) (v verdicts) {
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

// Comes reports whether receivers come to a term: not if they discard the record, or
// give up before.
func (t *Tree) Comes(b *Branch) bool { return t.reached()(b) }

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
func (b *Branch) TooMany() bool { return b.LookupsBefore+b.Lookups > MaxLookups }

// CutOff returns the terms by which hosts pass, and that receivers no longer come to
// if an include moves to the front and some terms go, whose hosts pass in another way.
func (t *Tree) CutOff(first *Branch, gone ...*Branch) (terms []*Branch) {
	kept, now := t.keptBy(first, gone), t.verdicts()
	after := t.verdictsOf(func(b *Branch) bool { return kept[b] })
	covered, listed := newNetIndex(after.networks, func(n Network) bool { return n.Result == Pass }), after.names()
	for _, n := range now.networks {
		if n.Result == Pass && !kept[n.Source] && !Unroutable(n.Prefix.Addr()) && covered.first(n.Prefix) < 0 {
			terms = append(terms, n.Source)
		}
	}
	for _, b := range now.unlisted {
		if !kept[b] && !listed[b.name()] {
			terms = append(terms, b)
		}
	}
	return slices.Compact(terms) // a term may have several networks
}

// keptBy returns the terms that receivers come to after the changes of CutOff, and
// those that the changes take away.
func (t *Tree) keptBy(first *Branch, gone []*Branch) map[*Branch]bool {
	kept := map[*Branch]bool{}
	for _, b := range append(slices.Clone(gone), first) {
		kept[b] = true
		if b.Child != nil {
			(&Tree{Root: b.Child}).Walk(func(below *Branch) bool { kept[below] = true; return true })
		}
	}
	lookups := first.Total
	t.Walk(func(b *Branch) bool {
		switch {
		case b == first && b.Node != t.Owned(): // it is read again where it stands
			lookups += first.Total
		case !kept[b]:
			lookups += b.Lookups
			kept[b] = lookups <= MaxLookups
		}
		return lookups <= MaxLookups
	})
	return kept
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
	end, read := t.Stop(), map[*Branch]bool{}
	t.Walk(func(b *Branch) bool {
		read[b] = b != end
		return b != end
	})
	return func(b *Branch) bool { return read[b] }
}

func lacking(from, in verdicts) (out []Sample) {
	if in.everyone() {
		return nil
	}
	sample := func(addr netip.Addr, b *Branch) Sample { return Sample{addr, b.Node.Domain + ": " + b.Text, b} }
	passedFrom, passedIn, seen := from.passing(), in.passing(), map[netip.Addr]bool{}
	for _, n := range from.networks {
		for _, addr := range []netip.Addr{n.Prefix.Addr(), lastAddr(n.Prefix)} {
			if !seen[addr] && passedFrom(addr) && !passedIn(addr) {
				out = append(out, sample(addr, n.Source))
			}
			seen[addr] = true
		}
	}
	listed := in.names()
	for _, b := range from.unlisted {
		if !listed[b.name()] {
			out = append(out, sample(netip.Addr{}, b))
		}
	}
	return out
}

// everyone reports whether a term lets everyone pass.
func (v verdicts) everyone() bool { return slices.ContainsFunc(v.unlisted, (*Branch).Open) }

// names returns the names of the terms that list no hosts.
func (v verdicts) names() map[string]bool {
	names := map[string]bool{}
	for _, b := range v.unlisted {
		names[b.name()] = true
	}
	return names
}

// passing returns a function that reports whether the first network that holds an
// address passes.
func (v verdicts) passing() func(netip.Addr) bool {
	index := newNetIndex(v.networks, func(n Network) bool { return n.Result != Neutral })
	return func(addr netip.Addr) bool {
		i := index.first(netip.PrefixFrom(addr, addr.BitLen()))
		return i >= 0 && v.networks[i].Result == Pass
	}
}

// name returns the same for terms that authorize the same hosts.
func (b *Branch) name() string {
	kind, node := b.Kind, ""
	if kind == Redirect {
		kind = Include
	}
	if b.Domain == "" || b.Macros() {
		node = b.Node.Domain
	}
	return strings.Join([]string{kind.String(), strings.ToLower(b.Domain), node}, " ")
}

func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
