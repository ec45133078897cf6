package spf

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"maildiag/dnsrec"
)

// generator makes worlds of SPF records by the grammar, now and then with a
// fault.
type generator struct {
	r      *rand.Rand
	faults bool // broken terms
	full   bool // every name has all that can be asked for, so that no lookup is void
}

const genNames = 8 // n0.test to n7.test

func (g *generator) pick(of ...string) string { return of[g.r.IntN(len(of))] }

// name returns one of the names; one of them does not exist, unless g.full.
func (g *generator) name() string {
	if g.full {
		return fmt.Sprintf("n%d.test", g.r.IntN(genNames))
	}
	return fmt.Sprintf("n%d.test", g.r.IntN(genNames+1))
}

func (g *generator) addr() string { return fmt.Sprintf("192.0.2.%d", g.r.IntN(4)) }

// world makes a zone; n0.test is where evaluation starts.
func (g *generator) world() *fakeDNS {
	f := newFake()
	for i := range genNames {
		name := fmt.Sprintf("n%d.test", i)
		f.exists(name)
		if g.full {
			f.add(name, dnsrec.TypeAAAA, "2001:db8:1::1")
			f.add(name, dnsrec.TypeA, "203.0.113.1")
			f.add(name, dnsrec.TypeMX, "20 "+name)
		}
		for range g.r.IntN(3) {
			f.add(name, dnsrec.TypeA, g.addr())
		}
		if g.r.IntN(3) == 0 {
			f.add(name, dnsrec.TypeAAAA, fmt.Sprintf("2001:db8::%d", g.r.IntN(4)))
		}
		for j := range g.r.IntN(3) {
			f.add(name, dnsrec.TypeMX, fmt.Sprintf("%d %s", 10*j, g.name()))
		}
		if g.r.IntN(10) > 0 {
			f.add(name, dnsrec.TypeTXT, g.record())
		}
		if g.r.IntN(40) == 0 {
			f.add(name, dnsrec.TypeTXT, g.record())
		}
		if g.r.IntN(5) == 0 {
			f.add(name, dnsrec.TypeTXT, "some other text")
		}
		f.add(fmt.Sprintf("%d.2.0.192.in-addr.arpa", i%4), dnsrec.TypePTR, name)
	}
	f.add("192.0.2.1.x.test", dnsrec.TypeA, "127.0.0.2")
	f.add("user.x.test", dnsrec.TypeA, "127.0.0.2")
	return f
}

func (g *generator) record() string {
	terms := []string{g.pick("v=spf1", "v=spf1", "v=spf1", "V=SPF1")}
	for range g.r.IntN(6) {
		terms = append(terms, g.term())
	}
	switch g.r.IntN(6) {
	case 0:
		terms = append(terms, "redirect="+g.name())
	case 1:
	default:
		terms = append(terms, g.pick("-all", "~all", "?all", "+all", "all", "-ALL"))
	}
	if g.r.IntN(8) == 0 {
		terms = append(terms, g.term())
	}
	return strings.Join(terms, g.pick(" ", " ", " ", "  "))
}

func (g *generator) term() string {
	if g.faults && g.r.IntN(25) == 0 {
		return g.pick("ip:192.0.2.1", "ip4:192.0.2.1/33", "moo", "a:", "include", "redirect:n1.test", "mx:n1", "ptr/24",
			"ip6:192.0.2.1", "a:n1.test//129", "exists:%{x}.x.test", "include:n1.test/24", "=foo", "a:n1.test/024", "all:x")
	}
	sign := g.pick("", "", "", "+", "-", "~", "?")
	switch g.r.IntN(11) {
	case 0:
		return sign + g.pick("a", "A") + g.cidr()
	case 1:
		return sign + "a:" + g.name() + g.cidr()
	case 2:
		return sign + "mx" + g.cidr()
	case 3:
		return sign + "mx:" + g.name() + g.cidr()
	case 4, 5:
		return sign + g.pick("include:", "Include:") + g.name()
	case 6:
		return sign + "ip4:" + g.addr() + g.pick("", "/32", "/31", "/24", "/0")
	case 7:
		return sign + "ip6:2001:db8::" + fmt.Sprint(g.r.IntN(4)) + g.pick("", "/128", "/64")
	case 8:
		if g.full {
			return sign + "exists:%{d}"
		}
		return sign + "exists:" + g.pick("%{i}.x.test", "%{l}.x.test", "%{ir}.%{v}.x.test", "%{d}.x.test", "%{d2}", "%{h}.x.test")
	case 9:
		return g.pick("foo=bar", "x.y-z=%%%{d}", "exp=n1.test", "moo=")
	}
	return sign + "ptr:" + g.name()
}

func (g *generator) cidr() string {
	return g.pick("", "", "", "/32", "/31", "/24", "//64", "/24//64", "/0", "//0")
}
