package explain

import (
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/bounce"
)

// delivered matches what servers log, and answer to the content of a message, when it was
// accepted or delivered. RFC 5321 4.2.5
var delivered = kit.Lazily(`(?i)\b250[ -](?:2\.\d\.\d )?.*(?:\bqueued\b|\bid=\w|\baccepted for delivery|\bmessage accepted|\bgsmtp\b)` +
	`|\b\w{6}-\w{6,11}-\w{2,4} (?:[=-]> \S+@|Completed\b)|: (?:saved mail to|stored mail into mailbox) |\bdelivery \d+: success: |\bresult="?Ok"|,\W*deliver(?:ed)?\W*,`)

// deliveredIn returns the last line of a text that says that a message was accepted, if
// nothing behind it tells of a failure.
func deliveredIn(input string) (bounce.Reply, bool) {
	r, quit := bounce.Reply{Enhanced: "2.0.0", Source: bounce.FromReason}, false
	for line := range strings.Lines(input[:min(len(input), maxPlain)]) {
		line = strings.TrimSpace(line)
		switch {
		case delivered().MatchString(line):
			r.Text, quit = line, false
		case strings.HasSuffix(line, "QUIT"):
			quit = true
		case r.Text != "" && !quit && !bounce.Uneventful(line) && failure().MatchString(line):
			r.Text = ""
		}
	}
	return r, r.Text != ""
}
