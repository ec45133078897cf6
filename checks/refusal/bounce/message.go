package bounce

import (
	"slices"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// leaves are the parts of a message by what they are for.
type leaves struct {
	status   []string // message/delivery-status
	text     []string // for people
	html     []string
	feedback bool
	original *eml.Part

	raw   string // text, joined
	words string // raw without the copy of the failed message
	page  string // html, joined, without that copy
}

// readMessage adds the replies of a message; the first of a file is the one
// that the rest of the result is about.
func (r *Result) readMessage(input []byte, first bool) {
	m := eml.Parse(input)
	r.Notes = append(r.Notes, m.Notes...)
	l := sort(m)
	kind := kindOf(m, l)
	if first {
		r.Message, r.Original, r.Kind = m, l.original, kind
	}
	if kind != KindBounce {
		return
	}
	if len(l.status) == 0 && l.original == nil && containsAny(strings.ToLower(l.words+l.page), links) {
		r.Notes = append(r.Notes, "this bounce has neither a delivery report nor a copy of the failed message, so anyone may have "+
			"written it: do not open its links or enter a password there")
	}
	var report []Reply
	for _, s := range l.status {
		report = append(report, fromStatus(s)...)
	}
	if len(report) == 0 {
		report = reportFields(l.raw)
	}
	r.Replies = append(r.Replies, perRecipient(m, report, spoken(l), l.words+l.page)...)
}

// links are the starts of addresses of web pages.
var links = []string{"http://", "https://"}

// spoken returns the replies in the words of a bounce: those for people, else
// the same in HTML, else whatever else stands in it.
func spoken(l leaves) []Reply {
	for _, s := range []string{l.words, l.page, l.raw} {
		if replies := scan(s); len(replies) > 0 {
			return replies
		}
	}
	return nil
}

// join puts the texts together, and cuts the copy of the failed message that
// many servers append.
func (l *leaves) join() {
	l.raw = normalize(strings.Join(l.text, "\n\n"))
	l.words, l.page = l.raw, normalize(strings.Join(l.html, "\n\n"))
	if i := copyAt(l.page); i >= 0 {
		l.page = l.page[:i]
	}
	i := copyAt(l.raw)
	if i < 0 {
		return
	}
	l.words = l.raw[:i]
	if l.original == nil {
		l.original = appended(l.raw[i:])
	}
}

// sort gathers the parts of a message, without those of the message that is
// quoted in it.
func sort(m *eml.Message) leaves {
	var l leaves
	m.Walk(func(p *eml.Part) bool {
		switch {
		case p.Type == "message/delivery-status", p.Type == "message/global-delivery-status",
			p.Type == "message/xdelivery-status":
			l.status = append(l.status, p.TextUpTo(maxText))
		case p.Type == "message/feedback-report":
			l.feedback = true
		case p.Type == "message/rfc822", p.Type == "message/global":
			if l.original == nil && len(p.Parts) > 0 {
				l.original = p.Parts[0]
			}
			return false
		case strings.HasPrefix(p.Type, "text/rfc822-headers"), p.Type == "message/global-headers":
			if l.original == nil {
				l.original = eml.Parse([]byte(p.TextUpTo(maxText))).Part
			}
		case p.Type == "text/html":
			l.html = append(l.html, fromHTML(normalize(p.TextUpTo(maxText))))
		case strings.HasPrefix(p.Type, "text/"), strings.HasPrefix(p.Type, "multipart/") && len(p.Parts) == 0:
			l.text = append(l.text, p.TextUpTo(maxText))
		}
		return true
	})
	l.join()
	return l
}

// copyMarks start the copy of the failed message in the text of a bounce.
var copyMarks = []string{
	"--- below this line is a copy", "------ this is a copy of the message", "----- original message follows",
	"----- unsent message follows", "original message headers:", "----- message header follows",
	"--- undelivered message",
	"----- original message -----", "-----original message-----", "----- message follows -----",
	"--- message follows",
	"----- the header of", "received: from ", "received: by ", "----- returned mail -----",
	"--- the header of the original",
	"--- original message", "---- start of message", "---- unsent message", "the message headers",
	"> received:",
	"--------returned mail follows", "[the following is a copy", "-- included copy of", "----- headers of",
	"content of the original message", "----- body of", "---------- forwarded message",
	"content-type: message/rfc822",
	"return-path: <", "the text of the original message",
	"included is a copy of the message header", "header of the message", "----- message body follows",
	"=-=-= original",
	"-------- original message", "the body of the message", "----- transcript of message follows",
}

// The lengths between which those of copyMarks lie.
const (
	shortestMark = 10
	longestMark  = 80
)

// copyAt finds where the copy of the failed message starts, -1 if there is
// none.
func copyAt(text string) int {
	at := 0
	for line := range strings.Lines(text) {
		if len(line) < shortestMark {
			at += len(line)
			continue
		}
		start := strings.TrimLeft(line[:min(len(line), longestMark)], " \t")
		start = eml.Lower(start)
		if slices.ContainsFunc(copyMarks, func(m string) bool { return strings.HasPrefix(start, m) }) {
			return at
		}
		at += len(line)
	}
	return -1
}

// appended reads the copy of the failed message, which may have headings and
// empty lines before it.
func appended(rest string) *eml.Part {
	for range 6 {
		if eml.IsMessage([]byte(rest)) && !strings.HasPrefix(rest, "-") {
			return eml.Parse([]byte(rest)).Part
		}
		j := strings.IndexByte(rest, '\n')
		if j < 0 {
			break
		}
		rest = rest[j+1:]
	}
	return nil
}

// perRecipient returns one reply for each recipient: of the report if there is
// one, else of the text, else the reason in words.
func perRecipient(m *eml.Message, report, text []Reply, words string) []Reply {
	if len(report) > 0 {
		return withReasons(merge(report, text), words)
	}
	if len(text) > 0 {
		return withReasons(best(text, failed(m)), words)
	}
	return reasons(words, failed(m))
}

func failed(m *eml.Message) []string {
	var to []string
	for a := range strings.SplitSeq(m.Get("X-Failed-Recipients"), ",") {
		if a = strings.TrimSpace(a); a != "" && len(to) < maxGroups {
			to = append(to, a)
		}
	}
	return to
}

// best picks the most telling reply of each recipient, in order.
func best(text []Reply, to []string) []Reply {
	text = owned(refusals(text), to)
	index := map[string]int{}
	var out []Reply
	for _, r := range text {
		k := strings.ToLower(r.Recipient)
		i, seen := index[k]
		switch {
		case !seen:
			index[k] = len(out)
			out = append(out, r)
		case better(r, out[i]):
			out[i] = r
		}
	}
	return known(out)
}

// refusals leaves out what was accepted, if anything was refused.
func refusals(text []Reply) []Reply {
	var out []Reply
	for _, r := range text {
		if r.Code >= 400 || r.Code == 0 && r.Enhanced[0] != '2' {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return text
	}
	return out
}

// owned returns replies without a recipient the only one there is.
func owned(text []Reply, to []string) []Reply {
	only := ""
	if len(to) == 1 {
		only = to[0]
	}
	for _, r := range text {
		switch {
		case r.Recipient == "" || strings.EqualFold(r.Recipient, only):
		case only == "":
			only = r.Recipient
		default:
			return text // several
		}
	}
	for i := range text {
		text[i].Recipient = only
	}
	return text
}

// known drops a reply without a recipient if others have one.
func known(replies []Reply) []Reply {
	var out []Reply
	for _, r := range replies {
		if r.Recipient != "" {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return replies
	}
	return out
}

// maxReason is how much of a reason in words is kept, maxWords how much of a
// bounce it is looked for in.
const (
	minReason = 20
	maxReason = 600
	maxWords  = 16 << 10
)

// withReasons returns replies without a text the words of the bounce, so that
// they can be explained.
func withReasons(replies []Reply, words string) []Reply {
	low := lowered(words)
	for i := range replies {
		r := &replies[i]
		if len(r.Text) >= 4 || strings.HasPrefix(r.Enhanced, "2.") {
			continue
		}
		if len(replies) == 1 || strings.Contains(low, eml.Lower(r.Recipient)) && r.Recipient != "" {
			r.Text = beforeOthers(reason(words, low, r.Recipient), replies, r.Recipient)
		}
	}
	return replies
}

// beforeOthers cuts a reason before the sentence about another recipient.
func beforeOthers(reason string, replies []Reply, to string) string {
	low := eml.Lower(reason)
	for _, r := range replies {
		if i := strings.Index(low, eml.Lower(r.Recipient)); i >= 0 && r.Recipient != "" && !strings.EqualFold(r.Recipient, to) {
			end := max(strings.LastIndex(reason[:i], ". "), 0)
			reason, low = reason[:end], low[:end]
		}
	}
	return reason
}

// reasons returns the recipients of a bounce that quotes no reply, with the
// words after each.
func reasons(words string, to []string) []Reply {
	if len(to) == 0 {
		to = listed(words)
	}
	if len(to) == 0 {
		to = []string{recipient(words[:min(len(words), windowBefore)], "", "").to}
	}
	var out []Reply
	low := lowered(words)
	for _, a := range to {
		out = append(out, Reply{Recipient: a, Text: reason(words, low, a), Source: FromReason})
	}
	return out
}

// listed returns the addresses that stand at the start of a line.
func listed(words string) []string {
	var to []string
	for line := range strings.Lines(words) {
		if len(line) < len("a@b.c") {
			continue
		}
		line = strings.TrimLeft(line, " \t<")
		a, at := lastAddress(line[:min(len(line), maxAddress)])
		if a != "" && at == 0 && !slices.Contains(to, a) && len(to) < maxGroups {
			to = append(to, a)
		}
	}
	return to
}

func lowered(words string) string { return eml.Lower(words[:min(len(words), maxWords)]) }

// reason returns what a bounce says after a recipient's address. low is words
// in lower case.
func reason(words, low, to string) string {
	if i := strings.Index(low, eml.Lower(to)); i >= 0 && to != "" {
		rest := strings.Trim(words[i+len(to):min(len(words), i+len(to)+4*maxReason)], " >:\n\t)-=.")
		name, _, _ := strings.Cut(eml.Lower(rest), ":")
		if len(rest) > minReason && !eml.Known(name) && !strings.HasPrefix(eml.Lower(rest[:minReason]), "original message") {
			words = rest
		}
	}
	words = words[:min(len(words), 4*maxReason)]
	words = strings.Join(strings.Fields(words), " ")
	return words[:min(len(words), maxReason)]
}
