package checks

import (
	"fmt"
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/checks/records"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"slices"
	"strings"
	"testing"
)

// wholeZone is a domain with every record that is asked for.
const wholeZone = `
contoso.com. MX 10 mail.contoso.com.
mail.contoso.com. A 192.0.2.1
contoso.com. TXT "v=spf1 mx -all"
_dmarc.contoso.com. TXT "v=DMARC1; p=reject; rua=mailto:d@contoso.com"
default._domainkey.contoso.com. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_mta-sts.contoso.com. TXT "v=STSv1; id=1"
_smtp._tls.contoso.com. TXT "v=TLSRPTv1; rua=mailto:t@contoso.com"
_25._tcp.mail.contoso.com. TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
default._bimi.contoso.com. TXT "v=BIMI1; l=; a=;"
`

// topics are the questions of a whole check, and the check that judges each.
var topics = []struct {
	check, name string
	typ         dnsrec.Type
}{
	{"mx", "contoso.com", dnsrec.TypeMX},
	{"mx", "mail.contoso.com", dnsrec.TypeA},
	{"spf", "contoso.com", dnsrec.TypeTXT},
	{"dmarc", "_dmarc.contoso.com", dnsrec.TypeTXT},
	{"dkim", "chosen._domainkey.contoso.com", dnsrec.TypeTXT},
	{"mtasts", "_mta-sts.contoso.com", dnsrec.TypeTXT},
	{"tlsrpt", "_smtp._tls.contoso.com", dnsrec.TypeTXT},
	{"dane", "_25._tcp.mail.contoso.com", dnsrec.TypeTLSA},
	{"bimi", "default._bimi.contoso.com", dnsrec.TypeTXT},
}

// examine runs every row but submission and gives the findings by check.
func byCheck(t *testing.T, env *kit.Env) map[string][]report.Finding {
	t.Helper()
	rows, _ := kit.Select(All(), nil, []string{"submission"})
	env.HTTPS = kittest.NoHTTPS
	by := map[string][]report.Finding{}
	err := Run(t.Context(), env, rows, kittest.SinkFunc(func(e report.Event) error {
		if e.Finding != nil {
			by[e.Finding.Check] = append(by[e.Finding.Check], *e.Finding)
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return by
}

func statusList(fs []report.Finding) (s []report.Status) {
	for _, f := range fs {
		s = append(s, f.Status)
	}
	return s
}

// SERVFAIL for one question makes its check unknown, never "missing", and
// leaves the other checks alone.
func TestFault_001_ServfailIsUnknown(t *testing.T) {
	t.Parallel()
	for _, topic := range topics {
		t.Run(topic.check+" "+string(topic.typ), func(t *testing.T) {
			env, srv := kittest.NewEnv(t, "contoso.com", wholeZone, dnstest.Authentic())
			env.Selectors = []string{"chosen"}
			srv.Fault(topic.name, string(topic.typ), dnstest.Fault{Rcode: "SERVFAIL"})
			by := byCheck(t, env)
			found := by[topic.check]
			if !slices.Contains(statusList(found), report.Unknown) {
				t.Errorf("%s: %v, want an unknown among them", topic.check, kittest.Verdicts(found, true))
			}
			for _, f := range found {
				if f.Status == report.Unknown && f.Cause != report.CauseResolver {
					t.Errorf("%s: cause %q, want resolver", f.Code, f.Cause)
				}
				if f.Status == report.Fail && !strings.HasPrefix(f.Code, "mtasts.") { // no policy server in this world
					t.Errorf("%s fails though nobody knows: %s", f.Code, f.Summary)
				}
			}
		})
	}
}

// NXDOMAIN and no data both mean that there is not a record, and read differently.
func TestFault_002_BothWaysOfMissing(t *testing.T) {
	t.Parallel()
	for _, topic := range topics[3:] {
		t.Run(topic.check, func(t *testing.T) {
			without := strings.Builder{}
			for line := range strings.Lines(wholeZone) {
				if !strings.HasPrefix(line, topic.name+".") {
					without.WriteString(line)
				}
			}
			var texts []string
			for _, zone := range []string{without.String(), without.String() + topic.name + ". HINFO \"a\" \"b\"\n"} {
				env, _ := kittest.NewEnv(t, "contoso.com", zone)
				env.Selectors = []string{"chosen"}
				by := byCheck(t, env)
				if slices.Contains(statusList(by[topic.check]), report.Unknown) {
					t.Errorf("%s: %v, want no unknown: the DNS did answer", topic.check, kittest.Verdicts(by[topic.check], true))
				}
				a, err := env.DNS.Lookup(t.Context(), dnsrec.Q(topic.name, topic.typ))
				if err != nil || len(a.Values) > 0 {
					t.Fatalf("lookup gives %v, %v", a, err)
				}
				texts = append(texts, kit.Seen(a).Text)
			}
			if texts[0] == texts[1] {
				t.Errorf("both read %q", texts[0])
			}
		})
	}
}

// A name server that answers NOERROR for names that do not exist ("black
// lies") does not hide the policy above.
func TestFault_003_BlackLies(t *testing.T) {
	t.Parallel()
	env, srv := kittest.NewEnv(t, "mail.contoso.com", wholeZone+"mail.contoso.com. TXT \"v=spf1 -all\"\n")
	srv.Fault("_dmarc.mail.contoso.com", "TXT", dnstest.Fault{Rcode: "NOERROR"})
	by := byCheck(t, env)
	text := fmt.Sprint(by["dmarc"])
	if !strings.Contains(text, "_dmarc.contoso.com") {
		t.Errorf("the policy of the organizational domain is not told: %v", text)
	}
}

func TestFault_004_ExtendedErrors(t *testing.T) {
	t.Parallel()
	for code, want := range map[uint16]report.Status{
		6: report.Fail, 7: report.Fail, 9: report.Fail, 22: report.Unknown, 23: report.Unknown,
	} {
		env, srv := kittest.NewEnv(t, "contoso.com", wholeZone)
		srv.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL", Extended: []dnstest.Extended{{Code: code, Text: "because\x1b[31m"}}})
		f := kit.Gather(t.Context(), env, records.MX)[0]
		if f.Status != want {
			t.Errorf("extended error %d: %s, want %s", code, f.Status, want)
		}
		if want == report.Fail && (f.Cause != report.CauseDomain || !strings.Contains(f.Summary, "DNSSEC")) {
			t.Errorf("extended error %d: cause %s, %q", code, f.Cause, f.Summary)
		}
		if want == report.Unknown && f.Cause != report.CauseNetwork {
			t.Errorf("extended error %d: cause %s, want network", code, f.Cause)
		}
		if !strings.Contains(f.Evidence[0].Text, "because") {
			t.Errorf("extended error %d: its text is not shown: %q", code, f.Evidence[0].Text)
		}
	}
}

func TestFault_006_RefusingResolver(t *testing.T) {
	t.Parallel()
	for _, rcode := range []string{"REFUSED", "NOTIMP", "23", "4095"} {
		env, srv := kittest.NewEnv(t, "contoso.com", wholeZone)
		srv.Fault("", "", dnstest.Fault{Rcode: rcode})
		by := byCheck(t, env)
		f := by["domain"][0]
		if f.Status != report.Unknown || f.Cause != report.CauseResolver {
			t.Errorf("%s: %s/%s, want unknown/resolver", rcode, f.Status, f.Cause)
		}
		if !strings.Contains(f.Evidence[0].From, "127.0.0.1") {
			t.Errorf("%s: the resolver is not named: %+v", rcode, f.Evidence)
		}
	}
}

// A resolver that drops everything leads to one message, not to one a check.
func TestFault_007_DeadResolver(t *testing.T) {
	t.Parallel()
	env, _ := kittest.NewEnv(t, "contoso.com", wholeZone)
	env.DNS = kittest.Silent(env.DNS)
	by := byCheck(t, env)
	for check, fs := range by {
		if check == "domain" {
			if fs[0].Status != report.Unknown || fs[0].Cause != report.CauseResolver || len(fs) != 1 {
				t.Errorf("domain: %v", fs)
			}
			continue
		}
		if len(fs) != 1 || fs[0].Status != report.Skip {
			t.Errorf("%s: %v, want one skip", check, kittest.Verdicts(fs, true))
		}
	}
}

func TestFault_010_TruncatedAndTCPBlocked(t *testing.T) {
	t.Parallel()
	env, srv := kittest.NewEnv(t, "contoso.com", wholeZone)
	srv.Fault("contoso.com", "MX", dnstest.Fault{Over: "udp", Truncate: true})
	srv.Fault("contoso.com", "MX", dnstest.Fault{Over: "tcp", Reset: true})
	f := kit.Gather(t.Context(), env, records.MX)[0]
	if f.Status != report.Unknown || f.Cause != report.CauseNetwork || !strings.Contains(f.Summary, "TCP") {
		t.Errorf("%s/%s: %s", f.Status, f.Cause, f.Summary)
	}
}

func TestFault_018_LongChains(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]report.Status{3: report.Warn, 8: report.Warn, 9: report.Fail, 100: report.Fail} {
		var zone strings.Builder
		zone.WriteString("contoso.com. MX 10 c0.contoso.com.\n")
		for i := range n {
			fmt.Fprintf(&zone, "c%d.contoso.com. CNAME c%d.contoso.com.\n", i, i+1)
		}
		fmt.Fprintf(&zone, "c%d.contoso.com. A 192.0.2.1\n", n)
		env, srv := kittest.NewEnv(t, "contoso.com", zone.String())
		fs := kit.Gather(t.Context(), env, records.MX)
		if !slices.Contains(statusList(fs), want) {
			t.Errorf("chain of %d: %v, want %s", n, kittest.Verdicts(fs, true), want)
		}
		if q := len(srv.Queries()); q > 16 {
			t.Errorf("chain of %d: %d queries", n, q)
		}
	}
}

func TestFault_019_Loops(t *testing.T) {
	t.Parallel()
	for name, zone := range map[string]string{
		"two":  "a.contoso.com. CNAME b.contoso.com.\nb.contoso.com. CNAME a.contoso.com.\n",
		"self": "a.contoso.com. CNAME a.contoso.com.\n",
	} {
		env, srv := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 10 a.contoso.com.\n"+zone)
		fs := kit.Gather(t.Context(), env, records.MX)
		i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Status == report.Fail })
		if i < 0 || fs[i].Cause != report.CauseDomain {
			t.Fatalf("%s: %v, want a fail of the domain", name, kittest.Verdicts(fs, true))
		}
		if !strings.Contains(fs[i].Evidence[0].Text, "a.contoso.com →") {
			t.Errorf("%s: the loop is not shown: %q", name, fs[i].Evidence[0].Text)
		}
		if q := len(srv.Queries()); q > 16 {
			t.Errorf("%s: %d queries", name, q)
		}
	}
}

// SPF is found among 500 TXT records, and in a set that fills a message.
func TestFault_024_ManyTXT(t *testing.T) {
	t.Parallel()
	var zone strings.Builder
	zone.WriteString(wholeZone[:strings.Index(wholeZone, "contoso.com. TXT")])
	for i := range 499 {
		fmt.Fprintf(&zone, "contoso.com. TXT \"verification-%d=%s\"\n", i, strings.Repeat("x", 90))
	}
	zone.WriteString("contoso.com. TXT \"v=spf1 mx -all\"\n")
	env, _ := kittest.NewEnv(t, "contoso.com", zone.String())
	fs := kit.Gather(t.Context(), env, records.SPF)
	if bad := kittest.Verdicts(fs, false); len(bad) > 0 {
		t.Errorf("findings %v, want none", bad)
	}
}

// A resolver that invents answers, as a captive portal does, is found out, and
// nothing is built on what it says.
func TestFault_026_InventedAnswers(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", wholeZone+"*. A 192.0.2.200\n*.com. A 192.0.2.200\n")
	by := byCheck(t, env)
	f := by["domain"][0]
	if f.Code != "domain.resolver" || f.Status != report.Unknown || f.Cause != report.CauseResolver {
		t.Fatalf("%s %s/%s: %s", f.Code, f.Status, f.Cause, f.Summary)
	}
	for check, fs := range by {
		if check != "domain" && slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Status != report.Skip }) {
			t.Errorf("%s: %v, want it skipped", check, kittest.Verdicts(fs, true))
		}
	}
}
