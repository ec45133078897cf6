package report

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// AtomicFile is a file that appears under its name whole or not at all: what
// is written goes to a temporary file beside it, which takes the name on
// Commit. A reader, such as a scrape, never sees half of it, and after any
// error the old file is still there.
type AtomicFile struct {
	path string
	tmp  string // name of the temporary file
	mode fs.FileMode
	file *os.File
	err  error // first error of a write
}

// CreateAtomic opens a file for writing. It refuses a path that names
// something other than a plain file (a symbolic link, a device, a folder),
// because the rename would replace it, and a file that is write-protected. The
// temporary file can be read by nobody else (0600); the file gets the mode of the
// old one, or 0666 less the umask. What a run that was killed has left is removed.
func CreateAtomic(path string) (*AtomicFile, error) {
	mode := fs.FileMode(0o666)
	old, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		mode &^= umask()
	case err != nil:
		return nil, err
	case old.Mode()&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("%s is a symbolic link; name the file it points to", Clean(path))
	case !old.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a plain file", Clean(path))
	case old.Mode().Perm()&0o200 == 0:
		return nil, fmt.Errorf("%s is write-protected", Clean(path))
	default:
		mode = old.Mode().Perm()
	}
	dir, base := filepath.Split(path)
	if base == "" {
		return nil, fmt.Errorf("%q names no file", Clean(path))
	}
	file, err := createTemp(dir, base)
	if err != nil {
		return nil, err
	}
	return &AtomicFile{path: path, tmp: file.Name(), mode: mode, file: file}, nil
}

// createTemp opens a new temporary file for base in a folder. Nobody else can read
// it, and no other run removes it while it is open.
func createTemp(dir, base string) (*os.File, error) {
	removeStale(dir, base)
	name := filepath.Join(dir, "."+base+"."+rand.Text()[:8]+".tmp")
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(file); err != nil {
		file.Close()
		os.Remove(name)
		return nil, err
	}
	return file, nil
}

// removeStale removes the temporary files of a name that no running program
// holds: those of runs that were killed.
func removeStale(dir, base string) {
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return // the file to write is what matters
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, "."+base+".") || !strings.HasSuffix(name, ".tmp") || len(name) != len(base)+14 || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, name)
		if file, err := os.OpenFile(path, os.O_RDWR, 0); err == nil {
			if lock(file) == nil {
				os.Remove(path)
			}
			file.Close()
		}
	}
}

// Write writes to the temporary file.
func (f *AtomicFile) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	if err != nil && f.err == nil {
		f.err = err
	}
	return n, err
}

// Commit returns the file its name. If anything failed before, now or in a
// Write, the old file stays and the error is returned.
func (f *AtomicFile) Commit() error {
	if f.err == nil {
		f.err = f.file.Sync() // a full disk may tell only now
	}
	if f.err == nil {
		f.err = f.file.Chmod(f.mode)
	}
	if err := f.file.Close(); f.err == nil {
		f.err = err
	}
	if f.err == nil {
		f.err = os.Rename(f.tmp, f.path)
	}
	if f.err != nil {
		os.Remove(f.tmp)
		return f.err
	}
	if dir, err := os.Open(filepath.Dir(f.path)); err == nil {
		_ = dir.Sync() // so that the new name outlives a crash; not every system can
		dir.Close()
	}
	return nil
}

// Discard removes the temporary file; the old file stays.
func (f *AtomicFile) Discard() {
	f.file.Close()
	os.Remove(f.tmp)
}
