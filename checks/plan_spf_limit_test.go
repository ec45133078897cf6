package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// Where receivers give up before they read the include of Microsoft 365, it comes
// first at once if nobody loses a pass by it; else that is the first way to decide.
func TestPlanLetsMicrosoftPassBeforeThereIsRoom(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, c := range []struct {
		terms, want string
		decided     bool
	}{
		{"include:_spf.google.com include:four.example include:three.example " + cloud + " -all", cloud + " include:_spf.google.com include:four.example include:three.example -all", false},
		{"include:_spf.google.com include:four.example " + cloud + " include:three.example include:live.example ~all", "", false}, // read today
		{"include:four.example include:four.example include:three.example " + cloud + " include:live.example ~all", "", false},    // one goes
		{"include:live.example include:_spf.google.com include:four.example include:three.example " + cloud + " ~all", cloud + " include:live.example include:_spf.google.com include:four.example include:three.example ~all", false},
		{"include:_spf.google.com include:four.example include:live.example include:last.example include:three.example " + cloud + " -all", cloud, true},
		{"include:_spf.google.com include:four.example include:live.example include:last.example " + cloud + " include:three.example ?all", cloud, true},
		{"include:_spf.google.com include:four.example include:live.example include:four.example " + cloud + " -all", "", false}, // one goes
	} {
		p := orderPlan(t, ourMX+someDMARC+"last.example. TXT \"v=spf1 ip4:198.51.100.16 -all\"\ncontoso.com. TXT \"v=spf1 "+c.terms+"\"\n")
		s := stepOf(p.plan, "spf.m365")
		switch {
		case c.want == "":
		case c.decided:
			if s.Action != report.ActionDecide || !strings.HasPrefix(strings.Join(firstChoice(&s), ""), "v=spf1 "+c.want) {
				t.Errorf("%q: %+v", c.terms, s)
			}
		case !s.HasValues() || !slices.Equal(strings.Fields(s.Published()[0])[:2], strings.Fields("v=spf1 " + c.want)[:2]):
			t.Errorf("%q: %+v", c.terms, s)
		}
	}
}

// The include of Microsoft 365 comes first, too, if another record holds it.
func TestPlanLetsNestedIncludePass(t *testing.T) {
	t.Parallel()
	const cloud, nine = "include:spf.protection.outlook.com", "include:_spf.google.com include:four.example include:live.example"
	for below, terms := range map[string]string{
		"_s.contoso.com. TXT \"v=spf1 " + cloud + " include:g1.google.com -all\"\n": nine + " include:_s.contoso.com -all",
		"vendor.example. TXT \"v=spf1 include:g1.google.com " + cloud + " -all\"\n": nine + " include:vendor.example ~all",
	} {
		p := orderPlan(t, ourMX+someDMARC+below+"contoso.com. TXT \"v=spf1 "+terms+"\"\n")
		if s := stepOf(p.plan, "spf.m365"); !s.HasValues() || s.Published()[0] != "v=spf1 "+cloud+" "+terms {
			t.Errorf("%q: %+v", terms, s)
		}
	}
}

// A record that lets everyone send is closed with the include of Microsoft 365 where
// receivers read it: what lets its mail pass today goes.
func TestPlanClosesAndKeepsMicrosoft(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, terms := range []string{
		"ip4:0.0.0.0/1 ip4:128.0.0.0/1 include:_spf.google.com include:four.example include:three.example include:live.example " + cloud + " -all",
		"ip4:0.0.0.0/0 include:_spf.google.com include:four.example include:three.example include:live.example " + cloud + " ~all",
	} {
		p := orderPlan(t, ourMX+someDMARC+"contoso.com. TXT \"v=spf1 "+terms+"\"\n")
		s := stepOf(p.plan, "spf.all")
		if !s.HasValues() || !strings.HasPrefix(s.Published()[0], "v=spf1 "+cloud+" include:") {
			t.Errorf("%q: %+v", terms, s)
		}
	}
}

// Addresses for DMARC reports in a domain that anyone can register go; others stay.
func TestPlanRemovesReportsThatAnyoneCanReceive(t *testing.T) {
	t.Parallel()
	for record, want := range map[string]string{
		"p=none; rua=mailto:a@contoso.com,mailto:b@gonereporter.com":                                    "p=none; rua=mailto:a@contoso.com",
		"p=reject; rua=mailto:b@x.gonereporter.com,mailto:a@contoso.com; ruf=mailto:b@gonereporter.com": "p=reject; rua=mailto:a@contoso.com",
		"p=none; rua=mailto:b@gonereporter.com":                                                         "p=none; rua=mailto:dmarc-reports@contoso.com",
		"p=none; rua=mailto:a@contoso.com,mailto:b@live-vendor.com":                                     "",
	} {
		p := orderPlan(t, ourMX+ourSPF+"live-vendor.com. A 198.51.100.77\n_dmarc.contoso.com. TXT \"v=DMARC1; "+record+"\"\n")
		s := stepOf(p.plan, "dmarc.rua-auth")
		if i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return s.Name == "_dmarc.contoso.com." && s.HasValues() }); i >= 0 {
			s = p.plan.Steps[i]
		}
		if got := strings.Join(s.Add, ""); got != "" && want == "" || want != "" && got != "v=DMARC1; "+want {
			t.Errorf("%q: %q, want %q: %+v", record, got, want, s)
		}
	}
}

// A term for a host in a domain that anyone can register goes, and so does what lets
// nobody pass; names that exist, that nobody sells or that do not answer stay.
func TestPlanRemovesDomainsThatAnyoneCanRegister(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for _, c := range []struct {
		terms string
		code  string
		want  string // "": a person decides, or nothing is said
	}{
		{cloud + " include:spf.gonevendor.com -all", "spf.include", cloud + " -all"},
		{cloud + " include:gonevendor.co.uk ~all", "spf.include", cloud + " ~all"},
		{cloud + " redirect=spf.gonevendor.com", "spf.include", cloud + " ~all"},
		{cloud + " a:mail.gonevendor.com -all", "spf.dangling", cloud + " -all"},
		{cloud + " mx:gonevendor.com -all", "spf.dangling", cloud + " -all"},
		{cloud + " exists:x.gonevendor.com -all", "spf.dangling", cloud + " -all"},
		{cloud + " -a:mail.gonevendor.com -all", "spf.dangling", ""},
		{cloud + " include:spf.live-vendor.com -all", "spf.include", ""},
		{cloud + " include:spf.corp.internal -all", "spf.include", ""},
		{cloud + " a:gone.contoso.com -all", "spf.dangling", ""},
		{cloud + " a:mail.live-vendor.com -all", "spf.dangling", ""},
	} {
		p := orderPlan(t, ourMX+someDMARC+"live-vendor.com. A 198.51.100.77\ncontoso.com. TXT \"v=spf1 "+c.terms+"\"\n")
		s := stepOf(p.plan, c.code)
		if got := strings.Join(s.Add, ""); got != strings.TrimSpace("v=spf1 "+c.want) && c.want != "" || c.want == "" && s.HasValues() {
			t.Errorf("%q: %s: %q, want %q: %+v", c.terms, c.code, got, c.want, s)
		}
	}
}

// An include with a sign keeps a service from passing, unless it passes by another
// term: whether it sends is a decision.
func TestPlanJudgesSignsOfIncludes(t *testing.T) {
	t.Parallel()
	const cloud = "include:spf.protection.outlook.com"
	for terms, want := range map[string]string{
		"~include:_spf.google.com -all":                         "include:_spf.google.com -all",
		"?include:_spf.google.com ~all":                         "include:_spf.google.com ~all",
		"-include:_spf.google.com ~all":                         "include:_spf.google.com ~all",
		"+include:_spf.google.com ~all":                         "",
		"~include:live.example ~all":                            "", // whose it is, is not known
		"include:_spf.google.com ?include:_spf.google.com ~all": "",
	} {
		p := orderPlan(t, ourMX+someDMARC+"contoso.com. TXT \"v=spf1 "+cloud+" "+terms+"\"\n")
		s := stepOf(p.plan, "spf.qualifier")
		if got := strings.Join(firstChoice(&s), ""); want == "" && s.Step > 0 || want != "" && got != "v=spf1 "+cloud+" "+want {
			t.Errorf("%q: %q: %+v", terms, got, s)
		}
	}
}

// A record over the limit takes in the terms of the domain's own records, where they
// mean the same there and fit.
func TestPlanTakesInOwnRecords(t *testing.T) {
	t.Parallel()
	const nine = "include:_spf.google.com include:four.example " // 8 lookups
	long := ""
	for i := range 24 {
		long += fmt.Sprintf("ip4:198.51.100.%d ", 100+i)
	}
	for _, c := range []struct{ own, terms string }{
		{"v=spf1 ip4:192.0.2.1 -all", "ip4:192.0.2.1"},
		{"v=spf1 ip4:192.0.2.1 ~all", "ip4:192.0.2.1"},
		{"v=spf1 ip4:192.0.2.1", "ip4:192.0.2.1"},
		{"v=spf1 ip4:192.0.2.1 include:_t.contoso.com ?all", "ip4:192.0.2.1 ip4:192.0.2.9"},
		{"v=spf1 ip4:192.0.2.1 include:live.example -all", "ip4:192.0.2.1 include:live.example"},
		{"v=spf1 a ip4:192.0.2.1 mx/28 -all", "a:_s.contoso.com ip4:192.0.2.1 mx:_s.contoso.com/28"},
		{"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all ip4:192.0.2.3", "ip4:192.0.2.1 ip4:192.0.2.2"},
		{"v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", ""},
		{"v=spf1 ?ip4:192.0.2.7 -all", ""},
		{"v=spf1 ip4:192.0.2.1 redirect=_t.contoso.com", ""},
		{"v=spf1 ip4:192.0.2.1 exists:%{i}.l.contoso.com -all", ""},
		{"v=spf1 include:" + "_t.%{d} -all", ""},
		{"v=spf1 ip4:192.0.2.1 include:gone.contoso.com -all", ""},
		{"v=spf1 " + long + "-all", ""},
		{"", ""}, // the name is an alias
	} {
		zone := ourMX + someDMARC + "_t.contoso.com. TXT \"v=spf1 ip4:192.0.2.9 -all\"\n_s.contoso.com. A 192.0.2.4\n_s.contoso.com. MX 10 backup.example.\n" +
			"contoso.com. TXT \"v=spf1 include:spf.protection.outlook.com " + nine + "include:_s.contoso.com include:_u.contoso.com -all\"\n"
		if c.own == "" {
			zone = strings.ReplaceAll(zone, "_s.contoso.com. ", "_sv.vendor.example. ") + "_s.contoso.com. CNAME _sv.vendor.example.\n"
			c.own, zone = "v=spf1 ip4:192.0.2.1 -all", zone+"_sv.vendor.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"
		} else {
			zone += "_s.contoso.com. TXT \"" + c.own + "\"\n"
		}
		p := orderPlan(t, zone+"_u.contoso.com. TXT \"v=spf1 ?ip4:192.0.2.77 -all\"\n")
		var s report.Step
		if i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return s.Type == "TXT" && s.HasValues() }); i >= 0 {
			s = p.plan.Steps[i]
		}
		want := c.terms != "" && !strings.Contains(c.terms, "live.example") && !strings.Contains(c.terms, "mx:")
		got := s.HasValues() && strings.Contains(s.Published()[0], " "+c.terms+" ") && !strings.Contains(s.Published()[0], "include:_s.")
		if got != want {
			t.Errorf("%q: %+v", c.own, s)
		}
	}
}
