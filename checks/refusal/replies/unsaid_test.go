package replies

import "testing"

// TestUnsaid holds that no row claims a reply whose words say something else: by a
// word that was changed, a few common words, a code or a stage that contradicts.
func TestUnsaid(t *testing.T) {
	for _, c := range []struct {
		q   Query
		not string // the row that must not explain it
	}{
		// A wording but for the word that says what it is about.
		{Query{Code: 554, Enhanced: "5.7.1", Text: "Message rejected due to house policies"}, "common.virus"},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "Email rejected due to DMARC policies of the sender"}, "common.virus"},
		{Query{Code: 551, Enhanced: "5.7.1", Text: "Not authorised to send from this header field"}, "common.spf"},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "You are not allowed to send to this distribution channel"}, "common.relay-denied"},
		{Query{Code: 550, Text: "Your account has sent too many messages in the last year"}, "common.mailbox-full"},
		// Common words beside another subject.
		{Query{Code: 550, Text: "Sender's policy prohibits this message: Reject"}, "common.sender-rejected"},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "Mail from 203.0.113.4 rejected; see https://www.sorbs.example/lookup"}, "common.user-unknown"},
		{Query{Code: 550, Text: "Message rejected by sender policy 17 of the quota keeper"}, "common.sender-rejected"},
		{Query{Code: 550, Text: "mail not accepted from sender, greylist of the house"}, "common.sender-rejected"},
		// The clause says whose it is.
		{Query{Code: 550, Text: "From address does not exist here"}, "common.user-unknown"},
		{Query{Code: 553, Text: "Domain of the sender does not resolve today"}, "common.domain-not-found"},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "<mail>: Helo command rejected: Host not found"}, "common.domain-not-found"},
		// "Wait" said by common words, and a code that is final.
		{Query{Code: 554, Enhanced: "5.2.0", Text: "STOREDRV.Submission.Exception:MailboxOnStrikeException; Failed to process message due to a permanent exception"}, "exo.store-temporary"},
		{Query{Code: 550, Enhanced: "5.2.0", Text: "STOREDRV.Deliver; delivery result banner"}, "exo.store-temporary"},
		// The registry's meaning of a code, and words about something else.
		{Query{Code: 552, Enhanced: "5.1.1", Text: "Brevlada: user has exceeded what is allotted"}, "rfc.x.1.1"},
		// MAIL FROM names no recipient.
		{Query{Code: 553, Text: "user unknown", Stage: StageMail}, "common.user-unknown"},
		{Query{Code: 550, Text: "mailbox unavailable", Stage: StageMail}, "common.mailbox-unavailable"},
		{Query{Code: 550, Text: "domain not found", Stage: StageMail}, "common.domain-not-found"},
		// HELO is about the name and the address.
		{Query{Code: 554, Text: "go away now", Stage: StageHelo}, "common.blocked"},
		// "Error:" before a wording is no error of it, and not accepting connections no reputation.
		{Query{Code: 503, Text: "Error: need EHLO and AUTH first !"}, "common.auth-failed"},
		{Query{Code: 554, Text: "not accepting connections"}, "common.ip-reputation"},
		{Query{Code: 451, Enhanced: "4.7.1", Text: "Received too many messages from a new or untrusted IP (G28)"}, "common.recipient-rate"},
	} {
		if m := Explain(c.q); len(m) > 0 && m[0].Known() && m[0].Row.ID == c.not {
			t.Errorf("%+v: %s", c.q, ids(m))
		}
	}
}

// TestSaid holds the other side of it: which row the words lead to.
func TestSaid(t *testing.T) {
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Code: 550, Text: "Host 203.0.113.9 is listed at psbl.surriel.com as a spam source. For removal follow this link"}, "common.dnsbl"},
		{Query{Code: 550, Enhanced: "5.1.1", Text: "Recipient address rejected: undeliverable address: mail for fabrikam.example loops back to myself"}, "common.loop"},
		{Query{Code: 554, Enhanced: "5.2.0", Text: "STOREDRV.Submission.Exception:OutboundSpamException; Failed to process message due to a permanent exception"}, "common.sending-suspended"},
		{Query{Code: 432, Enhanced: "4.3.2", Text: "STOREDRV.Deliver; mailbox server is offline"}, "exo.store-temporary"},
		{Query{Code: 554, Text: "go away now", Stage: StageHelo}, "common.helo"},
		{Query{Code: 503, Text: "Error: need EHLO and AUTH first !"}, "common.auth-required"},
		{Query{Code: 554, Enhanced: "5.7.1", Text: "<a@contoso.example>: Sender address rejected: Access denied"}, "common.blocked-by-recipient"},
		{Query{Code: 553, Text: "From address not verified"}, "common.sender-login-mismatch"},
		{Query{Code: 421, Enhanced: "4.7.0", Text: "[GL01] Message from (203.0.113.9) temporarily deferred", Provider: Yahoo}, "yahoo.deferred"},
		{Query{Code: 501, Text: "Syntax error in arguments", Stage: StageMail}, "common.recipient-syntax"},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "[BFD] Sender prohibited by SPF"}, "common.spf"},
		{Query{Code: 554, Enhanced: "5.7.1", Text: "spf check result is none"}, "common.spf"},
		{Query{Code: 554, Text: "(RTR:DU) http://postmaster.info.aol.com/errors/554rtrdu.html 554 Connecting IP: 203.0.113.6"}, "yahoo.ip-blocked"},
		{Query{Code: 552, Text: "Too much mail data bob@fabrikam.example"}, "common.mailbox-full"},
		{Query{Code: 451, Text: "qq trouble in home directory (#4.3.0)"}, "common.temporary"},
		{Query{Code: 550, Text: "Your message was rejected by this user and was not delivered"}, "common.blocked-by-recipient"},
	} {
		if m := Explain(c.q); len(m) == 0 || !m[0].Known() || m[0].Row.ID != c.want {
			t.Errorf("%+v: %s", c.q, ids(m))
		}
	}
}

// TestRenamed holds that an ID that a report or a ticket names still leads to a row.
func TestRenamed(t *testing.T) {
	for _, ids := range renamed {
		if row, ok := ByID(ids[0]); !ok || row.ID != ids[1] {
			t.Errorf("%s: %q, want %s", ids[0], row.ID, ids[1])
		}
	}
}
