package smtptest

import (
	"crypto/tls"
	_ "embed"
	"strings"
)

//go:embed fixtures/exchange-online.txt
var exchangeTranscript string

//go:embed fixtures/exchange-replies.txt
var exchangeReplies string

// exchangeTrailer is what Exchange Online appends to its refusals.
const exchangeTrailer = "[AM0P190CA0007.EURP190.PROD.OUTLOOK.COM 2026-11-23T10:31:00.000Z 08DF2A5B6C7D8E9F]"

// Refusal is one reply of Exchange Online to a client that may not submit.
type Refusal struct {
	Name  string // e.g. "tenant-disabled"
	Stage string // key of Persona.On: the command that gets it
	Reply string
}

// Refusals lists the replies of Exchange Online about authentication and
// submission that are known from public sources, and "success".
func Refusals() []Refusal {
	var out []Refusal
	for line := range strings.Lines(exchangeReplies) {
		f := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if len(f) == 3 && !strings.HasPrefix(line, "#") {
			out = append(out, Refusal{f[0], f[1], strings.Replace(f[2], "HOST", exchangeTrailer, 1)})
		}
	}
	return out
}

// ExchangeOnline returns a persona that talks like smtp.office365.com. users
// maps each user to the password or token that is right; refusals are names of
// Refusals to give in place of the usual answers.
func ExchangeOnline(cfg *tls.Config, users map[string]string, refusals ...string) Persona {
	p := FromTranscript(exchangeTranscript)
	p.TLS, p.Users = cfg, users
	p.NeedAuth = "530 5.7.57 Client not authenticated to send mail. " + exchangeTrailer
	for _, r := range Refusals() {
		for _, name := range refusals {
			if r.Name == name {
				p.On[r.Stage] = r.Reply
			}
		}
	}
	return p
}

// FromTranscript makes a persona of a recorded session: its greeting, and the
// answers to EHLO before and after STARTTLS. Lines are "S: ...", "C: ..." or
// comments.
func FromTranscript(text string) Persona {
	p := Persona{On: map[string]string{}}
	command, secure := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if c, ok := strings.CutPrefix(line, "C: "); ok {
			secure = secure || command == "STARTTLS"
			command, _, _ = strings.Cut(strings.ToUpper(c), " ")
			continue
		}
		if s, ok := strings.CutPrefix(line, "S: "); ok {
			p.learn(command, secure, s)
		}
	}
	return p
}

// learn takes one line that the server said after a command.
func (p *Persona) learn(command string, secure bool, line string) {
	switch {
	case command == "":
		p.Greeting += line + "\n"
	case command == "STARTTLS":
		p.On[command] += line + "\n"
	case command != "EHLO" || len(line) < 4:
	case p.Name == "":
		p.Name = line[4:]
	case line[4:] == p.Name: // the same first line again, inside TLS
	case secure:
		p.EHLOTLS = append(p.EHLOTLS, line[4:])
	default:
		p.EHLO = append(p.EHLO, line[4:])
	}
}
