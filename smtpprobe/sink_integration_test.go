//go:build integration

package smtpprobe_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/postfixtest"
)

// startSink runs Postfix's test server with flags and returns its port.
func startSink(t *testing.T, flags ...string) int {
	t.Helper()
	sink := "/usr/sbin/smtp-sink"
	if _, err := os.Stat(sink); err != nil {
		t.Skip("no smtp-sink here")
	}
	port := postfixtest.FreePort(t)
	if os.Getuid() == 0 {
		flags = append(flags, "-u", "nobody")
	}
	cmd := exec.Command(sink, append(flags, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), "100")...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 500 {
		if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			_ = c.Close()
			return port
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("smtp-sink does not start")
	return 0
}

// sinkEnd reports how a conversation ended: at which phase, and how.
func sinkEnd(s *smtpprobe.Session) string {
	if f := s.Failed(); f != nil {
		return fmt.Sprintf("%s %s", f.Phase, f.Err.Class)
	}
	for _, st := range s.Steps {
		if st.Reply != nil && st.Reply.Code/100 > 3 {
			return fmt.Sprintf("%s %d", st.Phase, st.Reply.Code)
		}
	}
	return "ok"
}

// Each way of smtp-sink to end a conversation (-q: cut, -Q: 421, -r: soft
// refusal, -f: hard refusal) at each command is told by its phase and cause.
func TestFault_117_SMTPSink(t *testing.T) {
	for command, phase := range map[string]smtpprobe.Phase{"CONNECT": smtpprobe.PhaseGreeting,
		"EHLO": smtpprobe.PhaseEHLO, "MAIL": smtpprobe.PhaseMail, "RCPT": smtpprobe.PhaseRcpt,
		"RSET": smtpprobe.PhaseRset, "QUIT": smtpprobe.PhaseQuit} {
		for flag, how := range map[string]string{"-q": "eof", "-Q": "421", "-r": "450", "-f": "500"} {
			want := fmt.Sprintf("%s %s", phase, how)
			if command == "QUIT" { // its answer is not waited for
				want = "ok"
			}
			cfg := smtpprobe.Config{Host: "sink.test", Address: "127.0.0.1", From: "a@example.org",
				To: "b@example.org", Port: startSink(t, flag, command)}
			s := smtpprobe.Probe(t.Context(), &net.Dialer{}, cfg)
			if got := sinkEnd(s); got != want {
				t.Errorf("%s %s: %s, want %s\n%s", flag, command, got, want, s.Transcript())
			}
			if s.Elapsed > time.Second {
				t.Errorf("%s %s: took %v", flag, command, s.Elapsed)
			}
		}
	}
}

// DATA is never sent, so a delay before its answer (-w) costs nothing.
func TestFault_117_SMTPSinkDelay(t *testing.T) {
	cfg := smtpprobe.Config{Host: "sink.test", Address: "127.0.0.1", From: "a@example.org", To: "b@example.org",
		Port: startSink(t, "-w", "10")}
	s := smtpprobe.Probe(t.Context(), &net.Dialer{}, cfg)
	if sinkEnd(s) != "ok" || s.Elapsed > 5*time.Second {
		t.Errorf("%s after %v\n%s", sinkEnd(s), s.Elapsed, s.Transcript())
	}
}
