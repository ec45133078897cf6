package spf

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"maildiag/dnsrec"
)

// The bounds of a tree: what lies beyond them is not asked for.
const (
	maxCounted   = 40 // terms that ask the DNS; receivers stop at MaxLookups
	maxDepth     = 20 // includes within includes
	maxAddresses = 64 // questions for MX hosts and addresses
)

// Tree is the record of a domain with all that it leads to.
type Tree struct {
	Domain string
	Root   *Node

	// Lookups and Voids are what a receiver counts that evaluates every term
	// (RFC 7208 4.6.4), counted on beyond its limits.
	Lookups, Voids int

	// Cut tells that the tree is larger than the bounds of this package, so
	// that Lookups is the least that it can be.
	Cut bool
}

// Node is one domain of the tree with its records.
type Node struct {
	*Published
	Parent   *Branch   // the term that led here; nil for the root
	Branches []*Branch // the live terms of its records, in the order of evaluation
}

// Branch is one live term of a record in the tree, and what came of it.
type Branch struct {
	*Term        // read only
	Node   *Node // in which it stands
	Record *Record
	State  State
	Target string // the name asked for; empty if none, or if it depends on the message

	Own    int // 1 if the term counts as a lookup, else 0
	Total  int // Own and all below it
	Voids  int // lookups here and below that find nothing
	Before int // lookups counted before a receiver comes to this term

	Child  *Node   // of include and redirect
	Twin   *Branch // an earlier term of the tree that includes the same name
	*Found         // never nil
}

// Found is what a term that asks the DNS came to.
type Found struct {
	Hosts []string     // of mx
	Addrs []netip.Addr // of a and mx
	Err   error        // for StateTemp: a *dnsrec.Error
	Loop  []string     // for StateLoop: the domains of the loop, the first one again at its end
}

// unasked is shared by the terms that ask nothing: most of a tree are addresses.
var unasked Found

// State is what came of a term.
type State uint8

// The states of a [Branch].
const (
	StateGood     State = iota
	StateDynamic        // the name depends on the message; nothing was asked
	StateNothing        // a, mx or exists that leads to no address
	StateNoRecord       // include or redirect to a name without SPF record: permerror
	StateMultiple       // to a name with several: permerror
	StateBroken         // to a record with syntax faults: permerror
	StateLoop           // to a name that led here: permerror
	StateManyMX         // mx with more than ten hosts: permerror
	StateBadName        // include or redirect to what is no name: permerror
	StateTemp           // the DNS did not answer
	StateCut            // not followed: a bound was reached
)

// Permanent tells that receivers which come to the term answer permerror.
func (s State) Permanent() bool {
	switch s {
	case StateNoRecord, StateMultiple, StateBroken, StateLoop, StateManyMX, StateBadName:
		return true
	}
	return false
}

// Load fetches the record of a domain and all that it leads to. It asks as much
// as it can at once: a level of the tree takes one round trip, and the
// addresses behind a and mx are asked for at the same time.
func Load(ctx context.Context, r dnsrec.Resolver, domain string) *Tree {
	return (*Shelf)(nil).Load(ctx, r, domain)
}

// Load is [Load] with the records that the domain includes kept on the shelf.
func (s *Shelf) Load(ctx context.Context, r dnsrec.Resolver, domain string) *Tree {
	l := &loader{ctx: ctx, resolver: r, shelf: s, root: dnsrec.Canonical(domain), counted: maxCounted, addresses: maxAddresses,
		early: maxCounted, texts: map[string]*fetching{}, wg: dnsrec.NewGroup(ctx)}
	t := &Tree{Domain: l.root, Root: &Node{Published: Fetch(ctx, r, l.root)}}
	l.grow(t.Root, []string{l.root})
	l.wg.Wait()
	t.count()
	return t
}

// loader grows a tree.
type loader struct {
	ctx      context.Context
	resolver dnsrec.Resolver
	shelf    *Shelf
	root     string
	wg       *dnsrec.Group

	mu        sync.Mutex
	counted   int // lookups that may still be followed
	addresses int // questions for addresses that may still be asked
	early     int // questions of any kind that may still be sent ahead
	texts     map[string]*fetching
}

// take takes up to want tickets of a bound.
func (l *loader) take(bound *int, want int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if *bound < want {
		return false
	}
	*bound -= want
	return true
}

// fetching is a record that is being fetched, or was.
type fetching struct {
	done chan struct{}
	p    *Published
}

// published fetches a record once, however often the tree leads to it.
func (l *loader) published(name string) *Published {
	l.mu.Lock()
	w := l.texts[name]
	if w != nil {
		l.mu.Unlock()
		<-w.done
		return w.p
	}
	w = &fetching{done: make(chan struct{})}
	l.texts[name] = w
	l.mu.Unlock()
	defer close(w.done)
	w.p = l.shelf.fetch(l.ctx, l.resolver, name)
	return w.p
}

// grow makes the branches of a node and follows them, each on its own. path
// holds the domains from the root to the node.
func (l *loader) grow(n *Node, path []string) {
	var qs []dnsrec.Query
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
			b.Own, b.Found = 1, new(Found)
			if !l.take(&l.counted, 1) {
				b.State = StateCut
				continue
			}
			qs = append(qs, l.aim(b)...)
		}
	}
	dnsrec.Ahead(l.ctx, l.resolver, qs...)
	for _, b := range n.Branches {
		if b.Own == 1 && b.State == StateGood {
			l.branch(b, path)
		}
	}
}

// aim works out the name that a term asks for, and the questions that can be
// sent ahead.
func (l *loader) aim(b *Branch) []dnsrec.Query {
	switch {
	case b.Kind == PTR || !static(b.Domain):
		b.State = StateDynamic
		return nil
	case b.Domain == "":
		b.Target = b.Node.Domain
	default:
		v := values{domain: b.Node.Domain, sender: l.root}
		b.Target = fitName(v.expand(b.Domain))
	}
	switch b.Kind {
	case Include, Redirect:
		return l.ahead(b.Target, dnsrec.TypeTXT)
	case A:
		return l.ahead(b.Target, hostTypes...)
	case MX:
		return l.ahead(b.Target, dnsrec.TypeMX)
	case Exists:
		return l.ahead(b.Target, dnsrec.TypeA)
	}
	return nil
}

// ahead gives the questions for a name that can be sent ahead: as many as may
// be followed.
func (l *loader) ahead(name string, types ...dnsrec.Type) (qs []dnsrec.Query) {
	for _, t := range types {
		if askable(name) && l.take(&l.early, 1) {
			qs = append(qs, dnsrec.Q(name, t))
		}
	}
	return qs
}

// branch follows one term that asks the DNS.
func (l *loader) branch(b *Branch, path []string) {
	switch b.Kind {
	case Include, Redirect:
		l.child(b, path)
	case A:
		l.wg.Go(func() { l.host(b, b.Target) })
	case MX:
		l.wg.Go(func() { l.exchangers(b) })
	case Exists:
		l.wg.Go(func() { l.exists(b) })
	}
}

func (l *loader) child(b *Branch, path []string) {
	at := slices.Index(path, b.Target)
	switch {
	case !askable(b.Target):
		b.State = StateBadName
	case at >= 0:
		b.State, b.Loop = StateLoop, append(slices.Clone(path[at:]), b.Target)
	case len(path) > maxDepth:
		b.State = StateCut
	default:
		l.wg.Go(func() {
			b.Child = &Node{Published: l.published(b.Target), Parent: b}
			b.State = childState(b.Child)
			b.Err = b.Child.Err
			l.grow(b.Child, slices.Concat(path, []string{b.Target}))
		})
	}
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

// ask asks one question for a branch, within the bound. A name that cannot be
// asked for is taken for one that does not exist.
func (l *loader) ask(b *Branch, name string, t dnsrec.Type) (values []string, ok bool) {
	switch {
	case !askable(name):
		return nil, true
	case !l.take(&l.addresses, 1):
		return nil, false
	}
	a, err := l.resolver.Lookup(l.ctx, dnsrec.Q(name, t))
	if err != nil {
		l.mu.Lock()
		b.State, b.Err = StateTemp, err
		l.mu.Unlock()
		return nil, false
	}
	return a.Values, true
}

// hostTypes are the kinds of addresses that a host may have.
var hostTypes = []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA}

// host asks for both kinds of addresses of a host at once; without either the
// lookup is void.
func (l *loader) host(b *Branch, name string) {
	var found [2][]string
	var answered [2]bool
	both := dnsrec.NewGroup(l.ctx)
	for i, t := range hostTypes {
		both.Go(func() { found[i], answered[i] = l.ask(b, name, t) })
	}
	both.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	void := answered[0] && answered[1]
	for _, text := range slices.Concat(found[0], found[1]) {
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

func (l *loader) exchangers(b *Branch) {
	values, ok := l.ask(b, b.Target, dnsrec.TypeMX)
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
		dnsrec.Ahead(l.ctx, l.resolver, l.ahead(h, hostTypes...)...)
	}
	all := dnsrec.NewGroup(l.ctx)
	for _, h := range b.Hosts {
		all.Go(func() { l.host(b, h) })
	}
	all.Wait()
	slices.SortFunc(b.Addrs, netip.Addr.Compare)
	if len(b.Addrs) == 0 && b.State == StateGood && b.Voids == len(b.Hosts) {
		b.State = StateNothing
	}
}

func (l *loader) exists(b *Branch) {
	values, ok := l.ask(b, b.Target, dnsrec.TypeA)
	if ok && len(values) == 0 {
		b.Voids++
		b.State = StateNothing
	}
}

// Walk calls f for each branch of the tree, depth first from the left, until f
// returns false.
func (t *Tree) Walk(f func(*Branch) bool) { t.Root.walk(f) }

func (n *Node) walk(f func(*Branch) bool) bool {
	for _, b := range n.Branches {
		if !f(b) || b.Child != nil && !b.Child.walk(f) {
			return false
		}
	}
	return true
}

// Path gives the terms from the root to b, as published.
func (b *Branch) Path() []string {
	var path []string
	for p := b; p != nil; p = p.Node.Parent {
		path = append(path, p.Text)
	}
	slices.Reverse(path)
	return path
}

// Via gives the domains from the root to the record in which b stands.
func (b *Branch) Via() string {
	var names []string
	for n := b.Node; n != nil; {
		names = append(names, n.Domain)
		if n.Parent == nil {
			break
		}
		n = n.Parent.Node
	}
	slices.Reverse(names)
	return strings.Join(names, " → ")
}
