package replies

import "testing"

// A quota of what may be sent is the sender's, one of space the recipient's.
func TestQuotas(t *testing.T) {
	for reply, want := range map[string]string{
		"550 Message count quota exceeded": "common.rate",
		"552 C13ypH3DXQO9CC140p6S9y Message would take you over your relay quota of 500 Current used: 487": "common.rate",
		"550 Quota d'envoi de mails dépassé":                                "common.rate",
		"550 Quota di invio superata per questo account":                    "common.rate",
		"550 Monthly email quota reached":                                   "common.rate",
		"550 SMTP quota exceeded":                                           "common.rate",
		"554 You have reached your quota of outbound messages":              "common.rate",
		"552 Relay quota exceeded":                                          "common.rate",
		"550 Cuota de envío superada":                                       "common.rate",
		"450 Your account reached its email quota limit.":                   "common.rate",
		"552 5.2.2 Mailbox quota exceeded":                                  "common.mailbox-full",
		"552 Mailbox full, message not sent":                                "common.mailbox-full",
		"552 5.2.2 Error de envío: buzón lleno":                             "common.mailbox-full",
		"552 Nachricht konnte nicht versendet werden: Postfach ist voll":    "common.mailbox-full",
		"552 5.2.2 Over quota":                                              "common.mailbox-full",
		"452 4.2.2 The email account that you tried to reach is over quota": "common.mailbox-full",
		"550 Mail quota exceeded":                                           "common.mailbox-full",
		"552 user has exceeded his disk quota":                              "common.mailbox-full",
		"552 Quota exceeded, mailbox for user is full":                      "common.mailbox-full",
		"552 The recipient's quota is exceeded, the message was not sent":   "common.mailbox-full",
	} {
		code, enhanced, text := split(reply)
		if got := Match(code, enhanced, text); len(got) != 1 || got[0].Row.cause() != want[len("common."):] {
			t.Errorf("%s: %s, want %s", reply, ids(got), want)
		}
	}
}
