package records

import (
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// The edits of all findings make one record, which ends all of them.
func TestFault_SPFEditsComposeIntoOneRecord(t *testing.T) {
	const good = "include:spf.protection.outlook.com"
	for name, c := range map[string]struct {
		records []string
		want    string
	}{
		"dead include, ptr, typo":     {[]string{"v=spf1 include:gone.example ip:192.0.2.7 " + good + " -all"}, "v=spf1 ip4:192.0.2.7 " + good + " -all"},
		"missing include, no all":     {[]string{"v=spf1 ip4:192.0.2.7"}, "v=spf1 ip4:192.0.2.7 " + good + " ~all"},
		"leftover and missing":        {[]string{"v=spf1 include:_spf.google.com -all"}, "v=spf1 " + good + " -all"},
		"misspelled include":          {[]string{"v=spf1 include:spf.protecton.outlook.com -all"}, "v=spf1 " + good + " -all"},
		"misspelled, other slip":      {[]string{"v=spf1 ip4:192.0.2.7 include:spf.protection.outlok.com ~all"}, "v=spf1 ip4:192.0.2.7 " + good + " ~all"},
		"misspelled beside the right": {[]string{"v=spf1 include:spf.protection.outlook.con " + good + " -all"}, "v=spf1 " + good + " -all"},
		"glued":                       {[]string{"v=spf1 " + good + " v=spf1 ip4:192.0.2.7 ~all"}, "v=spf1 " + good + " ip4:192.0.2.7 ~all"},
		"glued behind all":            {[]string{"v=spf1 " + good + " -all v=spf1 ip4:192.0.2.7 ~all"}, "v=spf1 " + good + " ip4:192.0.2.7 ~all"},
		"two records, open end":       {[]string{"v=spf1 ip4:192.0.2.7", "v=spf1 ip4:192.0.2.8 ?all"}, "v=spf1 ip4:192.0.2.7 ip4:192.0.2.8 include:spf.protection.outlook.com ?all"},
		"everyone and a typo":         {[]string{"v=spf1 ipv4:192.0.2.7 " + good + " +all"}, "v=spf1 ip4:192.0.2.7 " + good + " ~all"},
	} {
		t.Run(name, func(t *testing.T) {
			fs := runSPFOn(t, spfMX, c.records...)
			got := editedSPF(t, c.records, editsOf(fs, "contoso.com"))
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
				for _, f := range fs {
					t.Logf("%s %s: %s %+v", f.Status, f.Code, f.Summary, f.Fix)
				}
			}
			for _, f := range runSPFOn(t, spfMX, got) {
				if f.Status == report.Fail && f.Code != "spf.m365" {
					t.Errorf("%q: %s %s", got, f.Code, f.Summary)
				}
			}
		})
	}
}

// What a receiver does not read is no ground for a pass.
func TestFault_NoPassByADiscardedRecord(t *testing.T) {
	for _, r := range []string{
		"v=spf1 include:spf.protection.outlook.com ip:192.0.2.7 -all",
		"v=spf1 include:spf.protection.outlook.com –all",
		"v=spf1 include:spf.protection.outlook.com ip4:192.0.2.0/33 ~all",
	} {
		fs := runSPFOn(t, spfMX, r)
		if !has(fs, "spf.syntax", report.Fail) || has(fs, "spf.m365", report.Pass) || has(fs, "spf.all", report.Pass) {
			t.Errorf("%q: %v", r, kittest.Verdicts(fs, true))
		}
	}
	fs := runSPFOn(t, spfMX, "v=spf1 include:spf.protection.outlook.com -all", "v=spf1 -all")
	if has(fs, "spf.m365", report.Pass) {
		t.Errorf("two records: %v", kittest.Verdicts(fs, true))
	}
}

// A fault in a record of the domain's own is mended there, and never called the
// fault of someone else.
func TestFault_OwnSplitRecord(t *testing.T) {
	zone := txtLine("_spf.contoso.com", "v=spf1 include:gone.example ip4:192.0.2.7 -all")
	fs := runSPFOn(t, spfMX+zone, "v=spf1 include:_spf.contoso.com include:spf.protection.outlook.com -all")
	x := find(fs, "spf.include")
	if x.Fix == nil || len(x.Fix.Edits) != 1 || x.Fix.Edits[0].Name != "_spf.contoso.com." || x.Fix.Edits[0].Old != "include:gone.example" {
		t.Errorf("%+v", x.Fix)
	}
}

// Microsoft's include at the limit comes with the terms that can go.
func TestFault_IncludeAtTheLimit(t *testing.T) {
	record := "v=spf1 include:deep0.example a:exists.example a:exists.example/31 a:exists.example/30 a:exists.example/29 a:exists.example/28 -all"
	fs := runSPFOn(t, spfMX, record)
	x := find(fs, "spf.m365")
	if x.Status != report.Fail || x.Fix == nil {
		t.Fatalf("%+v", x)
	}
	after := editedSPF(t, []string{record}, x.Fix.Edits)
	if again := runSPFOn(t, spfMX, after); has(again, "spf.lookups", report.Fail) || !has(again, "spf.m365", report.Pass) {
		t.Errorf("%q: %v", after, kittest.Verdicts(again, true))
	}
}

// Before the migration the present sender stays, and nothing is forbidden.
func TestFault_FirstRecordBeforeTheMigration(t *testing.T) {
	const ad = "autodiscover.contoso.com. CNAME autodiscover.outlook.com.\nautodiscover.outlook.com. A 192.0.2.3\n"
	for mx, want := range map[string]string{
		"contoso.com. MX 1 aspmx.l.google.com.\n":                      "v=spf1 include:_spf.google.com include:spf.protection.outlook.com ~all",
		"contoso.com. MX 1 mail.example.\n":                            "v=spf1 mx include:spf.protection.outlook.com ~all",
		"contoso.com. MX 1 eu-smtp-inbound-1.mimecast.com.\n":          "v=spf1 include:spf.protection.outlook.com ~all",
		"contoso.com. MX 1 contoso-com.mail.protection.outlook.com.\n": "v=spf1 include:spf.protection.outlook.com -all",
	} {
		fs := runSPFOn(t, mx+ad)
		if got := editedSPF(t, nil, firstEdits(fs)); got != want {
			t.Errorf("%s: got %q, want %q", mx, got, want)
		}
	}
}

func TestSPFWithoutMXAnswer(t *testing.T) {
	env, srv := kittest.NewEnv(t, "contoso.com", "contoso.com. A 192.0.2.1\n")
	srv.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	f := kit.Gather(t.Context(), env, SPF)[0]
	if f.Status != report.Warn || strings.Contains(f.Summary, "receives no mail") || len(f.Fix.Edits) > 0 {
		t.Errorf("%s: %s %v", f.Status, f.Summary, f.Fix.Edits)
	}
}
