package smtpprobe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"reflect"
	"syscall"
)

// Class says how a step failed.
type Class string

// The classes of [Error].
const (
	ClassRefused     Class = "refused"     // the other end, or a firewall in its name, refused the connection
	ClassReset       Class = "reset"       // the connection was torn down (RST)
	ClassEOF         Class = "eof"         // the connection was closed in the middle
	ClassTimeout     Class = "timeout"     // nothing came in time
	ClassNoRoute     Class = "no-route"    // this machine has no route or no address of this family
	ClassUnreachable Class = "unreachable" // a router said that the host cannot be reached
	ClassProhibited  Class = "prohibited"  // this machine's own rules forbid it
	ClassDeclined    Class = "declined"    // the dialer does not connect there, by its own rules
	ClassLocal       Class = "local"       // out of descriptors, ports or memory here
	ClassProtocol    Class = "protocol"    // not SMTP, or not in order
	ClassTooLong     Class = "too-long"    // a line or reply over the limit
	ClassTLS         Class = "tls"         // the handshake failed
	ClassNotTLS      Class = "not-tls"     // plaintext came instead of a handshake
	ClassCanceled    Class = "canceled"    // the caller stopped
	ClassInput       Class = "input"       // the configuration cannot be sent
	ClassOther       Class = "other"
)

// Error is the way a step failed.
type Error struct {
	Class Class  `json:"class"`
	Text  string `json:"text"`
	Alert int    `json:"alert,omitempty"` // the TLS alert that the server sent (RFC 8446 6)
}

func (e *Error) Error() string { return "smtpprobe: " + string(e.Class) + ": " + e.Text }

func fail(c Class, text string) *Error { return &Error{Class: c, Text: clean(text)} }

// Declined is an error of a dialer that does not connect to an address by its own
// rules. It says why.
type Declined interface {
	error
	Declined() string
}

// classify turns an error of the network into an Error.
func classify(ctx context.Context, err error) *Error {
	var header tls.RecordHeaderError
	var errno syscall.Errno
	var timeout net.Error
	var declined Declined
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return fail(ClassTimeout, "the time for all checks was up")
	case ctx.Err() != nil:
		return fail(ClassCanceled, "stopped")
	case errors.As(err, &header):
		return fail(ClassNotTLS, header.Msg)
	case alertOf(err) != 0:
		return &Error{Class: ClassTLS, Text: clean(err.Error()), Alert: alertOf(err)}
	case errors.As(err, &declined):
		return fail(ClassDeclined, declined.Declined())
	case errors.As(err, &errno):
		return fail(errnoClass(errno), errno.Error())
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return fail(ClassEOF, "connection closed by the other end")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return fail(ClassTimeout, "no answer in time")
	}
	return fail(ClassOther, err.Error())
}

// alertOf returns the number of the alert that the server sent; 0 if it sent
// none. In TLS 1.3 it may come with the first read after the handshake. The
// library's type has no name outside of it.
func alertOf(err error) int {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return 0
	}
	if alert := reflect.ValueOf(op.Err); alert.Kind() == reflect.Uint8 {
		return int(alert.Uint())
	}
	return 0
}

// errnoClass returns the class of a system error; the tables are per platform.
func errnoClass(errno syscall.Errno) Class {
	if c, ok := errnoClasses()[errno]; ok {
		return c
	}
	if errno.Timeout() {
		return ClassTimeout
	}
	return ClassOther
}
