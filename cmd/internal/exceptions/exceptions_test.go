package exceptions

import (
	"testing"
	"time"
)

// An exception is judged at the moment of the run, and its day counts in UTC
// to its end.
func TestExceptionExpires(t *testing.T) {
	e, err := parse("mx a.example 2026-12-31 x")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]bool{"2026-12-31T23:59:59Z": false, "2027-01-01T00:00:00Z": true, "2027-01-01T00:30:00+01:00": false} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Expired(now); got != want {
			t.Errorf("%s: expired is %v", at, got)
		}
	}
}
