package spf

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"

	other "blitiri.com.ar/go/spf"

	"maildiag/dnsrec"
)

// otherDNS lets the other library ask our zone, as Go's own resolver would
// answer: what is not there is an error.
type otherDNS struct{ f *fakeDNS }

func (o otherDNS) ask(ctx context.Context, name string, t dnsrec.Type) ([]string, error) {
	a, err := o.f.Lookup(ctx, dnsrec.Q(name, t))
	switch {
	case err != nil:
		return nil, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
	case len(a.Values) == 0:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	return a.Values, nil
}

func (o otherDNS) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return o.ask(ctx, name, dnsrec.TypeTXT)
}

func (o otherDNS) LookupMX(ctx context.Context, name string) (list []*net.MX, err error) {
	values, err := o.ask(ctx, name, dnsrec.TypeMX)
	for _, host := range byPreference(values) {
		list = append(list, &net.MX{Host: host})
	}
	return list, err
}

func (o otherDNS) LookupIPAddr(ctx context.Context, name string) (list []net.IPAddr, err error) {
	var last error
	for _, t := range []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA} {
		values, err := o.ask(ctx, name, t)
		last = err
		for _, v := range values {
			list = append(list, net.IPAddr{IP: net.ParseIP(v)})
		}
	}
	if len(list) > 0 {
		last = nil
	}
	return list, last
}

func (o otherDNS) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ip := netip.MustParseAddr(addr)
	parts := strings.Split(dotted(ip), ".")
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	zone := ".in-addr.arpa"
	if ip.Is6() {
		zone = ".ip6.arpa"
	}
	return o.ask(ctx, strings.Join(parts, ".")+zone, dnsrec.TypePTR)
}

// differs compares one check with the other library's; it gives "" if the
// results are the same, or differ for a reason that is known.
func differs(f *fakeDNS, ip netip.Addr, helo, sender string) string {
	ours := (&Checker{Resolver: f}).Check(context.Background(), ip, helo, sender)
	theirs, err := other.CheckHostWithSender(ip.AsSlice(), helo, sender, other.WithResolver(otherDNS{f}))
	if string(ours.Result) == string(theirs) || explained(ours, err) {
		return ""
	}
	return fmt.Sprintf("%s %s: ours %s by %q (%s, %d lookups, %d voids), theirs %s (%v)", ip, sender,
		ours.Result, ours.Term, ours.Problem, ours.Lookups, ours.Voids, theirs, err)
}

// explained lists why the other library may say something else.
func explained(ours Outcome, theirs error) bool {
	switch {
	case ours.Result == PermError && strings.Contains(ours.Problem, "is broken"):
		// It reads terms one by one and stops at a match; RFC 7208 4.6 wants
		// syntax errors found anywhere in the record.
		return true
	case ours.Result == PermError && strings.Contains(ours.Problem, "find nothing"):
		// Through Go's resolver it asks for both kinds of addresses at once, so
		// a host without AAAA is not void to it when the sender is at an IPv6
		// address, and it does not count the hosts of mx. RFC 7208 5 asks for
		// the one kind, and 4.6.4 counts what finds nothing.
		return true
	case errors.Is(theirs, other.ErrVoidLookupLimitReached) && ours.Result != None:
		// It counts an include of a name that holds nothing as well, and PTR
		// names that do not lead back.
		return true
	}
	return false
}

func TestAgainstOtherLibrary(t *testing.T) {
	n := 10000
	if testing.Short() {
		n = 1000
	}
	for _, g := range []*generator{{full: true}, {}, {faults: true}, {full: true, faults: true}} {
		g.r = rand.New(rand.NewPCG(7208, 1))
		results, bad := map[Result]int{}, 0
		for range n {
			f := g.world()
			ip := netip.MustParseAddr(g.pick("192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::1", "2001:db8::9"))
			results[(&Checker{Resolver: f}).Check(context.Background(), ip, "h.test", "user@n0.test").Result]++
			if d := differs(f, ip, "h.test", "user@n0.test"); d != "" {
				if bad++; bad < 4 {
					t.Errorf("%s\n%s", d, f.dump())
				}
			}
		}
		t.Logf("%d worlds, full %v, faults %v: %d unexplained differences; results %v", n, g.full, g.faults, bad, results)
		if bad > 0 || len(results) < 6 {
			t.Errorf("%d unexplained differences; results %v", bad, results)
		}
	}
}

func (f *fakeDNS) dump() string {
	var b strings.Builder
	for q, v := range f.values {
		fmt.Fprintf(&b, "  %s %q\n", q, v)
	}
	return b.String()
}
