package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// spfZone is what the records of the tests lead to.
const spfZone = `
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip6:2a01:111:f400::/48 -all"
outlook.com. TXT "v=spf1 include:spf.protection.outlook.com -all"
_spf.google.com. TXT "v=spf1 include:_netblocks.google.com include:_netblocks2.google.com ~all"
_netblocks.google.com. TXT "v=spf1 ip4:64.233.160.0/19 ~all"
_netblocks2.google.com. TXT "v=spf1 ip6:2001:4860:4000::/36 ~all"
sendgrid.net. TXT "v=spf1 ip4:167.89.0.0/17 ~all"
_netblocks.mimecast.com. TXT "v=spf1 ip4:207.211.31.0/25 ~all"
hub.example. TXT "v=spf1 include:spf.protection.outlook.com ~all"
flat.example. TXT "v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip6:2a01:111:f400::/48 -all"
live.example. TXT "v=spf1 -all"
open.example. TXT "v=spf1 +all"
broken.example. TXT "v=spf1 ipv4:192.0.2.1 -all"
double.example. TXT "v=spf1 -all"
double.example. TXT "v=spf1 ~all"
loop.example. TXT "v=spf1 include:loop2.example -all"
loop2.example. TXT "v=spf1 include:loop.example -all"
deep0.example. TXT "v=spf1 include:deep1.example include:deep2.example include:deep3.example include:deep4.example -all"
deep1.example. TXT "v=spf1 -all"
deep2.example. TXT "v=spf1 -all"
deep3.example. TXT "v=spf1 -all"
deep4.example. TXT "v=spf1 -all"
exists.example. A 192.0.2.99
40.92.0.1.macro.example. A 127.0.0.2
2.a.0.1.0.1.1.1.f.4.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.macro.example. A 127.0.0.2
*.open.example. A 127.0.0.2
`

const spfMX = "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso-com.mail.protection.outlook.com. A 192.0.2.11\n"

// txt writes a record as a zone line, its bytes escaped.
func txtLine(name, record string) string {
	var b strings.Builder
	for i := 0; i < len(record); i += 200 {
		b.WriteString(" \"")
		for _, c := range []byte(record[i:min(i+200, len(record))]) {
			if c < ' ' || c > '~' || c == '"' || c == '\\' {
				fmt.Fprintf(&b, "\\%03d", c)
			} else {
				b.WriteByte(c)
			}
		}
		b.WriteString("\"")
	}
	return name + ". TXT" + b.String() + "\n"
}

func runSPFOn(t *testing.T, mx string, records ...string) []report.Finding {
	t.Helper()
	zone := spfZone + mx
	for _, r := range records {
		zone += txtLine("contoso.com", r)
	}
	env, _ := kittest.NewEnv(t, "contoso.com", zone)
	fs := kit.Gather(context.Background(), env, SPF)
	soundSPF(t, fs)
	return fs
}

// soundSPF checks what every SPF finding must have: records in a Fix that
// parse, and no fix that changes nothing.
func soundSPF(t *testing.T, fs []report.Finding) {
	t.Helper()
	kittest.Sound(t, fs)
	for _, f := range fs {
		if !strings.HasPrefix(f.Code, "spf.") {
			t.Errorf("code %s", f.Code)
		}
		if f.Fix == nil {
			continue
		}
		for _, r := range f.Fix.Edits {
			if r.New == "" || r.Op != "" {
				continue
			}
			if _, ours, err := spf.Parse(r.New); !ours || err != nil {
				t.Errorf("%s: fix %q: %v", f.Code, r.New, err)
			}
			if r.New == r.Old {
				t.Errorf("%s: the fix changes nothing", f.Code)
			}
		}
	}
}

func TestJudgeSPF(t *testing.T) {
	many := "v=spf1 include:spf.protection.outlook.com include:deep0.example include:deep0.example -all"
	for _, c := range []struct {
		name, mx string
		records  []string
		want     string // findings that are neither Pass nor Info
		fix      string // the record in the first of them
	}{
		{"right", spfMX, []string{"v=spf1 include:spf.protection.outlook.com -all"}, "", ""},
		{"softfail is right too", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ~all"}, "", ""},
		{"through another include", spfMX, []string{"v=spf1 include:hub.example -all"}, "", ""},
		{"by redirect", spfMX, []string{"v=spf1 redirect=hub.example"}, "", ""},
		{"none", spfMX, nil, "spf.record fail", "v=spf1 include:spf.protection.outlook.com ~all"},
		{"none, elsewhere", "contoso.com. MX 0 mail.example.\n", nil, "spf.record fail", "v=spf1 mx ~all"},
		{"none, sends nothing", "", nil, "spf.record warn", ""},
		{"parked", "contoso.com. MX 0 .\n", []string{"v=spf1 -all"}, "", ""},
		{"two", spfMX, []string{"v=spf1 include:spf.protection.outlook.com -all", "v=spf1 mx ~all"}, "spf.multiple fail",
			"v=spf1 include:spf.protection.outlook.com mx ~all"},
		{"typo", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip:192.0.2.7 -all"}, "spf.syntax fail",
			"v=spf1 include:spf.protection.outlook.com ip4:192.0.2.7 -all"},
		{"en dash", spfMX, []string{"v=spf1 include:spf.protection.outlook.com –all"}, "spf.syntax fail",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"no include", spfMX, []string{"v=spf1 ip4:192.0.2.7 -all"}, "spf.m365 fail",
			"v=spf1 ip4:192.0.2.7 include:spf.protection.outlook.com -all"},
		{"include with a sign", spfMX, []string{"v=spf1 ~include:spf.protection.outlook.com -all"}, "spf.m365 fail",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"include after all", spfMX, []string{"v=spf1 -all include:spf.protection.outlook.com"}, "spf.m365 fail, spf.order warn",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"flattened", spfMX, []string{"v=spf1 ip4:40.92.0.0/15 ip4:40.107.0.0/16 ip6:2a01:111:f400::/48 -all"}, "spf.m365 warn",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"flattened by a service", spfMX, []string{"v=spf1 include:flat.example -all"}, "", ""},
		{"consumer include", spfMX, []string{"v=spf1 include:live.example include:outlook.com -all"}, "", ""},
		{"none, at Google", "contoso.com. MX 0 aspmx.l.google.com.\n", nil, "spf.record fail", "v=spf1 include:_spf.google.com ~all"},
		{"behind macros", spfMX, []string{"v=spf1 exists:%{i}.macro.example -all"}, "", ""},
		{"macros for all", spfMX, []string{"v=spf1 exists:%{i}.open.example -all"}, "spf.m365 warn", ""},
		{"gateway", "contoso.com. MX 0 eu-smtp-inbound-1.mimecast.com.\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\nautodiscover.outlook.com. A 192.0.2.3\n",
			[]string{"v=spf1 include:_netblocks.mimecast.com -all"}, "spf.m365 warn", ""},
		{"eleven", spfMX, []string{many}, "spf.lookups fail", ""},
		{"nine", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:deep0.example a:exists.example a:exists.example/31 a:exists.example/30 -all"},
			"spf.lookups warn", ""},
		{"dead include", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:gone.example -all"}, "spf.include fail", ""},
		{"broken include", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:broken.example -all"}, "spf.include fail", ""},
		{"double include", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:double.example -all"}, "spf.include fail", ""},
		{"loop", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:loop.example -all"}, "spf.loop fail",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"three voids", spfMX, []string{"v=spf1 include:spf.protection.outlook.com a:n1.example a:n2.example mx:n3.example -all"}, "spf.voids fail",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"two voids", spfMX, []string{"v=spf1 include:spf.protection.outlook.com a:n1.example a:n2.example -all"}, "spf.voids warn", ""},
		{"plus all", spfMX, []string{"v=spf1 include:spf.protection.outlook.com +all"}, "spf.all fail",
			"v=spf1 include:spf.protection.outlook.com ~all"},
		{"everyone by network", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4:0.0.0.0/0 -all"}, "spf.all fail, spf.range warn",
			"v=spf1 include:spf.protection.outlook.com ~all"},
		{"everyone by halves", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"}, "spf.all fail, spf.range warn",
			"v=spf1 include:spf.protection.outlook.com ~all"},
		{"private", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4:10.0.0.0/8 ip6:fc00::/7 ip4:172.16.0.0/12 -all"}, "spf.private warn", ""}, // a decision
		{"reserved", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4:127.0.0.1 ip4:169.254.1.0/24 ip4:100.64.0.0/10 ip4:240.0.0.1 ip4:224.0.0.0/4 ip4:0.0.0.0/8 ip6:ff02::1 ip6:fec0::/10 ip4:198.18.0.0/15 -all"},
			"spf.private warn", ""},
		{"public beside private", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4:11.0.0.0/16 ip4:172.32.0.0/16 ip4:100.128.0.0/16 ip6:2001:4860::/32 -all"}, "", ""},
		{"everyone by include", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:open.example -all"}, "spf.all fail", ""},
		{"neutral all", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ?all"}, "spf.all warn",
			"v=spf1 include:spf.protection.outlook.com ~all"},
		{"no all", spfMX, []string{"v=spf1 include:spf.protection.outlook.com"}, "spf.all warn",
			"v=spf1 include:spf.protection.outlook.com ~all"},
		{"ptr", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ptr -all"}, "spf.ptr warn", ""},
		{"leftover", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all"}, "spf.leftover warn", ""},
		{"bulk sender is no leftover", spfMX, []string{"v=spf1 include:spf.protection.outlook.com include:sendgrid.net -all"}, "", ""},
		{"broad", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4:198.0.0.0/8 -all"}, "spf.range warn", ""},
		{"modifier", spfMX, []string{"v=spf1 include:spf.protection.outlook.com ip4=192.0.2.1 -all"}, "spf.modifier warn",
			"v=spf1 include:spf.protection.outlook.com ip4:192.0.2.1 -all"},
		{"glued", spfMX, []string{"v=spf1 include:spf.protection.outlook.com -all v=spf1 mx ~all"}, "spf.glued warn",
			"v=spf1 include:spf.protection.outlook.com mx ~all"},
		{"look-alike alone", spfMX, []string{"v=spf1include:spf.protection.outlook.com -all"}, "spf.lookalike fail",
			"v=spf1 include:spf.protection.outlook.com -all"},
		{"look-alike beside", spfMX, []string{"v=spf1 include:spf.protection.outlook.com -all", "\u200bv=spf1 mx -all"}, "spf.lookalike warn", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := runSPFOn(t, c.mx, c.records...)
			if got := spfVerdicts(fs); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
				for _, f := range fs {
					t.Logf("%s %s: %s", f.Status, f.Code, f.Summary)
				}
			}
			if c.fix == "" {
				return
			}
			if got := editedSPF(t, c.records, firstEdits(fs)); got != c.fix {
				t.Errorf("fix %q, want %q", got, c.fix)
			}
		})
	}
}

// firstEdits returns the edits of the first finding that has some.
func firstEdits(fs []report.Finding) []report.Edit {
	for _, f := range fs {
		if f.Fix != nil && len(f.Fix.Edits) > 0 && f.Status != report.Info {
			return f.Fix.Edits
		}
	}
	return nil
}

// spfVerdicts returns the verdicts that ask for something.
func spfVerdicts(fs []report.Finding) string {
	told := slices.DeleteFunc(slices.Clone(fs), func(f report.Finding) bool { return f.Status == report.Skip })
	return strings.Join(kittest.Verdicts(told, false), ", ")
}

func TestFault_054_OddRecords(t *testing.T) {
	good := "include:spf.protection.outlook.com"
	for _, c := range []struct{ record, want string }{
		{"v=spf10 " + good + " -all", "spf.lookalike fail"},
		{"V=SPF1 " + good + " -ALL", ""},
		{" v=spf1 " + good + " -all", "spf.lookalike fail"},
		{"\tv=spf1 " + good + " -all", "spf.lookalike fail"},
		{"v=spf1\t" + good + " -all", "spf.lookalike fail"},
		{"\u00a0v=spf1 " + good + " -all", "spf.lookalike fail"},
		{"v=spf1\u00a0" + good + " -all", "spf.lookalike fail"},
		{"v=spf1 " + good + "\u00a0-all", "spf.syntax fail, spf.m365 fail"},
		{"v=spf1 " + good + "\t-all", "spf.syntax fail, spf.m365 fail"},
		{"v=spf1 " + good + " -all;", "spf.syntax fail"},
		{"v=spf1 " + good + " -all \"", "spf.syntax fail"},
		{"v=spf1 " + good + " -all   ", ""},
		{"v=spf1 " + good, "spf.all warn"},
		{"v=spf1 " + good + " +all", "spf.all fail"},
		{"v=spf1 " + good + " all", "spf.all fail"},
		{"v=spf1 " + good + " ip4:0.0.0.0/0 -all", "spf.all fail, spf.range warn"},
		{"v=spf1 " + good + " ip6:::/0 -all", "spf.all fail, spf.range warn"},
		{"v=spf1 " + good + " ip4:192.0.2.0/33 -all", "spf.syntax fail"},
		{"v=spf1 " + good + " ip4:192.0.2.0/-1 -all", "spf.syntax fail"},
		{"v=spf1 " + good + " ip6:fe80::1%25eth0 -all", "spf.syntax fail"},
		{"v=spf1 " + good + " a:exists.example//129 -all", "spf.syntax fail"},
		{"v=spf1 " + good + " redirect=hub.example -all", "spf.order warn"},
		{"v=spf1 " + good + " -all mx", "spf.order warn"},
		{"v=spf1 " + good + " foo=bar -all", ""},
		{"v=spf1 " + good + " moo -all", "spf.syntax fail"},
	} {
		fs := runSPFOn(t, spfMX, c.record)
		if got := spfVerdicts(fs); got != c.want {
			t.Errorf("%q: got %q, want %q", c.record, got, c.want)
		}
	}
}

// TestFault_056_Include holds that a part of the tree which does not answer is
// never the domain's fault, and is named.
func TestFault_056_Include(t *testing.T) {
	zone := spfZone + spfMX + txtLine("contoso.com", "v=spf1 include:spf.protection.outlook.com include:ill.example -all")
	env, srv := kittest.NewEnv(t, "contoso.com", zone)
	srv.Fault("ill.example", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(context.Background(), env, SPF)
	soundSPF(t, fs)
	kittest.EqualLines(t, kittest.Verdicts(fs, false), "spf.include unknown")
	for _, f := range fs {
		if f.Status == report.Unknown && (!strings.Contains(f.Summary, "ill.example") || f.Cause != report.CauseResolver) {
			t.Errorf("%s: %s", f.Cause, f.Summary)
		}
		if strings.Contains(f.Summary, "permerror") {
			t.Errorf("speaks of permerror: %s", f.Summary)
		}
	}
}

// A record that lists only part of Microsoft's networks is told from one without any.
func TestPartOfMicrosoft(t *testing.T) {
	for record, want := range map[string]bool{
		"v=spf1 ip4:40.92.0.0/15 -all":                   true,
		"v=spf1 ip4:40.0.0.0/8 ~all":                     true,
		"v=spf1 ip4:192.0.2.1 -all":                      false,
		"v=spf1 ip4:192.0.2.1 ip4:40.107.1.0/24 -all":    false, // of none of them wholly
		"v=spf1 ip6:2a01:111:f400::/48 ip4:1.2.3.4 ~all": true,
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", spfZone+spfMX+txtLine("contoso.com", record))
		fs := kit.Gather(context.Background(), env, SPF)
		i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "spf.m365" })
		if i < 0 || fs[i].Status != report.Fail || fs[i].Data["partial"] != want {
			t.Errorf("%q: %+v", record, fs)
		}
	}
}

func TestSPFUnknown(t *testing.T) {
	for _, kind := range []dnsrec.Kind{dnsrec.KindServFail, dnsrec.KindTimeout, dnsrec.KindRefused, dnsrec.KindNetwork} {
		f := spfFacts{domain: "contoso.com", tree: &spf.Tree{Domain: "contoso.com", Root: &spf.Node{Published: &spf.Published{
			Domain: "contoso.com", Err: &dnsrec.Error{Query: dnsrec.Q("contoso.com", dnsrec.TypeTXT), Kind: kind}}}}}
		kittest.EqualLines(t, kittest.Verdicts(judgeSPF(f), true), "spf.record unknown")
	}
}

func TestSPFInitialDomains(t *testing.T) {
	for name, record := range map[string]string{
		"contoso.onmicrosoft.com":      "v=spf1 include:spf.protection.outlook.com -all",
		"contoso.mail.onmicrosoft.com": "v=spf1 include:outlook.com -all",
	} {
		env, _ := kittest.NewEnv(t, name, spfZone+txtLine(name, record))
		fs := kit.Gather(context.Background(), env, SPF)
		soundSPF(t, fs)
		if got := kittest.Verdicts(fs, false); len(got) > 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	env, _ := kittest.NewEnv(t, "contoso.onmicrosoft.com", "contoso.onmicrosoft.com. A 192.0.2.1\n")
	if got := kittest.Verdicts(kit.Gather(context.Background(), env, SPF), false); len(got) > 0 {
		t.Errorf("no record at an initial domain: %v", got)
	}
}
