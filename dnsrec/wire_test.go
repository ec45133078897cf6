package dnsrec

import (
	"bytes"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// question packs a question as a call holds it.
func question(t testing.TB, name string, typ uint16) *call {
	t.Helper()
	wire, err := appendName(nil, name)
	if err != nil {
		t.Fatal(err)
	}
	c := newCall()
	c.set(wire, typ)
	c.edns(true)
	return c
}

// The query on the wire is what the wire library reads: one question, RD and
// AD set, EDNS with 1232 bytes and without DO.
func TestQueryOnTheWire(t *testing.T) {
	c := question(t, `_dmarc.a\.b.example.com`, dns.TypeTXT)
	var m dns.Msg
	if err := m.Unpack(c.packet[lengthSize:]); err != nil {
		t.Fatal(err)
	}
	opt := m.IsEdns0()
	asked := dns.Question{Name: `_dmarc.a\.b.example.com.`, Qtype: dns.TypeTXT, Qclass: dns.ClassINET}
	if len(m.Question) != 1 || m.Question[0] != asked || !m.RecursionDesired || !m.AuthenticatedData || m.CheckingDisabled || opt == nil || opt.UDPSize() != 1232 || opt.Do() {
		t.Errorf("query is %s", &m)
	}
	if got := int(c.packet[0])<<8 | int(c.packet[1]); got != len(c.packet)-lengthSize {
		t.Errorf("length before the message is %d, message has %d", got, len(c.packet)-lengthSize)
	}
	c.edns(false)
	if err := m.Unpack(c.packet[lengthSize:]); err != nil || m.IsEdns0() != nil {
		t.Errorf("without EDNS: %v %s", err, &m)
	}
}

// Packets that break the format in one way each: FAULTS 32.
func TestFault_032_MalformedMessages(t *testing.T) {
	c := question(t, "example.com", dns.TypeMX)
	head := func(answers, authorities, extras byte) []byte {
		b := append([]byte{0, 0, 0x81, 0x80, 0, 1, 0, answers, 0, authorities, 0, extras}, c.question...)
		return b
	}
	rr := func(owner []byte, typ byte, rdata ...byte) []byte {
		return append(append(owner, 0, typ, 0, 1, 0, 0, 0, 60, 0, byte(len(rdata))), rdata...)
	}
	at := []byte{0xC0, 12}
	tail := byte(headerSize + len(c.question)) // where the first record is
	allOnes := head(255, 255, 255)
	allOnes[6], allOnes[8], allOnes[10] = 255, 255, 255
	long := bytes.Repeat([]byte{63, 'x'}, 1)
	long = append(long, bytes.Repeat([]byte{'x'}, 62)...)
	name256 := append(bytes.Repeat(long, 4), 0)
	for what, msg := range map[string][]byte{
		"counts of 65535":           append(allOnes, 0),
		"answer missing":            head(1, 0, 0),
		"authority missing":         head(0, 1, 0),
		"owner points to itself":    append(head(1, 0, 0), rr([]byte{0xC0, tail}, 15, 0, 1, 0xC0, 12)...),
		"owner points forward":      append(head(1, 0, 0), rr([]byte{0xC0, tail + 9}, 15, 0, 1, 0xC0, 12)...),
		"owner cut":                 append(head(1, 0, 0), 0xC0),
		"owner runs out":            append(head(1, 0, 0), 5, 'a'),
		"label of 64":               append(head(1, 0, 0), rr(append([]byte{64}, make([]byte, 65)...), 15, 0, 1, 0xC0, 12)...),
		"reserved label type":       append(head(1, 0, 0), rr([]byte{0x80, 12}, 15, 0, 1, 0xC0, 12)...),
		"rdata overruns":            append(head(1, 0, 0), append(at, 0, 15, 0, 1, 0, 0, 0, 60, 255, 255, 0)...),
		"MX without name":           append(head(1, 0, 0), rr(at, 15, 0, 1)...),
		"MX of one byte":            append(head(1, 0, 0), rr(at, 15, 0)...),
		"MX with a tail":            append(head(1, 0, 0), rr(at, 15, 0, 1, 0xC0, 12, 9)...),
		"MX points forward":         append(head(1, 0, 0), rr(at, 15, 0, 1, 0xC0, 200)...),
		"MX points to itself":       append(head(1, 0, 0), rr(at, 15, 0, 1, 0xC0, tail+2+10+2)...),
		"MX name of 256":            append(append(head(1, 0, 0), 0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 1, 3, 0, 1), name256...),
		"MX empty":                  append(head(1, 0, 0), rr(at, 15)...),
		"OPT option overruns":       append(head(0, 0, 1), 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 15, 0, 9),
		"OPT option without length": append(head(0, 0, 1), 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 2, 0, 15),
	} {
		if err := readAll(c, msg); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
	for what, msg := range map[string][]byte{
		"nothing":           {},
		"one byte":          {0},
		"header alone":      {0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0},
		"half a question":   head(0, 0, 0)[:12+4],
		"no header":         head(0, 0, 0)[:11],
		"another question":  append(head(0, 0, 0)[:headerSize:headerSize], question(t, "example.net", dns.TypeMX).question...),
		"pointer in name":   {0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 15, 0, 1},
		"question, QR=0":    append([]byte{0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, c.question...),
		"two questions":     append([]byte{0, 0, 0x81, 0x80, 0, 2, 0, 0, 0, 0, 0, 0}, c.question...),
		"no question, good": {0, 0, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 0, 0},
	} {
		if c.fits(msg) {
			t.Errorf("%s: taken for a reply to the question", what)
		}
	}
	if err := readAll(c, append(head(1, 0, 0), rr(at, 15, 0, 1, 0xC0, 12)...)); err != nil {
		t.Errorf("the message that the others break: %v", err)
	}
}

// readAll does with a message what a Client does with a reply that fits.
func readAll(c *call, raw []byte) *Error {
	if err := c.msg.read(raw); err != nil {
		return &Error{Kind: KindMalformed, Err: err}
	}
	if c.msg.tc {
		return nil
	}
	name := append(c.name[:0], c.question[:len(c.question)-4]...)
	typ := uint16(c.question[len(c.question)-4])<<8 | uint16(c.question[len(c.question)-3])
	w := walk{ans: &Answer{Query: Query{Name: presentation(name)}}, typ: typ}
	for range MaxChain + 2 {
		var done bool
		var err *Error
		if name, done, err = w.take(&c.msg, name); err != nil || done {
			return err
		}
	}
	return &Error{Kind: KindChain}
}

// BenchmarkReply compares the reader with the wire library on a usual reply.
func BenchmarkReply(b *testing.B) {
	var m dns.Msg
	m.SetQuestion("example.com.", dns.TypeTXT)
	for _, s := range []string{"v=spf1 include:spf.protection.outlook.com -all", "MS=ms12345678"} {
		rr, _ := dns.NewRR(`example.com. 3600 IN TXT "` + s + `"`)
		m.Answer = append(m.Answer, rr)
	}
	m.Response = true
	m.SetEdns0(1232, false)
	m.Compress = true
	raw, err := m.Pack()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("reader", func(b *testing.B) {
		c := question(b, "example.com", dns.TypeTXT)
		b.ReportAllocs()
		for b.Loop() {
			if err := readAll(c, raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := m.Unpack(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func FuzzMessage(f *testing.F) {
	var m dns.Msg
	m.SetQuestion("example.com.", dns.TypeTXT)
	for _, s := range []string{
		`example.com. TXT "a" "b"`, "example.com. CNAME x.example.com.", "x.example.com. MX 10 mx.example.com.",
		"example.com. SOA a. b. 1 2 3 4 5", "example.com. TLSA 3 1 1 abcd", "example.com. SRV 1 2 3 x.",
		"example.com. A 192.0.2.1", "example.com. DNSKEY 257 3 8 AwEAAQ==",
	} {
		rr, _ := dns.NewRR(s)
		m.Answer = append(m.Answer, rr)
		packed, _ := m.Pack()
		f.Add(packed, rr.Header().Rrtype)
	}
	c := question(f, "example.com", dns.TypeTXT)
	f.Fuzz(func(t *testing.T, raw []byte, typ uint16) {
		if len(raw) > maxMessage {
			return
		}
		name, _ := appendName(nil, "example.com")
		c.set(name, typ)
		if !c.fits(raw) {
			if len(raw) < headerSize {
				return
			}
			copy(raw[2:6], []byte{0x81, 0x80, 0, 1})
			raw = append(append(raw[:headerSize:headerSize], c.question...), raw[headerSize:]...)
		}
		if err := readAll(c, raw); err != nil && err.Kind != KindMalformed && err.Kind != KindChain {
			t.Fatalf("kind %s: %v", err.Kind, err)
		}
		for _, r := range c.msg.answer {
			if r.off > r.end || r.end > len(raw) {
				t.Fatalf("record beyond the message: %+v of %d", r, len(raw))
			}
		}
	})
}

// Any name of the wire has a presentation form that leads back to it.
func FuzzName(f *testing.F) {
	f.Add([]byte("\x03www\x07example\x03com\x00"))
	f.Add([]byte("\x04a.b\\\x03 \x00\xff\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		wire, _, err := expandName(nil, raw, 0)
		if err != nil {
			return
		}
		text := presentation(wire)
		if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) || Canonical(text) != text {
			t.Fatalf("%q becomes %q", wire, text)
		}
		back, err := appendName(nil, text)
		if err != nil || !equalFold(back, wire) {
			t.Fatalf("%q becomes %q becomes %q, %v", wire, text, back, err)
		}
		if len(wire) > maxName {
			t.Fatalf("a name of %d bytes", len(wire))
		}
	})
}
