package dnsrec

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Ports by default (RFC 1035 4.2, RFC 7858 3.1, RFC 8484 by way of HTTPS).
const (
	portDNS   = 53
	portTLS   = 853
	portHTTPS = 443
)

// The transports of a [Server].
const (
	protoUDP   = "udp"
	protoTCP   = "tcp"
	protoTLS   = "tls"
	protoHTTPS = "https"
)

// Server is a resolver to ask, and how. Make it with [ParseServer].
type Server struct {
	proto string
	addr  netip.AddrPort // for https only a bootstrap address, may be missing
	name  string         // for tls: the name in the certificate, if not the address
	url   string         // for https, without the fragment
}

// ParseServer reads a resolver as people type it:
//
//	192.0.2.53  192.0.2.53:5353  2001:db8::53  [2001:db8::53]:53   UDP, and TCP for what is too long
//	tcp://192.0.2.53                                               TCP
//	tls://192.0.2.53  tls://192.0.2.53:853#dns.example             DNS over TLS; the certificate's name
//	https://dns.example/dns-query                                  DNS over HTTPS
//	https://dns.example/dns-query#192.0.2.53                       the same, at this address
//
// The certificate is always verified: for the name after #, else for the
// address. Without an address, the host of a URL is looked up by the system.
func ParseServer(s string) (Server, error) {
	s = strings.TrimSpace(s)
	proto, rest, ok := strings.Cut(s, "://")
	if !ok {
		proto, rest = protoUDP, s
	}
	switch strings.ToLower(proto) {
	case protoUDP, protoTCP:
		return parseAddressed(s, strings.ToLower(proto), rest, portDNS)
	case protoTLS:
		return parseAddressed(s, protoTLS, rest, portTLS)
	case protoHTTPS:
		return parseHTTPS(s)
	}
	return Server{}, badServer(s, "unknown scheme %q", proto)
}

func badServer(s, format string, args ...any) error {
	if at := strings.LastIndexByte(s, '@'); at >= 0 {
		s = "***" + s[at:] // it may be a password
	}
	return fmt.Errorf("resolver %q: %s; give an address such as 192.0.2.53 or [2001:db8::53]:53, "+
		"tcp://192.0.2.53, tls://192.0.2.53#dns.example or https://dns.example/dns-query",
		s, fmt.Sprintf(format, args...))
}

func parseAddressed(s, proto, rest string, port uint16) (Server, error) {
	rest, name, named := strings.Cut(rest, "#")
	addr, err := parseAddrPort(rest, port)
	if err != nil {
		if strings.Contains(rest, "@") {
			return Server{}, badServer(s, "a user name or password is not supported")
		}
		return Server{}, badServer(s, "%q is not an IP address", rest)
	}
	if addr.Port() == 0 {
		return Server{}, badServer(s, "port 0 does not exist")
	}
	if named && proto != protoTLS {
		return Server{}, badServer(s, "only tls:// takes a name after #")
	}
	if named {
		if name, _, err = ParseDomain(name); err != nil {
			return Server{}, badServer(s, "the name after # is not a host name")
		}
	}
	return Server{proto: proto, addr: addr, name: name}, nil
}

// parseAddrPort reads an address with or without port and brackets.
func parseAddrPort(s string, port uint16) (netip.AddrPort, error) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), nil
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
	}
	a, err := netip.ParseAddr(s)
	return netip.AddrPortFrom(a.Unmap(), port), err
}

func parseHTTPS(s string) (Server, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return Server{}, badServer(s, "not a URL")
	case u.User != nil:
		return Server{}, badServer(s, "a user name or password is not supported")
	}
	srv := Server{proto: protoHTTPS}
	if !IsAddress(u.Host) && !IsAddress(u.Hostname()) {
		if _, _, err := ParseDomain(u.Hostname()); err != nil {
			return Server{}, badServer(s, "%q is not a host name", u.Hostname())
		}
	}
	if u.Fragment != "" {
		port := uint64(portHTTPS)
		if u.Port() != "" {
			port, err = strconv.ParseUint(u.Port(), 10, 16)
		}
		addr, err2 := netip.ParseAddr(u.Fragment)
		if err != nil || err2 != nil {
			return Server{}, badServer(s, "%q after # is not an IP address", u.Fragment)
		}
		srv.addr = netip.AddrPortFrom(addr, uint16(port))
	}
	u.Scheme, u.Fragment, u.RawFragment = protoHTTPS, "", ""
	if u.Path == "" {
		u.Path = "/dns-query" // RFC 8484 names no default; this is everyone's
	}
	srv.url = u.String()
	return srv, nil
}

// String returns a form that [ParseServer] reads.
func (s Server) String() string {
	switch {
	case s.proto == protoHTTPS && s.addr.IsValid():
		return s.url + "#" + s.addr.Addr().String()
	case s.proto == protoHTTPS:
		return s.url
	case s.proto == protoTLS && s.name != "":
		return "tls://" + s.addr.String() + "#" + s.name
	case s.proto == protoUDP:
		return s.addr.String()
	}
	return s.proto + "://" + s.addr.String()
}

// Trusted reports whether nobody between here and the server can alter its
// answers: it is on this machine, or reached over verified TLS. Only then is
// an AD bit worth something (RFC 6840 5.8, RFC 4035 4.9.3).
func (s Server) Trusted() bool {
	return s.proto == protoTLS || s.proto == protoHTTPS || s.addr.Addr().IsLoopback()
}
