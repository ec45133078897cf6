package spf

import (
	"net/netip"
	"slices"
)

// KnownNetwork reports whether a network lies within those that Microsoft 365
// publishes for its own servers. However large it is, it is not too wide.
func KnownNetwork(p netip.Prefix) bool {
	return slices.ContainsFunc(microsoft(), func(own netip.Prefix) bool {
		return own.Bits() <= p.Bits() && own.Contains(p.Addr())
	})
}

// microsoft returns the networks of spf.protection.outlook.com.
func microsoft() []netip.Prefix {
	texts := []string{
		"40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/15", "52.102.0.0/16", "52.103.0.0/17", "104.47.0.0/17",
		"2a01:111:f400::/48", "2a01:111:f403::/48",
	}
	nets := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		nets[i] = netip.MustParsePrefix(t)
	}
	return nets
}
