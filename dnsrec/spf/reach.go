package spf

import (
	"net/netip"
	"slices"
	"sort"

	"maildiag/dnsrec"
)

// Reach is one way from a domain's record to an included name.
type Reach struct {
	Path []*Branch // from the root's term to the include of the name

	// Result is what the domain's record says about hosts that the included
	// record passes: that of the outermost include's qualifier, as long as all
	// within it pass (RFC 7208 5.2); Neutral if it has no effect.
	Result Result
}

// Direct reports whether the domain's own record includes the name.
func (r Reach) Direct() bool { return len(r.Path) == 1 && r.Path[0].Kind == Include }

// Redirected reports whether the way leads through a redirect of the domain's own
// record.
func (r Reach) Redirected() bool { return r.Path[0].Kind == Redirect }

// Reaches returns the ways to an included name, those that pass and are short
// first; none if the tree does not lead there.
func (t *Tree) Reaches(name string) []Reach {
	name = dnsrec.Canonical(name)
	var ways []Reach
	t.Walk(func(b *Branch) bool {
		if (b.Kind == Include || b.Kind == Redirect) && b.Target == name {
			ways = append(ways, reach(b))
		}
		return true
	})
	sort.SliceStable(ways, func(i, j int) bool {
		a, b := ways[i], ways[j]
		if (a.Result == Pass) != (b.Result == Pass) {
			return a.Result == Pass
		}
		return len(a.Path) < len(b.Path)
	})
	return ways
}

func reach(b *Branch) Reach {
	r := Reach{Result: Pass}
	for ; b != nil; b = b.Node.Parent {
		r.Path = append(r.Path, b)
		r.Result = b.through(r.Result)
	}
	slices.Reverse(r.Path)
	return r
}

// through returns the effect of the inner record's result at this term.
func (b *Branch) through(inner Result) Result {
	switch {
	case b.Kind == Redirect:
		return inner
	case inner == Pass:
		return b.Qualifier.Result()
	}
	return Neutral
}

// Network is one range of addresses that a tree speaks of.
type Network struct {
	Prefix netip.Prefix
	Result Result  // for hosts in it, as far as no earlier term matches
	Source *Branch // the term it comes from
}

// Networks lists the ranges behind all terms, in the order of evaluation, and
// the terms that stand for no list: ptr, exists, macros and what did not
// answer. The terms all are left out.
func (t *Tree) Networks() (list []Network, open []*Branch) {
	t.Walk(func(b *Branch) bool {
		result := b.Result()
		switch b.Kind {
		case IP4, IP6:
			list = append(list, Network{b.Prefix.Masked(), result, b})
		case A, MX:
			for _, addr := range b.Addrs {
				bits := b.Bits4
				if addr.Is6() {
					bits = b.Bits6
				}
				list = append(list, Network{netip.PrefixFrom(addr, bits).Masked(), result, b})
			}
		case PTR, Exists:
			open = append(open, b)
		case Include, Redirect:
			if b.Child == nil && b.State != StateLoop {
				open = append(open, b)
			}
		}
		switch b.State {
		case StateDynamic, StateTemp:
			if b.Kind == A || b.Kind == MX {
				open = append(open, b)
			}
		}
		return true
	})
	return list, open
}

// Result returns what the root's record says of a host that this term matches.
func (b *Branch) Result() Result {
	r := b.Qualifier.Result()
	for p := b.Node.Parent; p != nil; p = p.Node.Parent {
		r = p.through(r)
	}
	return r
}

// Everyone returns the terms by which the whole Internet passes: +all, and
// networks of the size of the address space, in the domain's own record or in
// one that it includes.
func (t *Tree) Everyone() []*Branch {
	var found []*Branch
	t.Walk(func(b *Branch) bool {
		if b.Open() && b.Result() == Pass {
			found = append(found, b)
		}
		return true
	})
	return found
}

// Open reports whether the term matches every host, or nearly.
func (b *Branch) Open() bool {
	const half = 1
	switch b.Kind {
	case All:
		return true
	case IP4, IP6:
		return b.Prefix.Bits() <= half
	case A, MX:
		return (b.Bits4 <= half || b.Bits6 <= half) && len(b.Addrs) > 0
	}
	return false
}

// Covers returns the first term that lets all of p pass, other than those that
// let everyone pass; nil if none does alone.
func (t *Tree) Covers(p netip.Prefix) *Branch {
	list, _ := t.Networks()
	for _, n := range list {
		if n.Result == Pass && !n.Source.Open() && n.Prefix.Bits() <= p.Bits() && n.Prefix.Contains(p.Addr()) {
			return n.Source
		}
	}
	return nil
}
