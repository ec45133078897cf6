//go:build !windows

package main

import "syscall"

// noCoreDumps keeps a crash from writing secrets to disk. It is best effort.
func noCoreDumps() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
