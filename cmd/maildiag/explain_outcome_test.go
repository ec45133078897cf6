package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Row 8 of issue 16: what became of the message is told by the action and the
// status together; neither a success nor a final failure is taken for the other.
func TestRow08_Outcome(t *testing.T) {
	const dsn = "From: MAILER-DAEMON@mx.example.net\nTo: a@contoso.com\nSubject: Report\nMIME-Version: 1.0\n" +
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour message.\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; b@example.net\n" +
		"Action: %s\nStatus: %s\nDiagnostic-Code: smtp; %s\n\n--b--\n"
	ids := map[string]string{"failed for good:": "gave_up", "": "failed"}
	for _, c := range []struct{ action, status, reply, outcome, retry string }{
		{"delivered", "2.1.5", "250 2.1.5 OK", "delivered:", "not needed"},
		{"relayed", "2.1.5", "250 2.1.5 OK", "relayed:", "not needed"},
		{"expanded", "2.1.5", "250 2.1.5 OK", "expanded:", "not needed"},
		{"delayed", "4.4.1", "451 4.4.1 timed out", "delayed:", "temporary: the sending server retries"},
		{"failed", "4.4.1", "451 4.4.1 timed out", "failed for good:", "the sending server does not retry"},
		{"failed", "4.7.500", "451 4.7.500 Server busy", "failed for good:", "the sending server does not retry"},
		{"failed", "5.1.1", "550 5.1.1 no such user", "", "permanent"},
		{"failed", "2.1.5", "250 2.1.5 OK", "contradictory:", "unknown"},
		{"delivered", "5.1.1", "550 5.1.1 no such user", "contradictory:", "unknown"},
		{"delayed", "5.1.1", "550 5.1.1 no such user", "contradictory:", "unknown"},
	} {
		message := fmt.Sprintf(dsn, c.action, c.status, c.reply)
		id := cmp.Or(ids[c.outcome], strings.TrimSuffix(c.outcome, ":"))
		if doc, errs, _ := explainRun(t, message, "--json", "-"); !strings.Contains(doc, `"outcome": "`+id+`"`) ||
			id == "gave_up" && strings.Contains(doc, `"temporary": true`) {
			t.Errorf("%s with %s: no outcome %s\n%s%s", c.action, c.status, id, doc, errs)
		}
		page, errs, _ := explainRun(t, message, "--format", "html", "-")
		if c.outcome != "" && !strings.Contains(page, "Outcome: "+c.outcome) || strings.Contains(page, `card not_ready`) != (id == "failed" || id == "gave_up") {
			t.Errorf("%s with %s: %s%s", c.action, c.status, page, errs)
		}
		ticket, errs, _ := explainRun(t, message, "--ticket", "-")
		subject, _, _ := strings.Cut(ticket, "\n")
		for word, outcomes := range map[string]string{"Message delivered": "delivered", "passed on": "relayed expanded", "delayed": "delayed",
			"unclear": "contradictory", "in time": "gave_up"} {
			if strings.Contains(subject, word) != slices.Contains(strings.Fields(outcomes), id) {
				t.Errorf("%s with %s: the ticket says %q %s", c.action, c.status, subject, errs)
			}
		}
		out, errs, _ := explainRun(t, message, "-")
		for label, want := range map[string]string{"outcome": c.outcome, "retry": c.retry} {
			found := want == ""
			for l := range strings.Lines(out) {
				name, value, _ := strings.Cut(strings.TrimSpace(l), " ")
				found = found || name == label && strings.HasPrefix(strings.TrimSpace(value), want)
			}
			if !found {
				t.Errorf("%s with %s: no %s %q\n%s%s", c.action, c.status, label, want, out, errs)
			}
		}
	}
}
