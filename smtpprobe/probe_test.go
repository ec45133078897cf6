package smtpprobe_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

func TestProbeExchangeOnline(t *testing.T) {
	l := newLab(t)
	s, srv := l.probe(l.exchange(good()), l.withAuth(smtpprobe.MechLogin))
	t.Log(s.Transcript())
	if f := s.Failed(); f != nil {
		t.Fatalf("%s: %v", f.Phase, f.Err)
	}
	if !s.TLS.Verified || s.TLS.Version != "TLS 1.3" || s.TLS.Leaf().IssuerOrg != "DigiCert Test" {
		t.Errorf("TLS = %+v", s.TLS)
	}
	if got := s.Mechanisms(true); !slices.Equal(got, []string{"LOGIN", "XOAUTH2"}) || s.Offers(false, "AUTH") {
		t.Errorf("mechanisms %v", got)
	}
	if !s.Auth.Success || s.Auth.Mechanism != smtpprobe.MechLogin {
		t.Errorf("auth = %+v", s.Auth)
	}
	srv.Close()
	if clear, inTLS := srv.Received(); clear != "EHLO [192.0.2.77]\r\nSTARTTLS\r\n" || !strings.HasSuffix(inTLS, "QUIT\r\n") {
		t.Errorf("in clear %q, in TLS %q", clear, inTLS)
	}
}

func TestSessionSurvivesJSON(t *testing.T) {
	l := newLab(t)
	cfg := l.withAuth(smtpprobe.MechXOAuth2)
	cfg.Auth.Secret = smtpprobe.NewSecret("wrong")
	p := l.exchange(good())
	p.Greeting = "!raw \"220 \\xff\\x00\\x1b[2J <&> \\u2028 x\\r\\n\""
	s, _ := l.probe(p, cfg)
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back smtpprobe.Session
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*s, back) {
		t.Errorf("changed:\n%s\n%+v\n%+v", data, *s, back)
	}
	if s.Auth.Challenge == "" || s.Auth.Success {
		t.Errorf("auth = %+v", s.Auth)
	}
}

func TestMechanisms(t *testing.T) {
	l := newLab(t)
	for _, m := range []smtpprobe.Mechanism{smtpprobe.MechPlain, smtpprobe.MechLogin, smtpprobe.MechXOAuth2,
		smtpprobe.MechAuto} {
		p := l.exchange(good())
		p.EHLOTLS = []string{"auth=login", "AUTH PLAIN LOGIN XOAUTH2"}
		s, _ := l.probe(p, l.withAuth(m))
		if !s.Auth.Success {
			t.Errorf("%s: %+v\n%s", m, s.Auth, s.Transcript())
		}
		p.Users[user] = "other"
		s, srv := l.probe(p, l.withAuth(m))
		srv.Close()
		_, inTLS := srv.Received()
		if s.Auth.Success || s.Find(smtpprobe.PhaseAuth).Reply.Code != 535 || strings.Count(inTLS, "AUTH ") != 1 {
			t.Errorf("%s, wrong password: %+v\n%s", m, s.Auth, inTLS)
		}
		p.Users[user] = password
	}
}

func TestEnvelope(t *testing.T) {
	l := newLab(t)
	cfg := l.withAuth(smtpprobe.MechLogin)
	cfg.From, cfg.To = user, "a@example.org"
	s, srv := l.probe(l.exchange(good()), cfg)
	srv.Close()
	_, inTLS := srv.Received()
	want := "MAIL FROM:<scanner@contoso.com>\r\nRCPT TO:<a@example.org>\r\nRSET\r\nQUIT\r\n"
	if !strings.HasSuffix(inTLS, want) || s.Failed() != nil {
		t.Errorf("sent %q", inTLS)
	}
	cfg.Auth = nil
	s, _ = l.probe(l.exchange(good()), cfg)
	if r := s.Find(smtpprobe.PhaseMail).Reply; r.Code != 530 || r.Enhanced != "5.7.57" {
		t.Errorf("anonymous MAIL: %+v", r)
	}
}

func TestUntil(t *testing.T) {
	l := newLab(t)
	for _, until := range []smtpprobe.Phase{smtpprobe.PhaseConnect, smtpprobe.PhaseGreeting,
		smtpprobe.PhaseEHLO, smtpprobe.PhaseStartTLS} {
		cfg := l.withAuth(smtpprobe.MechLogin)
		cfg.Until = until
		s, _ := l.probe(l.exchange(good()), cfg)
		last := s.Steps[len(s.Steps)-1].Phase
		if s.Failed() != nil || s.Find(smtpprobe.PhaseAuth) != nil || last != smtpprobe.PhaseQuit && until != smtpprobe.PhaseConnect {
			t.Errorf("until %s:\n%s", until, s.Transcript())
		}
	}
}

func TestImplicitTLS(t *testing.T) {
	l := newLab(t)
	p := l.exchange(good())
	p.Implicit = true
	cfg := l.withAuth(smtpprobe.MechLogin)
	cfg.Mode, cfg.Port = smtpprobe.Implicit, 465
	s, srv := l.probe(p, cfg)
	srv.Close()
	if clear, _ := srv.Received(); !s.Auth.Success || clear != "" {
		t.Errorf("in clear %q\n%s", clear, s.Transcript())
	}
}

func TestInputRefused(t *testing.T) {
	l := newLab(t)
	for _, change := range []func(*smtpprobe.Config){
		func(c *smtpprobe.Config) { c.Auth.User = "a\r\nQUIT" },
		func(c *smtpprobe.Config) { c.Auth.Secret = smtpprobe.NewSecret("a\nb") },
		func(c *smtpprobe.Config) { c.Auth.Secret = smtpprobe.NewSecret("a\x00b") },
		func(c *smtpprobe.Config) { c.From = "a@b> SIZE=1" },
		func(c *smtpprobe.Config) { c.To = "a@b>\r\nDATA" },
		func(c *smtpprobe.Config) { c.Hello = "a b" },
		func(c *smtpprobe.Config) { c.Address = "smtp.office365.com" },
	} {
		cfg := l.withAuth(smtpprobe.MechLogin)
		change(&cfg)
		n := &smtptest.Net{}
		s := smtpprobe.Probe(t.Context(), n, cfg)
		if f := s.Failed(); f == nil || f.Phase != smtpprobe.PhaseInput || len(n.Dialed()) != 0 {
			t.Errorf("%v: %v, dialled %v", cfg.Key(), f, n.Dialed())
		}
	}
}
