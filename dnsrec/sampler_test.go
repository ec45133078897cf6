package dnsrec_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"maildiag/dnsrec"
)

// script answers one question with each of its answers in turn.
type script struct {
	mu      sync.Mutex
	answers []dnsrec.Answer
	errs    []error
	asked   int
}

func (s *script) Lookup(context.Context, dnsrec.Query) (dnsrec.Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.asked
	s.asked++
	if s.errs != nil && s.errs[i] != nil {
		return dnsrec.Answer{}, s.errs[i]
	}
	return s.answers[i], nil
}

func TestSampler(t *testing.T) {
	says := func(values ...string) dnsrec.Answer { return dnsrec.Answer{Rcode: "NOERROR", Values: values} }
	gone, down := dnsrec.Answer{Rcode: "NXDOMAIN"}, errors.New("down")
	aged := says("a", "b")
	aged.TTL, aged.CNAMEs, aged.Server = time.Minute, []string{"x"}, "192.0.2.53"
	for name, c := range map[string]struct {
		typ      dnsrec.Type
		answers  []dnsrec.Answer
		errs     []error
		versions int // 0: the answer is stable
		fails    bool
	}{
		"all the same":       {answers: []dnsrec.Answer{says("a"), says("a"), says("a")}},
		"another order":      {answers: []dnsrec.Answer{says("a", "b"), says("b", "a"), aged}},
		"no record":          {answers: []dnsrec.Answer{says(), says(), says()}},
		"two texts":          {typ: "TXT", answers: []dnsrec.Answer{says("a"), says("b"), says("a")}, versions: 2},
		"three texts":        {typ: "TXT", answers: []dnsrec.Answer{says("a"), says("b"), says("c")}, versions: 3},
		"two MX hosts":       {typ: "MX", answers: []dnsrec.Answer{says("0 a"), says("0 a"), says("0 b")}, versions: 2},
		"other preference":   {typ: "MX", answers: []dnsrec.Answer{says("0 a"), says("5 a")}, versions: 2},
		"one record less":    {answers: []dnsrec.Answer{says("a", "b"), says("a"), says("a", "b")}, versions: 2},
		"one record twice":   {answers: []dnsrec.Answer{says("a", "b"), says("a", "a"), says("a", "b")}, versions: 2},
		"no name at times":   {answers: []dnsrec.Answer{gone, says(), says()}, versions: 2},
		"rotating addresses": {typ: "A", answers: []dnsrec.Answer{says("192.0.2.1"), says("192.0.2.2"), says("192.0.2.3", "192.0.2.1")}},
		"rotating, IPv6":     {typ: "AAAA", answers: []dnsrec.Answer{says("2001:db8::1"), says("2001:db8::2")}},
		"address at times":   {typ: "A", answers: []dnsrec.Answer{says("192.0.2.1"), says(), says("192.0.2.1")}, versions: 2},
		"lost at times":      {answers: []dnsrec.Answer{{}, says("a"), says("a")}, errs: []error{down, nil, nil}},
		"lost and different": {answers: []dnsrec.Answer{{}, says("a"), says("b")}, errs: []error{down, nil, nil}, versions: 2},
		"lost":               {answers: make([]dnsrec.Answer, 3), errs: []error{down, down, down}, fails: true},
	} {
		for i := range c.answers {
			c.answers[i].Type = c.typ
		}
		next := &script{answers: c.answers, errs: c.errs}
		a, err := dnsrec.NewSampler(next, len(c.answers)).Lookup(t.Context(), dnsrec.Q("contoso.com", c.typ))
		var e *dnsrec.Error
		unstable := errors.As(err, &e) && e.Kind == dnsrec.KindUnstable
		if next.asked != len(c.answers) || unstable != (c.versions > 0) || unstable && (len(e.Versions) != c.versions || len(a.Values) > 0) {
			t.Errorf("%s: asked %d times, %v", name, next.asked, err)
		}
		if (err != nil) != (unstable || c.fails) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
