//go:build unix

// Package postfixtest runs a Postfix of its own for tests, with Dovecot for the sign-in.
package postfixtest

import (
	"bytes"
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

	"maildiag/smtpprobe/smtptest"
)

// Host is the name of the servers.
const Host = "mail.lab.test"

const startLimit = 20 * time.Second

// Lab is a folder with servers. It touches no service of the machine.
type Lab struct {
	Dir   string
	CA    *smtptest.CA
	Ports map[string]int // service → port

	t *testing.T
}

// Service is a listener of Postfix on a free port: its certificates and further settings.
type Service struct {
	Name        string
	Certificate tls.Certificate
	Settings    []string // name=value
}

// New makes the folder of a lab, which is removed when the test ends. A test that may not
// start Postfix is skipped.
func New(t *testing.T) *Lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("Postfix needs root to start")
	}
	dir, err := os.MkdirTemp("", "maildiag-postfix-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l := &Lab{Dir: dir, Ports: map[string]int{}, t: t}
	l.CA, err = smtptest.NewCA("Lab CA")
	l.Must(err)
	l.Must(os.Chmod(dir, 0o755))
	for _, d := range []string{"etc", "spool/private", "data", "dovecot"} {
		l.Must(os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	return l
}

// Must ends the test if there is an error.
func (l *Lab) Must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// Write writes a file into the folder and returns its path. DIR in its text is the
// folder, HOST the name of the servers.
func (l *Lab) Write(name, text string, mode os.FileMode) string {
	l.t.Helper()
	return l.write(name, []byte(strings.NewReplacer("DIR", l.Dir, "HOST", Host).Replace(text)), mode)
}

func (l *Lab) write(name string, text []byte, mode os.FileMode) string {
	l.t.Helper()
	path := filepath.Join(l.Dir, name)
	l.Must(os.WriteFile(path, text, mode))
	return path
}

// Chain writes a key and its certificates as Postfix reads them.
func (l *Lab) Chain(name string, cert tls.Certificate) string {
	l.t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	l.Must(err)
	var b bytes.Buffer
	l.Must(pem.Encode(&b, &pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	for _, der := range cert.Certificate {
		l.Must(pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return l.write("etc/"+name+".pem", b.Bytes(), 0o600) // DIR in Base64 is no folder
}

// Await waits until a server is ready, and shows its logs if it is not.
func (l *Lab) Await(ready func() bool, what string) {
	l.t.Helper()
	for end := time.Now().Add(startLimit); !ready(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			for _, name := range []string{"dovecot/log", "maillog"} {
				b, _ := os.ReadFile(filepath.Join(l.Dir, name))
				l.t.Logf("%s:\n%s", name, b)
			}
			l.t.Fatalf("%s does not start", what)
		}
	}
}

// StartDovecot starts a Dovecot that knows one user, by these mechanisms. passdb is put
// before the list of users.
func (l *Lab) StartDovecot(user, password, mechanisms, passdb string) {
	l.t.Helper()
	l.Write("dovecot/users", user+":{PLAIN}"+password+"\n", 0o644)
	conf := l.Write("dovecot/dovecot.conf", fmt.Sprintf(dovecotConf, mechanisms, passdb), 0o644)
	cmd := exec.Command("dovecot", "-F", "-c", conf)
	l.Must(cmd.Start())
	l.t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	l.Await(func() bool { _, err := os.Stat(filepath.Join(l.Dir, "spool/private/auth")); return err == nil }, "Dovecot")
}

// StartPostfix starts a Postfix with these services.
func (l *Lab) StartPostfix(services []Service) {
	l.t.Helper()
	master := masterConf
	for _, s := range services {
		l.Ports[s.Name] = FreePort(l.t)
		master += fmt.Sprintf("127.0.0.1:%d inet n - n - - smtpd\n  -o smtpd_tls_chain_files=%s\n", l.Ports[s.Name], l.Chain(strconv.Itoa(l.Ports[s.Name]), s.Certificate))
		for _, o := range s.Settings {
			master += "  -o {" + o + "}\n"
		}
	}
	l.Write("etc/master.cf", master, 0o644)
	for _, f := range []string{"dynamicmaps.cf", "postfix-files"} {
		if b, err := os.ReadFile("/etc/postfix/" + f); err == nil {
			l.Write("etc/"+f, string(b), 0o644)
		}
	}
	l.Write("etc/main.cf", mainConf, 0o644)
	l.Must(exec.Command("chown", "postfix", filepath.Join(l.Dir, "data"), filepath.Join(l.Dir, "spool/private")).Run())
	etc := filepath.Join(l.Dir, "etc")
	if out, err := exec.Command("postfix", "-c", etc, "start").CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(l.Dir, "maillog"))
		l.t.Fatalf("postfix start: %v\n%s%s", err, out, log)
	}
	l.t.Cleanup(func() { _ = exec.Command("postfix", "-c", etc, "stop").Run() })
	first := net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Ports[services[0].Name])) // it listens on all ports at once
	l.Await(func() bool {
		c, err := net.Dial("tcp", first)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	}, "Postfix")
}

// FreePort returns a port on loopback that nobody listens on.
func FreePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
