package dnsrec

import (
	"context"
	"strings"
)

// Cut is a [Resolver] that spares questions for names below one that does not
// exist: there is nothing below it (RFC 8020 2). It finds that out when the
// first name below does not exist, with one question, and answers the others
// itself. So the usual ten questions for keys below _domainkey become two,
// where a domain has none.
//
// It is used by one goroutine. As long as an answer that may spare the others is
// missing, so are they, and they are not asked.
type Cut struct {
	next    Resolver
	parent  string
	known   bool   // whether the parent exists
	none    Answer // NXDOMAIN for the parent
	missing Query  // the question that decides, if its answer is missing
}

// NewCut makes a Cut for the names below parent, in front of next.
func NewCut(next Resolver, parent string) *Cut {
	return &Cut{next: next, parent: Canonical(parent)}
}

// Lookup asks, unless the answer is known.
func (c *Cut) Lookup(ctx context.Context, q Query) (Answer, error) {
	if !c.below(q) {
		return c.next.Lookup(ctx, q)
	}
	if none, vain := c.spared(q); vain {
		return none, nil
	}
	if !c.known && c.missing != (Query{}) && c.missing != q {
		return Answer{Query: q}, ErrMissing
	}
	a, err := c.next.Lookup(ctx, q)
	switch {
	case c.known:
	case KindOf(err) == KindMissing:
		c.missing = q
	case err != nil:
		c.missing = Query{}
	case a.NXDomain() && len(a.CNAMEs) == 0:
		c.learn(ctx, q)
	default: // what is above a name that exists does too
		c.known = true
	}
	return a, err
}

func (c *Cut) below(q Query) bool { return strings.HasSuffix(q.Name, "."+c.parent) }

// spared returns the answer to a question that need not be asked.
func (c *Cut) spared(q Query) (none Answer, vain bool) {
	none = c.none
	none.Query, none.Cached = q, true
	return none, none.NXDomain() && c.below(q)
}

// learn asks for the parent of a name that does not exist, once.
func (c *Cut) learn(ctx context.Context, q Query) {
	a, err := c.next.Lookup(ctx, Query{c.parent, q.Type})
	if KindOf(err) == KindMissing {
		c.missing = q // its next Lookup asks for the parent again
		return
	}
	c.known = true
	if err == nil && a.NXDomain() && len(a.CNAMEs) == 0 {
		c.none = a
	}
}
