package spf

import (
	"net/netip"
	"slices"
)

// netIndex finds networks by what they hold. Records may list thousands: it asks
// once for each length of a prefix, not for each network.
type netIndex struct {
	places  map[netip.Prefix]int // of the first network of each prefix
	lengths []int                // of the prefixes
}

// newNetIndex returns the index of some networks of a list.
func newNetIndex(list []Network, use func(Network) bool) *netIndex {
	x := &netIndex{places: map[netip.Prefix]int{}}
	for i, n := range list {
		if _, ok := x.places[n.Prefix]; ok || !n.Prefix.IsValid() || !use(n) {
			continue
		}
		x.places[n.Prefix] = i
		if bits := n.Prefix.Bits(); !slices.Contains(x.lengths, bits) {
			x.lengths = append(x.lengths, bits)
		}
	}
	return x
}

// first returns the place of the first network in the list that holds a network,
// or -1.
func (x *netIndex) first(p netip.Prefix) int {
	found := -1
	for _, bits := range x.lengths {
		if bits > p.Bits() {
			continue
		}
		wide, err := p.Addr().Prefix(bits)
		if err != nil {
			continue
		}
		if i, ok := x.places[wide]; ok && (found < 0 || i < found) {
			found = i
		}
	}
	return found
}
