package migrate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// A subdomain that a wildcard serves has its mail until the cut-over and after it, and the
// forecasts are true.
func TestMovesWhatWildcardsServe(t *testing.T) {
	t.Parallel()
	const lists = "lists." + domain
	const host = "lists-contoso-test.mail.protection.outlook.com"
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 4))
		pick := func(list ...string) string { return list[r.IntN(len(list))] }
		w := newWorld()
		w.set(host, "A", 300, "192.0.2.11")
		w.set("mail."+domain, "A", 300, oldIP)
		w.set("*."+domain, "MX", 300, pick("0 "+host, "10 mail."+domain, "10 mx.hoster.test"))
		if txt := pick("", "v=spf1 mx -all", "site-verification=1", "v=spf1 include:spf.protection.outlook.com -all"); txt != "" {
			w.set("*."+domain, "TXT", 300, txt)
		}
		if r.IntN(2) == 0 {
			w.set("*."+domain, "A", 300, "192.0.2.80")
		}
		w.set("_dmarc."+domain, "TXT", 300, pick("v=DMARC1; p=none; rua=mailto:d@"+domain, "v=DMARC1; p=reject; rua=mailto:d@"+domain))
		w.now = start
		of := w.assessWith(t, Options{Unasked: true}, func(e *kit.Env) { e.Domain = lists })
		was, _ := w.resolver().Lookup(t.Context(), dnsrec.Q(lists, "MX"))
		for _, phase := range Phases() {
			for i, s := range of.Plan.Steps {
				if of.Phases[i] != phase || !s.ChangesRecords() {
					continue
				}
				one := *of
				one.Plan.Steps, one.Phases = of.Plan.Steps[i:i+1], of.Phases[i:i+1]
				for _, set := range append(slices.Clone(s.Sets), reportSet(s)) {
					own, _ := latest(w.sets[q(dnsrec.Canonical(set.Name), set.Type)], w.now)
					if len(own.values) != len(set.Keep)+len(set.Remove) {
						t.Errorf("seed %d: step %d takes %s %s for %q %q, it has %q\n%s", seed, s.Step, set.Name, set.Type, set.Keep, set.Remove, own.values, strings.Join(steps(of), "\n"))
					}
				}
				w.take(&one, phase)
				is, err := w.resolver().Lookup(t.Context(), dnsrec.Q(lists, "MX"))
				if err != nil || len(is.Values) == 0 || phase == PhaseNow && len(s.Fixes) > 0 && !slices.Contains(s.Fixes, "mx.m365") && !slices.Equal(is.Values, was.Values) {
					t.Errorf("seed %d: after step %d mail goes to %v (%v), was %v\n%s", seed, s.Step, is.Values, err, was.Values, strings.Join(steps(of), "\n"))
				}
			}
		}
	}
}

// reportSet is the RRset of a step.
func reportSet(s report.Step) report.Set {
	return report.Set{Name: s.Name, Type: s.Type, Keep: s.Keep, Remove: s.Remove, Add: s.Add}
}
