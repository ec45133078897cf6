package explain

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal"
	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/message"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// maxConfirmed is how many replies of one input are confirmed.
const maxConfirmed = 5

// confirm asks the world about each reply that a row explains.
func (f *Options) confirm(ctx context.Context, x *Explanation, w *World, o message.Options) {
	x.checked = true
	env := &kit.Env{Expect: kit.ExpectAny, Cloud: "auto", Resolver: w.Resolver, Now: o.Now,
		IPv4: w.IPv4, IPv6: w.IPv6, TrustAD: w.TrustAD, World: w.World}
	var asked []refusal.Refusal
	for i := range x.replies {
		r := &x.replies[i]
		if !r.known() || len(asked) >= maxConfirmed {
			continue
		}
		for _, row := range r.causes() {
			q := f.refusal(x, r, o)
			q.Row = row.ID
			if slices.ContainsFunc(asked, func(p refusal.Refusal) bool { return sameRefusal(p, q) }) {
				continue
			}
			asked = append(asked, q)
			found := refusal.Confirm(ctx, env, f.Rows, q)
			x.probes = append(x.probes, found...)
			x.confirmed = x.confirmed || refusal.Confirmed(row, found)
		}
	}
	x.probes = slices.CompactFunc(x.probes, func(a, b report.Finding) bool {
		return a.Code == b.Code &&
			a.Summary == b.Summary
	})
}

// causes returns the row that explains a reply, and that of another cause which is
// as likely.
func (r *reply) causes() []*replies.Row {
	rows := []*replies.Row{&r.rows[0].Row}
	if other := r.other(); other != nil {
		rows = append(rows, other)
	}
	return rows
}

func sameRefusal(a, b refusal.Refusal) bool {
	return a.Row == b.Row && a.Recipient == b.Recipient && a.IP == b.IP && a.Sender == b.Sender
}

// refusal gathers from the bounce, and from the message that it holds, what
// the checks need. What the user says wins.
func (f *Options) refusal(x *Explanation, r *reply, o message.Options) refusal.Refusal {
	q := refusal.Refusal{Row: r.rows[0].Row.ID, Recipient: r.Recipient, Server: r.RemoteMTA,
		Reporter: r.Reporter, IP: addressIn(r.Text), WithLocalPart: f.WithLocalPart}
	if p := x.result.Original; p != nil {
		original := message.Header(p, o)
		q.Header = true
		q.From = original.From.Domain
		if b := original.Border; b != nil {
			q.HELO, q.Sender = b.HELO, b.MailFrom
		}
		if q.Sender == "" {
			q.Sender = strings.Trim(p.Get("Return-Path"), "<> ")
		}
		for _, s := range original.DKIM {
			q.Signed = append(q.Signed, refusal.DKIMSigning{Domain: s.Domain, Selector: s.Selector})
		}
	}
	guess(&q, x, r)
	f.override(&q)
	return q
}

// guess fills in what the header of the failed message does not tell: the
// sender is whom the bounce went to, his domain may stand in the reply, and
// the address that sent may be told by Received-SPF.
func guess(q *refusal.Refusal, x *Explanation, r *reply) {
	if q.Sender == "" && x.result.Kind == bounce.KindBounce {
		q.Sender = strings.Trim(x.result.Message.Get("To"), "<> ")
	}
	if q.Recipient == "" {
		q.Recipient = relayedFor(r.Text)
	}
	if q.From == "" {
		q.From = domainIn(r.Text)
	}
	if q.Sender == "" && q.From != "" {
		q.Sender = "postmaster@" + q.From
	}
}

// override sets what the user says.
func (f *Options) override(q *refusal.Refusal) {
	if f.IP != "" {
		q.IP = f.IP
	}
	if f.From != "" {
		q.From = f.From
		if i := strings.LastIndexByte(f.From, '@'); i >= 0 {
			q.Sender, q.From = f.From, f.From[i+1:]
		} else {
			q.Sender = "postmaster@" + f.From
		}
	}
}

// addressIn finds an IP address in brackets in a reply: that of the sender,
// "[203.0.113.9]" or "[203.0.113.9 18]".
func addressIn(text string) string {
	for part := range strings.SplitSeq(text, "[") {
		word, _, _ := strings.Cut(part, "]")
		word, _, _ = strings.Cut(word, " ")
		if a, err := netip.ParseAddr(word); err == nil {
			return a.Unmap().String()
		}
	}
	return ""
}

// relayedFor finds the recipient that a server does not relay to: "Unable to relay
// for bob@fabrikam.com".
func relayedFor(text string) string {
	_, rest, ok := strings.Cut(strings.ToLower(text), "relay for ")
	if words := strings.Fields(rest); ok && len(words) > 0 && strings.Contains(words[0], "@") {
		return strings.Trim(words[0], "<>.,;()\"'")
	}
	return ""
}

// beforeDomain are the words that a sender's domain follows in replies.
var beforeDomain = []string{"sending domain [", "sending domain ", "from domain [", "mail from domain [",
	"email from ", "due to "}

// domainIn finds the sender's domain in a reply.
func domainIn(text string) string {
	low := strings.ToLower(text)
	for _, mark := range beforeDomain {
		_, rest, ok := strings.Cut(low, mark)
		if !ok {
			continue
		}
		d := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" ]'’\"", r) })
		if len(d) > 0 && strings.Contains(d[0], ".") && !strings.Contains(d[0], "/") {
			return strings.Trim(d[0], ".,;")
		}
	}
	return ""
}
