//go:build integration

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maildiag/service/fleet/history"
	"maildiag/service/fleet/history/postgrestest"
)

// A database has one server that watches; a second one is refused, with what to do.
func TestOneDatabase(t *testing.T) {
	server := postgrestest.New(t)
	s, err := history.Open(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	claim, err := s.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer claim.Close()
	list := filepath.Join(t.TempDir(), "domains.txt")
	if err := os.WriteFile(list, []byte("fabrikam.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := command(t.Context(), "", "--replay", "testdata/fabrikam.rec", "--listen", "127.0.0.1:0", "--watch", list, "--db", server.URL)
	if code != exitFailed || !strings.Contains(errs, "--db: another maildiagd") || !strings.Contains(errs, "--sites") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
