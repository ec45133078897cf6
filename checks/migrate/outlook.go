package migrate

import (
	"reflect"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Outlook is how the checks will judge the domain after some steps.
type Outlook struct {
	Phase     Phase          `json:"after"`
	Steps     []int          `json:"steps"`
	Undecided []int          `json:"undecided,omitempty"` // steps that a person decides, which are taken as not taken
	Verdict   report.Verdict `json:"verdict"`
	Fail      int            `json:"fail"`
	Warn      int            `json:"warn"`
	Remaining []string       `json:"remaining"`
}

// look judges the world at the end of a phase, as the steps are by now.
func (m *mover) look(r *Report, p Phase) examined {
	changes := r.changes(p)
	if p != PhaseNow {
		changes = slices.Concat(changes, m.standIn(r), m.keysGone(r))
	}
	if seen, ok := m.looks[p]; ok && reflect.DeepEqual(seen.changes, changes) {
		return seen.world
	}
	if m.looks == nil {
		m.looks = map[Phase]looked{}
	}
	m.looks[p] = looked{changes, m.examine(changes, p == PhaseCutover)}
	return m.looks[p].world
}

// keysGone returns the changes that the old tenant makes: it no longer publishes the
// keys of a domain that it does not have.
func (m *mover) keysGone(r *Report) (changes []dnsrec.Change) {
	if r.From.Kind != FromTenant || r.Stage.Moved() {
		return nil
	}
	for _, s := range m.inv.Selectors {
		if n := len(s.Answer.CNAMEs); s.Microsoft && n > 0 {
			changes = append(changes, dnsrec.Change{Name: s.Answer.CNAMEs[n-1], Type: dnsrec.TypeTXT})
		}
	}
	return changes
}

// looked is a world after some changes.
type looked struct {
	changes []dnsrec.Change
	world   examined
}

// outlooks notes how the checks will judge the domain at the end of the phases, when
// all steps are known.
func (m *mover) outlooks(r *Report) {
	m.outlook(r, PhaseNow)
	if !r.Stage.Moved() {
		m.outlook(r, PhaseCutover)
	}
	if r.cleans() {
		m.outlook(r, PhaseKeep)
	}
}

// outlook judges the world at the end of a phase, and notes the result. What steps
// with values that are not known yet, or commands, will have ended does not count.
func (m *mover) outlook(r *Report, p Phase) {
	x := m.look(r, p)
	var counts report.Counts
	o := Outlook{Phase: p}
	for i := range x.findings {
		f := &x.findings[i]
		bad := f.Status == report.Fail || f.Status == report.Warn
		if bad && r.endsUnproven(f, p) {
			continue
		}
		counts.Add(f)
		if bad && !slices.Contains(o.Remaining, f.Code) {
			o.Remaining = append(o.Remaining, f.Code)
		}
	}
	o.Verdict, o.Fail, o.Warn = counts.Verdict(x.cut), counts.Fail, counts.Warn
	r.Outlooks = append(r.Outlooks, o)
}

// endsUnproven reports whether a step whose effect cannot be tried ends a finding by the
// end of a phase. One that a person decides about, or that waits for such a decision, is
// taken as not taken.
func (r *Report) endsUnproven(f *report.Finding, end Phase) bool {
	ends := false
	for i, s := range r.Plan.Steps {
		if s.HasValues() || !slices.Contains(s.Fixes, f.Code) {
			continue
		}
		about := len(s.About) == 0 || slices.ContainsFunc(s.About, func(why string) bool { return strings.Contains(why, f.Subject) })
		if s.Action == report.ActionDecide && about {
			return false
		}
		ends = ends || !r.undecided(s, len(r.Plan.Steps)) && slices.Index(Phases(), r.Phases[i]) <= slices.Index(Phases(), end)
	}
	return ends
}

// undecided reports whether a step is a decision, or waits for one.
func (r *Report) undecided(s report.Step, depth int) bool {
	return s.Action == report.ActionDecide || depth > 0 && slices.ContainsFunc(s.After, func(n int) bool {
		return slices.ContainsFunc(r.Plan.Steps, func(o report.Step) bool { return o.Step == n && r.undecided(o, depth-1) })
	})
}

// upTo returns the numbers of the steps that are taken by the end of a phase, and of
// those that are left to a decision.
func (r *Report) upTo(end Phase) (numbers, undecided []int) {
	for i, s := range r.Plan.Steps {
		switch {
		case slices.Index(Phases(), r.Phases[i]) > slices.Index(Phases(), end):
		case s.Action == report.ActionDecide:
			undecided = append(undecided, s.Step)
		default:
			numbers = append(numbers, s.Step)
		}
	}
	return numbers, undecided
}

// standInAddress is one of the addresses that Microsoft 365 receives mail at.
const standInAddress = "52.101.0.1"

// standIn returns the changes that let mail arrive at Microsoft 365 by a host that
// stands for the one that nobody knows yet: what follows from the MX change does not
// depend on its name.
func (m *mover) standIn(r *Report) []dnsrec.Change {
	i := slices.IndexFunc(r.Plan.Steps, func(s report.Step) bool { return m.changesMX(s) && !s.HasValues() })
	if i < 0 || r.Phases[i] != PhaseCutover || m.inv.MX.Err != nil || r.MX.Answer.Err != nil {
		return nil
	}
	host := m.standInHost(r)
	s := r.Plan.Steps[i]
	s.Add = []string{"0 " + kit.FQDN(host)}
	return []dnsrec.Change{changeOf(s), {Name: host, Type: dnsrec.TypeA, Values: []string{standInAddress}, TTL: lowTTL}}
}

// standInHost returns the name of the host of [mover.standIn].
func (m *mover) standInHost(r *Report) string {
	if r.MX.Host != "" {
		return r.MX.Host
	}
	return kit.MXToken(r.Domain) + r.Cloud.MX[0]
}

// inventedBy reports whether a step rests on the host that stands for one that is not
// known: it names that host, or is about a policy that lists hosts.
func (m *mover) inventedBy(r *Report, s report.Step) bool {
	if len(m.standIn(r)) == 0 {
		return false
	}
	if slices.ContainsFunc(s.Fixes, listsHosts) {
		return true
	}
	texts := slices.Concat([]string{s.Text, s.Caution}, s.About, s.Add, s.Remove, s.Keep, s.Commands)
	for _, a := range s.Alternatives {
		texts = append(texts, slices.Concat([]string{a.Text}, a.Add)...)
	}
	host := m.standInHost(r)
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, host) || strings.Contains(t, standInAddress) })
}

// listsHosts reports whether a finding is about a policy that lists the MX hosts, or
// their keys.
func listsHosts(code string) bool {
	return strings.HasPrefix(code, "mtasts.") || strings.HasPrefix(code, "dane.")
}

// settles reports whether the cut-over makes a decision about MX records idle: it takes
// all of them away, or the one that the decision is about.
func (m *mover) settles(r *Report, s report.Step) bool {
	if r.Stage.Moved() || r.Stays || !only(s.Fixes, []string{"mx.bypass", "mx.label", "mx.cloud"}) {
		return false
	}
	mx, moves := m.moveMX(r)
	return moves && !slices.ContainsFunc(s.Fixes, func(c string) bool { return c != "mx.bypass" && !slices.Contains(mx.Fixes, c) })
}
