package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// A domain without MX records receives mail at its address (RFC 5321 5.1): the MX
// record of Microsoft 365 is a decision there, and a step where nothing receives.
func TestPlanAsksBeforeMXReplacesAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone    string
		decides bool
	}{
		{"contoso.com. A 203.0.113.44\n", true},
		{"contoso.com. AAAA 2001:db8::44\n", true},
		{"contoso.com. A 203.0.113.44\ncontoso.com. AAAA 2001:db8::44\n", true},
		{"contoso.com. A 10.0.0.1\n", false},
		{"", false},
	} {
		for _, record := range []string{"a include:spf.protection.outlook.com ~all", "include:spf.protection.outlook.com -all", "include:spf.protection.outlook.com ?all"} {
			for _, expect := range []kit.Expectation{kit.ExpectAuto, kit.ExpectM365} {
				env, _ := kittest.NewEnv(t, "contoso.com", besideCloudMX+"contoso.com. TXT \"MS=ms12345678\"\nautodiscover.contoso.com. CNAME autodiscover.outlook.com.\n"+
					"_smtp._tls.contoso.com. TXT \"v=TLSRPTv1; rua=mailto:t@contoso.com\"\ncontoso.com. TXT \"v=spf1 "+record+"\"\n"+c.zone)
				env.Expect = expect
				p := planFor(t, env)
				p.hold(t)
				i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "mx.none") })
				if i < 0 || (p.plan.Steps[i].Action == report.ActionDecide) != c.decides {
					t.Errorf("%q, %q, %s: a decision: want %v: %+v", c.zone, record, expect, c.decides, p.plan.Steps[max(i, 0)])
				}
				if c.zone == "" && (i != 0 || !p.plan.Steps[0].HasValues()) {
					t.Errorf("%q, %s: the MX record is step %d: %+v", record, expect, i+1, p.plan.Steps)
				}
			}
		}
	}
}

// The repair of the MX records of a domain that receives no mail waits for no other
// record, and comes first.
func TestPlanRepairsMXFirst(t *testing.T) {
	t.Parallel()
	for _, mx := range []string{"0 contoso-com.mail.protection.outlook.com.contoso.com.", "0 contoso-com.mail.protection.outlok.com.", "10 mail.protection.outlook.com.", "0 contoso-com.mail.protection.outlook.de."} {
		for _, record := range []string{"mx include:spf.protection.outlook.com ?all", "mx include:spf.protection.outlook.com", "mx mx include:spf.protection.outlook.com ~all"} {
			env, _ := kittest.NewEnv(t, "contoso.com", besideCloudMX+"contoso.com. TXT \"MS=ms12345678\"\ncontoso.com. MX "+mx+"\ncontoso.com. TXT \"v=spf1 "+record+"\"\n")
			p := planFor(t, env)
			p.hold(t)
			i := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return s.Type == "MX" && s.HasValues() })
			if i != 0 || len(p.plan.Steps[i].After) > 0 {
				t.Errorf("%q, %q: the MX record is repaired in step %d: %+v", mx, record, i+1, p.plan.Steps)
			}
		}
	}
}

// A move to mx.microsoft is a decision, since DNS does not show whether the new host
// accepts mail. It ends in one change: the new record has preference 0 with the change
// that deletes the old one.
func TestPlanFinishesMoveAtOnce(t *testing.T) {
	t.Parallel()
	const dane = "contoso-com.p-v1.mx.microsoft."
	for _, c := range [][2]string{{"0", "20"}, {"10", "20"}, {"20", "0"}, {"10", "10"}} {
		env, _ := kittest.NewEnv(t, "contoso.com", besideCloudMX+dane+" A 192.0.2.12\ncontoso.com. MX "+c[0]+" "+cloudMX+"\ncontoso.com. MX "+c[1]+" "+dane+
			"\ncontoso.com. TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n")
		p := planFor(t, env)
		p.hold(t)
		if slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return s.Type == "MX" && s.HasValues() }) {
			t.Errorf("%v: MX records change without a decision", c)
		}
		s := p.stepOn("mx.several")
		if s == nil || len(s.Alternatives) == 0 || len(s.Alternatives[0].Sets) != 1 {
			t.Errorf("%v: %s", c, strings.Join(problems(p.findings), "; "))
			continue
		}
		set := s.Alternatives[0].Sets[0]
		if !slices.Equal(slices.Sorted(slices.Values(append(set.Keep, set.Add...))), []string{"0 " + dane}) {
			t.Errorf("%v: the move ends in %+v", c, set)
		}
	}
}
