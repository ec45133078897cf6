package checks

import (
	"context"
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// A record of MTA-STS whose host is gone is one decision, with both ways: whatever else
// is wrong with the record. What may come back is no reason to give MTA-STS up.
func TestPlanAsksAboutPoliciesWithoutHost(t *testing.T) {
	t.Parallel()
	const good = "v=STSv1; id=20260101T000000"
	for _, txt := range [][]string{{good}, {"v=STSv1 id=1"}, {"v=STSv1; id=a-b;"}, {good, "v=STSv1; id=2"}} {
		for kind, asks := range map[httpsget.Kind]bool{httpsget.KindNXDomain: true, httpsget.KindNoAddress: true, httpsget.KindRefused: false, httpsget.KindTimeout: false, httpsget.KindCertificate: false} {
			env, _ := stsWorld(t, "enforce", "0 "+cloudMX, "*.mail.protection.outlook.com")
			env.DNS = dnsrec.NewChanged(env.DNS, dnsrec.Change{Name: "_mta-sts.contoso.com", Type: dnsrec.TypeTXT, Values: txt})
			env.HTTPS = func(_ context.Context, url string) *httpsget.Response {
				return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: kind, Phase: httpsget.PhaseConnect}}
			}
			p := planFor(t, env)
			p.hold(t)
			var about []report.Step
			for _, s := range p.plan.Steps {
				if slices.ContainsFunc(s.Fixes, func(c string) bool { return c == "mtasts.policy" || c == "mtasts.record" }) {
					about = append(about, s)
				}
			}
			decides := len(about) == 1 && about[0].Action == report.ActionDecide
			if decides != asks || asks && len(about[0].Alternatives) != 2 {
				t.Errorf("%q, %s: %+v", txt, kind, about)
			}
			reports := slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "tlsrpt.record") })
			if reports && asks { // it would suppose that MTA-STS stays
				t.Errorf("%q, %s: TLS-RPT is asked for: %v", txt, kind, reports)
			}
			if !asks {
				continue
			}
			var left []string
			for _, v := range txt {
				if !slices.ContainsFunc(about[0].Alternatives[1].Removed(), func(r string) bool { return strings.HasSuffix(r, v) }) {
					left = append(left, v)
				}
			}
			if len(left) > 0 || len(about[0].Alternatives[1].Added()) > 0 {
				t.Errorf("%q: MTA-STS is given up, and %q stays: %+v", txt, left, about[0].Alternatives[1])
			}
		}
	}
}
