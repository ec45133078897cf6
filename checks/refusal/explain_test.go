package refusal

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks"
	"maildiag/checks/kit/kittest"
	"maildiag/checks/refusal/replies"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

const refusedZone = `
contoso.com.            MX   0 contoso-com.mail.protection.outlook.com.
contoso.com.            TXT  "v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com -all"
_dmarc.contoso.com.     TXT  "v=DMARC1; p=reject"
s1._domainkey.contoso.com. TXT "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
old._domainkey.contoso.com. TXT "v=DKIM1; p="
plain.example.          A    192.0.2.1
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
spf.protection.office365.us. TXT "v=spf1 ip4:52.127.0.0/16 -all"
spf.protection.partner.outlook.cn. TXT "v=spf1 ip4:139.219.0.0/16 -all"
service.example.        TXT  "v=spf1 ip4:203.0.113.9 -all"
9.113.0.203.in-addr.arpa. PTR mail.contoso.com.
mail.contoso.com.       A    203.0.113.9
7.113.0.203.in-addr.arpa. PTR elsewhere.contoso.com.
elsewhere.contoso.com.  A    203.0.113.8
contoso-com.mail.protection.outlook.com. A 52.101.0.1
`

func one(t *testing.T, fs []report.Finding, code string) report.Finding {
	t.Helper()
	i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == code })
	if i < 0 {
		t.Fatalf("no %s in %v", code, kittest.Verdicts(fs, true))
	}
	return fs[i]
}

func TestConfirmSPF(t *testing.T) {
	for name, c := range map[string]struct {
		r            Refusal
		status       report.Status
		summary, fix string
	}{
		"not listed": {Refusal{IP: "203.0.113.9", Sender: "me@contoso.com"}, report.Fail,
			"your SPF (contoso.com) does not list 203.0.113.9; add ip4:203.0.113.9 before -all",
			"v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com ip4:203.0.113.9 -all"},
		"listed": {Refusal{IP: "203.0.113.7", Sender: "me@contoso.com"}, report.Pass,
			"allows 203.0.113.7 now", ""},
		"by Microsoft": {Refusal{IP: "40.92.1.1", Sender: "me@plain.example"}, report.Fail,
			"publish one with include:spf.protection.outlook.com",
			"v=spf1 include:spf.protection.outlook.com -all"},
		"bounce by HELO": {Refusal{IP: "203.0.113.9", HELO: "contoso.com"}, report.Fail, "add ip4:203.0.113.9",
			"v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com ip4:203.0.113.9 -all"},
		"IPv6": {Refusal{IP: "2001:db8::9", Sender: "me@contoso.com"}, report.Fail,
			"add ip6:2001:db8::9 before -all", "v=spf1 ip4:203.0.113.7 include:spf.protection.outlook.com " +
				"ip6:2001:db8::9 -all"},
		"no address": {Refusal{Sender: "me@contoso.com"}, report.Unknown, "does not contain the address", ""},
	} {
		env, _ := kittest.NewEnv(t, "", refusedZone)
		c.r.Row = "exo.spf-violation"
		fs := Confirm(t.Context(), env, checks.All(), c.r)
		f := one(t, fs, "explain.spf")
		if f.Status != c.status || !strings.Contains(f.Summary, c.summary) {
			t.Errorf("%s: %s %q", name, f.Status, f.Summary)
		}
		if c.fix != "" && (f.Fix == nil || len(f.Fix.Edits) != 1 || f.Fix.Edits[0].New != c.fix) {
			t.Errorf("%s: %+v", name, f.Fix)
		}
		kittest.Sound(t, fs)
	}
}

func TestConfirmSPFNeverBlamesTheDomain(t *testing.T) {
	env, srv := kittest.NewEnv(t, "", refusedZone)
	srv.Fault("contoso.com", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	f := one(t, Confirm(t.Context(), env, checks.All(), Refusal{Row: "gmail.spf", IP: "203.0.113.9",
		Sender: "me@contoso.com"}), "explain.spf")
	if f.Status != report.Unknown || f.Cause != report.CauseResolver {
		t.Errorf("%+v", f)
	}
}

func TestConfirmDMARC(t *testing.T) {
	env, _ := kittest.NewEnv(t, "", refusedZone)
	r := Refusal{Row: "exo.dmarc-reject", IP: "203.0.113.9", Sender: "x@service.example", From: "contoso.com",
		Header: true,
		Signed: []DKIMSigning{{"contoso.com", "gone"}, {"contoso.com", "old"}}}
	fs := Confirm(t.Context(), env, checks.All(), r)
	kittest.Sound(t, fs)
	if f := one(t, fs, "explain.spf"); f.Status != report.Pass {
		t.Errorf("%+v", f)
	}
	if f := one(t, fs, "explain.dkim"); f.Status != report.Fail || !strings.Contains(f.Summary,
		"gone._domainkey.contoso.com, which is missing in the DNS") {
		t.Errorf("%+v", f)
	}
	if f := one(t, fs, "explain.dmarc"); !strings.Contains(f.Summary, "reject") {
		t.Errorf("%+v", f)
	}
	r.Signed = []DKIMSigning{{"service.example", "s1"}}
	if f := one(t, Confirm(t.Context(), env, checks.All(), r), "explain.alignment"); f.Status != report.Fail {
		t.Errorf("%+v", f)
	}
	r.Signed = []DKIMSigning{{"contoso.com", "s1"}}
	fs = Confirm(t.Context(), env, checks.All(), r)
	if one(t, fs, "explain.alignment").Status != report.Info || one(t, fs,
		"explain.dkim").Status != report.Pass {
		t.Errorf("%v", kittest.Verdicts(fs, true))
	}
	r.Signed = nil
	if f := one(t, Confirm(t.Context(), env, checks.All(), r), "explain.dkim"); f.Status != report.Fail ||
		!strings.Contains(f.Summary, "no DKIM signature") {
		t.Errorf("%+v", f)
	}
	r.From, r.Row = "plain.example", "gmail.unauthenticated"
	if f := one(t, Confirm(t.Context(), env, checks.All(), r), "explain.dmarc"); f.Status != report.Fail ||
		len(f.Fix.Edits) != 1 {
		t.Errorf("%+v", f)
	}
}

func TestConfirmPTR(t *testing.T) {
	env, _ := kittest.NewEnv(t, "", refusedZone)
	for ip, want := range map[string]report.Status{
		"203.0.113.9": report.Pass, "203.0.113.7": report.Fail, "203.0.113.1": report.Fail, "": report.Unknown,
	} {
		fs := Confirm(t.Context(), env, checks.All(), Refusal{Row: "gmail.ptr", IP: ip})
		if f := one(t, fs, "explain.ptr"); f.Status != want {
			t.Errorf("%s: %+v", ip, f)
		}
		kittest.Sound(t, fs)
	}
}

func TestConfirmMX(t *testing.T) {
	env, _ := kittest.NewEnv(t, "", refusedZone)
	for server, want := range map[string]report.Status{
		"contoso-com.mail.protection.outlook.com":             report.Info,
		"DB5EUR01FT088.eop-EUR01.prod.protection.outlook.com": report.Info,
		"mail.oldhost.example":                                report.Fail,
	} {
		fs := Confirm(t.Context(), env, checks.All(), Refusal{Row: "exo.unable-to-relay", Recipient: "u@contoso.com",
			Server: server})
		if f := one(t, fs, "explain.server"); f.Status != want {
			t.Errorf("%s: %+v", server, f)
		}
		kittest.Sound(t, fs)
	}
}

// TestEveryTopicHasRows: what can be looked at serves some reply.
func TestEveryTopicHasRows(t *testing.T) {
	for _, tp := range topics() {
		if !slices.ContainsFunc(replies.All(), func(r replies.Row) bool { return r.Confirm.Has(tp.confirms) }) {
			t.Errorf("no row for %b", tp.confirms)
		}
	}
}
