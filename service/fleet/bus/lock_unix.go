//go:build unix

package bus

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lock keeps other processes out of a folder until the file is closed, or the
// process ends: two servers would destroy each other's streams.
func lock(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(errors.New("bus: another process uses "+dir), file.Close())
	}
	return file, nil
}
