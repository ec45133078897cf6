package submission

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// envelope judges MAIL FROM or RCPT TO.
func (v verdict) envelope(claim, address string, st *smtpprobe.Step) report.Finding {
	switch {
	case st.Err != nil:
		return under(v.interrupted(claim, "cut off at "+st.Command, st))
	case st.OK():
		y := under(v.make(report.Pass, "", claim, "%s is accepted", address))
		y.Evidence = v.said(st)
		return y
	}
	return v.refused(claim, st)
}

// signInOnly reports whether a reply to MAIL or RCPT means that the server takes
// mail on this port only after sign-in: it is a submission port (RFC 6409 4.3),
// nobody signed in, and the reply is not about an address (X.1.X), a size (X.3.X,
// X.2.X) or the syntax (X.5.2, X.5.4, 500 to 502).
func (v verdict) signInOnly(claim string, r *smtpprobe.Reply) bool {
	if claim == "login" || v.Auth != nil || !v.submission() || r.Code/100 != 5 {
		return false
	}
	subject, _, _ := strings.Cut(strings.TrimPrefix(r.Enhanced, "5."), ".")
	switch {
	case r.Code == 530: // RFC 4954 6
		return true
	case r.Code < 503 || r.Code == 552 || r.Code == 555:
		return false
	case r.Enhanced == "":
		return true
	}
	return subject == "7" || subject == "0" || r.Enhanced == "5.5.1" // RFC 3463 3
}

// askSignIn is the finding of a server that wants a sign-in first.
func (v verdict) askSignIn(claim string, st *smtpprobe.Step) report.Finding {
	y := under(v.make(report.Fail, report.CauseInput, claim, "%s accepts mail on port %d only after sign-in", v.Host, v.Port))
	y.Data = map[string]any{"code": st.Reply.Code, "enhanced": st.Reply.Enhanced}
	y.Evidence = v.said(st)
	return advise(y, report.OwnerYou, "Add --user USER. Set user name and password in the device too.", "RFC 6409 4.3", "RFC 4954 6")
}

// explain returns what the catalog of replies says of a refusal, the best first.
func (t target) explain(claim string, r *smtpprobe.Reply) []replies.Explanation {
	q := replies.Query{Code: r.Code, Enhanced: r.Enhanced, Text: r.Text(), Other: t.cloud == nil}
	if claim == "login" {
		q.Stage = replies.StageAuth
	}
	if t.cloud != nil {
		q.Provider = replies.ExchangeOnline
	}
	all := replies.Explain(q)
	if claim == "login" { // no address was named yet: the class of a code is about delivery; and AUTH was offered
		all = slices.DeleteFunc(all, func(x replies.Explanation) bool {
			return x.Row.ID == "common.auth-not-offered" || x.By == replies.ByClass && (x.Row.Owner == report.OwnerRecipient || x.Row.Owner == replies.OwnerSender)
		})
	}
	if q.Text != "" && len(all) > 0 && all[0].Row.Provider == replies.ExchangeOnline && !t.exchange(q.Text) && !microsoftsOwn(all[0]) {
		q.Text = "" // many servers use the same words, and their users have no tenant
		return replies.Explain(q)
	}
	return all
}

// microsoftsOwn reports whether a reply has the words and a code that only Microsoft 365
// has: then it passes on what that said, whatever the host is called.
func microsoftsOwn(x replies.Explanation) bool { return x.By == replies.ByText && x.Evidence.Private }

// exchange reports whether the host's name or what it says shows that it is
// Microsoft's.
func (t target) exchange(text string) bool {
	return t.cloud != nil || slices.Contains(replies.Providers(t.Host+" "+text), replies.ExchangeOnline)
}

// recognize names the row of the catalog for a reply, before its text may be
// withheld.
func (t target) recognize(p smtpprobe.Phase, r *smtpprobe.Reply) string {
	claim := map[smtpprobe.Phase]string{smtpprobe.PhaseAuth: "login", smtpprobe.PhaseMail: "sender", smtpprobe.PhaseRcpt: "recipient"}[p]
	if claim == "" || r.Code < 400 {
		return ""
	}
	all := t.explain(claim, r)
	if len(all) == 0 || !all[0].Known() {
		return ""
	}
	return all[0].Row.ID
}

// meaning returns the row for a reply, and whether the reply is known.
func (v verdict) meaning(claim string, r *smtpprobe.Reply) (row replies.Row, known bool) {
	if r.Withheld {
		return replies.ByID(r.Known)
	}
	all := v.explain(claim, r)
	if len(all) == 0 {
		return row, false
	}
	return all[0].Row, all[0].Known()
}

// postponed names what a claim is about.
var postponed = map[string]string{"login": "sign-in", "sender": "sender", "recipient": "recipient"}

// refused explains a refusal by its stage and the catalog of replies.
func (v verdict) refused(claim string, st *smtpprobe.Step) report.Finding {
	r := st.Reply
	switch {
	case r.Code < 400:
		return v.outOfTurn(claim, st)
	case v.signInOnly(claim, r):
		return v.askSignIn(claim, st)
	case v.has(claim, r) != "":
		return v.contradicted(claim, st)
	}
	row, known := v.meaning(claim, r)
	if row.ID == "common.helo" {
		return under(v.rejectedName(claim, st))
	}
	if claim == "login" && !known && r.Code >= 500 && r.Code <= 503 {
		return v.notUnderstood(claim, st)
	}
	if row.ID == "" && r.Code/100 == 4 {
		y := under(v.refusal(claim, "the server postponed the "+postponed[claim], st))
		y.Data = map[string]any{"code": r.Code, "enhanced": r.Enhanced}
		return y
	}
	summary := strings.TrimSuffix(row.Meaning, ".")
	if !known || summary == "" {
		summary = fmt.Sprintf("rejected with an unknown reply: %s", kit.ClipLine(r.String(), 160))
	}
	status, cause := v.weigh(r, row)
	y := under(v.make(status, cause, claim, "%s", summary))
	if y.Fix = v.fixOf(row); v.ofOperator(claim, r, row, known) {
		y.Cause, y.Fix = v.owns(), &report.Fix{Owner: v.renewer(), Links: y.Fix.Links,
			Text: "The sign-in was accepted, so a setting or the state of this server causes the reply. Send it to the server's operator."}
	}
	y.Data = map[string]any{"code": r.Code, "enhanced": r.Enhanced, "reply": row.ID}
	y.Evidence = v.said(st) // the whole conversation is with submission.auth
	if !known && row.Meaning != "" {
		y.Evidence = append(y.Evidence, report.Evidence{Kind: "rule", Text: row.Meaning, Link: row.Source})
	}
	if row.Confidence == replies.Unconfirmed {
		y.Evidence[0].Note = "no published source confirms this explanation"
	}
	return y
}

// notUnderstood is the finding of a server that offers a sign-in and does not know
// its command. RFC 4954 3
func (v verdict) notUnderstood(claim string, st *smtpprobe.Step) report.Finding {
	y := under(v.broken(claim, "the server offers a sign-in, and then does not understand it: %s", kit.ClipLine(st.Reply.String(), 160)))
	y.Data = map[string]any{"code": st.Reply.Code, "enhanced": st.Reply.Enhanced}
	y.Evidence = v.said(st)
	return advise(y, v.repairer(), "Check the sign-in settings of the server, and whether a proxy or firewall in front of it alters the commands.", "RFC 4954 3", "RFC 5321 4.2.4")
}

// ofOperator reports whether only the operator of the server can say why it refuses
// an envelope: nobody knows the reply, or the row speaks of the server of a recipient,
// and this is the one that the account sends through. What is wrong with a mailbox
// (X.1.X, X.2.X) the row says better.
func (v verdict) ofOperator(claim string, r *smtpprobe.Reply, row replies.Row, known bool) bool {
	if claim == "login" || v.s.Auth == nil || !v.s.Auth.Success || !v.submission() {
		return false
	}
	_, rest, _ := strings.Cut(r.Enhanced, ".")
	mailbox := strings.HasPrefix(rest, "1.") || strings.HasPrefix(rest, "2.")
	return !known && r.Code/100 == 5 || row.Owner == report.OwnerRecipient && !mailbox
}

// outOfTurn is the finding of a reply that neither accepts nor refuses: another one
// than the command has. RFC 4954 4, RFC 5321 4.3.2
func (v verdict) outOfTurn(claim string, st *smtpprobe.Step) report.Finding {
	y := under(v.make(report.Unknown, v.cause(), claim, "the reply neither accepts nor rejects the %s: %s", postponed[claim],
		kit.ClipLine(st.Reply.String(), 160)))
	y.Data = map[string]any{"code": st.Reply.Code, "enhanced": st.Reply.Enhanced}
	y.Evidence = v.said(st)
	return advise(y, v.repairer(), "The server, or a proxy in front of it, does not follow the protocol. Update it.", "RFC 4954 4", "RFC 5321 4.3.2")
}

var (
	wantsTLS = kit.Lazily(`(?i)\b(must|need|require\w*|first)\b.*\b(starttls|tls|ssl|encrypt\w*)|\b(starttls|tls|ssl|encrypt\w*)\b.*\b(must|need\w*|require\w*|first)\b` +
		`|\b(non-?|in|un)secured? (connection|channel)|\bun-?encrypted (connection|channel)|\bsecure (connection|channel) (is )?(required|needed)`)
	wantsSignIn = kit.Lazily(`(?i)\bauthenticat\w+ (is )?(required|needed)\b|\b(must|need to|please) (first )?(authenticate|log ?in|sign in)\b` +
		`|\bnot (logged|signed) in\b|\b(send|use) auth\b.*\bfirst\b`)
)

// has returns what a reply demands although the connection has it already: TLS, or a
// sign-in that was just accepted.
func (v verdict) has(claim string, r *smtpprobe.Reply) string {
	switch text := r.Text(); {
	case r.Withheld || r.Code/100 != 5:
	case v.s.TLS != nil && demandsTLS(claim, r):
		return "an encrypted connection"
	case claim != "login" && v.s.Auth != nil && v.s.Auth.Success && wantsSignIn().MatchString(text):
		return "a sign-in"
	}
	return ""
}

// demandsTLS reports whether a reply says that TLS must come first: by its code
// (RFC 4954 6: 538; RFC 5248 2.4: 523, 524, X.7.10, X.7.11) or, where such a reply is
// expected, by its words.
func demandsTLS(claim string, r *smtpprobe.Reply) bool {
	text := strings.ToLower(r.Text())
	switch {
	case r.Code == 538, r.Code == 523, r.Code == 524, r.Enhanced == "5.7.10", r.Enhanced == "5.7.11":
		return true
	case strings.Contains(text, "certificate"):
		return false
	}
	return (claim == "login" || r.Code == 530 || strings.Contains(text, "starttls")) && wantsTLS().MatchString(text)
}

// contradicted is the finding of a reply that demands what is there.
func (v verdict) contradicted(claim string, st *smtpprobe.Step) report.Finding {
	y := under(v.make(report.Unknown, v.cause(), claim, "the server asks for %s, and this connection has it: %s", v.has(claim, st.Reply),
		kit.ClipLine(st.Reply.String(), 160)))
	y.Data = map[string]any{"code": st.Reply.Code, "enhanced": st.Reply.Enhanced}
	y.Evidence = v.said(st)
	return advise(y, v.repairer(), "Probably a proxy in front of the server ends TLS or the sign-in, and the server behind it does not know. "+
		"Let the proxy pass that on, or pass the connection through unchanged.", "RFC 3207 4", "RFC 4954 6")
}

// weigh returns how bad a refusal is and whose fault. A temporary one (RFC 5321
// 4.2.1) is never the domain's: greylisting, load and limits pass.
func (v verdict) weigh(r *smtpprobe.Reply, row replies.Row) (report.Status, report.Cause) {
	cause := v.causeOf(row.Owner)
	if r.Code/100 != 4 {
		return report.Fail, cause
	}
	if cause == report.CauseDomain {
		cause = v.owns()
	}
	return report.Unknown, cause
}

// causeOf returns whose fault a refusal is by who must act on it.
func (v verdict) causeOf(owner string) report.Cause {
	switch owner {
	case report.OwnerM365, replies.OwnerSender, report.OwnerDNS:
		return report.CauseDomain
	case report.OwnerUser, report.OwnerYou:
		return report.CauseInput
	case report.OwnerMicrosoft:
		return report.CauseMicrosoft
	case report.OwnerNetwork:
		return report.CauseNetwork
	}
	return report.CauseRemote
}

// fixOf makes a fix of a row of the catalog, with the user's own addresses.
func (v verdict) fixOf(row replies.Row) *report.Fix {
	fix := &report.Fix{Owner: row.Owner, Text: strings.Join(row.Fix, " ")}
	if fix.Owner == "" {
		fix.Owner = report.OwnerYou
	}
	if fix.Text == "" {
		fix.Text = "Send the reply to the server's administrator."
	}
	if row.Portal != "" {
		fix.Text += " (" + row.Portal + ")"
	}
	user := ""
	if v.Auth != nil {
		user = v.Auth.User
	}
	for _, c := range row.Commands {
		c = strings.ReplaceAll(c, "user@contoso.com", orElse(user, "user@contoso.com"))
		c = strings.ReplaceAll(c, "account@contoso.com", orElse(user, "account@contoso.com"))
		c = strings.ReplaceAll(c, "sender@contoso.com", orElse(v.From, "sender@contoso.com"))
		fix.Commands = append(fix.Commands, c)
	}
	if row.Source != "" {
		fix.Links = []string{row.Source}
	}
	return fix
}

// orElse returns s as an argument of PowerShell, or other if s is empty.
func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return psQuote(s)
}

// psQuote writes an argument of PowerShell.
func psQuote(s string) string {
	plain := strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.@_+-") == ""
	if plain && s != "" && s[0] != '-' && s[0] != '@' {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
