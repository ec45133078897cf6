package main

import (
	"context"
	"net/netip"

	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
)

// portNameServer is where name servers are asked (RFC 1035 4.2).
const portNameServer = 53

// askPublic asks a name server of the public Internet. A delegation must not make
// us talk to hosts of the local network.
func askPublic(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	if !dnsrec.Public(server) {
		return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNetwork, Server: server.String(), Err: dnsrec.ErrNotPublic}
	}
	return dnsrec.Direct(ctx, netip.AddrPortFrom(server, portNameServer), q)
}

// compareResolvers opens the resolvers of the user one by one, so that their answers
// can be compared. Closing the world closes them.
func (w *world) compareResolvers(servers []dnsrec.Server) {
	for _, s := range servers {
		c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}})
		w.close = append(w.close, func() error { c.Close(); return nil })
		w.views = append(w.views, authority.Resolver{Name: s.String(), Resolver: c})
	}
}

// look asks the name servers of a domain, and compares what resolvers have.
func (w *world) look(ctx context.Context, domain string, o authority.Options) *authority.Report {
	o.Resolvers = w.views
	if len(o.Resolvers) == 0 {
		o.Resolvers = []authority.Resolver{{Name: w.Resolver, Resolver: w.DNS}}
	}
	return authority.Look(ctx, w.DNS, w.Ask, domain, o)
}
