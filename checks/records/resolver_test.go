package records

import (
	"context"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// A resolver that denies everything is at fault, not the domain.
func TestFault_ResolverDeniesEverything(t *testing.T) {
	for zone, want := range map[string]string{
		"x.example A 192.0.2.1\n":                              "domain.resolver unknown", // knows neither com nor microsoft.com
		"microsoft.com A 192.0.2.1\n":                          "domain.exists fail",
		"fabrikam.com A 192.0.2.1\n":                           "domain.exists fail",
		"contoso.com A 192.0.2.1\nmicrosoft.com A 192.0.2.1\n": "",
	} {
		env, _ := mailEnv(t, "contoso.com", zone)
		fs := kit.Gather(t.Context(), env, Domain)
		kittest.Sound(t, fs)
		var lines []string
		if want != "" {
			lines = []string{want}
		}
		kittest.EqualLines(t, kittest.Verdicts(fs, false), lines...)
	}
	env, srv := mailEnv(t, "contoso.con", "x.example A 192.0.2.1\nmicrosoft.com A 192.0.2.1\n")
	kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, Domain), false), "domain.exists fail")
	srv.Fault("con", "NS", dnstest.Fault{Rcode: "SERVFAIL"})
	srv.Fault("microsoft.com", "A", dnstest.Fault{Rcode: "SERVFAIL"})
	env, _ = mailEnv(t, "contoso.con", "x.example A 192.0.2.1\n")
	if fs := kit.Gather(t.Context(), env, Domain); !has(fs, "domain.resolver", report.Unknown) || fs[0].Cause != report.CauseResolver {
		t.Errorf("%v", statuses(fs))
	}
}

// The internal view of a Windows network is not what the Internet sees.
func TestFault_InternalView(t *testing.T) {
	const ldap = "_ldap._tcp.contoso.com SRV 0 100 389 dc1.contoso.com.\n"
	const msdcs = "_ldap._tcp.dc._msdcs.contoso.com SRV 0 100 389 dc1.contoso.com.\n"
	for zone, internal := range map[string]bool{
		"contoso.com A 10.0.0.5\n" + ldap:                                              true,
		"contoso.com A 10.0.0.5\n" + msdcs:                                             true,
		"contoso.com MX 10 mail.contoso.com.\nmail.contoso.com A 192.168.1.5\n" + ldap: true,
		"contoso.com A 10.0.0.5\n":                                                     false,
		"contoso.com A 192.0.2.1\n" + ldap:                                             false,
		"contoso.com MX 10 mail.contoso.com.\nmail.contoso.com A 192.0.2.5\n" + ldap:   false,
	} {
		env, srv := mailEnv(t, "contoso.com", zone)
		fs := kit.Gather(t.Context(), env, Domain)
		if has(fs, "domain.view", report.Unknown) != internal || internal && fs[0].Cause != report.CauseResolver {
			t.Errorf("%q: %v", zone, statuses(fs))
		}
		asked := false
		for _, q := range srv.Queries() {
			asked = asked || q.Type == "SRV"
		}
		if public := zone == "contoso.com A 192.0.2.1\n"+ldap; public && asked {
			t.Errorf("%q: asked for a domain controller", zone)
		}
	}
}

// In a list, one question finds the domain controller.
func TestInternalViewInList(t *testing.T) {
	const ldap = "_ldap._tcp.contoso.com SRV 0 100 389 dc1.contoso.com.\n"
	for records, internal := range map[string]bool{ldap: true, "": false} {
		env, srv := mailEnv(t, "contoso.com", "contoso.com A 10.0.0.5\n"+records)
		env.List = true
		fs := kit.Gather(t.Context(), env, Domain)
		if has(fs, "domain.view", report.Unknown) != internal {
			t.Errorf("%q: %v", records, statuses(fs))
		}
		asked := 0
		for _, q := range srv.Queries() {
			if q.Type == "SRV" && strings.HasPrefix(q.Name, "_ldap.") {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("%q: %d questions for a domain controller, want 1", records, asked)
		}
	}
}

// A proxy on our side that replaces certificates is not the domain's fault.
func TestFault_InspectingProxy(t *testing.T) {
	issued := func(issuer string) *httpsget.TLS {
		return &httpsget.TLS{Faults: []httpsget.Fault{httpsget.FaultUnknownCA}, Leaf: &httpsget.Certificate{Subject: "CN=x", Issuer: issuer}}
	}
	for name, c := range map[string]struct {
		other *httpsget.TLS
		want  report.Status
	}{
		"same issuer":   {issued("CN=Proxy"), report.Unknown},
		"public issuer": {&httpsget.TLS{Verified: true, Leaf: &httpsget.Certificate{Issuer: "CN=DigiCert"}}, report.Fail},
		"other unknown": {issued("CN=Other"), report.Fail},
	} {
		env, _ := mailEnv(t, "contoso.com", microsoftMX+"_mta-sts.contoso.com TXT v=STSv1; id=1\n")
		env.HTTPS = func(_ context.Context, url string) *httpsget.Response {
			r := &httpsget.Response{URL: url, TLS: issued("CN=Proxy"), Err: &httpsget.Error{Kind: httpsget.KindCertificate, Phase: httpsget.PhaseTLS}}
			if url == comparisonURL() {
				r.TLS = c.other
				if c.other.Verified {
					r.Err = nil
				}
			}
			return r
		}
		fs := kit.Gather(t.Context(), env, MTASTS)
		x := find(fs, "mtasts.certificate")
		if x.Status != c.want && !(c.want == report.Fail && x.Status == report.Warn) || c.want == report.Unknown && x.Cause != report.CauseLocal {
			t.Errorf("%s: %v", name, statuses(fs))
		}
	}
}
