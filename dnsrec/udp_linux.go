//go:build linux && !onebyone

package dnsrec

import (
	"net"
	"sync"

	"golang.org/x/net/ipv4"
)

// datagrams writes and reads the packets of a connected UDP socket, many in one
// system call.
type datagrams struct {
	conn  *ipv4.PacketConn // good for IPv6 too: no address is given
	rooms sync.Pool        // of *[]ipv4.Message
	in    []ipv4.Message
	out   [][]byte
}

func newDatagrams(conn *net.UDPConn) *datagrams {
	d := &datagrams{conn: ipv4.NewPacketConn(conn), in: make([]ipv4.Message, udpAtOnce), out: make([][]byte, udpAtOnce)}
	for i := range d.in {
		d.in[i].Buffers = [][]byte{make([]byte, udpRoom)}
	}
	return d
}

// write sends packets. It may be called by several goroutines.
func (d *datagrams) write(packets [][]byte) error {
	room, _ := d.rooms.Get().(*[]ipv4.Message)
	if room == nil {
		room = new([]ipv4.Message)
	}
	defer d.rooms.Put(room)
	for len(*room) < len(packets) {
		*room = append(*room, ipv4.Message{Buffers: make([][]byte, 1)})
	}
	for i, p := range packets {
		(*room)[i].Buffers[0] = p
	}
	for left := (*room)[:len(packets)]; len(left) > 0; {
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
		d.out[i] = m.Buffers[0][:m.N]
		if m.N == udpRoom { // cut by the system, or nearly
			d.out[i][2] |= bitTC
		}
	}
	return d.out[:n], nil
}
