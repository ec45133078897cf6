package dnsrec

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A clock ends a context after a time, of which the time that its questions wait
// for the pace of a resolver is no part.
type clock struct {
	outer *clock // of the context around; nil: none
	end   context.CancelCauseFunc
	cause error

	deaf atomic.Bool // of a Budget: none of the questions about its domain has been answered
	mute atomic.Bool // of a Budget that is deaf: one was asked to the end and got no answer

	mu    sync.Mutex
	timer *time.Timer
	until time.Time     // while it runs
	left  time.Duration // while it is held
	held  int           // by so many questions
}

type clockKey struct{}

// WithTimeout is [context.WithTimeout], but the time in which a question waits
// until the pace of the resolver allows it does not count: it is not the domain's.
func WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, c := withClock(ctx, d, context.DeadlineExceeded)
	return ctx, c.stop
}

func clockOf(ctx context.Context) *clock {
	c, _ := ctx.Value(clockKey{}).(*clock)
	return c
}

// mute reports whether a domain answers nothing, as one of its questions has shown
// that was asked as often as is worth it.
func mute(ctx context.Context) bool {
	c := clockOf(ctx)
	return c != nil && c.deaf.Load() && c.mute.Load()
}

// deaf reports whether no question about a domain has been answered yet.
func deaf(ctx context.Context) bool {
	c := clockOf(ctx)
	return c != nil && c.deaf.Load()
}

func withClock(ctx context.Context, d time.Duration, cause error) (context.Context, *clock) {
	outer := clockOf(ctx)
	ctx, end := context.WithCancelCause(ctx)
	c := &clock{outer: outer, end: end, cause: cause, until: time.Now().Add(d)}
	c.timer = time.AfterFunc(d, func() { end(cause) })
	return context.WithValue(ctx, clockKey{}, c), c
}

func (c *clock) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held++ // for good
	c.timer.Stop()
	c.end(context.Canceled)
}

// HoldClock holds the clocks of a context of [WithTimeout], and that of the budget of
// [Budget.Beside], until resume is called.
func HoldClock(ctx context.Context) (resume func()) {
	var held []*clock
	for c := clockOf(ctx); c != nil; c = c.outer {
		held = append(held, c)
	}
	if c, ok := ctx.Value(besideKey{}).(*clock); ok {
		held = append(held, c)
	}
	for _, c := range held {
		c.hold()
	}
	return func() {
		for _, c := range held {
			c.resume()
		}
	}
}

type besideKey struct{}

// Beside returns a context for work beside the questions of a budget: while its clock
// is held, the time of the budget does not pass either.
func (b *Budget) Beside(ctx context.Context) context.Context {
	return context.WithValue(ctx, besideKey{}, b.clock)
}

func (c *clock) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held++; c.held == 1 {
		c.left = time.Until(c.until)
		c.timer.Stop()
	}
}

func (c *clock) resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held--; c.held == 0 {
		c.until = time.Now().Add(c.left)
		c.timer.Reset(c.left)
	}
}
