package smtpprobe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Dialer opens connections; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Further bounds.
const (
	maxInjected = 512              // bytes kept of what was pushed in before TLS
	pokeLimit   = time.Second      // for the handshake with a server that does not greet
	quitLimit   = 2 * time.Second  // to send QUIT
	past        = -1 * time.Minute // a deadline that is over
)

// Probe holds one conversation with cfg.Address and records it. It never
// returns nil; what went wrong is in the Session. It leaves no goroutine and
// no connection behind.
func Probe(ctx context.Context, d Dialer, cfg Config) *Session {
	cfg.Limits = cfg.Limits.or()
	began := time.Now()
	t := &talk{cfg: cfg, began: began, end: began.Add(cfg.Limits.Session)}
	t.s = &Session{Host: cfg.Host, Address: cfg.Address, Port: cfg.Port, Mode: cfg.Mode,
		Started: began.UTC().Round(0), Steps: []Step{}}
	if cfg.Auth != nil {
		t.s.Auth = &AuthResult{User: cfg.Auth.User, Skipped: SkipNotReached}
	}
	ctx, cancel := context.WithDeadline(ctx, t.end)
	defer cancel()
	t.ctx = ctx
	if err := check(cfg); err != nil {
		t.note(PhaseInput, err)
	} else if t.connect(d) {
		stop := context.AfterFunc(ctx, func() { _ = t.raw.SetDeadline(time.Now().Add(past)) })
		t.converse()
		stop()
		_ = t.raw.Close()
	}
	t.s.Elapsed = time.Since(began)
	t.withhold()
	return t.s
}

// check refuses what would break out of its command (CR, LF, NUL) before
// anything is sent.
func check(cfg Config) *Error {
	fields := []string{cfg.Host, cfg.Hello, cfg.From, cfg.To}
	if cfg.Auth != nil {
		fields = append(fields, cfg.Auth.User, cfg.Auth.Secret.Reveal())
	}
	for _, f := range fields {
		if strings.ContainsAny(f, "\r\n\x00") {
			return fail(ClassInput, "a value holds a line break or NUL")
		}
	}
	for _, f := range []string{strings.TrimSuffix(strings.TrimPrefix(cfg.From, "<"), ">"), cfg.To} {
		if strings.ContainsAny(f, "<> \t") {
			return fail(ClassInput, "an address contains a space or angle bracket")
		}
	}
	if strings.Contains(cfg.Hello, " ") {
		return fail(ClassInput, "the EHLO name contains a space")
	}
	if _, err := netip.ParseAddr(cfg.Address); err != nil {
		return fail(ClassInput, "the address is not an IP address")
	}
	return nil
}

// talk is a conversation under way.
type talk struct {
	cfg        Config
	s          *Session
	ctx        context.Context
	began, end time.Time
	raw        net.Conn // the TCP connection
	conn       net.Conn // raw, or TLS over it
	in         *reader
	secure     bool   // conn is TLS
	closing    bool   // the server said 421, or the connection is broken
	challenge  string // text of the last reply's first line
	exposed    int    // the step in which the secret was sent; 0: none
}

// converse goes through the phases until one says stop, and says goodbye.
func (t *talk) converse() {
	phases := []struct {
		id Phase
		do func() bool
	}{
		{PhaseTLS, func() bool { return t.cfg.Mode != Implicit || t.handshake() }},
		{PhaseGreeting, t.greeting},
		{PhaseEHLO, func() bool { return t.hello() }},
		{PhaseStartTLS, t.startTLS},
		{PhaseAuth, t.auth},
		{PhaseMail, t.envelope},
	}
	for _, p := range phases {
		if t.cfg.Until == PhaseConnect || !p.do() || t.cfg.Until == p.id {
			break
		}
	}
	t.quit()
}

// note records a step that is only an error, and says stop.
func (t *talk) note(p Phase, err *Error) bool {
	now := time.Since(t.began)
	t.s.Steps = append(t.s.Steps, Step{Phase: p, TLS: t.secure, Err: err, Start: now})
	return false
}

// step opens a step; the function that it returns closes it with an error or nil.
func (t *talk) step(p Phase, command string) (st *Step, done func(error) bool) {
	t.s.Steps = append(t.s.Steps, Step{Phase: p, TLS: t.secure, Command: command, Start: time.Since(t.began)})
	st = &t.s.Steps[len(t.s.Steps)-1]
	return st, func(err error) bool {
		st.Took = time.Since(t.began) - st.Start
		if err == nil {
			return true
		}
		t.closing = true
		if !errors.As(err, &st.Err) {
			st.Err = classify(t.ctx, err)
		}
		return false
	}
}

// arm sets the deadline of the next step.
func (t *talk) arm(limit time.Duration) {
	at := time.Now().Add(limit)
	if at.After(t.end) {
		at = t.end
	}
	_ = t.raw.SetDeadline(at)
	if t.ctx.Err() != nil { // canceled meanwhile: our deadline must not outlive it
		_ = t.raw.SetDeadline(time.Now().Add(past))
	}
}

func (t *talk) connect(d Dialer) bool {
	ctx, cancel := context.WithTimeout(t.ctx, t.cfg.Limits.Connect)
	defer cancel()
	addr := netip.MustParseAddr(t.cfg.Address) // check has parsed it
	network := "tcp4"
	if addr.Is6() && !addr.Is4In6() {
		network = "tcp6"
	}
	_, done := t.step(PhaseConnect, "")
	conn, err := d.DialContext(ctx, network, net.JoinHostPort(addr.Unmap().String(), strconv.Itoa(t.cfg.Port)))
	if !done(err) {
		return false
	}
	t.raw = withQuickACK(conn)
	t.conn, t.in = t.raw, &reader{src: t.raw}
	if a := conn.LocalAddr(); a != nil {
		t.s.Local = a.String()
	}
	return true
}

// read reads the reply of a step.
func (t *talk) read(p Phase, st *Step, done func(error) bool) (*Reply, bool) {
	reply, err := t.in.reply()
	t.s.BareLF = t.s.BareLF || t.in.bareLF
	if len(reply.Lines) > 0 {
		_, _, t.challenge = splitLine(reply.Lines[0])
	}
	if len(reply.Lines) > 0 {
		st.Reply = reply
	}
	if t.cfg.Recognize != nil && err == nil {
		reply.Known = t.cfg.Recognize(p, reply)
	}
	if reply.Code == 421 { // RFC 5321 3.8: the server closes now
		t.closing = true
	}
	return reply, done(err)
}

// exchange sends a command and reads its reply. The line is written in one
// piece, so that it travels in one segment. shown is what is recorded of it.
func (t *talk) exchange(p Phase, shown, wire string, limit time.Duration) (*Reply, bool) {
	st, done := t.step(p, shown)
	if len(t.in.buf) > 0 {
		text := short(string(t.in.buf), maxInjected)
		return &Reply{}, done(fail(ClassProtocol,
			"the server spoke out of turn: "+strings.TrimSpace(text)))
	}
	t.arm(limit)
	if _, err := t.conn.Write([]byte(wire + "\r\n")); err != nil {
		return &Reply{}, done(err)
	}
	return t.read(p, st, done)
}

func (t *talk) greeting() bool {
	st, done := t.step(PhaseGreeting, "")
	t.arm(t.cfg.Limits.Banner)
	reply, ok := t.read(PhaseGreeting, st, done)
	if ok {
		return reply.Code == 220
	}
	if st.Err.Class == ClassTimeout && st.Reply == nil && !t.secure && t.ctx.Err() == nil {
		t.poke()
	}
	return false
}

// poke tries TLS on a server that does not greet: it may be waiting for it.
func (t *talk) poke() {
	t.cfg.Limits.TLS = min(pokeLimit, t.cfg.Limits.TLS)
	t.s.ImplicitTLS = t.handshake()
	t.closing = true
}

// hello says EHLO, or HELO to a server that does not know EHLO.
func (t *talk) hello() bool {
	name := t.cfg.Hello
	if name == "" {
		name = literal(t.s.Local)
	}
	reply, ok := t.exchange(PhaseEHLO, "EHLO "+name, "EHLO "+name, t.cfg.Limits.Command)
	switch {
	case !ok || t.closing:
		return false
	case reply.Code == 250:
		return true
	case reply.Code != 500 && reply.Code != 502 && reply.Code != 504: // RFC 5321 3.2
		return false
	}
	reply, ok = t.exchange(PhaseHELO, "HELO "+name, "HELO "+name, t.cfg.Limits.Command)
	return ok && reply.Code == 250
}

// literal writes our own address as a domain literal (RFC 5321 4.1.3): right
// for a client without a public name, and accepted everywhere.
func literal(local string) string {
	ap, err := netip.ParseAddrPort(local)
	if err != nil {
		return "[127.0.0.1]"
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is6() {
		return "[IPv6:" + addr.String() + "]"
	}
	return "[" + addr.String() + "]"
}

// startTLS turns the conversation over to TLS, if the server offers it.
func (t *talk) startTLS() bool {
	if t.secure {
		return true
	}
	if !t.s.Offers(false, "STARTTLS") {
		return true
	}
	reply, ok := t.exchange(PhaseStartTLS, "STARTTLS", "STARTTLS", t.cfg.Limits.Command)
	if !ok || reply.Code != 220 {
		return false
	}
	if len(t.in.buf) > 0 { // RFC 3207 4.2, 5: whatever came unencrypted is void
		t.s.Injected = short(string(t.in.buf), maxInjected)
		t.in.buf = nil
	}
	return t.handshake() && t.hello()
}

func (t *talk) handshake() bool {
	_, done := t.step(PhaseTLS, "")
	t.arm(t.cfg.Limits.TLS)
	conn, facts, err := handshake(t.ctx, t.raw, t.cfg)
	if spoke := clearText(err); spoke != "" && t.s.Step(PhaseStartTLS, false) != nil {
		t.s.Injected += spoke
	}
	if err != nil {
		failed := classify(t.ctx, err)
		if failed.Class == ClassOther {
			failed.Class = ClassTLS
		}
		return done(failed)
	}
	done(nil)
	t.s.TLS, t.secure = facts, true
	t.conn, t.in = conn, &reader{src: conn}
	return true
}

// envelope names a sender and a recipient and takes both back.
func (t *talk) envelope() bool {
	if t.cfg.From == "" || t.cfg.Auth != nil && !t.s.Auth.Success {
		return true
	}
	from := "MAIL FROM:<" + strings.Trim(t.cfg.From, "<>") + ">"
	reply, ok := t.exchange(PhaseMail, from, from, t.cfg.Limits.Command)
	if !ok || reply.Code != 250 {
		return ok
	}
	if t.cfg.To != "" {
		to := "RCPT TO:<" + t.cfg.To + ">"
		if _, ok = t.exchange(PhaseRcpt, to, to, t.cfg.Limits.Command); !ok || t.closing {
			return ok
		}
	}
	_, ok = t.exchange(PhaseRset, "RSET", "RSET", t.cfg.Limits.Command)
	return ok
}

// quit says goodbye and does not wait for the answer: the verdict is in.
func (t *talk) quit() {
	if t.closing || t.s.Step(PhaseGreeting, t.secure) == nil && t.s.Find(PhaseGreeting) == nil {
		return
	}
	_, done := t.step(PhaseQuit, "QUIT")
	t.arm(quitLimit)
	_, err := t.conn.Write([]byte("QUIT\r\n"))
	done(err)
}
