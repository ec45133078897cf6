package refusal

import (
	"strings"
	"testing"

	"maildiag/checks"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// TestAbsence sees that no record is called missing, and none is prescribed,
// where the resolver may be why it is not seen.
func TestAbsence(t *testing.T) {
	const clouds = `spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
spf.protection.office365.us. TXT "v=spf1 ip4:52.127.0.0/16 -all"
spf.protection.partner.outlook.cn. TXT "v=spf1 ip4:139.219.0.0/16 -all"
`
	for name, c := range map[string]struct {
		zone  string
		fault string
		want  report.Status
	}{
		"published nowhere": {clouds + "contoso.com. A 192.0.2.1\n", "", report.Fail},
		"no such domain":    {clouds, "", report.Unknown},
		"answers nothing":   {"contoso.com. A 192.0.2.1\n", "", report.Unknown},
		"private address":   {clouds + "contoso.com. A 10.0.0.5\n", "", report.Unknown},
		"domain controller": {clouds + "contoso.com. A 192.0.2.1\n_ldap._tcp.dc._msdcs.contoso.com. SRV 0 100 389 dc1.contoso.com.\n", "", report.Unknown},
		"SERVFAIL":          {clouds + "contoso.com. A 192.0.2.1\n", "SERVFAIL", report.Unknown},
		"REFUSED":           {clouds + "contoso.com. A 192.0.2.1\n", "REFUSED", report.Unknown},
	} {
		env, srv := kittest.NewEnv(t, "", c.zone)
		if c.fault != "" {
			for _, n := range []string{"contoso.com", "_dmarc.contoso.com", "s1._domainkey.contoso.com"} {
				srv.Fault(n, "TXT", dnstest.Fault{Rcode: c.fault})
			}
		}
		r := Refusal{Row: "gmail.unauthenticated", IP: "203.0.113.9", Sender: "x@contoso.com", From: "contoso.com", Header: true,
			Signed: []DKIMSigning{{"contoso.com", "s1"}}}
		fs := Confirm(t.Context(), env, checks.All(), r)
		for _, code := range []string{"explain.spf", "explain.dkim", "explain.dmarc"} {
			f := one(t, fs, code)
			if f.Status != c.want || f.Status == report.Unknown && f.Cause != report.CauseResolver {
				t.Errorf("%s, %s: %s (%s) %q", name, code, f.Status, f.Cause, f.Summary)
			}
			if f.Status == report.Unknown && f.Fix != nil && len(f.Fix.Edits) > 0 {
				t.Errorf("%s, %s prescribes %+v", name, code, f.Fix.Edits)
			}
			if code == "explain.spf" && f.Fix != nil && len(f.Fix.Edits) > 0 {
				t.Errorf("%s: a record for one address alone: %+v", name, f.Fix.Edits)
			}
		}
		kittest.Sound(t, fs)
	}
}

// TestStaleMX sees that an MX that does not host the domain is told.
func TestStaleMX(t *testing.T) {
	for zone, edits := range map[string]int{
		"fabrikam.com. MX 10 mx.oldhost.example.\nmx.oldhost.example. A 203.0.113.25\n":                                                               0,
		"fabrikam.com. MX 10 mx.oldhost.example.\nfabrikam.com. MX 0 fabrikam-com.mail.protection.outlook.com.\nmx.oldhost.example. A 203.0.113.25\n": 1,
	} {
		env, _ := kittest.NewEnv(t, "", zone)
		fs := Confirm(t.Context(), env, checks.All(), Refusal{Row: "common.relay-denied", Recipient: "u@fabrikam.com", Server: "MX.oldhost.example"})
		f := one(t, fs, "explain.server")
		if f.Status != report.Fail || len(f.Evidence) == 0 || f.Fix == nil || len(f.Fix.Edits) != edits {
			t.Errorf("%s: %+v", zone, f)
		}
	}
}

// TestLocalPart sees that the sender's local part does not get into the DNS.
func TestLocalPart(t *testing.T) {
	const zone = `contoso.com. TXT "v=spf1 exists:%{l}.x.contoso.com -all"` + "\n" + `spf.protection.outlook.com. TXT "v=spf1 -all"` + "\n"
	for _, with := range []bool{false, true} {
		env, srv := kittest.NewEnv(t, "", zone)
		fs := Confirm(t.Context(), env, checks.All(), Refusal{Row: "exo.spf-violation", IP: "203.0.113.9", Sender: "secret.name@contoso.com", WithLocalPart: with})
		if f := one(t, fs, "explain.spf"); (f.Status == report.Unknown) == with {
			t.Errorf("with the local part: %v, %+v", with, f)
		}
		seen := false
		for _, q := range srv.Queries() {
			seen = seen || strings.Contains(q.Name, "secret.name")
		}
		if seen != with {
			t.Errorf("with the local part: %v, asked: %+v", with, srv.Queries())
		}
	}
}
