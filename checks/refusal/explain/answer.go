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
	groups := grouped(rs)
	if !slices.ContainsFunc(groups, refused) {
		return rs
	}
	dialogue := slices.ContainsFunc(groups, isStep)
	groups = slices.DeleteFunc(groups, accepted)
	if !slices.ContainsFunc(groups, func(g []reply) bool { return !aftermath(g) }) {
		return slices.Concat(groups...)
	}
	groups = slices.DeleteFunc(groups, aftermath)
	groups = withoutRepeats(groups)
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

// aftermath reports whether a reply only says that a command before it failed.
func aftermath(g []reply) bool {
	r := &g[0]
	outOfOrder := r.Code == 503 && (!r.known() || strings.Contains(r.rows[0].Row.ID, "protocol"))
	return r.Source == bounce.FromText && (outOfOrder || follows().MatchString(r.Text))
}

var follows = kit.Lazily(`(?i)^\W*(?:error: )?(?:no valid recipients|valid RCPT command must precede|need RCPT|RCPT first|MAIL first|bad sequence of commands|send (?:RCPT|MAIL) first)`)

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
		if len(g) == 1 && slices.ContainsFunc(groups[:i], func(h []reply) bool { return h[0].repeats(&g[0]) }) {
			continue
		}
		out = append(out, g)
	}
	return out
}

// repeats reports whether the words of another reply with the same codes begin those of r.
func (r *reply) repeats(o *reply) bool {
	return r.Code == o.Code && (o.Enhanced == "" || r.Enhanced == o.Enhanced) && (o.Recipient == "" || o.Recipient == r.Recipient) && o.Text != "" && strings.HasPrefix(r.Text, o.Text)
}
