package dnsrec

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A pacer keeps the queries to one server under the rate that it serves.
// Many resolvers bound what one client may ask, and refuse or drop the rest;
// a run over thousands of domains meets that bound.
//
// A query that fails says nothing about the server by itself: most often the
// name servers of its domain do not answer. It is evidence against the rate only
// if the same question, asked again, is answered promptly. So domains whose
// servers are silent, slow or lame change nothing, however many they are, and
// neither does an operator whose servers stop answering in the middle of a run.
//
// The pacer compares failures so proven with answers, among the queries that were
// sent in the same second or so. If a large part failed, the limit becomes the
// rate of the answers. From then on it grows while nothing fails, and shrinks to
// what was answered when more fails. Failures that stay when the rate falls have
// nothing to do with it: they are packets lost on the way, and are left out from
// then on.
type pacer struct {
	most   float64       // queries a second that the user allows; 0: any number
	late   time.Duration // after which a query counts as lost
	span   time.Duration // of an epoch: paceEpoch, but shorter in tests
	active atomic.Bool   // there is a limit
	sent   atomic.Int64  // queries so far: a query's number
	served atomic.Int64  // of them answered

	mu      sync.Mutex
	queue   paceQueue
	limit   float64   // queries a second; 0: none
	chance  float64   // the part that is lost at any rate
	refuses bool      // it says so when it is asked too much
	settled bool      // the limit was too high once
	changed time.Time // when the limit was set
	lowered lowering  // since it grew
	reached float64   // the rate that was served when the limit was too high
	since   int64     // queries before this number were sent before it
	epochs  [16]epoch
	now     int // the epoch that is under way
}

// lowering is what is remembered of the first of steps down, to see whether they
// helped.
type lowering struct{ rate, loss float64 }

// expect returns the loss at a lower rate above which it has nothing to do with the
// rate: half way between the same loss, and that of a server that serves the same
// rate as before.
func (l lowering) expect(rate float64) float64 {
	return (l.loss + max(0, 1-(1-l.loss)*l.rate/rate)) / 2
}

// epoch is what came of the queries of some time.
type epoch struct {
	began     time.Time
	first     int64   // number of its first query
	sent      int64   // once it is over
	limit     float64 // under which they were sent; 0: none
	good, bad int     // answers, and failures that were proven
}

const (
	paceEpoch  = time.Second
	paceSample = 32      // outcomes that mean something
	paceKnown  = 0.9     // of the queries of an epoch have ended
	paceMany   = 128     // that tell chance from a limit
	paceLeast  = 5       // queries a second
	paceOff    = 100_000 // queries a second: no limit any more

	paceEnter  = 1 / 3.0 // failed: there is a limit
	paceHalf   = 0.5     // failed: it is too high by far
	paceExcess = 0.05    // failed: the limit is too high
	paceClean  = 0.02    // failed: the limit may grow
	pacePrompt = 0.95    // of the queries of an epoch are answered: all of them will be
	paceUsed   = 0.7     // of the limit must have been used before it grows
	paceFast   = 2.0     // growth of the limit after a good epoch, until it was once too high
	paceSlow   = 1.1     // and from then on
	paceStep   = 0.7     // of the rate before: low enough to see whether that helped
)

func newPacer(most float64, late time.Duration) *pacer {
	p := &pacer{most: most, late: late, span: paceEpoch, limit: most}
	p.active.Store(most > 0)
	return p
}

// allow changes the rate that the user allows. What was learned of the server stays.
func (p *pacer) allow(most float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.most > 0 && p.limit >= p.most { // the server may serve more
		p.limit = most
	}
	p.most = most
	p.bound()
}

// wait returns when the next query may be sent, with its number. The clock of a
// domain stops meanwhile.
func (p *pacer) wait(ctx context.Context) (number int64, err error) {
	if p.active.Load() {
		err = p.inTurn(ctx)
	}
	return p.sent.Add(1), err
}

// answered notes the answer to a query, and the earlier queries for the same
// question that failed although it could be answered: some of them refused, or all
// lost.
func (p *pacer) answered(number int64, failed []int64, refused bool) {
	p.served.Add(1)
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.epochs[p.now].began.IsZero() {
		p.begin(now)
	}
	if e := p.of(number); e != nil {
		e.good++
	}
	p.refuses = p.refuses || refused
	for _, n := range failed {
		if e := p.of(n); e != nil {
			e.bad++
			p.judge(now, e)
		}
	}
	if now.Sub(p.epochs[p.now].began) >= p.span {
		p.turn(now)
	}
}

// of returns the epoch of a query; nil if that is long ago.
func (p *pacer) of(number int64) *epoch {
	for i := range p.epochs {
		e := &p.epochs[(p.now+len(p.epochs)-i)%len(p.epochs)]
		if !e.began.IsZero() && number >= e.first {
			return e
		}
	}
	return nil
}

// begin begins an epoch.
func (p *pacer) begin(now time.Time) {
	p.epochs[p.now] = epoch{began: now, first: p.sent.Load() + 1, limit: p.limit}
	if p.served.Load() == 1 { // the very first holds all queries before it
		p.epochs[p.now].first = 0
	}
}

// turn ends the epoch that is under way.
func (p *pacer) turn(now time.Time) {
	e := &p.epochs[p.now]
	e.sent = p.sent.Load() + 1 - e.first
	if p.limit > 0 {
		p.relearnChance(now)
		if p.mayGrow(now, e) {
			p.grow(now)
		}
	}
	p.now = (p.now + 1) % len(p.epochs)
	p.begin(now)
}

// loss is the part of the queries with a known end that failed, and whether there
// are enough to mean something.
func (e *epoch) loss() (part float64, sampled bool) {
	total := e.good + e.bad
	return float64(e.bad) / max(float64(total), 1), total >= paceSample
}

// judge lowers the limit if the queries of an epoch show that it is too high.
func (p *pacer) judge(now time.Time, e *epoch) {
	loss, sampled := e.loss()
	if !sampled || !p.tooMany(e) {
		return
	}
	length := p.span
	if e == &p.epochs[p.now] {
		e.sent, length = p.sent.Load()+1-e.first, max(length, now.Sub(e.began))
	}
	rate, excess := float64(e.good)/length.Seconds(), p.excess(loss)
	switch {
	case p.byChance(e):
		p.chance, p.settled = max(loss, p.lowered.loss), false
		p.limit, p.changed, p.lowered = max(p.limit, p.lowered.rate), now, lowering{}
		p.bound()
		return
	case e.first < p.since: // the limit was another
		return
	case e.limit > 0 && excess < paceHalf && now.Sub(e.began) < p.late+p.span: // more will be known soon
		return
	case e.limit == 0 && (excess <= paceEnter || e.bad < paceSample):
		return
	case e.limit > 0:
		p.settled = true
		rate = max(rate, e.limit*(1-excess))
	}
	if p.lowered.loss == 0 { // more is lost than is known
		p.lowered = lowering{max(e.limit, float64(e.sent)/length.Seconds()), 1 - float64(e.good)/float64(e.sent)}
	}
	p.reached = max(rate, paceLeast)
	p.limit, p.changed, p.since = p.reached, now, p.sent.Load()+1
	p.now = (p.now + 1) % len(p.epochs)
	p.begin(now)
	p.bound()
}

// byChance reports whether the lower limit of an epoch did not help, once the end
// of nearly all its queries is known.
func (p *pacer) byChance(e *epoch) bool {
	total := e.good + e.bad
	loss, _ := e.loss()
	return !p.refuses && e.limit > 0 && e.limit < paceStep*p.lowered.rate && total >= paceMany &&
		float64(total) >= paceKnown*float64(e.sent) && loss > p.lowered.expect(e.limit)
}

// tooMany reports whether more queries of an epoch failed than a limit may cost, by
// more than three times the deviation of chance.
func (p *pacer) tooMany(e *epoch) bool {
	usual := (p.chance + paceExcess*(1-p.chance)) * float64(e.good+e.bad)
	return float64(e.bad) > usual+3*math.Sqrt(usual)
}

// losing reports whether the server lately lost more than chance explains, though
// not enough to tell at which rate.
func (p *pacer) losing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.epochs {
		if e := &p.epochs[i]; p.tooMany(e) {
			return true
		}
	}
	return false
}

// excess is the part of a loss that is not chance.
func (p *pacer) excess(loss float64) float64 { return max(loss-p.chance, 0) / (1 - p.chance) }

// lossBefore returns the loss in the epochs since the last step down that began
// before a time.
func (p *pacer) lossBefore(end time.Time) (part float64, sampled bool) {
	var total epoch
	for i := range p.epochs {
		if e := &p.epochs[i]; e.first >= p.since && e.began.Before(end) {
			total.good, total.bad = total.good+e.good, total.bad+e.bad
		}
	}
	return total.loss()
}

// relearnChance lowers the part that is lost at any rate, if queries so old that all
// is known of them were lost far less often.
func (p *pacer) relearnChance(now time.Time) {
	if part, sampled := p.lossBefore(now.Add(-3 * p.late)); sampled && part < p.chance/2 {
		p.chance = part
	}
}

// mayGrow reports whether the limit was used in an epoch, and nothing speaks
// against a higher one: all that was asked was answered, or the lost would have
// shown by now.
func (p *pacer) mayGrow(now time.Time, e *epoch) bool {
	loss, _ := p.lossBefore(now)
	since := now.Sub(p.changed)
	switch {
	case float64(e.sent) < paceUsed*p.limit*p.span.Seconds():
		return false
	case p.excess(loss) > paceClean, p.settled && p.limit*paceSlow > p.reached:
		return since >= 4*(p.late+p.span)
	}
	return float64(e.good) >= pacePrompt*float64(e.sent) || since >= p.late+p.span
}

func (p *pacer) grow(now time.Time) {
	factor := paceFast
	if p.settled {
		factor = paceSlow
	}
	p.limit, p.changed, p.lowered = p.limit*factor, now, lowering{}
	p.bound()
}

// bound keeps the limit within what the user allows.
func (p *pacer) bound() {
	if p.limit > paceOff {
		p.limit, p.settled, p.lowered = 0, false, lowering{}
	}
	if p.most > 0 && (p.limit == 0 || p.limit > p.most) {
		p.limit = p.most
	}
	p.active.Store(p.limit > 0)
	p.release()
}

// serves reports whether the server has answered before, so that a refusal may be
// meant for the rate and not for us.
func (p *pacer) serves() bool { return p.served.Load() > 0 }
