package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// Own servers that stay beside Microsoft 365 in the MX records are no filter, and nothing
// is prepared for their removal; beside a filter, they bypass it.
func TestHybridServersAreNoFilter(t *testing.T) {
	for filter, decides := range map[string]bool{"": false, "filter.test": true} {
		w, _ := spec{origin: FromOnPrem, prepared: true, fault: "fine"}.build()
		w.set(domain, "MX", 3600, "0 "+target, "0 mail."+domain)
		w.set(domain, "TXT", 3600, "v=spf1 include:spf.protection.outlook.com mx -all")
		o := Options{Hybrid: true, Stage: Cutover}
		if filter != "" {
			w.set(domain, "MX", 3600, "0 "+target, "0 mail."+domain, "0 mx."+filter)
			w.set("mx."+filter, "A", 3600, "192.0.2.99")
		}
		r := w.assessWith(t, o, func(e *kit.Env) {
			if filter != "" {
				e.Gateways = []string{filter}
			}
		})
		got := slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "mx.bypass") })
		prepares := slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return s.HasValues() && len(s.Fixes) == 0 })
		if got != decides || prepares {
			t.Errorf("%q:\n%s", filter, strings.Join(steps(r), "\n"))
		}
	}
}

// Whether a mailbox is left is asked about hosts that exist.
func TestNoMailboxAtDeadHosts(t *testing.T) {
	for host, asks := range map[string]bool{"mail." + domain: true, "gone." + domain: false} {
		w, _ := spec{origin: FromOnPrem, prepared: true, fault: "fine"}.build()
		w.set(domain, "MX", 3600, "0 "+target, "10 "+host)
		r := w.assess(t, Options{})
		i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return slices.Contains(s.Fixes, "mx.leftover") })
		if i < 0 || (r.Plan.Steps[i].Action == report.ActionDecide) != asks {
			t.Errorf("%s:\n%s", host, strings.Join(steps(r), "\n"))
		}
	}
}
