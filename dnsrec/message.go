package dnsrec

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// This file reads replies in wire format (RFC 1035 4).
//
// A reply is walked once, and only what was asked for becomes Go values, with
// the bytes of TXT records taken as they are. That is why the message is not
// unpacked as a whole: the general unpacker makes an object of every record
// and a presentation form of every byte, and takes twice the time.

// Bits of the third and the fourth byte, RFC 1035 4.1.1.
const (
	bitAA = 0x04
	bitTC = 0x02
	bitRA = 0x80
)

// message is a reply in wire format, with an index of its records.
type message struct {
	raw     []byte
	rcode   int // with the bits of EDNS, RFC 6891 6.1.3
	tc, ad  bool
	edns    bool // has an OPT record
	ns      bool // has NS records in its authority section
	answer  []record
	soa     record // of the authority section; typ 0: none
	ede     []Extended
	scratch []byte // for names
	target  []byte // of an alias
}

// record is where a record lies in its message.
type record struct {
	owner    int // offset
	typ      uint16
	ttl      uint32
	off, end int // of the rdata
}

// read indexes a message whose header and question were matched with the
// query. Of a truncated one only the header counts.
func (m *message) read(raw []byte) error {
	*m = message{raw: raw, answer: m.answer[:0], scratch: m.scratch, target: m.target}
	m.rcode = int(raw[3] & 0x0F)
	m.tc = raw[2]&bitTC != 0
	m.ad = raw[3]&0x20 != 0
	if m.tc {
		return nil
	}
	off, err := skipQuestion(raw)
	if err != nil {
		return err
	}
	for section := range 3 {
		for range binary.BigEndian.Uint16(raw[6+2*section:]) {
			var r record
			var class uint16
			if r, class, err = readRecord(raw, off); err != nil {
				return err
			}
			off = r.end
			if err = m.file(section, r, class); err != nil {
				return err
			}
		}
	}
	return nil
}

// skipQuestion returns the offset of the first record: behind the question, if the
// message repeats it.
func skipQuestion(raw []byte) (off int, err error) {
	if binary.BigEndian.Uint16(raw[4:]) != 1 {
		return headerSize, nil
	}
	if off, err = skipName(raw, headerSize); err != nil || off+typeAndClass > len(raw) {
		return 0, errMalformed
	}
	return off + typeAndClass, nil
}

func readRecord(raw []byte, off int) (r record, class uint16, err error) {
	r.owner = off
	if off, err = skipName(raw, off); err != nil || off+rrFixed > len(raw) {
		return r, 0, errMalformed
	}
	r.typ = binary.BigEndian.Uint16(raw[off:])
	class = binary.BigEndian.Uint16(raw[off+2:])
	r.ttl = binary.BigEndian.Uint32(raw[off+4:])
	r.off = off + rrFixed
	r.end = r.off + int(binary.BigEndian.Uint16(raw[off+8:]))
	if r.end > len(raw) {
		return r, 0, errMalformed
	}
	return r, class, nil
}

// file puts a record where it is used, if anywhere.
func (m *message) file(section int, r record, class uint16) error {
	switch {
	case section == 0 && class == dns.ClassINET:
		m.answer = append(m.answer, r)
	case section == 1 && class == dns.ClassINET && r.typ == dns.TypeSOA && m.soa.typ == 0:
		m.soa = r
	case section == 1 && r.typ == dns.TypeNS:
		m.ns = true
	case section == 2 && r.typ == dns.TypeOPT:
		return m.readOPT(r)
	}
	return nil
}

// readOPT reads what EDNS adds to the header, and the extended errors.
func (m *message) readOPT(r record) error {
	m.edns = true
	m.rcode |= int(r.ttl>>24) << 4 // RFC 6891 6.1.3
	for data := m.raw[r.off:r.end]; len(data) > 0; {
		if len(data) < 4 {
			return errMalformed
		}
		code, n := binary.BigEndian.Uint16(data), int(binary.BigEndian.Uint16(data[2:]))
		if data = data[4:]; n > len(data) {
			return errMalformed
		}
		if code == dns.EDNS0EDE && n >= 2 && len(m.ede) < maxExtended {
			m.ede = append(m.ede, Extended{
				Code: binary.BigEndian.Uint16(data),
				Text: string(data[2:min(n, 2+maxExtendedText)]),
			})
		}
		data = data[n:]
	}
	return nil
}

// Bounds on what is kept of extended errors.
const (
	maxExtended     = 8
	maxExtendedText = 512
)

// referral reports whether the server names others to ask instead of answering
// (RFC 2308 2.2): it is a name server that looks nothing up. Of a server that does,
// an answer without records means that there are none.
func (m *message) referral() bool {
	return m.rcode == dns.RcodeSuccess && len(m.answer) == 0 && m.ns && m.soa.typ == 0 &&
		m.raw[2]&bitAA == 0 && m.raw[3]&bitRA == 0
}

// owned reports whether a record belongs to a wire name.
func (m *message) owned(r record, name []byte) (bool, error) {
	if m.raw[r.owner] == 0xC0 && m.raw[r.owner+1] == headerSize {
		// The usual pointer to the question.
		end, err := skipName(m.raw, headerSize)
		return err == nil && equalFold(m.raw[headerSize:end], name), err
	}
	owner, _, err := expandName(m.scratch[:0], m.raw, r.owner)
	if err != nil {
		return false, err
	}
	m.scratch = owner
	return equalFold(owner, name), nil
}

// negativeTTL returns how long "nothing here" holds for a wire name, and
// whether the message proves it by the SOA record of a zone above the name
// (RFC 2308 3 and 5).
func (m *message) negativeTTL(name []byte) (time.Duration, bool) {
	if m.soa.typ == 0 || m.soa.end-m.soa.off < 4 {
		return 0, false
	}
	zone, _, err := expandName(m.scratch[:0], m.raw, m.soa.owner)
	if err != nil {
		return 0, false
	}
	m.scratch = zone
	minimum := binary.BigEndian.Uint32(m.raw[m.soa.end-4:])
	return min(seconds(m.soa.ttl), seconds(minimum)), under(name, zone)
}

// seconds reads a TTL: one with the top bit set counts as 0 (RFC 2181 8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}

// value returns the rdata of a record as [Answer.Values] holds it, and for TXT
// the lengths of its strings.
func (m *message) value(r record) (string, []int, error) {
	data := m.raw[r.off:r.end]
	switch r.typ {
	case dns.TypeA, dns.TypeAAAA:
		addr, ok := netip.AddrFromSlice(data)
		if !ok || addr.Is4() != (r.typ == dns.TypeA) {
			return "", nil, errMalformed
		}
		return addr.String(), nil, nil
	case dns.TypeTXT:
		return joinStrings(data)
	case dns.TypeCNAME, dns.TypeNS, dns.TypePTR:
		s, err := m.nameValue(r, 0)
		return s, nil, err
	case dns.TypeMX:
		s, err := m.nameValue(r, 1)
		return s, nil, err
	case dns.TypeSRV:
		s, err := m.nameValue(r, 3)
		return s, nil, err
	case dns.TypeTLSA:
		if len(data) < 3 {
			return "", nil, errMalformed
		}
		return fmt.Sprintf("%d %d %d %s", data[0], data[1], data[2], hex.EncodeToString(data[3:])), nil, nil
	}
	s, err := m.otherValue(r)
	return s, nil, err
}

// nameValue reads rdata of some 16-bit numbers and a name that ends it.
func (m *message) nameValue(r record, numbers int) (string, error) {
	if r.off+2*numbers > r.end {
		return "", errMalformed
	}
	name, end, err := expandName(m.scratch[:0], m.raw[:r.end], r.off+2*numbers)
	if err != nil || end != r.end {
		return "", errMalformed
	}
	m.scratch = name
	if numbers == 0 {
		return presentation(name), nil
	}
	var buf [32]byte
	b := buf[:0]
	for i := range numbers {
		b = strconv.AppendUint(b, uint64(binary.BigEndian.Uint16(m.raw[r.off+2*i:])), 10)
		b = append(b, ' ')
	}
	return string(b) + presentation(name), nil
}

// lengths holds the lengths that a character-string can have, each at its own place: they
// are shared by all TXT records of one string.
var lengths = func() (all [256]int) {
	for i := range all {
		all[i] = i
	}
	return all
}()

// joinStrings joins the character-strings of a TXT record without a separator
// (RFC 7208 3.3).
func joinStrings(data []byte) (string, []int, error) {
	if len(data) > 0 && len(data) == 1+int(data[0]) {
		return string(data[1:]), lengths[data[0]:][:1:1], nil
	}
	joined := make([]byte, 0, len(data))
	each := make([]int, 0, 1+len(data)/256)
	for len(data) > 0 {
		n := int(data[0])
		if 1+n > len(data) {
			return "", nil, errMalformed
		}
		joined, each = append(joined, data[1:1+n]...), append(each, n)
		data = data[1+n:]
	}
	return string(joined), each, nil
}

// otherValue returns the presentation form of rare types.
func (m *message) otherValue(r record) (string, error) {
	hdr := dns.RR_Header{Name: ".", Rrtype: r.typ, Class: dns.ClassINET, Rdlength: uint16(r.end - r.off)}
	rr, end, err := dns.UnpackRRWithHeader(hdr, m.raw[:r.end], r.off)
	if err != nil || end != r.end {
		return "", errMalformed
	}
	return strings.TrimPrefix(rr.String(), rr.Header().String()), nil
}

// rcodeName returns the mnemonic of an rcode.
func rcodeName(code int) string {
	if code == dns.RcodeBadVers { // in TSIG the same number is BADSIG
		return "BADVERS"
	}
	if s, ok := dns.RcodeToString[code]; ok {
		return s
	}
	return "RCODE" + strconv.Itoa(code)
}
