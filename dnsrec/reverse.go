package dnsrec

import (
	"net/netip"
	"strings"

	"github.com/miekg/dns"
)

// ReverseName returns the name that holds the PTR records of an address.
// RFC 1035 3.5, RFC 3596 2.5
func ReverseName(ip netip.Addr) string {
	name, _ := dns.ReverseAddr(ip.Unmap().WithZone("").String()) // an address is one without an error
	return strings.TrimSuffix(name, ".")
}
