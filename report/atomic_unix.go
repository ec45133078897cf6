//go:build unix

package report

import (
	"io/fs"
	"os"

	"syscall"
)

// lock marks a file as one that this program holds; it fails if another does.
// The lock ends with the program, however that ends.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// umask returns the permissions that new files do not get. There is no way to
// read it but to set it.
func umask() fs.FileMode {
	old := syscall.Umask(0o077)
	syscall.Umask(old)
	return fs.FileMode(old)
}
