package checks

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// Senders keep a policy for its max_age: no mail moves to other hosts while they may
// have one that does not list these, without a step to wait for, or a word of it.
func TestPlanMindsCachedPolicies(t *testing.T) {
	t.Parallel()
	const all = "*.mail.protection.outlook.com|mail.contoso.com|*.p-v1.mx.microsoft"
	ok := func(body string) *httpsget.Response {
		return &httpsget.Response{Status: http.StatusOK, ContentType: "text/plain", Body: []byte(body)}
	}
	policy := func(mode string) *httpsget.Response {
		return ok("version: STSv1\nmode: " + mode + "\nmx: " + strings.ReplaceAll(all, "|", "\nmx: ") + "\nmax_age: 2592000\n")
	}
	const (
		dead    = "0 " + cloudMX + ", 10 gone.contoso.com."
		leaves  = "0 " + cloudMX + ", 10 mail.contoso.com."
		moves   = "10 " + cloudMX + ", 20 contoso-com.p-v1.mx.microsoft."
		arrives = "10 mail.contoso.com."
		nothing = "10 gone.contoso.com."
	)
	for _, c := range []struct {
		name, id, mx string
		served       *httpsget.Response
		minds        bool
	}{
		{"old policy", "20250101T000000", leaves, policy("enforce"), true}, // the id may not have been changed
		{"new policy", "20261120T000000", leaves, policy("enforce"), true},
		{"new policy", "20261120000000", moves, policy("enforce"), true},
		{"new policy, mail arrives", "20261120T000000", arrives, policy("enforce"), true},
		{"new policy, a dead host goes", "20261120T000000", dead, policy("enforce"), false},
		{"new policy, no host lives", "20261120T000000", nothing, policy("enforce"), false},
		{"id is no time", "a1", leaves, policy("enforce"), true},
		{"id in the future", "20300101T000000", leaves, policy("enforce"), true},
		{"testing, recent", "20261120T000000", leaves, policy("testing"), true}, // it may have been enforce before
		{"testing, recent, moves", "20261120T000000", moves, policy("testing"), true},
		{"testing, id is no time", "a1", leaves, policy("testing"), true},
		{"testing, id in the future", "20300101T000000", leaves, policy("testing"), true},
		{"testing, older than max_age", "20250101T000000", leaves, policy("testing"), false},
		{"testing, a dead host goes", "20261120T000000", dead, policy("testing"), false},
		{"none, recent", "20261120T000000", leaves, policy("none"), true},
		{"none, older than max_age", "20260801T000000", leaves, policy("none"), true}, // that of the old one is not known
		{"none, older than any max_age", "20240101T000000", leaves, policy("none"), false},
		{"not found", "20250101T000000", leaves, &httpsget.Response{Status: http.StatusNotFound}, true},
		{"not found, mail arrives", "20250101T000000", arrives, &httpsget.Response{Status: http.StatusNotFound}, true},
		{"not found, no host lives", "20250101T000000", nothing, &httpsget.Response{Status: http.StatusNotFound}, false},
		{"no web server", "a1", moves, &httpsget.Response{Err: &httpsget.Error{Kind: httpsget.KindRefused, Phase: httpsget.PhaseConnect}}, true},
		{"time out", "a1", moves, &httpsget.Response{Err: &httpsget.Error{Kind: httpsget.KindTimeout, Phase: httpsget.PhaseConnect}}, true},
		{"no policy file", "a1", leaves, ok("hello"), true},
		{"no web asked", "a1", leaves, nil, true},
		{"no record", "", leaves, &httpsget.Response{Status: http.StatusNotFound}, false},
	} {
		env, _ := stsWorld(t, "enforce", c.mx, strings.Split(all, "|")...)
		env.DNS = withID(env, c.id)
		env.HTTPS = nil
		if c.served != nil {
			env.HTTPS = func(_ context.Context, url string) *httpsget.Response { r := *c.served; r.URL = url; return &r }
		}
		p := planFor(t, env)
		p.hold(t)
		minds, changes := false, false
		for _, s := range p.plan.Steps {
			aboutMX := s.Type == "MX" || slices.ContainsFunc(s.Fixes, func(code string) bool { return strings.HasPrefix(code, "mx.") })
			if aboutMX && (s.HasValues() || s.Action == report.ActionDecide) {
				changes = true
				said := s.Caution + s.Text
				for _, a := range s.Alternatives {
					said += a.Caution
				}
				for _, n := range s.After {
					said += p.plan.Steps[n-1].Text
				}
				minds = minds || strings.Contains(said, "max_age")
			}
		}
		if !changes || minds != c.minds {
			t.Errorf("%s, %s: minds cached policies %v, want %v", c.name, c.mx, minds, c.minds)
			for _, s := range p.plan.Steps {
				t.Logf("%d %s %v %s %q %v", s.Step, s.Action, s.Fixes, s.Name, s.Text, s.Add)
			}
		}
	}
}

// withID is the world of env with another id of the policy; "": without a record.
func withID(env *kit.Env, id string) dnsrec.Resolver {
	c := dnsrec.Change{Name: "_mta-sts.contoso.com", Type: dnsrec.TypeTXT}
	if id != "" {
		c.Values = []string{"v=STSv1; id=" + id}
	}
	return dnsrec.NewChanged(env.DNS, c)
}
