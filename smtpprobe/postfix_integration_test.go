//go:build integration

package smtpprobe_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

const (
	mailHost   = "mail.lab.test"
	labUser    = "probe@lab.test"
	labPass    = "s3cret-Pröbe+/="
	labToken   = "opaque-access-token-of-the-lab"
	startLimit = 20 * time.Second
)

// mailLab is a private Postfix with Dovecot for authentication, in a folder of
// its own. It touches no service of the machine.
type mailLab struct {
	t     *testing.T
	dir   string
	ca    *smtptest.CA
	ports map[string]int // service → port
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
	if os.Getuid() != 0 {
		t.Skip("Postfix needs root to start")
	}
	dir, err := os.MkdirTemp("", "maildiag-postfix-")
	if err != nil {
		t.Fatal(err)
	}
	ca, err := smtptest.NewCA("Lab CA")
	if err != nil {
		t.Fatal(err)
	}
	l := &mailLab{t, dir, ca, map[string]int{}}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l.must(os.Chmod(dir, 0o755))
	for _, d := range []string{"etc", "spool", "data", "dovecot"} {
		l.must(os.Mkdir(filepath.Join(dir, d), 0o755))
	}
	l.startDovecot(l.introspection())
	l.startPostfix()
	return l
}

func (l *mailLab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *mailLab) write(name, text string, mode os.FileMode) string {
	path := filepath.Join(l.dir, name)
	l.must(os.WriteFile(path, []byte(text), mode))
	return path
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
	l.write("dovecot/users", labUser+":{PLAIN}"+labPass+"\n", 0o644)
	l.write("dovecot/oauth2.conf", "introspection_url = "+introspection+"\nintrospection_mode = "+
		"post\nforce_introspection = yes\n"+
		"username_attribute = username\nactive_attribute = active\nactive_value = true\n", 0o644)
	conf := l.write("dovecot/dovecot.conf", strings.NewReplacer("DIR", l.dir).Replace(`
base_dir = DIR/dovecot/run
log_path = DIR/dovecot/log
protocols =
listen = 127.0.0.1
ssl = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
disable_plaintext_auth = no
passdb {
  driver = oauth2
  mechanisms = xoauth2
  args = DIR/dovecot/oauth2.conf
}
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u DIR/dovecot/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=/
}
service auth {
  unix_listener DIR/spool/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`), 0o644)
	l.must(os.Mkdir(filepath.Join(l.dir, "spool/private"), 0o755))
	cmd := exec.Command("dovecot", "-F", "-c", conf)
	l.must(cmd.Start())
	l.t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	l.await(func() bool { _, err := os.Stat(filepath.Join(l.dir, "spool/private/auth")); return err == nil },
		"Dovecot")
}

func (l *mailLab) startPostfix() {
	var master strings.Builder
	for _, s := range services {
		l.ports[s.name] = freePort(l.t)
		fmt.Fprintf(&master, "127.0.0.1:%d inet n - n - - smtpd\n  -o smtpd_tls_chain_files=%s\n",
			l.ports[s.name], l.chain(s.name, s.spec))
		for _, o := range s.settings {
			fmt.Fprintf(&master, "  -o %s\n", o)
		}
	}
	for _, s := range []string{"tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite",
		"proxymap unix - - n - - proxymap",
		"anvil unix - - n - 1 anvil", "cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr",
		"pickup unix n - n 60 1 pickup",
		"error unix - - n - - error", "retry unix - - n - - error", "bounce unix - - n - 0 bounce",
		"defer unix - - n - 0 bounce",
		"trace unix - - n - 0 bounce", "verify unix - - n - 1 verify", "discard unix - - n - - discard",
		"postlog unix-dgram n - n - 1 postlogd"} {
		master.WriteString(s + "\n")
	}
	l.write("etc/master.cf", master.String(), 0o644)
	for _, f := range []string{"dynamicmaps.cf", "postfix-files"} {
		if b, err := os.ReadFile("/etc/postfix/" + f); err == nil {
			l.write("etc/"+f, string(b), 0o644)
		}
	}
	l.write("etc/main.cf", strings.NewReplacer("DIR", l.dir, "HOST", mailHost).Replace(`
compatibility_level = 3.6
queue_directory = DIR/spool
data_directory = DIR/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = HOST
mydestination = lab.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = DIR/maillog
maillog_file_prefixes = DIR
alias_maps =
alias_database =
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_auth_only = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
local_recipient_maps =
local_transport = discard:
default_transport = error:the lab sends no mail
`), 0o644)
	l.must(exec.Command("chown", "postfix", filepath.Join(l.dir, "data"), filepath.Join(l.dir,
		"spool/private")).Run())
	etc := filepath.Join(l.dir, "etc")
	if out, err := exec.Command("postfix", "-c", etc, "start").CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(l.dir, "maillog"))
		l.t.Fatalf("postfix start: %v\n%s%s", err, out, log)
	}
	l.t.Cleanup(func() { _ = exec.Command("postfix", "-c", etc, "stop").Run() })
	l.await(func() bool {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.ports["good"])))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, "Postfix")
}

// chain writes the key and certificate of a service.
func (l *mailLab) chain(name string, spec smtptest.Spec) string {
	cert, err := l.ca.Issue(spec)
	l.must(err)
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	l.must(err)
	var b bytes.Buffer
	l.must(pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	for _, der := range cert.Certificate {
		l.must(pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return l.write("etc/"+name+".pem", b.String(), 0o600)
}

func (l *mailLab) await(ready func() bool, what string) {
	l.t.Helper()
	for end := time.Now().Add(startLimit); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			for _, name := range []string{"dovecot/log", "maillog"} {
				b, _ := os.ReadFile(filepath.Join(l.dir, name))
				l.t.Logf("%s:\n%s", name, b)
			}
			l.t.Fatalf("%s does not start", what)
		}
	}
}

func freePort(t *testing.T) int {
	c, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return c.Addr().(*net.TCPAddr).Port
}

func (l *mailLab) config(service string) smtpprobe.Config {
	return smtpprobe.Config{Host: mailHost, Address: "127.0.0.1", Port: l.ports[service], Roots: l.ca.Roots()}
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
			log, _ := os.ReadFile(filepath.Join(l.dir, "dovecot/log"))
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
	log, err := os.ReadFile(filepath.Join(l.dir, "maillog"))
	l.must(err)
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
// without care each would cost 40 ms, and there are several. A conversation takes 10 ms
// here, and the search of its replies for the password 20.
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
	if took[len(took)/2] > 60*time.Millisecond {
		t.Errorf("the median conversation takes %v", took[len(took)/2])
	}
}
