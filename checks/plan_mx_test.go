package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
)

// A domain that receives mail at Microsoft 365, without an SPF record.
const (
	cloudMX       = "contoso-com.mail.protection.outlook.com."
	besideCloudMX = cloudMX + " A 192.0.2.11\nspf.protection.outlook.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n" +
		"_dmarc.contoso.com. TXT \"v=DMARC1; p=reject; rua=mailto:d@contoso.com\"\n"
	mailAtMicrosoft = "contoso.com. MX 0 " + cloudMX + "\n" + besideCloudMX
)

// A host that may send only because an MX record names it loses that with the
// record: no step and no alternative deletes the record before its address is in
// the SPF record.
func TestPlanKeepsSendersOfMX(t *testing.T) {
	t.Parallel()
	for _, preferences := range [][2]int{{0, 10}, {20, 10}, {10, 10}} {
		for _, term := range []string{"mx", "+mx", "mx:contoso.com", "mx/30"} {
			for _, all := range []string{"-all", "~all"} {
				zone := fmt.Sprintf("contoso.com. MX %d %s\ncontoso.com. MX %d mail.contoso.com.\nmail.contoso.com. A 203.0.113.30\n"+
					"contoso.com. TXT \"v=spf1 %s include:spf.protection.outlook.com %s\"\n%s", preferences[0], cloudMX, preferences[1], term, all, besideCloudMX)
				env, _ := kittest.NewEnv(t, "contoso.com", zone)
				p := planFor(t, env)
				p.hold(t)
				keepsSender(t, zone, p.plan)
				alone, _ := kittest.NewEnv(t, "contoso.com", zone) // a run that leaves SPF out asks for it
				p = planned{env: alone}
				p.rows, _ = kit.Select(All(), []string{"mx"}, nil)
				_, p.plan = p.examine(t, alone)
				keepsSender(t, zone, p.plan)
			}
		}
	}
}

// keepsSender holds that the old host's MX record goes only after its address is
// in the SPF record.
func keepsSender(t *testing.T, zone string, plan *report.Plan) {
	t.Helper()
	if plan == nil {
		return
	}
	old := func(values []string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.HasSuffix(v, " mail.contoso.com.") })
	}
	written := false
	for _, s := range plan.Steps {
		written = written || slices.ContainsFunc(s.Add, func(v string) bool { return strings.Contains(v, "203.0.113.") })
		removes := s.Type == "MX" && old(s.Remove)
		for _, a := range s.Alternatives {
			removes = removes || s.Type == "MX" && old(a.Remove) || slices.ContainsFunc(a.Sets, func(r report.Set) bool { return r.Type == "MX" && old(r.Remove) })
		}
		if removes && !written {
			t.Errorf("%s\nstep %d deletes the MX record first: %+v", zone, s.Step, s)
		}
	}
}

// A decision that deletes the records behind a term of the SPF record waits for a
// step that writes their servers out: whoever passes before passes after it.
func TestPlanWritesSendersOut(t *testing.T) {
	t.Parallel()
	own := "contoso.com. MX 10 mail.contoso.com.\nmail.contoso.com. A 203.0.113.30\nmail.contoso.com. AAAA 2001:db8::30\n"
	two := own + "contoso.com. MX 20 mx2.contoso.com.\nmx2.contoso.com. A 203.0.113.40\n"
	foreign := "contoso.com. MX 10 mx.hoster.example.\nmx.hoster.example. A 203.0.113.50\n"
	autodiscover := "autodiscover.contoso.com. A 203.0.113.60\n"
	hosts := ""
	for i := range 9 {
		hosts += fmt.Sprintf("h%d.contoso.com. A 203.0.113.%d\n", i+1, 101+i)
	}
	for _, c := range []struct {
		record, zone string
		adds         []string // terms that the step writes
	}{
		{"mx include:spf.protection.outlook.com -all", own, []string{"ip4:203.0.113.30", "ip6:2001:db8::30"}},
		{"include:spf.protection.outlook.com mx:contoso.com ~all", two, []string{"ip4:203.0.113.30", "ip4:203.0.113.40", "ip6:2001:db8::30"}},
		{"mx/29//64 include:spf.protection.outlook.com -all", own, []string{"ip4:203.0.113.24/29", "ip6:2001:db8::/64"}},
		{"-ip4:203.0.113.31 mx/30 include:spf.protection.outlook.com -all", own, []string{"ip4:203.0.113.28/30"}},
		{"mx include:spf.protection.outlook.com -all", foreign, []string{"a:mx.hoster.example"}},
		{"mx include:spf.protection.outlook.com -all", own + foreign, []string{"ip4:203.0.113.30", "a:mx.hoster.example"}},
		{"include:_own.contoso.com include:spf.protection.outlook.com -all", own + "_own.contoso.com. TXT \"v=spf1 mx:contoso.com -all\"\n", []string{"ip4:203.0.113.30"}},
		{"include:app.example include:spf.protection.outlook.com -all", own + "app.example. TXT \"v=spf1 mx:contoso.com -all\"\n", []string{"ip4:203.0.113.30"}},
		{"redirect=_own.contoso.com", own + "_own.contoso.com. TXT \"v=spf1 mx:contoso.com include:spf.protection.outlook.com -all\"\n", []string{"ip4:203.0.113.30"}},
		{"a:autodiscover.contoso.com include:spf.protection.outlook.com -all", autodiscover, []string{"ip4:203.0.113.60"}},
		{"mx a:autodiscover.contoso.com include:spf.protection.outlook.com -all", own + autodiscover, []string{"ip4:203.0.113.30", "ip4:203.0.113.60"}},
		{"a:mail.contoso.com a:mail.contoso.com include:spf.protection.outlook.com -all", own, nil},
		{"mx a:h1.contoso.com a:h2.contoso.com a:h3.contoso.com a:h4.contoso.com a:h5.contoso.com a:h6.contoso.com a:h7.contoso.com a:h8.contoso.com a:h9.contoso.com include:spf.protection.outlook.com -all",
			own + hosts, []string{"ip4:203.0.113.30"}}, // written out because of the lookup limit
		{"mx a:mail.contoso.com include:spf.protection.outlook.com -all", own, nil},
		{"include:spf.protection.outlook.com -all", own + autodiscover, nil},
	} {
		for _, expect := range []kit.Expectation{kit.ExpectAuto, kit.ExpectM365} {
			env, _ := kittest.NewEnv(t, "contoso.com", mailAtMicrosoft+c.zone+"contoso.com. TXT \"v=spf1 "+c.record+"\"\n")
			env.Expect = expect
			p := planFor(t, cached(env, false))
			p.hold(t)
			added := p.holdWays(t)
			for _, term := range c.adds {
				if !strings.Contains(added, " "+term+" ") {
					t.Errorf("%q, %s: no step adds %s: %q", c.record, expect, term, added)
				}
			}
			if c.adds == nil && strings.Contains(added, "203.0.113") {
				t.Errorf("%q, %s: needless: %q", c.record, expect, added)
			}
		}
	}
}

// holdWays follows each way to take a decision after the steps that it waits for:
// who passes before passes then. It returns the last SPF record that a step
// publishes.
func (p planned) holdWays(t *testing.T) (published string) {
	t.Helper()
	byNumber := map[int]report.Step{}
	ways := 0
	for _, s := range p.plan.Steps {
		byNumber[s.Step] = s
		if s.HasValues() && s.Type == "TXT" && strings.HasSuffix(s.Name, "contoso.com.") && strings.HasPrefix(s.Published()[0], "v=spf1 ") {
			published = s.Published()[0]
		}
		for _, a := range s.Alternatives {
			sets := a.Sets
			if s.Name != "" && len(a.Add)+len(a.Remove) > 0 {
				sets = append(sets, report.Set{Name: s.Name, Type: s.Type, Keep: s.Keep, Remove: a.Remove, Add: a.Add})
			}
			if len(sets) == 0 || slices.ContainsFunc(sets, func(r report.Set) bool { return r.Type == "TXT" }) {
				continue
			}
			ways++
			var changes []dnsrec.Change
			for _, n := range s.After {
				if o := byNumber[n]; o.HasValues() {
					changes = append(changes, changesOf(o)...)
				}
			}
			for _, r := range sets {
				changes = append(changes, changeOf(report.Step{Name: r.Name, Type: r.Type, Keep: r.Keep, Add: r.Add}))
			}
			p.holdSenders(t, changes)
		}
	}
	if ways == 0 && slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return s.Action == report.ActionDecide && strings.Contains(s.Text, "MX") }) {
		t.Errorf("no way shows its records: %+v", p.plan.Steps)
	}
	return published
}

// Hosts of filters and providers that only receive mail are not written into the SPF
// record when their MX records go; the servers beside them, and hosts that may send,
// are.
func TestPlanLeavesInboundHostsOut(t *testing.T) {
	t.Parallel()
	own := "contoso.com. MX 30 mail.contoso.com.\nmail.contoso.com. A 203.0.113.30\n"
	for i, c := range []struct {
		host    string
		inbound bool
	}{
		{"aspmx.l.google.com", true}, {"alt1.aspmx.l.google.com", true}, {"aspmx2.googlemail.com", true}, {"smtp.google.com", true},
		{"eu-smtp-inbound-1.mimecast.com", true}, {"us-smtp-inbound-2.mimecast.com", true}, {"d12345a.ess.barracudanetworks.com", true},
		{"contoso.in.tmes.trendmicro.eu", true}, {"route1.mx.cloudflare.net", true}, {"in1-smtp.messagingengine.com", true}, {"smtpin.rzone.de", true},
		{"mx01.mail.icloud.com", true}, {"mx.yandex.net", true}, {"inbound-smtp.eu-west-1.amazonaws.com", true}, {"mail.protonmail.ch", true},
		{"mx0a-00123456.pphosted.com", false}, {"mx1.hc123-4.eu.iphmx.com", false}, {"mail.mailcontrol.com", false}, {"inbound.hoster.example", false},
		{"mx.hoster.example", false}, {"inbound.contoso.com", false},
	} {
		zone := mailAtMicrosoft + "contoso.com. MX 10 " + c.host + ".\n" + c.host + ". A 203.0.113.50\n"
		if i%2 == 0 {
			zone += own
		}
		env, _ := kittest.NewEnv(t, "contoso.com", zone+"contoso.com. TXT \"v=spf1 mx include:spf.protection.outlook.com -all\"\n")
		p := planFor(t, cached(env, false))
		p.hold(t)
		added := ""
		for _, s := range p.plan.Steps {
			added += strings.Join(s.Add, " ") + " "
		}
		if kept := strings.Contains(added, "a:"+c.host) || strings.Contains(added, "ip4:203.0.113.50"); kept == c.inbound {
			t.Errorf("%s: written out: %v (%q)", c.host, kept, added)
		}
		if i%2 == 0 && !strings.Contains(added, "ip4:203.0.113.30") {
			t.Errorf("%s: the own server beside it is lost: %q", c.host, added)
		}
	}
}
