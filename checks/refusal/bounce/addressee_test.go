package bounce

import (
	"fmt"
	"testing"
)

// TestAddressee holds whom a reply is about in the logs of mail servers and in the objects of
// programs, which name others beside him.
func TestAddressee(t *testing.T) {
	const said = "550 5.1.1 User unknown"
	const real, orig = "real@fabrikam.example", "real@fabrikam.example (info@contoso.example)"
	for line, want := range map[string]string{
		// Sendmail names who handed in the message.
		"Nov 27 10:00:00 mail sm-mta[1]: wA: to=<real@fabrikam.example>, ctladdr=<root@contoso.example> (0/0), delay=00:00:01, dsn=5.1.1, stat=User unknown":                                     real,
		"Nov 27 10:00:00 mail sm-mta[1]: wA: to=real@fabrikam.example, ctladdr=root@contoso.example (0/0), delay=00:00:01, dsn=5.1.1, stat=User unknown":                                         real,
		"Nov 27 10:00:00 mail sm-mta[1]: wA: to=<a@fabrikam.example>,<b@fabrikam.example>, ctladdr=<root@contoso.example> (0/0), dsn=5.1.1, stat=User unknown":                                   "a@fabrikam.example, b@fabrikam.example",
		"Nov 27 10:00:00 mail sm-mta[1]: wA: ruleset=check_rcpt, arg1=<real@fabrikam.example>, relay=x.example [192.0.2.1], reject=550 5.7.1 <real@fabrikam.example>... Relaying denied":         real,
		"Nov 27 10:00:00 mail sm-mta[1]: wA: ruleset=check_mail, arg1=<s@contoso.example>, relay=x.example [192.0.2.1], reject=553 5.1.8 <s@contoso.example>... Domain of sender does not exist": "",
		// Postfix.
		"postfix/smtp[1]: 4A: to=<real@fabrikam.example>, orig_to=<info@contoso.example>, relay=x.example[192.0.2.1]:25, dsn=5.1.1, status=bounced (host x.example[192.0.2.1] said: " + said + ")": orig,
		"postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[192.0.2.9]: 553 5.7.1 <s@contoso.example>: Sender address rejected: not owned; from=<s@contoso.example> to=<real@fabrikam.example>":        real,
		"<real@fabrikam.example> (expanded from <info@contoso.example>): host x.example[192.0.2.1] said: " + said:                                                                                  orig,
		// Exim.
		"2024-11-27 10:00:00 1r7abc-0001aB-Cd ** real@fabrikam.example <info@contoso.example> F=<s@northwind.example> P=<s@northwind.example> R=d T=r H=x.example [192.0.2.1]: " + said: orig,
		"2024-11-27 10:00:00 1r7abc-0001aB-Cd ** real@fabrikam.example F=<s@northwind.example> R=dnslookup T=remote_smtp: " + said:                                                      real,
		"2024-11-27 10:00:00 H=x [192.0.2.9] A=dovecot_login:me@northwind.example F=<s@northwind.example> rejected RCPT <real@fabrikam.example>: " + said:                               real,
		// OpenSMTPD, qmail, Courier, Kerio, Haraka, PowerMTA, Amavis, rspamd, Stalwart, msmtp.
		`smtpd[1]: 8f1 mta delivery evpid=1 from=<s@northwind.example> to=<real@fabrikam.example> rcpt=<info@contoso.example> source="-" result="PermFail" stat="` + said + `"`:               orig,
		"info msg 2: bytes 3000 from <s@northwind.example> qp 81\nstarting delivery 7: msg 2 to remote real@fabrikam.example\ndelivery 7: failure: Remote_host_said:_550_5.1.1_User_unknown/": real,
		"courieresmtp: id=0001,addr=<real@fabrikam.example>,from=<s@northwind.example>: " + said:                                                                                              real,
		"[27/Nov/2024 10:00:00] Sent: Queue-ID: 6, Recipient: <real@fabrikam.example>, Sender: <s@northwind.example>, Result: failed, Status: 5.1.1 User unknown":                             real,
		"[INFO] [-] [outbound] bounced recipient: <real@fabrikam.example> from=<s@northwind.example> " + said:                                                                                 real,
		"b,2024-11-27 10:00:00+0000,2024-11-27 09:59:59+0000,s@northwind.example,real@fabrikam.example,,failed,5.1.1,smtp;" + said:                                                            real,
		"amavis[1]: (01-02) Blocked SPAM, [192.0.2.1]:25 <s@northwind.example> -> <real@fabrikam.example>, Message-ID: <1@northwind.example>, 554 5.7.0 Reject, spam":                         real,
		"rspamd_task_write_log: id: <1@northwind.example>, from: <s@northwind.example>, (default: T (reject)), rcpts: <real@fabrikam.example>, forced: reject \"554 5.7.1 Spam\"":             real,
		`WARN (delivery.rcpt-to-rejected) to = ["real@fabrikam.example"], from = "s@northwind.example", hostname = "x.example", reason = "` + said + `"`:                                      real,
		"host=smtp.northwind.example user=me@northwind.example from=s@northwind.example recipients=real@fabrikam.example mailsize=1 smtpmsg='" + said + "'":                                   real,
		// Exchange: tracking, queues, traces.
		"2024-11-27T10:00:00.000Z,192.0.2.1,EX01,SMTP,FAIL,123,<1@northwind.example>,abc,real@fabrikam.example," + said + ",4000,1,,,Hello,s@northwind.example,s@northwind.example,,Originating": real,
		"Sender            : s@northwind.example\nRecipientStatus   : {" + said + "}\nRecipients        : {real@fabrikam.example}":                                                               real,
		"From Address: s@northwind.example\nStatus: Ready\nLast Error: " + said + "\nRecipients: real@fabrikam.example;2;2;":                                                                     real,
		"RecipientAddress : real@fabrikam.example\nSenderAddress    : s@northwind.example\nDetail           : " + said:                                                                           real,
		// Programs' objects, whatever stands first.
		`{"to":"real@fabrikam.example","from":"s@northwind.example","error":"` + said + `"}`:                        real,
		`{"error":"` + said + `","from":"s@northwind.example","to":["real@fabrikam.example","b@fabrikam.example"]}`: "real@fabrikam.example, b@fabrikam.example",
		"response: '" + said + "',\nenvelope: { from: 's@northwind.example', to: [ 'real@fabrikam.example' ] }":     real,
		// Reports.
		"Original-Recipient: rfc822; info@contoso.example\nFinal-Recipient: rfc822; real@fabrikam.example\nAction: failed\nStatus: 5.1.1":  orig,
		"Original-Recipient: rfc822; REAL@fabrikam.example\nFinal-Recipient: rfc822; real@fabrikam.example\nAction: failed\nStatus: 5.1.1": real,
		"Final-Recipient: rfc822; email@fabrikam.example_\nAction: failed\nStatus: 5.1.2":                                                  "email@fabrikam.example_",
		"Final-Recipient: rfc822; email@my_company.example\nAction: failed\nStatus: 5.1.2":                                                 "email@my_company.example",
		"_real@fabrikam.example_: " + said: real,
		// Nobody is named.
		"MAIL FROM:<s@northwind.example>\n550 5.7.1 Not from here": "",
		`{"error":"` + said + `","user":"s@northwind.example"}`:    "",
		said + "\nFrom: s@northwind.example\nSubject: x":           "",
	} {
		found := Find([]byte(line))
		if len(found) == 0 || found[0].To() != want {
			t.Errorf("%s:\n %s, want %q", line, fmt.Sprint(found), want)
		}
	}
}
