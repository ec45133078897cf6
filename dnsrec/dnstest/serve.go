package dnstest

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/miekg/dns"
)

const (
	udpReaders = 2
	udpBuffer  = 4 << 20 // bytes of queries that may wait in the kernel
	plainSize  = 512     // RFC 1035 4.2.1
)

func (s *Server) serveUDP() {
	if c, ok := s.udp.(*net.UDPConn); ok {
		c.SetReadBuffer(udpBuffer) // best effort: the kernel may allow less
	}
	for range udpReaders {
		s.wg.Go(func() {
			buf := make([]byte, dns.MaxMsgSize)
			for {
				n, from, err := s.udp.ReadFrom(buf)
				if err != nil {
					if s.closed() {
						return
					}
					continue // such as a reply that could not be delivered
				}
				s.handleUDP(buf[:n], from)
			}
		})
	}
}

func (s *Server) handleUDP(query []byte, from net.Addr) {
	packets, f, err := s.reply(query, "udp")
	if err != nil {
		return
	}
	s.later(f.Delay+s.latency, func() {
		for _, p := range packets {
			s.udp.WriteTo(p, from)
		}
	})
}

// later calls send after a delay, in a goroutine that ends with the server.
func (s *Server) later(delay time.Duration, send func()) {
	if delay <= 0 {
		send()
		return
	}
	s.wg.Go(func() {
		if s.sleep(delay) {
			send()
		}
	})
}

// sleep reports false if the server was closed meanwhile.
func (s *Server) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.done:
		return false
	}
}

func (s *Server) closed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *Server) serveStream(l net.Listener, transport string) {
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				if s.closed() {
					return
				}
				continue
			}
			if !s.hold(c) {
				return
			}
			s.wg.Go(func() {
				defer s.drop(c)
				s.serveConn(c, transport)
			})
		}
	})
}

// hold notes a connection, so that Close ends it.
func (s *Server) hold(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		c.Close()
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) drop(c net.Conn) {
	c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// serveConn answers the queries of a stream, one after the other; a late one
// does not hold the others up (RFC 7766 6.2.1.1).
func (s *Server) serveConn(c net.Conn, transport string) {
	for {
		query, err := readFramed(c)
		if err != nil {
			return
		}
		packets, f, err := s.reply(query, transport)
		switch {
		case err != nil:
			return
		case f.Reset:
			reset(c)
			return
		case f.Stream != nil:
			s.drip(c, f.Stream, f.Drip)
			continue
		}
		s.later(f.Delay+s.latency, func() {
			for _, p := range packets {
				c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(p))), p...))
			}
		})
	}
}

func readFramed(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	msg := make([]byte, binary.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(r, msg)
	return msg, err
}

func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		t.SetLinger(0) // closing sends RST
	}
	c.Close()
}

func (s *Server) drip(c net.Conn, data []byte, pause time.Duration) {
	if pause <= 0 {
		c.Write(data)
		return
	}
	for i := range data {
		if !s.sleep(pause) {
			return
		}
		if _, err := c.Write(data[i : i+1]); err != nil {
			return
		}
	}
}

// reply works out what to send for a query: no packets for a dropped one. The
// error says that it was no query.
func (s *Server) reply(query []byte, transport string) (packets [][]byte, f *scripted, err error) {
	var m dns.Msg
	if err := m.Unpack(query); err != nil {
		return nil, nil, err
	}
	if m.Response || len(m.Question) != 1 {
		return nil, nil, dns.ErrRcode
	}
	q := s.record(&m, transport)
	if transport == "udp" && s.loss > 0 && rand.Float64() < s.loss {
		return nil, healthy, nil
	}
	if s.limit != nil && !s.limit.allow(q.Time) {
		f = &scripted{Fault: Fault{Rcode: s.limit.rcode, Drop: s.limit.rcode == ""}}
	} else {
		f = s.faults.strike(q)
	}
	packets, err = s.packets(&m, query, f, transport)
	return packets, f, err
}

func (s *Server) packets(m *dns.Msg, query []byte, f *scripted, transport string) ([][]byte, error) {
	if f.Drop {
		return nil, nil
	}
	if f.Raw != nil {
		raw := append([]byte(nil), f.Raw...)
		if !f.RawID {
			copy(raw, query[:2])
		}
		return repeat(raw, f.Copies), nil
	}
	reply, err := s.message(m, f, transport).Pack()
	if err != nil {
		return nil, err
	}
	if f.Edit != nil {
		return f.Edit(query, reply), nil
	}
	return repeat(reply, f.Copies), nil
}

func repeat(p []byte, copies int) [][]byte {
	out := [][]byte{p}
	for len(out) < copies {
		out = append(out, p)
	}
	return out
}

// message makes the reply to a query.
func (s *Server) message(m *dns.Msg, f *scripted, transport string) *dns.Msg {
	r := new(dns.Msg)
	r.SetReply(m)
	r.RecursionAvailable = true
	r.AuthenticatedData = (s.ad || f.Authentic) && (m.AuthenticatedData || isDO(m)) // RFC 6840 5.8
	code, _ := rcode(f.Rcode)
	switch {
	case code != dns.RcodeSuccess:
		r.Rcode = code
	case f.rrs != nil:
		r.Answer = f.rrs
	case s.owner:
		s.zone.Load().own(r, m.Question[0])
	default:
		q := m.Question[0]
		r.Rcode, r.Answer, r.Ns = s.zone.Load().answer(q.Name, q.Qtype, !f.Partial)
	}
	size := s.addOPT(r, m, f, code)
	r.Compress = true
	if transport == "udp" {
		r.Truncate(size)
		r.Truncated = r.Truncated || f.Truncate
	}
	return r
}

func isDO(m *dns.Msg) bool {
	opt := m.IsEdns0()
	return opt != nil && opt.Do()
}

// addOPT adds the EDNS record that answers the query's, and gives the size
// that the reply may have over UDP (RFC 6891 6.2.5).
func (s *Server) addOPT(r, m *dns.Msg, f *scripted, code int) int {
	asked := m.IsEdns0()
	if asked == nil || f.EDNS && code <= 0xF && code != dns.RcodeSuccess {
		r.Rcode &= 0xF
		return plainSize // a server that refuses EDNS by FORMERR knows no OPT
	}
	opt := &dns.OPT{Hdr: dns.RR_Header{Name: ".", Rrtype: dns.TypeOPT}}
	opt.SetUDPSize(dns.DefaultMsgSize)
	for _, x := range f.Extended {
		opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: x.Code, ExtraText: x.Text})
	}
	r.Extra = append(r.Extra, opt)
	return max(int(asked.UDPSize()), plainSize)
}
