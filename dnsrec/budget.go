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
// different questions are asked, and for how long, and counts. Beyond that,
// every lookup is an error of [KindBudget]. It goes in front of a shared
// [Cache], whose content makes no difference to the bound.
type Budget struct {
	next    Resolver
	limit   int
	time    time.Duration
	expires time.Time

	mu     sync.Mutex
	asked  map[Query]struct{}
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
		asked: make(map[Query]struct{}, usualQueries),
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
	if err := b.spend(q); err != nil {
		return Answer{Query: q}, &Error{Query: q, Kind: KindBudget, Err: err}
	}
	ctx, cancel := b.within(ctx)
	defer cancel()
	ans, err := b.next.Lookup(ctx, q)
	if !ans.Cached {
		b.mu.Lock()
		b.sent++
		b.mu.Unlock()
	}
	if err != nil && errors.Is(context.Cause(ctx), errSpent) {
		return ans, &Error{Query: q, Kind: KindBudget, Server: ans.Server, Err: b.late()}
	}
	return ans, err
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
	for _, q := range b.early {
		b.forget(q)
	}
	if b.stop != nil {
		b.stop()
	}
}

// spend takes a question that was not asked before from the budget.
func (b *Budget) spend(q Query) error {
	if !time.Now().Before(b.expires) {
		return b.late()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.asked[q]; known {
		return nil
	}
	if len(b.asked) >= b.limit {
		return fmt.Errorf("%w: %d different questions for one domain", errSpent, b.limit)
	}
	b.asked[q] = struct{}{}
	return nil
}

func (b *Budget) late() error {
	return fmt.Errorf("%w: %v for one domain", errSpent, b.time)
}
