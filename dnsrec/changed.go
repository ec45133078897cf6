package dnsrec

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"
	"time"
)

// WhatIf is the Server of an answer that a [Changed] made or altered.
const WhatIf = "what-if"

// Change replaces one RRset.
type Change struct {
	Name   string
	Type   Type
	Values []string // as in [Answer]; none: the RRset is removed
	TTL    time.Duration
	Cut    [][]string // texts among them that stand as in [Answer.Cut]
}

// lengths returns those of the character-strings of a text.
func (c Change) lengths(text string) (lengths []int) {
	for _, parts := range c.Cut {
		if strings.Join(parts, "") == text {
			for _, p := range parts {
				lengths = append(lengths, len(p))
			}
			return lengths
		}
	}
	return characterStrings(text)
}

// WithChange returns changes with one more, which takes the place of an earlier
// one of the same RRset.
func WithChange(changes []Change, c Change) []Change {
	out := slices.DeleteFunc(slices.Clone(changes), func(o Change) bool { return o.Name == c.Name && o.Type == c.Type })
	return append(out, c)
}

// Changed is a [Resolver] that answers as the DNS would after some changes. It
// asks the base for all else, and passes on its errors where they matter.
//
// A name that a wildcard of the base answers for loses that with the first record
// at or below it, see [Served].
//
// Answers do not tell all of a zone. What a Changed cannot know: what a name gains by
// a wildcard of the base; what the removal of a wildcard takes from other names;
// whether a name exists whose last RRset was removed. It then keeps what the base
// shows, and a name that lost an RRset exists, unless that was a CNAME, which stood
// alone.
type Changed struct {
	base Resolver
	sets []Change // one an RRset, searched one by one: they are few
	wild bool     // a change is of a wildcard
	made []*made
}

// NewChanged returns the world of base after the changes.
func NewChanged(base Resolver, changes ...Change) *Changed {
	c := &Changed{base: base, sets: make([]Change, 0, len(changes))}
	for _, change := range changes {
		change.Name = Canonical(change.Name)
		if i := c.place(change.Name, change.Type); i >= 0 {
			c.sets[i] = change
		} else {
			c.sets = append(c.sets, change)
		}
		c.wild = c.wild || strings.HasPrefix(change.Name, "*.")
	}
	for i := range c.sets {
		if len(c.sets[i].Values) > 0 {
			c.makes(c.sets[i].Name, c.sets[i].Type)
		}
	}
	return c
}

// place returns where the change of an RRset is, -1 if there is none.
func (c *Changed) place(name string, t Type) int {
	for i := range c.sets {
		if s := &c.sets[i]; s.Type == t && s.Name == name {
			return i
		}
	}
	return -1
}

// set returns the change of an RRset, nil if there is none.
func (c *Changed) set(name string, t Type) *Change {
	if i := c.place(name, t); i >= 0 {
		return &c.sets[i]
	}
	return nil
}

// puts reports whether a change puts a record at a name.
func (c *Changed) puts(name string) bool {
	for i := range c.sets {
		if s := &c.sets[i]; len(s.Values) > 0 && s.Name == name {
			return true
		}
	}
	return false
}

// live reports whether a change puts a record at a name or below it, so that the name
// exists (RFC 8020 2, RFC 4592 2.2.2).
func (c *Changed) live(name string) bool {
	for i := range c.sets {
		if s := &c.sets[i]; len(s.Values) > 0 && Within(s.Name, name) {
			return true
		}
	}
	return false
}

// Lookup answers a question as the changed world would.
func (c *Changed) Lookup(ctx context.Context, q Query) (Answer, error) {
	if !c.touched(q.Name) {
		ans, err := c.ask(ctx, q)
		if err == nil && ans.Query == q && c.leaves(ctx, &ans) || KindOf(err) == KindMissing {
			return ans, err
		}
	}
	return c.lookup(ctx, q)
}

// leaves reports whether no change makes a difference to an answer of the base for a
// name without changes.
func (c *Changed) leaves(ctx context.Context, base *Answer) bool {
	end := base.Name
	if n := len(base.CNAMEs); n > 0 {
		end = base.CNAMEs[n-1]
	}
	return !slices.ContainsFunc(base.CNAMEs, c.differs(ctx)) && !(base.NXDomain() && (c.wild || c.live(end)))
}

// lookup is Lookup where changes may make a difference.
func (c *Changed) lookup(ctx context.Context, q Query) (Answer, error) {
	ans := Answer{Query: q, Server: WhatIf, Rcode: "NOERROR"}
	w := walk{ans: &ans, typ: wireType(q.Type)}
	for name := q.Name; ; {
		next, done := c.local(&w, name, q.Type)
		if !done && next == "" {
			base, err := c.ask(ctx, Query{name, q.Type})
			if KindOf(err) == KindMissing {
				return Answer{Query: q}, err
			}
			if next, done, err = c.take(ctx, &w, name, base, err); err != nil {
				return noAnswer(q, err), err
			}
		}
		if done {
			return ans, nil
		}
		if err := w.step(next); err != nil {
			err.Query, err.Server = q, WhatIf
			return noAnswer(q, err), err
		}
		name = next
	}
}

// noAnswer returns the Answer that goes with an error.
func noAnswer(q Query, err error) Answer {
	ans := Answer{Query: q}
	var e *Error
	if errors.As(err, &e) {
		ans.Server, ans.Rcode = e.Server, e.Rcode
	}
	return ans
}

// local answers by the changes at a name itself: by its records, or by the alias
// to go on with.
func (c *Changed) local(w *walk, name string, t Type) (next string, done bool) {
	set, alias := c.set(name, t), c.set(name, TypeCNAME)
	switch {
	case set != nil && len(set.Values) > 0:
		w.put(set)
		return "", true
	case alias != nil && len(alias.Values) > 0: // RFC 1034 3.6.2: nothing else is there
		w.lowest(alias.TTL)
		return Canonical(alias.Values[0]), false
	}
	return "", false
}

// put takes the records of a change.
func (w *walk) put(set *Change) {
	w.lowest(set.TTL)
	for _, v := range set.Values {
		var lengths []int
		if set.Type == TypeTXT {
			lengths = set.lengths(v)
		}
		w.add(v, lengths, len(set.Values))
	}
	sort.Stable((*byValue)(w.ans))
}

// characterStrings returns the lengths of the fewest character-strings that hold
// a text (RFC 1035 3.3).
func characterStrings(s string) (lengths []int) {
	const longest = 255
	for ; len(s) > longest; s = s[longest:] {
		lengths = append(lengths, longest)
	}
	return append(lengths, len(s))
}

// take uses what the base says of a name at which no change answers: its chain up
// to the first name with a change, or all of it.
func (c *Changed) take(ctx context.Context, w *walk, name string, base Answer, err error) (next string, done bool, _ error) {
	chain := base.CNAMEs
	if KindOf(err) == KindChain {
		chain = chainOf(err)
	}
	if t := w.ans.Type; len(chain) > 0 && c.unaliased(name) || len(base.Values) > 0 && c.removed(name, t) {
		w.ans.Rcode = c.rcode(name, len(chain) > 0 || t == TypeCNAME)
		return "", true, nil
	}
	if i := slices.IndexFunc(chain, c.differs(ctx)); i >= 0 {
		w.lowest(base.TTL)
		for _, target := range chain[:i] {
			if err := w.step(target); err != nil {
				err.Query, err.Server = w.ans.Query, WhatIf
				return "", false, err
			}
		}
		return chain[i], false, nil
	}
	if err != nil {
		return "", false, err
	}
	return c.end(w, name, base)
}

// chainOf returns the chain of aliases that an error tells.
func chainOf(err error) []string {
	var e *Error
	errors.As(err, &e)
	return e.CNAMEs
}

// end ends an answer with all that the base says, unless a wildcard of the
// changes is at the end of it.
func (c *Changed) end(w *walk, name string, base Answer) (next string, done bool, _ error) {
	for _, target := range base.CNAMEs {
		if err := w.step(target); err != nil {
			err.Query, err.Server = w.ans.Query, WhatIf
			return "", false, err
		}
		name = target
	}
	if c.wild && base.NXDomain() && !c.live(name) {
		if wild := c.wildcard(name); wild != "" {
			w.ans.Rcode = "NOERROR"
			next, _ := c.local(w, wild, w.ans.Type)
			return next, next == "", nil
		}
	}
	c.adopt(w, name, base)
	return "", true, nil
}

// adopt makes the answer that of the base, behind the chain that led there.
func (c *Changed) adopt(w *walk, name string, base Answer) {
	q, chain, ttl := w.ans.Query, w.ans.CNAMEs, base.TTL
	if w.timed {
		ttl = min(ttl, w.ans.TTL)
	}
	revived := base.NXDomain() && c.live(name)
	altered := revived || len(chain) > len(base.CNAMEs)
	*w.ans = base
	w.ans.Query, w.ans.CNAMEs, w.ans.TTL = q, chain, ttl
	if revived {
		w.ans.Rcode = "NOERROR"
	}
	if altered {
		w.ans.Server, w.ans.Authentic = WhatIf, false
	}
}

// differs returns whether changes make a difference at a name of a chain, or may.
func (c *Changed) differs(ctx context.Context) func(name string) bool {
	return func(name string) bool { return c.touched(name) || c.gone(ctx, name) }
}

// touched reports whether there is a change at a name.
func (c *Changed) touched(name string) bool {
	for i := range c.sets {
		if c.sets[i].Name == name {
			return true
		}
	}
	return false
}

// unaliased reports whether a CNAME of the base at a name is gone: removed, or
// replaced by other records, beside which it cannot stand.
func (c *Changed) unaliased(name string) bool { return c.puts(name) || c.removed(name, TypeCNAME) }

func (c *Changed) removed(name string, t Type) bool {
	set, alias := c.set(name, t), c.set(name, TypeCNAME)
	return set != nil && len(set.Values) == 0 || t != TypeCNAME && alias != nil && len(alias.Values) > 0 ||
		t == TypeCNAME && alias == nil && c.puts(name)
}

// rcode returns that of a name that lost an RRset.
func (c *Changed) rcode(name string, alias bool) string {
	if alias && !c.live(name) {
		return "NXDOMAIN"
	}
	return "NOERROR"
}

// wildcard returns the wildcard of the changes that answers for a name that does
// not exist (RFC 4592 3.3.1), or "".
func (c *Changed) wildcard(name string) string {
	for _, parent, more := strings.Cut(name, "."); more; _, parent, more = strings.Cut(parent, ".") {
		if wild := "*." + parent; c.puts(wild) {
			return wild
		}
		if c.live(parent) { // the closest encloser
			return ""
		}
	}
	return ""
}
