package dnsrec

import (
	"context"
	"errors"
	"sync"
)

// maxRounds bounds how often [Solve] runs its function: far more than one that
// follows anything honest needs.
const maxRounds = 256

var errRounds = errors.New("the questions never end")

// Solve runs f over known answers until it misses none. f asks the Resolver it
// is given and gets [ErrMissing] for what is not known yet; all that it missed
// is then asked of r at once, and f runs again, from the start. So what is
// written as one question after the other asks as much as it can at the same
// time.
func Solve(ctx context.Context, r Resolver, f func(known Resolver)) {
	s := solution{results: map[Query]result{}}
	for range maxRounds {
		f(&s)
		if len(s.missing) == 0 {
			return
		}
		s.ask(ctx, r)
	}
	s.ended = true
	f(&s)
}

// solution is the answers that a [Solve] knows.
type solution struct {
	results map[Query]result
	missing []Query
	ended   bool // no further questions are asked
}

type result struct {
	ans Answer
	err error
}

// Lookup returns what is known, and notes what is not.
func (s *solution) Lookup(_ context.Context, q Query) (Answer, error) {
	known, ok := s.results[q]
	switch {
	case ok:
		return known.ans, known.err
	case s.ended:
		return Answer{Query: q}, &Error{Query: q, Kind: KindBudget, Err: errRounds}
	}
	s.results[q] = result{Answer{Query: q}, ErrMissing}
	s.missing = append(s.missing, q)
	return Answer{Query: q}, ErrMissing
}

// ask asks what is missing, all at once. If a question panics, ask does.
func (s *solution) ask(ctx context.Context, r Resolver) {
	if len(s.missing) == 1 { // it needs no goroutine
		q := s.missing[0]
		ans, err := r.Lookup(ctx, q)
		s.results[q], s.missing = result{ans, err}, s.missing[:0]
		return
	}
	found := make([]result, len(s.missing))
	panics := make([]any, len(s.missing))
	var wg sync.WaitGroup
	for i, q := range s.missing {
		wg.Go(func() {
			defer func() { panics[i] = recover() }()
			found[i].ans, found[i].err = r.Lookup(ctx, q)
		})
	}
	wg.Wait()
	for i, q := range s.missing {
		if panics[i] != nil {
			panic(panics[i])
		}
		s.results[q] = found[i]
	}
	s.missing = s.missing[:0]
}
