package records

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

func TestDMARC(t *testing.T) {
	const at = "_dmarc.contoso.com TXT "
	const full = at + "v=DMARC1; p=reject; rua=mailto:d@contoso.com\n"
	parked := "contoso.com MX 0 .\ncontoso.com TXT v=spf1 -all\n"
	tests := []struct {
		name, domain, zone string
		want               string
		has                string // somewhere in summaries, fixes and records
	}{
		{"reject", "", full, "pass dmarc.record\npass dmarc.policy", "reject mail that fails"},
		{"quarantine", "", at + "v=DMARC1; p=quarantine; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy", "New:p=reject"},
		{"none", "", at + "v=DMARC1; p=none; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy", "New:t=y"},
		{"no record", "", "contoso.com MX 0 mail.contoso.com.", "fail dmarc.record", "New:v=DMARC1; p=none; rua=mailto:dmarc-reports@contoso.com"},
		{"no record, subdomain", "mail.contoso.com", "contoso.com MX 0 mail.contoso.com.", "fail dmarc.record", "Name:_dmarc.contoso.com."},
		{"no record, parked", "", parked, "warn dmarc.record", "New:v=DMARC1; p=reject"},
		{"parked with none", "", parked + at + "v=DMARC1; p=none", "pass dmarc.record\nwarn dmarc.policy", "New:p=reject"},
		{"parked with reject", "", parked + at + "v=DMARC1; p=reject", "pass dmarc.record\npass dmarc.policy", ""},
		{"inherited", "mail.contoso.com", full, "pass dmarc.record\npass dmarc.policy", "inherited from contoso.com"},
		{"inherited sp", "mail.contoso.com", "mail.contoso.com A 192.0.2.1\n" + at + "v=DMARC1; p=reject; sp=none; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy", "Publish a DMARC record at _dmarc.mail.contoso.com"},
		{"inherited, no mail", "mail.contoso.com", "mail.contoso.com MX 0 .\nmail.contoso.com TXT v=spf1 -all\n" + at + "v=DMARC1; p=none; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy", "Name:_dmarc.mail.contoso.com. Type:TXT"},
		{"inherited np", "gone.contoso.com", at + "v=DMARC1; p=reject; sp=none; np=reject; rua=mailto:d@contoso.com",
			"pass dmarc.record\npass dmarc.policy\ninfo dmarc.readings", "np=reject (the name does not exist)"},
		{"two records", "", at + "v=DMARC1; p=none\n" + full, "fail dmarc.multiple", "Op:merge"},
		{"two records, one above", "mail.contoso.com", full + "_dmarc.mail.contoso.com TXT v=DMARC1; p=none\n_dmarc.mail.contoso.com TXT v=DMARC1; p=reject",
			"pass dmarc.record\npass dmarc.policy\nfail dmarc.multiple\nwarn dmarc.readings", "ignore all of them"},
		{"missing semicolon", "", at + "v=DMARC1 p=none", "fail dmarc.syntax", "Op:repair"},
		{"lower case", "", at + "v=dmarc1; p=reject", "fail dmarc.syntax", "at character 3"},
		{"bad policy", "", at + "v=DMARC1; p=nope", "fail dmarc.syntax", "at character 13"},
		{"bad policy with reports", "", at + "v=DMARC1; p=nope; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy\nwarn dmarc.syntax", "receivers read the record as p=none"},
		{"no p", "", at + "v=DMARC1; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy\nwarn dmarc.syntax", "Op:repair"},
		{"v alone", "", at + "v=DMARC1", "fail dmarc.syntax", "Op:repair"},
		{"no mail, no SPF", "", "contoso.com MX 0 .", "warn dmarc.record", "New:v=DMARC1; p=reject"},
		{"no mail as far as is known", "", "contoso.com TXT v=spf1 -all\ncontoso.com.contoso.com A 192.0.2.1", "warn dmarc.record", "New:v=DMARC1; p=reject"},
		{"none without reports", "", at + "v=DMARC1; p=none", "pass dmarc.record\nwarn dmarc.policy\nwarn dmarc.rua", "Have reports sent"},
		{"report domain with a loop", "", at + "v=DMARC1; p=reject; rua=mailto:d@reports.example\ncontoso.com._report._dmarc.reports.example CNAME contoso.com._report._dmarc.reports.example.",
			"pass dmarc.record\npass dmarc.policy\nwarn dmarc.rua-auth", "Cause:remote"},
		{"p not second", "", at + "v=DMARC1; rua=mailto:d@contoso.com; p=reject", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.syntax", "RFC 7489"},
		{"tag twice", "", at + "v=DMARC1; p=reject; p=none; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\nfail dmarc.syntax", "twice"},
		{"unknown tag", "", at + "v=DMARC1; p=reject; x=1; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\ninfo dmarc.syntax", "not known"},
		{"bare address", "", at + "v=DMARC1; p=reject; rua=d@contoso.com", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.syntax\nwarn dmarc.rua", "Op:repair"},
		{"apex", "", "contoso.com TXT v=DMARC1; p=reject", "fail dmarc.place", "Name:_dmarc.contoso.com. Type:TXT Op: Old: New:v=DMARC1; p=none"},
		{"apex beside the right one", "", full + "contoso.com TXT v=DMARC1; p=none", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.place", "Delete the DMARC record at contoso.com."},
		{"doubled", "", "_dmarc.contoso.com.contoso.com TXT v=DMARC1; p=reject", "fail dmarc.place", "enter only _dmarc"},
		{"without its underscore", "", "dmarc.contoso.com TXT v=DMARC1; p=reject; sp=reject; rua=mailto:d@contoso.com", "fail dmarc.place", "New:v=DMARC1; p=none; rua=mailto:d@contoso.com"},
		{"damaged at the wrong name", "", "contoso.com TXT v=DMARC1; p=rejct; rua=d@contoso.com", "fail dmarc.place", "New:v=DMARC1; p=none; rua=mailto:d@contoso.com"},
		{"an alias to nothing", "", "_dmarc.contoso.com CNAME gone.vendor.example.", "fail dmarc.record", "Label:if a service publishes it"},
		{"a record of a service", "", "_dmarc.contoso.com CNAME d.vendor.example.\nd.vendor.example TXT v=DMARC1; p=reject", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.rua", "published at d.vendor.example"},
		{"SPF in its place", "", at + "v=spf1 -all", "fail dmarc.record\ninfo dmarc.place", "SPF belongs"},
		{"alias to nothing", "", "_dmarc.contoso.com CNAME _dmarc.gone.example.", "fail dmarc.record", "alias"},
		{"sp weaker", "", at + "v=DMARC1; p=reject; sp=none; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.subdomains", "sp=none beside p=reject"},
		{"np weaker", "", at + "v=DMARC1; p=reject; np=none; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.subdomains", "Op:remove-tag Old:np"},
		{"sp without effect", "mail.contoso.com", full + "_dmarc.mail.contoso.com TXT v=DMARC1; p=reject; sp=none; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\ninfo dmarc.subdomains", "no effect"},
		{"test mode", "", at + "v=DMARC1; p=reject; t=y; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.test", "apply quarantine instead of reject"},
		{"test mode, quarantine", "", at + "v=DMARC1; p=quarantine; t=y; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.test", "apply none instead of quarantine"},
		{"test mode, none", "", at + "v=DMARC1; p=none; t=y; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy", "monitoring only"},
		{"test mode, subdomains", "", at + "v=DMARC1; p=none; sp=quarantine; t=y; rua=mailto:d@contoso.com", "pass dmarc.record\nwarn dmarc.policy\nwarn dmarc.test", "one level below"},
		{"test mode, parked", "", parked + at + "v=DMARC1; p=reject; t=y", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.test", "apply quarantine instead of reject"},
		{"no test mode", "", at + "v=DMARC1; p=quarantine; t=n; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy", "send mail that fails DMARC to junk"},
		{"pct", "", at + "v=DMARC1; p=reject; pct=20; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.removed", "Label:if all your senders pass"},
		{"pct=100", "", at + "v=DMARC1; p=reject; pct=100; ri=86400; rua=mailto:d@contoso.com", "pass dmarc.record\npass dmarc.policy\ninfo dmarc.removed", "pct, ri"},
		{"no reports", "", "contoso.com MX 0 mail.contoso.com.\n" + at + "v=DMARC1; p=reject", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.rua", "New:rua=mailto:dmarc-reports@contoso.com"},
		{"reports outside", "", at + "v=DMARC1; p=reject; rua=mailto:d@reports.example\ncontoso.com._report._dmarc.reports.example TXT v=DMARC1;", "pass dmarc.record\npass dmarc.policy\npass dmarc.rua-auth", "have authorized it"},
		{"reports outside without consent", "", at + "v=DMARC1; p=reject; rua=mailto:d@reports.example", "pass dmarc.record\npass dmarc.policy\nwarn dmarc.rua-auth",
			"Name:contoso.com._report._dmarc.reports.example. Type:TXT Op: Old: New:v=DMARC1"},
		{"reports outside, SERVFAIL", "", at + "v=DMARC1; p=reject; rua=mailto:d@reports.example\ncontoso.com._report._dmarc.reports.example SERVFAIL", "pass dmarc.record\npass dmarc.policy\nunknown dmarc.rua-auth", "SERVFAIL"},
		{"SERVFAIL", "", "_dmarc.contoso.com SERVFAIL", "unknown dmarc.record", "SERVFAIL"},
		{"initial domain", "contoso.onmicrosoft.com", "contoso.onmicrosoft.com MX 0 contoso.mail.protection.outlook.com.", "warn dmarc.record", "admin center"},
		{"routing domain", "contoso.mail.onmicrosoft.com", "x.example A 192.0.2.1", "skip dmarc.record", "hybrid routing domain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			domain := tt.domain
			if domain == "" {
				domain = "contoso.com"
			}
			env, _ := mailEnv(t, domain, tt.zone)
			fs := kit.Gather(t.Context(), env, DMARC)
			kittest.EqualLines(t, statuses(fs), strings.Split(tt.want, "\n")...)
			wantSound(t, fs)
			if all := fmt.Sprintf("%+v", fs) + fixText(fs); !strings.Contains(all, tt.has) {
				t.Errorf("nowhere %q in\n%s", tt.has, all)
			}
		})
	}
}

// NXDOMAIN and no data are both "no record", and the evidence tells them apart;
// SERVFAIL is neither.
func TestFault_002_NoRecordTwice(t *testing.T) {
	for zone, text := range map[string]string{
		"contoso.com MX 0 m.contoso.com.":                             "NXDOMAIN",
		"contoso.com MX 0 m.contoso.com.\nx._dmarc.contoso.com TXT x": "no data",
	} {
		env, _ := mailEnv(t, "contoso.com", zone)
		fs := kit.Gather(t.Context(), env, DMARC)
		if len(fs) != 1 || fs[0].Status != report.Fail || !strings.Contains(fs[0].Evidence[0].Text, text) {
			t.Errorf("%q: %+v", text, fs)
		}
	}
}

// TestDMARCQueries: what a common domain costs beside its MX and TXT, with the
// domain appended twice, which is asked at once.
func TestDMARCQueries(t *testing.T) {
	for _, tt := range []struct {
		zone string
		want int
	}{
		{"_dmarc.contoso.com TXT v=DMARC1; p=reject; rua=mailto:d@contoso.com", 3},
		{"_dmarc.contoso.com TXT v=DMARC1; p=reject; rua=mailto:d@contoso.com,mailto:d@reports.example", 4},
		{"contoso.com MX 0 m.contoso.com.", 3},
	} {
		env, srv := mailEnv(t, "contoso.com", tt.zone)
		asked := func() (n int) {
			for _, q := range srv.Queries() {
				if strings.Contains(q.Name, "_dmarc") && q.Type == string(dnsrec.TypeTXT) {
					n++
				}
			}
			return n
		}
		gatherUntil(t, env, DMARC, func() bool { return asked() == tt.want })
		if n := asked(); n != tt.want {
			t.Errorf("%q: %d questions, want %d: %v", tt.zone, n, tt.want, srv.Queries())
		}
	}
}

// gatherUntil runs a check and holds it open until the world has seen what was
// sent: what is only wanted may be dropped when a check has ended.
func gatherUntil(t *testing.T, env *kit.Env, check func(*kit.Known) []report.Finding, seen func() bool) []report.Finding {
	t.Helper()
	return kit.Gather(t.Context(), env, func(k *kit.Known) []report.Finding {
		fs := check(k)
		for late := time.Now().Add(5 * time.Second); !k.Missing() && !seen() && time.Now().Before(late); {
			runtime.Gosched()
		}
		return fs
	})
}

// While the MX records are unknown, a domain without a sender is not said to
// lose mail.
func TestDMARCOfSilentDomainWithoutMX(t *testing.T) {
	for _, zone := range []string{"contoso.com TXT v=spf1 -all", "contoso.com A 192.0.2.1"} {
		env, srv := mailEnv(t, "contoso.com", zone)
		srv.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
		kittest.EqualLines(t, statuses(kit.Gather(t.Context(), env, DMARC)), "warn dmarc.record")
	}
}

// The edits of all findings make one record, which keeps what was meant.
func TestFault_DMARCEditsComposeIntoOneRecord(t *testing.T) {
	const mx = "contoso.com MX 0 mail.contoso.com.\n"
	for name, c := range map[string]struct {
		records []string
		want    string
	}{
		"ladder in test mode":       {[]string{"v=DMARC1; p=none; rua=mailto:d@contoso.com"}, "v=DMARC1; p=quarantine; rua=mailto:d@contoso.com; t=y"},
		"the address stays":         {[]string{"v=DMARC1; p=none; rua=mailto:d@contoso.com; pct=100"}, "v=DMARC1; p=quarantine; rua=mailto:d@contoso.com; t=y"},
		"near miss is not in force": {[]string{"v=DMARC1; p=rejct; rua=mailto:d@contoso.com"}, "v=DMARC1; p=none; rua=mailto:d@contoso.com"},
		"near miss of quarantine":   {[]string{"v=DMARC1; p=quarantin; rua=mailto:d@contoso.com"}, "v=DMARC1; p=none; rua=mailto:d@contoso.com"},
		"bare address":              {[]string{"v=DMARC1; p=reject; rua=d@contoso.com"}, "v=DMARC1; p=reject; rua=mailto:d@contoso.com"},
		"bare address and sp":       {[]string{"v=DMARC1; p=reject; sp=none; rua=d@contoso.com"}, "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@contoso.com"},
		"mildest of several":        {[]string{"v=DMARC1; p=reject; rua=mailto:a@contoso.com", "v=DMARC1; p=none; rua=mailto:b@contoso.com"}, "v=DMARC1; p=none; rua=mailto:b@contoso.com,mailto:a@contoso.com"},
		"no rua is invented beside": {[]string{"v=DMARC1; p=reject; sp=none; rua=mailto:d@contoso.com"}, "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@contoso.com"},
		"second step of subdomains": {[]string{"v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@contoso.com"}, "v=DMARC1; p=reject; rua=mailto:d@contoso.com"},
		"only step of subdomains":   {[]string{"v=DMARC1; p=quarantine; sp=none; np=none; rua=mailto:d@contoso.com"}, "v=DMARC1; p=quarantine; rua=mailto:d@contoso.com"},
	} {
		t.Run(name, func(t *testing.T) {
			zone := mx
			for _, r := range c.records {
				zone += "_dmarc.contoso.com TXT " + r + "\n"
			}
			env, _ := mailEnv(t, "contoso.com", zone)
			fs := kit.Gather(t.Context(), env, DMARC)
			edits := editsOf(fs, "_dmarc.contoso.com")
			if got := editedDMARC(t, c.records, edits); got != c.want {
				t.Errorf("got %q, want %q from %+v", got, c.want, edits)
			}
		})
	}
}

// Whether a domain without any mail record should have mail is a decision.
func TestFault_EmptyDomainIsADecision(t *testing.T) {
	env, _ := mailEnv(t, "contoso.com", "contoso.com A 192.0.2.1")
	x := find(kit.Gather(t.Context(), env, DMARC), "dmarc.record")
	if x.Fix == nil || len(x.Fix.Edits) > 0 || len(x.Fix.Alternatives) != 2 || len(x.Fix.Alternatives[1].Edits) != 3 {
		t.Errorf("%+v", x.Fix)
	}
}
