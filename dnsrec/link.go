package dnsrec

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// A link is one socket to one server with many queries in flight. The caller
// writes its query itself and waits; one goroutine reads the replies and gives
// each to the call that it fits, by ID and question. So a query costs neither
// a socket nor a goroutine, and what fits no call is ignored, be it late or
// forged (RFC 5452 4 and 9.1).

var (
	errTimeout = errors.New("no reply in time")
	errMisfit  = errors.New("replies came, but none that fits the question")
	errStale   = errors.New("the connection ended")
	errFull    = errors.New("too many queries at once")
	errClosed  = errors.New("client closed")
	errEnded   = errors.New("canceled")
)

// ended says why the context ended, in a form that differs from all failures
// of the network, whatever the cause is.
func ended(ctx context.Context) error {
	return fmt.Errorf("%w: %w", errEnded, context.Cause(ctx))
}

const (
	maxInFlight = 1 << 14 // queries a link; so a free ID is found fast
	streamIdle  = 10 * time.Second
)

// call is one question on its way. It is pooled: its buffers are used again.
type call struct {
	packet   []byte // length for streams, header, question, OPT
	question []byte // part of packet
	reply    []byte
	err      error
	failed   []int64 // numbers of its queries that were lost or refused
	refused  bool    // one of them was refused
	misfits  int     // replies with the right ID that did not fit
	arrived  time.Time
	dispatch dispatch
	ahead    *Prefetch     // is told of the reply; nil: nobody
	patience time.Duration // how long to wait for the reply
	done     chan struct{}
	timer    *time.Timer // of await; nil before the first
	msg      message
	name     [maxName]byte
	scratch  [maxName]byte
}

// wake wakes those who wait for a call. It may be another one's at once.
func (c *call) wake() {
	ahead := c.ahead
	c.done <- struct{}{}
	if ahead != nil {
		ahead.heard()
	}
}

func newCall() *call { return &call{done: make(chan struct{}, 1)} }

const (
	lengthSize = 2  // before a message on a stream, RFC 1035 4.2.2
	optSize    = 11 // of an OPT record without options

	typeAndClass = 4 // of a question, RFC 1035 4.1.2
)

// set writes the question: a name in wire format, a type, class IN.
func (c *call) set(name []byte, typ uint16) {
	b := append(c.packet[:0], 0, 0,
		0, 0, // ID
		0x01, 0x20, // RD; AD asks for the AD bit in the reply (RFC 6840 5.7)
		0, 1, 0, 0, 0, 0, 0, 0) // one question
	b = append(b, name...)
	b = binary.BigEndian.AppendUint16(b, typ)
	b = binary.BigEndian.AppendUint16(b, dns.ClassINET)
	c.packet, c.question = b, b[lengthSize+headerSize:]
}

// wireName returns the name to ask for in wire format. It may be overwritten.
func (c *call) wireName(name string) ([]byte, error) {
	if c.dispatch.link != nil {
		return c.name[:len(c.question)-typeAndClass], nil
	}
	return appendName(c.name[:0], name)
}

// edns adds or removes the OPT record (RFC 6891 6.1.2).
func (c *call) edns(on bool) {
	b := c.packet[:lengthSize+headerSize+len(c.question)]
	count := byte(0)
	if on {
		b = append(b, 0, 0, byte(dns.TypeOPT), ednsSize>>8, ednsSize&0xFF, 0, 0, 0, 0, 0, 0)
		count = 1
	}
	b[lengthSize+11] = count // additional records
	binary.BigEndian.PutUint16(b, uint16(len(b)-lengthSize))
	c.packet, c.question = b, b[lengthSize+headerSize:lengthSize+headerSize+len(c.question)]
}

// fits reports whether a message is a reply to the call's question.
func (c *call) fits(msg []byte) bool {
	const qr, opcode = 0x80, 0x78 // RFC 1035 4.1.1
	if len(msg) < headerSize || msg[2]&qr == 0 || msg[2]&opcode != 0 {
		return false
	}
	switch binary.BigEndian.Uint16(msg[4:]) {
	case 0:
		// Servers that know no EDNS may send back the header alone. It is
		// no answer, only a reason to ask without EDNS (RFC 6891 7).
		code := int(msg[3] & 0x0F)
		return code == dns.RcodeFormatError || code == dns.RcodeNotImplemented
	case 1:
		end := headerSize + len(c.question)
		return len(msg) >= end && equalFold(msg[headerSize:end], c.question)
	}
	return false
}

type link struct {
	conn   net.Conn
	udp    *datagrams // the packets of conn; nil for a stream
	room   int        // for how many replies the kernel has room; more calls are not refused
	stream bool
	gone   func(*link) // called when the reader has ended

	mu      sync.Mutex
	calls   map[uint16]*call
	ids     *mathrand.ChaCha8
	uses    int
	replies int
	ready   []*call // by the messages that are being delivered
	retired bool    // takes no more calls; closed when the last one is done
	err     error

	outbox outbox
}

// newLink makes a link of a connection; go l.read() makes it work.
func newLink(conn net.Conn, stream bool, gone func(*link)) *link {
	var seed [32]byte
	rand.Read(seed[:]) // never fails
	l := &link{
		conn: conn, stream: stream, gone: gone,
		calls: make(map[uint16]*call), ids: mathrand.NewChaCha8(seed), room: maxInFlight,
	}
	if udp, ok := conn.(*net.UDPConn); ok {
		l.udp = newDatagrams(udp)
		l.room = max(1, receiveBuffer(udp)/replyCharge)
	}
	return l
}

// send sends a call's packet. Whether that worked shows when it is waited for.
func (l *link) send(c *call, deadline time.Time) (id uint16, err error) {
	if id, err = l.add(c); err != nil {
		return 0, err
	}
	if err := l.write(c.packet, deadline); err != nil {
		l.fail(err)
	}
	return id, nil
}

// await waits for the reply to a call that was sent.
func (l *link) await(ctx context.Context, c *call, id uint16, deadline time.Time) (err error) {
	select {
	case <-c.done:
		return c.err
	default:
	}
	if wait := time.Until(deadline); c.timer == nil {
		c.timer = time.NewTimer(wait)
	} else {
		c.timer.Reset(wait)
	}
	defer c.timer.Stop()
	select {
	case <-c.done:
		return c.err
	case <-c.timer.C:
		err = errTimeout
	case <-ctx.Done():
		err = ended(ctx)
	}
	if !l.remove(id, c) { // the reader was faster
		<-c.done
		return c.err
	}
	if err == errTimeout && c.misfits > 0 {
		err = errMisfit
	}
	return err
}

func (l *link) write(packet []byte, deadline time.Time) error {
	if l.stream {
		l.conn.SetWriteDeadline(deadline)
	}
	_, err := l.conn.Write(l.framed(packet))
	return err
}

// framed returns a call's packet as it goes over the link.
func (l *link) framed(packet []byte) []byte {
	if l.stream {
		return packet
	}
	return packet[lengthSize:]
}

// writeAll sends framed packets, at once where that can be done. One goroutine
// may call it at a time.
func (l *link) writeAll(packets [][]byte, deadline time.Time) error {
	if !l.stream {
		return l.udp.write(packets)
	}
	l.conn.SetWriteDeadline(deadline)
	_, err := l.conn.Write(slices.Concat(packets...))
	return err
}

// add assigns the call an ID that cannot be guessed and is not in use, and
// makes it known to the reader.
func (l *link) add(c *call) (uint16, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.err != nil:
		return 0, l.err
	case l.retired:
		return 0, errStale
	case len(l.calls) >= maxInFlight:
		return 0, errFull
	}
	id := uint16(l.ids.Uint64())
	for l.calls[id] != nil {
		id = uint16(l.ids.Uint64())
	}
	c.err, c.misfits, c.reply = nil, 0, c.reply[:0]
	binary.BigEndian.PutUint16(c.packet[lengthSize:], id)
	l.calls[id] = c
	l.uses++
	return id, nil
}

// remove takes a call back; false: it is done already.
func (l *link) remove(id uint16, c *call) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.calls[id] != c {
		return false
	}
	delete(l.calls, id)
	l.closeIfSpent()
	return true
}

// full reports whether the kernel might have to drop replies if all came at once.
func (l *link) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.calls) >= l.room
}

// usable reports whether the link takes calls, and retires it after so many
// that a guesser has seen enough of its port; 0: never.
func (l *link) usable(maxUses int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if maxUses > 0 && l.uses >= maxUses {
		l.retired = true
		l.closeIfSpent()
	}
	return l.err == nil && !l.retired
}

// retire lets the calls in flight finish and takes no more.
func (l *link) retire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.retired = true
	l.closeIfSpent()
}

func (l *link) closeIfSpent() {
	if l.retired && len(l.calls) == 0 {
		l.conn.Close()
	}
}

// fail ends the link and all its calls.
func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return
	}
	if l.replies > 0 { // it worked: another one may
		err = fmt.Errorf("%w: %w", errStale, err)
	}
	l.err = err
	for id, c := range l.calls {
		c.err = err
		c.wake()
		delete(l.calls, id)
	}
	l.conn.Close()
}

// read returns the replies to the calls until the link ends.
func (l *link) read() {
	defer l.gone(l)
	if !l.stream {
		for {
			msgs, err := l.udp.read()
			if err != nil {
				l.fail(err)
				return
			}
			l.deliver(msgs...)
		}
	}
	r, buf := bufio.NewReader(l.conn), make([]byte, maxMessage)
	for {
		msg, err := l.next(r, buf)
		if err != nil {
			l.fail(err)
			return
		}
		l.deliver(msg)
	}
}

// next reads a message from a stream.
func (l *link) next(r *bufio.Reader, buf []byte) ([]byte, error) {
	l.conn.SetReadDeadline(time.Now().Add(streamIdle))
	if _, err := io.ReadFull(r, buf[:lengthSize]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(buf))
	if n < headerSize {
		return nil, errMalformed
	}
	_, err := io.ReadFull(r, buf[:n])
	return buf[:n], err
}

// deliver returns each message to the call that it fits, if any. All are there
// before those who wait are woken: they are often one.
func (l *link) deliver(msgs ...[]byte) {
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ready = l.ready[:0]
	for _, msg := range msgs {
		if c := l.match(msg); c != nil {
			c.reply, c.arrived = append(c.reply[:0], msg...), now
			l.ready = append(l.ready, c)
		}
	}
	for _, c := range l.ready {
		c.wake()
	}
	l.replies += len(l.ready)
	l.closeIfSpent()
}

// match takes the call that a message fits; nil: none. l.mu is held.
func (l *link) match(msg []byte) *call {
	if len(msg) < 2 {
		l.blame()
		return nil
	}
	id := binary.BigEndian.Uint16(msg)
	c := l.calls[id]
	if c == nil {
		return nil
	}
	if !c.fits(msg) {
		c.misfits++
		return nil
	}
	delete(l.calls, id)
	return c
}

// blame notes a message that is too short for an ID, if only one call can be
// meant.
func (l *link) blame() {
	if len(l.calls) == 1 {
		for _, c := range l.calls {
			c.misfits++
		}
	}
}
