package bounce

import (
	"strings"

	"maildiag/checks/kit"
)

// head is the start of a reply: its codes.
type head struct {
	code     int
	enhanced string
	text     int    // index after the codes
	lead     string // what a program writes before each line of the reply
}

// accepts reports whether the codes are of class 2.
func (h head) accepts() bool {
	return h.code/100 == 2 || h.code == 0 && strings.HasPrefix(h.enhanced, "2")
}

// headAt reads the codes of a reply that starts at i, if one does.
func headAt(s string, i int) (head, bool) {
	if i > 0 && (!opens(s, i) || fragment(s, i)) {
		return head{}, false
	}
	if e, n := enhancedAt(s, i); n > 0 {
		return head{enhanced: e, text: i + n}, !versionBefore(s, i) && !section(s, i, i+n) && !logField(s, i) && !mentioned(s, i, i+n)
	}
	if h, ok := joined(s, i); ok {
		return h, true
	}
	code, ok := codeAt(s, i)
	if !ok {
		return head{}, false
	}
	h := head{code: code, text: i + 3}
	j := skipBetween(s, h.text)
	if e, n := enhancedAfter(s, i, j); n > 0 {
		h.enhanced, h.text = e, j+n
		return h, !placed(s, i, true)
	}
	if h.text < len(s) && (s[h.text] == ')' || s[h.text] == ']' && i > 0 && s[i-1] == '[') {
		h.text++ // "SMTP error (550) no such user", "SMTP error: [550] no such user"
	}
	return h, bareHead(s, i, j) && !measured().MatchString(s[i+3:min(len(s), i+maxUnit)]) && !placed(s, i, false)
}

// enhancedAfter reads the enhanced code at j, behind the reply code at i. 5.9.9 is no
// code, but stands where one does.
func enhancedAfter(s string, i, j int) (string, int) {
	if e, n := enhancedUpTo(s, j, '9'); n > 0 {
		return e, n
	}
	if j+1 >= len(s) || s[j] != s[i] || s[j+1] != '.' {
		return "", 0
	}
	if e, n := gluedAt(s, j); n > 0 && e[0] == s[i] {
		return e, n
	}
	if e, n := spacedAt(s, j); n > 0 && e[0] == s[i] {
		return e, n
	}
	return "", 0
}

// maxUnit is how far behind a number its unit ends.
const maxUnit = 12

// measured matches the unit that makes a number a size or a time.
var measured = kit.Lazily(`^ ?(?:[kKMGT]i?[bB]|bytes|ms|px|%)(?:\W|$)`)

// joined reads the two codes where a program joined them: "550.5.7.1",
// "550/5.7.1", "550_5.7.1". A refusal cannot be taken for an address so.
func joined(s string, i int) (head, bool) {
	if i+4 >= len(s) || strings.IndexByte("./_", s[i+3]) < 0 || s[i] == '2' || s[i+4] != s[i] {
		return head{}, false
	}
	code, ok := codeAt(s[i:i+3], 0)
	e, n := enhancedAt(s, i+4)
	return head{code: code, enhanced: e, text: i + 4 + n}, ok && n > 0
}

// minGlued is the number of letters of a word that stands right behind a code.
const minGlued = 4

// gluedAt reads an enhanced code that a server wrote without a space after it:
// "5.7.1Unauthorized".
func gluedAt(s string, i int) (string, int) {
	end := i + len(s[i:min(len(s), i+len("5.777.777"))]) - len(strings.TrimLeft(s[i:min(len(s), i+len("5.777.777"))], "0123456789."))
	if end+minGlued > len(s) || strings.IndexFunc(s[end:end+minGlued], func(r rune) bool { return r >= 0x80 || !letter(byte(r)) }) >= 0 {
		return "", 0
	}
	return enhancedAt(s[:end], i)
}

// spacedAt reads an enhanced code that a program broke up: "5. 7. 1".
func spacedAt(s string, i int) (string, int) {
	short := s[i:min(len(s), i+len("5. 777. 777 "))]
	e, n := enhancedAt(strings.ReplaceAll(short, ". ", "."), 0)
	if n == 0 || strings.Count(short, ". ") < 2 {
		return "", 0
	}
	return e, n + 2
}

// mentioned reports whether the enhanced code s[i:end], which has no reply code
// beside it, is not what a server said: the number of a version or a section
// in a sentence, or a code that the reply after it repeats.
func mentioned(s string, i, end int) bool {
	rest := strings.TrimLeft(s[end:min(len(s), end+20)], " ")
	if strings.HasPrefix(strings.ToLower(rest), "smtp;") && len(rest) > 5 && digit(rest[5]) {
		return true // "#5.7.1 smtp;550 5.7.1 Unable to relay" of Exchange
	}
	if end+1 < len(s) && s[end] == '-' && (letter(s[end+1]) || digit(s[end+1])) {
		return true // "5.4.0-42"
	}
	before := s[max(0, i-lineBack):i]
	before = before[strings.LastIndexByte(before, '\n')+1:]
	words := strings.Fields(before)
	if len(words) == 0 || !strings.HasSuffix(before, " ") || capital(rest) || rest == "" {
		return false
	}
	last := strings.ToLower(words[len(words)-1])
	c := last[len(last)-1]
	return (letter(c) || c >= 0x80) && !strings.Contains(codeWords, " "+last+" ")
}

// codeWords are the words before an enhanced code that a server said.
const codeWords = " error errors err code codes status dsn smtp esmtp reply response reason said returned returns failed failure with got " +
	"fehler fehlercode erreur errore fout erro ndr bounce rejected refused exception message diagnostic was is and "

// opens reports whether a reply may start at i by the character before it.
func opens(s string, i int) bool {
	switch c := s[i-1]; c {
	case ' ', '\t', '\n', '"', '\'', '`', '(', '[', '{', '<', '>', '=', ';', ',', '#', '|', '*', 0xa0:
		return true
	case ':':
		return i < 2 || s[i-2] < '0' || s[i-2] > '9' // not in a time
	default:
		return c >= 0x80 || strings.EqualFold(s[max(0, i-4):i], "smtp") // a curly quote, or another script
	}
}

// maxURL is how far before a fragment its URL is looked for.
const maxURL = 200

// fragment reports whether s[i:] is the fragment of a URL, RFC 3986 3.5.
func fragment(s string, i int) bool {
	if s[i-1] != '#' {
		return false
	}
	before := s[max(0, i-maxURL):i]
	return strings.Contains(before[strings.LastIndexAny(before, " \t\n<>\"")+1:], "://")
}

// codeAt reads a reply code of three digits, RFC 5321 4.2.
func codeAt(s string, i int) (int, bool) {
	if i+3 > len(s) || !digit(s[i+1]) || !digit(s[i+2]) || s[i+1] > '7' {
		return 0, false
	}
	if i+3 < len(s) {
		switch c := s[i+3]; {
		case digit(c), letter(c), c == '.', c == '%', c == '/', c == '_':
			return 0, false
		}
	}
	return int(s[i]-'0')*100 + int(s[i+1]-'0')*10 + int(s[i+2]-'0'), true
}

// enhancedAt reads an enhanced status code, RFC 3463 2, with a "#" before it
// if there is one, and returns its length in s.
func enhancedAt(s string, i int) (string, int) { return enhancedUpTo(s, i, '7') }

// enhancedUpTo is enhancedAt with the highest subject, RFC 3463 2.
func enhancedUpTo(s string, i int, subject byte) (string, int) {
	start := i
	if i < len(s) && s[i] == '#' {
		i++
	}
	j := i
	if j >= len(s) || s[j] != '2' && s[j] != '4' && s[j] != '5' {
		return "", 0
	}
	for part := range 3 {
		n := 0
		for j < len(s) && digit(s[j]) {
			j, n = j+1, n+1
		}
		if n == 0 || n > 3 || part == 0 && n != 1 || part == 1 && n > 1 || part == 1 && s[j-1] > subject {
			return "", 0
		}
		if part < 2 {
			if j >= len(s) || s[j] != '.' {
				return "", 0
			}
			j++
		}
	}
	if j < len(s) {
		switch c := s[j]; {
		case c == '.' && j+1 < len(s) && digit(s[j+1]), letter(c), c == '_', c == '/':
			return "", 0 // an address or a version
		}
	}
	return s[i:j], j - start
}

// logField reports whether the code at i is the field dsn= of a log whose line also
// holds the reply itself.
func logField(s string, i int) bool {
	if !strings.HasSuffix(s[:i], "dsn=") {
		return false
	}
	line := s[i:min(len(s), i+maxReply)]
	if j := strings.IndexByte(line, '\n'); j >= 0 {
		line = line[:j]
	}
	return strings.Contains(line, "said: ") || strings.Contains(line, "reply=")
}

// section reports whether the number s[i:end] is that of a section of a document: "RFC 5321
// 4.1.3", "section 4.5.2", "4.1.3 of RFC 5321".
func section(s string, i, end int) bool {
	return beforeSection().MatchString(s[max(0, i-maxSectionLead):i]) || afterSection().MatchString(s[end:min(len(s), end+maxSectionLead)])
}

// maxSectionLead is how far from the number of a section its document is named.
const maxSectionLead = 40

var (
	beforeSection = kit.Lazily(`(?i)(?:\brfc[ -]?\d+[,;:)\]]*(?: (?:in|at|see))?|\b(?:sections?|sect?\.|chapter|clause|paragraph|para\.)|§{1,2}|\brfc[ -]?\d+#section-)[\s(]*$`)
	afterSection  = kit.Lazily(`(?i)^[)\]]?,? (?:of|in) (?:the )?rfc\b`)
)

// versionBefore reports whether the number at i is the version of some software.
func versionBefore(s string, i int) bool {
	word := s[max(0, i-20):i]
	word = strings.ToLower(strings.TrimRight(word, " (/[:"))
	for _, w := range []string{"version", "exim", "sendmail", "postfix", "exchange", "php", "python", "openssl", " v"} {
		if strings.HasSuffix(word, w) {
			return true
		}
	}
	return false
}
