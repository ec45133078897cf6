// Package smtpprobe holds one bounded SMTP conversation and tells exactly what
// was said, when, and where it ended. It has no opinions.
//
// SMTP (RFC 5321) is a dialogue of lines. The server greets with a code, the
// client says EHLO, and the server lists what it can do. On the submission
// port 587 (RFC 6409) the client then says STARTTLS (RFC 3207), both shake
// hands for TLS, and the client says EHLO once more, because nothing heard
// before TLS can be trusted. On port 465 TLS comes first (RFC 8314). Inside
// TLS the client may sign in with AUTH (RFC 4954) and name a sender and a
// recipient. [Probe] goes exactly this way and never sends DATA: no message
// leaves this package.
//
// Whatever the server sends is hostile. It is read by a reader of our own with
// a limit on each line, each reply, each step and the whole session. A secret
// is sent at most once, only inside TLS that was verified for the host the
// user named, and no [Session] ever holds it.
package smtpprobe

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mode reports when TLS starts.
type Mode string

// The modes. The zero value is StartTLS.
const (
	StartTLS Mode = ""         // unencrypted first, then STARTTLS if it is offered (RFC 3207)
	Implicit Mode = "implicit" // TLS from the first byte (RFC 8314 3.3)
)

// Config says where to connect and how far to go.
type Config struct {
	Host    string // DNS name or IP literal the user named: for SNI and the certificate
	Address string // the one IP address to connect to; Probe resolves nothing
	Port    int
	Mode    Mode
	Hello   string // argument of EHLO; empty: our own address as a literal
	Until   Phase  // the last phase to do before QUIT; empty: all that apply
	Look    int    // distinguishes conversations that are repeated on purpose, possibly with another Hello

	Auth *Auth  // nil: no authentication
	From string // reverse-path of MAIL FROM without brackets, "<>" for the null one; empty: none
	To   string // forward-path of RCPT TO without brackets; empty: none

	// Recognize names a reply by its text, in words of its own. It sees the text
	// before any of it is withheld, so that a password cannot change a verdict.
	Recognize func(Phase, *Reply) string

	Client Client         // what to be able to do
	Roots  *x509.CertPool // trusted authorities; nil: the system's
	Limits Limits
}

// Client says what a client is able to do, so that an old device can be played.
// The zero value is all that this one can.
type Client struct {
	MaxTLS  uint16   // the newest version of TLS, as in crypto/tls; 0: any
	Ciphers []uint16 // for TLS up to 1.2; nil: the usual ones
	NoSNI   bool     // do not name the host in the handshake (RFC 6066 3)
}

func (c Client) key() string {
	if c.MaxTLS == 0 && c.Ciphers == nil && !c.NoSNI {
		return ""
	}
	return fmt.Sprintf(" tls=%x ciphers=%x sni=%t", c.MaxTLS, c.Ciphers, !c.NoSNI)
}

// Key identifies the conversation that c asks for, in one line without
// secrets: equal keys, equal questions. Records and replays use it.
func (c Config) Key() string {
	mode := c.Mode
	if mode == StartTLS {
		mode = "starttls"
	}
	key := fmt.Sprintf("smtp %s %s %d %s until=%s", c.Host, c.Address, c.Port, mode, c.Until)
	if c.Auth != nil {
		key += fmt.Sprintf(" auth=%s user=%q", c.Auth.Mechanism, c.Auth.User)
	}
	if c.From != "" || c.To != "" {
		key += fmt.Sprintf(" from=%q to=%q", c.From, c.To)
	}
	if c.Look > 0 {
		key += fmt.Sprintf(" look=%d", c.Look)
	}
	return key + c.Client.key()
}

// Limits bounds the time of each kind of step. A zero field means the default.
type Limits struct {
	Connect time.Duration // 10 s
	Banner  time.Duration // 30 s; RFC 5321 4.5.3.2.1 allows servers 5 minutes
	Command time.Duration // 15 s, from sending a command to the end of its reply
	TLS     time.Duration // 15 s for the handshake
	Session time.Duration // 60 s for all
}

// or returns the limits with the defaults in place of zero fields.
func (l Limits) or() Limits {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&l.Connect, 10*time.Second)
	set(&l.Banner, 30*time.Second)
	set(&l.Command, 15*time.Second)
	set(&l.TLS, 15*time.Second)
	set(&l.Session, 60*time.Second)
	return l
}

// Phase is a kind of step.
type Phase string

// The phases, in their order. EHLO comes again inside TLS.
const (
	PhaseInput    Phase = "input" // the configuration was refused, nothing was sent
	PhaseConnect  Phase = "connect"
	PhaseGreeting Phase = "greeting"
	PhaseEHLO     Phase = "ehlo"
	PhaseHELO     Phase = "helo" // when the server does not know EHLO
	PhaseStartTLS Phase = "starttls"
	PhaseTLS      Phase = "tls" // the handshake
	PhaseAuth     Phase = "auth"
	PhaseMail     Phase = "mail"
	PhaseRcpt     Phase = "rcpt"
	PhaseRset     Phase = "rset"
	PhaseQuit     Phase = "quit" // sent; the answer is not waited for
)

// Step is one exchange of the conversation.
type Step struct {
	Phase   Phase         `json:"phase"`
	TLS     bool          `json:"tls,omitempty"`     // inside TLS
	Command string        `json:"command,omitempty"` // as sent, but for secrets
	Reply   *Reply        `json:"reply,omitempty"`
	Err     *Error        `json:"error,omitempty"`
	Start   time.Duration `json:"start_ns"` // since Session.Started
	Took    time.Duration `json:"took_ns"`
}

// OK reports whether the step ended with a reply of class 2, or for steps without a
// reply, without an error.
func (s *Step) OK() bool {
	return s != nil && s.Err == nil && (s.Reply == nil || s.Reply.Code/100 == 2)
}

// Session is the record of one conversation. It survives a trip through JSON
// unchanged and holds no secret.
type Session struct {
	Host    string        `json:"host"`
	Address string        `json:"address"`
	Port    int           `json:"port"`
	Mode    Mode          `json:"mode,omitempty"`
	Local   string        `json:"local,omitempty"` // our own end of the connection
	Started time.Time     `json:"started"`
	Elapsed time.Duration `json:"elapsed_ns"`
	Steps   []Step        `json:"steps"`
	TLS     *TLS          `json:"tls,omitempty"`
	Auth    *AuthResult   `json:"auth,omitempty"` // nil: not asked for

	// Injected holds plaintext that came after the 220 to STARTTLS, at most
	// 512 bytes. It was never used. TLS may have followed nevertheless.
	Injected string `json:"injected,omitempty"`

	// BareLF reports whether a line of the server ended in LF without CR, which
	// RFC 5321 2.3.8 forbids. It was read as a line.
	BareLF bool `json:"bare_lf,omitempty"`

	// ImplicitTLS reports whether a server that did not greet in StartTLS mode
	// answered a TLS handshake instead.
	ImplicitTLS bool `json:"implicit_tls,omitempty"`
}

// Step returns the last step of a phase, inside TLS or unencrypted; nil if there was none.
func (s *Session) Step(p Phase, tls bool) *Step {
	for i := len(s.Steps) - 1; i >= 0; i-- {
		if s.Steps[i].Phase == p && s.Steps[i].TLS == tls {
			return &s.Steps[i]
		}
	}
	return nil
}

// Find returns the last step of a phase; nil if there was none.
func (s *Session) Find(p Phase) *Step {
	if st := s.Step(p, true); st != nil {
		return st
	}
	return s.Step(p, false)
}

// Failed returns the first step that ended in an error; nil if none did.
func (s *Session) Failed() *Step {
	i := slices.IndexFunc(s.Steps, func(st Step) bool { return st.Err != nil })
	if i < 0 {
		return nil
	}
	return &s.Steps[i]
}

// Connected reports whether the connection came about.
func (s *Session) Connected() bool { return s.Step(PhaseConnect, false).OK() }

// Hello returns the step of the EHLO, or of the HELO that replaced it, that the
// server accepted inside TLS or unencrypted; nil if there was none.
func (s *Session) Hello(tls bool) *Step {
	for _, p := range []Phase{PhaseEHLO, PhaseHELO} {
		if st := s.Step(p, tls); st.OK() {
			return st
		}
	}
	return nil
}

// For returns the conversation as it is with another name of the same server. It
// returns false if the server may have said something else under that name: it may
// have a certificate for each (RFC 6066 3).
func (s *Session) For(host string) (*Session, bool) {
	if host == s.Host {
		return s, true
	}
	other := *s
	other.Host = host
	if s.TLS == nil {
		return &other, s.Step(PhaseTLS, false) == nil && s.Step(PhaseTLS, true) == nil
	}
	named := x509.Certificate{DNSNames: s.TLS.Leaf().Names}
	if named.VerifyHostname(host) != nil {
		return nil, false
	}
	t := *s.TLS
	t.Host, t.Problems = host, slices.DeleteFunc(slices.Clone(t.Problems), func(p CertProblem) bool { return p.Kind == CertName })
	t.Verified = len(t.Problems) == 0
	other.TLS = &t
	return &other, true
}

// Extensions returns the lines of the EHLO reply but the first, as the server
// wrote them, without code; none if EHLO was not accepted.
func (s *Session) Extensions(tls bool) []string {
	st := s.Step(PhaseEHLO, tls)
	if !st.OK() || st.Reply == nil || len(st.Reply.Lines) < 2 {
		return nil
	}
	var out []string
	for _, line := range st.Reply.Lines[1:] {
		_, _, text := splitLine(line)
		out = append(out, strings.TrimSpace(text))
	}
	return out
}

// Offers reports whether the EHLO reply lists an extension.
func (s *Session) Offers(tls bool, keyword string) bool {
	return slices.ContainsFunc(s.Extensions(tls), func(l string) bool {
		kw, _, _ := strings.Cut(l, " ")
		return strings.EqualFold(kw, keyword)
	})
}

// Mechanisms returns the AUTH mechanisms that the EHLO reply lists, in upper
// case, each once, in its order. The old form "AUTH=LOGIN" counts too.
func (s *Session) Mechanisms(tls bool) []string {
	var out []string
	for _, l := range s.Extensions(tls) {
		if len(l) < 5 || !strings.EqualFold(l[:4], "AUTH") || l[4] != ' ' && l[4] != '=' {
			continue
		}
		for m := range strings.FieldsSeq(strings.ToUpper(l[5:])) {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	return out
}
