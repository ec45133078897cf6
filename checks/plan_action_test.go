package checks

import (
	"slices"
	"strings"
	"testing"

	"maildiag/dnsrec"
	"maildiag/report"
)

// holdAction: what stands at a name is changed or removed, and named; only where
// nothing stands, or it stays, is anything added.
func (p planned) holdAction(t *testing.T, s report.Step) {
	t.Helper()
	name, typ := dnsrec.Canonical(s.Name), dnsrec.Type(s.Type)
	a, err := p.env.DNS.Lookup(t.Context(), dnsrec.Q(name, typ))
	wild, _ := p.env.DNS.Lookup(t.Context(), dnsrec.Q(dnsrec.Sibling(name), typ))
	if p.served(t, name) || err != nil || typ != dnsrec.TypeCNAME && len(a.CNAMEs) > 0 || name != p.env.Domain && slices.Equal(wild.Values, a.Values) && slices.Equal(wild.CNAMEs, a.CNAMEs) {
		return // it stands elsewhere
	}
	if added := s.Action == report.ActionAdd; added != (len(s.Remove) == 0) || added && len(s.Keep) != len(a.Values) {
		t.Errorf("%s: step %d says %s of %s %s, where %q stands: it keeps %q and removes %q", p.env.Domain, s.Step, s.Action, name, typ, a.Values, s.Keep, s.Remove)
	}
}

// A record that is wrong is changed, also where Microsoft assigns what takes its place.
func TestPlanChangesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const (
		good   = "selector1._domainkey.contoso.com. CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.\nselector1-contoso-com._domainkey.contoso.onmicrosoft.com. " + someKey
		second = "selector2._domainkey.contoso.com. "
		name   = "selector2._domainkey.contoso.com."
	)
	for _, c := range []struct {
		zone   string
		action report.Action
		known  bool // its new value
	}{
		{good, report.ActionAdd, true},
		{"", report.ActionAdd, false},
		{second + "CNAME selector2-contoso-com._domainkey.\n", report.ActionChange, false},
		{good + second + "CNAME selector2-contoso-com._domainkey.\n", report.ActionChange, true},
		{second + "CNAME selector2-contoso-com._domainkey.contoso.onmicrosoft.de.\n", report.ActionChange, false},
		{second + "CNAME selector2-fabrikam-com._domainkey.contoso.onmicrosoft.com.\n", report.ActionChange, false},
		{good + second + "CNAME selector2-fabrikam-com._domainkey.contoso.onmicrosoft.com.\n", report.ActionChange, true},
		{good + second + "CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.\n", report.ActionChange, true},
		{good + second + "CNAME gone.signer.example.\n", report.ActionChange, true},
		{second + "CNAME gone.signer.example.\n", report.ActionChange, false},
		{"*.contoso.com. CNAME web.example.\n", report.ActionAdd, false},
		{good + second + "CNAME selector2-contoso-com._domainkey.contso.onmicrosoft.com.\n", report.ActionChange, true},
		{ // what a change shows of another record
			strings.Replace(good, "CNAME selector1-contoso-com._domainkey.contoso.onmicrosoft.com.", `TXT "selector1-contoso-com._domainkey.contoso.onmicrosoft.com"`, 1) +
				second + "CNAME selector2-contoso-com._domainkey.contso.onmicrosoft.com.\n", report.ActionChange, true,
		},
	} {
		p := orderPlan(t, ourMX+ourSPF+someDMARC+c.zone)
		i := -1
		if p.plan != nil {
			i = slices.IndexFunc(p.plan.Steps, func(s report.Step) bool { return s.Name == name && s.Type == "CNAME" })
		}
		if i < 0 {
			t.Errorf("%q: no step", c.zone)
			continue
		}
		if s := p.plan.Steps[i]; s.Action != c.action || s.HasValues() != c.known {
			t.Errorf("%q: step %+v, want %s, known %v", c.zone, s, c.action, c.known)
		}
	}
}
