package dnsrec

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Canonical returns a name in lower case (ASCII only) without the trailing dot.
// A name that is already so is returned as it is.
func Canonical(name string) string {
	if name == "." {
		return name
	}
	if strings.HasSuffix(name, ".") && !escapedEnd(name[:len(name)-1]) {
		name = name[:len(name)-1]
	}
	for i := range len(name) {
		if c := name[i]; c != lower(c) {
			b := []byte(name)
			for j := i; j < len(b); j++ {
				b[j] = lower(b[j])
			}
			return string(b)
		}
	}
	return name
}

// escapedEnd reports whether s ends in an open escape, as "a\" does, so that
// the character behind it belongs to a label.
func escapedEnd(s string) bool {
	n := len(s) - len(strings.TrimRight(s, `\`))
	return n%2 == 1
}

// NameError says why something typed is not a domain name, or not one for its
// purpose, and what to type.
type NameError struct {
	Input  string // as typed, hostile
	Name   bool   // it is a domain name, of which Reason is said
	Reason string
	Hint   string
}

func (e *NameError) Error() string { return "dnsrec: " + e.Text() }

// Text says what is wrong in a sentence for people.
func (e *NameError) Text() string {
	if e.Name {
		return e.Input + " " + e.Reason
	}
	return fmt.Sprintf("%+q is not a domain name: %s", e.Input, e.Reason)
}

// NameFault says what is wrong with a name, or else with what was read with it,
// without the words of a package.
func NameFault(err error) string {
	if name, ok := errors.AsType[*NameError](err); ok {
		return name.Text()
	}
	return err.Error()
}

const (
	maxTyped   = 2048 // bytes looked at: a URL may be long
	hintDomain = "type a domain name, such as contoso.com"
)

// typedNames converts what people type to A-labels as browsers do (UTS #46,
// non-transitional, so that ß stays ß), but leaves underscores alone: names
// such as _spf.contoso.com are worth a look too.
var typedNames = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.CheckHyphens(false), // r3---sn-x.example exists
	idna.StrictDomainName(false),
)

// ParseDomain reads a domain as a person types it: contoso.com, Contoso.COM.,
// user@contoso.com, https://contoso.com/x, münchen.example. It gives the name
// as the DNS knows it, canonical and in A-labels, and with U-labels if that
// differs, else "". An error is a [*NameError].
//
// Any name of letters, digits, hyphens and underscores will do, be it a
// public suffix; an address, a port or a label that is no label will not.
func ParseDomain(s string) (ascii, ulabels string, err error) {
	refuse := func(reason, hint string) (string, string, error) {
		if hint == hintDomain {
			hint = cmp.Or(meant(s), hint)
		}
		return "", "", &NameError{Input: clipped(s), Reason: reason, Hint: hint}
	}
	if len(s) > maxTyped {
		return refuse("it is very long", hintDomain)
	}
	host, reason, hint := typedHost(strings.TrimSpace(s))
	if reason != "" {
		return refuse(reason, hint)
	}
	if !utf8.ValidString(host) || mixedALabel(host) {
		return refuse("it holds a character that no domain name has", hintDomain)
	}
	if ascii, err = typedNames.ToASCII(host); err != nil {
		return refuse("it holds a character that no domain name has, or a broken xn-- label", hintDomain)
	}
	ascii = Canonical(ascii)
	if reason, hint := refusal(ascii); reason != "" {
		return refuse(reason, hint)
	}
	ulabels, err = typedNames.ToUnicode(ascii)
	back, err2 := typedNames.ToASCII(ulabels)
	if err != nil || err2 != nil || back != ascii || fakeALabel(ascii, ulabels) ||
		isASCII(host) && ascii != Canonical(host) {
		return refuse("a label starts with xn-- but stands for no international name", hintDomain)
	}
	if ulabels == ascii {
		ulabels = ""
	}
	return ascii, ulabels, nil
}

// slips is what may stand between the labels of a name by a slip of the finger.
const slips = `\s*[.,;][.,;\s]*`

// meant asks for what was probably meant by a text with wrong punctuation: one name, or
// several; "": that is not clear.
func meant(s string) string {
	s = strings.Trim(s[:min(len(s), maxName)], ".,; \t\r\n")
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",; \t\r\n", r) })
	if len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !looksTyped(w) }) {
		return "give several domains one by one, with blanks between them: " + strings.Join(words, " ")
	}
	if name := regexp.MustCompile(slips).ReplaceAllString(s, "."); looksTyped(name) {
		return "did you mean " + name + "?"
	}
	return ""
}

// looksTyped reports whether a text is the name of a domain as people type it.
func looksTyped(s string) bool {
	if !strings.Contains(s, ".") || strings.ContainsAny(s, "@/:") || !utf8.ValidString(s) {
		return false
	}
	ascii, err := typedNames.ToASCII(s)
	if err != nil {
		return false
	}
	reason, _ := refusal(Canonical(ascii))
	return reason == ""
}

// typedHost takes the host out of an address or a URL. A reason says why
// there is none.
func typedHost(s string) (host, reason, hint string) {
	if rest, ok := strings.CutPrefix(s, "mailto:"); ok {
		s = rest
	}
	if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" {
			return "", "it is a URL without a host name", hintDomain
		}
		s = u.Hostname()
	}
	s, _, _ = strings.Cut(s, "/")
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if i == 0 {
			return "", "nothing stands before the @", "type an address, such as user@contoso.com, or its domain"
		}
		s = s[i+1:]
	}
	switch {
	case s == "":
		return "", "it is empty", hintDomain
	case IsAddress(s):
		return "", "it is an IP address", "type the domain whose mail is in question; maildiag smtp takes a host"
	case strings.ContainsRune(s, ':'):
		host, _, _ := strings.Cut(s, ":")
		return "", "it has a port or a colon", "type the domain alone: " + fmt.Sprintf("%+q", host)
	case strings.Trim(s, ".") == "":
		return "", "it is the root, which has no mail", hintDomain
	}
	return s, "", ""
}

// clipped bounds what is shown of a name that is none, at a character.
func clipped(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}

// Within reports whether a name is a domain or below it; both are canonical.
func Within(name, domain string) bool {
	more := len(name) - len(domain)
	return name == domain || more > 0 && name[more-1] == '.' && name[more:] == domain
}

// IsAddress reports whether s is an IP address, which may be in brackets.
func IsAddress(s string) bool {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if s == "" || !strings.Contains(s, ":") && (s[len(s)-1] < '0' || s[len(s)-1] > '9') {
		return false // without an error that is made to be thrown away
	}
	_, err := netip.ParseAddr(s)
	return err == nil
}

// refusal says what is wrong with a name in A-labels, if anything.
func refusal(name string) (reason, hint string) {
	if len(name) > maxName-2 { // two bytes more on the wire, RFC 1035 2.3.4
		return "it is longer than 253 bytes", hintDomain
	}
	for l, rest, more := "", name, true; more; {
		l, rest, more = strings.Cut(rest, ".")
		switch {
		case l == "":
			return "it has two dots in a row, or one in front", hintDomain
		case len(l) > maxLabel:
			return "a label is longer than 63 bytes", hintDomain // RFC 1035 2.3.4
		case l[0] == '-' || l[len(l)-1] == '-':
			return "a label starts or ends with a hyphen", hintDomain // RFC 1123 2.1
		case strings.ContainsFunc(l, func(r rune) bool { return !isNameRune(r) }):
			return "it holds a character that no domain name has", hintDomain
		}
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if isNumber(last) {
		return "its last label is a number, as in an IP address", hintDomain
	}
	if last == "localhost" {
		return "it is this machine (RFC 6761 6.3)", hintDomain
	}
	return "", ""
}

func isNameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}

// isNumber reports whether programs may take a label for a part of an IPv4
// address: 1, 007, 0x7f.
func isNumber(label string) bool {
	digits, hex := strings.CutPrefix(label, "0x")
	return !strings.ContainsFunc(digits, func(r rune) bool {
		return (r < '0' || r > '9') && (!hex || r < 'a' || r > 'f')
	})
}

// fakeALabel finds labels in xn-- form that decode to plain ASCII: two
// spellings of one name, of which a check of the first says nothing on the
// second.
func fakeALabel(ascii, ulabels string) bool {
	if !strings.Contains(ascii, "xn--") {
		return false
	}
	us := strings.Split(ulabels, ".")
	for i, a := range strings.Split(ascii, ".") {
		if strings.HasPrefix(a, "xn--") && (i >= len(us) || us[i] == a || isASCII(us[i])) {
			return true
		}
	}
	return false
}

// mixedALabel finds labels that start with xn-- and hold other letters than
// ASCII, be it in a disguise that the conversion would take off.
func mixedALabel(host string) bool {
	isDot := func(r rune) bool { return r == '.' || r == '\u3002' }
	for label := range strings.FieldsFuncSeq(norm.NFKC.String(host), isDot) {
		bare := strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return unicode.ToLower(r)
		}, label)
		if strings.HasPrefix(bare, "xn--") && !isASCII(label) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}
