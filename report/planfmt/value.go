package planfmt

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of RFC 1035 2.3.4 and 3.3.
const (
	maxLabel  = 63
	maxName   = 255 // in wire form
	maxString = 255 // bytes of one character-string
)

// value is the rdata of one record.
type value struct {
	text    string   // TXT: the bytes of all strings joined
	strings []string // TXT: the strings
	numbers []int    // MX: preference; SRV: priority, weight, port
	name    string   // the name at the end, canonical
	addr    string   // A, AAAA
}

// cut takes over how a text is published, if it is one of some.
func (v *value) cut(published [][]string) {
	for _, parts := range published {
		fits := !slices.ContainsFunc(parts, func(p string) bool { return len(p) > maxString })
		if fits && len(parts) > 0 && strings.Join(parts, "") == v.text {
			v.strings = parts
			return
		}
	}
}

// shape is how the rdata of a type is written: some 16-bit numbers, then a name.
type shape struct{ numbers int }

func shapeOf(typ string) (shape, bool) {
	switch typ {
	case "CNAME", "NS":
		return shape{0}, true
	case "MX":
		return shape{1}, true
	case "SRV":
		return shape{3}, true
	}
	return shape{}, false
}

func parseValue(typ, s string) (value, error) {
	switch typ {
	case "TXT":
		return value{text: s, strings: splitStrings(s, maxString)}, nil
	case "A", "AAAA":
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Zone() != "" || addr.Is4() != (typ == "A") {
			return value{}, fmt.Errorf("not an %s address", typ)
		}
		return value{addr: addr.String()}, nil
	}
	shape, ok := shapeOf(typ)
	if !ok {
		return value{}, errors.New("records of this type must be changed by hand")
	}
	fields := strings.Fields(s)
	if len(fields) != shape.numbers+1 {
		return value{}, fmt.Errorf("not the value of an %s record", typ)
	}
	var v value
	for _, f := range fields[:shape.numbers] {
		n, err := strconv.ParseUint(f, 10, 16)
		if err != nil {
			return value{}, fmt.Errorf("not the value of an %s record", typ)
		}
		v.numbers = append(v.numbers, int(n))
	}
	var err error
	v.name, err = parseName(fields[shape.numbers])
	return v, err
}

// rdata returns the value in the form of a zone file.
func (v value) rdata(typ string) string {
	switch typ {
	case "TXT":
		return quoteStrings(v.strings, escapeDecimal)
	case "A", "AAAA":
		return v.addr
	}
	return v.numbersAnd(v.name)
}

func (v value) numbersAnd(name string) string {
	var b strings.Builder
	for _, n := range v.numbers {
		fmt.Fprintf(&b, "%d ", n)
	}
	return b.String() + name
}

// parseName reads an absolute name in presentation form (RFC 1035 5.1) and
// returns its canonical form: letters, digits, and -_*/+ as they are, all
// other bytes as \DDD.
func parseName(s string) (string, error) {
	if s == "." {
		return s, nil
	}
	var b strings.Builder
	label, total := 0, 1
	for i := 0; i < len(s); {
		if s[i] == '.' {
			if label == 0 {
				return "", errName
			}
			total, label, i = total+label+1, 0, i+1
			b.WriteByte('.')
			continue
		}
		c, n := labelByte(s[i:])
		if label++; n == 0 || label > maxLabel {
			return "", errName
		}
		i += n
		b.WriteString(escapeLabel(c))
	}
	if label != 0 || total == 1 || total > maxName {
		return "", errName
	}
	return b.String(), nil
}

var errName = errors.New("not an absolute host name")

// labelByte reads the first byte of a label, which may be escaped, and returns
// how many bytes of s it takes; 0 if the escape is wrong.
func labelByte(s string) (c byte, n int) {
	switch {
	case s[0] != '\\':
		return s[0], 1
	case len(s) >= 2 && !isDigit(s[1]):
		return s[1], 2
	case len(s) >= 4:
		if d, err := strconv.ParseUint(s[1:4], 10, 8); err == nil {
			return byte(d), 4
		}
	}
	return 0, 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func escapeLabel(c byte) string {
	if isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("-_*/+", c) >= 0 {
		return string(rune(c))
	}
	return escapeDecimal(c)
}

// isPlain reports whether a canonical name can be given to tools that do not
// know escapes.
func isPlain(name string) bool { return !strings.ContainsAny(name, `\/+`) && name != "" }

// below reports whether name is zone or a name below it; both are canonical.
func below(name, zone string) bool {
	name, zone = strings.ToLower(name), strings.ToLower(zone)
	return zone == "." || name == zone || strings.HasSuffix(name, "."+zone)
}

// relative returns name without the zone it is in; the apex is "@".
func relative(name, zone string) string {
	if len(name) == len(zone) {
		return "@"
	}
	return name[:len(name)-len(zone)-1]
}

// splitStrings cuts the text of a TXT record into character-strings.
func splitStrings(text string, most int) []string {
	if text == "" {
		return []string{""}
	}
	var parts []string
	for part := range slices.Chunk([]byte(text), most) {
		parts = append(parts, string(part))
	}
	return parts
}

// splitText is splitStrings for text in UTF-8, which is not cut within a
// character.
func splitText(text string, most int) []string {
	parts := []string{""}
	for _, r := range text {
		if last := parts[len(parts)-1]; len(last)+utf8.RuneLen(r) > most {
			parts = append(parts, "")
		}
		parts[len(parts)-1] += string(r)
	}
	return parts
}

// quoteStrings writes the character-strings of a TXT record in quotes.
// Quotes, backslashes and what is not printable ASCII are written by escape.
func quoteStrings(parts []string, escape func(byte) string) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(`"` + escapeText(part, escape) + `"`)
	}
	return b.String()
}

func escapeText(s string, escape func(byte) string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c < ' ' || c >= 0x7f:
			b.WriteString(escape(c))
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escapeDecimal writes a byte as zone files do. RFC 1035 5.1
func escapeDecimal(c byte) string {
	if c == '"' || c == '\\' {
		return `\` + string(rune(c))
	}
	return fmt.Sprintf(`\%03d`, c)
}
