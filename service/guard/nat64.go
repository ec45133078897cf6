package guard

import (
	"context"
	"net/netip"
	"slices"

	"maildiag/dnsrec"
)

// The name that has no IPv6 address but the one that a NAT64 makes of its IPv4
// addresses. RFC 7050 2.2
const nat64Name = "ipv4only.arpa"

var nat64Known = []netip.Addr{netip.MustParseAddr("192.0.0.170"), netip.MustParseAddr("192.0.0.171")}

// nat64Bits are the lengths that a prefix of a NAT64 may have. RFC 6052 2.2
var nat64Bits = []int{96, 64, 56, 48, 40, 32}

// FindNAT64 asks for the prefixes with which the resolver's network reaches IPv4
// addresses by IPv6 (RFC 7050 3). The well-known prefix need not be found: it is
// no public address.
func FindNAT64(ctx context.Context, r dnsrec.Resolver) (prefixes []netip.Prefix) {
	answer, err := r.Lookup(ctx, dnsrec.Q(nat64Name, dnsrec.TypeAAAA))
	if err != nil {
		return nil
	}
	for _, v := range answer.Values {
		addr, err := netip.ParseAddr(v)
		if err != nil {
			continue
		}
		for _, bits := range nat64Bits {
			if slices.Contains(nat64Known, embedded(addr, bits)) {
				prefixes = append(prefixes, netip.PrefixFrom(addr, bits).Masked())
				break
			}
		}
	}
	return prefixes
}

// embedded returns the IPv4 address in an IPv6 address behind a prefix of that
// length. Byte 8 is left out. RFC 6052 2.2
func embedded(addr netip.Addr, bits int) netip.Addr {
	from := addr.As16()
	var v4 [4]byte
	at := bits / 8
	for i := range v4 {
		if at == 8 {
			at++
		}
		v4[i] = from[at]
		at++
	}
	return netip.AddrFrom4(v4)
}
