package dnsrec

import (
	"context"
	"slices"
	"time"
)

// This file is what only the engine of before needs.

// Ahead sends questions off that will be looked up soon, without waiting for
// their answers: whoever looks one of them up finds it under way. It is a hint,
// which does nothing for contexts other than those of [InTurn]. The list is
// overwritten.
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

// SendsAhead reports whether Ahead can do something with a Resolver. It cannot
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
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	now, fresh := time.Now(), b.fresh[:0]
	for _, q := range qs {
		if place, err := b.spend(q, now); err == nil && b.asked[place].entry == nil {
			fresh = append(fresh, place)
		}
	}
	b.fresh = fresh
	b.transmit(fresh)
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
