package dnsrec

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A pacer keeps the queries to one server under the rate that it serves.
// Many resolvers bound what one client may ask, and refuse or drop the rest;
// a run over thousands of domains meets that bound.
//
// It learns the rate from how queries end, in windows of at least a second. If
// more than a tenth were refused, or most of many that were sent one after the
// other were lost, then the rate at which others were answered is what the
// server serves, and the limit from then on. While less comes to nothing, the
// limit grows again. Packets lost at random change nothing, for they come
// singly; nor does a domain whose own servers are dead, for its questions are
// few.
type pacer struct {
	most   float64       // queries a second that the user allows; 0: any number
	late   time.Duration // after which a query counts as lost
	span   time.Duration // the least length of a window: paceWindow, but shorter in tests
	active atomic.Bool   // there is a limit
	sent   atomic.Int64  // queries so far: a query's number

	mu      sync.Mutex
	limit   float64 // queries a second; 0: none
	rate    float64 // of answers in the last window, queries a second
	best    float64 // the highest rate under a limit
	next    time.Time
	window  time.Time // when it began
	changed time.Time // when the limit was set
	since   int64     // number of the first query of the window
	counts  [3]int    // of the window, by verdict
	settled bool      // the limit was too high once
	served  int       // queries answered so far
	blocks  [16]block
}

// block is a run of queries that were sent one after the other.
type block struct {
	number int64 // of its first query / paceBlock
	lost   int
}

// verdict is how a query ended.
type verdict int

const (
	answered verdict = iota
	refused
	lost
)

const (
	paceWindow  = time.Second
	paceSample  = 32      // outcomes of a window that mean something
	paceLeast   = 5       // queries a second
	paceRefused = 10      // one in so many refused is too fast
	paceLost    = 10      // one in so many lost is too fast, once there is a limit
	paceTrust   = 100     // queries answered before a burst of losses is treated as a limit
	paceBlock   = 64      // queries that are sent one after the other
	paceBurst   = 48      // of them lost are no accident
	paceOff     = 100_000 // queries a second: no limit any more

	paceUsed = 0.7 // of the limit must have been used before it grows
	paceFast = 2.0 // growth of the limit after a good window, until it was once too high
	paceSlow = 1.1 // and from then on
	paceBack = 0.8 // after a window with too much loss
)

func newPacer(most float64, late time.Duration) *pacer {
	p := &pacer{most: most, late: late, span: paceWindow, limit: most}
	p.active.Store(most > 0)
	return p
}

// wait returns when the next query may be sent, with its number.
func (p *pacer) wait(ctx context.Context) (number int64, err error) {
	if !p.active.Load() {
		return p.sent.Add(1), nil
	}
	if d := p.slot(time.Now()); d > 0 {
		err = sleep(ctx, d)
	}
	return p.sent.Add(1), err
}

// sleep waits for d or the end of the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// slot takes the next place in the queue and tells how far off it is.
func (p *pacer) slot(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limit == 0 {
		return 0
	}
	if p.next.Before(now) {
		p.next = now
	}
	d := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(float64(time.Second) / p.limit))
	return d
}

// note reports how a query ended.
func (p *pacer) note(number int64, v verdict) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if v == answered {
		p.served++
	}
	if p.window.IsZero() {
		p.window = now
	}
	if number < p.since {
		return // it was sent at another rate
	}
	p.counts[v]++
	elapsed := now.Sub(p.window)
	switch {
	case v == lost && p.burst(number) && p.served >= paceTrust:
		p.lower(now, max(p.rate, p.rateOf(elapsed)))
	case elapsed >= p.span:
		p.rate = p.rateOf(elapsed)
		p.adjust(now)
	default:
		return
	}
	p.window, p.counts = now, [3]int{}
	p.active.Store(p.limit > 0)
}

// burst counts a lost query and reports whether its neighbors were lost too.
// Lost queries are noted nearly in the order in which they were sent.
func (p *pacer) burst(number int64) bool {
	b := &p.blocks[number/paceBlock%int64(len(p.blocks))]
	if n := number / paceBlock; b.number != n {
		*b = block{number: n}
	}
	b.lost++
	return b.lost == paceBurst
}

// rateOf returns the rate of answers in the window so far.
func (p *pacer) rateOf(elapsed time.Duration) float64 {
	return float64(p.counts[answered]) / max(elapsed, p.span).Seconds()
}

// lower sets the limit to the rate that the server serves. Queries that were
// sent before say nothing on it.
func (p *pacer) lower(now time.Time, rate float64) {
	p.settled = p.limit > 0
	p.limit, p.since = max(rate, p.best/2, paceLeast), p.sent.Load()+1
	p.changed = now
	p.bound()
}

// adjust sets the limit by what a window showed. It waits for the effect of the
// last change, which shows when queries sent since then are lost.
func (p *pacer) adjust(now time.Time) {
	good := p.counts[answered]
	total := good + p.counts[refused] + p.counts[lost]
	if total >= paceSample {
		p.best = max(p.best, min(p.rate, p.limit))
	}
	switch {
	case good > 0 && total >= paceSample && p.counts[refused]*paceRefused > total:
		p.lower(now, p.rate)
	case p.counts[lost]*paceLost > total:
		p.limit, p.settled, p.changed = max(p.limit*paceBack, min(p.limit, p.best/2)), true, now
	case now.Sub(p.changed) < p.late+p.span:
	case p.rate < p.limit*paceUsed: // nothing is known of the limit
	case p.settled:
		p.limit, p.changed = p.limit*paceSlow, now
	default:
		p.limit, p.changed = p.limit*paceFast, now
	}
	p.bound()
}

// bound keeps the limit within what the user allows.
func (p *pacer) bound() {
	if p.limit > paceOff {
		p.limit = 0
	}
	if p.most > 0 && (p.limit == 0 || p.limit > p.most) {
		p.limit = p.most
	}
}

// serves reports whether the server has answered before, so that a refusal may be
// meant for the rate and not for us.
func (p *pacer) serves() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.served > 0
}
