package failurereport

import (
	"net/netip"
	"strings"
	"testing"
)

const arf = "From: Reporter <dmarc@reporter.example>\nTo: ruf@contoso.com\nSubject: x\nMIME-Version: 1.0\n" +
	"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nprose\n--b\nContent-Type: message/feedback-report\n\n" +
	"Feedback-Type: auth-failure\nVersion: 1\nOriginal-Mail-From: <jane.doe@contoso.com>\nOriginal-Rcpt-To: victim@reporter.example\n" +
	"Source-IP: 192.0.2.7\nReported-Domain: Contoso.com\nDelivery-Result: reject\nAuth-Failure: dmarc\n" +
	"Arrival-Date: Tue, 30 Apr 2019 02:09:00 +0000\n--b\nContent-Type: message/rfc822\n\nFrom: jane.doe@contoso.com\n\nsecret\n--b--\n"

func TestRead(t *testing.T) {
	r := Read([]byte(arf), false)
	if r == nil || r.Domain != "contoso.com" || r.Source != netip.MustParseAddr("192.0.2.7") || r.Failure != "dmarc" || r.Delivery != "reject" ||
		r.MailFrom != "contoso.com" || r.RcptTo != "reporter.example" || r.Reporter != "reporter.example" || r.Arrived.Year() != 2019 {
		t.Errorf("%+v", r)
	}
	if r := Read([]byte(arf), true); r.MailFrom != "jane.doe@contoso.com" || r.RcptTo != "victim@reporter.example" {
		t.Errorf("with addresses: %+v", r)
	}
	for _, text := range []string{"", "From: a@b.example\n\nhello\n", strings.Replace(arf, "auth-failure", "abuse", 1)} {
		if r := Read([]byte(text), false); r != nil {
			t.Errorf("%.30q: %+v", text, r)
		}
	}
}

// FuzzRead: without being asked for, no local part comes out.
func FuzzRead(f *testing.F) {
	f.Add([]byte(arf))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r := Read(data, false); r != nil && strings.Contains(r.MailFrom+r.RcptTo+r.Reporter, "@") {
			t.Errorf("%+v", r)
		}
	})
}
