package smtptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"time"
)

// CA is a throw-away authority. It lives in memory only.
type CA struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// NewCA makes an authority; name is both its common name and its organization.
func NewCA(name string) (*CA, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("smtptest: %w", err)
	}
	return newCA(name, key, nil)
}

func newCA(name string, key crypto.Signer, parent *CA) (*CA, error) {
	tmpl := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: name, Organization: []string{name}},
		NotBefore:    time.Now().Add(-5 * 365 * 24 * time.Hour),
		NotAfter:     time.Now().Add(5 * 365 * 24 * time.Hour),
		IsCA:         true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	signer, by := tmpl, key
	if parent != nil {
		signer, by = parent.cert, parent.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, signer, key.Public(), by)
	if err != nil {
		return nil, fmt.Errorf("smtptest: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("smtptest: %w", err)
	}
	return &CA{cert, key}, nil
}

// Roots returns a pool that trusts the authority alone.
func (ca *CA) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.cert)
	return pool
}

// DER returns the authority's own certificate.
func (ca *CA) DER() []byte { return ca.cert.Raw }

// Spec describes a certificate, right or wrong. The zero value of a field
// means what a good certificate has.
type Spec struct {
	CommonName string
	Names      []string // DNS names
	IPs        []net.IP
	NotBefore  time.Time // an hour ago
	NotAfter   time.Time // in 212 days

	SelfSigned   bool // signed by itself
	Intermediate bool // signed by an intermediate authority, which is sent along
	Incomplete   bool // signed by an intermediate authority, which is not sent
	RSA          int  // bits of an RSA key; 0: ECDSA P-256
	SHA1         bool // signed with SHA-1; needs SelfSigned and RSA
}

// Issue makes a certificate with its key, ready to serve.
func (ca *CA) Issue(s Spec) (tls.Certificate, error) {
	key, err := s.key()
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("smtptest: %w", err)
	}
	signer := ca
	if s.Intermediate || s.Incomplete {
		if signer, err = newCA(ca.cert.Subject.CommonName+" Issuing CA 1", ca.key, ca); err != nil {
			return tls.Certificate{}, err
		}
	}
	tmpl := s.template()
	parent, by := signer.cert, signer.key
	if s.SelfSigned {
		parent, by = tmpl, key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), by)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("smtptest: %w", err)
	}
	out := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if s.Intermediate {
		out.Certificate = append(out.Certificate, signer.cert.Raw)
	}
	return out, nil
}

func (s Spec) key() (crypto.Signer, error) {
	if s.RSA > 0 {
		return rsa.GenerateKey(rand.Reader, s.RSA)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func (s Spec) template() *x509.Certificate {
	t := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: s.CommonName},
		DNSNames: s.Names, IPAddresses: s.IPs, NotBefore: s.NotBefore, NotAfter: s.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if t.Subject.CommonName == "" && len(s.Names) > 0 {
		t.Subject.CommonName = s.Names[0]
	}
	if t.NotBefore.IsZero() {
		t.NotBefore = time.Now().Add(-time.Hour)
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = time.Now().Add(212*24*time.Hour + 12*time.Hour)
	}
	if s.Incomplete {
		t.IssuingCertificateURL = []string{"http://ca.example/issuing-ca-1.crt"}
	}
	if s.SHA1 {
		t.SignatureAlgorithm = x509.SHA1WithRSA
	}
	return t
}

func serial() *big.Int { return new(big.Int).SetBytes([]byte(rand.Text())) }

// Config returns a server's TLS configuration with one certificate.
func Config(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
}
