package explain

import (
	"strings"
	"testing"

	"maildiag/report"
)

// What filters and providers write in a form of their own is read by its parts: the mark
// says who speaks, and the words beside it may name another cause.
func TestProvidersForms(t *testing.T) {
	for text, want := range map[string]string{
		"550 permanent failure for one or more recipients (anna@fabrikam.com:blocked)":                             "policy",
		"550 permanent failure for one or more recipients (anna@fabrikam.com:550 User unknown)":                    "user-unknown",
		"550 permanent failure for one or more recipients (anna@fabrikam.com:452 4.2.2 Mailbox full)":              "mailbox-full",
		"550 permanent failure for one or more recipients (anna@fabrikam.com:554 5.7.1 Relay access denied)":       "relay-denied",
		"550 5.7.1 [CS] Message blocked due to spam content in the message. See https://support.mailchannels.com/": "spam",
		"550 5.7.1 [SDNF] Sender Domain Not Found. See https://support.mailchannels.com/":                          "sender-domain",
		"550 Requested action not taken: Local user only":                                                          "relay-denied",
		"550 Requested action not taken: NULL sender is not allowed":                                               "null-sender",
		"553 Requested action not taken: Local user anna not found":                                                "user-unknown",
		"554 <a@pec.fabrikam.com>: Recipient address rejected: la casella non accetta posta non certificata":       "internal-only",
		"5.2.2 - InfoCert S.p.A. - casella piena":                                                                  "mailbox-full",
		"5.1.1 - Poste Italiane S.p.A. - indirizzo non valido":                                                     "rfc.x.1.1",
		"553 Content reject[spam denied] (in reply to end of DATA command)":                                        "spam",
		"550 5.7.1Unauthenticated email from contoso.com is not accepted due to domain's DMARC policy.":            "dmarc",
		"550 5.7.1 Email rejected: authentication failed (SPF fail, DKIM none)":                                    "unauthenticated",
	} {
		if id, _ := firstOf(t, text); !strings.Contains(id, want) {
			t.Errorf("%q: %s, want %s", text, id, want)
		}
	}
}

// A refused sign-in is for an administrator of Microsoft 365 where something shows that
// Microsoft speaks, and for whoever has the password elsewhere.
func TestWhoseSignIn(t *testing.T) {
	for text, want := range map[string]string{
		"550 5.7.1 authentication failed":                                                  report.OwnerUser,
		"550 5.7.8 Error: authentication failed":                                           report.OwnerUser,
		"550 5.7.0 Authentication failed: bad username or password":                        report.OwnerUser,
		"550 5.7.1 authentication failed [AM0PR07CA0012.eurprd07.prod.outlook.com]":        report.OwnerM365,
		"535 5.7.3 Authentication unsuccessful [DB6P18901CA0015.EURP189.PROD.OUTLOOK.COM]": report.OwnerM365,
		"smtp.office365.com said: 550 5.7.1 authentication failed":                         report.OwnerM365,
		"host smtp.contoso.example[192.0.2.1] said: 550 5.7.1 authentication failed":       report.OwnerUser,
	} {
		if id, owner := firstOf(t, text); owner != want {
			t.Errorf("%q: %s, %s, want %s", text, id, owner, want)
		}
	}
}
