// Package dnstest is a DNS server on loopback for tests and demonstrations, in
// the style of net/http/httptest: real packets over real sockets, data from
// the text of a zone file, and faults on demand.
//
// The server plays a recursive resolver that knows the whole world: it follows
// CNAME and DNAME records inside its data, and a name that it does not hold
// does not exist. What it answers is changed by a [Fault], which is chosen by
// the name, type and transport of the query and by how often it was asked:
//
//	srv := dnstest.New(t, `example.com. 300 IN MX 10 mail.example.com.`)
//	srv.Fault("_dmarc.example.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
//	client := dnsrec.NewClient(dnsrec.Options{Servers: ...(srv.Addr)})
package dnstest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

// Server is a running server. Its methods may be called from any goroutine.
type Server struct {
	Addr    string // UDP and TCP, e.g. "127.0.0.1:53535"
	TLSAddr string // DNS over TLS (RFC 7858), if started WithTLS
	URL     string // DNS over HTTPS (RFC 8484), if started WithTLS

	ca      *x509.CertPool
	zone    atomic.Pointer[zone]
	faults  faults
	loss    float64
	limit   *limiter
	latency time.Duration
	ad      bool
	owner   bool // a name server of zones, not a resolver
	silent  bool // keeps no log

	mu    sync.Mutex
	log   []Query
	conns map[net.Conn]struct{}
	done  chan struct{}

	wg    sync.WaitGroup
	udp   net.PacketConn
	close []io.Closer
	web   io.Closer // DNS over HTTPS
	once  sync.Once
}

// Query is one query that arrived.
type Query struct {
	Name      string // lower case, without the trailing dot; "." is the root
	Type      string // mnemonic
	Transport string // "udp", "tcp", "tls" or "https"
	EDNS      bool
	Time      time.Time
}

// Option sets up a [Server].
type Option func(*settings)

type settings struct {
	tls func(*Server) error // WithTLS alone refers to it, so that others do not link a web server
	srv *Server
}

// WithTLS makes the server listen for DNS over TLS and over HTTPS too, with a
// certificate for 127.0.0.1, ::1, localhost and dns.test under a CA of its
// own, see [Server.CA].
func WithTLS() Option { return func(s *settings) { s.tls = (*Server).listenTLS } }

// Authentic makes the server set the AD bit in its answers, as a validating
// resolver does for signed data.
func Authentic() Option { return func(s *settings) { s.srv.ad = true } }

// Authoritative makes the server play a name server: it has the zones that begin
// at the SOA records of its text, refuses names outside of them, and refers to
// other servers for what is delegated by NS records.
func Authoritative() Option { return func(s *settings) { s.srv.owner = true } }

// Latency delays every reply.
func Latency(d time.Duration) Option { return func(s *settings) { s.srv.latency = d } }

// Loss drops this part (0 to 1) of the UDP queries, at random.
func Loss(part float64) Option { return func(s *settings) { s.srv.loss = part } }

// Limit answers at most perSecond queries a second, and the others with rcode
// ("REFUSED") or, if that is empty, not at all.
func Limit(perSecond int, rcode string) Option {
	return func(s *settings) { s.srv.limit = &limiter{rate: float64(perSecond), rcode: rcode} }
}

// Unlogged keeps no log of the queries; for benchmarks.
func Unlogged() Option { return func(s *settings) { s.srv.silent = true } }

// Start starts a server with the records of zoneText, in the format of a zone
// file (RFC 1035 5.1). It may hold any number of zones. A name without a
// trailing dot is relative to $ORIGIN, the root at first; the default TTL is
// 300. If the first line is indented, that indentation is taken from all.
func Start(zoneText string, opts ...Option) (*Server, error) {
	z, err := parseZone(zoneText)
	if err != nil {
		return nil, err
	}
	s := &Server{conns: map[net.Conn]struct{}{}, done: make(chan struct{})}
	s.zone.Store(z)
	set := settings{srv: s}
	for _, o := range opts {
		o(&set)
	}
	if err := s.listen(set); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// TB is the part of testing.TB that [New] needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// New starts a server that lives as long as the test.
func New(t TB, zoneText string, opts ...Option) *Server {
	t.Helper()
	s, err := Start(zoneText, opts...)
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// SetZone replaces all records.
func (s *Server) SetZone(zoneText string) error {
	z, err := parseZone(zoneText)
	if err == nil {
		s.zone.Store(z)
	}
	return err
}

// CA returns the authority that signed the server's certificate.
func (s *Server) CA() *x509.CertPool { return s.ca }

// Queries returns the log, in the order of arrival.
func (s *Server) Queries() []Query {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Count reports how many queries came for a name and type; "" stands for any.
func (s *Server) Count(name, typ string) (n int) {
	name = plain(name)
	for _, q := range s.Queries() {
		if (name == "" || q.Name == name) && (typ == "" || q.Type == typ) {
			n++
		}
	}
	return n
}

// Forget empties the log.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// Close ends the server and all its connections, and waits until they ended.
func (s *Server) Close() {
	s.once.Do(func() {
		close(s.done)
		for _, c := range s.close {
			c.Close()
		}
		if s.web != nil {
			s.web.Close()
		}
		s.mu.Lock()
		for c := range s.conns {
			c.Close()
		}
		s.mu.Unlock()
	})
	s.wg.Wait()
}

// maxPortTries bounds the search for a port that is free for both UDP and TCP.
const maxPortTries = 50

func (s *Server) listen(set settings) error {
	var stream net.Listener
	var err error
	for range maxPortTries {
		if stream, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("dnstest: %w", err)
		}
		if s.udp, err = net.ListenPacket("udp", stream.Addr().String()); err == nil {
			break
		}
		stream.Close()
	}
	if err != nil {
		return fmt.Errorf("dnstest: no port is free for both UDP and TCP: %w", err)
	}
	s.Addr = stream.Addr().String()
	s.close = append(s.close, stream, s.udp)
	s.serveUDP()
	s.serveStream(stream, "tcp")
	if set.tls != nil {
		return set.tls(s)
	}
	return nil
}

func (s *Server) listenTLS() error {
	cert, pool, err := newCertificate()
	if err != nil {
		return err
	}
	s.ca = pool
	dot, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return fmt.Errorf("dnstest: %w", err)
	}
	s.TLSAddr = dot.Addr().String()
	s.close = append(s.close, dot)
	s.serveStream(dot, "tls")
	doh, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("dnstest: %w", err)
	}
	s.URL = "https://" + doh.Addr().String() + "/dns-query"
	s.serveWeb(doh, cert)
	return nil
}

func (s *Server) record(m *dns.Msg, transport string) Query {
	q := Query{
		Name:      plain(m.Question[0].Name),
		Type:      dns.Type(m.Question[0].Qtype).String(),
		Transport: transport,
		EDNS:      m.IsEdns0() != nil,
		Time:      time.Now(),
	}
	if !s.silent {
		s.mu.Lock()
		s.log = append(s.log, q)
		s.mu.Unlock()
	}
	return q
}

// plain returns a name as the log shows it.
func plain(name string) string {
	if name == "." {
		return name
	}
	return strings.ToLower(strings.TrimSuffix(name, "."))
}

// limiter is a token bucket that holds the tokens of a fifth of a second.
type limiter struct {
	mu     sync.Mutex
	rate   float64
	rcode  string
	tokens float64
	last   time.Time
}

func (l *limiter) allow(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	burst := max(l.rate/5, 1)
	if l.last.IsZero() {
		l.tokens = burst
	} else {
		l.tokens = min(burst, l.tokens+l.rate*now.Sub(l.last).Seconds())
	}
	l.last = now
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}
