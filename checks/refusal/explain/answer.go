package explain

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
)

// chosen returns the replies of a text that are its answer: what was accepted is only
// context of what was refused, and so is what a server says of commands that follow a
// refused one. Of the dialogue of one message the last refusal comes first.
func chosen(rs []reply) []reply {
	groups := slices.DeleteFunc(grouped(rs), afterQuit)
	if !slices.ContainsFunc(groups, refused) {
		return slices.Concat(groups...)
	}
	dialogue := slices.ContainsFunc(groups, isStep)
	groups = withoutRepeats(slices.DeleteFunc(withoutAftermath(groups), accepted))
	if last := len(groups) - 1; dialogue && last > 0 && groups[last][0].known() && sameMessage(groups) {
		groups = slices.Insert(groups[:last], 0, groups[last])
	}
	return slices.Concat(groups...)
}

// grouped puts each reply together with those that are quoted within it.
func grouped(rs []reply) (groups [][]reply) {
	for _, r := range rs {
		if n := len(groups); n > 0 && r.Inner {
			groups[n-1] = append(groups[n-1], r)
			continue
		}
		groups = append(groups, []reply{r})
	}
	return groups
}

// accepted reports whether a reply found in a text says that something succeeded.
func accepted(g []reply) bool {
	r := &g[0]
	if r.Source != bounce.FromText || len(g) > 1 {
		return false
	}
	return r.Code/100 == 2 || r.Code == 0 && strings.HasPrefix(r.Enhanced, "2") || outcomeOf(&r.Reply).delivered()
}

// isStep reports whether a reply accepts a command of a dialogue.
func isStep(g []reply) bool { return accepted(g) && g[0].Action == "" }

func refused(g []reply) bool { return !accepted(g) && g[0].Source == bounce.FromText }

// withoutAftermath leaves out each reply to a command that follows a refused one, with
// nothing accepted between them.
func withoutAftermath(groups [][]reply) (out [][]reply) {
	failed := false
	for _, g := range groups {
		switch {
		case failed && aftermath(g):
			continue
		case accepted(g):
			failed = false
		default:
			failed = true
		}
		out = append(out, g)
	}
	return out
}

// aftermath reports whether a reply only says that a command before it failed.
func aftermath(g []reply) bool {
	r := &g[0]
	return r.Source == bounce.FromText && follows().MatchString(r.Text)
}

// afterQuit reports whether a reply is one to QUIT: whatever it is, no message depends on it.
func afterQuit(g []reply) bool {
	return g[0].Command == "QUIT" && refused(g)
}

var follows = kit.Lazily(`(?i)^\W*(?:error: )?(?:no (?:valid )?recipients\b|no valid RCPT|valid RCPT command must precede|(?:need|send|use|issue) (?:RCPT|MAIL)\b|(?:RCPT|MAIL)(?: (?:TO|FROM))? first|(?:bad|improper|wrong) (?:command )?sequence|(?:bad )?sequence of commands|commands? out of sequence)`)

// sameMessage reports whether no two replies are about different recipients.
func sameMessage(groups [][]reply) bool {
	to := ""
	for _, g := range groups {
		if a := g[0].Recipient; a != "" && to != "" && !strings.EqualFold(a, to) {
			return false
		} else if a != "" {
			to = a
		}
	}
	return true
}

// withoutRepeats leaves out each reply of which another one holds the words, too.
func withoutRepeats(groups [][]reply) [][]reply {
	var out [][]reply
	for i, g := range groups {
		if len(g) == 1 && (slices.ContainsFunc(groups[:i], func(h []reply) bool { return h[0].repeats(&g[0]) }) || named(groups, &g[0])) {
			continue
		}
		out = append(out, g)
	}
	return out
}

// named reports whether a code without a reply, as in the title of a question or in a
// field of a dialog, is that of a reply that is known.
func named(groups [][]reply, r *reply) bool {
	if r.Source != bounce.FromText || r.Code == 0 && r.known() || r.Code != 0 && strings.TrimSpace(r.Text) != "" {
		return false
	}
	return slices.ContainsFunc(groups, func(g []reply) bool {
		o := &g[0]
		return r.Code == 0 && o.Enhanced == r.Enhanced && o.known() || r.Code != 0 && o.Code == r.Code && strings.TrimSpace(o.Text) != ""
	})
}

// minRepeated is the number of letters from which on the words of a reply are repeated
// by one that goes on, as a program adds where it failed.
const minRepeated = 12

// repeats reports whether the words of one of two replies with the same codes begin those
// of the other.
func (r *reply) repeats(o *reply) bool {
	if o.Code != 0 && r.Code != o.Code || o.Enhanced != "" && r.Enhanced != o.Enhanced || o.Recipient != "" && o.Recipient != r.Recipient || o.Text == "" {
		return false
	}
	text := strings.TrimRight(o.Text, ` "'.`)
	return text != "" && strings.HasPrefix(r.Text, text) || len(r.Text) >= minRepeated && strings.HasPrefix(o.Text, r.Text)
}
