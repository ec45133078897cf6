package bounce

import "testing"

// TestCommands holds what the text around a reply tells of it: the command that was
// refused, and the words that stand before its code.
func TestCommands(t *testing.T) {
	for _, c := range []struct {
		text, command, words string
		code                 int
		signIn               bool
	}{
		{"SMTPSenderRefused: (501, b'Syntax error in arguments', 'webmaster@localhost')", "MAIL", "", 501, false},
		{"com.sun.mail.smtp.SMTPSenderFailedException: 553 user unknown", "MAIL", "user unknown", 553, false},
		{"host mx.contoso.example[203.0.113.9] said: 553 no such user (in reply to MAIL FROM command)", "MAIL", "no such user", 553, false},
		{"SMTP error from remote mail server after MAIL FROM:<a@contoso.example>: 550 no such user", "MAIL", "no such user", 550, false},
		{"Connected to 203.0.113.9 but my name was rejected.\nRemote host said: 554 go away", "HELO", "go away", 554, false},
		{"Connected to 203.0.113.9 but sender was rejected.\nRemote host said: 553 no", "MAIL", "no", 553, false},
		{"host mx.contoso.example[203.0.113.9] said: 550 no such user (in reply to RCPT TO command)", "", "no such user", 550, false},
		{"Expected response code \"235\" but got code \"535\".", "", "", 535, true},
		{"Detail: This message was classified as SPAM SMTP code: 550", "", "This message was classified as SPAM", 550, false},
		{"Detail: This message was classified as SPAM SMTP code: 550\n", "", "This message was classified as SPAM", 550, false},
		{"<a@contoso.example>:\nSorry. Although I'm listed as a best-preference MX or A for that host,\nit isn't in my control/locals file. (#5.4.6)\n", "",
			"Sorry. Although I'm listed as a best-preference MX or A for that host, it isn't in my control/locals file.", 0, false},
	} {
		found := Find([]byte(c.text))
		if len(found) == 0 {
			t.Errorf("%q: no reply", c.text)
			continue
		}
		r := found[0]
		if r.Command != c.command || r.Code != c.code || r.SignIn != c.signIn || c.words != "" && r.Text != c.words {
			t.Errorf("%q: %+v", c.text, r)
		}
	}
}
