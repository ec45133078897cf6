package smtpprobe_test

import (
	"encoding/json"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// byteScript turns bytes into a server: each control byte from 0 to 7 is an
// action, all else is sent as it is.
func byteScript(script []byte, p smtptest.Persona) smtptest.Handler {
	return smtptest.HandlerFunc(func(c *smtptest.Conn) {
		for len(script) > 0 {
			n := 0
			for n < len(script) && script[n] > 7 {
				n++
			}
			if n > 0 && !c.Send(string(script[:n])) {
				return
			}
			if script = script[n:]; len(script) == 0 {
				return
			}
			switch script[0] {
			case 0: // wait for a command
				if _, ok := c.Line(); !ok {
					return
				}
			case 1: // TLS, with whatever certificate
				if c.Secure || !c.StartTLS(p.TLS) {
					return
				}
			case 2: // go on as a real server in clear
				p.Greeting = ""
				p.Serve(c)
				return
			case 3:
				c.Reset()
				return
			case 4:
				c.CloseWrite()
			}
			script = script[1:]
		}
	})
}

// honestServer greets and goes on as Exchange Online: with it the login must
// happen, or the fuzzing proves nothing.
const honestServer = "220 x\r\n\x02"

// FuzzDialogue plays any server. No byte of a secret may reach it in clear, or
// inside TLS that did not verify; the record is within its bounds, holds no
// secret and survives JSON.
func FuzzDialogue(f *testing.F) {
	ehlo := "250-x\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n"
	for _, seed := range []string{
		"220 x\r\n\x00" + ehlo + "\x00220 go\r\n\x01\x00" + ehlo +
			"\x00334 UGFzc3dvcmQ6\r\n\x00235 ok\r\n\x00221 bye\r\n",
		"220 x\r\n\x00250-x\r\n250 AUTH PLAIN\r\n\x00235 ok\r\n",
		"220 x\r\n\x00" + ehlo + "\x00220 go\r\n250 AUTH PLAIN\r\n\x01\x00" + ehlo + "\x00235 ok\r\n",
		"220 x\r\n\x00" + ehlo + "\x00454 no\r\n\x00235 ok\r\n",
		"220-a\r\n221 b\r\n", "220 x\r\n250 y\r\n\x00", "\x01220 x\r\n\x02", "\x02", honestServer, "\x03",
		"\x04",
		"421 x\r\n", "220 ****\r\n\x00250 XXXXXXXA\r\n\x00500 x\r\n", strings.Repeat("220-x\r\n", 200),
	} {
		for flags := range byte(16) {
			f.Add([]byte(seed), flags)
		}
	}
	ca, err := smtptest.NewCA("DigiCert Test")
	if err != nil {
		f.Fatal(err)
	}
	right, err := ca.Issue(smtptest.Spec{Names: []string{host}})
	if err != nil {
		f.Fatal(err)
	}
	wrong, err := ca.Issue(smtptest.Spec{Names: []string{"mail.example.net"}})
	if err != nil {
		f.Fatal(err)
	}
	now := time.Now()
	f.Fuzz(func(t *testing.T, script []byte, flags byte) {
		synctest.Test(t, func(t *testing.T) { // time-outs take no time
			time.Sleep(time.Until(now)) // the played clock starts in 2000, before the certificates
			cert := right
			if flags&1 != 0 {
				cert = wrong
			}
			s := fuzzOne(t, script, flags, smtptest.ExchangeOnline(smtptest.Config(cert),
				map[string]string{user: password}), ca)
			if honest := string(script) == honestServer; honest && flags < 8 && s.Auth.Success != (flags&1 == 0 && flags>>1 != 1) {
				t.Fatalf("flags %d: the honest server was not used: %+v\n%s", flags, s.Auth, s.Transcript())
			}
		})
	})
}

// fuzzOne holds one conversation. The bits of flags: the certificate does not
// verify; the mechanism (two bits); TLS from the first byte.
func fuzzOne(t *testing.T, script []byte, flags byte, p smtptest.Persona, ca *smtptest.CA) *smtpprobe.Session {
	verifies := flags&1 == 0
	cfg := smtpprobe.Config{Host: host, Address: "192.0.2.1", Port: 587, Roots: ca.Roots(), From: user,
		To: user,
		Auth: &smtpprobe.Auth{User: user, Secret: smtpprobe.NewSecret(password),
			Mechanism: []smtpprobe.Mechanism{smtpprobe.MechAuto, smtpprobe.MechPlain, smtpprobe.MechLogin,
				smtpprobe.MechXOAuth2}[flags>>1&3]}}
	if flags&8 != 0 {
		cfg.Mode = smtpprobe.Implicit
	}
	rec := &smtptest.Record{}
	done := make(chan struct{})
	began := time.Now()
	s := smtpprobe.Probe(t.Context(), dialerFunc(func() net.Conn {
		a, b := net.Pipe()
		go func() { defer close(done); smtptest.Serve(b, byteScript(script, p), rec) }()
		return a
	}), cfg)
	if took := time.Since(began); took > 61*time.Second {
		t.Fatalf("took %v", took)
	}
	<-done
	if clear := rec.Clear(); strings.Contains(clear, "AUTH ") || leaks(clear) != nil {
		t.Fatalf("a secret in clear: %q\n%s", clear, s.Transcript())
	}
	if inTLS := rec.TLS(); !verifies && (strings.Contains(inTLS, "AUTH ") || leaks(inTLS) != nil) {
		t.Fatalf("a secret inside TLS that did not verify: %q\n%s", inTLS, s.Transcript())
	}
	if n := strings.Count(rec.TLS(), "AUTH "); n > 1 || strings.Contains(rec.Clear()+rec.TLS(), "DATA") {
		t.Fatalf("%d attempts: %q", n, rec.TLS())
	}
	checkRecord(t, s)
	return s
}

// checkRecord holds what is true of every record.
func checkRecord(t *testing.T, s *smtpprobe.Session) {
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 1<<20 || len(s.Steps) > 30 {
		t.Fatalf("%d bytes, %d steps", len(data), len(s.Steps))
	}
	if found := leaks(string(data) + s.Transcript()); found != nil {
		t.Fatalf("the record holds the secret as %v:\n%s", found, data)
	}
	var back smtpprobe.Session
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(*s, back) {
		t.Fatalf("changed by JSON: %v\n%s", err, data)
	}
}
