package bounce

import (
	"slices"
	"strings"

	"maildiag/checks/refusal/message/eml"
)

// forwards are what programs write before the subject of a message that is
// forwarded, in lower case.
var forwards = []string{"fw:", "fwd:", "wg:", "tr:", "rv:", "i:", "enc:", "doorst:", "fs:", "vs:", "転送:", "转发:"}

// Quoted returns the replies of a bounce that someone forwards within the text
// of a message, as its subject says, and notes that anyone may have written
// them.
func (r *Result) Quoted() []Reply {
	if r.Kind != KindMessage || r.Message == nil {
		return nil
	}
	subject := strings.ToLower(strings.TrimSpace(eml.Decoded(r.Message.Get("Subject"))))
	starts := func(s string) bool { return strings.HasPrefix(subject, s) }
	if !slices.ContainsFunc(forwards, starts) || !containsAny(subject, bounceSubjects) {
		return nil
	}
	l := sort(r.Message)
	for _, s := range []string{l.raw, normalize(strings.Join(l.html, "\n\n"))} {
		if list := scan(s); len(list) > 0 {
			r.Notes = append(r.Notes, "the reply is quoted in the text of this message, so anyone may have written it")
			list = perRecipient(r.Message, nil, list, s)
			return list[:min(len(list), MaxReplies)]
		}
	}
	return nil
}
