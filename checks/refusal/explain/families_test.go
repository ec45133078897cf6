package explain

import (
	"fmt"
	"strings"
	"testing"

	"maildiag/report"
)

const sender = "sender's administrator"

// family is a text with the row and the owner that are right for it; an empty row stands for
// a text of which nothing is to be explained.
type family struct{ text, row, owner string }

func (f family) check(t *testing.T) {
	t.Helper()
	if id, owner := firstOf(t, f.text); id != f.row || f.owner != "" && owner != f.owner {
		t.Errorf("%q: %s, %s, want %s, %s", f.text, id, owner, f.row, f.owner)
	}
}

// pastes are what people write around an error.
var pastes = []string{"%", "Our application cannot send mail since yesterday:\n\n%\n", "> %\n\nAny idea?", "Fehler beim Versand:\n\n```\n%\n```\nDas Log zeigt sonst nichts."}

// Errors of sending services over HTTP, and of Google's and Microsoft's sign-in, name the
// account of the sender, and never the receiver.
func TestServiceErrors(t *testing.T) {
	for _, f := range []family{
		{"554 Access denied: User `arn:aws:iam::123456789012:user/mailer' is not authorized to perform `ses:SendRawEmail' on resource `arn:aws:ses:us-east-1:123456789012:identity/contoso.com'", "service.api-key", sender},
		{"AccessDenied: User: arn:aws:iam::123456789012:user/app is not authorized to perform: ses:SendEmail on resource: arn:aws:ses:eu-west-1:123456789012:identity/contoso.com", "service.api-key", sender},
		{"SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. email.us-east-1.amazonaws.com", "service.api-key", sender},
		{`{"errors":[{"message":"The provided authorization grant is invalid, expired, or revoked","field":null,"help":null}]}`, "service.api-key", sender},
		{`{"ErrorCode":10,"Message":"Request does not contain a valid Server token."}`, "service.api-key", sender},
		{`mailjet: {"StatusCode":401,"ErrorMessage":"API key authentication/authorization failure."}`, "service.api-key", sender},
		{"Mailgun error: Invalid API key", "service.api-key", sender},
		{`{"errors":[{"message":"The from address does not match a verified Sender Identity."}]}`, "common.ses-unverified", sender},
		{`{"ErrorCode":400,"Message":"The 'From' address you supplied (b@contoso.com) is not a Sender Signature on your account."}`, "common.ses-unverified", sender},
		{`{"error":{"code":"DomainNotLinked","message":"The specified sender domain has not been linked."}}`, "common.ses-unverified", sender},
		{`{"message":"Free accounts are for test purposes only. Please upgrade or add the address to authorized recipients in Account Settings."}`, "common.sandbox", sender},
		{`{"code":"permission_denied","message":"Unable to send email. Your SMTP account is not yet activated."}`, "common.sandbox", sender},
		{`{"code":"unauthorized","message":"We have detected you are using an unrecognised IP address 192.0.2.1."}`, "common.client-ip", sender},
		{`{"email":"a@fabrikam.com","status":"rejected","reject_reason":"hard-bounce"}`, "common.suppressed", sender},
		{`{"email":"a@fabrikam.com","status":"rejected","reject_reason":"unsigned"}`, "common.ses-unverified", sender},
		{`{"error":"unauthorized_client","error_description":"Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested."}`, "google.delegation", sender},
		{"invalid_client: The OAuth client was not found. (gmail smtp)", "google.oauth-client", sender},
		{`{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}`, "common.auth-token", report.OwnerUser},
		{`{"error":"invalid_grant","error_description":"AADSTS70043: The refresh token has expired."}`, "entra.sign-in-70043", report.OwnerUser},
		{`{"error":{"code":"ErrorInvalidUser","message":"The requested user 'noreply@contoso.com' is invalid."}}`, "graph.mailbox-not-enabled", report.OwnerM365},
		{`{"error":{"code":"ApplicationThrottled","message":"Application is over its MailboxConcurrency limit."}}`, "graph.throttled", sender},
	} {
		for _, frame := range pastes {
			f := f
			f.text = strings.Replace(frame, "%", f.text, 1)
			f.check(t)
		}
	}
	for _, text := range []string{
		"openai.error.AuthenticationError: Incorrect API key provided: sk-123",
		"stripe: Invalid API Key provided",
		"https://maps.example/json: The provided API key is invalid.",
		`{"error":{"code":403,"message":"Access forbidden"}}`,
		`{"message":"Unauthorized","code":401}`,
		"Error: SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. (S3 GetObject)",
		"Expected response code 200 but got code 500",
	} {
		family{text, "", ""}.check(t)
	}
}

// What a program shows that calls its mail library in a wrong way is its own fault; no server
// was reached.
func TestProgramsOwnFaults(t *testing.T) {
	for _, f := range []family{
		{"smtplib.SMTPServerDisconnected: please run connect() first", "common.program", sender},
		{"MailKit.ServiceNotConnectedException: The SmtpClient is not connected.", "common.program", sender},
		{"javax.mail.NoSuchProviderException: No provider for smtp", "common.program", sender},
		{"javax.activation.UnsupportedDataTypeException: no object DCH for MIME type multipart/mixed", "common.program", sender},
		{"Net::SMTP: Net::SMTP::auth needs Authen::SASL installed", "common.program", sender},
		{"System.InvalidOperationException: The SMTP host was not specified.", "common.program", sender},
		{"javax.mail.internet.AddressException: Illegal whitespace in address in string ``anna b@contoso.com''", "common.recipient-syntax", report.OwnerUser},
		{"System.FormatException: The specified string is not in the form required for an e-mail address.", "common.recipient-syntax", report.OwnerUser},
		{"smtplib.SMTPServerDisconnected: Connection unexpectedly closed", "common.timeout", ""},
		{`Swift_TransportException: Expected response code 250 but got code "", with message ""`, "common.timeout", ""},
		{`Expected response code "250" but got an empty response.`, "common.timeout", ""},
		{`Connection could not be established with host "ssl://smtp.contoso.com:587": stream_socket_client(): SSL operation failed with code 1. OpenSSL Error messages: error:1408F10B:SSL routines:ssl3_get_record:wrong version number`, "common.tls-mode", report.OwnerUser},
		{"OpenSSL::SSL::SSLError: hostname \"localhost\" does not match the server certificate (Net::SMTP)", "common.tls-certificate-name", ""},
	} {
		f.check(t)
	}
}

// A name that DNS says not to exist is a setting; one without an answer is the network's.
func TestServerName(t *testing.T) {
	for _, f := range []family{
		{"Error: getaddrinfo ENOTFOUND smtp.gmial.com", "common.client-dns", report.OwnerUser},
		{"dial tcp: lookup smtp.contosso.com on 127.0.0.11:53: no such host", "common.client-dns", report.OwnerUser},
		{"smtplib: socket.gaierror: [Errno -2] Name or service not known", "common.client-dns", report.OwnerUser},
		{"java.net.UnknownHostException: smtp.contosso.com", "common.client-dns", report.OwnerUser},
		{"Error: getaddrinfo EAI_AGAIN smtp.contoso.com", "common.client-dns", report.OwnerNetwork},
		{"smtplib: socket.gaierror: [Errno -3] Temporary failure in name resolution", "common.client-dns", report.OwnerNetwork},
		{"dial tcp: lookup smtp.contoso.com on 10.96.0.10:53: read udp 10.1.2.3:41233->10.96.0.10:53: i/o timeout", "common.client-dns", report.OwnerNetwork},
		{"dial tcp: lookup smtp.contoso.com on 10.96.0.10:53: server misbehaving", "common.client-dns", report.OwnerNetwork},
		{"postfix/lmtp[216]: A53C31E428A: to=<a@contoso.com>, relay=none, dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name=dovecot-ce type=AAAA: Host not found, try again)", "common.domain-not-found", sender},
		{"postfix/smtp[216]: A53C31E428A: to=<a@contoso.com>, relay=none, dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name=relay.mail.svc type=A: Host not found)", "common.domain-not-found", sender},
		{"<root@web7.contoso.com> (expanded from <root>): Host or domain name not found. Name service error for name=web7.contoso.com type=A: Host not found", "common.domain-not-found", sender},
		{"status=bounced (Host or domain name not found. Name service error for name=fabrikamm.com type=A: Host not found)", "common.domain-not-found", report.OwnerUser},
		{"status=deferred (Host or domain name not found. Name service error for name=fabrikam.com type=MX: Host not found, try again)", "common.domain-not-found", report.OwnerRecipient},
		{"status=deferred (Host or domain name not found. Name service error for name=gmail.com type=MX: Host not found, try again)", "common.domain-not-found", sender},
	} {
		f.check(t)
	}
}

// The own server's faults are for its administrator, and the other side is not blamed.
func TestOwnServerAtFault(t *testing.T) {
	for _, f := range []family{
		{"Jan 24 16:39:23 mx postfix/smtpd[27365]: warning: SASL authentication failure: cannot connect to saslauthd server: Permission denied\nJan 24 16:39:23 mx postfix/smtpd[27365]: warning: unknown[172.17.83.13]: SASL LOGIN authentication failed: generic failure", "common.own-sasl", sender},
		{"Jan 24 16:39:23 mx postfix/smtpd[27365]: warning: unknown[192.0.2.13]: SASL PLAIN authentication failed: generic failure", "common.own-sasl", sender},
		{"Jan 24 16:39:23 mx postfix/smtpd[27365]: warning: SASL: Connect to private/auth failed: No such file or directory", "common.own-sasl", sender},
		{"Jan 24 16:39:23 mx postfix/smtpd[27365]: fatal: no SASL authentication mechanisms", "common.own-sasl", sender},
		{"Jan 24 16:39:23 mx postfix/smtpd[27365]: warning: unknown[192.0.2.13]: SASL LOGIN authentication failed: UGFzc3dvcmQ6", "common.password-guessing", report.OwnerNetwork},
		{"2026-08-25 20:26:49 1mIxbt-0001eM-09 == a@contoso.com R=dnslookup T=remote_smtp defer (-1): failed to expand \"interface\" option for remote_smtp transport: failed to open /etc/exim4/ip: Permission denied (euid=108 egid=115)", "common.own-files", sender},
		{"Dec 15 15:27:15 mx postfix/smtp[5402]: 014A977828F: to=<a@contoso.com>, relay=none, dsn=5.4.6, status=bounced (mail for contoso.com loops back to myself)", "common.loop", sender},
		{"2026-08-25 20:26:49 1mIxbt-0001eM-09 ** a@contoso.com: lowest numbered MX record points to local host", "common.loop", sender},
		{"host mx.fabrikam.com[192.0.2.5] said: 554 5.4.6 Too many hops, mail loop", "common.loop", report.OwnerRecipient},
		{"Mar 14 10:26:00 mx postfix/smtpd[27061]: warning: 9.2.0.192.zen.spamhaus.org: RBL lookup error: Host or domain name not found. Name service error for name=9.2.0.192.zen.spamhaus.org type=A: Host not found, try again", "common.own-config", sender},
		{"May  7 23:04:43 mx postfix/cleanup[717285]: 0437429007C5: milter-reject: END-OF-MESSAGE from unknown[192.0.2.4]: 5.7.1 Spam message rejected; from=<b@fabrikam.com> to=<a@contoso.com> proto=ESMTP helo=<mx.fabrikam.com>", "common.spam", report.OwnerRecipient},
		{"host mx.fabrikam.com[192.0.2.5] said: 554 5.7.1 Spam message rejected (in reply to end of DATA command)", "common.spam", sender},
		{"$ openssl s_client -connect mx.contoso.com:25 -starttls smtp\n1399:error:1408F10B:SSL routines:ssl3_get_record:wrong version number\nno peer certificate available", "common.tls-local", report.OwnerRemote},
	} {
		f.check(t)
	}
}

// Who speaks to whom decides what a demand to sign in, a list and a closed port mean.
func TestBetweenWhom(t *testing.T) {
	for _, f := range []family{
		{"a@fabrikam.com\n    host mx.fabrikam.com [192.0.2.5]\n    SMTP error from remote mail server after RCPT TO:<a@fabrikam.com>:\n    553 5.7.1 <b@contoso.com>: Sender address rejected: not logged in", "common.auth-required", report.OwnerRecipient},
		{"smtplib.SMTPSenderRefused: (553, b'5.7.1 <b@contoso.com>: Sender address rejected: not logged in', 'b@contoso.com')", "common.auth-required", report.OwnerUser},
		{"Sep 30 17:27:18 web postfix/smtp[31799]: DA456E2016E: to=<a@fabrikam.com>, relay=smtp.contoso.com[192.0.2.9]:587, dsn=5.7.1, status=bounced (host smtp.contoso.com[192.0.2.9] said: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org (in reply to RCPT TO command))", "common.dnsbl", sender},
		{"Sep 30 17:27:18 web postfix/smtp[31799]: DA456E2016E: to=<a@fabrikam.com>, relay=mx.fabrikam.com[192.0.2.9]:25, dsn=5.7.1, status=bounced (host mx.fabrikam.com[192.0.2.9] said: 554 5.7.1 Service unavailable; Client host [198.51.100.7] blocked using zen.spamhaus.org (in reply to RCPT TO command))", "common.dnsbl", sender},
		{"2026-01-02 SMTP ERROR: Failed to connect to server: Connection timed out (110)\nConnection: opening to smtp.gmail.com:25, timeout=10, options=array()", "common.timeout", report.OwnerUser},
		{"Error: connect ETIMEDOUT 192.0.2.26:25\n  code: 'ESOCKET', address: '192.0.2.26', port: 25, command: 'CONN'", "common.timeout", report.OwnerNetwork},
		{"Error: connect ETIMEDOUT 192.0.2.26:587\n  code: 'ESOCKET', address: '192.0.2.26', port: 587, command: 'CONN'", "common.timeout", report.OwnerNetwork},
		{`{"code":"EAUTH","response":"502 5.5.2 Syntax error, command unrecognized.","responseCode":502,"command":"AUTH PLAIN"}`, "common.auth-not-offered", report.OwnerUser},
		{"421 4.7.0 [RTR:DU] Connection refused from 192.0.2.7, AOL will not accept mail from dynamic or residential addresses", "yahoo.ip-blocked", sender},
		{"smtp.live.com with an OAuth token of https://login.microsoftonline.com: 535 5.7.3 Authentication unsuccessful", "exo.auth-unsuccessful", report.OwnerM365},
	} {
		f.check(t)
	}
}

// A sign-in that Microsoft Entra refused is the answer, and not what follows from it.
func TestEntraBeforeItsResult(t *testing.T) {
	for _, result := range []string{
		"smtp: 8F557F44: to=<a@fabrikam.com>, relay=smtp.office365.com[192.0.2.4]:587, dsn=4.7.0, status=deferred (SASL authentication failed; cannot authenticate to server smtp.office365.com[192.0.2.4]: bad protocol / cancel)",
		"535 5.7.3 Authentication unsuccessful [AM0PR01CA0100.eurprd01.prod.exchangelabs.com]",
		"SMTPAuthenticationError: (535, b'5.7.3 Authentication unsuccessful')",
	} {
		cause := `TokenStore::Refresh: code=400, response={"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired due to inactivity."}`
		for _, text := range []string{cause + "\n" + result, result + "\n" + cause} {
			x, err := Explain(t.Context(), "", []byte(text), Options{})
			if err != nil || len(x.replies) != 1 || x.replies[0].rows[0].Row.ID != "entra.sign-in-700082" {
				t.Errorf("%q: %+v", text, x.replies)
			}
		}
	}
}

// A log or a dialogue in which a message was accepted says so; what comes after QUIT is no
// matter, and a failure behind the success is.
func TestToldAsAccepted(t *testing.T) {
	dialogue := "354 End data with <CR><LF>.<CR><LF>\n250 OK id=1srfPu-FnQW0hPnPam-Iirh\nQUIT\n"
	for _, text := range []string{
		"2026-01-10 12:00:01 1rNabc-0001aB-2c => a@fabrikam.com R=dnslookup T=remote_smtp H=mx.fabrikam.com [192.0.2.3] C=\"250 OK id=1rNabd\"\n2026-01-10 12:00:01 1rNabc-0001aB-2c Completed",
		dialogue + "221 bye", dialogue + "500 unrecognized command", "-> DATA\n<- " + strings.Replace(strings.ReplaceAll(dialogue, "\n", "\n<- "), "<- QUIT", "-> QUIT", 1) + "500 unknown command",
		"Nov 23 10:00:02 mx dovecot: lmtp(anna)<1><abc>: msgid=<x@fabrikam.com>: saved mail to INBOX",
	} {
		x, err := Explain(t.Context(), "", []byte(text), Options{})
		if err != nil || len(x.replies) == 0 || x.replies[0].rows[0].Row.ID != "class.2" || x.ExitCode() != report.ExitOK {
			t.Errorf("%q: %+v", text, x.replies)
		}
	}
	for _, f := range []family{
		{dialogue + "MAIL FROM:<b@contoso.com>\n550 5.7.1 Relaying denied", "common.relay-denied", ""},
		{"250 OK id=1srfPu-FnQW0hPnPam-Iirh\nError: self signed certificate in certificate chain (SMTP)", "common.tls-certificate-untrusted", ""},
	} {
		f.check(t)
	}
}

// A dialog of Outlook Express or Windows Live Mail quotes the server in a field, in any
// language: what the server said is the answer.
func TestDialogQuotesServer(t *testing.T) {
	for _, text := range []string{
		"Assunto 'teste'\nErro de servidor: 550\nResposta do servidor: 550 5.7.1 <a@fabrikam.com>... Relaying denied\nServidor: 'mail.contoso.com'\nID de erro do Windows Live Mail: 0x800CCC79\nProtocolo: SMTP\nPorta: 25",
		"Oggetto 'prova'\nErrore del server: 554\nRisposta del server: 554 5.7.1 <a@fabrikam.com>: Relay access denied\nServer: 'mail.contoso.com'\nID errore Windows Live Mail: 0x800CCC79\nProtocollo: SMTP\nPorta: 25",
		"Betreff ''\nServerfehler: 550\nServerantwort: 550 5.7.1 Unable to relay\nServer: 'mail.contoso.com'\nWindows Live Mail-Fehlernummer: 0x800CCC79\nProtokoll: SMTP\nPort: 25",
	} {
		if id, owner := firstOf(t, text); !strings.Contains(id, "relay") {
			t.Errorf("%q: %s, %s", text, id, owner)
		}
	}
}

// A domain that is one letter away from a large provider's is a typing error if no server of
// it answers; the domains of others are not.
func TestMeantDomain(t *testing.T) {
	for domain, want := range map[string]string{"gmail.cm": "gmail.com", "gmial.com": "gmail.com", "gmaill.com": "gmail.com", "hotmal.com": "hotmail.com",
		"outlok.com": "outlook.com", "yaho.com": "yahoo.com", "gmail.com": "", "contoso.com": "", "fabrikam.cm": "", "mail.de": "", "": ""} {
		if got := meantDomain(domain); got != want {
			t.Errorf("%s: %q, want %q", domain, got, want)
		}
	}
	line := "postfix/smtp[16703]: 8495840E93: to=<a@%s>, relay=none, dsn=4.4.1, status=deferred (connect to %s[192.0.2.25]:25: Connection timed out)"
	family{strings.ReplaceAll(line, "%s", "gmail.cm"), "common.timeout-port25", report.OwnerUser}.check(t)
	family{strings.ReplaceAll(line, "%s", "fabrikam.com"), "common.timeout-port25", report.OwnerNetwork}.check(t)
}

// DNS that gives no answer about several domains is that of the sending server.
func TestSeveralDomainsFail(t *testing.T) {
	line := "Nov 23 10:00:02 mx postfix/smtp[3180]: DF27F16456B: to=<a@%s>, relay=none, dsn=4.4.3, status=deferred (Host or domain name not found. Name service error for name=%s type=MX: Host not found, try again)\n"
	one, two := strings.ReplaceAll(line, "%s", "fabrikam.com"), strings.ReplaceAll(line, "%s", "northwind.com")
	family{one, "common.domain-not-found", report.OwnerRecipient}.check(t)
	family{one + two, "common.domain-not-found", sender}.check(t)
}

// Local delivery fails by the own server's files, sockets and tables, which no recipient can mend.
func TestOwnDelivery(t *testing.T) {
	line := "Nov 23 10:00:02 mx postfix/%s: 4F1A2B3C4D: to=<a@contoso.com>, relay=%s, delay=0.1, dsn=%s, status=%s (%s)"
	for _, text := range []string{
		fmt.Sprintf(line, "lmtp[1]", "none", "4.4.1", "deferred", "connect to mx.contoso.com[private/dovecot-lmtp]: No such file or directory"),
		fmt.Sprintf(line, "lmtp[1]", "none", "4.4.1", "deferred", "connect to mx.contoso.com[private/dovecot-lmtp]: Permission denied"),
		fmt.Sprintf(line, "local[1]", "local", "4.2.0", "deferred", "cannot update mailbox /var/mail/anna for user anna. unable to create lock file /var/mail/anna.lock: Permission denied"),
		fmt.Sprintf(line, "pipe[1]", "filter", "4.3.0", "deferred", "temporary failure. Command output: /usr/sbin/sendmail: No such file"),
		fmt.Sprintf(line, "pipe[1]", "mailman", "5.3.0", "bounced", "Command died with status 6: \"/usr/lib/mailman3/bin\""),
		fmt.Sprintf(line, "error[1]", "none", "4.3.0", "deferred", "mail transport unavailable"),
		"Nov 23 10:00:02 mx postfix/trivial-rewrite[1]: warning: virtual_mailbox_domains: proxy:mysql:/etc/postfix/mysql.cf: table lookup problem",
	} {
		want := "common.own-config"
		if strings.Contains(text, "cannot update") {
			want = "common.own-files"
		}
		family{text, want, sender}.check(t)
	}
	for _, other := range []string{
		"error: failed to open /var/lib/docker/overlay2/x: Permission denied", "Command died with status 137: OOM killed container", "terraform: Error: failed to expand variable",
		"Unable to create lock file /var/lib/dpkg/lock: Permission denied error", "libvirt: SASL: generic failure error", "cron job failed: table lookup problem in postgres: status error",
		"error: bind 0.0.0.0 port 80: Address already in use",
	} {
		family{other, "", ""}.check(t)
	}
	family{fmt.Sprintf(line, "lmtp[1]", "dovecot[private/dovecot-lmtp]", "5.2.2", "bounced", "host dovecot[private/dovecot-lmtp] said: 552 5.2.2 <a@contoso.com> Quota exceeded (mailbox for user is full) (in reply to end of DATA command)"), "common.mailbox-full", ""}.check(t)
	family{fmt.Sprintf(line, "local[1]", "local", "5.2.2", "bounced", "cannot update mailbox /var/mail/anna for user anna. error writing message: File too large"), "common.mailbox-full", ""}.check(t)
	family{fmt.Sprintf(line, "pipe[1]", "maildrop", "5.2.2", "bounced", "permission denied. Command output: maildrop: maildir over quota"), "common.mailbox-full", ""}.check(t)
	family{fmt.Sprintf(line, "local[1]", "local", "5.1.1", "bounced", "unknown user: \"anna\""), "common.user-unknown", ""}.check(t)
}

// The same faults are the receiver's where its server tells of them.
func TestReceiversDelivery(t *testing.T) {
	for _, said := range []string{"451 4.3.0 cannot update mailbox /var/mail/anna for user anna. unable to create lock file", "550 5.3.0 Command died with status 2", "454 4.7.0 SASL generic failure"} {
		if id, owner := firstOf(t, "host mx.fabrikam.com[192.0.2.9] said: "+said+" (in reply to end of DATA command)"); owner == sender {
			t.Errorf("%q: %s, %s", said, id, owner)
		}
	}
}

// What the own server or a filter on it says to itself or to a client is its own trouble.
func TestOwnTrouble(t *testing.T) {
	for _, text := range []string{
		"Nov 23 10:00:02 mx postfix/smtp[12]: 4F1A2B3C4D: to=<a@contoso.com>, relay=127.0.0.1[127.0.0.1]:10024, dsn=4.3.0, status=deferred (host 127.0.0.1[127.0.0.1] said: 451 4.3.0 Error: queue file write error (in reply to end of DATA command))",
		"Nov 23 10:00:02 mx postfix/smtpd[12]: NOQUEUE: reject: RCPT from mx.fabrikam.com[192.0.2.9]: 451 4.3.0 <a@contoso.com>: Temporary lookup failure; from=<b@fabrikam.com> to=<a@contoso.com> proto=ESMTP helo=<mx.fabrikam.com>",
		"Nov 23 10:00:02 mx postfix/smtpd[12]: NOQUEUE: reject: MAIL from mx.fabrikam.com[192.0.2.9]: 452 4.3.1 Insufficient system storage; proto=ESMTP helo=<mx.fabrikam.com>",
		"Nov 23 10:00:02 mx postfix/smtp[12]: 4F1A2B3C4D: to=<a@contoso.com>, relay=none, dsn=4.4.1, status=deferred (connect to 127.0.0.1[127.0.0.1]:10024: Connection refused)",
	} {
		if id, owner := firstOf(t, text); owner != sender {
			t.Errorf("%q: %s, %s", text, id, owner)
		}
	}
	family{"host mx.fabrikam.com[192.0.2.9] said: 451 4.3.0 <a@fabrikam.com>: Temporary lookup failure (in reply to RCPT TO command)", "common.temporary", report.OwnerRecipient}.check(t)
}

// Rust's libraries show a code by the names of its digits, over one line or several.
func TestCodesOfRust(t *testing.T) {
	code := "Code { severity: PermanentNegativeCompletion, category: %s, detail: %s }"
	for _, f := range []family{
		{"lettre::transport::smtp::Error { kind: Permanent(" + fmt.Sprintf(code, "Unspecified3", "Five") + ") }", "smtp.535", ""},
		{"lettre::transport::smtp::Error { kind: Permanent(" + fmt.Sprintf(code, "MailSystem", "Four") + "), source: \"5.7.1 <a@fabrikam.com>: Relay access denied\" }", "common.relay-denied", report.OwnerUser},
		{"Permanent(Response { code: " + fmt.Sprintf(code, "MailSystem", "Zero") + ", message: [\"5.1.1 <a@fabrikam.com>: Recipient address rejected: User unknown\"] })", "common.user-unknown", ""},
		{strings.NewReplacer("{ ", "{\n    ", ", ", ",\n    ", " }", ",\n}").Replace("Permanent(" + fmt.Sprintf(code, "Unspecified3", "Five") + ")"), "smtp.535", ""},
	} {
		f.check(t)
	}
}

// A stack trace of a mail library hides no error of the network below it; one of another
// library is not mail.
func TestTraces(t *testing.T) {
	trace := "Traceback (most recent call last):\n  File \"/app/%s.py\", line 12, in notify\n    conn.open()\n  File \"/usr/lib/python3.12/%s.py\", line 341, in connect\n    self.sock = self._get_socket(host, port, self.timeout)\n  File \"/usr/lib/python3.12/socket.py\", line 852, in create_connection\n    raise exceptions[0]\n"
	for _, last := range []string{"ConnectionRefusedError: [Errno 111] Connection refused", "TimeoutError: timed out", "TimeoutError: The read operation timed out", "socket.timeout: timed out",
		"OSError: [Errno 101] Network is unreachable", "ConnectionResetError: [Errno 104] Connection reset by peer"} {
		family{fmt.Sprintf(trace, "report", "smtplib") + last, "common.timeout", ""}.check(t)
		family{fmt.Sprintf(trace, "report", "ftplib") + last, "", ""}.check(t)
	}
}

// A published record alone is no refusal.
func TestRecordsAlone(t *testing.T) {
	for _, text := range []string{"SPF record found: v=spf1 include:spf.protection.outlook.com -all", "Our DMARC record: v=DMARC1; p=reject; rua=mailto:d@contoso.com", "v=DKIM1; k=rsa; p=MIGfMA0"} {
		family{text, "", ""}.check(t)
	}
	family{"SPF failed: the record is v=spf1 -all (mail from contoso.com)", "common.spf", sender}.check(t)
}
