package explain

import (
	"strconv"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
)

// outcome is what became of a message, by its delivery status notification.
type outcome struct {
	action string // RFC 3464 2.3.3; "" if there is none
	class  int    // 2, 4 or 5, of the status; 0: not known
}

func outcomeOf(r *bounce.Reply) outcome {
	o := outcome{r.Action, r.Code / 100}
	if r.Enhanced != "" {
		o.class, _ = strconv.Atoi(r.Enhanced[:1])
	}
	if o.action == "failed" && o.class == 5 && r.Code/100 == 4 {
		o.class = 4 // the status is of the report, the code of the server that put it off
	}
	return o
}

// delivered reports whether nothing failed.
func (o outcome) delivered() bool {
	return o.action == "delivered" || o.action == "relayed" || o.action == "expanded"
}

// contradicts reports whether the action and the status cannot both be true.
func (o outcome) contradicts() bool {
	switch {
	case o.delivered():
		return o.class > 2
	case o.action == "failed":
		return o.class == 2
	case o.action == "delayed":
		return o.class == 2 || o.class == 5
	}
	return false
}

// id names what became of the message, for JSON; empty if the report does not tell.
func (o outcome) id() string {
	switch {
	case o.contradicts():
		return "contradictory"
	case o.action == "failed" && o.class == 4:
		return "gave_up"
	case o.delivered(), o.action == "delayed", o.action == "failed":
		return o.action
	}
	return ""
}

// final reports whether a failure is for good, whatever its code says.
func (o outcome) final() bool { return o.action == "failed" && !o.contradicts() }

// gaveUp reports whether nobody retries a message, although its cause may pass.
func (o outcome) gaveUp(m *replies.Explanation) bool {
	return o.final() && (o.class == 4 || !m.Overruled() && (m.Row.Duration == replies.Temporary || o.class == 0 && m.Row.Duration == replies.Either))
}

// withoutWait replaces the step that waits for a retry which does not come.
func (o outcome) withoutWait(rows []replies.Explanation) []replies.Explanation {
	for i := range rows {
		if m := &rows[i]; o.gaveUp(m) {
			m.Row.GiveUp()
		}
	}
	return rows
}

// delays reports whether the sending server keeps trying, whatever the code means.
func (o outcome) delays() bool { return o.action == "delayed" && !o.contradicts() }

// String says what became of the message; empty if the report does not tell.
func (o outcome) String() string {
	switch {
	case o.contradicts():
		return "contradictory: the report says " + o.action + ", but its status code begins with " + strconv.Itoa(o.class) +
			". Ask the server that wrote it"
	case o.action == "delivered":
		return "delivered: the message arrived, nothing failed"
	case o.action == "relayed", o.action == "expanded":
		return o.action + ": passed on to a server or list that reports nothing back, nothing failed so far"
	case o.action == "delayed":
		return "delayed: the server keeps trying, the message is not lost"
	case o.action == "failed" && o.class == 4:
		return "failed for good: the server gave up after temporary errors"
	}
	return "" // a plain failure needs no words
}
