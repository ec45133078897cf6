package replies

import "testing"

// TestTie explains replies whose sentences name one cause or two: in each order,
// and whatever code stands before them.
func TestTie(t *testing.T) {
	causes := map[string]string{
		"Mailbox is full": "common.mailbox-full", "Relaying denied": "common.relay-denied", "SPF check failed": "common.spf",
		"Message too large": "common.too-large", "Attachment type not allowed": "common.attachment",
	}
	for a, first := range causes {
		for b, second := range causes {
			if a == b {
				continue
			}
			for _, code := range []int{0, 550, 554} {
				got := ids(Explain(Query{Code: code, Text: a + ". " + b + "."}))
				if got != first+"|"+second && got != second+"|"+first {
					t.Errorf("%d %s. %s.: %v", code, a, b, got)
				}
			}
		}
		if got := Explain(Query{Code: 550, Text: a}); len(got) != 1 || got[0].Evidence.Contested {
			t.Errorf("%s alone: %v", a, ids(got))
		}
		if got := ExplainWords(a + ". Relaying denied, SPF check failed."); a != "Relaying denied" && a != "SPF check failed" && got != nil {
			t.Errorf("without a code: %v", ids(got))
		}
	}
}

// TestNoTie explains replies that say one thing in two ways.
func TestNoTie(t *testing.T) {
	for _, text := range []string{
		"Client host [203.0.113.9] blocked using zen.spamhaus.org. Your IP address has a poor reputation.",
		"Authentication failed. Invalid login.",
		"Spam detected. Your IP address is blocked.",
		"User unknown. No such mailbox here.",
		"Too many messages. Too many connections.",
	} {
		if got := Explain(Query{Code: 550, Text: text}); len(got) != 1 {
			t.Errorf("%s: %v", text, ids(got))
		}
	}
}

// TestTieByCode lets a code that only one of two causes has decide, with less
// confidence.
func TestTieByCode(t *testing.T) {
	for enhanced, want := range map[string]string{"5.2.2": "common.mailbox-full", "5.3.4": "common.too-large", "5.7.23": "common.spf"} {
		got := Explain(Query{Code: 550, Enhanced: enhanced, Text: "Relaying denied. Mailbox is full. SPF check failed. Message too large."})
		if ids(got) != want || !got[0].Evidence.Contested || got[0].Match == Exact {
			t.Errorf("%s: %v", enhanced, ids(got))
		}
	}
}

// TestOtherPort knows a refused connection by the port that it was made to.
func TestOtherPort(t *testing.T) {
	for text, want := range map[string]bool{
		"connect to host 203.0.113.9 port 25: Connection refused": true, "smtp host: 203.0.113.9, port: 587; Connection refused": true,
		"connect ECONNREFUSED 127.0.0.1:25": true, "connect ECONNREFUSED 127.0.0.1:993": false, "connect ECONNREFUSED localhost:6379": false,
		"connect to server 203.0.113.9 port 5432: Connection refused": false, "could not connect, port=3306: Connection refused": false,
	} {
		if got := ExplainWords(text); (len(got) > 0) != want {
			t.Errorf("%s: %v", text, ids(got))
		}
	}
}
