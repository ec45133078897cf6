package smtpprobe

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/emersion/go-sasl"
)

// Mechanism is a way to log in.
type Mechanism string

// The mechanisms. Exchange Online offers LOGIN and XOAUTH2.
const (
	MechAuto    Mechanism = ""        // XOAUTH2 for a token; else PLAIN, else LOGIN, as offered
	MechPlain   Mechanism = "PLAIN"   // RFC 4616
	MechLogin   Mechanism = "LOGIN"   // draft-murchison-sasl-login
	MechXOAuth2 Mechanism = "XOAUTH2" // Google's and Microsoft's forerunner of RFC 7628
)

// Auth asks for an authentication test. It is good for one attempt: however
// many conversations share it, the first to reach AUTH uses it up.
type Auth struct {
	User      string
	Secret    Secret
	Token     bool // Secret is an OAuth access token, not a password
	Mechanism Mechanism

	// Approve, if set, is asked before the secret is sent inside TLS that was
	// verified: whether this server may have it.
	Approve func(*TLS) bool

	used atomic.Bool
}

// choose returns the mechanism to use with a server that offers these; empty if
// none fits.
func (a *Auth) choose(offered []string) Mechanism {
	want := []Mechanism{a.Mechanism}
	switch {
	case a.Mechanism != MechAuto:
	case a.Token:
		want = []Mechanism{MechXOAuth2}
	default:
		want = []Mechanism{MechPlain, MechLogin} // PLAIN takes a round trip less
	}
	for _, m := range want {
		if slices.Contains(offered, string(m)) {
			return m
		}
	}
	return ""
}

// client returns the SASL client of a mechanism.
func (a *Auth) client(m Mechanism) sasl.Client {
	switch m {
	case MechPlain:
		return sasl.NewPlainClient("", a.User, a.Secret.Reveal())
	case MechLogin:
		return &loginClient{user: a.User, password: a.Secret}
	}
	return &xoauth2Client{user: a.User, token: a.Secret}
}

// AuthResult is how far the authentication came.
type AuthResult struct {
	User      string    `json:"user"`
	Mechanism Mechanism `json:"mechanism,omitempty"` // the one used
	Skipped   Skip      `json:"skipped,omitempty"`   // why nothing was sent
	Challenge string    `json:"challenge,omitempty"` // what XOAUTH2 said on refusal, decoded
	Success   bool      `json:"success"`
}

// Skip says why no secret was sent.
type Skip string

// The reasons of AuthResult.Skipped.
const (
	SkipNoTLS      Skip = "no-tls"       // the conversation did not reach TLS
	SkipUnverified Skip = "not-verified" // the certificate is not that of the named host
	SkipOldTLS     Skip = "old-tls"      // TLS 1.0 or 1.1
	SkipInjected   Skip = "injection"    // plaintext was pushed in before TLS
	SkipNotOffered Skip = "not-offered"  // not the mechanism, or no AUTH at all
	SkipDeclined   Skip = "declined"     // Auth.Approve said no
	SkipUsed       Skip = "used"         // another conversation of this run had the one attempt
	SkipNotReached Skip = "not-reached"  // it ended before AUTH
)

// maxRounds bounds the challenges of one AUTH command.
const maxRounds = 4

// maxCommand is the longest command line with its end (RFC 5321 4.5.3.1.4). An
// initial response that does not fit waits for the server's 334 (RFC 4954 4).
const maxCommand = 512

// auth logs in, if it may. It reports whether the conversation goes on.
func (t *talk) auth() bool {
	a := t.cfg.Auth
	if a == nil {
		return true
	}
	res := t.s.Auth
	mech := a.choose(t.s.Mechanisms(true))
	if res.Skipped = t.mayAuth(mech); res.Skipped != "" {
		return true
	}
	res.Mechanism = mech
	client := a.client(mech)
	_, first, err := client.Start()
	if err != nil {
		return t.note(PhaseAuth, fail(ClassInput, err.Error()))
	}
	wire, shown := "AUTH "+string(mech), "AUTH "+string(mech)
	if ir := encode(first); len(wire)+1+len(ir)+2 <= maxCommand {
		wire, shown, first = wire+" "+ir, shown+" "+says(client), nil
		t.expose(mech != MechLogin)
	}
	reply, ok := t.exchange(PhaseAuth, shown, wire, t.cfg.Limits.Command)
	if ok && mech == MechLogin && unused(reply) { // no password was sent: this is the same attempt
		reply, ok = t.exchange(PhaseAuth, "AUTH LOGIN", "AUTH LOGIN", t.cfg.Limits.Command)
	}
	for range maxRounds {
		if !ok || reply.Code != 334 {
			break
		}
		reply, ok = t.answer(client, first)
		first = nil
	}
	if ok && reply.Code == 334 {
		return t.note(PhaseAuth, fail(ClassProtocol, "the server keeps sending challenges"))
	}
	res.Success = ok && reply.Code == 235 // RFC 4954 4
	return res.Success
}

// unused reports whether a server does not take an initial response with LOGIN, as
// the drafts that describe it have none: the command is out of order for it
// (501), or it reads the whole line as a mechanism (504). Exchange Online's 504
// 5.7.4 refuses the mechanism itself.
func unused(r *Reply) bool {
	return r.Code == 501 || r.Code == 504 && r.Enhanced != "5.7.4"
}

// mayAuth returns the reason not to send a secret, or uses up the one attempt.
func (t *talk) mayAuth(mech Mechanism) Skip {
	switch {
	case t.s.TLS == nil || !t.secure:
		return SkipNoTLS
	case t.s.Injected != "":
		return SkipInjected
	case !t.s.TLS.Modern():
		return SkipOldTLS
	case !t.s.TLS.Trusted():
		return SkipUnverified
	case mech == "":
		return SkipNotOffered
	case t.cfg.Auth.Approve != nil && !t.cfg.Auth.Approve(t.s.TLS):
		return SkipDeclined
	case t.cfg.Auth.used.Swap(true):
		return SkipUsed
	}
	return ""
}

// answer replies to one challenge; pending is an initial response not sent yet.
func (t *talk) answer(client sasl.Client, pending []byte) (*Reply, bool) {
	response, shown := pending, says(client)
	if pending == nil {
		challenge, err := base64.StdEncoding.DecodeString(strings.TrimSpace(t.challenge))
		if err == nil {
			response, err = client.Next(challenge)
		}
		if err != nil { // RFC 4954 4: the client cancels with a lone asterisk
			return t.exchange(PhaseAuth, "*", "*", t.cfg.Limits.Command)
		}
		shown = says(client)
	}
	t.expose(pending != nil && t.s.Auth.Mechanism != MechLogin || shown == saysPassword)
	if x, ok := client.(*xoauth2Client); ok && x.refusal != "" {
		t.s.Auth.Challenge = short(x.refusal, maxLine)
	}
	return t.exchange(PhaseAuth, shown, encodeAnswer(response), t.cfg.Limits.Command)
}

// expose notes that the next step sends the secret.
func (t *talk) expose(sends bool) {
	if sends && t.exposed == 0 {
		t.exposed = len(t.s.Steps)
	}
}

// saysPassword is how the answer with the password is recorded.
const saysPassword = "(password)"

// encode writes an initial response; the empty one is "=" (RFC 4954 4).
func encode(b []byte) string {
	if len(b) == 0 {
		return "="
	}
	return base64.StdEncoding.EncodeToString(b)
}

func encodeAnswer(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// says reports in words what a client sends next or has just answered: commands
// are recorded by what they are, so no secret has to be found in them.
func says(c sasl.Client) string {
	switch c := c.(type) {
	case *loginClient:
		return c.state
	case *xoauth2Client:
		return c.state
	}
	return "(user name and password)"
}

// loginClient speaks LOGIN. It gives the password only when asked for one, and
// the user name again to servers that ask although it came with the command.
type loginClient struct {
	user     string
	password Secret
	state    string
	asked    int // times the user name was asked for
	done     bool
}

func (c *loginClient) Start() (string, []byte, error) {
	c.state = "(user name)"
	return sasl.Login, []byte(c.user), nil
}

func (c *loginClient) Next(challenge []byte) ([]byte, error) {
	prompt := strings.ToLower(string(challenge))
	switch {
	case strings.Contains(prompt, "user") && !c.done && c.asked == 0:
		c.asked++
		return []byte(c.user), nil
	case strings.Contains(prompt, "pass") && !c.done:
		c.done, c.state = true, saysPassword
		return []byte(c.password.Reveal()), nil
	}
	return nil, sasl.ErrUnexpectedServerChallenge
}

// xoauth2Client speaks XOAUTH2. A refusal comes as a challenge with JSON, to
// be answered by an empty line, and only then as a reply of class 5.
type xoauth2Client struct {
	user    string
	token   Secret
	state   string
	refusal string
}

func (c *xoauth2Client) Start() (string, []byte, error) {
	c.state = "(user name and token)"
	return string(MechXOAuth2), []byte(xoauth2Response(c.user, c.token.Reveal())), nil
}

func (c *xoauth2Client) Next(challenge []byte) ([]byte, error) {
	if c.refusal != "" {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	c.refusal, c.state = string(challenge), "(nothing)"
	return nil, nil
}

func xoauth2Response(user, token string) string {
	return "user=" + user + "\x01auth=Bearer " + token + "\x01\x01"
}
