package message

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/refusal/message/dkim"
	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec"
)

// MaxSignatures is how many DKIM signatures are verified.
const MaxSignatures = 10

// Signature is one DKIM-Signature field and what it is worth.
type Signature struct {
	Domain   string   `json:"domain"`
	Selector string   `json:"selector"`
	Result   string   `json:"result"` // of RFC 8601 2.7.1: pass, fail, policy, neutral, permerror, temperror
	Reason   string   `json:"reason,omitempty"`
	Flags    []string `json:"flags,omitempty"` // what is odd about it, whatever the result
	Unfit    string   `json:"unfit,omitempty"` // why it does not vouch for the message, even if it verifies
	Changed  bool     `json:"body_changed,omitempty"`
	Verified bool     `json:"verified"` // false: the result is not of the signature, for it could not be verified

	b       string   // the start of which a result may name
	signed  []string // h=
	keyless bool     // its key is not in the DNS (any more)
}

// The limits of what is verified.
const (
	maxVerified = 512 << 10
	verifyTime  = 10 * time.Second
)

// signatures verifies the DKIM signatures of a message.
func signatures(ctx context.Context, m *dkim.Message, at dkim.Times, o Options) []Signature {
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	var list []Signature
	from := count(m, "From")
	why := unverifiable(m, o)
	for _, f := range m.Fields {
		if !strings.EqualFold(f.Name, "DKIM-Signature") {
			continue
		}
		s := described(f, from)
		s.Unfit, s.Changed = m.Unfit(f, at), len(list) < MaxSignatures && !empty(m) && m.BodyChanged(f)
		switch {
		case len(list) >= MaxSignatures:
			s.skip(fmt.Sprintf("only the first %d signatures are verified", MaxSignatures))
		case why != "":
			s.skip(why)
		default:
			s.judge(m.Verify(ctx, o.DNS, f, at))
			s.bodiless(m, f)
			if !s.Verified && o.Replay {
				s.Unfit = cmp.Or(s.Unfit, dkim.UnfitKey(ctx, o.DNS, s.Domain, s.Selector))
			}
		}
		list = append(list, s)
	}
	return list
}

func count(m *dkim.Message, name string) (n int) {
	for _, f := range m.Fields {
		if strings.EqualFold(f.Name, name) {
			n++
		}
	}
	return n
}

// skip notes that a signature was not verified. RFC 8601 2.7.1: neutral, for
// it was not processed.
func (s *Signature) skip(why string) {
	s.Result, s.Reason, s.Verified = string(dkim.Neutral), unverified+why, false
}

const unverified = "not verified: "

// unverifiable reports why the signatures cannot be verified, "" if they can.
func unverifiable(m *dkim.Message, o Options) string {
	size := 0
	for _, f := range m.Fields {
		size += len(f.Raw)
	}
	switch {
	case o.DNS == nil:
		return cmp.Or(o.NoDNS, "there is no DNS resolver")
	case size > maxVerified || len(m.Fields) > eml.MaxFields:
		return "the header is longer than maildiag verifies"
	}
	return ""
}

func (s *Signature) judge(err error) {
	s.Verified = true
	s.Unfit = cmp.Or(s.Unfit, dkim.UnfitReason(err))
	var f *dkim.Failure
	switch {
	case err == nil:
		s.Result = string(dkim.Pass)
	case errors.As(err, &f):
		s.Result, s.Reason, s.keyless = string(f.Result), f.Reason, strings.HasPrefix(f.Reason, dkim.ReasonNoKey)
	default:
		s.skip(err.Error())
	}
}

// bodiless notes that a failure proves nothing where the body may be missing.
// A message without a body may verify all the same.
func (s *Signature) bodiless(m *dkim.Message, f dkim.Field) {
	if empty(m) && m.BodyChanged(f) {
		s.skip(noBody)
		s.keyless = false
	}
}

const noBody = "the input contains only the header, not the signed body"

func empty(m *dkim.Message) bool { return len(bytes.TrimSpace(m.Body)) == 0 }

// described reads what a field says of itself; from is how many From fields
// there are, 0 if that is not to be judged.
func described(f dkim.Field, from int) Signature {
	sig, _ := dkim.Parse(f)
	if sig == nil {
		tags := tagsOf(f.Value())
		return Signature{Domain: squeeze(tags["d"]), Selector: squeeze(tags["s"]), b: squeeze(tags["b"])}
	}
	s := Signature{Domain: sig.Domain, Selector: sig.Selector, b: sig.Tags.Squeezed("b"), signed: sig.Signed}
	if l, ok := sig.Tags["l"]; ok {
		s.flag("l=" + squeeze(l) + ": only that much of the body is signed")
	}
	if !slices.ContainsFunc(sig.Signed, isFrom) {
		s.flag("h= does not name From, so From is not signed")
	}
	if n := len(slices.DeleteFunc(slices.Clone(sig.Signed), notFrom)); from > 0 && n > from {
		s.flag("From is oversigned: a second From field would break the signature")
	}
	if !sig.Expires.IsZero() {
		s.flag("x=: it expires on " + sig.Expires.Format("2006-01-02 15:04 UTC"))
	}
	return s
}

func (s *Signature) flag(text string) { s.Flags = append(s.Flags, text) }

func isFrom(name string) bool  { return strings.EqualFold(name, "from") }
func notFrom(name string) bool { return !isFrom(name) }

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// tagsOf reads what can be read of a faulty tag list; of doubled tags the
// first counts.
func tagsOf(v string) map[string]string {
	tags := map[string]string{}
	for part := range strings.SplitSeq(v[:min(len(v), maxAuthRes)], ";") {
		k, val, ok := strings.Cut(part, "=")
		k = strings.TrimSpace(k)
		if _, twice := tags[k]; ok && !twice {
			tags[k] = strings.TrimSpace(val)
		}
	}
	return tags
}

// chainDNS returns the resolver for the keys of ARC, nil if nothing can be
// verified.
func (o *Options) chainDNS(m *dkim.Message) dnsrec.Resolver {
	if unverifiable(m, *o) != "" {
		return nil
	}
	return o.DNS
}
