package explain

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
)

// ownLog matches a line in which a mail server or its filter logs a fault of its own.
var ownLog = kit.Lazily(`(?i)\b(?:opendkim|opendmarc|openarc|dkim\S*|rspamd|postfix[\w/-]*)\[\d+\]: (.*(?:\bkey\b|\bmilter service\b).*)`)

// maxOwnLines bounds the lines that are searched for one.
const maxOwnLines = 2000

// withOwnFault puts a fault that the own server logs of itself in the place of the replies
// that it causes: those that pass, and those that are not known.
func withOwnFault(input string, rs []reply) []reply {
	fault := ownFault(input)
	if fault == nil {
		return rs
	}
	rs = slices.DeleteFunc(rs, func(r reply) bool { return !r.known() || r.rows[0].Row.Duration == replies.Temporary })
	return slices.Insert(rs, 0, *fault)
}

// ownFault returns the first such fault of a log.
func ownFault(input string) *reply {
	n := 0
	for line := range strings.Lines(input) {
		if n++; n > maxOwnLines {
			return nil
		}
		m := ownLog().FindStringSubmatch(line[:min(len(line), maxPlain)])
		if m == nil {
			continue
		}
		rows := replies.Explain(replies.Query{Text: m[1]})
		if len(rows) > 0 && strings.HasPrefix(rows[0].Row.ID, "common.own-") {
			return &reply{bounce.Reply{Text: strings.TrimSpace(m[1]), Source: bounce.FromReason}, rows[:1]}
		}
	}
	return nil
}
