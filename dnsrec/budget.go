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

// Budget holds the answers of one domain: it bounds how many different
// questions are asked, and for how long, counts, and gives the same answer to
// the same question. Beyond the bounds, every question is an error of
// [KindBudget]. It goes in front of a shared [Cache], whose content makes no
// difference to the bounds.
//
// It belongs to one goroutine, which asks with Ask, waits with Wait, and sees
// with Known what has landed. Lookup, which waits for one question, may be called by
// any number of goroutines, but not together with those.
type Budget struct {
	next   Resolver
	from   sender // next
	limit  int
	time   time.Duration
	parent context.Context // of most questions
	bound  context.Context // parent with the clock of the budget
	clock  *clock          // of bound

	mu        sync.Mutex // for Lookup
	asked     []spent    // searched one by one: they are few
	last      int        // place that was found last
	sent      int
	unclaimed []*entry // sent and perhaps not waited for
	fresh     []int    // of asked: those that are about to be sent
	urgent    []urgent // questions with a time of their own
	pending   []int    // of asked: those that Wait is to wait for
	flying    int      // those that goroutines wait for
	scout     int      // place of the one that the parked wait for, while scouting
	scouting  bool
	parked    []parked
	refused   error // why a question was not asked
	cause     error // of Cancel
	closed    bool

	room budgetRoom

	patience patience
	waiters  sync.WaitGroup
	closing  chan struct{} // closed by Close; nil: there are no waiters
}

// budgetRoom is room for what most domains need, in one piece with the budget.
type budgetRoom struct {
	asked          [usualQueries]spent
	unclaimed      [usualQueries]*entry
	fresh, pending [usualQueries / 2]int
}

// spent is a question that was asked.
type spent struct {
	Query
	entry  *entry // of the cache; nil: not known yet
	answer bool   // the entry is the answer for this budget
}

// urgent is when the answer to the question at a place must be there.
type urgent struct {
	place int
	until time.Time
}

// sender is what a Budget needs of the Resolver behind it. [Cache] is one.
type sender interface {
	send(asked []spent, places []int, sent []*entry, ahead *Prefetch) []*entry
	tryLand(ctx context.Context, q Query, e *entry, p *patience) (landed *entry, rest finisher)
	ask(ctx context.Context, q Query, e *entry) (landed *entry, asked bool)
	abandon(sent []*entry)
}

// finisher asks a question or waits for its answer, and reports whether it was
// sent for that.
type finisher func(context.Context) (landed *entry, asked bool)

// direct makes any Resolver a sender, which sends nothing without waiting.
type direct struct{ Resolver }

func (d direct) send(_ []spent, _ []int, sent []*entry, _ *Prefetch) []*entry { return sent }

func (d direct) abandon([]*entry) {}

func (d direct) tryLand(_ context.Context, q Query, _ *entry, _ *patience) (*entry, finisher) {
	return nil, func(ctx context.Context) (*entry, bool) { return d.ask(ctx, q, nil) }
}

func (d direct) ask(ctx context.Context, q Query, _ *entry) (landed *entry, asked bool) {
	ans, err := d.Lookup(ctx, q)
	return &entry{ans: ans, err: err}, !ans.Cached
}

// NewBudget makes a budget of so many different questions within a duration
// from now; 0 stands for the defaults. The context is that of most questions.
// The budget must be closed.
func NewBudget(ctx context.Context, next Resolver, queries int, d time.Duration) *Budget {
	b := &Budget{
		next: next, limit: cmp.Or(queries, DefaultQueries), time: cmp.Or(d, DefaultDomainTime), parent: ctx,
	}
	b.asked, b.unclaimed, b.fresh, b.pending = b.room.asked[:0], b.room.unclaimed[:0], b.room.fresh[:0], b.room.pending[:0]
	var ok bool
	if b.from, ok = next.(sender); !ok {
		b.from = direct{next}
	}
	b.bound, b.clock = withClock(ctx, b.time, errSpent)
	b.clock.deaf.Store(true)
	return b
}

// Known returns what came of a question as Lookup does, if it has landed. It
// neither waits nor asks. Once a question was refused because the budget is used
// up, all that were not asked before are known to be beyond it.
func (b *Budget) Known(q Query) (ans Answer, err error, known bool) {
	place := b.find(q)
	switch {
	case place < len(b.asked) && b.asked[place].answer:
		ans, err = b.asked[place].entry.answer(false)
		return ans, err, true
	case place == len(b.asked) && b.refused != nil:
		return Answer{Query: q}, &Error{Query: q, Kind: KindBudget, Err: b.refused}, true
	}
	return Answer{}, nil, false
}

// Place returns where a question stands among those that were asked, from 0 on,
// for [Budget.Asked]; -1: it was not asked.
func (b *Budget) Place(q Query) int {
	if place := b.find(q); place < len(b.asked) {
		return place
	}
	return -1
}

// Len returns how many different questions were asked.
func (b *Budget) Len() int { return len(b.asked) }

// Asked returns the question at a place.
func (b *Budget) Asked(place int) Query { return b.asked[place].Query }

// Ask asks those of the questions that were not asked before, without waiting.
// They go out as one batch where that can be done, else when Wait is called.
func (b *Budget) Ask(qs ...Query) {
	fresh := b.fresh[:0]
	for _, q := range qs {
		if b.find(q) < len(b.asked) {
			continue
		}
		if err := b.admit(); err != nil {
			b.refused = err
			continue
		}
		fresh = append(fresh, len(b.asked))
		b.asked = append(b.asked, spent{Query: q})
	}
	b.fresh, b.pending = fresh, append(b.pending, fresh...)
	b.transmit(fresh)
}

// AskWithin asks a question whose answer is an error of [KindTimeout] if it
// has not come within d. It makes no difference to one that was asked before.
func (b *Budget) AskWithin(q Query, d time.Duration) {
	if place := b.find(q); place == len(b.asked) {
		b.urgent = append(b.urgent, urgent{place, time.Now().Add(d)})
		b.Ask(q)
	}
}

// transmit sends the questions at these places, if they are new to the cache.
func (b *Budget) transmit(places []int) {
	before := len(b.unclaimed)
	b.unclaimed = b.from.send(b.asked, places, b.unclaimed, nil)
	b.sent += len(b.unclaimed) - before
}

// Pending returns how many questions were asked that have not landed.
func (b *Budget) Pending() int { return len(b.pending) + len(b.parked) + b.flying }

// Wait waits for what was asked, in turn, for at most so long over all of it.
// An answer that comes meanwhile and leaves nothing to ask has landed when Wait
// returns. All else goes on in goroutines, each of which sends a func when it
// is done. The owner must receive and call it, and then the answer has landed.
func (b *Budget) Wait(patience time.Duration, inbox chan<- func()) {
	b.patience.begin(patience)
	defer b.patience.end()
	for _, place := range b.pending {
		s := &b.asked[place]
		if s.answer { // by a Lookup meanwhile
			continue
		}
		landed, rest := b.from.tryLand(b.bound, s.Query, s.entry, &b.patience)
		if landed != nil {
			b.land(place, landed)
			continue
		}
		if b.scouts(place) {
			b.parked = append(b.parked, parked{place, rest})
			continue
		}
		b.finish(place, rest, inbox)
	}
	b.pending = b.pending[:0]
}

var errImpatient = errors.New("no answer within the time for this question")

// finish finishes a question in a goroutine of its own.
func (b *Budget) finish(place int, rest finisher, inbox chan<- func()) {
	if b.closing == nil {
		b.closing = make(chan struct{})
	}
	b.flying++
	ctx, cancel := b.bound, func() {}
	for _, u := range b.urgent {
		if u.place == place {
			ctx, cancel = context.WithDeadlineCause(ctx, u.until, errImpatient)
		}
	}
	b.waiters.Go(func() {
		defer cancel()
		landing := b.landing(ctx, place, rest, inbox)
		select {
		case inbox <- landing:
		case <-b.closing:
		}
	})
}

// landing finishes a question and returns what its owner does then. If that
// panics, the owner does.
func (b *Budget) landing(ctx context.Context, place int, rest finisher, inbox chan<- func()) (f func()) {
	defer func() {
		if p := recover(); p != nil {
			f = func() { panic(p) }
		}
	}()
	e, asked := rest(ctx)
	impatient := KindOf(e.err) == KindCanceled && errors.Is(context.Cause(ctx), errImpatient)
	return func() {
		b.flying--
		if asked {
			b.sent++
		}
		if impatient {
			e = failed(b.asked[place].Query, KindTimeout, errImpatient)
		}
		b.land(place, e)
		if b.scouting && b.scout == place {
			b.scouted(e, inbox)
		}
	}
}

// land makes an entry the answer to the question at a place. What the end of the
// budget cut short says so.
func (b *Budget) land(place int, e *entry) {
	s := &b.asked[place]
	b.hear(e)
	if e.err != nil && KindOf(e.err) == KindCanceled && b.bound.Err() != nil {
		if cause := cmp.Or(b.cause, context.Cause(b.bound)); errors.Is(cause, errSpent) {
			e = failed(s.Query, KindBudget, b.late())
		} else {
			e = failed(s.Query, KindCanceled, cause)
		}
	}
	s.entry, s.answer = e, true
}

// hear notes that a question at or below the name that was asked for first, the
// domain's, was answered: those that are lost may be worth more tries.
func (b *Budget) hear(e *entry) {
	if e.err == nil && b.clock.deaf.Load() && Within(e.ans.Name, b.asked[0].Name) {
		b.clock.deaf.Store(false)
	}
}

func failed(q Query, k Kind, err error) *entry {
	return &entry{ans: Answer{Query: q}, err: &Error{Query: q, Kind: k, Err: err}}
}

// Cancel ends the questions that are under way. They land as [KindCanceled].
func (b *Budget) Cancel(cause error) {
	if b.bound.Err() == nil {
		b.cause = cause
	}
	b.clock.stop()
}

// Close ends the questions that are under way and waits for its goroutines.
func (b *Budget) Close() {
	b.clock.stop()
	for _, p := range b.parked {
		_, _ = p.rest(b.bound)
	}
	b.parked = nil
	if b.closing != nil && !b.closed {
		close(b.closing)
		b.waiters.Wait()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if len(b.unclaimed) > 0 {
		b.from.abandon(b.unclaimed)
	}
}

// Queries returns how many questions were sent, for all that was not answered
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
	e, asked := b.from.ask(ctx, q, s.entry)
	b.note(place, e, asked)
	ans, err := e.answer(asked)
	if err != nil && errors.Is(context.Cause(ctx), errSpent) {
		return ans, &Error{Query: q, Kind: KindBudget, Server: ans.Server, Err: b.late()}
	}
	return ans, err
}

// within ends ctx with the clock of the budget.
func (b *Budget) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if ctx == b.parent {
		return b.bound, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(b.bound, func() { cancel(context.Cause(b.bound)) })
	return ctx, func() { unhook(); cancel(context.Canceled) }
}

// take takes a question from the budget, and returns its place and what is known
// of it.
func (b *Budget) take(q Query) (place int, known spent, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if place, err = b.spend(q); err != nil {
		return 0, spent{}, err
	}
	return place, b.asked[place], nil
}

// spend returns the place of a question, which it takes from the budget if it
// was not asked before.
func (b *Budget) spend(q Query) (place int, err error) {
	place = b.find(q)
	known := place < len(b.asked)
	switch {
	case known && b.asked[place].answer:
		return place, nil
	case b.expired():
		return 0, b.late()
	case known:
		return place, nil
	}
	if err := b.admit(); err != nil {
		return 0, err
	}
	b.asked = append(b.asked, spent{Query: q})
	return place, nil
}

// find returns the place of a question; the number of those asked, if it was
// not. Inlined, it would make the program larger and no faster.
//
//go:noinline
func (b *Budget) find(q Query) (place int) {
	if b.last < len(b.asked) && b.asked[b.last].Query == q { // who finds it looks at it once more
		return b.last
	}
	for place < len(b.asked) && b.asked[place].Query != q {
		place++
	}
	b.last = place
	return place
}

// admit returns why no further question may be asked; nil: one may.
func (b *Budget) admit() error {
	switch {
	case b.expired():
		return b.late()
	case len(b.asked) >= b.limit:
		return fmt.Errorf("%w: %d different questions for one domain", errSpent, b.limit)
	}
	return nil
}

// expired reports whether the time is up.
func (b *Budget) expired() bool { return errors.Is(context.Cause(b.bound), errSpent) }

// note keeps an answer: while one domain is examined, a question has one.
func (b *Budget) note(place int, e *entry, asked bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hear(e)
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
