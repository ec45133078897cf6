//go:build integration

package submission

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// postfixHost is the name of the servers of this file.
const postfixHost = "mail.lab.test"

// setup is a Postfix as administrators set it up, what is asked of it, and the verdicts.
type setup struct {
	name     string
	spec     smtptest.Spec
	mixedUp  bool // the chain has the certificate of another authority in its middle
	settings []string
	ask      func(*SMTPOptions)
	want     []string // code, status, cause and owner
}

const theOperator = " operator of the remote server"

func setups() []setup {
	good := smtptest.Spec{Names: []string{postfixHost}, Intermediate: true}
	signIn := func(secret string) func(*SMTPOptions) {
		return func(o *SMTPOptions) { o.Auth.Secret = smtpprobe.NewSecret(secret) }
	}
	return []setup{
		{"as it should be", good, false, nil, nil, []string{"auth.login pass", "auth.sender pass", "auth.recipient pass"}},
		{"wrong password", good, false, nil, signIn("wrong-One9"), []string{"auth.login fail input user"}},
		{"no intermediate", smtptest.Spec{Names: []string{postfixHost}, Incomplete: true}, false, nil, nil,
			[]string{"submission.certificate fail remote" + theOperator, "auth.login skip"}},
		{"another intermediate", good, true, nil, nil, []string{"submission.certificate fail remote" + theOperator, "auth.login skip"}},
		{"another name", smtptest.Spec{Names: []string{"mx.other.test"}}, false, nil, nil, []string{"submission.certificate fail remote" + theOperator, "auth.login skip"}},
		{"no relaying", good, false, []string{"smtpd_relay_restrictions=reject"}, nil, []string{"auth.login pass", "auth.recipient fail remote" + theOperator}},
		{"clients rejected", good, false, []string{"smtpd_client_restrictions=reject"}, nil, []string{"auth.login pass", "auth.recipient fail remote" + theOperator}},
		{"a filter that is down", good, false, []string{"smtpd_milters=inet:127.0.0.1:1", "milter_default_action=tempfail"}, nil,
			[]string{"submission.starttls unknown remote" + theOperator, "auth.login skip"}},
		{"another mechanism", good, false, []string{"smtpd_sasl_mechanism_filter=login"}, func(o *SMTPOptions) { o.Auth.Mechanism = smtpprobe.MechPlain },
			[]string{"auth.login fail input you"}},
		{"another sender", good, false, []string{"smtpd_sender_login_maps=inline:{{boss@lab.test=boss}}", "smtpd_sender_restrictions=reject_sender_login_mismatch"},
			func(o *SMTPOptions) { o.From = "boss@lab.test" }, []string{"auth.login pass", "auth.recipient fail input user"}},
		{"TLS 1.3 only", good, false, []string{"smtpd_tls_security_level=encrypt", "smtpd_tls_mandatory_protocols=>=TLSv1.3"}, nil, []string{"auth.login pass"}},
		{"client certificates", good, false, []string{"smtpd_tls_security_level=encrypt", "smtpd_tls_req_ccert=yes"}, nil,
			[]string{"submission.auth fail remote" + theOperator, "auth.login skip"}},
		{"TLS from the first byte", good, false, []string{"smtpd_tls_wrappermode=yes"}, nil, []string{"submission.greeting fail remote" + theOperator}},
		{"full names only", good, false, []string{"smtpd_helo_required=yes", "smtpd_helo_restrictions=reject_non_fqdn_helo_hostname"},
			func(o *SMTPOptions) { o.Hello = "printer" }, []string{"auth.login pass", "auth.recipient unknown input you"}},
		{"a full disk", good, false, []string{"queue_minfree=9000000000000"}, nil, []string{"auth.login pass", "auth.sender unknown remote" + theOperator}},
		{"no sign-in from here", good, false, []string{"smtpd_sasl_exceptions_networks=127.0.0.0/8"}, nil, []string{"submission.auth fail remote" + theOperator, "auth.login skip"}},
	}
}

// TestPostfixSetups judges real servers: what is wrong, whose fault it is, and who
// must act.
func TestPostfixSetups(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("Postfix needs root to start")
	}
	all := setups()
	ca, err := smtptest.NewCA("Lab CA")
	if err != nil {
		t.Fatal(err)
	}
	ports := startPostfix(t, ca, all)
	for i, s := range all {
		o := SMTPOptions{Host: postfixHost, Address: "127.0.0.1", Port: ports[i], Roots: ca.Roots(), NoComparison: true, From: loginUser, To: "a@lab.test",
			Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}}
		if s.ask != nil {
			s.ask(&o)
		}
		env := &kit.Env{Domain: postfixHost, Expect: kit.ExpectAuto, Cloud: "auto", Now: time.Now(), World: kit.World{
			SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				cfg.Limits.Banner = 2 * time.Second // one of them waits for TLS
				return smtpprobe.Probe(ctx, &net.Dialer{}, cfg)
			}}}
		fs := findingsOf(t, env, SMTPChecks(o))
		for _, want := range s.want {
			code, verdict, _ := strings.Cut(want, " ")
			if got := strings.TrimSpace(verdictOf(finding(t, fs, code))); got != verdict {
				t.Errorf("%s: %s %s, want %s: %s", s.name, code, got, verdict, finding(t, fs, code).Summary)
			}
		}
		if text := fmt.Sprint(fs); strings.Contains(text, loginPass) {
			t.Errorf("%s: the password is in %s", s.name, text)
		}
	}
}

// startPostfix starts a Postfix in a folder of its own, with Dovecot for the sign-in,
// and returns the port of each setup.
func startPostfix(t *testing.T, ca *smtptest.CA, all []setup) (ports []int) {
	dir, err := os.MkdirTemp("", "maildiag-setups-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chmod(dir, 0o755))
	for _, d := range []string{"etc", "spool/private", "data", "dovecot"} {
		must(os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		must(os.WriteFile(path, []byte(strings.NewReplacer("DIR", dir, "HOST", postfixHost).Replace(text)), 0o644))
		return path
	}
	var master strings.Builder
	for i, s := range all {
		cert, err := ca.Issue(s.spec)
		must(err)
		if s.mixedUp {
			stranger, err := smtptest.NewCA("Other CA")
			must(err)
			other, err := stranger.Issue(s.spec)
			must(err)
			cert.Certificate = append(cert.Certificate[:1], other.Certificate[1:]...)
		}
		port := unusedPort(t)
		ports = append(ports, port)
		fmt.Fprintf(&master, "127.0.0.1:%d inet n - n - - smtpd\n  -o smtpd_tls_chain_files=%s\n", port, write(fmt.Sprintf("etc/%d.pem", i), chainOf(t, cert)))
		for _, o := range s.settings {
			fmt.Fprintf(&master, "  -o {%s}\n", o)
		}
	}
	for _, s := range []string{"tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite", "proxymap unix - - n - - proxymap", "anvil unix - - n - 1 anvil",
		"cleanup unix n - n - 0 cleanup", "qmgr unix n - n 300 1 qmgr", "pickup unix n - n 60 1 pickup", "error unix - - n - - error", "retry unix - - n - - error",
		"bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce", "trace unix - - n - 0 bounce", "discard unix - - n - - discard", "postlog unix-dgram n - n - 1 postlogd"} {
		master.WriteString(s + "\n")
	}
	write("etc/master.cf", master.String())
	for _, f := range []string{"dynamicmaps.cf", "postfix-files"} {
		if b, err := os.ReadFile("/etc/postfix/" + f); err == nil {
			write("etc/"+f, string(b))
		}
	}
	write("etc/main.cf", postfixConf)
	write("dovecot/users", loginUser+":{PLAIN}"+loginPass+"\n")
	dovecot := exec.Command("dovecot", "-F", "-c", write("dovecot/dovecot.conf", dovecotConf))
	must(dovecot.Start())
	t.Cleanup(func() { _ = dovecot.Process.Signal(os.Interrupt); _ = dovecot.Wait() })
	must(exec.Command("chown", "postfix", filepath.Join(dir, "data"), filepath.Join(dir, "spool/private")).Run())
	etc := filepath.Join(dir, "etc")
	if out, err := exec.Command("postfix", "-c", etc, "start").CombinedOutput(); err != nil {
		t.Fatalf("postfix start: %v\n%s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("postfix", "-c", etc, "stop").Run() })
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, noAuth := os.Stat(filepath.Join(dir, "spool/private/auth"))
		c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[len(ports)-1])))
		if err == nil {
			_ = c.Close()
		}
		if err == nil && noAuth == nil {
			return ports
		}
		if time.Now().After(end) {
			log, _ := os.ReadFile(filepath.Join(dir, "maillog"))
			t.Fatalf("Postfix or Dovecot does not start\n%s", log)
		}
	}
}

// chainOf returns a key and its certificates as Postfix reads them.
func chainOf(t *testing.T, cert tls.Certificate) string {
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	_ = pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: key}) // a buffer has no errors
	for _, der := range cert.Certificate {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return b.String()
}

func unusedPort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

const postfixConf = `compatibility_level = 3.6
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
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_auth_only = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
local_recipient_maps =
local_transport = discard:
default_transport = error:the lab sends no mail
`

const dovecotConf = `base_dir = DIR/dovecot/run
log_path = DIR/dovecot/log
protocols =
listen = 127.0.0.1
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
disable_plaintext_auth = no
passdb {
  driver = passwd-file
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
`
