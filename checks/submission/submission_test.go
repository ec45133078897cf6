package submission

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// smtpLab is Microsoft's submission host on a network that can be broken.
type smtpLab struct {
	t   *testing.T
	ca  *smtptest.CA
	net *smtptest.Net
	dns hostTable
}

// inVirtualTime runs a test in virtual time, so that what waits costs nothing and
// no load makes it late. It begins on the day on which the tests judge.
func inVirtualTime(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(kittest.TestDay))
		test(t)
	})
}

// hostTable is a resolver that knows these addresses only and refuses others.
type hostTable map[string][]string

func (h hostTable) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	values, ok := h[q.String()]
	if !ok {
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindRefused, Server: "table"}
	}
	return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: values, Server: "table"}, nil
}

const (
	msHost = "smtp.office365.com"
	v4, v6 = "192.0.2.10", "2001:db8::10"
)

func newSMTPLab(t *testing.T) *smtpLab {
	t.Helper()
	ca, err := smtptest.NewCA("DigiCert Test CA")
	if err != nil {
		t.Fatal(err)
	}
	return &smtpLab{t: t, ca: ca, net: &smtptest.Net{Routes: map[string]smtptest.Route{}},
		dns: hostTable{msHost + " A": {v4}, msHost + " AAAA": {v6}}}
}

func (l *smtpLab) tls(spec smtptest.Spec) *tls.Config {
	l.t.Helper()
	cert, err := l.ca.Issue(spec)
	if err != nil {
		l.t.Fatal(err)
	}
	return smtptest.Config(cert)
}

func msSpec() smtptest.Spec {
	return smtptest.Spec{CommonName: "outlook.com", Names: []string{msHost, "mail.example.net"}}
}

// exchange is Exchange Online with a good certificate.
func (l *smtpLab) exchange() smtptest.Persona {
	return smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{})
}

// serve puts a server behind all addresses at port 587.
func (l *smtpLab) serve(h smtptest.Handler) *smtptest.Server {
	srv := smtptest.NewPiped(l.t, h)
	l.net.Routes[":587"] = smtptest.Route{Server: srv}
	return srv
}

func (l *smtpLab) env() *kit.Env {
	return &kit.Env{Domain: "contoso.com", Now: time.Now(), World: kit.World{
		DNS: l.dns,
		SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
			cfg.Roots, cfg.Hello = l.ca.Roots(), orText(cfg.Hello, "[192.0.2.77]")
			const short = 200 * time.Millisecond
			cfg.Limits = smtpprobe.Limits{Connect: short, Banner: short, Command: short, TLS: time.Second}
			return smtpprobe.Probe(ctx, l.net, cfg)
		},
	}}
}

// judge examines a server as the submission row does.
func (l *smtpLab) judge(o SMTPOptions) []report.Finding {
	l.t.Helper()
	fs := judgeSubmission(kit.Gather(l.t.Context(), l.env(), func(k *kit.Known) submissionFacts { return converse(k, o.target(nil)) }))
	for i := range fs {
		kit.Complete(&fs[i], kit.Check{ID: "submission"})
	}
	checkFindings(l.t, fs)
	return fs
}

// checkFindings holds what is true of all findings.
func checkFindings(t *testing.T, fs []report.Finding) {
	t.Helper()
	for _, f := range fs {
		if f.Summary == "" || f.Code == "" || f.Status == report.Unset {
			t.Errorf("incomplete: %+v", f)
		}
		bad := f.Status == report.Warn || f.Status == report.Fail || f.Status == report.Unknown
		if bad && (f.Cause == "" || f.Fix == nil || f.Fix.Owner == "" || f.Fix.Text == "") {
			t.Errorf("%s: no cause or fix: %+v", f.Code, f)
		}
		if bad && len(f.Evidence) == 0 && !strings.HasPrefix(f.Code, "path.") && f.Cause != report.CauseInput {
			t.Errorf("%s: no evidence", f.Code)
		}
		if f.Cause == report.CauseNetwork && f.Status == report.Fail {
			t.Errorf("%s: the network's fault is told as a fail", f.Code)
		}
	}
}

// brief returns the findings as "status code", and the causes of those that are
// no pass.
func brief(fs []report.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Status.String() + " " + strings.TrimPrefix(f.Code, "submission."))
		if f.Cause != "" {
			b.WriteString("/" + string(f.Cause))
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func summaries(fs []report.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Status.String() + " " + f.Code + "  " + f.Subject + "  " + f.Summary + "\n")
	}
	return b.String()
}

const allPass = "pass tcp; pass greeting; pass starttls; pass certificate; pass auth"

func TestSubmissionPasses(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.serve(l.exchange())
		fs := l.judge(SMTPOptions{})
		if brief(fs) != allPass {
			t.Fatalf("got %s\n%s", brief(fs), summaries(fs))
		}
		t.Log("\n" + summaries(fs))
		if !slices.Equal(l.net.Dialed(), []string{v4 + ":587", "[" + v6 + "]:587"}) &&
			!slices.Equal(l.net.Dialed(), []string{"[" + v6 + "]:587", v4 + ":587"}) {
			t.Errorf("dialled %v", l.net.Dialed())
		}
		if fs[3].Data["days_left"] != 212 || fs[2].Data["version"] != "TLS 1.3" || fs[4].Data["mechanisms"] != "LOGIN XOAUTH2" {
			t.Errorf("data %v %v %v", fs[2].Data, fs[3].Data, fs[4].Data)
		}
		if fs[0].Data["ipv4_ms"] == nil || fs[0].Data["ipv6_ms"] == nil {
			t.Errorf("tcp data %v", fs[0].Data)
		}
	})
}

func TestSubmissionSkippedWithoutMicrosoft(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		env := newSMTPLab(t).env()
		if fs := kit.Gather(t.Context(), env, Submission); len(fs) != 1 || fs[0].Status != report.Skip {
			t.Errorf("%+v", fs)
		}
	})
}

// The ways not to be connected, at Microsoft's host and at another.
func TestFault_090_Unconnected(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for fault, want := range map[smtptest.Fault][2]string{
			smtptest.Refused:     {"unknown tcp/network", "fail tcp/remote"},
			smtptest.Dropped:     {"unknown tcp/network", "unknown tcp/network"},
			smtptest.NoRoute:     {"unknown tcp/local; info tcp", "unknown tcp/local; info tcp"},
			smtptest.Unreachable: {"unknown tcp/network", "unknown tcp/network"},
			smtptest.Prohibited:  {"unknown tcp/local", "unknown tcp/local"},
			smtptest.Broken:      {"unknown tcp/network", "unknown tcp/network"},
			smtptest.Exhausted:   {"unknown tcp/local", "unknown tcp/local"}, // TestFault_119
		} {
			seen := map[string]bool{}
			for i, o := range []SMTPOptions{{}, {Host: "mail.example.net"}} {
				l := newSMTPLab(t)
				l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{v6}
				l.net.Routes[":587"] = smtptest.Route{Fault: fault}
				fs := l.judge(o)
				got := brief(fs)
				if fault != smtptest.NoRoute { // both families say the same
					got, _, _ = strings.Cut(got, "; ")
				}
				if got != want[i] {
					t.Errorf("%s: got %s, want %s", fault, brief(fs), want[i])
				}
				seen[fs[0].Fix.Text] = true
				t.Logf("%s\n%s", fault, summaries(fs))
			}
		}
	})
}

// One family drops or is missing, the other works.
func TestFault_110_OneFamily(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for fault, want := range map[smtptest.Fault]string{
			smtptest.Dropped: "unknown tcp/network",
			smtptest.Refused: "unknown tcp/network",
			smtptest.NoRoute: "info tcp",
		} {
			for _, dead := range []string{v4 + ":587", "[" + v6 + "]:587"} {
				l := newSMTPLab(t)
				l.serve(l.exchange())
				l.net.Routes[dead] = smtptest.Route{Fault: fault}
				fs := l.judge(SMTPOptions{})
				if !strings.Contains(brief(fs), want) || !strings.Contains(brief(fs), "pass auth") {
					t.Errorf("%s %s: %s", fault, dead, brief(fs))
				}
				for _, f := range fs {
					if f.Status == report.Unknown && !f.Optional {
						t.Errorf("%s: decides the verdict: %s", fault, f.Summary)
					}
				}
			}
		}
	})
}

func TestSubmissionNames(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.serve(l.exchange())
		delete(l.dns, msHost+" AAAA")
		if fs := l.judge(SMTPOptions{}); !strings.HasPrefix(brief(fs), "unknown dns/resolver; pass tcp") || !fs[0].Optional {
			t.Errorf("AAAA refused: %s", brief(fs))
		}
		l.dns[msHost+" A"], l.dns[msHost+" AAAA"] = nil, nil
		if fs := l.judge(SMTPOptions{}); brief(fs) != "unknown dns/resolver" {
			t.Errorf("no address: %s", brief(fs))
		}
		l.dns[msHost+" A"] = []string{"10.1.2.3"}
		if fs := l.judge(SMTPOptions{}); brief(fs) != "unknown dns/resolver" { // whoever answers there is not the host
			t.Errorf("redirected: %s", brief(fs))
		}
		l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = nil, nil
		if fs := l.judge(SMTPOptions{Host: "mail.example.net"}); brief(fs) != "fail dns/input" {
			t.Errorf("misspelt: %s", brief(fs))
		}
	})
}

// What the server or the path does to the conversation, and what is told of
// it: at Microsoft's host and at another one.
func TestSubmissionFaults(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		type persona = func(l *smtpLab, p *smtptest.Persona)
		on := func(key, script string) persona {
			return func(_ *smtpLab, p *smtptest.Persona) {
				if key == "greeting" {
					p.Greeting = script
					return
				}
				p.On[key] = script
			}
		}
		cert := func(spec smtptest.Spec) persona {
			return func(l *smtpLab, p *smtptest.Persona) { p.TLS = l.tls(spec) }
		}
		by := func(authority string, spec smtptest.Spec) persona {
			return func(l *smtpLab, p *smtptest.Persona) {
				ca, err := smtptest.NewCA(authority)
				if err != nil {
					l.t.Fatal(err)
				}
				c, err := ca.Issue(spec)
				if err != nil {
					l.t.Fatal(err)
				}
				p.TLS = smtptest.Config(c)
			}
		}
		extensions := func(clear, inTLS []string) persona {
			return func(_ *smtpLab, p *smtptest.Persona) {
				if clear != nil {
					p.EHLO = clear
				}
				if inTLS != nil {
					p.EHLOTLS = inTLS
				}
			}
		}
		both := []string{msHost, "mail.example.net"}
		day := 24 * time.Hour
		for name, c := range map[string]struct {
			change  persona
			ms, any string // the last finding at Microsoft's host and at another one
			says    string // in the finding at Microsoft's host
		}{
			"098 421 at the door": {on("greeting", "421 4.3.2 busy"), "unknown greeting/microsoft",
				"unknown greeting/remote", "421 4.3.2 busy"},
			"098 421 to EHLO": {on("EHLO", "421 4.3.2 busy"), "unknown ehlo/microsoft",
				"unknown ehlo/remote", "421"},
			"098 421 to STARTTLS": {on("STARTTLS", "421 4.3.2 busy"), "unknown starttls/microsoft",
				"unknown starttls/remote", "421"},
			"099 450 at the door": {on("greeting", "450 4.7.1 greylisted"), "unknown greeting/microsoft",
				"unknown greeting/remote", "temporary"},
			"099 454 to STARTTLS": {on("STARTTLS", "454 4.7.0 no"), "unknown starttls/microsoft",
				"unknown starttls/remote", "454"},
			"100 554 at the door": {on("greeting", "554 5.7.1 your address is listed"),
				"unknown greeting/microsoft", "unknown greeting/remote", "your address is listed"},
			"100 550 at the door": {on("greeting", "550 5.7.1 listed"), "unknown greeting/microsoft",
				"unknown greeting/remote", "listed"},
			"101 closed at the door": {on("greeting", "!close"), "unknown greeting/network",
				"unknown greeting/remote", "before the greeting"},
			"101 closed at EHLO": {on("EHLO", "!close"), "unknown ehlo/network", "unknown ehlo/remote",
				"cut off at EHLO"},
			"101 closed at STARTTLS": {on("STARTTLS", "!close"), "unknown starttls/network",
				"unknown starttls/remote", "cut off at STARTTLS"},
			"101 closed at handshake": {on("HANDSHAKE", "!close"), "unknown tls/network", "unknown tls/remote",
				"lost during the TLS handshake"},
			"101 closed inside TLS": {on("EHLO TLS", "!close"), "unknown auth/network", "unknown auth/remote",
				"inside TLS"},
			"102 HELO only": {on("EHLO", "500 5.5.1 what"), "unknown ehlo/network", "fail ehlo/remote",
				"HELO only"},
			"no greeting": {on("greeting", "!stall"), "unknown greeting/network",
				"unknown greeting/remote", "no greeting in time"},
			"094 endless greeting": {on("greeting", "!flood 220-x"), "unknown greeting/network",
				"fail greeting/remote", "goes on"},
			"097 two codes": {on("EHLO", "250-a\n251 b"), "unknown ehlo/network", "fail ehlo/remote",
				"two codes"},
			"105 HTTP": {on("greeting", "HTTP/1.1 400 Bad Request"), "unknown greeting/network",
				"fail greeting/remote", "web server"},
			"105 SSH": {on("greeting", "SSH-2.0-x"), "unknown greeting/network",
				"fail greeting/remote", "SSH"},
			"105 IMAP": {on("greeting", "* OK IMAP4rev1"), "unknown greeting/network",
				"fail greeting/remote", "IMAP"},
			"105 POP3": {on("greeting", "+OK ready"), "unknown greeting/network",
				"fail greeting/remote", "POP3"},
			"105 MySQL": {on("greeting", `!raw "J\x00\x00\x00\n8.0.36\x00"`),
				"unknown greeting/network", "fail greeting/remote", "MySQL"},
			"105 implicit TLS": {func(_ *smtpLab, p *smtptest.Persona) { p.Implicit = true },
				"unknown greeting/network", "fail greeting/remote", "implicit TLS"},
			"113 masked, but passes": {on("greeting", "220 ****0***2***0*"), "pass auth", "pass auth",
				"Cisco PIX or ASA"},
			"113 masked extension": {extensions([]string{"SIZE 1", "XXXXXXXA"}, nil), "unknown ehlo/network",
				"unknown ehlo/network", "masked as XXXXXXXA"},
			"stripped": {extensions([]string{"SIZE 1"}, nil), "unknown starttls/network",
				"fail starttls/remote", "something between you and Microsoft removed it"},
			"refused after offer": {on("STARTTLS", "502 5.5.1 no"), "unknown starttls/network",
				"fail starttls/remote", "offered and then rejected"},
			"131 clear text": {on("HANDSHAKE", "!await\n250 evil\n!stall"), "unknown tls/network",
				"fail tls/remote", "plaintext arrived where"},
			"114 antivirus": {by("Kaspersky Anti-Virus Personal Root", msSpec()),
				"unknown certificate/network", "fail certificate/remote", "intercepted"},
			"120 wrong name": {cert(smtptest.Spec{Names: []string{"a.example"}}),
				"unknown certificate/network", "fail certificate/remote",
				"another server answers instead of smtp.office365.com: its certificate is for a.example"},
			"120 self-signed": {cert(smtptest.Spec{Names: []string{msHost, "mail.example.net"},
				SelfSigned: true}), "unknown certificate/network", "fail certificate/remote", "self-signed"},
			"120 expired": {cert(smtptest.Spec{Names: []string{msHost, "mail.example.net"},
				NotBefore: time.Now().Add(-9 * day), NotAfter: time.Now().Add(-day)}),
				"unknown certificate/local", "fail certificate/remote", "has expired"},
			"ends soon": {cert(smtptest.Spec{Names: []string{msHost, "mail.example.net"},
				NotAfter: time.Now().Add(9*day + time.Hour)}), "warn certificate/microsoft",
				"warn certificate/remote", "expires in 9 days"},
			"135 AUTH in clear": {extensions([]string{"STARTTLS", "AUTH PLAIN"}, nil), "warn auth/network",
				"warn auth/remote", "unencrypted"},
			"no AUTH": {extensions(nil, []string{"SIZE 1"}), "unknown auth/network", "fail auth/remote",
				"the server offers no sign-in"},
			"EHLO name": {on("EHLO", "501 5.5.4 Invalid domain name"), "unknown ehlo/local",
				"unknown ehlo/local", "sends in EHLO"},
			"123 TLS 1.1": {func(l *smtpLab, p *smtptest.Persona) {
				p.TLS = l.tls(smtptest.Spec{Names: []string{msHost, "mail.example.net"}, RSA: 2048})
				p.TLS.MinVersion, p.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			}, "unknown tls/network", "fail tls/remote", "only TLS 1.1"},
		} {
			for i, host := range both {
				l := newSMTPLab(t)
				delete(l.dns, msHost+" AAAA")
				l.dns[host+" A"], l.dns[host+" AAAA"] = []string{v4}, []string{}
				p := l.exchange()
				c.change(l, &p)
				l.serve(p)
				fs := l.judge(SMTPOptions{Host: host})
				want := []string{c.ms, c.any}[i]
				if !strings.Contains(brief(fs), want) {
					t.Errorf("%s at %s: want %s, got %s\n%s", name, host, want, brief(fs), summaries(fs))
				}
				if i == 0 && !strings.Contains(summaries(fs), c.says) {
					t.Errorf("%s: %q is not said:\n%s", name, c.says, summaries(fs))
				}
			}
		}
	})
}

func TestFault_113_Middlebox(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.serve(smtptest.Persona{Greeting: "220 ****0***2***0*", Name: "x", EHLO: []string{"XXXXXXXA"},
			On: map[string]string{"STARTTLS": "500 5.5.1"}})
		fs := l.judge(SMTPOptions{})
		last := fs[len(fs)-1]
		if last.Code != "submission.greeting" || last.Cause != report.CauseNetwork || !strings.Contains(last.Summary, "Cisco") || !strings.Contains(last.Fix.Text, "no inspect esmtp") {
			t.Errorf("%s\n%+v", summaries(fs), last.Fix)
		}
	})
}

// A firewall that masks the greeting but lets TLS through stops nobody.
func TestMiddleboxThatLetsTLSThrough(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		p := l.exchange()
		p.Greeting = "220 ****0***2***0*"
		l.serve(p)
		fs := l.judge(SMTPOptions{})
		if !strings.HasPrefix(brief(fs), "pass tcp; warn greeting/network; pass starttls") || !strings.Contains(fs[1].Summary, "lets TLS through") {
			t.Errorf("%s", summaries(fs))
		}
	})
}

func TestFault_130_InjectionIsTold(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for host, want := range map[string]string{msHost: "unknown injection/network",
			"mail.example.net": "fail injection/remote"} {
			l := newSMTPLab(t)
			l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{v6}
			p := l.exchange()
			p.On["STARTTLS"] = "220 go\n250 AUTH PLAIN"
			l.serve(p)
			fs := l.judge(SMTPOptions{Host: host})
			i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "submission.injection" })
			if !strings.Contains(brief(fs), want) || !strings.Contains(fs[i].Evidence[0].Text, "250 AUTH PLAIN") {
				t.Errorf("%s: %s", host, brief(fs))
			}
		}
	})
}

// A company's firewall whose authority this machine trusts.
func TestTrustedInspection(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		ca, err := smtptest.NewCA("Contoso Web Filter")
		if err != nil {
			t.Fatal(err)
		}
		l.ca = ca
		l.serve(l.exchange())
		if fs := l.judge(SMTPOptions{}); !strings.Contains(brief(fs), "warn certificate/network") || !strings.Contains(summaries(fs), "TLS is inspected") {
			t.Errorf("%s", summaries(fs))
		}
	})
}

func TestOtherPorts(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		p := l.exchange()
		p.Implicit, p.EHLO = true, nil
		l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{}
		l.net.Routes[":465"] = smtptest.Route{Server: smtptest.NewPiped(t, p)}
		if fs := l.judge(SMTPOptions{Host: "mail.example.net", Port: 465}); brief(fs) != "pass tcp; pass greeting; pass tls; pass certificate; pass auth" {
			t.Errorf("465: %s\n%s", brief(fs), summaries(fs))
		}
		mx := l.exchange()
		mx.EHLOTLS = []string{"SIZE 1"}
		l.net.Routes[":25"] = smtptest.Route{Server: smtptest.NewPiped(t, mx)}
		if fs := l.judge(SMTPOptions{Host: "mail.example.net", Port: 25}); brief(fs) != "pass tcp; pass greeting; pass starttls; pass certificate; info auth" {
			t.Errorf("25: %s\n%s", brief(fs), summaries(fs))
		}
		mx.EHLO = []string{"SIZE 1"}
		l.net.Routes[":25"] = smtptest.Route{Server: smtptest.NewPiped(t, mx)}
		if fs := l.judge(SMTPOptions{Host: "mail.example.net", Port: 25}); !strings.HasSuffix(brief(fs), "warn starttls/remote") {
			t.Errorf("25 in clear: %s", brief(fs))
		}
	})
}

func TestInsecureOnlyWarns(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{}
		l.serve(smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{"a.example"}}), nil))
		if fs := l.judge(SMTPOptions{Host: "mail.example.net", Insecure: true}); !strings.Contains(brief(fs), "warn certificate/remote") {
			t.Errorf("%s", brief(fs))
		}
	})
}

// Without a network there is no conversation, and so none that was altered:
// FAULTS 235.
func TestFault_235_NoNetwork(t *testing.T) {
	down := kit.ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindNetwork}
	})
	var got []string
	env := &kit.Env{Domain: "smtp.office365.com", Expect: kit.ExpectAny, Cloud: "auto", Now: kittest.TestDay, World: kit.World{
		DNS: down,
		SMTP: func(context.Context, smtpprobe.Config) *smtpprobe.Session {
			t.Error("a connection was tried")
			return &smtpprobe.Session{}
		},
	}}
	for _, f := range findingsOf(t, env, SMTPChecks(SMTPOptions{Host: env.Domain})) {
		got = append(got, fmt.Sprintf("%s %s %s", f.Code, f.Status, f.Cause))
	}
	kittest.EqualLines(t, got, "submission.dns unknown network", "submission.dns unknown network")
}
