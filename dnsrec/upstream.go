package dnsrec

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"
)

const (
	udpSockets = 4       // a server, each with a random port of its own
	udpMost    = 64      // sockets, where the kernel keeps few replies for one
	udpUses    = 10_000  // queries a socket, before another port is taken
	udpBuffer  = 1 << 20 // bytes of replies that may wait in the kernel
	udpAtOnce  = 32      // replies that are read at once

	udpRoom = 5 << 10 // for one of them: servers send 4,096 bytes at most, and are offered less
)

// upstream is one server with its sockets and what was learned of it. Nothing
// is opened before the first query.
type upstream struct {
	server  Server
	client  *Client
	asUDP   string // Answer.Server
	asTCP   string
	web     *doh
	pace    *pacer
	dialing chan struct{} // held while a stream is being opened

	edns    atomic.Int32 // ednsUnknown, ...
	silent  atomic.Int32 // queries that were answered only without EDNS
	dead    atomic.Bool
	replied atomic.Int64 // when, since the client began; 0: never
	usual   atomic.Int64 // round-trip time of late, a moving average

	mu     sync.Mutex
	udp    []*link
	turn   int
	stream *link
	open   map[*link]struct{}
	closed bool
}

// What is known of a server and EDNS.
const (
	ednsUnknown = iota
	ednsGood
	ednsBad
)

func newUpstream(c *Client, s Server) *upstream {
	u := &upstream{
		server: s, client: c, dialing: make(chan struct{}, 1), open: map[*link]struct{}{},
		asUDP: s.addr.String() + "/udp", asTCP: s.addr.String() + "/tcp",
		pace: newPacer(c.opts.QPS, c.opts.Timeout), udp: make([]*link, udpSockets),
	}
	switch s.proto {
	case protoTLS:
		u.asTCP = s.String()
	case protoHTTPS:
		u.asTCP, u.web = s.String(), newDoH(s, c.opts)
	}
	return u
}

// outcome is how a usable reply came.
type outcome struct {
	server string
	rtt    time.Duration
}

// ask puts a call's question once, and once more without EDNS if the server
// refuses that. The reply is in c.msg; a nil error says that it is an answer.
func (u *upstream) ask(ctx context.Context, c *call, round int) (outcome, *Error) {
	if c.dispatch.via != u {
		c.takeBack()
	}
	number, state := c.dispatch.number, u.edns.Load()
	edns := state == ednsGood || state == ednsUnknown && round == 0
	if c.dispatch.link != nil {
		edns = c.dispatch.edns
	} else if n, canceled := u.pace.wait(ctx); canceled != nil {
		return outcome{}, &Error{Kind: KindCanceled, Server: u.server.String(), Err: canceled}
	} else {
		number = n
	}
	c.patience = u.client.opts.Timeout
	if round >= u.client.opts.Tries { // it answers others: if this one is not lost again, it comes soon
		c.patience /= 3
	}
	out, err := u.once(ctx, c, edns)
	plain := err == nil && edns && refusesEDNS(c.msg.rcode)
	if plain {
		out, err = u.once(ctx, c, false)
	}
	if err == nil {
		u.learn(c, plain, state == ednsUnknown && !edns)
		err = u.classify(c, out.server)
	}
	u.note(c, number, out.rtt, err)
	return out, err
}

// note reports to the pacer how a query ended.
func (u *upstream) note(c *call, number int64, rtt time.Duration, err *Error) {
	switch {
	case err.limited():
		c.failed, c.refused = append(c.failed, number), true
	case err != nil && err.Kind == KindTimeout:
		c.failed = append(c.failed, number)
	case err == nil && len(c.failed) > 0 && (c.refused || u.prompt(rtt)):
		u.pace.answered(number, c.failed, c.refused)
	case err == nil || err.Kind != KindCanceled:
		u.pace.answered(number, nil, false)
		u.took(rtt)
	}
}

// took notes how long a reply took.
func (u *upstream) took(rtt time.Duration) {
	u.usual.Add((int64(rtt) - u.usual.Load()) / usualOver) // a lost update changes little
}

// prompt reports whether a reply came as fast as those from the server's cache: it
// did not have to wait for the name servers of the domain. A busy computer may take
// a little longer.
func (u *upstream) prompt(rtt time.Duration) bool {
	return rtt < 4*time.Duration(u.usual.Load())+promptSlack
}

const (
	promptSlack = 50 * time.Millisecond
	usualOver   = 32 // replies that the moving average looks back on
)

// plainReply notes the reply to a call that was sent without waiting, and
// returns the server and the time it took.
func (u *upstream) plainReply(c *call) (server string, rtt time.Duration) {
	u.dead.Store(false)
	u.replied.Store(int64(u.client.age()))
	u.learn(c, false, u.edns.Load() == ednsUnknown && !c.dispatch.edns)
	rtt = c.arrived.Sub(c.dispatch.at)
	u.took(rtt)
	var failed []int64
	if c.dispatch.tried > 0 && u.prompt(rtt) {
		failed = c.failed
	}
	u.pace.answered(c.dispatch.number, failed, false)
	return u.name(), rtt
}

// name returns how a server is called that was asked over its usual transport.
func (u *upstream) name() string {
	if u.server.proto == protoUDP {
		return u.asUDP
	}
	return u.asTCP
}

// plain reports whether a reply is an answer that leaves nothing to ask.
func (m *message) plain() bool {
	good := m.rcode == dns.RcodeSuccess || m.rcode == dns.RcodeNameError
	return good && !m.tc && len(m.ede) == 0 && !m.referral()
}

// limited reports an error that may be caused by asking too fast.
func (e *Error) limited() bool { return e != nil && e.Kind == KindRefused && e.Rcode == "REFUSED" }

// refusesEDNS reports the replies of servers that do not know EDNS, or not this
// version of it (RFC 6891 7 and 6.1.3).
func refusesEDNS(code int) bool {
	return code == dns.RcodeFormatError || code == dns.RcodeNotImplemented || code == dns.RcodeBadVers
}

// silentLimit is how many queries answered only without EDNS, and none with
// it, make a server one that is asked without. One could be a lost packet.
const silentLimit = 2

func (u *upstream) learn(c *call, plain, afterSilence bool) {
	good := c.msg.rcode == dns.RcodeSuccess || c.msg.rcode == dns.RcodeNameError
	switch {
	case c.msg.edns:
		u.edns.Store(ednsGood)
	case plain && good:
		u.edns.CompareAndSwap(ednsUnknown, ednsBad)
	case afterSilence && good && u.silent.Add(1) >= silentLimit:
		u.edns.CompareAndSwap(ednsUnknown, ednsBad)
	}
}

// once sends the question and reads the reply, over TCP too if it is
// truncated (RFC 7766 5).
func (u *upstream) once(ctx context.Context, c *call, edns bool) (outcome, *Error) {
	began := c.dispatch.at
	if c.dispatch.link == nil {
		c.edns(edns)
		began = time.Now()
	}
	overUDP := u.server.proto == protoUDP
	err := u.exchange(ctx, c, !overUDP, began)
	if err == nil {
		err = c.msg.read(c.reply)
	}
	server := u.name()
	if err == nil && c.msg.tc {
		server = u.asTCP
		if err = u.overTCP(ctx, c); err != nil {
			e := u.failure(err, server, began)
			if e.Kind != KindCanceled {
				e.Kind = KindTruncated
			}
			return outcome{}, e
		}
	}
	if err != nil {
		return outcome{}, u.failure(err, server, began)
	}
	u.dead.Store(false)
	u.replied.Store(int64(u.client.age()))
	return outcome{server, c.arrived.Sub(began)}, nil
}

var errTruncated = errors.New("truncated even over TCP")

func (u *upstream) overTCP(ctx context.Context, c *call) error {
	if u.server.proto != protoUDP {
		return errTruncated
	}
	if err := u.exchange(ctx, c, true, time.Now()); err != nil {
		return err
	}
	if err := c.msg.read(c.reply); err != nil {
		return err
	}
	if c.msg.tc {
		return errTruncated
	}
	return nil
}

// exchange sends the packet over a socket of the right sort. One that worked and
// then failed, such as a connection that the server closed while it was idle, is
// replaced once.
func (u *upstream) exchange(ctx context.Context, c *call, stream bool, began time.Time) error {
	deadline := began.Add(c.patience)
	if u.web != nil {
		return u.web.exchange(ctx, c, deadline)
	}
	for again := false; ; again = true {
		l, id, err := u.sent(ctx, c, stream, deadline)
		if err == nil {
			err = l.await(ctx, c, id, deadline)
		}
		if l == nil {
			return err
		}
		if stream && (errors.Is(err, errTimeout) || errors.Is(err, errMisfit)) {
			l.retire() // it may have stalled
		}
		if again || !errors.Is(err, errStale) {
			return err
		}
	}
}

// sent sends the packet, unless that was done ahead. Without a link there is an
// error.
func (u *upstream) sent(ctx context.Context, c *call, stream bool, deadline time.Time) (*link, uint16, error) {
	if l, id := c.dispatch.link, c.dispatch.id; l != nil {
		c.dispatch = dispatch{}
		return l, id, nil
	}
	l, err := u.link(ctx, stream, deadline)
	if err != nil {
		return nil, 0, err
	}
	id, err := l.send(c, deadline)
	return l, id, err
}

// openLink returns the socket or the open connection to send over without a wait;
// nil: there is none.
func (u *upstream) openLink() *link {
	switch {
	case u.web != nil:
		return nil
	case u.server.proto == protoUDP:
		l, _ := u.link(context.Background(), false, time.Time{})
		return l
	}
	u.mu.Lock()
	l := u.stream
	u.mu.Unlock()
	if l == nil || !l.usable(0) {
		return nil
	}
	return l
}

func (u *upstream) link(ctx context.Context, stream bool, deadline time.Time) (*link, error) {
	if stream {
		return u.streamLink(ctx, deadline)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if l := u.udp[u.turn]; l == nil || !l.posting() || l.full() { // else it goes with others
		u.next()
	}
	if l := u.udp[u.turn]; l != nil && l.usable(udpUses) {
		return l, nil
	}
	conn, err := dialUDP(u.server.addr, u.client.buffer)
	if err != nil {
		return nil, err
	}
	l, err := u.start(conn, false)
	u.udp[u.turn] = l
	return l, err
}

// next takes the next socket in turn that can hold one more reply, or a new one.
// u.mu is held.
func (u *upstream) next() {
	for range u.udp {
		u.turn = (u.turn + 1) % len(u.udp)
		if l := u.udp[u.turn]; l == nil || !l.full() {
			return
		}
	}
	if len(u.udp) < udpMost {
		u.turn = len(u.udp)
		u.udp = append(u.udp, nil)
	}
}

// start makes a link and its reader. u.mu is held.
func (u *upstream) start(conn net.Conn, stream bool) (*link, error) {
	if u.closed {
		conn.Close()
		return nil, errClosed
	}
	l := newLink(conn, stream, u.ended)
	u.open[l] = struct{}{}
	u.client.readers.Go(l.read)
	return l, nil
}

func (u *upstream) ended(l *link) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, l)
}

// streamLink returns the open connection, or opens one; callers that come
// meanwhile wait for it.
func (u *upstream) streamLink(ctx context.Context, deadline time.Time) (*link, error) {
	limited, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	select {
	case u.dialing <- struct{}{}:
		defer func() { <-u.dialing }()
	case <-limited.Done():
		return nil, cut(ctx)
	}
	u.mu.Lock()
	l := u.stream
	u.mu.Unlock()
	if l != nil && l.usable(0) {
		return l, nil
	}
	conn, err := u.dial(limited)
	if err != nil {
		if limited.Err() != nil {
			err = cut(ctx)
		}
		return nil, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.stream, err = u.start(conn, true)
	return u.stream, err
}

// cut says why a try was cut short: the caller's context ended, or else the
// time of the try did.
func cut(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	return errTimeout
}

// close ends all sockets; their readers end by that.
func (u *upstream) close() {
	u.mu.Lock()
	u.closed = true
	links := make([]*link, 0, len(u.open))
	for l := range u.open {
		links = append(links, l)
	}
	u.mu.Unlock()
	for _, l := range links {
		l.fail(errClosed)
	}
	if u.web != nil {
		u.web.close()
	}
}
