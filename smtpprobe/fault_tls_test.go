package smtpprobe_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// maxHandshake is the most time that a hostile certificate may cost.
const maxHandshake = time.Second

// present shows a chain to the probe, with a login asked for.
func (l *lab) present(chain tls.Certificate, roots *x509.CertPool) *smtpprobe.Session {
	l.t.Helper()
	cfg := l.withAuth(smtpprobe.MechLogin)
	if roots != nil {
		cfg.Roots = roots
	}
	s, srv := l.probe(smtptest.ExchangeOnline(smtptest.Config(chain), map[string]string{user: password}), cfg)
	srv.Close()
	if clear, inTLS := srv.Received(); strings.Contains(clear+inTLS, "AUTH ") != s.TLS.Trusted() {
		l.t.Errorf("trusted %v, but sent %q", s.TLS.Trusted(), inTLS)
	}
	if st := s.Find(smtpprobe.PhaseTLS); st != nil && st.Took > maxHandshake {
		l.t.Errorf("the handshake took %v", st.Took)
	}
	data, err := json.Marshal(s)
	if err != nil || len(data) > 512<<10 {
		l.t.Errorf("%v, or a record of %d bytes", err, len(data))
	}
	return s
}

// kinds lists the problems of a certificate.
func kinds(s *smtpprobe.Session) string {
	if s.TLS == nil {
		return ended(s)
	}
	var out []string
	for _, p := range s.TLS.Problems {
		out = append(out, string(p.Kind))
	}
	return strings.Join(out, " ")
}

// own is an authority of a test, whose certificates may be as odd as it likes.
type own struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func newOwn(t *testing.T, key crypto.Signer) own {
	t.Helper()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "DigiCert Test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return own{cert, key}
}

// issue signs a certificate for host, changed.
func (o own) issue(t *testing.T, key crypto.Signer, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host},
		DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	change(tmpl)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, o.cert, key.Public(), o.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (o own) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(o.cert)
	return pool
}

func ecKey(t *testing.T, curve elliptic.Curve) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// A certificate that a trusted authority signed with SHA-1 is weak, and not
// merely of an unknown authority. Go's library makes no such certificate for
// us, so the signature algorithm is put in by hand.
func TestFault_120_SHA1(t *testing.T) {
	l := newLab(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ca := newOwn(t, key)
	chain := ca.issue(t, ecKey(t, elliptic.P256()), func(*x509.Certificate) {})
	chain.Certificate[0] = resignSHA1(t, chain.Certificate[0], key)
	s := l.present(chain, ca.roots())
	if kinds(s) != "weak" || s.Auth.Skipped != smtpprobe.SkipUnverified {
		t.Errorf("%s: %+v\n%s", kinds(s), s.TLS, s.Transcript())
	}
}

// resignSHA1 signs the same facts with SHA-1.
func resignSHA1(t *testing.T, der []byte, key *rsa.PrivateKey) []byte {
	t.Helper()
	// sha256WithRSAEncryption becomes sha1WithRSAEncryption (RFC 4055 5, RFC 3279 2.2.1)
	var cert struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &cert); err != nil {
		t.Fatal(err)
	}
	sha256, _ := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11})
	sha1, _ := asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5})
	tbs := strings.Replace(string(cert.TBS.FullBytes), string(sha256), string(sha1), 1)
	cert.TBS = asn1.RawValue{FullBytes: []byte(tbs)}
	cert.Algorithm.Algorithm = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}
	h := crypto.SHA1.New()
	h.Write([]byte(tbs))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	cert.Signature = asn1.BitString{Bytes: sig, BitLength: 8 * len(sig)}
	out, err := asn1.Marshal(cert)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Chains that are too long or too large, and keys too large to verify with.
func TestFault_121_LargeChains(t *testing.T) {
	l := newLab(t)
	ca := newOwn(t, ecKey(t, elliptic.P521()))
	key := ecKey(t, elliptic.P521())
	plain := ca.issue(t, key, func(*x509.Certificate) {})

	if s := l.present(plain, ca.roots()); !s.Auth.Success {
		t.Errorf("P-521: %s\n%s", kinds(s), s.Transcript())
	}
	long, fillers := plain, newOwn(t, ecKey(t, elliptic.P256()))
	for i := range 199 {
		filler := fillers.issue(t, key, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(int64(i + 3)) })
		long.Certificate = append(long.Certificate, filler.Certificate[0])
	}
	if s := l.present(long, ca.roots()); !s.Auth.Success || len(s.TLS.Chain) > 16 {
		t.Errorf("200 certificates: %s\n%s", kinds(s), s.Transcript())
	}
	huge := ca.issue(t, key, func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4},
			Value: make([]byte, 300<<10)}}
	})
	if s := l.present(huge, ca.roots()); ended(s) != "tls tls" && ended(s) != "tls other" {
		t.Errorf("300 KiB: %s\n%s", ended(s), s.Transcript())
	} else {
		t.Logf("300 KiB: %s", s.Failed().Err.Text)
	}
}

// A key of 16,384 bits takes minutes to make: this one is no key, but it is as
// large, and nobody gets as far as to see that.
func TestFault_121_LargeKey(t *testing.T) {
	l := newLab(t)
	ca := newOwn(t, ecKey(t, elliptic.P256()))
	n := new(big.Int).Lsh(big.NewInt(1), 16384)
	n.Sub(n, big.NewInt(1))
	leaf := ca.issue(t, fakeRSA{&rsa.PublicKey{N: n, E: 65537}}, func(*x509.Certificate) {})
	s := l.present(leaf, ca.roots())
	if s.TLS != nil || !strings.HasPrefix(ended(s), "tls ") || !strings.Contains(s.Failed().Err.Text, "8192 bits") {
		t.Errorf("%s\n%s", ended(s), s.Transcript())
	}
}

// fakeRSA signs with noise.
type fakeRSA struct{ public *rsa.PublicKey }

func (k fakeRSA) Public() crypto.PublicKey { return k.public }

func (k fakeRSA) Sign(r io.Reader, _ []byte, _ crypto.SignerOpts) ([]byte, error) {
	sig := make([]byte, k.public.Size())
	_, err := r.Read(sig[1:])
	return sig, err
}

// Certificates that are odd but not larger than others.
func TestFault_126_OddCertificates(t *testing.T) {
	l := newLab(t)
	ca := newOwn(t, ecKey(t, elliptic.P256()))
	key := ecKey(t, elliptic.P256())
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprintf("host-%d.example", i)
	}
	for name, c := range map[string]struct {
		change func(*x509.Certificate)
		want   string // problems; "": fine
	}{
		"year 9999": {func(c *x509.Certificate) {
			c.NotAfter = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
		}, ""},
		"year 1950": {func(c *x509.Certificate) {
			c.NotBefore = time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
		}, ""},
		"no subject":      {func(c *x509.Certificate) { c.Subject = pkix.Name{} }, ""},
		"no names at all": {func(c *x509.Certificate) { c.Subject, c.DNSNames = pkix.Name{}, nil }, "no-names"},
		"5000 names":      {func(c *x509.Certificate) { c.DNSNames = append(many, host) }, ""},
		"5000 others":     {func(c *x509.Certificate) { c.DNSNames = many }, "name"},
		"no usage": {func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		}, "other"},
		"critical and unknown": {func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true,
				Value: []byte{5, 0}}}
		}, "other"},
		"ends before it begins": {func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(-time.Hour) }, "expired"},
	} {
		s := l.present(ca.issue(t, key, c.change), ca.roots())
		if got := kinds(s); got != c.want || s.Auth.Success != (c.want == "") {
			t.Errorf("%s: got %q, want %q\n%s", name, got, c.want, s.Transcript())
		}
	}
	good := ca.issue(t, key, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x7777777777) })
	negative := strings.Replace(string(good.Certificate[0]), "\x02\x05\x77\x77\x77\x77\x77",
		"\x02\x05\x88\x77\x77\x77\x77", 1)
	for name, der := range map[string][]byte{"negative serial": []byte(negative), "cut off": good.Certificate[0][:200],
		"junk": []byte("no certificate"), "of length 0": {}} {
		s := l.present(tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, ca.roots())
		if s.TLS != nil || !strings.HasPrefix(ended(s), "tls ") {
			t.Errorf("%s: %s\n%s", name, ended(s), s.Transcript())
		} else {
			t.Logf("%s: %s: %s", name, ended(s), s.Failed().Err.Text)
		}
	}
}

// Name constraints by the thousand, at each step of a chain, against names by
// the thousand, are not multiplied without end.
func TestFault_126_ConstraintExplosion(t *testing.T) {
	l := newLab(t)
	root := newOwn(t, ecKey(t, elliptic.P256()))
	var permitted, names []string
	for i := range 3000 {
		permitted = append(permitted, fmt.Sprintf("d%d.example", i))
		names = append(names, fmt.Sprintf("a.d%d.example", i))
	}
	signer, chain := root, [][]byte(nil)
	for range 3 {
		key := ecKey(t, elliptic.P256())
		mid := signer.issue(t, key, func(c *x509.Certificate) {
			c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
			c.Subject, c.DNSNames = pkix.Name{CommonName: fmt.Sprintf("CA %d", len(chain))}, nil
			c.PermittedDNSDomains = append(permitted, "office365.com")
		})
		cert, err := x509.ParseCertificate(mid.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		signer, chain = own{cert, key}, append([][]byte{mid.Certificate[0]}, chain...)
	}
	leaf := signer.issue(t, ecKey(t, elliptic.P256()), func(c *x509.Certificate) {
		c.DNSNames = append(names, host)
	})
	leaf.Certificate = append(leaf.Certificate, chain...)
	if s := l.present(leaf, root.roots()); s.TLS == nil || ended(s) != "ok" {
		t.Errorf("%s, %s\n%s", ended(s), kinds(s), s.Transcript())
	}
}
