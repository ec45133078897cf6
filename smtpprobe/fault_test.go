package smtpprobe_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// play is a server that says and expects fixed lines.
func play(lines ...string) smtptest.Script { return smtptest.Script{Text: strings.Join(lines, "\n")} }

// ended reports where and how a conversation failed.
func ended(s *smtpprobe.Session) string {
	f := s.Failed()
	if f == nil {
		return "ok"
	}
	return fmt.Sprintf("%s %s", f.Phase, f.Err.Class)
}

func pipe(h smtptest.Handler) smtpprobe.Dialer { return pipeDialer{h} }

// pipeDialer connects to a handler in memory, for tests with a played clock.
type pipeDialer struct{ h smtptest.Handler }

func (p pipeDialer) DialContext(context.Context, string, string) (net.Conn, error) {
	a, b := net.Pipe()
	go smtptest.Serve(b, p.h, nil)
	return a, nil
}

func TestFault_092_LateBanner(t *testing.T) {
	for delay, want := range map[string]string{
		"1s": "ok", "29s": "ok", "31s": "greeting timeout", "301s": "greeting timeout",
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			s := smtpprobe.Probe(t.Context(), pipe(play("!sleep "+delay, "220 late ESMTP", "C: EHLO",
				"250 late", "C: QUIT", "221 bye")),
				smtpprobe.Config{Host: host, Address: "192.0.2.1"})
			if took := time.Since(began); ended(s) != want || took > 31*time.Second {
				t.Errorf("%s: %s after %v", delay, ended(s), took)
			}
			time.Sleep(302 * time.Second) // let the server end
		})
	}
}

func TestFault_093_Tarpit(t *testing.T) {
	for name, script := range map[string]smtptest.Script{
		"banner at 1 byte per 5 s": play("!drip 5s 220 slow ESMTP server of the slow kind", "!stall"),
		"EHLO at 1 byte per 5 s":   play("220 ok", "C: EHLO", "!drip 5s 250 slow ESMTP server", "!stall"),
		"a line every 14 s":        play("220 ok", "C: EHLO", "!trickle 14s 250-more"),
		"a banner line every 14 s": play("!trickle 14s 220-more"),
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			s := smtpprobe.Probe(t.Context(), pipe(script), smtpprobe.Config{Host: host, Address: "192.0.2.1"})
			if took := time.Since(began); took > 61*time.Second || s.Failed() == nil || s.Failed().Err.Class != smtpprobe.ClassTimeout {
				t.Errorf("%s: %s after %v", name, ended(s), took)
			}
			time.Sleep(5 * time.Minute)
		})
	}
}

func TestFault_107_ServerThatNeverReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := smtpprobe.Probe(t.Context(), pipe(play("220 ok", "!deaf")), smtpprobe.Config{Host: host,
			Address: "192.0.2.1"})
		if took := time.Since(began); ended(s) != "ehlo timeout" || took > 16*time.Second {
			t.Errorf("%s after %v", ended(s), took)
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestFault_109_QuitUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := smtpprobe.Probe(t.Context(), pipe(play("220 ok", "C: EHLO", "250 ok", "!stall")),
			smtpprobe.Config{Host: host, Address: "192.0.2.1"})
		if took := time.Since(began); ended(s) != "ok" || took > 2*time.Second {
			t.Errorf("%s after %v", ended(s), took)
		}
	})
}

func TestFault_122_HandshakeStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, stall := range []string{"!stall", "!drip 1s \x16\x03\x03\x40\x00xxxxxxxxxxxxxxxxxxxxxxxx",
			"!trickle 1s \x16\x03\x03\x00"} {
			began := time.Now()
			s := smtpprobe.Probe(t.Context(), pipe(play("220 ok", "C: EHLO", "250-ok", "250 STARTTLS",
				"C: STARTTLS", "220 go", stall)),
				smtpprobe.Config{Host: host, Address: "192.0.2.1"})
			if took := time.Since(began); s.Failed() == nil || s.Failed().Phase != smtpprobe.PhaseTLS || took > 16*time.Second {
				t.Errorf("%q: %s after %v", stall, ended(s), took)
			}
		}
		time.Sleep(time.Minute)
	})
}

func TestFault_094_EndlessReplies(t *testing.T) {
	l := newLab(t)
	for want, script := range map[string]smtptest.Script{
		"greeting too-long": play("!flood 220-" + strings.Repeat("x", 500)),
		"ehlo too-long":     play("220 ok", "C: EHLO", "!flood 250-EXT"),
	} {
		s, _ := l.probe(script, l.config())
		kept := len(s.Failed().Reply.String())
		if ended(s) != want || kept > 64*1024 || len(s.Failed().Reply.Lines) > 128 {
			t.Errorf("%s, kept %d bytes in %d lines", ended(s), kept, len(s.Failed().Reply.Lines))
		}
	}
}

func TestFault_095_LongLines(t *testing.T) {
	l := newLab(t)
	for size, want := range map[int]string{2047: "ok", 2048: "ok", 2049: "greeting too-long",
		10 << 20: "greeting too-long"} {
		line := "220 " + strings.Repeat("x", size-len("220 \r\n"))
		s, _ := l.probe(play(line, "C: EHLO", "250 ok", "C: QUIT"), l.patient())
		if ended(s) != want {
			t.Errorf("%d bytes: %s", size, ended(s))
		}
	}
}

func TestFault_097_Codes(t *testing.T) {
	l := newLab(t)
	for reply, want := range map[string]string{
		`"250-a\r\n251 b\r\n"`: "ehlo protocol",
		`"2500 a\r\n"`:         "ehlo protocol",
		`"25\r\n"`:             "ehlo protocol",
		`"abc\r\n"`:            "ehlo protocol",
		`"-50 a\r\n"`:          "ehlo protocol",
		`"250\r\n"`:            "ok", // RFC 5321 4.2: accepted
		`"250\n"`:              "ok",
		`"250\ta\r\n"`:         "ehlo protocol",
		`"000 a\r\n"`:          "ehlo protocol",
		`"999 a\r\n"`:          "ehlo protocol",
		`"\r\n"`:               "ehlo protocol",
		`"260 a\r\n"`:          "ehlo protocol",
	} {
		s, _ := l.probe(play("220 ok", "C: EHLO", "!raw "+reply, "C: QUIT"), l.patient())
		if ended(s) != want {
			t.Errorf("%s: %s", reply, ended(s))
		}
	}
}

func TestFault_098_Closing(t *testing.T) {
	l := newLab(t)
	const busy = "421 4.3.2 Service not available"
	for key, want := range map[string]smtpprobe.Phase{
		"greeting": smtpprobe.PhaseGreeting, "EHLO": smtpprobe.PhaseEHLO, "STARTTLS": smtpprobe.PhaseStartTLS,
		"AUTH": smtpprobe.PhaseAuth,
	} {
		p := l.exchange(good())
		if key == "greeting" {
			p.Greeting = busy
		} else {
			p.On[key] = busy
		}
		s, _ := l.probe(p, l.withAuth(smtpprobe.MechLogin))
		last := s.Steps[len(s.Steps)-1]
		if s.Failed() != nil || last.Phase != want || last.Reply.Code != 421 || last.Reply.Enhanced != "4.3.2" {
			t.Errorf("%s:\n%s", key, s.Transcript())
		}
	}
}

// The stages of a conversation at which it is cut, by FIN and by RST.
func TestFault_101_Cut(t *testing.T) {
	l := newLab(t)
	for _, how := range []string{"!close", "!sleep 10ms\n!rst"} {
		for want, change := range map[smtpprobe.Phase]func(*smtptest.Persona){
			smtpprobe.PhaseGreeting: func(p *smtptest.Persona) { p.Greeting = how },
			smtpprobe.PhaseEHLO: func(p *smtptest.Persona) {
				p.On["EHLO"] = "!raw " +
					"\"250-half\\r\\n250-\"\n" + how
			},
			smtpprobe.PhaseStartTLS: func(p *smtptest.Persona) { p.On["STARTTLS"] = how },
			smtpprobe.PhaseTLS:      func(p *smtptest.Persona) { p.On["HANDSHAKE"] = how },
			smtpprobe.PhaseAuth:     func(p *smtptest.Persona) { p.On["AUTH"] = how },
			smtpprobe.PhaseMail:     func(p *smtptest.Persona) { p.On["MAIL"] = how },
		} {
			p := l.exchange(good())
			change(&p)
			cfg := l.withAuth(smtpprobe.MechLogin)
			cfg.From = user
			s, _ := l.probe(p, cfg)
			f := s.Failed()
			if f == nil || f.Err.Class != smtpprobe.ClassEOF && f.Err.Class != smtpprobe.ClassReset {
				t.Errorf("%s at %s: %s", how, want, ended(s))
				continue
			}
			// A busy machine may hear of the reset before it looks at its new connection.
			early := want == smtpprobe.PhaseGreeting && f.Phase == smtpprobe.PhaseConnect && f.Err.Class == smtpprobe.ClassReset
			if f.Phase != want && !early {
				t.Errorf("%s at %s: %s", how, want, ended(s))
			}
		}
	}
}

func TestFault_102_NoExtensions(t *testing.T) {
	l := newLab(t)
	for _, refusal := range []string{"500 5.5.1 what?", "502 5.5.1 not implemented"} {
		p := l.exchange(good())
		p.On["EHLO"] = refusal
		s, srv := l.probe(p, l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		clear, _ := srv.Received()
		if s.Hello(false) == nil || s.Auth.Skipped != smtpprobe.SkipNoTLS || strings.Contains(clear, "AUTH") {
			t.Errorf("%s: %+v\n%s", refusal, s.Auth, s.Transcript())
		}
	}
	p := l.exchange(good())
	p.EHLO = nil
	if s, _ := l.probe(p, l.config()); s.Extensions(false) != nil || s.Failed() != nil {
		t.Errorf("bare EHLO:\n%s", s.Transcript())
	}
}

// Every stage answered by every code: no secret in clear, no crash, and no
// secret at all unless TLS came about.
func TestFault_103_Matrix(t *testing.T) {
	l := newLab(t)
	for _, stage := range []string{"greeting", "EHLO", "HELO", "STARTTLS", "EHLO TLS", "QUIT"} {
		for _, code := range []int{220, 221, 354, 421, 454, 500, 501, 502, 504, 530, 550, 554} {
			p := l.exchange(good())
			reply := fmt.Sprintf("%d x", code)
			switch stage {
			case "greeting":
				p.Greeting = reply
			case "HELO":
				p.On["EHLO"], p.On["HELO"] = "500 x", reply
			default:
				p.On[stage] = reply
			}
			if stage == "STARTTLS" && code == 220 {
				continue
			}
			s, srv := l.probe(p, l.withAuth(smtpprobe.MechPlain))
			srv.Close()
			clear, inTLS := srv.Received()
			if strings.Contains(clear, "AUTH") || stage != "QUIT" && strings.Contains(inTLS, "AUTH") {
				t.Errorf("%s %d: clear %q, TLS %q\n%s", stage, code, clear, inTLS, s.Transcript())
			}
		}
	}
}

func TestFault_104_ExtensionLists(t *testing.T) {
	l := newLab(t)
	p := l.exchange(good())
	p.EHLO = []string{"size 1000000000000000000000000000000", "StartTLS", "STARTTLS", "", " ", "AUTH",
		"AUTH=LOGIN"}
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("M%03d", i))
	}
	p.EHLOTLS = []string{"auth=login", "Auth plain LOGIN " + strings.Join(many, " "), "X"}
	s, _ := l.probe(p, l.withAuth(smtpprobe.MechPlain))
	if got := s.Mechanisms(true); !s.Auth.Success || len(got) != 202 || got[0] != "LOGIN" || got[1] != "PLAIN" {
		t.Errorf("%v\n%s", got, s.Transcript())
	}
	p.EHLO = nil
	for range 200 {
		p.EHLO = append(p.EHLO, strings.Repeat("X", 500))
	}
	if s, _ := l.probe(p, l.config()); ended(s) != "ehlo too-long" {
		t.Errorf("100 KB of extensions: %s", ended(s))
	}
}

func TestFault_105_OtherProtocols(t *testing.T) {
	l := newLab(t)
	for first, script := range map[string]smtptest.Script{
		"SSH-2.0-OpenSSH_9.2":      play("SSH-2.0-OpenSSH_9.2", "!stall"),
		"* OK IMAP4rev1 ready":     play("* OK IMAP4rev1 ready", "!stall"),
		"+OK POP3 ready":           play("+OK POP3 ready", "!stall"),
		"HTTP/1.1 400 Bad Request": play("HTTP/1.1 400 Bad Request", "!stall"),
		"J\x00\x00\x00":            play(`!raw "J\x00\x00\x00\n8.0.36\x00more"`, "!stall"),
	} {
		s, _ := l.probe(script, l.config())
		if ended(s) != "greeting protocol" || s.Failed().Reply.Lines[0] != first {
			t.Errorf("%q: %s %+v", first, ended(s), s.Failed().Reply)
		}
	}
	p := l.exchange(good())
	p.Implicit = true
	if s, _ := l.probe(p, l.config()); !s.ImplicitTLS || ended(s) != "greeting timeout" || s.TLS == nil {
		t.Errorf("implicit TLS on 587: %s\n%s", ended(s), s.Transcript())
	}
}

func TestFault_106_Desync(t *testing.T) {
	l := newLab(t)
	for want, script := range map[string]smtptest.Script{
		"ehlo protocol": play("220 one", "220 two", "C: EHLO", "250 x"),
		"starttls protocol": play("220 one", "C: EHLO", "250-x", "250 STARTTLS", "250 2.0.0 not asked for",
			"C: STARTTLS"),
	} {
		s, srv := l.probe(script, l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		clear, inTLS := srv.Received()
		if ended(s) != want || strings.Contains(clear+inTLS, "AUTH") {
			t.Errorf("%s, want %s\n%s", ended(s), want, s.Transcript())
		}
	}
}

func TestFault_120_Certificates(t *testing.T) {
	l := newLab(t)
	other, err := smtptest.NewCA("Somebody Else")
	if err != nil {
		t.Fatal(err)
	}
	year := 365 * 24 * time.Hour
	names := []string{host}
	for name, c := range map[string]struct {
		spec  smtptest.Spec
		ca    *smtptest.CA
		wants []smtpprobe.CertKind
	}{
		"good":              {spec: good()},
		"with intermediate": {spec: smtptest.Spec{Names: names, Intermediate: true}},
		"RSA":               {spec: smtptest.Spec{Names: names, RSA: 2048}},
		"wildcard":          {spec: smtptest.Spec{Names: []string{"*.office365.com"}}},
		"expired": {spec: smtptest.Spec{Names: names, NotBefore: time.Now().Add(-year),
			NotAfter: time.Now().Add(-time.Hour)}, wants: []smtpprobe.CertKind{smtpprobe.CertExpired}},
		"future": {spec: smtptest.Spec{Names: names, NotBefore: time.Now().Add(time.Hour)},
			wants: []smtpprobe.CertKind{smtpprobe.CertFuture}},
		"wrong name": {spec: smtptest.Spec{Names: []string{"mail.example.net"}},
			wants: []smtpprobe.CertKind{smtpprobe.CertName}},
		"self-signed": {spec: smtptest.Spec{Names: names, SelfSigned: true},
			wants: []smtpprobe.CertKind{smtpprobe.CertSelfSigned}},
		"unknown authority": {spec: good(), ca: other,
			wants: []smtpprobe.CertKind{smtpprobe.CertUnknownCA}},
		"missing intermediate": {spec: smtptest.Spec{Names: names, Incomplete: true},
			wants: []smtpprobe.CertKind{smtpprobe.CertIncomplete}},
		"wildcard in the middle": {spec: smtptest.Spec{Names: []string{"smtp.*.com"}},
			wants: []smtpprobe.CertKind{smtpprobe.CertName}},
		"wildcard over two": {spec: smtptest.Spec{Names: []string{"*.com"}},
			wants: []smtpprobe.CertKind{smtpprobe.CertName}},
		"common name only": {spec: smtptest.Spec{CommonName: host},
			wants: []smtpprobe.CertKind{smtpprobe.CertNoNames}},
		"address only": {spec: smtptest.Spec{CommonName: host, IPs: []net.IP{net.IPv4(192, 0, 2, 1)}},
			wants: []smtpprobe.CertKind{smtpprobe.CertName}},
		"expired and wrong": {spec: smtptest.Spec{Names: []string{"a.example"},
			NotBefore: time.Now().Add(-year), NotAfter: time.Now().Add(-time.Hour)},
			wants: []smtpprobe.CertKind{smtpprobe.CertExpired, smtpprobe.CertName}},
		"NUL in the name": {spec: smtptest.Spec{Names: []string{host + "\x00.evil.example"}},
			wants: []smtpprobe.CertKind{smtpprobe.CertName}}, // TestFault_125
	} {
		ca := c.ca
		if ca == nil {
			ca = l.ca
		}
		cert, err := ca.Issue(c.spec)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, srv := l.probe(smtptest.ExchangeOnline(smtptest.Config(cert), nil), l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		if s.TLS == nil {
			if name != "NUL in the name" {
				t.Errorf("%s: no TLS: %s", name, ended(s))
			}
			continue
		}
		var kinds []smtpprobe.CertKind
		for _, p := range s.TLS.Problems {
			kinds = append(kinds, p.Kind)
		}
		if fmt.Sprint(kinds) != fmt.Sprint(c.wants) || s.TLS.Verified != (len(c.wants) == 0) {
			t.Errorf("%s: %v, want %v: %+v", name, kinds, c.wants, s.TLS.Problems)
		}
		if _, inTLS := srv.Received(); !s.TLS.Verified && (strings.Contains(inTLS, "AUTH") || s.Auth.Skipped != smtpprobe.SkipUnverified) {
			t.Errorf("%s: a secret was sent: %q", name, inTLS) // TestFault_137
		}
	}
}

func TestFault_123_OldTLS(t *testing.T) {
	l := newLab(t)
	cert, err := l.ca.Issue(smtptest.Spec{Names: []string{host}, RSA: 2048})
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[uint16]smtpprobe.Skip{
		tls.VersionTLS10: smtpprobe.SkipOldTLS, tls.VersionTLS11: smtpprobe.SkipOldTLS, tls.VersionTLS12: "",
		tls.VersionTLS13: "",
	} {
		cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: version, MaxVersion: version}
		s, _ := l.probe(smtptest.ExchangeOnline(cfg, map[string]string{user: password}),
			l.withAuth(smtpprobe.MechLogin))
		if s.TLS == nil || s.TLS.Version != tls.VersionName(version) || s.Auth.Skipped != want || s.Auth.Success != (want == "") {
			t.Errorf("%s: %s %+v", tls.VersionName(version), ended(s), s.Auth)
		}
	}
	old := &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA}}
	if s, _ := l.probe(smtptest.ExchangeOnline(old, nil), l.config()); ended(s) != "tls tls" {
		t.Errorf("3DES and RC4 only: %s", ended(s))
	}
}

func TestFault_127_ClientCertificate(t *testing.T) {
	l := newLab(t)
	p := l.exchange(good())
	p.TLS.ClientAuth = tls.RequestClientCert
	if s, _ := l.probe(p, l.withAuth(smtpprobe.MechLogin)); !s.Auth.Success {
		t.Errorf("asked for: %s", ended(s))
	}
	p.TLS.ClientAuth = tls.RequireAnyClientCert
	if s, _ := l.probe(p, l.withAuth(smtpprobe.MechLogin)); s.Failed() == nil {
		t.Error("demanded: no failure")
	}
}

func TestFault_130_Injection(t *testing.T) {
	l := newLab(t)
	for name, script := range map[string]string{
		"same segment": "220 2.0.0 ready\n!raw \"250-evil\\r\\n250 AUTH PLAIN\\r\\n\"",
		"one byte":     "220 2.0.0 ready\n!raw \"2\"",
	} {
		p := l.exchange(good())
		p.On["STARTTLS"] = script
		s, srv := l.probe(p, l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		_, inTLS := srv.Received()
		if s.Injected == "" || strings.Contains(fmt.Sprint(s.Mechanisms(true)), "PLAIN") || strings.Contains(inTLS, "AUTH") || s.Auth.Skipped != smtpprobe.SkipInjected {
			t.Errorf("%s: %+v\n%s", name, s.Auth, s.Transcript())
		}
		if s.Step(smtpprobe.PhaseEHLO, true) == nil {
			t.Errorf("%s: EHLO was not repeated inside TLS", name)
		}
	}
}

func TestFault_131_LateInjection(t *testing.T) {
	l := newLab(t)
	for _, late := range []string{"!sleep 50ms\n250-evil\n250 AUTH PLAIN\n!stall",
		"!drip 5ms 250 AUTH PLAIN\n!stall"} {
		p := l.exchange(good())
		p.On["HANDSHAKE"] = late
		s, srv := l.probe(p, l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		if clear, inTLS := srv.Received(); !strings.HasPrefix(ended(s), "tls ") || inTLS != "" || strings.Contains(clear, "AUTH ") {
			t.Errorf("%s\n%s", ended(s), s.Transcript())
		}
	}
}

func TestFault_133_NoFallThrough(t *testing.T) {
	l := newLab(t)
	for _, reply := range []string{"454 4.7.0 TLS not available", "502 5.5.1 no", "354 go",
		"220 ready\n!fin\n!stall"} {
		p := l.exchange(good())
		p.On["STARTTLS"] = reply
		s, srv := l.probe(p, l.withAuth(smtpprobe.MechPlain))
		srv.Close()
		clear, inTLS := srv.Received()
		if strings.Contains(clear, "AUTH") || inTLS != "" || s.Auth.Skipped != smtpprobe.SkipNotReached {
			t.Errorf("%q: clear %q, TLS %q, %+v", reply, clear, inTLS, s.Auth)
		}
	}
	p := l.exchange(good()) // TestFault_132: not offered, TestFault_152: not even to localhost
	p.EHLO = []string{"AUTH PLAIN LOGIN"}
	for _, h := range []string{host, "localhost", "127.0.0.1", "::1"} {
		cfg := l.withAuth(smtpprobe.MechPlain)
		cfg.Host = h
		s, srv := l.probe(p, cfg)
		srv.Close()
		if clear, _ := srv.Received(); strings.Contains(clear, "AUTH") || s.Auth.Skipped != smtpprobe.SkipNoTLS {
			t.Errorf("%s: %q %+v", h, clear, s.Auth)
		}
	}
}

func TestFault_135_OnlyTheListInsideTLSCounts(t *testing.T) {
	l := newLab(t)
	p := l.exchange(good())
	p.EHLO = append(p.EHLO, "AUTH PLAIN LOGIN XOAUTH2")
	p.EHLOTLS = []string{"SIZE 1000"}
	s, srv := l.probe(p, l.withAuth(smtpprobe.MechPlain))
	srv.Close()
	if _, inTLS := srv.Received(); s.Auth.Skipped != smtpprobe.SkipNotOffered || strings.Contains(inTLS, "AUTH") {
		t.Errorf("%+v %q", s.Auth, inTLS)
	}
}

func TestFault_138_StartTLSSpellings(t *testing.T) {
	l := newLab(t)
	for _, offer := range []string{`"250-x\r\n250 STARTTLS\r\n"`, `"250-x\r\n250-STARTTLS  \r\n250 END\r\n"`,
		`"250-x\r\n250 starttls\r\n"`,
		`"250-x\r\n250 STARTTLS REQUIRED\r\n"`, `"250-x\r\n250-STARTTLS\r\n250-STARTTLS\r\n250 END\r\n"`,
		`"250-x\n250 STARTTLS\n"`} {
		p := l.exchange(good())
		p.On["EHLO"] = "!raw " + offer
		if s, _ := l.probe(p, l.withAuth(smtpprobe.MechLogin)); !s.Auth.Success {
			t.Errorf("%s:\n%s", offer, s.Transcript())
		}
	}
	p := l.exchange(good())
	p.On["EHLO"] = "!raw \"250-x\\r\\n250 STA\"\n!sleep 20ms\n!raw \"RTTLS\\r\\n\""
	if s, _ := l.probe(p, l.withAuth(smtpprobe.MechLogin)); !s.Auth.Success {
		t.Errorf("cut over segments:\n%s", s.Transcript())
	}
}

func TestCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		s := smtpprobe.Probe(ctx, pipe(play("220 ok", "!stall")), smtpprobe.Config{Host: host,
			Address: "192.0.2.1"})
		if ended(s) != "ehlo canceled" || time.Since(began) != 3*time.Second {
			t.Errorf("%s after %v", ended(s), time.Since(began))
		}
	})
}
