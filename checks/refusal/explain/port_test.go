package explain

import "testing"

// What kept a server from port 25 of another is not looked for at port 587.
func TestPort25(t *testing.T) {
	for text, want := range map[string]string{
		"connect to contoso-com.mail.protection.outlook.com[52.101.68.8]:25: Connection timed out": "common.timeout-port25",
		"connect to mx.fabrikam.com[192.0.2.5]:25: Connection refused":                             "common.timeout-port25",
		"connect to mx.fabrikam.com[2001:db8::5]:25: Network is unreachable":                       "common.timeout-port25",
		"Nov 27 09:00:01 mail postfix/smtp[77]: 4F: to=<a@contoso.com>, relay=none, delay=30, dsn=4.4.1, status=deferred " +
			"(connect to contoso-com.mail.protection.outlook.com[52.101.73.5]:25: Connection timed out)": "common.timeout-port25",
		"connect to smtp.office365.com[52.98.1.1]:587: Connection timed out": "common.timeout",
		"connect to mx.fabrikam.com[192.0.2.5]:2525: Connection refused":     "common.timeout",
	} {
		if id, _ := firstOf(t, text); id != want {
			t.Errorf("%q: %s, want %s", text, id, want)
		}
	}
}
