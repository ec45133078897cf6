package replies

import (
	"testing"

	"maildiag/report"
)

// signInsElsewhere are failed sign-ins of other programs and protocols, written
// from their manuals and sources.
var signInsElsewhere = []string{
	"remote: HTTP Basic: Access denied. The provided password or token is incorrect\nfatal: Authentication failed for 'https://git.contoso.com/x.git/'",
	"fatal: Authentication failed for 'https://github.com/contoso/x.git/'",
	"remote: Invalid username or password.",
	"NOAUTH Authentication required.",
	"WRONGPASS invalid username-password pair or user is disabled.",
	"kinit: Preauthentication failed while getting initial credentials",
	"kinit: Password incorrect while getting initial credentials",
	"rlm_mschap: FAILED: No NT-Password. Cannot perform authentication. Access-Reject",
	"Login incorrect (mschap: MS-CHAP2-Response is incorrect): [bob] (from client wlan port 0) Access-Reject",
	"480 Authentication required for command",
	"481 Authentication failed",
	"482 Authentication commands issued out of sequence",
	"a1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
	"-ERR [AUTH] Authentication failed.",
	"fetchmail: Authorization failure on bob@imap.contoso.com",
	"LDAP: error code 49 - 80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data 52e, v3839",
	"ldap_bind: Invalid credentials (49)",
	"530 Login incorrect.",
	"530 Login authentication failed",
	"Permission denied (publickey,password).",
	`FATAL: password authentication failed for user "postgres"`,
	`psql: error: connection to server at "db" failed: FATAL:  password authentication failed for user "app"`,
	"ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)",
	"ORA-01017: invalid username/password; logon denied",
	"session setup failed: NT_STATUS_LOGON_FAILURE",
	"401 Unauthorized: invalid credentials",
	"407 Proxy Authentication Required",
	"MongoServerError: Authentication failed.",
	"AUTH: Received control message: AUTH_FAILED",
	"pam_unix(sudo:auth): authentication failure; logname=bob uid=1000",
	"Login failed for user 'sa'.",
	"Connection Refused: bad user name or password",
	"ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN",
	"wpa_supplicant: CTRL-EVENT-EAP-FAILURE EAP authentication failed",
}

// TestSignInsElsewhere holds that the failed sign-in of another program is never
// explained as one of SMTP.
func TestSignInsElsewhere(t *testing.T) {
	for _, text := range signInsElsewhere {
		if Foreign(text) != "" {
			continue
		}
		if found := ExplainWords(text); len(found) > 0 {
			t.Errorf("%q: %s", text, found[0].Row.ID)
		}
	}
}

// TestSignInOwner holds that only a sign-in that may be Microsoft's gets the
// Microsoft 365 administrator and PowerShell.
func TestSignInOwner(t *testing.T) {
	for _, c := range []struct {
		q         Query
		microsoft bool
	}{
		{Query{Code: 535, Text: "Incorrect authentication data"}, false},
		{Query{Code: 535, Enhanced: "5.7.8", Text: "Error: authentication failed: UGFzc3dvcmQ6"}, false},
		{Query{Code: 535, Enhanced: "5.7.0", Text: "Authentication credentials invalid"}, false},
		{Query{Code: 535, Enhanced: "5.7.8", Text: "Username and Password not accepted. https://support.google.com/mail/?p=BadCredentials - gsmtp"}, false},
		{Query{Code: 535, Text: "Authentication failed", Provider: Zoho}, false},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "authentication failure", Provider: Yahoo}, false},
		{Query{Text: "msmtp: authentication failed (method LOGIN)"}, false},
		{Query{Code: 535, Enhanced: "5.7.3", Text: "Authentication unsuccessful", Provider: ExchangeOnline}, true},
		{Query{Code: 535, Text: "authentication failed", Provider: ExchangeOnline}, true},
		{Query{Code: 535, Text: "authentication failed at smtp.office365.com"}, true},
		{Query{Code: 550, Enhanced: "5.7.1", Text: "authentication failure"}, true}, // says nothing of who speaks
	} {
		found := Explain(c.q)
		if len(found) == 0 {
			t.Errorf("%+v: nothing", c.q)
			continue
		}
		row := found[0].Row
		if got := row.Owner == report.OwnerM365 || len(row.Commands) > 0; got != c.microsoft {
			t.Errorf("%+v: %s, owner %q, %d commands", c.q, row.ID, row.Owner, len(row.Commands))
		}
	}
}

// TestBareErrors explains the errors of connections and TLS that say nothing of the
// program, and those of mail programs and devices, but not those of other programs.
func TestBareErrors(t *testing.T) {
	for text, want := range map[string]bool{
		"ECONNREFUSED": true, "SSL negotiation failed": true, "javax.net.ssl.SSLHandshakeException: No appropriate protocol": true,
		"Error: certificate has expired":                    true,
		"Ricoh: connection with the destination has failed": true, "System.IO.IOException: connection was forcibly closed": true,
		"msmtp: cannot connect to mail.contoso.com, port 587: Connection refused": true,
		"mytool: certificate has expired":                                         false, "acmed[12]: certificate has expired": false,
		"org.contoso.HttpError: Connection refused": false, "backend answered: TLS handshake failed": false,
		"The website is down: certificate has expired": false, "sql01: Connection timed out": false,
	} {
		got := ExplainWords(text)
		if len(got) > 0 != want {
			t.Errorf("%q: %s", text, ids(got))
		}
	}
}

// TestDeviceCodes explains the numbers of printers only beside their maker's name.
func TestDeviceCodes(t *testing.T) {
	for text, want := range map[string]string{
		"Canon #801 error": "common.timeout", "TX NG #839 (Canon iR-ADV)": "common.auth-failed", "Xerox status 016-764": "common.timeout",
		"Error 016-503 Xerox VersaLink": "common.client-dns", "Kyocera send error 1102": "common.auth-failed", "UTAX scan error 3101": "common.auth-not-offered",
		"801": "", "error 801": "", "016-764": "", "call 016-764": "", "Canon EOS 801": "", "error 1102": "", "Xerox order 016-764 shipped": "",
	} {
		if got := ids(ExplainWords(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
