package bounce

import (
	"html"
	"net/netip"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// parseIP returns an address in its usual form, "" if it is none.
func parseIP(s string) string {
	if !strings.ContainsAny(s, ".:") { // as most are not: to be told so by an error costs more
		return ""
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return a.String()
}

// looksHTML reports whether a text is HTML, or a part of it.
func looksHTML(s string) bool {
	low := strings.ToLower(s[:min(len(s), maxReply)])
	return containsAny(low, htmlMarks)
}

var htmlMarks = []string{"<html", "<body", "<!doctype html", "<br>", "<br/>", "<br />", "<p>", "</p>", "</div>", "</span>",
	"</td>", "</pre>", "</b>", "</a>"}

// blocks are the elements that end a line.
var blocks = map[string]bool{
	"br": true, "p": true, "div": true, "tr": true, "table": true, "li": true, "h1": true, "h2": true,
	"h3": true,
	"h4": true, "td": true, "th": true, "pre": true, "hr": true, "ul": true, "ol": true, "title": true,
	"body": true,
}

// fromHTML returns the text of an HTML document: tags become line ends or
// nothing, scripts and styles vanish. It is no HTML parser and need not be.
//
// The time is linear: the end of the next tag is looked for once.
func fromHTML(s string) string {
	low := eml.Lower(s) // the same length
	var b strings.Builder
	end := -1 // of the tag that is checked, or the next one
	for at := 0; at < len(s); {
		i := strings.IndexByte(s[at:], '<')
		if i < 0 {
			b.WriteString(s[at:])
			break
		}
		b.WriteString(s[at : at+i])
		at += i
		if at > end {
			end = len(s)
			if i := strings.IndexByte(low[at:], '>'); i >= 0 {
				end = at + i
			}
		}
		name, n := tag(low[at:min(end+1, len(s))])
		if strings.HasPrefix(low[at:], "<!--") {
			name, n = "!--", 4+through(low[at+4:], "--")
		}
		if n == 0 {
			b.WriteByte('<')
			at++
			continue
		}
		at += n
		switch {
		case name == "script", name == "style":
			at += through(low[at:], "</"+name)
		case blocks[strings.TrimPrefix(name, "/")]:
			b.WriteByte('\n')
		}
	}
	return html.UnescapeString(b.String())
}

// maxTag is the longest tag; a "<" with no ">" so near is text.
const maxTag = 4 << 10

// tag reads s, which ends with the next ">", as a tag: its name, with a slash
// before it if it closes, and its length, 0 if it is no tag.
func tag(s string) (name string, n int) {
	if len(s) < 3 || len(s) > maxTag {
		return "", 0
	}
	name, _, _ = strings.Cut(strings.TrimRight(s[1:len(s)-1], "/"), " ")
	name, _, _ = strings.Cut(name, "\n")
	if name == "" || strings.ContainsAny(name, "@.:<") {
		return "", 0 // "<user@example.com>"
	}
	return name, len(s)
}

// through returns how far it is to behind the next mark and the ">" after it.
func through(s, mark string) int {
	i := strings.Index(s, mark)
	if i < 0 {
		return len(s)
	}
	if j := strings.IndexByte(s[i:], '>'); j >= 0 {
		return i + j + 1
	}
	return len(s)
}
