// Package smtptest plays SMTP servers, good ones and broken ones, over real
// sockets, as net/http/httptest does for HTTP.
//
// A [Server] gives each connection to a [Handler] and records every byte that
// it receives, unencrypted and inside TLS apart. Handlers come in three kinds: a
// [Script], which says and expects fixed lines; a [Persona], which answers
// commands in any order like a real server, with faults where a test wants
// them; and any function. [ExchangeOnline] is a persona made from what
// smtp.office365.com says. [NewCA] makes throw-away certificates, right and
// wrong ones. [Net] plays the network between.
//
// Nothing here needs package testing: `maildiag demo` uses it too.
package smtptest

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"time"
)

// Handler serves one connection and returns when it is over; the server closes it.
type Handler interface{ Serve(c *Conn) }

// HandlerFunc is a function as a Handler.
type HandlerFunc func(c *Conn)

// Serve calls f.
func (f HandlerFunc) Serve(c *Conn) { f(c) }

// Server serves connections, on loopback or in memory. Start one with [Start],
// [New] or [NewPiped].
type Server struct {
	Addr string // host:port; empty in memory

	handler Handler
	listen  net.Listener // nil in memory
	wg      sync.WaitGroup
	mu      sync.Mutex
	open    map[net.Conn]bool
	records []*Record
	closed  bool
}

// Record is what one connection received.
type Record struct {
	mu         sync.Mutex
	clear, tls []byte
}

// Clear returns the bytes received outside TLS, handshakes not counted.
func (r *Record) Clear() string { r.mu.Lock(); defer r.mu.Unlock(); return string(r.clear) }

// TLS returns the bytes received inside TLS.
func (r *Record) TLS() string { r.mu.Lock(); defer r.mu.Unlock(); return string(r.tls) }

// Start serves h on a free port of 127.0.0.1 until Close.
func Start(h Handler) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{Addr: l.Addr().String(), handler: h, listen: l, open: map[net.Conn]bool{}}
	s.wg.Go(s.accept)
	return s, nil
}

// TB is the part of testing.TB that New needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// New serves h for the time of a test.
func New(t TB, h Handler) *Server {
	t.Helper()
	s, err := Start(h)
	if err != nil {
		t.Fatalf("smtptest: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// NewPiped serves h in memory for the time of a test, so that the test can run in
// virtual time (testing/synctest). A connection has no RST and no half-close.
func NewPiped(t TB, h Handler) *Server {
	s := &Server{handler: h, open: map[net.Conn]bool{}}
	t.Cleanup(s.Close)
	return s
}

// patience is how long Close lets handlers read what clients have sent last.
const patience = 250 * time.Millisecond

// Close stops listening, waits a moment for the handlers to end by themselves,
// closes all connections and waits for the handlers.
func (s *Server) Close() {
	if s.listen != nil {
		_ = s.listen.Close()
	}
	idle := make(chan struct{})
	go func() { s.wg.Wait(); close(idle) }()
	select {
	case <-idle:
	case <-time.After(patience):
	}
	s.mu.Lock()
	s.closed = true
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Records returns what each connection received so far, in the order of arrival.
func (s *Server) Records() []*Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Record(nil), s.records...)
}

// Received returns all bytes received so far: those unencrypted and those inside TLS.
func (s *Server) Received() (clear, inTLS string) {
	for _, r := range s.Records() {
		clear += r.Clear()
		inTLS += r.TLS()
	}
	return clear, inTLS
}

// DialContext connects to the server, whatever the address, so that a Server
// is a smtpprobe.Dialer.
func (s *Server) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if s.listen == nil {
		client, server := net.Pipe()
		s.serve(server)
		return client, nil
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", s.Addr)
}

func (s *Server) accept() {
	for {
		raw, err := s.listen.Accept()
		if err != nil {
			return
		}
		s.serve(raw)
	}
}

// serve lets the handler serve a connection in a goroutine.
func (s *Server) serve(raw net.Conn) {
	rec := &Record{}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = raw.Close()
		return
	}
	s.open[raw] = true
	s.records = append(s.records, rec)
	s.wg.Go(func() {
		Serve(raw, s.handler, rec)
		s.mu.Lock()
		delete(s.open, raw)
		s.mu.Unlock()
	})
}

// Serve lets h serve one connection, such as an end of net.Pipe, records what
// it receives if rec is not nil, and closes it.
func Serve(raw net.Conn, h Handler, rec *Record) {
	if rec == nil {
		rec = &Record{}
	}
	defer raw.Close()
	c := &Conn{raw: raw, conn: raw, rec: rec}
	c.in = bufio.NewReader(c)
	h.Serve(c)
}

// Conn is the server's end of a connection.
type Conn struct {
	Secure bool // inside TLS

	raw, conn net.Conn
	in        *bufio.Reader
	rec       *Record
}

// Read reads and records; handlers use [Conn.Line].
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.conn.Read(b)
	c.rec.mu.Lock()
	defer c.rec.mu.Unlock()
	if c.Secure {
		c.rec.tls = append(c.rec.tls, b[:n]...)
	} else {
		c.rec.clear = append(c.rec.clear, b[:n]...)
	}
	return n, err
}

// Line reads a line and cuts its end; ok is false at the end of the connection.
func (c *Conn) Line() (line string, ok bool) {
	line, err := c.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}

// Send writes bytes as they are, in one piece.
func (c *Conn) Send(text string) bool {
	_, err := c.conn.Write([]byte(text))
	return err == nil
}

// StartTLS shakes hands as the server. What the client sent before it unencrypted
// and nobody read is dropped.
func (c *Conn) StartTLS(cfg *tls.Config) bool {
	t := tls.Server(c.raw, cfg)
	if t.Handshake() != nil {
		return false
	}
	c.conn, c.Secure = t, true
	c.in.Reset(c)
	return true
}

// Reset makes the close of the connection a hard one (RST).
func (c *Conn) Reset() {
	if t, ok := c.raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.raw.Close()
}

// CloseWrite ends our direction only.
func (c *Conn) CloseWrite() {
	if t, ok := c.raw.(*net.TCPConn); ok {
		_ = t.CloseWrite()
	}
}

// Drip writes a text byte by byte with a pause before each.
func (c *Conn) Drip(pause time.Duration, text string) bool {
	for i := range len(text) {
		time.Sleep(pause)
		if !c.Send(text[i : i+1]) {
			return false
		}
	}
	return true
}

// Drain reads and drops until the other end closes.
func (c *Conn) Drain() {
	for {
		if _, err := c.in.Discard(1); err != nil {
			return
		}
	}
}
