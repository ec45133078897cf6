package dnsrec

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The limits of a [Client] by default.
const (
	DefaultTimeout = 3 * time.Second // a try
	DefaultTries   = 2               // a server
)

// MaxChain is how many CNAME records are followed from one name.
const MaxChain = 8

// Options set up a [Client].
type Options struct {
	Servers []Server       // to ask, the best first; the next one when one does not answer
	Timeout time.Duration  // a try; 0: DefaultTimeout
	Tries   int            // a server that stays silent is asked so often; 0: DefaultTries
	QPS     float64        // queries a second to one server, at most; 0: as many as it answers
	RootCAs *x509.CertPool // for tls:// and https://; nil: those of the system
}

// Client is a stub resolver: it asks recursive resolvers over UDP, with TCP
// for what is truncated, or over TCP, TLS or HTTPS. It is a [Resolver], safe
// for any number of goroutines, and made for many queries in flight: each
// server has a few sockets that all queries share. Close ends it.
//
// One query goes to the first server that answers. A server that stayed silent
// is asked last from then on; SERVFAIL, REFUSED and the like are asked again of
// the next server. What the last one, or the most telling one, said is the
// error.
type Client struct {
	opts    Options
	servers []*upstream
	window  time.Duration // of the pacers, and so of the pauses
	buffer  int           // of a socket for what it receives, in bytes
	began   time.Time
	calls   sync.Pool
	batches sync.Pool
	readers sync.WaitGroup
	closed  atomic.Bool
}

// NewClient makes a client. It opens nothing before the first query.
func NewClient(opts Options) *Client {
	opts.Timeout = cmp.Or(opts.Timeout, DefaultTimeout)
	opts.Tries = cmp.Or(opts.Tries, DefaultTries)
	c := &Client{opts: opts, window: paceEpoch, buffer: udpBuffer, began: time.Now()}
	c.calls.New = func() any { return newCall() }
	c.batches.New = func() any { return &batch{client: c} }
	for _, s := range opts.Servers {
		c.servers = append(c.servers, newUpstream(c, s))
	}
	return c
}

// SetQPS changes [Options.QPS]. The client may be in use.
func (c *Client) SetQPS(qps float64) {
	for _, u := range c.servers {
		u.pace.allow(qps)
	}
}

// String names the servers, as a report does.
func (c *Client) String() string {
	var names []string
	for _, u := range c.servers {
		names = append(names, u.server.String())
	}
	return strings.Join(names, ", ")
}

// Trusted reports whether all servers are reached over a path on which nobody
// can alter answers, see [Server.Trusted].
func (c *Client) Trusted() bool {
	exposed := func(u *upstream) bool { return !u.server.Trusted() }
	return len(c.servers) > 0 && !slices.ContainsFunc(c.servers, exposed)
}

// Close ends all sockets and goroutines, and the queries in flight. It may be
// called more than once.
func (c *Client) Close() {
	c.closed.Store(true)
	for _, u := range c.servers {
		u.close()
	}
	c.readers.Wait()
}

func (c *Client) age() time.Duration { return time.Since(c.began) }

// maxKept is the size of the reply buffer above which a call is not pooled.
const maxKept = 16 << 10

// Lookup asks for the records of a name, following aliases. See [Resolver].
func (c *Client) Lookup(ctx context.Context, q Query) (ans Answer, err error) {
	q.Name = Canonical(q.Name)
	err = c.finish(ctx, c.calls.Get().(*call), q, &ans)
	return ans, err
}

// finish answers a question with a call of its own, which may have been sent
// already.
func (c *Client) finish(ctx context.Context, cl *call, q Query, ans *Answer) error {
	defer c.drop(cl)
	began := time.Now()
	if cl.dispatch.link != nil {
		began = cl.dispatch.at
	}
	err := c.lookup(ctx, cl, q, ans)
	if err == nil {
		return nil
	}
	if err.Kind == KindServFail && q.Type != TypeCNAME && !mute(ctx) && !(deaf(ctx) && cl.arrived.Sub(began) > c.opts.Timeout/2) {
		if fault := c.chainFault(ctx, cl, q); fault != nil {
			fault.Server, fault.Rcode, fault.Extended = err.Server, err.Rcode, err.Extended
			err = fault
		}
	}
	err.Query = q
	*ans = Answer{Query: q, Server: err.Server, Rcode: err.Rcode}
	return err
}

// finishPlain answers a question by the reply to its call, if that is the whole
// answer. If not, because it is SERVFAIL, truncated, broken or the start of a
// chain, it leaves the call as it was, for finish.
func (c *Client) finishPlain(cl *call, q Query, ans *Answer) bool {
	if cl.err != nil || cl.msg.read(cl.reply) != nil || !cl.msg.plain() {
		return false
	}
	*ans = Answer{Query: q, Authentic: true}
	w := walk{ans: ans, typ: wireType(q.Type)}
	name := append(cl.scratch[:0], cl.name[:len(cl.question)-typeAndClass]...) // take overwrites it
	if _, done, err := w.take(&cl.msg, name); !done || err != nil {
		return false
	}
	ans.Server, ans.RTT = cl.dispatch.via.plainReply(cl)
	cl.dispatch = dispatch{}
	c.drop(cl)
	return true
}

// drop ends a call.
func (c *Client) drop(cl *call) {
	cl.takeBack()
	cl.ahead = nil
	if cap(cl.reply) <= maxKept {
		c.calls.Put(cl)
	}
}

func (c *Client) lookup(ctx context.Context, cl *call, q Query, ans *Answer) *Error {
	*ans = Answer{Query: q, Authentic: true}
	w := walk{ans: ans, typ: wireType(q.Type)}
	name, e := cl.wireName(q.Name)
	if e != nil || w.typ == 0 {
		return &Error{Kind: KindName, Err: cmp.Or(e, errType)}
	}
	for {
		if cl.dispatch.link == nil {
			cl.set(name, w.typ)
		}
		out, err := c.ask(ctx, cl)
		if err != nil {
			return err
		}
		ans.Server, ans.RTT = out.server, out.rtt
		var done bool
		if name, done, err = w.take(&cl.msg, name); err != nil {
			err.Server = out.server
			return err
		}
		if done {
			return nil
		}
	}
}

var errType = errors.New("no such record type")

// chainFault finds out whether SERVFAIL is caused by the domain's aliases: that is
// how resolvers give up on a chain that loops or is long. It asks for one
// alias after the other, and gives nil if they are in order or cannot be had
// within the time of one try.
func (c *Client) chainFault(ctx context.Context, cl *call, q Query) *Error {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	w := walk{ans: &Answer{Query: q}}
	for name := q.Name; ; {
		var ans Answer
		if err := c.lookup(ctx, cl, Query{Name: name, Type: TypeCNAME}, &ans); err != nil || len(ans.Values) == 0 {
			return nil
		}
		name = ans.Values[0]
		if err := w.step(name); err != nil {
			return err
		}
	}
}

// ask puts a call's question to the servers until one answers.
func (c *Client) ask(ctx context.Context, cl *call) (outcome, *Error) {
	if len(c.servers) == 0 {
		return outcome{}, &Error{Kind: KindNetwork, Err: errNoServer}
	}
	var worst *Error
	began := int64(c.age())
	servers, tries := c.order()
	if via := cl.dispatch.via; via != nil && via != servers[0] {
		servers = append([]*upstream{via}, slices.DeleteFunc(slices.Clone(servers), func(u *upstream) bool { return u == via })...)
	}
	cl.refused = false
	lost := cl.dispatch.tried
	if lost == 0 {
		cl.failed = cl.failed[:0]
	}
	for round := lost; len(servers) > 0; round++ {
		var again []*upstream
		if err := c.pause(ctx, worst, round); err != nil {
			return outcome{}, &Error{Kind: KindCanceled, Server: worst.Server, Err: err}
		}
		for _, u := range servers {
			if err := ctx.Err(); err != nil {
				return outcome{}, &Error{Kind: KindCanceled, Server: u.server.String(), Err: ended(ctx)}
			}
			out, err := u.ask(ctx, cl, round)
			if err == nil {
				return out, nil
			}
			if err.Kind == KindCanceled || err.Kind == KindBogus {
				return outcome{}, err
			}
			if u.worthAnother(ctx, err, round+1, tries, began) {
				again = append(again, u)
			}
			if worst == nil || telling(err) >= telling(worst) {
				worst = err
			}
		}
		servers = again
	}
	return outcome{}, worst
}

// A refusal by a server that answers other questions may be meant for the rate
// of them. The question is asked again after the pauses, in which the pacer
// sees whether that is so; if it is, also more often, at its pace.
const (
	refusedTries = 4
	pacedTries   = 8
	deafTries    = 4 // of a question of a domain that got no answer at all, while a pace is kept or the server loses some
	lostTries    = 5 // of a question that is lost while a pace is kept, or others are answered
)

// pause waits before a round that follows a refusal: a little before the
// second, and from then on for as long as the pacer takes to see a rate.
func (c *Client) pause(ctx context.Context, last *Error, round int) error {
	if round == 0 || !last.limited() {
		return nil
	}
	d := c.window
	if round == 1 {
		d /= 4
	}
	return sleep(ctx, d+rand.N(d/2))
}

// worthAnother reports whether to put a question again to the server that failed
// it with err. began is the client's age when it was put first.
func (u *upstream) worthAnother(ctx context.Context, err *Error, tried, tries int, began int64) bool {
	switch {
	case mute(ctx) && !u.pace.active.Load() && !u.pace.losing():
		return false
	case err.Kind == KindTimeout:
		more, paced := tries, u.pace.active.Load()
		switch c := clockOf(ctx); {
		case c != nil && c.deaf.Load() && !paced && !u.pace.losing(): // its own servers are silent
		case c != nil && c.deaf.Load():
			more = max(tries, deafTries)
		case paced:
			more = max(tries, pacedTries)
		case u.replied.Load() > began:
			more = max(tries, lostTries)
		}
		return tried < more
	case err.Kind == KindMalformed:
		return tried < tries || tried < lostTries && u.pace.active.Load()
	case err.limited() && u.pace.serves():
		return tried < refusedTries || tried < pacedTries && u.pace.active.Load()
	}
	return false
}

// telling ranks errors by how much they say about the question.
func telling(e *Error) int {
	rank := slices.Index([]Kind{
		KindNetwork, KindTimeout, KindMalformed, KindTruncated, KindRefused, KindReferral, KindServFail,
	}, e.Kind)
	if len(e.Extended) > 0 {
		rank += 10
	}
	return rank
}

var errNoServer = errors.New("no resolver to ask")

// order returns the servers to ask, silent ones last, and how often. If none has
// ever said a word, trying twice would double a useless wait.
func (c *Client) order() ([]*upstream, int) {
	alive := func(u *upstream) bool { return !u.dead.Load() }
	if !slices.ContainsFunc(c.servers, func(u *upstream) bool { return u.dead.Load() }) {
		return c.servers, c.opts.Tries
	}
	var first, last []*upstream
	rounds := 1
	for _, u := range c.servers {
		if alive(u) {
			first = append(first, u)
		} else {
			last = append(last, u)
		}
		if alive(u) || u.replied.Load() > 0 {
			rounds = c.opts.Tries
		}
	}
	return append(first, last...), rounds
}
