package explain

import (
	"context"
	"fmt"
	"testing"

	"maildiag/checks/refusal/replies"
	"maildiag/report"
)

// A code that only Microsoft gives a meaning is not known if another server gives it
// in words of its own, whatever form the report has. Microsoft's own words are known
// from any server, since some pass them on.
func TestCodeOfAnotherServer(t *testing.T) {
	forms := []string{
		"host %s[192.0.2.55] said: 550 %s %s (in reply to RCPT TO command)",
		"Reporting-MTA: dns; mail.contoso.com\n\nFinal-Recipient: rfc822; a@fabrikam.com\nAction: failed\nStatus: %[2]s\n" +
			"Remote-MTA: dns; %[1]s\nDiagnostic-Code: smtp; 550 %[2]s %[3]s\n",
	}
	for _, code := range []string{"5.7.999", "5.7.68", "5.7.606", "5.7.509", "5.7.705", "5.4.312"} {
		for _, form := range forms {
			for host, want := range map[string]bool{"mx.foo.org": false, "gate.kanzlei.de": false, "contoso-com.mail.protection.outlook.com": true} {
				text := fmt.Sprintf(form, host, code, "Frobnication rejected by zork")
				x, err := Explain(context.Background(), "", []byte(text), Options{})
				if err != nil || len(x.replies) == 0 || x.replies[0].known() != want || (x.ExitCode() == 0) != want {
					t.Errorf("%q: %+v", text, x.replies)
				}
			}
		}
	}
	for _, text := range []string{
		"host mx.foo.org[192.0.2.55] said: 550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources",
		"550 5.7.606 Frobnication rejected by zork",
	} {
		x, err := Explain(context.Background(), "", []byte(text), Options{})
		if err != nil || len(x.replies) == 0 || !x.replies[0].known() {
			t.Errorf("%q is not known", text)
		}
	}
	if got := replies.Match(550, "5.7.999", "Frobnication rejected"); len(got) != 1 {
		t.Errorf("one cause is told as %d", len(got))
	}
}

// TestOwnerOfUnknown holds that the JSON of a reply that is not known names nobody but
// whom to ask, and no command, whatever its code usually means.
func TestOwnerOfUnknown(t *testing.T) {
	for _, text := range []string{"550 5.7.1 Frobnication rejected by zork", "535 5.7.1 zork", "554 Frobnication rejected", "550 5.1.8 Zork of the house"} {
		x, err := Explain(context.Background(), "", []byte(text), Options{})
		if err != nil || len(x.replies) != 1 {
			t.Fatalf("%q: %v, %d replies", text, err, len(x.replies))
		}
		j := x.replies[0].json()
		if open := j.Owner == report.OwnerRemote && j.Causes == nil && j.Commands == nil && j.Portal == ""; !j.Known && !open {
			t.Errorf("%q: %+v", text, j.jsonRow)
		}
	}
}
