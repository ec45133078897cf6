package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/report"
)

// What the tenant expects and is not published is never GO where mail depends on
// it, and a step of the plan publishes it, or the cut-over does.
func TestExpectedRecordsHaveSteps(t *testing.T) {
	const right, wrong = "selector1-contoso-test._domainkey.contoso.n-v1.dkim.mail.microsoft", "selector1-contoso-test._domainkey.fabrikam.onmicrosoft.com"
	selector := "selector1._domainkey." + domain
	sip := Expected{Name: "_sipfederationtls._tcp." + domain, Type: "SRV", Value: "100 1 5061 sipfed.online.lync.com"}
	for name, c := range map[string]struct {
		expected Expected
		set      func(*simulated)
		safe     bool
		phase    Phase // of the step; empty: there is none
	}{
		"published":      {Expected{Name: selector, Type: "CNAME", Value: right}, nil, true, ""},
		"another tenant": {Expected{Name: selector, Type: "CNAME", Value: wrong}, nil, false, PhaseNow},
		"no alias":       {Expected{Name: selector, Type: "CNAME", Value: right}, func(w *simulated) { w.set(selector, "CNAME", 300) }, false, PhaseNow},
		"proof":          {Expected{Name: domain, Type: "TXT", Value: "MS=ms12345678"}, nil, false, PhaseNow},
		"another proof": {Expected{Name: domain, Type: "TXT", Value: "MS=ms12345678"}, func(w *simulated) {
			w.set(domain, "TXT", 300, "MS=ms1", "v=spf1 include:_spf.google.com include:spf.protection.outlook.com ~all")
		}, false, PhaseNow},
		"another service":     {sip, nil, true, PhaseNow},
		"service in use":      {sip, func(w *simulated) { w.set(sip.Name, "SRV", 300, "0 0 5061 sip."+domain) }, true, PhaseCutover},
		"client name in use":  {Expected{Name: "lyncdiscover." + domain, Type: "CNAME", Value: "webdir.online.lync.com"}, func(w *simulated) { w.set("lyncdiscover."+domain, "CNAME", 300, "lync.hoster.test") }, true, PhaseCutover},
		"MX":                  {Expected{Name: domain, Type: "MX", Value: "0 " + target}, nil, true, ""},
		"SPF":                 {Expected{Name: domain, Type: "TXT", Value: "v=spf1 include:spf.protection.outlook.com -all"}, nil, true, ""},
		"a name with address": {Expected{Name: "sip." + domain, Type: "CNAME", Value: "sipdir.online.lync.com"}, func(w *simulated) { w.set("sip."+domain, "A", 300, oldIP) }, true, PhaseCutover},
	} {
		w, _ := spec{origin: FromGoogle, prepared: true}.build()
		if c.set != nil {
			c.set(w)
		}
		w.now = start.Add(1)
		r := w.assess(t, Options{Expected: []Expected{c.expected}})
		if *orFalse(r.Go) != c.safe || r.Unknown {
			t.Errorf("%s: go %v\n%s", name, *orFalse(r.Go), strings.Join(steps(r), "\n"))
		}
		var at Phase
		for i, s := range r.Plan.Steps {
			if slices.Contains(s.Add, c.expected.written()[0]) && s.Type != "MX" || s.Action == report.ActionRun && strings.Contains(s.Text, c.expected.Value) {
				at = r.Phases[i]
			}
		}
		if at != c.phase {
			t.Errorf("%s: published %q, want %q\n%s", name, at, c.phase, strings.Join(steps(r), "\n"))
		}
		for _, x := range r.Reasons {
			if x.Step == 0 {
				t.Errorf("%s: no step ends %v", name, x)
			}
		}
	}
}
