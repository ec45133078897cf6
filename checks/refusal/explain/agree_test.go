package explain

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// The ticket of every reply names the side that the answer names, and says of another
// try what the answer says.
func TestTicketAgrees(t *testing.T) {
	sets, _ := filepath.Glob("../bounce/testdata/unseen*.tsv")
	texts := []string{
		"450 4.2.1 The account of the sender is suspended", "550 Requested action not taken: NULL sender is not allowed",
		"550 5.7.1 Sender blocked by recipient", "smtplib.SMTPDataError: (451, b'4.7.1 Greylisted, try again later')", "421 4.3.2 Service not available",
		"451 4.7.1 Cannot find your reverse hostname", "454 4.7.0 Temporary authentication failure", "550 5.7.1 Relay access denied",
		"550 5.2.1 Mailbox disabled, not accepting messages", "421 4.7.28 Gmail has detected an unusual rate of mail", "452 4.2.2 Mailbox full",
	}
	for _, set := range append(sets, "../bounce/testdata/field-manuals.tsv") {
		for _, l := range labelledSet(t, set) {
			texts = append(texts, l.text)
		}
	}
	for i := range replies.All() {
		if r := &replies.All()[i]; len(r.Text) > 0 && !strings.ContainsAny(r.Text[0], "<*+~") && len(r.Enhanced) > 0 {
			texts = append(texts, strings.Replace(r.Enhanced[0], "x", "4", 1)+" "+strings.TrimLeft(r.Text[0], "?!"))
		}
	}
	for _, text := range texts {
		x, err := Explain(context.Background(), "", []byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range x.replies {
			agrees(t, x, i)
		}
	}
}

// agrees compares the ticket of reply i with its answer.
func agrees(t *testing.T, x *Explanation, i int) {
	t.Helper()
	r, best := &x.replies[i], decisive(x, i)
	if len(best.rows) == 0 || r.Inner {
		return
	}
	c, after := causeOf(r, best), outcomeOf(&r.Reply).next(&best.rows[0], &r.Reply)
	waits, over := c == causeDelayed, slices.Contains([]cause{causeDelayed, causeExpired, causeNotNow}, c)
	if waits != (after == nextRetry) || c == causeExpired && after != nextGaveUp || after == nextNever && over {
		t.Errorf("%s (%s): the ticket says %s, the answer %q", r, best.rows[0].Row.ID, c, nextTexts[after])
	}
	if other := best.other(); best.known() && other == nil && best.side() != sideOf(best.rows[0].Row.Owner) {
		t.Errorf("%s: the ticket asks %s, the answer %s", r, best.side(), best.rows[0].Row.Owner)
	}
	if side, ok := causeSides[c]; ok && best.known() && best.side() == sideOwn && side == sideRecipient && !c.settled() && c != causeRestricted {
		t.Errorf("%s (%s): the ticket blames the recipient (%s), the answer %s", r, best.rows[0].Row.ID, c, best.rows[0].Row.Owner)
	}
}

// TestTicketOfRow holds that what the sender is told of a known cause does not depend on the
// code with which a server gives it: a line that is too long is no large message.
func TestTicketOfRow(t *testing.T) {
	for _, row := range replies.All() {
		if strings.HasPrefix(row.ID, "rfc.") || strings.HasPrefix(row.ID, "smtp.") || strings.HasPrefix(row.ID, "class.") {
			continue // what a code means
		}
		want := reasonOfRow(&row, "", 0)
		for _, code := range []string{"550 5.7.1", "550 5.1.1", "552 5.2.2", "552 5.3.4", "535 5.7.8", "553 5.1.3", "501 5.5.4", "530 5.7.0", "554 5.4.7", "450 4.2.1"} {
			n, _ := strconv.Atoi(code[:3])
			if got := reasonOfRow(&row, code[4:], n); got != want {
				t.Errorf("%s with %s: %s, without a code %s", row.ID, code, got, want)
			}
		}
		switch about := row.ID[strings.Index(row.ID, ".")+1:]; {
		case want == causeTooLarge && !strings.Contains(about, "size") && !strings.Contains(about, "large"),
			want == causeFull && !strings.Contains(about, "full"):
			t.Errorf("%s: %s", row.ID, want)
		}
	}
}
