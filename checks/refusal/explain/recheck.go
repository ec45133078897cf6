package explain

import (
	"fmt"
	"strings"

	"maildiag/checks/refusal/message"
)

// check is one thing that --check looked at again.
type check struct{ name, text string }

// rechecked lists what the DNS of today says of a message.
func rechecked(m *message.Analysis) []check {
	list := []check{{"SPF", spfText(m)}}
	for _, s := range m.DKIM[:min(len(m.DKIM), message.MaxSignatures)] {
		list = append(list, check{"DKIM", fmt.Sprintf("%s for %s, selector %s", s.Result, s.Domain, s.Selector)})
	}
	if len(m.DKIM) == 0 {
		list = append(list, check{"DKIM", "none: the message is not signed"})
	}
	d := m.DMARC
	text := d.Result
	if d.Policy != "" {
		text += fmt.Sprintf(", policy %s at _dmarc.%s", d.Policy, d.FoundAt)
	}
	if d.Reason != "" {
		text += ": " + d.Reason
	}
	if d.RFC7489 != "" {
		text += fmt.Sprintf(" (%s at receivers that still follow RFC 7489)", d.RFC7489)
	}
	return append(list, check{"DMARC", text})
}

// spfText says what SPF of today is, or why it was not checked.
func spfText(m *message.Analysis) string {
	b := m.Border
	switch {
	case m.SPF != nil:
		why := strings.TrimSpace(m.SPF.Term + " " + m.SPF.Reason)
		if why != "" {
			why = " (" + why + ")"
		}
		return fmt.Sprintf("%s for %s from %s%s", m.SPF.Result, m.SPF.Domain, m.SPF.IP, why)
	case m.Answer.Verdict == message.Internal:
		return "not checked: the message is internal"
	case b == nil || b.Missing:
		return "not checked: the client's address is not known"
	case b.SignedIn:
		return "not checked: the client signed in"
	case b.Uncertain != "":
		return "not checked: " + b.Uncertain
	case b.FromHeader == "":
		return "not checked: the envelope sender is not in this message"
	}
	return "not checked: " + b.IP + " is not a public address"
}

// recheck writes what --check found.
func (t *printer) recheck(x *Explanation) {
	if !x.checked {
		return
	}
	t.heading("CHECKED NOW (with the current DNS)")
	for _, c := range rechecked(x.message) {
		t.row(c.name, "%s", c.text)
	}
	t.gap()
}
