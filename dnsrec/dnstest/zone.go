package dnstest

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// zone is the data of a server: all names, with the empty ones between them.
type zone struct {
	nodes map[string]*node // by canonical name with the trailing dot
}

// node is one name. A name without sets is an empty non-terminal (RFC 4592
// 2.2.2): it exists, and so the answer is "no data".
type node struct{ sets []rrset }

type rrset struct {
	typ uint16
	rrs []dns.RR
}

func (n *node) get(typ uint16) []dns.RR {
	for _, s := range n.sets {
		if s.typ == typ {
			return s.rrs
		}
	}
	return nil
}

func (n *node) add(rr dns.RR) {
	typ := rr.Header().Rrtype
	for i := range n.sets {
		if n.sets[i].typ == typ {
			n.sets[i].rrs = append(n.sets[i].rrs, rr)
			return
		}
	}
	n.sets = append(n.sets, rrset{typ, []dns.RR{rr}})
}

// defaultTTL is the TTL of records that have none, and of negative answers in
// zones without a SOA record.
const defaultTTL = 300

func parseZone(text string) (*zone, error) {
	rrs, err := parseRecords(text)
	if err != nil {
		return nil, err
	}
	z := &zone{nodes: map[string]*node{".": {}}}
	for _, rr := range rrs {
		z.node(canonical(rr.Header().Name)).add(rr)
	}
	return z, nil
}

func parseRecords(text string) (rrs []dns.RR, err error) {
	zp := dns.NewZoneParser(strings.NewReader(dedent(text)), ".", "")
	zp.SetDefaultTTL(defaultTTL)
	for rr, ok := zp.Next(); ok; rr, ok = zp.Next() {
		rrs = append(rrs, rr)
	}
	if err := zp.Err(); err != nil {
		return nil, fmt.Errorf("dnstest: zone text: %w", err)
	}
	return rrs, nil
}

// dedent takes the indentation of the first line from all lines, so that a
// zone may stand indented in the text of a program.
func dedent(text string) string {
	first := strings.TrimLeft(text, "\r\n")
	indent := first[:len(first)-len(strings.TrimLeft(first, " \t"))]
	if indent == "" {
		return text
	}
	return strings.ReplaceAll("\n"+text, "\n"+indent, "\n")
}

// node returns the node of a name, which it adds with all names above it.
func (z *zone) node(name string) *node {
	n, ok := z.nodes[name]
	if !ok {
		n = &node{}
		z.nodes[name] = n
		z.node(parent(name))
	}
	return n
}

// canonical returns the one spelling of a name: lower case, the same escapes.
func canonical(name string) string {
	if strings.Contains(name, `\`) {
		var b [256]byte
		if _, err := dns.PackDomainName(dns.Fqdn(name), b[:], 0, nil, false); err == nil {
			name, _, _ = dns.UnpackDomainName(b[:], 0)
		}
	}
	return dns.CanonicalName(name)
}

func parent(name string) string {
	off, end := dns.NextLabel(name, 0)
	if end {
		return "."
	}
	return name[off:]
}

// find returns the node that answers for a name, and whether its records must be
// renamed because a wildcard matched (RFC 4592 3.3); nil: no such name.
func (z *zone) find(name string) (n *node, wild bool) {
	if n, ok := z.nodes[name]; ok {
		return n, false
	}
	encloser := name
	for z.nodes[encloser] == nil {
		encloser = parent(encloser)
	}
	star := "*." + strings.TrimPrefix(encloser, ".")
	return z.nodes[star], true
}

// dname returns the DNAME record above a name, nil if there is none (RFC 6672).
func (z *zone) dname(name string) *dns.DNAME {
	for name != "." {
		name = parent(name)
		if n := z.nodes[name]; n != nil {
			if d := n.get(dns.TypeDNAME); d != nil {
				return d[0].(*dns.DNAME)
			}
		}
	}
	return nil
}

// soa returns the SOA record of the zone that a name belongs to.
func (z *zone) soa(name string) dns.RR {
	for at := name; ; at = parent(at) {
		if n := z.nodes[at]; n != nil {
			if s := n.get(dns.TypeSOA); s != nil {
				return s[0]
			}
		}
		if at == "." {
			break
		}
	}
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: defaultTTL},
		Ns:  "ns.", Mbox: "root.", Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: defaultTTL,
	}
}

// maxChase is how many aliases the server follows before it gives up and
// answers with what it has.
const maxChase = 16

// answer looks a question up. With follow unset it stops at the first alias.
func (z *zone) answer(name string, typ uint16, follow bool) (rcode int, answer, authority []dns.RR) {
	owner := name // as it was asked, so that the echo keeps its case
	name = canonical(name)
	seen := map[string]bool{}
	for range maxChase {
		if seen[name] {
			return dns.RcodeSuccess, answer, nil
		}
		seen[name] = true
		rrs, target, exists := z.step(owner, name, typ)
		answer = append(answer, rrs...)
		switch {
		case target == "" && !exists:
			return dns.RcodeNameError, answer, []dns.RR{z.soa(name)}
		case target == "" && len(rrs) == 0:
			return dns.RcodeSuccess, answer, []dns.RR{z.soa(name)}
		case target == "" || !follow:
			return dns.RcodeSuccess, answer, nil
		}
		owner, name = target, canonical(target)
	}
	return dns.RcodeSuccess, answer, nil
}

// step returns the records of one name, and the target if they are an alias.
func (z *zone) step(owner, name string, typ uint16) (rrs []dns.RR, target string, exists bool) {
	if d := z.dname(name); d != nil {
		if c := synthesize(d, owner, name); c != nil {
			return []dns.RR{d, c}, c.Target, true
		}
	}
	n, wild := z.find(name)
	if n == nil {
		return nil, "", false
	}
	if rrs = n.get(typ); rrs == nil && typ != dns.TypeCNAME {
		if rrs = n.get(dns.TypeCNAME); rrs != nil {
			target = rrs[0].(*dns.CNAME).Target
		}
	}
	if wild {
		rrs = rename(rrs, owner)
	}
	return rrs, target, true
}

// synthesize makes the CNAME that a DNAME stands for (RFC 6672 3.1).
func synthesize(d *dns.DNAME, owner, name string) *dns.CNAME {
	prefix := strings.TrimSuffix(name, canonical(d.Hdr.Name))
	target := prefix + strings.TrimPrefix(d.Target, ".")
	if _, ok := dns.IsDomainName(target); !ok {
		return nil
	}
	return &dns.CNAME{
		Hdr:    dns.RR_Header{Name: owner, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: d.Hdr.Ttl},
		Target: target,
	}
}

func rename(rrs []dns.RR, owner string) []dns.RR {
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		out[i] = dns.Copy(rr)
		out[i].Header().Name = owner
	}
	return out
}
