//go:build linux && !onebyone

package dnsrec

import (
	"net"
	"syscall"

	"golang.org/x/net/ipv4"
)

// datagrams writes and reads the packets of a connected UDP socket, many in one
// system call. One goroutine may write, and one read, at a time.
type datagrams struct {
	conn *ipv4.PacketConn // good for IPv6 too: no address is given
	out  []ipv4.Message
	in   []ipv4.Message
	got  [][]byte
}

// unaddressed is a connected UDP socket in the guise of a TCP one, whose packets come from
// one address: package ipv4 would make a new [net.UDPAddr] for each.
type unaddressed struct{ *net.UDPConn }

// SetLinger is by what package ipv4 recognizes TCP.
func (unaddressed) SetLinger(int) error { return nil }

func newDatagrams(conn *net.UDPConn) *datagrams {
	d := &datagrams{conn: ipv4.NewPacketConn(unaddressed{conn}), in: make([]ipv4.Message, udpAtOnce), got: make([][]byte, udpAtOnce)}
	for i := range d.in {
		d.in[i].Buffers = [][]byte{make([]byte, udpRoom)}
	}
	return d
}

// write sends packets.
func (d *datagrams) write(packets [][]byte) error {
	for len(d.out) < len(packets) {
		d.out = append(d.out, ipv4.Message{Buffers: make([][]byte, 1)})
	}
	for i, p := range packets {
		d.out[i].Buffers[0] = p
	}
	for left := d.out[:len(packets)]; len(left) > 0; {
		n, err := d.conn.WriteBatch(left, 0)
		if err != nil {
			return err
		}
		left = left[n:]
	}
	return nil
}

// read waits for packets and gives those that are there, at least one. They are
// good until the next read.
func (d *datagrams) read() ([][]byte, error) {
	n, err := d.conn.ReadBatch(d.in, 0)
	if err != nil {
		return nil, err
	}
	for i, m := range d.in[:n] {
		d.got[i] = m.Buffers[0][:m.N]
		if m.N == udpRoom { // cut by the system, or nearly
			d.got[i][2] |= bitTC
		}
	}
	return d.got[:n], nil
}

// replyCharge is what the kernel charges a socket's buffer for one usual reply:
// the page fragment that most drivers receive it in, and its own bookkeeping.
const replyCharge = 2304

// receiveBuffer returns how many bytes of replies may wait for a socket, as the
// kernel counts them: net.core.rmem_max can be less than what was asked for.
func receiveBuffer(conn *net.UDPConn) (bytes int) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return udpBuffer
	}
	given := error(nil)
	err = raw.Control(func(fd uintptr) {
		bytes, given = syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF)
	})
	if err != nil || given != nil {
		return udpBuffer
	}
	return bytes
}
