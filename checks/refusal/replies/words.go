package replies

import (
	"html"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how much of a reply is read.
const maxText = 4 << 10

// wording is the text of a reply as the phrases of rows are looked for in it:
// words in order, without case, punctuation, addresses and line breaks.
type wording struct {
	stems   []string // the words without their endings
	prices  []price  // of the words
	clauses []int    // the clause that each word stands in
	links   []bool   // whether the word is part of a link
	letters string   // the whole words, joined
	edges   []bool   // whether a word starts at, or the text ends at, that index of letters
}

// wordsOf returns the words of a text. The time is linear in maxText.
func wordsOf(s string) *wording {
	w := &wording{}
	var b strings.Builder
	starts := []int{}
	for _, t := range tokens(s) {
		if t.aside {
			continue
		}
		starts = append(starts, b.Len())
		b.WriteString(t.word)
		s := stem(t.word)
		w.stems, w.prices = append(w.stems, s), append(w.prices, priceOf(s))
		w.clauses = append(w.clauses, t.clause)
		w.links = append(w.links, t.link)
	}
	w.letters = b.String()
	w.edges = make([]bool, len(w.letters)+1)
	for _, i := range starts {
		w.edges[i] = true
	}
	w.edges[len(w.letters)] = true
	return w
}

// minWords is the number of letters from which on a text says something.
const minWords = 4

// silent reports whether the text says nothing beside codes and addresses.
func (w *wording) silent() bool {
	n := 0
	for _, c := range w.letters {
		if unicode.IsLetter(c) {
			n++
		}
	}
	return n < minWords
}

// linked reports whether several words are all part of a link, where they name a page:
// "auth_error" is no sign-in that failed.
func (w *wording) linked(at span) bool {
	return at.end-at.start > 1 && !slices.Contains(w.links[at.start:at.end], false)
}

// sameClause reports whether two spans stand in one clause.
func (w *wording) sameClause(a, b span) bool {
	return a.end > 0 && b.end > 0 && w.clauses[a.start] <= w.clauses[b.end-1] && w.clauses[b.start] <= w.clauses[a.end-1]
}

// token is a word of a text and the number of its clause.
type token struct {
	word   string
	clause int
	link   bool
	aside  bool // part of the name of a file, a host or a field
}

// fields splits a text into words in lower case.
func fields(s string) []string {
	var out []string
	for _, t := range tokens(s) {
		out = append(out, t.word)
	}
	return out
}

// tokens splits a text into words in lower case, and into clauses: a word that
// stands after a full stop or a comma is not about what stands before it.
func tokens(s string) []token {
	var out []token
	clause := 0
	split := strings.Fields(plain(withoutLinks(withoutSubject(s[:min(len(s), maxText)]))))
	named := servers(split)
	for i, field := range split {
		if named[i] {
			if _, field, _ = strings.Cut(strings.TrimRight(field, ":"), ":"); field == "" || split[i][0] == '[' {
				continue
			}
		}
		if field == "-" {
			clause++
		}
		link := isLink(field)
		for i, piece := range strings.Split(field, ",") {
			if i > 0 {
				clause++
			}
			out = appendWords(out, strings.TrimSuffix(withoutIP(withoutHost(withoutAddress(piece))), "'s"), clause, link)
		}
		if strings.IndexByte(clauseEnds, field[len(field)-1]) >= 0 {
			clause++
		}
	}
	return out
}

// appendWords adds the words of a piece of a text to tokens.
func appendWords(out []token, piece string, clause int, link bool) []token {
	for part := range strings.FieldsFuncSeq(piece, notInPiece) {
		named := aside(part) || isKey(part, piece)
		for w := range strings.FieldsFuncSeq(part, notInWord) {
			for _, c := range characters(w) {
				if len(out) > 0 && out[len(out)-1].word == "ip" && strings.HasPrefix(c, "address") {
					c = ofIP
				}
				out = append(out, token{c, clause, link, named})
			}
		}
	}
	return out
}

// ofIP is the word "address" after "IP", which is no mailbox.
const ofIP = "ipaddress"

// withoutIP puts the word "ip" for an IP address: what is blocked is that, not
// its numbers. The answers of a block list (127.x) stay.
func withoutIP(field string) string {
	name := strings.Trim(field, "<>()[]\"':;=.")
	name, _, _ = strings.Cut(name, "]")
	if strings.HasPrefix(name, "127.") || !strings.ContainsAny(name, ".:") {
		return field
	}
	address, _, _ := strings.Cut(name, "/") // a network
	if _, err := netip.ParseAddr(address); err != nil {
		return field
	}
	if strings.Contains(field, "]:") {
		return strings.Replace(field, name, " ", 1) // a port follows: it is where the client connects to
	}
	return strings.Replace(field, name, " ip ", 1)
}

// withoutHost cuts a server that a log names as "host.example[192.0.2.1]" out of
// a word: "mailbox.contoso.com" says nothing about a mailbox, and "unknown" is what
// Postfix calls one whose name it does not know.
func withoutHost(field string) string {
	name, rest, _ := strings.Cut(field, "[")
	address, rest, ok := strings.Cut(rest, "]")
	if _, err := netip.ParseAddr(address); !ok || err != nil || !strings.Contains(name, ".") && name != "unknown" {
		return field
	}
	return name[:strings.LastIndexAny(name, "=<>(;:'\"")+1] + " " + rest
}

// peers are the words before the name of the server at the other end.
var peers = map[string]bool{"connect to": true, "connection to": true, "connected to": true, "to host": true, "out with": true,
	"connection with": true, "talking to": true, "refused by": true, "conversation with": true, "reset by": true}

// servers reports, for each of the fields of a text in lower case, whether it only
// names the server at the other end: "h=mx.contoso.com [192.0.2.1]" of Exim,
// "timed out with mx.contoso.com" of Sendmail.
func servers(fields []string) []bool {
	named := make([]bool, len(fields))
	for i, field := range fields {
		switch {
		case i > 0 && named[i-1] && strings.HasPrefix(field, "["):
			named[i] = true
		case strings.HasPrefix(field, "h="):
			named[i] = true
		case i > 1 && i+1 < len(fields) && fields[i-1] == "host" && strings.Contains(fields[i-2], "@") && fields[i+1][0] == '[':
			named[i] = true // the report of Exim: an address, and the host below it
		case i > 1 && strings.Contains(strings.Trim(field, ".:,;"), ".") && !strings.Contains(field, "/"):
			named[i] = peers[fields[i-2]+" "+fields[i-1]]
		}
	}
	return named
}

// clauseEnds are the characters that end a clause where a space follows.
const clauseEnds = ".;!?"

func notInWord(r rune) bool { return r != '~' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// characters splits a word of a script that is written without spaces into its
// characters; a word of another one within it, such as SMTP, stays whole.
func characters(word string) []string {
	var out []string
	for word != "" {
		n := strings.IndexFunc(word, spaceless)
		switch {
		case n < 0:
			return append(out, word)
		case n == 0:
			_, n = utf8.DecodeRuneInString(word)
		}
		out = append(out, word[:n])
		word = word[n:]
	}
	return out
}

func spaceless(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) }

// withoutAddress cuts a mail address, which says nothing about the cause, out
// of a word.
func withoutAddress(field string) string {
	at := strings.IndexByte(field, '@')
	if at <= 0 || strings.Contains(field, "://") {
		return field
	}
	i, j := at, at+1
	for i > 0 && strings.IndexByte("<>()[]\"':;=", field[i-1]) < 0 {
		i--
	}
	for j < len(field) && strings.IndexByte("<>()[]\"':;=", field[j]) < 0 {
		j++
	}
	return field[:i] + " " + field[j:]
}

// plain removes what programs and screens do to a text: case, curly quotes,
// accents, contractions, the rests of quoted-printable and HTML.
func plain(s string) string {
	s = s[:min(len(s), maxText)]
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	s = encoded.Replace(s)
	s = strings.ToLower(s)
	s = letters.Replace(s)
	return contractions.Replace(s)
}

// encoded holds the rests of quoted-printable (RFC 2045 6.7) and of escapes
// that loggers leave in a text.
var encoded = strings.NewReplacer("=\r\n", "", "=\n", "", "=20", " ", "=3D", "=", "=27", "'", "=22", `"`, "=E2=80=99", "'",
	`\r\n`, " ", `\n`, " ", `\t`, " ", `\'`, "'", `\"`, `"`, "%20", " ")

var letters = strings.NewReplacer("’", "'", "‘", "'", "´", "'", "`", "'", "“", `"`, "”", `"`, "\u00a0", " ", "\u00ad", "",
	"\u200b", "", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "à", "a", "â", "a", "á", "a",
	"ã", "a", "ç", "c", "í", "i", "î", "i", "ï", "i", "ó", "o", "ô", "o", "õ", "o", "ú", "u", "û", "u", "ñ", "n",
	"å", "a", "ø", "o", "ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ś", "s", "ź", "z", "ż", "z", "ů", "u", "ř", "r",
	"š", "s", "ž", "z", "č", "c", "ě", "e", "ý", "y", "ò", "o", "ù", "u", "ë", "e", "ı", "i", "i̇", "i", "ğ", "g", "ş", "s", "。", ". ", "、", ", ")

var contractions = strings.NewReplacer("authoris", "authoriz", "recognis", "recogniz", "organis", "organiz", "can't", "can not", "cannot", "can not", "won't", "will not", "n't", " not",
	"doesnt", "does not", "isnt", "is not", "didnt", "did not", "wasnt", "was not", "couldnt", "could not",
	"'re ", " are ", "'ve ", " have ", "mail box", "mailbox", "e-mail", "email", "email address", "address", "emails", "messages", "mails", "messages",
	"email", "message", "black-list", "blacklist", "block-list", "blocklist", "block list", "blocklist", "black list", "blacklist",
	"deny-list", "denylist", "deny list", "denylist",
	"unknown address error", "") // what Cisco writes before the reply of a server

// minStem is the shortest word whose ending is cut.
const minStem = 5

// stem cuts the ending of an English word, so that "exceeds", "exceeded" and
// "exceeding" are the same word.
func stem(w string) string {
	if len(w) < minStem {
		return strings.TrimSuffix(w, "s")
	}
	for _, ending := range []string{"ing", "ed"} {
		if s, ok := strings.CutSuffix(w, ending); ok && len(s) > 2 {
			return undouble(s)
		}
	}
	if s, ok := strings.CutSuffix(w, "sses"); ok {
		return s + "ss"
	}
	if !strings.HasSuffix(w, "ss") {
		w = strings.TrimSuffix(w, "s")
	}
	return vowel(strings.TrimSuffix(w, "e"))
}

// undouble turns "bann" of "banned" into "ban".
func undouble(s string) string {
	n := len(s)
	if s[n-1] == s[n-2] && strings.IndexByte("lsze", s[n-1]) < 0 {
		return s[:n-1]
	}
	return vowel(strings.TrimSuffix(s, "e"))
}

// vowel makes "deny" and the "deni" of "denied" the same.
func vowel(s string) string {
	if t, ok := strings.CutSuffix(s, "y"); ok {
		return t + "i"
	}
	return s
}
