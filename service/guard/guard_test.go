package guard

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/service/limit"
	"maildiag/smtpprobe"
)

// Every block of the IANA special-purpose registries, its first and last
// address, and the addresses that carry an IPv4 address in them.
func TestPermitSpecial(t *testing.T) {
	blocks := []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
		"::/128", "::1/128", "::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001::/32",
		"2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
		"5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "::ffff:0:0:0/96",
	}
	d := &Dialer{}
	for _, b := range blocks {
		p := netip.MustParsePrefix(b)
		for _, addr := range []netip.Addr{p.Masked().Addr(), last(p)} {
			for _, port := range Ports {
				if d.Permit(netip.AddrPortFrom(addr, port)) == nil {
					t.Errorf("%s of %s is permitted", addr, b)
				}
			}
		}
	}
	for _, a := range []string{"2a01:1:2:3:0:5efe:10.0.0.1", "2a01:1:2:3:200:5efe:a00:1", "fe80::1%eth0", "2a01::1%eth0", "::ffff:8.8.8.8"} {
		if d.Permit(netip.AddrPortFrom(netip.MustParseAddr(a), 25)) == nil {
			t.Errorf("%s is permitted", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "52.96.0.1", "2a01:111:f403::1", "2603:1036::2"} {
		if err := d.Permit(netip.AddrPortFrom(netip.MustParseAddr(a), 587)); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func TestPermitPortsAllowOwn(t *testing.T) {
	public := netip.MustParseAddr("8.8.8.8")
	d := &Dialer{Allow: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")},
		Own: func() []netip.Addr { return []netip.Addr{netip.MustParseAddr("9.9.9.9")} }}
	for _, port := range []uint16{0, 22, 53, 80, 2525, 8080, 65535} {
		if d.Permit(netip.AddrPortFrom(public, port)) == nil {
			t.Errorf("port %d is permitted", port)
		}
	}
	for addr, want := range map[string]bool{"10.1.2.3": true, "10.2.0.1": false, "9.9.9.9": false, "8.8.8.8": true} {
		if err := d.Permit(netip.AddrPortFrom(netip.MustParseAddr(addr), 443)); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// What a NAT64 of this network would translate to a private address is refused,
// whatever the length of its prefix.
func TestNAT64(t *testing.T) {
	for prefix, addrs := range map[string][2]string{ // one with 10.0.0.1 in it, one with 8.8.8.8
		"2a01:db8::/32":         {"2a01:db8:a00:1::", "2a01:db8:808:808::"},
		"2a01:db8:100::/40":     {"2a01:db8:10a:0:1::", "2a01:db8:108:808:8::"},
		"2a01:db8:122::/48":     {"2a01:db8:122:a00:0:100::", "2a01:db8:122:808:8:800::"},
		"2a01:db8:122:300::/56": {"2a01:db8:122:30a:0:1::", "2a01:db8:122:308:8:808::"},
		"2a01:db8:122:344::/64": {"2a01:db8:122:344:a:0:100:0", "2a01:db8:122:344:8:808:800:0"},
		"2a01:db8:122:344::/96": {"2a01:db8:122:344::a00:1", "2a01:db8:122:344::808:808"},
	} {
		d := &Dialer{NAT64: []netip.Prefix{netip.MustParsePrefix(prefix)}}
		for i, addr := range addrs {
			if err := d.Permit(netip.AddrPortFrom(netip.MustParseAddr(addr), 25)); (err == nil) != (i == 1) {
				t.Errorf("%s behind %s: %v", addr, prefix, err)
			}
		}
	}
}

type fixed []string

func (f fixed) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: f}, nil
}

func TestFindNAT64(t *testing.T) {
	for addr, want := range map[string]string{
		"2a01:db8:c000:aa::":             "2a01:db8::/32",
		"2a01:db8:122:344::c000:aa":      "2a01:db8:122:344::/96",
		"2a01:db8:122:344:c0:0:aa00:0":   "2a01:db8:122:344::/64",
		"2a01:db8:122:344:c0:0:bb00:0":   "",
		"64:ff9b::c000:ab":               "64:ff9b::/96",
		"nonsense":                       "",
		"2a01:db8:122:3c0::aa:0:0:0:0:0": "",
	} {
		got := FindNAT64(t.Context(), fixed{addr})
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].String() != want) {
			t.Errorf("%s: %v, want %q", addr, got, want)
		}
	}
}

// Names, and addresses in any other spelling than their own, are not dialed.
func TestDialRefuses(t *testing.T) {
	d := &Dialer{}
	for _, to := range []string{"localhost:587", "127.1:587", "2130706433:587", "0x7f.1:587", "mail.example:25", "unix:/x", "",
		"[::1]:587", "127.0.0.1:587", "0.0.0.0:443", "[::ffff:127.0.0.1]:465"} {
		c, err := d.DialContext(t.Context(), "tcp", to)
		var refused *Error
		if c != nil || !errors.As(err, &refused) || !errors.Is(err, syscall.EPERM) {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestDialIsCounted(t *testing.T) {
	hosts := limit.NewHosts(1, 100)
	leave, err := hosts.Enter(netip.MustParseAddr("127.0.0.1"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	d := &Dialer{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Hosts: hosts}
	if _, err := d.DialContext(t.Context(), "tcp", "127.0.0.1:587"); !errors.As(err, new(*Error)) {
		t.Errorf("a second connection at once: %v", err)
	}
}

// A refusal of the guard is told as one, never as a firewall's or the server's.
func TestRefusalIsDeclined(t *testing.T) {
	for _, addr := range []string{"10.0.0.1:587", "127.0.0.1:25", "[fd00::1]:465", "169.254.169.254:443", "192.0.2.1:22", "name.test:25"} {
		_, err := (&Dialer{}).DialContext(t.Context(), "tcp", addr)
		var declined smtpprobe.Declined
		if !errors.As(err, &declined) || declined.Declined() == "" {
			t.Errorf("%s: %v", addr, err)
		}
	}
	s := smtpprobe.Probe(t.Context(), &Dialer{}, smtpprobe.Config{Host: "smtp.office365.com", Address: "10.0.0.1", Port: 587})
	if st := s.Find(smtpprobe.PhaseConnect); st == nil || st.Err == nil || st.Err.Class != smtpprobe.ClassDeclined {
		t.Errorf("%+v", st)
	}
}
