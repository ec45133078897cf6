package dnsrec_test

import (
	"net/netip"
	"testing"

	"maildiag/dnsrec"
)

func TestFault_180_to_182_Public(t *testing.T) {
	forbidden := []string{"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254",
		"172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1",
		"192.168.1.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
		"::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:10::1",
		"2001:20::1", "2001:db8::1", "2002:7f00:1::", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1",
		"fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2600::5efe:127.0.0.1", "2600::200:5efe:10.0.0.1"}
	for _, a := range forbidden {
		if dnsrec.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "52.101.40.1", "2a01:111:f400::1", "2606:4700::1111", "172.32.0.1", "100.128.0.1"} {
		if !dnsrec.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as not public", a)
		}
	}
	if dnsrec.Public(netip.Addr{}) || dnsrec.Documentation(netip.Addr{}) {
		t.Error("the zero address counts as public")
	}
}

func TestDocumentation(t *testing.T) {
	for _, a := range []string{"192.0.2.1", "198.51.100.255", "203.0.113.9", "2001:db8::1", "3fff::1"} {
		if !dnsrec.Documentation(netip.MustParseAddr(a)) {
			t.Errorf("%s is not for documentation", a)
		}
	}
	for _, a := range []string{"192.0.3.1", "8.8.8.8", "10.0.0.1", "::ffff:192.0.2.1", "2001:db9::1"} {
		if dnsrec.Documentation(netip.MustParseAddr(a)) {
			t.Errorf("%s is for documentation", a)
		}
	}
}
