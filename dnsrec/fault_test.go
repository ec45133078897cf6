package dnsrec_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
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

func TestFault_010_TruncatedAndTCPBlocked(t *testing.T) {
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

// headerEnd gives the offset behind the question of a query.
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
	for what, spoil := range map[string]func([]byte){
		"QR=0":          func(p []byte) { p[2] &^= 0x80 },
		"two questions": func(p []byte) { p[5] = 2 },
		"no question":   func(p []byte) { p[5] = 0 },
		"class CH":      func(p []byte) { p[headerEnd(p)-1] = 3 },
		"NOTIFY":        func(p []byte) { p[2] |= 4 << 3 },
	} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", dnstest.Fault{Times: 1, Edit: func(query, reply []byte) [][]byte {
			bad := poison(query)
			spoil(bad)
			return [][]byte{bad, reply}
		}})
		c := client(t, dnsrec.Options{Timeout: 200 * time.Millisecond}, srv.Addr)
		if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|192.0.2.1" {
			t.Errorf("%s before the right reply: %s", what, show(a, err))
		}
		srv.Heal()
		srv.Fault("", "", dnstest.Fault{Edit: func(query, _ []byte) [][]byte {
			bad := poison(query)
			spoil(bad)
			return [][]byte{bad}
		}})
		if a, err := ask(c, "mail.example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindMalformed {
			t.Errorf("%s alone: %s", what, show(a, err))
		}
	}
}

// chainZone has a chain of n aliases from c1 to an address.
func chainZone(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "c%d.example.com. CNAME c%d.example.com.\n", i+1, i+2)
	}
	fmt.Fprintf(&b, "c%d.example.com. A 192.0.2.1\n", n+1)
	return b.String()
}

func TestFault_018_Chains(t *testing.T) {
	for _, partial := range []bool{false, true} {
		for _, tc := range []struct {
			length int
			want   dnsrec.Kind
		}{{3, ""}, {8, ""}, {9, dnsrec.KindChain}, {100, dnsrec.KindChain}} {
			srv := dnstest.New(t, chainZone(tc.length))
			srv.Fault("", "", dnstest.Fault{Partial: partial})
			a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "c1.example.com", "A")
			if dnsrec.KindOf(err) != tc.want || err == nil && (len(a.CNAMEs) != tc.length || len(a.Values) != 1) {
				t.Errorf("chain of %d, partial %v: %s %v", tc.length, partial, show(a, err), err)
			}
			if e, ok := err.(*dnsrec.Error); ok && len(e.CNAMEs) != dnsrec.MaxChain+1 {
				t.Errorf("chain of %d: error shows %d", tc.length, len(e.CNAMEs))
			}
			if n := len(srv.Queries()); n > 16 {
				t.Errorf("chain of %d: %d queries", tc.length, n)
			}
		}
	}
}

func TestFault_019_Loops(t *testing.T) {
	const loops = `
		$ORIGIN example.com.
		a    CNAME b
		b    CNAME a
		self CNAME self
		d    DNAME d.d
		in   CNAME a
	`
	for _, partial := range []bool{false, true} {
		srv := dnstest.New(t, loops)
		srv.Fault("", "", dnstest.Fault{Partial: partial})
		c := client(t, dnsrec.Options{}, srv.Addr)
		for _, name := range []string{"a", "self", "x.d", "in"} {
			srv.Forget()
			_, err := ask(c, name+".example.com", "A")
			e, ok := err.(*dnsrec.Error)
			if !ok || e.Kind != dnsrec.KindChain || len(e.CNAMEs) == 0 {
				t.Errorf("%s, partial %v: %v", name, partial, err)
			}
			if n := len(srv.Queries()); n > 16 {
				t.Errorf("%s: %d queries", name, n)
			}
		}
	}
}

// Many resolvers answer SERVFAIL where aliases loop or the chain is long.
func TestFault_019_LoopBehindServFail(t *testing.T) {
	srv := dnstest.New(t, chainZone(9)+`
a.example.com. CNAME b.example.com.
b.example.com. CNAME a.example.com.
d1.example.com. CNAME d2.example.com.
`)
	srv.Fault("", "A", dnstest.Fault{Rcode: "SERVFAIL"})
	c := client(t, dnsrec.Options{}, srv.Addr)
	for name, want := range map[string]dnsrec.Kind{
		"a.example.com": dnsrec.KindChain, "c1.example.com": dnsrec.KindChain,
		"c2.example.com": dnsrec.KindServFail, "d1.example.com": dnsrec.KindServFail, "e.example.com": dnsrec.KindServFail,
	} {
		srv.Forget()
		a, err := ask(c, name, "A")
		if dnsrec.KindOf(err) != want || a.Rcode != "SERVFAIL" {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(srv.Queries()); n > 16 {
			t.Errorf("%s: %d queries", name, n)
		}
	}
}

func TestFault_020_AliasBesideMX(t *testing.T) {
	srv := dnstest.New(t, `
		example.com.      MX    10 mail.example.com.
		mail.example.com. CNAME host.example.com.
		host.example.com. A     192.0.2.1
	`)
	c := client(t, dnsrec.Options{}, srv.Addr)
	if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|host.example.com|192.0.2.1" {
		t.Error(show(a, err))
	}
	srv.Fault("example.com", "MX", dnstest.Fault{Records: `
		example.com. CNAME other.example.
		example.com. MX 10 mail.example.com.
	`})
	if a, err := ask(c, "example.com", "MX"); show(a, err) != "NOERROR|10 mail.example.com" {
		t.Errorf("alias and MX at one name: %s", show(a, err))
	}
}

func TestFault_021_ForeignRecords(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("example.com", "MX", dnstest.Fault{Records: `
		evil.test.        MX    1 evil.test.
		example.com.      TXT   "v=spf1 +all"
		mail.example.com. A     6.6.6.6
		example.com.      MX    10 mail.example.com.
		xample.com.       MX    2 evil.test.
		www.example.com.  CNAME evil.test.
	`})
	cache := dnsrec.NewCache(client(t, dnsrec.Options{}, srv.Addr), dnsrec.CacheOptions{})
	for _, tc := range []struct {
		name string
		typ  dnsrec.Type
		want string
	}{
		{"example.com", "MX", "NOERROR|10 mail.example.com"},
		{"mail.example.com", "A", "NOERROR|192.0.2.1"},
		{"example.com", "TXT", "NOERROR|v=spf1 -all|other"},
		{"evil.test", "MX", "NXDOMAIN"},
	} {
		if a, err := ask(cache, tc.name, tc.typ); show(a, err) != tc.want || a.Cached {
			t.Errorf("%s %s: %s, want %s", tc.name, tc.typ, show(a, err), tc.want)
		}
	}
}

func TestFault_022_TTL(t *testing.T) {
	for _, tc := range []struct {
		ttl  uint32
		want time.Duration
	}{
		{0, 0}, {1<<31 - 1, (1<<31 - 1) * time.Second}, {1 << 31, 0}, {0xFFFFFFFF, 0},
	} {
		srv := dnstest.New(t, zone)
		srv.Fault("", "", dnstest.Fault{Records: fmt.Sprintf("example.com. %d A 192.0.2.1", tc.ttl)})
		a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "example.com", "A")
		if err != nil || a.TTL != tc.want {
			t.Errorf("TTL %d: %v, %v", tc.ttl, a.TTL, err)
		}
	}
	srv := dnstest.New(t, "example.com. 315360000 SOA ns. root. 1 2 3 4 315360000")
	a, err := ask(client(t, dnsrec.Options{}, srv.Addr), "none.example.com", "A")
	if err != nil || a.TTL != 315360000*time.Second {
		t.Errorf("negative TTL of ten years: %v, %v", a.TTL, err)
	}
}

func TestFault_023_LargeTXT(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "many.example.com. TXT \"%03d%s\"\n", i, strings.Repeat("x", 250))
	}
	b.WriteString("one.example.com. TXT")
	for range 250 {
		b.WriteString(` "` + strings.Repeat("y", 250) + `"`)
	}
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, b.String()).Addr)
	a, err := ask(c, "many.example.com", "TXT")
	if err != nil || len(a.Values) != 200 || !strings.HasPrefix(a.Values[199], "199x") {
		t.Errorf("64 KiB of records: %d values, %v", len(a.Values), err)
	}
	a, err = ask(c, "one.example.com", "TXT")
	if err != nil || len(a.Values) != 1 || len(a.Values[0]) != 250*250 || len(a.Strings[0]) != 250 {
		t.Errorf("one record of 250 strings: %v, %v", len(a.Values), err)
	}
}

func TestFault_024_ManyTXT(t *testing.T) {
	var b strings.Builder
	for i := range 499 {
		fmt.Fprintf(&b, "example.com. TXT \"verification=%d\"\n", i)
	}
	b.WriteString(`example.com. TXT "v=spf1 -all"`)
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, b.String()).Addr)
	a, err := ask(c, "example.com", "TXT")
	if err != nil || len(a.Values) != 500 || a.Values[499] != "v=spf1 -all" {
		t.Errorf("%d values, %v", len(a.Values), err)
	}
}

func TestFault_025_ManyMX(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "example.com. MX 10 mx%d.example.com.\n", i)
	}
	for i := range 1000 {
		fmt.Fprintf(&b, "mx0.example.com. A 192.0.%d.%d\n", i/256, i%256)
	}
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, dnstest.New(t, b.String()).Addr)
	if a, err := ask(c, "example.com", "MX"); err != nil || len(a.Values) != 2000 {
		t.Errorf("%d MX, %v", len(a.Values), err)
	}
	if a, err := ask(c, "mx0.example.com", "A"); err != nil || len(a.Values) != 1000 {
		t.Errorf("%d addresses, %v", len(a.Values), err)
	}
}

func TestFault_026_Redirection(t *testing.T) {
	honest := client(t, dnsrec.Options{}, dnstest.New(t, zone).Addr)
	if to, err := dnsrec.Redirected(t.Context(), honest); err != nil || to != nil {
		t.Errorf("honest resolver: %v, %v", to, err)
	}
	srv := dnstest.New(t, "*. A 192.0.2.66")
	to, err := dnsrec.Redirected(t.Context(), client(t, dnsrec.Options{}, srv.Addr))
	if err != nil || !slices.Equal(to, []string{"192.0.2.66"}) {
		t.Errorf("redirecting resolver: %v, %v", to, err)
	}
	srv.Fault("", "", dnstest.Fault{Drop: true})
	to, err = dnsrec.Redirected(t.Context(), client(t, dnsrec.Options{Timeout: 20 * time.Millisecond}, srv.Addr))
	if err == nil || to != nil {
		t.Errorf("silent resolver: %v, %v", to, err)
	}
}

// A resolver that serves a limited rate only slows us down.
func TestFault_029_RateLimit(t *testing.T) {
	const rate, questions = 1000, 3000
	for _, rcode := range []string{"REFUSED", ""} {
		srv := dnstest.New(t, "*.test. A 192.0.2.1", dnstest.Limit(rate, rcode))
		c := client(t, dnsrec.Options{Timeout: time.Second}, srv.Addr)
		began := time.Now()
		wrong, unknown := flood(c, questions, 300)
		ideal := time.Duration(questions) * time.Second / rate
		t.Logf("rcode %q: %v (ideal %v), %d wrong, %d unknown, %d queries",
			rcode, time.Since(began).Round(time.Millisecond), ideal, wrong, unknown, len(srv.Queries()))
		if wrong > 0 {
			t.Errorf("rcode %q: %d of %d answers are wrong", rcode, wrong, questions)
		}
		if unknown > questions/50 {
			t.Errorf("rcode %q: %d of %d not answered", rcode, unknown, questions)
		}
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
	srv := dnstest.New(t, "*.test. A 192.0.2.1", dnstest.Loss(0.2))
	wrong, unknown := flood(client(t, dnsrec.Options{Timeout: 100 * time.Millisecond, Tries: 4}, srv.Addr), 1000, 50)
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
	for what, f := range map[string]dnstest.Fault{
		"accepts and stalls":      {Drop: true},
		"length 65535, then drip": {Stream: append([]byte{0xFF, 0xFF}, make([]byte, 100)...), Drip: 20 * time.Millisecond},
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
		if a, err := ask(c, "example.com", "MX"); err != nil {
			t.Errorf("%s, then healed: %s %v", what, show(a, err), err)
		}
	}
}

// A server may close an idle connection at any moment (RFC 7766 6.2.3).
func TestStaleConnection(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Skip: 1, Times: 1, Reset: true})
	c := client(t, dnsrec.Options{}, "tcp://"+srv.Addr)
	for range 2 {
		if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|192.0.2.1" {
			t.Error(show(a, err), err)
		}
	}
}

func TestFault_041_OddNames(t *testing.T) {
	srv := dnstest.New(t, `
		$ORIGIN example.com.
		@ MX 1 a\.b.example.com.
		@ MX 2 nul\000.example.com.
		@ MX 3 blank\032here.example.com.
		@ MX 4 x\255y.example.com.
		@ MX 5 _under.example.com.
		@ MX 6 -dash.example.com.
		@ MX 7 \(\;\".example.com.
		a\.b TXT "found"
	`)
	c := client(t, dnsrec.Options{}, srv.Addr)
	a, err := ask(c, "example.com", "MX")
	want := []string{`1 a\.b.example.com`, `2 nul\000.example.com`, `3 blank\032here.example.com`,
		`4 x\255y.example.com`, `5 _under.example.com`, `6 -dash.example.com`, `7 \(\;\".example.com`}
	if err != nil || !slices.Equal(a.Values, want) {
		t.Errorf("%q, %v", a.Values, err)
	}
	if a, err := ask(c, `a\.b.example.com`, "TXT"); show(a, err) != "NOERROR|found" {
		t.Errorf("escaped name asked: %s", show(a, err))
	}
}

func TestFault_033_TXTStrings(t *testing.T) {
	srv := dnstest.New(t, `
		$ORIGIN example.com.
		empty  TXT ""
		two    TXT "" ""
		mixed  TXT "" "a" "" "b"
		cut    TXT "v=spf1 include:spf.protec" "tion.outlook.com -all"
		joint  TXT "v=spf1 a" "mx -all"
		bytes  TXT "\000\255\\\""
		blank  TXT " a " " b "
		full   TXT "`+strings.Repeat("x", 255)+`" "`+strings.Repeat("y", 255)+`" "z"
	`)
	c := client(t, dnsrec.Options{}, srv.Addr)
	for _, tc := range []struct {
		name, want string
		lengths    []int
	}{
		{"empty", "", []int{0}},
		{"two", "", []int{0, 0}},
		{"mixed", "ab", []int{0, 1, 0, 1}},
		{"cut", "v=spf1 include:spf.protection.outlook.com -all", []int{25, 21}},
		{"joint", "v=spf1 amx -all", []int{8, 7}},
		{"bytes", "\x00\xff\\\"", []int{4}},
		{"blank", " a  b ", []int{3, 3}},
		{"full", strings.Repeat("x", 255) + strings.Repeat("y", 255) + "z", []int{255, 255, 1}},
	} {
		a, err := ask(c, tc.name+".example.com", "TXT")
		if err != nil || !slices.Equal(a.Values, []string{tc.want}) || !slices.Equal(a.Strings[0], tc.lengths) {
			t.Errorf("%s: %q %v, %v", tc.name, a.Values, a.Strings, err)
		}
	}
}

func TestUnaskable(t *testing.T) {
	srv := dnstest.New(t, zone)
	c := client(t, dnsrec.Options{}, srv.Addr)
	for _, name := range []string{"", "a..b", ".a", strings.Repeat("x", 64) + ".test", strings.Repeat("abc.", 70) + "test", `a\`, `a\25`, `a\999`} {
		if _, err := ask(c, name, "A"); dnsrec.KindOf(err) != dnsrec.KindName {
			t.Errorf("%q: %v", name, err)
		}
	}
	if n := len(srv.Queries()); n != 0 {
		t.Errorf("%d queries were sent", n)
	}
	if _, err := ask(client(t, dnsrec.Options{}), "example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindNetwork {
		t.Errorf("no server: %v", err)
	}
}

func TestContextAndClose(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Drop: true})
	before := runtime.NumGoroutine()
	c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server(t, srv.Addr), server(t, "tcp://"+srv.Addr)}})
	if n := runtime.NumGoroutine(); n != before {
		t.Errorf("%d goroutines before the first query", n-before)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 2)
	go func() { _, err := c.Lookup(ctx, dnsrec.Q("example.com", "A")); got <- err }()
	go func() { _, err := ask(c, "example.com", "A"); got <- err }()
	for len(srv.Queries()) < 2 {
		runtime.Gosched()
	}
	cancel()
	if err := <-got; dnsrec.KindOf(err) != dnsrec.KindCanceled {
		t.Errorf("canceled: %v", err)
	}
	c.Close()
	if err := <-got; dnsrec.KindOf(err) != dnsrec.KindCanceled {
		t.Errorf("closed: %v", err)
	}
	if _, err := ask(c, "example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindCanceled {
		t.Errorf("asked after Close: %v", err)
	}
	c.Close()
}

// A context that ends for a reason of its own is no failure of the server.
func TestContextCause(t *testing.T) {
	srv := dnstest.New(t, zone, dnstest.WithTLS())
	srv.Fault("", "A", dnstest.Fault{Drop: true})
	for _, s := range []string{srv.Addr, "tcp://" + srv.Addr, "tls://" + srv.TLSAddr, srv.URL} {
		c := client(t, dnsrec.Options{RootCAs: srv.CA(), Timeout: time.Minute}, s)
		ask(c, "example.com", "MX")
		b := dnsrec.NewBudget(c, 0, 50*time.Millisecond)
		if _, err := ask(b, "example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindBudget {
			t.Errorf("%s: %v", s, err)
		}
		cause := errors.New("because")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, cause)
		defer cancel()
		if _, err := c.Lookup(ctx, dnsrec.Q("example.com", "A")); dnsrec.KindOf(err) != dnsrec.KindCanceled || !errors.Is(err, cause) {
			t.Errorf("%s: %v", s, err)
		}
		got := make(chan error)
		go func() { _, err := ask(c, "example.com", "A"); got <- err }()
		for n := srv.Count("", "A"); srv.Count("", "A") == n; {
			runtime.Gosched()
		}
		c.Close()
		if err := <-got; dnsrec.KindOf(err) != dnsrec.KindCanceled {
			t.Errorf("%s: closed: %v", s, err)
		}
	}
}

func TestTLSFailures(t *testing.T) {
	srv := dnstest.New(t, zone, dnstest.WithTLS())
	for what, c := range map[string]*dnsrec.Client{
		"unknown CA, tls":   client(t, dnsrec.Options{}, "tls://"+srv.TLSAddr),
		"unknown CA, https": client(t, dnsrec.Options{}, srv.URL),
		"other name":        client(t, dnsrec.Options{RootCAs: srv.CA()}, "tls://"+srv.TLSAddr+"#other.test"),
		"no TLS":            client(t, dnsrec.Options{RootCAs: srv.CA()}, "tls://"+srv.Addr),
	} {
		c := c
		if a, err := ask(c, "example.com", "MX"); dnsrec.KindOf(err) != dnsrec.KindNetwork && dnsrec.KindOf(err) != dnsrec.KindTimeout {
			t.Errorf("%s: %s %v", what, show(a, err), err)
		}
	}
	if n := len(srv.Queries()); n != 0 {
		t.Errorf("%d queries were sent before the certificate was verified", n)
	}
}

func TestHTTPFailures(t *testing.T) {
	for _, tc := range []struct {
		status            int
		contentType, body string
		want              dnsrec.Kind
	}{
		{503, "text/plain", "busy", dnsrec.KindRefused},
		{403, "application/dns-message", "", dnsrec.KindRefused},
		{302, "", "", dnsrec.KindRefused},
		{200, "text/html", "<p>log in", dnsrec.KindMalformed},
		{200, "application/dns-message", "", dnsrec.KindMalformed},
		{200, "application/dns-message", strings.Repeat("x", 1<<20), dnsrec.KindMalformed},
	} {
		var hits atomic.Int32
		web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits.Add(1)
			w.Header().Set("Content-Type", tc.contentType)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tc.status)
			io.WriteString(w, tc.body)
		}))
		pool := x509.NewCertPool()
		pool.AddCert(web.Certificate())
		c := client(t, dnsrec.Options{RootCAs: pool, Timeout: 5 * time.Second, Tries: 1}, web.URL+"/dns-query")
		if _, err := ask(c, "example.com", "MX"); dnsrec.KindOf(err) != tc.want {
			t.Errorf("%d %s: %v", tc.status, tc.contentType, err)
		}
		if hits.Load() != 1 {
			t.Errorf("%d %s: %d requests", tc.status, tc.contentType, hits.Load())
		}
		c.Close()
		web.Close()
	}
}

// A user's limit holds from the first query on.
func TestQPS(t *testing.T) {
	srv := dnstest.New(t, "*.test. A 192.0.2.1")
	c := client(t, dnsrec.Options{QPS: 100, Timeout: 10 * time.Second}, srv.Addr)
	began := time.Now()
	if wrong, unknown := flood(c, 31, 31); wrong+unknown > 0 {
		t.Errorf("%d wrong, %d unknown", wrong, unknown)
	}
	if d := time.Since(began); d < 300*time.Millisecond {
		t.Errorf("31 queries at 100 a second took only %v", d)
	}
}

// No goroutine outlives Close, whatever the servers did.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, f := range []dnstest.Fault{{}, {Drop: true}, {Reset: true}, {Raw: []byte{1}}, {Over: "udp", Truncate: true},
		{Stream: []byte{1, 0, 0}}} {
		srv, err := dnstest.Start(zone, dnstest.WithTLS())
		if err != nil {
			t.Fatal(err)
		}
		srv.Fault("", "", f)
		for _, s := range []string{srv.Addr, "tcp://" + srv.Addr, "tls://" + srv.TLSAddr, srv.URL} {
			c := dnsrec.NewClient(dnsrec.Options{RootCAs: srv.CA(), Timeout: 50 * time.Millisecond,
				Servers: []dnsrec.Server{server(t, s)}})
			flood(c, 20, 20)
			c.Close()
		}
		srv.Close()
	}
	for i := 0; runtime.NumGoroutine() > before && i < 200; i++ { // HTTP/2 ends in the background
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines are left:\n%s", n-before, buf[:runtime.Stack(buf, true)])
	}
}
