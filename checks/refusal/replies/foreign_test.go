package replies

import "testing"

// TestForeign holds which protocol a text is of, and that mail that only mentions one is not.
func TestForeign(t *testing.T) {
	for text, want := range map[string]string{
		`<remote-server-timeout xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/> Remote server's certificate has expired`:   "XMPP",
		`<stream:error xmlns='jabber:client'>host-unknown</stream:error>`:                                                "XMPP",
		"552 Disk full - please upload later":                                                                            "FTP",
		"552 Quota exceeded, please upload again when you have deleted files":                                            "FTP",
		"552 Disk full - please send again later":                                                                        "",
		"552 5.3.4 Message too large; upload the attachment to OneDrive":                                                 "",
		"550 5.1.1 <a@xmpp.example>: Recipient address rejected: User unknown":                                           "",
		"connecting to imap.mail.example:993\nS: a0 NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials":                 "IMAP or POP3",
		"LOGIN authentication failed: [AUTHENTICATIONFAILED] LOGIN Invalid credentials":                                  "IMAP or POP3",
		"Error login on [outlook.office365.com] auth [LOGIN]: 2 NO LOGIN failed.":                                        "IMAP or POP3",
		"Error login on [outlook.office365.com] auth [XOAUTH2]: 2 NO AUTHENTICATE failed.":                               "IMAP or POP3",
		"535 5.7.8 Authentication failed: no login failed before":                                                        "",
		"535 5.7.3 Authentication unsuccessful":                                                                          "",
		"550 5.7.1 no login possible":                                                                                    "",
		`401 Unauthorized: {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret"}`:        "",
		`HTTP/1.1 400 {"error":"invalid_grant","error_description":"AADSTS70008: expired"}`:                              "",
		"HTTP/1.1 401 Unauthorized":                                                                                      "HTTP",
		"Client error: POST https://graph.microsoft.com/v1.0/me/sendMail resulted in a 403 Forbidden: ErrorAccessDenied": "",
		"Client error: POST https://api.example.com/ resulted in a 403 Forbidden":                                        "HTTP",
	} {
		if got := Foreign(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
