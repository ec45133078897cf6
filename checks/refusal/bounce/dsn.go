package bounce

import (
	"strings"
	"unicode/utf8"

	"maildiag/checks/refusal/message/eml"
)

// group is one block of fields of a delivery report.
type group map[string]string

// maxGroups bounds the recipients of one report.
const maxGroups = 500

// groups reads the blocks of fields of a message/delivery-status part: the
// first is about the message, each other about one recipient, RFC 3464 2.1.
// Lines that are no fields are left out.
func groups(text string) []group {
	var all []group
	g, last := group{}, ""
	end := func() {
		if last = ""; len(g) == 0 {
			return
		}
		if len(all) < maxGroups {
			all = append(all, g)
		}
		g = group{}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			end()
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" {
			g[last] = clip(g[last] + " " + strings.TrimLeft(line, " \t"))
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if !ok || name == "" || strings.ContainsAny(name, " \t") {
			continue
		}
		if _, twice := g[name]; twice && name == "final-recipient" {
			end()
		}
		g[name], last = clip(strings.TrimSpace(value)), name
	}
	end()
	return all
}

// clip bounds the value of a field, at a character.
func clip(s string) string {
	if len(s) <= maxReply {
		return s
	}
	end := maxReply
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// value returns the part of a field after its type: "rfc822; user@example.com".
func (g group) value(name string) string {
	v := g[name]
	kind, rest, ok := strings.Cut(v, ";")
	if ok && !strings.ContainsAny(strings.TrimSpace(kind), " @") {
		v = rest
	}
	return strings.TrimSpace(v)
}

// status returns the enhanced code of the Status field, without its comment.
func (g group) status() string {
	v := strings.TrimSpace(g["status"])
	if e, n := enhancedAt(v, 0); n > 0 {
		return e
	}
	return ""
}

func (g group) address(name string) string {
	v := g.value(name)
	if a, _ := lastAddress(v); a != "" {
		return a
	}
	return strings.Trim(v, "<> ")
}

// fromStatus returns the replies of a delivery-status part.
func fromStatus(text string) []Reply {
	var replies []Reply
	reporter := ""
	for _, g := range groups(normalize(text)) {
		if r := g.value("reporting-mta"); r != "" {
			reporter = r
		}
		if !g.ofRecipient() {
			continue
		}
		r := g.reply()
		r.Reporter = reporter
		replies = append(replies, r)
	}
	return replies
}

// ofRecipient reports whether the block is about one recipient. RFC 3464 2.3
func (g group) ofRecipient() bool {
	return g["final-recipient"] != "" || g["original-recipient"] != "" || g["diagnostic-code"] != "" || g["x-actual-recipient"] != "" ||
		g["action"] != "" && g.status() != ""
}

// reply turns the block of one recipient into a reply.
func (g group) reply() Reply {
	r := diagnostic(g.value("diagnostic-code"), g["diagnostic-code"])
	r.Source = FromReport
	r.Recipient = g.address("final-recipient")
	if o := g.address("original-recipient"); r.Recipient == "" || !strings.Contains(r.Recipient, "@") &&
		o != "" {
		r.Recipient = o
	} else if o != "" && !strings.EqualFold(o, r.Recipient) {
		r.Original = o
	}
	r.Action, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(g["action"])), " ")
	if m := g.value("remote-mta"); m != "" {
		r.RemoteMTA, r.RemoteIP = hostAndIP(strings.TrimLeft(m, "("))
	}
	if s := g.status(); precision(s) > precision(r.Enhanced) && precision(r.Enhanced) <= classOnly {
		r.Enhanced = s
	}
	return r
}

// diagnostic reads a Diagnostic-Code field.
func diagnostic(value, whole string) Reply {
	best := Reply{}
	for _, r := range scan(value) {
		if best.Code == 0 && (best.Enhanced == "" || r.Code != 0) {
			best = r
		}
	}
	if best.Code == 0 && best.Enhanced == "" {
		best.Text = strings.Join(strings.Fields(value), " ")
		if best.Text == "" {
			best.Text = strings.Join(strings.Fields(whole), " ")
		}
	}
	return best
}

// classOnly is the precision of 5.0.0.
const classOnly = 1

// precision returns how much an enhanced code says: nothing, the class, the
// subject, or all.
func precision(e string) int {
	switch {
	case e == "":
		return 0
	case strings.HasSuffix(e, ".0.0"):
		return classOnly
	case strings.HasSuffix(e, ".0"):
		return 2
	}
	return 3
}

// reportFields returns the replies of a report's fields that were pasted into a
// text.
func reportFields(text string) []Reply {
	low := eml.Lower(text)
	if !strings.Contains(low, "diagnostic-code:") && !strings.Contains(low, "final-recipient:") && !strings.Contains(low, "action:") {
		return nil
	}
	return fromStatus(text)
}

// merge joins the replies of a report with those of its text: the report says
// who, the text often says why.
func merge(report, text []Reply) []Reply {
	if len(report) == 0 {
		return text
	}
	for i := range report {
		r := &report[i]
		if r.Code != 0 && precision(r.Enhanced) > classOnly {
			continue
		}
		if t := bestFor(text, *r, len(report) == 1); t != nil {
			r.take(*t)
		}
	}
	return report
}

// bestFor picks the reply of the text that is about the recipient of r.
func bestFor(text []Reply, r Reply, only bool) *Reply {
	var best *Reply
	for i := range text {
		t := &text[i]
		if t.Recipient != "" && !strings.EqualFold(t.Recipient, r.Recipient) && !only {
			continue
		}
		if t.Recipient == "" && !only || r.Code != 0 && t.Code != 0 && t.Code != r.Code {
			continue
		}
		if best == nil || better(*t, *best) {
			best = t
		}
	}
	return best
}

// better reports whether a says more than b.
func better(a, b Reply) bool {
	return weight(a) > weight(b)
}

func weight(r Reply) int {
	switch {
	case r.Code == 503 || r.Code == 221 || r.Code >= 200 && r.Code < 400:
		return 0 // the aftermath of a refused command, or what went before it
	case r.Code == 0 && r.Text == "":
		return 0 // a field "Status:", not what someone said
	case r.Code == 0:
		return 2 * precision(r.Enhanced)
	}
	w := 3 + 2*precision(r.Enhanced)
	if len(r.Text) > 3 {
		w++
	}
	if r.remote {
		w++
	}
	return w
}

// take adds to a report's reply what the text knows better.
func (r *Reply) take(t Reply) {
	if r.Code == 0 {
		r.Code = t.Code
	}
	if precision(r.Enhanced) <= classOnly && precision(t.Enhanced) > precision(r.Enhanced) {
		r.Enhanced = t.Enhanced
	}
	if r.Text == "" || len(r.Text) < 8 {
		r.Text = t.Text
	}
	if r.RemoteMTA == "" {
		r.RemoteMTA, r.RemoteIP = t.RemoteMTA, t.RemoteIP
	}
	if r.Trailer == nil {
		r.Trailer = t.Trailer
	}
}
