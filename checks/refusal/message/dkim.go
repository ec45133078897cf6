package message

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec"
)

// MaxSignatures is how many DKIM signatures are verified.
const MaxSignatures = 10

// Signature is one DKIM-Signature field and what it is worth.
type Signature struct {
	Domain   string   `json:"domain"`
	Selector string   `json:"selector"`
	Result   string   `json:"result"` // pass, fail, policy, permerror, temperror, none
	Reason   string   `json:"reason,omitempty"`
	Flags    []string `json:"flags,omitempty"` // what is odd about it, whatever the result
}

// The results, as in RFC 8601 2.7.1.
const (
	ResultPass      = "pass"
	ResultFail      = "fail"
	ResultPolicy    = "policy" // it may verify, but is not accepted
	ResultPermError = "permerror"
	ResultTempError = "temperror"
	ResultNone      = "none" // not verified
)

// The limits of what is verified.
const (
	maxSigned   = 300     // names in h=
	maxKeyText  = 4 << 10 // of a key record: RSA of 8,192 bits is well below
	maxVerified = 512 << 10
	verifyTime  = 10 * time.Second
)

// signatures verifies the DKIM signatures of a message.
func signatures(ctx context.Context, data []byte, p *eml.Part, o Options) []Signature {
	fields := p.All("DKIM-Signature")
	var list []Signature
	for _, v := range fields {
		list = append(list, signature(v, p, o.Now))
	}
	if len(list) == 0 || o.DNS == nil {
		skip(list, "not verified: there is no DNS resolver")
		return list
	}
	data = Clean(data)
	switch why := unverifiable(data, fields); {
	case why != "":
		skip(list, why)
	default:
		n := min(len(list), MaxSignatures)
		verify(ctx, data, list[:n], o.DNS)
		bodiless(data, list[:n])
		skip(list[n:], fmt.Sprintf("only the first %d signatures are verified", MaxSignatures))
	}
	for i := range list {
		list[i].settle()
	}
	return list
}

func skip(list []Signature, why string) {
	for i := range list {
		list[i].Result, list[i].Reason = ResultNone, why
	}
}

// unverifiable tells why the signatures cannot be verified, "" if they can.
func unverifiable(data []byte, fields []string) string {
	head, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	switch {
	case len(head) > maxVerified || bytes.Count(head, []byte("\n")) > 4*eml.MaxFields:
		return "not verified: the header is too large"
	case slices.ContainsFunc(fields, func(v string) bool { return strings.Count(v, ":") > maxSigned }):
		return "not verified: a signature names too many fields"
	}
	return ""
}

// bodiless tells that the header alone proves nothing: a message without a
// body may verify, but if it does not, the body is rather not at hand.
func bodiless(data []byte, list []Signature) {
	_, body, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	if len(bytes.TrimSpace(body)) > 0 {
		return
	}
	for i := range list {
		if list[i].Result == ResultFail {
			list[i].Result, list[i].Reason = ResultNone, "not verified: without its body a message cannot be"
		}
	}
}

// verify lets the library verify, with our resolver.
func verify(ctx context.Context, data []byte, list []Signature, dns dnsrec.Resolver) {
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	got, err := dkim.VerifyWithOptions(bytes.NewReader(data), &dkim.VerifyOptions{
		LookupTXT:        func(name string) ([]string, error) { return keys(ctx, dns, name) },
		MaxVerifications: MaxSignatures,
	})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		skip(list, "not verified: "+err.Error())
		return
	}
	for i, v := range got[:min(len(got), len(list))] {
		list[i].judge(v.Err)
	}
}

// keyError is a failed question for a key. The library asks errors of this
// shape whether they are temporary.
type keyError struct{ error }

func (keyError) Timeout() bool   { return true }
func (keyError) Temporary() bool { return true }

func keys(ctx context.Context, dns dnsrec.Resolver, name string) ([]string, error) {
	a, err := dns.Lookup(ctx, dnsrec.Q(name, dnsrec.TypeTXT))
	if err != nil {
		return nil, keyError{err}
	}
	for _, v := range a.Values {
		if len(v) > maxKeyText {
			return nil, errors.New("the key record is too large")
		}
	}
	return a.Values, nil
}

func (s *Signature) judge(err error) {
	switch {
	case err == nil:
		s.Result = ResultPass
		return
	case dkim.IsTempFail(err):
		s.Result = ResultTempError
	case dkim.IsPermFail(err):
		s.Result = ResultPermError
	default:
		s.Result = ResultFail
	}
	s.Reason = strings.TrimPrefix(err.Error(), "dkim: ")
	if why := inWords[s.Reason]; why != "" {
		s.Reason = why
	}
}

// inWords says some of the library's errors so that they can be acted on.
var inWords = map[string]string{
	"body hash did not verify": "the body was changed after it was signed (a footer, a filter, or another " +
		"encoding)",
	"signature did not verify: crypto/rsa: verification error": "the header was changed after it was signed, " +
		"or the key in " +
		"the DNS is not the one that signed",
	"no valid key found": "there is no key record in the DNS at this selector",
	"key revoked":        "the key was revoked: its record says p= with nothing after it",
	"message contains an insecure body length tag": "l= limits what is signed; such a signature is not " +
		"accepted",
}

// signature reads what a field says of itself.
func signature(v string, p *eml.Part, now time.Time) Signature {
	tags := tagsOf(v)
	s := Signature{Domain: squeeze(tags["d"]), Selector: squeeze(tags["s"])}
	if l, ok := tags["l"]; ok {
		s.Flags = append(s.Flags, "l="+squeeze(l)+": only that much of the body is signed; anything may "+
			"follow it")
	}
	if !signs(tags["h"], "from") {
		s.Flags = append(s.Flags, "h= does not name From, so From is not signed")
	}
	if n := times(tags["h"], "from"); n > len(p.All("From")) {
		s.Flags = append(s.Flags, "From is oversigned: a second From field would break the signature")
	}
	if strings.HasPrefix(squeeze(tags["a"]), "rsa-sha1") {
		s.Flags = append(s.Flags, "a=rsa-sha1 is no longer accepted (RFC 8301 3.1)")
	}
	s.dates(tags, now)
	return s
}

// dates remarks on x= and t=. RFC 6376 3.5
func (s *Signature) dates(tags map[string]string, now time.Time) {
	if x, ok := epoch(tags["x"]); ok && now.After(x) {
		s.Flags = append(s.Flags, "expired at "+x.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if t, ok := epoch(tags["t"]); ok && t.After(now.Add(time.Hour)) {
		s.Flags = append(s.Flags, "t= lies in the future: "+t.UTC().Format("2006-01-02 15:04 UTC"))
	}
}

func epoch(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(squeeze(s), 10, 64)
	if err != nil || n < 0 || n > 1<<40 {
		return time.Time{}, false
	}
	return time.Unix(n, 0), true
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

func signs(h, name string) bool { return times(h, name) > 0 }

// times counts how often a name stands in h=.
func times(h, name string) int {
	n := 0
	for part := range strings.SplitSeq(h, ":") {
		if strings.EqualFold(squeeze(part), name) {
			n++
		}
	}
	return n
}

// settle sees that nothing with a flaw in it is a plain pass.
func (s *Signature) settle() {
	if s.Result == "" {
		s.Result, s.Reason = ResultNone, "not verified"
	}
	for _, f := range s.Flags {
		if strings.HasPrefix(f, "l=") && (s.Result == ResultPass || s.Result == ResultFail) {
			s.Result, s.Reason = ResultPolicy, f
		}
		if strings.HasPrefix(f, "t= lies") && s.Result == ResultPass {
			s.Result, s.Reason = ResultPolicy, f
		}
	}
}
