//go:build !windows

package smtpprobe

import "syscall"

func errnoClasses() map[syscall.Errno]Class {
	return map[syscall.Errno]Class{
		syscall.ECONNREFUSED:  ClassRefused,
		syscall.ECONNRESET:    ClassReset,
		syscall.EPIPE:         ClassReset,
		syscall.ECONNABORTED:  ClassReset,
		syscall.ETIMEDOUT:     ClassTimeout,
		syscall.ENETUNREACH:   ClassNoRoute,
		syscall.EADDRNOTAVAIL: ClassNoRoute,
		syscall.EAFNOSUPPORT:  ClassNoRoute,
		syscall.ENETDOWN:      ClassNoRoute,
		syscall.EHOSTUNREACH:  ClassUnreachable,
		syscall.EACCES:        ClassProhibited,
		syscall.EPERM:         ClassProhibited,
		syscall.EINVAL:        ClassProhibited, // a blackhole route, on Linux
		syscall.EMFILE:        ClassLocal,
		syscall.ENFILE:        ClassLocal,
		syscall.ENOBUFS:       ClassLocal,
		syscall.ENOMEM:        ClassLocal,
	}
}
