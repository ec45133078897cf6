package explain

import (
	"context"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// Whether somebody tries again depends on who keeps the message: a server with a
// queue, one that gave up, or a device that has none.
func TestWhoTriesAgain(t *testing.T) {
	const byItself, device, gaveUp, never = "temporary: the sending server", "device or program", "does not retry any more", "permanent"
	for text, want := range map[string]string{
		"4.4.7 message expired":                    gaveUp,
		"550 4.4.7 QUEUE.Expired; message expired": gaveUp,
		"421 4.4.7 delivery time expired":          gaveUp,
		"451 4.4.7 xyzzy":                          gaveUp,
		"421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2.": never,
		"Scan to Email failed. Error code: 17-745. Cannot connect to SMTP server":                             device,
		"454 4.7.0 Temporary authentication failure":                                                          device,
		"450 4.2.0 Greylisted, please try again later":                                                        byItself,
		"452 4.2.2 Mailbox full": byItself,
		"451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS843)":          byItself,
		"451 4.7.1 Cannot find your reverse hostname":                                        "helps only after the fix",
		"smtplib.SMTPDataError: (451, b'4.7.1 Greylisted, try again later')":                 device,
		"status=deferred (Server certificate not verified)":                                  "the sending server retries by itself",
		"stat=Deferred: Connection refused by mx.fabrikam.com.":                              "the sending server retries by itself",
		"== a@fabrikam.com R=dnslookup T=remote_smtp defer (111): Connection refused":        "the sending server retries by itself",
		"status=bounced (unable to look up host mx.fabrikam.com: Name or service not known)": "",
		"Final-Recipient: rfc822; a@fabrikam.com\nAction: delayed\nStatus: 4.4.7\n":          "the sending server retries by itself",
	} {
		x, err := Explain(context.Background(), "", []byte(text), Options{})
		if err != nil || len(x.replies) == 0 || len(x.replies[0].rows) == 0 {
			t.Errorf("%q is not explained", text)
			continue
		}
		r := &x.replies[0]
		if got := nextTexts[outcomeOf(&r.Reply).next(&r.rows[0], &r.Reply)]; !strings.Contains(got, want) {
			t.Errorf("%q (%s): %s, want %s", text, r.rows[0].Row.ID, got, want)
		}
	}
}

// TestRetryAgreesWithFix holds that nothing says that sending again does not help beside a
// fix that ends with sending again or with waiting.
func TestRetryAgreesWithFix(t *testing.T) {
	for _, id := range IDs() {
		row, _ := replies.ByID(id)
		waits := slices.ContainsFunc(row.Fix, func(step string) bool {
			step = strings.ToLower(step)
			return strings.Contains(step, "wait") || strings.Contains(step, "again")
		})
		if said := nextTexts[nextOfRow(&row)]; waits && strings.Contains(said, "does not help") {
			t.Errorf("%s: %q beside %q", id, said, row.Fix)
		}
	}
}
