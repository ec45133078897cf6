package refusal

import (
	"testing"

	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// TestConfirmed takes a problem for the cause only if the reply is about it.
func TestConfirmed(t *testing.T) {
	fail := func(check string) []report.Finding { return []report.Finding{{Check: check, Status: report.Fail}} }
	for _, c := range []struct {
		row, check string
		want       bool
	}{
		{"common.user-unknown", "mx", false}, {"common.mailbox-unavailable", "mx", false}, {"common.relay-denied", "mx", false},
		{"exo.recipient-lookup", "mx", false}, {"common.domain-not-found", "mx", true}, {"common.timeout", "mx", true},
		{"rfc.x.4.4", "mx", true}, {"common.sender-domain", "domain", true}, {"common.spf", "explain", true},
		{"common.relay-denied", "explain", true}, {"common.auth-failed", "smtp.tls", false}, {"common.user-unknown", "dane", false},
	} {
		row, ok := replies.ByID(c.row)
		if got := Confirmed(&row, fail(c.check)); !ok || got != c.want {
			t.Errorf("%s by %s: %v, want %v", c.row, c.check, got, c.want)
		}
	}
	row, _ := replies.ByID("common.spf")
	if Confirmed(&row, []report.Finding{{Check: "explain", Status: report.Warn}}) {
		t.Error("a warning confirms")
	}
}
