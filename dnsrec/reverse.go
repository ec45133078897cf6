package dnsrec

import (
	"fmt"
	"net/netip"
	"strings"
)

// ReverseName returns the name that holds the PTR records of an address.
// RFC 1035 3.5, RFC 3596 2.5
func ReverseName(ip netip.Addr) string {
	ip = ip.Unmap()
	if ip.Is4() {
		b := ip.As4()
		return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0])
	}
	const hex = "0123456789abcdef"
	var s strings.Builder
	b := ip.As16()
	for i := len(b) - 1; i >= 0; i-- {
		s.WriteByte(hex[b[i]&15])
		s.WriteByte('.')
		s.WriteByte(hex[b[i]>>4])
		s.WriteByte('.')
	}
	return s.String() + "ip6.arpa"
}
