package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// What is seen is shown as it was answered, a CNAME as a value.
func TestClientsEvidence(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com."+ourHost+
		"msoid.contoso.com. CNAME clientconfig.microsoftonline-p.net.")
	for _, f := range kit.Gather(t.Context(), env, Clients) {
		if f.Code != "clients.msoid" {
			continue
		}
		if f.Status != report.Warn || f.Fix.Edits[0].Old != "clientconfig.microsoftonline-p.net." {
			t.Errorf("%+v", f)
		}
		if text := f.Evidence[0].Text; strings.Contains(text, "no data") || !strings.Contains(text, "\n  clientconfig.") {
			t.Errorf("evidence %q", text)
		}
	}
}

// Whether GCC High wants its own registration host is not said in public.
func TestClientsRegistrationOfGovernment(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", `
		contoso.com. MX 0 contoso.mail.protection.office365.us.
		contoso.mail.protection.office365.us. A 192.0.2.1
		enterpriseregistration.contoso.com. CNAME enterpriseregistration.windows.net.`)
	if got := kittest.Verdicts(kit.Gather(t.Context(), env, Clients), false); len(got) > 0 {
		t.Errorf("%v, want no more than information", got)
	}
}

// A loop in a record over which no mail is lost is a warning at most.
func TestNoFailOverRecordsWithoutMail(t *testing.T) {
	var zone strings.Builder
	zone.WriteString("contoso.com. MX 0 contoso-com.mail.protection.outlook.com." + ourHost)
	for _, name := range []string{"autodiscover", "enterpriseregistration", "msoid", "_smtp._tls", "_mta-sts", "default._bimi"} {
		zone.WriteString(name + ".contoso.com. CNAME " + name + ".contoso.com.\n")
	}
	env, _ := kittest.NewEnv(t, "contoso.com", zone.String())
	env.HTTPS = kittest.NoHTTPS
	for _, run := range []func() []report.Finding{
		func() []report.Finding { return kit.Gather(t.Context(), env, Autodiscover) },
		func() []report.Finding { return kit.Gather(t.Context(), env, Clients) },
		func() []report.Finding { return kit.Gather(t.Context(), env, TLSRPT) },
		func() []report.Finding { return kit.Gather(t.Context(), env, MTASTS) },
		func() []report.Finding { return kit.Gather(t.Context(), env, BIMI) },
	} {
		fs := run()
		kittest.Sound(t, fs)
		for _, f := range fs {
			if f.Status == report.Fail || f.Check == "bimi" && f.Status != report.Info {
				t.Errorf("%s %s: %s", f.Code, f.Status, f.Summary)
			}
		}
	}
}
