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
	name, err := syscall.UTF16PtrFromString(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0) // shared with nobody
	if err != nil {
		return nil, errors.Join(errors.New("bus: another process uses "+dir), err)
	}
	return os.NewFile(uintptr(h), "lock"), nil
}
