package dnsrec

import (
	"errors"
	"strconv"

	"github.com/miekg/dns"
)

// This file writes and reads names in wire format (RFC 1035 3.1 and 4.1.4).

// Sizes of the wire format.
const (
	headerSize   = 12    // RFC 1035 4.1.1
	maxName      = 255   // RFC 1035 2.3.4
	maxLabel     = 63    // RFC 1035 2.3.4
	rrFixed      = 10    // type, class, TTL and length of a record, RFC 1035 4.1.3
	ednsSize     = 1232  // fits an IPv6 packet of the least MTU: no fragments
	maxMessage   = 65535 // RFC 1035 4.2.2
	maxPlainCode = 15    // an rcode without EDNS
)

var (
	errMalformed = errors.New("malformed message")
	errName      = errors.New("the name is longer than 253 bytes, has a label over 63 bytes or an empty label")
)

// wireType returns the number of a record type (RFC 1035 3.2.2); 0: there is no
// such type.
func wireType(t Type) uint16 {
	switch t { // nearly all questions: no table is searched
	case TypeTXT:
		return dns.TypeTXT
	case TypeCNAME:
		return dns.TypeCNAME
	case TypeA:
		return dns.TypeA
	case TypeAAAA:
		return dns.TypeAAAA
	case TypeMX:
		return dns.TypeMX
	}
	return dns.StringToType[string(t)]
}

// appendName appends the wire form of a name, in which a backslash escapes a
// character (RFC 1035 5.1).
func appendName(b []byte, name string) ([]byte, error) {
	if name == "." {
		return append(b, 0), nil
	}
	start, label := len(b), len(b)
	b = append(b, 0)
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '.' {
			if b[label] == 0 {
				return nil, errName
			}
			label = len(b)
			b = append(b, 0)
			continue
		}
		if c == '\\' {
			var n int
			if c, n = unescape(name[i:]); n == 0 {
				return nil, errName
			}
			i += n - 1
		}
		b = append(b, c)
		if b[label]++; b[label] > maxLabel || len(b)-start >= maxName {
			return nil, errName
		}
	}
	if b[label] == 0 {
		return nil, errName
	}
	return append(b, 0), nil
}

// unescape reads one escape, \X or \DDD, and returns its length; 0 if it is
// broken.
func unescape(s string) (c byte, n int) {
	switch {
	case len(s) < 2:
		return 0, 0
	case s[1] < '0' || s[1] > '9':
		return s[1], 2
	case len(s) < 4:
		return 0, 0
	}
	v, err := strconv.ParseUint(s[1:4], 10, 8)
	if err != nil {
		return 0, 0
	}
	return byte(v), 4
}

// presentation returns an uncompressed wire name as canonical text. Bytes that
// do not stand for themselves in a zone file are escaped (RFC 1035 5.1); a
// blank always as \032, so that a name never holds one.
func presentation(wire []byte) string {
	if len(wire) <= 1 {
		return "."
	}
	var buf [maxName]byte
	out := buf[:0]
	for len(wire) > 0 && wire[0] != 0 {
		if len(out) > 0 {
			out = append(out, '.')
		}
		for _, c := range wire[1 : 1+wire[0]] {
			out = appendEscaped(out, lower(c))
		}
		wire = wire[1+wire[0]:]
	}
	return string(out)
}

func appendEscaped(out []byte, c byte) []byte {
	switch {
	case c == '.' || c == '\\' || c == '"' || c == ';' || c == '(' || c == ')' || c == '@' || c == '$':
		return append(out, '\\', c)
	case c <= ' ' || c > '~':
		return append(out, '\\', '0'+c/100, '0'+c/10%10, '0'+c%10)
	}
	return append(out, c)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// expandName appends the uncompressed form of the name at off, and gives the
// offset behind it. A pointer must point before the name that it is part of,
// as compressors do (RFC 1035 4.1.4); so the walk ends.
func expandName(dst, msg []byte, off int) ([]byte, int, error) {
	start, next, limit := len(dst), -1, off
	for {
		if off >= len(msg) {
			return nil, 0, errMalformed
		}
		n := int(msg[off])
		switch n & 0xC0 {
		case 0x00:
			if off+1+n > len(msg) || len(dst)-start+1+n > maxName {
				return nil, 0, errMalformed
			}
			dst = append(dst, msg[off:off+1+n]...)
			off += 1 + n
			if n == 0 {
				if next < 0 {
					next = off
				}
				return dst, next, nil
			}
		case 0xC0:
			if off+2 > len(msg) {
				return nil, 0, errMalformed
			}
			if next < 0 {
				next = off + 2
			}
			off = (n&0x3F)<<8 | int(msg[off+1])
			if off >= limit {
				return nil, 0, errMalformed
			}
			limit = off
		default:
			return nil, 0, errMalformed
		}
	}
}

// skipName returns the offset behind the name at off.
func skipName(msg []byte, off int) (int, error) {
	for off < len(msg) {
		switch n := int(msg[off]); {
		case n == 0:
			return off + 1, nil
		case n >= 0xC0:
			return off + 2, nil
		case n > maxLabel:
			return 0, errMalformed
		default:
			off += 1 + n
		}
	}
	return 0, errMalformed
}

// equalFold compares wire names, without regard to case (RFC 4343). Lengths
// of labels are under 64 and so not letters.
func equalFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// under reports whether a wire name is zone or below it.
func under(name, zone []byte) bool {
	for len(name) >= len(zone) && len(name) > 0 {
		if equalFold(name, zone) {
			return true
		}
		name = name[min(1+int(name[0]), len(name)):]
	}
	return false
}
