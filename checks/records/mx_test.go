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

// microsoftSPF makes a domain one of Microsoft 365 whatever its MX is.
const microsoftSPF = `
contoso.com. TXT "v=spf1 include:spf.protection.outlook.com -all"
spf.protection.outlook.com. TXT "v=spf1 ip4:40.92.0.0/15 -all"
`

const ourHost = `
contoso-com.mail.protection.outlook.com. A 192.0.2.1
`

func TestMX(t *testing.T) {
	tests := []struct {
		name, domain, zone string
		expect             kit.Expectation
		want               []string
	}{
		{"classic", "contoso.com", `contoso.com. MX 0 contoso-com.mail.protection.outlook.com.` + ourHost, "", []string{"mx.m365 pass"}},
		{"mx.microsoft", "contoso.com", "contoso.com. MX 0 contoso-com.e-v1.mx.microsoft.\ncontoso-com.e-v1.mx.microsoft. A 192.0.2.1", "",
			[]string{"mx.m365 pass"}},
		{"GCC High uses the tenant's name", "contoso.com", "contoso.com. MX 0 tenantname.mail.protection.office365.us.\ntenantname.mail.protection.office365.us. A 192.0.2.1", "",
			[]string{"mx.m365 pass"}},
		{"21Vianet", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.partner.outlook.cn.\ncontoso-com.mail.protection.partner.outlook.cn. A 192.0.2.1", "",
			[]string{"mx.m365 pass"}},
		{"label of another domain", "contoso.com", "contoso.com. MX 0 fabrikam-com.mail.protection.outlook.com.\nfabrikam-com.mail.protection.outlook.com. A 192.0.2.1", "",
			[]string{"mx.m365 pass", "mx.label warn"}},
		{"label of a domain with a hyphen", "heig-vd.ch", "heig-vd.ch. MX 0 heigvd-ch01b.mail.protection.outlook.com.\nheigvd-ch01b.mail.protection.outlook.com. A 192.0.2.1", "",
			[]string{"mx.m365 pass"}},
		{"mixed", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 mail.oldhost.example.\nmail.oldhost.example. A 192.0.2.2" + ourHost, "",
			[]string{"mx.m365 pass", "mx.leftover fail"}},
		{"ownership proved by MX is no leftover", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 32767 ms12345678.msv1.invalid." + ourHost, "",
			[]string{"mx.m365 pass", "mx.verify info"}},
		{"moving to mx.microsoft", "contoso.com", "contoso.com. MX 10 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 20 contoso-com.o-v1.mx.microsoft.\ncontoso-com.o-v1.mx.microsoft. A 192.0.2.1" + ourHost, "",
			[]string{"mx.m365 pass", "mx.several warn"}},
		{"filter in front", "contoso.com", "contoso.com. MX 10 mxa-001.gslb.pphosted.com.\nmxa-001.gslb.pphosted.com. A 192.0.2.1" + microsoftSPF, "",
			[]string{"mx.gateway pass", "mx.connector info"}},
		{"filter and a way past it", "contoso.com", "contoso.com. MX 0 mxa-001.gslb.pphosted.com.\ncontoso.com. MX 10 contoso-com.mail.protection.outlook.com.\nmxa-001.gslb.pphosted.com. A 192.0.2.1" + ourHost, "",
			[]string{"mx.m365 pass", "mx.bypass warn"}},
		{"another provider", "contoso.com", "contoso.com. MX 1 smtp.google.com.\nsmtp.google.com. A 192.0.2.1", "",
			[]string{"mx.provider pass"}},
		{"another provider, SPF at Microsoft", "contoso.com", "contoso.com. MX 1 smtp.google.com.\nsmtp.google.com. A 192.0.2.1" + microsoftSPF, "",
			[]string{"mx.m365 warn"}},
		{"another provider, migration expected", "contoso.com", "contoso.com. MX 1 smtp.google.com.\nsmtp.google.com. A 192.0.2.1", kit.ExpectM365,
			[]string{"mx.m365 fail"}},
		{"another provider, any will do", "contoso.com", "contoso.com. MX 1 smtp.google.com.\nsmtp.google.com. A 192.0.2.1" + microsoftSPF, kit.ExpectAny,
			[]string{"mx.provider pass"}},
		{"retired name", "contoso.com", "contoso.com. MX 0 contoso-com.mail.eo.outlook.com.\ncontoso-com.mail.eo.outlook.com. A 192.0.2.1", "",
			[]string{"mx.retired warn"}},
		{"retired name that is gone", "contoso.com", "contoso.com. MX 0 contoso-com.mail.eo.outlook.com.", "", []string{"mx.retired fail"}},
		{"leftovers of one provider are one finding", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 aspmx.l.google.com.\ncontoso.com. MX 20 alt1.aspmx.l.google.com.\naspmx.l.google.com. A 192.0.2.2\nalt1.aspmx.l.google.com. A 192.0.2.3" + ourHost, "",
			[]string{"mx.m365 pass", "mx.leftover fail"}},
		{"none", "contoso.com", `contoso.com. A 192.0.2.1`, "", []string{"mx.none warn"}},
		{"none, SPF at Microsoft", "contoso.com", microsoftSPF, "", []string{"mx.none fail"}},
		{"none, parked", "contoso.com", `contoso.com. TXT "v=spf1 -all"`, "", []string{"mx.none info"}},
		{"null MX", "contoso.com", `contoso.com. MX 0 .`, "", []string{"mx.null pass"}},
		{"null MX, SPF at Microsoft", "contoso.com", `contoso.com. MX 0 .` + microsoftSPF, "", []string{"mx.null fail"}},
		{"null MX with a preference", "contoso.com", `contoso.com. MX 10 .`, "", []string{"mx.null info"}},
		{"null MX beside another", "contoso.com", "contoso.com. MX 0 .\ncontoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 192.0.2.1", "",
			[]string{"mx.null fail", "mx.provider pass"}},
		{"parked", "contoso.com", "contoso.com. MX 10 mx.sedoparking.com.\nmx.sedoparking.com. A 192.0.2.1", "", []string{"mx.parking warn"}},
		{"parked, to move", "contoso.com", "contoso.com. MX 10 mx.sedoparking.com.\nmx.sedoparking.com. A 192.0.2.1", kit.ExpectM365, []string{"mx.m365 fail"}},
		{"host does not exist", "contoso.com", `contoso.com. MX 10 mail.contoso.example.`, "", []string{"mx.provider pass", "mx.address fail"}},
		{"one host of two does not exist", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\ncontoso.com. MX 20 gone.contoso.com.\nmail.contoso.com. A 192.0.2.1", "",
			[]string{"mx.provider pass", "mx.address warn"}},
		{"bounce host of a sending service", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 feedback-smtp.eu-west-1.amazonses.com.\nfeedback-smtp.eu-west-1.amazonses.com. A 192.0.2.2" + ourHost, "",
			[]string{"mx.m365 pass", "mx.leftover fail"}},
		{"Microsoft's host twice", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 contoso-com.mail.protection.outlook.com." + ourHost, "",
			[]string{"mx.m365 pass", "mx.duplicate info"}},
		{"a leftover's host is not mended", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 mail.oldhost.example." + ourHost, "",
			[]string{"mx.m365 pass", "mx.leftover warn"}},
		{"zone appended to Microsoft's host", "contoso.com", `contoso.com. MX 0 contoso-com.mail.protection.outlook.com.contoso.com.`, "",
			[]string{"mx.suffix fail"}},
		{"zone appended, beside the right one", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 contoso-com.mail.protection.outlook.com.contoso.com." + ourHost, "",
			[]string{"mx.m365 pass", "mx.suffix warn"}},
		{"proof of ownership with a zone appended", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 ms12345678.msv1.invalid.outlook.com." + ourHost, "",
			[]string{"mx.m365 pass", "mx.verify info"}},
		{"unknown filter in front", "contoso.com", "contoso.com. MX 10 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 0 mx1.spamfilter.isp.example.\nmx1.spamfilter.isp.example. A 192.0.2.2" + ourHost, "",
			[]string{"mx.m365 pass", "mx.bypass warn"}},
		{"a dead host's label is no second finding", "my-corp.example", "my-corp.example. MX 0 my-corp-example.mail.protection.outlook.com.", "",
			[]string{"mx.m365 pass", "mx.address fail"}},
		{"retired beside the current one", "contoso.com", "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com. MX 10 contoso-com.mail.eo.outlook.com.\ncontoso-com.mail.eo.outlook.com. A 192.0.2.1" + ourHost, "",
			[]string{"mx.m365 pass", "mx.retired warn"}},
		{"Microsoft does not serve the name", "contoso.com", `contoso.com. MX 0 contoso-com.mail.protection.outlook.com.`, "",
			[]string{"mx.m365 pass", "mx.address fail"}},
		{"Fault_020 alias", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. CNAME real.contoso.com.\nreal.contoso.com. A 192.0.2.1", "",
			[]string{"mx.provider pass", "mx.cname warn"}},
		{"Fault_020 CNAME beside MX", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\ncontoso.com. CNAME www.host.example.\nwww.host.example. TXT \"x\"\nmail.contoso.com. A 192.0.2.1", "",
			[]string{"mx.provider pass", "mx.beside-cname warn"}},
		{"TXT beside a CNAME", "contoso.com", "contoso.com. TXT \"v=spf1 -all\"\ncontoso.com. CNAME www.host.example.\nwww.host.example. MX 10 mail.host.example.\nmail.host.example. A 192.0.2.1", "",
			[]string{"mx.provider pass", "mx.beside-cname warn"}},
		{"an alias for all types", "www.contoso.com", "www.contoso.com. CNAME www.host.example.\nwww.host.example. MX 10 mail.host.example.\nmail.host.example. A 192.0.2.1", "",
			[]string{"mx.provider pass"}},
		{"IP literal", "contoso.com", `contoso.com. MX 10 192.0.2.1.`, "", []string{"mx.literal fail"}},
		{"no host name", "contoso.com", `contoso.com. MX 10 my\\040mail.contoso.com.`, "", []string{"mx.name fail"}},
		{"underscore that works", "contoso.com", "contoso.com. MX 10 _dc-mx.776fb501ff19.contoso.com.\n_dc-mx.776fb501ff19.contoso.com. A 192.0.2.1", "", []string{"mx.provider pass", "mx.name warn"}},
		{"private address", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 10.0.0.1", "", []string{"mx.provider pass", "mx.unreachable fail"}},
		{"same host twice", "contoso.com", "contoso.com. MX 10 mail.contoso.com.\ncontoso.com. MX 20 mail.contoso.com.\nmail.contoso.com. A 192.0.2.1", "",
			[]string{"mx.provider pass", "mx.duplicate info"}},
		{"TTL of a week", "contoso.com", "contoso.com. 604800 MX 10 mail.contoso.com.\nmail.contoso.com. A 192.0.2.1", "", []string{"mx.provider pass", "mx.ttl info"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			env, _ := kittest.NewEnv(t, tt.domain, tt.zone)
			if tt.expect != "" {
				env.Expect = tt.expect
			}
			fs := kit.Gather(t.Context(), env, MX)
			kittest.Sound(t, fs)
			kittest.EqualLines(t, kittest.Verdicts(fs, true), tt.want...)
			for _, f := range fs {
				parseMXRecords(t, f)
			}
		})
	}
}

// Of a host that was not checked, nothing is known: it is not said to be gone.
func TestMXHostsBeyondTheLimit(t *testing.T) {
	var zone strings.Builder
	for i := range maxMXHosts {
		fmt.Fprintf(&zone, "contoso.com. MX %d mx%d.contoso.com.\nmx%d.contoso.com. A 192.0.2.%d\n", i, i, i, i)
	}
	zone.WriteString("contoso.com. MX 99 contoso-com.mail.eo.outlook.com.")
	env, _ := kittest.NewEnv(t, "contoso.com", zone.String())
	fs := kit.Gather(t.Context(), env, MX)
	i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "mx.retired" })
	if i < 0 || fs[i].Status != report.Warn {
		t.Errorf("a retired name that was not looked up: %v", kittest.Verdicts(fs, true))
	}
}

// parseMXRecords reads the records of a fix back.
func parseMXRecords(t *testing.T, f report.Finding) {
	if f.Fix == nil {
		return
	}
	for _, r := range f.Fix.Edits {
		for _, v := range []string{r.Old, r.New} {
			if v != "" && kit.ReadMX(v).String() != v {
				t.Errorf("%s: record %q reads back as %q", f.Code, v, kit.ReadMX(v))
			}
		}
	}
}

// The host to publish is only named if the DNS shows that it exists.
func TestMXAdviceIsVerified(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", microsoftSPF+ourHost)
	fs := kit.Gather(t.Context(), env, MX)
	if got := fs[0].Fix.Edits; len(got) != 1 || got[0].New != "0 contoso-com.mail.protection.outlook.com." {
		t.Errorf("records %v, want the host that exists", got)
	}
	env, _ = kittest.NewEnv(t, "contoso.com", microsoftSPF)
	fs = kit.Gather(t.Context(), env, MX)
	if got := fs[0].Fix; len(got.Edits) != 0 || !strings.Contains(got.Text, "admin center") {
		t.Errorf("fix %+v, want the way to the admin center and no made-up host", got)
	}
}

// A record is only to be deleted if another one is left to deliver to.
func TestMXNeverAdvisesNoMX(t *testing.T) {
	only := map[string]string{
		"another host":      "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 192.0.2.1" + microsoftSPF,
		"dead host":         "contoso.com. MX 10 mail.contoso.com.",
		"two dead hosts":    "contoso.com. MX 10 mail.contoso.com.\ncontoso.com. MX 20 mail2.contoso.com.",
		"address":           "contoso.com. MX 10 192.0.2.1.",
		"no host name":      `contoso.com. MX 10 my\\040mail.contoso.com.`,
		"underscore":        "contoso.com. MX 10 my_mail.contoso.com.\nmy_mail.contoso.com. A 192.0.2.1",
		"retired":           "contoso.com. MX 0 contoso-com.mail.eo.outlook.com.\ncontoso-com.mail.eo.outlook.com. A 192.0.2.1",
		"not in a tenant":   "contoso.com. MX 0 contoso-com.mail.protection.outlook.com.",
		"hyphen taken over": "contoso.com. MX 0 con-toso-com.mail.protection.outlook.com.",
	}
	for name, zone := range only {
		t.Run(name, func(t *testing.T) {
			env, _ := kittest.NewEnv(t, "contoso.com", zone)
			for _, f := range kit.Gather(t.Context(), env, MX) {
				if f.Fix != nil && slices.ContainsFunc(f.Fix.Edits, func(r report.Edit) bool { return r.New == "" }) {
					t.Errorf("%s: deletes the only record: %v", f.Code, f.Fix.Edits)
				}
			}
		})
	}
}

// The naive host name of a domain with hyphens does not exist; the right one
// is proposed if it does.
func TestMXProposesTheRightLabel(t *testing.T) {
	env, _ := kittest.NewEnv(t, "my-corp.example", "my-corp.example. MX 0 my-corp-example.mail.protection.outlook.com.\nmycorp-example0e.mail.protection.outlook.com. A 192.0.2.1")
	fs := kit.Gather(t.Context(), env, MX)
	last := fs[len(fs)-1]
	want := []report.Edit{
		kit.Add("my-corp.example", "MX", "0 mycorp-example0e.mail.protection.outlook.com."),
		kit.Remove("my-corp.example", "MX", "0 my-corp-example.mail.protection.outlook.com."),
	}
	if last.Code != "mx.address" || !slices.Equal(last.Fix.Edits, want) {
		t.Errorf("%s: %v, want %v", last.Code, last.Fix, want)
	}
}

// Of several hosts of Microsoft the domain's own is kept.
func TestMXKeepsTheOwnLabel(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 0 fabrikam.mail.protection.outlook.com.\nfabrikam.mail.protection.outlook.com. A 192.0.2.1\n"+
		"contoso.com. MX 10 contoso-com.mail.protection.outlook.com."+ourHost)
	for _, f := range kit.Gather(t.Context(), env, MX) {
		if f.Code == "mx.several" && !slices.Equal(f.Fix.Edits, []report.Edit{kit.Remove("contoso.com", "MX", "0 fabrikam.mail.protection.outlook.com.")}) {
			t.Errorf("%v", f.Fix.Edits)
		}
	}
}

// DNS does not show whether a host under mx.microsoft accepts mail: the move is a
// decision. It deletes the old record only if the new host has an address, and is given
// up only if the old one has: else nothing receives mail.
func TestMXMoveKeepsTheHostThatWorks(t *testing.T) {
	const old, next = "0 contoso-com.mail.protection.outlook.com.", "contoso-com.a-v1.mx.microsoft."
	for _, c := range []struct {
		zone  string
		edits []int // of each alternative
	}{
		{next + " A 192.0.2.7" + ourHost, []int{2, 0, 1}},
		{next + " AAAA 2001:db8::7" + ourHost, []int{2, 0, 1}},
		{next + " A 192.0.2.7\n", []int{2, 0}},
		{next + " TXT no-address" + ourHost, nil},
		{ourHost, nil},
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX "+old+"\ncontoso.com. MX 20 "+next+"\n"+c.zone)
		fs := kit.Gather(t.Context(), env, MX)
		i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == "mx.several" })
		if i < 0 {
			t.Errorf("%q: %v", c.zone, fs)
			continue
		}
		var edits []int
		for _, a := range fs[i].Fix.Alternatives {
			edits = append(edits, len(a.Edits))
		}
		if len(fs[i].Fix.Edits) > 0 || !slices.Equal(edits, c.edits) {
			t.Errorf("%q: %d edits without a decision, alternatives %v, want %v", c.zone, len(fs[i].Fix.Edits), edits, c.edits)
		}
	}
}

// A fault of a mail host's zone is not the domain's.
func TestMXFaultOfTheHostsZone(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", "contoso.com. MX 10 mail.provider.example.\nmail.provider.example. CNAME mail.provider.example.")
	fs := kit.Gather(t.Context(), env, MX)
	last := fs[len(fs)-1]
	if last.Code != "mx.address" || last.Cause != report.CauseRemote || last.Fix.Owner != report.OwnerRemote {
		t.Errorf("%+v, want the provider's fault", last)
	}
}

func TestFault_001_MXServfailIsUnknown(t *testing.T) {
	env, srv := kittest.NewEnv(t, "contoso.com", `contoso.com. MX 10 mail.contoso.com.`)
	srv.Fault("contoso.com", "MX", dnstest.Fault{Rcode: "SERVFAIL"})
	fs := kit.Gather(t.Context(), env, MX)
	kittest.EqualLines(t, kittest.Verdicts(fs, true), "mx.record unknown")
	if fs[0].Cause != report.CauseResolver {
		t.Errorf("cause %q, want resolver", fs[0].Cause)
	}
	// The domain itself is known to exist all the same, by its other records.
	kittest.EqualLines(t, kittest.Verdicts(kit.Gather(t.Context(), env, Domain), false))
}

func TestFault_002_NXDomainAndNoDataDiffer(t *testing.T) {
	env, _ := kittest.NewEnv(t, "contoso.com", "mail.contoso.com. A 192.0.2.1")
	none := kit.Gather(t.Context(), env, MX)
	kittest.EqualLines(t, kittest.Verdicts(none, true), "mx.none warn")
	env, _ = kittest.NewEnv(t, "nosuch.example", "mail.contoso.com. A 192.0.2.1\nmicrosoft.com. A 192.0.2.2")
	fs := kit.Gather(t.Context(), env, Domain)
	kittest.EqualLines(t, kittest.Verdicts(fs, true), "domain.exists fail")
	if none[0].Evidence[0].Text == fs[0].Evidence[0].Text {
		t.Error("NXDOMAIN and no data read the same")
	}
}

func TestFault_025_ManyMX(t *testing.T) {
	var zone strings.Builder
	for i := range 200 {
		host := "h" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + ".contoso.com."
		zone.WriteString("contoso.com. MX 10 " + host + "\n" + host + " A 192.0.2.1\n")
	}
	env, srv := kittest.NewEnv(t, "contoso.com", zone.String())
	fs := kit.Gather(t.Context(), env, MX)
	if !slices.Contains(kittest.Verdicts(fs, true), "mx.many info") {
		t.Errorf("findings %v do not say that hosts were left out", kittest.Verdicts(fs, true))
	}
	if n := srv.Count("", "A") + srv.Count("", "AAAA"); n > 2*maxMXHosts+2 {
		t.Errorf("%d address queries, want at most %d", n, 2*maxMXHosts+2)
	}
}

func TestReadMXEscapes(t *testing.T) {
	for value, kind := range map[string]kit.MXKind{
		"0 .": kit.MXNull, "0 outlook-com.olc.protection.outlook.com": kit.MXConsumer,
		"5 mail.protection.outlook.com": kit.MXMistaken, // the bare suffix is not a host of a tenant
		`5 a\.b.contoso.com`:            kit.MXInvalid, "5 -dash.contoso.com": kit.MXInvalid, "x": kit.MXNull,
	} {
		if got := kit.ReadMX(value).Kind; got != kind {
			t.Errorf("readMX(%q) is %s, want %s", value, got, kind)
		}
	}
	if m := kit.ReadMX("10 MAIL.Contoso.com."); m.String() != "10 mail.contoso.com." {
		t.Errorf("String gives %q", m)
	}
}

// A domain that may send gets no null MX without a caution: receivers may reject its
// mail (RFC 7505 4.2).
func TestMXNullOfASenderHasACaution(t *testing.T) {
	const cloud = "include:spf.protection.outlook.com -all"
	for _, zone := range []string{
		"contoso.com. A 203.0.113.132\ncontoso.com. TXT \"v=spf1 include:sendgrid.net -all\"",
		"contoso.com. TXT \"v=spf1 include:spf.mailjet.com ~all\"",
		"contoso.com. A 203.0.113.132\ncontoso.com. TXT \"v=spf1 ?all\"",
		"contoso.com. MX 0 .\ncontoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 203.0.113.30\ncontoso.com. TXT \"v=spf1 mx -all\"",
		"contoso.com. MX 0 .\ncontoso.com. TXT \"v=spf1 " + cloud + "\"" + ourHost,
		"contoso.com. MX 0 .\ncontoso.com. MX 10 contoso-com.mail.protection.outlook.com.\ncontoso.com. TXT \"v=spf1 " + cloud + "\"" + ourHost,
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", zone)
		seen := false
		for _, f := range kit.Gather(t.Context(), env, MX) {
			if f.Fix == nil || f.Code != "mx.none" && f.Code != "mx.null" {
				continue
			}
			seen = true
			if slices.ContainsFunc(f.Fix.Edits, func(e report.Edit) bool { return e.New == "0 ." }) {
				t.Errorf("%q: a null MX without a decision", zone)
			}
			if a := f.Fix.Alternatives; len(a) < 2 || a[1].Caution == "" || a[0].Caution != "" {
				t.Errorf("%q: alternatives %+v", zone, a)
			}
		}
		if !seen {
			t.Errorf("%q: no finding about the null MX", zone)
		}
	}
}
