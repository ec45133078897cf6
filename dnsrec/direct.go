package dnsrec

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// This file asks name servers directly, without recursion: what one server says,
// not what a resolver makes of what all of them say.

// Record is one record of a reply.
type Record struct {
	Name  string // canonical
	Type  Type
	TTL   time.Duration
	Value string // as in [Answer]
}

// Reply is what one name server said to a question.
type Reply struct {
	Query
	Server        string // address, port and transport
	Rcode         string
	Authoritative bool // AA bit: the server has the zone
	Answer        []Record
	Authority     []Record
	Additional    []Record
	RTT           time.Duration
}

// The limits of [Direct].
const (
	directTimeout = 2 * time.Second // a try
	directTries   = 2               // over UDP
	directRecords = 500             // that are read of one reply
	directUDP     = 4 << 10         // bytes; servers that heed our size send less
)

// directTypes are the types of records that a [Reply] holds.
var directTypes = []Type{TypeA, TypeAAAA, TypeCNAME, TypeMX, TypeNS, TypePTR, TypeSRV, TypeCAA, TypeTLSA, TypeTXT, TypeSOA, TypeDS, TypeDNSKEY}

// Direct puts a question to one name server, over UDP and, if the reply is
// truncated, over TCP (RFC 7766 5). It does not ask for recursion. Any rcode is a
// reply; an error is an [*Error] and says that there was none.
func Direct(ctx context.Context, server netip.AddrPort, q Query) (Reply, error) {
	d := &directCall{server: server, q: Q(q.Name, q.Type), call: newCall()}
	name, err := appendName(d.call.name[:0], d.q.Name)
	if err != nil || wireType(d.q.Type) == 0 {
		return Reply{Query: d.q}, d.fault(KindName, cmp.Or(err, errType))
	}
	d.call.set(name, wireType(d.q.Type))
	d.call.packet[lengthSize+2] = 0 // no RD: RFC 1035 4.1.1
	d.call.edns(true)
	var last error
	for range directTries {
		r, again, err := d.udp(ctx)
		if !again {
			return r, err
		}
		if last = err; ctx.Err() != nil {
			break
		}
	}
	return Reply{Query: d.q}, last
}

// directCall is a question on its way to one server.
type directCall struct {
	server netip.AddrPort
	q      Query
	call   *call
	began  time.Time
}

func (d *directCall) fault(k Kind, err error) *Error {
	return &Error{Query: d.q, Kind: k, Server: d.server.String(), Err: err}
}

// lost makes the error of a conversation that failed.
func (d *directCall) lost(ctx context.Context, err error) *Error {
	var timeout net.Error
	switch {
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return d.fault(KindCanceled, err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return d.fault(KindTimeout, err)
	}
	return d.fault(KindNetwork, err)
}

// dial opens a connection for one try: it works no longer than ctx and the time of a
// try. done closes it.
func (d *directCall) dial(ctx context.Context, network string) (conn net.Conn, done func(), err error) {
	d.began = time.Now()
	ctx, cancel := context.WithTimeout(ctx, directTimeout)
	conn, err = new(net.Dialer).DialContext(ctx, network, d.server.String())
	if err != nil {
		cancel()
		return nil, nil, err
	}
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return conn, func() { stop(); cancel(); conn.Close() }, nil
}

// udp tries once over UDP, and goes on over TCP if the reply is truncated. again
// says that another try may help.
func (d *directCall) udp(ctx context.Context) (r Reply, again bool, err error) {
	conn, done, err := d.dial(ctx, protoUDP)
	if err != nil {
		return r, true, d.lost(ctx, err)
	}
	defer done()
	packet := d.call.packet[lengthSize:]
	binary.BigEndian.PutUint16(packet, uint16(rand.Uint32()))
	if _, err := conn.Write(packet); err != nil {
		return r, true, d.lost(ctx, err)
	}
	buf := make([]byte, directUDP)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return r, true, d.lost(ctx, err)
		}
		if !d.fits(buf[:n]) { // late or forged, RFC 5452 9.1
			continue
		}
		if buf[2]&bitTC != 0 || n == len(buf) {
			r, err = d.tcp(ctx)
			return r, false, err
		}
		r, err = d.read(buf[:n], protoUDP)
		return r, false, err
	}
}

// fits reports whether a message is the reply to the question.
func (d *directCall) fits(msg []byte) bool {
	return len(msg) >= headerSize && [2]byte(msg) == [2]byte(d.call.packet[lengthSize:]) && d.call.fits(msg)
}

func (d *directCall) tcp(ctx context.Context) (r Reply, err error) {
	conn, done, err := d.dial(ctx, protoTCP)
	if err != nil {
		return r, d.fault(KindTruncated, err)
	}
	defer done()
	if _, err := conn.Write(d.call.packet); err != nil {
		return r, d.fault(KindTruncated, err)
	}
	var length [lengthSize]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return r, d.fault(KindTruncated, err)
	}
	msg := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, msg); err != nil {
		return r, d.fault(KindTruncated, err)
	}
	if !d.fits(msg) {
		return r, d.fault(KindTruncated, errMisfit)
	}
	return d.read(msg, protoTCP)
}

// read reads all sections of a reply.
func (d *directCall) read(raw []byte, transport string) (Reply, error) {
	r := Reply{Query: d.q, Server: d.server.String() + "/" + transport, RTT: time.Since(d.began)}
	const aa = 0x04 // RFC 1035 4.1.1
	r.Authoritative = raw[2]&aa != 0
	m := &message{raw: raw, rcode: int(raw[3] & 0x0F)}
	off, err := skipQuestion(raw)
	if err != nil {
		return r, d.fault(KindMalformed, err)
	}
	left := directRecords
	for i, section := range []*[]Record{&r.Answer, &r.Authority, &r.Additional} {
		for range binary.BigEndian.Uint16(raw[6+2*i:]) {
			if left--; left < 0 {
				return r, d.fault(KindMalformed, errMalformed)
			}
			if off, err = m.take(section, off); err != nil {
				return r, d.fault(KindMalformed, err)
			}
		}
	}
	r.Rcode = rcodeName(m.rcode)
	return r, nil
}

// take appends the record at off to a section, and returns the offset behind it.
// Signatures and the like are left out.
func (m *message) take(section *[]Record, off int) (int, error) {
	r, class, err := readRecord(m.raw, off)
	if err != nil {
		return 0, err
	}
	t := Type(dns.TypeToString[r.typ])
	if r.typ == dns.TypeOPT {
		return r.end, m.readOPT(r)
	}
	if class != dns.ClassINET || !slices.Contains(directTypes, t) {
		return r.end, nil
	}
	owner, _, err := expandName(nil, m.raw, r.owner)
	if err != nil {
		return 0, err
	}
	value, _, err := m.value(r)
	if err != nil {
		return 0, err
	}
	*section = append(*section, Record{presentation(owner), t, seconds(r.ttl), value})
	return r.end, nil
}
