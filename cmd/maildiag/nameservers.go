package main

import (
	"context"
	"errors"
	"net/netip"

	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
)

var errNotPublic = errors.New("the name server's address is not a public one; it is not asked")

// portNameServer is where name servers are asked (RFC 1035 4.2).
const portNameServer = 53

// askPublic asks a name server of the public Internet. A delegation must not make
// us talk to hosts of the local network.
func askPublic(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
	if !dnsrec.Public(server) {
		return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNetwork, Server: server.String(), Err: errNotPublic}
	}
	return dnsrec.Direct(ctx, netip.AddrPortFrom(server, portNameServer), q)
}

// views returns the resolvers of the user one by one, so that their answers can be
// compared; end closes them.
func (n *netFlags) views() (views []authority.Resolver, end func(), err error) {
	var clients []*dnsrec.Client
	end = func() {
		for _, c := range clients {
			c.Close()
		}
	}
	for _, r := range n.resolvers {
		s, err := dnsrec.ParseServer(r)
		if err != nil {
			end()
			return nil, nil, usage("--resolver 192.0.2.53", "%v", err)
		}
		c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}})
		clients = append(clients, c)
		views = append(views, authority.Resolver{Name: s.String(), Resolver: c})
	}
	return views, end, nil
}

// look asks the name servers of a domain, and the resolvers of the user.
func (n *netFlags) look(ctx context.Context, w *world, domain string, questions []dnsrec.Query, also []string) (*authority.Report, error) {
	views, end, err := n.views()
	if err != nil {
		return nil, err
	}
	defer end()
	if len(views) == 0 {
		views = []authority.Resolver{{Name: w.Resolver, Resolver: w.DNS}}
	}
	return authority.Look(ctx, w.DNS, w.ask, domain, authority.Options{Questions: questions, Also: also, Resolvers: views, Families: n.families()}), nil
}
