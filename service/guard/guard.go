// Package guard is the only way out of the service but for its resolver: it
// dials what strangers ask about, and refuses what they must not reach.
//
// An address is looked at when it is dialed, by the same call that dials it, so
// a name that changes its mind between check and connection (DNS rebinding)
// gains nothing. Names are never dialed.
package guard

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"maildiag/dnsrec"
	"maildiag/service/limit"
)

// Ports are the only ports that are dialed: SMTP between servers, HTTPS, and
// submission.
var Ports = []uint16{25, 443, 465, 587}

// Error says why an address is not dialed. It is a system error of the kind that
// a firewall of this machine causes, so nothing blames the server for it.
type Error struct {
	Address string
	Reason  string
}

func (e *Error) Error() string {
	return fmt.Sprintf("maildiagd does not connect to %s: %s", e.Address, e.Reason)
}
func (e *Error) Unwrap() error { return syscall.EPERM }

// Declined implements [smtpprobe.Declined].
func (e *Error) Declined() string { return e.Error() }

// Dialer dials public addresses on [Ports]. It is what smtpprobe and httpsget
// dial with.
type Dialer struct {
	Allow []netip.Prefix // blocks of the operator's own that may be reached as well
	NAT64 []netip.Prefix // prefixes of this network's NAT64, see [FindNAT64]
	Hosts *limit.Hosts   // connections to one address; nil: any number
	Own   func() []netip.Addr

	net net.Dialer
}

// DialContext connects to an address and port; address is never a name.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &Error{address, "it is not an IP address and port"}
	}
	if err := d.Permit(to); err != nil {
		return nil, err
	}
	leave := func() {}
	if d.Hosts != nil {
		if leave, err = d.Hosts.Enter(to.Addr(), time.Now()); err != nil {
			return nil, &Error{address, err.Error()}
		}
	}
	dialer := d.net
	dialer.ControlContext = d.control
	c, err := dialer.DialContext(ctx, network, to.String())
	if err != nil {
		leave()
		return nil, err
	}
	return &conn{Conn: c, leave: leave}, nil
}

// control looks once more at the very address that the kernel gets.
func (d *Dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Error{address, "it is not an IP address and port"}
	}
	return d.Permit(to)
}

// Permit returns an [*Error] if an address may not be dialed.
func (d *Dialer) Permit(to netip.AddrPort) error {
	addr := to.Addr().WithZone("")
	switch {
	case !slices.Contains(Ports, to.Port()):
		return &Error{to.String(), "the port is not one of mail or HTTPS"}
	case to.Addr().Zone() != "":
		return &Error{to.String(), "the address is of one link only"}
	case within(addr, d.Allow):
		return nil
	case !dnsrec.Public(addr), !d.behindNAT64(addr):
		return &Error{to.String(), "it is not an address of the public Internet"}
	case d.Own != nil && slices.Contains(d.Own(), addr):
		return &Error{to.String(), "it is an address of this machine"}
	}
	return nil
}

func within(addr netip.Addr, blocks []netip.Prefix) bool {
	return slices.ContainsFunc(blocks, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// behindNAT64 reports whether the IPv4 address that a translator of this network
// would connect to is public; true for addresses that no translator takes.
func (d *Dialer) behindNAT64(addr netip.Addr) bool {
	for _, p := range d.NAT64 {
		if p.Contains(addr) {
			return dnsrec.Public(embedded(addr, p.Bits()))
		}
	}
	return true
}

// OwnAddresses returns the addresses of this machine's interfaces.
func OwnAddresses() []netip.Addr {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var own []netip.Addr
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, p.Addr().Unmap())
		}
	}
	return own
}

// conn frees its place when it is closed.
type conn struct {
	net.Conn
	leave func()
}

func (c *conn) Close() error {
	c.leave()
	return c.Conn.Close()
}
