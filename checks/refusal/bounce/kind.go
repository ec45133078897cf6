package bounce

import (
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// bounceSubjects are the words, in lower case, by which servers title bounces.
var bounceSubjects = []string{
	"undeliver", "delivery status notification", "failure notice", "returned mail", "mail delivery failed",
	"delivery failure", "mail delivery", "delivery notification", "delivery report", "returned to sender",
	"mail system error", "non delivery", "non-delivery", "nondeliverable", "could not send", "not deliverable",
	"delivery has failed", "message delivery", "failed mail", "mail failure", "delivery problem", "warning: ",
	"delivery error", "returning message", "bounce", "postmaster notify", "unable to deliver", "not delivered",
	"there was an error sending your mail", "unzustellbar", "rejected mail", "non recapitabile",
	"no se puede entregar",
	"non remis", "onbestelbaar", "recipient unknown", "error sending", "mail could not be delivered",
	"delivery delayed",
	"failure delivery", "delivery fail", "did not reach", "email returned", "user unknown",
}

// senderNames are parts of the sender's address or name of bounces.
var senderNames = []string{"mailer-daemon", "postmaster", "mail delivery", "mailerdaemon", "bounce",
	"mail administrator",
	"post_master", "microsoft exchange", "double-bounce", "mail deliver", "mmdf", "mta-"}

// kindOf reports what a message is.
func kindOf(m *eml.Message, l leaves) Kind {
	subject := strings.ToLower(eml.Decoded(m.Get("Subject")))
	from := strings.ToLower(m.Get("From"))
	empty := strings.TrimSpace(m.Get("Return-Path")) == "<>"
	auto := strings.ToLower(m.Get("Auto-Submitted"))
	named := containsAny(from, senderNames) && !strings.Contains(from, "bounce-")
	titled := containsAny(subject, bounceSubjects)
	switch {
	case l.feedback, strings.Contains(m.Params["report-type"], "feedback-report"),
		m.Get("X-Apple-Unsubscribe") != "", feedbackFields(l.words):
		return KindFeedback
	case from != "" && strings.Contains(from, "sns.amazonaws.com"):
		return notification(l.raw)
	case len(l.status) > 0:
		return KindBounce
	case strings.Contains(m.Params["report-type"], "delivery-status"), m.Get("X-Failed-Recipients") != "":
		return KindBounce
	case named && titled, empty && titled, titled && strings.HasPrefix(auto, "auto-"):
		return KindBounce
	case (named || empty) && strings.HasPrefix(auto, "auto-replied") && len(scan(l.words)) > 0:
		return KindBounce
	case (named || empty || titled || l.original != nil) && phrased(l.words):
		return KindBounce
	case automatic(m, auto, subject):
		return KindReply
	case len(strings.TrimSpace(string(m.Body))) == 0:
		return KindHeader
	}
	return KindMessage
}

// feedbackFields reports whether a text holds the fields of a complaint, which
// some servers send without its media type. RFC 5965 3.1
func feedbackFields(text string) bool {
	text = "\n" + strings.ToLower(text)
	return strings.Contains(text, "\nfeedback-type:") && strings.Contains(text, "\nuser-agent:") && strings.Contains(text, "\nversion:")
}

// notification reports what a JSON notification of Amazon SES is about.
func notification(text string) Kind {
	switch {
	case strings.Contains(text, `"notificationType":"Complaint"`):
		return KindFeedback
	case strings.Contains(text, `"notificationType":"`):
		return KindBounce
	}
	return KindMessage
}

// phrases are sentences that only bounces hold.
var phrases = []string{
	"could not be delivered", "wasn't able to deliver", "was not able to deliver", "unable to deliver",
	"delivery to the following recipient", "delivery failed", "undeliverable", "couldn't be delivered",
	"was not delivered", "delivery has failed", "permanent fatal errors", "returned to sender",
	"had delivery problems",
	"did not reach the following", "message was not", "user unknown", "cannot be delivered", "not be delivered",
	"rejected by the recipient domain", "unknown user", "failed permanently", "recipient's mailbox",
	"permanent error",
	"the following addresses", "failed address", "transcript of session follows", "550 ", "554 ", "552 ",
	"delivery error",
}

func phrased(text string) bool { return containsAny(strings.ToLower(text), phrases) }

func automatic(m *eml.Message, auto, subject string) bool {
	if strings.HasPrefix(auto, "auto-replied") || m.Get("X-Autoreply") != "" || m.Get("X-Autorespond") != "" ||
		m.Get("X-Auto-Response-Suppress") != "" && strings.Contains(subject, "auto") {
		return true
	}
	for _, s := range []string{"auto:", "auto response", "auto reply", "autoreply", "automatic reply",
		"out of office", "out of the office",
		"automatische antwort", "réponse automatique", "vacation"} {
		if strings.Contains(subject, s) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(m.Get("Precedence")), "auto_reply")
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
