package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"maildiag/smtpprobe/smtptest"
)

// inAUTH is a process of maildiag that waits for the answer to its login.
type inAUTH struct {
	t            *testing.T
	run          *smtpRun
	cmd          *exec.Cmd
	stdout, errs bytes.Buffer
}

// startInAUTH runs maildiag against a server that stalls when it has the
// secret, and waits until it has it. env are further variables.
func startInAUTH(t *testing.T, mechanism string, env []string, args ...string) *inAUTH {
	t.Helper()
	r := newSMTPRunWith(t, func(p *smtptest.Persona) {
		p.EHLOTLS = []string{"AUTH PLAIN LOGIN XOAUTH2"}
		p.On["AUTH"] = "!stall"
	})
	if env == nil {
		args = append(args, "--password-file", r.file("secret", testPassword+"\n", 0o600))
	}
	args = append(append(r.args, "--user", testUser, "--mechanism", mechanism), args...)
	p := &inAUTH{t: t, run: r, cmd: exec.Command("maildiag", args...)} // TestMain puts it into PATH
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.errs
	p.cmd.Dir = r.dir // where a core file would go
	p.cmd.Env = append(append(os.Environ(), "GOTRACEBACK=all"), env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	for range 2000 {
		if _, inTLS := r.server.Received(); strings.Contains(inTLS, secretLine(mechanism)) {
			return p
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s: the login was not reached: %s", mechanism, p.errs.String())
	return nil
}

// secretLine is what the server has got when it has the whole secret.
func secretLine(mechanism string) string {
	if mechanism == "login" {
		return b64(testPassword) + "\r\n"
	}
	return "AUTH " + strings.ToUpper(mechanism) + " "
}

// proc reads a file about the process.
func (p *inAUTH) proc(name string) string {
	b, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(p.cmd.Process.Pid), name))
	if err != nil && !os.IsPermission(err) {
		p.t.Errorf("%s: %v", name, err)
	}
	return string(b)
}

// What a crash or a look at the process in the middle of AUTH shows, holds no
// form of the secret.
func TestFault_146_DumpDuringAUTH(t *testing.T) {
	for _, mechanism := range []string{"plain", "login", "xoauth2"} {
		for _, sig := range []syscall.Signal{syscall.SIGQUIT, syscall.SIGABRT} {
			p := startInAUTH(t, mechanism, nil)
			if found := leaked(p.proc("cmdline") + p.proc("environ")); found != nil {
				t.Errorf("%s: found %v in /proc", mechanism, found)
			}
			if limits := p.proc("limits"); !coreLimitIsZero(limits) {
				t.Errorf("core files are not off:\n%s", limits)
			}
			_ = p.cmd.Process.Signal(sig)
			_ = p.cmd.Wait()
			dump := p.errs.String()
			if !strings.Contains(dump, "smtpprobe.(*talk).auth") {
				t.Fatalf("%s, %v: no dump of the login:\n%s", mechanism, sig, dump)
			}
			if found := leaked(dump + p.stdout.String()); found != nil {
				t.Errorf("%s, %v: found %v in\n%s", mechanism, sig, found, dump)
			}
			if words := shownWords(dump); words != nil {
				t.Errorf("%s, %v: the secret's bytes %v are among the arguments of\n%s", mechanism, sig, words, dump)
			}
			if cores, _ := filepath.Glob(filepath.Join(p.run.dir, "*core*")); cores != nil {
				t.Errorf("%s, %v: %v", mechanism, sig, cores)
			}
		}
	}
}

// shownWords finds words of eight bytes of the secret, as a dump of registers
// and arguments writes them.
func shownWords(dump string) (found []string) {
	for _, text := range []string{testPassword, b64(testPassword), b64("\x00" + testUser + "\x00" + testPassword)} {
		for i := range len(text) - 8 {
			var word uint64
			for k := range 8 {
				word |= uint64(text[i+k]) << (8 * k)
			}
			if hex := fmt.Sprintf("%x", word); strings.Contains(dump, hex) {
				found = append(found, hex)
			}
		}
	}
	return found
}

func coreLimitIsZero(limits string) bool {
	for line := range strings.Lines(limits) {
		if f := strings.Fields(line); strings.HasPrefix(line, "Max core file size") && len(f) > 5 {
			return f[4] == "0" && f[5] == "0"
		}
	}
	return false
}

// A password from the environment is wiped out of it, so that nobody reads it
// from /proc while the login runs.
func TestFault_143_EnvironmentIsWiped(t *testing.T) {
	p := startInAUTH(t, "login", []string{"MAILDIAG_PASSWORD=" + testPassword})
	environ := p.proc("environ")
	if found := leaked(environ + p.proc("cmdline")); found != nil {
		t.Errorf("found %v in %q", found, environ)
	}
}

// While the login runs, no form of the secret leaves the process but inside
// TLS: strace shows all that is written, opened, connected and sent.
func TestFault_142_SystemCalls(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil || os.Getuid() != 0 {
		t.Skip("no strace here, or not root: a process with a secret cannot be traced by its own user")
	}
	maildiag, err := exec.LookPath("maildiag")
	if err != nil {
		t.Fatal(err)
	}
	for _, mechanism := range []string{"plain", "login", "xoauth2"} {
		r := newSMTPRunWith(t, func(p *smtptest.Persona) { p.EHLOTLS = []string{"AUTH PLAIN LOGIN XOAUTH2"} })
		log, secret := filepath.Join(r.dir, "strace"), r.file("secret", testPassword+"\n", 0o600)
		args := append([]string{"-f", "-qq", "-xx", "-s", "1000000", "-o", log, "-e",
			"trace=write,writev,pwrite64,sendto,sendmsg,execve,openat,connect", "--", maildiag}, r.args...)
		out, err := exec.Command(strace, append(args, "--user", testUser, "--mechanism", mechanism,
			"--password-file", secret, "-v", "--record", filepath.Join(r.dir, "rec"))...).CombinedOutput()
		if err != nil {
			t.Skipf("strace does not work here: %v\n%s", err, out)
		}
		b, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		calls := regexp.MustCompile(`(?:\\x[0-9a-f]{2})+`).ReplaceAllStringFunc(string(b), func(s string) string {
			raw, _ := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
			return string(raw)
		})
		if found := leaked(calls); found != nil || !strings.Contains(calls, "EHLO [") {
			t.Errorf("%s: found %v in\n%s", mechanism, found, calls)
		}
		if n := strings.Count(calls, "execve("); n != 1 { // TestFault_157: the start alone
			t.Errorf("%s: %d programs were started", mechanism, n)
		}
	}
}
