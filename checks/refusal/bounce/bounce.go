// Package bounce finds the replies of mail servers in whatever a person has at
// hand: a line in a ticket, a log, an exception of a program, a non-delivery
// report as text, HTML or a whole message.
//
// A bounce is a message that reports that another one was not delivered. The
// orderly form is multipart/report (RFC 6522): a text for people, a
// machine-readable part with one block of fields for each recipient (RFC 3464)
// and the message that failed. Many servers write only the text, each in its
// own words, and most quote the reply of the server that refused:
//
//	550 5.7.1 Unable to relay
//
// that is a reply code (RFC 5321 4.2), an enhanced code (RFC 3463) and a text.
// The package looks for these in all they are wrapped in.
package bounce

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/eml"
	"maildiag/checks/refusal/replies"
)

// Source says where a reply was found.
type Source string

// The sources.
const (
	FromReport Source = "delivery-status" // a field of RFC 3464
	FromText   Source = "text"            // words for people, or a log
	FromReason Source = "reason"          // a reason in words, without any code
)

// Reply is a refusal or delay that was found. Every string is hostile.
type Reply struct {
	Recipient string // "" if it is not told
	Also      string // other recipients, divided by commas, of the same reply
	Original  string // the address that the sender wrote, if an alias made Recipient of it
	Code      int    // reply code, 0 if there is none
	Enhanced  string // enhanced status code, "" if there is none
	Text      string // without codes and trailer, on one line
	Action    string // of RFC 3464: "failed", "delayed", "delivered", "relayed", "expanded"; or ""
	RemoteMTA string // the host that said it
	RemoteIP  string
	Reporter  string // the host that wrote the bounce
	Trailer   *Trailer
	Source    Source
	SignIn    bool         // the command that was refused was AUTH (RFC 4954)
	Command   string       // it, if the text names it: "MAIL" or "HELO"
	OAuth     bool         // the text shows a sign-in with a token
	Submitted bool         // a submission service said it (RFC 6409), as its log shows
	Path      replies.Path // between whom it was said, if the text shows it
	Inner     bool         // quoted within the reply before it
	Told      bool         // named in a sentence of somebody who tells of it
	Loose     bool         // a number among other words, which may be no code at all

	around string // the text it was found in: a line of a log, or all
	line   string // the line up to its codes, with what follows them
	remote bool   // stands after "<<<", as what another server said
}

// Trailer is what Microsoft's servers append to a reply in brackets: who said
// it, when, and the number under which support finds it.
type Trailer struct {
	Host     string
	Region   string // "EUR01", "NAMPRD04"; "" if the name does not tell
	FrontEnd bool   // an Exchange Online Protection front end (port 25 of the MX)
	Time     time.Time
	ID       string
}

// Kind says what the input was taken for.
type Kind string

// The kinds.
const (
	KindText     Kind = "text"       // a paste, log or file that is no message
	KindBounce   Kind = "bounce"     // a message that reports on another one
	KindReply    Kind = "auto-reply" // an automatic answer, e.g. out of office
	KindFeedback Kind = "feedback"   // a report of a complaint (RFC 5965)
	KindMessage  Kind = "message"    // a message that is no bounce
	KindHeader   Kind = "header"     // a block of header fields without a body
	KindBinary   Kind = "binary"     // no text at all
	KindEmpty    Kind = "empty"
	KindQuestion Kind = "question"       // a question that quotes no reply
	KindForeign  Kind = "other-protocol" // what a server says over another protocol
)

// Result is all that was found in an input.
type Result struct {
	Kind     Kind
	Replies  []Reply
	Message  *eml.Message // the input, if it is a message
	Original *eml.Part    // the message that the bounce is about, or its header
	Protocol string       // of KindForeign: "IMAP"
	Notes    []string     // what was left out
}

// The limits.
const (
	MaxInput   = 25 << 20
	MaxReplies = 200
	maxText    = 2 << 20 // of text that is searched
)

// Find returns the replies in an input: those of the outcome, best first known.
func Find(input []byte) []Reply { return Read(input).Replies }

// Read looks for replies in an input of any form.
func Read(input []byte) *Result {
	r := &Result{}
	if len(input) > MaxInput {
		input = input[:MaxInput]
		r.Notes = append(r.Notes, "only the first 25 MiB were checked")
	}
	if s, ok := eml.UTF16(input); ok {
		input = []byte(s)
	}
	input = bytes.TrimPrefix(input, []byte("\xef\xbb\xbf"))
	switch {
	case len(bytes.TrimSpace(input)) == 0:
		r.Kind = KindEmpty
	case eml.IsMessage(input):
		for i, one := range mailbox(input) {
			r.readMessage(one, i == 0)
		}
	case binary(input):
		r.Kind = KindBinary
	default:
		r.Kind = KindText
		r.readText(r.ends(input))
	}
	r.Replies = r.Replies[:min(len(r.Replies), MaxReplies)]
	for i := range r.Replies {
		if y := &r.Replies[i]; y.Path == "" && (r.Kind == KindBounce || y.Source == FromReport) {
			y.Path = replies.PathDelivery
		}
	}
	return r
}

// maxMessages bounds the messages of one mbox file.
const maxMessages = 50

// mailbox cuts a file in mbox format into its messages; another input is one.
func mailbox(input []byte) [][]byte {
	if !eml.IsMbox(input) {
		return [][]byte{input}
	}
	var all [][]byte
	for len(all) < maxMessages-1 {
		i := nextMessage(input)
		if i < 0 {
			break
		}
		all = append(all, input[:i])
		input = input[i:]
	}
	return append(all, input)
}

// nextMessage finds a "From " line with a header after
// it.
func nextMessage(input []byte) int {
	mark := []byte("\nFrom ")
	for at := 1; ; {
		i := bytes.Index(input[at:], mark)
		if i < 0 {
			return -1
		}
		at += i + 1
		if eml.IsMbox(input[at:]) && eml.IsMessage(input[at:]) {
			return at
		}
	}
}

// looked is how many bytes are read to find out whether an input is binary.
const looked = 4 << 10

// binary reports whether the input is no text: more than a tenth of control
// characters, or three in a hundred where it is no UTF-8 either.
func binary(input []byte) bool {
	head := input[:min(len(input), looked)]
	if bytes.HasPrefix(head, []byte("%PDF-")) {
		return true
	}
	odd := 0
	for _, c := range head {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b {
			odd++
		}
	}
	return odd*10 > len(head) || odd*33 > len(head) && !utf8.Valid(head)
}

// ends returns the text of an input, of a long one its two ends: a log ends with
// what happened last.
func (r *Result) ends(input []byte) string {
	if len(input) <= maxText {
		return decoded(string(input))
	}
	r.Notes = append(r.Notes, "only the first and the last MiB of the text were searched")
	return decoded(string(input[:maxText/2]) + "\n" + string(input[len(input)-maxText/2:]))
}

// decoded returns a text that is not UTF-8 as what it most likely is: one byte a
// character, as older programs of western Europe write it, or Chinese.
func decoded(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if s, ok := chinese(text); ok {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && n == 1 {
			c = rune(text[i])
		}
		b.WriteRune(c)
		i += n
	}
	return b.String()
}

// readText adds the replies of a text that is no message.
func (r *Result) readText(text string) {
	r.Replies = slices.DeleteFunc(inText(text), Reply.alien)
	if replies.Question(text) && !slices.ContainsFunc(r.Replies, Reply.quotes) {
		r.Kind, r.Replies = KindQuestion, nil
	}
	if slices.ContainsFunc(r.Replies, func(y Reply) bool { return y.Code != 0 && y.Enhanced != "" }) {
		return
	}
	if name := replies.Foreign(text); name != "" && !(name == "HTTP" && replies.PathOf(text) == replies.PathDelivery) {
		if r.Replies = inText(withoutForeign(text)); slices.ContainsFunc(r.Replies, Reply.quotes) {
			return
		}
		r.Kind, r.Protocol, r.Replies = KindForeign, name, nil
	}
}

// withoutForeign cuts the lines of other protocols out of a log that several
// programs write to.
func withoutForeign(text string) string {
	lines := slices.DeleteFunc(strings.SplitAfter(text[:min(len(text), maxForeign)], "\n"),
		func(line string) bool { return replies.Foreign(line) != "" })
	return strings.Join(lines, "")
}

// maxForeign is how much of such a log is read.
const maxForeign = 64 << 10

// alien reports whether a reply is a number of another program: it stands among
// other words, nothing around it is about mail, and it is not a known reply.
func (r Reply) alien() bool {
	switch {
	case !r.Loose:
		return false
	case replies.Counts(r.line):
		return true
	case replies.AboutMail(r.around):
		return false
	}
	best := replies.Match(r.Code, r.Enhanced, r.Text)
	return len(best) == 0 || best[0].Match != replies.Exact || best[0].By != replies.ByText
}

// minQuoted is the number of letters of a known wording from which on a question
// quotes a reply, and does not only name its subject.
const minQuoted = 10

// quotes reports whether the words of the reply are a known wording.
func (r Reply) quotes() bool {
	best := replies.Match(r.Code, r.Enhanced, r.Text)
	return len(best) > 0 && best[0].Evidence.Words >= minQuoted && !best[0].Evidence.Weak
}

// inText returns the replies of a text that is no message: a reply on its own,
// a log, or a report that was pasted.
func inText(text string) []Reply {
	text = normalize(text)
	if looksHTML(text) {
		text = fromHTML(text)
	}
	replies := saidOf(text, merge(reportFields(text), scan(text)))
	if len(replies) == 0 {
		if code := bareCode(text); code != nil {
			return []Reply{*code}
		}
		if r := codeBelow(text); r != nil {
			return []Reply{*r}
		}
	}
	return dedupe(replies)
}

// codeBelow reads a text whose last line is nothing but a reply code, as some programs show
// it below the words of the reply.
func codeBelow(text string) *Reply {
	text = strings.TrimSpace(text)
	words, last := text[:max(strings.LastIndexByte(text, '\n'), 0)], text[strings.LastIndexByte(text, '\n')+1:]
	r := bareCode(last)
	if r == nil || r.Code < 400 || len(words) > maxReason {
		return nil
	}
	r.Text = strings.Join(strings.Fields(words), " ")
	return r
}

// saidOf returns the replies of pasted fields without words what stands beside the address
// of their recipient: "<a@contoso.com>: Spam message rejected".
func saidOf(text string, replies []Reply) []Reply {
	for i := range replies {
		r := &replies[i]
		if r.Source != FromReport || r.Text != "" || r.Recipient == "" {
			continue
		}
		_, rest, ok := strings.Cut(text, "<"+r.Recipient+">: ")
		if !ok {
			continue
		}
		rest, _, _ = strings.Cut(rest[:min(len(rest), maxReason)], "\n\n")
		rest, _, _ = strings.Cut(rest, "\n<")
		r.Text = strings.Join(strings.Fields(rest), " ")
	}
	return replies
}

// qmailLog is the result of a delivery in the log of qmail, which writes spaces
// as underscores.
var qmailLog = kit.Lazily(`delivery \d+: (?:failure|deferral): \S+`)

// normalize bounds a text, gives it LF line ends, and joins the lines of
// quoted-printable that was pasted undecoded (RFC 2045 6.7).
func normalize(text string) string {
	text = fromRust(lineEnds.Replace(text[:min(len(text), maxText)]))
	return strings.Map(narrow, qmailLog().ReplaceAllStringFunc(text, func(line string) string { return strings.ReplaceAll(line, "_", " ") }))
}

// narrow returns the ASCII character of one in the full width of East Asian
// scripts.
func narrow(r rune) rune {
	switch {
	case r >= '\uff01' && r <= '\uff5e':
		return r - '\uff01' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}

var lineEnds = strings.NewReplacer("=\r\n", "", "=\n", "", "\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u200b", "")

// dedupe drops what was said twice. The first is kept.
func dedupe(replies []Reply) []Reply {
	type key struct {
		to, enhanced, text string
		code               int
	}
	seen := map[key]bool{}
	var out []Reply
	for _, r := range replies {
		k := key{r.Recipient, r.Enhanced, strings.ToLower(r.Text), r.Code}
		if !seen[k] && !(r.bare() && said(replies, r)) && !((r.numbered() || r.commandOnly()) && answered(replies, r)) {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out
}

// bare reports whether a reply is a field such as "status: 5.1.1", not what
// someone said.
func (r *Reply) bare() bool { return r.Code == 0 && r.Text == "" }

// numbered reports whether a reply is only what Outlook repeats of one in its dialog:
// "Server Error: 550, Error Number: 0x800CCC79".
func (r *Reply) numbered() bool { return r.Enhanced == "" && errorNumber().MatchString(r.Text) }

var errorNumber = kit.Lazily(`(?i)^[\pL ]+: ?0x800ccc[0-9a-f]{2}\W*$`)

// commandOnly reports whether a reply is only the code that a program repeats of one, with
// the command: `"responseCode":502,"command":"AUTH PLAIN"`.
func (r *Reply) commandOnly() bool { return r.Enhanced == "" && onlyCommand().MatchString(r.Text) }

var onlyCommand = kit.Lazily(`^\W{0,4}command\W{1,5}[A-Z ]{4,20}\W*$`)

// answered reports whether a reply with words of the server has the code of a
// numbered one.
func answered(replies []Reply, numbered Reply) bool {
	return slices.ContainsFunc(replies, func(r Reply) bool { return r.Code == numbered.Code && !r.numbered() && !r.commandOnly() })
}

// said reports whether a reply with words has the enhanced code of a bare one.
func said(replies []Reply, bare Reply) bool {
	return slices.ContainsFunc(replies, func(r Reply) bool { return !r.bare() && r.Enhanced == bare.Enhanced })
}

// Queued reports whether a server said that it took responsibility for a message,
// which it says after its content only. RFC 5321 4.2.5
func (r Reply) Queued() bool {
	return (r.Code == 250 || r.Code == 0) && queuedWords().MatchString(r.Text)
}

var queuedWords = kit.Lazily(`(?i)\bqueued\b|\bmessage (?:was |is )?accepted\b|\baccepted for delivery\b`)

// To returns all whom the reply is about, with the address that the sender wrote in brackets if that
// was another one; "" if nobody is named.
func (r Reply) To() string {
	to := r.Recipient
	if r.Also != "" {
		to += ", " + r.Also
	}
	if r.Original != "" && to != "" {
		to += " (" + r.Original + ")"
	}
	return to
}

// String returns the reply in its plain form: "550 5.7.1 Unable to relay".
func (r Reply) String() string {
	var b strings.Builder
	if r.Code != 0 {
		fmt.Fprintf(&b, "%d ", r.Code)
	}
	if r.Enhanced != "" {
		b.WriteString(r.Enhanced + " ")
	}
	b.WriteString(r.Text)
	return strings.TrimSpace(b.String())
}
