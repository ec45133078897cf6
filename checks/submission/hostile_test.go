package submission

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// hostile is a server, or a network, that does something unusual.
type hostile struct {
	name   string
	server func(w *hostileWorld)
	sign   bool   // sign in
	sender bool   // name sender and recipient
	hello  string // EHLO name
	want   string // of the findings that somebody must act on: "status code/cause/owner"
}

// hostileWorld is a stranger's server beside a comparison host that is well.
type hostileWorld struct {
	*smtpLab
	mine, other smtptest.Persona
	serveMine   smtptest.Handler // nil: mine
	serveOther  smtptest.Handler // nil: other
}

func (l *smtpLab) hostileWorld() *hostileWorld {
	w := &hostileWorld{smtpLab: l, mine: l.strangersServer(), other: l.strangersServer()}
	w.mine.NeedAuth = ""
	w.other.Greeting, w.other.TLS = "220 smtp.gmail.com ESMTP\n", l.tls(smtptest.Spec{Names: []string{"smtp.gmail.com"}})
	return w
}

// examine does what maildiag smtp does.
func (w *hostileWorld) examine(c hostile) []report.Finding {
	if w.serveMine == nil {
		w.serveMine = w.mine
	}
	if w.serveOther == nil {
		w.serveOther = w.other
	}
	w.serve(w.serveMine)
	for _, port := range []string{":443", ":25", ":465"} {
		w.net.Routes[port] = smtptest.Route{Fault: smtptest.Dropped}
	}
	w.net.Routes[otherV4+":587"] = smtptest.Route{Server: smtptest.NewPiped(w.t, w.serveOther)}
	o := SMTPOptions{Hello: c.hello}
	if c.sign {
		o.Auth = &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}
	}
	if c.sender {
		o.From, o.To = loginUser, "someone@example.org"
	}
	return w.checked(o)
}

// problems returns what a run asks somebody to act on.
func problems(fs []report.Finding) string {
	var out []string
	for _, f := range fs {
		if f.Status == report.Pass || f.Status == report.Info || f.Status == report.Skip || f.Optional {
			continue
		}
		out = append(out, fmt.Sprintf("%s %s/%s/%s", f.Status, strings.TrimPrefix(strings.TrimPrefix(f.Code, "submission."), "auth."), f.Cause, f.Fix.Owner))
	}
	return strings.Join(out, "; ")
}

// without returns lines without those that begin with a word.
func without(lines []string, word string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, word) })
}

func hostileServers() []hostile {
	on := func(verb, script string) func(*hostileWorld) {
		return func(w *hostileWorld) { w.mine.On[verb] = script }
	}
	everywhere := func(change func(*smtptest.Persona)) func(*hostileWorld) {
		return func(w *hostileWorld) { change(&w.mine); change(&w.other) }
	}
	pass := base64.StdEncoding.EncodeToString([]byte(loginPass))
	return []hostile{
		{name: "well", sign: true, sender: true},
		{name: "greeting turns into a refusal", want: "fail greeting/remote/operator of the remote server", server: func(w *hostileWorld) { w.mine.Greeting = "220-hello\n554 5.7.1 go away" }},
		{name: "521", want: "unknown greeting/remote/operator of the remote server", server: func(w *hostileWorld) { w.mine.Greeting = "521 5.3.2 no mail here" }},
		{name: "captive portal", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.Greeting = "HTTP/1.1 302 Found\nLocation: http://portal/\n\n" })},
		{name: "web server", want: "fail greeting/remote/you", server: func(w *hostileWorld) { w.mine.Greeting = "HTTP/1.1 400 Bad Request" }},
		{name: "escape sequences", server: func(w *hostileWorld) { w.mine.Greeting = "220 \x1b]0;x\a::error::x" }},
		{name: "Latin-1", server: func(w *hostileWorld) { w.mine.Greeting = "220 Gr\xfc\xdfe" }},
		{name: "CR only", want: "unknown greeting/remote/you", server: func(w *hostileWorld) { w.mine.Greeting = `!raw "220 hello\r"` + "\n!stall" }},
		{name: "lower case extensions", server: func(w *hostileWorld) {
			w.mine.EHLO, w.mine.EHLOTLS = []string{"starttls"}, []string{"auth plain login"}
		}, sign: true},
		{name: "AUTH= of old", server: func(w *hostileWorld) { w.mine.EHLOTLS = []string{"AUTH=LOGIN PLAIN"} }, sign: true},
		{name: "HELO only", want: "fail ehlo/remote/operator of the remote server", server: on("EHLO", "500 what?")},
		{name: "name not qualified", want: "unknown ehlo/local/you", server: func(w *hostileWorld) {
			reply := "504 5.5.2 <[192.0.2.77]>: Helo command rejected: need fully-qualified hostname"
			w.mine.On["EHLO [192.0.2.77]"], w.mine.On["HELO [192.0.2.77]"] = reply, reply
		}},
		{name: "every name rejected", want: "unknown ehlo/remote/operator of the remote server", server: on("EHLO", "550 5.7.1 <[192.0.2.77]>: Helo command rejected: Invalid name")},
		{name: "every name rejected inside TLS", want: "unknown auth/remote/operator of the remote server", server: on("EHLO TLS", "550 5.7.1 Helo command rejected: Invalid name")},
		{name: "STARTTLS for literals only", want: "unknown starttls/remote/operator of the remote server", hello: "printer.example", server: func(w *hostileWorld) {
			w.mine.On["EHLO printer.example"] = "250-mail.example.net\n250 SIZE 1000"
		}},
		{name: "STARTTLS for names without a dot only", want: "unknown starttls/remote/operator of the remote server", server: func(w *hostileWorld) {
			for _, n := range []string{"[192.0.2.77]", "maildiag.invalid"} {
				w.mine.On["EHLO "+n] = "250-mail.example.net\n250 SIZE 1000"
			}
		}},
		{name: "literal rejected", want: "unknown ehlo/local/you", server: func(w *hostileWorld) {
			w.mine.On["EHLO [192.0.2.77]"] = "550 5.7.1 <[192.0.2.77]>: Helo command rejected: Invalid name"
		}},
		{name: "STARTTLS in the first connection only", want: "unknown starttls/remote/operator of the remote server", server: func(w *hostileWorld) {
			n, stripped := 0, w.mine
			stripped.EHLO = without(w.mine.EHLO, "STARTTLS")
			w.serveMine = smtptest.HandlerFunc(func(c *smtptest.Conn) {
				if n++; n == 1 {
					w.mine.Serve(c)
				} else {
					stripped.Serve(c)
				}
			})
		}, sign: true},
		{name: "no STARTTLS", want: "fail starttls/remote/operator of the remote server", server: func(w *hostileWorld) { w.mine.EHLO = without(w.mine.EHLO, "STARTTLS") }},
		{name: "no STARTTLS, comparison turned away", want: "fail starttls/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.EHLO, w.other.Greeting = without(w.mine.EHLO, "STARTTLS"), "554 5.7.1 your address is listed"
		}},
		{name: "no STARTTLS, comparison expired", want: "fail starttls/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.EHLO = without(w.mine.EHLO, "STARTTLS")
			w.other.TLS = w.tls(smtptest.Spec{Names: []string{"smtp.gmail.com"}, NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(-1, 0, 0)})
		}},
		{name: "signed in, then asked to", want: "unknown sender/remote/operator of the remote server", server: on("MAIL", "530 5.7.0 Authentication required"), sign: true, sender: true},
		{name: "expired", want: "fail certificate/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.TLS = w.tls(smtptest.Spec{Names: []string{stranger}, NotAfter: time.Now().AddDate(0, 0, -1), NotBefore: time.Now().AddDate(0, -1, 0)})
		}, sign: true},
		{name: "expired by this clock, valid by the greeting's", want: "unknown certificate/local/you", server: func(w *hostileWorld) {
			was := time.Now().AddDate(-3, 0, 0)
			w.mine.TLS = w.tls(smtptest.Spec{Names: []string{stranger}, NotBefore: was.AddDate(0, -1, 0), NotAfter: was.AddDate(0, 1, 0)})
			w.mine.Greeting = "220 mail.example.net ESMTP " + was.Format(time.RFC1123Z)
		}, sign: true},
		{name: "expired by the greeting's clock too", want: "fail certificate/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.TLS = w.tls(smtptest.Spec{Names: []string{stranger}, NotAfter: time.Now().AddDate(0, 0, -1), NotBefore: time.Now().AddDate(0, -1, 0)})
			w.mine.Greeting = "220 mail.example.net ESMTP " + time.Now().Format(time.RFC1123Z)
		}, sign: true},
		{name: "other name", want: "fail certificate/remote/operator of the remote server", server: func(w *hostileWorld) { w.mine.TLS = w.tls(smtptest.Spec{Names: []string{"other.example"}}) }, sign: true},
		{name: "TLS inspected everywhere", want: "unknown path/network/network administrator", server: func(w *hostileWorld) {
			ca, _ := smtptest.NewCA("Corp Proxy")
			a, _ := ca.Issue(smtptest.Spec{Names: []string{stranger}})
			b, _ := ca.Issue(smtptest.Spec{Names: []string{"smtp.gmail.com"}})
			w.mine.TLS, w.other.TLS = smtptest.Config(a), smtptest.Config(b)
		}, sign: true},
		{name: "each host self-signed by the proxy", want: "unknown path/network/network administrator", server: func(w *hostileWorld) {
			for host, p := range map[string]*smtptest.Persona{stranger: &w.mine, "smtp.gmail.com": &w.other} {
				ca, _ := smtptest.NewCA(host)
				c, _ := ca.Issue(smtptest.Spec{CommonName: host, Names: []string{host}})
				p.TLS = smtptest.Config(c)
			}
		}, sign: true},
		{name: "clear text after 220", want: "fail injection/remote/operator of the remote server; fail tls/remote/operator of the remote server", server: on("HANDSHAKE", "!await\n500 no TLS after all\n!stall")},
		{name: "closed in the handshake", want: "unknown tls/remote/you", server: on("HANDSHAKE", "!await\n!close")},
		{name: "closed in every handshake", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.On = map[string]string{"HANDSHAKE": "!await\n!close"} })},
		{name: "STARTTLS rejected everywhere", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.On = map[string]string{"STARTTLS": "502 5.5.1 no"} })},
		{name: "TLS 1.0 at most", want: "fail tls/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.TLS.MinVersion, w.mine.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS10
		}, sign: true},
		{name: "AUTH only before TLS", want: "fail auth/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.EHLO, w.mine.EHLOTLS = append(w.mine.EHLO, "AUTH PLAIN"), []string{"SIZE 1000"}
		}, sign: true},
		{name: "AUTH missing everywhere", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.EHLOTLS = []string{"SIZE 1000"} }), sign: true},
		{name: "EHLO inside TLS cut off", want: "unknown auth/remote/you", server: on("EHLO TLS", "!close"), sign: true},
		{name: "password back in base64", want: "fail login/input/user", server: on("AUTH", "535 5.7.8 no: "+pass), sign: true},
		{name: "password back as a challenge", want: "unknown login/remote/you", server: on("AUTH", "334 "+pass+"\n!stall"), sign: true},
		{name: "password back in the next reply", want: "fail sender/remote/operator of the remote server", server: func(w *hostileWorld) {
			w.mine.On["AUTH"], w.mine.On["MAIL"] = "235 2.7.0 ok", "550 5.7.1 "+loginPass
		}, sign: true, sender: true},
		{name: "prompts in German", want: "unknown login/remote/you", server: func(w *hostileWorld) {
			w.mine.EHLOTLS, w.mine.On["AUTH BEGIN"] = []string{"AUTH LOGIN"}, "334 S2VubndvcnQ6\nC: \n501 5.5.2 no"
		}, sign: true},
		{name: "421 in AUTH", want: "unknown login/remote/you", server: on("AUTH", "421 4.3.0 going down"), sign: true},
		{name: "454 in AUTH", want: "unknown login/remote/operator of the remote server", server: on("AUTH", "454 4.7.0 Temporary authentication failure"), sign: true},
		{name: "432", want: "unknown login/input/user", server: on("AUTH", "432 4.7.12 A password transition is needed"), sign: true},
		{name: "534", want: "fail login/input/user", server: on("AUTH", "534 5.7.9 Authentication mechanism is too weak"), sign: true},
		{name: "538", want: "unknown login/remote/operator of the remote server", server: on("AUTH", "538 5.7.11 Encryption required"), sign: true},
		{name: "reset in AUTH", want: "unknown login/remote/you", server: on("AUTH", "!rst"), sign: true},
		{name: "250 for 235", want: "unknown login/remote/operator of the remote server", server: on("AUTH", "250 ok"), sign: true},
		{name: "wrong password", want: "fail login/input/user", server: func(w *hostileWorld) { w.mine.Users = map[string]string{} }, sign: true},
		{name: "504", want: "fail login/remote/you", server: on("AUTH BEGIN", "504 5.5.4 unrecognized"), sign: true},
		{name: "commands for a CI log", want: "fail login/input/user", server: on("AUTH", "535-5.7.8 ::stop-commands::x\n535 5.7.8 ##vso[task.setvariable variable=a]b"), sign: true},
		{name: "greylisted", want: "unknown recipient/remote/sender's administrator", server: on("RCPT", "451 4.7.1 Greylisting in action"), sign: true, sender: true},
		{name: "no such recipient", want: "fail recipient/input/user", server: on("RCPT", "550 5.1.1 User unknown"), sign: true, sender: true},
		{name: "recipient over quota", want: "unknown recipient/remote/recipient's administrator", server: on("RCPT", "452 4.2.2 Mailbox full"), sign: true, sender: true},
		{name: "too many", want: "unknown sender/remote/sender's administrator", server: on("MAIL", "452 4.5.3 Too many messages"), sign: true, sender: true},
		{name: "too large", want: "fail sender/input/user", server: on("MAIL", "552 5.3.4 Message too big"), sign: true, sender: true},
		{name: "STARTTLS first, inside TLS", want: "unknown sender/remote/operator of the remote server", server: on("MAIL", "530 5.7.0 Must issue a STARTTLS command first"), sign: true, sender: true},
		{name: "sender not owned", want: "fail sender/input/user", server: on("MAIL", "553 5.7.1 Sender address rejected: not owned by user"), sign: true, sender: true},
		{name: "RSET rejected", server: on("RSET", "500 what"), sign: true, sender: true},
		{name: "421 at MAIL", want: "unknown sender/remote/sender's administrator", server: on("MAIL", "421 4.7.0 Too many connections"), sign: true, sender: true},
		{name: "closed at RCPT", want: "unknown recipient/remote/you", server: on("RCPT", "!close"), sign: true, sender: true},
		{name: "every server says 554", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.Greeting = "554 5.7.1 SMTP is not allowed from this network" })},
		{name: "every server 421", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.Greeting = "421 4.3.2 try later" })},
		{name: "reset at EHLO for every server", want: "unknown path/network/network administrator", server: everywhere(func(p *smtptest.Persona) { p.On = map[string]string{"EHLO": "!rst"} })},
	}
}

// No world makes a server fail for what is not its fault, names the wrong owner,
// or brings the password back.
func TestHostileServers(t *testing.T) {
	for _, c := range hostileServers() {
		t.Run(c.name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T) {
				w := newSMTPLab(t).hostileWorld()
				if c.server != nil {
					c.server(w)
				}
				fs := w.examine(c)
				if got := problems(fs); got != c.want {
					t.Errorf("%s: %s\nwant %s\n%s", c.name, got, c.want, summaries(fs))
				}
				data, err := json.Marshal(fs)
				if err != nil || strings.Contains(string(data), "Zq7") || strings.Contains(string(data), base64.StdEncoding.EncodeToString([]byte(loginPass))) {
					t.Errorf("%s: %v, or the password in %s", c.name, err, data)
				}
			})
		})
	}
}

// A private authority for the server says nothing about the comparison host.
func TestPrivateAuthority(t *testing.T) {
	f := submissionFacts{target: target{SMTPOptions: SMTPOptions{Host: stranger, Port: portSubmission, Roots: x509.NewCertPool()}}}
	var mu sync.Mutex
	asked := map[string]*x509.CertPool{}
	env := &kit.Env{Domain: stranger, World: kit.World{DNS: hostTable{stranger + " A": {v4}, "smtp.gmail.com A": {otherV4}},
		SMTP: func(_ context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
			mu.Lock()
			defer mu.Unlock()
			asked[cfg.Host] = cfg.Roots
			return &smtpprobe.Session{}
		}}}
	kit.Gather(t.Context(), env, func(k *kit.Known) submissionFacts {
		for _, host := range []string{stranger, f.otherHost()} {
			(&comparison{host: host, port: portSubmission}).send(k, f.target)
		}
		return f
	})
	if asked[stranger] != f.Roots || asked[f.otherHost()] != nil || len(asked) != 2 {
		t.Errorf("authorities: %v", asked)
	}
}

// Row 17: a server whose certificate depends on the name in the handshake is told,
// and one that does not need it is not.
func TestRow17_ServerName(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		right, wrong := smtptest.Spec{Names: []string{stranger}}, smtptest.Spec{Names: []string{"default.example"}}
		for name, c := range map[string]struct {
			without *smtptest.Spec // nil: no TLS without a name
			told    bool
		}{"other certificate": {&wrong, true}, "no TLS": {nil, true}, "same certificate": {&right, false}} {
			w := newSMTPLab(t).hostileWorld()
			good := w.mine.TLS.Certificates[0]
			w.mine.TLS = &tls.Config{GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
				switch {
				case hello.ServerName == stranger:
					return &good, nil
				case c.without == nil:
					return nil, errors.New("no name")
				}
				return &w.tls(*c.without).Certificates[0], nil
			}}
			fs := w.examine(hostile{})
			told := slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Code == codeSNI && f.Status == report.Info })
			if told != c.told || problems(fs) != "" {
				t.Errorf("%s: %s", name, brief(fs))
			}
		}
	})
}
