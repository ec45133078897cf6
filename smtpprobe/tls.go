package smtpprobe

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"time"
)

// What is kept of a certificate, however much there is.
const (
	maxChain = 16
	maxNames = 100
	maxName  = 255
)

// TLS is what a handshake told.
type TLS struct {
	Version string        `json:"version"` // "TLS 1.3"
	Cipher  string        `json:"cipher"`  // IANA name
	Group   string        `json:"group,omitempty"`
	Chain   []Certificate `json:"chain"` // as sent, the server's own first
	Host    string        `json:"host"`  // what the certificate was verified for

	// Verified reports whether the chain leads to a trusted authority, is in its
	// time, and names Host. Otherwise Problems tells why not: each reason that
	// applies, at least one.
	Verified bool          `json:"verified"`
	Problems []CertProblem `json:"problems,omitempty"`
}

// Modern reports whether the version is one that RFC 8996 and RFC 9325 leave.
func (t *TLS) Modern() bool { return t != nil && (t.Version == "TLS 1.2" || t.Version == "TLS 1.3") }

// Trusted reports whether a secret may be sent.
func (t *TLS) Trusted() bool { return t.Modern() && t.Verified }

// Leaf returns the server's own certificate; the zero value if it sent none.
func (t *TLS) Leaf() Certificate {
	if t == nil || len(t.Chain) == 0 {
		return Certificate{}
	}
	return t.Chain[0]
}

// Certificate is what a certificate says.
type Certificate struct {
	Name      string    `json:"name"`    // common name, else the first of Names
	Subject   string    `json:"subject"` // distinguished name, RFC 4514
	Issuer    string    `json:"issuer"`
	IssuerOrg string    `json:"issuer_org,omitempty"` // organization, else common name
	Names     []string  `json:"names"`                // DNS names and IP addresses it is for
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Key       string    `json:"key"`      // "RSA", "ECDSA", "Ed25519"
	KeyBits   int       `json:"key_bits"` // 0: not known
	Signature string    `json:"signature"`
	SHA256    string    `json:"sha256"` // of the whole certificate, hexadecimal

	// What a TLSA record may hold instead (RFC 6698 2.1), hexadecimal.
	SHA512    string `json:"sha512,omitempty"`
	KeySHA256 string `json:"key_sha256,omitempty"` // of the SubjectPublicKeyInfo
	KeySHA512 string `json:"key_sha512,omitempty"`

	// SignedByNext reports whether the next certificate of the chain signed this one.
	SignedByNext bool `json:"signed_by_next,omitempty"`
}

// CertProblem is one reason why a certificate cannot be trusted.
type CertProblem struct {
	Kind CertKind `json:"kind"`
	Text string   `json:"text"`
}

// CertKind classifies a CertProblem.
type CertKind string

// The kinds of CertProblem.
const (
	CertExpired    CertKind = "expired"
	CertFuture     CertKind = "not-yet-valid"
	CertName       CertKind = "name"         // is for other names
	CertNoNames    CertKind = "no-names"     // only a common name, which nobody reads any more
	CertSelfSigned CertKind = "self-signed"  //
	CertUnknownCA  CertKind = "unknown-ca"   // issued by an authority that is not trusted here
	CertIncomplete CertKind = "incomplete"   // the certificate of its issuer was not sent
	CertWeak       CertKind = "weak"         // signed with SHA-1 or MD5
	CertNoRoots    CertKind = "no-roots"     // this machine trusts no authority at all
	CertOther      CertKind = "other"        //
	CertMissing    CertKind = "not-received" // the server sent none
)

// handshake does TLS on conn. The certificate is verified, but the handshake
// goes on when it fails, so that the facts can be told.
func handshake(ctx context.Context, conn net.Conn, cfg Config) (*tls.Conn, *TLS, error) {
	name := cfg.Host
	if cfg.Client.NoSNI {
		name = ""
	}
	t := tls.Client(conn, &tls.Config{
		ServerName:         name,
		MaxVersion:         cfg.Client.MaxTLS,
		CipherSuites:       cfg.Client.Ciphers,
		MinVersion:         tls.VersionTLS10, // old servers are told, not trusted
		InsecureSkipVerify: true,             // verified by look; no secret without it
	})
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, nil, err
	}
	state := t.ConnectionState()
	facts := look(state.PeerCertificates, cfg, time.Now())
	facts.Version = tls.VersionName(state.Version)
	facts.Cipher = tls.CipherSuiteName(state.CipherSuite)
	if state.CurveID != 0 {
		facts.Group = state.CurveID.String()
	}
	return t, facts, nil
}

// look verifies a chain and tells what it says.
func look(chain []*x509.Certificate, cfg Config, now time.Time) *TLS {
	facts := &TLS{Host: cfg.Host, Chain: []Certificate{}}
	for i, c := range chain[:min(len(chain), maxChain)] {
		d := describe(c)
		d.SignedByNext = i+1 < len(chain) && c.CheckSignatureFrom(chain[i+1]) == nil
		facts.Chain = append(facts.Chain, d)
	}
	if len(chain) == 0 {
		facts.Problems = []CertProblem{{CertMissing, "the server sent no certificate"}}
		return facts
	}
	opts := x509.VerifyOptions{Roots: cfg.Roots, DNSName: cfg.Host, CurrentTime: now,
		Intermediates: x509.NewCertPool()}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(opts)
	facts.Verified = err == nil
	if err != nil {
		facts.Problems = problems(chain, opts, err)
	}
	return facts
}

// problems finds each reason for which a chain did not verify: the library
// stops at the first.
func problems(chain []*x509.Certificate, opts x509.VerifyOptions, err error) (out []CertProblem) {
	leaf := chain[0]
	tell := func(k CertKind, text string) {
		if !slices.ContainsFunc(out, func(p CertProblem) bool { return p.Kind == k }) {
			out = append(out, CertProblem{k, clean(text)})
		}
	}
	switch {
	case opts.CurrentTime.After(leaf.NotAfter):
		tell(CertExpired, "valid until "+leaf.NotAfter.UTC().Format(time.DateTime)+" UTC")
	case opts.CurrentTime.Before(leaf.NotBefore):
		tell(CertFuture, "valid from "+leaf.NotBefore.UTC().Format(time.DateTime)+" UTC")
	}
	if nameErr := leaf.VerifyHostname(opts.DNSName); nameErr != nil {
		kind := CertName
		if len(leaf.DNSNames)+len(leaf.IPAddresses) == 0 {
			kind = CertNoNames
		}
		tell(kind, nameErr.Error())
	}
	// The authority alone: at a time at which the server's own certificate is valid.
	opts.DNSName = ""
	if opts.CurrentTime.After(leaf.NotAfter) {
		opts.CurrentTime = leaf.NotAfter
	} else if opts.CurrentTime.Before(leaf.NotBefore) {
		opts.CurrentTime = leaf.NotBefore
	}
	if _, chainErr := leaf.Verify(opts); chainErr != nil {
		tell(authorityProblem(chain, chainErr), chainErr.Error())
	}
	if len(out) == 0 {
		tell(CertOther, err.Error())
	}
	return out
}

// authorityProblem reports why no trusted authority stands behind a chain.
func authorityProblem(chain []*x509.Certificate, err error) CertKind {
	var noRoots x509.SystemRootsError
	var insecure x509.InsecureAlgorithmError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	leaf := chain[0]
	switch {
	case errors.As(err, &noRoots):
		return CertNoRoots
	case errors.As(err, &insecure), weak(leaf.SignatureAlgorithm):
		return CertWeak
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CertExpired // a certificate further up
	case !errors.As(err, &unknown):
		return CertOther
	case string(leaf.RawIssuer) == string(leaf.RawSubject):
		return CertSelfSigned
	}
	// An authority that publishes its certificate for download is one that
	// the server should have sent along (RFC 5280 4.2.2.1).
	sent := slices.ContainsFunc(chain[1:], func(c *x509.Certificate) bool {
		return string(c.RawSubject) == string(leaf.RawIssuer)
	})
	if !sent && len(leaf.IssuingCertificateURL) > 0 {
		return CertIncomplete
	}
	return CertUnknownCA
}

func weak(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// describe takes the facts from a certificate, within limits.
func describe(c *x509.Certificate) Certificate {
	sum := sha256.Sum256(c.Raw)
	d := Certificate{
		Subject: short(c.Subject.String(), 4*maxName), Issuer: short(c.Issuer.String(), 4*maxName),
		Names: []string{}, NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		Signature: c.SignatureAlgorithm.String(), SHA256: hex.EncodeToString(sum[:]),
	}
	long, key, longKey := sha512.Sum512(c.Raw), sha256.Sum256(c.RawSubjectPublicKeyInfo), sha512.Sum512(c.RawSubjectPublicKeyInfo)
	d.SHA512, d.KeySHA256, d.KeySHA512 = hex.EncodeToString(long[:]), hex.EncodeToString(key[:]), hex.EncodeToString(longKey[:])
	d.IssuerOrg = short(c.Issuer.CommonName, maxName)
	if len(c.Issuer.Organization) > 0 {
		d.IssuerOrg = short(c.Issuer.Organization[0], maxName)
	}
	for _, n := range c.DNSNames[:min(len(c.DNSNames), maxNames)] {
		d.Names = append(d.Names, short(n, maxName))
	}
	for _, ip := range c.IPAddresses[:min(len(c.IPAddresses), maxNames)] {
		d.Names = append(d.Names, ip.String())
	}
	d.Name = short(c.Subject.CommonName, maxName)
	if d.Name == "" && len(d.Names) > 0 {
		d.Name = d.Names[0]
	}
	d.Key, d.KeyBits = keyOf(c)
	return d
}

func keyOf(c *x509.Certificate) (kind string, bits int) {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA", k.N.BitLen()
	case *ecdsa.PublicKey:
		return "ECDSA", k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 256
	}
	return c.PublicKeyAlgorithm.String(), 0
}

// short cuts a hostile text and makes it valid UTF-8.
func short(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit] + "..."
	}
	return clean(s)
}

// clearText returns what a server said unencrypted where its handshake should have
// come; empty if that was not it.
func clearText(err error) string {
	var header tls.RecordHeaderError
	if !errors.As(err, &header) {
		return ""
	}
	for _, c := range header.RecordHeader {
		if c < ' ' && c != '\r' && c != '\n' || c > '~' {
			return ""
		}
	}
	return string(header.RecordHeader[:])
}
