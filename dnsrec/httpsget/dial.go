package httpsget

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"maildiag/dnsrec"
)

const (
	maxPerFamily = 2                      // addresses tried of each family
	stagger      = 250 * time.Millisecond // RFC 8305 5: before the next address is tried as well
	httpsPort    = 443
)

// resolve asks for the addresses of host, all families at once, and returns
// them in the order to try: the families in turn, IPv6 first (RFC 8305 4).
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, *Error) {
	families := c.Families
	if len(families) == 0 {
		families = []dnsrec.Type{dnsrec.TypeAAAA, dnsrec.TypeA}
	}
	answers := make([]dnsrec.Answer, len(families))
	errs := make([]error, len(families))
	var wg sync.WaitGroup
	for i, family := range families {
		wg.Go(func() { answers[i], errs[i] = c.Resolver.Lookup(ctx, dnsrec.Q(host, family)) })
	}
	wg.Wait()
	addrs := interleave(answers)
	if len(addrs) == 0 {
		return nil, noAddress(host, answers, errs)
	}
	return addrs, nil
}

// interleave takes the addresses of the answers in turn.
func interleave(answers []dnsrec.Answer) (addrs []netip.Addr) {
	for i := range maxPerFamily {
		for _, a := range answers {
			if i >= len(a.Values) {
				continue
			}
			if addr, err := netip.ParseAddr(a.Values[i]); err == nil {
				addrs = append(addrs, addr)
			}
		}
	}
	return addrs
}

// noAddress reports why there is no address. A failed question outweighs an
// empty answer to the other: the address may be there.
func noAddress(host string, answers []dnsrec.Answer, errs []error) *Error {
	for _, err := range errs {
		if err != nil {
			return dnsFault(host, err)
		}
	}
	for _, a := range answers {
		if a.NXDomain() {
			return &Error{Kind: KindNXDomain, Phase: PhaseDNS, Text: clip(host) + " does not exist"}
		}
	}
	return &Error{Kind: KindNoAddress, Phase: PhaseDNS, Text: clip(host) + " has no address"}
}

func dnsFault(host string, err error) *Error {
	fault := &Error{Kind: KindDNS, Phase: PhaseDNS, Text: clip(err.Error())}
	var e *dnsrec.Error
	if !errors.As(err, &e) {
		e = &dnsrec.Error{Query: dnsrec.Q(host, dnsrec.TypeA), Kind: dnsrec.KindOf(err)}
	}
	fault.DNS = &DNSError{Name: e.Name, Type: e.Type, Kind: e.Kind, Server: e.Server,
		Rcode: e.Rcode, Extended: e.Extended, CNAMEs: e.CNAMEs}
	return fault
}

// dialed is the outcome of one attempt.
type dialed struct {
	conn net.Conn
	addr netip.AddrPort
	err  error
	took time.Duration
}

// connect opens a connection to the first address that takes one. The next
// address is tried as soon as one fails, and beside one that is slow.
func (c *Client) connect(ctx context.Context, addrs []netip.Addr, r *Response) (net.Conn, *Error) {
	addrs = c.permitted(addrs, r)
	if len(addrs) == 0 {
		return nil, &Error{Kind: KindBlocked, Phase: PhaseConnect, Text: "not a public address"}
	}
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan dialed, len(addrs))
	pending, next := 0, 0
	defer func() {
		cancel()
		for ; pending > 0; pending-- { // late ones
			if late := <-results; late.conn != nil {
				late.conn.Close()
			}
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for next < len(addrs) || pending > 0 {
		due := timer.C
		if next == len(addrs) {
			due = nil
		}
		select {
		case <-due:
			go c.attempt(ctx, addrs[next], results)
			next++
			pending++
			timer.Reset(stagger)
		case d := <-results:
			pending--
			if d.err == nil {
				r.Remote = d.addr.String()
				return d.conn, nil
			}
			fault := classify(PhaseConnect, d.err)
			r.Failed = append(r.Failed, Attempt{d.addr.String(), fault.Kind, d.took})
			timer.Reset(0)
		}
	}
	return nil, unreachable(r.Failed)
}

func (c *Client) attempt(ctx context.Context, addr netip.Addr, results chan<- dialed) {
	var dialer Dialer = &net.Dialer{}
	if c.Dialer != nil {
		dialer = c.Dialer
	}
	began, to := time.Now(), netip.AddrPortFrom(addr, httpsPort)
	conn, err := dialer.DialContext(ctx, "tcp", to.String())
	results <- dialed{conn, to, err, time.Since(began)}
}

// permitted drops the addresses that may not be dialled. The check is on the
// very address that is dialled, so a name cannot change its mind in between.
func (c *Client) permitted(addrs []netip.Addr, r *Response) (ok []netip.Addr) {
	for _, a := range addrs {
		if !c.PublicOnly || dnsrec.Public(a) || c.allows(a) {
			ok = append(ok, a)
			continue
		}
		r.Failed = append(r.Failed, Attempt{Address: netip.AddrPortFrom(a, httpsPort).String(), Kind: KindBlocked})
	}
	return ok
}

// allows reports whether an address that is not public may be dialed.
func (c *Client) allows(a netip.Addr) bool {
	return slices.ContainsFunc(c.Allow, func(p netip.Prefix) bool { return p.Contains(a.WithZone("")) })
}

// unreachable sums up failed attempts. A time-out or a reset leaves room for
// doubt about what else refused; an address to which there is no route from
// here, as IPv6 often, says nothing about the server.
func unreachable(failed []Attempt) *Error {
	for _, k := range []Kind{KindTimeout, KindReset, KindRefused} {
		if slices.ContainsFunc(failed, func(a Attempt) bool { return a.Kind == k }) {
			return &Error{Kind: k, Phase: PhaseConnect}
		}
	}
	return &Error{Kind: KindNetwork, Phase: PhaseConnect}
}
