package dnsrec

import "context"

// Ahead sends questions off that will be looked up soon, without waiting for
// their answers: whoever looks one of them up finds it under way. So a
// goroutine that asks in turn (see [InTurn]) waits one round trip for all of
// them, and needs no other goroutine to do so.
//
// It is a hint, which does nothing for other contexts, and for Resolvers that
// are none of [Budget], [Cut] and [Cache] or have no [Client] behind them. What
// is known, under way or beyond the budget is not sent; what is lost or
// refused is asked again by the Lookup that waits for it.
func Ahead(ctx context.Context, r Resolver, qs ...Query) {
	if ahead, ok := r.(sender); ok && ctx.Value(turns{}) != nil {
		for _, q := range qs {
			ahead.send(q)
		}
	}
}

// sender is a Resolver that can send a question and leave the wait for its
// answer to the Lookup that follows. Each question that was sent (true) must be
// looked up or forgotten.
type sender interface {
	Resolver
	send(Query) bool
	forget(Query)
}

// send takes the question from the budget, as its Lookup would.
func (b *Budget) send(q Query) bool {
	next, ok := b.next.(sender)
	if !ok || b.spend(q) != nil || !next.send(q) {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent++
	b.early = append(b.early, q)
	return true
}

func (b *Budget) forget(q Query) { b.next.(sender).forget(q) }

// send sends what is not known to be in vain.
func (c *Cut) send(q Query) bool {
	next, ok := c.next.(sender)
	if !ok {
		return false
	}
	if _, vain := c.spared(q); vain {
		return false
	}
	return next.send(q)
}

func (c *Cut) forget(q Query) { c.next.(sender).forget(q) }

// send makes a flight that nobody leads yet. The first Lookup takes it over.
func (c *Cache) send(q Query) bool {
	client, ok := c.next.(*Client)
	if !ok {
		return false
	}
	c.mu.Lock()
	if c.kept(q) != nil || c.flights[q] != nil {
		c.mu.Unlock()
		return false
	}
	e := new(entry)
	c.flights[q] = e
	e.start.Lock() // who leads meanwhile waits for it
	c.mu.Unlock()
	e.early = client.begin(q)
	sent := e.early != nil
	e.start.Unlock()
	if !sent {
		c.forget(q)
	}
	return sent
}

// forget ends a flight that nobody came to lead.
func (c *Cache) forget(q Query) {
	c.mu.Lock()
	e := c.flights[q]
	if e == nil || e.led {
		c.mu.Unlock()
		return
	}
	delete(c.flights, q)
	c.mu.Unlock()
	if cl := e.take(); cl != nil {
		c.next.(*Client).drop(cl)
	}
}

// take gives the call of a flight that was sent off, once it is sent; nil if
// there is none.
func (e *entry) take() *call {
	e.start.Lock()
	defer e.start.Unlock()
	cl := e.early
	e.early = nil
	return cl
}
