package explain

import (
	"net/netip"
	"testing"
)

func TestFactsInReplies(t *testing.T) {
	for text, want := range map[string][2]string{
		"Access denied, sending domain [DF.EXAMPLE.JP] does not pass " +
			"DMARC": {"", "df.example.jp"},
		"Access denied, sending domain EXAMPLE.COM does not meet the " +
			"required": {"", "example.com"},
		"Unauthenticated email from libsisimai.org is not accepted due " +
			"to": {"", "libsisimai.org"},
		"Your message was rejected due to libsisimai.org's DMARC " +
			"policy.": {"", "libsisimai.org"},
		"The MAIL FROM domain [email.example.jp] has an SPF record ... with the ip: [203.0.113.22]. To " +
			"best": {"203.0.113.22", "email.example.jp"},
		"[2401:2500::2 13] Messages with " +
			"multiple": {"2401:2500::2", ""},
		"nothing [here]": {"", ""},
	} {
		if got := [2]string{addressIn(text), domainIn(text)}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if _, err := netip.ParseAddr(addressIn("[::ffff:192.0.2.1]")); err != nil {
		t.Error(err)
	}
}
