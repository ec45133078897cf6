package explain

import (
	"strings"
	"testing"
)

// TestWhereItLies holds whom the text around a reply shows to be at fault: what lies between
// the two sides, the own server, or nobody; each beside a text of the same words that does not.
func TestWhereItLies(t *testing.T) {
	const log = "May 20 20:06:49 mx postfix/smtpd[1044]: "
	const forwarder = "administrator of the server that forwards"
	for text, want := range map[string]string{
		// An address of the server's own was forwarded to another domain.
		"<a@fabrikam.example> (expanded from <info@contoso.example>): host mx.fabrikam.example[203.0.113.9] said: 550 SPF: 198.51.100.7 is not allowed to send mail from tailspin.example":                              "common.spf " + forwarder,
		"to=<a@fabrikam.example>, orig_to=<info@contoso.example>, relay=mx.fabrikam.example[203.0.113.9]:25, dsn=5.7.23, status=bounced (host mx.fabrikam.example[203.0.113.9] said: 550 5.7.23 SPF validation failed)": "common.spf " + forwarder,
		"<a@contoso.example> (expanded from <info@contoso.example>): host mx.contoso.example[203.0.113.9] said: 550 SPF: 198.51.100.7 is not allowed to send mail from tailspin.example":                                "common.spf sender's administrator",
		"<a@fabrikam.example>: host mx.fabrikam.example[203.0.113.9] said: 550 SPF: 198.51.100.7 is not allowed to send mail from tailspin.example":                                                                     "common.spf sender's administrator",
		"550 <server-ip> address 198.51.100.7 is not allowed to send mail from tailspin.example":                                                                                                                        "common.spf sender's administrator",
		"550 <ip-address> is not allowed to send mail from <domain>": "common.spf sender's administrator",

		// SPF was checked for a private address.
		log + "NOQUEUE: reject: RCPT from unknown[172.21.0.1]: 550 5.7.1 <a@contoso.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=helo;id=mx.fabrikam.example;ip=172.21.0.1;r=x": "common.spf recipient's administrator",
		"550 5.7.23 SPF fail, see http://www.openspf.net/Why?s=mfrom;id=fabrikam.example;ip=10.0.0.4;r=x":   "common.spf recipient's administrator",
		"550 5.7.23 SPF fail, see http://www.openspf.net/Why?s=mfrom;id=fabrikam.example;ip=192.0.2.4;r=x":  "common.spf sender's administrator",
		"550 5.7.23 SPF fail, see http://www.openspf.net/Why?s=mfrom;id=fabrikam.example;ip=172.32.1.4;r=x": "common.spf sender's administrator",

		// The reply quotes the one of a next server.
		"<a@contoso.example>: host mx1.contoso.example[203.0.113.9] said: 504 Invalid HELO. response=504 5.5.2 mx1: Helo command rejected": "common.helo recipient's administrator",
		"<a@contoso.example>: host mx1.contoso.example[203.0.113.9] said: 504 5.5.2 <mx1>: Helo command rejected: need fully-qualified":    "common.helo sender's administrator",

		// A domain that surely exists is not found.
		"450 4.1.8 <a@gmail.com>: Sender address rejected: Domain not found":                                "common.sender-domain recipient's administrator",
		"450 4.1.8 <a@outlook.com>: Sender address rejected: Domain not found":                              "common.sender-domain recipient's administrator",
		"450 4.1.8 <a@gmail.com.example>: Sender address rejected: Domain not found":                        "common.sender-domain sender's administrator",
		"450 4.1.2 <a@yahoo.com>: Recipient address rejected: Domain not found":                             "common.domain-not-found sender's administrator",
		log + "NOQUEUE: reject: RCPT from app1 <a@gmail.com>: Recipient address rejected: Domain not found": "common.domain-not-found sender's administrator",
		"450 4.1.2 <a@fabrikam.example>: Recipient address rejected: Domain not found; from=<b@gmail.com>":  "common.domain-not-found user",
		"550 5.1.1 <a@gmail.com>: Recipient address rejected: User unknown in virtual mailbox table":        "common.user-unknown user",

		// The own server: its filter, its domains, its lists.
		"postfix/error[1]: A1: to=<a@contoso.example>, relay=none, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to []:10024: Connection refused)":                                                                                                                                                                                   "common.timeout sender's administrator",
		"postfix/smtp[1]: A1: to=<a@contoso.example>, relay=none, dsn=4.4.1, status=deferred (connect to amavis[172.18.0.4]:10026: Connection refused)":                                                                                                                                                                                                    "common.timeout sender's administrator",
		"postfix/smtp[1]: A1: to=<a@contoso.example>, relay=none, dsn=4.4.1, status=deferred (connect to mx.contoso.example[203.0.113.9]:25: Connection refused)":                                                                                                                                                                                          "common.timeout-port25 network administrator",
		"Mar  6 12:42:44 mx postfix/trivial-rewrite[1]: warning: do not list domain contoso.example in BOTH mydestination and virtual_mailbox_domains\nMar  6 12:42:45 mx postfix/smtpd[2]: NOQUEUE: reject: RCPT from mx.fabrikam.example[203.0.113.9]: 550 5.1.1 <a@contoso.example>: Recipient address rejected: User unknown in local recipient table": "common.own-config sender's administrator",
		"warning: dnsblog reply timeout 10s for zen.spamhaus.org": "common.own-config sender's administrator",
		"postfix/local[1]: A1: to=<a@contoso.example>, relay=local, dsn=2.0.0, status=sent (delivered to command: /usr/bin/procmail)\nprocmail: Quota exceeded while writing \"/home/a/Maildir/tmp/1\"": "common.mailbox-full recipient's administrator",
		"postfix/local[1]: A1: to=<a@contoso.example>, relay=local, dsn=2.0.0, status=sent (delivered to command: /usr/bin/procmail)":                                                                   "class.2 user",

		// A reply of success that a program quotes behind its failure.
		"Net::SMTP<<< 220 2.0.0 Ready to start TLS\nERROR: can't STARTTLS: 2.0.0 Ready to start TLS": "common.tls network administrator",

		// No message is affected.
		log + "improper command pipelining after QUIT from mon.example[192.0.2.1]:":                                          "common.protocol-pipelining user",
		log + `improper command pipelining after CONNECT from unknown[192.168.2.76]: \377\373\037`:                           "common.protocol-pipelining user",
		"503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining":                                   "common.protocol sender's administrator",
		"message reject detail\n---------------------\n  RCPT\n    Relay access denied (total: 1)\n           1   192.0.2.1": "common.summary user",

		// Not mail, and nothing said.
		"550-Could not access file: permission denied":              "",
		"550 Can't open file: no such file":                         "",
		"Remote host said: Your mail was denied from the receiver.": "",
	} {
		x, err := Explain(t.Context(), "", []byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(x.replies) > 0 && len(x.replies[0].rows) > 0 {
			row := x.replies[0].rows[0].Row
			got = row.ID + " " + row.Owner
		}
		if got != want || strings.Contains(text, "list domain") && len(x.replies) > 1 {
			t.Errorf("%s:\n got %q\nwant %q", text, got, want)
		}
	}
}
