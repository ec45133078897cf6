package replies

import "testing"

// TestTLSCause explains what TLS libraries, programs and devices show by what is
// wrong, and not only as an error of TLS.
func TestTLSCause(t *testing.T) {
	for cause, texts := range map[string][]string{
		"tls-certificate-expired": {
			"SMTP error: certificate has expired", "Error: certificate has expired { code: 'CERT_HAS_EXPIRED', command: 'CONN' } smtp",
			"javax.mail.MessagingException: PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed",
			"tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-27 is after 2026-10-01, smtp:587",
			"454 4.7.5 Certificate validation failure, Reason:CertExpired", "Das Zertifikat des Mailservers ist abgelaufen",
			"TLS error on connection to mx.fabrikam.example [192.0.2.7] (certificate verification failed): certificate has expired",
			"ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1007) smtplib",
		},
		"tls-certificate-name": {
			"SMTP: The target principal name is incorrect", "Hostname/IP does not match certificate's altnames: Host: mail.contoso.com. smtp",
			"tls: failed to verify certificate: x509: certificate is valid for *.hoster.example, not mail.contoso.com:587",
			"javax.mail: java.security.cert.CertificateException: No subject alternative DNS name matching mail.contoso.com found.",
			"Peer certificate CN=`hoster.example' did not match expected CN=`mail.contoso.com' SMTP",
			"certificate verify failed: Hostname mismatch, certificate is not valid for 'mail.contoso.com'. (_ssl.c:997) smtplib",
			"RemoteCertificateNameMismatch: The remote certificate is invalid according to the validation procedure. (SmtpClient)",
		},
		"tls-certificate-untrusted": {
			"SMTP: self-signed certificate in certificate chain", "smtp: x509: certificate signed by unknown authority",
			"certificate verify failed: unable to get local issuer certificate (_ssl.c:997) smtplib",
			"Error: unable to verify the first certificate smtp", "SSL alert: unknown CA on smtp:465",
			"MailKit: RemoteCertificateChainErrors PartialChain", "Untrusted TLS connection; server certificate not trusted, relay=mx.contoso.com",
		},
		"tls-certificate": {
			"SMTP: certificate verify failed", "The remote certificate is invalid according to the validation procedure. smtp",
			"SMTP server: certificate was rejected",
		},
		"tls-version": {
			"javax.mail: No appropriate protocol (protocol is disabled or cipher suites are inappropriate)",
			"error:1417118C:SSL routines:tls_process_server_hello:version too low smtp", "Received fatal alert: protocol_version smtp",
			"SSL routines:ssl3_get_client_hello:no shared cipher postfix/smtpd", "421 4.7.66 TLS 1.0 and 1.1 are not supported",
			"The client and server cannot communicate, because they do not possess a common algorithm. smtp:587", "dh key too small smtp",
		},
		"tls-mode": {
			"error:1408F10B:SSL routines:ssl3_get_record:wrong version number smtp", "smtp: tls: first record does not look like a TLS handshake",
			"javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection? smtp, 587",
			"The handshake failed due to an unexpected packet format. smtp", "GnuTLS: A TLS packet with unexpected length was received. smtp",
		},
		"tls-local": {"454 4.7.0 TLS not available due to local problem"},
		"tls-not-offered": {
			"SMTPNotSupportedError: STARTTLS extension not supported by server.", "TLS is required, but was not offered by host mx.contoso.com",
			"502 5.5.1 STARTTLS command not supported", "Server does not support STARTTLS smtp",
		},
	} {
		for _, text := range texts {
			code, enhanced, words := split(text)
			got := Match(code, enhanced, words)
			if code == 0 {
				got = ExplainWords(text)
			}
			if len(got) == 0 || got[0].Row.cause() != cause && code != 421 {
				t.Errorf("%s: %s, want %s", text, ids(got), cause)
			}
		}
	}
}

// TestSignInNotOffered holds that an extension that a server lacks is neither an
// attachment nor a wrong password.
func TestSignInNotOffered(t *testing.T) {
	for _, text := range []string{
		"SMTP AUTH extension not supported by server.", "503 5.5.1 AUTH command used when not advertised",
		"504 5.7.4 Unrecognized authentication type", "503 AUTH not available", "No supported authentication method on smtp server",
		"504 5.5.4 Authentication mechanism CRAM-MD5 not supported", "msmtp: the server does not support authentication",
		"SMTPException: No suitable authentication method found.", "535 5.7.3 none of the authentication methods is supported",
	} {
		code, enhanced, words := split(text)
		if got := Match(code, enhanced, words); ids(got) != "common.auth-not-offered" && ids(got) != "exo.auth-type" {
			t.Errorf("%s: %s", text, ids(got))
		}
	}
	for text, want := range map[string]string{
		"552 5.7.0 file extension .js not supported": "common.attachment", "550 5.7.1 The attachment extension exe is not allowed": "common.attachment",
	} {
		if got := Match(split(text)); ids(got) != want {
			t.Errorf("%s: %s", text, ids(got))
		}
	}
}

// TestOverruled holds that words of a temporary cause and a permanent code do not
// contradict one another, and that nothing else is called overruled.
func TestOverruled(t *testing.T) {
	for _, text := range []string{"Greylisted, please try again in 300 seconds", "Service temporarily unavailable", "server busy, try again later",
		"Too many concurrent connections", "disk full", "Address verification in progress", "connection timed out"} {
		for class, want := range map[int]bool{400: false, 500: true} {
			for _, enhanced := range []string{"", "5.7.1"} {
				if class == 400 && enhanced != "" {
					enhanced = "4.7.1"
				}
				got := Match(class+50, enhanced, text)
				if len(got) == 0 || got[0].Overruled() != want || want && got[0].Row.Duration != Permanent || !want && got[0].Row.Duration != Temporary {
					t.Errorf("%d %s %s: %s", class+50, enhanced, text, ids(got))
				}
			}
		}
	}
	for _, text := range []string{"User unknown", "mailbox full", "what nobody knows"} {
		if got := Match(550, "", text); got[0].Overruled() {
			t.Errorf("550 %s: %s", text, ids(got))
		}
	}
}

// TestLimits tells the limits of a message, a connection and a time apart.
func TestLimits(t *testing.T) {
	for text, want := range map[string]string{
		"421 too many messages in this connection":                                              "common.rate-session",
		"421 4.7.0 Too many messages in one session":                                            "common.rate-session",
		"452 4.3.2 maximum number of messages per connection exceeded":                          "common.rate-session",
		"450 too many messages from you in the last hour":                                       "common.rate",
		"452 #4.5.3 Too many recipients received this hour":                                     "common.rate",
		"452 4.5.3 Too many recipients":                                                         "common.too-many-recipients",
		"451 Authentication failed: Maximum credits exceeded":                                   "common.credits",
		"550 Sandbox subdomains are for test purposes only":                                     "common.sandbox",
		"525 5.7.1 Unauthorized IP address":                                                     "common.client-ip",
		"553 Relaying disallowed as billing@example.com":                                        "common.sender-login-mismatch",
		"553 Relaying disallowed":                                                               "common.relay-denied",
		"550 5.7.1 Client does not have permissions to send to this recipient":                  "common.internal-only",
		"550 not permitted to relay through this server without authentication":                 "common.relay-auth-required",
		"432 4.7.12 A password transition is needed":                                            "common.auth-transition",
		"550 Domain may not exist or DNS check failed [abc=]. https://open.work.weixin.qq.com/": "qq.sender-domain",
		"554 5.4.12 SMTP; Hop count exceeded - possible mail loop detected":                     "common.loop",
	} {
		if got := Match(split(text)); ids(got) != want {
			t.Errorf("%s: %s, want %s", text, ids(got), want)
		}
	}
}
