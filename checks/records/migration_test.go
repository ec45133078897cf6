package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

const (
	goodSPF          = "contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\nspf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\n"
	goodAutodiscover = "autodiscover.contoso.com CNAME autodiscover.outlook.com.\nautodiscover.outlook.com A 192.0.2.3\n"
	microsoftMX      = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com A 192.0.2.11\n"
)

// found runs a check over a zone.
func found(t *testing.T, zone string, run func(*kit.Known) []report.Finding, set func(*kit.Env)) []report.Finding {
	t.Helper()
	env, _ := mailEnv(t, "contoso.com", zone)
	if set != nil {
		set(env)
	}
	return kit.Gather(t.Context(), env, run)
}

func expectM365(e *kit.Env) { e.Expect = kit.ExpectM365 }

// A name of Microsoft 365 that receives no mail for domains is recognized, and
// replaced by the right host if that exists.
func TestFault_MistakenMX(t *testing.T) {
	const right = "contoso-com.mail.protection.outlook.com"
	for _, host := range []string{
		"contoso.onmicrosoft.com", "fabrikam.onmicrosoft.us", "contoso-com.protection.outlook.com", "spf.protection.outlook.com", "mail.protection.outlook.com",
		"smtp.office365.com", "outlook.office365.com", "autodiscover.outlook.com", "smtp.office365.us",
	} {
		for _, exists := range []bool{true, false} {
			zone := "contoso.com MX 0 " + host + ".\n" + goodSPF
			if exists {
				zone += "\n" + right + " A 192.0.2.1\n"
			}
			fs := found(t, zone, MX, nil)
			x := find(fs, "mx.host")
			exists := exists && !strings.HasSuffix(host, ".us") // GCC High has names that nobody can derive
			if x.Status != report.Fail || len(x.Fix.Edits) > 0 != exists || exists && x.Fix.Edits[0].New != "0 "+right+"." {
				t.Errorf("%s: %v %+v", host, statuses(fs), x.Fix)
			}
		}
	}
}

// A slip in the name of a Microsoft host is recognized, and replaced.
func TestFault_MisspelledMX(t *testing.T) {
	for _, host := range []string{
		"contoso-com.mail.protection.outlok.com", "contoso-com.mail.protecton.outlook.com", "contoso-com.mail.protection.outlook.con",
		"contoso-com.mail-protection.outlook.com", "contoso-com.mail.protection.outllook.com",
	} {
		const right = "contoso-com.mail.protection.outlook.com"
		fs := found(t, "contoso.com MX 0 "+host+".\n"+right+" A 192.0.2.1\n"+goodSPF, MX, nil)
		x := find(fs, "mx.misspelled")
		if x.Status != report.Fail || x.Fix.Edits[0].New != "0 contoso-com.mail.protection.outlook.com." {
			t.Errorf("%s: %v %+v", host, statuses(fs), x.Fix)
		}
	}
	for _, host := range []string{"contoso-com.mail.protection.outlook.com", "mail.contoso.com", "mx.outlook-mail.example", "contoso-com.e-v1.mx.microsoft"} {
		if fs := found(t, "contoso.com MX 0 "+host+".\n"+host+" A 192.0.2.1\n", MX, nil); has(fs, "mx.misspelled", report.Fail) {
			t.Errorf("%s is no slip: %v", host, statuses(fs))
		}
	}
	if x := find(found(t, "contoso.com MX 0 contoso-com.mail.protection.outlok.com.\n"+goodSPF, MX, nil), "mx.misspelled"); len(x.Fix.Edits) > 0 {
		t.Errorf("a host that does not exist is proposed: %+v", x.Fix.Edits)
	}
}

func TestFault_MisspelledAutodiscover(t *testing.T) {
	for _, host := range []string{"autodiscover.outlok.com", "autodicover.outlook.com", "autodiscover.outlook.con", "autodiscover-outlook.com"} {
		fs := found(t, microsoftMX+"autodiscover.contoso.com CNAME "+host+".\n", Autodiscover, nil)
		x := find(fs, "autodiscover.target")
		if x.Status != report.Warn || len(x.Fix.Edits) != 1 || x.Fix.Edits[0].New != "autodiscover.outlook.com." {
			t.Errorf("%s: %v %+v", host, statuses(fs), x.Fix)
		}
	}
}

func TestFault_MisspelledDKIMTarget(t *testing.T) {
	for host, want := range map[string]string{
		"selector1-contoso-com._domainkey.contoso.onmicrosft.com":            "selector1-contoso-com._domainkey.contoso.onmicrosoft.com",
		"selector1-contoso-com._domainkey.contoso.onmicrosoft.con":           "selector1-contoso-com._domainkey.contoso.onmicrosoft.com",
		"selector2-contoso-com._domainkey.contoso.a-v1.dkim.mail.microsft":   "selector2-contoso-com._domainkey.contoso.a-v1.dkim.mail.microsoft",
		"selector2-contoso-com._domainkey.contoso.a-v1.dkim.mail.micorosoft": "selector2-contoso-com._domainkey.contoso.a-v1.dkim.mail.microsoft",
	} {
		if x := readDKIMTarget(host); x.Form != targetDamaged || x.Repaired != want {
			t.Errorf("%s: %s %q", host, x.Form, x.Repaired)
		}
	}
}

// Before the mailboxes have moved, autodiscover stays as it is.
func TestFault_AutodiscoverAfterTheMove(t *testing.T) {
	for _, now := range []string{"autodiscover.contoso.com A 192.0.2.7\n", "autodiscover.contoso.com CNAME autodiscover.hoster.example.\n", ""} {
		fs := found(t, "contoso.com MX 0 mx.hoster.example.\nmx.hoster.example A 192.0.2.1\n"+goodSPF+now, Autodiscover, nil)
		if x := find(fs, "autodiscover.target"); x.Status != report.Warn || x.Fix == nil || len(x.Fix.Edits) > 0 {
			t.Errorf("%q: %v %+v", now, statuses(fs), x.Fix)
		}
		fs = found(t, microsoftMX+goodSPF+now, Autodiscover, nil)
		if x := find(fs, "autodiscover.target"); len(proposed(x.Fix)) == 0 {
			t.Errorf("%q, moved: %v %+v", now, statuses(fs), x.Fix)
		}
	}
}

func TestFault_AutodiscoverSRVLeftover(t *testing.T) {
	const srv = "_autodiscover._tcp.contoso.com SRV 0 0 443 mail.contoso.com.\n"
	x := find(found(t, microsoftMX+goodSPF+goodAutodiscover+srv, Autodiscover, expectM365), "autodiscover.srv")
	if x.Status != report.Warn || len(x.Fix.Edits) != 1 {
		t.Errorf("%+v", x)
	}
	const right = "_autodiscover._tcp.contoso.com SRV 0 0 443 autodiscover.outlook.com.\n"
	for _, zone := range []string{microsoftMX + goodAutodiscover + right, "contoso.com MX 0 mail.contoso.com.\n" + goodSPF + goodAutodiscover + srv} {
		if fs := found(t, zone, Autodiscover, nil); has(fs, "autodiscover.srv", report.Warn) {
			t.Errorf("%q: %v", zone, statuses(fs))
		}
	}
}

// An MX record that names an alias in the domain's own name is at Microsoft 365
// all the same.
func TestFault_MXAliasOfMicrosoft(t *testing.T) {
	zone := "contoso.com MX 10 mail.contoso.com.\nmail.contoso.com CNAME contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com A 192.0.2.11\n"
	for _, set := range []func(*kit.Env){nil, expectM365} {
		fs := found(t, zone, MX, set)
		if !has(fs, "mx.m365", report.Pass) || !has(fs, "mx.cname", report.Warn) || strings.Contains(strings.Join(statuses(fs), " "), "fail") {
			t.Errorf("%v", statuses(fs))
		}
	}
	elsewhere := "contoso.com MX 10 mail.contoso.com.\nmail.contoso.com CNAME mx.hoster.example.\nmx.hoster.example A 192.0.2.11\n"
	if fs := found(t, elsewhere, MX, expectM365); has(fs, "mx.m365", report.Pass) {
		t.Errorf("elsewhere: %v", statuses(fs))
	}
}

// What is probably a filter is asked about, and --gateway answers.
func TestFault_GatewayIsAQuestion(t *testing.T) {
	dkim := "selector1._domainkey.contoso.com CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.\n"
	for name, c := range map[string]struct {
		zone, gateway string
		want          report.Status
		code          string
	}{
		"by its name":          {"contoso.com MX 10 mx.spamfilter.example.\nmx.spamfilter.example A 192.0.2.1\n" + goodSPF, "", report.Warn, "mx.m365"},
		"all else Microsoft's": {"contoso.com MX 10 mx.shield.example.\nmx.shield.example A 192.0.2.1\n" + goodSPF + goodAutodiscover + dkim, "", report.Warn, "mx.m365"},
		"confirmed":            {"contoso.com MX 10 mx.shield.example.\nmx.shield.example A 192.0.2.1\n" + goodSPF, "shield.example", report.Pass, "mx.gateway"},
		"another one":          {"contoso.com MX 10 mx.shield.example.\nmx.shield.example A 192.0.2.1\n" + goodSPF, "other.example", report.Fail, "mx.m365"},
		"unknown host":         {"contoso.com MX 10 mx.shield.example.\nmx.shield.example A 192.0.2.1\n" + goodSPF, "", report.Fail, "mx.m365"},
	} {
		fs := found(t, c.zone, MX, func(e *kit.Env) {
			e.Expect = kit.ExpectM365
			if c.gateway != "" {
				e.Gateways = []string{c.gateway}
			}
		})
		if !has(fs, c.code, c.want) {
			t.Errorf("%s: %v", name, statuses(fs))
		}
	}
}

// A server in the domain's own name beside Microsoft 365 can be a hybrid one.
func TestFault_OwnServerMayBeHybrid(t *testing.T) {
	zone := microsoftMX + "contoso.com MX 10 mail.contoso.com.\nmail.contoso.com A 192.0.2.1\n"
	if fs := found(t, zone, MX, nil); !has(fs, "mx.leftover", report.Warn) {
		t.Errorf("auto: %v", statuses(fs))
	}
	if fs := found(t, zone, MX, expectM365); !has(fs, "mx.leftover", report.Fail) {
		t.Errorf("m365: %v", statuses(fs))
	}
	other := microsoftMX + "contoso.com MX 10 mx.hoster.example.\nmx.hoster.example A 192.0.2.1\n"
	if fs := found(t, other, MX, nil); !has(fs, "mx.leftover", report.Fail) {
		t.Errorf("a hoster: %v", statuses(fs))
	}
}

// A null MX is never printed as the record for a domain that may be alive.
func TestFault_NullMXIsADecision(t *testing.T) {
	for _, zone := range []string{"contoso.com A 192.0.2.1\n", "x.contoso.com A 192.0.2.1\n", "contoso.com A 192.0.2.1\ncontoso.com TXT v=spf1 ip4:192.0.2.7 -all\n"} {
		x := find(found(t, zone, MX, nil), "mx.none")
		if x.Status != report.Warn || len(x.Fix.Edits) > 0 || len(x.Fix.Alternatives) != 2 {
			t.Errorf("%q: %+v", zone, x.Fix)
		}
	}
}

// A retired MX of Microsoft is judged as any other one of Microsoft.
func TestFault_RetiredMXIsMicrosoft(t *testing.T) {
	fs := found(t, "contoso.com MX 0 contoso-com.mail.eo.outlook.com.\ncontoso-com.mail.eo.outlook.com A 192.0.2.1\n"+goodSPF, DKIM, nil)
	if strings.Contains(strings.Join(statuses(fs), " "), "warn dkim.m365") {
		t.Errorf("%v", statuses(fs))
	}
}

// A policy in force that mail from Microsoft 365 fails is a failure.
func TestFault_PolicyWithoutCover(t *testing.T) {
	const policy = "_dmarc.contoso.com TXT v=DMARC1; p=reject; rua=mailto:d@contoso.com\n"
	const other = "contoso.com TXT v=spf1 ip4:192.0.2.7 -all\n"
	key := "selector1._domainkey.contoso.com TXT " + testKey("selector1", 2048) + "\n"
	for name, c := range map[string]struct {
		zone string
		fail bool
	}{
		"neither":             {microsoftMX + other + policy, true},
		"no SPF at all":       {microsoftMX + policy, true},
		"broken SPF":          {microsoftMX + "contoso.com TXT v=spf1 include:spf.protection.outlook.com ip:192.0.2.7 -all\n" + policy, true},
		"quarantine":          {microsoftMX + other + strings.Replace(policy, "reject", "quarantine", 1), true},
		"SPF":                 {microsoftMX + goodSPF + policy, false},
		"DKIM":                {microsoftMX + other + policy + key, false},
		"p=none":              {microsoftMX + other + strings.Replace(policy, "reject", "none", 1), false},
		"mail elsewhere":      {"contoso.com MX 1 mx.hoster.example.\n" + other + policy, false},
		"SPF does not answer": {microsoftMX + "contoso.com TXT v=spf1 include:ill.example -all\nill.example SERVFAIL\n" + policy, false},
	} {
		if fs := found(t, c.zone, DMARC, nil); has(fs, "dmarc.m365", report.Fail) != c.fail {
			t.Errorf("%s: %v", name, statuses(fs))
		}
	}
}

func TestFault_ReportMailboxes(t *testing.T) {
	const policy = "_dmarc.contoso.com TXT v=DMARC1; p=reject; rua=mailto:d@contoso.com"
	if fs := found(t, "contoso.com MX 0 .\n"+policy, DMARC, nil); !has(fs, "dmarc.rua", report.Warn) {
		t.Errorf("null MX: %v", statuses(fs))
	}
	if fs := found(t, microsoftMX+goodSPF+policy, DMARC, nil); has(fs, "dmarc.rua", report.Warn) || has(fs, "dmarc.rua", report.Info) {
		t.Errorf("%v", statuses(fs))
	}
	if fs := found(t, microsoftMX+goodSPF+policy+",mailto:e@contoso.com,mailto:f@contoso.com", DMARC, nil); !has(fs, "dmarc.rua", report.Info) {
		t.Errorf("three: %v", statuses(fs))
	}
}

// mx allows other servers after the switch than before it.
func TestFault_MXTermAtTheCutover(t *testing.T) {
	const old = "contoso.com MX 10 mail.contoso.com.\nmail.contoso.com A 192.0.2.7\n"
	const spf = "contoso.com TXT v=spf1 mx include:spf.protection.outlook.com ~all\nspf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\n"
	x := find(found(t, old+spf, SPF, nil), "spf.cutover")
	if x.Status != report.Warn || len(x.Fix.Edits) != 1 || x.Fix.Edits[0].New != "ip4:192.0.2.7" {
		t.Errorf("%+v", x)
	}
	for terms, want := range map[string]string{ // what other terms let pass is not written out
		"mx ip4:192.0.2.0/24": "", "mx a:mail.contoso.com": "", "mx ?ip4:192.0.2.7": "ip4:192.0.2.7", "mx -ip4:192.0.2.7": "ip4:192.0.2.7", "mx ip4:192.0.2.8": "ip4:192.0.2.7",
	} {
		x := find(found(t, old+strings.Replace(spf, "mx", terms, 1), SPF, nil), "spf.cutover")
		if x.Fix == nil || len(x.Fix.Edits) != 1 || x.Fix.Edits[0].New != want {
			t.Errorf("%s: %+v", terms, x.Fix)
		}
	}
	for _, zone := range []string{microsoftMX + spf, old + goodSPF, old + "contoso.com TXT v=spf1 mx ~all\n"} {
		if fs := found(t, zone, SPF, nil); has(fs, "spf.cutover", report.Warn) {
			t.Errorf("%q: %v", zone, statuses(fs))
		}
	}
	fs := found(t, old+goodAutodiscover, SPF, nil)
	if got := editedSPF(t, nil, firstEdits(fs)); got != "v=spf1 ip4:192.0.2.7 include:spf.protection.outlook.com ~all" {
		t.Errorf("first record %q", got)
	}
}

func TestFault_LeftoverKey(t *testing.T) {
	google := "google._domainkey.contoso.com TXT " + testKey("google", 2048) + "\n"
	withSPF := "contoso.com TXT v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all\n_spf.google.com TXT v=spf1 ip4:192.0.2.0/24 ~all\n" +
		"spf.protection.outlook.com TXT v=spf1 ip4:40.92.0.0/15 -all\n"
	x := find(found(t, microsoftMX+withSPF+google, DKIM, nil), "dkim.leftover")
	if x.Status != report.Warn || len(x.Fix.Edits) != 0 || len(x.Fix.Alternatives) != 2 || len(x.Fix.Alternatives[0].Edits) != 1 ||
		x.Fix.Alternatives[0].Edits[0].Name != "google._domainkey.contoso.com." {
		t.Errorf("%+v", x)
	}
	if fs := found(t, "contoso.com MX 1 smtp.google.com.\n"+withSPF+google, DKIM, nil); has(fs, "dkim.leftover", report.Warn) {
		t.Errorf("not migrated: %v", statuses(fs))
	}
	mail := "mail._domainkey.contoso.com TXT " + testKey("mail", 2048) + "\n"
	if fs := found(t, microsoftMX+goodSPF+mail, DKIM, nil); has(fs, "dkim.leftover", report.Warn) {
		t.Errorf("a name that says nothing: %v", statuses(fs))
	}
}
