//go:build !linux || onebyone

package dnsrec

import "net"

// datagrams writes and reads the packets of a connected UDP socket. Only Linux
// takes many at once; the tag onebyone is for tests of this file there.
type datagrams struct {
	conn *net.UDPConn
	room []byte
	out  [1][]byte
}

func newDatagrams(conn *net.UDPConn) *datagrams {
	return &datagrams{conn: conn, room: make([]byte, maxMessage)}
}

// write sends packets.
func (d *datagrams) write(packets [][]byte) error {
	for _, p := range packets {
		if _, err := d.conn.Write(p); err != nil {
			return err
		}
	}
	return nil
}

// read waits for packets and gives those that are there, at least one. They are
// good until the next read.
func (d *datagrams) read() ([][]byte, error) {
	n, err := d.conn.Read(d.room)
	if err != nil {
		return nil, err
	}
	d.out[0] = d.room[:n]
	return d.out[:], nil
}

// replyCharge is what a usual reply takes of a socket's buffer.
const replyCharge = 1 << 10

// receiveBuffer returns how many bytes of replies may wait for a socket.
func receiveBuffer(*net.UDPConn) int { return udpBuffer }
