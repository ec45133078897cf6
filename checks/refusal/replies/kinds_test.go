package replies

import (
	"strings"
	"testing"

	"maildiag/report"
)

// TestKinds holds the rows that relatives of a wording lead to, each kind with what looks
// like it and is another.
func TestKinds(t *testing.T) {
	for text, want := range map[string]string{
		"postfix/smtp[7]: warning: SASL authentication failure: No worthy mechs found":                                                              "common.auth-not-offered-client",
		"SASL authentication failed; cannot authenticate to server mx.example[192.0.2.1]: no mechanism available":                                   "common.auth-not-offered-client",
		"SASL authentication failed; server mx.example[192.0.2.1] said: wrong password":                                                             "common.auth-failed",
		"No route found to domain PARIS from server MAIL01/GDI. Check Domain documents in Domino Directory":                                         "common.route-domino",
		"Recipient rejected: no route found to domain fabrikam.com":                                                                                 "common.domain-not-found",
		"Mailer Error: Could not instantiate mail function.":                                                                                        "common.mailer-local",
		"The Outgoing server (SMTP) mail.example does not seem to support encrypted passwords.":                                                     "common.auth-not-offered",
		"DNS Error: DNS type 'mx' lookup of contoso.con responded with code NXDOMAIN":                                                               "common.domain-not-found",
		"The recipient server did not accept our requests to connect.":                                                                              "common.timeout",
		"== a@b.example R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host":                                                 "common.delayed",
		"Delivery is delayed to these recipients or groups: a@b.example":                                                                            "common.delayed",
		"** a@b.example R=dnslookup T=remote_smtp: all hosts have been failing for a long time, retry time not reached after a long failure period": "common.expired",
		"SMTP: failed to send mail: unencrypted connection":                                                                                         "common.tls-not-offered",
		"bob@a.example\n  host mail.a.example [192.0.2.1]\n  retry timeout exceeded":                                                                "common.expired",
		"Please wait 5 minutes":                              "",
		"Wait 45 minutes, then stir":                         "",
		"Printer is warming up, please wait 2 minutes":       "",
		"LOADING Redis, try again in 30 seconds":             "",
		"Greylisted, please wait 5 minutes":                  "common.greylisted",
		"Recipient address rejected: try again in 5 minutes": "common.greylisted",
	} {
		got := ""
		if found := ExplainWords(text); len(found) > 0 {
			got = found[0].Row.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestKindsOfCodes holds the same for replies with a code.
func TestKindsOfCodes(t *testing.T) {
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Code: 550, Enhanced: "5.7.230", Text: "Connecting Exchange server version is out-of-date; connection to Exchange Online blocked for 10 mins/hr."}, "exo.onprem-outdated"},
		{Query{Code: 450, Enhanced: "4.7.230", Text: "Connecting Exchange server version is out-of-date; connection to Exchange Online throttled for 5 mins/hr."}, "exo.onprem-outdated"},
		{Query{Code: 421, Enhanced: "4.7.29", Text: "This mail has been rate limited because it was sent over a connection without TLS. gsmtp"}, "gmail.tls-required"},
		{Query{Code: 451, Enhanced: "4.7.8", Text: "MTA-STS validation failed: certificate-expired", Provider: ExchangeOnline}, "exo.mtasts-certificate"},
		{Query{Code: 451, Enhanced: "4.7.323", Text: "tlsa-invalid: The domain failed DANE validation", Provider: ExchangeOnline}, "exo.dane-tlsa-invalid"},
		{Query{Code: 450, Enhanced: "4.4.315", Text: "Connection timed out [Message=Socket error code 10060] [LastAttemptedServerName=mx.b.example]", Other: true}, "exo.connection-timeout"},
		{Query{Code: 530, Text: "unencrypted connection, encryption required"}, "common.tls-required"},
		{Query{Code: 535, Enhanced: "5.7.8", Text: "Error: authentication failed: Invalid authentication mechanism", Stage: StageAuth}, "common.auth-not-offered-client"},
		{Query{Code: 451, Enhanced: "4.7.1", Text: "Please wait 5 minutes"}, "common.greylisted"},
		{Query{Code: 501, Text: "HELO must not be a loopback address"}, "common.helo"},
	} {
		if found := Explain(c.q); len(found) == 0 || found[0].Row.ID != c.want {
			t.Errorf("%+v: %s, want %s", c.q, ids(found), c.want)
		}
	}
}

// TestWhoseFrontEnd holds that a front end is Microsoft's only where its name is.
func TestWhoseFrontEnd(t *testing.T) {
	for text, microsoft := range map[string]bool{
		"Temporary server error. Please try again later. PRX2":                                           false,
		"Temporary server error. Please try again later. PRX5 [EX2019.corp.local]":                       false,
		"Temporary server error. Please try again later. PRX2 [AM0PR01MB0001.eurprd01.prod.outlook.com]": true,
	} {
		found := Match(451, "4.7.0", text)
		if len(found) == 0 || (found[0].Row.Owner == report.OwnerMicrosoft) != microsoft {
			t.Errorf("%s: %+v", text, found)
		}
	}
}

// TestWhoseRelay holds that a relay that may be the sender's own is not called the
// recipient's alone.
func TestWhoseRelay(t *testing.T) {
	for _, c := range []struct {
		path Path
		near bool
		want int
	}{{PathDelivery, true, 2}, {PathDelivery, false, 1}, {PathSubmission, false, 1}, {"", false, 2}} {
		q := Query{Code: 554, Enhanced: "5.7.1", Text: "Relay access denied", Path: c.path, Near: c.near}
		if found := Explain(q)[0].Readings(q); len(found) != c.want {
			t.Errorf("%+v: %d readings", c, len(found))
		}
	}
}

// TestFirstStepOfUser holds that whose row begins with checking the address is the user.
func TestFirstStepOfUser(t *testing.T) {
	for _, r := range All() {
		if len(r.Fix) > 0 && strings.HasPrefix(r.Fix[0], "Check the address") && r.Owner == report.OwnerRecipient {
			t.Errorf("%s begins with the user, and is owned by the %s", r.ID, r.Owner)
		}
	}
}
