package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/service/fleet/bus"
)

// greeter is a server that says something and closes.
func greeter(t *testing.T, text string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, text)
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// natsServer is a bus whose server listens with a configuration.
func natsServer(t *testing.T, config string) (addr string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "nats.conf")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:-1\n"+config), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(t.Context(), bus.Config{Dir: dir, Server: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b.Addr()
}

// What is usually wrong with an address or a sign-in has a hint that names the
// flag to change, and no answer repeats a secret.
func TestHints(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	locked := newServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	withTLS := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(withTLS.Close)
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: withTLS.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	lists := start(t, false, func(f *serveFlags) { f.fleet.on, f.data, f.watch.site = true, t.TempDir(), "local" })
	nats, web := natsServer(t, "authorization {token: hunter2}"), newServer(t, http.NotFound)
	_, tlsPort, _ := net.SplitHostPort(withTLS.Listener.Addr().String())
	status := func(server string, more ...string) []string {
		return append([]string{"status", "--server", server}, more...)
	}
	work := func(server string, more ...string) []string {
		return append([]string{"worker", "--site", "fra", "--replay", "testdata/fabrikam.rec", "--nats", server}, more...)
	}
	for name, x := range map[string]struct {
		args []string
		hint string
	}{
		"no sign-in":            {status(locked), "give --user"},
		"wrong password":        {status(locked, "--user", "a", "--password-file", secret), "check --user"},
		"unknown authority":     {status(withTLS.URL), "--ca-file"},
		"other name":            {status("https://localhost:"+tlsPort, "--ca-file", ca), "a name that the certificate"},
		"TLS where none is":     {status(strings.Replace(web, "http:", "https:", 1)), "http://"},
		"none where TLS is":     {status(strings.Replace(withTLS.URL, "https:", "http:", 1)), "https://"},
		"port of NATS":          {status("http://" + nats), "port of NATS"},
		"port of NATS with TLS": {status("https://" + nats), "port of NATS"},
		"mail server":           {status("http://" + greeter(t, "220 mx.contoso.com ESMTP\r\n")), "not a web server"},
		"mail server with TLS":  {status("https://" + greeter(t, "220 mx.contoso.com ESMTP\r\n")), "not a web server"},
		"nobody":                {status("http://" + closedPort(t)), "is maildiagd running"},
		"another web server":    {status(web), "--fleet"},
		"redirect":              {status(newServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) })), "redirected"},
		"broken server":         {status(newServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })), "log of maildiagd"},

		"no such run":         {[]string{"results", "--server", lists.URL, "--run", "nosuch"}, "that maildiagd submit printed"},
		"no such site":        {[]string{"drain", "--server", lists.URL, "--site", "nosuch"}, "check --site"},
		"site is not drained": {[]string{"drain", "--server", lists.URL, "--site", "nosuch", "--undo"}, "check --site"},
		"no fleet":            {status(start(t, false, nil).URL), "--fleet"},

		"NATS: no sign-in":   {work("nats://" + nats), "--nats-creds"},
		"NATS: wrong token":  {work("nats://hunter3@" + nats), "--nats-creds"},
		"NATS: no TLS there": {work("tls://hunter2@" + nats), "nats://"},
		"NATS: mail server":  {work("nats://hunter2@" + greeter(t, "220 mx.contoso.com ESMTP\r\n")), "port 4222"},
		"NATS: nobody":       {work("nats://hunter2@" + closedPort(t)), "is a NATS server running"},
	} {
		code, out, errs := command(t.Context(), "", x.args...)
		if code != exitFailed || out != "" || !strings.Contains(errs, "hint: ") || !strings.Contains(errs[strings.Index(errs, "hint: "):], x.hint) || strings.Contains(errs, "hunter") {
			t.Errorf("%s: exit code %d: %s", name, code, errs)
		}
	}
	missing := &net.DNSError{Err: "no such host", Name: "nats.example", IsNotFound: true}
	for _, hint := range []string{natsHint(missing), networkHint(missing, "", "")} {
		if !strings.Contains(hint, "name of the server") {
			t.Error(hint)
		}
	}
}

// A file of the login that cannot be used is named, whatever is wrong with it, and so is
// a client certificate that the server does not accept.
func TestLoginFiles(t *testing.T) {
	dir := t.TempDir()
	empty, text := filepath.Join(dir, "empty"), filepath.Join(dir, "text")
	if err := errors.Join(os.WriteFile(empty, nil, 0o600), os.WriteFile(text, []byte("hello\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	nats := "nats://hunter2@" + natsServer(t, "authorization {token: hunter2}")
	for _, file := range []string{empty, text, dir, filepath.Join(dir, "missing")} {
		for _, flags := range [][]string{{"--nats-creds", file}, {"--nats-ca", file}, {"--nats-cert", file, "--nats-key", file}} {
			args := append([]string{"worker", "--site", "fra", "--replay", "testdata/fabrikam.rec", "--nats", nats}, flags...)
			code, _, errs := command(t.Context(), "", args...)
			if code != exitFailed || strings.Count(errs, "no such file") > 1 || !strings.Contains(errs, "cannot use "+file) || !strings.Contains(errs, "hint: check the files of --nats-creds") {
				t.Errorf("%s: exit code %d: %s", flags, code, errs)
			}
		}
		if file == empty { // that is a configuration
			continue
		}
		code, _, errs := command(t.Context(), "", "--fleet", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--replay", "testdata/fabrikam.rec", "--nats-config", file)
		if code != exitFailed || !strings.Contains(errs, "--nats-config: ") || strings.Contains(errs, "a folder that can be written") {
			t.Errorf("--nats-config %s: exit code %d: %s", file, code, errs)
		}
	}
}

// Values that cannot be are refused before anybody is asked, and the hint says which
// can.
func TestUsageHints(t *testing.T) {
	list := filepath.Join(t.TempDir(), "domains.txt")
	if err := os.WriteFile(list, []byte("contoso.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ args, hint string }{
		{"submit --only nosuch " + list, "mx, spf"}, {"submit --only mx,spff " + list, "mx, spf"}, {"submit --skip nosuch " + list, "mx, spf"},
		{"results --run no/such", "maildiagd status"}, {"results --run ../x", "maildiagd status"}, {"results", "maildiagd status"},
		{"drain --site a/b", "maildiagd status"}, {"drain --site ..", "maildiagd status"}, {"drain", "maildiagd status"},
	} {
		code, out, errs := command(t.Context(), "", strings.Fields(x.args)...)
		if _, hint, ok := strings.Cut(errs, "hint: "); code != exitUsage || out != "" || !ok || !strings.Contains(hint, x.hint) {
			t.Errorf("%s: exit code %d: %s", x.args, code, errs)
		}
	}
}

// A file that cannot be read is not one with a wrong line.
func TestFileFaults(t *testing.T) {
	dir := t.TempDir()
	list := filepath.Join(dir, "list")
	wrong := filepath.Join(dir, "wrong")
	if err := errors.Join(os.WriteFile(list, []byte("contoso.com\n"), 0o600), os.WriteFile(wrong, []byte("..\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--watch", "--accept", "--modules"} {
		for file, want := range map[string]string{filepath.Join(dir, "missing"): "this user may read", dir: "this user may read", wrong: map[string]string{
			"--watch": "a line is", "--accept": "a line is", "--modules": "the file has the form"}[flag]} {
			args := []string{"--replay", "testdata/fabrikam.rec", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--watch", list, flag, file}
			code, _, errs := command(t.Context(), "", args...)
			if _, hint, _ := strings.Cut(errs, "hint: "); code != exitUsage || !strings.Contains(hint, want) || strings.Count(errs, file) != 1 {
				t.Errorf("%s %s: exit code %d: %s", flag, file, code, errs)
			}
		}
	}
}

// pgAnswer is an answer of PostgreSQL.
type pgAnswer struct{ state string }

func (a pgAnswer) Error() string    { return "FATAL: no (SQLSTATE " + a.state + ")" }
func (a pgAnswer) SQLState() string { return a.state }

// What PostgreSQL answers is told without the tries before it, and each kind has its hint.
func TestDatabaseHints(t *testing.T) {
	for state, want := range map[string]string{"28P01": "password", "28000": "password", "3D000": "create the database", "42501": "owner", "57P03": "URL"} {
		err := fmt.Errorf("failed to connect:\n\t%w", errors.Join(errors.New("tls error: server refused TLS connection"), pgAnswer{state}))
		if hint, text := databaseHint(err), databaseText(err); !strings.Contains(hint, want) || text != (pgAnswer{state}).Error() {
			t.Errorf("%s: %s; %s", state, text, hint)
		}
	}
	for text, want := range map[string]string{"tls error: server refused TLS connection": "enable TLS", "tls error: EOF": "check the URL"} {
		err := errors.New("failed to connect:\n\t" + text)
		if hint := databaseHint(err); !strings.Contains(hint, want) || strings.Contains(databaseText(err), "\\n") {
			t.Errorf("%s: %s", databaseText(err), hint)
		}
	}
}

// An error is one line, whatever is in it, and names no package.
func TestOneLine(t *testing.T) {
	for want, err := range map[string]error{
		"a; b":                errors.Join(errors.New("a"), errors.New("b")),
		"no: x: refused":      errors.New("no:\n\tx: refused\n\tx: refused\n"),
		"a\\x1b[31m":          errors.New("\na\x1b[31m\r\n"),
		bus.ErrNobody.Error(): bus.ErrNobody,
	} {
		if got := oneLine(err); got != want || strings.HasPrefix(got, "bus: ") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// closedPort returns an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
