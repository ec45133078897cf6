package spf

import (
	"context"
	"net/netip"
	"slices"
	"sort"
	"sync"

	"maildiag/dnsrec"
)

// Load fetches the record of a domain and all that it leads to. It asks as much
// as it can at once: a level of the tree takes one round trip.
func Load(ctx context.Context, r dnsrec.Resolver, domain string) *Tree {
	return (*RecordCache)(nil).Load(ctx, r, domain)
}

// Load is [Load] with the records that the domain includes kept in the cache.
func (c *RecordCache) Load(ctx context.Context, r dnsrec.Resolver, domain string) *Tree {
	w := NewWalk(domain, c)
	dnsrec.Solve(ctx, r, func(known dnsrec.Resolver) { w.Advance(ctx, known) })
	return w.Tree()
}

// Walk follows the record of a domain in steps, as its answers become known.
//
// It goes level by level: the next one begins when all answers of this one are
// known. So the bounds are used up in the order of the tree, and the tree does
// not depend on the order in which the answers arrive.
type Walk struct {
	cache     *RecordCache
	tree      Tree
	counted   int          // terms that may still be followed
	addresses int          // questions for addresses that may still be asked
	texts     []*Published // that were read, each once
	*levels
	done bool
}

// step is what a walk asks for one term, or one host of a term.
type step struct {
	branch    *Branch // nil: the root
	host      bool    // asks for the addresses of a host
	questions [2]question
}

// question is one question of a step. The zero value asks nothing.
type question struct {
	dnsrec.Query
	answer  dnsrec.Answer
	err     error
	waiting bool // there is no final answer
	beyond  bool // of the bound: it is not asked
}

// NewWalk returns a walk from a domain. The cache may be nil.
func NewWalk(domain string, cache *RecordCache) *Walk {
	domain = dnsrec.Canonical(domain)
	w := &Walk{cache: cache, tree: Tree{Domain: domain}, counted: maxCounted, addresses: maxAddresses, levels: pool.Get().(*levels)}
	w.level = append(w.level, step{questions: [2]question{{Query: dnsrec.Q(domain, dnsrec.TypeTXT), waiting: true}}})
	return w
}

// levels are the level of a walk that is under way, and room for the next one. They are
// pooled: a step is large, and a list makes thousands of walks.
type levels struct{ level, spare []step }

var pool = sync.Pool{New: func() any { return new(levels) }}

// Advance follows all that the resolver answers now, and reports whether the
// walk is done. What is missing ([dnsrec.KindMissing]) is put to the resolver of
// the next Advance again.
func (w *Walk) Advance(ctx context.Context, r dnsrec.Resolver) (done bool) {
	for !w.done && w.ask(ctx, r) {
		w.settle()
	}
	return w.done
}

// Tree returns the tree of a walk that is done; nil before.
func (w *Walk) Tree() *Tree {
	if !w.done {
		return nil
	}
	return &w.tree
}

// ask puts the questions of the level that wait, all of them, and reports
// whether none is left.
func (w *Walk) ask(ctx context.Context, r dnsrec.Resolver) (complete bool) {
	complete = true
	for i := range w.level {
		for j := range w.level[i].questions {
			q := &w.level[i].questions[j]
			if !q.waiting {
				continue
			}
			q.answer, q.err = r.Lookup(ctx, q.Query)
			q.waiting = dnsrec.KindOf(q.err) == dnsrec.KindMissing
			complete = complete && !q.waiting
		}
	}
	return complete
}

// settle takes the answers of a level, and makes the next one.
func (w *Walk) settle() {
	level := w.level
	w.level = w.spare[:0]
	for i := range level {
		switch s := &level[i]; {
		case s.branch == nil:
			w.root(&s.questions[0])
		case s.branch.State == StateDynamic:
			s.takeSample(w)
		case s.host:
			s.takeHost()
		case s.branch.Kind == MX:
			w.takeExchangers(s)
		case s.branch.Kind == Exists:
			s.takeExists()
		default:
			w.takeChild(s)
		}
	}
	for i := range level {
		if s := &level[i]; s.host && s.branch.Kind == MX {
			s.branch.finishExchangers()
		}
	}
	clear(level)
	if w.spare, w.done = level[:0], len(w.level) == 0; w.done {
		w.tree.count()
		pool.Put(w.levels)
		w.levels = nil
	}
}

// put returns a question for a name. One that cannot be asked for is treated as
// one that does not exist.
func (w *Walk) put(name string, t dnsrec.Type) question {
	q := dnsrec.Q(name, t)
	return question{Query: q, waiting: askable(name)}
}

// putBounded is put within the bound of questions for addresses.
func (w *Walk) putBounded(name string, t dnsrec.Type) question {
	q := w.put(name, t)
	switch {
	case !q.waiting:
	case w.addresses == 0:
		q.waiting, q.beyond = false, true
	default:
		w.addresses--
	}
	return q
}

// putHost adds a step for both kinds of addresses of a host.
func (w *Walk) putHost(b *Branch, name string) {
	w.level = append(w.level, step{branch: b, host: true, questions: [2]question{
		w.putBounded(name, dnsrec.TypeA), w.putBounded(name, dnsrec.TypeAAAA),
	}})
}

func (w *Walk) root(q *question) {
	w.tree.Root = &Node{Published: w.cache.published(w.tree.Domain, q.answer, q.err)}
	w.tree.Root.addAlike()
	w.grow(w.tree.Root)
}

// grow makes the branches of a node, and steps for those that ask.
func (w *Walk) grow(n *Node) {
	for _, rec := range n.Records {
		live := rec.Live()
		branches := make([]Branch, len(live))
		n.Branches = slices.Grow(n.Branches, len(live))
		var found []Found // for all that ask
		for i, t := range live {
			b := &branches[i]
			b.Term, b.Node, b.Record, b.Found = t, n, rec, &unasked
			n.Branches = append(n.Branches, b)
			if !t.Kind.Lookup() {
				continue
			}
			if len(found) == 0 {
				found = make([]Found, lookups(live[i:]))
			}
			b.Lookups, b.Found, found = 1, &found[0], found[1:]
			if w.counted == 0 {
				b.State = StateCut
				continue
			}
			w.counted--
			b.aim(w.tree.Domain)
		}
	}
	for _, b := range n.Branches {
		switch {
		case b.Lookups == 0:
		case b.State == StateGood:
			w.follow(b)
		case b.State == StateDynamic && (b.Kind == Include || b.Kind == Redirect):
			w.sample(b)
		}
	}
}

// lookups counts the terms that ask the DNS.
func lookups(terms []*Term) (n int) {
	for _, t := range terms {
		if t.Kind.Lookup() {
			n++
		}
	}
	return n
}

// aim works out the name that a term asks for.
func (b *Branch) aim(root string) {
	switch {
	case b.Kind == PTR || !static(b.Domain):
		b.State = StateDynamic
	case b.Domain == "":
		b.Target = b.Node.Domain
	default:
		v := values{domain: b.Node.Domain, sender: root}
		b.Target = fitName(v.expand(b.Domain))
	}
}

// follow adds the step of a term that asks the DNS.
func (w *Walk) follow(b *Branch) {
	switch b.Kind {
	case Include, Redirect:
		w.followChild(b)
	case A:
		w.putHost(b, b.Target)
	case MX:
		w.level = append(w.level, step{branch: b, questions: [2]question{w.putBounded(b.Target, dnsrec.TypeMX)}})
	case Exists:
		w.level = append(w.level, step{branch: b, questions: [2]question{w.putBounded(b.Target, dnsrec.TypeA)}})
	}
}

func (w *Walk) followChild(b *Branch) {
	loop, depth := b.loop()
	switch {
	case !askable(b.Target):
		b.State = StateBadName
	case loop != nil:
		b.State, b.Loop = StateLoop, loop
	case depth > maxDepth:
		b.State = StateCut
	default:
		s := step{branch: b}
		if w.read(b.Target) == nil {
			s.questions[0] = w.put(b.Target, dnsrec.TypeTXT)
		}
		w.level = append(w.level, s)
	}
}

// loop returns the domains of the loop that following a term would make, the first one
// again at its end, and how many domains there are from the root to the term.
func (b *Branch) loop() (domains []string, depth int) {
	n := b.Node
	for depth = 1; n.Parent != nil; depth++ {
		if domains == nil && n.Domain == b.Target {
			domains = b.since(n)
		}
		n = n.Parent.Node
	}
	if domains == nil && n.Domain == b.Target {
		domains = b.since(n)
	}
	return domains, depth
}

// since returns the domains from a node to a term, and the target of the term.
func (b *Branch) since(n *Node) []string {
	domains := []string{b.Target}
	for at := b.Node; at != n; at = at.Parent.Node {
		domains = append(domains, at.Domain)
	}
	domains = append(domains, n.Domain)
	slices.Reverse(domains)
	return domains
}

// read returns what was read at a name; nil: it was not.
func (w *Walk) read(name string) *Published {
	for _, p := range w.texts {
		if p.Domain == name {
			return p
		}
	}
	return nil
}

// sample adds a step for a name that depends on the message: the one that a message
// leads to, and the end that all of them have. A server that makes its names up as they
// are asked for may know only the first, and any other one always knows the second.
func (w *Walk) sample(b *Branch) {
	v := values{ip: sampleAddr, local: "postmaster", sender: w.tree.Domain, helo: w.tree.Domain, domain: b.Node.Domain,
		validated: func() string { return "unknown" }} // RFC 7208 7.3
	name := fitName(v.expand(b.Domain))
	if end := v.fixedEnd(b.Domain); askable(end) && askable(name) {
		w.level = append(w.level, step{branch: b, questions: [2]question{w.put(end, dnsrec.TypeTXT), w.put(name, dnsrec.TypeTXT)}})
	}
}

// sampleAddr is one of the addresses from which Microsoft 365 sends.
var sampleAddr = netip.AddrFrom4([4]byte{40, 107, 0, 1})

// takeSample notes that no message leads to a record: nothing is below a name that does
// not exist (RFC 8020 2).
func (s *step) takeSample(w *Walk) {
	for i := range s.questions {
		if q := &s.questions[i]; q.err != nil || !q.answer.NXDomain() {
			return
		}
	}
	s.branch.Target = s.questions[0].Name
	w.takeChild(s)
}

// takeChild reads a record once, however often the tree leads to it.
func (w *Walk) takeChild(s *step) {
	b := s.branch
	p := w.read(b.Target)
	if p == nil {
		p = w.cache.published(b.Target, s.questions[0].answer, s.questions[0].err)
		w.texts = append(w.texts, p)
	}
	b.Child = &Node{Published: p, Parent: b}
	b.State = childState(b.Child)
	b.Err = b.Child.Err
	w.grow(b.Child)
}

func childState(n *Node) State {
	switch {
	case n.Err != nil:
		return StateTemp
	case len(n.Records) == 0:
		return StateNoRecord
	case len(n.Records) > 1:
		return StateMultiple
	case len(n.Records[0].Faults) > 0:
		return StateBroken
	}
	return StateGood
}

// values returns what a question brought its term, and whether that is all.
func (q *question) values(b *Branch) (values []string, ok bool) {
	if q.err != nil {
		b.State, b.Err = StateTemp, q.err
	}
	return q.answer.Values, q.err == nil && !q.beyond
}

// takeHost takes the addresses of a host; without any, the lookup is void.
func (s *step) takeHost() {
	b := s.branch
	v4, ok4 := s.questions[0].values(b)
	v6, ok6 := s.questions[1].values(b)
	void := ok4 && ok6
	for _, text := range slices.Concat(v4, v6) {
		if addr, err := netip.ParseAddr(text); err == nil {
			b.Addrs, void = append(b.Addrs, addr), false
		}
	}
	if void {
		b.Voids++
	}
	if void && b.Kind == A {
		b.State = StateNothing
	}
}

func (w *Walk) takeExchangers(s *step) {
	b := s.branch
	values, ok := s.questions[0].values(b)
	if !ok {
		return
	}
	b.Hosts = byPreference(values)
	switch {
	case len(values) == 0:
		b.Voids++
		b.State = StateNothing
		return
	case len(values) > MaxMX:
		b.State = StateManyMX
		return
	}
	for _, h := range b.Hosts {
		w.putHost(b, h)
	}
	b.finishExchangers() // of no host
}

// finishExchangers judges an mx by the addresses of its hosts.
func (b *Branch) finishExchangers() {
	sort.Slice(b.Addrs, func(i, j int) bool { return b.Addrs[i].Less(b.Addrs[j]) })
	if len(b.Addrs) == 0 && b.State == StateGood && b.Voids == len(b.Hosts) {
		b.State = StateNothing
	}
}

func (s *step) takeExists() {
	if values, ok := s.questions[0].values(s.branch); ok && len(values) == 0 {
		s.branch.Voids++
		s.branch.State = StateNothing
	}
}
