// Package httpstest runs an HTTPS server on loopback under a certificate
// authority of its own, for tests and demonstrations of what fetches over
// HTTPS. Whatever address and port a client believes to dial, [Server.Dialer]
// leads it to the server, so that names and addresses in the DNS can be those
// of the real world.
package httpstest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// CA is a certificate authority.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewCA makes an authority with a fresh key, valid from a year ago for ten.
func NewCA() (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "maildiag test CA"},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(9, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &CA{cert, key}, err
}

// Pool returns the roots to trust for certificates of the authority.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// Issue makes a server certificate for names, valid from yesterday for 90
// days. Each of change may alter the template before it is signed.
func (ca *CA) Issue(names []string, change ...func(*x509.Certificate)) (*tls.Certificate, error) {
	return issue(names, ca.cert, ca.key, change)
}

// SelfSigned makes a certificate signed with its own key.
func SelfSigned(names []string) (*tls.Certificate, error) { return issue(names, nil, nil, nil) }

func issue(names []string, by *x509.Certificate, byKey *ecdsa.PrivateKey,
	change []func(*x509.Certificate)) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	tmpl := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(0, 0, 89),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, f := range change {
		f(tmpl)
	}
	if by == nil {
		by, byKey = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, by, key.Public(), byKey)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// Server is a running HTTPS server.
type Server struct {
	CA   *CA
	Addr string // of its loopback socket

	http  *http.Server
	ended chan struct{}
	mu    sync.Mutex
	certs map[string]*tls.Certificate // by server name
}

// Start runs handler on a free port of 127.0.0.1 until Close. For every name
// that a client asks for, it has a certificate of its own CA; [Server.Use]
// replaces it for one name.
func Start(handler http.Handler) (*Server, error) {
	ca, err := NewCA()
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{CA: ca, Addr: ln.Addr().String(), ended: make(chan struct{}), certs: map[string]*tls.Certificate{}}
	s.http = &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	config := &tls.Config{GetCertificate: s.certificate, NextProtos: []string{"http/1.1"}}
	go func() {
		defer close(s.ended)
		s.http.Serve(tls.NewListener(ln, config))
	}()
	return s, nil
}

// Close stops the server and all its connections.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.ended
	return err
}

// Use makes the server show cert to clients that ask for name.
func (s *Server) Use(name string, cert *tls.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.certs[name] = cert
}

func (s *Server) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := hello.ServerName
	if cert := s.certs[name]; cert != nil {
		return cert, nil
	}
	if name == "" {
		return nil, fmt.Errorf("httpstest: no server name")
	}
	cert, err := s.CA.Issue([]string{name})
	if err == nil {
		s.certs[name] = cert
	}
	return cert, err
}

// Dialer returns a dialer that leads every connection to the server.
func (s *Server) Dialer() *Dialer { return &Dialer{Addr: s.Addr} }

// Dialer leads every connection to Addr and remembers what was asked for.
type Dialer struct {
	Addr  string
	mu    sync.Mutex
	asked []string
}

// DialContext connects to d.Addr, whatever the address.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.asked = append(d.asked, address)
	d.mu.Unlock()
	var dialer net.Dialer
	return dialer.DialContext(ctx, network, d.Addr)
}

// Asked lists the addresses that were dialled so far.
func (d *Dialer) Asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.asked...)
}
