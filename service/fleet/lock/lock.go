// Package lock keeps other processes away from files that one process alone may
// write to.
package lock

import (
	"errors"
	"os"
	"path/filepath"
)

// ErrTaken is that another process has the lock.
var ErrTaken = errors.New("another process uses it")

// Take makes a file, and its folder, if they are missing, and keeps other processes
// from taking it until the file is closed, or the process ends.
func Take(name string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return take(name)
}
