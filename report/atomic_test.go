package report

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
}

// alone checks that nothing but the named files is left in dir.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(names) {
		t.Errorf("%v is in the folder, want %v", files, names)
	}
}

func TestAtomicFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	for _, text := range []string{"first", "second"} {
		f, err := CreateAtomic(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if text == "second" {
			wantFile(t, path, "first") // not before Commit
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, text)
	}
	f, err := CreateAtomic(path)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("third"))
	f.Discard()
	wantFile(t, path, "second")
	alone(t, dir, "report.json")
}

func TestAtomicFileMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes on this system")
	}
	path := filepath.Join(t.TempDir(), "metrics.prom")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	f, err := CreateAtomic(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if s, err := os.Stat(path); err != nil || s.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", s.Mode(), err)
	}
}

// What is no plain file is not replaced, and no link is followed.
func TestFault_203_AtomicFileRefuses(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	locked := filepath.Join(dir, "locked")
	for _, p := range []string{target, locked} {
		if err := os.WriteFile(p, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(locked, 0o400); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	dangling := filepath.Join(dir, "dangling")
	if err := errors.Join(os.Symlink(target, link), os.Symlink(filepath.Join(dir, "none"), dangling)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for _, p := range []string{link, dangling, locked, dir, os.DevNull, filepath.Join(dir, "none", "report.json"), ""} {
		f, err := CreateAtomic(p)
		if err == nil {
			f.Discard()
			t.Errorf("%s is accepted", p)
		}
	}
	wantFile(t, target, "precious")
	wantFile(t, locked, "precious")
	alone(t, dir, "target", "locked", "link", "dangling")
}

// A full disk is an error, and the old file stays.
func TestFault_231_AtomicFileFullDisk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full on this system")
	}
	f, err := CreateAtomic(path)
	if err != nil {
		t.Fatal(err)
	}
	f.file.Close()
	f.file = full // every write says that the disk is full
	if _, err := f.Write(bytes.Repeat([]byte("x"), 1<<16)); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Write: %v", err)
	}
	if err := f.Commit(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Commit: %v", err)
	}
	wantFile(t, path, "old")
	alone(t, dir, "report.json")
}
