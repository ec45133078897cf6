package smtptest

import (
	"crypto/tls"
	"encoding/base64"
	"strings"
)

// Persona is a server that answers commands in any order.
type Persona struct {
	Greeting string   // script of the greeting, e.g. "220 mx.example.net ESMTP"
	Name     string   // first line of the EHLO answer
	EHLO     []string // its further lines unencrypted
	EHLOTLS  []string // its further lines inside TLS

	// On replaces the answer to a command by a script. The keys are verbs in
	// upper case, or whole lines; "EHLO TLS" is EHLO inside TLS, "AUTH BEGIN" the answer to the
	// AUTH command itself and "AUTH" the verdict after the credentials came,
	// "HANDSHAKE" what is done in place of TLS after STARTTLS.
	On map[string]string

	Users    map[string]string // user → password or token that is right
	NeedAuth string            // answer to MAIL from someone not logged in; empty: MAIL is open
	TLS      *tls.Config       // for STARTTLS and Implicit
	Implicit bool              // TLS from the first byte
}

// state is a persona in one conversation.
type state struct {
	Persona
	c      *Conn
	authed bool
}

// Serve talks until the client quits.
func (p Persona) Serve(c *Conn) {
	if p.Implicit && !c.StartTLS(p.TLS) {
		return
	}
	if !c.Play(p.Greeting, p.TLS) {
		return
	}
	s := &state{Persona: p, c: c}
	for {
		line, ok := c.Line()
		if !ok || !s.command(line) {
			return
		}
	}
}

// command answers one line; false ends the conversation.
func (s *state) command(line string) bool {
	if script, ok := s.On[line]; ok && strings.Contains(line, " ") {
		return s.c.Play(script, s.TLS)
	}
	verb, rest, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	key := verb
	if verb == "EHLO" && s.c.Secure {
		key = "EHLO TLS"
	}
	if script, ok := s.On[key]; ok && verb != "AUTH" && verb != "STARTTLS" {
		return s.c.Play(script, s.TLS) && verb != "QUIT"
	}
	switch verb {
	case "EHLO":
		return s.ehlo()
	case "HELO":
		return s.c.Send("250 " + s.Name + "\r\n")
	case "STARTTLS":
		return s.startTLS()
	case "AUTH":
		return s.auth(rest)
	case "MAIL":
		if s.NeedAuth != "" && !s.authed {
			return s.c.Play(s.NeedAuth, nil)
		}
		return s.c.Send("250 2.1.0 Sender OK\r\n")
	case "RCPT":
		return s.c.Send("250 2.1.5 Recipient OK\r\n")
	case "RSET", "NOOP":
		return s.c.Send("250 2.0.0 Resetting\r\n")
	case "QUIT":
		s.c.Send("221 2.0.0 Service closing transmission channel\r\n")
		return false
	}
	return s.c.Send("500 5.3.3 Unrecognized command\r\n")
}

func (s *state) ehlo() bool {
	lines := append([]string{s.Name}, s.EHLO...)
	if s.c.Secure {
		lines = append([]string{s.Name}, s.EHLOTLS...)
	}
	var b strings.Builder
	for i, l := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		b.WriteString("250" + sep + l + "\r\n")
	}
	return s.c.Send(b.String())
}

func (s *state) startTLS() bool {
	script, ok := s.On["STARTTLS"]
	if !ok {
		script = "220 2.0.0 SMTP server ready"
	}
	if !s.c.Play(script, s.TLS) {
		return false
	}
	if instead, ok := s.On["HANDSHAKE"]; ok {
		return s.c.Play(instead, s.TLS)
	}
	return !strings.HasPrefix(script, "220") || s.c.StartTLS(s.TLS)
}

// auth takes credentials by PLAIN, LOGIN or XOAUTH2 and gives the verdict.
func (s *state) auth(rest string) bool {
	if script, ok := s.On["AUTH BEGIN"]; ok {
		return s.c.Play(script, s.TLS)
	}
	mech, initial, _ := strings.Cut(rest, " ")
	user, secret, ok := s.credentials(strings.ToUpper(mech), initial)
	if !ok {
		return s.c.Send("504 5.7.4 Unrecognized authentication type\r\n")
	}
	script, fixed := s.On["AUTH"]
	if fixed {
		return s.c.Play(script, s.TLS)
	}
	want, known := s.Users[user]
	if s.authed = known && secret == want; s.authed {
		return s.c.Send("235 2.7.0 Authentication successful\r\n")
	}
	return s.c.Send("535 5.7.3 Authentication unsuccessful\r\n")
}

// credentials asks for what is missing; ok is false for an unknown mechanism.
func (s *state) credentials(mech, initial string) (user, secret string, ok bool) {
	switch mech {
	case "LOGIN":
		if initial == "" {
			initial = s.ask("VXNlcm5hbWU6")
		}
		return decode(initial), decode(s.ask("UGFzc3dvcmQ6")), true
	case "PLAIN", "XOAUTH2":
		if initial == "" {
			initial = s.ask("")
		}
	default:
		return "", "", false
	}
	if mech == "PLAIN" {
		_, both, _ := strings.Cut(decode(initial), "\x00")
		user, secret, _ = strings.Cut(both, "\x00")
		return user, secret, true
	}
	user, secret, _ = strings.Cut(decode(initial), "\x01auth=Bearer ")
	user, secret = strings.TrimPrefix(user, "user="), strings.TrimSuffix(secret, "\x01\x01")
	if want, known := s.Users[user]; !known || want != secret {
		s.ask(base64.StdEncoding.EncodeToString([]byte(
			`{"status":"401","schemes":"bearer","scope":"https://outlook.office.com/"}`)))
	}
	return user, secret, true
}

func (s *state) ask(challenge string) string {
	s.c.Send("334 " + challenge + "\r\n")
	line, _ := s.c.Line()
	return line
}

func decode(b64 string) string {
	b, _ := base64.StdEncoding.DecodeString(b64)
	return string(b)
}
