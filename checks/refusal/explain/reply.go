package explain

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// maxShown is how much of a text that is not known is repeated.
const maxShown = 600

// maxPlain is how much of a text without any code is explained by its words.
const maxPlain = 4 << 10

// explain adds the rows that explain each reply of the input, the true cause
// before a reply that only wraps it. A text without any reply is explained by
// its words.
func (x *Explanation) explain(input string) {
	for _, r := range append(x.result.Replies, x.result.Quoted()...) {
		if r.String() == "" && r.Action == "" {
			continue // a recipient, of whom nothing is said
		}
		q := queryOf(&r)
		x.replies = append(x.replies, reply{r, outcomeOf(&r).withoutWait(readings(leftOpen(replies.Explain(q)), q))})
	}
	if x.result.Kind == bounce.KindText {
		x.replies = chosen(x.replies)
	}
	x.replies = causesFirst(x.replies)
	if slices.ContainsFunc(x.replies, notStep) {
		x.replies = slices.DeleteFunc(x.replies, func(r reply) bool { return !notStep(r) }) // what went well on the way
	}
	if x.result.Kind == bounce.KindQuestion {
		x.asked(input)
	}
	x.replies = asWhole(withOwnFault(input, x.replies))
	if slices.ContainsFunc(x.replies, notStep) || x.result.Kind != bounce.KindText {
		return
	}
	text := strings.Join(strings.Fields(input), " ")
	x.text = text[:min(len(text), maxShown)]
	if r, ok := deliveredIn(input); ok {
		x.replies = []reply{{r, replies.Explain(replies.Query{Code: 250})}}
		return
	}
	rows := byWords(withoutHost(input), len(x.replies) > 0)
	if len(rows) == 0 && tellsFailure(input) {
		x.replies = nil // what was accepted is not what the reader asks about
	}
	if len(rows) > 0 {
		r := bounce.Reply{Text: text, Source: bounce.FromReason}
		switch {
		case bounce.GaveUp(text):
			r.Action = "failed"
		case bounce.Deferred(text):
			r.Action = "delayed"
		}
		x.replies = []reply{{r, outcomeOf(&r).withoutWait(readings(rows, replies.Query{Path: replies.PathOf(input)}))}}
	}
}

// minIdentifier is the length from which on a word in mixed case is the name of an error.
const minIdentifier = 14

// asked explains a question by the name of an error in it, which no sentence holds by
// chance: "what does MailboxNotEnabledForRESTAPI mean?".
func (x *Explanation) asked(input string) {
	for _, s := range sentencesOf(strings.TrimSpace(input)) { // a dialog that asks what to do about an error
		if rows := replies.ExplainWords(s); len(rows) > 0 && !replies.Personal(s) {
			x.replies, x.text = []reply{{bounce.Reply{Text: s, Source: bounce.FromReason}, rows}}, s
			x.result.Kind = bounce.KindText
			return
		}
	}
	for _, word := range strings.FieldsFunc(input, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(word) < minIdentifier || strings.ToUpper(word[1:]) == word[1:] || strings.ToLower(word[1:]) == word[1:] {
			continue
		}
		if rows := replies.ExplainWords(word); len(rows) > 0 {
			x.replies, x.text = []reply{{bounce.Reply{Text: word, Source: bounce.FromReason}, rows}}, word
			x.result.Kind = bounce.KindText
			return
		}
	}
}

// readings returns the rows of a reply, a single one as it reads on each path that it
// may have taken.
func readings(rows []replies.Explanation, q replies.Query) []replies.Explanation {
	if len(rows) == 1 && rows[0].Known() {
		return rows[0].Readings(q)
	}
	return rows
}

// leftOpen takes from the rows of a reply that is not known whom and what its code
// usually calls for, so that nobody acts on it.
func leftOpen(rows []replies.Explanation) []replies.Explanation {
	for i := range rows {
		if row := &rows[i].Row; !rows[i].Known() {
			row.Owner, row.Fix = report.OwnerRemote, []string{askOperator}
			row.Commands, row.Portal, row.Next = nil, "", nil
		}
	}
	return rows
}

// notStep reports whether a reply says more than that a server is ready, or accepted
// a command before the message: a program that fails then says why in its own words.
func notStep(r reply) bool {
	return r.Code/100 != 2 && !(r.Code == 0 && strings.HasPrefix(r.Enhanced, "2.")) || r.Queued() || r.Action != ""
}

// queryOf returns what is known of a reply to explain it: who said it is shown
// by the host that refused, or else by the server that wrote the bounce.
func queryOf(r *bounce.Reply) replies.Query {
	q := replies.Query{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text, Path: r.Path, OAuth: r.OAuth, Onward: onward(r)}
	switch {
	case r.SignIn:
		q.Stage = replies.StageAuth
	case r.Submitted:
		q.Stage = replies.StageSubmission
	default:
		q.Stage = replies.Stage(r.Command)
	}
	ip, _ := netip.ParseAddr(r.RemoteIP)
	q.Near = r.Path == replies.PathDelivery && r.RemoteMTA == "" && r.RemoteIP == "" && r.Source != bounce.FromReport && !r.AtOwnDoor()
	if ip.IsLoopback() && q.Path == replies.PathDelivery {
		q.Path = replies.PathIncoming // the own server's filter
	}
	if ip.IsPrivate() {
		q.Path, q.Near = replies.PathSubmission, false // the sender's own relay
	}
	host := r.RemoteMTA
	switch {
	case r.Code == 0 && unreached().MatchString(r.Text):
		q.Text, host = withoutHost(r.Text), r.Reporter // nobody spoke
	case r.Trailer != nil:
		host = r.Trailer.Host
	case host == "":
		host = r.Reporter
	}
	if ps := replies.Providers(host); len(ps) > 0 {
		q.Provider = ps[0]
	}
	_, err := netip.ParseAddr(host)
	q.Other = q.Provider == replies.Any && host == r.RemoteMTA && strings.Contains(host, ".") && err != nil
	return q
}

// onward reports whether an address was forwarded to the recipient, in another domain.
func onward(r *bounce.Reply) bool {
	_, from, _ := strings.Cut(r.Original, "@")
	_, to, _ := strings.Cut(r.Recipient, "@")
	return from != "" && to != "" && !strings.EqualFold(from, to)
}

// unreached matches a host to which there was no connection, and port 25.
var unreached = kit.Lazily(`(?i)\b(connect(?:ion|ing)? (?:to|with)) \S+?(:25)?(?:: |\s)`)

// withoutHost leaves out the name of a host that said nothing, but for the machine itself.
func withoutHost(text string) string {
	return unreached().ReplaceAllStringFunc(text, func(s string) string {
		if strings.Contains(s, "127.0.0.") || strings.Contains(s, "localhost") || strings.Contains(s, "]:1002") {
			return s
		}
		return unreached().ReplaceAllString(s, "$1 $2 ")
	})
}

// bareRows explains an input that is nothing but codes, such as "5.7.1" or
// "550 5.7.1", or the ID of a row.
func bareRows(text string) *Explanation {
	text = strings.ToLower(strings.Trim(text, " \t\r\n#\"'?!."))
	if row, ok := replies.ByID(text); ok {
		return &Explanation{rows: []replies.Row{row}}
	}
	words := slices.DeleteFunc(strings.Fields(text), asksOnly)
	if len(words) == 0 || len(words) > 2 || len(words) == 2 && len(words[0]) != len("550") {
		return nil
	}
	code := words[len(words)-1]
	if len(code) > len("5.999.999") {
		return nil
	}
	if rows := replies.Lookup(code); len(rows) > 0 {
		return &Explanation{rows: rows, code: code}
	}
	return nil
}

// asksOnly reports whether a word beside a code only asks what it means.
func asksOnly(word string) bool {
	return slices.Contains([]string{"why", "what", "what's", "whats", "is", "does", "mean", "the", "a", "code", "error", "smtp", "was",
		"ist", "bedeutet", "warum", "fehler", "pourquoi", "erreur", "error:", "code:"}, word)
}

// tableTop is how many rows of a table are told with their cause.
const tableTop = 10

// table writes the rows that a bare code may mean, the commonest first.
func (t *printer) table(x *Explanation) {
	t.heading(fmt.Sprintf("%s is a generic code: the words after it decide. Paste the whole reply, or choose from this table "+
		"and run maildiag explain ID.", report.Clean(x.code)))
	for i := range x.rows {
		r := &x.rows[i]
		if i < tableTop {
			t.gap()
			fmt.Fprintf(t.w, "  %-34s %s\n", r.ID, r.Owner)
			if len(r.Text) > 0 {
				t.row("wording", "%q", wordingOf(r))
			}
			t.row("cause", "%s", r.Meaning)
			continue
		}
		if i == tableTop {
			t.gap()
			t.heading("Less common:")
		}
		fmt.Fprintf(t.w, "  %-34s %s\n", r.ID, shorten(wordingOf(r), textCols-37))
	}
}

// wordingOf returns the wording of a row that reads most like what a server says: whole
// words in one piece, rather than a mark of a provider or a pattern with gaps.
func wordingOf(r *replies.Row) string {
	best, least := r.Meaning, oddest
	for _, phrase := range r.Text {
		if n := odd(phrase); n < least {
			best, least = phrase, n
		}
	}
	plain := strings.NewReplacer("*", " ... ", "+", " ... ", "~", "", "!", "", "?", "", "can not", "cannot").Replace(best)
	return strings.Join(strings.Fields(plain), " ")
}

// oddest is how odd a phrase is that nobody can read: one of classes of words.
const oddest = 8

// odd returns how little a phrase reads like a sentence of a server.
func odd(phrase string) int {
	n := 0
	for _, sign := range []struct {
		chars string
		odd   int
	}{{"<", oddest}, {"0123456789._[", 3}, {"*+~", 2}, {"!?", 1}} {
		if strings.ContainsAny(phrase, sign.chars) {
			n += sign.odd
		}
	}
	if strings.Count(phrase, " ") == 0 {
		n += 4
	}
	return n
}

// askOperator is the step where the cause is not known.
const askOperator = "Send the whole text to the operator of the server that said it."

// summary returns the answer in one line: cause, owner, next step.
func (r *reply) summary() string {
	if o := outcomeOf(&r.Reply); o.contradicts() && !r.Inner {
		return "The report is " + o.String() + "."
	}
	if len(r.rows) == 0 {
		return "Unknown reply. – " + replies.OwnerSender + " – " + askOperator
	}
	row := &r.rows[0].Row
	if other := r.other(); other != nil {
		return tieSummary(row, other)
	}
	if r.known() {
		return row.Meaning + " – " + row.Owner + " – " + row.Fix[0]
	}
	code := r.Enhanced
	if code == "" {
		code = fmt.Sprint(r.Code)
	}
	if r.rows[0].Match == replies.Class {
		duration := replies.Permanent
		if code[0] == '4' {
			duration = replies.Temporary
		}
		return fmt.Sprintf("Unknown reply: %s is not a known code; class %c means %s. – %s – %s",
			code, code[0], duration, report.OwnerRemote, askOperator)
	}
	return fmt.Sprintf("Unknown reply: %s usually means %q, but the text is not one that maildiag knows. – %s – %s",
		code, strings.TrimSuffix(row.Meaning, "."), report.OwnerRemote, askOperator)
}

// other returns the row of another cause that is as likely as the first one, or nil.
func (r *reply) other() *replies.Row {
	if !r.known() {
		return nil
	}
	for i := range r.rows[1:] {
		if row := &r.rows[i+1].Row; row.Meaning != r.rows[0].Row.Meaning {
			return row
		}
	}
	return nil
}

// tieSummary returns the answer in one line where two causes are as likely.
func tieSummary(a, b *replies.Row) string {
	owner := a.Owner
	if b.Owner != a.Owner {
		owner += " or " + b.Owner
	}
	return fmt.Sprintf("Two causes fit. Either: %s Or: %s – %s – Start with: %s", a.Meaning, b.Meaning, owner, a.Fix[0])
}

// matchText says how sure an explanation is, and whether it depends on who said
// the reply.
func matchText(m *replies.Explanation) string {
	text := matchTexts[m.Match]
	if m.Match == replies.Wording && m.Row.Provider != replies.Any && !m.Evidence.Speaks {
		text += "; nothing shows that it is " + m.Row.Provider.String() + " that said it"
	}
	if m.Evidence.Contested {
		text += "; other words of the reply name another cause"
	}
	return text
}

// matchTexts say how sure an explanation is.
var matchTexts = map[string]string{
	replies.Exact:   "exact: wording and code are known",
	replies.Wording: "wording: the words are known, the code is missing or usually another",
	replies.Code:    "code: the code is known, the words are missing or unknown",
	replies.Class:   "class: only the class of the code is known",
}

// sourceText says where a row is from, and whether its source confirms what
// the reply says: only if wording and code are those of the source.
func sourceText(r *replies.Row, match string) string {
	s := fmt.Sprintf("%s (read %s)", r.Source, r.Date)
	switch {
	case r.Confidence == replies.Confirmed && match != "" && match != replies.Exact:
		return s + "; confirmed for its own wording and code, not for this reply"
	default:
		return s + "; " + confidences[r.Confidence]
	}
}
