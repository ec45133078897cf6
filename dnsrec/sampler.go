package dnsrec

import (
	"context"
	"slices"
	"sync"
)

// Sampler is a [Resolver] that asks each question several times at once, and
// keeps in the Answer what other answers there were. A [Cache] goes in front of
// it, so that each question is sampled once.
type Sampler struct {
	next Resolver
	n    int
}

// NewSampler makes a Resolver that asks next n times.
func NewSampler(next Resolver, n int) *Sampler { return &Sampler{next, n} }

// Lookup returns the first answer; the error only if there was none.
func (s *Sampler) Lookup(ctx context.Context, q Query) (ans Answer, err error) {
	answers, errs := make([]Answer, s.n), make([]error, s.n)
	var wg sync.WaitGroup
	for i := range s.n {
		wg.Go(func() { answers[i], errs[i] = s.next.Lookup(ctx, q) })
	}
	wg.Wait()
	first := max(0, slices.Index(errs, nil))
	ans, err = answers[first], errs[first]
	for i, other := range answers {
		known := func(a Answer) bool { return sameRecords(a, other) }
		if errs[i] == nil && !known(ans) && !slices.ContainsFunc(ans.Others, known) {
			ans.Others = append(ans.Others, other)
		}
	}
	return ans, err
}

// sameRecords reports whether two answers hold the same records, in any order.
// The way by aliases, and the TTL, make no difference.
func sameRecords(a, b Answer) bool {
	return a.Rcode == b.Rcode && len(a.Values) == len(b.Values) &&
		slices.Equal(slices.Sorted(slices.Values(a.Values)), slices.Sorted(slices.Values(b.Values)))
}
