package lock

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// sharingViolation is the error of Windows for a file that another process has
// opened for itself alone.
const sharingViolation = syscall.Errno(32)

func take(name string) (*os.File, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0) // shared with nobody
	if errors.Is(err, sharingViolation) {
		err = ErrTaken
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return os.NewFile(uintptr(h), name), nil
}
