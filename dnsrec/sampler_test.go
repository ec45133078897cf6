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
		answers []dnsrec.Answer
		errs    []error
		others  int
		fails   bool
	}{
		"all the same":       {answers: []dnsrec.Answer{says("a"), says("a"), says("a")}},
		"another order":      {answers: []dnsrec.Answer{says("a", "b"), says("b", "a"), aged}},
		"two texts":          {answers: []dnsrec.Answer{says("a"), says("b"), says("a")}, others: 1},
		"three texts":        {answers: []dnsrec.Answer{says("a"), says("b"), says("c")}, others: 2},
		"one record less":    {answers: []dnsrec.Answer{says("a", "b"), says("a"), says("a", "b")}, others: 1},
		"the same one twice": {answers: []dnsrec.Answer{says("a", "b"), says("a", "a"), says("a", "b")}, others: 1},
		"no name at times":   {answers: []dnsrec.Answer{gone, says(), says()}, others: 1},
		"lost at times":      {answers: []dnsrec.Answer{{}, says("a"), says("a")}, errs: []error{down, nil, nil}},
		"lost and different": {answers: []dnsrec.Answer{{}, says("a"), says("b")}, errs: []error{down, nil, nil}, others: 1},
		"lost":               {answers: make([]dnsrec.Answer, 3), errs: []error{down, down, down}, fails: true},
	} {
		next := &script{answers: c.answers, errs: c.errs}
		a, err := dnsrec.NewSampler(next, len(c.answers)).Lookup(t.Context(), dnsrec.Q("contoso.com", dnsrec.TypeMX))
		if next.asked != len(c.answers) || len(a.Others) != c.others || (err != nil) != c.fails {
			t.Errorf("%s: asked %d times, %d others, %v", name, next.asked, len(a.Others), err)
		}
	}
}
