package message

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/dkim"
	"maildiag/checks/refusal/message/eml"
	"maildiag/dnsrec"
)

// From is what the From field says.
type From struct {
	Raw       string   `json:"raw"`
	Addresses []string `json:"addresses,omitempty"`
	Domain    string   `json:"domain,omitempty"` // A-label, of the only address
	Ambiguous string   `json:"ambiguous,omitempty"`
	Shown     string   `json:"shown,omitempty"`     // address of another organization that the name shows
	Unicode   string   `json:"unicode,omitempty"`   // Domain in U-labels, if it differs
	Lookalike string   `json:"lookalike,omitempty"` // why Domain may be taken for another one
}

// maxFrom is how much of a From field is read.
const maxFrom = 4 << 10

// fromOf reads the From fields. More than one field, or more than one address,
// is ambiguous: receivers differ in which one they show and check.
func fromOf(p *eml.Part) From {
	all := p.All("From")
	switch {
	case len(all) == 0 && p.Cut:
		return From{Ambiguous: tooLong}
	case len(all) == 0:
		return From{Ambiguous: "there is no From field"}
	}
	f := From{Raw: strings.Join(all, " | ")}
	f.Raw = f.Raw[:min(len(f.Raw), maxFrom)]
	if len(all) > 1 {
		f.Ambiguous = "several From fields; receivers differ in which one they use"
	}
	for _, v := range all[:min(len(all), 10)] {
		f.Addresses = append(f.Addresses, addresses(v)...)
	}
	f.settle()
	return f
}

func (f *From) settle() {
	switch {
	case f.Ambiguous != "":
	case len(f.Addresses) == 0 && !strings.Contains(withoutQuotes(f.Raw), "@"):
		f.Ambiguous = "From contains no address"
	case len(f.Addresses) == 0:
		f.Ambiguous = oddForm
	case len(f.Addresses) > 1:
		f.Ambiguous = "From contains several addresses; receivers differ in which one they use"
	case odd(f.Raw):
		f.Ambiguous = oddForm
	}
	if len(f.Addresses) == 0 {
		return
	}
	_, domain, _ := strings.Cut(f.Addresses[0], "@")
	d, ulabels, err := dnsrec.ParseDomain(domain)
	if err != nil {
		if f.Ambiguous == "" {
			f.Ambiguous = "the domain of From is not a domain"
		}
		return
	}
	f.Domain, f.Unicode, f.Lookalike = d, ulabels, lookalike(ulabels)
	if f.Ambiguous == "" {
		f.Shown = f.shown(d)
	}
}

// lookalike says why a name in U-labels may be taken for another one, "" if
// nothing hints at it.
func lookalike(name string) string {
	if mixed := kit.MixedScripts(name); mixed != nil {
		return "it mixes " + strings.Join(mixed, " and ") + " letters, and many of them look alike"
	}
	if s := kit.LooksLatin(name); s != "" {
		return "its letters are " + s + " and look like Latin ones"
	}
	return ""
}

// shown returns the address of another organization than domain that the name
// before the address shows: many mail programs show only the name.
func (f *From) shown(domain string) string {
	name := eml.Legible(f.Raw)
	if i := strings.LastIndexByte(name, '<'); i >= 0 {
		name = name[:i]
	}
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" \t\"'()<>[],;:", r) }) {
		_, shown, ok := strings.Cut(w, "@")
		if ascii := addressDomain(w); ascii != "" {
			shown = ascii
		}
		if ok && org(shown) != "" && !sameOrg(shown, domain) {
			return w
		}
	}
	return ""
}

// addresses takes the mail addresses out of a field: those in angle brackets,
// or else bare ones. Quoted strings and comments are passed over. It is
// lenient, linear and bounded.
func addresses(v string) []string {
	v = v[:min(len(v), maxFrom)]
	plain := withoutQuotes(v)
	var list []string
	for part := range strings.SplitSeq(plain, ",") {
		part = strings.TrimSpace(part)
		if i := strings.LastIndexByte(part, '<'); i >= 0 {
			inside, _, _ := strings.Cut(part[i+1:], ">")
			part = inside
		}
		if i := strings.LastIndexByte(part, ':'); i >= 0 { // a group, or an old route
			part = part[i+1:]
		}
		part = strings.Trim(part, " <>;")
		if strings.Count(part, "@") == 1 && !strings.ContainsAny(part, " \t") {
			list = append(list, part)
		}
	}
	return list
}

// withoutQuotes blanks quoted strings and comments. RFC 5322 3.2.2, 3.2.4
func withoutQuotes(v string) string {
	b := []byte(v)
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		c := b[i]
		hide := quoted || depth > 0
		switch {
		case c == '\\' && hide && i+1 < len(b):
			b[i], b[i+1] = ' ', ' '
			i++
			continue
		case c == '"' && depth == 0:
			quoted, hide = !quoted, true
		case c == '(' && !quoted:
			depth, hide = depth+1, true
		case c == ')' && depth > 0:
			depth--
		}
		if hide {
			b[i] = ' '
		}
	}
	return string(b)
}

const oddForm = "From is written in a form that receivers read differently"

// odd reports whether a From field holds what different readers read
// differently: another address outside of the brackets, angle brackets twice, a
// group or a route (RFC 6854, RFC 5322 4.4), an encoded word or an invisible
// character in the address, or characters that do not belong into a header.
func odd(v string) bool {
	plain := withoutQuotes(v)
	if strings.Count(plain, "<") > 1 || strings.ContainsAny(plain, ":;") || !repeats(plain) {
		return true
	}
	for _, a := range addresses(v) {
		if strings.Contains(a, "=?") || !utf8.ValidString(a) || strings.ContainsFunc(a, invisible) {
			return true
		}
	}
	return strings.ContainsFunc(v, func(r rune) bool {
		return r < ' ' && r != '\t' || r == 0x7f || r == '\u2028' || r == '\u2029'
	})
}

// repeats reports whether a field holds one address alone, if only twice, as
// in "a@example.com <a@example.com>".
func repeats(plain string) bool {
	words := strings.FieldsFunc(plain, func(r rune) bool { return strings.ContainsRune(" \t<>,", r) })
	words = slices.DeleteFunc(words, func(w string) bool { return !strings.Contains(w, "@") })
	return !slices.ContainsFunc(words, func(w string) bool { return strings.Count(w, "@") > 1 || !strings.EqualFold(w, words[0]) })
}

// invisible reports whether a reader does not see a character.
func invisible(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Zl, unicode.Zp) }

// distrust marks From as ambiguous if readers may differ in where the header
// ends, for then they may differ in which From they see.
func (f *From) distrust(raw *dkim.Message, m *eml.Message) {
	if f.Ambiguous != "" || m.Cut {
		return
	}
	n := 0
	for _, x := range raw.Fields {
		if strings.EqualFold(x.Name, "From") {
			n++
		}
		if !wellFormed(x) {
			f.Ambiguous = "the header contains a line that is not a header field; receivers differ in where the header ends"
			return
		}
	}
	if n != 1 || m.Dropped == 0 && len(raw.Fields) != len(m.Fields) {
		f.Ambiguous = "the header is malformed; receivers differ in where it ends"
	}
}

// wellFormed reports whether a field has a name and no line of blanks alone.
// RFC 5322 2.2, 2.2.3
func wellFormed(f dkim.Field) bool {
	if f.Name == "" || len(f.Name)+1 > len(f.Raw) || !strings.Contains(f.Raw, ":") {
		return false
	}
	for _, c := range []byte(f.Name) {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(f.Raw, "\r\n"), "\r\n") {
		if strings.Trim(line, " \t\r") == "" {
			return false
		}
	}
	return true
}
