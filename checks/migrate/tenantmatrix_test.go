package migrate

import (
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// tenancy is the records of a domain in a tenant of a cloud.
type tenancy struct {
	cloud *kit.Cloud
	mx    string
	dkim  string // behind the label of the selector
}

// tenancies returns two tenants of each cloud that has hosts of its own.
func tenancies() (list []tenancy) {
	for _, id := range []string{"worldwide", "gcc-high", "china"} {
		c := kit.CloudByID(id)
		for _, name := range []string{"contoso-test", "fabrikam"} {
			list = append(list, tenancy{c, name + c.MX[0], "-contoso-test._domainkey." + name + c.Initial})
		}
	}
	return list
}

// live publishes what a domain in a tenant has.
func (x tenancy) live(w *simulated) {
	w.set(domain, "MX", 300, "0 "+x.mx)
	w.set(domain, "TXT", 300, "v=spf1 include:"+x.cloud.SPF+" -all")
	w.set("autodiscover."+domain, "CNAME", 300, x.cloud.Autodiscover)
	w.set("_dmarc."+domain, "TXT", 300, "v=DMARC1; p=reject; rua=mailto:d@"+domain)
	if x.cloud.Msoid != "" {
		w.set("msoid."+domain, "CNAME", 300, x.cloud.Msoid)
	}
	for _, s := range kit.Selectors() {
		w.set(s+"._domainkey."+domain, "CNAME", 300, s+x.dkim)
		w.set(s+x.dkim, "TXT", 300, key)
	}
}

// expected lists what a tenant expects.
func (x tenancy) expected() (list []Expected) {
	list = []Expected{{Name: domain, Type: "MX", Value: "0 " + x.mx}, {Name: "autodiscover." + domain, Type: "CNAME", Value: x.cloud.Autodiscover}}
	for _, s := range kit.Selectors() {
		list = append(list, Expected{Name: s + "._domainkey." + domain, Type: "CNAME", Value: s + x.dkim})
	}
	return list
}

// While the old tenant has the domain, its MX, DKIM, autodiscover and client records
// stay; the cut-over changes them after the new tenant has it, and is never GO without
// the MX host of the new tenant. That holds between all clouds, whatever is given.
func TestTenantMoveKeepsRecordsUntilCutover(t *testing.T) {
	for _, from := range tenancies() {
		for _, to := range tenancies() {
			if from == to {
				continue
			}
			name := from.mx + " to " + to.mx
			for given, o := range map[string]Options{
				"expected": {Tenant: true, Expected: to.expected()}, "expected only": {Expected: to.expected()},
				"MX and stage": {Stage: Before, MX: to.mx}, "no MX": {Tenant: true, Expected: to.expected()[1:]}, "nothing": {Tenant: true},
			} {
				w := newWorld()
				for _, x := range []tenancy{from, to} {
					w.set(x.mx, "A", 300, msIP)
					w.set(x.cloud.SPF, "TXT", 300, "v=spf1 ip4:40.92.0.0/15 -all")
					w.set(x.cloud.Autodiscover, "A", 300, "192.0.2.3")
				}
				from.live(w)
				w.now = start
				known := o.MX != "" || len(o.Expected) > 0 && o.Expected[0].Type == dnsrec.TypeMX
				same := from.cloud == to.cloud || given == "nothing" // then nothing shows which tenant has the domain
				r := w.assessIn(t, to.cloud.ID, o)
				if !same && r.Unknown || r.From.Kind != FromTenant || r.Stage.Moved() {
					t.Errorf("%s, %s: stage %s from %s", name, given, r.Stage, r.From.Kind)
				}
				at := func(typ, owner string) (p Phase, s report.Step) {
					for i, s := range r.Plan.Steps {
						if s.Type == typ && s.Name == owner {
							return r.Phases[i], s
						}
					}
					return "", s
				}
				for i, s := range r.Plan.Steps {
					of := func(code string) bool { return strings.HasPrefix(code, "mx.") || strings.HasPrefix(code, "clients.") }
					if r.Phases[i] == PhaseNow && s.Action != report.ActionRun && s.Type != "TXT" || r.Phases[i] == PhaseNow && slices.ContainsFunc(s.Fixes, of) && !same {
						t.Errorf("%s, %s: now: %+v", name, given, s)
					}
				}
				phase, mx := at("MX", domain+".")
				switch {
				case known && (phase != PhaseCutover || !slices.Equal(mx.Add, []string{"0 " + to.mx + "."}) || len(mx.After) == 0):
					t.Errorf("%s, %s: MX %s %+v", name, given, phase, mx)
				case !known && !same && phase != PhaseCutover:
					t.Errorf("%s, %s: no MX at the cut-over", name, given)
				}
				if !known && !same && !mx.HasValues() && *orFalse(r.Go) {
					t.Errorf("%s, %s: GO without an MX host", name, given)
				}
				if p, _ := at("CNAME", "selector1._domainkey."+domain+"."); len(o.Expected) > 0 && p != PhaseCutover {
					t.Errorf("%s, %s: DKIM %q", name, given, p)
				}
				if p, s := at("CNAME", "autodiscover."+domain+"."); !same && (p != PhaseCutover || !slices.Equal(s.Add, []string{to.cloud.Autodiscover + "."})) {
					t.Errorf("%s, %s: autodiscover %s %+v", name, given, p, s)
				}
			}
		}
	}
}
