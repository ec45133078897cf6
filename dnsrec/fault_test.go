package dnsrec_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// nine are the questions about a domain that FAULTS 1 to 3 ask.
var nine = []dnsrec.Query{
	dnsrec.Q("example.com", "MX"), dnsrec.Q("mail.example.com", "A"), dnsrec.Q("example.com", "TXT"),
	dnsrec.Q("_dmarc.example.com", "TXT"), dnsrec.Q("selector1._domainkey.example.com", "TXT"),
	dnsrec.Q("_mta-sts.example.com", "TXT"), dnsrec.Q("_smtp._tls.example.com", "TXT"),
	dnsrec.Q("_25._tcp.mail.example.com", "TLSA"), dnsrec.Q("default._bimi.example.com", "TXT"),
}

func TestFault_001_ServFail(t *testing.T) {
	srv := dnstest.New(t, zone)
	c := client(t, dnsrec.Options{}, srv.Addr)
	for _, q := range nine {
		srv.Heal()
		srv.Fault(q.Name, string(q.Type), dnstest.Fault{Rcode: "SERVFAIL"})
		a, err := c.Lookup(t.Context(), q)
		if dnsrec.KindOf(err) != dnsrec.KindServFail || a.NXDomain() || a.NoData() {
			t.Errorf("%s: %v, %+v", q, err, a)
		}
	}
}

func TestFault_002_NXDomainAndNoData(t *testing.T) {
	var empty strings.Builder
	for _, q := range nine {
		fmt.Fprintf(&empty, "%s. NAPTR 1 1 \"\" \"\" \"\" .\n", q.Name)
	}
	for _, tc := range []struct {
		zone           string
		noData, noName bool
	}{{empty.String(), true, false}, {"", false, true}} {
		c := client(t, dnsrec.Options{}, dnstest.New(t, tc.zone).Addr)
		for _, q := range nine {
			a, err := c.Lookup(t.Context(), q)
			if err != nil || a.NoData() != tc.noData || a.NXDomain() != tc.noName {
				t.Errorf("%s: no data %v, no name %v, %v", q, a.NoData(), a.NXDomain(), err)
			}
		}
	}
}

// A name that exists only because names below it do holds no data.
func TestFault_003_EmptyNonTerminal(t *testing.T) {
	c := client(t, dnsrec.Options{}, dnstest.New(t, zone).Addr)
	for _, name := range []string{"_tcp.example.com", "_tcp.mail.example.com"} {
		if a, err := ask(c, name, "TXT"); err != nil || !a.NoData() {
			t.Errorf("%s: %s", name, show(a, err))
		}
	}
}

func TestFault_004_ExtendedErrors(t *testing.T) {
	for _, tc := range []struct {
		code  uint16
		rcode string
		want  dnsrec.Kind
	}{
		{6, "SERVFAIL", dnsrec.KindBogus}, {7, "SERVFAIL", dnsrec.KindBogus}, {9, "SERVFAIL", dnsrec.KindBogus},
		{22, "SERVFAIL", dnsrec.KindNetwork}, {23, "SERVFAIL", dnsrec.KindNetwork},
		{0, "SERVFAIL", dnsrec.KindServFail}, {13, "SERVFAIL", dnsrec.KindServFail},
		{15, "NXDOMAIN", dnsrec.KindRefused}, {17, "NOERROR", dnsrec.KindRefused}, // a filter, not the domain
		{3, "NXDOMAIN", ""}, // a stale answer is an answer
	} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", dnstest.Fault{Rcode: tc.rcode,
			Extended: []dnstest.Extended{{Code: tc.code, Text: "text\x1b[31m"}}})
		_, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "MX")
		e, _ := err.(*dnsrec.Error)
		if dnsrec.KindOf(err) != tc.want {
			t.Errorf("%s with %d: %v, want %s", tc.rcode, tc.code, err, tc.want)
		}
		if err != nil && !slices.Equal(e.Extended, []dnsrec.Extended{{Code: tc.code, Text: "text\x1b[31m"}}) {
			t.Errorf("%s with %d: extended errors %v", tc.rcode, tc.code, e.Extended)
		}
	}
}

// Row 5 of issue 16: extended errors that contradict each other decide nothing;
// both are kept.
func TestRow05_ContradictoryExtendedErrors(t *testing.T) {
	for _, bogus := range []uint16{6, 7, 8, 9, 10, 11, 12} {
		for _, network := range []uint16{22, 23} {
			for _, codes := range [][]uint16{{bogus, network}, {network, bogus}, {3, bogus, 0, network}} {
				srv := dnstest.New(t, zone)
				fault := dnstest.Fault{Rcode: "SERVFAIL"}
				for _, c := range codes {
					fault.Extended = append(fault.Extended, dnstest.Extended{Code: c, Text: "text"})
				}
				srv.Fault("", "", fault)
				_, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "MX")
				if e, _ := err.(*dnsrec.Error); dnsrec.KindOf(err) != dnsrec.KindServFail || len(e.Extended) != len(codes) {
					t.Errorf("%v: %v", codes, err)
				}
			}
		}
	}
}

func TestFault_006_OtherRcodes(t *testing.T) {
	for _, rcode := range []string{"REFUSED", "NOTIMP", "23", "4095", "FORMERR", "NOTAUTH"} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", dnstest.Fault{Rcode: rcode})
		_, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "MX")
		e, _ := err.(*dnsrec.Error)
		if dnsrec.KindOf(err) != dnsrec.KindRefused || e.Rcode == "" || e.Server != srv.Addr+"/udp" {
			t.Errorf("%s: %v (%+v)", rcode, err, e)
		}
		if n := len(srv.Queries()); n > 2 {
			t.Errorf("%s: asked %d times", rcode, n)
		}
	}
}

func TestFault_007_AllServersSilent(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Drop: true})
	c := client(t, dnsrec.Options{Timeout: 50 * time.Millisecond}, srv.Addr)
	for range 3 {
		if _, err := ask(c, "example.com", "MX"); dnsrec.KindOf(err) != dnsrec.KindTimeout {
			t.Error(err)
		}
	}
	// Twice for the first question; a server that never spoke gets one try
	// from then on.
	if n := len(srv.Queries()); n != 4 {
		t.Errorf("asked %d times, want 4", n)
	}
}

func TestFault_008_FirstServerDead(t *testing.T) {
	t.Parallel()
	dead, well := dnstest.New(t, zone), dnstest.New(t, zone)
	dead.Fault("", "", dnstest.Fault{Drop: true})
	c := client(t, dnsrec.Options{}, dead.Addr, well.Addr)
	for _, q := range nine {
		if a, err := c.Lookup(t.Context(), q); err != nil || a.Server != well.Addr+"/udp" {
			t.Errorf("%s: %s by %s", q, show(a, err), a.Server)
		}
	}
	if n := len(dead.Queries()); n != 1 {
		t.Errorf("the dead server was asked %d times, want 1", n)
	}
}

// A failure of the first server is put to the second, and is the answer only
// if that one fails too.
func TestNextServerAfterServFail(t *testing.T) {
	first, second := dnstest.New(t, zone), dnstest.New(t, zone)
	first.Fault("", "", dnstest.Fault{Rcode: "SERVFAIL", Extended: []dnstest.Extended{{Code: 0, Text: "first"}}})
	c := client(t, dnsrec.Options{}, first.Addr, second.Addr)
	if a, err := ask(c, "example.com", "MX"); err != nil || a.Server != second.Addr+"/udp" {
		t.Errorf("%s by %s", show(a, err), a.Server)
	}
	second.Fault("", "", dnstest.Fault{Rcode: "REFUSED"})
	if _, err := ask(c, "example.com", "MX"); dnsrec.KindOf(err) != dnsrec.KindServFail {
		t.Errorf("both fail: %v, want the more telling SERVFAIL", err)
	}
}

func TestFault_009_TruncatedOverUDP(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Over: "udp", Truncate: true, Records: "example.com. MX 1 partial.example."})
	c := client(t, dnsrec.Options{}, srv.Addr)
	a, err := ask(c, "example.com", "MX")
	if show(a, err) != "NOERROR|10 mail.example.com" || a.Server != srv.Addr+"/tcp" {
		t.Errorf("%s by %s", show(a, err), a.Server)
	}
}

// A server that sends far more over UDP than it was offered is understood, over
// UDP or over TCP.
func TestOversizedUDP(t *testing.T) {
	srv := dnstest.New(t, "example.com. TXT \"small\"\n")
	srv.Fault("example.com", "TXT", dnstest.Fault{Over: "udp", Edit: func(_, reply []byte) [][]byte {
		return [][]byte{append(reply, make([]byte, 20<<10)...)}
	}})
	a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "TXT")
	if show(a, err) != "NOERROR|small" {
		t.Errorf("%s by %s", show(a, err), a.Server)
	}
}

func TestFault_010_TruncatedAndTCPBlocked(t *testing.T) {
	t.Parallel()
	for what, f := range map[string]dnstest.Fault{
		"reset": {Over: "tcp", Reset: true}, "dropped": {Over: "tcp", Drop: true},
		"truncated too": {Over: "tcp", Edit: setTC},
	} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", f)
		srv.Fault("", "", dnstest.Fault{Over: "udp", Truncate: true})
		a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "MX")
		if dnsrec.KindOf(err) != dnsrec.KindTruncated || len(a.Values) > 0 {
			t.Errorf("%s: %s", what, show(a, err))
		}
	}
}

func setTC(_, reply []byte) [][]byte {
	reply[2] |= 0x02
	return [][]byte{reply}
}

func TestFault_012_EDNSRefused(t *testing.T) {
	t.Parallel()
	for what, f := range map[string]dnstest.Fault{
		"FORMERR": {Rcode: "FORMERR"}, "NOTIMP": {Rcode: "NOTIMP"}, "BADVERS": {Rcode: "BADVERS"},
		"silence": {Drop: true},
		"FORMERR, header only": {Edit: func(query, reply []byte) [][]byte {
			return [][]byte{{query[0], query[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0}}
		}},
	} {
		srv := dnstest.New(t, zone)
		f.EDNS = true
		srv.Fault("", "", f)
		c := client(t, dnsrec.Options{Timeout: 100 * time.Millisecond}, srv.Addr)
		for i := range 5 {
			srv.Forget()
			a, err := ask(c, "example.com", "MX")
			if show(a, err) != "NOERROR|10 mail.example.com" {
				t.Errorf("%s: %s", what, show(a, err))
			}
			if n := len(srv.Queries()); n > 2 || i > 1 && n > 1 {
				t.Errorf("%s: question %d took %d tries", what, i, n)
			}
		}
	}
}

// poison is a reply that lies, as a forger would send it.
func poison(query []byte) []byte {
	end := headerEnd(query)
	msg := append([]byte(nil), query[:end]...)
	msg[2], msg[3] = 0x81, 0x80
	binary.BigEndian.PutUint16(msg[6:], 1)
	binary.BigEndian.PutUint16(msg[10:], 0)
	return append(msg, 0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 6, 6, 6, 6)
}

// headerEnd returns the offset behind the question of a query.
func headerEnd(query []byte) int {
	off := 12
	for query[off] != 0 {
		off += 1 + int(query[off])
	}
	return off + 5
}

func TestFault_014_ForgedReplies(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Over: "udp", Edit: func(query, reply []byte) [][]byte {
		var out [][]byte
		for i := range 100 {
			id := poison(query)
			binary.BigEndian.PutUint16(id, binary.BigEndian.Uint16(id)+uint16(i)+1)
			name := poison(query)
			name[13] ^= 1
			typ := poison(query)
			typ[headerEnd(query)-3] = 28
			out = append(out, id, name, typ)
		}
		return append(out, reply)
	}})
	c := client(t, dnsrec.Options{}, srv.Addr)
	a, err := ask(c, "mail.example.com", "A")
	if show(a, err) != "NOERROR|192.0.2.1" {
		t.Error(show(a, err))
	}
	if n := len(srv.Queries()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// A reply from another port of the server's address is not the server's.
func TestFault_014_ReplyFromAnotherPort(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 512)
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		for range 100 {
			other.WriteTo(poison(buf[:n]), from)
		}
		right := poison(buf[:n])
		right[len(right)-1] = 7
		conn.WriteTo(right, from)
	})
	a, err := ask(client(t, dnsrec.Options{}, conn.LocalAddr().String()), "mail.example.com", "A")
	if show(a, err) != "NOERROR|6.6.6.7" {
		t.Error(show(a, err))
	}
	conn.Close()
	other.Close()
	wg.Wait()
}

func TestFault_015_Case(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Edit: func(_, reply []byte) [][]byte {
		for i := 12; i < len(reply); i++ {
			if 'a' <= reply[i] && reply[i] <= 'z' {
				reply[i] -= 32
			}
		}
		return [][]byte{bytes.ReplaceAll(reply, []byte("EXAMPLE"), []byte("eXaMpLe"))}
	}})
	c := client(t, dnsrec.Options{}, srv.Addr)
	a, err := ask(c, "WWW.example.COM", "AAAA")
	if show(a, err) != "NOERROR|mail.example.com|2001:db8::1" {
		t.Error(show(a, err))
	}
}

func TestFault_016_NotAReply(t *testing.T) {
	t.Parallel()
	for what, spoil := range map[string]func([]byte){
		"QR=0":          func(p []byte) { p[2] &^= 0x80 },
		"two questions": func(p []byte) { p[5] = 2 },
		"no question":   func(p []byte) { p[5] = 0 },
		"class CH":      func(p []byte) { p[headerEnd(p)-1] = 3 },
		"NOTIFY":        func(p []byte) { p[2] |= 4 << 3 },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			srv := dnstest.New(t, zone)
			srv.Fault("", "", dnstest.Fault{Times: 1, Edit: func(query, reply []byte) [][]byte {
				bad := poison(query)
				spoil(bad)
				return [][]byte{bad, reply}
			}})
			c := client(t, dnsrec.Options{Timeout: time.Minute}, srv.Addr) // the right reply ends it
			if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|192.0.2.1" {
				t.Errorf("before the right reply: %s", show(a, err))
			}
			srv.Heal()
			srv.Fault("", "", dnstest.Fault{Edit: func(query, _ []byte) [][]byte {
				bad := poison(query)
				spoil(bad)
				return [][]byte{bad}
			}})
			// Each try has its bad reply: one that comes in time is enough.
			c = client(t, dnsrec.Options{Timeout: 20 * time.Millisecond, Tries: 10}, srv.Addr)
			if a, err := ask(c, "mail.example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindMalformed {
				t.Errorf("alone: %s", show(a, err))
			}
		})
	}
}

// A resolver that serves a limited rate only slows us down.
func TestFault_029_RateLimit(t *testing.T) {
	t.Parallel()
	const rate, questions = 1500, 3000
	for what, rcode := range map[string]string{"refuses": "REFUSED", "drops": ""} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			srv := dnstest.New(t, "*.test. A 192.0.2.1", dnstest.Limit(rate, rcode))
			c := client(t, dnsrec.Options{Timeout: 250 * time.Millisecond}, srv.Addr).Hasten(4)
			began := time.Now()
			wrong, unknown := flood(c, questions, 300)
			t.Logf("%v (ideal %v), %d unknown, %d queries", time.Since(began).Round(time.Millisecond),
				time.Duration(questions)*time.Second/rate, unknown, len(srv.Queries()))
			if wrong > 0 {
				t.Errorf("%d of %d answers are wrong", wrong, questions)
			}
			if unknown > questions/50 {
				t.Errorf("%d of %d not answered", unknown, questions)
			}
		})
	}
}

// flood asks n different questions, so many at once.
func flood(r dnsrec.Resolver, n, atOnce int) (wrong, unknown int) {
	var next, w, u atomic.Int64
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				switch a, err := ask(r, fmt.Sprintf("d%d.test", i), "A"); {
				case err != nil:
					u.Add(1)
				case show(a, nil) != "NOERROR|192.0.2.1":
					w.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return int(w.Load()), int(u.Load())
}

func TestFault_030_Loss(t *testing.T) {
	t.Parallel()
	srv := dnstest.New(t, "*.test. A 192.0.2.1", dnstest.Loss(0.2))
	c := client(t, dnsrec.Options{Timeout: 100 * time.Millisecond, Tries: 4}, srv.Addr)
	wrong, unknown := flood(c, 1000, 50)
	if wrong > 0 || unknown > 20 {
		t.Errorf("%d wrong, %d unknown of 1,000", wrong, unknown)
	}
}

func TestFault_037_UnreachableServer(t *testing.T) {
	srv := dnstest.New(t, zone)
	// Nobody listens on this port, and the kernel says so at once.
	gone := dnstest.New(t, zone)
	gone.Close()
	c := client(t, dnsrec.Options{Timeout: time.Minute}, gone.Addr, "tcp://"+gone.Addr, srv.Addr)
	if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|192.0.2.1" {
		t.Error(show(a, err))
	}
	c = client(t, dnsrec.Options{Timeout: time.Minute}, gone.Addr, "tcp://"+gone.Addr)
	if _, err := ask(c, "mail.example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindNetwork {
		t.Errorf("no server at all: %v", err)
	}
}

func TestFault_040_TCPStalls(t *testing.T) {
	t.Parallel()
	for what, f := range map[string]dnstest.Fault{
		"accepts and stalls":      {Drop: true},
		"length 65535, then drip": {Stream: append([]byte{255, 255}, make([]byte, 100)...), Drip: 20 * time.Millisecond},
		"length 0":                {Stream: []byte{0, 0}},
		"length 5":                {Stream: []byte{0, 5, 1, 2, 3, 4, 5}},
		"reset":                   {Reset: true},
	} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", f)
		c := client(t, dnsrec.Options{Timeout: 100 * time.Millisecond}, "tcp://"+srv.Addr)
		a, err := ask(c, "example.com", "MX")
		if k := dnsrec.KindOf(err); k != dnsrec.KindTimeout && k != dnsrec.KindMalformed && k != dnsrec.KindNetwork {
			t.Errorf("%s: %s", what, show(a, err))
		}
		srv.Heal()
		for range 100 { // a busy machine may be late for a try
			if a, err = ask(c, "example.com", "MX"); err == nil {
				break
			}
		}
		if err != nil {
			t.Errorf("%s, then healed: %s %v", what, show(a, err), err)
		}
	}
}
