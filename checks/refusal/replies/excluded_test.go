package replies

import (
	"strings"
	"testing"
)

// TestAnswered holds that a server that answers was reached: "connection refused" in
// its words is no firewall. What it tells of another server stays a timeout.
func TestAnswered(t *testing.T) {
	for _, c := range []struct {
		code     int
		enhanced string
		text     string
		timeout  bool
	}{
		{501, "", "Connection Refused", false},
		{550, "", "Connection refused - we hate visitors!", false},
		{554, "5.7.1", "Connection refused. IP 203.0.113.9 not allowed", false},
		{554, "", "Your connection was refused", false},
		{421, "", "Connection refused, too many from you", false},
		{421, "4.7.0", "Connection was refused by the house", false},
		{421, "4.4.1", "Connection refused", true},
		{0, "4.4.1", "connect to mx.example[203.0.113.9]:25: Connection refused", true},
		{451, "", "connect to mx.example: Connection refused", true},
		{550, "5.4.1", "Connection refused", true},
		{421, "4.4.2", "timeout exceeded", true},
		{0, "", "ECONNREFUSED 192.0.2.1:465 smtp", true},
	} {
		m := Match(c.code, c.enhanced, c.text)
		if got := len(m) > 0 && m[0].Known() && strings.HasPrefix(m[0].Row.cause(), "timeout"); got != c.timeout {
			t.Errorf("%d %s %s: timeout %v", c.code, c.enhanced, c.text, got)
		}
	}
}

// TestRuledOut holds which of two rows with the same words a code or a log rules out.
func TestRuledOut(t *testing.T) {
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Code: 454, Enhanced: "4.7.0", Text: "TLS not available due to local problem"}, "common.tls-local"},
		{Query{Code: 454, Text: "STARTTLS currently unavailable"}, "common.tls-local"},
		{Query{Code: 454, Enhanced: "4.3.0", Text: "TLS not available: missing RSA private key"}, "common.tls-local"},
		{Query{Code: 502, Enhanced: "5.5.1", Text: "TLS not available"}, "common.tls-not-offered"},
		{Query{Text: "TLS not available on smtp server"}, "common.tls-not-offered"},
		{Query{Code: 554, Enhanced: "5.7.1", Text: "<x[203.0.113.9]>: Client host rejected: Access denied", Stage: StageSubmission}, "postfix.client-not-authenticated"},
		{Query{Code: 550, Text: "Unauthenticated senders are not allowed"}, "common.auth-required"},
	} {
		if m := Explain(c.q); len(m) == 0 || m[0].Row.ID != c.want || !m[0].Known() {
			t.Errorf("%+v: %s", c.q, ids(m))
		}
	}
	q := Query{Code: 554, Enhanced: "5.7.1", Text: "<x[203.0.113.9]>: Client host rejected: Access denied"}
	if m := Explain(q); m[0].Row.ID == "postfix.client-not-authenticated" {
		t.Error("a host rejected at port 25 did not fail to sign in")
	}
}

// TestNotKnown holds that a reply with a code whose cause is not known is not claimed
// by the words of any row.
func TestNotKnown(t *testing.T) {
	for _, c := range []struct {
		code           int
		enhanced, text string
	}{
		{550, "5.7.1", "Access from your network is restricted, try later"},
		{550, "", "To prevent spam, check your mail before relaying; rejected"},
		{554, "5.7.1", "Rejected because of the header and the relay policy of the house"},
		{450, "", "Rule 17 of the quarantine, try again later"},
		{550, "5.1.1", "Rule 17"}, {571, "", "Rule 17"}, {499, "4.9.9", "try later, spf"},
	} {
		m := Match(c.code, c.enhanced, c.text)
		if len(m) == 0 {
			t.Errorf("%s: nothing", c.text)
		}
		for _, m := range m {
			if !m.Known() && (m.By == ByText || m.Match == Exact || m.Match == Wording) {
				t.Errorf("%s: not known, but %s by %s", c.text, m.Row.ID, m.By)
			}
		}
	}
}
