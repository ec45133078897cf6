//go:build unix && !linux

package main

import "syscall"

// noDumps keeps a crash from writing secrets to disk. It is best effort.
func noDumps() { _ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }

// wipeEnv does nothing: only Linux shows a process's first environment to others
// as a file.
func wipeEnv(string) {}
