package dnsrec

import (
	"context"
	"time"
)

// paceQueue is the queries that wait for their turn under a limit, in order.
type paceQueue struct {
	waiting []*queued
	next    time.Time   // when the first may be sent
	timer   *time.Timer // of release; nil before the first wait
}

// queued is the place of one query in the queue.
type queued struct {
	come  chan struct{} // closed when it may be sent
	ended bool          // nobody waits for it
}

// inTurn waits until the query may be sent.
func (p *pacer) inTurn(ctx context.Context) error {
	p.mu.Lock()
	t := &queued{come: make(chan struct{})}
	if now := time.Now(); len(p.queue.waiting) == 0 && p.queue.next.Before(now) {
		p.queue.next = now // nothing is saved up while nobody asks
	}
	p.queue.waiting = append(p.queue.waiting, t)
	p.release()
	p.mu.Unlock()
	select {
	case <-t.come:
		return nil
	default:
	}
	defer HoldClock(ctx)()
	select {
	case <-t.come:
		return nil
	case <-ctx.Done():
		p.mu.Lock()
		t.ended = true
		p.mu.Unlock()
		return ended(ctx)
	}
}

// paceSlack is how far the queue may lag behind its limit and catch up: timers
// fire late on a busy machine.
const paceSlack = 20 * time.Millisecond

// release lets go those whose turn has come. p.mu is held.
func (p *pacer) release() {
	q, now, gap := &p.queue, time.Now(), time.Duration(0)
	if p.limit > 0 {
		gap = time.Duration(float64(time.Second) / p.limit)
	}
	if q.next.Before(now.Add(-paceSlack)) {
		q.next = now.Add(-paceSlack)
	}
	if q.next.After(now.Add(gap)) { // the limit has risen since
		q.next = now.Add(gap)
	}
	for len(q.waiting) > 0 && (p.limit == 0 || !q.next.After(now)) {
		t := q.waiting[0]
		q.waiting[0], q.waiting = nil, q.waiting[1:]
		if t.ended {
			continue
		}
		close(t.come)
		q.next = q.next.Add(gap)
	}
	switch wait := q.next.Sub(now); {
	case len(q.waiting) == 0:
	case q.timer == nil:
		q.timer = time.AfterFunc(wait, p.releaseLater)
	default:
		q.timer.Reset(wait)
	}
}

func (p *pacer) releaseLater() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release()
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
