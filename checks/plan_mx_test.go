package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// A host that may send only because an MX record names it loses that with the
// record: no step and no alternative deletes the record before its address is in
// the SPF record.
func TestPlanKeepsSendersOfMX(t *testing.T) {
	t.Parallel()
	const (
		cloud = "contoso-com.mail.protection.outlook.com."
		rest  = cloud + " A 192.0.2.11\nspf.protection.outlook.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n" +
			"mail.contoso.com. A 203.0.113.30\n_dmarc.contoso.com. TXT \"v=DMARC1; p=reject; rua=mailto:d@contoso.com\"\n"
	)
	for _, preferences := range [][2]int{{0, 10}, {20, 10}, {10, 10}} {
		for _, term := range []string{"mx", "+mx", "mx:contoso.com", "mx/30"} {
			for _, all := range []string{"-all", "~all"} {
				zone := fmt.Sprintf("contoso.com. MX %d %s\ncontoso.com. MX %d mail.contoso.com.\n"+
					"contoso.com. TXT \"v=spf1 %s include:spf.protection.outlook.com %s\"\n%s", preferences[0], cloud, preferences[1], term, all, rest)
				env, _ := kittest.NewEnv(t, "contoso.com", zone)
				p := planFor(t, env)
				p.hold(t)
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
