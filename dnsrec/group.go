package dnsrec

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

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
