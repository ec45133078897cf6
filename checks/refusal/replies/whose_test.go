package replies

import (
	"testing"

	"maildiag/report"
)

// TestNeighbors holds causes that stand near each other in words, each with relatives
// that are the other one.
func TestNeighbors(t *testing.T) {
	for _, c := range []struct {
		code           int
		enhanced, text string
		want           string
	}{
		{0, "5.7.703", "Your message can't be delivered because one or more recipients are blocked by your organization's tenant allow/block list policy.", "exo.tenant-block-list"},
		{550, "5.7.703", "The recipient is blocked by your organization using the Tenant Allow/Block List", "exo.tenant-block-list"},
		{550, "5.7.1", "You are blocked by the recipient", "common.blocked-by-recipient"},
		{0, "", "exchangelib.errors.ErrorQuotaExceeded: Mailbox has exceeded maximum mailbox size.", "graph.mailbox-full"},
		{552, "5.2.2", "Mailbox has exceeded its maximum size", "common.mailbox-full"},
		{552, "", "The mailbox exceeded the maximum mailbox size", "common.mailbox-full"},
		{552, "", "Message exceeds maximum message size", "common.too-large"},
		{552, "5.3.4", "Message size exceeds the maximum size of the server", "common.too-large"},
		{552, "", "message line is too long ", "common.format-line"},
		{550, "", "maximum allowed line length is 998 octets, got 1205", "common.format-line"},
		{554, "5.6.0", "Lines longer than 990 characters are not allowed", "common.format-line"},
		{552, "", "message is too long", "common.too-large"},
		{554, "5.6.0", "Message header line is malformed: two From fields", "common.format"},
		{553, "5.1.2", "We weren't able to find the recipient domain. Please check for any spelling errors", "common.domain-not-found"},
		{550, "5.1.2", "Could not find the recipient's domain", "common.domain-not-found"},
		{550, "5.1.1", "We weren't able to find the recipient", "common.user-unknown"},
		{0, "", "SMTP Error: The following recipients failed: x@contoso.example: : Sender address rejected: Domain not found", "common.sender-domain"},
		{450, "4.1.2", "<x@contoso.example>: Recipient address rejected: Domain not found", "common.domain-not-found"},
		{550, "5.4.317", "Message expired, cannot connect to remote server(Failed to connect. Winsock error code: 995, Win32 error code: 995)", "exo.connect-failed"},
		{450, "4.4.317", "Cannot establish session with remote server [Message=Failed to connect. Winsock error code: 10060, Win32 error code: 10060] [LastAttemptedServerName=192.0.2.1]", "exo.connect-failed"},
		{450, "4.4.317", "Cannot establish session with remote server [Message=451 5.7.3 STARTTLS is required to send mail] [LastAttemptedServerName=mx.b.example]", "exo.cannot-connect"},
		{550, "5.4.317", "Message expired, cannot connect to remote server(451 5.7.3 STARTTLS is required to send mail)", "exo.cannot-connect"},
	} {
		found := Match(c.code, c.enhanced, c.text)
		if c.code == 0 && c.enhanced == "" {
			found = ExplainWords(c.text)
		}
		if len(found) == 0 || found[0].Row.ID != c.want {
			t.Errorf("%d %s %s: %s, want %s", c.code, c.enhanced, c.text, ids(found), c.want)
		}
	}
}

// TestOwnMachine holds that a connection refused by the machine itself is for no network
// administrator, and one that another machine refused is.
func TestOwnMachine(t *testing.T) {
	for text, want := range map[string]string{
		"connect ECONNREFUSED 127.0.0.1:25":                                                       report.OwnerUser,
		"Error: connect ECONNREFUSED ::1:587 smtp":                                                report.OwnerUser,
		"smtp: dial tcp [::1]:25: connect: connection refused":                                    report.OwnerUser,
		"dial tcp 127.0.0.1:25: connect: connection refused":                                      report.OwnerUser,
		"SMTP connect() failed: Connection refused localhost:25":                                  report.OwnerUser,
		"No connection could be made because the target machine actively refused it 127.0.0.1:25": report.OwnerUser,
		"connect ECONNREFUSED 192.0.2.7:25":                                                       report.OwnerNetwork,
		"dial tcp 192.0.2.7:587: connect: connection refused":                                     report.OwnerNetwork,
		"connect ETIMEDOUT 192.0.2.7:587":                                                         report.OwnerNetwork,
	} {
		found := ExplainWords(text)
		if len(found) == 0 || found[0].Row.Owner != want {
			t.Errorf("%s: %s", text, ids(found))
		}
	}
	q := Query{Text: "connect to 127.0.0.1[127.0.0.1]:10024: Connection refused", Path: PathDelivery}
	if found := Explain(q); len(found) == 0 || found[0].Row.Owner != OwnerSender {
		t.Errorf("%+v: %s", q, ids(found))
	}
}

// TestPersonalAccount holds that who signs in with a personal account is sent to no
// administrator, and who signs in with another one is, whatever the From address is.
func TestPersonalAccount(t *testing.T) {
	for text, personal := range map[string]bool{
		"SendAsDenied; a@outlook.com not allowed to send as b@contoso.com": true,
		"SendAsDenied; a@hotmail.co.uk not allowed to send as b@live.com":  true,
		"SendAsDenied; a@live.nl not allowed to send as b@contoso.com":     true,
		"SendAsDenied; a@contoso.com not allowed to send as b@outlook.com": false,
		"SendAsDenied; a@outlook.contoso.com not allowed to send as b@c.d": false,
		"SendAsDenied": false,
	} {
		found := Explain(Query{Code: 554, Enhanced: "5.2.252", Text: text})
		if len(found) == 0 || (found[0].Row.Owner == report.OwnerUser) != personal || personal && (found[0].Row.Commands != nil || len(found[0].Row.Fix) != 1) {
			t.Errorf("%s: %s %+v", text, ids(found), found)
		}
	}
}

// TestNotAuthorized holds that the bare refusal of a filter is not read as a restriction
// of Exchange, unless Exchange Online says it.
func TestNotAuthorized(t *testing.T) {
	for provider, want := range map[Provider]string{ExchangeOnline: report.OwnerRecipient, Any: OwnerSender} {
		found := Explain(Query{Code: 554, Enhanced: "5.7.1", Text: "Delivery not authorized", Provider: provider, Other: provider == Any, Path: PathDelivery})
		if len(found) == 0 || found[0].Row.Owner != want || (len(found[0].Row.Commands) > 0) != (provider == ExchangeOnline) {
			t.Errorf("%q: %s", provider, ids(found))
		}
	}
}

// TestPlainLines holds lines of programs and logs that carry no code.
func TestPlainLines(t *testing.T) {
	for text, want := range map[string]string{
		"postfix/smtp[3288]: connect to mx.fabrikam.com[192.0.2.27]:25: Connection timed out":                                                                      "common.timeout-port25",
		"postfix/smtp[3288]: connect to mx.fabrikam.com[192.0.2.27]:25: No route to host":                                                                          "common.timeout-port25",
		"postfix/smtpd[3288]: connect from mx.fabrikam.com[192.0.2.27]":                                                                                            "",
		"postfix/smtpd[3288]: lost connection after AUTH from unknown[192.0.2.27]":                                                                                 "",
		"An error occurred while attempting to establish an SSL or TLS connection.\n\nThe host name did not match the name given in the server's SSL certificate.": "common.tls-certificate-name",
		"Your email access has been blocked because your IT department has blocked your email access.":                                                             "graph.access-blocked",
		`{"error":{"code":"NoPermissionsInAccessToken","message":"The token contains no permissions"}}`:                                                            "graph.no-permission",
		`{"error":"invalid_grant","error_description":"AADSTS70000: The grant is expired."}`:                                                                       "entra.sign-in-70000",
	} {
		got := ""
		if found := ExplainWords(text); len(found) > 0 {
			got = found[0].Row.ID
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
