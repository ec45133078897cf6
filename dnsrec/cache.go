package dnsrec

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"time"
)

// The limits of a [Cache] by default.
const (
	DefaultCacheEntries = 8 << 10          // answers kept
	DefaultCacheBytes   = 16 << 20         // roughly, of their text
	DefaultMinTTL       = 60 * time.Second // longer than one domain takes
	DefaultMaxTTL       = 5 * time.Minute  // a negative TTL of ten years must not hold a fix up
	DefaultErrorTTL     = 10 * time.Second // so that ten checks do not wait for one dead server in turn
)

// CacheOptions are the limits of a [Cache]; 0 stands for the default.
type CacheOptions struct {
	Entries        int
	Bytes          int
	MinTTL, MaxTTL time.Duration
	ErrorTTL       time.Duration
}

// Cache is a [Resolver] that remembers what another one answered, data and the
// lack of it alike, and lets all who ask the same question at once wait for
// one answer. It may be shared by any number of domains and goroutines.
//
// An answer is kept for its TTL, but not shorter than MinTTL, so that no
// question is asked twice while one domain is examined. The slices of an
// Answer are shared and must not be changed. Its TTL, Server and RTT are those
// of the original.
//
// Memory is bounded by two generations. New answers go into the young one;
// when it is full, it becomes the old one, and the old one is dropped. What is
// asked again moves to the young one. So in a run over a million domains the
// names of each pass through, and the includes and hosts that many share stay.
type Cache struct {
	next  Resolver
	calls caller // next, if questions can be sent to it without waiting, or nil
	opts  CacheOptions
	began time.Time

	mu         sync.Mutex
	young, old map[Query]*entry // what is asked now among them
	added      int              // entries of young, but for those that were under way when it began
	bytes      int              // of young
}

// entry is a question that is being asked, or, once it has landed, its answer,
// which is never changed.
type entry struct {
	ans   Answer
	err   error
	until time.Duration // since the cache was made

	// Guarded by the cache.
	state state
	call  *call         // stateSent: how it was sent
	wake  chan struct{} // closed when it lands; nil: nobody waits for it
}

// state is how far an entry has come.
type state uint8

const (
	stateNew       state = iota
	stateSent            // its question was sent, and nobody waits for the reply
	stateWaiting         // someone asks, or waits for the reply
	stateLanded          // there is an answer
	stateAbandoned       // it was sent, and nobody came to wait
)

// NewCache makes a cache in front of next.
func NewCache(next Resolver, opts CacheOptions) *Cache {
	opts.Entries = cmp.Or(opts.Entries, DefaultCacheEntries)
	opts.Bytes = cmp.Or(opts.Bytes, DefaultCacheBytes)
	opts.MinTTL = cmp.Or(opts.MinTTL, DefaultMinTTL)
	opts.MaxTTL = cmp.Or(opts.MaxTTL, DefaultMaxTTL)
	opts.ErrorTTL = cmp.Or(opts.ErrorTTL, DefaultErrorTTL)
	calls, _ := next.(caller)
	return &Cache{
		next: next, calls: calls, opts: opts, began: time.Now(),
		young: map[Query]*entry{}, old: map[Query]*entry{},
	}
}

// Lookup answers from what is kept, or by a question to the next Resolver.
//
// The first who asks does the work. If its context ends, the next one who
// waits takes over; the end of a waiter's context bothers nobody else.
func (c *Cache) Lookup(ctx context.Context, q Query) (Answer, error) {
	e, asked := c.ask(ctx, q, nil)
	return e.answer(asked)
}

// ask is Lookup. The entry is that of the question, if it is known already. It
// also reports whether the question was sent for it.
func (c *Cache) ask(ctx context.Context, q Query, e *entry) (landed *entry, asked bool) {
	for ; ; e = nil {
		e, wake, call, lead := c.join(q, e)
		switch {
		case lead:
			c.lead(ctx, q, e, call)
			return e, call == nil
		case wake == nil:
			return e, false
		}
		select {
		case <-wake:
			if KindOf(e.err) != KindCanceled || ctx.Err() != nil {
				return e, false
			}
		case <-ctx.Done():
			return &entry{ans: Answer{Query: q}, err: &Error{Query: q, Kind: KindCanceled, Err: context.Cause(ctx)}}, false
		}
	}
}

func (e *entry) answer(asked bool) (Answer, error) {
	a := e.ans
	a.Cached = !asked
	return a, e.err
}

// join finds an answer, or else the question to wait for, or to lead, with its
// call if it was sent.
func (c *Cache) join(q Query, e *entry) (found *entry, wake <-chan struct{}, call *call, lead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e == nil || e.state == stateAbandoned || e.state == stateLanded && c.lifetime(e) == 0 {
		if e = c.find(q); e == nil {
			e = new(entry)
			c.keep(q, e)
		}
	}
	switch {
	case e.state == stateLanded:
		return e, nil, nil, false
	case e.state != stateWaiting:
		call, e.call, e.state = e.call, nil, stateWaiting
		return e, nil, call, true
	case e.wake == nil:
		e.wake = make(chan struct{})
	}
	return e, e.wake, nil, false
}

// find returns what is kept or under way; nil: nothing.
func (c *Cache) find(q Query) *entry {
	e, young := c.young[q]
	if !young {
		e = c.old[q]
	}
	if e == nil || e.state == stateLanded && time.Since(c.began) >= e.until {
		return nil
	}
	if young {
		return e
	}
	if e.state == stateLanded {
		moved := *e // without those that were made together with it
		e = &moved
	}
	c.keep(q, e)
	return e
}

// keep puts an entry into the young generation, which it may end.
func (c *Cache) keep(q Query, e *entry) {
	if c.added >= c.opts.Entries/2 || c.bytes >= c.opts.Bytes/2 {
		c.age()
	}
	c.young[q] = e
	c.added++
	if e.state == stateLanded { // else it is being written, and counts when it lands
		c.bytes += size(&e.ans)
	}
}

// age makes the young generation the old one, and drops that, but for what is
// still under way.
func (c *Cache) age() {
	flying := map[Query]*entry{}
	for q, e := range c.old {
		if e.state != stateLanded {
			flying[q] = e
		}
	}
	clear(c.old)
	c.young, c.old, c.added, c.bytes = c.old, c.young, 0, 0
	maps.Copy(c.young, flying)
}

// drop takes an entry out.
func (c *Cache) drop(q Query, e *entry) {
	for _, m := range []map[Query]*entry{c.young, c.old} {
		if m[q] == e {
			delete(m, q)
		}
	}
}

// size reports roughly what an answer holds in memory beside its struct.
func size(a *Answer) int {
	n := len(a.Name)
	for _, s := range a.CNAMEs {
		n += len(s)
	}
	for _, s := range a.Values {
		n += 16 + len(s)
	}
	return n
}

// errPanicked is what those who wait are told should next panic: to ask
// themselves.
var errPanicked error = &Error{Kind: KindCanceled}

// lead asks the question of an entry, or waits for the answer if it was sent.
// Nobody else looks at the entry before it has landed.
func (c *Cache) lead(ctx context.Context, q Query, e *entry, call *call) {
	e.err = errPanicked
	defer c.land(q, e)
	if call != nil {
		e.err = c.calls.finish(ctx, call, q, &e.ans)
	} else {
		e.ans, e.err = c.next.Lookup(ctx, q)
	}
}

// tryLand waits with patience for the answer to a question, if it is known,
// was sent, or someone else waits for it. What else there is to do is rest,
// which must be called.
func (c *Cache) tryLand(ctx context.Context, q Query, e *entry, p *patience) (landed *entry, rest finisher) {
	if e == nil {
		return nil, c.asking(q, nil)
	}
	found, wake, call, lead := c.join(q, e)
	switch {
	case call != nil:
		if call.overdue() {
			p = &patience{over: true}
		}
		if p.wait(ctx, call.done) {
			if c.landPlain(call, q, found) {
				return found, nil
			}
			call.done <- struct{}{} // for the one who finishes it
		}
		return nil, c.leading(q, found, call)
	case lead: // it was not kept so long
		return nil, c.leading(q, found, nil)
	case wake == nil, p.wait(ctx, wake) && KindOf(found.err) != KindCanceled:
		return found, nil
	}
	return nil, c.asking(q, found)
}

func (c *Cache) asking(q Query, e *entry) finisher {
	return func(ctx context.Context) (*entry, bool) { return c.ask(ctx, q, e) }
}

func (c *Cache) leading(q Query, e *entry, call *call) finisher {
	return func(ctx context.Context) (*entry, bool) {
		c.lead(ctx, q, e, call)
		return e, call == nil
	}
}

// landPlain lands an entry by the reply to its call, if that leaves nothing to
// ask.
func (c *Cache) landPlain(cl *call, q Query, e *entry) (plain bool) {
	e.err = errPanicked
	done := true // by a panic as well
	defer func() {
		if done {
			c.land(q, e)
		}
	}()
	if done = c.calls.finishPlain(cl, q, &e.ans); done {
		e.err = nil
	}
	return done
}

// land keeps what a question brought and wakes those who wait.
func (c *Cache) land(q Query, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.state = stateLanded
	if ttl := c.lifetime(e); ttl > 0 {
		e.until = time.Since(c.began) + ttl
		c.bytes += size(&e.ans)
	} else {
		c.drop(q, e)
	}
	if e.wake != nil {
		close(e.wake)
	}
}

// lifetime reports how long to keep what a question brought. A chain of aliases
// that loops and bogus data are what the domain published, and so answers.
func (c *Cache) lifetime(e *entry) time.Duration {
	switch KindOf(e.err) {
	case "":
		return min(max(e.ans.TTL, c.opts.MinTTL), c.opts.MaxTTL)
	case KindChain, KindBogus, KindName, KindUnstable:
		return c.opts.MinTTL
	case KindCanceled, KindBudget:
		return 0
	}
	return c.opts.ErrorTTL
}

// Len reports how many answers are kept, and questions under way.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}
