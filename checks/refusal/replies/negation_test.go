package replies

import (
	"strings"
	"testing"
)

// TestDenied explains texts that deny a fault, and the same fault told plainly.
func TestDenied(t *testing.T) {
	for _, c := range []struct{ text, not, row string }{
		{"mailbox is not full but the message looks like spam", "mailbox-full", "common.spam"},
		{"Your message was not blocked by any block list; message size exceeds fixed limit", "dnsbl", "common.too-large"},
		{"no virus was found; mailbox full", "virus", "common.mailbox-full"},
		{"user unknown is not the reason, mailbox full", "user-unknown", "common.mailbox-full"},
		{"this is not spam; the attachment type is not allowed", "spam", "common.attachment"},
		{"nicht als spam erkannt, Postfach voll", "spam", "common.mailbox-full"},
		{"no SPF record", "never", "common.spf"},
		{"no DKIM signature", "never", "common.dkim"},
		{"user does not exist", "never", "common.user-unknown"},
		{"no PTR record", "never", "common.ptr"},
	} {
		got := Explain(Query{Code: 550, Enhanced: "5.7.1", Text: c.text})
		if ids(got) != c.row || strings.Contains(ids(got), c.not) {
			t.Errorf("%q: %s, want %s", c.text, ids(got), c.row)
		}
	}
}

// TestExact sees that nothing is exact where the speaker is not known, another
// row's words stand in the reply, or the words are nobody's.
func TestExact(t *testing.T) {
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{550, "5.7.64", "TenantAttribution; Relay Access Denied", Any, "", false, "", false, false, false}, Exact},
		{Query{550, "5.1.1", "User unknown", Any, "", false, "", false, false, false}, Exact},
		{Query{550, "5.7.1", "Unable to relay", Any, "", false, "", false, false, false}, Wording},
		{Query{550, "5.7.1", "Unable to relay", ExchangeOnline, "", false, "", false, false, false}, Exact},
		{Query{550, "5.7.1", "Delivery not authorized, message refused", Any, "", false, "", false, false, false}, Wording},
		{Query{550, "5.7.1", "user unknown; virus found", Any, "", false, "", false, false, false}, Wording},
		{Query{450, "4.7.1", "Recipient address rejected", Any, "", false, "", false, false, false}, Wording},
		{Query{550, "5.1.1", "the parrot rests", Any, "", false, "", false, false, false}, Code},
	} {
		if got := Explain(c.q); len(got) == 0 || got[0].Match == Exact && c.want != Exact || c.want == Exact && got[0].Match != Exact {
			t.Errorf("%+v: %s %+v, want %s", c.q, ids(got), got, c.want)
		}
	}
}

// TestBornOut gives registered codes words that nobody knows: of the same
// subject, of another one, and of none.
func TestBornOut(t *testing.T) {
	for _, c := range []struct {
		enhanced, text string
		known          bool
	}{
		{"5.1.1", "we know nobody with the mailbox zz, unknown", true},
		{"5.1.1", "zz is gone fishing", false},
		{"5.3.4", "38 MB is beyond us", true},
		{"5.3.4", "beyond us", false},
		{"5.4.6", "loops and loops", true},
		{"5.7.1", "no mailbox of that kind, oh no", false},
		{"5.2.2", "nothing left", false},
	} {
		got := Explain(Query{Code: 550, Enhanced: c.enhanced, Text: c.text})
		if len(got) == 0 || got[0].Evidence.BornOut != c.known && got[0].By != ByText {
			t.Errorf("%s %s: %s %+v", c.enhanced, c.text, ids(got), got)
		}
	}
}

// TestSpoken tells what a server or program shows from what a person writes.
func TestSpoken(t *testing.T) {
	for text, want := range map[string]bool{
		"Mailbox full": true, "User unknown": true, "ECONNREFUSED": true, "connect ETIMEDOUT 203.0.113.9:587": true,
		"Your message was not delivered: mailbox full": true, "We were unable to deliver your message: user unknown": true,
		"Das Postfach des Empfängers ist voll": true, "受信者のメールボックスがいっぱいです": true,
		"spam": false, "relay": false, "spam filter": false, "timeout": false, "Is our IP on a blacklist?": false,
		"how to fix user unknown": false, "My mailbox is full": false, "We do not relay faxes any more": false,
		"-ERR login failed": false, "ORA-12170: TNS:Connect timeout occurred": false, "Mein Postfach ist voll": false,
	} {
		if got := len(ExplainWords(text)) > 0; got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
