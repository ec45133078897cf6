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
const usualQueries = 24

var errSpent = errors.New("budget used up")

// Budget is a [Resolver] for the examination of one domain: it bounds how many
// different questions are asked, and for how long, counts, and gives the same
// answer to the same question. Beyond the bounds,
// every lookup is an error of [KindBudget]. It goes in front of a shared
// [Cache], whose content makes no difference to the bound.
type Budget struct {
	next    Resolver
	limit   int
	time    time.Duration
	expires time.Time

	mu     sync.Mutex
	asked  map[Query]*entry // nil: not answered
	sent   int
	early  []Query         // sent ahead
	parent context.Context // of bound
	bound  context.Context // parent with the deadline of the budget
	stop   context.CancelFunc
}

// NewBudget makes a budget of so many different questions within a duration
// from now; 0 stands for the defaults.
func NewBudget(next Resolver, queries int, d time.Duration) *Budget {
	b := &Budget{
		next: next, limit: cmp.Or(queries, DefaultQueries), time: cmp.Or(d, DefaultDomainTime),
		asked: make(map[Query]*entry, usualQueries),
	}
	b.expires = time.Now().Add(b.time)
	return b
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
	known, err := b.spend(q)
	if err != nil {
		return Answer{Query: q}, &Error{Query: q, Kind: KindBudget, Err: err}
	}
	if known != nil {
		return known.answer(false)
	}
	ctx, cancel := b.within(ctx)
	defer cancel()
	e, asked := b.ask(ctx, q)
	b.note(q, e, asked)
	ans, err := e.answer(asked)
	if err != nil && errors.Is(context.Cause(ctx), errSpent) {
		return ans, &Error{Query: q, Kind: KindBudget, Server: ans.Server, Err: b.late()}
	}
	return ans, err
}

func (b *Budget) ask(ctx context.Context, q Query) (e *entry, asked bool) {
	if c, ok := b.next.(*Cache); ok {
		return c.ask(ctx, q)
	}
	ans, err := b.next.Lookup(ctx, q)
	return &entry{ans: ans, err: err}, !ans.Cached
}

// note keeps an answer: while one domain is examined, a question has one.
func (b *Budget) note(q Query, e *entry, asked bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e.err == nil {
		b.asked[q] = e
	}
	if asked {
		b.sent++
	}
}

// within gives ctx the deadline of the budget. Most questions of a domain have
// the same context, so the bounded one is kept until
// Close.
func (b *Budget) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if d, ok := ctx.Deadline(); ok && !d.After(b.expires) {
		return ctx, func() {}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.parent == nil {
		b.parent = ctx
		b.bound, b.stop = context.WithDeadlineCause(ctx, b.expires, errSpent)
	}
	if ctx == b.parent {
		return b.bound, func() {}
	}
	return context.WithDeadlineCause(ctx, b.expires, errSpent)
}

// Close ends the questions that are under way. A budget that was used ends with
// the context of its first question too.
func (b *Budget) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.early) > 0 {
		b.forget(b.early)
		b.early = nil
	}
	if b.stop != nil {
		b.stop()
	}
}

// spend takes a question that was not asked before from the budget, and gives
// the answer to one that was.
func (b *Budget) spend(q Query) (*entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, asked := b.asked[q]
	switch {
	case known != nil:
		return known, nil
	case !time.Now().Before(b.expires):
		return nil, b.late()
	case !asked && len(b.asked) >= b.limit:
		return nil, fmt.Errorf("%w: %d different questions for one domain", errSpent, b.limit)
	case !asked:
		b.asked[q] = nil
	}
	return nil, nil
}

func (b *Budget) late() error {
	return fmt.Errorf("%w: %v for one domain", errSpent, b.time)
}
