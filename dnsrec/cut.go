package dnsrec

import (
	"context"
	"strings"
	"sync"
)

// Cut is a [Resolver] that spares questions for names below one that does not
// exist: there is nothing below it (RFC 8020 2). It finds that out when the
// first name below does not exist, with one question, and answers the others
// itself. So the usual ten questions for keys below _domainkey become two,
// where a domain has none.
type Cut struct {
	next   Resolver
	parent string

	mu    sync.Mutex
	known bool
	none  Answer // NXDOMAIN for the parent
}

// NewCut makes a Cut for the names below parent, in front of next.
func NewCut(next Resolver, parent string) *Cut {
	return &Cut{next: next, parent: Canonical(parent)}
}

// Lookup asks, unless the answer is known.
func (c *Cut) Lookup(ctx context.Context, q Query) (Answer, error) {
	if none, vain := c.spared(q); vain {
		return none, nil
	}
	a, err := c.next.Lookup(ctx, q)
	switch {
	case err != nil, !c.below(q):
	case a.NXDomain() && len(a.CNAMEs) == 0:
		c.learn(ctx, q.Type)
	default: // what is above a name that exists does too
		c.mu.Lock()
		c.known = true
		c.mu.Unlock()
	}
	return a, err
}

func (c *Cut) below(q Query) bool { return strings.HasSuffix(q.Name, "."+c.parent) }

// spared gives the answer to a question that need not be asked.
func (c *Cut) spared(q Query) (none Answer, vain bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	none = c.none
	none.Query, none.Cached = q, true
	return none, none.NXDomain() && c.below(q)
}

// learn asks for the parent, once.
func (c *Cut) learn(ctx context.Context, t Type) {
	c.mu.Lock()
	known := c.known
	c.known = true
	c.mu.Unlock()
	if known {
		return
	}
	a, err := c.next.Lookup(ctx, Query{c.parent, t})
	if err == nil && a.NXDomain() && len(a.CNAMEs) == 0 {
		c.mu.Lock()
		c.none = a
		c.mu.Unlock()
	}
}
