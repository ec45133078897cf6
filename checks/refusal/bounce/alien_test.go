package bounce

import (
	"os"
	"strings"
	"testing"

	"maildiag/checks/refusal/replies"
)

// TestElsewhere holds that what other programs, devices and people write is not
// explained as mail, neither by a code nor by its words.
func TestElsewhere(t *testing.T) {
	data, err := os.ReadFile("testdata/elsewhere.txt")
	if err != nil {
		t.Fatal(err)
	}
	all := 0
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line[0] == '#' {
			continue
		}
		all++
		if replies.Foreign(line) != "" {
			continue
		}
		if got := Find([]byte(line)); len(got) > 0 {
			t.Errorf("%q: %s", line, got[0])
		}
		if got := replies.ExplainWords(line); len(got) > 0 {
			t.Errorf("%q: %s", line, got[0].Row.ID)
		}
	}
	if all < 60 {
		t.Errorf("only %d texts", all)
	}
}

// TestAlien holds that numbers of other programs and of people that look like
// codes are not replies, although their words may be.
func TestAlien(t *testing.T) {
	for _, text := range []string{
		"nginx: 2026/11/12 [error] 550#550: *1 connect() failed (111: Connection refused) while connecting to upstream",
		"ERROR 5.7.1 database server version 5.7.26 does not match client",
		"Error 550: invoice number 5.1.10 not found by lookup; recipient not found",
		"The printer is out of paper. Error 5.4.1",
		"the user is unknown to the payroll system, please call 550-5.1.1",
		"Nov 12 10:01:05 web kernel: [550] 5.1.1 usb device disconnected",
		"Backup job error 554 failed: transaction failed",
		"Error code: 5.2.2 - the parking garage is full",
		"Route error 550: bus delayed, try again later",
		"hotel booking error 452: too many guests",
		"Steam: error 503 service unavailable, try again later",
	} {
		if got := Find([]byte(text)); len(got) > 0 {
			t.Errorf("%q: %s", text, got[0])
		}
	}
}

// TestAccepted holds what a log and a report say of a message that left.
func TestAccepted(t *testing.T) {
	for text, want := range map[string]string{
		"postfix/smtp[9]: A1: to=<a@d.example>, relay=mx.d.example[192.0.2.1]:25, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 1)": "relayed",
		"postfix/local[9]: A1: to=<a@d.example>, relay=local, dsn=2.0.0, status=sent (delivered to mailbox)":                                          "delivered",
		"sendmail[9]: x: to=<a@d.example>, relay=mx.d.example [192.0.2.1], dsn=2.0.0, stat=Sent (OK queued)":                                          "relayed",
		"Action: delivered\nStatus: 2.0.0": "delivered",
		"Action: expanded\nStatus: 2.0.0":  "expanded",
	} {
		if got := Find([]byte(text)); len(got) != 1 || got[0].Action != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
