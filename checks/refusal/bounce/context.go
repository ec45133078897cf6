package bounce

import (
	"cmp"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/message/eml"
	"maildiag/checks/refusal/replies"
)

// How far around a reply its recipient and host are looked for.
const (
	windowBefore = 1500
	windowAfter  = 600
)

// attribute adds to each reply what stands around it: recipient, host, and the
// server that wrote the report.
func (s *scanner) attribute() {
	from, to, whole := 0, "", fateOf(s.text) // end of the reply before, and its recipient
	path := replies.PathOf(s.text)
	if path == "" && slices.ContainsFunc(s.all, func(f found) bool { return f.Code == signedIn }) {
		path = replies.PathSubmission
	}
	token := tokens().MatchString(s.text[:min(len(s.text), maxForeign)])
	for i := range s.all {
		f := &s.all[i]
		f.OAuth = token
		if line := s.lineOf(f.start); line >= from && logLine(s.text[line:]) {
			from, to = line, "" // each line of a log stands for itself
		}
		f.Reply.around = s.context(f.start)
		low := max(0, f.start-lineBack)
		f.Reply.line = s.text[low+strings.LastIndexByte(s.text[low:f.start], '\n')+1 : f.end]
		f.Submitted = submission().MatchString(f.around[:min(len(f.around), logHead)])
		f.SignIn = f.SignIn || toAuth().MatchString(s.text[f.end:min(len(s.text), f.end+nearBefore)])
		before, after := s.around(i, from)
		f.attribute(before, after, to)
		if f.Path = pathOf(f.around, before, f.Text, after); f.Path == "" && !logLine(f.around) {
			f.Path = path
		}
		if f.Path == "" && tuple(s.text, f.start) {
			f.Path = replies.PathSubmission
		}
		if f.Path == replies.PathIncoming && nullSender(s.text[f.start:f.end]) {
			f.Path = replies.PathDelivery
		}
		f.noteEnd(whole, before, after)
		if !f.Inner {
			from = f.end
		}
		to = f.Recipient
	}
}

// quits matches the command QUIT in the line before a reply.
var quits = kit.Lazily(`(?i)(?:^|\n|[:>\]-]\W?)["'\x60]?quit(?:\\r\\n)?["']?\s*\n[^\n]*$`)

// tokens matches what shows that a program signs in with a token of OAuth.
var tokens = kit.Lazily(`(?i)xoauth|\boauth|oauth2|\baccess[ _-]?token\b`)

// nullSender reports whether a log says behind a reply that the message has no sender: then
// a server brings a bounce, and no program hands in a message. RFC 5321 4.5.5
func nullSender(reply string) bool { return strings.Contains(reply, "; from=<> ") }

// AtOwnDoor reports whether the reply is one that the reader's own server gave to a client.
func (r Reply) AtOwnDoor() bool { return strings.Contains(r.line, "NOQUEUE: reject: ") }

// signedIn is the reply to AUTH that succeeded. RFC 4954 6
const signedIn = 235

// pathOf returns the path that the line of a log shows, or else what stands around a
// reply.
func pathOf(around, before, text, after string) replies.Path {
	if logLine(around) {
		return replies.PathOf(around)
	}
	return replies.PathOf(before + text + " " + after)
}

// lineOf returns where the line of the text that holds i starts.
func (s *scanner) lineOf(i int) int { return strings.LastIndexByte(s.text[:i], '\n') + 1 }

// context returns what shows whether the number at i is about mail: its line, if
// it is one of a log, or else the whole text.
func (s *scanner) context(i int) string {
	line := s.text[s.lineOf(i):]
	if !logLine(line) {
		return s.text
	}
	line, _, _ = strings.Cut(line, "\n")
	return line
}

// logHead bounds where a line of a log names the program that wrote it.
const logHead = 200

// submission matches the name under which Postfix logs a submission service.
var submission = kit.Lazily(`\bpostfix[\w-]*/(?:submissions?|smtps|465|587)(?:/smtpd)?\[`)

// around returns the text before and after reply i, from the end of the reply
// before it to the start of the next one.
func (s *scanner) around(i, from int) (before, after string) {
	f := &s.all[i]
	low := max(from, f.start-windowBefore)
	high := min(len(s.text), f.end+windowAfter)
	if i+1 < len(s.all) && s.all[i+1].start > f.end {
		high = min(s.all[i+1].start, high)
	}
	return s.text[min(low, f.start):f.start], s.text[f.end:high]
}

// attribute adds what stands around the reply; last is the recipient of the
// reply before it.
func (f *found) attribute(before, after, last string) {
	who := recipient(before, f.Text, f.fields(after))
	if f.SignIn = f.SignIn || signIn(before) && !f.ofAddress(); f.atSignIn() && !strings.Contains(before, "to=<") {
		who, last = addressee{}, "" // nobody has named one yet
	}
	f.Recipient, f.Also, f.Original = cmp.Or(who.to, last), strings.Join(who.also, ", "), who.original
	f.RemoteMTA, f.RemoteIP = host(before, f.Text+" "+after)
	if g := labelled(before, "Generating server:"); g != "" {
		f.Reporter = hostName(g)
	}
	if rest, ok := strings.CutPrefix(f.Text, "Additional SMTP info:"); ok { // PHPMailer
		f.Text = strings.TrimSpace(strings.Replace(rest, f.Enhanced, "", 1) + " " +
			strings.TrimSuffix(labelled(before, "Detail:"), "SMTP code:"))
	}
	if strings.HasSuffix(strings.TrimSpace(before), "SMTP code:") && f.Text == "" {
		f.Text = strings.TrimSpace(strings.TrimSuffix(labelled(before, "Detail:"), "SMTP code:"))
	}
	if f.Trailer != nil && f.RemoteMTA == "" {
		f.RemoteMTA = f.Trailer.Host
	}
	if quits().MatchString(before[max(0, len(before)-lineBack):]) {
		f.Command = "QUIT"
	}
	for _, c := range commandWords {
		if f.Command == "" && nearby(before, c.texts) {
			f.Command = c.command
		}
	}
}

// fields returns where the fields of a log or of an object stand that name the recipient
// behind the reply: its line, or else what belongs to it and what follows.
func (f *found) fields(after string) string {
	if logLine(f.around) {
		return f.around
	}
	return f.line + "\n" + after
}

// atSignIn reports whether a reply is one to AUTH that a program shows. RFC 4954 4
func (f *found) atSignIn() bool {
	return (f.SignIn || f.Code == 535 || f.Code == 534 || f.Code == 538) && f.Source == FromText && !logLine(f.around)
}

// commandWords are the words before a reply to a command, in lower case: of programs,
// Exim and qmail.
var commandWords = []struct {
	command string
	texts   []string
}{
	{"MAIL", []string{"smtpsenderrefused", "smtpsenderfailedexception", "after mail from:", "onsendernotaccepted", "but sender was rejected"}},
	{"HELO", []string{"but my name was rejected"}},
}

// signIns are the words before a reply to the command AUTH, in lower case: of
// loggers and programs.
var signIns = []string{
	"invalid login", "password command failed", "username command failed", "authentication command failed",
	"smtpauthenticationerror", "authenticationfailedexception", "sasl authentication failed", "in reply to auth",
	`expected response code "235"`, "expected response code 235",
	"auth login", "auth plain", "auth xoauth2", "failed to authenticate on smtp server",
}

// toAuth matches how Nodemailer shows behind a reply that it is one to AUTH.
var toAuth = kit.Lazily(`^[^\n{}]*\bcommand\W{1,5}AUTH\b`)

// nearBefore is how far before a reply those words are looked for.
const nearBefore = 200

func signIn(before string) bool { return nearby(before, signIns) }

// ofAddress reports whether a reply is about the sender or a recipient, of whom a server hears
// after the sign-in only. RFC 4954 4
func (f *found) ofAddress() bool {
	return f.Code/10 != 53 && namesAddress().MatchString(f.Text)
}

var namesAddress = kit.Lazily(`(?i)\b(?:sender|recipient|rcpt) (?:address|rejected|unknown|denied|not)\b|\b(?:unknown|invalid|bad|no such) (?:sender|recipient)\b|\bmail from\b|\brelay`)

// nearby reports whether one of the texts stands near before a reply.
func nearby(before string, texts []string) bool {
	return containsAny(strings.ToLower(before[max(0, len(before)-nearBefore):]), texts)
}

// hostMarks are the words that a server's name follows, in the order of trust.
var hostMarks = []string{
	"host ", "while talking to ", "relay=", " h=", "connected to ", "by ", "smtp server <", "remote-mta: dns; ",
	"remote-mta: dns;", "message rejected by: ", "lastattemptedservername=", "fqdn=",
}

// speaker returns the name of a host that stands right before the word "said": "mx.a.com
// said: 550".
func speaker(before string) string {
	rest, ok := strings.CutSuffix(strings.TrimRight(before, " "), " said:")
	if !ok {
		return ""
	}
	word := rest[strings.LastIndexAny(rest, " \t\n(<")+1:]
	if hostName(word) != word {
		return ""
	}
	return word
}

// host finds which server said a reply, before it or in the fields after it.
func host(before, after string) (name, ip string) {
	if n := speaker(before); n != "" {
		return n, ""
	}
	before = lineBreaks.Replace(before)
	low := eml.Lower(before)
	best := -1
	for _, m := range hostMarks {
		i := strings.LastIndex(low, m)
		if i <= best {
			continue
		}
		if n, a := hostAndIP(before[i+len(m):]); n != "" || a != "" {
			best, name, ip = i, n, a
		}
	}
	if n := labelled(after, "FQDN="); n != "" && name == "" {
		name = hostName(n)
	}
	if n := labelled(after, "LastAttemptedServerName="); n != "" && name == "" {
		name = hostName(n)
	}
	if a := labelled(after, "IP="); a != "" && ip == "" {
		ip = ipAt(a)
	}
	return name, ip
}

// lineBreaks joins what a report broke between "host" and its name.
var lineBreaks = strings.NewReplacer("\n    ", " ", "\n\t", " ")

// labelled returns what follows a label, up to the end of the line or field.
func labelled(s, label string) string {
	i := strings.LastIndex(s, label)
	if i < 0 {
		return ""
	}
	s = s[i+len(label):]
	if j := strings.IndexAny(s, "\n};]"); j >= 0 {
		s = s[:j]
	}
	return strings.TrimSpace(s)
}

// hostAndIP reads "mx.example.com[192.0.2.1]:25" and the like.
func hostAndIP(s string) (name, ip string) {
	s = s[:min(len(s), 300)]
	s = strings.TrimLeft(s, " <")
	name = hostName(s)
	rest := strings.TrimLeft(s[len(name):], " .(")
	if strings.HasPrefix(rest, "[") {
		ip = ipAt(rest[1:])
	}
	if a := ipAt(name); a != "" {
		return "", a
	}
	return name, ip
}

// hostName reads a name with a dot from the start of s, "" if there is none.
func hostName(s string) string {
	i := 0
	for i < len(s) && i < maxAddress && (domainByte(s[i]) && s[i] < 0x80 || s[i] == '_') {
		i++
	}
	n := strings.TrimRight(s[:i], ".-")
	if !strings.Contains(n, ".") {
		return ""
	}
	return n
}

// maxIP is the longest text form of an IP address.
const maxIP = 45

// ipAt reads an address from the start of s.
func ipAt(s string) string {
	i := 0
	for i < len(s) && i < maxIP && strings.IndexByte("0123456789abcdefABCDEF.:", s[i]) >= 0 {
		i++
	}
	return parseIP(strings.TrimRight(s[:i], ".:"))
}
