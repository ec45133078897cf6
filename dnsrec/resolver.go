// Package dnsrec asks the DNS and tells precisely what it answered: data, no
// data, no such name, or no usable answer, and why. It has no opinions on what
// is right; its sub-packages parse and evaluate the records of e-mail (SPF,
// DKIM, DMARC, MTA-STS, TLS-RPT, BIMI, TLSA).
//
// No type of the wire library crosses this package's border.
package dnsrec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Resolver answers one question. It returns an Answer with a nil error only
// for NOERROR and NXDOMAIN, both of which are answers; everything else is an
// [*Error]. The Answer's Query and Server are set in either case.
//
// Client, Cache and Trace are Resolvers and wrap one another.
type Resolver interface {
	Lookup(ctx context.Context, q Query) (Answer, error)
}

// Type is a DNS record type by its mnemonic, such as "MX".
type Type string

// The types that maildiag asks for.
const (
	TypeA     Type = "A"
	TypeAAAA  Type = "AAAA"
	TypeCNAME Type = "CNAME"
	TypeMX    Type = "MX"
	TypeNS    Type = "NS"
	TypePTR   Type = "PTR"
	TypeSRV   Type = "SRV"
	TypeCAA   Type = "CAA"
	TypeTLSA  Type = "TLSA"
	TypeTXT   Type = "TXT"

	TypeSOA    Type = "SOA"
	TypeDS     Type = "DS"
	TypeDNSKEY Type = "DNSKEY"
)

// Query is one question, class IN.
type Query struct {
	Name string // A-label form, lower case, without the trailing dot; "." is the root
	Type Type
}

// Q makes a Query with the name in canonical form.
func Q(name string, t Type) Query { return Query{Canonical(name), t} }

// Queries makes a Query of one type for each name.
func Queries(t Type, names ...string) []Query {
	qs := make([]Query, len(names))
	for i, n := range names {
		qs[i] = Q(n, t)
	}
	return qs
}

func (q Query) String() string { return q.Name + " " + string(q.Type) }

// Answer is what the DNS said to a Query.
type Answer struct {
	Query
	Rcode string // "NOERROR" or "NXDOMAIN"; on an error also others, or empty

	// CNAMEs is the chain that was followed from the queried name, in order:
	// each element is the target of one CNAME record, canonical.
	CNAMEs []string

	// Values holds the rdata of the records of the asked type at the end of
	// the chain, MX by preference and then all by their text, for the order of
	// answers means nothing (RFC 1034 3.6): a name (canonical) for CNAME, NS
	// and PTR; an address for A and AAAA; "preference host" for MX with host
	// canonical and "." for the null MX; "priority weight port target" for
	// SRV; "usage selector matching hex" for TLSA; for TXT the bytes of all
	// its strings joined without a separator (RFC 7208 3.3).
	Values []string

	// Strings holds for TXT the lengths of the character-strings of each
	// value, parallel to Values; nil for other types.
	Strings [][]int

	TTL       time.Duration // lowest of the records used; for no data the negative TTL
	Authentic bool          // AD bit; worth what the path to the server is worth
	Cached    bool          // by this Lookup nothing was sent
	Server    string        // who answered, e.g. "192.0.2.53:53/udp", "https://dns.example/dns-query"
	RTT       time.Duration // of the exchange that answered
}

// NXDomain reports whether the name does not exist. If CNAMEs is not empty, the
// name at the end of the chain does not.
func (a Answer) NXDomain() bool { return a.Rcode == "NXDOMAIN" }

// NoData reports whether the name exists but holds nothing of this type.
func (a Answer) NoData() bool { return a.Rcode == "NOERROR" && len(a.Values) == 0 }

// Cut returns those of some texts that are published as other character-strings
// than the fewest that hold them, string by string.
func (a Answer) Cut(texts []string) (cut [][]string) {
	for i, v := range a.Values {
		if i >= len(a.Strings) || !slices.Contains(texts, v) || slices.Equal(a.Strings[i], characterStrings(v)) {
			continue
		}
		var parts []string
		rest := v
		for _, n := range a.Strings[i] {
			if n < 0 || n > len(rest) { // of a recording that somebody changed
				return nil
			}
			parts, rest = append(parts, rest[:n]), rest[n:]
		}
		cut = append(cut, parts)
	}
	return cut
}

// Kind classifies why there is no usable answer.
type Kind string

// The kinds of [Error].
const (
	KindTimeout   Kind = "timeout"   // nobody answered in time
	KindServFail  Kind = "servfail"  // SERVFAIL without a telling extended error
	KindBogus     Kind = "bogus"     // DNSSEC validation failed (EDE 6, 7, 8, 9, 10, 12)
	KindRefused   Kind = "refused"   // REFUSED, NOTIMP, NOTAUTH or another rcode
	KindReferral  Kind = "referral"  // the server names others to ask: it looks nothing up
	KindNetwork   Kind = "network"   // could not send: no route, connection refused, TLS failed
	KindTruncated Kind = "truncated" // truncated over UDP, and TCP did not work
	KindMalformed Kind = "malformed" // an answer that cannot be read or does not fit the question
	KindChain     Kind = "chain"     // CNAME chain too long or looping: the domain's fault
	KindBudget    Kind = "budget"    // the query budget of this domain is used up
	KindCanceled  Kind = "canceled"  // the context ended
	KindNotKnown  Kind = "unknown"   // a replay that does not hold this question
	KindMissing   Kind = "missing"   // not known yet: asked, or to be asked, see [ErrMissing]
	KindUnstable  Kind = "unstable"  // the records change from one lookup to the next, see [Sampler]
	KindName      Kind = "name"      // no such question can be asked: an empty label, or one over 63 bytes
)

// Extended is an extended DNS error (RFC 8914).
type Extended struct {
	Code uint16
	Text string // the server's words, hostile
}

// Error is the lack of a usable answer.
type Error struct {
	Query
	Kind     Kind
	Server   string // who failed; the last one tried
	Rcode    string // if one came
	Extended []Extended
	CNAMEs   []string // for KindChain: the chain up to the fault
	Versions []Answer // for KindUnstable: the answers, at least two
	Err      error    // underlying, may be nil
}

// ErrMissing is the error of a question whose answer is not known yet. It is
// shared and must not be changed. It is neither "no data" nor a failure: nothing
// may be decided by it.
var ErrMissing error = &Error{Kind: KindMissing}

func (e *Error) Error() string {
	s := fmt.Sprintf("dns: %s: %s", e.Query, e.Kind)
	if e.Rcode != "" && !strings.EqualFold(e.Rcode, string(e.Kind)) {
		s += " (" + e.Rcode + ")"
	}
	if e.Server != "" {
		s += " from " + e.Server
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the Kind of an error returned by a Resolver; "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := err.(*Error); ok { // nearly always
		return e.Kind
	}
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return KindCanceled
	}
	return KindNetwork
}
