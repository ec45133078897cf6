package dnsrec

import (
	"context"
	"slices"
	"sync"
)

// Sampler is a [Resolver] that asks each question several times at once, and has
// no answer but an error of [KindUnstable] where the records change. A [Cache] in
// front of it sees to it that each question is sampled once.
type Sampler struct {
	next Resolver
	n    int
}

// NewSampler makes a Resolver that asks next n times.
func NewSampler(next Resolver, n int) *Sampler { return &Sampler{next, n} }

// Lookup returns an answer that is the same in all samples. Those that fail do
// not count, unless all do.
func (s *Sampler) Lookup(ctx context.Context, q Query) (Answer, error) {
	answers, errs := make([]Answer, s.n), make([]error, s.n)
	var wg sync.WaitGroup
	for i := range s.n {
		wg.Go(func() { answers[i], errs[i] = s.next.Lookup(ctx, q) })
	}
	wg.Wait()
	first := slices.Index(errs, nil)
	if first < 0 {
		return answers[0], errs[0]
	}
	versions := answers[first : first+1 : first+1]
	for i, a := range answers {
		if errs[i] == nil && !slices.ContainsFunc(versions, func(v Answer) bool { return sameRecords(v, a) }) {
			versions = append(versions, a)
		}
	}
	if len(versions) == 1 {
		return versions[0], nil
	}
	return Answer{Query: q}, &Error{Query: q, Kind: KindUnstable, Server: versions[0].Server, Versions: versions}
}

// sameRecords reports whether two answers hold the same records, in any order.
// TTL and aliases on the way make no difference, nor do the addresses of a host:
// one with many servers answers with some of them in turn.
func sameRecords(a, b Answer) bool {
	switch {
	case a.Rcode != b.Rcode:
		return false
	case (a.Type == TypeA || a.Type == TypeAAAA) && len(a.Values) > 0 && len(b.Values) > 0:
		return true
	}
	return slices.Equal(slices.Sorted(slices.Values(a.Values)), slices.Sorted(slices.Values(b.Values)))
}
