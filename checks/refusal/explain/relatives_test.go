package explain

import (
	"strings"
	"testing"
)

// relatives hold texts of one kind by the row that explains them, with others that sound alike.
var relatives = map[string]string{
	// A program met a connection that ended without an answer; with a code, the code is the answer.
	`Expected response code 250 but got code "", with message ""`:                                "common.timeout",
	`Swift_TransportException: Expected response code 354 but got code "", with message ""`:      "common.timeout",
	`Expected response code "250" but got empty code.`:                                           "common.timeout",
	`Expected response code 220 but got an empty response`:                                       "common.timeout",
	`Expected response code 250 but got code "550", with message "550 5.1.1 User unknown"`:       "common.user-unknown",
	`Expected response code 250 but got code "552", with message "552 message line is too long"`: "common.format-line",

	// Sizes of a message, and of a mailbox.
	"554 Message rejected: Stream is more than 10485760 bytes long.": "common.too-large",
	"552 The message has more than 20971520 bytes":                   "common.too-large",
	"552 mailbox has exceeded its limit of 10485760 bytes":           "common.mailbox-full",

	// An address without a domain: of a recipient, of the sender.
	"501 <root>: recipient address must contain a domain":            "common.recipient-syntax",
	"501 <www-data@localhost>: sender address must contain a domain": "common.sender-rejected",

	// A certificate, whatever a program writes before its state.
	"STARTTLS upgrade failed: unexpected EOF (certificate has expired)":                           "common.tls-certificate-expired",
	"SMTP: upgrade to TLS via STARTTLS failed: certificate has expired":                           "common.tls-certificate-expired",
	"Connection error: certificate verify failed (self-signed certificate)":                       "common.tls-certificate-untrusted",
	"Upgrade your mailbox now, your storage is almost full, click here":                           "",
	"SMTP connection failure: certificate verify failed (unable to get local issuer certificate)": "common.tls-certificate-untrusted",

	// Yandex: the password is right, and the account must prove who it is, or lacks a right.
	"535 5.7.8 Error: authentication failed: Your message looks like spam. You need to use web for sending or prove you are not a robot using the following link http://ya.cc/x": "yandex.sending-suspended",
	"535 5.7.8 Error: authentication failed: This user does not have access rights to this service":                                                                              "yandex.auth-app-password",
	"535 5.7.8 Error: authentication failed: Invalid user or password!":                                                                                                          "common.auth-failed",

	// After a sign-in that went well, a reply about an address is not one to AUTH.
	"AUTH LOGIN\n334 VXNlcm5hbWU6\nx\n334 UGFzc3dvcmQ6\nSMTP Delivery Error: 554, b'5.0.0 Error: transaction failed: unknown sender address')": "common.sender-rejected",
	"AUTH LOGIN\n334 VXNlcm5hbWU6\nx\n334 UGFzc3dvcmQ6\n535 Authentication failed":                                                             "common.auth-failed",

	// Outlook's numbers are the same in every language.
	"L’erreur est [0x80070005-0x000004dc-0x00000524].":      "exo.send-as-denied-store",
	"Der Fehler lautet [0x80070005-0x000004dc-0x00000524].": "exo.send-as-denied-store",
	"Fehler 0x80070005 beim Installieren des Updates":       "",

	// The own server's files.
	"2021-08-25 20:26:49 1mIxbt-0001eM-09 Tainted filename '/etc/exim4/domains/a.example/ip'":                                                                                                        "common.own-files",
	`2021-08-25 20:26:49 1mIxbt-0001eM-09 == b@a.example R=dnslookup T=remote_smtp defer (-1): failed to expand "interface" option: Permission denied (euid=108)`:                                    "common.own-files",
	"2021-08-25 20:26:49 1mIxbt-0001eM-09 == u@a.example R=local T=local_delivery defer (13): Permission denied":                                                                                     "common.own-files",
	"postfix/local[1]: A1: to=<u@a.example>, relay=local, dsn=4.2.0, status=deferred (cannot update mailbox /var/mail/u for user u. unable to create lock file /var/mail/u.lock: Permission denied)": "common.own-files",
	"550 5.7.1 Permission denied":                    "*",
	"bash: /etc/exim4/exim4.conf: Permission denied": "",

	// Haraka, after all servers of a domain.
	"<user@fabrikam.example>: Too many failures (Tried all MXs)": "common.expired",
	"421 4.7.0 Too many failures, closing connection":            "*",
}

// frames are what people and programs write around a text.
var frames = []string{"%s", "> %s", "Hello,\n\nsince this morning we get this:\n\n%s\n\nThanks", "Bei uns kommt seit gestern:\n\n%s\n\nWas tun?"}

func TestRelatives(t *testing.T) {
	for text, want := range relatives {
		for i, frame := range frames {
			if i > 0 && (want == "" || strings.Contains(text, "\n")) {
				continue
			}
			x, err := Explain(t.Context(), "", []byte(strings.Replace(frame, "%s", text, 1)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(x.replies) > 0 && x.replies[0].known() {
				got = x.replies[0].rows[0].Row.ID
			}
			switch {
			case want == "*" && got != "common.own-files" && got != "common.expired":
			case got != want:
				t.Errorf("%q: %q, want %q", strings.Replace(frame, "%s", text, 1), got, want)
			}
		}
	}
}
