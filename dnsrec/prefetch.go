package dnsrec

import "time"

// Prefetch is a question about a domain that is asked before its examination begins. It
// waits for its reply without a goroutine, a timer or a budget: of the silent domains
// of a list there may be thousands at a time. [Budget.Take] hands what came of it to
// the examination. One goroutine uses it at a time.
//
// When the question is put again, another one goes with it: that a domain is silent must
// not be concluded from one name and type that is lost or dropped on the way.
type Prefetch struct {
	cache   *Cache
	queries []Query // the one that is asked, and those that go with it later
	heard   func()

	asked  []spent   // those that are on their way, or were known
	sent   []*entry  // of them
	began  time.Time // zero: nothing is waited for
	waited time.Duration
	turns  int       // how often the first was sent
	count  int       // questions that were sent
	via    *upstream // that was asked last
	number int64     // of the last query for the first question, once it is lost
	silent bool
}

// Prefetch makes a Prefetch that has not asked yet, of the question to be asked, and those
// that go with it later. When a reply is there, heard is called
// by another goroutine, which it must not hold up; perhaps more than once.
func (c *Cache) Prefetch(heard func(), qs ...Query) *Prefetch {
	return &Prefetch{cache: c, queries: qs, heard: heard}
}

// Patience returns how long the [Client] behind the cache waits for a reply; 0 if there is
// none.
func (c *Cache) Patience() time.Duration {
	if client, ok := c.next.(*Client); ok {
		return client.opts.Timeout
	}
	return 0
}

// Send asks. It returns how many replies there are to wait for; 0: the first question is
// known or under way, or cannot be sent without waiting.
func (p *Prefetch) Send() int {
	n := 1
	if p.turns > 0 {
		n = len(p.queries)
	}
	places := make([]int, n)
	p.asked = make([]spent, n)
	for i, q := range p.queries[:n] {
		places[i], p.asked[i].Query = i, q
	}
	p.began = time.Now()
	p.sent = p.cache.send(p.asked, places, nil, p)
	p.count += len(p.sent)
	if len(p.sent) == 0 || p.sent[0] != p.asked[0].entry {
		p.Recall()
		return 0
	}
	p.turns++
	return len(p.sent)
}

// Pause ends the time that counts as waited.
func (p *Prefetch) Pause() {
	if !p.began.IsZero() {
		p.waited, p.began = p.waited+time.Since(p.began), time.Time{}
	}
}

// Waited returns how long replies were waited for.
func (p *Prefetch) Waited() time.Duration { return p.waited }

// Recall ends the questions. They can be sent again.
func (p *Prefetch) Recall() {
	p.Pause()
	p.cache.mu.Lock()
	if len(p.sent) > 0 && p.sent[0].state == stateSent {
		p.via, p.number = p.sent[0].call.dispatch.via, p.sent[0].call.dispatch.number
	}
	p.cache.mu.Unlock()
	p.cache.abandon(p.sent)
	p.asked, p.sent = nil, nil
}

// maxTurns is how often a Prefetch is sent at the most.
const maxTurns = 3

// turn returns how often the question was sent: each time another server is asked.
func (p *Prefetch) turn() int {
	if p == nil {
		return 0
	}
	return p.turns
}

// Worth reports whether to send the question once more after a Recall: each server is
// asked, and more often where questions are lost. If not, the domain is silent, and the
// budget that takes it asks it no more.
func (p *Prefetch) Worth() bool {
	u := p.via
	if u == nil {
		return false
	}
	most := max(u.client.opts.Tries, min(len(u.client.servers), maxTurns))
	if u.pace.active.Load() || u.pace.losing() {
		most = max(most, deafTries)
	}
	p.silent = p.turns >= most
	return !p.silent
}

// prepare makes a call that of a Prefetch, unless that is nil.
func (p *Prefetch) prepare(q Query, cl *call, d *dispatch) {
	if p == nil {
		return
	}
	if cl.ahead = p; p.number != 0 && q == p.queries[0] {
		cl.failed, d.tried = append(cl.failed[:0], p.number), p.turns
	}
}

// Take makes the questions of a Prefetch those of a budget that has asked none, as if it
// had sent them.
func (b *Budget) Take(p *Prefetch) {
	p.Pause()
	if p.silent {
		for _, q := range p.queries {
			e := p.via.failure(errTimeout, p.via.name(), time.Now().Add(-p.waited))
			e.Query = q
			b.asked = append(b.asked, spent{q, &entry{ans: Answer{Query: q, Server: e.Server}, err: e}, true})
		}
		b.clock.mute.Store(true)
	}
	for i := range p.asked {
		b.pending = append(b.pending, i)
	}
	b.asked, b.unclaimed, b.sent = append(b.asked, p.asked...), append(b.unclaimed, p.sent...), b.sent+p.count
	p.asked, p.sent, p.count, p.silent = nil, nil, 0, false
}
