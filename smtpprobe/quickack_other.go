//go:build !linux

package smtpprobe

import "net"

func withQuickACK(c net.Conn) net.Conn { return c }
