package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit/kittest"
	"maildiag/report"
)

// The key of the old provider goes after its include, wherever that is, and whether or not
// receivers read it today: while the provider may send, its signatures must pass.
func TestLeftoverKeysWaitForTheirInclude(t *testing.T) {
	t.Parallel()
	txt := func(name, text string) string { return name + ` TXT "` + text + "\"\n" }
	const ms, google = "include:spf.protection.outlook.com", "include:_spf.google.com"
	spf := func(records ...string) (zone string) {
		for _, r := range records {
			zone += txt("contoso.com.", r)
		}
		return zone
	}
	for name, zone := range map[string]string{
		"alone":              spf("v=spf1 " + google + " " + ms + " -all"),
		"redirect":           spf("v=spf1 " + ms + " redirect=_spf.google.com"),
		"redirect only":      spf("v=spf1 redirect=_spf.google.com"),
		"doubled":            spf("v=spf1 "+ms+" -all", "v=spf1 "+google+" ~all"),
		"doubled, redirect":  spf("v=spf1 "+ms+" -all", "v=spf1 redirect=_spf.google.com"),
		"contradictory":      spf("v=spf1 "+ms+" -ip4:203.0.113.5 -all", "v=spf1 ip4:203.0.113.0/24 "+google+" ~all"),
		"glued":              spf("v=spf1 " + ms + " -all v=spf1 " + google + " ~all"),
		"behind all":         spf("v=spf1 " + ms + " -all " + google),
		"not valid":          spf("v=spf1 ip:203.0.113.9 " + ms + " " + google + " -all"),
		"in an own record":   spf("v=spf1 include:_s.contoso.com -all") + txt("_s.contoso.com.", "v=spf1 "+ms+" "+google+" -all"),
		"two own records":    spf("v=spf1 redirect=_s.contoso.com") + txt("_s.contoso.com.", "v=spf1 "+ms+" include:_t.contoso.com -all") + txt("_t.contoso.com.", "v=spf1 redirect=_spf.google.com"),
		"looks like another": spf("v=spf1 "+ms+" -all", "v=spf1; "+google+" ~all"),
	} {
		env, _ := kittest.NewEnv(t, "contoso.com", keyZone+txt("_spf.google.com.", "v=spf1 ip4:192.0.2.64/27 -all")+zone+
			"selector2._domainkey.contoso.com. CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.com.\n"+txt("google._domainkey.contoso.com.", liveKey))
		p := planFor(t, cached(env, false))
		p.hold(t)
		before := map[int]bool{}
		var wait func(n int)
		wait = func(n int) {
			for _, w := range p.plan.Steps[n-1].After {
				before[w] = true
				wait(w)
			}
		}
		key := slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "dkim.leftover") })
		if key < 0 {
			t.Fatalf("%s: no step for the key: %+v", name, p.plan.Steps)
		}
		wait(key + 1)
		for _, s := range p.plan.Steps {
			removes := slices.ContainsFunc(s.Alternatives, func(a report.Alternative) bool {
				return strings.Contains(strings.Join(a.Removed(), " "), "_spf.google.com") && !strings.Contains(strings.Join(a.Added(), " "), "_spf.google.com")
			})
			reads := slices.ContainsFunc(s.Fixes, func(c string) bool { return c == "spf.leftover" || c == "spf.multiple" || c == "spf.glued" })
			if (removes || reads) && !before[s.Step] {
				t.Errorf("%s: the key goes without waiting for step %d: %+v", name, s.Step, p.plan.Steps)
			}
		}
		if len(before) == 0 {
			t.Errorf("%s: the key waits for nothing: %+v", name, p.plan.Steps)
		}
	}
}
