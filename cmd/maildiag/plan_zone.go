package main

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// ground is the DNS that a plan is written for: the zones that its records are
// in, and the servers that know their TTLs.
type ground struct {
	dns  dnsrec.Resolver
	open func(servers []netip.Addr) (r dnsrec.Resolver, done func()) // nil: servers cannot be asked

	zones map[string]dnsrec.Answer // by apex: its name servers
}

// authorityTimeout is how long a name server is waited for: its answer adds a
// TTL, nothing more.
const authorityTimeout = 2 * time.Second

// live opens the servers of a zone.
func live(servers []netip.Addr) (dnsrec.Resolver, func()) {
	opts := dnsrec.Options{Timeout: authorityTimeout, Tries: 1}
	for _, ip := range servers {
		if s, err := dnsrec.ParseServer(ip.String()); err == nil {
			opts.Servers = append(opts.Servers, s)
		}
	}
	c := dnsrec.NewClient(opts)
	return c, c.Close
}

// survey finds the zone of each record of a plan, and sets the TTLs of RRsets
// that exist. It returns the apexes.
func (g *ground) survey(ctx context.Context, p *report.Plan) (apexes []string) {
	g.zones = map[string]dnsrec.Answer{}
	byZone := map[string][]*report.Step{}
	for i := range p.Steps {
		s := &p.Steps[i]
		if !s.ChangesRecords() {
			continue
		}
		if apex, ok := g.apex(ctx, dnsrec.Canonical(s.Name)); ok {
			byZone[apex] = append(byZone[apex], s)
		}
	}
	for apex, steps := range byZone {
		apexes = append(apexes, apex)
		g.setTTLs(ctx, apex, steps)
	}
	slices.Sort(apexes)
	return apexes
}

// apex returns the name of the zone that a name is in: the nearest one with name
// servers (RFC 1034 4.2.1).
func (g *ground) apex(ctx context.Context, name string) (apex string, ok bool) {
	for org := dmarc.ListOrganizational(name); len(name) >= len(org); _, name, _ = strings.Cut(name, ".") {
		if _, known := g.zones[name]; known {
			return name, true
		}
		a, err := g.dns.Lookup(ctx, dnsrec.Q(name, dnsrec.TypeNS))
		if err == nil && len(a.CNAMEs) == 0 && len(a.Values) > 0 {
			g.zones[name] = a
			return name, true
		}
	}
	return "", false
}

// published is an RRset that a step changes.
type published struct {
	name, typ string
	records   int
	ttl       *int // to set
}

// setTTLs asks a name server of a zone for the TTLs of what the steps change. A
// resolver's answer has only what is left of them.
func (g *ground) setTTLs(ctx context.Context, apex string, steps []*report.Step) {
	var existing []published
	for _, s := range steps {
		if n := len(s.Before()); n > 0 {
			existing = append(existing, published{s.Name, s.Type, n, &s.TTL})
		}
		for i := range s.Sets {
			o := &s.Sets[i]
			if n := len(o.Keep) + len(o.Remove); n > 0 {
				existing = append(existing, published{o.Name, o.Type, n, &o.TTL})
			}
		}
	}
	servers := g.addresses(ctx, apex)
	if g.open == nil || len(existing) == 0 || len(servers) == 0 {
		return
	}
	authority, done := g.open(servers)
	defer done()
	for _, p := range existing {
		a, err := authority.Lookup(ctx, dnsrec.Q(p.name, dnsrec.Type(p.typ)))
		if err != nil {
			return // it would be waited for again
		}
		if len(a.Values) == p.records && len(a.CNAMEs) == 0 {
			*p.ttl = int(a.TTL / time.Second)
		}
	}
}

// addresses returns the public addresses of the first name servers of a zone.
func (g *ground) addresses(ctx context.Context, apex string) (ips []netip.Addr) {
	const enough = 2
	for _, host := range slices.Sorted(slices.Values(g.zones[apex].Values)) {
		a, err := g.dns.Lookup(ctx, dnsrec.Q(host, dnsrec.TypeA))
		if err != nil {
			continue
		}
		for _, v := range a.Values {
			if ip, err := netip.ParseAddr(v); err == nil && ip.IsGlobalUnicast() && len(ips) < enough {
				ips = append(ips, ip)
			}
		}
	}
	return ips
}
