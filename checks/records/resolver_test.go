package records

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// A resolver that denies everything is at fault, not the domain.
func TestFault_ResolverDeniesEverything(t *testing.T) {
	for zone, want := range map[string]string{
		"x.example A 192.0.2.1\n":                                        "domain.resolver unknown", // knows neither com nor microsoft.com
		"microsoft.com A 192.0.2.1\n":                                    "domain.exists fail",
		"fabrikam.com A 192.0.2.1\n":                                     "domain.exists fail",
		"contoso.com A 192.0.2.1\nmicrosoft.com A 192.0.2.1\n":           "",
		"contoso.com CAA 0 issue x.example\nx.example A 192.0.2.1\n":     "domain.resolver unknown",
		"contoso.com CAA 0 issue x.example\nmicrosoft.com A 192.0.2.1\n": "",
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

// A resolver that has no records of anything, and a name server in its place that only
// refers to others, say nothing about a domain.
func TestFault_ResolverKnowsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fault dnstest.Fault
		code  string
	}{
		"empty":             {dnstest.Fault{Edit: rewritten(func(r *dns.Msg) {})}, "domain.resolver unknown"},
		"referral":          {dnstest.Fault{Edit: rewritten(refers("com."))}, "domain.exists unknown"},
		"upward referral":   {dnstest.Fault{Edit: rewritten(refers("."))}, "domain.exists unknown"},
		"resolver with NS":  {dnstest.Fault{Edit: rewritten(func(r *dns.Msg) { refers(".")(r); r.RecursionAvailable = true })}, "domain.resolver unknown"},
		"authority with NS": {dnstest.Fault{Edit: rewritten(func(r *dns.Msg) { refers("com.")(r); r.Authoritative = true })}, "domain.resolver unknown"},
	} {
		env, srv := mailEnv(t, "contoso.com", microsoftMX)
		srv.Fault("", "", c.fault)
		for _, env.List = range []bool{false, true} {
			fs := kit.Gather(t.Context(), env, Domain)
			kittest.Sound(t, fs)
			if got := kittest.Verdicts(fs, false); !slices.Equal(got, []string{c.code}) || fs[0].Cause != report.CauseResolver {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

// A name that has records exists: a resolver that denies it in the next answer says
// nothing about what it lacks.
func TestFault_ResolverContradictsItself(t *testing.T) {
	const zone = microsoftMX + "contoso.com TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n"
	for typ, torn := range map[string]bool{"MX": true, "TXT": true, "A": false, "AAAA": false, "": false} {
		env, srv := mailEnv(t, "contoso.com", zone)
		if typ != "" {
			srv.Fault("contoso.com", typ, dnstest.Fault{Rcode: "NXDOMAIN"})
		}
		fs := kit.Gather(t.Context(), env, Domain)
		kittest.Sound(t, fs)
		if has(fs, "domain.resolver", report.Unknown) != torn || has(fs, "domain.exists", report.Pass) == torn {
			t.Errorf("%s: %v", typ, statuses(fs))
		}
	}
}

// refers gives a reply these name servers alone.
func refers(zone string) func(r *dns.Msg) {
	return func(r *dns.Msg) {
		r.RecursionAvailable = false
		r.Ns = []dns.RR{&dns.NS{Hdr: dns.RR_Header{Name: zone, Rrtype: dns.TypeNS, Class: dns.ClassINET, Ttl: 60}, Ns: "a.gtld-servers.net."}}
	}
}

// rewritten empties each reply and edits it.
func rewritten(edit func(r *dns.Msg)) func(query, reply []byte) [][]byte {
	return func(query, _ []byte) [][]byte {
		var q, r dns.Msg
		if q.Unpack(query) != nil {
			return nil
		}
		r.SetReply(&q)
		r.RecursionAvailable = true
		edit(&r)
		packed, err := r.Pack()
		if err != nil {
			panic(err)
		}
		return [][]byte{packed}
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

// Records that change from one lookup to the next are not judged by one of them:
// what depends on them is unknown, and all versions are shown, in a replay too.
func TestUnstableAnswers(t *testing.T) {
	t.Parallel()
	const zone = microsoftMX + "contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n" +
		"spf.protection.outlook.com TXT v=spf1 ip4:192.0.2.0/24 -all\n"
	for name, c := range map[string]struct {
		name, typ, records, rcode string
		want                      string
	}{
		"an old SPF record":     {"contoso.com", "TXT", `contoso.com. 60 IN TXT "v=spf1 -all"`, "", "spf.record unknown"},
		"no SPF record":         {"contoso.com", "TXT", `contoso.com. 60 IN TXT "x"`, "", "spf.record unknown"},
		"a broken SPF record":   {"contoso.com", "TXT", `contoso.com. 60 IN TXT "v=spf1 x"`, "", "spf.record unknown"},
		"another include":       {"spf.protection.outlook.com", "TXT", `spf.protection.outlook.com. 60 IN TXT "v=spf1 ?all"`, "", "spf.include unknown"},
		"an old MX record":      {"contoso.com", "MX", "contoso.com. 60 IN MX 10 mail.contoso.com.", "", "mx.record unknown"},
		"no name at times":      {"contoso.com", "MX", "", "NXDOMAIN", "mx.record unknown"},
		"another TTL":           {"contoso.com", "TXT", `contoso.com. 7 IN TXT "v=spf1 include:spf.protection.outlook.com -all"`, "", ""},
		"no answer at times":    {"contoso.com", "TXT", "", "SERVFAIL", ""},
		"the same all the time": {"x.example", "TXT", "", "NXDOMAIN", ""},
	} {
		env, srv := mailEnv(t, "contoso.com", zone)
		srv.Fault(c.name, c.typ, dnstest.Fault{Skip: 1, Records: c.records, Rcode: c.rcode})
		env.DNS = dnsrec.NewCache(dnsrec.NewSampler(env.DNS, 3), dnsrec.CacheOptions{})
		var tape bytes.Buffer
		recording, err := kit.Record(&tape, env.World, kit.RecordingHeader{})
		if err != nil {
			t.Fatal(err)
		}
		env.World = recording.World()
		judge := func() []report.Finding {
			return append(kit.Gather(t.Context(), env, MX), kit.Gather(t.Context(), env, SPF)...)
		}
		fs := judge()
		kittest.Sound(t, fs)
		x := find(fs, strings.TrimSuffix(c.want, " unknown"))
		if c.want != "" && (x.Status != report.Unknown || x.Cause != report.CauseResolver || slices.ContainsFunc(fs, fails)) {
			t.Errorf("%s: %v", name, statuses(fs))
		}
		if c.want == "" && slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Status == report.Unknown }) {
			t.Errorf("%s: %v", name, statuses(fs))
		}
		if err := recording.Close(); err != nil {
			t.Fatal(err)
		}
		if env.World, _, err = kit.Replay(&tape); err != nil {
			t.Fatal(err)
		}
		if again := judge(); !reflect.DeepEqual(again, fs) {
			t.Errorf("%s: the replay differs:\n%v\n%v", name, again, fs)
		}
	}
}

func fails(f report.Finding) bool { return f.Status == report.Fail }
