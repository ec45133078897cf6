package main

import (
	"fmt"
	"strings"

	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// ticket writes plain text for a ticket system: what to tell the person whose
// message it was, and then what the administrator needs.
func (t *explainText) ticket(x *explained) {
	if len(x.rows) > 0 || len(x.replies) == 0 {
		t.all(x)
		return
	}
	t.heading("FOR THE SENDER")
	for i := range x.replies {
		if r := &x.replies[i]; !r.Inner {
			t.forSender(r, cause(x, i))
		}
	}
	t.gap()
	t.heading("FOR THE ADMINISTRATOR")
	t.gap()
	t.probes(x)
	for i := range x.replies {
		t.reply(&x.replies[i])
		t.gap()
	}
}

// cause gives the reply that tells the cause: the one quoted within reply i,
// if that one only wraps it or is not known.
func cause(x *explained, i int) *explainedReply {
	r := &x.replies[i]
	if i+1 == len(x.replies) || !x.replies[i+1].Inner || !x.replies[i+1].known() {
		return r
	}
	if !r.known() || r.rows[0].Row.Wraps {
		return &x.replies[i+1]
	}
	return r
}

// forSender writes one paragraph without technical words.
func (t *explainText) forSender(r, best *explainedReply) {
	t.gap()
	to := "Your message"
	if r.Recipient != "" {
		to += " to " + report.Clean(r.Recipient)
	}
	if len(best.rows) == 0 {
		t.paragraph(to + " was not delivered. The reason is not known; please forward the whole error to the " +
			"administrator.")
		return
	}
	row := &best.rows[0].Row
	t.paragraph(fmt.Sprintf("%s %s. %s", to, outcome(r, row), row.Meaning))
	switch row.Owner {
	case report.OwnerUser:
		t.paragraph("What you can do: " + strings.Join(row.Fix, " "))
	case report.OwnerRecipient:
		t.paragraph("You cannot solve this yourself: the " + row.Owner +
			" must act. Please reach the recipient by other means and give them this text.")
	default:
		t.paragraph("You cannot solve this yourself: the " + row.Owner + " must act and has what is below.")
	}
}

// outcome says what became of the message.
func outcome(r *explainedReply, row *replies.Row) string {
	switch {
	case r.Action == "delivered", r.Action == "relayed", r.Code >= 200 && r.Code < 300:
		return "was delivered"
	case r.Action == "delayed", r.Action == "" && r.Code >= 400 && r.Code < 500, r.Code == 0 &&
		row.Duration == replies.Temporary:
		return "is delayed; it will be tried again by itself, please do not send it again"
	}
	return "was not delivered"
}

func (t *explainText) paragraph(s string) {
	fmt.Fprint(t.w, wrap(report.Clean(s), "", explainCols))
}
