package kit

import (
	"context"
	"sync"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/smtpprobe"
)

// Answers holds what the world answered while one domain is examined, and asks
// what is missing. One goroutine owns it; what other goroutines find out comes
// back through its inbox.
type Answers struct {
	ctx    context.Context    // of exchanges
	cancel context.CancelFunc // nil: no exchange was sent
	dns    *dnsrec.Budget
	slow   []*exchange
	inbox  chan func()
	wg     sync.WaitGroup
	closed chan struct{} // closed by Close

	// patience is how long the owner itself waits for replies of the DNS before
	// the slow ones get a goroutine each.
	patience time.Duration
	slowly   func(since time.Time) bool // see [Env.Slow]
	waited   time.Duration              // for what was asked ahead, if that took long
}

// exchange is a question over HTTPS or SMTP, which may take seconds.
type exchange struct {
	key  string
	run  func(ctx context.Context, x *exchange)
	sent bool
	over bool

	response *httpsget.Response
	session  *smtpprobe.Session
	fault    any // of a panic: that of the row that needs the exchange
}

// hold holds the exchange, and keeps a panic for the row that needs it.
func (x *exchange) hold(ctx context.Context) {
	defer func() { x.fault = recover() }()
	x.run(ctx, x)
}

// listPatience is the patience of a domain that is one of thousands: replies
// mostly come sooner, and then it needs no goroutine but its own.
const listPatience = 200 * time.Millisecond

// lateReply is how late a reply to what was asked ahead is that of a slow domain. On a busy
// machine all are a little late.
const lateReply = time.Second

// listTime is how long one of thousands of domains may ask the DNS: with a
// resolver that serves a limited rate, they wait for one another.
const listTime = 2 * dnsrec.DefaultDomainTime

// NewAnswers opens the world of one domain. It must be closed.
func NewAnswers(ctx context.Context, env *Env) *Answers {
	a := &Answers{ctx: ctx, inbox: make(chan func())}
	limit := dnsrec.DefaultDomainTime
	if env.List {
		limit, a.patience, a.slowly = listTime, listPatience, env.Slow
	}
	a.dns = dnsrec.NewBudget(a.ctx, env.DNS, 0, limit)
	if env.Prefetch != nil {
		a.dns.Take(env.Prefetch)
		if w := env.Prefetch.Waited(); w >= lateReply {
			a.waited = w
		}
		a.dns.Wait(0, a.inbox)
	}
	return a
}

// World returns the world as it is, as far as it is known.
func (a *Answers) World(env *Env) *Known { return &Known{Env: env, answers: a, missed: new(Missed)} }

// exchange returns the exchange of a key, which it notes if there is none yet.
func (a *Answers) exchange(key string, run func(context.Context, *exchange)) *exchange {
	for _, x := range a.slow {
		if x.key == key {
			return x
		}
	}
	x := &exchange{key: key, run: run}
	a.slow = append(a.slow, x)
	return x
}

// Ask sends what was missed, and does not wait.
func (a *Answers) Ask(m *Missed) {
	for i, d := range m.within {
		if d > 0 {
			a.dns.AskWithin(m.dns[i], d)
		}
	}
	a.dns.Ask(m.dns...)
	a.dns.Ask(m.wanted...)
	for _, x := range m.slow {
		if !x.sent {
			x.sent = true
			if a.cancel == nil {
				a.closed = make(chan struct{})
				a.ctx, a.cancel = context.WithCancel(a.ctx)
			}
			a.wg.Go(func() {
				x.hold(a.dns.Beside(a.ctx))
				select {
				case a.inbox <- func() { x.over = true }:
				case <-a.closed:
				}
			})
		}
	}
}

// Wait returns when something landed. The end of the context makes all that is
// under way land.
func (a *Answers) Wait() {
	before, began := a.dns.Pending(), time.Now()
	if a.dns.Wait(a.patience, a.inbox); a.dns.Pending() != before {
		return
	}
	for a.slowly != nil {
		if a.slowly(began.Add(-a.waited)) {
			a.slowly = nil
			break
		}
		select {
		case land := <-a.inbox:
			land()
			return
		case <-time.After(a.patience):
		}
	}
	(<-a.inbox)()
}

// Close ends what is under way, and returns when nothing is.
func (a *Answers) Close() {
	if a.cancel != nil {
		a.cancel()
		close(a.closed)
		a.wg.Wait()
	}
	a.dns.Close()
}

// Gather runs a plain function over what is known of a domain until it misses
// nothing, and returns its last value.
func Gather[T any](ctx context.Context, env *Env, f func(k *Known) T) T {
	a := NewAnswers(ctx, env)
	defer a.Close()
	known := a.World(env)
	for round := 0; ; round++ {
		known.missed.Reset()
		v := f(known)
		if !known.missed.Any() || round == MaxRounds {
			return v
		}
		known.await(known.missed)
	}
}

// MaxRounds is how often a row gathers at the most: records that name ever more
// names come to an end.
const MaxRounds = 100

// Queries returns how many DNS questions were sent.
func (a *Answers) Queries() int { return a.dns.Queries() }
