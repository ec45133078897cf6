package dnsrec

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// The limits of a [Cache] by default.
const (
	DefaultCacheEntries = 16 << 10         // answers kept
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
	next Resolver
	opts CacheOptions

	mu         sync.Mutex
	young, old map[Query]*entry
	bytes      int // of young
	flights    map[Query]*flight
}

// entry is a kept answer. It is never changed.
type entry struct {
	ans   Answer
	err   error
	until time.Time
}

// flight is a question that is being asked.
type flight struct {
	done chan struct{}
	ans  Answer
	err  error
}

// NewCache makes a cache in front of next.
func NewCache(next Resolver, opts CacheOptions) *Cache {
	opts.Entries = cmp.Or(opts.Entries, DefaultCacheEntries)
	opts.Bytes = cmp.Or(opts.Bytes, DefaultCacheBytes)
	opts.MinTTL = cmp.Or(opts.MinTTL, DefaultMinTTL)
	opts.MaxTTL = cmp.Or(opts.MaxTTL, DefaultMaxTTL)
	opts.ErrorTTL = cmp.Or(opts.ErrorTTL, DefaultErrorTTL)
	return &Cache{
		next: next, opts: opts,
		young: map[Query]*entry{}, old: map[Query]*entry{}, flights: map[Query]*flight{},
	}
}

// Lookup answers from what is kept, or by a question to the next Resolver.
//
// The first who asks does the work. If its context ends, the next one who
// waits takes over; the end of a waiter's context bothers nobody else.
func (c *Cache) Lookup(ctx context.Context, q Query) (Answer, error) {
	for {
		e, f, lead := c.join(q)
		switch {
		case e != nil:
			return again(e.ans), e.err
		case lead:
			return c.lead(ctx, q, f)
		}
		select {
		case <-f.done:
			if KindOf(f.err) != KindCanceled || ctx.Err() != nil {
				return again(f.ans), f.err
			}
		case <-ctx.Done():
			return Answer{Query: q}, &Error{Query: q, Kind: KindCanceled, Err: context.Cause(ctx)}
		}
	}
}

func again(a Answer) Answer {
	a.Cached = true
	return a
}

// join finds a kept answer, or else the flight to wait for, or to lead.
func (c *Cache) join(q Query) (e *entry, f *flight, lead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e = c.kept(q); e != nil {
		return e, nil, false
	}
	if f = c.flights[q]; f == nil {
		f, lead = &flight{done: make(chan struct{})}, true
		c.flights[q] = f
	}
	return nil, f, lead
}

func (c *Cache) kept(q Query) *entry {
	e, young := c.young[q]
	if !young {
		if e = c.old[q]; e == nil {
			return nil
		}
	}
	if !time.Now().Before(e.until) {
		return nil
	}
	if !young {
		c.keep(q, e)
	}
	return e
}

// keep puts an entry into the young generation, which it may end.
func (c *Cache) keep(q Query, e *entry) {
	if len(c.young) >= c.opts.Entries/2 || c.bytes >= c.opts.Bytes/2 {
		clear(c.old)
		c.young, c.old, c.bytes = c.old, c.young, 0
	}
	c.young[q] = e
	c.bytes += size(&e.ans)
}

// size tells roughly what an answer holds in memory beside its struct.
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

func (c *Cache) lead(ctx context.Context, q Query, f *flight) (Answer, error) {
	f.err = &Error{Query: q, Kind: KindCanceled} // should next panic
	defer c.land(q, f)
	f.ans, f.err = c.next.Lookup(ctx, q)
	return f.ans, f.err
}

// land keeps what a flight brought and wakes those who wait.
func (c *Cache) land(q Query, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, q)
	if ttl := c.lifetime(f); ttl > 0 {
		c.keep(q, &entry{f.ans, f.err, time.Now().Add(ttl)})
	}
	close(f.done)
}

// lifetime tells how long to keep the result of a flight. A chain of aliases
// that loops and bogus data are what the domain published, and so answers.
func (c *Cache) lifetime(f *flight) time.Duration {
	switch KindOf(f.err) {
	case "":
		return min(max(f.ans.TTL, c.opts.MinTTL), c.opts.MaxTTL)
	case KindChain, KindBogus, KindName:
		return c.opts.MinTTL
	case KindCanceled, KindBudget:
		return 0
	}
	return c.opts.ErrorTTL
}

// Len tells how many answers are kept.
func (c *Cache) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.young) + len(c.old)
}
