package smtptest

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
)

// Net plays the network: it maps addresses, as "192.0.2.1:587" or with a port
// alone as ":587" for every host, to what is there. An address that is not in
// it fails with an error that says so. It is a smtpprobe.Dialer.
type Net struct {
	Routes map[string]Route

	mu     sync.Mutex
	dialed []string
}

// Route is what a connection leads to: the Server, or the Fault.
type Route struct {
	Server *Server
	Fault  Fault
}

// Fault is a way not to be connected.
type Fault string

// The faults. The zero value is none.
const (
	Refused     Fault = "refused"     // RST
	Dropped     Fault = "dropped"     // silence
	NoRoute     Fault = "no-route"    // no route in this machine's table
	Unreachable Fault = "unreachable" // a router says so
	Prohibited  Fault = "prohibited"  // forbidden by this machine's rules
	Broken      Fault = "reset"       // reset while connecting
	Exhausted   Fault = "exhausted"   // no descriptor left here
)

func (f Fault) errno() syscall.Errno {
	return map[Fault]syscall.Errno{
		Refused: syscall.ECONNREFUSED, NoRoute: syscall.ENETUNREACH, Unreachable: syscall.EHOSTUNREACH,
		Prohibited: syscall.EACCES, Broken: syscall.ECONNRESET, Exhausted: syscall.EMFILE,
	}[f]
}

// DialContext connects as the routes say.
func (n *Net) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	n.dialed = append(n.dialed, address)
	n.mu.Unlock()
	route, ok := n.Routes[address]
	if !ok {
		_, port, _ := net.SplitHostPort(address)
		route, ok = n.Routes[":"+port]
	}
	switch {
	case !ok:
		return nil, fmt.Errorf("smtptest: nothing is planned at %s", address)
	case route.Fault == Dropped:
		<-ctx.Done()
		return nil, ctx.Err()
	case route.Fault != "":
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect",
			route.Fault.errno())}
	}
	return route.Server.DialContext(ctx, network, address)
}

// Dialed returns the addresses dialled so far, in order.
func (n *Net) Dialed() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]string(nil), n.dialed...)
}
