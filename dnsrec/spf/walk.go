package spf

import (
	"context"
	"net/netip"
	"slices"
	"sort"

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
	tree      *Tree
	counted   int // terms that may still be followed
	addresses int // questions for addresses that may still be asked
	texts     map[string]*Published
	level     []step
	spare     []step // room for the next level
	done      bool
}

// step is what a walk asks for one term, or one host of a term.
type step struct {
	branch    *Branch  // nil: the root
	path      []string // include and redirect: the domains from the root to the term
	host      bool     // asks for the addresses of a host
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
	w := &Walk{
		cache: cache, tree: &Tree{Domain: domain}, counted: maxCounted, addresses: maxAddresses,
		texts: map[string]*Published{},
	}
	w.level = []step{{questions: [2]question{{Query: dnsrec.Q(domain, dnsrec.TypeTXT), waiting: true}}}}
	return w
}

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
	return w.tree
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
	if w.spare, w.done = level, len(w.level) == 0; w.done {
		w.tree.count()
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
	w.grow(w.tree.Root, []string{w.tree.Domain})
}

// grow makes the branches of a node, and steps for those that ask. path holds
// the domains from the root to the node.
func (w *Walk) grow(n *Node, path []string) {
	for _, rec := range n.Records {
		live := rec.Live()
		branches := make([]Branch, len(live))
		for i, t := range live {
			b := &branches[i]
			b.Term, b.Node, b.Record, b.Found = t, n, rec, &unasked
			n.Branches = append(n.Branches, b)
			if !t.Kind.Lookup() {
				continue
			}
			b.Lookups, b.Found = 1, new(Found)
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
			w.follow(b, path)
		case b.State == StateDynamic && (b.Kind == Include || b.Kind == Redirect):
			w.sample(b)
		}
	}
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
func (w *Walk) follow(b *Branch, path []string) {
	switch b.Kind {
	case Include, Redirect:
		w.followChild(b, path)
	case A:
		w.putHost(b, b.Target)
	case MX:
		w.level = append(w.level, step{branch: b, questions: [2]question{w.putBounded(b.Target, dnsrec.TypeMX)}})
	case Exists:
		w.level = append(w.level, step{branch: b, questions: [2]question{w.putBounded(b.Target, dnsrec.TypeA)}})
	}
}

func (w *Walk) followChild(b *Branch, path []string) {
	at := slices.Index(path, b.Target)
	switch {
	case !askable(b.Target):
		b.State = StateBadName
	case at >= 0:
		b.State, b.Loop = StateLoop, append(slices.Clone(path[at:]), b.Target)
	case len(path) > maxDepth:
		b.State = StateCut
	default:
		s := step{branch: b, path: path}
		if w.texts[b.Target] == nil {
			s.questions[0] = w.put(b.Target, dnsrec.TypeTXT)
		}
		w.level = append(w.level, s)
	}
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
	p := w.texts[b.Target]
	if p == nil {
		p = w.cache.published(b.Target, s.questions[0].answer, s.questions[0].err)
		w.texts[b.Target] = p
	}
	b.Child = &Node{Published: p, Parent: b}
	b.State = childState(b.Child)
	b.Err = b.Child.Err
	w.grow(b.Child, slices.Concat(s.path, []string{b.Target}))
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
