package dnstest

import (
	"strconv"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Extended is an extended DNS error (RFC 8914).
type Extended struct {
	Code uint16
	Text string
}

// Fault is what goes wrong with a query. The first group of fields chooses
// queries, the others say what happens; those of them that make sense
// together may be combined.
type Fault struct {
	Skip  int    // the first so many queries pass unharmed
	Times int    // then so many are hit; 0: all
	Over  string // only "udp", "tcp", "tls" or "https"
	EDNS  bool   // only queries with EDNS, as by a server that refuses it

	Rcode     string        // answer with this rcode and no records: "SERVFAIL", or a number up to 4095
	Extended  []Extended    // and these extended errors, if the query has EDNS
	Records   string        // answer with these records (zone-file text), whatever the question is
	Partial   bool          // do not follow aliases
	Authentic bool          // set the AD bit
	Truncate  bool          // set the TC bit, over UDP
	Drop      bool          // do not answer; on a stream, this stalls
	Delay     time.Duration // answer late
	Copies    int           // send the reply so many times; 0: once

	Raw   []byte // send this in place of the reply, with the ID of the query in its first two bytes
	RawID bool   // leave the first two bytes of Raw alone

	// Edit turns the reply into the packets that are sent in its place.
	Edit func(query, reply []byte) [][]byte

	Reset  bool          // on a stream: reset the connection
	Stream []byte        // on a stream: write this as it is, without a length before it
	Drip   time.Duration // and wait so long before each byte of it
}

// faults are the faults of a server with their counts.
type faults struct {
	mu   sync.Mutex
	list []*scripted
}

type scripted struct {
	name, typ string
	Fault
	rrs  []dns.RR
	seen int
}

// Fault adds a fault for the queries for a name and type; "" stands for any.
// Of several faults that fit a query, the first one added strikes. It panics
// if the Rcode or the Records cannot be read, for that is an error of the
// test's text.
func (s *Server) Fault(name, typ string, f Fault) {
	sc := &scripted{name: plain(name), typ: typ, Fault: f}
	if _, ok := rcode(f.Rcode); !ok {
		panic("dnstest: no such rcode: " + f.Rcode)
	}
	var err error
	if sc.rrs, err = parseRecords(f.Records); err != nil {
		panic(err)
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, sc)
}

// Heal removes all faults.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

// healthy is the fault of a query that no fault strikes.
var healthy = &scripted{}

func (fs *faults) strike(q Query) *scripted {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.list {
		if f.fits(q) {
			f.seen++
			if f.seen > f.Skip && (f.Times == 0 || f.seen <= f.Skip+f.Times) {
				return f
			}
		}
	}
	return healthy
}

func (f *scripted) fits(q Query) bool {
	return (f.name == "" || f.name == q.Name) && (f.typ == "" || f.typ == q.Type) &&
		(f.Over == "" || f.Over == q.Transport) && (!f.EDNS || q.EDNS)
}

func rcode(name string) (int, bool) {
	switch name {
	case "":
		return dns.RcodeSuccess, true
	case "BADVERS": // shares its number with BADSIG
		return dns.RcodeBadVers, true
	}
	if code, ok := dns.StringToRcode[name]; ok {
		return code, true
	}
	n, err := strconv.Atoi(name)
	return n, err == nil && n >= 0 && n <= 0xFFF
}
