package httpsget

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"strings"
	"sync"
	"time"
)

const (
	maxChain = 10 // certificates of a chain that are checked
	maxNames = 20 // names of a certificate that are kept
)

// inspect verifies the certificate of a connection for host at the time now,
// and collects every fault, not only the first.
func inspect(cs tls.ConnectionState, host string, roots *x509.CertPool, now time.Time) *TLS {
	t := &TLS{Version: tls.VersionName(cs.Version), Cipher: tls.CipherSuiteName(cs.CipherSuite), Checked: now.UTC().Round(0)}
	if len(cs.PeerCertificates) == 0 { // crypto/tls does not let this happen
		return t
	}
	leaf, rest := cs.PeerCertificates[0], cs.PeerCertificates[1:min(len(cs.PeerCertificates), maxChain)]
	t.Leaf = describe(leaf)
	for _, c := range rest {
		t.Chain = append(t.Chain, clip(c.Subject.String()))
	}
	t.Faults = append(t.Faults, nameFaults(leaf, host)...)
	t.Faults = append(t.Faults, timeFaults(leaf, now)...)
	t.Faults = append(t.Faults, chainFaults(leaf, rest, roots, now)...)
	t.Verified = len(t.Faults) == 0
	return t
}

func describe(c *x509.Certificate) *Certificate {
	d := &Certificate{Subject: clip(c.Subject.String()), Issuer: clip(c.Issuer.String()),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC()}
	for _, n := range c.DNSNames[:min(len(c.DNSNames), maxNames)] {
		d.Names = append(d.Names, clip(n))
	}
	return d
}

func nameFaults(leaf *x509.Certificate, host string) []Fault {
	switch {
	case leaf.VerifyHostname(host) == nil:
		return nil
	case len(leaf.DNSNames) == 0 && strings.EqualFold(leaf.Subject.CommonName, host):
		return []Fault{FaultCommonName}
	}
	return []Fault{FaultName}
}

func timeFaults(leaf *x509.Certificate, now time.Time) []Fault {
	switch {
	case now.Before(leaf.NotBefore):
		return []Fault{FaultNotYet}
	case now.After(leaf.NotAfter):
		return []Fault{FaultExpired}
	}
	return nil
}

// chainFaults looks for a way to a trusted CA, at a time at which the
// certificate itself is valid, so that this fault is distinguished from age.
func chainFaults(leaf *x509.Certificate, rest []*x509.Certificate, roots *x509.CertPool, now time.Time) []Fault {
	at := now
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter) {
		at = leaf.NotAfter
	}
	between := x509.NewCertPool()
	for _, c := range rest {
		between.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at})
	var unknown x509.UnknownAuthorityError
	var noRoots x509.SystemRootsError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &noRoots), roots == nil && systemHasNone():
		return []Fault{FaultNoRoots}
	case errors.As(err, &unknown) && selfSigned(leaf):
		return []Fault{FaultSelfSigned}
	case errors.As(err, &unknown):
		return []Fault{FaultUnknownCA}
	}
	return []Fault{FaultChain}
}

func selfSigned(c *x509.Certificate) bool {
	return string(c.RawIssuer) == string(c.RawSubject) &&
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// systemHasNone reports whether this machine has no CA certificates, as minimal
// containers do.
var systemHasNone = sync.OnceValue(func() bool {
	pool, err := x509.SystemCertPool()
	return err != nil || pool.Equal(x509.NewCertPool())
})
