package dnsrec

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// This file is what only the engine of before needs.

// Ahead sends questions off that will be looked up soon, without waiting for
// their answers: whoever looks one of them up finds it under way. It is a hint,
// which does nothing for contexts other than those of [InTurn]. The list is
// overwritten.
func Ahead(ctx context.Context, r Resolver, qs ...Query) {
	if len(qs) == 0 || ctx.Value(turns{}) == nil {
		return
	}
	switch r := r.(type) {
	case *Budget:
		r.send(qs)
	case *Cut:
		r.send(qs)
	}
}

// SendsAhead reports whether Ahead can do something with a Resolver. It cannot
// over HTTPS, where a question takes a goroutine of its own.
func SendsAhead(r Resolver) bool {
	switch r := r.(type) {
	case *Budget:
		return SendsAhead(r.next)
	case *Cut:
		return SendsAhead(r.next)
	case *Cache:
		c, ok := r.next.(*Client)
		return ok && len(c.servers) > 0 && c.servers[0].web == nil
	}
	return false
}

// send takes the questions from the budget, as their Lookups would.
func (b *Budget) send(qs []Query) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	now, fresh := time.Now(), b.fresh[:0]
	for _, q := range qs {
		if place, err := b.spend(q, now); err == nil && b.asked[place].entry == nil {
			fresh = append(fresh, place)
		}
	}
	b.fresh = fresh
	b.transmit(fresh)
}

// send sends what is not known to be in vain.
func (c *Cut) send(qs []Query) {
	if b, ok := c.next.(*Budget); ok {
		b.send(slices.DeleteFunc(qs, func(q Query) bool {
			_, vain := c.spared(q)
			return vain
		}))
	}
}

// turns is the key of [InTurn].
type turns struct{}

// InTurn marks a context: questions that do not wait for one another are asked
// in turn, by the goroutine that wants to know, and not all at once.
//
// That is for runs over thousands of domains. There, as many questions are
// under way by having many domains under way, at one goroutine a domain in
// place of forty, each of which would need its stack to grow for one question.
func InTurn(ctx context.Context) context.Context { return context.WithValue(ctx, turns{}, true) }

// impatience is how long one question of a [Group] may take before the others
// do not wait for it: its server is slow or dead, and they may go elsewhere.
const impatience = 500 * time.Millisecond

// Group does things that do not wait for one another: at once, or, under a
// context of [InTurn], one after the other as long as they are quick. If one of
// them panics, the goroutine that waits does, so that whoever contains the
// faults of the work contains those of its parts.
type Group struct {
	wg     sync.WaitGroup
	inTurn bool
	queue  []func()            // in turn: not done yet
	failed atomic.Pointer[any] // the first panic
}

// NewGroup makes a group for the work of a context.
func NewGroup(ctx context.Context) *Group {
	return &Group{inTurn: ctx.Value(turns{}) != nil}
}

// Go does f, at the latest until Wait returns.
func (g *Group) Go(f func()) {
	if !g.inTurn {
		g.wg.Go(func() {
			defer g.contain()
			f()
		})
		return
	}
	g.queue = append(g.queue, f)
}

// workOff does what is queued, in the order of Go, what comes to it meanwhile
// as well. So a tree is followed level by level, and the questions of a level
// are all on their way (see [Ahead]) before the first answer of the next one
// is waited for.
func (g *Group) workOff() {
	for len(g.queue) > 0 && g.inTurn {
		f := g.queue[0]
		g.queue = g.queue[1:]
		began := time.Now()
		f()
		g.inTurn = time.Since(began) < impatience
	}
	rest := g.queue
	g.queue = nil
	for _, f := range rest {
		g.Go(f)
	}
}

// Each does f(0) to f(n-1), which do not wait for one another, as a [Group]
// does.
func Each(ctx context.Context, n int, f func(i int)) {
	i := 0
	for inTurn := ctx.Value(turns{}) != nil; inTurn && i < n; i++ {
		began := time.Now()
		f(i)
		inTurn = time.Since(began) < impatience
	}
	if i == n {
		return
	}
	var rest Group
	for j := i; j < n; j++ {
		rest.Go(func() { f(j) })
	}
	rest.Wait()
}

func (g *Group) contain() {
	if p := recover(); p != nil {
		g.failed.CompareAndSwap(nil, &p)
	}
}

// Wait returns when all is done, and panics if a part did. It must be called
// by the goroutine that called Go.
func (g *Group) Wait() {
	g.workOff()
	g.wg.Wait()
	if p := g.failed.Load(); p != nil {
		panic(*p)
	}
}
