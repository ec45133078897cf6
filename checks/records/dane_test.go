package records

import (
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// daneEnv is newEnv with a resolver that sets the AD bit or not, at the end of
// a path that is to be believed or not.
func daneEnv(t *testing.T, zone string, ad, trust bool) (*kit.Env, *dnstest.Server) {
	t.Helper()
	var opts []dnstest.Option
	if ad {
		opts = append(opts, dnstest.Authentic())
	}
	srv := dnstest.New(t, zone, opts...)
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: 200 * time.Millisecond})
	t.Cleanup(client.Close)
	return &kit.Env{Domain: "contoso.com", Expect: kit.ExpectAuto, Cloud: "auto", Now: kittest.TestDay, TrustAD: trust, World: kit.World{DNS: client}}, srv
}

const (
	classicZone = "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\n"
	capableZone = "contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.\n"
	ownZone     = "contoso.com. MX 0 mx1.contoso.com.\ncontoso.com. MX 10 mx2.contoso.com.\n"
)

// tlsaOf is a good record of a host.
func tlsaOf(host string) string {
	return "_25._tcp." + host + ". TLSA 3 1 1 " + strings.Repeat("ab", 32) + "\n"
}

func TestDANE(t *testing.T) {
	both := ownZone + tlsaOf("mx1.contoso.com") + tlsaOf("mx2.contoso.com")
	microsoft := capableZone + tlsaOf("contoso-com.e-v1.mx.microsoft")
	for _, test := range []struct {
		name, zone string
		ad, trust  bool
		code       string
		status     report.Status
		cause      report.Cause
		has        string
		asked      int // TLSA questions of a thrifty run
	}{
		{"classic", classicZone, true, true, "dane.possible", report.Info, "", "Enable-SmtpDaneInbound -DomainName contoso.com", 0},
		{"classic, unsigned", classicZone, false, true, "dane.possible", report.Info, "", "If the zone is not signed with DNSSEC, sign it first", 0},
		{"capable, off", capableZone, true, true, "dane.possible", report.Info, "", "not enabled", 1},
		{"capable, unsigned", capableZone, false, true, "dane.possible", report.Info, "", "not signed", 0},
		{"Microsoft, on", microsoft, true, true, "dane.tlsa", report.Pass, "", "protected by DNSSEC", 1},
		{"own, good", both, true, true, "dane.tlsa", report.Pass, "", "", 2},
		{"own, none", ownZone, true, true, "dane.tlsa", report.Info, "", "no TLSA records", 2},
		{"own, no AD: one question", ownZone, false, false, "dane.tlsa", report.Info, "", "", 1},
		{"own, unsigned: no question", both, false, true, "dane.possible", report.Info, "", "not signed", 0},
		{"own, no AD, not trusted", both, false, false, "dane.tlsa", report.Unknown, report.CauseResolver, "--resolver", 2},
		{"one of two", ownZone + tlsaOf("mx1.contoso.com"), true, true, "dane.partial", report.Warn, report.CauseDomain, "mx2.contoso.com", 2},
		{"null MX", "contoso.com. MX 0 .\n", true, true, "dane.tlsa", report.Skip, "", "", 0},
		{"government", "contoso.com. MX 0 contoso.mail.protection.office365.us.\n", true, true, "dane.possible", report.Info, "", "has not announced it for incoming mail in this cloud", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			env, _ := daneEnv(t, test.zone, test.ad, test.trust)
			kittest.Sound(t, kit.Gather(t.Context(), env, DANE))
			env, srv := daneEnv(t, test.zone, test.ad, test.trust) // the first may still be asked what was only wanted
			env.List = true
			fs := kit.Gather(t.Context(), env, DANE)
			kittest.Sound(t, fs)
			wantFinding(t, fs, test.code, test.status, test.cause, test.has)
			if n := srv.Count("", "TLSA"); n != test.asked {
				t.Errorf("%d TLSA questions, want %d", n, test.asked)
			}
		})
	}
}

func TestFault_035_UntrustedAD(t *testing.T) {
	env, _ := daneEnv(t, capableZone+tlsaOf("contoso-com.e-v1.mx.microsoft"), true, false)
	fs := kit.Gather(t.Context(), env, DANE)
	kittest.Sound(t, fs)
	wantFinding(t, fs, "dane.tlsa", report.Warn, report.CauseResolver, "could be forged")
}

func TestFault_036_TLSA(t *testing.T) {
	long := strings.Repeat("ab", 10_000)
	for name, record := range map[string]string{"usage 255": "255 1 1 " + strings.Repeat("ab", 32), "selector 9": "3 9 1 " + strings.Repeat("ab", 32),
		"PKIX-EE": "1 1 1 " + strings.Repeat("ab", 32), "short": "3 1 1 ab", "long": "3 1 1 " + long} {
		env, _ := daneEnv(t, capableZone+"_25._tcp.contoso-com.e-v1.mx.microsoft. TLSA "+record+"\n", true, true)
		fs := kit.Gather(t.Context(), env, DANE)
		kittest.Sound(t, fs)
		wantFinding(t, fs, "dane.tlsa", report.Warn, report.CauseMicrosoft, "can be used for mail")
		if len(fs[0].Evidence) == 0 || len(fs[0].Evidence[0].Text) > 1000 {
			t.Errorf("%s: evidence of %d bytes", name, len(fs[0].Evidence[0].Text))
		}
	}
}

func TestFault_034_Bogus(t *testing.T) {
	env, srv := daneEnv(t, capableZone, true, true)
	srv.Fault("_25._tcp.contoso-com.e-v1.mx.microsoft", "TLSA", dnstest.Fault{Rcode: "SERVFAIL", Extended: []dnstest.Extended{{Code: 7, Text: "signature expired"}}})
	fs := kit.Gather(t.Context(), env, DANE)
	kittest.Sound(t, fs)
	wantFinding(t, fs, "dane.tlsa", report.Fail, report.CauseMicrosoft, "DNSSEC validation fails")
}

func TestFault_001_TLSAServfail(t *testing.T) {
	env, srv := daneEnv(t, capableZone, true, true)
	srv.Fault("_25._tcp.contoso-com.e-v1.mx.microsoft", "TLSA", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(t.Context(), env, DANE)
	kittest.Sound(t, fs)
	wantFinding(t, fs, "dane.tlsa", report.Unknown, report.CauseResolver, "hold mail back")
	if !fs[0].Optional {
		t.Error("decides the verdict")
	}
}

// TestTLSRPTWithDANE: TLSA records make TLS-RPT wanted.
func TestTLSRPTWithDANE(t *testing.T) {
	env, _ := daneEnv(t, capableZone+tlsaOf("contoso-com.e-v1.mx.microsoft"), true, true)
	fs := kit.Gather(t.Context(), env, TLSRPT)
	soundRecords(t, fs)
	wantFinding(t, fs, "tlsrpt.record", report.Warn, report.CauseDomain, "DANE is in use")
}
