package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"maildiag/smtpprobe/smtptest"
)

const (
	testUser     = "scanner@contoso.com"
	testPassword = "Zq7+Xk9/Wv3=tr&U%mL"
)

// smtpRun is one call of the program against a played Exchange Online.
type smtpRun struct {
	t      *testing.T
	server *smtptest.Server
	dir    string
	args   []string // host, address, authority, resolver
}

// newSMTPRun starts Exchange Online with the given refusals.
func newSMTPRun(t *testing.T, refusals ...string) *smtpRun {
	t.Helper()
	return newSMTPRunWith(t, func(*smtptest.Persona) {}, refusals...)
}

// newSMTPRunWith starts Exchange Online, changed.
func newSMTPRunWith(t *testing.T, change func(*smtptest.Persona), refusals ...string) *smtpRun {
	t.Helper()
	ca, err := smtptest.NewCA("DigiCert Test")
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue(smtptest.Spec{CommonName: "outlook.com", Names: []string{"smtp.office365.com"}})
	if err != nil {
		t.Fatal(err)
	}
	r := &smtpRun{t: t, dir: t.TempDir()}
	p := smtptest.ExchangeOnline(smtptest.Config(cert), map[string]string{testUser: testPassword}, refusals...)
	change(&p)
	r.server = smtptest.New(t, p)
	_, port, _ := strings.Cut(r.server.Addr, ":")
	caFile := r.file("ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.DER()})),
		0o600)
	r.args = []string{"smtp", "smtp.office365.com:" + port, "--address", "127.0.0.1", "--ca-file", caFile,
		"--resolver", "127.0.0.1", "--no-comparison"}
	return r
}

func (r *smtpRun) file(name, text string, mode os.FileMode) string {
	path := filepath.Join(r.dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		r.t.Fatal(err)
	}
	return path
}

// run calls the program with further arguments.
func (r *smtpRun) run(args ...string) (code int, stdout, stderr string) {
	r.t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), append(r.args[:len(r.args):len(r.args)], args...), strings.NewReader(""),
		&out, &errs)
	return code, out.String(), errs.String()
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// secretForms returns the twelve kinds of forms in which the password must be
// found nowhere: raw, base64 in three alignments and two alphabets, within the
// initial responses of PLAIN and XOAUTH2, hexadecimal, percent, JSON, quoted-
// printable, reversed, halves swapped, halves reversed, and as escaped by Go.
func secretForms() map[string]string {
	p := testPassword
	half := len(p) / 2
	js, _ := json.Marshal(p)
	var qp bytes.Buffer
	w := quotedprintable.NewWriter(&qp)
	_, _ = w.Write([]byte(p))
	_ = w.Close()
	forms := map[string]string{
		"raw": p, "base64": b64(p), "hex": hex.EncodeToString([]byte(p)), "HEX": fmt.Sprintf("%X", p),
		"PLAIN":   b64("\x00" + testUser + "\x00" + p),
		"XOAUTH2": b64("user=" + testUser + "\x01auth=Bearer " + p + "\x01\x01"),
		"query":   url.QueryEscape(p), "path": url.PathEscape(p),
		"JSON": strings.Trim(string(js), `"`), "Go": strings.Trim(strconv.QuoteToASCII(p), `"`),
		"quoted-printable": strings.TrimSuffix(qp.String(), "=\r\n"),
		"reversed":         backwards(p), "halves": p[half:] + p[:half],
		"reversed halves": backwards(p[:half]) + backwards(p[half:]),
		"bytes":           strings.Trim(fmt.Sprint([]byte(p)), "[]"),
	}
	for i := 1; i < 3; i++ {
		b := b64(strings.Repeat("x", i) + p + strings.Repeat("x", 3-i))
		forms[fmt.Sprintf("base64 shifted by %d", i)] = b[4 : len(b)-8]
	}
	for name, form := range maps.Clone(forms) {
		if strings.HasPrefix(name, "base64") {
			forms["url "+name] = strings.NewReplacer("+", "-", "/", "_").Replace(form)
		}
	}
	return forms
}

func backwards(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// leaked lists the forms in which a text holds the password.
func leaked(text string) (found []string) {
	for name, form := range secretForms() {
		if strings.Contains(text, form) {
			found = append(found, name)
		}
	}
	return found
}

// The password is in no output, record or error of any format and end.
func TestFault_142_SMTPCommandLeaksNothing(t *testing.T) {
	for _, refusals := range [][]string{nil, {"tenant-disabled"}, {"rate"}} {
		for _, mech := range []string{"login", "plain", "xoauth2", "auto"} {
			r := newSMTPRun(t, refusals...)
			secret := r.file("secret", testPassword+"\n", 0o600)
			for _, format := range append(formats(), "no-such-format") {
				out, rec := filepath.Join(r.dir, "out"), filepath.Join(r.dir, "rec")
				_, stdout, stderr := r.run("--user", testUser, "--password-file", secret, "--mechanism", mech,
					"-v", "--format", format, "--record", rec)
				_, stdout2, stderr2 := r.run("--user", testUser, "--password-file", secret, "--mechanism", mech,
					"--format", format, "--output", out)
				text := stdout + stderr + stdout2 + stderr2
				for _, name := range []string{out, rec} {
					b, _ := os.ReadFile(name)
					text += string(b)
				}
				if found := leaked(text); found != nil {
					t.Errorf("%s %s %v: found %v in\n%s", format, mech, refusals, found, text)
				}
			}
		}
	}
}

func TestSMTPLogin(t *testing.T) {
	r := newSMTPRun(t)
	secret := r.file("secret", testPassword+"\n", 0o600)
	code, stdout, stderr := r.run("--user", testUser, "--password-file", secret, "--from", testUser, "--to",
		"a@example.org", "--as-of", "2026-11-23", "-v")
	flat := strings.Join(strings.Fields(stdout), " ")
	if code != exitOK || !strings.Contains(flat, "LOGIN: sign-in as scanner@contoso.com is accepted") || !strings.Contains(flat, "in 38 days") ||
		!strings.Contains(flat, "~> (password)") || stderr != "" {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	r = newSMTPRun(t, "tenant-disabled")
	secret = r.file("secret", testPassword+"\n", 0o600)
	code, stdout, _ = r.run("--user", testUser, "--password-file", secret)
	if code != exitFound || !strings.Contains(stdout, "Set-CASMailbox -Identity scanner@contoso.com") || !strings.Contains(stdout, "Microsoft 365 administrator") {
		t.Errorf("exit %d\n%s", code, stdout)
	}
}

func TestSMTPReplay(t *testing.T) {
	r := newSMTPRun(t, "criteria")
	secret, rec := r.file("secret", testPassword+"\n", 0o600), filepath.Join(r.dir, "rec")
	code, live, _ := r.run("--user", testUser, "--password-file", secret, "--record", rec, "--format", "json")
	r.server.Close()
	before := len(r.server.Records())
	again, replayed, stderr := r.run("--user", testUser, "--replay", rec, "--format", "json")
	findings := func(doc string) string {
		var v struct{ Findings []map[string]any }
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatalf("%v\n%s%s", err, doc, stderr)
		}
		for _, f := range v.Findings {
			delete(f, "elapsed_ms")
		}
		b, _ := json.Marshal(v.Findings)
		return string(b)
	}
	if code != exitFound || again != code || findings(live) != findings(replayed) || len(r.server.Records()) != before {
		t.Errorf("exit %d and %d\n%s\n%s", code, again, findings(live), findings(replayed))
	}
}

func TestFault_143_SourcesOfThePassword(t *testing.T) {
	t.Run("argument", func(t *testing.T) {
		r := newSMTPRun(t)
		for _, args := range [][]string{{"--password", testPassword}, {"--password=" + testPassword}, {"--user",
			testUser, "--password", testPassword}} {
			code, stdout, stderr := r.run(args...)
			if code != exitUsage || leaked(stdout+stderr) != nil || !strings.Contains(stderr, "history") || len(r.server.Records()) != 0 {
				t.Errorf("%d %s%s", code, stdout, stderr)
			}
		}
	})
	t.Run("environment", func(t *testing.T) {
		r := newSMTPRun(t)
		t.Setenv("MAILDIAG_PASSWORD", testPassword)
		if code, stdout, stderr := r.run("--user", testUser); code != exitOK || leaked(stdout+stderr) != nil {
			t.Errorf("%d\n%s%s", code, stdout, stderr)
		}
		if _, still := os.LookupEnv("MAILDIAG_PASSWORD"); still {
			t.Error("it is still in the environment")
		}
	})
	t.Run("open file", func(t *testing.T) {
		r := newSMTPRun(t)
		code, _, stderr := r.run("--user", testUser, "--password-file", r.file("loose", testPassword, 0o644))
		if code != exitOK || !strings.Contains(stderr, "mode 0644") {
			t.Errorf("%d %s", code, stderr)
		}
	})
	t.Run("nobody to ask", func(t *testing.T) {
		r := newSMTPRun(t)
		code, _, stderr := r.run("--user", testUser)
		if code != exitUsage || !strings.Contains(stderr, "not a terminal") || len(r.server.Records()) != 0 {
			t.Errorf("%d %s", code, stderr)
		}
	})
}

func TestSMTPUsage(t *testing.T) {
	r := newSMTPRun(t)
	empty := r.file("empty", "\n", 0o600)
	for _, args := range [][]string{
		{"--mechanism", "cram-md5", "--user", "u"}, {"--password-file", empty}, {"--user", "u",
			"--password-file", empty},
		{"--user", "u", "--password-file", "/nonexistent"}, {"--user", "u", "--password-file", empty,
			"--token-file", empty},
		{"--user", "u", "--oauth", "magic"}, {"--user", "u", "--oauth", "device"}, {"--user", "u", "--oauth",
			"client", "--client-id", "i", "--tenant", "t"},
		{"--to", "a@b.example"}, {"--cloud", "mars"}, {"--as-of", "soon"}, {"--address", "smtp.example"},
		{"--ca-file", empty}, {"another.example"},
	} {
		code, stdout, stderr := r.run(args...)
		if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "maildiag: error: ") || !strings.Contains(stderr, "maildiag: hint: ") {
			t.Errorf("%v: %d %s%s", args, code, stdout, stderr)
		}
	}
	for arg, want := range map[string]string{"a.example": "a.example:0", "A.example:465": "a.example:465",
		"[2001:db8::1]:25": "2001:db8::1:25",
		"192.0.2.1":        "192.0.2.1:0", "2001:db8::1": "2001:db8::1:0", "a.example:0": "", "a.example:x": "",
		"a b": "", "u@a.example": "", "https://a.example/": ""} {
		host, port, err := hostPort(arg)
		if got := fmt.Sprintf("%s:%d", host, port); want == "" && err == nil || want != "" && got != want {
			t.Errorf("%q: %s, %v", arg, got, err)
		}
	}
}

// An application's own token, from a played authority, is good for a login.
func TestSMTPWithOAuth(t *testing.T) {
	r := newSMTPRun(t)
	var srv *httptest.Server
	asked := 0
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		base := srv.URL + "/contoso.example"
		if strings.HasSuffix(req.URL.Path, "/openid-configuration") {
			fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":%q,"token_endpoint":%q}`, base+"/v2.0",
				base+"/oauth2/v2.0/authorize", base+"/oauth2/v2.0/token")
			return
		}
		fmt.Fprintf(w, `{"token_type":"Bearer","expires_in":3599,"access_token":%q}`, testPassword)
	}))
	defer srv.Close()
	both, err := os.ReadFile(r.args[5])
	if err != nil {
		t.Fatal(err)
	}
	both = append(both, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})...)
	r.args[5] = r.file("both.pem", string(both), 0o600)
	secret := r.file("client-secret", "a-client-secret", 0o600)
	args := []string{"--user", testUser, "--oauth", "client", "--client-id",
		"11111111-2222-3333-4444-555555555555", "--tenant", "contoso.example",
		"--client-secret-file", secret, "--authority", srv.URL}
	code, stdout, stderr := r.run(args...)
	if code != exitOK || !strings.Contains(stdout, "XOAUTH2: sign-in as scanner@") || leaked(stdout+stderr) != nil || strings.Contains(stdout+stderr, "a-client-secret") {
		t.Errorf("%d, authority asked %d times\n%s%s", code, asked, stdout, stderr)
	}
}

// Section 3 of issue 13: for a device, a blocked port or a STARTTLS that was
// removed is the answer. The domain check does not know.
func TestBlockedHere(t *testing.T) {
	for _, c := range []struct {
		args    []string
		code    int
		verdict string
	}{
		{[]string{"smtp", "--demo", "firewall"}, exitFound, "blocked_here"},
		{[]string{"smtp", "--demo", "middlebox"}, exitFound, "blocked_here"},
		{[]string{"smtp", "--demo", "finished"}, exitOK, "works"},
		{[]string{"check", "--demo", "firewall"}, exitUnknown, "could_not_tell"},
		{[]string{"check", "--demo", "middlebox"}, exitUnknown, "could_not_tell"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append(c.args, "--json"), strings.NewReader(""), &out, &errs)
		var doc struct {
			Verdict string
			Exit    int `json:"exit_code"`
		}
		if err := json.Unmarshal(out.Bytes(), &doc); err != nil || code != c.code || doc.Exit != c.code || doc.Verdict != c.verdict {
			t.Errorf("%q: exit %d, %+v, %v %s", c.args, code, doc, err, errs.String())
		}
	}
}
