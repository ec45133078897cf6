package spf

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxFaults bounds how many faults of one record are described; the rest are
// noise.
const maxFaults = 50

// Ours reports whether receivers take a TXT record for an SPF record: it starts
// with the version, followed by a blank or nothing (RFC 7208 4.5).
func Ours(txt string) bool {
	n := len(versionTag)
	return len(txt) >= n && strings.EqualFold(txt[:n], versionTag) && (len(txt) == n || txt[n] == ' ')
}

// Parse reads a TXT record. ours is false, and rec nil, if it is not an SPF
// record. If it is one, but broken, rec holds every term that could be read
// and all faults, and err is the first of them, a [*SyntaxError].
func Parse(txt string) (rec *Record, ours bool, err error) {
	if !Ours(txt) {
		return nil, false, nil
	}
	r := &Record{Text: txt}
	words := split(txt, len(versionTag))
	r.Terms = make([]Term, 0, len(words))
	for i := 0; i < len(words); i++ {
		term, fault := parseTerm(words[i].text)
		if fault == nil {
			term.Offset = words[i].offset
			r.Terms = append(r.Terms, term)
			continue
		}
		i += r.fault(words[i:], fault)
	}
	r.onlyOnce(Redirect)
	r.onlyOnce(Exp)
	if len(r.Faults) > 0 {
		return r, true, &r.Faults[0]
	}
	return r, true, nil
}

// word is one piece of a record between blanks.
type word struct {
	text   string
	offset int
}

// split cuts a record at its blanks from offset on (RFC 7208 4.6.1: terms are
// separated by one or more SP, and by nothing else).
func split(txt string, offset int) []word {
	words := make([]word, 0, strings.Count(txt[min(offset, len(txt)):], " ")+1)
	for offset < len(txt) {
		end := strings.IndexByte(txt[offset:], ' ')
		if end < 0 {
			end = len(txt) - offset
		}
		if end > 0 {
			words = append(words, word{txt[offset : offset+end], offset})
		}
		offset += end + 1
	}
	return words
}

// fault notes what is wrong with the first of words, and gives how many of the
// following words it spoils too.
func (r *Record) fault(words []word, f *fault) (more int) {
	if len(r.Faults) == maxFaults {
		return 0
	}
	e := SyntaxError{
		Offset: words[0].offset + f.at, Len: f.n, Problem: f.problem,
		Term: words[0].text, TermOffset: words[0].offset,
	}
	if len(words) > 1 {
		if joined, problem := torn(words[0].text, words[1].text); joined != "" {
			end := words[1].offset + len(words[1].text)
			e.Term = r.Text[e.TermOffset:end]
			e.Offset, e.Len = e.TermOffset, end-e.TermOffset
			e.Problem, e.Hint = problem, joined
			more = 1
		}
	}
	if more == 0 {
		e.guess()
	}
	r.Faults = append(r.Faults, e)
	return more
}

// onlyOnce enforces that redirect and exp appear once (RFC 7208 6).
func (r *Record) onlyOnce(k Kind) {
	first := true
	for _, t := range r.Terms {
		if t.Kind != k {
			continue
		}
		if !first && len(r.Faults) < maxFaults {
			e := SyntaxError{
				Offset: t.Offset, Len: len(t.Text), Term: t.Text, TermOffset: t.Offset, Drop: true,
				Problem: k.String() + "= may appear only once in a record",
			}
			if k == Redirect { // its senders were meant too
				e.Hint, e.Drop = "include:"+t.Domain, false
			}
			r.Faults = append(r.Faults, e)
		}
		first = false
	}
}

// fault is what is wrong with one term, and where in it.
type fault struct {
	at, n   int
	problem string
}

func faultf(at, n int, format string, args ...any) *fault {
	return &fault{at, n, fmt.Sprintf(format, args...)}
}

// parseTerm reads one term (RFC 7208 4.6.1).
func parseTerm(s string) (Term, *fault) {
	if s == "" {
		return Term{}, faultf(0, 0, "a term is missing here")
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' { // RFC 7208 7.1: macro-literal is visible ASCII
			return Term{}, foreign(s, i)
		}
	}
	t := Term{Text: s}
	nameEnd := strings.IndexAny(s, ":/=")
	if nameEnd < 0 {
		nameEnd = len(s)
	}
	if nameEnd < len(s) && s[nameEnd] == '=' && modifierName(s[:nameEnd]) {
		return parseModifier(t, s[:nameEnd], s[nameEnd+1:])
	}
	t.Qualifier = '+'
	if strings.IndexByte("+-~?", s[0]) >= 0 {
		t.Qualifier = Qualifier(s[0])
	}
	start := 0
	if s[0] == byte(t.Qualifier) {
		start = 1
	}
	name, rest := s[min(start, nameEnd):nameEnd], s[nameEnd:]
	t.Kind = kindOf(name)
	switch {
	case name == "":
		return Term{}, faultf(0, len(s), "a mechanism is missing here")
	case t.Kind == 0:
		return Term{}, faultf(start, max(1, nameEnd-start), "%q is not an SPF mechanism", name)
	case t.Kind.Modifier():
		return Term{}, faultf(start, max(1, nameEnd-start), "%s is written with \"=\" and without a sign: %s=",
			t.Kind, t.Kind)
	}
	f := parseArgument(&t, rest)
	if f != nil {
		f.at += nameEnd
		return Term{}, f
	}
	return t, nil
}

// modifierName checks name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
// (RFC 7208 12).
func modifierName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !alpha(s[i]) && (i == 0 || !digit(s[i]) && strings.IndexByte("-_.", s[i]) < 0) {
			return false
		}
	}
	return s != ""
}

func parseModifier(t Term, name, value string) (Term, *fault) {
	t.Kind, t.Domain = Unknown, value
	if k := kindOf(name); k.Modifier() {
		t.Kind = k
	}
	var f *fault
	if t.Kind == Unknown {
		t.Name = strings.ToLower(name)
		f = checkMacros(value, true)
	} else {
		f = checkDomainSpec(value)
	}
	if f != nil {
		f.at += len(name) + 1
		return Term{}, f
	}
	return t, nil
}

// parseArgument reads what follows the name of a mechanism.
func parseArgument(t *Term, rest string) *fault {
	switch t.Kind {
	case All: // RFC 7208 5.1
		if rest != "" {
			return faultf(0, len(rest), "all takes nothing behind it")
		}
		return nil
	case IP4, IP6:
		return parseNetwork(t, rest)
	case A, MX: // RFC 7208 5.3, 5.4
		head, f := cutDualCIDR(t, rest)
		if f != nil || head == "" {
			return f
		}
		return parseDomain(t, head)
	case PTR: // RFC 7208 5.5
		if rest == "" {
			return nil
		}
	}
	return parseDomain(t, rest) // RFC 7208 5.2, 5.7: include and exists need one
}

func parseDomain(t *Term, rest string) *fault {
	switch {
	case rest == "" || rest == ":":
		return faultf(0, max(1, len(rest)), "the domain is missing after %s:", t.Kind)
	case rest[0] != ':':
		return faultf(0, len(rest), "%q cannot stand after %s", rest, t.Kind)
	}
	t.Domain = rest[1:]
	if f := checkDomainSpec(t.Domain); f != nil {
		f.at++
		return f
	}
	return nil
}

// cutDualCIDR cuts [ "/" ip4-cidr-length ] [ "//" ip6-cidr-length ] from the
// end of the argument of a or mx (RFC 7208 5.6).
func cutDualCIDR(t *Term, rest string) (head string, f *fault) {
	t.Bits4, t.Bits6 = bitsIPv4, bitsIPv6
	i := trailingNumber(rest)
	if i < 0 {
		return rest, nil
	}
	if i >= 2 && rest[i-2] == '/' {
		if t.Bits6, f = prefixLength(rest, i, bitsIPv6); f != nil {
			return "", f
		}
		rest = rest[:i-2]
		if i = trailingNumber(rest); i < 0 {
			return rest, nil
		}
		if i >= 2 && rest[i-2] == '/' {
			return "", faultf(i-2, len(rest)-i+2, "an IPv6 prefix length is written twice")
		}
	}
	t.Bits4, f = prefixLength(rest, i, bitsIPv4)
	return rest[:i-1], f
}

// trailingNumber returns where the digits after the last "/" start; -1 if s does
// not end in "/" and digits.
func trailingNumber(s string) int {
	i := len(s)
	for i > 0 && digit(s[i-1]) {
		i--
	}
	if i == len(s) || i == 0 || s[i-1] != '/' {
		return -1
	}
	return i
}

// prefixLength reads the digits from i on; no leading zero (RFC 7208 12).
func prefixLength(s string, i, limit int) (int, *fault) {
	digits := s[i:]
	n, err := strconv.Atoi(digits)
	switch {
	case digits == "" || strings.Trim(digits, "0123456789") != "":
		return 0, faultf(i, max(1, len(digits)), "%q is not a prefix length", digits)
	case err != nil || n > limit:
		return 0, faultf(i, len(digits), "a prefix length is at most %d", limit)
	case len(digits) > 1 && digits[0] == '0':
		return 0, faultf(i, len(digits), "a prefix length has no leading zero")
	}
	return n, nil
}

// parseNetwork reads the argument of ip4 or ip6 (RFC 7208 5.6).
func parseNetwork(t *Term, rest string) *fault {
	if len(rest) < 2 || rest[0] != ':' {
		return faultf(0, max(1, len(rest)), "the address is missing after %s:", t.Kind)
	}
	limit, family := bitsIPv4, "IPv4"
	if t.Kind == IP6 {
		limit, family = bitsIPv6, "IPv6"
	}
	text, bits := rest[1:], limit
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		n, f := prefixLength(rest, slash+1, limit)
		if f != nil {
			return f
		}
		text, bits = rest[1:slash], n
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.BitLen() != limit || addr.Zone() != "" {
		return faultf(1, max(1, len(text)), "%q is no %s address", text, family)
	}
	t.Prefix = netip.PrefixFrom(addr, bits)
	return nil
}

// checkDomainSpec checks domain-spec = macro-string domain-end (RFC 7208 7.1).
func checkDomainSpec(s string) *fault {
	if s == "" {
		return faultf(0, 1, "the domain is missing")
	}
	if f := checkMacros(s, false); f != nil {
		return f
	}
	if endsInMacro(s) {
		return nil
	}
	name := strings.TrimSuffix(s, ".")
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return faultf(0, len(s), "%q is not a full domain name: it has no dot", s)
	}
	if top := name[dot+1:]; !topLabel(top) {
		return faultf(dot+1, max(1, len(top)), "a domain cannot end in %q", cmp.Or(top, "."))
	}
	return nil
}

// topLabel checks toplabel: letters, digits and inner hyphens, not all digits
// (RFC 7208 7.1).
func topLabel(s string) bool {
	allDigits := true
	for i := 0; i < len(s); i++ {
		if !alpha(s[i]) && !digit(s[i]) && s[i] != '-' {
			return false
		}
		allDigits = allDigits && digit(s[i])
	}
	return s != "" && !allDigits && s[0] != '-' && s[len(s)-1] != '-'
}

func alpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }
