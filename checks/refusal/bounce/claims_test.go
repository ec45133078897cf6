package bounce

import (
	"testing"

	"maildiag/checks/refusal/replies"
)

// explained returns what explains the first reply of a text.
func explained(t *testing.T, text string) replies.Explanation {
	t.Helper()
	found := Find([]byte(text))
	if len(found) == 0 {
		t.Fatalf("%s: no reply", text)
	}
	return explainReply(found[0])[0]
}

// TestCause explains replies in which a few common words stand beside the cause.
func TestCause(t *testing.T) {
	for text, want := range map[string]string{
		"421 Rate limit reached. Please try again later":                                        "common.rate",
		"450 Rate limited, try later":                                                           "common.rate",
		"421 Too many connections, please retry":                                                "common.too-many-connections",
		"571 Email from 203.0.113.8 is blocked by our system. Visit http://a.example/whitelist": "common.ip-reputation",
		"450 Try again later":                                                                   "common.temporary",
		"451 Requested action aborted: local error in processing":                               "common.temporary",
		"550 5.1.1 <a@b.example>: Recipient address rejected: Access denied":                    "common.recipient-blocked",
		"550 5.4.1 Recipient address rejected: Access denied. AS(201806281)":                    "exo.edge-blocking",
		"550 5.7.1 Unable to relay":                                                             "exo.unable-to-relay",
		"535 5.7.3 Authentication unsuccessful":                                                 "exo.auth-unsuccessful",
		"452 4.3.1 Insufficient system resources":                                               "exchange.resources",
		"550-Verification failed for <a@b.example> The account or domain may not exist":         "common.sender-rejected",
		"550-5.7.26 This mail is unauthenticated, which poses a security risk to Gmail users":   "gmail.unauthenticated",
		"550 5.1.0 Unknown address error 550-'No such user here'":                               "common.user-unknown",
		"550 5.5.2 Message rejete pour non respect de la politique DMARC. LPN007_599":           "common.dmarc",
		"451 From:domain must resolve":                                                          "common.sender-domain",
		"421 4.7.0 IP not in whitelist for RCPT domain, closing connection":                     "common.blocked-by-recipient",
		"550-5.7.1 Messages missing a valid Reverse DNS":                                        "common.ptr",
		"450 4.7.0 <DATA>: Data command rejected: Daily mail quota exceeded":                    "common.rate",
		"550 5.7.1 message failed authentication":                                               "common.unauthenticated",
		"550 5.7.1 authentication failure":                                                      "common.auth-failed",
		"550 Sender domain not allowed":                                                         "common.sender-rejected",
		"Reason: 521 access denied":                                                             "common.blocked",
		"550 unrouteable mail domain b.example":                                                 "common.user-unknown",
	} {
		if got := explained(t, text); got.Row.ID != want || !got.Known() {
			t.Errorf("%s: %s (known: %t), want %s", text, got.Row.ID, got.Known(), want)
		}
	}
}

// TestUnexplained explains replies whose few common words leave open what the others
// name.
func TestUnexplained(t *testing.T) {
	for _, text := range []string{
		"475 access from your network is restricted, try later",
		"450 4.7.1 Message from 203.0.113.9 temporarily deferred",
		"421 IP not on the list, service unavailable try again",
		"550 Command rejected",
		"554 5.7.1 POL-P7 Please visit http://b.example/auth_error for more information",
		"554 5.7.1 Refused, see http://b.example/user/unknown",
		"554 5.7.1 the check with ldap came to no result",
		"550 Something about a database",
		"550 User in blacklist",
		"553 Check your mail first; this prevents unauthorized SPAM relaying. (#5.7.1)",
	} {
		if got := explained(t, text); got.Known() {
			t.Errorf("%s: %s is known", text, got.Row.ID)
		}
	}
}
