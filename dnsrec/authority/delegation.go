package authority

import (
	"errors"
	"net/netip"
	"strings"

	"maildiag/dnsrec"
)

// zoneCut is a delegation.
type zoneCut struct {
	zone, parent string
	names        []string // of the name servers
	glue         map[string][]netip.Addr
	servers      []netip.Addr // of the parent
}

var errNoParent = errors.New("the name servers of the parent zone could not be found or did not reply")

// delegation finds the zone that a domain is in, and what the parent zone says of
// it. It begins at the closest name above the domain that is a zone.
func (l *look) delegation(domain string) (zoneCut, error) {
	last := errNoParent
	for above := parentOf(domain); ; above = parentOf(above) {
		a, err := l.resolver.Lookup(l.ctx, dnsrec.Q(above, dnsrec.TypeNS))
		if err == nil && len(a.Values) > 0 && len(a.CNAMEs) == 0 {
			return l.descend(domain, above, a.Values)
		}
		if err != nil {
			last = err
		}
		if above == "." || l.ctx.Err() != nil {
			return zoneCut{}, last
		}
	}
}

func parentOf(name string) string {
	if _, above, ok := strings.Cut(name, "."); ok {
		return above
	}
	return "."
}

// descend follows delegations from a zone down to the one that the domain is in.
func (l *look) descend(domain, parent string, hosts []string) (zoneCut, error) {
	cut := zoneCut{parent: parent, servers: l.addressesOf(hosts, nil)}
	for range maxCuts {
		r, err := l.askAny(cut.servers, dnsrec.Q(domain, dnsrec.TypeNS))
		if err != nil {
			return cut, err
		}
		owner, names := referral(r, domain, cut.parent)
		switch {
		case owner != "": // a delegation
			cut.zone, cut.names, cut.glue = owner, names, glueOf(r)
			if owner == domain || !l.deeper(domain, &cut) {
				return cut, nil
			}
		case len(values(r, domain, dnsrec.TypeNS)) > 0: // the same servers have both zones
			cut.zone, cut.names = domain, values(r, domain, dnsrec.TypeNS)
			return cut, nil
		case cut.parent != "." && cut.parent != domain: // no zone of its own
			return l.delegation(cut.parent)
		default:
			return cut, errNoParent
		}
	}
	return cut, errNoParent
}

// deeper reports whether the delegated servers know a zone between theirs and the
// domain, and goes on there.
func (l *look) deeper(domain string, cut *zoneCut) bool {
	servers := l.addressesOf(cut.names, cut.glue)
	r, err := l.askAny(servers, dnsrec.Q(domain, dnsrec.TypeNS))
	if err != nil {
		return false
	}
	owner, _ := referral(r, domain, cut.zone)
	if owner == "" && len(values(r, domain, dnsrec.TypeNS)) == 0 {
		return false
	}
	cut.parent, cut.servers = cut.zone, servers
	return true
}

// referral returns the owner and the servers of a delegation to a zone below the
// one that was asked.
func referral(r dnsrec.Reply, domain, below string) (owner string, names []string) {
	if r.Rcode != "NOERROR" || len(r.Answer) > 0 {
		return "", nil
	}
	for _, rec := range r.Authority {
		inside := dnsrec.Within(domain, rec.Name) && rec.Name != below && (below == "." || dnsrec.Within(rec.Name, below))
		if rec.Type == dnsrec.TypeNS && inside && (owner == "" || owner == rec.Name) {
			owner, names = rec.Name, append(names, rec.Value)
		}
	}
	return owner, unique(names)
}

// values returns the records of a name and type in the answer.
func values(r dnsrec.Reply, name string, t dnsrec.Type) (out []string) {
	for _, rec := range r.Answer {
		if rec.Name == name && rec.Type == t {
			out = append(out, rec.Value)
		}
	}
	return out
}

// glueOf returns the addresses that come with a delegation.
func glueOf(r dnsrec.Reply) map[string][]netip.Addr {
	glue := map[string][]netip.Addr{}
	for _, rec := range r.Additional {
		if addr, err := netip.ParseAddr(rec.Value); err == nil && (rec.Type == dnsrec.TypeA || rec.Type == dnsrec.TypeAAAA) {
			glue[rec.Name] = append(glue[rec.Name], addr)
		}
	}
	return glue
}

// addressesOf returns addresses of some of the hosts: enough to get a reply.
func (l *look) addressesOf(hosts []string, glue map[string][]netip.Addr) (addrs []netip.Addr) {
	const enough = 4
	for _, h := range hosts {
		found, _ := l.addresses(h, glue[h])
		if addrs = append(addrs, found...); len(addrs) >= enough {
			break
		}
	}
	return addrs
}

// askAny asks servers in turn until one gives a usable reply.
func (l *look) askAny(servers []netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	last := errNoParent
	for _, s := range servers {
		r, err := l.ask(l.ctx, s, q)
		if err == nil && (r.Rcode == "NOERROR" || r.Rcode == "NXDOMAIN") {
			return r, nil
		}
		if err != nil {
			last = err
		}
	}
	return dnsrec.Reply{Query: q}, last
}
