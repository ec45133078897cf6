package dnsrec

import (
	"errors"
	"net/netip"
	"slices"
)

// special lists the address blocks that are not for hosts on the public
// Internet, by the IANA special-purpose registries (as of 2026-11), with the
// multicast and reserved blocks. Blocks that carry an IPv4 address inside an
// IPv6 one are here as a whole: no web server needs to be reached that way.
var special = prefixes(
	// IPv4
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/4", "240.0.0.0/4",
	// IPv6 outside global unicast: unspecified, loopback, mapped, compatible,
	// NAT64, discard-only, unique local, link-local, site-local, multicast
	"::/3", "4000::/2", "8000::/1",
	// IPv6 inside global unicast: IETF protocols with Teredo and ORCHID,
	// documentation, 6to4, AS112, documentation again
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
)

func prefixes(texts ...string) []netip.Prefix {
	ps := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		ps[i] = netip.MustParsePrefix(t)
	}
	return ps
}

// isatap is the start of the interface identifier of ISATAP addresses, which
// hold an IPv4 address in their last four bytes. RFC 5214 6.1
var isatap = [2][4]byte{{0x00, 0x00, 0x5e, 0xfe}, {0x02, 0x00, 0x5e, 0xfe}}

// documentation lists the blocks for examples: RFC 5737 3, RFC 3849, RFC 9637.
var documentation = prefixes("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")

// Documentation reports whether addr is one of those that only examples use.
func Documentation(addr netip.Addr) bool { return within(addr, documentation) }

func within(addr netip.Addr, blocks []netip.Prefix) bool {
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Contains(addr.WithZone("")) })
}

// ErrNotPublic is returned where a name server is not asked, because its address is not
// a public one: a delegation must not lead into the local network.
var ErrNotPublic = errors.New("the name server's address is not a public one; it is not asked")

// Public reports whether addr is the address of a host on the public Internet.
func Public(addr netip.Addr) bool {
	if addr.Is4In6() || within(addr, special) {
		return false
	}
	if addr.Is6() {
		b := addr.As16()
		id := [4]byte(b[8:12])
		return id != isatap[0] && id != isatap[1]
	}
	return addr.IsValid()
}
