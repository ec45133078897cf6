package dnsrec_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// certified is a server over TLS and HTTPS with a certificate of its own, whose
// authority is itself.
func certified(t *testing.T, c *x509.Certificate) (web *httptest.Server, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber, c.Subject = big.NewInt(1), pkix.Name{CommonName: "resolver"}
	c.IsCA, c.BasicConstraintsValid = true, true
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	own, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(own)
	web = httptest.NewUnstartedServer(http.NotFoundHandler())
	web.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"dot", "http/1.1"}}
	web.Config.ErrorLog = log.New(io.Discard, "", 0)
	web.StartTLS()
	t.Cleanup(web.Close)
	return web, roots
}

// A certificate that does not verify is named, over TLS and over HTTPS, and the
// name is what a recording keeps.
func TestCertificateFaults(t *testing.T) {
	now, day := time.Now(), 24*time.Hour
	loopback := []net.IP{net.IPv4(127, 0, 0, 1)}
	for name, c := range map[string]struct {
		cert    x509.Certificate
		trusted bool
		says    string
	}{
		"expired":   {x509.Certificate{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day), IPAddresses: loopback}, true, "has expired on "},
		"too early": {x509.Certificate{NotBefore: now.Add(day), NotAfter: now.Add(2 * day), IPAddresses: loopback}, true, "is valid only from "},
		"name":      {x509.Certificate{NotBefore: now.Add(-day), NotAfter: now.Add(day), DNSNames: []string{"a.test"}}, true, "is not for 127.0.0.1, but for a.test"},
		"no name":   {x509.Certificate{NotBefore: now.Add(-day), NotAfter: now.Add(day)}, true, "but for no name"},
		"issuer":    {x509.Certificate{NotBefore: now.Add(-day), NotAfter: now.Add(day), IPAddresses: loopback}, false, "was issued by "},
	} {
		web, roots := certified(t, &c.cert)
		if !c.trusted {
			roots = x509.NewCertPool()
		}
		for _, server := range []string{"tls://" + strings.TrimPrefix(web.URL, "https://"), web.URL + "/dns-query"} {
			_, err := ask(client(t, dnsrec.Options{RootCAs: roots, Tries: 1}, server), "example.com", "MX")
			var e *dnsrec.Error
			if !errors.As(err, &e) || e.Kind != dnsrec.KindNetwork {
				t.Errorf("%s, %s: %v", name, server, err)
				continue
			}
			recorded := &dnsrec.Error{Err: errors.New(e.Err.Error())}
			if fault, ok := recorded.Certificate(); !ok || !strings.Contains(fault, c.says) {
				t.Errorf("%s, %s: %q", name, server, fault)
			}
		}
	}
	if fault, ok := (&dnsrec.Error{Err: errors.New("connection refused")}).Certificate(); ok {
		t.Errorf("no certificate: %q", fault)
	}
}
