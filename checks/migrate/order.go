package migrate

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// enableDKIM puts the command that begins to sign right after the steps that publish
// the selectors. It adds the command where the checks did not ask for it.
func (m *mover) enableDKIM(r *Report) {
	var after []int
	last, enabling := -1, -1
	for i, s := range r.Plan.Steps {
		switch {
		case kit.EnablesDKIM(s.Commands):
			enabling = i
		case isSelector(s):
			after, last = append(after, s.Step), i
		}
	}
	switch {
	case last < 0:
		return
	case enabling > last && r.Phases[enabling] == r.Phases[last]:
		r.place(r.Plan.Steps[enabling].Step, last+1)
		return
	case enabling >= 0:
		return
	}
	phase := PhaseNow
	if r.Phases[last] != PhaseNow { // the tenant that has the keys does not have the domain before
		phase = PhaseThen
	}
	n := r.put(report.Step{Owner: report.OwnerM365, Action: report.ActionRun, After: after, Commands: []string{kit.EnableDKIM(r.Domain)},
		Text: kit.WhenVisible}, phase)
	r.place(n, last+1)
}

// isSelector reports whether a step publishes a selector of Microsoft 365.
func isSelector(s report.Step) bool {
	return s.Type == string(dnsrec.TypeCNAME) && strings.HasPrefix(s.Name, "selector") && strings.Contains(s.Name, "._domainkey.")
}

// place moves a step to a place in the order. It keeps its number until all steps
// are numbered.
func (r *Report) place(number, at int) {
	i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return s.Step == number })
	s, p := r.Plan.Steps[i], r.Phases[i]
	r.drop(i)
	r.Plan.Steps, r.Phases = slices.Insert(r.Plan.Steps, at, s), slices.Insert(r.Phases, at, p)
}

// drop deletes the step at a place in the order.
func (r *Report) drop(i int) {
	r.Plan.Steps, r.Phases = slices.Delete(r.Plan.Steps, i, i+1), slices.Delete(r.Phases, i, i+1)
}

// dropIdle deletes the steps that only show values for steps that are not in the
// report.
func (r *Report) dropIdle() {
	for i := len(r.Plan.Steps) - 1; i >= 0; i-- {
		s := r.Plan.Steps[i]
		used := slices.ContainsFunc(r.Plan.Steps, func(o report.Step) bool { return slices.Contains(o.After, s.Step) })
		if showsOnly(s) && !used {
			r.drop(i)
		}
	}
}

// showsOnly reports whether a step only shows values that other steps need.
func showsOnly(s report.Step) bool {
	return len(s.Fixes) == 0 && len(s.Commands) > 0 &&
		!slices.ContainsFunc(s.Commands, func(c string) bool { return !strings.HasPrefix(c, "Get-") })
}

// reportsLater reports whether a step asks for an address of DMARC reports that a
// domain without mail does not have before the cut-over: then the plan knows one.
func (m *mover) reportsLater(r *Report, s report.Step) bool {
	return !r.Stage.Moved() && !s.HasValues() && only(s.Fixes, []string{"dmarc.rua"}) && !slices.ContainsFunc(m.inv.Targets, receives)
}
