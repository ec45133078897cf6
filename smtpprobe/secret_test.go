package smtpprobe_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"
	"testing"

	"maildiag/smtpprobe"
)

// forms returns the forms in which a secret must not be found anywhere; it is
// written independently of the code that takes them out.
func forms(u, p string) map[string]string {
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	_, _ = w.Write([]byte(p))
	_ = w.Close()
	js, _ := json.Marshal(p)
	out := map[string]string{
		"raw":              p,
		"base64":           base64.StdEncoding.EncodeToString([]byte(p)),
		"base64 of PLAIN":  base64.StdEncoding.EncodeToString([]byte("\x00" + u + "\x00" + p)),
		"hex":              hex.EncodeToString([]byte(p)),
		"HEX":              strings.ToUpper(hex.EncodeToString([]byte(p))),
		"query":            url.QueryEscape(p),
		"path":             url.PathEscape(p),
		"JSON":             strings.Trim(string(js), `"`),
		"quoted-printable": strings.TrimSuffix(qp.String(), "=\r\n"),
		"halves swapped":   p[len(p)/2:] + p[:len(p)/2],
		"base64 of XOAUTH2": base64.StdEncoding.EncodeToString([]byte("user=" + u + "\x01auth=Bearer " + p +
			"\x01\x01")),
		"reversed":        backwards(p),
		"halves reversed": backwards(p[:len(p)/2]) + backwards(p[len(p)/2:]),
	}
	for i := 1; i < 3; i++ { // the other alignments, without the characters that neighbors decide
		b := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", i) + p + strings.Repeat("x", 3-i)))
		out[fmt.Sprintf("base64 shifted by %d", i)] = b[4 : len(b)-8]
	}
	return out
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// leaks lists the forms of the secret that a text holds.
func leaks(text string) (found []string) {
	for name, form := range forms(user, password) {
		if strings.Contains(text, form) {
			found = append(found, name)
		}
	}
	return found
}

func TestSecretHasNoTextForm(t *testing.T) {
	secret := smtpprobe.NewSecret(password)
	type outer struct {
		Public  smtpprobe.Secret
		private smtpprobe.Secret
		auth    *smtpprobe.Auth
	}
	o := outer{secret, secret, &smtpprobe.Auth{User: user, Secret: secret}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p", "%10.3v",
		"%!"} {
		for _, v := range []any{secret, &secret, o, &o, []smtpprobe.Secret{secret},
			map[string]smtpprobe.Secret{"a": secret}, o.auth} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal} {
		b, _ := marshal(secret)
		out.Write(b)
		b, _ = marshal(o)
		out.Write(b)
	}
	_ = gob.NewEncoder(&out).Encode(secret)
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", secret, "outer", o)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", secret, "outer", o)
	out.WriteString(fmt.Sprint(fmt.Errorf("failed with %v", secret)))
	if found := leaks(out.String()); found != nil {
		t.Errorf("found %v in\n%s", found, out.String())
	}
	if got := fmt.Sprintf("%v %s %#v", secret, secret, secret); got != "*** *** ***" {
		t.Errorf("got %s", got)
	}
	if b, _ := json.Marshal(secret); string(b) != `"***"` {
		t.Errorf("got %s", b)
	}
}

// Nothing that a conversation leaves behind holds the secret, whatever the
// mechanism and the end.
func TestFault_142_NoLeak(t *testing.T) {
	l := newLab(t)
	for _, m := range []smtpprobe.Mechanism{smtpprobe.MechPlain, smtpprobe.MechLogin, smtpprobe.MechXOAuth2} {
		for name, verdict := range map[string]string{"success": "", "refused": "535 5.7.3 no", "cut": "!rst",
			"silent": "!stall",
			"broken": "!raw \"235-\\xff\\r\\n\"", "asks on": "334 UGFzc3dvcmQ6"} {
			p := l.exchange(good())
			p.EHLOTLS = []string{"AUTH PLAIN LOGIN XOAUTH2"}
			if verdict != "" {
				p.On["AUTH"] = verdict
			}
			s, srv := l.probe(p, l.withAuth(m))
			data, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			text := string(data) + s.Transcript() + fmt.Sprintf("%v %+v %#v", s, s, s)
			if found := leaks(text); found != nil {
				t.Errorf("%s, %s: found %v in\n%s", m, name, found, text)
			}
			srv.Close()
			if clear, inTLS := srv.Received(); leaks(clear) != nil || strings.Count(inTLS, "AUTH ") != 1 {
				t.Errorf("%s, %s: clear %q, TLS %q", m, name, clear, inTLS) // TestFault_154
			}
		}
	}
}

// A server that repeats the secret, in any form, does not get it into the record.
func TestFault_144_Echo(t *testing.T) {
	l := newLab(t)
	echoes := forms(user, password)
	for i := 1; i < 3; i++ { // within a longer text
		echoes[fmt.Sprintf("base64 shifted by %d",
			i)] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", i) + password +
			strings.Repeat("y", 5)))
	}
	for name, form := range echoes {
		for _, reply := range []string{"535 5.7.3 wrong: " + form, "535-" + form + "\n535 " + form + form,
			"9 " + form,
			"334 " + base64.StdEncoding.EncodeToString([]byte(form)), "535 no\n250 " + form} {
			p := l.exchange(good())
			p.On["AUTH"] = reply
			p.On["QUIT"] = "221 " + form
			cfg := l.withAuth(smtpprobe.MechLogin)
			s, _ := l.probe(p, cfg)
			data, _ := json.Marshal(s)
			var text []string
			for _, st := range s.Steps {
				if st.Reply != nil {
					text = append(text, st.Reply.Lines...)
				}
			}
			if found := leaks(string(data) + strings.Join(text, "\n") + s.Transcript()); found != nil {
				t.Errorf("%s in %q: found %v\n%s", name, reply, found, s.Transcript())
			}
		}
	}
	p := l.exchange(good())
	p.EHLOTLS = []string{"AUTH XOAUTH2"}
	p.On["AUTH"] = "535 5.7.3 no"
	cfg := l.withAuth(smtpprobe.MechXOAuth2)
	p.On["AUTH BEGIN"] = "334 " +
		base64.StdEncoding.EncodeToString([]byte(`{"status":"400","token":"`+password+`"}`))
	s, _ := l.probe(p, cfg)
	if s.Auth.Challenge != "" {
		t.Errorf("challenge %q", s.Auth.Challenge)
	}
}

// Row 6 of issue 16: a secret in pieces over several replies is withheld with all
// that was said since; the codes stay, and so does what was said before.
func TestRow06_EchoInPieces(t *testing.T) {
	l := newLab(t)
	for name, replies := range map[string][3]string{
		"two lines":      {"535-5.7.3 " + password[:9] + "\n535 5.7.3 " + password[9:], "", ""},
		"two replies":    {"235 2.7.0 " + password[:5] + " ok", "250 2.1.0 " + password[5:10], "550 5.1.1 " + password[10:]},
		"out of turn":    {"235 2.7.0 ok\n250 " + password, "", ""},
		"upper case":     {"235 2.7.0 ok", "550 5.7.60 " + strings.ToUpper(password), ""},
		"base64 in two":  {"235 ok", "250 " + base64.StdEncoding.EncodeToString([]byte("a" + password))[:13], "550 5.1.1 " + base64.StdEncoding.EncodeToString([]byte("a" + password))[13:]},
		"percent, blank": {"535 5.7.8 " + strings.ReplaceAll(url.QueryEscape(password), "", " "), "", ""},
	} {
		p := l.exchange(good())
		p.On["AUTH"], p.On["MAIL"], p.On["RCPT"] = replies[0], replies[1], replies[2]
		for verb, reply := range p.On {
			if reply == "" {
				delete(p.On, verb)
			}
		}
		cfg := l.withAuth(smtpprobe.MechLogin)
		cfg.From, cfg.To = user, "x@example.net"
		s, _ := l.probe(p, cfg)
		data, _ := json.Marshal(s)
		text := strings.ToLower(string(data) + s.Transcript())
		for i := range len(password) - 4 {
			if part := strings.ToLower(password[i : i+5]); strings.Contains(text, part) {
				t.Fatalf("%s: %q of the password is shown\n%s", name, part, s.Transcript())
			}
		}
		st := s.Find(smtpprobe.PhaseAuth)
		if st.Reply.Code == 0 || !strings.Contains(s.Transcript(), "Microsoft ESMTP") || !strings.Contains(s.Transcript(), "withheld") {
			t.Errorf("%s: too much is withheld\n%s", name, s.Transcript())
		}
	}
}

// A password of one letter hides no transcript, and what the replies mean is
// recognized before anything is withheld.
func TestRow06_ShortPasswords(t *testing.T) {
	l := newLab(t)
	for _, short := range []string{"a", "7", "x1", "no", "535", "is", "."} {
		p := l.exchange(good())
		p.On["AUTH"] = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
		cfg := l.withAuth(smtpprobe.MechLogin)
		cfg.Auth.Secret = smtpprobe.NewSecret(short)
		cfg.Recognize = func(ph smtpprobe.Phase, r *smtpprobe.Reply) string {
			if ph == smtpprobe.PhaseAuth && strings.Contains(r.Text(), "is disabled for the Tenant") {
				return "row"
			}
			return ""
		}
		s, _ := l.probe(p, cfg)
		st := s.Find(smtpprobe.PhaseAuth)
		if st.Reply.Known != "row" || st.Reply.Code != 535 || st.Reply.Enhanced != "5.7.139" {
			t.Errorf("%q: %+v", short, st.Reply)
		}
		if st.Reply.Withheld != (short == "is") {
			t.Errorf("%q: withheld %v\n%s", short, st.Reply.Withheld, s.Transcript())
		}
		if !strings.Contains(s.Transcript(), "STARTTLS") {
			t.Errorf("%q: the transcript is blotted out\n%s", short, s.Transcript())
		}
	}
}

func TestFault_147_XOAuth2Refusal(t *testing.T) {
	l := newLab(t)
	cfg := l.withAuth(smtpprobe.MechXOAuth2)
	cfg.Auth.Secret = smtpprobe.NewSecret(strings.Repeat("wrong", 600)) // does not fit into the command
	s, srv := l.probe(l.exchange(good()), cfg)
	srv.Close()
	_, inTLS := srv.Received()
	if s.Auth.Challenge != `{"status":"401","schemes":"bearer","scope":"https://outlook.office.com/"}` || s.Find(smtpprobe.PhaseAuth).Reply.Code != 535 {
		t.Errorf("%+v\n%s", s.Auth, s.Transcript())
	}
	if !strings.Contains(inTLS, "AUTH XOAUTH2\r\n") || !strings.HasSuffix(inTLS, "\r\n\r\nQUIT\r\n") {
		t.Errorf("sent %q", inTLS)
	}
}

// The password is given to a prompt for it only, and once.
func TestFault_150_LoginPrompts(t *testing.T) {
	l := newLab(t)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, c := range map[string]struct {
		script string
		sent   bool // the password
		code   int
	}{
		"usual": {"334 " + b64("Password:") + "\nC: \n235 yes", true, 235},
		"user name again": {"334 " + b64("Username:") + "\nC: \n334 " + b64("Password:") + "\nC: \n235 yes",
			true, 235},
		"other spelling": {"334 " + b64("password") + "\nC: \n235 yes", true, 235},
		"user name thrice": {"334 " + b64("Username:") + "\nC: \n334 " + b64("Username:") +
			"\nC: *\n501 cancelled", false, 501},
		"foreign prompt": {"334 " + b64("Token:") + "\nC: *\n501 cancelled", false, 501},
		"empty prompt":   {"334 \nC: *\n501 cancelled", false, 501},
		"no base64":      {"334 Password:\nC: *\n501 cancelled", false, 501},
		"third prompt": {"334 " + b64("Password:") + "\nC: \n334 " + b64("Password:") +
			"\nC: *\n501 cancelled", true, 501},
		"control bytes":     {"334 " + b64("\x1b[2J\x00") + "\nC: *\n501 cancelled", false, 501},
		"challenge of 1500": {"334 " + b64(strings.Repeat("x", 1500)) + "\nC: *\n501 cancelled", false, 501},
	} {
		p := l.exchange(good())
		p.On["AUTH BEGIN"] = c.script
		s, srv := l.probe(p, l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		_, inTLS := srv.Received()
		got := s.Find(smtpprobe.PhaseAuth).Reply
		if n := strings.Count(inTLS, b64(password)); n > 1 || (n == 1) != c.sent || got == nil || got.Code != c.code {
			t.Errorf("%s: password sent %d times, %+v\n%s", name, n, got, s.Transcript())
		}
	}
}

// A server that takes no user name with LOGIN is asked without it: no password
// was sent yet, so this is no second attempt. Nothing else starts again.
func TestLoginWithoutInitialResponse(t *testing.T) {
	l := newLab(t)
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	plain := "\nC: AUTH LOGIN\n334 " + b64("Username:") + "\nC: " + b64(user) + "\n334 " + b64("Password:") +
		"\nC: " + b64(password) + "\n235 yes"
	for name, c := range map[string]struct {
		script string
		auths  int // AUTH commands
		code   int // of the last reply to one
	}{
		"501":               {"501 5.5.4 Syntax error in parameters" + plain, 2, 235},
		"504":               {"504 5.5.4 Unrecognized authentication type" + plain, 2, 235},
		"501 again":         {"501 5.5.4 no\nC: AUTH LOGIN\n501 5.5.4 no", 2, 501},
		"504 of Exchange":   {"504 5.7.4 Unrecognized authentication type", 1, 504},
		"535":               {"535 5.7.3 no", 1, 535},
		"530":               {"530 5.7.0 no", 1, 530},
		"421":               {"421 4.3.2 no", 1, 421},
		"501 to the secret": {"334 " + b64("Password:") + "\nC: \n501 5.5.2 no", 1, 501},
	} {
		p := l.exchange(good())
		p.On["AUTH BEGIN"] = c.script
		s, srv := l.probe(p, l.withAuth(smtpprobe.MechLogin))
		srv.Close()
		_, inTLS := srv.Received()
		got := s.Find(smtpprobe.PhaseAuth).Reply
		if n := strings.Count(inTLS, "AUTH "); n != c.auths || got == nil || got.Code != c.code ||
			strings.Count(inTLS, b64(password)) > 1 || s.Auth.Success != (c.code == 235) {
			t.Errorf("%s: %d AUTH commands, %+v\n%s", name, n, got, s.Transcript())
		}
	}
	p := l.exchange(good())
	p.EHLOTLS, p.On["AUTH BEGIN"] = []string{"AUTH PLAIN"}, "501 5.5.4 no"
	s, srv := l.probe(p, l.withAuth(smtpprobe.MechPlain))
	srv.Close()
	if _, inTLS := srv.Received(); strings.Count(inTLS, "AUTH ") != 1 { // it has the password in it
		t.Errorf("PLAIN was tried again:\n%s", s.Transcript())
	}
}

// One attempt a run, however many conversations share the login.
func TestFault_154_OneAttempt(t *testing.T) {
	l := newLab(t)
	p := l.exchange(good())
	p.Users[user] = "other"
	cfg := l.withAuth(smtpprobe.MechLogin)
	first, srv := l.probe(p, cfg)
	second := smtpprobe.Probe(t.Context(), srv, cfg)
	srv.Close()
	_, inTLS := srv.Received()
	if first.Auth.Skipped != "" || second.Auth.Skipped != smtpprobe.SkipUsed || strings.Count(inTLS, "AUTH ") != 1 {
		t.Errorf("%+v, %+v", first.Auth, second.Auth)
	}
}
