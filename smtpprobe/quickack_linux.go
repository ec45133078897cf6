package smtpprobe

import (
	"net"
	"syscall"
)

// quickACK acknowledges at once what arrives on a TCP connection. A server
// that leaves Nagle's algorithm on, as Postfix does, holds the reply to the
// EHLO inside TLS back until its session ticket is acknowledged; the kernel
// would delay that by 40 ms. The option does not last, so it is set anew
// before and after each read: before for what waits, after for what was read.
type quickACK struct {
	net.Conn
	raw syscall.RawConn
}

func withQuickACK(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return c
	}
	return quickACK{c, raw}
}

func (q quickACK) Read(b []byte) (int, error) {
	q.arm()
	n, err := q.Conn.Read(b)
	q.arm()
	return n, err
}

// arm is best effort: without it the probe is slower, not wrong.
func (q quickACK) arm() {
	_ = q.raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
