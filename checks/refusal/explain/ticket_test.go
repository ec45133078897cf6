package explain

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/refusal/bounce"
	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// allCauses are the causes of [cause].
var allCauses = []cause{causeDelivered, causePassedOn, causeUnclear, causeDelayed, causeExpired, causeNotNow, causeNoRecipient, causeFull, causeTooLarge,
	causeSpam, causeSenderAuth, causeSignIn, causeConfig, causeRestricted, causeLimit, causeContent, causeUnknown,
	causeOwnPolicy, causeOwnBlocked, causeOther, causeNoMessage}

// Every language has every text, with the address where it belongs, and is not
// the English one.
func TestTicketLanguages(t *testing.T) {
	if got := strings.Join(Languages(), " "); got != "en de fr es it nl pt ja" {
		t.Errorf("languages %s", got)
	}
	english := ticketLanguages()[0]
	for i, l := range ticketLanguages() {
		if strings.Count(l.to, "%s") != 1 || strings.Contains(l.subject, "%") || len(l.perCause)+len(ticketSides()[i].perCause) < len(allCauses) {
			t.Errorf("%s: %d causes, %q, %q", l.tag, len(l.perCause), l.subject, l.to)
		}
		w := newWording(l.tag)
		for _, c := range allCauses {
			x, ok := l.perCause.of(c)
			if !ok {
				x, _ = ticketSides()[i].perCause.of(c)
			}
			e, ok := english.perCause.of(c)
			if !ok {
				e, _ = ticketSides()[0].perCause.of(c)
			}
			if x.title == "" || strings.Contains(x.title+x.do, "%") || strings.Count(x.what, "%s") != 1 || x.do == "" {
				t.Errorf("%s, %s: %+v", l.tag, c, x)
			}
			if i > 0 && (x.title == e.title || x.what == e.what || x.do == e.do) {
				t.Errorf("%s, %s is in English", l.tag, c)
			}
			got := w.sentences(c, c.sideOfText(), []string{"50%s-off@x.example"})
			if !strings.Contains(got, "50%s-off@x.example") || strings.Contains(got, "%!") ||
				!strings.HasSuffix(got, x.do) {
				t.Errorf("%s, %s: %q", l.tag, c, got)
			}
		}
	}
}

// The texts of all languages, to be read.
func TestTicketTexts(t *testing.T) {
	var b strings.Builder
	for _, l := range Languages() {
		w := newWording(l)
		for _, c := range allCauses {
			to := []string{"u@fabrikam.com"}
			fmt.Fprintf(&b, "%s %s\n%s\n%s\n%s\n\n", l, c, w.title(c, to), w.sentences(c, "", to), w.sentences(c, "", nil))
		}
	}
	const file = "testdata/ticket-texts.golden"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != b.String() {
		t.Errorf("%s differs (%v); go test -update writes it anew", file, err)
	}
}

func explainedText(code int, enhanced, text, action string) *reply {
	r := &reply{Reply: bounce.Reply{Code: code, Enhanced: enhanced, Text: text, Action: action}}
	r.rows = replies.Explain(replies.Query{Code: code, Enhanced: enhanced, Text: text})
	return r
}

func TestCauseOf(t *testing.T) {
	for _, c := range []struct {
		code                   int
		enhanced, text, action string
		want                   cause
	}{
		{550, "5.1.1", "User unknown", "failed", causeNoRecipient},
		{550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "", causeNoRecipient},
		{550, "5.4.1", "Recipient address rejected: Access denied.", "failed", causeNoRecipient},
		{552, "5.2.2", "Mailbox full", "failed", causeFull},
		{452, "4.2.2", "Mailbox full", "delayed", causeDelayed},
		{452, "4.2.2", "Mailbox full", "failed", causeExpired},
		{552, "5.3.4", "Message size exceeds fixed maximum message size", "failed", causeTooLarge},
		{554, "5.7.1", "Message rejected as spam", "failed", causeSpam},
		{550, "5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using Spamhaus", "failed", causeSpam},
		{550, "5.7.509", "Access denied, sending domain x.example does not pass DMARC verification", "failed",
			causeSenderAuth},
		{550, "5.7.23", "The message was rejected because of Sender Policy Framework violation", "failed",
			causeSenderAuth},
		{535, "5.7.139", "Authentication unsuccessful, basic authentication is disabled.", "", causeSignIn},
		{535, "5.7.8", "Username and Password not accepted", "", causeSignIn},
		{550, "5.7.1", "Unable to relay", "failed", causeConfig},
		{550, "5.7.64", "TenantAttribution; Relay Access Denied", "failed", causeConfig},
		{554, "5.4.14", "Hop count exceeded - possible mail loop", "failed", causeConfig},
		{550, "5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "failed",
			causeRestricted},
		{554, "5.6.11", "Bare linefeeds", "failed", causeContent},
		{451, "4.7.500", "Server busy. Please try again later from [203.0.113.9].", "", causeDelayed},
		{250, "2.0.0", "OK", "", causeNoMessage},
		{250, "2.0.0", "Ok: queued as 4F1", "", causePassedOn},
		{250, "2.6.0", "<a@b.example> [InternalId=1] Queued mail for delivery", "", causePassedOn},
		{250, "2.0.0", "OK 1700000000 x1si2 - gsmtp", "", causeNoMessage},
		{250, "2.1.5", "Recipient OK", "", causeNoMessage},
		{235, "2.7.0", "Authentication successful", "", causeNoMessage},
		{0, "2.0.0", "", "", causeNoMessage},
		{0, "2.0.0", "", "delivered", causeDelivered},
		{250, "2.0.0", "OK", "relayed", causePassedOn},
		{550, "5.7.99", "fnord", "failed", causeUnknown},
		{550, "", "fnord", "failed", causeUnknown},
	} {
		r := explainedText(c.code, c.enhanced, c.text, c.action)
		if got := causeOf(r, r); got != c.want {
			id := "no row"
			if len(r.rows) > 0 {
				id = r.rows[0].Row.ID
			}
			t.Errorf("%d %s %s (%s): %s, want %s", c.code, c.enhanced, c.text, id, got, c.want)
		}
	}
}

// The end user's text of every row names those who must act: the owner of the
// row. A row of the sender's own organization never blames the recipient's side.
func TestTextOwnerOfEveryRow(t *testing.T) {
	blaming := []cause{causeSpam, causeSenderAuth, causeRestricted, causeFull, causeNoRecipient}
	for i, l := range Languages() {
		w := newWording(l)
		config, _ := ticketLanguages()[i].perCause.of(causeConfig)
		acts := map[side]string{sideOwn: config.do}
		for _, t := range ticketSides()[i].do {
			acts[t.about] = t.text
		}
		for _, row := range replies.All() {
			enhanced, code := "", 0
			if len(row.Enhanced) > 0 {
				enhanced = row.Enhanced[0]
			}
			if len(row.Codes) > 0 {
				code = int(row.Codes[0])
			}
			c, who := reasonOfRow(&row, enhanced, code), sideOf(row.Owner)
			if !slices.Contains(allCauses, c) || c == causeUnknown {
				t.Errorf("%s has the cause %q", row.ID, c)
			}
			if row.Owner == report.OwnerM365 && slices.Contains(blaming, c) {
				t.Errorf("%s is of the sender's organization, but its text (%s) blames the recipient's", row.ID, c)
			}
			got := w.sentences(c, who, nil)
			if !c.settled() && c.sideOfText() != who && !strings.HasSuffix(got, acts[who]) {
				t.Errorf("%s, %s (%s): %q", l, row.ID, who, got)
			}
		}
	}
}

// Blocks by the sender's own organization are told as such.
func TestOwnBlocks(t *testing.T) {
	for reply, want := range map[string]cause{
		"550 5.7.520 Access denied, Your organization does not allow external forwarding. AS(7555)":                                           causeOwnPolicy,
		"550 5.7.60 SMTP; Client does not have permissions to send as this sender":                                                            causeOwnPolicy,
		"554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied":                                             causeOwnPolicy,
		"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant":                                        causeSignIn,
		"550 5.1.8 Access denied, bad outbound sender AS(42003)":                                                                              causeOwnBlocked,
		"550 5.7.705 Access denied, tenant has exceeded threshold":                                                                            causeOwnBlocked,
		"550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. AS(7230)":                                         causeOwnBlocked,
		"421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2.":                                 causeConfig,
		"AADSTS53003: Access has been blocked by Conditional Access policies.":                                                                causeSignIn,
		"550 5.7.171 A policy of your organization blocked the message":                                                                       causeOwnPolicy,
		"550 5.7.703 Your message can't be delivered because messages to XXX are blocked by your organization using Tenant Allow Block List.": causeOwnPolicy,
	} {
		x := &Explanation{result: bounce.Read([]byte(reply))}
		x.explain(reply)
		got := notices(x)
		if len(got) != 1 || got[0].cause != want || got[0].who != sideOwn {
			t.Errorf("%s: %+v", reply, got)
		}
	}
}

// Replies of one cause are told once, with all recipients.
func TestNotices(t *testing.T) {
	x := &Explanation{}
	for _, to := range []string{"a@x.example", "b@x.example", "a@x.example"} {
		r := explainedText(550, "5.1.1", "User unknown", "failed")
		r.Recipient = to
		x.replies = append(x.replies, *r)
	}
	full := explainedText(552, "5.2.2", "Mailbox full", "failed")
	full.Recipient = "c@x.example\x1b[31m"
	x.replies = append(x.replies, *full)
	got := notices(x)
	if len(got) != 2 || strings.Join(got[0].to, " ") != "a@x.example b@x.example" || got[1].cause != causeFull ||
		strings.Contains(got[1].to[0], "\x1b") {
		t.Errorf("%+v", got)
	}
}

// TestTicketOfCode writes the ticket of a code alone: a cause only if all that the
// code may mean is of one kind.
func TestTicketOfCode(t *testing.T) {
	for code, want := range map[string]cause{"5.7.64": causeConfig, "5.7.1": causeUnknown, "550": causeUnknown, "5.1.1": causeNoRecipient,
		"421": causeDelayed, "4.7.1": causeDelayed, "250": causeNoMessage, "5.7.606": causeSpam} {
		x := bareRows(code)
		if x == nil {
			t.Errorf("%s: not a code", code)
			continue
		}
		if got, _ := noticeOfCode(x); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

// TestCauseOfRows classes rows that the words of their IDs would mislead.
func TestCauseOfRows(t *testing.T) {
	for text, want := range map[string]cause{
		"550 5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers - gsmtp": causeConfig,
		"554 Message not allowed - [PH01]":                                                  causeSpam,
		"postfix/smtpd[1]: warning: unknown[203.0.113.9]: SASL LOGIN authentication failed": causeNoMessage,
		"550 5.7.1 Greylisted, try again in 300 seconds":                                    causeNotNow,
		"554 Service temporarily unavailable":                                               causeNotNow,
		"503 5.5.1 AUTH command used when not advertised":                                   causeConfig,
		"432 4.7.12 A password transition is needed":                                        causeSignIn,
		"550 Sandbox subdomains are for test purposes only":                                 causeOwnBlocked,
		"550 5.7.1 relay not permitted without authentication":                              causeSignIn,
	} {
		x := &Explanation{result: bounce.Read([]byte(text))}
		x.explain(text)
		if got := notices(x); len(got) != 1 || got[0].cause != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

// TestAddressOfNobodyElse holds that a ticket says that an address does not exist only
// where the sender can correct it, and names no recipient whom the reply does not.
func TestAddressOfNobodyElse(t *testing.T) {
	for text, want := range map[string]notice{
		"550 5.4.1 Recipient address rejected: Access denied. AS(201806281)":              {causeNoRecipient, sideUser, nil},
		"554 5.4.4 [internal] Domain Lookup Failed: no mail hosts for domain exampel.org": {causeNoRecipient, sideUser, nil},
		"550 5.1.2 Host or domain name not found. Name service error: Host not found":     {causeNoRecipient, sideUser, nil},
		"550 5.1.2 all relevant MX records point to non-existent hosts":                   {causeOther, sideRecipient, nil},
		"550 5.1.2 unable to look up relay host smarthost.a.example: Host not found":      {causeOther, sideOwn, nil},
		"554 5.4.4 DNS query failed":                         {causeOther, sideRecipient, nil},
		"554 30 Sorry, this mailbox is disabled (554.30).":   {causeOther, sideRecipient, nil},
		"550 5.2.1 Mailbox disabled, not accepting messages": {causeOther, sideRecipient, nil},
		"550 5.1.11 RESOLVER.ADR.ExRecipNotFound; Recipient not found by Exchange Legacy encapsulated email address lookup": {causeNoRecipient, sideUser, nil},
		"530 5.7.57 Client not authenticated to send mail. [PR1P264CA0049.FRAP264.PROD.OUTLOOK.COM]":                        {causeConfig, sideUser, nil},
		"534 5.7.9 Application-specific password required. gsmtp":                                                           {causeConfig, sideUser, nil},
		"550 5.7.1 The DLP rule of the sender's organization blocked this. TRANSPORT.RULES.RejectMessage":                   {causeOwnPolicy, sideOwn, nil},
		"550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy":                          {causeRestricted, sideRecipient, nil},
	} {
		x := &Explanation{result: bounce.Read([]byte(text))}
		x.explain(text)
		if got := notices(x); len(got) != 1 || got[0].cause != want.cause || got[0].who != want.who || len(got[0].to) > 0 {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"550 Access denied - 0a1b2c3d", "554 5.7.1 Access denied"} {
		x := &Explanation{result: bounce.Read([]byte(text))}
		x.explain(text)
		if got := notices(x); len(got) != 1 || got[0].cause == causeSpam {
			t.Errorf("%s: %+v is called spam", text, got)
		}
	}
}

// TestDelayedInWords holds that what says in words that a message waits is a delay, and
// what says that it came back is none.
func TestDelayedInWords(t *testing.T) {
	for text, want := range map[string]bool{
		"** THIS IS A WARNING MESSAGE ONLY **\n<a@b.example>... Deferred: Connection refused by mail.b.example.\nWill keep trying until message is 5 days old":                    true,
		"Domain a.example has exceeded the max emails per hour (500/500) allowed. Message will be reattempted later":                                                              true,
		"Delivery is delayed to these recipients or groups: a@b.example":                                                                                                          true,
		"There was a temporary problem delivering your message to a@b.example. Gmail will retry for 46 more hours.\nThe recipient server did not accept our requests to connect.": true,
		"Domain a.example has exceeded the max emails per hour (500/500) allowed. Message discarded.":                                                                             false,
		"Delivery to a@b.example failed permanently: Connection refused by mail.b.example":                                                                                        false,
	} {
		x := &Explanation{result: bounce.Read([]byte(text))}
		x.explain(text)
		if got := notices(x); len(got) != 1 || (got[0].cause == causeDelayed) != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
