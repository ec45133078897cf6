package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"maildiag/service/httpd"
)

// signIn is a server that asks for a password, and is asked with one.
func signIn(t *testing.T, perMinute int) func(user, password, path string) (status int, text string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte("basic_auth_users:\n  helpdesk: "+string(hash)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, false, func(f *serveFlags) { f.clientLogins = perMinute })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := httpd.NewServer(s.service.server.Handler, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- httpd.Serve(l, server, file, s.service.logins, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() { server.Close(); <-done })
	return func(user, password, path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if user != "" {
			r.SetBasicAuth(user, password)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode == http.StatusTooManyRequests && res.Header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
		return res.StatusCode, string(text)
	}
}

// Passwords cannot be guessed at speed, failures are counted, and who signs in
// right, or not at all, loses nothing.
func TestFailedLogins(t *testing.T) {
	ask := signIn(t, 5)
	for range 20 {
		if status, _ := ask("", "", "/-/healthy"); status != http.StatusUnauthorized {
			t.Fatalf("without a password: status %d", status)
		}
		if status, _ := ask("helpdesk", "right", "/-/healthy"); status != http.StatusOK {
			t.Fatalf("right: status %d", status)
		}
	}
	var wg sync.WaitGroup
	for i := range 20 {
		user := []string{"helpdesk", "nobody"}[i%2]
		wg.Go(func() { ask(user, "wrong", "/-/healthy") })
	}
	wg.Wait()
	if status, _ := ask("helpdesk", "wrong again", "/-/healthy"); status != http.StatusTooManyRequests {
		t.Errorf("after many failures: status %d", status)
	}
	if status, _ := ask("", "", "/-/healthy"); status != http.StatusUnauthorized {
		t.Errorf("without a password: status %d", status)
	}
}

// The metric tells failures from refusals; no limit means no limit.
func TestFailedLoginsAreCounted(t *testing.T) {
	ask := signIn(t, 0)
	for range 12 {
		if status, _ := ask("helpdesk", "wrong", "/metrics"); status != http.StatusUnauthorized {
			t.Fatalf("status %d", status)
		}
	}
	_, text := ask("helpdesk", "right", "/metrics")
	for _, want := range []string{`maildiagd_logins_refused_total{outcome="failed"} 12`, `maildiagd_logins_refused_total{outcome="limited"} 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
}
