package lock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestTake(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "new", "lock")
	first, err := Take(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(folder, "new"), filepath.Join(folder, "alias")); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{name, filepath.Join(folder, "alias", "lock")} {
		if second, err := Take(other); !errors.Is(err, ErrTaken) || second != nil {
			t.Errorf("%s is taken twice: %v", other, err)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := Take(name)
	if err != nil {
		t.Fatalf("what was given back cannot be taken: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Take(filepath.Join(name, "below a file")); err == nil || errors.Is(err, ErrTaken) {
		t.Errorf("another fault: %v", err)
	}
}
