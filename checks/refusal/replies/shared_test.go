package replies

import (
	"fmt"
	"testing"

	"maildiag/report"
)

// An address that Microsoft's customers share is nothing that a sender can have
// delisted; an address of anybody else is.
func TestListedAddress(t *testing.T) {
	texts := []string{
		"Service unavailable, Client host [%s] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/%[1]s",
		"Service unavailable; client %s is listed in zen.spamhaus.org",
		"Mail from IP %s was rejected due to listing in Spamhaus SBL.",
		"Rejected: %s listed at bl.spamcop.net",
		"Your IP address %s has a poor reputation",
	}
	for ip, want := range map[string]string{
		"40.107.20.55": report.OwnerRecipient, "40.93.1.2": report.OwnerRecipient, "52.101.68.8": report.OwnerRecipient,
		"104.47.1.9": report.OwnerRecipient, "2a01:111:f403::9": report.OwnerRecipient,
		"40.108.20.55": OwnerSender, "192.0.2.1": OwnerSender, "104.48.0.1": OwnerSender, "140.107.20.55": OwnerSender, "2a01:112::9": OwnerSender,
	} {
		for _, text := range texts {
			got := Match(550, "5.7.1", fmt.Sprintf(text, ip))
			if len(got) == 0 || !got[0].Row.Listed || got[0].Row.Owner != want {
				t.Errorf("%s: %s", fmt.Sprintf(text, ip), ids(got))
				continue
			}
			if want == OwnerSender != (len(got[0].Row.Fix) > 0 && got[0].Row.Fix[0] != sharedAddress.Fix[0]) {
				t.Errorf("%s: %q", ip, got[0].Row.Fix)
			}
		}
	}
}
