package explain

import (
	"bufio"
	"fmt"
	"strings"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// printer writes explanations for people. Every text from the input is
// cleaned on its way out.
type printer struct{ w *bufio.Writer }

const (
	labelCols = 11 // columns of the labels
	textCols  = 80
)

// row writes a label and a text beside it, wrapped.
func (t *printer) row(label, format string, args ...any) {
	text := report.Clean(strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
	for _, l := range strings.Split(strings.TrimRight(report.Wrap(text, "", textCols-labelCols-2), "\n"), "\n") {
		fmt.Fprintf(t.w, "  %-*s%s\n", labelCols, label, l)
		label = ""
	}
}

// code writes a label and a line to be typed, which is never wrapped.
func (t *printer) code(label, line string) {
	fmt.Fprintf(t.w, "  %-*s%s\n", labelCols, label, report.Clean(line))
}

func (t *printer) gap() { fmt.Fprintln(t.w) }

// steps writes numbered lines under one label.
func (t *printer) steps(label string, lines []string) {
	for i, l := range lines {
		if len(lines) > 1 {
			l = fmt.Sprintf("%d. %s", i+1, l)
		}
		t.row(label, "%s", l)
		label = ""
	}
}

func (t *printer) all(x *Explanation) {
	if x.code != "" && len(x.rows) > 1 {
		t.table(x)
		return
	}
	for i := range x.rows {
		if i > 0 {
			t.gap()
		}
		t.heading(rowTitle(&x.rows[i]))
		t.explanation(&x.rows[i], nextTexts[nextOfRow(&x.rows[i])], "", "")
	}
	if len(x.rows) > 0 {
		return
	}
	t.probes(x)
	t.nothing(x)
	for i := range x.replies {
		if i > 0 {
			t.gap()
		}
		t.reply(&x.replies[i])
	}
	t.message(x)
	for _, n := range x.result.Notes {
		t.row("note", "%s", n)
	}
}

// causesFirst puts a quoted reply before the one that quotes it, if that one
// only wraps the cause or is not known, and a known one before an unknown one of
// which a sentence tells.
func causesFirst(rs []reply) []reply {
	for i := 1; i < len(rs); i++ {
		outer, inner := &rs[i-1], &rs[i]
		wrapped := inner.Inner && !outer.Inner && (!outer.known() || outer.rows[0].Row.Wraps)
		if inner.known() && (wrapped || outer.Told && !outer.known()) {
			rs[i-1], rs[i] = rs[i], rs[i-1]
		}
	}
	return rs
}

func (t *printer) heading(s string) {
	for _, l := range strings.Split(strings.TrimRight(report.Wrap(report.Clean(s), "", textCols), "\n"), "\n") {
		fmt.Fprintln(t.w, l)
	}
}

// rowTitle names a row by its codes and its wording.
func rowTitle(r *replies.Row) string {
	s := strings.Trim(fmt.Sprint(r.Codes), "[]") + " " + strings.Join(r.Enhanced, " ")
	s = strings.TrimSpace(strings.ReplaceAll(s, "x.", "4./5."))
	if strings.HasPrefix(r.ID, "class.") {
		s = strings.TrimSuffix(strings.TrimSpace(s), ".") + ".*"
	}
	if r.Provider != replies.Any {
		s += "  " + r.Provider.String()
	}
	if len(r.Text) > 0 {
		s += "  \"" + wordingOf(r) + "\""
	}
	return s
}

// nothings are the texts of nothingText, by the kind of input; that of another
// protocol has a place for its name.
var nothings = map[bounce.Kind]string{
	bounce.KindText: "No reply from a mail server was found in this text, and its words are not known. Paste the lines " +
		"with the three-digit code, such as: 550 5.7.1 ...",
	bounce.KindBinary: "This is not a message that can be read: paste the bounce as text, or give the message " +
		"as .eml or .msg.",
	bounce.KindEmpty: "There is nothing to explain: the input is empty.",
	bounce.KindQuestion: "This is a question that quotes no reply of a mail server. Paste what the server or the program " +
		"says, or only the code.",
	bounce.KindForeign: "This is %s, not SMTP. maildiag explains only what mail servers say over SMTP.",
	bounce.KindBounce:  "This is a bounce, but no reply was found in it. Paste the whole message: the reply is in its body.",
	bounce.KindReply: "This is an automatic answer (such as out of office), not a bounce: the message " +
		"arrived.",
	bounce.KindFeedback: "This is a report that a recipient complained about a message (or unsubscribed), " +
		"not a bounce.",
	bounce.KindMessage: "This message is not a bounce.",
	bounce.KindHeader:  "This is the header of a message.",
}

// nothingText says why there is nothing to explain.
func nothingText(r *bounce.Result) string {
	if r.Kind == bounce.KindForeign && strings.Contains(r.Protocol, "IMAP") {
		return fmt.Sprintf(nothings[r.Kind], r.Protocol) + " If a sign-in failed: Exchange Online accepts only OAuth there, and other providers may need an app password."
	}
	if r.Kind == bounce.KindForeign {
		return fmt.Sprintf(nothings[r.Kind], r.Protocol)
	}
	return nothings[r.Kind]
}

func (t *printer) nothing(x *Explanation) {
	if len(x.replies) > 0 || x.message != nil && (x.result.Kind == bounce.KindMessage || x.result.Kind == bounce.KindHeader) {
		return // the answer comes first
	}
	t.heading(nothingText(x.result))
	if x.message != nil {
		t.gap()
	}
}

// reply writes the answer in one line, then the reply and its explanation.
func (t *printer) reply(r *reply) {
	t.heading(r.summary())
	t.gap()
	label := "reply"
	if r.Inner {
		label = "quoted"
	}
	t.row(label, "%s", r.String())
	if r.Recipient != "" && !r.Inner {
		t.row("to", "%s", r.To())
	}
	if said := outcomeOf(&r.Reply).String(); said != "" && !r.Inner {
		t.row("outcome", "%s", said)
	}
	t.saidBy(&r.Reply)
	said := r.summary()
	for i := range r.rows {
		m := &r.rows[i]
		if i > 0 {
			t.gap()
			t.row("or", "(equally likely) %s", m.Row.Meaning)
			said = m.Row.Meaning
		}
		t.row("match", "%s", matchText(m))
		t.explanation(&m.Row, nextTexts[outcomeOf(&r.Reply).next(m, &r.Reply)], m.Match, said)
	}
}

func (t *printer) saidBy(r *bounce.Reply) {
	if tr := r.Trailer; tr != nil {
		what := "Exchange Online"
		if tr.FrontEnd {
			what += " front end (for the MX, port 25)"
		}
		if tr.Region != "" {
			what += ", region " + tr.Region
		}
		t.row("said by", "%s: %s", tr.Host, what)
		if tr.ID != "" {
			t.row("", "id %s, for Microsoft support", tr.ID)
		}
		if !tr.Time.IsZero() {
			t.row("at", "%s", tr.Time.Format("2006-01-02 15:04:05 UTC"))
		}
		return
	}
	if r.RemoteMTA != "" || r.RemoteIP != "" {
		t.row("said by", "%s %s", r.RemoteMTA, r.RemoteIP)
	}
}

// confidences say how sure the catalog is of a row.
var confidences = map[replies.Confidence]string{
	replies.Confirmed:   "confirmed by its source",
	replies.ThirdParty:  "reported by others, not confirmed by the provider",
	replies.Unconfirmed: "NOT confirmed: take it as a hint",
}

// explanation writes one row; retry says whether to send again, and match how
// sure it is, "" if it is not for a reply. What the line said above says already
// is left out.
func (t *printer) explanation(r *replies.Row, retry, match, said string) {
	means := "means"
	if match == replies.Code || match == replies.Class {
		means = "usually"
	}
	if !strings.Contains(said, strings.TrimSuffix(r.Meaning, ".")) {
		t.row(means, "%s", r.Meaning)
	}
	if !strings.Contains(said, " – "+r.Owner+" – ") {
		t.row("who", "%s", r.Owner)
	}
	t.row("retry", "%s", retry)
	t.steps("causes", r.Causes)
	if len(r.Fix) != 1 || !strings.HasSuffix(said, " – "+r.Fix[0]) {
		t.steps("fix", r.Fix)
	}
	label := "commands"
	for _, c := range r.Commands {
		t.code(label, c)
		label = ""
	}
	if r.Portal != "" {
		t.row("where", "%s", r.Portal)
	}
	t.steps("see also", r.Next)
	t.row("source", "%s", sourceText(r, match))
	t.row("id", "%s", r.ID)
}
