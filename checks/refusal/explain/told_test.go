package explain

import (
	"context"
	"testing"

	"maildiag/report"
)

// firstOf returns the first row that explains a text, and its owner.
func firstOf(t *testing.T, text string) (id, owner string) {
	t.Helper()
	x, err := Explain(context.Background(), "", []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(x.replies) == 0 || len(x.replies[0].rows) == 0 {
		return "", ""
	}
	return x.replies[0].rows[0].Row.ID, x.replies[0].rows[0].Row.Owner
}

// A host to which there was no connection has said nothing.
func TestUnreachedHost(t *testing.T) {
	for _, text := range []string{
		"to=<a@contoso.com>, relay=none, dsn=4.4.1, status=deferred (connect to contoso-com.mail.protection.outlook.com[52.101.73.5]:25: Connection timed out)",
		"status=deferred (connect to gmail-smtp-in.l.google.com[142.250.1.1]:25: Connection timed out)",
		"450 4.4.1 connect to mx1.mail.icloud.com[17.1.1.1]:25: Connection refused",
		"Deferred: Connection refused by mx.contoso.com.",
	} {
		if id, owner := firstOf(t, text); id != "common.timeout" && id != "common.timeout-port25" || owner != report.OwnerNetwork {
			t.Errorf("%q: %s, %s", text, id, owner)
		}
	}
}

// Of several replies in one sentence, each is read on its own, and a known one
// comes first.
func TestToldReplies(t *testing.T) {
	for text, want := range map[string]string{
		"last week it was 550 5.1.1 for one address but now it is 550 5.7.606 Access denied, banned sending IP [203.0.113.4]": "exo.banned-ip",
		"we used to get 550 5.4.1 but since friday we see 554 5.2.2 mailbox full for everybody":                               "common.mailbox-full",
	} {
		if id, _ := firstOf(t, text); id != want {
			t.Errorf("%q: %s, not %s", text, id, want)
		}
	}
}

// What other programs say of a sign-in is nobody's refusal of mail.
func TestOtherSignIns(t *testing.T) {
	for _, text := range []string{
		"fatal: Authentication failed for 'https://git.contoso.com/x.git/'",
		"remote: HTTP Basic: Access denied. The provided password or token is incorrect",
		"kinit: Preauthentication failed while getting initial credentials",
		"WRONGPASS invalid username-password pair or user is disabled.",
		"NOAUTH Authentication required.",
		"rlm_mschap: FAILED: No NT-Password. Cannot perform authentication. Access-Reject",
		"480 Authentication required for command",
		"481 Authentication failed",
		"NT_STATUS_LOGON_FAILURE: the attempted logon is invalid, bad user name or authentication information",
		"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1",
		`FATAL: password authentication failed for user "postgres"`,
		"npm ERR! code E401: Incorrect or missing password.",
		"401 Unauthorized: invalid_token",
		"fetchmail: Authorization failure on bob@imap.contoso.com",
		"SIP/2.0 403 Forbidden (Bad auth)",
	} {
		if id, _ := firstOf(t, text); id != "" {
			t.Errorf("%q is explained as %s", text, id)
		}
	}
}

// A server that is ready has not failed: what the program says then is explained.
func TestStepsOfASession(t *testing.T) {
	for text, want := range map[string]string{
		"SERVER -> CLIENT: 220 2.0.0 SMTP server ready\nSMTP Error: Could not connect to SMTP host.\nCLIENT -> SERVER: QUIT": "common.timeout",
		"<< 250 2.1.0 Ok\nSMTP connection timed out": "common.timeout",
		"250 2.0.0 Ok: queued as 4A1B":               "class.2",
	} {
		if id, _ := firstOf(t, text); id != want {
			t.Errorf("%q: %s", text, id)
		}
	}
}

// A command that a server does not know during AUTH is not Microsoft's policy.
func TestSignInOfOthers(t *testing.T) {
	for _, text := range []string{
		"Error: Invalid login: 502 Command not implemented",
		"Error: Invalid login: 504 5.5.4 Unrecognized parameter",
		"smtplib.SMTPAuthenticationError: (503, b'not now')",
	} {
		if _, owner := firstOf(t, text); owner == report.OwnerM365 || owner == "" {
			t.Errorf("%q: %q", text, owner)
		}
	}
}
