package checks

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// stsWorld is contoso.com with MX records, and a policy that lists patterns.
func stsWorld(t *testing.T, mode, mx string, patterns ...string) (*kit.Env, mtasts.Policy) {
	t.Helper()
	zone := besideCloudMX + "_mta-sts.contoso.com. TXT \"v=STSv1; id=20250101T000000\"\nmta-sts.contoso.com. A 192.0.2.80\n" +
		"contoso.com. TXT \"MS=ms12345678\"\ncontoso-com.p-v1.mx.microsoft. A 192.0.2.12\nmail.contoso.com. A 203.0.113.30\n" +
		"eu-smtp-inbound-1.mimecast.com. A 203.0.113.40\naspmx.l.google.com. A 203.0.113.50\n" +
		"contoso.com. TXT \"v=spf1 a:mail.contoso.com include:spf.protection.outlook.com -all\"\n"
	for record := range strings.SplitSeq(mx, ", ") {
		zone += "contoso.com. MX " + record + "\n"
	}
	env, _ := kittest.NewEnv(t, "contoso.com", zone)
	body := "version: STSv1\nmode: " + mode + "\nmx: " + strings.Join(patterns, "\nmx: ") + "\nmax_age: 2592000\n"
	env.HTTPS = func(_ context.Context, url string) *httpsget.Response {
		return &httpsget.Response{URL: url, Status: http.StatusOK, ContentType: "text/plain", Body: []byte(body)}
	}
	p, problems := mtasts.ParsePolicy([]byte(body))
	if !mtasts.Valid(problems) {
		t.Fatal(problems)
	}
	return env, p
}

// covers reports whether a policy lists one of the hosts of a kind, and whether there
// is one of that kind.
func covers(p mtasts.Policy, mx []string, kind func(kit.MXTarget) bool) (any, covered bool) {
	for _, m := range kit.ReadMXs(mx) {
		if kind(m) && m.Kind != kit.MXNull {
			any, covered = true, covered || p.Allows(m.Host)
		}
	}
	return any, covered
}

// No step and no alternative leaves senders that use MTA-STS without a host that
// the policy of today covers, or without one of Microsoft's where one was and others
// of it stay. What waits for the policy waits for a step that serves one which covers
// all hosts of today.
func TestPlanKeepsHostsOfPolicy(t *testing.T) {
	t.Parallel()
	const (
		dane     = "contoso-com.p-v1.mx.microsoft."
		classic  = "*.mail.protection.outlook.com"
		own      = "mail.contoso.com."
		mimecast = "eu-smtp-inbound-1.mimecast.com."
		google   = "aspmx.l.google.com."
	)
	for _, c := range []struct {
		name, mode, mx string
		patterns       []string
		waits          bool
	}{
		{"move to DANE", "enforce", "10 " + cloudMX + ", 20 " + dane, []string{classic}, true},
		{"move to DANE, new first", "enforce", "0 " + dane + ", 20 " + cloudMX, []string{cloudMX[:len(cloudMX)-1]}, true},
		{"move to DANE, covered", "enforce", "10 " + cloudMX + ", 20 " + dane, []string{classic, "*.p-v1.mx.microsoft"}, false},
		{"move to DANE, short star", "enforce", "10 " + cloudMX + ", 20 " + dane, []string{classic, "*.mx.microsoft"}, true},
		{"move to DANE, testing", "testing", "10 " + cloudMX + ", 20 " + dane, []string{classic}, false},
		{"own server left", "enforce", "0 " + cloudMX + ", 10 " + own, []string{"mail.contoso.com"}, true},
		{"own server left, covered", "enforce", "0 " + cloudMX + ", 10 " + own, []string{"mail.contoso.com", classic}, false},
		{"two old hosts left", "enforce", "10 " + cloudMX + ", 10 " + own + ", 20 " + google, []string{"mail.contoso.com", "aspmx.l.google.com"}, true},
		{"two old hosts left, covered", "enforce", "10 " + cloudMX + ", 10 " + own + ", 20 " + google, []string{"mail.contoso.com", "aspmx.l.google.com", classic}, false},
		{"own server only", "enforce", "10 " + own, []string{"mail.contoso.com"}, true},
		{"Google only", "enforce", "10 " + google, []string{"aspmx.l.google.com"}, true},
		{"Google left", "enforce", "0 " + cloudMX + ", 10 " + google, []string{"aspmx.l.google.com"}, true},
		{"filter and Microsoft", "enforce", "0 " + cloudMX + ", 10 " + mimecast, []string{classic}, true},
		{"three", "enforce", "0 " + cloudMX + ", 10 " + google + ", 20 " + dane, []string{classic, "aspmx.l.google.com"}, true},
	} {
		for _, expect := range []kit.Expectation{kit.ExpectAuto, kit.ExpectM365} {
			env, policy := stsWorld(t, c.mode, c.mx, c.patterns...)
			env.Expect = expect
			p := planFor(t, env)
			if p.plan == nil {
				t.Errorf("%s: no plan", c.name)
				continue
			}
			p.hold(t)
			p.holdCovered(t, c.name, policy)
			widened := slices.ContainsFunc(p.plan.Steps, func(s report.Step) bool { return len(s.Commands) > 0 && slices.Contains(s.Fixes, "mtasts.mx") })
			if widened != (c.waits || c.mode == "testing") {
				t.Errorf("%s, %s: the policy is changed: %v", c.name, expect, widened)
			}
		}
	}
}

// holdCovered holds the rules of a policy for each step and each alternative.
func (p planned) holdCovered(t *testing.T, name string, policy mtasts.Policy) {
	t.Helper()
	a, _ := p.env.DNS.Lookup(t.Context(), dnsrec.Q("contoso.com", dnsrec.TypeMX))
	all := func(kit.MXTarget) bool { return true }
	microsoft := func(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft }
	hold := func(step int, after []string) {
		some, is := covers(policy, after, microsoft)
		fewer := slices.ContainsFunc(kit.ReadMXs(a.Values), func(m kit.MXTarget) bool {
			return policy.Allows(m.Host) && !slices.ContainsFunc(kit.ReadMXs(after), func(o kit.MXTarget) bool { return o.Host == m.Host })
		})
		if policy.Mode == mtasts.Enforce && some && !is && fewer {
			t.Errorf("%s, %s: step %d takes a host away before the policy covers Microsoft's: %q", name, p.env.Expect, step, after)
		}
		for _, kind := range []func(kit.MXTarget) bool{all, microsoft} {
			_, was := covers(policy, a.Values, kind)
			if some, is := covers(policy, after, kind); policy.Mode == mtasts.Enforce && was && some && !is {
				t.Errorf("%s, %s: step %d leaves no host that the policy covers: %q", name, p.env.Expect, step, after)
			}
		}
	}
	for _, s := range p.plan.Steps {
		if s.Type == "MX" && s.ChangesRecords() {
			hold(s.Step, s.Published())
		}
		for _, alt := range s.Alternatives {
			if s.Type == "MX" && len(alt.Add)+len(alt.Remove) > 0 {
				hold(s.Step, slices.Concat(s.Keep, alt.Add))
			}
			for _, set := range alt.Sets {
				if set.Type == "MX" {
					hold(s.Step, slices.Concat(set.Keep, set.Add))
				}
			}
		}
		if slices.Contains(s.Commands, "version: STSv1") {
			served, _ := mtasts.ParsePolicy([]byte(strings.Join(s.Commands[1:len(s.Commands)-1], "\n")))
			for _, m := range kit.ReadMXs(a.Values) {
				if !served.Allows(m.Host) {
					t.Errorf("%s: the policy of step %d does not list %s", name, s.Step, m.Host)
				}
			}
		}
	}
}
