package dkim

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"maildiag/dnsrec"
)

// Result is the outcome for one signature. RFC 8601 2.7.1
type Result string

// The results.
const (
	Pass      Result = "pass"
	Fail      Result = "fail"    // the message or the signature was changed
	Policy    Result = "policy"  // it may verify, but is not accepted
	Neutral   Result = "neutral" // it cannot be processed, or was not
	TempError Result = "temperror"
	PermError Result = "permerror"
)

// Failure is a result other than pass, and its reason.
type Failure struct {
	Result Result
	Reason string
	Unfit  string // why the signature does not count, whether or not it verifies; often Reason
}

func (f *Failure) Error() string { return "dkim: " + f.Reason }

func failure(r Result, reason string) error { return &Failure{Result: r, Reason: reason} }

// ReasonBody is the reason of a message whose body was changed, ReasonHeader
// that of one whose header was.
const (
	ReasonBody   = "the body was changed after it was signed (a footer, a filter, or another encoding)"
	ReasonHeader = "a signed header field was changed, or the key in the DNS is not the one that signed"
)

// Signature is what a DKIM-Signature field, or an ARC-Message-Signature, says.
type Signature struct {
	Tags          Tags
	Domain        string // d=
	Selector      string // s=
	Algorithm     string // a=
	Header, Body  string // c=
	Signed        []string
	Length        int // l=, -1 if absent
	Time, Expires time.Time
	raw           string
	sig, bodyHash []byte
}

// MaxSigned is how many names h= may hold.
const MaxSigned = 300

// Parse reads what DKIM-Signature and ARC-Message-Signature have in common.
// The error is a *Failure.
func Parse(f Field) (*Signature, error) {
	tags, err := ParseTags(f.Value())
	if err != nil {
		return nil, failure(Neutral, err.Error())
	}
	s := &Signature{Tags: tags, Domain: tags.Squeezed("d"), Selector: tags.Squeezed("s"),
		Algorithm: tags.Squeezed("a"), Signed: tags.List("h"), raw: f.Raw, Length: -1}
	for _, name := range []string{"a", "b", "bh", "d", "h", "s"} { // RFC 6376 3.5
		if _, given := tags[name]; !given || name != "h" && tags.Squeezed(name) == "" {
			return s, failure(Neutral, "the signature has no "+name+"=")
		}
	}
	for _, step := range []func() error{s.algorithm, s.canonicalization, s.length, s.times, s.encoded} {
		if err := step(); err != nil {
			return s, err
		}
	}
	if len(s.Signed) > MaxSigned {
		return s, failure(Neutral, "the signature names too many fields")
	}
	return s, nil
}

func (s *Signature) algorithm() error {
	switch s.Algorithm {
	case RSASHA256, Ed25519SHA256:
		return nil
	case RSASHA1: // RFC 8301 3.1
		return unfit(Policy, "a=rsa-sha1 is no longer accepted (RFC 8301 3.1)")
	}
	return failure(Neutral, "the algorithm of a= is not known")
}

func (s *Signature) canonicalization() error {
	c, given := s.Tags["c"]
	s.Header, s.Body, _ = strings.Cut(c, "/")
	if !given {
		s.Header = Simple
	}
	if s.Body == "" { // RFC 6376 3.5: the default of each is simple
		s.Body = Simple
	}
	for _, how := range []string{s.Header, s.Body} {
		if how != Simple && how != Relaxed {
			return failure(Neutral, "the canonicalization of c= is not known")
		}
	}
	return nil
}

func (s *Signature) length() error {
	v, ok := s.Tags["l"]
	if !ok {
		return nil
	}
	n, err := strconv.ParseUint(v, 10, 31)
	if err != nil {
		return failure(Neutral, "l= is not a length")
	}
	s.Length = int(n)
	return nil
}

func (s *Signature) times() (err error) {
	var signed, expires bool
	if s.Time, signed, err = s.Tags.Time("t"); err != nil {
		return failure(Neutral, err.Error())
	}
	if s.Expires, expires, err = s.Tags.Time("x"); err != nil {
		return failure(Neutral, err.Error())
	}
	if signed && expires && !s.Expires.After(s.Time) { // RFC 6376 3.5
		return failure(Neutral, "x= is not later than t=")
	}
	return nil
}

func (s *Signature) encoded() (err error) {
	if s.sig, err = s.Tags.Base64("b"); err != nil {
		return failure(Neutral, "b= is not base64")
	}
	if s.bodyHash, err = s.Tags.Base64("bh"); err != nil {
		return failure(Neutral, "bh= is not base64")
	}
	return nil
}

// Times are the moments that a signature is judged by.
type Times struct {
	Received time.Time // zero: not known
	Now      time.Time
}

// Verify verifies a DKIM-Signature of the message. A nil error is a pass,
// others are of type *Failure.
func (m *Message) Verify(ctx context.Context, dns dnsrec.Resolver, f Field, at Times) error {
	s, err := Parse(f)
	if err != nil {
		return err
	}
	if err := s.rules(); err != nil {
		return err
	}
	if err := s.BodyMatches(m); err != nil && len(bytes.TrimSpace(m.Body)) == 0 {
		return err // a header without its body is worth no lookup
	}
	key, err := LookupKey(ctx, dns, s.Domain, s.Selector)
	if err != nil {
		return err
	}
	err = s.verify(m, key, at)
	if key.Record.Testing() {
		return tested(err)
	}
	return err
}

func (s *Signature) verify(m *Message, key *Key, at Times) error {
	if key.Strict() && !strings.EqualFold(s.agentDomain(), s.Domain) {
		return unfit(PermError, "the key demands that i= is in "+s.Domain+" itself (t=s)")
	}
	if err := s.Check(m, key); err != nil {
		return err
	}
	if err := s.inTime(at); err != nil {
		return err
	}
	return s.whole(m)
}

// rules holds what RFC 6376 asks of a DKIM-Signature alone.
func (s *Signature) rules() error {
	switch {
	case s.Tags["v"] != "1": // RFC 6376 3.5
		return failure(Neutral, "the version of the signature is not 1")
	case !s.asksDNS():
		return failure(Neutral, "the method of q= is not known")
	}
	return cmp.Or(s.signsFrom(), s.identity())
}

// signsFrom holds the signature to RFC 6376 5.4.
func (s *Signature) signsFrom() error {
	if !s.names("from") {
		return unfit(PermError, "h= does not name From, so From is not signed")
	}
	return nil
}

// identity holds i= to RFC 6376 3.5.
func (s *Signature) identity() error {
	if !dnsrec.Within(strings.ToLower(s.agentDomain()), strings.ToLower(s.Domain)) {
		return unfit(PermError, "i= is not in the domain of d=")
	}
	return nil
}

func (s *Signature) names(field string) bool {
	return slices.ContainsFunc(s.Signed, func(n string) bool { return strings.EqualFold(n, field) })
}

func (s *Signature) asksDNS() bool {
	_, given := s.Tags["q"]
	return !given || slices.Contains(s.Tags.List("q"), "dns/txt")
}

// agentDomain is the domain of i=, by default that of d=.
func (s *Signature) agentDomain() string {
	i, given := s.Tags["i"]
	if !given {
		return s.Domain
	}
	i = strings.Join(strings.Fields(unquote(i)), "")
	at := strings.LastIndexByte(i, '@')
	if at < 0 {
		return ""
	}
	return i[at+1:]
}

// unquote decodes DKIM-quoted-printable. RFC 6376 2.11
func unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Check compares the body with its hash and the header with the signature. RFC
// 6376 6.1.3
func (s *Signature) Check(m *Message, key *Key) error {
	if err := key.Suits(s.Algorithm); err != nil {
		return err
	}
	if err := s.BodyMatches(m); err != nil {
		return err
	}
	for _, own := range WithoutSignature(s.raw) {
		if key.Verify(s.headerHash(m, own), s.sig) {
			return nil
		}
	}
	return failure(Fail, ReasonHeader)
}

// BodyMatches returns a *Failure if the body is not the one that was signed.
// It needs no key.
func (s *Signature) BodyMatches(m *Message) error {
	body := m.canonicalBody(s.Body)
	if s.Length > len(body) { // RFC 6376 3.5, l=
		return failure(PermError, fmt.Sprintf("l=%d is more than the body has", s.Length))
	}
	if s.Length >= 0 {
		body = body[:s.Length]
	}
	sum := sha256.Sum256(body)
	if subtle.ConstantTimeCompare(sum[:], s.bodyHash) != 1 {
		return failure(Fail, ReasonBody)
	}
	return nil
}

// BodyChanged reports whether the body is not the one that a DKIM-Signature
// names, whether or not its key is known.
func (m *Message) BodyChanged(f Field) bool {
	s, err := Parse(f)
	if err != nil {
		return false
	}
	var x *Failure
	return errors.As(s.BodyMatches(m), &x) && x.Reason == ReasonBody
}

// headerHash hashes the signed fields and then the signature itself. RFC 6376 3.7
func (s *Signature) headerHash(m *Message, own string) []byte {
	h := sha256.New()
	p := newPicker(m.Fields)
	for _, name := range s.Signed {
		if f, ok := p.next(name); ok {
			h.Write([]byte(canonicalField(f.Raw, s.Header)))
		}
	}
	h.Write([]byte(strings.TrimSuffix(canonicalField(own, s.Header), crlf)))
	return h.Sum(nil)
}

// maxAhead is how far a signer's clock may be ahead.
const maxAhead = time.Hour

// inTime judges t= and x= as of the time of receipt. RFC 6376 3.5: a verifier
// may take a signature for invalid after x=.
func (s *Signature) inTime(at Times) error {
	received, unknown := at.Received, at.Received.IsZero()
	if unknown {
		received = at.Now
	}
	switch {
	case received.IsZero():
		return nil
	case !s.Expires.IsZero() && received.After(s.Expires) && unknown:
		return failure(Policy, "the signature expired on "+s.Expires.Format(time.DateOnly)+
			", and when the message was received is not known")
	case s.expired(received) != nil:
		return s.expired(received)
	case s.Time.After(received.Add(maxAhead)):
		return failure(Policy, "t= is later than the time at which the message was received")
	}
	return nil
}

// expired judges x= alone.
func (s *Signature) expired(received time.Time) error {
	if s.Expires.IsZero() || !received.After(s.Expires) {
		return nil
	}
	return unfit(Policy, "the signature had expired when the message was received")
}

// whole refuses a signature that leaves a part of the body to others. RFC 6376 8.2
func (s *Signature) whole(m *Message) error {
	if n := len(m.canonicalBody(s.Body)); s.Length >= 0 && s.Length < n {
		return unfit(Policy, fmt.Sprintf("l=%d covers only that much of the %d bytes of the body; anybody may have added the rest",
			s.Length, n))
	}
	return nil
}
