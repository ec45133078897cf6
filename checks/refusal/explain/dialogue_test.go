package explain

import (
	"strings"
	"testing"
)

// TestDialogues holds that the last refused step of a dialogue is its answer, that what
// was accepted is none, and whom it is about.
func TestDialogues(t *testing.T) {
	const steps = "220 mx.contoso.example ESMTP\nEHLO web\n250-mx.contoso.example\n250 HELP\n"
	for _, c := range []struct{ text, id, to string }{
		{steps + "MAIL FROM:<b@fabrikam.example>\n250 2.1.0 Ok\nRCPT TO:<c@contoso.example>\n550 5.1.1 User unknown\nQUIT\n221 2.0.0 Bye", "common.user-unknown", "c@contoso.example"},
		{steps + "MAIL FROM:<b@fabrikam.example>\n250 2.1.0 Ok\nRCPT TO:<c@contoso.example> ORCPT=c@contoso.example\n550 Invalid recipient\n", "common.user-unknown", "c@contoso.example"},
		{steps + "MAIL\n501 5.5.4 Unrecognized parameter\nMAIL FROM:<b@fabrikam.example>\n250 2.1.0 Sender OK\nRCPT TO:<c@contoso.example>\n" +
			"550 5.7.1 Service unavailable, Client host [192.0.2.1] blocked using Spamhaus.", "common.dnsbl", "c@contoso.example"},
		{steps + "RCPT TO:<c@contoso.example>\n504 5.5.2 <web>: Helo command rejected: need fully-qualified hostname\nDATA\n554 5.5.1 Error: no valid recipients\n", "common.helo", "c@contoso.example"},
		{steps + "AUTH LOGIN\n334 VXNlcm5hbWU6\n535 5.7.8 Error: authentication failed\nMAIL FROM:<b@fabrikam.example>\n", "common.auth-failed", ""},
		{"SMTP Fehler (250): Die Sache ging schief, Exception\n" + steps + "STARTTLS\n220 2.0.0 Ready to start TLS\n", "", ""},
		{steps + "STARTTLS\n220 2.0.0 Ready to start TLS\n\npostfix/submission/smtpd[553]: warning: TLS library problem: error:1417D102:SSL routines:" +
			"tls_process_client_hello:unsupported protocol:../ssl/statem/statem_srvr.c:550:", "common.tls-version", ""},
		{steps + "MAIL FROM:<b@fabrikam.example>\n250 2.1.0 Ok\n", "class.2", ""},
	} {
		for _, prefix := range [][2]string{{"", ""}, {"S: ", "C: "}, {"<-  ", " -> "}, {"SERVER -> CLIENT: ", "CLIENT -> SERVER: "}} {
			var b strings.Builder
			for line := range strings.Lines(c.text) {
				switch {
				case prefix[0] == "" || line == "\n" || strings.HasPrefix(line, "postfix") || strings.HasPrefix(line, "SMTP"):
				case line[0] >= '0' && line[0] <= '9':
					b.WriteString(prefix[0])
				default:
					b.WriteString(prefix[1])
				}
				b.WriteString(line)
			}
			x, err := Explain(t.Context(), "", []byte(b.String()), Options{})
			if err != nil {
				t.Fatal(err)
			}
			id, to := "", ""
			if len(x.replies) > 0 {
				id, to = x.replies[0].rows[0].Row.ID, x.replies[0].Recipient
			}
			if id != c.id || to != c.to && c.to != "" {
				t.Errorf("%q: %s to %q, want %s to %q: %s", b.String(), id, to, c.id, c.to, shown(x))
			}
		}
	}
}

// TestEmptyLines holds that a refusal pasted with an empty line between its lines is one.
func TestEmptyLines(t *testing.T) {
	for text, want := range map[string]string{
		"550-5.7.26 This message does not pass authentication checks (SPF and DKIM\nboth 550-5.7.26 do not pass). SPF check for [contoso.example] does not pass with\n" +
			"ip: 550-5.7.26 [192.0.2.1].To best protect our users from spam, the\nmessage 550-5.7.26 has been blocked. Please visit 550-5.7.26\n" +
			"https://support.google.com/mail/answer/81126#authentication for more 550\n5.7.26 information. s17-2002 -\ngsmtp (in reply to end of DATA command)": "gmail.unauthenticated",
		"550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking the recipient's email address for typos or\n" +
			"550 5.1.1 unnecessary spaces. gsmtp": "gmail.user-unknown",
		"550-Verification failed for <b@fabrikam.example>\n550-No Such User Here\n550 Sender verify failed":                                   "common.sender-rejected",
		"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked\nusing zen.spamhaus.org; see the list\n(in reply to RCPT TO command)": "common.dnsbl",
	} {
		for _, in := range []string{text, strings.ReplaceAll(text, "\n", "\n\n"), strings.ReplaceAll(text, "\n", "\r\n\r\n"), "> " + strings.ReplaceAll(text, "\n", "\n>\n> ")} {
			x, err := Explain(t.Context(), "", []byte(in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(x.replies) != 1 || x.replies[0].rows[0].Row.ID != want {
				t.Errorf("%q: want %s: %s", in, want, shown(x))
			}
		}
	}
}

// A program may write before each line of a reply what it writes before each line of its log.
func TestLogBeforeEachLine(t *testing.T) {
	const first, last = "550-5.1.1 The email account that you tried to reach does not exist.", "550 5.1.1 Try double-checking the address. gsmtp"
	for _, lead := range [][2]string{
		{"[PROTOCOL] [5F57764E-A531-4F3B-BE0D-AF78E2D8DD47.1] [queue/smtp_forward] S: ", ""},
		{"2026-11-20T09:11:02.123Z DEBUG smtp.client - S: ", "2026-11-20T09:11:02.987Z DEBUG smtp.client - S: "},
		{"[2026-11-20 09:11:59] production.DEBUG: << ", "[2026-11-20 09:12:00] production.DEBUG: << "},
		{"09:11:02 [421] <- ", "09:11:03 [421] <- "},
	} {
		next := lead[1]
		if next == "" {
			next = lead[0]
		}
		x, err := Explain(t.Context(), "", []byte(lead[0]+first+"\n"+next+last+"\n"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(x.replies) != 1 || x.replies[0].rows[0].Row.ID != "gmail.user-unknown" {
			t.Errorf("%q: want one gmail.user-unknown: %s", lead[0], shown(x))
		}
	}
}

// The title of a question names a code that a reply below it has, and a program repeats the
// first line of a reply.
func TestOneReplyOfTwoMentions(t *testing.T) {
	for text, want := range map[string]string{
		"Server error: 550\nServer response: 550 5.1.1 User unknown\nServer: smtp.contoso.example\n": "common.user-unknown",
		"Error 5.7.708 from Gmail\n\nRemote server returned '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. AS(7230) [MW4PR17MB5516.namprd17.prod.outlook.com 2025-10-05T07:25:04.852Z 08DE037E8AA54260]'": "exo.pool-not-accepted",
		"How do I solve 5.7.515 at Yahoo?\n\n550 5.7.515 Access denied, sending domain CONTOSO.COM doesn't meet the required authentication level.":                                                                                            "outlook.auth-level",
		"[\"550-User unknown\", \"550 Ask the postmaster\", \"\"]\nBad response: 550-User unknown\".":                                                                                                                                          "common.user-unknown",
	} {
		x, err := Explain(t.Context(), "", []byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(x.replies) != 1 || x.replies[0].rows[0].Row.ID != want {
			t.Errorf("%q: want one %s: %s", text, want, shown(x))
		}
	}
}
