package bounce

import (
	"slices"
	"strings"
	"unicode"

	"maildiag/checks/kit"
)

// found is a reply in a text, by its place.
type found struct {
	Reply
	start, end int // of the whole reply
}

// scanner finds the replies in one normalized text, by their places in it, in
// stages: the replies with their extent, then whom and what they are about.
// The time is linear in the text: each byte is checked a bounded number of
// times.
type scanner struct {
	text string
	all  []found
	last int // end of the last reply that is not quoted in another one
}

// scan returns the replies in a text, in order, with what stands around them.
func scan(text string) []Reply {
	s := scanner{text: text}
	s.find()
	s.attribute()
	replies := make([]Reply, 0, len(s.all))
	for i := range s.all {
		replies = append(replies, s.all[i].Reply)
	}
	return replies
}

// find collects the replies of the text.
func (s *scanner) find() {
	for i := 0; i < len(s.text) && len(s.all) < MaxReplies; {
		h, ok := s.head(i)
		if !ok {
			i++
			continue
		}
		if inner := len(s.all) > 0 && i < s.last; !inner || quoted(s.text, i) {
			s.add(i, h, inner)
		}
		i = h.text
	}
}

// head returns the codes at i, if a reply starts there.
func (s *scanner) head(i int) (head, bool) {
	if c := s.text[i]; c != '2' && c != '4' && c != '5' {
		return head{}, false
	}
	return headAt(s.text, i)
}

// add adds the reply whose codes are at i.
func (s *scanner) add(i int, h head, inner bool) {
	f := found{start: i}
	f.Source, f.Inner = FromText, inner
	f.Code, f.Enhanced, f.Told = h.code, h.enhanced, inProse(s.text, i)
	var raw string
	raw, f.end = extent(s.text, i, h)
	if f.finish(raw); h.code == 0 && f.Text == "" {
		f.Text = sentence(s.text[s.paragraphOf(i):i])
	}
	f.Loose = f.Told || !tuple(s.text, i) && (h.code == 0 || h.enhanced == "" || s.text[i+3] == ']') && s.within(i)
	f.late(raw)
	f.remote = strings.HasSuffix(strings.TrimRight(s.text[max(0, i-5):i], " "), "<<<")
	if !inner {
		s.last = f.end
	}
	if f.worthy() && (f.Code/100 == 2 || f.Action != "" || s.hasOutcome(i)) {
		s.all = append(s.all, f)
	}
}

// minSentence is the number of words that a line needs before a code in brackets, so
// that the code is that of the line.
const minSentence = 3

// maxBack is how many lines before its code a sentence may start.
const maxBack = 3

// paragraphOf returns where the sentence starts that ends at i: at its line, or at one
// before it that is neither empty, nor names the recipient, nor is a reply of its own.
func (s *scanner) paragraphOf(i int) int {
	start := s.lineOf(i)
	for range maxBack {
		if start == 0 {
			break
		}
		before := s.lineOf(start - 1)
		line := strings.TrimSpace(s.text[before:start])
		if line == "" || strings.Contains(line, "said:") || strings.ContainsAny(line[len(line)-1:], ":)>") {
			break
		}
		start = before
	}
	return start
}

// sentence returns the words of a paragraph before a code in brackets that ends it, as
// qmail writes it: "Sorry, no mailbox here by that name. (#5.1.1)".
func sentence(before string) string {
	words, ok := strings.CutSuffix(before, "(#")
	if !ok || len(strings.Fields(words)) < minSentence {
		return ""
	}
	return strings.Join(strings.Fields(words[strings.LastIndex(words, ": ")+1:]), " ")
}

// tuple reports whether the code at i starts a tuple of Python's smtplib, which only
// a mail server's reply does: "(535, b'...".
func tuple(s string, i int) bool {
	rest := s[i+3:]
	return i > 0 && s[i-1] == '(' && (strings.HasPrefix(rest, ", b'") || strings.HasPrefix(rest, `, b"`) || strings.HasPrefix(rest, ", '"))
}

// quoters are the words after which mail programs quote a server.
var quoters = []string{"->", "error:", "with message", "invalid login:", "] <", "| <", "client:", "server:", "remote server returned", "said:", "smtp;", "reply:", "response:", "response was:", "reason:", "<<<", "recv:", "got:", "received:", "rx:", "smtp<<"}

// within reports whether other words stand before i in its line, and not those of
// a mail program that quotes a server.
func (s *scanner) within(i int) bool {
	before := strings.ToLower(s.text[s.lineOf(i):i])
	trimmed := strings.TrimRight(before, " '\"`")
	return strings.IndexFunc(before, unicode.IsLetter) >= 0 && !strings.HasSuffix(before, "(#") &&
		!slices.ContainsFunc(quoters, func(w string) bool { return strings.HasSuffix(trimmed, w) })
}

// worthy reports whether it is a reply to a refusal.
func (f *found) worthy() bool {
	return f.Code == 0 && f.Enhanced != "" || f.Code >= 400 || f.Code >= 200 && (f.Enhanced != "" || f.Queued())
}

// skipBetween passes what may stand between the two codes: "550-5.1.1",
// "(535, b'5.7.139", "550 #5.1.0", "550:5.1.1".
func skipBetween(s string, i int) int {
	for n := 0; i < len(s) && n < 6; n++ {
		switch s[i] {
		case ' ', '-', ',', '\'', '"', ':', '\n', '\t', ')', '[', ']':
			i++
		case 'b':
			if i+1 < len(s) && (s[i+1] == '\'' || s[i+1] == '"') {
				i++
				continue
			}
			return i
		default:
			return i
		}
	}
	return i
}

// leads are the words after which three digits are a reply code.
var leads = []string{
	"said:", "said", "error:", "error", "code:", "code", "reply:", "reply", "response:", "response", "returned",
	"returned:", "reason:", "status:", "smtp;", "->", "<<<", "(", "[", "{", "'", "\"", "`", "=", "#", "rejected:",
	"message:", "host:", "failed:", "was:", "state", "command:", "data:", ">:", "]:", "]", "to:", "login:",
	"sender:",
	"with", "with:", "] <", "| <", "failure:", "out:", "code :", "diagnostic:", "got", "smtp", ";", "session:", "detail:",
	"details:", "info:", "not:", "::", "*",
	">", "“", "‘", "err:", "recipient:", "server:", "ndr:", "bounce:", "unreachable:", "authenticate.",
	"answered", "me:", "client:", "exception:", "reject:", "bounced:", "deferred:", "log:", "returned code", "diag:",
	"eauth:", "description:", "text:", "reason", "notice:", "dsn:", "last error:",
}

// bareHead reports whether a reply code at i without an enhanced code is one by
// what stands before and after it.
func bareHead(s string, i, after int) bool {
	code := s[i : i+3]
	if code[1] > '7' || code == "200" || code == "222" || code == "465" || code[:2] == "40" { // a port, and HTTP
		return false
	}
	if strings.HasPrefix(s[i+3:], `", with message`) {
		return false // of Symfony Mailer, which repeats the code in the message
	}
	if strings.HasSuffix(s[:i], `got code "`) || tuple(s, i) {
		return true // and nothing else of the reply
	}
	words := textFollows(s, after) || addressFollows(s, after) || mixedFollows(s, after)
	if !words && strings.TrimSpace(s[i+3:]) != "" {
		return false // "550-1234" is not a reply
	}
	line := strings.LastIndexByte(s[max(0, i-lineBack):i], '\n')
	before := s[max(0, i-lineBack)+line+1 : i]
	trimmed := strings.TrimRight(before, " \t")
	if strings.Trim(trimmed, "> \t-*|:<\"'") == "" {
		return words
	}
	if n := len(trimmed); n > 1 && code[0] != '2' && words && namesSpeaker(trimmed, n < len(before)) {
		return true
	}
	trimmed = strings.ToLower(trimmed)
	return slices.ContainsFunc(leads, func(w string) bool { return strings.HasSuffix(trimmed, w) })
}

// namesSpeaker reports whether the words before a code end as those of who quotes it:
// with a colon, which may stand behind a number if a space follows it, or with a dash in
// a sentence about an error.
func namesSpeaker(before string, spaced bool) bool {
	last := before[len(before)-2]
	switch before[len(before)-1] {
	case ':':
		return letter(last) || strings.IndexByte("\"'>)", last) >= 0 || digit(last) && spaced
	case '-':
		return last == ' ' && spaced && tellsError().MatchString(before)
	}
	return false
}

var tellsError = kit.Lazily(`(?i)\b(?:error|failed|failure|fehler|rejected|bounced|refused|unable|could not|cannot)\b`)

// lineBack is how far a line is looked back for what stands before a code.
const lineBack = 60

// addressFollows reports whether an IP address, or a number and a word, follow
// at i: "550 192.0.2.1 is not allowed", "554 30 Sorry".
func addressFollows(s string, i int) bool {
	word, rest, _ := strings.Cut(s[i:min(len(s), i+maxIP+20)], " ")
	if strings.HasPrefix(word, "$") || strings.ContainsAny(word, ".:") && ipAt(strings.TrimLeft(word, "[<")) != "" {
		return true
	}
	return len(word) > 0 && len(word) <= 3 && capital(rest) && strings.Trim(word, "0123456789") == ""
}

// minMixed is the length of a word of letters and digits from which on it is an ID.
const minMixed = 4

// mixedFollows reports whether a word of letters and digits follows at i, and then
// another word, as in "550 2efb645d Mail rejected"; not a size, a date or a time.
func mixedFollows(s string, i int) bool {
	if i >= len(s) || !digit(s[i]) {
		return false
	}
	word, rest, _ := strings.Cut(s[i:min(len(s), i+maxIP+20)], " ")
	return len(word) >= minMixed && strings.Trim(word, "0123456789abcdefABCDEF-_") == "" && strings.ContainsAny(word, "abcdefABCDEF") && textFollows(rest, 0)
}

// textFollows reports whether words follow at i.
func textFollows(s string, i int) bool {
	if i >= len(s) {
		return false
	}
	c := s[i]
	return letter(c) || strings.IndexByte("<[('\"*{:;=", c) >= 0 || c >= 0x80 || strings.HasPrefix(s[i:], `\x`)
}

// innerLeads are the words after which a reply within a reply is one of another
// server.
var innerLeads = []string{"->", "error:", "message=", "returned", "said:", "led=", "smtp;", "reply:",
	"response was:",
	"last error:", "{"}

// quoted reports whether the codes at i, within a reply, start another one.
func quoted(s string, i int) bool {
	before := strings.ToLower(strings.TrimRight(s[max(0, i-20):i], " '\"`[({"))
	for _, w := range innerLeads {
		if strings.HasSuffix(before, w) {
			return true
		}
	}
	return false
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

// late adds a code that stands within the text of a reply.
func (f *found) late(raw string) {
	switch {
	case f.Enhanced == "" && f.Code >= 400:
		f.Enhanced = lateEnhanced(raw, f.Code)
	case f.Code == 0 && strings.HasPrefix(raw, " (") && strings.HasPrefix(raw[min(len(raw), 5):], ")"):
		f.Code, _ = codeAt(raw, 2) // "5.7.1 (550) Unable to relay"
	case f.Code == 0:
		if code, e := lateCode(raw, f.Enhanced); code != 0 {
			f.Code, f.Enhanced = code, e
		}
	}
}

// lateCode finds the reply code that Amazon SES quotes after its own words:
// "5.1.0 - Unknown address error 550-'5.2.2 Mailbox Full'".
func lateCode(raw, enhanced string) (int, string) {
	i := strings.Index(raw, "-'")
	if i < 4 || raw[i-4] != ' ' || raw[i-3] != enhanced[0] {
		return 0, enhanced
	}
	code, ok := codeAt(raw, i-3)
	if !ok {
		return 0, enhanced
	}
	if e, n := enhancedAt(raw, i+2); n > 0 {
		enhanced = e
	}
	return code, enhanced
}

// lateEnhanced finds an enhanced code at the end of a reply's text, as qmail
// writes it: "550 Invalid recipient (#5.1.1)".
func lateEnhanced(raw string, code int) string {
	for i := 1; i < len(raw); i++ {
		if raw[i] != '2' && raw[i] != '4' && raw[i] != '5' || !opens(raw, i) {
			continue
		}
		e, n := enhancedAt(raw, i)
		if n > 0 && int(e[0]-'0') == code/100 && !versionBefore(raw, i) && !section(raw, i, i+n) {
			return e
		}
	}
	return ""
}

// bareCode reads an input that is nothing but a code: "5.7.64", "535".
func bareCode(text string) *Reply {
	text = strings.Trim(text, " \t\n#\"'().")
	if code, ok := codeAt(text+" ", 0); ok && len(text) == 3 && strings.IndexByte("245", text[0]) >= 0 {
		return &Reply{Code: code, Source: FromText}
	}
	return nil
}
