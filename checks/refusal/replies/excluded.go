package replies

import (
	"slices"
	"strings"

	"maildiag/report"
)

// excluded reports whether the codes or the log of a reply rule the row out, whatever
// its words at that place say.
func (r *Row) excluded(q Query, words *wording, at span) bool {
	switch {
	case q.Stage == StageMail && r.Provider == Any && !r.ofSender():
		return true
	case r.tooEarly(q):
		return true
	}
	switch r.ID {
	case "common.blocked":
		return q.Stage == StageHelo || q.Code == 0 && words.refusesConnection(at) // the stage says what is blocked
	case "common.delayed":
		return slices.Contains(words.stems, "long") || strings.Contains(q.Text, "** ") // Exim gave up
	case "common.ip-reputation", "common.dnsbl":
		return q.Code == 0 && words.refusesConnection(at)
	case "common.greylisted":
		return words.onlyWaits(q, at)
	case "common.timeout", "common.timeout-port25":
		return words.refusedBy(q, at) || words.waitedBy(q, at)
	case "common.client-dns":
		return q.Code >= 400 && q.Path != PathSubmission // a server said it, which was found
	case "common.auth-token", "service.api-key":
		return identifier().MatchString(q.Text) // Microsoft's code says more
	case "common.mailbox-unavailable":
		return strings.HasPrefix(q.Enhanced, "4.7.") // a policy, which may pass, RFC 3463 3.8
	case "common.auth-required":
		return strings.HasSuffix(q.Enhanced, ".7.26") // SPF and DKIM failed, RFC 7372 3.3
	case "common.own-files", "common.own-config":
		return words.mentions("quota") || slices.Contains(words.stems, stem("large")) // the mailbox is full
	case "common.password-guessing":
		return slices.Contains(words.stems, "saslauthd") || slices.Contains(words.stems, "generic") || slices.Contains(words.stems, "lost") // the own service is broken
	case "common.client-ip":
		return strings.Contains(q.Text, "to send mail from") // whom SPF names, not an account
	case "barracuda.policy":
		return strings.Contains(q.Text, "blocked using")
	case "common.tls-mode":
		return strings.Contains(q.Text, "-starttls smtp") // the mode is right
	case "common.tls-local":
		return q.Code != 454 && !strings.Contains(q.Text, "-starttls smtp")
	case "exo.dane-expired", "exo.dane-name-mismatch", "exo.dane-no-starttls", "exo.dane-tlsa-invalid":
		return slices.Contains(words.stems, "mta") && slices.Contains(words.stems, stem("sts")) // the other policy, RFC 8461
	case "common.tls-not-offered":
		if q.Code != 0 && slices.Contains(words.stems[at.start:at.end], stem("unencrypted")) {
			return true // a server demands TLS; without a code a program tells that there was none
		}
		return q.Code == 454 // it offered STARTTLS, and then could not, RFC 3207 4
	case "common.auth-failed-disabled":
		return q.Stage != StageAuth // elsewhere, the account is a recipient's
	case "postfix.client-not-authenticated":
		return q.Stage != StageSubmission
	}
	return false
}

// tooEarly reports whether the row is about delivery, and the reply was given at the
// sign-in, where no address was named yet. A row that is seen with 535 is about both.
func (r *Row) tooEarly(q Query) bool {
	if q.Code == 535 && !r.ofSender() {
		return true // RFC 4954 6: only AUTH is answered so
	}
	return q.Stage == StageAuth && !strings.HasPrefix(r.cause(), "auth-") && !slices.Contains(r.Codes, 535) && (r.Owner == report.OwnerRecipient || r.Owner == OwnerSender)
}

// ofSender reports whether the row can explain a refused sender: it is not about a
// recipient, of whom the server has not heard yet.
func (r *Row) ofSender() bool {
	return !slices.ContainsFunc([]string{"user-unknown", "recipient", "mailbox", "domain-not-found", "domain-not-hosted", "moved", "no-recipient"},
		func(start string) bool { return strings.HasPrefix(r.cause(), start) && r.cause() != "recipient-syntax" })
}

// ofNetwork reports whether an enhanced code is of the subject network and routing,
// RFC 3463 3.5.
func ofNetwork(enhanced string) bool {
	return strings.HasPrefix(strings.TrimLeft(enhanced, "45"), ".4.")
}

// onlyWaits reports whether words only ask to wait some time, which any program does, and
// nothing shows mail: no code, no dialogue between servers and no word of it.
func (w *wording) onlyWaits(q Query, at span) bool {
	if q.Code != 0 || q.Enhanced != "" || q.Path == PathDelivery || q.Path == PathIncoming || q.Provider != Any || w.mentions("ofmail") {
		return false
	}
	return slices.ContainsFunc(w.stems[at.start:at.end], func(s string) bool { return class("pause")[s] })
}

// waitedBy reports whether what timed out is something that a server waited for, which was
// reached: it gave a code that is neither of the network (RFC 3463 3.5) nor the one with
// which it closes a connection (421), and no word tells of one.
func (w *wording) waitedBy(q Query, at span) bool {
	if q.Code < 400 || q.Code == 421 || q.Code == 441 || q.Enhanced != "" && ofNetwork(q.Enhanced) || at.end-at.start > 3 {
		return false
	}
	return !slices.ContainsFunc(w.stems, func(s string) bool {
		return slices.Contains([]string{"connect", "connection", "host", "remot", "network", "smtp", "while", "with", "read", "client", "idl"}, s)
	}) && slices.ContainsFunc(w.stems[at.start:at.end], func(s string) bool { return slices.Contains([]string{"timeout", "tim"}, s) })
}

// refusedBy reports whether "connection refused" is what a server said that was
// reached: it gave a code, and not one of the network (RFC 3463 3.5), and does not
// tell of another server that it could not reach.
func (w *wording) refusedBy(q Query, at span) bool {
	if q.Code < 400 || ofNetwork(q.Enhanced) {
		return false
	}
	is := func(stems ...string) func(string) bool {
		return func(s string) bool { return slices.Contains(stems, s) }
	}
	tells := slices.ContainsFunc(w.stems[:at.end], is("connect", "to", "timeout", "while", "remot"))
	return slices.ContainsFunc(w.stems[at.start:at.end], is("refus", "reject", "deni")) && (q.Code >= 500 && !tells || at.start == 0 && !tells)
}

// refusesConnection reports whether "refused" of a wording is what the network says of a
// connection, so that nobody blocks an address.
func (w *wording) refusesConnection(at span) bool {
	for i := max(at.start, 1); i < at.end; i++ {
		if w.stems[i] == "refus" && w.stems[i-1] == stem("connection") {
			return true
		}
	}
	return false
}
