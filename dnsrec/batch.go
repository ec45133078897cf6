package dnsrec

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// caller is what a [Cache] needs of the Resolver behind it to send questions
// without waiting for their answers. [Client] is one.
type caller interface {
	batch(turn int) *batch
	finish(ctx context.Context, cl *call, q Query, ans *Answer) error
	finishPlain(cl *call, q Query, ans *Answer) bool
	drop(cl *call)
}

// send notes the entries of the questions at these places, and sends those that
// are neither known nor under way, where that can be done without waiting. Of
// those, the first Lookup takes each over; their sender forgets them at
// last: they are appended to sent. Their replies are told to ahead, unless that is nil.
func (c *Cache) send(asked []spent, places []int, sent []*entry, ahead *Prefetch) []*entry {
	if len(places) == 0 {
		return sent
	}
	c.mu.Lock()
	unknown := 0
	for _, place := range places {
		s := &asked[place]
		if s.entry = c.find(s.Query); s.entry == nil {
			unknown++
		}
	}
	var b *batch
	if unknown > 0 && c.calls != nil {
		b = c.calls.batch(ahead.turn())
	}
	if b == nil {
		c.mu.Unlock()
		return sent
	}
	room := make([]entry, unknown) // one piece: they come and go together
	for _, place := range places {
		s := &asked[place]
		if s.entry != nil {
			continue
		}
		if cl := b.add(s.Query, ahead); cl != nil {
			s.entry, room = &room[0], room[1:]
			s.entry.ans.Query, s.entry.call, s.entry.state = s.Query, cl, stateSent
			c.keep(s.Query, s.entry)
			sent = append(sent, s.entry)
		}
	}
	c.mu.Unlock()
	b.send()
	return sent
}

// abandon ends those of the questions that nobody came to wait for.
func (c *Cache) abandon(sent []*entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range sent {
		if e.state == stateSent {
			c.drop(e.ans.Query, e)
			e.state = stateAbandoned
			c.calls.drop(e.call)
			e.call = nil
		}
	}
}

// dispatch is how a call was sent before anyone waits for its reply; the zero
// value says that it was not.
type dispatch struct {
	via    *upstream
	link   *link
	id     uint16
	number int64 // of the pacer
	edns   bool
	at     time.Time
	tried  int // how often it was lost before
}

// takeBack ends a call that was sent early, if its reply was not waited for.
func (c *call) takeBack() {
	if l := c.dispatch.link; l != nil && !l.remove(c.dispatch.id, c) {
		<-c.done
	}
	c.dispatch = dispatch{}
}

// overdue reports whether the time for the reply to a call that was sent early is up.
func (c *call) overdue() bool {
	return c.dispatch.link != nil && time.Since(c.dispatch.at) >= c.dispatch.via.client.opts.Timeout
}

// batch is questions that go to one server at once, over one link.
type batch struct {
	client *Client
	via    *upstream
	link   *link
	edns   bool
	at     time.Time
	count  int
	packet [][]byte // the first count are used
}

// batch makes an empty batch for the server that is asked first, or in a later turn. It
// gives nil where
// questions are not a plain matter: a pace has to be kept, or the server has never
// answered or has no connection open.
func (c *Client) batch(turn int) *batch {
	if len(c.servers) == 0 {
		return nil
	}
	servers, _ := c.order()
	u := servers[turn%len(servers)]
	if u.pace.active.Load() || u.dead.Load() && u.replied.Load() == 0 {
		return nil
	}
	l := u.openLink()
	if l == nil {
		return nil
	}
	b := c.batches.Get().(*batch)
	b.via, b.link, b.edns, b.at, b.count = u, l, u.edns.Load() != ednsBad, time.Now(), 0
	return b
}

// add makes a call of a question and puts it into the batch; finish or drop
// must follow. It gives nil for what cannot be asked.
func (b *batch) add(q Query, ahead *Prefetch) *call {
	cl := b.client.calls.Get().(*call)
	typ := wireType(q.Type)
	name, err := appendName(cl.name[:0], q.Name)
	if err == nil && typ != 0 {
		cl.set(name, typ)
		cl.edns(b.edns)
		e := dispatch{via: b.via, link: b.link, edns: b.edns, number: b.via.pace.sent.Add(1), at: b.at}
		ahead.prepare(q, cl, &e)
		if e.id, err = b.link.add(cl); err == nil {
			cl.dispatch = e
			b.keep(b.link.framed(cl.packet))
			return cl
		}
	}
	b.client.drop(cl)
	return nil
}

// keep copies a packet: the call may be over before the batch is sent.
func (b *batch) keep(packet []byte) {
	if b.count == len(b.packet) {
		b.packet = append(b.packet, nil)
	}
	b.packet[b.count] = append(b.packet[b.count][:0], packet...)
	b.count++
}

// send sends the batch, which must not be used any more.
func (b *batch) send() {
	if b.count == 0 {
		b.client.batches.Put(b)
		return
	}
	b.link.post(b)
}

// outbox is what is about to go over a link: the batches of domains that are
// ready at the same time, in one system call.
type outbox struct {
	mu      sync.Mutex
	waiting []*batch

	sending sync.Mutex // guards what follows
	taken   []*batch
	packets [][]byte
}

// post sends a batch soon. Whether that worked shows when the replies are
// waited for.
func (l *link) post(b *batch) {
	o := &l.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waiting = append(o.waiting, b); len(o.waiting) == 1 {
		go l.sendPosted()
	}
}

// posting reports whether a batch would go with others.
func (l *link) posting() bool {
	l.outbox.mu.Lock()
	defer l.outbox.mu.Unlock()
	return len(l.outbox.waiting) > 0
}

// sendPosted sends what is posted, as soon as nobody is ready to post more.
func (l *link) sendPosted() {
	runtime.Gosched()
	o := &l.outbox
	o.sending.Lock()
	defer o.sending.Unlock()
	o.mu.Lock()
	o.taken, o.waiting = o.waiting, o.taken[:0]
	o.mu.Unlock()
	o.packets = o.packets[:0]
	for _, b := range o.taken {
		o.packets = append(o.packets, b.packet[:b.count]...)
	}
	first := o.taken[0]
	if err := l.writeAll(o.packets, first.at.Add(first.client.opts.Timeout)); err != nil {
		l.fail(err)
	}
	for _, b := range o.taken {
		b.client.batches.Put(b)
	}
}
