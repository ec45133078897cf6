//go:build unix

package report

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Row 17 of issue 16: a temporary file is nobody else's to read, and what a run
// that was killed has left is removed by the next one, but not one in use.
func TestRow17_Temporary(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	for _, stale := range []string{".report.json.ABCDEFGH.tmp", ".report.json.ABCDEFGH.tmp.mine", ".other.json.ABCDEFGH.tmp", ".report.json.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, stale), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	running, err := CreateAtomic(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(running.tmp); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	next, err := CreateAtomic(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(next.Commit(), running.Commit()); err != nil {
		t.Error(err)
	}
	alone(t, dir, "report.json", ".report.json.ABCDEFGH.tmp.mine", ".other.json.ABCDEFGH.tmp", ".report.json.tmp")
	old := syscall.Umask(0o027)
	defer syscall.Umask(old)
	shared, err := CreateAtomic(filepath.Join(dir, "new.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := shared.Commit(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "new.json")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
