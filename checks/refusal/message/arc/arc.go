// Package arc validates Authenticated Received Chains (RFC 8617).
//
// A forwarder that changes a message breaks its DKIM signature, and its
// address is not in the sender's SPF record. With ARC it keeps what it found
// when the message arrived: a set of three fields with the same instance i=,
// its results (ARC-Authentication-Results), a signature of the message as it
// leaves (ARC-Message-Signature), and a seal over all sets so far (ARC-Seal).
//
// A valid chain proves that the forwarders wrote what they wrote. It does not
// prove that it is true: anyone can seal a lie. Whether a sealer is believed
// is for the receiver to decide.
package arc

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"maildiag/checks/refusal/message/dkim"
	"maildiag/dnsrec"
)

// State is the chain validation status. RFC 8617 4.4
type State string

// The states.
const (
	Pass       State = "pass"
	Fail       State = "fail"
	TempError  State = "temperror"  // a key could not be looked up
	Unverified State = "unverified" // the structure is right; the keys were not asked for
)

// Chain is the ARC chain of a message.
type Chain struct {
	State  State
	Reason string // for all but pass
	Sets   []Set  // by instance
}

// Set is what one forwarder added. All strings are hostile.
type Set struct {
	Instance int
	CV       string // what it found the chain before it to be
	Domain   string // that sealed
	Selector string
	Results  string // what it found, in its own words
	Message  string // its signature of the message: a result of RFC 8601 2.7.1
	Seal     string // its seal
	Changed  bool   // the body is no longer the one that left it
}

// MaxInstance is the highest instance. RFC 8617 4.2.1
const MaxInstance = 50

// fields gathers the fields of one instance.
type fields struct{ results, message, seal []dkim.Field }

// Verify validates the chain of a message, RFC 8617 5.2; nil if it has none.
// Without a resolver only the structure is checked.
func Verify(ctx context.Context, m *dkim.Message, dns dnsrec.Resolver) *Chain {
	c := &Chain{}
	sets := c.gather(m.Fields)
	if len(sets) == 0 && c.State == "" {
		return nil
	}
	c.structure(sets)
	c.bodies(m, sets)
	switch {
	case c.State == Fail:
	case dns == nil:
		c.State, c.Reason = Unverified, "the keys were not looked up"
	default:
		c.verify(ctx, m, dns, sets)
	}
	return c
}

func (c *Chain) fail(format string, args ...any) {
	if c.State != Fail {
		c.State, c.Reason = Fail, fmt.Sprintf(format, args...)
	}
}

// gather sorts the ARC fields by instance.
func (c *Chain) gather(all []dkim.Field) map[int]*fields {
	sets := map[int]*fields{}
	for _, f := range all {
		name := strings.ToLower(f.Name)
		switch name {
		case "arc-authentication-results", "arc-message-signature", "arc-seal":
		default:
			continue
		}
		i, err := instance(f, name)
		if err != nil {
			c.fail("%s: %v", f.Name, err)
			continue
		}
		if sets[i] == nil {
			sets[i] = &fields{}
		}
		sets[i].add(name, f)
	}
	return sets
}

func (s *fields) add(name string, f dkim.Field) {
	switch name {
	case "arc-authentication-results":
		s.results = append(s.results, f)
	case "arc-message-signature":
		s.message = append(s.message, f)
	case "arc-seal":
		s.seal = append(s.seal, f)
	}
}

// instance reads i=, which is a tag of two of the fields and stands before the
// authserv-id in the third. RFC 8617 4.1.1, 4.2.1
func instance(f dkim.Field, name string) (int, error) {
	var value string
	if name == "arc-authentication-results" {
		first, _, ok := strings.Cut(f.Value(), ";")
		tag, v, equals := strings.Cut(first, "=")
		if !ok || !equals || strings.TrimSpace(tag) != "i" {
			return 0, errors.New("it does not start with i=")
		}
		value = strings.TrimSpace(v)
	} else {
		tags, err := dkim.ParseTags(f.Value())
		if err != nil {
			return 0, err
		}
		value = tags["i"]
	}
	i, err := strconv.Atoi(value)
	if err != nil || i < 1 || i > MaxInstance {
		return 0, fmt.Errorf("its instance is not between 1 and %d", MaxInstance)
	}
	return i, nil
}

// structure checks the sets themselves. RFC 8617 5.2 steps 2 and 3
func (c *Chain) structure(sets map[int]*fields) {
	for i := 1; i <= MaxInstance && len(c.Sets) < len(sets); i++ {
		s := sets[i]
		if s == nil {
			c.fail("set %d is missing", i)
			continue
		}
		if len(s.results) != 1 || len(s.message) != 1 || len(s.seal) != 1 {
			c.fail("set %d does not have each of its three fields once", i)
		}
		c.Sets = append(c.Sets, s.view(i))
		c.checkCV(i, c.Sets[len(c.Sets)-1].CV)
	}
}

// checkCV holds the rule for cv=: "none" in the first set, "pass" in all
// others. RFC 8617 5.2 step 3
func (c *Chain) checkCV(i int, cv string) {
	switch {
	case cv == "fail":
		c.fail("the forwarder of set %d found the chain broken (cv=fail)", i)
	case i == 1 && cv != "none":
		c.fail("set 1 has cv=%s instead of cv=none", cv)
	case i > 1 && cv != "pass":
		c.fail("set %d has cv=%s instead of cv=pass", i, cv)
	}
}

func (s *fields) view(i int) Set {
	v := Set{Instance: i}
	if len(s.seal) > 0 {
		if tags, err := dkim.ParseTags(s.seal[0].Value()); err == nil {
			v.CV, v.Domain, v.Selector = tags["cv"], tags.Squeezed("d"), tags.Squeezed("s")
		}
	}
	if len(s.results) > 0 {
		_, rest, _ := strings.Cut(s.results[0].Value(), ";")
		v.Results = strings.Join(strings.Fields(rest), " ")
	}
	return v
}

// bodies finds out since when the body is what it is. It needs no keys, and is
// proven only as far as the signatures themselves are.
func (c *Chain) bodies(m *dkim.Message, sets map[int]*fields) {
	for i := range c.Sets {
		s := sets[c.Sets[i].Instance]
		if len(s.message) != 1 {
			continue
		}
		sig, err := parse(s.message[0])
		c.Sets[i].Changed = err == nil && sig.BodyMatches(m) != nil
	}
}

// verify checks the newest signature of the message and all seals. RFC 8617
// 5.2 steps 4 and 6
func (c *Chain) verify(ctx context.Context, m *dkim.Message, dns dnsrec.Resolver, sets map[int]*fields) {
	newest := len(c.Sets)
	for i := newest; i >= 1; i-- {
		set := &c.Sets[i-1]
		err := message(ctx, m, dns, sets[i].message[0])
		set.Message = c.note(err, i == newest, "the message was changed after forwarder %d (%s) signed it",
			"the message signature of set %d (%s) cannot be verified, so it is not known whether the message was changed", i, set.Domain)
	}
	for i := newest; i >= 1; i-- {
		set := &c.Sets[i-1]
		set.Seal = c.note(seal(ctx, dns, sets, i), true, "the seal of set %d (%s) is broken", "the seal of set %d (%s) cannot be verified",
			i, set.Domain)
	}
	if c.State == "" {
		c.State = Pass
	}
}

// note turns an error into a result of RFC 8601, and lets it decide the state
// if it counts. A signature that does not fit is broken; without a usable key
// or field (permerror, policy, neutral) nothing is known of it, although the
// chain fails all the same (RFC 8617 5.2).
func (c *Chain) note(err error, counts bool, broken, unusable string, i int, domain string) string {
	if err == nil {
		return string(dkim.Pass)
	}
	var f *dkim.Failure
	if !errors.As(err, &f) {
		f = &dkim.Failure{Result: dkim.Neutral, Reason: err.Error()}
	}
	switch {
	case !counts:
	case f.Result == dkim.TempError && c.State == "":
		c.State, c.Reason = TempError, f.Reason
	case f.Result == dkim.Fail:
		c.fail(broken+": %s", i, domain, f.Reason)
	case f.Result != dkim.TempError:
		c.fail(unusable+" (%s): %s", i, domain, f.Result, f.Reason)
	}
	return string(f.Result)
}

// parse reads an ARC-Message-Signature. Without c= those who wrote the ARC test
// suite sign in relaxed form, where DKIM would be simple.
func parse(f dkim.Field) (*dkim.Signature, error) {
	s, err := dkim.Parse(f)
	if err == nil && s.Tags["c"] == "" {
		s.Header, s.Body = dkim.Relaxed, dkim.Relaxed
	}
	return s, err
}

// message verifies an ARC-Message-Signature. RFC 8617 4.1.2
func message(ctx context.Context, m *dkim.Message, dns dnsrec.Resolver, f dkim.Field) error {
	s, err := parse(f)
	if err != nil {
		return err
	}
	for _, name := range s.Signed {
		if strings.EqualFold(name, "arc-seal") { // RFC 8617 4.1.2: MUST NOT be signed
			return &dkim.Failure{Result: dkim.PermError, Reason: "h= names ARC-Seal"}
		}
	}
	key, err := dkim.LookupKey(ctx, dns, s.Domain, s.Selector)
	if err != nil {
		return err
	}
	return s.Check(m, key)
}

// seal verifies the ARC-Seal of an instance: a signature of all sets up to it,
// each in the order results, message, seal. RFC 8617 4.1.3, 5.1.1
func seal(ctx context.Context, dns dnsrec.Resolver, sets map[int]*fields, n int) error {
	own := sets[n].seal[0]
	tags, err := sealTags(own)
	if err != nil {
		return err
	}
	sig, err := tags.Base64("b")
	if err != nil {
		return &dkim.Failure{Result: dkim.Neutral, Reason: "b= is not base64"}
	}
	key, err := dkim.LookupKey(ctx, dns, tags.Squeezed("d"), tags.Squeezed("s"))
	if err != nil {
		return err
	}
	if err := key.Suits(tags.Squeezed("a")); err != nil {
		return err
	}
	before := sealed(sets, n)
	for _, form := range dkim.WithoutSignature(own.Raw) {
		sum := sha256.Sum256([]byte(before + strings.TrimSuffix(dkim.RelaxedField(form), "\r\n")))
		if key.Verify(sum[:], sig) {
			return nil
		}
	}
	return &dkim.Failure{Result: dkim.Fail, Reason: "an ARC field was changed, or the key is not the one that sealed"}
}

// sealed returns what seal n covers besides itself.
func sealed(sets map[int]*fields, n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		b.WriteString(dkim.RelaxedField(sets[i].results[0].Raw))
		b.WriteString(dkim.RelaxedField(sets[i].message[0].Raw))
		if i < n {
			b.WriteString(dkim.RelaxedField(sets[i].seal[0].Raw))
		}
	}
	return b.String()
}

// sealTags reads an ARC-Seal. RFC 8617 4.1.3
func sealTags(f dkim.Field) (dkim.Tags, error) {
	tags, err := dkim.ParseTags(f.Value())
	if err != nil {
		return nil, &dkim.Failure{Result: dkim.Neutral, Reason: err.Error()}
	}
	if _, ok := tags["h"]; ok { // RFC 8617 4.1.3: MUST NOT be there
		return nil, &dkim.Failure{Result: dkim.Neutral, Reason: "the seal has h="}
	}
	for _, name := range []string{"a", "b", "d", "s", "cv"} {
		if tags.Squeezed(name) == "" {
			return nil, &dkim.Failure{Result: dkim.Neutral, Reason: "the seal has no " + name + "="}
		}
	}
	if _, _, err := tags.Time("t"); err != nil {
		return nil, &dkim.Failure{Result: dkim.Neutral, Reason: err.Error()}
	}
	switch tags.Squeezed("a") {
	case dkim.RSASHA256, dkim.Ed25519SHA256:
		return tags, nil
	}
	return nil, &dkim.Failure{Result: dkim.Policy, Reason: "the algorithm of a= is not accepted"}
}
