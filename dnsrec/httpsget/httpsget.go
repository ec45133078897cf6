// Package httpsget fetches one small file by HTTPS for the e-mail records that
// live on the web: MTA-STS policies, BIMI images and mark certificates.
//
// A browser's habits are wrong for these. The sender of a message decides by
// the policy whether to deliver, so the fetch has to be exactly that of a
// sender: addresses from our own resolver, a certificate verified for the host
// of the URL, TLS 1.2 or later, no redirect followed, no proxy, no
// decompression, and bounds on bytes and time. Every way to fail has its own
// [Kind], because "there is no policy" and "the network is down" lead to
// opposite advice.
//
// HTTP/1.1 is the only version spoken. Every web server speaks it, and the
// framing of HTTP/2 brings nothing for one file but further ways to be
// attacked by the server.
package httpsget

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
)

// The bounds of one fetch.
const (
	DefaultTimeout = 15 * time.Second
	PolicyLimit    = 64 << 10 // bytes of an MTA-STS policy; RFC 8461 3.3 suggests 64 KiB
	ImageLimit     = 1 << 20  // bytes of anything else: BIMI images and certificates
	headerLimit    = 32 << 10 // bytes of all header fields
	framingLimit   = 16 << 10 // bytes of chunk headers around the body
)

// PolicyPath is where a policy lies on its host. RFC 8461 3.3
const PolicyPath = "/.well-known/mta-sts.txt"

// Dialer opens connections; a [net.Dialer] is one. It is given addresses only,
// never names.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Client fetches files. Only Resolver must be set.
type Client struct {
	Resolver dnsrec.Resolver
	Dialer   Dialer         // nil: a net.Dialer
	Roots    *x509.CertPool // nil: those of the system
	Timeout  time.Duration  // of one whole fetch; 0: DefaultTimeout
	Families []dnsrec.Type  // TypeA, TypeAAAA or both; nil: both

	// PublicOnly forbids addresses that are not public, such as 127.0.0.1 and
	// 169.254.169.254, but for those in Allow. A service that fetches for
	// strangers sets it; for the command line, which fetches for the person
	// who typed the name, it is off.
	PublicOnly bool
	Allow      []netip.Prefix

	silence silence
}

// Get fetches one https URL: at most limit bytes, or for limit 0 [PolicyLimit]
// for [PolicyPath] and [ImageLimit] for all else. It always returns a
// Response; what went wrong is in its Err.
func (c *Client) Get(ctx context.Context, rawURL string, limit int) *Response {
	began := time.Now()
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	fetchCtx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r := &Response{URL: rawURL}
	r.Err = c.get(fetchCtx, r, limit)
	if r.Err != nil {
		r.Err.blame(ctx.Err() != nil)
	}
	r.Elapsed = time.Since(began)
	return r
}

// blame distinguishes the end of the caller's time from that of our own.
func (e *Error) blame(caller bool) {
	switch {
	case caller:
		e.Kind = KindCanceled
	case e.DNS != nil && e.DNS.Kind == dnsrec.KindCanceled:
		e.DNS.Kind = dnsrec.KindTimeout
	}
}

func (c *Client) get(ctx context.Context, r *Response, limit int) *Error {
	u, fault := parseURL(r.URL)
	if fault != nil {
		return fault
	}
	if limit <= 0 {
		limit = defaultLimit(u)
	}
	if c.Roots == nil { // read while the network is waited for: it takes ten milliseconds
		var reading sync.WaitGroup
		reading.Go(func() { systemHasNone() })
		defer reading.Wait()
	}
	addrs, fault := c.resolve(ctx, u.Hostname())
	if fault != nil {
		return fault
	}
	ctx, cancel := c.silence.bound(ctx, addrs)
	defer cancel()
	fault = c.fetch(ctx, u, addrs, limit, r)
	c.silence.note(addrs, fault != nil && fault.Kind == KindTimeout && ctx.Err() != context.Canceled)
	return fault
}

// fetch gets a file from the first address that takes a connection.
func (c *Client) fetch(ctx context.Context, u *url.URL, addrs []netip.Addr, limit int, r *Response) *Error {
	conn, fault := c.connect(ctx, addrs, r)
	if fault != nil {
		return fault
	}
	defer conn.Close()
	release := endWith(ctx, conn)
	defer release()
	raw := &wire{Conn: conn}
	secure, fault := c.handshake(ctx, raw, u.Hostname(), r)
	if fault != nil {
		return fault
	}
	return exchange(secure, raw, u, limit, r)
}

// defaultLimit returns the bound that fits what lies at u.
func defaultLimit(u *url.URL) int {
	if u.Path == PolicyPath {
		return PolicyLimit
	}
	return ImageLimit
}

// maxURL bounds the length of a URL.
const maxURL = 2048

// parseURL accepts https URLs of a DNS name, on the standard port.
func parseURL(raw string) (*url.URL, *Error) {
	fail := func(text string) (*url.URL, *Error) {
		return nil, &Error{Kind: KindURL, Phase: PhaseURL, Text: text}
	}
	if len(raw) > maxURL {
		return fail("the URL is longer than 2048 bytes")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return fail("not a URL")
	}
	host := u.Hostname()
	switch {
	case u.Scheme != "https":
		return fail("the URL does not start with https://")
	case u.User != nil:
		return fail("the URL holds a user name")
	case u.Port() != "" && u.Port() != "443":
		return fail("the URL names a port")
	case !isHostName(host):
		return fail("the host of the URL is not a DNS name in ASCII form")
	}
	return u, nil
}

// isHostName reports whether s is a name of at least two labels of letters,
// digits, hyphens and underscores, and so no address.
func isHostName(s string) bool {
	s = strings.TrimSuffix(s, ".")
	labels := strings.Split(s, ".")
	if len(s) > maxName || len(labels) < 2 {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > maxLabel || strings.Trim(l, nameChars) != "" {
			return false
		}
	}
	last := labels[len(labels)-1]
	return strings.Trim(last, "0123456789") != ""
}

// RFC 1035 2.3.4: the lengths of a name, as text, and of its labels.
const (
	maxName  = 253
	maxLabel = 63
)

const nameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// endWith makes everything on conn fail once ctx ends. The result undoes it.
func endWith(ctx context.Context, conn net.Conn) (release func()) {
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return func() { stop() }
}

// handshake starts TLS and verifies the certificate, noting all about it in r.
func (c *Client) handshake(ctx context.Context, conn net.Conn, host string, r *Response) (*tls.Conn, *Error) {
	host = strings.TrimSuffix(host, ".")
	secure := tls.Client(conn, &tls.Config{
		ServerName: host,
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		// The curves that every server knows: the hello fits into one packet,
		// and a handshake costs half as much as with the post-quantum ones.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
		// VerifyConnection below verifies instead: crypto/tls stops at the
		// first fault and keeps nothing of the certificate, but the report has
		// to name every fault.
		InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			r.TLS = inspect(cs, host, c.Roots, time.Now())
			if !r.TLS.Verified {
				return errUnverified
			}
			return nil
		},
	})
	err := secure.HandshakeContext(ctx)
	switch {
	case err == nil:
		return secure, nil
	case errors.Is(err, errUnverified):
		return nil, &Error{Kind: KindCertificate, Phase: PhaseTLS, Text: r.TLS.Reason()}
	}
	return nil, classify(PhaseTLS, err)
}

var errUnverified = errors.New("httpsget: certificate not verified")

// budget reads from r until left is used up.
type budget struct {
	r     io.Reader
	left  int
	ended bool // r is at its end
}

var errBudget = errors.New("httpsget: more bytes than allowed")

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errBudget
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	b.ended = b.ended || err == io.EOF
	return n, err
}

// wire is a connection that notes when its peer ended it. Below TLS that must
// not happen before TLS itself has ended, or what came may be cut; crypto/tls
// lets it pass (RFC 8446 6.1).
type wire struct {
	net.Conn
	ended bool
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.ended = w.ended || err == io.EOF
	return n, err
}
