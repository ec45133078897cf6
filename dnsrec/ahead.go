package dnsrec

import (
	"context"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// Ahead sends questions off that will be looked up soon, without waiting for
// their answers: whoever looks one of them up finds it under way. So a
// goroutine that asks in turn (see [InTurn]) waits one round trip for all of
// them, and needs no other goroutine to do so.
//
// It is a hint, which does nothing for other contexts, and for Resolvers that
// are no [Budget], or [Cut] before one, or have no [Cache] and [Client] behind
// them. What is known, under way or beyond the budget is not sent; what is lost
// or refused is asked again by the Lookup that waits for it; what nobody looks
// up is forgotten when the budget is closed. The list is overwritten.
func Ahead(ctx context.Context, r Resolver, qs ...Query) {
	if len(qs) == 0 || ctx.Value(turns{}) == nil {
		return
	}
	switch r := r.(type) {
	case *Budget:
		r.send(qs)
	case *Cut:
		r.send(qs)
	}
}

// SendsAhead tells whether Ahead can do something with a Resolver. It cannot
// over HTTPS, where a question takes a goroutine of its own.
func SendsAhead(r Resolver) bool {
	switch r := r.(type) {
	case *Budget:
		return SendsAhead(r.next)
	case *Cut:
		return SendsAhead(r.next)
	case *Cache:
		c, ok := r.next.(*Client)
		return ok && len(c.servers) > 0 && c.servers[0].web == nil
	}
	return false
}

// send takes the questions from the budget, as their Lookups would.
func (b *Budget) send(qs []Query) {
	cache, ok := b.next.(*Cache)
	if !ok {
		return
	}
	list := cache.send(slices.DeleteFunc(qs, func(q Query) bool {
		_, known, err := b.spend(q)
		return known != nil || err != nil
	}))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		cache.forget(list)
		return
	}
	b.sent += len(list)
	b.early = append(b.early, list)
}

// send sends what is not known to be in vain.
func (c *Cut) send(qs []Query) {
	if b, ok := c.next.(*Budget); ok {
		b.send(slices.DeleteFunc(qs, func(q Query) bool {
			_, vain := c.spared(q)
			return vain
		}))
	}
}

// sentAhead is a question on its way; whoever sent it forgets it at last.
type sentAhead struct {
	Query
	entry *entry
}

// send makes flights that nobody leads yet. The first Lookup takes each over.
func (c *Cache) send(qs []Query) []sentAhead {
	client, ok := c.next.(*Client)
	if !ok {
		return nil
	}
	b := client.batch()
	if b == nil {
		return nil
	}
	list := make([]sentAhead, 0, len(qs))
	c.mu.Lock()
	for _, q := range qs {
		if c.flights[q] != nil || c.kept(q) != nil {
			continue
		}
		if cl := b.add(q); cl != nil {
			e := &entry{early: cl}
			c.flights[q] = e
			list = append(list, sentAhead{q, e})
		}
	}
	c.mu.Unlock()
	b.send()
	return list
}

// forget ends those flights that nobody came to lead.
func (c *Cache) forget(list []sentAhead) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range list {
		if cl := s.entry.early; cl != nil {
			delete(c.flights, s.Query)
			s.entry.early = nil
			c.next.(*Client).drop(cl)
		}
	}
}

// early is how a call was sent before anybody waits for its reply; the zero
// value says that it was not.
type early struct {
	via    *upstream
	link   *link
	id     uint16
	number int64 // of the pacer
	edns   bool
	at     time.Time
}

// takeBack ends a call that was sent early, if its reply was not waited for.
func (c *call) takeBack() {
	if l := c.early.link; l != nil && !l.remove(c.early.id, c) {
		<-c.done
	}
	c.early = early{}
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

// batch makes an empty batch. It gives nil where questions are not a plain
// matter: a pace has to be kept, or the first server does not answer or has no
// connection open.
func (c *Client) batch() *batch {
	if len(c.servers) == 0 {
		return nil
	}
	u := c.servers[0]
	if u.dead.Load() || u.pace.active.Load() {
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
func (b *batch) add(q Query) *call {
	cl := b.client.calls.Get().(*call)
	typ := dns.StringToType[string(q.Type)]
	name, err := appendName(cl.name[:0], q.Name)
	if err == nil && typ != 0 {
		cl.set(name, typ)
		cl.edns(b.edns)
		e := early{via: b.via, link: b.link, edns: b.edns, number: b.via.pace.sent.Add(1), at: b.at}
		if e.id, err = b.link.add(cl); err == nil {
			cl.early = e
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

// send sends the batch. Whether that worked shows when the replies are waited
// for.
func (b *batch) send() {
	if b.count > 0 {
		if err := b.link.writeAll(b.packet[:b.count], b.at.Add(b.client.opts.Timeout)); err != nil {
			b.link.fail(err)
		}
	}
	b.client.batches.Put(b)
}
