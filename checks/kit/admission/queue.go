// Package admission decides when the domains of a list are examined: those whose name
// servers answer at once, and those that stay silent without holding the others up.
//
// An examination takes a place and 100 KB, also while it waits for nothing. So one
// question about each domain is asked before its examination begins, one that the
// examination asks anyway. A domain that is answered is examined. One that is not waits,
// as little more than a name, until it is asked again; if no reply comes then either, its
// examination waits for nothing.
package admission

import (
	"context"
	"sync"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

// Job is one domain of a list.
type Job interface {
	Domain() string
	Env() *kit.Env // made when it is asked for, and kept
	Rest()         // it will take a while: nothing need be kept
}

const (
	inFlight   = 7 * (1 + kit.SlowFactor) // questions for each place that may wait for replies: as many as examinations would ask
	byAnswer   = 8                        // more of them for each domain that answered
	bySilence  = 1                        // and for each that did not soon, and once more if it did not at all
	promptTime = 250 * time.Millisecond   // a reply later than this, and than promptFold times the usual, is not to be expected soon
	promptFold = 2
	window     = 16      // times the places may wait for a prompt reply, where so few come
	lateFold   = 2       // later by so much, it is that of a slow domain
	usualOver  = 32      // replies that the moving average looks back on
	roomFor    = 1 << 16 // silent domains that may wait
	atOnce     = 32      // of them are asked again before a pause
	pauseTime  = 10 * time.Millisecond
	lateEvery  = 16 // of so many that are examined, one is a silent domain, if there are any
)

// Queue admits the domains of a list.
type Queue[J Job] struct {
	DNS     dnsrec.Resolver
	Places  int                               // examinations at once
	Opening func(env *kit.Env) []dnsrec.Query // what an examination asks when nothing is known

	in      <-chan J // nil: there are no more
	learned bool
	cache   *dnsrec.Cache // nil: nothing can be asked ahead
	types   []dnsrec.Type // of the questions about a domain
	until   time.Duration // a domain has not answered

	mu   sync.Mutex
	told []*domain[J] // have a reply
	wake chan struct{}

	young, silent, again fifo[J] // wait for a reply: for so short that they may be in order, for long, once more
	room                 fifo[J] // silent ones that wait for nothing
	ready, late          fifo[J] // to be examined: those with a prompt reply, and the others
	prompt               int     // of young: those without a reply
	answered, unanswered int     // domains so far; those of young are neither
	out                  int     // questions without a reply
	most                 int     // of them; it grows
	usual                time.Duration
	next                 time.Time // when silent domains may be asked again
	admitted             int
	timer                *time.Timer
	armed                time.Time // zero: the timer does not run
}

// domain is a job on its way to its examination.
type domain[J Job] struct {
	job   J
	ahead *dnsrec.Prefetch // nil: nothing is asked ahead
	in    *fifo[J]
	since time.Time // when it was asked
	out   int       // replies that are waited for
}

// Run admits jobs from in to out until in is closed, and then closes out. The end of
// the context sends all on that wait.
func (q *Queue[J]) Run(ctx context.Context, in <-chan J, out chan<- J) {
	defer close(out)
	q.in, q.wake, q.most = in, make(chan struct{}, 1), q.Places // until more is known of the resolver
	q.timer = time.NewTimer(time.Hour)
	defer q.timer.Stop()
	for ctx.Err() == nil && (q.in != nil || !q.empty()) {
		q.hear()
		q.expire()
		if q.mayAsk() && q.takeOne() {
			continue
		}
		q.step(ctx, out)
	}
	q.flush(out)
}

// takeOne takes a job if one is there now.
func (q *Queue[J]) takeOne() bool {
	select {
	case j, more := <-q.in:
		q.take(j, more)
		return true
	default:
		return false
	}
}

// take asks about a domain, unless there are no more.
func (q *Queue[J]) take(j J, more bool) {
	if more {
		q.ask(j)
	} else {
		q.in = nil
	}
}

// step waits until there is something to do, and does it.
func (q *Queue[J]) step(ctx context.Context, out chan<- J) {
	from := q.in
	if !q.mayAsk() {
		from = nil
	}
	idle := (from != nil || q.in == nil) && q.prompt == 0 && q.ready.len() == 0 || !q.hasRoom()
	q.askAgain(idle)
	var j J
	d := q.first(idle)
	if d == nil {
		out = nil
	} else if j = d.job; d.ahead != nil {
		j.Env().Prefetch = d.ahead
	}
	q.arm()
	select {
	case out <- j:
		q.admitted++
		d.in.pop()
	case j, more := <-from:
		q.take(j, more)
	case <-q.wake:
	case <-q.timer.C:
		q.armed = time.Time{}
	case <-ctx.Done():
	}
}

// mayAsk reports whether one more domain may be asked.
func (q *Queue[J]) mayAsk() bool {
	return q.in != nil && q.prompt < q.promptMost() && q.out < q.most && q.hasRoom() && q.ready.len() < q.Places
}

// promptMost returns how many may wait for a prompt reply: more where few come, so that the
// places are filled, but no more are answered than can be examined soon.
func (q *Queue[J]) promptMost() int {
	return q.Places * min(window, 1+q.unanswered/(q.answered+1))
}

// ask puts the first question about a domain.
func (q *Queue[J]) ask(j J) {
	d := &domain[J]{job: j, since: time.Now()}
	if !q.learned {
		q.learn(j)
	}
	if q.cache != nil {
		d.ahead = q.cache.Prefetch(func() { q.tell(d) }, q.questions(j.Domain())...)
		if d.out = d.ahead.Send(); d.out > 0 {
			q.prompt++
			q.out += d.out
			q.young.push(d)
			return
		}
	}
	q.ready.push(d)
}

// questions returns those that are asked ahead.
func (q *Queue[J]) questions(domain string) []dnsrec.Query {
	qs := make([]dnsrec.Query, len(q.types))
	for i, t := range q.types {
		qs[i] = dnsrec.Q(domain, t)
	}
	return qs
}

// learn finds out which questions can be asked ahead.
func (q *Queue[J]) learn(j J) {
	q.learned = true
	cache, ok := q.DNS.(*dnsrec.Cache)
	if !ok {
		return
	}
	each := cache.Patience()
	if each == 0 {
		return
	}
	for _, o := range q.Opening(j.Env()) {
		if o.Name == j.Domain() && len(q.types) < 2 {
			q.cache, q.types = cache, append(q.types, o.Type)
			q.until = each * 21 / 20 // replies that are a little late still come
		}
	}
}

// tell notes that a domain has a reply.
func (q *Queue[J]) tell(d *domain[J]) {
	q.mu.Lock()
	q.told = append(q.told, d)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// hear makes domains that have a reply ready.
func (q *Queue[J]) hear() {
	q.mu.Lock()
	told := q.told
	q.told = nil
	q.mu.Unlock()
	for _, d := range told {
		to := &q.ready
		switch took := time.Since(d.since); d.in {
		case &q.young:
			q.usual += (took - q.usual) / usualOver
			q.prompt--
			q.answered++
		case &q.silent, &q.again:
			q.answered, q.unanswered = q.answered+1, q.unanswered-1
			if took > lateFold*q.slow() {
				to = &q.late
			}
			if took < q.until/lateFold { // or all are as slow
				q.usual += (took - q.usual) / usualOver
			}
		default:
			continue
		}
		d.ahead.Pause()
		q.settle(d, byAnswer)
		to.push(d)
	}
}

// settle notes that a domain waits for no more replies, which lets more be asked.
func (q *Queue[J]) settle(d *domain[J], more int) {
	q.out -= d.out
	q.mayAskMore(more)
}

func (q *Queue[J]) mayAskMore(n int) { q.most = min(q.most+n, inFlight*q.Places) }

// slow returns after what time a reply is no longer to be expected soon.
func (q *Queue[J]) slow() time.Duration {
	return min(promptFold*q.usual+promptTime, q.until)
}

// expire moves domains on whose time is up.
func (q *Queue[J]) expire() {
	now := time.Now()
	for d := q.young.over(now, q.slow()); d != nil; d = q.young.over(now, q.slow()) {
		q.prompt--
		q.unanswered++
		q.mayAskMore(bySilence) // those behind it in the list need not be silent
		d.job.Rest()
		q.silent.push(d)
	}
	for d := q.silent.over(now, q.until); d != nil; d = q.silent.over(now, q.until) {
		d.ahead.Recall()
		q.settle(d, bySilence)
		q.room.push(d)
	}
	for d := q.again.over(now, q.until); d != nil; d = q.again.over(now, q.until) {
		d.ahead.Recall()
		q.settle(d, 0)
		if d.ahead.Worth() {
			q.room.push(d)
		} else {
			q.late.push(d)
		}
	}
}

// askAgain asks silent domains again: a few beside the others, and as many as may be when
// there are no others.
func (q *Queue[J]) askAgain(idle bool) {
	now := time.Now()
	if now.Before(q.next) || !q.mayAskAgain(idle) {
		return
	}
	q.next = now.Add(pauseTime)
	for n := 0; n < atOnce && q.mayAskAgain(idle); n++ {
		d := q.room.pop()
		if d.out = d.ahead.Send(); d.out == 0 {
			q.late.push(d)
			continue
		}
		d.since = now
		q.out += d.out
		q.again.push(d)
	}
}

func (q *Queue[J]) mayAskAgain(idle bool) bool {
	return q.room.len() > 0 && q.out < q.most && (idle || q.again.len() < q.Places)
}

// hasRoom reports whether one more silent domain can wait.
func (q *Queue[J]) hasRoom() bool { return q.room.len()+q.late.len() < roomFor }

// first returns the domain to be examined next; nil if there is none.
func (q *Queue[J]) first(idle bool) *domain[J] {
	if l := q.late.first(); l != nil && (idle || q.admitted%lateEvery == 0) {
		return l
	}
	return q.ready.first()
}

// empty reports whether no domain waits.
func (q *Queue[J]) empty() bool {
	return q.young.len()+q.silent.len()+q.again.len()+q.room.len()+q.ready.len()+q.late.len() == 0
}

// arm makes the timer fire when the next domain must be moved on.
func (q *Queue[J]) arm() {
	at := time.Now().Add(time.Hour)
	for _, x := range []struct {
		of    *fifo[J]
		after time.Duration
	}{{&q.young, q.slow()}, {&q.silent, q.until}, {&q.again, q.until}} {
		if d := x.of.first(); d != nil && d.since.Add(x.after).Before(at) {
			at = d.since.Add(x.after)
		}
	}
	if q.room.len() > 0 && q.next.After(time.Now()) && q.next.Before(at) {
		at = q.next
	}
	if q.armed.IsZero() || at.Before(q.armed) {
		q.armed = at
		q.timer.Reset(time.Until(at))
	}
}

// flush sends on all jobs that wait or come.
func (q *Queue[J]) flush(out chan<- J) {
	for _, f := range []*fifo[J]{&q.young, &q.silent, &q.again, &q.room, &q.ready, &q.late} {
		for d := f.pop(); d != nil; d = f.pop() {
			if d.ahead != nil {
				d.ahead.Recall()
			}
			out <- d.job
		}
	}
	if q.in == nil {
		return
	}
	for j := range q.in {
		out <- j
	}
}
