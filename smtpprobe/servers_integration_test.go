//go:build integration

package smtpprobe_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/postfixtest"
	"maildiag/smtpprobe/smtptest"
)

// Debian's packages of mail servers exclude one another. Postfix is installed; the
// others are unpacked in the folder that MAILDIAG_SERVERS names, and run from there
// in a namespace that has their users and folders.

// program returns the path of a server, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("MAILDIAG_SERVERS")
	path := filepath.Join(dir, "usr/sbin", name)
	switch info, err := os.Stat(path); {
	case dir == "":
		t.Skip("MAILDIAG_SERVERS does not name a folder with Exim and OpenSMTPD")
	case err != nil || info.IsDir():
		t.Skipf("%s is missing", path)
	case os.Getuid() != 0:
		t.Skip("mail servers need root to start")
	case exec.Command("unshare", "-m", "true").Run() != nil:
		t.Skip("mount namespaces are not allowed here")
	}
	return path
}

// listeners are those that each server of this file has: as an administrator sets
// up submission (RFC 6409, RFC 8314) and a mail exchanger.
var listeners = []struct {
	name string
	spec smtptest.Spec
}{
	{"good", smtptest.Spec{Names: []string{mailHost}}},
	{"smtps", smtptest.Spec{Names: []string{mailHost}}},
	{"mx", smtptest.Spec{Names: []string{mailHost}}},
	{"noauth", smtptest.Spec{Names: []string{mailHost}}},
	{"expired", services[5].spec},
	{"wrong", smtptest.Spec{Names: []string{"other.lab.test"}}},
	{"selfsigned", smtptest.Spec{Names: []string{mailHost}, SelfSigned: true}},
}

// newServerLab makes the folder, certificates and ports of a server; the keys are
// RSA of so many bits, or ECDSA.
func newServerLab(t *testing.T, rsa int) *mailLab {
	t.Helper()
	l := newMailLab(t)
	l.Must(os.Mkdir(filepath.Join(l.Dir, "log"), 0o755))
	for _, s := range listeners {
		l.Ports[s.name], s.spec.RSA = postfixtest.FreePort(t), rsa
		l.chain(s.name, s.spec)
	}
	return l
}

// launch runs a server in the foreground, in a mount namespace of its own: users are
// added to the machine's, and folders replaced by empty ones.
func (l *mailLab) launch(users []string, folders []string, command ...string) {
	var script strings.Builder
	for _, file := range []string{"passwd", "group"} {
		text, err := os.ReadFile("/etc/" + file)
		l.Must(err)
		for i, u := range users {
			line := map[string]string{"passwd": "%s:x:%d:%[2]d::/:/bin/false\n", "group": "%s:x:%d:\n"}[file]
			text = fmt.Appendf(text, line, u, 39900+i)
		}
		fmt.Fprintf(&script, "mount --bind %s /etc/%s\n", l.Write("etc/"+file, string(text), 0o644), file)
	}
	for _, f := range folders {
		fmt.Fprintf(&script, "mount -t tmpfs -o mode=0711 tmpfs %s\n", f)
	}
	script.WriteString(`exec "$@"`)
	log, err := os.Create(filepath.Join(l.Dir, "maillog"))
	l.Must(err)
	cmd := exec.Command("unshare", append([]string{"-m", "sh", "-ec", script.String(), "sh"}, command...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	l.Must(cmd.Start())
	l.t.Cleanup(func() {
		if text, err := os.ReadFile(log.Name()); err == nil && l.t.Failed() {
			l.t.Logf("%s", text)
		}
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
		_ = log.Close()
	})
	l.Await(func() bool {
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Ports["selfsigned"])))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, command[0])
}

// exim configures Exim: AUTH inside TLS only, relaying after sign-in only.
const eximConf = `
primary_hostname = HOST
spool_directory = DIR/spool
log_file_path = DIR/log/%slog
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORTS
tls_on_connect_ports = SMTPS
tls_advertise_hosts = *
tls_certificate = DIR/etc/PEM
tls_privatekey = DIR/etc/PEM
auth_advertise_hosts = ${if or{{eq{$tls_in_cipher}{}}{eq{$received_port}{MX}}{eq{$received_port}{NOAUTH}}}{}{*}}
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  accept authenticated = *
  deny message = 5.7.1 relaying denied
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{USER}}{eq{$auth3}{PASS}}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = ${if and{{eq{$auth1}{USER}}{eq{$auth2}{PASS}}}}
`

func TestExim(t *testing.T) {
	path := program(t, "exim4")
	l := newServerLab(t, 0)
	var ports []string
	for _, s := range listeners {
		port := strconv.Itoa(l.Ports[s.name])
		ports = append(ports, port)
		l.Must(os.Rename(filepath.Join(l.Dir, "etc", s.name+".pem"), filepath.Join(l.Dir, "etc", port+".pem")))
		l.Must(os.Chmod(filepath.Join(l.Dir, "etc", port+".pem"), 0o644)) // Exim reads it as its own user
	}
	conf := l.Write("etc/exim.conf", strings.NewReplacer("DIR", l.Dir, "HOST", mailHost, "PORTS", strings.Join(ports, " : "),
		"PEM", "$received_port.pem", "SMTPS", strconv.Itoa(l.Ports["smtps"]), "MX", strconv.Itoa(l.Ports["mx"]),
		"NOAUTH", strconv.Itoa(l.Ports["noauth"]), "USER", labUser, "PASS", labPass).Replace(eximConf), 0o644)
	for _, d := range []string{"spool", "log"} {
		l.Must(os.Chmod(filepath.Join(l.Dir, d), 0o777))
	}
	l.launch([]string{"Debian-exim"}, nil, path, "-C", conf, "-bdf")
	l.testServer(t)
}

// smtpdHash is labPass for crypt(3).
const smtpdHash = "$6$lablablab$TosHOtJNlFSj4bsILk9rqIytji9SaEtvi49MQOyQLaT2fzoR.Vb2WM9qW9Viojinion8O0hDa/N.SPI1eCS82/"

func TestOpenSMTPD(t *testing.T) {
	path := program(t, "smtpd")
	l := newServerLab(t, 2048) // it takes no ECDSA keys everywhere
	var conf strings.Builder
	fmt.Fprintf(&conf, "table creds { %q = %q }\n", labUser, smtpdHash)
	for _, s := range listeners {
		pem := filepath.Join(l.Dir, "etc", s.name+".pem")
		fmt.Fprintf(&conf, "pki %q cert %q\npki %[1]q key %[2]q\n", s.name, pem)
	}
	modes := map[string]string{"smtps": "smtps", "mx": "tls", "noauth": "tls-require"}
	for _, s := range listeners {
		mode := modes[s.name]
		if mode == "" {
			mode = "tls-require"
		}
		auth := " auth <creds>"
		if s.name == "mx" || s.name == "noauth" {
			auth = ""
		}
		fmt.Fprintf(&conf, "listen on 127.0.0.1 port %d %s pki %q%s hostname %s\n", l.Ports[s.name], mode, s.name, auth, mailHost)
	}
	conf.WriteString("action \"relay\" relay\nmatch auth from any for any action \"relay\"\n")
	file := l.Write("etc/smtpd.conf", conf.String(), 0o600)
	l.launch([]string{"opensmtpd", "opensmtpq"}, []string{"/var/spool", "/run", "/var/lib"},
		"sh", "-ec", "mkdir -p /var/lib/opensmtpd/empty /var/spool/smtpd; chmod 0711 /var/lib/opensmtpd /var/lib/opensmtpd/empty /var/spool/smtpd; exec "+
			path+" -d -f "+file)
	if s := l.probe(l.config("good")); s.TLS == nil {
		t.Log("OpenSMTPD of Debian 12 cannot shake hands, as it was built for OpenSSL 1.1: only what is seen of that is tested")
		l.testBrokenTLS(t)
		return
	}
	l.testServer(t)
}

// testBrokenTLS looks at a server that offers STARTTLS and fails in the handshake:
// the alert is read, and no secret is sent in clear instead.
func (l *mailLab) testBrokenTLS(t *testing.T) {
	const internalError = 80 // RFC 8446 6.2
	for service, mode := range map[string]smtpprobe.Mode{"good": smtpprobe.StartTLS, "smtps": smtpprobe.Implicit, "expired": smtpprobe.StartTLS} {
		cfg := l.login(service, labPass, smtpprobe.MechPlain)
		cfg.Mode = mode
		s := l.probe(cfg)
		st := s.Find(smtpprobe.PhaseTLS)
		if st == nil || st.Err == nil || st.Err.Alert != internalError || s.Auth.Success || s.Find(smtpprobe.PhaseAuth) != nil {
			t.Errorf("%s: %+v\n%s", service, s.Auth, s.Transcript())
		}
	}
}

// testServer looks at a server as the checks do: what works, what does not and why,
// and that no secret goes where it must not.
func (l *mailLab) testServer(t *testing.T) {
	t.Run("login", func(t *testing.T) {
		for _, mech := range []smtpprobe.Mechanism{smtpprobe.MechPlain, smtpprobe.MechLogin, smtpprobe.MechAuto} {
			cfg := l.login("good", labPass, mech)
			cfg.From, cfg.To = labUser, "a@elsewhere.example"
			s := l.probe(cfg)
			if !s.Auth.Success || s.Failed() != nil || !s.TLS.Verified || code(s, smtpprobe.PhaseRcpt) != 250 {
				t.Errorf("%s: %+v\n%s", mech, s.Auth, s.Transcript())
			}
			s = l.probe(l.login("good", "wrong", mech))
			if s.Auth.Success || code(s, smtpprobe.PhaseAuth) != 535 {
				t.Errorf("%s, wrong secret: %+v\n%s", mech, s.Auth, s.Transcript())
			}
		}
	})
	t.Run("implicit TLS", func(t *testing.T) {
		cfg := l.login("smtps", labPass, smtpprobe.MechPlain)
		cfg.Mode = smtpprobe.Implicit
		if s := l.probe(cfg); !s.Auth.Success || !s.TLS.Verified {
			t.Errorf("%s", s.Transcript())
		}
	})
	t.Run("AUTH off", func(t *testing.T) {
		s := l.probe(l.login("noauth", labPass, smtpprobe.MechPlain))
		if s.TLS == nil || !s.TLS.Verified || len(s.Mechanisms(true)) > 0 || s.Auth.Success || s.Step(smtpprobe.PhaseAuth, true) != nil {
			t.Errorf("%+v\n%s", s.Auth, s.Transcript())
		}
	})
	t.Run("mechanisms", func(t *testing.T) {
		s := l.probe(l.config("good"))
		if got := slices.Sorted(slices.Values(s.Mechanisms(true))); !slices.Equal(got, []string{"LOGIN", "PLAIN"}) || s.Mechanisms(false) != nil {
			t.Errorf("inside TLS %v, before it %v", got, s.Mechanisms(false))
		}
	})
	t.Run("mail exchanger", func(t *testing.T) {
		cfg := l.config("mx")
		cfg.From, cfg.To = "a@example.org", "b@elsewhere.example"
		s := l.probe(cfg)
		if s.TLS == nil || !s.TLS.Verified || s.Mechanisms(true) != nil || code(s, smtpprobe.PhaseRcpt) != 550 {
			t.Errorf("%s", s.Transcript())
		}
	})
	t.Run("certificates", l.testCertificates)
}

// code returns the code of the reply in a phase; 0 if there is none.
func code(s *smtpprobe.Session, p smtpprobe.Phase) int {
	if st := s.Find(p); st != nil && st.Reply != nil {
		return st.Reply.Code
	}
	return 0
}
