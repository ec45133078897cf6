//go:build unix

// Package cputime measures the work of a test: a busy machine makes it wait, and
// does not make it work more.
package cputime

import (
	"syscall"
	"time"
)

// Used returns what this process has used of the processors.
func Used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
