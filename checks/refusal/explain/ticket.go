package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"maildiag/checks/refusal/bounce"
	"maildiag/report"
)

// notice is what the sender is told: one cause and the recipients it is about.
type notice struct {
	cause cause
	who   side // that must act; "" if it is not known
	to    []string
}

// maxTo bounds the addresses in a sentence.
const maxTo = 10

// ticketIn returns the function that writes a ticket in that language: a subject
// line, two sentences for the person whose message it was, and then what the
// administrator needs, in English.
func (t *printer) ticketIn(w wording) func(*Explanation) {
	return func(x *Explanation) { t.ticket(x, w) }
}

func (t *printer) ticket(x *Explanation, w wording) {
	switch {
	case len(x.rows) > 0 && x.code != "":
		c, who := noticeOfCode(x)
		t.subject(w.title(c, nil))
		t.gap()
		t.paragraph(w.sentences(c, who, nil))
	case len(x.rows) > 0:
		t.found(x)
		t.all(x)
		return
	case len(x.replies) > 0 || !ofMessage(x.result.Kind):
		all := notices(x)
		t.subject(w.title(all[0].cause, all[0].to))
		for _, n := range all {
			t.gap()
			t.paragraph(w.sentences(n.cause, n.who, n.to))
		}
	case x.message != nil && x.result.Kind != bounce.KindReply:
		title, sentences := w.header(noticeOf(&x.message.Answer))
		t.subject(title)
		t.gap()
		t.paragraph(sentences)
	default:
		t.found(x)
		t.all(x)
		return
	}
	t.gap()
	t.heading("FOR THE ADMINISTRATOR")
	t.gap()
	t.found(x)
	if len(x.rows) > 0 {
		t.all(x)
		return
	}
	t.probes(x)
	t.nothing(x)
	if len(x.replies) == 0 && x.text != "" {
		t.row("text", "%s", x.text)
	}
	t.replies(x)
	t.message(x)
}

// noticeOfCode returns what a bare code tells the sender: a cause only if all that it
// may mean is of one kind, and who must act if that is the same, too.
func noticeOfCode(x *Explanation) (cause, side) {
	number, _ := strconv.Atoi(x.code)
	enhanced := ""
	if number == 0 {
		enhanced = x.code
	}
	switch x.code[0] {
	case '2', '3':
		return causeNoMessage, ""
	case '4':
		return causeDelayed, ""
	}
	c, who := matterOfRow(&x.rows[0], enhanced, number), sideOf(x.rows[0].Owner)
	for i := range x.rows[1:] {
		row := &x.rows[i+1]
		if matterOfRow(row, enhanced, number) != c {
			return causeUnknown, ""
		}
		if sideOf(row.Owner) != who {
			who = ""
		}
	}
	return c, who
}

// ofMessage reports whether a message was read that nobody refused.
func ofMessage(k bounce.Kind) bool {
	return k == bounce.KindMessage || k == bounce.KindHeader || k == bounce.KindReply || k == bounce.KindFeedback
}

// subject writes one line, to be copied.
func (t *printer) subject(s string) { fmt.Fprintln(t.w, report.Clean("Subject: "+s)) }

// notices groups the replies by their cause.
func notices(x *Explanation) []notice {
	var all []notice
	for i := range x.replies {
		r := &x.replies[i]
		best := decisive(x, i)
		c, who := causeOf(r, best), side("")
		if r.Inner || c == causeNoMessage {
			continue
		}
		if best.known() {
			who = best.side()
		}
		k := slices.IndexFunc(all, func(n notice) bool { return n.cause == c && n.who == who })
		if k < 0 {
			k = len(all)
			all = append(all, notice{cause: c, who: who})
		}
		to := report.Clean(r.To())
		if to != "" && len(all[k].to) < maxTo && !slices.Contains(all[k].to, to) {
			all[k].to = append(all[k].to, to)
		}
	}
	switch {
	case len(all) > 0:
		return all
	case x.result != nil && x.result.Kind == bounce.KindBounce:
		return []notice{{cause: causeUnknown}}
	}
	return []notice{{cause: causeNoMessage}}
}

// decisive returns the reply that tells the cause: the one quoted within reply
// i, if that one only wraps it or is not known.
func decisive(x *Explanation, i int) *reply {
	r := &x.replies[i]
	if i+1 == len(x.replies) || !x.replies[i+1].Inner || !x.replies[i+1].known() {
		return r
	}
	if !r.known() || r.rows[0].Row.Wraps {
		return &x.replies[i+1]
	}
	return r
}

// replies writes each reply once, with all recipients that got it.
func (t *printer) replies(x *Explanation) {
	all := slices.Clone(causesFirst(slices.Clone(x.replies)))
	for i := range all {
		said := all[i].String()
		same := func(r reply) bool { return r.String() == said }
		if slices.ContainsFunc(all[:i], same) {
			continue
		}
		var also []string
		for j := i + 1; j < len(all); j++ {
			if same(all[j]) && all[j].Recipient != all[i].Recipient {
				also = append(also, all[j].Recipient)
			}
		}
		if i > 0 {
			t.gap()
		}
		t.reply(&all[i])
		if len(also) > 0 {
			t.row("also to", "%s", strings.Join(also, ", "))
		}
	}
}

func (t *printer) paragraph(s string) {
	fmt.Fprint(t.w, report.Wrap(report.Clean(s), "", textCols))
}
