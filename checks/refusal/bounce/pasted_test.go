package bounce

import "testing"

// TestPasted holds how libraries, loggers and programs show a reply.
func TestPasted(t *testing.T) {
	for text, want := range map[string]string{
		`!error:(535, b'Error: authentication failed')`:                                   "535 Error: authentication failed",
		`SMTPDataError: (554, "content rejected")`:                                        "554 content rejected",
		`flutter: [10:01:04 | Connection | FINE] < 535 Incorrect authentication data`:     "535 Incorrect authentication data",
		`["554-Transaction failed", "554-Policy restrictions.", "554 See example", ""]`:   "554 Transaction failed Policy restrictions. See example",
		`['550-Mailbox unavailable', '550 Try later']`:                                    "550 Mailbox unavailable Try later",
		`Sorry, no mailbox of that name is on this server. (#5.1.5)`:                      "5.1.5 Sorry, no mailbox of that name is on this server.",
		`delivery 13: deferral: Sorry,_I_wasn't_able_to_establish_a_connection._(#4.4.1)`: "4.4.1 Sorry, I wasn't able to establish a connection.",
	} {
		got := Find([]byte(text))
		if len(got) == 0 || got[0].String() != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestPastedSignIn holds that a library shows that the refused command was AUTH.
func TestPastedSignIn(t *testing.T) {
	for _, text := range []string{
		`Error: Invalid login: 502 Command "AUTH PLAIN ...==" not implemented`,
		`smtplib.SMTPAuthenticationError: (550, '\xd3\xc3\xbb\xa7')`,
		`SMTP ERROR: Password command failed: 535 Incorrect authentication data`,
	} {
		if got := Find([]byte(text)); len(got) == 0 || !got[0].SignIn {
			t.Errorf("%s: %+v", text, got)
		}
	}
}
