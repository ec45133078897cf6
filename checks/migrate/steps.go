package migrate

import (
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// leftovers are the findings about records of the old server that may stay until
// nothing is under way any more.
var leftovers = []string{"spf.leftover", "dkim.leftover", "clients.skype", "autodiscover.srv"}

func isLeftover(f report.Finding) bool {
	return slices.Contains(leftovers, f.Code) && (f.Status == report.Warn || f.Status == report.Fail)
}

// atCutover are the findings that the cut-over ends.
var atCutover = []string{"mx.m365", "mx.none", "mx.unreachable", "mx.null", "mx.record", "mx.provider", "mx.leftover", "autodiscover.target"}

// blocking are the checks whose failures lose or junk mail when the domain is cut
// over. What fails in other checks fails the same without the move.
var blocking = []string{"domain", "mx", "spf", "dkim", "mtasts", "dane"}

// blocks reports whether a finding keeps mail from arriving, or from being
// accepted, once the domain is at Microsoft 365.
func blocks(f report.Finding) bool {
	return f.Status == report.Fail && (slices.Contains(blocking, f.Check) || f.Code == "dmarc.m365") && !isLeftover(f)
}

// fails reports whether a finding is a failure of something that is required.
func fails(f report.Finding) bool { return f.Status == report.Fail && !isLeftover(f) }

// plan composes the steps: what the checks ask for today, the cut-over, and what
// they ask for after it.
func (m *mover) plan(r *Report, now examined) {
	r.repairServers()
	r.take(now.plan, func(s report.Step) Phase { return m.phaseOf(r, s) })
	m.expectedSteps(r)
	m.correctMX(r)
	m.repairMX(r, now)
	if !r.Stage.Moved() {
		m.leaveParking(r)
	}
	m.writeOut(r)
	var after examined
	if !r.Stage.Moved() {
		m.lowerTTL(r)
		m.tenantSteps(r)
		for _, s := range m.cutover(r) {
			r.supersede(s)
			r.put(s, PhaseCutover)
		}
		after = m.look(r, PhaseCutover)
		r.take(after.plan, func(s report.Step) Phase {
			if m.inventedBy(r, s) {
				return ""
			}
			return m.afterwards(r, s)
		})
		m.enableDKIM(r)
		m.promote(r, m.tried(r).findings)
	} else {
		m.promote(r, now.findings)
	}
	r.dropIdle()
	for i := range r.Plan.Steps {
		m.widen(r, &r.Plan.Steps[i])
		m.askMailboxes(r, i)
		r.warnSigner(&r.Plan.Steps[i])
		r.postpone(i)
	}
	if r.Stage.Moved() {
		r.Remnants = m.remnants(r, now)
		r.askRemnants(r.Remnants)
	} else {
		m.oldServers(r, after)
	}
	m.narrow(r)
	m.outlooks(r)
	r.number()
	r.conclude()
}

// correctMX adds the change from a host that does not exist, or that is not the one
// that the user gave.
func (m *mover) correctMX(r *Report) {
	if !r.Stage.Moved() {
		return
	}
	if s, ok := m.respell(r); ok {
		r.place(r.put(s, PhaseNow), 0) // until then, mail is lost
	} else if s, ok := m.replaceMX(r); ok {
		m.takeOver(r, &s)
		if otherLabel(r.Domain, kit.ReadMX("0 "+r.MX.Host)) != "" || m.inv.otherCloud(r.Cloud) {
			onlyIf(&s, "Decide whether the tenant that shows "+r.MX.Host+" has the domain: a tenant without it rejects its mail.", "if its admin center lists "+r.Domain+" as set up")
		}
		r.put(s, PhaseNow)
	}
}

// takeOver makes one change of the MX records: what other steps delete goes with it, and
// the host that the user gave takes the place of theirs.
func (m *mover) takeOver(r *Report, s *report.Step) {
	for i := len(r.Plan.Steps) - 1; i >= 0; i-- {
		o := r.Plan.Steps[i]
		if r.Phases[i] != PhaseNow || !m.changesMX(o) {
			continue
		}
		for _, v := range o.Remove {
			if !slices.Contains(s.Remove, v) {
				s.Remove = append(s.Remove, v)
			}
		}
		s.Keep = slices.DeleteFunc(s.Keep, func(v string) bool { return slices.Contains(s.Remove, v) })
		for _, c := range o.Fixes {
			if !slices.Contains(s.Fixes, c) {
				s.Fixes = append(s.Fixes, c)
			}
		}
		r.drop(i)
	}
}

// cleans reports whether a step that can be tried is due when the old server is
// switched off.
func (r *Report) cleans() bool {
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == PhaseKeep && s.HasValues() {
			return true
		}
	}
	return false
}

// conclude makes the last outlook the result of the plan. It is proven if every
// step could be tried.
func (r *Report) conclude() {
	last := r.Outlooks[len(r.Outlooks)-1]
	r.Plan.Result = report.PlanResult{Verdict: last.Verdict, Fail: last.Fail, Warn: last.Warn, Remaining: last.Remaining}
	r.Plan.Proven = last.Verdict != report.CouldNotTell && !slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return s.ChangesRecords() && !s.HasValues() })
}

// phaseOf says when a step is due that the checks ask for today.
func (m *mover) phaseOf(r *Report, s report.Step) Phase {
	switch {
	case (!r.Stage.Moved() || len(m.inv.Misspelt) > 0) && m.changesMX(s):
		return ""
	case m.opts.Hybrid && r.Stage.Moved() && len(s.Fixes) == 0 && s.HasValues(): // it prepares the removal of MX records
		return ""
	case m.staysHybrid(s) || m.confirms(s) || m.keepsTerm(s) || m.settles(r, s):
		return ""
	case s.Action == report.ActionDecide && !slices.ContainsFunc(s.Fixes, dueNow) || s.Action == report.ActionRun && only(s.Fixes, []string{"dmarc.policy"}):
		return PhaseLater
	case m.reportsLater(r, s):
		return ""
	case slices.ContainsFunc(s.Fixes, r.signsLater): // what the new tenant needs, the world after the cut-over shows
		return ""
	case r.ofClients(s):
		return PhaseThen
	case !r.Stage.Moved() && only(s.Fixes, atCutover):
		return ""
	case only(s.Fixes, leftovers):
		return PhaseKeep
	}
	return PhaseNow
}

// staying are the findings about records that stay with own servers that stay.
var staying = []string{"autodiscover.target", "autodiscover.srv", "mx.leftover"}

// staysHybrid reports whether a step is about no more than own servers that the user says
// stay. Beside Microsoft 365 in the MX records, they are no filter that is bypassed.
func (m *mover) staysHybrid(s report.Step) bool {
	return m.opts.Hybrid && (only(s.Fixes, staying) || !m.gateway && only(s.Fixes, []string{"mx.bypass"}))
}

// dueNow reports whether a finding is about where mail arrives, or about mail that
// Microsoft 365 sends: such a decision is part of the move, and does not wait for reports.
func dueNow(code string) bool { return strings.HasPrefix(code, "mx.") || ofSending(code) }

// confirms reports whether a step only asks to compare an MX host with the admin
// center, and the user gave the host from there, or asks how mail leaves, and the user
// says so.
func (m *mover) confirms(s report.Step) bool {
	return m.opts.MX != "" && only(s.Fixes, []string{"mx.label"}) && strings.HasPrefix(s.Text, m.opts.MX+" ") || m.confirmed(s.Fixes...)
}

// afterwards says when a step is due that the checks ask for after the cut-over.
// What they ask for today as well has its place.
func (m *mover) afterwards(r *Report, s report.Step) Phase {
	switch {
	case m.changesMX(s) || m.staysHybrid(s) || m.confirms(s) || m.keepsTerm(s):
		return ""
	case only(s.Fixes, atCutover) && !slices.Contains(s.Fixes, "autodiscover.target"):
		return ""
	case only(s.Fixes, leftovers):
		return PhaseKeep
	case r.shows(s):
		return PhaseNow
	case len(s.Fixes) == 0 || r.mentions(s.Fixes):
		return ""
	case slices.ContainsFunc(s.Fixes, r.signsLater):
		return PhaseThen
	case slices.ContainsFunc(s.Fixes, beforehand):
		return PhaseNow
	case s.Action == report.ActionDecide:
		return PhaseLater
	}
	return PhaseThen
}

// changesMX reports whether a step changes the MX records of the domain, which
// is for the cut-over alone.
func (m *mover) changesMX(s report.Step) bool {
	return s.ChangesRecords() && s.Type == string(dnsrec.TypeMX) && dnsrec.Canonical(s.Name) == m.env.Domain
}

// shows reports whether a step only shows values that other steps need, and is not
// in the report yet.
func (r *Report) shows(s report.Step) bool {
	return showsOnly(s) && !slices.ContainsFunc(r.Plan.Steps, func(o report.Step) bool { return slices.Equal(o.Commands, s.Commands) })
}

// promote brings forward the steps that end what loses mail at Microsoft 365
// according to findings, and those that they wait for.
func (m *mover) promote(r *Report, findings []report.Finding) {
	against := map[string]bool{}
	for _, f := range findings {
		against[f.Code] = against[f.Code] || blocks(f) && !slices.Contains(atCutover, f.Code) && !r.signsLater(f.Code)
	}
	for i := len(r.Plan.Steps) - 1; i >= 0; i-- { // a step waits for earlier ones only
		s := r.Plan.Steps[i]
		if slices.ContainsFunc(s.Fixes, r.signsLater) || !slices.ContainsFunc(s.Fixes, func(c string) bool { return against[c] }) && !r.awaited(s.Step) {
			continue
		}
		if r.Phases[i] != PhaseNow && r.Phases[i] != PhaseCutover {
			r.Phases[i] = PhaseNow
		}
	}
}

// postpone takes the values out of a step that changes the SPF record later, if what
// the record will be by then is for a person to decide: they would undo it.
func (r *Report) postpone(i int) {
	s := &r.Plan.Steps[i]
	open := slices.ContainsFunc(r.Plan.Steps, func(o report.Step) bool {
		return !o.HasValues() && slices.ContainsFunc(o.Fixes, func(c string) bool { return strings.HasPrefix(c, "spf.") })
	})
	if !open || r.Phases[i] != PhaseKeep || s.Type != string(dnsrec.TypeTXT) || dnsrec.Canonical(s.Name) != r.Domain {
		return
	}
	*s = report.Step{Step: s.Step, Owner: s.Owner, After: s.After, Action: report.ActionRun, Fixes: s.Fixes,
		Text: s.Text + " Run maildiag again then: it shows the change of the SPF record as it is by that time."}
}

// awaited reports whether a step that is due now waits for the one of a number.
func (r *Report) awaited(number int) bool {
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == PhaseNow && slices.Contains(s.After, number) {
			return true
		}
	}
	return false
}

// only reports whether there are codes, and all are in a list.
func only(codes, list []string) bool {
	return len(codes) > 0 && !slices.ContainsFunc(codes, func(c string) bool { return !slices.Contains(list, c) })
}

// mentions reports whether steps of the report end one of the codes.
func (r *Report) mentions(codes []string) bool {
	return slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool {
		return slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(s.Fixes, c) })
	})
}

// take puts the steps of a plan into their phases. A step does not wait for one
// that is left out.
func (r *Report) take(p *report.Plan, phase func(report.Step) Phase) {
	if p == nil {
		return
	}
	at := map[int]int{} // number in p → number in r
	for _, s := range p.Steps {
		s = decided(s)
		ph := phase(s)
		if ph == "" || r.early(s) || r.repeats(s) || s.ChangesRecords() && r.disputed(s.Name) {
			continue
		}
		var after []int
		for _, n := range s.After {
			if at[n] > 0 {
				after = append(after, at[n])
			}
		}
		number := s.Step
		s.After = after
		r.fill(&s)
		at[number] = r.put(s, ph)
	}
}

// early reports whether a step is about mail of Microsoft 365 that receivers reject
// today, of which there is none before the move is prepared.
func (r *Report) early(s report.Step) bool {
	return r.unsent() && s.Action == report.ActionDecide && only(s.Fixes, []string{"dmarc.m365"})
}

// unsent reports whether Microsoft 365 sends nothing for the domain yet.
func (r *Report) unsent() bool { return r.Stage == Before && r.From.Kind != FromTenant }

// repeats reports whether a step changes records as another one does already.
func (r *Report) repeats(s report.Step) bool {
	return s.HasValues() && slices.ContainsFunc(r.Plan.Steps, func(o report.Step) bool {
		return o.Name == s.Name && o.Type == s.Type && slices.Equal(o.Add, s.Add) && slices.Equal(o.Remove, s.Remove)
	})
}

// supersede drops a step that a step of the cut-over repeats: what goes then does not
// go later as well.
func (r *Report) supersede(s report.Step) {
	for i := len(r.Plan.Steps) - 1; i >= 0; i-- {
		if o := r.Plan.Steps[i]; r.Phases[i] == PhaseKeep && o.Name == s.Name && o.Type == s.Type && slices.Equal(o.Remove, s.Remove) && slices.Equal(o.Add, s.Add) {
			r.drop(i)
		}
	}
}

// warnSigner warns of taking away a key that mail of today may be signed with.
func (r *Report) warnSigner(s *report.Step) {
	key := func(typ string, removed []string) bool { return typ == string(dnsrec.TypeTXT) && len(removed) > 0 }
	goes := key(s.Type, s.Remove) && len(s.Add) == 0 || slices.ContainsFunc(s.Sets, func(o report.Set) bool { return key(o.Type, o.Remove) })
	if r.Stage.Moved() || !goes || !strings.Contains(s.Name, "._domainkey.") {
		return
	}
	s.Text += " If the mail system of today signs with this selector, give it a different one first: its signatures fail without this key."
}

// decided returns a step about records that are left over without its question:
// its phase is the answer, for it comes when nothing is sent from there any more.
func decided(s report.Step) report.Step {
	i := slices.IndexFunc(s.Alternatives, func(a report.Alternative) bool { return len(a.Remove) > 0 })
	if s.Action != report.ActionDecide || i < 0 || !only(s.Fixes, leftovers) {
		return s
	}
	a := s.Alternatives[i]
	s.Action, s.Remove, s.Add, s.Alternatives = report.ActionChange, a.Remove, a.Add, nil
	s.Text, s.Caution = s.Text+" "+conditional(a), strings.TrimSpace(s.Caution+" "+a.Caution)
	if len(a.Add) == 0 {
		s.Action = report.ActionRemove
	}
	return s
}

// conditional says an alternative as a sentence with its condition.
func conditional(a report.Alternative) string {
	if a.Text == "" {
		return "Do this " + a.Label + "."
	}
	return strings.ToUpper(a.Label[:1]) + a.Label[1:] + ", " + strings.ToLower(a.Text[:1]) + a.Text[1:]
}

// fill sets the value of a step to the one that the tenant expects, where it was not known.
func (r *Report) fill(s *report.Step) {
	if !s.ChangesRecords() || s.HasValues() {
		return
	}
	for _, e := range r.Expected {
		if e.Name == dnsrec.Canonical(s.Name) && string(e.Type) == s.Type && e.Type == dnsrec.TypeCNAME {
			s.Add = []string{e.Value + "."}
			s.TTL = int(highTTL / time.Second)
			s.Text = "This is the value in your file of expected records."
		}
	}
}

// changes returns what the steps change by the end of a phase, in its order.
func (r *Report) changes(end Phase) (changes []dnsrec.Change) {
	for _, p := range Phases()[:slices.Index(Phases(), end)+1] {
		for i, s := range r.Plan.Steps {
			if r.Phases[i] == p && s.HasValues() {
				for _, o := range s.Sets {
					changes = dnsrec.WithChange(changes, changeOf(report.Step{Name: o.Name, Type: o.Type, Keep: o.Keep, Add: o.Add, Cut: s.Cut}))
				}
				changes = dnsrec.WithChange(changes, changeOf(s))
			}
		}
	}
	return changes
}

// put adds a step, under a number that is right within this report.
func (r *Report) put(s report.Step, p Phase) int {
	s.Step = 1
	for _, o := range r.Plan.Steps { // some may have been dropped
		s.Step = max(s.Step, o.Step+1)
	}
	r.Plan.Steps, r.Phases = append(r.Plan.Steps, s), append(r.Phases, p)
	return s.Step
}

// number orders the steps by phase.
func (r *Report) number() {
	at := map[int]int{}
	var steps []report.Step
	var phases []Phase
	for _, p := range Phases() {
		for i, s := range r.Plan.Steps {
			if r.Phases[i] == p {
				at[s.Step] = len(steps) + 1
				steps, phases = append(steps, s), append(phases, p)
			}
		}
	}
	for i := range steps {
		steps[i].Step = i + 1
		steps[i].After = slices.Clone(steps[i].After)
		for j, n := range steps[i].After {
			steps[i].After[j] = at[n]
		}
		slices.Sort(steps[i].After)
	}
	r.Plan.Steps, r.Phases = steps, phases
	for i := range r.Outlooks {
		r.Outlooks[i].Steps, r.Outlooks[i].Undecided = r.upTo(r.Outlooks[i].Phase)
	}
}

// changeOf returns a step as a change of the world.
func changeOf(s report.Step) dnsrec.Change {
	c := dnsrec.Change{Name: dnsrec.Canonical(s.Name), Type: dnsrec.Type(s.Type), TTL: time.Duration(s.TTL) * time.Second, Cut: s.Cut}
	for _, v := range s.Published() {
		if c.Type != dnsrec.TypeTXT && v != "." && !strings.HasSuffix(v, " .") {
			v = strings.TrimSuffix(v, ".")
		}
		c.Values = append(c.Values, v)
	}
	return c
}

// lowTTL is the TTL that records should have at a cut-over.
const lowTTL = 5 * time.Minute

// highTTL is the longest TTL with which a cut-over is over soon.
const highTTL = time.Hour
