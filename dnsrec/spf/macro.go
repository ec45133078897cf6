package spf

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The macro letters (RFC 7208 7.2).
const (
	domainLetters = "slodipvh"
	expLetters    = "slodipvhcrt" // c, r and t only in explanations
	delimiters    = ".-+,/_="
	maxDigits     = 10 // of a macro's number; 127 labels is all that can matter
)

// checkMacros checks a macro-string (RFC 7208 7.1). exp allows the letters of
// explanations.
func checkMacros(s string, exp bool) *fault {
	for i := 0; ; {
		next := strings.IndexByte(s[i:], '%')
		if next < 0 {
			return nil
		}
		i += next
		_, n, f := parseMacro(s[i:], exp)
		if f != nil {
			f.at += i
			return f
		}
		i += n
	}
}

// macro is one macro-expand.
type macro struct {
	letter  byte // lower case; '%', '_' or '-' for the fixed ones
	escape  bool // written in upper case: URL-escape the value
	digits  int  // right-hand labels to keep; 0: all
	reverse bool
	delims  string // "" means "."
}

// parseMacro reads the macro at the start of s, which begins with "%", and
// gives its length.
func parseMacro(s string, exp bool) (m macro, n int, f *fault) {
	if len(s) < 2 || strings.IndexByte("{%_-", s[1]) < 0 {
		return m, 0, faultf(0, min(2, len(s)), "\"%%\" starts a macro; a percent sign itself is \"%%%%\"")
	}
	if s[1] != '{' {
		return macro{letter: s[1]}, 2, nil
	}
	end := strings.IndexByte(s, '}')
	if end < 0 {
		return m, 0, faultf(0, len(s), "the macro has no closing \"}\"")
	}
	body := s[2:end]
	if body == "" {
		return m, 0, faultf(0, end+1, "the macro has no letter")
	}
	m.letter, m.escape = body[0]|0x20, body[0] < 'a'
	if !alpha(body[0]) || strings.IndexByte(expLetters, m.letter) < 0 {
		return m, 0, faultf(2, 1, "there is no macro letter %q", body[:1])
	}
	if !exp && strings.IndexByte(domainLetters, m.letter) < 0 {
		return m, 0, faultf(2, 1, "the macro letter %q is for explanations only", body[:1])
	}
	if f := m.transformers(body[1:]); f != nil {
		f.at += 3
		return m, 0, f
	}
	return m, end + 1, nil
}

// transformers reads [ *DIGIT ] [ "r" ] *delimiter (RFC 7208 7.1).
func (m *macro) transformers(s string) *fault {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i > 0 {
		n, err := strconv.Atoi(s[:min(i, maxDigits+1)])
		switch {
		case i > maxDigits || err != nil:
			return faultf(0, i, "the number of labels to keep is too large")
		case n == 0: // RFC 7208 7.3
			return faultf(0, i, "the number of labels to keep cannot be 0")
		}
		m.digits = n
	}
	if i < len(s) && s[i]|0x20 == 'r' {
		m.reverse = true
		i++
	}
	m.delims = s[i:]
	for j := range len(m.delims) {
		if strings.IndexByte(delimiters, m.delims[j]) < 0 {
			return faultf(i+j, 1, "%q cannot stand in a macro", m.delims[j:j+1])
		}
	}
	return nil
}

// endsInMacro reports whether the last thing in a good macro-string is a macro.
func endsInMacro(s string) bool {
	for i := 0; i < len(s); {
		if s[i] != '%' {
			i++
			continue
		}
		_, n, f := parseMacro(s[i:], true)
		if f != nil || i+n == len(s) {
			return f == nil
		}
		i += n
	}
	return false
}

// values holds what the macros of one evaluation stand for.
type values struct {
	ip            netip.Addr // unmapped
	local, sender string     // local part and domain of the sender
	helo          string
	domain        string // the <domain> of check_host, changes with include and redirect
	receiver      string
	now           time.Time
	validated     func() string // %{p}
	usedLocal     bool          // a macro asked for the local part
	usedHelo      bool          // or for the HELO name
}

// static reports whether a macro-string can be expanded without a message:
// only with the domain, and the sender's domain, which is where we start.
func static(s string) bool { return len(staticEnd(s)) == len(s) }

// staticEnd returns what follows the last macro that needs a message.
func staticEnd(s string) string {
	end := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		m, n, f := parseMacro(s[i:], false)
		if f != nil {
			return ""
		}
		if i += n - 1; strings.IndexByte("do%_-", m.letter) < 0 {
			end = i + 1
		}
	}
	return s[end:]
}

// fixedEnd returns the labels in which all names end that a macro-string stands for;
// "" if there are none.
func (v *values) fixedEnd(s string) string {
	_, end, _ := strings.Cut(v.expand(staticEnd(s)), ".")
	return fitName(end)
}

// expand returns the text that a good macro-string stands for (RFC 7208 7.3).
func (v *values) expand(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '%' {
			b.WriteByte(s[i])
			i++
			continue
		}
		m, n, f := parseMacro(s[i:], true)
		if f != nil {
			return "" // not reached: the string was checked
		}
		v.write(&b, m)
		i += n
	}
	return b.String()
}

func (v *values) write(b *strings.Builder, m macro) {
	switch m.letter {
	case '%':
		b.WriteByte('%')
		return
	case '_':
		b.WriteByte(' ')
		return
	case '-':
		b.WriteString("%20")
		return
	}
	text := m.transform(v.value(m.letter))
	if m.escape {
		text = urlEscape(text)
	}
	b.WriteString(text)
}

func (v *values) value(letter byte) string {
	v.usedLocal = v.usedLocal || letter == 's' || letter == 'l'
	v.usedHelo = v.usedHelo || letter == 'h'
	switch letter {
	case 's':
		return v.local + "@" + v.sender
	case 'l':
		return v.local
	case 'o':
		return v.sender
	case 'd':
		return v.domain
	case 'i':
		return dotted(v.ip)
	case 'p':
		return v.validated()
	case 'v':
		if v.ip.Is4() {
			return "in-addr"
		}
		return "ip6"
	case 'h':
		return v.helo
	case 'c':
		return v.ip.String()
	case 'r':
		return v.receiver
	}
	return strconv.FormatInt(v.now.Unix(), 10) // t
}

// transform splits at the delimiters, reverses, and keeps the labels at the
// right (RFC 7208 7.3).
func (m macro) transform(s string) string {
	delims := m.delims
	if delims == "" {
		delims = "."
	}
	if delims == "." && m.digits == 0 && !m.reverse {
		return s
	}
	var parts []string
	for i := strings.IndexAny(s, delims); i >= 0; i = strings.IndexAny(s, delims) {
		parts, s = append(parts, s[:i]), s[i+1:]
	}
	parts = append(parts, s)
	if m.reverse {
		slices.Reverse(parts)
	}
	if m.digits > 0 && m.digits < len(parts) {
		parts = parts[len(parts)-m.digits:]
	}
	return strings.Join(parts, ".")
}

// dotted writes an address as %{i} does: IPv6 as 32 nibbles with dots.
func dotted(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, 63)
	for _, octet := range ip.As16() {
		b = append(b, hex[octet>>4], '.', hex[octet&15], '.')
	}
	return string(b[:63])
}

// urlEscape escapes all but the unreserved characters of RFC 3986
// (RFC 7208 7.3).
func urlEscape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if alpha(c) || digit(c) || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
		}
	}
	return b.String()
}

// fitName makes an expanded domain-spec a name to ask for: without the
// trailing dot, and cut from the left at label borders (RFC 7208 7.3).
func fitName(s string) string {
	s = strings.ToLower(strings.TrimSuffix(s, "."))
	for len(s) > MaxName {
		_, rest, ok := strings.Cut(s, ".")
		if !ok {
			return s
		}
		s = rest
	}
	return s
}

// askable reports whether a question can be asked for this name at all: labels
// of 1 to 63 bytes, 253 in all, and no byte that only a hostile one holds.
func askable(name string) bool {
	if name == "" || len(name) > MaxName {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel {
			return false
		}
	}
	for i := range len(name) {
		if name[i] < ' ' || name[i] > '~' || name[i] == '\\' || name[i] == '"' {
			return false
		}
	}
	return true
}
