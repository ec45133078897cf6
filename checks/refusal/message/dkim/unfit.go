package dkim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"maildiag/dnsrec"
)

// testKey is why a signature by a key with t=y does not count. RFC 6376 3.6.1
const testKey = "its key is marked as a test (t=y), so receivers must treat the message as unsigned"

// unfit returns a failure for a reason that leaves the signature without worth
// to the reader, also where another server accepted it.
func unfit(r Result, reason string) error { return &Failure{r, reason, reason} }

// UnfitReason returns the reason in err for which a signature does not vouch
// for the message, whether or not it verifies; "" if err holds none.
func UnfitReason(err error) string {
	var f *Failure
	if errors.As(err, &f) {
		return f.Unfit
	}
	return ""
}

// Unfit returns why a signature does not vouch for the message even if a
// server found that it verifies, as far as that is seen without its key; "" if
// nothing speaks against it. A tag that is missing, as in a header that was
// cut for publication, does not.
func (m *Message) Unfit(f Field, at Times) string {
	s, err := Parse(f)
	if s == nil {
		return "the signature is malformed: " + err.Error()
	}
	steps := []func() error{s.algorithm, s.identity, func() error { return s.expired(at.Received) }, func() error { return s.whole(m) }}
	if _, given := s.Tags["h"]; given {
		steps = append(steps, s.signsFrom)
	}
	for _, step := range append(steps, func() error { return s.covers(m) }) {
		if why := UnfitReason(step()); why != "" {
			return why
		}
	}
	if s.Length >= 0 && len(bytes.TrimSpace(m.Body)) == 0 {
		return "l= limits it to a part of the body, and the body is not in the input"
	}
	return ""
}

// singles are the fields that decide what a reader sees, and that may be there
// only once. RFC 5322 3.6, RFC 2045 3
var singles = []string{"From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}

// covers refuses a signature where a field stands twice and is not signed as
// often: mail programs may show the one that somebody added. RFC 6376 8.15
func (s *Signature) covers(m *Message) error {
	for _, name := range singles {
		present, signed := m.count(name), 0
		for _, n := range s.Signed {
			if strings.EqualFold(n, name) {
				signed++
			}
		}
		if present > 1 && signed < present {
			return unfit(PermError, fmt.Sprintf("there are %d %s fields, and it covers %d of them; anybody may have added the others", present, name, signed))
		}
	}
	return nil
}

// UnfitKey returns why no signature by a key vouches for a message, "" if
// nothing speaks against the key or it cannot be read.
func UnfitKey(ctx context.Context, dns dnsrec.Resolver, domain, selector string) string {
	key, err := LookupKey(ctx, dns, domain, selector)
	if err == nil && key.Record.Testing() {
		return testKey
	}
	return UnfitReason(err)
}

// tested turns the outcome for a signature by a key that is marked as a test
// into one that does not count.
func tested(err error) error {
	var f *Failure
	if !errors.As(err, &f) {
		return &Failure{Policy, "the signature verifies, but " + testKey, testKey}
	}
	return &Failure{f.Result, f.Reason, testKey}
}
