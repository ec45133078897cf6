package dmarc

import (
	"slices"
	"strings"

	"maildiag/dnsrec/taglist"
)

// names are the tags of a DMARC record, old and new.
var names = []string{"v", "p", "sp", "np", "psd", "t", "adkim", "aspf", "rua", "ruf", "fo", "pct", "rf", "ri"}

// repair undoes what is commonly done to records on their way into the DNS,
// and returns the record that was meant, or "" if it cannot tell.
func repair(txt string) string {
	s := separate(clean(txt))
	if rest, ok := afterVersion(s); ok {
		s = "v=" + Version + rest
	}
	s = strings.ReplaceAll(s, ";;", ";")
	rec, problems := examine(s)
	if rec == nil || slices.ContainsFunc(problems,
		func(p Problem) bool { return p.Fatal }) || rec.String() == txt {
		return ""
	}
	return rec.String()
}

// afterVersion returns what follows the version of a text, which may be damaged.
func afterVersion(s string) (rest string, ok bool) {
	if i := strings.Index(strings.ToLower(s), "dmarc1"); i >= 0 && i <= maxJunk {
		return s[i+len("dmarc1"):], true
	}
	return taglist.Slipped(s, Version)
}

// clean takes out what does not belong into a record: quotation marks,
// backslashes, characters that cannot be seen.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\t' || r == '\r' || r == '\n':
			return ' '
		case r == '；':
			return ';'
		case r == '“' || r == '”' || r == '"' || r == '\'' || r == '\\' || r == '\ufeff' || '\u200b' <= r && r <= '\u200f' || r < ' ':
			return -1
		}
		return r
	}, s)
}

var (
	aroundEquals  = strings.NewReplacer(" =", "=", "= ", "=")
	marksApart    = strings.NewReplacer(";", " ; ", ",", " , ")
	marksTogether = strings.NewReplacer(",;", ";", ";mailto:", ",mailto:", "; mailto:", ",mailto:")
)

// separate puts a semicolon before each known tag that follows a blank or a
// comma, mailto: before bare addresses, and = for the : after a tag's name.
func separate(s string) string {
	var b strings.Builder
	for i, word := range strings.Fields(marksApart.Replace(aroundEquals.Replace(s))) {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			if n, v, colon := strings.Cut(word, ":"); colon && known(n) {
				name, value, ok = n, v, true
			}
		}
		switch {
		case ok && known(name) && i > 0:
			b.WriteString(";" + strings.ToLower(name) + "=" + bare(value))
		case ok && known(name):
			b.WriteString(strings.ToLower(name) + "=" + value)
		default:
			b.WriteString(" " + bare(word))
		}
	}
	return marksTogether.Replace(b.String())
}

func known(name string) bool { return slices.Contains(names, strings.ToLower(name)) }

// bare puts mailto: before a mail address that lacks it.
func bare(word string) string {
	if strings.Contains(word, "@") && !strings.Contains(word, ":") && !strings.Contains(word, "=") {
		return "mailto:" + word
	}
	return word
}
