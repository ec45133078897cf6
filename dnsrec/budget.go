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
	asked  map[Query]*spent
	room   []spent // to be used
	sent   int
	early  [][]sentAhead
	closed bool
}

// spent is a question that was asked, with its answer as soon as there is one.
type spent struct{ answer *entry }

// NewBudget makes a budget of so many different questions within a duration
// from now; 0 stands for the defaults. The context is that of most questions.
// The budget must be closed.
func NewBudget(ctx context.Context, next Resolver, queries int, d time.Duration) *Budget {
	b := &Budget{
		next: next, limit: cmp.Or(queries, DefaultQueries), time: cmp.Or(d, DefaultDomainTime),
		asked: make(map[Query]*spent, usualQueries), parent: ctx,
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
	for _, list := range b.early {
		b.next.(*Cache).forget(list)
	}
	b.early = nil
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
	x, known, err := b.spend(q)
	if err != nil {
		return Answer{Query: q}, &Error{Query: q, Kind: KindBudget, Err: err}
	}
	if known != nil {
		return known.answer(false)
	}
	ctx, cancel := b.within(ctx)
	defer cancel()
	e, asked := b.ask(ctx, q)
	b.note(x, e, asked)
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

func (b *Budget) ask(ctx context.Context, q Query) (e *entry, asked bool) {
	if c, ok := b.next.(*Cache); ok {
		return c.ask(ctx, q)
	}
	ans, err := b.next.Lookup(ctx, q)
	return &entry{ans: ans, err: err}, !ans.Cached
}

// spend takes a question that was not asked before from the budget, and gives
// the answer to one that was.
func (b *Budget) spend(q Query) (x *spent, known *entry, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	x = b.asked[q]
	switch {
	case x != nil && x.answer != nil:
		return x, x.answer, nil
	case !time.Now().Before(b.expires):
		return nil, nil, b.late()
	case x != nil:
		return x, nil, nil
	case len(b.asked) >= b.limit:
		return nil, nil, fmt.Errorf("%w: %d different questions for one domain", errSpent, b.limit)
	}
	if len(b.room) == 0 {
		b.room = make([]spent, usualQueries)
	}
	x, b.room = &b.room[0], b.room[1:]
	b.asked[q] = x
	return x, nil, nil
}

// note keeps an answer: while one domain is examined, a question has one.
func (b *Budget) note(x *spent, e *entry, asked bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if KindOf(e.err) != KindCanceled {
		x.answer = e
	}
	if asked {
		b.sent++
	}
}

func (b *Budget) late() error {
	return fmt.Errorf("%w: %v for one domain", errSpent, b.time)
}
