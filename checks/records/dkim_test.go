package records

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// mailEnv returns the environment of a domain in a world made of lines of the
// form "name TYPE value", where a TXT value needs no quotes, and the type
// SERVFAIL makes the TXT question for the name fail.
func mailEnv(t testing.TB, domain, lines string) (*kit.Env, *dnstest.Server) {
	t.Helper()
	var zone strings.Builder
	var failing []string
	for line := range strings.Lines(lines) {
		f := strings.SplitN(strings.TrimSpace(line)+" ", " ", 3)
		switch {
		case f[0] == "":
			continue
		case f[1] == "SERVFAIL":
			failing = append(failing, f[0])
			continue
		case f[1] == "TXT":
			f[2] = txtStrings(strings.TrimSpace(f[2]))
		}
		fmt.Fprintf(&zone, "%s. %s %s\n", strings.TrimSuffix(f[0], "."), f[1], f[2])
	}
	env, srv := kittest.NewEnv(t, domain, zone.String())
	for _, name := range failing {
		srv.Fault(name, "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	}
	return env, srv
}

// txtStrings writes a text as the character-strings of a zone file.
func txtStrings(s string) string {
	const most = 250 // of 255, RFC 1035 3.3
	var parts []string
	for len(s) > most {
		parts, s = append(parts, s[:most]), s[most:]
	}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	for i, p := range append(parts, s) {
		parts = append(parts[:i], `"`+escape.Replace(p)+`"`)
	}
	return strings.Join(parts, " ")
}

// testKey is a well-formed RSA key of 2048 or 1024 bits.
func testKey(label string, bits int) string {
	head := "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"
	if bits == 1024 {
		head = "30819f300d06092a864886f70d010101050003818d0030818902818100"
	}
	var der []byte
	fmt.Sscanf(head, "%x", &der)
	n := make([]byte, 0, bits/8)
	for i := 0; len(n) < bits/8; i++ {
		sum := sha256.Sum256(fmt.Append(nil, label, i))
		n = append(n, sum[:]...)
	}
	n[0], n[len(n)-1] = n[0]|0x80, n[len(n)-1]|1
	der = append(append(der, n...), 2, 3, 1, 0, 1)
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

const m365MX = "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\n" +
	"contoso.com TXT v=spf1 include:spf.protection.outlook.com -all\n"

// pairZone publishes both selectors in the old form, with keys.
func pairZone(replace ...string) string {
	z := m365MX +
		"selector1._domainkey.contoso.com CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.\n" +
		"selector2._domainkey.contoso.com CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.com.\n" +
		"selector1-contoso-com._domainkey.contoso.onmicrosoft.com TXT " + testKey("1", 2048) + "\n" +
		"selector2-contoso-com._domainkey.contoso.onmicrosoft.com TXT " + testKey("2", 2048) + "\n"
	return strings.NewReplacer(replace...).Replace(z)
}

// withoutNames takes the lines of a zone out that start with one of the names.
func withoutNames(zone string, names ...string) string {
	var b strings.Builder
	for line := range strings.Lines(zone) {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(line, n+" ") }) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// wantSound checks what holds for all findings: a problem has a fix with an
// owner, and each record in a fix can be published as it stands.
func wantSound(t *testing.T, fs []report.Finding) {
	t.Helper()
	kittest.Sound(t, fs)
	for _, f := range fs {
		if f.Status == report.Warn && (f.Fix == nil || f.Fix.Owner == "" || f.Fix.Text == "") {
			t.Errorf("%s has no fix: %s", f.Code, f.Summary)
		}
		if f.Fix == nil {
			continue
		}
		for _, r := range f.Fix.Edits {
			if r.Op != "" {
				continue
			}
			wantRecord(t, r)
		}
	}
}

// wantRecord parses a record of a Fix with our own parsers.
func wantRecord(t *testing.T, r report.Edit) {
	t.Helper()
	switch {
	case r.New == "":
	case r.Type == "CNAME":
		if x := readDKIMTarget(strings.TrimSuffix(r.New, ".")); !x.Good() || !strings.HasSuffix(r.New, ".") {
			t.Errorf("the target %q of %s is not one of Microsoft's", r.New, r.Name)
		}
	case strings.Contains(r.Name, "._report._dmarc."):
		if !dmarc.Consents(r.New) {
			t.Errorf("%q is no consent to reports", r.New)
		}
	case strings.HasPrefix(r.New, "v=DMARC1"):
		if _, ours, err := dmarc.Parse(r.New); !ours || err != nil {
			t.Errorf("%q does not parse: %v", r.New, err)
		}
	default:
		if _, ours, err := dkim.Parse(r.New); !ours || err != nil {
			t.Errorf("%q does not parse: %v", r.New, err)
		}
	}
}

// ask is what a test asks of a domain.
type ask struct {
	domain    string
	expect    kit.Expectation
	selectors []string
}

func TestDKIM(t *testing.T) {
	const sel1, sel2 = "selector1._domainkey.contoso.com", "selector2._domainkey.contoso.com"
	const tgt1, tgt2 = "selector1-contoso-com._domainkey.contoso.onmicrosoft.com", "selector2-contoso-com._domainkey.contoso.onmicrosoft.com"
	sendgrid := "s1._domainkey.contoso.com CNAME s1.domainkey.u1.wl.sendgrid.net.\ns1.domainkey.u1.wl.sendgrid.net TXT " + testKey("s", 1024) + "\n"
	allFail := strings.Join(dkim.Core(), "._domainkey.contoso.com SERVFAIL\n") + "._domainkey.contoso.com SERVFAIL\n"
	tests := []struct {
		name, zone string
		ask        ask
		want       string
		has        string // somewhere in summaries, fixes and records
	}{
		{"finished", pairZone(), ask{},
			"pass dkim.selector1\npass dkim.selector2\npass dkim.key\ninfo dkim.others", "RSA 2048 bits"},
		{"new form", pairZone("contoso.onmicrosoft.com", "contoso.n-v1.dkim.mail.microsoft"), ask{},
			"pass dkim.selector1\npass dkim.selector2\npass dkim.key\ninfo dkim.others", "n-v1.dkim.mail.microsoft"},
		{"nothing published", m365MX, ask{},
			"fail dkim.selector1\nfail dkim.selector2\ninfo dkim.others", "Get-DkimSigningConfig -Identity contoso.com"},
		{"selector2 missing", withoutNames(pairZone(), sel2), ask{},
			"pass dkim.selector1\nwarn dkim.selector2\npass dkim.key\ninfo dkim.others", tgt2 + "."},
		{"target of selector2 derived in the new form", withoutNames(pairZone("contoso.onmicrosoft.com", "contoso.n-v1.dkim.mail.microsoft"), sel2), ask{},
			"pass dkim.selector1\nwarn dkim.selector2\npass dkim.key\ninfo dkim.others", "selector2-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft."},
		{"not enabled", withoutNames(pairZone(), tgt1, tgt2), ask{},
			"pass dkim.selector1\npass dkim.selector2\nfail dkim.enabled\ninfo dkim.others", "Set-DkimSigningConfig -Identity contoso.com -Enabled $true"},
		{"just enabled", withoutNames(pairZone(), tgt2), ask{},
			"pass dkim.selector1\npass dkim.selector2\ninfo dkim.enabled\npass dkim.key\ninfo dkim.others", "normal until the first key rotation"},
		{"domain appended to the targets", pairZone("onmicrosoft.com.\n", "onmicrosoft.com.contoso.com.\n"), ask{},
			"fail dkim.suffix\nfail dkim.suffix\ninfo dkim.others", tgt1 + "."},
		{"domain appended to the names", withoutNames(pairZone(sel1+" ", sel1+".contoso.com ", sel2+" ", sel2+".contoso.com "), "x"), ask{},
			"fail dkim.suffix\nfail dkim.suffix\ninfo dkim.others", "Enter only selector1._domainkey"},
		{"content published as TXT", pairZone(sel1+" CNAME", sel1+" TXT", sel2+" CNAME", sel2+" TXT"), ask{},
			"fail dkim.as-txt\nfail dkim.as-txt\ninfo dkim.others", "instead of the TXT record"},
		{"crossed", pairZone(sel2+" CNAME selector2", sel2+" CNAME selector1"), ask{},
			"pass dkim.selector1\nwarn dkim.selector2\npass dkim.key\ninfo dkim.others", "key of selector1"},
		{"another tenant", pairZone(sel2+" CNAME "+tgt2, sel2+" CNAME selector2-contoso-com._domainkey.fabrikam.onmicrosoft.com"), ask{},
			"pass dkim.selector1\npass dkim.selector2\ninfo dkim.enabled\npass dkim.key\nwarn dkim.tenant\ninfo dkim.others", "differ by more"},
		{"another letter", pairZone("contoso.onmicrosoft.com", "contoso.n-v1.dkim.mail.microsoft", "selector2-contoso-com._domainkey.contoso.onmicrosoft.com", "selector2-contoso-com._domainkey.contoso.r-v1.dkim.mail.microsoft"), ask{},
			"pass dkim.selector1\npass dkim.selector2\npass dkim.key\nwarn dkim.tenant\ninfo dkim.others", "r-v1"},
		{"another domain's label", pairZone("selector1-contoso-com", "selector1-fabrikam-com", "selector2-contoso-com", "selector2-fabrikam-com"), ask{},
			"pass dkim.selector1\npass dkim.selector2\npass dkim.key\nfail dkim.token\nfail dkim.token\ninfo dkim.others", "fabrikam-com"},
		{"1024 bits", strings.ReplaceAll(pairZone(), testKey("1", 2048), testKey("1", 1024)), ask{},
			"pass dkim.selector1\npass dkim.selector2\nwarn dkim.key\npass dkim.key\ninfo dkim.others", "Rotate-DkimSigningConfig -Identity contoso.com -KeySize 2048"},
		{"one revoked", strings.ReplaceAll(pairZone(), testKey("1", 2048), "v=DKIM1; p="), ask{},
			"pass dkim.selector1\npass dkim.selector2\nwarn dkim.key\npass dkim.key\ninfo dkim.others", "revoked"},
		{"both revoked", strings.NewReplacer(testKey("1", 2048), "v=DKIM1; p=", testKey("2", 2048), "v=DKIM1; p=").Replace(pairZone()), ask{},
			"pass dkim.selector1\npass dkim.selector2\nfail dkim.key\ninfo dkim.others", "revoked"},
		{"testing", strings.ReplaceAll(pairZone(), "v=DKIM1; k=rsa;", "v=DKIM1; k=rsa; t=y;"), ask{},
			"pass dkim.selector1\npass dkim.selector2\nwarn dkim.key\ninfo dkim.others", "t=y"},
		{"SERVFAIL behind the CNAME", pairZone() + sel1 + " SERVFAIL\n", ask{},
			"unknown dkim.selector1\npass dkim.selector2\npass dkim.key\ninfo dkim.others", "the CNAME itself is published"},
		{"SERVFAIL for both", withoutNames(pairZone(), sel1, sel2) + sel1 + " SERVFAIL\n" + sel2 + " SERVFAIL\n", ask{},
			"unknown dkim.selector1\nunknown dkim.selector2\ninfo dkim.others", "SERVFAIL"},
		{"CNAME loop", withoutNames(pairZone(), sel1) + sel1 + " CNAME " + sel1 + ".\n", ask{},
			"warn dkim.selector1\npass dkim.selector2\npass dkim.key\ninfo dkim.others", "loop"},
		{"two short keys are one finding", pairZone(testKey("1", 2048), testKey("1", 1024), testKey("2", 2048), testKey("2", 1024)), ask{},
			"pass dkim.selector1\npass dkim.selector2\nwarn dkim.key\ninfo dkim.others", "both selectors: RSA 1024 bits"},
		{"key as TXT", m365MX + sel1 + " TXT " + testKey("1", 2048) + "\n" + sel2 + " TXT " + testKey("2", 2048), ask{},
			"warn dkim.selector1\nwarn dkim.selector2\npass dkim.key\ninfo dkim.others", "next key rotation"},
		{"wildcard of the whole zone", m365MX + "*.contoso.com CNAME contoso.com.\n", ask{},
			"fail dkim.selector1\nfail dkim.selector2\ninfo dkim.wildcard", "A separate record overrides it"},
		{"with a bulk sender", pairZone() + sendgrid, ask{},
			"pass dkim.selector1\npass dkim.selector2\npass dkim.key\ninfo dkim.others", "s1 (RSA 1024 bits of s1.domainkey.u1.wl.sendgrid.net)"},
		{"behind a gateway that signs", strings.ReplaceAll(m365MX, "contoso-com.mail.protection.outlook.com.", "eu-smtp-inbound-1.mimecast.com.") +
			"mail._domainkey.contoso.com TXT " + testKey("m", 2048), ask{},
			"warn dkim.selector1\nwarn dkim.selector2\ninfo dkim.others", "mail (RSA 2048 bits)"},
		{"migration must be finished", strings.ReplaceAll(m365MX, "contoso-com.mail.protection.outlook.com.", "mx.oldhost.example."), ask{expect: kit.ExpectM365},
			"fail dkim.selector1\nfail dkim.selector2\ninfo dkim.others", "is missing"},
		{"named selectors", pairZone() + "x1._domainkey.contoso.com TXT " + testKey("x", 2048) + "\nx2._domainkey.contoso.com TXT " + testKey("x", 1024), ask{selectors: []string{"x1", "X2", "gone"}},
			"pass dkim.selector\nwarn dkim.selector\nfail dkim.selector\npass dkim.selector1\npass dkim.selector2\npass dkim.key\ninfo dkim.others", "--selector gone"},
		{"nothing but damaged selectors points at Microsoft", "contoso.com MX 10 mail.contoso.com.\n" + sel1 + " CNAME " + tgt1 + ".contoso.com.\n", ask{},
			"warn dkim.suffix\nwarn dkim.selector2\ninfo dkim.others", tgt1 + "."},
		{"parked", "contoso.com MX 0 .\ncontoso.com TXT v=spf1 -all\n*._domainkey.contoso.com TXT v=DKIM1; p=\n", ask{},
			"pass dkim.parked", "revokes all"},
		{"parked without anything", "contoso.com TXT v=spf1 -all\n", ask{}, "pass dkim.parked", "no DKIM key"},
		{"elsewhere, signed", "contoso.com MX 1 smtp.google.com.\ngoogle._domainkey.contoso.com TXT " + testKey("g", 2048), ask{},
			"pass dkim.key", "google (RSA 2048 bits)"},
		{"elsewhere, broken", "contoso.com MX 1 smtp.google.com.\ngoogle._domainkey.contoso.com TXT v=DKIM1; p=MIIB*", ask{},
			"warn dkim.key", "character 16"},
		{"elsewhere, several", "contoso.com MX 1 smtp.google.com.\ngoogle._domainkey.contoso.com TXT v=DKIM1; p=\ngoogle._domainkey.contoso.com TXT " + testKey("g", 2048), ask{},
			"warn dkim.several", "not defined"},
		{"elsewhere, nothing guessed", "contoso.com MX 1 smtp.google.com.\nx._domainkey.contoso.com TXT x\n", ask{}, "info dkim.none", "cannot list selectors"},
		{"elsewhere, nothing at all", "contoso.com MX 1 smtp.google.com.\n", ask{}, "warn dkim.none", "no name exists below _domainkey"},
		{"elsewhere, SERVFAIL", "contoso.com MX 1 smtp.google.com.\n" + allFail, ask{}, "unknown dkim.none", "SERVFAIL"},
		{"initial domain", "selector1-contoso-onmicrosoft-com._domainkey.contoso.onmicrosoft.com TXT " + testKey("i", 2048), ask{domain: "contoso.onmicrosoft.com"},
			"pass dkim.initial", "RSA 2048"},
		{"initial domain without key", "contoso.onmicrosoft.com MX 0 contoso.mail.protection.outlook.com.", ask{domain: "contoso.onmicrosoft.com"}, "info dkim.initial", "nothing to publish"},
		{"initial domain in China", "selector2-contoso-partner-onmschina-cn._domainkey.contoso.partner.onmschina.cn TXT " + testKey("i", 2048), ask{domain: "contoso.partner.onmschina.cn"},
			"pass dkim.initial", "RSA 2048"},
		{"routing domain", "", ask{domain: "contoso.mail.onmicrosoft.com"}, "info dkim.initial", "nobody sends"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env, _ := mailEnv(t, cmp.Or(tt.ask.domain, "contoso.com"), tt.zone)
			env.Selectors = tt.ask.selectors
			if tt.ask.expect != "" {
				env.Expect = tt.ask.expect
			}
			fs := kit.Gather(t.Context(), env, DKIM)
			kittest.EqualLines(t, statuses(fs), strings.Split(tt.want, "\n")...)
			wantSound(t, fs)
			if all := fmt.Sprintf("%+v", fs) + fixText(fs); !strings.Contains(all, tt.has) {
				t.Errorf("nowhere %q in\n%s", tt.has, all)
			}
		})
	}
}

func statuses(fs []report.Finding) (out []string) {
	for _, f := range fs {
		out = append(out, f.Status.String()+" "+f.Code)
	}
	return out
}

func fixText(fs []report.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		if f.Fix != nil {
			fmt.Fprintf(&b, "%+v\n", *f.Fix)
		}
	}
	return b.String()
}

// TestDKIMQueries: what a common domain costs, with _domainkey, which is asked at
// once and not only when all else is absent.
func TestDKIMQueries(t *testing.T) {
	for name, tt := range map[string]struct {
		zone string
		want int
	}{
		"finished":       {pairZone(), 10},
		"with a sender":  {pairZone("include:spf", "include:mail.zendesk.com include:spf.mandrillapp.com include:spf"), 13},
		"not on M365":    {"contoso.com MX 1 smtp.google.com.\ngoogle._domainkey.contoso.com TXT " + testKey("g", 2048), 10},
		"nothing at all": {m365MX, 12}, // with both selectors below the domain twice
	} {
		env, srv := mailEnv(t, "contoso.com", tt.zone)
		asked := func() map[string]bool { // as the cache has it: each question once
			qs := map[string]bool{}
			for _, q := range srv.Queries() {
				if strings.Contains(q.Name, "_domainkey") {
					qs[q.Name+" "+q.Type] = true
				}
			}
			return qs
		}
		gatherUntil(t, env, DKIM, func() bool { return len(asked()) == tt.want })
		if qs := asked(); len(qs) != tt.want {
			t.Errorf("%s: %d questions, want %d: %v", name, len(qs), tt.want, qs)
		}
	}
}

func TestFault_064_WildcardSelectors(t *testing.T) {
	env, _ := mailEnv(t, "contoso.com", "contoso.com MX 1 mail.example.net.\n*._domainkey.contoso.com TXT "+testKey("w", 2048))
	fs := kit.Gather(t.Context(), env, DKIM)
	kittest.EqualLines(t, statuses(fs), "info dkim.wildcard")
	for _, s := range dkim.Core() {
		if strings.Contains(fs[0].Summary, s) {
			t.Errorf("selector %s is reported as found: %s", s, fs[0].Summary)
		}
	}
}

func TestReadDKIMTarget(t *testing.T) {
	good := "selector1-contoso-com._domainkey.contoso.onmicrosoft.com"
	newForm := "selector2-contoso-com01b._domainkey.contoso.w-v1.dkim.mail.microsoft"
	for host, want := range map[string]struct {
		form     targetForm
		repaired string
	}{
		good:                   {targetOld, ""},
		newForm:                {targetNew, ""},
		good + ".contoso.com":  {targetSuffixed, good},
		newForm + ".x.example": {targetSuffixed, newForm},
		good + `\032`:          {targetDamaged, good},
		"selector1-contoso-com_domainkey.contoso.onmicrosoft.com":               {targetDamaged, good},
		"elector1-contoso-com._domainkey.contoso.onmicrosoft.com":               {targetDamaged, good},
		"selector1-contoso-com._domainkey":                                      {targetDamaged, ""},
		"selector1-contoso-com._domainkey.contoso-a-v1.dkim.mail.microsoft":     {targetDamaged, "selector1-contoso-com._domainkey.contoso.a-v1.dkim.mail.microsoft"},
		"selector1-contoso-com._domainkey.contoso-a-v1.dkim.mail.microsoft.com": {targetDamaged, "selector1-contoso-com._domainkey.contoso.a-v1.dkim.mail.microsoft"},
		newForm + ".com": {targetDamaged, newForm},
		"selector1-contoso-com._domainkey.contoso-v1.dkim.mail.microsoft": {targetDamaged, ""},
		"selector1-contoso-com._domainkey.contoso.onmicrosoft.de":         {targetDamaged, ""},
		"selector1-contoso-com._domainkey.tu_tenant.onmicrosoft.com":      {targetDamaged, ""},
		"selector1-contoso-com._domainkey.contoso.com":                    {targetDamaged, ""},
		"selector3-contoso-com._domainkey.contoso.onmicrosoft.com":        {targetDamaged, ""},
		"selector1-contoso-com._domainkey.contoso.onmicrosoft.us":         {targetOld, ""},
		"selector1-contoso-com._domainkey.contoso.partner.onmschina.cn":   {targetOld, ""},
		"contoso.com":                                  {targetElse, ""},
		"mandrill._domainkey.contoso.com":              {targetElse, ""},
		"selector1.contoso-1718cde2.dkim.smxemail.com": {targetElse, ""},
		"": {targetElse, ""},
	} {
		if got := readDKIMTarget(host); got.Form != want.form || got.Repaired != want.repaired {
			t.Errorf("%q: %s, repaired %q; want %s, %q", host, got.Form, got.Repaired, want.form, want.repaired)
		}
	}
	if got := readDKIMTarget(newForm).With("1"); got != "selector1-contoso-com01b._domainkey.contoso.w-v1.dkim.mail.microsoft" {
		t.Errorf("the other selector's target: %s", got)
	}
}

// FuzzDKIMTarget: a good target is rebuilt from its parts, and what is offered
// as a repair is good.
func FuzzDKIMTarget(f *testing.F) {
	f.Add("selector1-contoso-com._domainkey.contoso.onmicrosoft.com.contoso.com")
	f.Add("selector2-a._domainkey.b.c-v1.dkim.mail.microsoft")
	f.Add("elector1-a_domainkey.b.onmicrosoft.us")
	f.Fuzz(func(t *testing.T, host string) {
		x := readDKIMTarget(host)
		if x.Good() && x.With(x.Number) != strings.TrimSuffix(host, ".") {
			t.Errorf("%q is rebuilt as %q", host, x.With(x.Number))
		}
		if x.Repaired != "" && !readDKIMTarget(x.Repaired).Good() {
			t.Errorf("%q is repaired to %q", host, x.Repaired)
		}
	})
}
