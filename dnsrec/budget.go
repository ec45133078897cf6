package dnsrec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// What one domain may cost by default: far more than any honest one needs.
const (
	DefaultQueries    = 200
	DefaultDomainTime = 20 * time.Second
)

// usualQueries is how many different questions most domains need.
const usualQueries = 32

var errSpent = errors.New("budget used up")

// Budget is a [Resolver] for the examination of one domain: it bounds how many
// different questions are asked, and for how long, counts, and gives the same
// answer to the same question. Beyond the bounds, every lookup is an error of
// [KindBudget]. It goes in front of a shared [Cache], whose content makes no
// difference to the bounds.
type Budget struct {
	next    Resolver
	limit   int
	time    time.Duration
	expires time.Time
	parent  context.Context // of most questions
	bound   context.Context // parent with the deadline of the budget
	stop    context.CancelFunc

	mu     sync.Mutex
	asked  []spent // searched one by one: they are few
	sent   int
	early  []*entry // sent ahead
	fresh  []int    // of asked: those that are about to be sent
	closed bool
}

// spent is a question that was asked.
type spent struct {
	Query
	entry  *entry // of the cache; nil: not known yet
	answer bool   // the entry is the answer for this budget
}

// NewBudget makes a budget of so many different questions within a duration
// from now; 0 stands for the defaults. The context is that of most questions.
// The budget must be closed.
func NewBudget(ctx context.Context, next Resolver, queries int, d time.Duration) *Budget {
	b := &Budget{
		next: next, limit: cmp.Or(queries, DefaultQueries), time: cmp.Or(d, DefaultDomainTime),
		asked: make([]spent, 0, usualQueries), parent: ctx,
	}
	b.expires = time.Now().Add(b.time)
	b.bound, b.stop = context.WithDeadlineCause(ctx, b.expires, errSpent)
	return b
}

// Close ends the questions that are under way.
func (b *Budget) Close() {
	b.stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if len(b.early) > 0 {
		b.next.(*Cache).forget(b.early)
	}
}

// Queries tells how many questions were sent, for all that was not answered
// by a cache.
func (b *Budget) Queries() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent
}

// Lookup asks the next Resolver, if that is within the budget.
func (b *Budget) Lookup(ctx context.Context, q Query) (Answer, error) {
	place, s, err := b.take(q)
	if err != nil {
		return Answer{Query: q}, &Error{Query: q, Kind: KindBudget, Err: err}
	}
	if s.answer {
		return s.entry.answer(false)
	}
	ctx, cancel := b.within(ctx)
	defer cancel()
	e, asked := b.ask(ctx, q, s.entry)
	b.note(place, e, asked)
	ans, err := e.answer(asked)
	if err != nil && errors.Is(context.Cause(ctx), errSpent) {
		return ans, &Error{Query: q, Kind: KindBudget, Server: ans.Server, Err: b.late()}
	}
	return ans, err
}

// within gives ctx the deadline of the budget.
func (b *Budget) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx == b.parent {
		return b.bound, func() {}
	}
	return context.WithDeadlineCause(ctx, b.expires, errSpent)
}

func (b *Budget) ask(ctx context.Context, q Query, e *entry) (landed *entry, asked bool) {
	if c, ok := b.next.(*Cache); ok {
		return c.ask(ctx, q, e)
	}
	ans, err := b.next.Lookup(ctx, q)
	return &entry{ans: ans, err: err}, !ans.Cached
}

// take takes a question from the budget, and gives its place and what is known
// of it.
func (b *Budget) take(q Query) (place int, known spent, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if place, err = b.spend(q, time.Now()); err != nil {
		return 0, spent{}, err
	}
	return place, b.asked[place], nil
}

// spend gives the place of a question, which it takes from the budget if it was
// not asked before.
func (b *Budget) spend(q Query, now time.Time) (place int, err error) {
	for place < len(b.asked) && b.asked[place].Query != q {
		place++
	}
	known := place < len(b.asked)
	switch {
	case known && b.asked[place].answer:
		return place, nil
	case !now.Before(b.expires):
		return 0, b.late()
	case known:
		return place, nil
	case len(b.asked) >= b.limit:
		return 0, fmt.Errorf("%w: %d different questions for one domain", errSpent, b.limit)
	}
	b.asked = append(b.asked, spent{Query: q})
	return len(b.asked) - 1, nil
}

// note keeps an answer: while one domain is examined, a question has one.
func (b *Budget) note(place int, e *entry, asked bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := &b.asked[place]; KindOf(e.err) != KindCanceled {
		s.entry, s.answer = e, true
	}
	if asked {
		b.sent++
	}
}

func (b *Budget) late() error {
	return fmt.Errorf("%w: %v for one domain", errSpent, b.time)
}
