package dnsrec

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"net"
	"net/netip"
)

// dial opens a TCP or TLS connection.
func (u *upstream) dial(ctx context.Context) (net.Conn, error) {
	if u.server.proto != protoTLS {
		return new(net.Dialer).DialContext(ctx, "tcp", u.server.addr.String())
	}
	d := tls.Dialer{Config: &tls.Config{
		ServerName: u.server.name,
		RootCAs:    u.client.opts.RootCAs,
		NextProtos: []string{"dot"}, // RFC 7858 has none; registered by RFC 7301's registry
	}}
	if u.server.name == "" {
		d.Config.ServerName = u.server.addr.Addr().WithZone("").String()
	}
	return d.DialContext(ctx, "tcp", u.server.addr.String())
}

// dialUDP opens a connected socket, so that the kernel drops what comes from
// elsewhere, with a source port that cannot be guessed (RFC 5452 9.2).
func dialUDP(server netip.AddrPort, buffer int) (net.Conn, error) {
	local := &net.UDPAddr{IP: net.IPv4zero}
	if server.Addr().Is6() {
		local.IP = net.IPv6unspecified
	}
	remote := net.UDPAddrFromAddrPort(server)
	local.Port = randomPort()
	conn, err := net.DialUDP("udp", local, remote)
	if err != nil { // such as a port in use: the kernel's choice is random too
		local.Port = 0
		if conn, err = net.DialUDP("udp", local, remote); err != nil {
			return nil, err
		}
	}
	conn.SetReadBuffer(buffer) // best effort: the kernel may allow less
	return conn, nil
}

// randomPort returns a port of the range that any user may bind.
func randomPort() int {
	const lowest = 1024
	for {
		var b [2]byte
		rand.Read(b[:]) // never fails
		if port := int(binary.BigEndian.Uint16(b[:])); port >= lowest {
			return port
		}
	}
}
