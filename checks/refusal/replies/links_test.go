package replies

import "testing"

// TestLinks holds that the name of a page is no evidence, and that the host is where a
// provider or a public list speaks.
func TestLinks(t *testing.T) {
	for _, topic := range []string{"greylisting", "spf-dkim-dmarc", "blacklist", "help_spam_16", "mailbox-full", "virus/found",
		"user-unknown", "relay%20access%20denied", "quota?error=exceeded", "auth#authentication-required", "rate-limit", "tls"} {
		for _, link := range []string{"https://www.example.net/" + topic + "/help.html", "http://[2001:db8::1]/" + topic, "(see example.net/" + topic + ")",
			"www.example.net/a/" + topic + ".htm.", "https://exa mple.net/" + topic, "<HTTPS://EXAMPLE.NET:8443/" + topic + ">", "info:http://" + topic + ".example.net/", "https://mail.163.com/help/" + topic} {
			for _, m := range Match(554, "5.7.1", "Not here: "+link) {
				if m.Known() {
					t.Errorf("%s: %s", link, m.Row.ID)
				}
			}
		}
	}
	for link, want := range map[string]string{
		"https://www.spamhaus.org/query/ip/192.0.2.1":               "common.dnsbl",
		"blocked, http://www.barracudacentral.org/lookups?q=1":      "common.dnsbl",
		"greylisted, see https://www.example.net/spf/dmarc/virus":   "common.greylisted",
		"https://www.example.net/greylisted: user unknown":          "common.user-unknown",
		"mailbox full (https://support.google.com/mail/spam/virus)": "common.mailbox-full",
	} {
		if m := Match(554, "5.7.1", link); len(m) == 0 || !m[0].Known() || m[0].Row.cause() != want[len("common."):] {
			t.Errorf("%s: %+v", link, m)
		}
	}
}
