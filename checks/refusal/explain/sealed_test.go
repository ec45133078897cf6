package explain

import (
	"strings"
	"testing"
)

// kinds hold texts of one kind with the row that explains them, and others that sound alike;
// a "!" says that this row must not.
var kinds = map[string]string{
	// What the own filter puts off by a code of security is a rule of it; a part of it that fails is not.
	"Jan 26 21:15:20 mx01 postfix/cleanup[13]: B1: milter-reject: END-OF-MESSAGE from m.example[192.0.2.3]: 4.7.1 Try again later; from=<a@m.example> to=<b@b.example> proto=ESMTP helo=<m.example>":                       "common.temporary own server's filter defers",
	"Feb 05 12:56:33 mx postfix/cleanup[25]: 8A: milter-reject: END-OF-MESSAGE from m.example[192.0.2.3]: 4.7.1  ; from=<a@m.example> to=<b@b.example> proto=ESMTP helo=<m.example>":                                       "common.temporary own server's filter defers",
	"Jan 26 21:15:20 mx01 postfix/cleanup[13]: B1: milter-reject: END-OF-MESSAGE from m.example[192.0.2.3]: 4.7.1 Service unavailable - try again later; from=<a@m.example> to=<b@b.example> proto=ESMTP helo=<m.example>": "common.temporary own mail server, or a service",
	"postfix/smtpd[9]: NOQUEUE: reject: RCPT from m.example[192.0.2.3]: 451 4.3.0 <b@b.example>: Temporary lookup failure; from=<a@m.example> to=<b@b.example> proto=ESMTP helo=<m.example>":                               "common.temporary own mail server, or a service",

	// Gmail slows down a client; another server with these words is not Gmail.
	"SMTPSenderRefused: (421, b'4.7.0 Try again later, closing connection. (MAIL) u12sm5898650wmf.44 - gsmtp', 'a@a.example')": "gmail.rate-client",
	"421 4.7.0 Try again later, closing connection. (EHLO) d75a77b69052e-4a9 - gsmtp":                                          "gmail.rate-client",
	"421 4.3.0 Temporary System Problem. Try again later. d75a77b69052e-4a9 - gsmtp":                                           "!gmail.rate-client",
	"421 4.3.2 mail.fabrikam.example Try again later, closing connection":                                                      "!gmail.rate-client",

	// A recipient without a mailbox database is not mended by waiting.
	"420 4.2.0 Recipient deferred because there is no Mdb":                "exchange.mdb-properties",
	"420 4.2.0 RESOLVER; recipient b@b.example deferred: there is no mdb": "exchange.mdb-properties",
	"432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded":         "!exchange.mdb-properties",

	// Who may send for a domain, by a record of the domain's own.
	"550 5.7.1 This sender is not authorized to send from a.example. See https://bit.ly/domain-lockdown. cfid=a.workers.dev": "mailchannels.domain-lockdown",
	"500 Failed: This sender is not authorized to send from a.example (cfid=b.workers.dev)":                                  "mailchannels.domain-lockdown",
	"550 5.7.1 This sender is not authorized to send from a.example":                                                         "!mailchannels.domain-lockdown",

	// The storage of a domain, of a mailbox, and the size of a message.
	"MailKit.Net.Smtp.SmtpCommandException: '<x@y.example> Domain size limit exceeded'": "common.domain-full",
	"552 5.2.2 Domain quota exceeded":       "common.domain-full",
	"552 Message size limit exceeded":       "common.too-large",
	"552 5.2.2 Mailbox size limit exceeded": "common.mailbox-full",

	// Characters of the subject, and a header that is wrong otherwise.
	"550 Subject contains invalid characters.":                "common.subject-characters",
	"554 Illegal character found in the Subject header":       "common.subject-characters",
	"550 5.6.0 Message rejected: missing subject":             "common.format",
	"553 5.1.3 Recipient address contains invalid characters": "!common.subject-characters",

	// A program in which sending is off, and an account that may not send.
	"WARNING db odoo.addons.base.ir.ir_mail_server: Email sending not enabled": "common.program-off",
	"550 5.7.1 Sending has been disabled for your account":                     "!common.program-off",

	// A web host answers in the place of the provider; the provider, or the set server itself, does not.
	"$mail->Host = \"smtp.zoho.com\";\nSERVER -> CLIENT: 220-server.example.com ESMTP Exim 4.86 #2 Wed\nSMTP ERROR: Password command failed: 535 Incorrect authentication data":         "common.intercepted",
	"'smtp_host' => 'ssl://smtp.gmail.com',\n220-web7.host.example ESMTP Exim 4.92 #2\nFailed to authenticate password. Error: 535 Incorrect authentication data":                       "common.intercepted",
	"$mail->Host = \"mail.fabrikam.example\";\nSERVER -> CLIENT: 220-server.example.com ESMTP Exim 4.86\nSMTP ERROR: Password command failed: 535 Incorrect authentication data":        "common.auth-failed",
	"$mail->Host = \"smtp.gmail.com\";\nSERVER -> CLIENT: 220 smtp.gmail.com ESMTP x - gsmtp\nSMTP ERROR: Password command failed: 535-5.7.8 Username and Password not accepted. gsmtp": "!common.intercepted",

	// Exchange Server's own log of a sign-in; Microsoft 365 shows none.
	"err=\"535 5.7.3 Authentication unsuccessful\"\n\nInbound AUTH LOGIN failed because of LogonDenied\nUser Name: account@gmail.com":                   "exchange.auth-logged",
	"535 5.7.3 Authentication unsuccessful\nInbound authentication failed with error LogonDenied for Receive connector Client. The mechanism is Login.": "exchange.auth-logged",
	"535 5.7.3 Authentication unsuccessful [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]":                                                              "exo.auth-unsuccessful",
}

// TestKinds holds the row of each, and what it says if that is given too.
func TestKinds(t *testing.T) {
	for text, want := range kinds {
		x, err := Explain(t.Context(), "", []byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, says := "", ""
		if len(x.replies) > 0 && x.replies[0].known() {
			got, says = x.replies[0].rows[0].Row.ID, x.replies[0].rows[0].Row.Meaning
		}
		id, part, _ := strings.Cut(want, " ")
		if unwanted, ok := strings.CutPrefix(id, "!"); ok && got != unwanted {
			continue
		}
		if got != id || !strings.Contains(says, part) {
			t.Errorf("%q: %s (%s), want %s", text, got, says, want)
		}
	}
}
