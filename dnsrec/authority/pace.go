package authority

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"maildiag/dnsrec"
)

const (
	maxPaced  = 32                     // questions to the servers of one network
	paceAfter = 250 * time.Millisecond // a server that has not replied by then is not busy with us
)

// Pace returns an Asker that bounds how many questions the servers of one network are
// asked at once, whatever the domains: an operator's servers are often side by side,
// and have many domains of a list.
func Pace(next Asker) Asker {
	p := &pacer{turns: map[netip.Prefix]chan struct{}{}}
	return func(ctx context.Context, server netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
		turns := p.of(server)
		select {
		case turns <- struct{}{}:
		case <-ctx.Done():
			return dnsrec.Reply{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindCanceled, Server: server.String(), Err: context.Cause(ctx)}
		}
		end := sync.OnceFunc(func() { <-turns })
		late := time.AfterFunc(paceAfter, end)
		defer func() { late.Stop(); end() }()
		return next(ctx, server, q)
	}
}

// pacer holds the turns of networks.
type pacer struct {
	mu    sync.Mutex
	turns map[netip.Prefix]chan struct{}
}

// of returns the turns of the network of an address.
func (p *pacer) of(server netip.Addr) chan struct{} {
	server, bits := server.Unmap().WithZone(""), 24
	if server.Is6() {
		bits = 48 // what a site gets: RFC 6177 2
	}
	network := netip.PrefixFrom(server, bits).Masked()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turns[network] == nil {
		p.turns[network] = make(chan struct{}, maxPaced)
	}
	return p.turns[network]
}
