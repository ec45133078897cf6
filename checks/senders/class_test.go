package senders

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"maildiag/checks/senders/dmarcreport"
	"maildiag/dnsrec/dmarc"
)

// A reported sp or np that only repeats what it inherits is not the domain's.
func TestFilledTags(t *testing.T) {
	type tags struct{ p, sp, np dmarc.Policy }
	for given, want := range map[tags]tags{
		{"none", "none", ""}:                 {"none", "", ""},
		{"quarantine", "quarantine", ""}:     {"quarantine", "", ""},
		{"none", "none", "none"}:             {"none", "", ""},
		{"none", "", "none"}:                 {"none", "", ""},
		{"none", "", ""}:                     {"none", "", ""},
		{"none", "reject", ""}:               {"none", "reject", ""},
		{"reject", "none", "none"}:           {"reject", "none", ""},
		{"reject", "none", "reject"}:         {"reject", "none", "reject"},
		{"none", "none", "reject"}:           {"none", "", "reject"},
		{"", "none", ""}:                     {"none", "", ""}, // p defaults to none
		{"reject", "quarantine", "anything"}: {"reject", "quarantine", ""},
	} {
		r := withoutFilled(recordOf(&dmarcreport.Policy{P: string(given.p), SP: string(given.sp), NP: string(given.np)}))
		if got := (tags{r.P, r.SP, r.NP}); got != want {
			t.Errorf("%v: %v, not %v", given, got, want)
		}
	}
}

// subdomain sends unsigned mail of a subdomain, under a policy as reported.
func (m *month) subdomain(p, sp string) {
	for day := range days {
		begin := m.start.AddDate(0, 0, day)
		rep := dmarcreport.Report{Org: m.orgs[day%2], ID: fmt.Sprint("s", day), Begin: begin, End: begin.Add(24 * time.Hour),
			Policy: dmarcreport.Policy{Domain: "contoso.com", P: p, SP: sp}}
		m.c.report(&rep, dmarcreport.Row{Source: netip.MustParseAddr("45.33.7.9"), Count: 20, HeaderFrom: "news.contoso.com",
			SPFResults: spfOf("news.contoso.com", "softfail")})
	}
}

func TestSubdomainPolicy(t *testing.T) {
	for name, test := range map[string]struct {
		p, sp string
		opt   Options
		want  Answer
		notes int
	}{
		"filled in":     {"none", "none", Options{}, NotSafe, 1},
		"for junk":      {"none", "none", Options{Policy: dmarc.Quarantine}, NotSafe, 1},
		"left out":      {"none", "", Options{}, NotSafe, 0},
		"the same":      {"reject", "reject", Options{}, NotSafe, 0},
		"its own":       {"quarantine", "none", Options{}, Safe, 0},
		"its own, hard": {"none", "reject", Options{Policy: dmarc.Quarantine}, NotSafe, 0},
		"record read":   {"none", "none", Options{Live: contoso()}, NotSafe, 0},
	} {
		m := newMonth(5)
		m.microsoft(50)
		m.subdomain(test.p, test.sp)
		d := m.judged(t, test.opt)
		if d.Verdict.Answer != test.want || len(d.Notes) != test.notes {
			t.Errorf("%s: %+v %q", name, d.Verdict, d.Notes)
		}
	}
}

// Mail of Microsoft 365 without an envelope sender shows no forwarding.
func TestNullSender(t *testing.T) {
	signatures := func(s ...dmarcreport.DKIMResult) []dmarcreport.DKIMResult { return s }
	const helo = "eur05-vi1-obe.outbound.protection.outlook.com"
	for name, test := range map[string]struct {
		helo   string
		signed []dmarcreport.DKIMResult
		kind   Kind
		want   Answer
	}{
		"unsigned":           {helo, nil, Probable, NotSafe},
		"of a mailbox":       {"am0pr05mb1234.eurprd05.prod.outlook.com", nil, Probable, NotSafe},
		"government":         {"x.outbound.protection.office365.us", nil, Probable, NotSafe},
		"China":              {"x.protection.partner.outlook.cn", nil, Probable, NotSafe},
		"key not known":      {helo, signatures(dkim("contoso.com", "other", "fail")), Probable, NotSafe},
		"signed":             {helo, signatures(dkim("contoso.com", "selector1", "pass")), Own, Safe},
		"initial domain":     {helo, signatures(dkim("contoso.onmicrosoft.com", "selector1-contoso", "pass")), Own, NotSafe},
		"another's initial":  {helo, signatures(dkim("agholding.onmicrosoft.com", "s", "pass")), Own, NotSafe},
		"altered on the way": {helo, signatures(dkim("contoso.com", "selector1", "fail")), List, Safe},
		"another's":          {helo, signatures(dkim("fabrikam.com", "selector1", "pass")), Unknown, NotEnoughData},
		"SRS":                {"fabrikam.com", nil, Unknown, NotEnoughData},
		"SRS, signed":        {"fabrikam.com", signatures(dkim("contoso.com", "selector1", "pass")), Forwarder, Safe},
		"SRS, altered":       {"fabrikam.com", signatures(dkim("contoso.com", "selector1", "fail")), List, Safe},
		"name of another":    {"protection.outlook.com.example", nil, Unknown, NotEnoughData},
	} {
		m := newMonth(6)
		m.microsoft(300)
		m.steadily(6, 1, own, func() dmarcreport.Row {
			return dmarcreport.Row{Source: netip.MustParseAddr("40.107.9.11"), DKIMResults: test.signed, SPFResults: spfOf(test.helo, "pass")}
		})
		d := m.judged(t, Options{})
		if d.Verdict.Answer != test.want {
			t.Errorf("%s: %+v", name, d.Verdict)
		}
		if s := d.at("40.107.9.11"); s.Kind != test.kind {
			t.Errorf("%s: %s by %s", name, s.Kind, s.Rule)
		}
	}
	m := newMonth(6) // nothing shows that the domain uses Microsoft 365
	m.mailchimp(50)
	m.row(1, 1, spoof, dmarcreport.Row{Source: netip.MustParseAddr("40.107.9.11"), Count: 9, SPFResults: spfOf(helo, "pass")})
	if s := m.judged(t, Options{}).at("40.107.9.11"); s.Kind != Unknown {
		t.Errorf("without Microsoft 365: %s by %s", s.Kind, s.Rule)
	}
}

// at returns the source with an address.
func (d *Domain) at(address string) *Source {
	for _, s := range d.Sources {
		if s.perAddress[netip.MustParseAddr(address)] > 0 {
			return s
		}
	}
	return &Source{}
}

// A server that passes in some reports is the domain's own in those where SPF
// could not be evaluated, and the advice is to repair the record.
func TestPartlyEvaluated(t *testing.T) {
	const server = "203.0.113.5"
	for name, test := range map[string]struct {
		results []string
		domain  string
		kind    Kind
		repair  bool // of the record
		add     bool // a term
	}{
		"half":        {[]string{"pass", "permerror"}, "contoso.com", Own, true, false},
		"subdomain":   {[]string{"pass", "permerror"}, "news.contoso.com", Own, true, false},
		"no answer":   {[]string{"pass", "temperror"}, "contoso.com", Own, false, false}, // it is listed: that helps nothing
		"two faults":  {[]string{"pass", "permerror", "softfail"}, "contoso.com", Own, true, true},
		"always":      {[]string{"permerror"}, "contoso.com", Probable, true, false},
		"never":       {[]string{"softfail"}, "contoso.com", Probable, false, true},
		"of a server": {[]string{"permerror"}, "bounce.example", Probable, false, true},
	} {
		m := newMonth(8)
		m.microsoft(50)
		i := 0
		m.steadily(8, 1, own, func() dmarcreport.Row {
			i++
			return dmarcreport.Row{Source: netip.MustParseAddr(server), SPFResults: spfOf(test.domain, test.results[i%len(test.results)])}
		})
		d := m.judged(t, Options{})
		s := d.at(server)
		if s.Kind != test.kind || d.Verdict.Answer != NotSafe || d.Verdict.Sources != 1 {
			t.Errorf("%s: %s by %s, %+v", name, s.Kind, s.Rule, d.Verdict)
		}
		if repair, add := strings.Contains(s.Advice, "maildiag spf "+test.domain), strings.Contains(s.Advice, "ip4:"+server); repair != test.repair || add != test.add {
			t.Errorf("%s: %s", name, s.Advice)
		}
	}
}

// What is no address is counted, and never the domain's own sender.
func TestUnreadableAddress(t *testing.T) {
	for _, text := range []string{"", "0.0.0.0", "::", "224.0.0.1", "ff02::1"} {
		source, _ := netip.ParseAddr(text)
		row := func() dmarcreport.Row {
			return dmarcreport.Row{Source: source, SPF: "pass", DKIM: "pass", SPFResults: spfOf("contoso.com", "pass"),
				DKIMResults: []dmarcreport.DKIMResult{dkim("contoso.com", "selector1", "pass")}}
		}
		m := newMonth(9)
		m.steadily(50, 1, own, row)
		d := m.judged(t, Options{})
		if len(d.Sources) != 1 || d.Sources[0].Kind != Unknown || d.Sources[0].Addresses != 0 || d.Sources[0].Messages != d.Messages {
			t.Errorf("%q: %+v", text, d.Sources[0])
		}
		if d.Verdict.Answer != NotEnoughData {
			t.Errorf("%q: %+v", text, d.Verdict)
		}
		m.microsoft(50)
		m.steadily(20, 1, own, func() dmarcreport.Row { // and failing mail is not hidden
			return dmarcreport.Row{Source: source, SPFResults: spfOf("contoso.com", "fail")}
		})
		if d = m.judged(t, Options{}); d.Verdict.Answer != NotEnoughData {
			t.Errorf("%q, failing: %+v", text, d.Verdict)
		}
	}
}

// Tenants of Microsoft 365 are different organizations: what passes for another one
// does not make mail the domain's own.
func TestTenantOfAnother(t *testing.T) {
	for signer, want := range map[string]bool{"evil.onmicrosoft.com": false, "onmicrosoft.com": false, "mail.contoso.onmicrosoft.com": true} {
		c := NewCollector(time.Time{}, time.Time{})
		for day := range 10 {
			begin := time.Date(2026, 11, 1+day, 0, 0, 0, 0, time.UTC)
			rep := dmarcreport.Report{Org: "x", ID: fmt.Sprint(day), Begin: begin, End: begin.Add(time.Hour),
				Policy: dmarcreport.Policy{Domain: "contoso.onmicrosoft.com", P: "none", ADKIM: "s"}}
			c.report(&rep, dmarcreport.Row{Source: netip.MustParseAddr("203.0.113.66"), Count: 30, HeaderFrom: "contoso.onmicrosoft.com",
				DKIMResults: []dmarcreport.DKIMResult{dkim(signer, "s", "pass")}, SPFResults: spfOf(signer, "pass")})
		}
		all, err := c.Judge(t.Context(), Options{})
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if s := all[0].at("203.0.113.66"); (s.Kind == Own) != want {
			t.Errorf("%s: %s by %s", signer, s.Kind, s.Rule)
		}
	}
}
