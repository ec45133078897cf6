package bounce

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestLogs finds each delivery of a log by itself: lines of several processes and
// programs do not run into one another.
func TestLogs(t *testing.T) {
	for name, c := range map[string]struct {
		log  string
		want []string // code, enhanced code and text
	}{
		"Postfix on one line": {
			"Nov 26 10:00:01 mx1 postfix/smtp[2202]: 5F1A2B3C4D: to=<b@fabrikam.com>, relay=none, delay=30, dsn=4.4.1, status=deferred " +
				"(connect to mx.fabrikam.com[192.0.2.6]:25: Connection timed out) Nov 26 10:00:02 mx1 postfix/smtp[2203]: 6F1A2B3C4D: " +
				"to=<c@fabrikam.com>, relay=mx.fabrikam.com[192.0.2.6]:25, delay=2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 99)",
			[]string{"0 4.4.1 connect to mx.fabrikam.com[192.0.2.6]:25: Connection timed out"},
		},
		"qmail": {
			"@4000000065 delivery 12: failure: 192.0.2.5_does_not_like_recipient./Remote_host_said:_550_5.1.1_User_unknown/Giving_up_on_192.0.2.5./\n" +
				"@4000000066 delivery 13: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/\n",
			[]string{"550 5.1.1 User unknown", "0 4.4.1 Sorry, I wasn't able to establish"},
		},
		"journal with IMAP first": {
			"Nov 26 10:00:01 h dovecot[2]: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<bob>\n" +
				"Nov 26 10:00:01 h exim[3]: 1rABCD-0001aa-1X ** a@contoso.com R=dnslookup T=remote_smtp H=mx.contoso.com [192.0.2.5]: " +
				"SMTP error from remote mail server after RCPT TO:<a@contoso.com>: 550 No such user here\n",
			[]string{"550  No such user here"},
		},
		"OpenSMTPD": {
			`Nov 26 10:00:01 mx smtpd[77]: 8ce1 mta delivery evpid=1 to=<a@contoso.com> result="PermFail" stat="550 5.1.1 User unknown"` + "\n" +
				`Nov 26 10:00:02 mx smtpd[77]: 8ce2 mta delivery evpid=2 to=<b@fabrikam.com> result="TempFail" stat="451 4.7.1 Greylisted"`,
			[]string{"550 5.1.1 User unknown", "451 4.7.1 Greylisted"},
		},
	} {
		var got []string
		for _, r := range Find([]byte(c.log)) {
			got = append(got, fmt.Sprintf("%d %s %s", r.Code, r.Enhanced, r.Text))
		}
		for _, want := range c.want {
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, want) && len(s) < len(want)+40 }) {
				t.Errorf("%s: no %q in %q", name, want, got)
			}
		}
	}
}

// TestRecipientsApart holds that a line of another program has no recipient of the
// line before it.
func TestRecipientsApart(t *testing.T) {
	const postfix = "Nov 12 10:01:04 mx postfix/smtp[2]: A1: to=<ann@fabrikam.example>, relay=mx.fabrikam.example[192.0.2.1]:25, dsn=5.1.1, " +
		"status=bounced (host mx.fabrikam.example[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n"
	for _, next := range []string{
		"Nov 12 10:01:05 web app[4]: 550 5.7.1 blocked using zen.spamhaus.org\n",
		"Nov 12 10:01:05 mx postfix/smtp[3]: B2: host mx.contoso.com[192.0.2.9] said: 421 4.7.0 try again later\n",
		"2026-11-12 10:01:05 SMTP error: 554 5.7.1 Relay access denied\n",
	} {
		got := Find([]byte(postfix + next))
		if len(got) != 2 || got[0].Recipient != "ann@fabrikam.example" || got[1].Recipient != "" {
			t.Errorf("%q: %+v", next, got)
		}
	}
}

// TestRecipientsOfReport holds that each reply of a delivery status notification is
// that of its own recipient, whatever the text before it says of another one.
func TestRecipientsOfReport(t *testing.T) {
	const report = "From: MAILER-DAEMON@mx.contoso.com\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nThe mailbox of full@d.example is full (552 5.2.2). Delivery to late@e.example is delayed.\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.contoso.com\n\n" +
		"Final-Recipient: rfc822; ok@d.example\nAction: delivered\nStatus: 2.0.0\nDiagnostic-Code: smtp; 250 2.0.0 OK\n\n" +
		"Final-Recipient: rfc822; full@d.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n" +
		"Final-Recipient: rfc822; late@e.example\nAction: delayed\nStatus: 4.4.1\n\n--b--\n"
	want := map[string]string{"ok@d.example": "OK", "full@d.example": "mailbox full", "late@e.example": ""}
	got := Find([]byte(report))
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for _, r := range got {
		if text, ok := want[r.Recipient]; !ok || r.Text != text {
			t.Errorf("%s: %q, want %q", r.Recipient, r.Text, text)
		}
	}
}
