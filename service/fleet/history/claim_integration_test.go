//go:build integration

package history

import (
	"context"
	"errors"
	"testing"
	"time"

	"maildiag/service/fleet/history/postgrestest"
	"maildiag/service/fleet/lock"
)

// One process has the claim on a database, until it closes it, ends, or the database
// ends its session. Reading and writing need none.
func TestPostgresClaim(t *testing.T) {
	server := postgrestest.New(t)
	a, b := open(t, server.URL), open(t, server.URL)
	claim := func(s *Store, taken bool) *Claim {
		t.Helper()
		c, err := s.Claim(t.Context())
		if errors.Is(err, lock.ErrTaken) != taken || (err == nil) == taken {
			t.Fatalf("taken %t, %v", taken, err)
		}
		return c
	}
	first := claim(a, false)
	claim(b, true)
	claim(a, true) // nor a second time by the same one
	watch(t, b, "contoso.com")
	ctx, cancel := context.WithCancel(t.Context())
	kept := make(chan error, 1)
	go func() { kept <- first.keep(ctx, time.Millisecond) }()
	claim(b, true)
	cancel()
	if err := <-kept; err != nil {
		t.Error(err)
	}
	second := next(t, b)
	claim(a, true)
	go func() { kept <- second.keep(t.Context(), time.Millisecond) }()
	server.Kill()
	if err := <-kept; err == nil {
		t.Error("the claim outlives the database")
	}
	server.Start()
	third := claim(a, false)
	claim(b, true)
	if err := third.Close(); err != nil {
		t.Error(err)
	}
	claim(b, false).Close()
}

// next claims a database whose last claim was closed: it may take the database a moment
// to see that the session is over, if a look was cut short.
func next(t *testing.T, s *Store) *Claim {
	t.Helper()
	for {
		c, err := s.Claim(t.Context())
		if err == nil {
			return c
		}
		if !errors.Is(err, lock.ErrTaken) {
			t.Fatal(err)
		}
	}
}
