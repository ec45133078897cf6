package smtpprobe

import "syscall"

// errnoClasses lists the Winsock codes by number; package syscall does not
// name most of them.
func errnoClasses() map[syscall.Errno]Class {
	return map[syscall.Errno]Class{
		syscall.ECONNREFUSED: ClassRefused, // the made-up codes of package syscall
		syscall.ECONNRESET:   ClassReset,
		syscall.ENETUNREACH:  ClassNoRoute,
		syscall.EHOSTUNREACH: ClassUnreachable,
		syscall.EACCES:       ClassProhibited,
		syscall.EMFILE:       ClassLocal,

		10061: ClassRefused,     // WSAECONNREFUSED
		10054: ClassReset,       // WSAECONNRESET
		10053: ClassReset,       // WSAECONNABORTED
		10060: ClassTimeout,     // WSAETIMEDOUT
		10051: ClassNoRoute,     // WSAENETUNREACH
		10049: ClassNoRoute,     // WSAEADDRNOTAVAIL
		10047: ClassNoRoute,     // WSAEAFNOSUPPORT
		10050: ClassNoRoute,     // WSAENETDOWN
		10065: ClassUnreachable, // WSAEHOSTUNREACH
		10013: ClassProhibited,  // WSAEACCES
		10024: ClassLocal,       // WSAEMFILE
		10055: ClassLocal,       // WSAENOBUFS
	}
}
