//go:build integration

package smtpprobe_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/postfixtest"
	"maildiag/smtpprobe/smtptest"
)

const (
	mailHost = postfixtest.Host
	labUser  = "probe@lab.test"
	labPass  = "s3cret-Pröbe+/="
	labToken = "opaque-access-token-of-the-lab"
)

// mailLab is a private Postfix with Dovecot for authentication.
type mailLab struct {
	*postfixtest.Lab
	t *testing.T
}

// services are the listeners of the lab: the certificate of each and further settings.
var services = []struct {
	name     string
	spec     smtptest.Spec
	settings []string
}{
	{"good", smtptest.Spec{Names: []string{mailHost}}, []string{"smtpd_tls_security_level=encrypt",
		"smtpd_sasl_auth_enable=yes"}},
	{"smtps", smtptest.Spec{Names: []string{mailHost}, RSA: 2048}, []string{"smtpd_tls_wrappermode=yes",
		"smtpd_sasl_auth_enable=yes"}},
	{"mx", smtptest.Spec{Names: []string{mailHost}}, nil},
	{"plaintext", smtptest.Spec{Names: []string{mailHost}}, []string{"smtpd_tls_auth_only=no",
		"smtpd_sasl_auth_enable=yes"}},
	{"notls", smtptest.Spec{Names: []string{mailHost}}, []string{"smtpd_tls_security_level=none",
		"smtpd_sasl_auth_enable=yes"}},
	{"expired", smtptest.Spec{Names: []string{mailHost}, NotBefore: time.Now().Add(-48 * time.Hour),
		NotAfter: time.Now().Add(-time.Hour)}, []string{"smtpd_sasl_auth_enable=yes"}},
	{"wrong", smtptest.Spec{Names: []string{"other.lab.test"}}, []string{"smtpd_sasl_auth_enable=yes"}},
	{"selfsigned", smtptest.Spec{Names: []string{mailHost}, SelfSigned: true},
		[]string{"smtpd_sasl_auth_enable=yes"}},
}

func startMailLab(t *testing.T) *mailLab {
	t.Helper()
	l := newMailLab(t)
	l.startDovecot(l.introspection())
	var all []postfixtest.Service
	for _, s := range services {
		cert, err := l.CA.Issue(s.spec)
		l.Must(err)
		all = append(all, postfixtest.Service{Name: s.name, Certificate: cert, Settings: s.settings})
	}
	l.StartPostfix(all)
	return l
}

func newMailLab(t *testing.T) *mailLab {
	t.Helper()
	return &mailLab{postfixtest.New(t), t}
}

// introspection answers whose a token is (RFC 7662).
func (l *mailLab) introspection() string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.FormValue("token") == labToken || strings.Contains(r.Header.Get("Authorization"), labToken) {
			fmt.Fprintf(w, `{"active":true,"username":%q,"scope":"smtp"}`, labUser)
			return
		}
		fmt.Fprint(w, `{"active":false}`)
	}))
	l.t.Cleanup(srv.Close)
	return srv.URL + "/introspect"
}

func (l *mailLab) startDovecot(introspection string) {
	l.Write("dovecot/oauth2.conf", "introspection_url = "+introspection+"\nintrospection_mode = "+
		"post\nforce_introspection = yes\n"+
		"username_attribute = username\nactive_attribute = active\nactive_value = true\n", 0o644)
	l.StartDovecot(labUser, labPass, "plain login xoauth2", "passdb {\n  driver = oauth2\n  mechanisms = xoauth2\n  args = DIR/dovecot/oauth2.conf\n}")
}

// chain writes the key and certificate of a service.
func (l *mailLab) chain(name string, spec smtptest.Spec) string {
	cert, err := l.CA.Issue(spec)
	l.Must(err)
	return l.Chain(name, cert)
}

func (l *mailLab) config(service string) smtpprobe.Config {
	return smtpprobe.Config{Host: mailHost, Address: "127.0.0.1", Port: l.Ports[service], Roots: l.CA.Roots()}
}

func (l *mailLab) login(service, secret string, m smtpprobe.Mechanism) smtpprobe.Config {
	cfg := l.config(service)
	cfg.Auth = &smtpprobe.Auth{User: labUser, Secret: smtpprobe.NewSecret(secret), Mechanism: m,
		Token: m == smtpprobe.MechXOAuth2}
	return cfg
}

func (l *mailLab) probe(cfg smtpprobe.Config) *smtpprobe.Session {
	return smtpprobe.Probe(l.t.Context(), &net.Dialer{}, cfg)
}

func TestPostfix(t *testing.T) {
	l := startMailLab(t)
	t.Run("login", l.testLogin)
	t.Run("implicit TLS", func(t *testing.T) {
		cfg := l.login("smtps", labPass, smtpprobe.MechPlain)
		cfg.Mode = smtpprobe.Implicit
		if s := l.probe(cfg); !s.Auth.Success {
			t.Errorf("%s", s.Transcript())
		}
		cfg.Mode, cfg.Limits.Banner = smtpprobe.StartTLS, 300*time.Millisecond
		if s := l.probe(cfg); !s.ImplicitTLS {
			t.Errorf("implicit TLS not recognised:\n%s", s.Transcript())
		}
	})
	t.Run("mandatory TLS and envelope", func(t *testing.T) {
		cfg := l.login("good", labPass, smtpprobe.MechLogin)
		cfg.From, cfg.To = labUser, "a@lab.test"
		if s := l.probe(cfg); s.Failed() != nil || !s.Find(smtpprobe.PhaseRcpt).OK() || !s.Find(smtpprobe.PhaseRset).OK() {
			t.Errorf("%s", s.Transcript())
		}
	})
	t.Run("certificates", l.testCertificates)
	t.Run("no TLS", func(t *testing.T) {
		for _, service := range []string{"notls"} {
			if s := l.probe(l.login(service, labPass, smtpprobe.MechPlain)); s.Auth.Skipped != smtpprobe.SkipNoTLS {
				t.Errorf("%s: %+v\n%s", service, s.Auth, s.Transcript())
			}
		}
	})
	t.Run("AUTH in clear is seen and not used", func(t *testing.T) {
		s := l.probe(l.login("plaintext", labPass, smtpprobe.MechPlain))
		if len(s.Mechanisms(false)) == 0 || !s.Auth.Success || s.Step(smtpprobe.PhaseAuth, false) != nil {
			t.Errorf("%s", s.Transcript())
		}
	})
	t.Run("mail exchanger", func(t *testing.T) {
		cfg := l.config("mx")
		cfg.From, cfg.To = "a@example.org", "b@elsewhere.example"
		s := l.probe(cfg)
		if s.Mechanisms(true) != nil || s.Find(smtpprobe.PhaseRcpt).Reply.Code != 554 || s.Failed() != nil {
			t.Errorf("%s", s.Transcript())
		}
	})
	t.Run("log", l.testLog)
}

func (l *mailLab) testLogin(t *testing.T) {
	for _, c := range []struct {
		mech       smtpprobe.Mechanism
		right, bad string
	}{{smtpprobe.MechPlain, labPass, "wrong"}, {smtpprobe.MechLogin, labPass, "wrong"}, {smtpprobe.MechXOAuth2,
		labToken, "wrong-token"}, {smtpprobe.MechAuto, labPass, "wrong"}} {
		s := l.probe(l.login("good", c.right, c.mech))
		if !s.Auth.Success || s.Failed() != nil || !s.TLS.Verified {
			log, _ := os.ReadFile(filepath.Join(l.Dir, "dovecot/log"))
			t.Errorf("%s: %+v\n%s\n%s", c.mech, s.Auth, s.Transcript(), log)
		}
		s = l.probe(l.login("good", c.bad, c.mech))
		if s.Auth.Success || s.Find(smtpprobe.PhaseAuth).Reply.Code != 535 || (s.Auth.Challenge != "") != (c.mech == smtpprobe.MechXOAuth2) {
			t.Errorf("%s, wrong secret: %+v\n%s", c.mech, s.Auth, s.Transcript())
		}
	}
	s := l.probe(l.login("good", labPass, smtpprobe.MechLogin))
	steps := 0
	for _, st := range s.Steps {
		if st.Phase == smtpprobe.PhaseAuth {
			steps++
		}
	}
	if steps != 2 { // the user name goes with the command, and Dovecot takes it
		t.Errorf("LOGIN took %d steps:\n%s", steps, s.Transcript())
	}
	s = l.probe(l.config("good"))
	if got := s.Mechanisms(true); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"LOGIN", "PLAIN", "XOAUTH2"}) || s.Mechanisms(false) != nil {
		t.Errorf("mechanisms %v", got)
	}
}

func (l *mailLab) testCertificates(t *testing.T) {
	for service, want := range map[string]smtpprobe.CertKind{"expired": smtpprobe.CertExpired,
		"wrong": smtpprobe.CertName, "selfsigned": smtpprobe.CertSelfSigned} {
		s := l.probe(l.login(service, labPass, smtpprobe.MechPlain))
		if s.TLS == nil || s.TLS.Verified || s.TLS.Problems[0].Kind != want || s.Auth.Skipped != smtpprobe.SkipUnverified || s.Step(smtpprobe.PhaseAuth, true) != nil {
			t.Errorf("%s: %+v\n%s", service, s.Auth, s.Transcript())
		}
		if s.Step(smtpprobe.PhaseEHLO, true) == nil {
			t.Errorf("%s: the facts inside TLS are missing", service)
		}
	}
}

// testLog looks at what Postfix thinks of us: no complaint, no improper command.
func (l *mailLab) testLog(t *testing.T) {
	log, err := os.ReadFile(filepath.Join(l.Dir, "maillog"))
	l.Must(err)
	for _, bad := range []string{"improper command pipelining", "lost connection", "non-SMTP command", "fatal:",
		"panic:"} {
		for line := range strings.Lines(string(log)) {
			if strings.Contains(line, bad) && !strings.Contains(line, "after CONNECT") {
				t.Errorf("Postfix says: %s", line)
			}
		}
	}
}

// TestPostfixDelay holds that no delayed acknowledgement slows a conversation:
// without care each would cost 40 ms.
func TestPostfixDelay(t *testing.T) {
	l := startMailLab(t)
	l.probe(l.login("good", labPass, smtpprobe.MechLogin)) // Postfix starts its processes
	var took []time.Duration
	for range 21 {
		s := l.probe(l.login("good", labPass, smtpprobe.MechLogin))
		if !s.Auth.Success {
			t.Fatalf("%s", s.Transcript())
		}
		took = append(took, s.Elapsed)
	}
	slices.Sort(took)
	t.Logf("median %v, slowest %v", took[len(took)/2], took[len(took)-1])
	if took[len(took)/2] > 30*time.Millisecond {
		t.Errorf("the median conversation takes %v", took[len(took)/2])
	}
}
