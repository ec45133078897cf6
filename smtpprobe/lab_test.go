package smtpprobe_test

import (
	"context"
	"net"
	"testing"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// The credentials of the tests. They look like nothing else, so that a search
// for them finds only them.
const (
	host     = "smtp.office365.com"
	user     = "scanner@contoso.com"
	password = "Zq7+Xk9/Wv3=tr&U%mL"
)

// lab is an authority and a good certificate of it for host.
type lab struct {
	t  *testing.T
	ca *smtptest.CA
}

func newLab(t *testing.T) *lab {
	t.Helper()
	ca, err := smtptest.NewCA("DigiCert Test")
	if err != nil {
		t.Fatal(err)
	}
	return &lab{t, ca}
}

// exchange returns Exchange Online with a certificate of the spec.
func (l *lab) exchange(spec smtptest.Spec, refusals ...string) smtptest.Persona {
	l.t.Helper()
	cert, err := l.ca.Issue(spec)
	if err != nil {
		l.t.Fatal(err)
	}
	return smtptest.ExchangeOnline(smtptest.Config(cert), map[string]string{user: password}, refusals...)
}

func good() smtptest.Spec {
	return smtptest.Spec{CommonName: "outlook.com", Names: []string{host, "outlook.com"}}
}

// config asks for a conversation with short limits.
func (l *lab) config() smtpprobe.Config {
	const short = 300 * time.Millisecond
	return smtpprobe.Config{Host: host, Address: "192.0.2.1", Port: 587, Roots: l.ca.Roots(),
		Hello:  "[192.0.2.77]",
		Limits: smtpprobe.Limits{Banner: short, Command: short, TLS: time.Second, Session: 5 * time.Second}}
}

// patient asks for a conversation whose limits a busy machine does not reach.
func (l *lab) patient() smtpprobe.Config {
	cfg := l.config()
	cfg.Limits = smtpprobe.Limits{Banner: time.Minute, Command: time.Minute, TLS: time.Minute, Session: time.Minute}
	return cfg
}

func (l *lab) withAuth(m smtpprobe.Mechanism) smtpprobe.Config {
	cfg := l.config()
	cfg.Auth = &smtpprobe.Auth{User: user, Secret: smtpprobe.NewSecret(password), Mechanism: m,
		Token: m == smtpprobe.MechXOAuth2}
	return cfg
}

// probe holds a conversation with h.
func (l *lab) probe(h smtptest.Handler, cfg smtpprobe.Config) (*smtpprobe.Session, *smtptest.Server) {
	l.t.Helper()
	srv := smtptest.New(l.t, h)
	return smtpprobe.Probe(l.t.Context(), srv, cfg), srv
}

// dialerFunc is a function as a smtpprobe.Dialer.
type dialerFunc func() net.Conn

func (f dialerFunc) DialContext(context.Context, string, string) (net.Conn, error) { return f(), nil }
