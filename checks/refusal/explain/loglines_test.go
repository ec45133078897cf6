package explain

import (
	"fmt"
	"strings"
	"testing"
)

// successes are what servers and programs log of mail that went well; # is a number
// that looks like a reply code.
var successes = []string{
	"Nov 23 10:00:00 mx postfix/smtpd[#]: connect from mail.fabrikam.example[192.0.2.9]",
	"Nov 23 10:00:00 mx postfix/smtpd[#]: warning: hostname mail.fabrikam.example does not resolve to address 192.0.2.9: Name or service not known",
	"Nov 23 10:00:00 mx postfix/smtpd[#]: Anonymous TLS connection established from mail.fabrikam.example[192.0.2.9]: TLSv1.2 with cipher ECDHE-RSA-AES128-GCM-SHA256 (128/128 bits)",
	"Nov 23 10:00:01 mx postfix/smtpd[#]: 4F1A2B3C4D: client=mail.fabrikam.example[192.0.2.9]:#, sasl_method=PLAIN, sasl_username=anna",
	"Nov 23 10:00:01 mx postfix/cleanup[#]: 4F1A2B3C4D: message-id=<#.4711@fabrikam.example>",
	"Nov 23 10:00:01 mx postfix/qmgr[#]: 4F1A2B3C4D: from=<b@fabrikam.example>, size=#, nrcpt=1 (queue active)",
	"Nov 23 10:00:02 mx postfix/smtp[#]: Trusted TLS connection established to mx.contoso.example[192.0.2.5]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
	"Nov 23 10:00:02 mx postfix/smtp[#]: 4F1A2B3C4D: to=<a@contoso.example>, relay=mx.contoso.example[192.0.2.5]:25, delay=0.#, delays=0.1/0/0.2/0.#, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as #ABC)",
	"Nov 23 10:00:02 mx postfix/local[#]: 4F1A2B3C4D: to=<a@contoso.example>, relay=local, delay=#, dsn=2.0.0, status=sent (delivered to mailbox)",
	"Nov 23 10:00:02 mx postfix/qmgr[#]: 4F1A2B3C4D: removed",
	"Nov 23 10:00:02 mx postfix/smtpd[#]: disconnect from mail.fabrikam.example[192.0.2.9] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5",
	"Nov 23 10:00:02 mx postfix/postscreen[#]: CONNECT from [192.0.2.7]:38760 to [192.0.2.1]:25",
	"Nov 23 10:00:02 mx postfix/dnsblog[#]: addr 192.0.2.7 listed by domain zen.spamhaus.org as 127.0.0.4",
	"Nov 23 10:00:02 mx postfix/dnsblog[#]: addr 192.0.2.7 listed by domain list.dnswl.org as 127.0.5.1",
	"Nov 23 10:00:02 mx postfix/postscreen[#]: PASS NEW [192.0.2.7]:#",
	"2026-11-23T10:00:02.000450+01:00 mx postfix/smtp[#]: 4xYz5504QQz1: to=<a@contoso.example>, relay=mx.contoso.example[192.0.2.5]:25, delay=1.2, dsn=2.0.0, status=sent (250 2.0.0 OK 1700000# d9-20020a)",
	"2026-11-23 10:00:00 1rABCD-000#aa-1X <= b@fabrikam.example H=mail.fabrikam.example [192.0.2.9] P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=# id=#@fabrikam.example",
	`2026-11-23 10:00:01 1rABCD-000#aa-1X => a@contoso.example R=dnslookup T=remote_smtp H=mx.contoso.example [192.0.2.5] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes C="250 2.0.0 OK #" QT=1s`,
	"2026-11-23 10:00:01 [#] 1rABCD-000#aa-1X Completed",
	"2026-11-23 10:00:00 no host name found for IP address 192.0.2.9",
	"2026-11-23 10:00:01 SMTP connection from mail.fabrikam.example [192.0.2.9]:# closed by QUIT",
	"Nov 23 10:00:02 mx sendmail[#]: 4AN900aa000#: from=<b@fabrikam.example>, size=#, class=0, nrcpts=1, msgid=<x@fabrikam.example>, proto=ESMTP, daemon=MTA, relay=mail.fabrikam.example [192.0.2.9]",
	"Nov 23 10:00:02 mx sm-mta[#]: STARTTLS=client, relay=mx.contoso.example., version=TLSv1.3, verify=FAIL, cipher=TLS_AES_256_GCM_SHA384, bits=256/256",
	"Nov 23 10:00:02 mx sendmail[#]: 4AN900aa000#: to=<a@contoso.example>, ctladdr=<b@fabrikam.example> (#/#), delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120#, relay=mx.contoso.example. [192.0.2.5], dsn=2.0.0, stat=Sent (ok 1700000000 qp #)",
	"@400000006543210a1b2c3d4e new msg #",
	"@400000006543210a1b2c3d4e info msg #: bytes # from <b@fabrikam.example> qp # uid #",
	"@400000006543210a1b2c3d4e starting delivery #: msg # to remote a@contoso.example",
	"@400000006543210a1b2c3d4e status: local 0/10 remote 1/20",
	"@400000006543210a1b2c3d4e delivery #: success: 192.0.2.5_accepted_message./Remote_host_said:_250_ok_1700000000_qp_#/",
	"@400000006543210a1b2c3d4e end msg #",
	"Nov 23 10:00:02 mx smtpd[#]: 8ce1 smtp connected address=192.0.2.9 host=mail.fabrikam.example",
	"Nov 23 10:00:02 mx smtpd[#]: 8ce1 smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256",
	`Nov 23 10:00:02 mx smtpd[#]: 8ce1 mta delivery evpid=#abc from=<b@fabrikam.example> to=<a@contoso.example> rcpt=<-> source="192.0.2.1" relay="192.0.2.5 (mx.contoso.example)" delay=1s result="Ok" stat="250 2.0.0 Ok: queued as #A"`,
	"2026-11-23T10:00:02.000Z [NOTICE] [1F2E-44.1.1] [outbound] delivered file=17000_#_0 domain=contoso.example host=mx.contoso.example ip=192.0.2.5 port=25 mode=SMTP tls=T auth=F response=\"250 2.0.0 Ok: queued as #A\" delay=0.# fails=0 rcpts=1/0/0",
	"2026-11-23T10:00:02.000Z [INFO] [1F2E-44] [core] disconnect ip=192.0.2.9 rdns=mail.fabrikam.example helo=mail relay=N early=N esmtp=Y tls=Y pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=# lr=\"\" time=0.#",
	"2026-11-23T10:00:02.123Z,192.0.2.1,EX01,192.0.2.5,EX01,08DA;2026-11-23T10:00:02.123Z;0,EX01\\Default,SMTP,RECEIVE,#,<x@fabrikam.example>,guid,a@contoso.example,,#,1,,,Your mailbox is full,b@fabrikam.example,b@fabrikam.example,0I:,Incoming,,,,",
	"2026-11-23T10:00:03.123Z,,EX01,,EX01,,,STOREDRIVER,DELIVER,#,<x@fabrikam.example>,guid,a@contoso.example,,#,1,,,Access denied,b@fabrikam.example,b@fabrikam.example,,Incoming,,,,",
	`"2026-11-23T10:00:02.1230000Z","b@fabrikam.example","a@contoso.example","Undeliverable: spam","Delivered","192.0.2.9","40.0.0.1","#","<x@fabrikam.example>"`,
	"Nov 23 10:00:02 mx dovecot: lmtp(anna)<#><abc>: msgid=<x@fabrikam.example>: saved mail to INBOX",
	"Nov 23 10:00:02 mx dovecot: lmtp(#, anna): sieve: msgid=<x@fabrikam.example>: stored mail into mailbox 'INBOX'",
	"[23-Nov-2026 10:00:02 +0000]: <n6lkis24> Send: MAIL FROM:<b@fabrikam.example>\n[23-Nov-2026 10:00:02 +0000]: <n6lkis24> Recv: 250 2.1.0 Ok\n[23-Nov-2026 10:00:02 +0000]: <n6lkis24> Recv: 250 2.0.0 Ok: queued as #A",
	"2026-11-23 10:00:01 CLIENT -> SERVER: EHLO web\n2026-11-23 10:00:01 SERVER -> CLIENT: 250-mx.contoso.example\n                    250-SIZE #\n                    250 STARTTLS\n" +
		"2026-11-23 10:00:02 CLIENT -> SERVER: QUIT\n2026-11-23 10:00:02 SERVER -> CLIENT: 221 2.0.0 Bye",
	"<-  220 mx.contoso.example ESMTP\n -> EHLO me\n<-  250-mx.contoso.example\n<-  250 HELP\n -> MAIL FROM:<b@fabrikam.example>\n<-  250 2.1.0 Ok\n -> QUIT\n<-  221 2.0.0 Bye\n=== Connection closed with remote host.",
	"[2026-11-23 10:00:02] DEBUG [ab12] S: 220 mx.contoso.example ESMTP\n[2026-11-23 10:00:02] DEBUG [ab12] C: EHLO web\n[2026-11-23 10:00:02] DEBUG [ab12] S: 250-SIZE #\n[2026-11-23 10:00:02] DEBUG [ab12] S: 235 2.7.0 Authentication successful\n" +
		"[2026-11-23 10:00:02] INFO  [ab12] User \"anna\" authenticated",
	"send: 'ehlo [127.0.1.1]\\r\\n'\nreply: b'250-mx.contoso.example\\r\\n'\nreply: b'250 SIZE #\\r\\n'\nreply: retcode (250); Msg: b'mx.contoso.example\\nSIZE #'\nsend: 'quit\\r\\n'\nreply: b'221 2.0.0 Bye\\r\\n'\nreply: retcode (221); Msg: b'2.0.0 Bye'",
}

// failures are lines of the loggers that tell of a refusal, with its row.
var failures = map[string]string{
	"Nov 23 10:00:05 mx postfix/smtp[#]: 5A1A2B3C4D: to=<c@contoso.example>, relay=mx.contoso.example[192.0.2.5]:25, delay=0.#, delays=0.1/0/0/0.1, dsn=5.1.1, status=bounced (host mx.contoso.example[192.0.2.5] said: 550 5.1.1 <c@contoso.example>: Recipient address rejected: User unknown (in reply to RCPT TO command))": "common.user-unknown",
	"Nov 23 10:00:05 mx postfix/smtp[#]: 5A1A2B3C4D: to=<c@contoso.example>, relay=none, delay=#, delays=#/0/30/0, dsn=4.4.1, status=deferred (connect to mx.contoso.example[192.0.2.5]:25: Connection timed out)":                                                                                                              "common.timeout-port25",
	"Nov 23 10:00:05 mx postfix/smtpd[#]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]:#: 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org; from=<b@fabrikam.example> to=<a@contoso.example> proto=ESMTP helo=<x>":                                                                        "common.dnsbl",
	"2026-11-23 10:00:05 [#] 1rABCE-000#aa-1X ** c@contoso.example R=dnslookup T=remote_smtp H=mx.contoso.example [192.0.2.5]:25 X=TLS1.3:TLS_AES_256_GCM_SHA384:256: SMTP error from remote mail server after RCPT TO:<c@contoso.example>: 550 No such user here":                                                              "common.user-unknown",
	"Nov 23 10:00:05 mx sendmail[#]: 4AN900aa0#: to=<c@contoso.example>, ctladdr=<b@fabrikam.example> (#/#), delay=00:00:01, mailer=esmtp, pri=12#, relay=mx.contoso.example. [192.0.2.5], dsn=5.1.1, stat=User unknown":                                                                                                        "common.user-unknown",
	"@400000006543210a1b2c3d4f delivery #: failure: 192.0.2.5_does_not_like_recipient./Remote_host_said:_552_5.2.2_Mailbox_full/Giving_up_on_192.0.2.5./":                                                                                                                                                                       "common.mailbox-full",
	`Nov 23 10:00:05 mx smtpd[#]: 8ce2 mta delivery evpid=#abd from=<b@fabrikam.example> to=<c@contoso.example> relay="192.0.2.5 (mx.contoso.example)" delay=1s result="PermFail" stat="550 5.1.1 User unknown"`:                                                                                                                "common.user-unknown",
	"2026-11-23 10:00:05 SERVER -> CLIENT: 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6":                                                                                                                                                                                                                                "common.auth-failed",
	"Error: Invalid login: 535 5.7.8 Error: authentication failed\n    at SMTPConnection._formatError (/app/node_modules/nodemailer/lib/smtp-connection/index.js:#:19)\n    at SMTPConnection._actionAUTHComplete (/app/node_modules/nodemailer/lib/smtp-connection/index.js:#:34) {\n  code: 'EAUTH'\n}":                       "common.auth-failed",
	"Traceback (most recent call last):\n  File \"/app/send.py\", line #, in <module>\n    s.sendmail(a, b, m)\n  File \"/usr/lib/python3.11/smtplib.py\", line #, in sendmail\nsmtplib.SMTPRecipientsRefused: {'c@contoso.example': (550, b'5.1.1 User unknown')}":                                                             "common.user-unknown",
	"javax.mail.AuthenticationFailedException: 535 5.7.8 authentication failed\n\tat com.sun.mail.smtp.SMTPTransport$Authenticator.authenticate(SMTPTransport.java:#)\n\tat org.springframework.mail.javamail.JavaMailSenderImpl.doSend(JavaMailSenderImpl.java:#)":                                                             "common.auth-failed",
	"PHP Warning: mail(): SMTP server response: 550 5.1.1 User unknown in /var/www/html/send.php on line #\n#0 /var/www/html/send.php(#): mail()\n#1 {main}":                                                                                                                                                                    "common.user-unknown",
	"System.Net.Mail.SmtpException: Mailbox unavailable. The server response was: 5.1.1 User unknown\n   at Mailer.Send(String to) in C:\\src\\Mailer.cs:line #":                                                                                                                                                                "common.user-unknown",
	"panic: 550 5.1.1 User unknown\n\nmain.main()\n\t/app/main.go:# +0x1d\n":                              "common.user-unknown",
	"2026/11/23 10:00:05 main.go:#: smtp: 550 5.1.1 User unknown":                                         "common.user-unknown",
	"/usr/lib/ruby/3.1.0/net/smtp.rb:#:in `check_response': 550 5.1.1 User unknown (Net::SMTPFatalError)": "common.user-unknown",
}

// coded are numbers that look like reply codes.
var coded45 = []string{"421", "450", "451", "452", "454", "500", "501", "502", "503", "504", "530", "535", "550", "551", "552", "553", "554"}

func numbered(line, number string) string { return strings.ReplaceAll(line, "#", number) }

// TestSuccesses holds that what went well is never a fault, whatever numbers it holds.
func TestSuccesses(t *testing.T) {
	for _, line := range successes {
		for _, n := range append(coded45, "7123") {
			if id, _ := firstOf(t, numbered(line, n)); id != "" && id != "class.2" {
				t.Errorf("%s: %q", id, numbered(line, n))
				break
			}
		}
	}
	var all []string
	for i, line := range successes {
		all = append(all, numbered(line, coded45[i%len(coded45)]))
	}
	if id, _ := firstOf(t, strings.Join(all, "\n")); id != "" && id != "class.2" {
		t.Errorf("all: %s", id)
	}
}

// TestPlaces holds that a number in a line of a log that is no code by its place changes
// no answer.
func TestPlaces(t *testing.T) {
	for line, want := range failures {
		for _, n := range append(coded45, "7123") {
			in := numbered(line, n)
			x, err := Explain(t.Context(), "", []byte(in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(x.replies) != 1 || len(x.replies[0].rows) == 0 || x.replies[0].rows[0].Row.ID != want {
				t.Errorf("want %s: %q: %s", want, in, shown(x))
				break
			}
		}
	}
}

func shown(x *Explanation) string {
	var b strings.Builder
	for _, r := range x.replies {
		fmt.Fprintf(&b, "[%s] ", r.String())
		for _, row := range r.rows {
			b.WriteString(row.Row.ID + " ")
		}
	}
	return b.String()
}

// TestAmongSuccesses holds that a refusal among lines of what went well is the one answer.
func TestAmongSuccesses(t *testing.T) {
	i := 0
	for line, want := range failures {
		for _, ok := range successes {
			i++
			n := coded45[i%len(coded45)]
			in := numbered(ok+"\n"+line+"\n"+successes[(i*5+1)%len(successes)], n)
			x, err := Explain(t.Context(), "", []byte(in), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(x.replies) != 1 || len(x.replies[0].rows) == 0 || x.replies[0].rows[0].Row.ID != want {
				t.Errorf("want %s: %q: %s", want, in, shown(x))
			}
		}
	}
}
