package history

import (
	"context"
	"path/filepath"
	"testing"
)

// The claim on a file is kept until its context ends: the file is locked already.
func TestClaim(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	c, err := s.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Keep(ctx); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
