package records

import (
	"fmt"
	"slices"
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
		"include, ptr, typo":          {[]string{"v=spf1 include:deep0.example ip:192.0.2.7 " + good + " -all"}, "v=spf1 include:deep0.example ip4:192.0.2.7 " + good + " -all"},
		"missing include, no all":     {[]string{"v=spf1 ip4:192.0.2.7"}, "v=spf1 ip4:192.0.2.7 " + good + " ~all"},
		"leftover and missing":        {[]string{"v=spf1 include:_spf.google.com -all"}, "v=spf1 include:_spf.google.com " + good + " -all"},
		"wrong mechanism":             {[]string{"v=spf1 a:spf.protection.outlook.com -all"}, "v=spf1 " + good + " -all"},
		"wrong mechanisms":            {[]string{"v=spf1 mx:spf.protection.outlook.com a:contoso-com.mail.protection.outlook.com ~all"}, "v=spf1 " + good + " ~all"},
		"MX host included":            {[]string{"v=spf1 include:contoso-com.mail.protection.outlook.com -all"}, "v=spf1 " + good + " -all"},
		"MX host redirected to":       {[]string{"v=spf1 redirect=contoso-com.mail.protection.outlook.com"}, "v=spf1 " + good + " ~all"},
		"submission host":             {[]string{"v=spf1 a:smtp.office365.com -all"}, "v=spf1 " + good + " -all"},
		"zone of the include":         {[]string{"v=spf1 include:protection.outlook.com -all"}, "v=spf1 " + good + " -all"},
		"name behind ip4":             {[]string{"v=spf1 ip4:spf.protection.outlook.com -all"}, "v=spf1 " + good + " -all"},
		"URL":                         {[]string{"v=spf1 include:https://spf.protection.outlook.com -all"}, "v=spf1 " + good + " -all"},
		"glued includes":              {[]string{"v=spf1 include:deep0.exampleinclude:spf.protection.outlook.com -all"}, "v=spf1 include:deep0.example " + good + " -all"},
		"list of includes":            {[]string{"v=spf1 include:spf.protection.outlook.com,deep0.example -all"}, "v=spf1 " + good + " include:deep0.example -all"},
		"two redirects":               {[]string{"v=spf1 " + good + " redirect=deep0.example redirect=deep1.example"}, "v=spf1 " + good + " include:deep1.example redirect=deep0.example"},
		"near miss beside":            {[]string{"v=spf1 " + good + " -all", "spf1 include:deep0.example ~all"}, "v=spf1 " + good + " include:deep0.example ~all"},
		"Sender ID beside":            {[]string{"v=spf1 mx -all", "spf2.0/pra " + good + " -all"}, "v=spf1 mx " + good + " -all"},
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
			got := editedSPF(t, c.records, editsOf(undecided(fs), "contoso.com"))
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

// What is right in one case only is a choice, not a record.
func TestFault_ConditionalChangesAreChoices(t *testing.T) {
	const gateway = "contoso.com. MX 0 eu-smtp-inbound-1.mimecast.com.\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\nautodiscover.outlook.com. A 192.0.2.3\n"
	deep := "v=spf1"
	for i := range 10 {
		deep += fmt.Sprintf(" include:one%d.example", i)
	}
	ones := ""
	for i := range 10 {
		ones += txtLine(fmt.Sprintf("one%d.example", i), fmt.Sprintf("v=spf1 ip4:198.51.100.%d -all", i))
	}
	for _, c := range []struct {
		zone, record, code string
		edits              bool // of the first alternative
	}{
		{gateway, "v=spf1 include:_netblocks.mimecast.com -all", "spf.m365", true},
		{spfMX, "v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all", "spf.leftover", true},
		{spfMX + "contoso.com. MX 5 aspmx.l.google.com.\n", "v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all", "spf.leftover", false},
		{spfMX + ones, deep + " -all", "spf.m365", false},
		{spfMX + ones, deep + " include:spf.protection.outlook.com -all", "spf.lookups", true}, // the cloud first
	} {
		x := find(runSPFOn(t, c.zone, c.record), c.code)
		if x.Fix == nil || len(x.Fix.Edits) > 0 || len(x.Fix.Alternatives) < 2 {
			t.Errorf("%q: %s has no choice: %+v", c.record, c.code, x.Fix)
		} else if got := slices.ContainsFunc(x.Fix.Alternatives[0].Edits, func(e report.Edit) bool { return e.Old+e.New != "" }); got != c.edits {
			t.Errorf("%q: %s: a record in the first alternative: %v, want %v", c.record, c.code, got, c.edits)
		}
	}
}

// The records below the domain are its own: what is wrong there is mended there.
func TestFault_OwnRecordsBelow(t *testing.T) {
	const ms = "include:spf.protection.outlook.com"
	for below, want := range map[string]string{
		"v=spf1 ip4:192.0.2.7 include:spf.protection.outlok.com ~all": "v=spf1 ip4:192.0.2.7 " + ms + " ~all",
		"v=spf1 ip4:192.0.2.7 a:spf.protection.outlook.com ~all":      "v=spf1 ip4:192.0.2.7 " + ms + " ~all",
		"v=spf1 ipv4:192.0.2.7 " + ms + " -all":                       "v=spf1 ip4:192.0.2.7 " + ms + " -all",
		"v=spf1 ip4:192.0.2.7 " + ms + " +all":                        "v=spf1 ip4:192.0.2.7 " + ms + " ~all",
		"v=spf1 ip4:192.0.2.7 " + ms + " ip4:0.0.0.0/0 -all":          "v=spf1 ip4:192.0.2.7 " + ms + " -all",
		"ip4:192.0.2.7 " + ms + " -all":                               "v=spf1 ip4:192.0.2.7 " + ms + " -all",
	} {
		for _, name := range []string{"_s.contoso.com", "spf.contoso.com"} {
			fs := runSPFOn(t, spfMX+txtLine(name, below), "v=spf1 include:"+name+" -all")
			var edits []report.Edit
			for _, e := range editsOf(fs, name) {
				if e.Op == "" && e.Old == below { // a record that was none
					below = e.New
					continue
				}
				if !slices.Contains(edits, e) {
					edits = append(edits, e)
				}
			}
			if got := editedSPF(t, []string{below}, edits); got != want {
				t.Errorf("%q: got %q, want %q", below, got, want)
			}
			for _, f := range fs {
				if f.Fix != nil && strings.Contains(f.Fix.Text, "operator") {
					t.Errorf("%q: %s speaks of an operator: %s", below, f.Code, f.Fix.Text)
				}
			}
		}
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
	if x.Fix == nil || len(x.Fix.Alternatives) != 2 {
		t.Fatalf("%+v", x.Fix)
	}
	drop := x.Fix.Alternatives[1].Edits
	if len(drop) != 1 || drop[0].Name != "_spf.contoso.com." || drop[0].Old != "include:gone.example" {
		t.Errorf("%+v", x.Fix)
	}
}

// What somebody else's name was included for, and whether it comes back, only a
// person knows.
func TestMissingIncludesOfOthersAreDecisions(t *testing.T) {
	const cloud = " include:spf.protection.outlook.com"
	zone := txtLine("norecord.example", "hello") + "hostonly.example. A 192.0.2.9\n"
	for _, record := range []string{
		"v=spf1 include:gone.example" + cloud + " -all",
		"v=spf1 include:norecord.example" + cloud + " ~all",
		"v=spf1 ?include:hostonly.example" + cloud + " ~all",
		"v=spf1 include:spf.gone.example" + cloud + " ip4:192.0.2.7 -all",
		"v=spf1" + cloud + " include:_spf.contoso.example -all",
		"v=spf1" + cloud + " redirect=gone.example",
	} {
		x := find(runSPFOn(t, spfMX+zone, record), "spf.include")
		if x.Fix == nil || len(x.Fix.Edits) > 0 || len(x.Fix.Alternatives) < 2 || len(x.Fix.Alternatives[0].Edits) > 0 || len(x.Fix.Alternatives[1].Edits) == 0 {
			t.Errorf("%q: %+v", record, x.Fix)
		}
	}
}

// Records that contradict each other are joined by a choice; others at once.
func TestMergesKeepTheOrderOfEvaluation(t *testing.T) {
	const cloud = "v=spf1 include:spf.protection.outlook.com -all"
	for _, c := range []struct {
		a, b          string
		refuse, allow string // empty: no choice
	}{
		{"v=spf1 ip4:203.0.113.9 -ip4:52.100.0.0/16 ~all", cloud, "v=spf1 -ip4:52.100.0.0/16 include:spf.protection.outlook.com ip4:203.0.113.9 ~all",
			"v=spf1 ip4:203.0.113.9 include:spf.protection.outlook.com ~all"},
		{"v=spf1 ?include:deep0.example -all", cloud, "v=spf1 ?include:deep0.example include:spf.protection.outlook.com -all", cloud},
		{"v=spf1 -ip4:192.0.2.7 ~all", "v=spf1 ip4:192.0.2.7 -all", "v=spf1 -ip4:192.0.2.7 ~all", "v=spf1 ip4:192.0.2.7 ~all"},
		{"v=spf1 ~ip4:192.0.2.0/24 -all", "v=spf1 ip4:192.0.2.7 -all", "v=spf1 ~ip4:192.0.2.0/24 ip4:192.0.2.7 -all", "v=spf1 ip4:192.0.2.7 -all"},
		{"v=spf1 -ip4:192.0.2.0/24 ~all", "v=spf1 ip4:198.51.100.7 ip6:2001:db8::/32 -all", "", ""},
		{"v=spf1 -all", cloud, "", ""},
		{"v=spf1 ip4:192.0.2.1 -all ?ip4:52.100.0.0/16", cloud, "", ""}, // behind all
		{"v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 ~all", "v=spf1 ip4:198.51.100.7 ~all", "", ""},
	} {
		for _, records := range [][]string{{c.a, c.b}, {c.b, c.a}} {
			x := find(runSPFOn(t, spfMX, records...), "spf.multiple")
			switch {
			case x.Fix == nil:
				t.Errorf("%q: no fix", records)
			case c.refuse == "" && len(x.Fix.Edits) > 0:
			case c.refuse == "" || len(x.Fix.Alternatives) != 2:
				t.Errorf("%q: %+v", records, x.Fix)
			default:
				for i, want := range []string{c.refuse, c.allow} {
					if got := x.Fix.Alternatives[i].Edits; len(got) != 2 || !sameTerms(got[0].New, want) {
						t.Errorf("%q: %+v, want %q", records, got, want)
					}
				}
			}
		}
	}
}

// sameTerms reports whether two records have the same first term, terms and end.
func sameTerms(a, b string) bool {
	first := func(s string) string { return strings.Fields(s + " x")[1] }
	sorted := func(s string) []string { return slices.Sorted(strings.FieldsSeq(s)) }
	sign := func(s string) bool { return strings.ContainsRune("-~?", rune(first(s)[0])) }
	return slices.Equal(sorted(a), sorted(b)) && (!sign(a) && !sign(b) || first(a) == first(b))
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
		"contoso.com. MX 1 contoso-com.mail.protection.outlook.com.\n": "v=spf1 include:spf.protection.outlook.com ~all",
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
