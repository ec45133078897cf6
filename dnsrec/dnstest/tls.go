package dnstest

import (
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
	"time"

	"github.com/miekg/dns"
)

// mediaType is that of a DNS message in HTTP (RFC 8484 6).
const mediaType = "application/dns-message"

// newCertificate makes a CA and a certificate of it for this machine.
func newCertificate() (tls.Certificate, *x509.CertPool, error) {
	fail := func(err error) (tls.Certificate, *x509.CertPool, error) {
		return tls.Certificate{}, nil, fmt.Errorf("dnstest: making a certificate: %w", err)
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "dnstest CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return fail(err)
	}
	if ca, err = x509.ParseCertificate(caDER); err != nil {
		return fail(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fail(err)
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "dns.test"},
		NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		DNSNames:    []string{"localhost", "dns.test"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage:    x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return fail(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool, nil
}

// serveWeb answers DNS over HTTPS, by POST (RFC 8484 4.1).
func (s *Server) serveWeb(l net.Listener, cert tls.Certificate) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /dns-query", s.handleWeb)
	web := &http.Server{
		Handler:           mux,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{cert}},
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.web = web
	s.wg.Go(func() { web.ServeTLS(l, "", "") })
}

func (s *Server) handleWeb(w http.ResponseWriter, r *http.Request) {
	query, err := io.ReadAll(io.LimitReader(r.Body, dns.MaxMsgSize))
	if err != nil || r.Header.Get("Content-Type") != mediaType {
		http.Error(w, "not a DNS message", http.StatusUnsupportedMediaType)
		return
	}
	packets, f, err := s.reply(query, "https")
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case f.Reset:
		panic(http.ErrAbortHandler)
	case len(packets) == 0:
		select { // stall
		case <-r.Context().Done():
		case <-s.done:
		}
		return
	}
	if s.sleep(f.Delay + s.latency) {
		w.Header().Set("Content-Type", mediaType)
		w.Write(packets[0])
	}
}
