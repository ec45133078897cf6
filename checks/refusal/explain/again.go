package explain

import (
	"strings"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
)

// next is what becomes of a message after a reply. The answer and the ticket both say it.
type next int

const (
	nextUnclear     next = iota // the report contradicts itself
	nextNothing                 // nothing failed
	nextRetry                   // the sending server retries
	nextRetryInVain             // it does, and a cause on the sender's side stays
	nextClient                  // the cause passes, and who sends may have no queue
	nextAgain                   // the cause passes, and the code is final
	nextGaveUp                  // the sending server has stopped trying
	nextNever                   // sending again helps only after the fix
	nextOpen                    // as the class of a code that is not there says
)

// nextTexts say whether to send again.
var nextTexts = map[next]string{
	nextUnclear:     "unknown: the report contradicts itself",
	nextNothing:     "not needed",
	nextRetry:       "temporary: the sending server retries by itself",
	nextRetryInVain: "temporary: the sending server retries by itself, but that helps only after the fix",
	nextClient:      "temporary: a mail server retries by itself; with a device or program, send again when the cause is gone",
	nextAgain:       "the cause is temporary, but the code is permanent: the sending server does not retry, so send the message again later",
	nextGaveUp:      "the sending server does not retry any more; send again when the cause is gone",
	nextNever:       "permanent: sending the message again helps only after the fix",
	nextOpen:        "temporary if the code starts with 4, permanent if it starts with 5",
}

// next returns what becomes of the message after reply r, which m explains.
func (o outcome) next(m *replies.Explanation, r *bounce.Reply) next {
	switch {
	case o.contradicts():
		return nextUnclear
	case o.delivered():
		return nextNothing
	case o.gaveUp(m), o.action != "delayed" && m.Row.GivenUp():
		return nextGaveUp
	case o.action == "delayed":
		return nextRetry
	case o.class > 0 && o.class < 4, m.Row.ID == "common.verdict":
		return nextNothing
	case m.Overruled():
		return nextAgain
	case o.final():
		return nextNever
	}
	if d := duration(m.Row.Duration, r.Code); d != replies.Temporary {
		return nextOf(d)
	}
	return o.ofTemporary(m, r)
}

// nextOfRow returns what a row says of any message.
func nextOfRow(r *replies.Row) next { return nextOf(r.Duration) }

func nextOf(d replies.Duration) next {
	switch d {
	case replies.Temporary:
		return nextRetry
	case replies.Permanent:
		return nextNever
	}
	return nextOpen
}

// ofTemporary returns what becomes of a message that was put off.
func (o outcome) ofTemporary(m *replies.Explanation, r *bounce.Reply) next {
	why := reasonOfRow(&m.Row, r.Enhanced, r.Code)
	passes := why == causeLimit || why == causeOther || why == causeSpam && !strings.Contains(r.Text, greeting)
	switch {
	case shownToClient(m, r, why):
		return nextClient
	case m.Known() && (why == causeSignIn || !passes && sideOf(m.Row.Owner) == sideOwn):
		return nextRetryInVain
	}
	return nextRetry
}

// greeting is what Postfix logs where a server refused the connection itself, mostly with a final
// code: the message waits, and each try meets the same refusal.
const greeting = "refused to talk to me"

// shownToClient reports whether a device or program may have shown a reply, which
// sends without a queue: it is about signing in, or words without any code.
func shownToClient(m *replies.Explanation, r *bounce.Reply, why cause) bool {
	return r.Action == "" && (r.SignIn || r.Path == replies.PathSubmission || r.Code == 0 && r.Enhanced == "" ||
		m.Row.Confirm.Has(replies.ConfirmSubmission) || why == causeSignIn)
}

// duration returns a duration that the class of a reply code decides, if there is one.
func duration(d replies.Duration, code int) replies.Duration {
	switch {
	case d == replies.Either && code >= 500:
		return replies.Permanent
	case d == replies.Either && code >= 400:
		return replies.Temporary
	}
	return d
}
