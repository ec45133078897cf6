package spf

// count adds up the tree as a receiver meets it: depth first, from the left.
func (t *Tree) count() {
	c := counter{tree: t, included: map[string]*Branch{}}
	c.node(t.Root)
	t.Lookups, t.Voids = c.lookups, c.voids
}

type counter struct {
	tree           *Tree
	lookups, voids int
	included       map[string]*Branch
}

func (c *counter) node(n *Node) {
	for _, b := range n.Branches {
		b.LookupsBefore = c.lookups
		c.lookups += b.Lookups
		before := c.voids
		if b.Child != nil && b.Child.Void() {
			b.Voids++
		}
		c.voids += b.Voids
		c.twin(b)
		c.tree.Cut = c.tree.Cut || b.State == StateCut
		if b.Child != nil {
			c.node(b.Child)
		}
		b.Total, b.Voids = c.lookups-b.LookupsBefore, c.voids-before
	}
}

func (c *counter) twin(b *Branch) {
	if b.Kind != Include || b.Target == "" || b.State == StateLoop {
		return
	}
	if first := c.included[b.Target]; first != nil {
		b.Earlier = first
		return
	}
	c.included[b.Target] = b
}

// Result is what a receiver gets that evaluates every term of the tree:
// PermError if anything in it makes it unusable, TempError if nothing does so
// for certain but a part did not answer, None without a record, else Pass,
// meaning that it works.
func (t *Tree) Result() Result {
	switch {
	case t.Root.Err != nil:
		return TempError
	case len(t.Root.Records) == 0:
		return None
	case len(t.Root.Records) > 1, len(t.Root.Records[0].Faults) > 0, t.Lookups > MaxLookups, t.Voids > MaxVoids:
		return PermError
	}
	result := Pass
	t.Walk(func(b *Branch) bool {
		switch {
		case b.State.Permanent():
			result = PermError
		case b.State == StateTemp && result == Pass:
			result = TempError
		}
		return result != PermError
	})
	return result
}

// Breaking returns the term at which a receiver that has found no match so far
// gives up for want of lookups; nil if none does.
func (t *Tree) Breaking() (at *Branch) {
	t.Walk(func(b *Branch) bool {
		if b.Lookups > 0 && b.LookupsBefore >= MaxLookups {
			at = b
		}
		return at == nil
	})
	return at
}
