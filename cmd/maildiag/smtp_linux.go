package main

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// noDumps keeps a crash from writing secrets to disk, and other programs of the
// same user from reading this one's memory. It is best effort.
func noDumps() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0)
}

// The places of two fields in /proc/PID/stat after the name: where the block of
// the environment that the process was started with begins and ends (proc(5)).
const (
	fieldEnvStart = 50 - 3
	fieldEnvEnd   = 51 - 3
)

// maxEnviron bounds that block; the kernel allows about as much.
const maxEnviron = 8 << 20

// wipeEnv overwrites the value of a variable where /proc/PID/environ shows it:
// os.Unsetenv alone leaves it there. It is best effort.
func wipeEnv(name string) {
	start, size := environBlock()
	if size <= 0 || size > maxEnviron {
		return
	}
	mem, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		return
	}
	defer mem.Close()
	block := make([]byte, size)
	if _, err := io.ReadFull(io.NewSectionReader(mem, start, size), block); err != nil {
		return
	}
	for at := int64(0); at < size; {
		entry, _, _ := bytes.Cut(block[at:], []byte{0})
		if value, ok := bytes.CutPrefix(entry, []byte(name+"=")); ok {
			_, _ = mem.WriteAt(bytes.Repeat([]byte("*"), len(value)), start+at+int64(len(name)+1))
		}
		at += int64(len(entry)) + 1
	}
	clear(block)
}

// environBlock returns where that block is; 0, 0 if it cannot be told.
func environBlock() (start, size int64) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0, 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) <= fieldEnvEnd {
		return 0, 0
	}
	start, err = strconv.ParseInt(fields[fieldEnvStart], 10, 64)
	end, err2 := strconv.ParseInt(fields[fieldEnvEnd], 10, 64)
	if err != nil || err2 != nil {
		return 0, 0
	}
	return start, end - start
}
