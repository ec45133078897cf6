package spf

import (
	"net/netip"
	"slices"
)

// Sample is an address that a tree speaks of, and the term it comes from.
type Sample struct {
	Addr   netip.Addr
	Source string  // the domain and the term
	By     *Branch // the term
}

// Compare returns the addresses that pass by one tree and not by the other: lost
// in after, and gained by it. It looks at the first and last address of every
// network in either tree. Terms that depend on the message are not compared,
// nor is the default of all.
func Compare(before, after *Tree) (lost, gained []Sample) {
	old, now := before.verdicts(), after.verdicts()
	return lacking(old, now), lacking(now, old)
}

// verdicts lists the networks of a tree; none if receivers answer permerror.
func (t *Tree) verdicts() []Network {
	if t.Result() == PermError {
		return nil
	}
	list, _ := t.Networks()
	return list
}

func lacking(from, in []Network) []Sample {
	var out []Sample
	for _, n := range from {
		for _, addr := range []netip.Addr{n.Prefix.Addr(), lastAddr(n.Prefix)} {
			if !passes(from, addr) || passes(in, addr) ||
				slices.ContainsFunc(out, func(s Sample) bool { return s.Addr == addr }) {
				continue
			}
			out = append(out, Sample{addr, n.Source.Node.Domain + ": " + n.Source.Text, n.Source})
		}
	}
	return out
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
