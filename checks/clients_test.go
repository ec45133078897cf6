package checks

import (
	"strings"
	"testing"

	"maildiag/report"
)

// What is seen is shown as it was answered, a CNAME as a value.
func TestClientsEvidence(t *testing.T) {
	env, _ := newEnv(t, "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com."+ourHost+
		"msoid.contoso.com. CNAME clientconfig.microsoftonline-p.net.")
	for _, f := range runClients(t.Context(), env) {
		if f.Code != "clients.msoid" {
			continue
		}
		if f.Status != report.Warn || f.Fix.Records[0].Before != "clientconfig.microsoftonline-p.net." {
			t.Errorf("%+v", f)
		}
		if text := f.Evidence[0].Text; strings.Contains(text, "no data") || !strings.Contains(text, "\n  clientconfig.") {
			t.Errorf("evidence %q", text)
		}
	}
}

// Whether GCC High wants its own registration host is not said in public.
func TestClientsRegistrationOfGovernment(t *testing.T) {
	env, _ := newEnv(t, "contoso.com", `
		contoso.com. MX 0 contoso.mail.protection.office365.us.
		contoso.mail.protection.office365.us. A 192.0.2.1
		enterpriseregistration.contoso.com. CNAME enterpriseregistration.windows.net.`)
	if got := verdicts(runClients(t.Context(), env), false); len(got) > 0 {
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
	env, _ := newEnv(t, "contoso.com", zone.String())
	env.HTTPS = noHTTPS
	for _, run := range []func() []report.Finding{
		func() []report.Finding { return runAutodiscover(t.Context(), env) },
		func() []report.Finding { return runClients(t.Context(), env) },
		func() []report.Finding { return runTLSRPT(t.Context(), env) },
		func() []report.Finding { return runMTASTS(t.Context(), env) },
		func() []report.Finding { return runBIMI(t.Context(), env) },
	} {
		fs := run()
		sound(t, fs)
		for _, f := range fs {
			if f.Status == report.Fail || f.Check == "bimi" && f.Status != report.Info {
				t.Errorf("%s %s: %s", f.Code, f.Status, f.Summary)
			}
		}
	}
}
