package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
)

// sendingWorld is a domain of which Microsoft 365 may send directly.
type sendingWorld struct {
	mx, sender, all, policy string
	keys                    bool
}

func (c sendingWorld) build() *simulated {
	w, _ := spec{origin: FromOnPrem, prepared: c.keys}.build()
	w.set("spf.hornetsecurity.com", "TXT", 3600, "v=spf1 ip4:203.0.113.0/24 -all")
	w.set("_spf.mx.test", "TXT", 3600, "v=spf1 exists:%{i}._spf.mx.test -all")
	for _, h := range []string{"mx01.hornetsecurity.com", "mx.filter.test"} {
		w.set(h, "A", 300, oldIP)
	}
	w.set(domain, "MX", 300, "10 "+c.mx)
	w.set(domain, "TXT", 300, "v=spf1 "+c.sender+" ip4:"+oldIP+" "+c.all)
	w.set("_dmarc."+domain, "TXT", 300, "v=DMARC1; p="+c.policy+"; rua=mailto:d@"+domain)
	return w
}

// Mail that Microsoft 365 sends is decided about before the cut-over, whatever the
// records and the flags are: no step about it comes later, and there is no GO while
// receivers may reject it.
func TestSendingIsDecidedFirst(t *testing.T) {
	t.Parallel()
	n := 0
	for _, mx := range []string{"mx01.hornetsecurity.com", "mx.filter.test", "mail." + domain} {
		for _, sender := range []string{"include:spf.hornetsecurity.com", "include:_spf.mx.test", "", "include:spf.protection.outlook.com"} {
			for _, all := range []string{"-all", "~all"} {
				for _, policy := range []string{"none", "reject"} {
					for _, keys := range []bool{true, false} {
						for _, flags := range []string{"", "gateway", "hybrid", "tenant", "before", "prepared", "keep"} {
							c := sendingWorld{mx, sender, all, policy, keys}
							c.check(t, flags)
							n++
						}
					}
				}
			}
		}
	}
	t.Logf("%d worlds", n)
}

func (c sendingWorld) check(t *testing.T, flags string) {
	t.Helper()
	w := c.build()
	o := Options{Unasked: true, Hybrid: flags == "hybrid", Tenant: flags == "tenant"}
	switch flags {
	case "before", "prepared":
		o.Stage = Stage(flags)
	case "keep":
		o.Keep = []string{Outbound}
	}
	r := w.assessWith(t, o, func(e *kit.Env) {
		if flags == "gateway" || flags == "keep" {
			e.Gateways = []string{c.mx}
		}
	})
	text := func() string {
		return fmt.Sprintf("%+v %s: go %v\n%s", c, flags, *orFalse(r.Go), strings.Join(steps(r), "\n"))
	}
	for i, s := range r.Plan.Steps {
		p := r.Phases[i]
		late := p != PhaseNow && slices.ContainsFunc(s.Fixes, func(code string) bool { return ofSending(code) && !r.signsLater(code) })
		if late {
			t.Errorf("step %d is due %s: %s", s.Step, p, text())
		}
	}
	if r.Go == nil || !*r.Go {
		return
	}
	bySPF := c.sender == "include:spf.protection.outlook.com" || flags == "keep"
	if !bySPF && (c.all == "-all" || c.policy != "none" && !c.keys) {
		t.Errorf("GO, and receivers may reject: %s", text())
	}
	if r.Stage == Before && !r.Forced {
		t.Errorf("GO, and nothing is prepared: %s", text())
	}
}

// Who says that all mail leaves through the filter is not asked again, and gets a GO.
func TestFilterSendsAll(t *testing.T) {
	for _, policy := range []string{"none", "reject"} {
		c := sendingWorld{"mx01.hornetsecurity.com", "include:spf.hornetsecurity.com", "-all", policy, true}
		for keep, code := range map[string]int{"": 3, Outbound: 0} {
			r := c.build().assessWith(t, Options{Unasked: true, Keep: []string{keep}}, func(e *kit.Env) { e.Gateways = []string{c.mx} })
			asked := slices.ContainsFunc(r.stepsOf(PhaseNow), func(s report.Step) bool { return slices.Contains(s.Fixes, "spf.m365") })
			if r.ExitCode() != code || asked == (keep != "") || r.Stage != Prepared {
				t.Errorf("%s %q: exit code %d, stage %s\n%s", policy, keep, r.ExitCode(), r.Stage, strings.Join(steps(r), "\n"))
			}
		}
	}
}

// A host with the label of another domain is warned of before it is published: the
// forecast is not READY. The domain's own label, and one that cannot be known, are not.
func TestLabelOfGivenHost(t *testing.T) {
	for host, warns := range map[string]bool{
		target:                                      false,
		"contoso-test.a-v1.mx.microsoft":            false,
		"contosotest.a-v1.mx.microsoft":             true,
		"contoso-test0e.b-v1.mx.microsoft":          true,
		"fabrikam-test.mail.protection.outlook.com": true,
		"contoso.mail.protection.office365.us":      false, // named after the tenant
	} {
		for _, gateway := range []bool{false, true} {
			w, _ := spec{origin: FromOnPrem, prepared: true}.build()
			w.set(host, "A", 300, "192.0.2.12")
			r := w.assessWith(t, Options{Unasked: true, MX: host}, func(e *kit.Env) {
				if gateway {
					e.Gateways = []string{"mail." + domain}
				}
			})
			said := slices.ContainsFunc(r.Watch, func(s string) bool { return strings.Contains(s, "label") })
			for _, s := range r.stepsOf(PhaseCutover) {
				said = said || strings.Contains(s.Caution, "label")
			}
			if said != warns {
				t.Errorf("%s, gateway %v: warns %v\n%v", host, gateway, said, r.Watch)
			}
			for _, o := range r.Outlooks {
				if open := slices.Contains(o.Remaining, "mx.label"); o.Phase == PhaseCutover && !gateway && open != warns {
					t.Errorf("%s: forecast %v %v", host, o.Verdict, o.Remaining)
				}
			}
		}
	}
}
