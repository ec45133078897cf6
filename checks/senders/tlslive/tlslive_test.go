package tlslive

import (
	"errors"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/senders/tlsreport"
	"maildiag/dnsrec"
	"maildiag/report"
)

func TestOf(t *testing.T) {
	mx := func(values ...string) kit.Answer { return kit.Answer{Answer: dnsrec.Answer{Values: values}} }
	found := func(code string, s report.Status) report.Finding {
		return report.Finding{Code: code, Status: s, Summary: "seen", Fix: &report.Fix{Owner: report.OwnerDNS}}
	}
	ours, microsoft := mx("10 mx.contoso.com."), mx("0 contoso-com.mail.protection.outlook.com.")
	for _, c := range []struct {
		what     string
		result   string
		host     string
		mx       kit.Answer
		findings []report.Finding
		want     State
		owner    string
	}{
		{"the policy is still out of reach", "sts-policy-fetch-error", "mx.contoso.com", ours,
			[]report.Finding{found("mtasts.record", report.Pass), found("mtasts.policy", report.Fail)}, Open, report.OwnerDNS},
		{"it can be fetched again", "sts-policy-fetch-error", "MX.contoso.com.", ours,
			[]report.Finding{found("mtasts.record", report.Pass), found("mtasts.policy", report.Pass)}, Mended, ""},
		{"nobody knows", "sts-webpki-invalid", "", ours, []report.Finding{found("mtasts.certificate", report.Unknown)}, Unknown, ""},
		{"unknown is not in order", "sts-policy-fetch-error", "", ours,
			[]report.Finding{found("mtasts.record", report.Pass), found("mtasts.policy", report.Unknown)}, Unknown, ""},
		{"not checked", "sts-policy-invalid", "", ours, nil, Unknown, ""},
		{"the host left", "certificate-expired", "old.contoso.com", ours, nil, Moved, ""},
		{"the host left, whatever the policy", "sts-policy-invalid", "old.contoso.com", ours, []report.Finding{found("mtasts.policy", report.Fail)}, Moved, ""},
		{"the policy lacks the host", "certificate-host-mismatch", "mx.contoso.com", ours, []report.Finding{found("mtasts.mx", report.Warn)}, Open, report.OwnerDNS},
		{"the certificate lacks it", "certificate-host-mismatch", "mx.contoso.com", ours, []report.Finding{found("mtasts.mx", report.Pass)}, NotShown, ""},
		{"Microsoft's server", "certificate-not-trusted", "contoso-com.mail.protection.outlook.com", microsoft, nil, NotShown, report.OwnerMicrosoft},
		{"a pattern instead of a host", "starttls-not-supported", "*.contoso.com", ours, nil, NotShown, ""},
		{"sound TLSA records may not match", "tlsa-invalid", "mx.contoso.com", ours, []report.Finding{found("dane.tlsa", report.Pass)}, NotShown, ""},
		{"broken TLSA records", "tlsa-invalid", "mx.contoso.com", ours, []report.Finding{found("dane.tlsa", report.Warn)}, Open, report.OwnerDNS},
		{"a result that nobody defined", "quantum-failure", "mx.contoso.com", ours, nil, NotShown, ""},
		{"no MX: the domain itself", "certificate-expired", "contoso.com", mx(), nil, NotShown, ""},
		{"the DNS is silent", "certificate-expired", "mx.contoso.com", kit.Answer{Err: errors.New("silent")}, nil, Unknown, ""},
	} {
		got := Now{Domain: "contoso.com", MX: c.mx, Findings: c.findings}.Of(&tlsreport.Group{Result: c.result, MX: c.host})
		if got.State != c.want || got.Owner != c.owner || got.Text == "" {
			t.Errorf("%s: %+v, want %s, %q", c.what, got, c.want, c.owner)
		}
	}
}
