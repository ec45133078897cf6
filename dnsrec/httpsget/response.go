package httpsget

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"maildiag/dnsrec"
)

// Response is what came of one GET. It is complete in itself: it can be
// written to a record as JSON, read back and judged later. Everything in it
// but the Kinds is the server's word and may be hostile.
type Response struct {
	URL         string            `json:"url"`
	Status      int               `json:"status,omitempty"` // HTTP status; 0: none came
	ContentType string            `json:"content_type,omitempty"`
	Location    string            `json:"location,omitempty"` // where a redirect points; not followed
	Header      map[string]string `json:"header,omitempty"`   // a few fields, by canonical name
	Body        []byte            `json:"body,omitempty"`     // as sent; with an Err it is not whole
	TLS         *TLS              `json:"tls,omitempty"`      // nil: no certificate was seen
	Remote      string            `json:"remote,omitempty"`   // address and port that answered
	Failed      []Attempt         `json:"failed,omitempty"`   // addresses that could not be reached
	Err         *Error            `json:"error,omitempty"`    // nil: a whole HTTP response came
	Elapsed     time.Duration     `json:"elapsed,omitempty"`
}

// Attempt is one connection that did not come about.
type Attempt struct {
	Address string        `json:"address"`
	Kind    Kind          `json:"kind"`
	Elapsed time.Duration `json:"elapsed,omitempty"`
}

// TLS is what the handshake showed.
type TLS struct {
	Version  string       `json:"version,omitempty"` // "TLS 1.3"
	Cipher   string       `json:"cipher,omitempty"`
	Verified bool         `json:"verified"`
	Checked  time.Time    `json:"checked,omitzero"` // when, by the clock of this computer
	Faults   []Fault      `json:"faults,omitempty"` // why not verified, all of them
	Chain    []string     `json:"chain,omitempty"`  // subjects of the certificates sent after the first
	Leaf     *Certificate `json:"leaf,omitempty"`
}

// Certificate is the part of a certificate that a report shows.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Names     []string  `json:"names,omitempty"` // DNS names, at most 20
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
}

// Fault is one reason why a certificate is not accepted.
type Fault string

// The faults of certificates.
const (
	FaultName       Fault = "wrong-name"    // issued for other names
	FaultCommonName Fault = "cn-only"       // the name is in the common name alone, which counts no more (RFC 9525 2)
	FaultExpired    Fault = "expired"       // not valid any more
	FaultNotYet     Fault = "not-yet-valid" // valid from a later day on
	FaultSelfSigned Fault = "self-signed"   // signed with its own key
	FaultUnknownCA  Fault = "unknown-ca"    // no trusted CA at the end of the chain, or an intermediate is missing
	FaultNoRoots    Fault = "no-roots"      // this machine has no CA certificates: our own fault
	FaultChain      Fault = "chain"         // the chain leads to a trusted CA, but breaks a rule
)

var faultTexts = map[Fault]string{
	FaultName:       "it is for other names",
	FaultCommonName: "it has the name in the common name only, not as a subject alternative name",
	FaultExpired:    "it has expired",
	FaultNotYet:     "it is not valid yet",
	FaultSelfSigned: "it is self-signed",
	FaultUnknownCA:  "it does not lead to a trusted CA (an unknown issuer, or the intermediate certificate is not sent)",
	FaultNoRoots:    "this machine has no CA certificates to check it with",
	FaultChain:      "its chain breaks a rule of its issuers",
}

// Has reports whether f is among the faults.
func (t *TLS) Has(f Fault) bool {
	for _, have := range t.Faults {
		if have == f {
			return true
		}
	}
	return false
}

// Untimely reports whether nothing is wrong with the certificate but its time by
// the clock of this computer.
func (t *TLS) Untimely() bool {
	return len(t.Faults) == 1 && (t.Has(FaultExpired) || t.Has(FaultNotYet))
}

// In reports whether a time is within the time of a certificate.
func (c *Certificate) In(t time.Time) bool {
	return !t.Before(c.NotBefore) && !t.After(c.NotAfter)
}

// Date returns the time of the server's clock, if it sent it. RFC 9110 6.6.1
func (r *Response) Date() (t time.Time, ok bool) {
	t, err := http.ParseTime(r.Header["Date"])
	return t, err == nil
}

// Reason says in plain words why the certificate is not accepted; "" if it is.
// The words are ours, nothing of the certificate is in them.
func (t *TLS) Reason() string {
	var words []string
	for _, f := range t.Faults {
		words = append(words, faultTexts[f])
	}
	return strings.Join(words, "; ")
}

// Kind classifies why no whole response came.
type Kind string

// The kinds of [Error].
const (
	KindURL         Kind = "url"         // not a URL that may be fetched
	KindNXDomain    Kind = "nxdomain"    // the host does not exist
	KindNoAddress   Kind = "no-address"  // the host exists, but has no address
	KindDNS         Kind = "dns"         // the resolver gave no usable answer
	KindBlocked     Kind = "blocked"     // no address of the host is a public one
	KindRefused     Kind = "refused"     // nothing listens on port 443
	KindTimeout     Kind = "timeout"     // no connection, or it stalled
	KindReset       Kind = "reset"       // the connection was reset
	KindNetwork     Kind = "network"     // no route, or another fault in between
	KindTLS         Kind = "tls"         // no agreement on TLS 1.2 or later
	KindCertificate Kind = "certificate" // see TLS.Faults
	KindALPN        Kind = "alpn"        // the server speaks no HTTP/1.1
	KindBadHTTP     Kind = "bad-http"    // not HTTP, or header fields over 32 KiB
	KindTooLarge    Kind = "too-large"   // body over the limit
	KindEncoded     Kind = "encoded"     // body compressed, though we did not offer it
	KindCut         Kind = "cut"         // the connection ended in the middle
	KindCanceled    Kind = "canceled"    // the caller's context ended
)

// Phase is how far the fetch got.
type Phase string

// The phases, in order.
const (
	PhaseURL     Phase = "url"
	PhaseDNS     Phase = "dns"
	PhaseConnect Phase = "connect"
	PhaseTLS     Phase = "tls"
	PhaseHeader  Phase = "header" // request sent, header not complete
	PhaseBody    Phase = "body"
)

// Error is why no whole response came.
type Error struct {
	Kind  Kind      `json:"kind"`
	Phase Phase     `json:"phase"`
	Text  string    `json:"text,omitempty"` // more words, bounded
	DNS   *DNSError `json:"dns,omitempty"`  // for KindDNS
}

// DNSError is a [dnsrec.Error] in a form that can be written down.
type DNSError struct {
	Name     string            `json:"name"`
	Type     dnsrec.Type       `json:"type"`
	Kind     dnsrec.Kind       `json:"kind"`
	Server   string            `json:"server,omitempty"`
	Rcode    string            `json:"rcode,omitempty"`
	Extended []dnsrec.Extended `json:"extended,omitempty"`
	CNAMEs   []string          `json:"cnames,omitempty"`
}

// Unpack returns the error as the resolver returned it, without its cause.
func (e *DNSError) Unpack() *dnsrec.Error {
	return &dnsrec.Error{
		Query: dnsrec.Query{Name: e.Name, Type: e.Type}, Kind: e.Kind, Server: e.Server,
		Rcode: e.Rcode, Extended: e.Extended, CNAMEs: e.CNAMEs,
	}
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("httpsget: %s (%s)", e.Kind, e.Phase)
	}
	return fmt.Sprintf("httpsget: %s (%s): %s", e.Kind, e.Phase, e.Text)
}
