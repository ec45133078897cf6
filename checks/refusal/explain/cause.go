package explain

import (
	"strings"

	"maildiag/checks/refusal/replies"
)

// cause is what the sender of a message needs to know of a reply, whatever its
// wording is.
type cause string

const (
	causeDelivered   cause = "delivered"
	causePassedOn    cause = "passed-on"    // to a server or list that reports nothing back
	causeUnclear     cause = "unclear"      // the report contradicts itself
	causeDelayed     cause = "delayed"      // the server keeps trying
	causeExpired     cause = "expired"      // it stopped trying
	causeNotNow      cause = "not-now"      // refused for good by a server whose problem is temporary
	causeNoRecipient cause = "no-recipient" // the address does not exist
	causeFull        cause = "mailbox-full"
	causeTooLarge    cause = "too-large"
	causeSpam        cause = "spam"        // or the reputation of the sender
	causeSenderAuth  cause = "sender-auth" // SPF, DKIM or DMARC
	causeSignIn      cause = "sign-in"
	causeConfig      cause = "configuration" // of a mail system, such as relaying
	causeRestricted  cause = "restricted"    // the sender may not write to the recipient
	causeLimit       cause = "limit"         // too many messages
	causeContent     cause = "content"       // or an attachment
	causeOwnPolicy   cause = "own-policy"    // a rule of the sender's organization
	causeOwnBlocked  cause = "own-blocked"   // the sender's account or organization may not send
	causeOther       cause = "other"         // known, and none of these
	causeUnknown     cause = "unknown"
	causeNoMessage   cause = "no-message" // nothing shows what became of a message, or that there was one
)

// causeOf classes a reply; best is the one that explains it.
func causeOf(r, best *reply) cause {
	why := reasonOf(best)
	if len(best.rows) == 0 {
		return causeUnknown
	}
	switch m := &best.rows[0]; outcomeOf(&r.Reply).next(m, &r.Reply) {
	case nextUnclear:
		return causeUnclear
	case nextNothing:
		return acceptedAs(r)
	case nextRetry:
		return causeDelayed
	case nextGaveUp:
		if temporary(r, m) {
			return causeExpired
		}
	case nextAgain:
		if why == causeOther {
			return causeNotNow
		}
	case nextClient:
		if (why == causeOther || why == causeUnknown) && sideOf(m.Row.Owner) != sideOwn {
			return causeNotNow
		}
	}
	return why
}

// acceptedAs returns what is known of a message of which nothing failed.
func acceptedAs(r *reply) cause {
	switch {
	case r.Action == "relayed", r.Action == "expanded":
		return causePassedOn
	case r.Action == "delivered":
		return causeDelivered
	case r.Queued():
		return causePassedOn
	}
	return causeNoMessage // a command was accepted; the message is not known to be
}

// temporary reports whether a reply asks to try again.
func temporary(r *reply, m *replies.Explanation) bool {
	switch {
	case r.Code != 0:
		return r.Code >= 400 && r.Code < 500
	case r.Enhanced != "":
		return r.Enhanced[0] == '4'
	}
	return m.Row.Duration == replies.Temporary
}

// reasonOf classes the row that explains a reply.
func reasonOf(r *reply) cause {
	if !r.known() {
		return causeUnknown
	}
	why := reasonOfRow(&r.rows[0].Row, r.Enhanced, r.Code)
	if other := r.other(); other != nil && reasonOfRow(other, r.Enhanced, r.Code) != why {
		return causeUnknown
	}
	return why
}

// causeWords class the rows of the catalog by words in their IDs; the first
// that is there decides.
var causeWords = []struct {
	word  string
	cause cause
}{
	{".blocked.", causeOther}, {"recipient-missing", causeNoRecipient},
	{"client-not-authenticated", causeConfig}, {".auth-required.", causeConfig}, {"app-password", causeConfig},
	{"blocked-by-recipient", causeRestricted}, {"sender-blocked", causeRestricted}, {"envelope-blocked", causeRestricted}, {"recipient-blocked", causeRestricted},
	{"sending-suspended", causeOwnBlocked}, {"null-sender", causeConfig},
	{"certificate", causeConfig}, {"dane", causeConfig}, {"approval-expired", causeRestricted},
	{"password-guessing", causeNoMessage}, {"pipelining", causeNoMessage}, {"summary", causeNoMessage}, {"verdict", causeNoMessage}, {"auth-not-offered", causeConfig}, {"auth-transition", causeSignIn},
	{"sandbox", causeOwnBlocked}, {"credits", causeOwnBlocked}, {"client-ip", causeConfig}, {"ip-direct", causeConfig},
	{"smtpauth", causeSignIn}, {"auth-temporary", causeSignIn}, {"auth-level", causeSenderAuth},
	{"unauthenticated", causeSenderAuth}, {"not-authenticated-org", causeRestricted}, {"auth-", causeSignIn},
	{"not-authenticated", causeSignIn}, {"basic-retired", causeSignIn}, {"no-exchange-auth", causeConfig},
	{"restricted-user", causeOwnBlocked}, {"spam-abuse", causeOwnBlocked}, {"banned-sender", causeOwnBlocked},
	{"tenant-threshold", causeOwnBlocked}, {"pool-not-accepted", causeOwnBlocked}, {"bad-connector", causeOwnBlocked},
	{"unregistered-domain", causeOwnBlocked}, {"direct-send", causeOwnPolicy}, {"dlp", causeOwnPolicy},
	{"login-mismatch", causeOwnPolicy}, {"login", causeSignIn},
	{"dmarc", causeSenderAuth}, {"spf", causeSenderAuth}, {"dkim", causeSenderAuth},
	{"alignment", causeSenderAuth}, {"spoof", causeSenderAuth},
	{"internal", causeRestricted}, {"allowed-senders", causeRestricted}, {"sender-restricted", causeRestricted},
	{"send-as", causeOwnPolicy}, {"rule-", causeRestricted}, {"outdated", causeConfig},
	{"recipient-rejected", causeRestricted}, {"sender-denied", causeRestricted},
	{"customer-blocklist", causeRestricted}, {"ip-rejected-by-recipient", causeRestricted},
	{"auto-forward", causeOwnPolicy}, {"tenant-block-list", causeOwnPolicy},
	{"mailbox-full", causeFull}, {"size", causeTooLarge}, {"too-large", causeTooLarge},
	{"user-unknown", causeNoRecipient},
	{"recipient-lookup", causeNoRecipient}, {"recipient-syntax", causeNoRecipient},
	{"domain-not-found", causeNoRecipient}, {"nonexistent-domain", causeNoRecipient},
	{"edge-blocking", causeNoRecipient}, {"mailbox-unavailable", causeNoRecipient}, {"mailbox-disabled", causeNoRecipient},
	{"moved", causeNoRecipient}, {"null-mx", causeNoRecipient}, {"reserved-domain", causeNoRecipient}, {"single-label", causeNoRecipient},
	{"format", causeOther}, {"domain-listed", causeSpam}, {"sender-", causeOther}, {"helo", causeConfig}, {"not-hosted", causeConfig},
	{"virus", causeContent}, {"attachment", causeContent}, {"rtf", causeContent}, {"bare-", causeContent},
	{"several-from", causeContent}, {"from-not-", causeContent},
	{"content-blocked", causeContent}, {"content", causeSpam}, {"spam", causeSpam}, {"block", causeSpam}, {"banned", causeSpam}, {"dnsbl", causeSpam},
	{"reputation", causeSpam}, {"suspicious", causeSpam},
	{"ptr", causeConfig}, {"expired", causeExpired}, {"timeout", causeOther},
	{"rate", causeLimit}, {"limit", causeLimit}, {"quota", causeLimit}, {"threshold", causeLimit},
	{"too-many", causeLimit}, {"relay", causeConfig}, {"loop", causeConfig}, {"tls", causeConfig},
	{"connector", causeConfig}, {"attribution", causeConfig},
}

// codeCauses class the enhanced codes of RFC 3463 and its registry, without
// their class. x.7.1 is missing: it says nothing.
var codeCauses = map[string]cause{
	"1.0": causeNoRecipient, "1.1": causeNoRecipient, "1.2": causeNoRecipient, "1.3": causeNoRecipient,
	"1.6": causeNoRecipient, "1.10": causeNoRecipient, "1.7": causeConfig, "1.8": causeConfig,
	"2.1": causeNoRecipient, "2.2": causeFull, "2.3": causeTooLarge, "2.4": causeConfig, "3.4": causeTooLarge,
	"4.7": causeExpired, "5.3": causeLimit, "7.2": causeRestricted, "7.8": causeSignIn, "7.9": causeSignIn,
	"7.11": causeSignIn, "7.12": causeSignIn, "7.13": causeSignIn, "7.14": causeSignIn, "7.17": causeNoRecipient,
	"7.20": causeSenderAuth, "7.21": causeSenderAuth, "7.22": causeSenderAuth, "7.23": causeSenderAuth,
	"7.24": causeSenderAuth, "7.26": causeSenderAuth, "7.25": causeConfig, "7.28": causeLimit,
	"7.27": causeConfig, "7.10": causeConfig,
}

// subjectCauses class the subjects of enhanced codes. RFC 3463 4
var subjectCauses = map[string]cause{"3": causeConfig, "4": causeConfig, "5": causeConfig, "6": causeContent}

// replyCauses class reply codes that need no enhanced code.
var replyCauses = map[int]cause{
	530: causeSignIn, 534: causeSignIn, 535: causeSignIn, 538: causeSignIn, 454: causeSignIn,
	552: causeTooLarge, 551: causeNoRecipient, 553: causeNoRecipient, 556: causeNoRecipient,
	500: causeConfig, 501: causeConfig, 502: causeConfig, 503: causeConfig, 504: causeConfig, 521: causeConfig,
	523: causeConfig, 525: causeConfig, 555: causeConfig,
}

func causeOfCode(enhanced string) cause {
	_, detail, ok := strings.Cut(enhanced, ".")
	if !ok {
		return causeUnknown
	}
	if c, ok := codeCauses[detail]; ok {
		return c
	}
	subject, number, _ := strings.Cut(detail, ".")
	if c, ok := subjectCauses[subject]; ok && number != "0" {
		return c
	}
	return causeUnknown
}
