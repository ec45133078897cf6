package kit

import (
	"context"
	"slices"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
)

// Known is what is known of the world while one domain is examined. A check
// gathers by a plain function over it: a question that has no answer yet is
// noted as missing, and the function is called again when the answers are
// there. So a gather is written once, waits for nothing and needs no
// goroutine. It must decide nothing by an answer that is missing.
//
// One goroutine owns a Known and all views of it.
type Known struct {
	*Env
	answers *Answers
	changed *dnsrec.Changed // nil: the world as it is
	before  *Known          // the world without changes, if its facts can hold here
	changes []dnsrec.Change
	aside   Missed // by facts that are compared with those before the changes
	other   bool   // of another domain than the one that is examined

	missed *Missed  // by the gather that is running
	names  []string // see Under
	facts  []keptFact
	views  []*Known // of other domains
}

// Answer is the answer to a DNS question, or why there is none.
type Answer struct {
	dnsrec.Answer
	Err error
}

// Missed is what a gather asked for and is not known yet.
type Missed struct {
	dns    []dnsrec.Query
	within []time.Duration // how long to wait for each of dns; nil: as long as usual for all
	slow   []*exchange     // over HTTPS and SMTP
	wanted []dnsrec.Query  // sent as well, but nobody waits for them

	// used are the places of the answers that were used, in the budget; kept only
	// where a plan is to be made.
	used []uint16
}

// Any reports whether something is missing.
func (m *Missed) Any() bool { return len(m.dns) > 0 || len(m.slow) > 0 }

// Questions returns the DNS questions that may take as long as usual.
func (m *Missed) Questions() (qs []dnsrec.Query) {
	for i, q := range m.dns {
		if (i >= len(m.within) || m.within[i] == 0) && !slices.Contains(qs, q) {
			qs = append(qs, q)
		}
	}
	return qs
}

// Add appends what another gather missed.
func (m *Missed) Add(o *Missed) {
	if o.within != nil {
		for len(m.within) < len(m.dns) {
			m.within = append(m.within, 0)
		}
		m.within = append(m.within, o.within...)
	}
	m.dns, m.slow, m.wanted = append(m.dns, o.dns...), append(m.slow, o.slow...), append(m.wanted, o.wanted...)
}

// Reset makes it empty, and keeps its room.
func (m *Missed) Reset() {
	clear(m.slow)
	*m = Missed{dns: m.dns[:0], slow: m.slow[:0], wanted: m.wanted[:0], used: m.used[:0]}
}

// Under returns the name of labels below the domain. It is made once: gathers need it
// again and again. Inlined, it would make the program larger.
//
//go:noinline
func (k *Known) Under(labels string) string {
	for _, name := range k.names {
		if len(name) == len(labels)+1+len(k.Domain) && name[:len(labels)] == labels {
			return name
		}
	}
	name := labels + "." + k.Domain
	k.names = append(k.names, name)
	return name
}

// Need returns the answer to a question that must be answered. While it is
// missing, ok is false and the Answer says nothing.
func (k *Known) Need(name string, t dnsrec.Type) (a Answer, ok bool) {
	a.Answer, a.Err = k.Lookup(context.Background(), dnsrec.Q(name, t))
	return a, !IsMissing(a.Err)
}

// Published returns the answer of the world as it is, also to a view with changes.
func (k *Known) Published(name string, t dnsrec.Type) (a Answer, ok bool) {
	a.Answer, a.Err = k.lookup(dnsrec.Q(name, t), 0)
	return a, !IsMissing(a.Err)
}

// Want reports whether questions are asked that only save a round trip or add a
// detail: in the run of a single domain, but not in a list, nor in a changed
// world. The question is sent, and nobody waits for it.
func (k *Known) Want(name string, t dnsrec.Type) bool {
	if k.List || k.changed != nil {
		return false
	}
	q := dnsrec.Q(name, t)
	if _, _, known := k.answers.dns.Known(q); !known {
		k.missed.wanted = append(k.missed.wanted, q)
	}
	return true
}

// Peek returns the answer to a question if it is known. Else it is not asked, and
// not missing. In a changed world nothing is known so.
func (k *Known) Peek(name string, t dnsrec.Type) (a Answer, known bool) {
	if k.changed != nil {
		return a, false
	}
	q := dnsrec.Q(name, t)
	if a.Answer, a.Err, known = k.answers.dns.Known(q); known {
		k.use(q)
	}
	return a, known
}

// Lookup implements [dnsrec.Resolver] for the readers of records: an answer
// that is missing is the error [dnsrec.ErrMissing].
func (k *Known) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	if k.changed != nil {
		return k.changed.Lookup(ctx, q)
	}
	return k.lookup(q, 0)
}

// lookup looks at the world as it is.
func (k *Known) lookup(q dnsrec.Query, within time.Duration) (dnsrec.Answer, error) {
	if a, err, known := k.answers.dns.Known(q); known {
		k.use(q)
		return a, err
	}
	if within > 0 || k.missed.within != nil {
		for len(k.missed.within) < len(k.missed.dns) {
			k.missed.within = append(k.missed.within, 0)
		}
		k.missed.within = append(k.missed.within, within)
	}
	k.missed.dns = append(k.missed.dns, q)
	return dnsrec.Answer{Query: q}, dnsrec.ErrMissing
}

// Within returns a resolver over what is known whose questions are waited for
// no longer than d each; then their answer is an error.
func (k *Known) Within(d time.Duration) dnsrec.Resolver {
	return ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) { return k.lookup(q, d) })
}

// InTurn returns a resolver over what is known for evaluations that read an
// error as an answer, as SPF does for ptr (RFC 7208 5.5): once an answer is
// missing, nothing more is asked.
func (k *Known) InTurn() dnsrec.Resolver {
	missing := false
	return ResolverFunc(func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		if missing {
			return dnsrec.Answer{Query: q}, dnsrec.ErrMissing
		}
		a, err := k.Lookup(ctx, q)
		missing = IsMissing(err)
		return a, err
	})
}

// ResolverFunc is a resolver of one function.
type ResolverFunc func(context.Context, dnsrec.Query) (dnsrec.Answer, error)

func (f ResolverFunc) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return f(ctx, q)
}

// Get returns what a web server sends. While that is missing, ok is false.
func (k *Known) Get(url string) (r *httpsget.Response, ok bool) {
	x := k.answers.exchange("https "+url, func(ctx context.Context, x *exchange) {
		x.response = k.HTTPS(ctx, url)
	})
	if !k.have(x) {
		return nil, false
	}
	return x.response, true
}

// Talk returns the conversation with a mail server. While that is missing, ok
// is false. A conversation is held once a run, for a login has effects; the key
// by which it is known again holds no secret.
func (k *Known) Talk(cfg smtpprobe.Config) (s *smtpprobe.Session, ok bool) {
	x := k.answers.exchange(cfg.Key(), func(ctx context.Context, x *exchange) { x.session = k.SMTP(ctx, cfg) })
	if !k.have(x) {
		return nil, false
	}
	return x.session, true
}

// have notes an exchange that is not over as missing.
func (k *Known) have(x *exchange) bool {
	switch {
	case !x.over:
		k.missed.slow = append(k.missed.slow, x)
	case x.fault != nil:
		panic(x.fault)
	}
	return x.over
}

// With returns the same world with changed records. What the changed world
// needs and nobody asked yet is asked of the world as it is.
func (k *Known) With(changes ...dnsrec.Change) *Known {
	view := &Known{Env: k.Env, answers: k.answers, missed: k.missed, changes: changes, names: slices.Clip(k.names)}
	if k.changed == nil {
		view.before = k
	}
	view.changed = dnsrec.NewChanged(&asIs{view}, changes...)
	return view
}

// About returns what is known of another domain in the same world.
func (k *Known) About(domain string) *Known {
	for _, v := range k.views {
		if v.Domain == domain {
			v.missed = k.missed
			return v
		}
	}
	env := *k.Env
	env.Domain, env.Unicode, env.Expect, env.Cloud, env.Selectors = domain, "", ExpectAny, "auto", nil
	view := &Known{Env: &env, answers: k.answers, changed: k.changed, missed: k.missed, other: true}
	k.views = append(k.views, view)
	return view
}

// Missing reports whether the gather that is running has missed an answer.
func (k *Known) Missing() bool { return k.missed.Any() }

// IsMissing reports whether an error says that an answer is not known yet.
func IsMissing(err error) bool { return err == dnsrec.ErrMissing }

// Fact is something that several rows work out of answers, once for all of
// them: it hands what it misses to every row that asks, and is final once it
// misses nothing.
type Fact[T any] struct {
	work func(k *Known) T
	same func(a, b T) bool // nil: values cannot be compared
}

// NewFact makes a fact of the function that works it out.
func NewFact[T any](work func(k *Known) T) *Fact[T] { return &Fact[T]{work: work} }

// Compared returns the fact with a function that compares two of its values: what was
// made of it holds in a changed world where it is the same, whatever became of the
// answers behind it.
func (f *Fact[T]) Compared(same func(a, b T) bool) *Fact[T] {
	f.same = same
	return f
}

// keptFact is the state of a Fact in one Known.
type keptFact struct {
	key   any // the *Fact
	value any // a *T; nil: it was not worked out yet
	final bool
	dns   []dnsrec.Query
	slow  []*exchange
	used  []uint16
}

// Of returns the fact. While something that it needs is missing, ok is false,
// and the value is what work made of the rest: good for asking on, not for
// judging.
func (f *Fact[T]) Of(k *Known) (value T, ok bool) {
	kept := k.fact(f)
	if kept.final {
		k.useFact(f.same != nil, kept, len(k.missed.used))
		return *kept.value.(*T), true
	}
	if kept.value != nil && k.stillMissing(kept) {
		k.missed.dns, k.missed.slow = append(k.missed.dns, kept.dns...), append(k.missed.slow, kept.slow...)
		return *kept.value.(*T), false
	}
	dns, slow, used := len(k.missed.dns), len(k.missed.slow), len(k.missed.used)
	value = f.work(k)
	kept = k.fact(f) // work may have used others, and so moved it
	if kept.value == nil {
		kept.value = new(T)
	}
	*kept.value.(*T) = value
	kept.dns = append(kept.dns[:0], k.missed.dns[dns:]...)
	kept.slow = append(kept.slow[:0], k.missed.slow[slow:]...)
	kept.final = len(kept.dns) == 0 && len(kept.slow) == 0
	kept.used = append(kept.used[:0], k.missed.used[min(used, len(k.missed.used)):]...)
	if kept.final {
		k.useFact(f.same != nil, kept, min(used, len(k.missed.used)))
	}
	return value, kept.final
}

// useFact notes that a fact was used: its answers, or where its values can be compared,
// itself. Answers noted from a place on are its own.
func (k *Known) useFact(compared bool, kept *keptFact, from int) {
	k.missed.used = k.missed.used[:from]
	if place := slices.IndexFunc(k.facts, func(o keptFact) bool { return o.key == kept.key }); compared && k.planned() && !k.other && len(kept.used) > 0 {
		k.missed.used = append(k.missed.used, firstFact+uint16(place))
		return
	}
	k.missed.used = append(k.missed.used, kept.used...)
}

// Set sets the fact to a value that is final.
func (f *Fact[T]) Set(k *Known, value T) {
	kept := k.fact(f)
	kept.value, kept.final = &value, true
}

// usualFacts is how many facts most domains have.
const usualFacts = 12

func (k *Known) fact(key any) *keptFact {
	if kept := k.findFact(key); kept != nil {
		return kept
	}
	fresh := keptFact{key: key}
	if k.before != nil {
		if kept := k.before.findFact(key); kept != nil && k.holds(kept) {
			fresh = *kept
		}
	}
	if k.facts == nil {
		k.facts = make([]keptFact, 0, usualFacts)
	}
	k.facts = append(k.facts, fresh)
	return &k.facts[len(k.facts)-1]
}

func (k *Known) findFact(key any) *keptFact {
	for i := range k.facts {
		if k.facts[i].key == key {
			return &k.facts[i]
		}
	}
	return nil
}

// holds reports whether a fact of the world before the changes is one here: they
// concern no answer that it was made of.
func (k *Known) holds(f *keptFact) bool {
	return f.final && len(f.used) > 0 && !k.concerns(f.used, k.changes)
}

// stillMissing reports whether nothing that a fact misses has landed yet.
func (k *Known) stillMissing(f *keptFact) bool {
	for _, q := range f.dns {
		if _, _, known := k.answers.dns.Known(q); known {
			return false
		}
	}
	for _, x := range f.slow {
		if x.over {
			return false
		}
	}
	return true
}

// Ask asks those of the questions that nobody asked, and waits until all have their
// answers. A gather must not call it.
func (k *Known) Ask(questions []dnsrec.Query) { k.await(&Missed{dns: questions}) }

// await asks what was missed, and waits until all of it has landed.
func (k *Known) await(m *Missed) {
	k.answers.Ask(m)
	for !k.Landed(m) {
		k.answers.Wait()
	}
}

// Landed reports whether all that was missed has landed.
func (k *Known) Landed(m *Missed) bool {
	for _, q := range m.dns {
		if _, _, known := k.answers.dns.Known(q); !known {
			return false
		}
	}
	for _, e := range m.slow {
		if !e.over {
			return false
		}
	}
	return true
}
