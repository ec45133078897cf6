package migrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// leftovers are the findings about records of the old server that may stay until
// nothing is under way any more.
var leftovers = []string{"spf.leftover", "dkim.leftover", "clients.skype", "autodiscover.srv"}

func isLeftover(f report.Finding) bool {
	return slices.Contains(leftovers, f.Code) && (f.Status == report.Warn || f.Status == report.Fail)
}

// atCutover are the findings that the cut-over ends.
var atCutover = []string{"mx.m365", "mx.none", "mx.null", "mx.record", "mx.provider", "autodiscover.target"}

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
	r.take(now.plan, func(s report.Step) Phase { return m.phaseOf(r, s) })
	m.outlook(r, PhaseNow)
	if !r.Stage.moved() {
		m.lowerTTL(r)
		for _, s := range m.cutover(r) {
			r.put(s, PhaseCutover)
		}
		after := m.outlook(r, PhaseCutover)
		r.take(after.plan, func(s report.Step) Phase { return m.afterwards(r, s) })
	}
	m.oldServers(r)
	if r.cleans() {
		m.outlook(r, PhaseKeep)
	}
	r.number()
	r.conclude()
}

// cleans reports whether a step that can be tried is due when the old server is
// switched off.
func (r *Report) cleans() bool {
	for i, s := range r.Plan.Steps {
		if r.Phases[i] == PhaseKeep && known(s) {
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
	r.Plan.Proven = last.Verdict != report.CouldNotTell && !slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool { return s.ChangesRecords() && !known(s) })
}

// phaseOf says when a step is due that the checks ask for today.
func (m *mover) phaseOf(r *Report, s report.Step) Phase {
	switch {
	case s.Action == report.ActionDecide && !slices.Contains(s.Fixes, "mx.m365"):
		return PhaseLater
	case !r.Stage.moved() && len(s.Fixes) > 0 && only(s.Fixes, atCutover):
		return ""
	case len(s.Fixes) > 0 && only(s.Fixes, leftovers):
		return PhaseKeep
	case m.opts.Hybrid && len(s.Fixes) > 0 && only(s.Fixes, []string{"autodiscover.target", "autodiscover.srv", "mx.leftover"}):
		return ""
	}
	return PhaseNow
}

// afterwards says when a step is due that the checks ask for after the cut-over.
// What they ask for today as well has its place.
func (m *mover) afterwards(r *Report, s report.Step) Phase {
	switch {
	case len(s.Fixes) > 0 && only(s.Fixes, leftovers):
		return PhaseKeep
	case len(s.Fixes) == 0 || r.mentions(s.Fixes):
		return ""
	case slices.ContainsFunc(s.Fixes, beforehand):
		return PhaseNow
	case m.opts.Hybrid && only(s.Fixes, []string{"autodiscover.target", "mx.leftover"}):
		return ""
	case s.Action == report.ActionDecide:
		return PhaseLater
	}
	return PhaseThen
}

// beforehand reports whether a finding that the cut-over would cause must be ended
// before it: senders that enforce a policy do not deliver to hosts outside of it.
func beforehand(code string) bool {
	return strings.HasPrefix(code, "mtasts.") || strings.HasPrefix(code, "dane.")
}

// only reports whether all codes are in a list.
func only(codes, list []string) bool {
	return !slices.ContainsFunc(codes, func(c string) bool { return !slices.Contains(list, c) })
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
		if ph == "" {
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

// decided returns a step about records that are left over without its question:
// its phase is the answer, for it comes when nothing is sent from there any more.
func decided(s report.Step) report.Step {
	i := slices.IndexFunc(s.Alternatives, func(a report.Alternative) bool { return len(a.Remove) > 0 })
	if s.Action != report.ActionDecide || i < 0 || len(s.Fixes) == 0 || !only(s.Fixes, leftovers) {
		return s
	}
	a := s.Alternatives[i]
	s.Action, s.Remove, s.Add, s.Alternatives = report.ActionChange, a.Remove, a.Add, nil
	if len(a.Add) == 0 {
		s.Action = report.ActionRemove
	}
	return s
}

// fill sets the value of a step to the one that the tenant expects, where it was not known.
func (r *Report) fill(s *report.Step) {
	if !s.ChangesRecords() || known(*s) {
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
			if r.Phases[i] == p && known(s) {
				changes = with(changes, changeOf(s))
			}
		}
	}
	return changes
}

// put adds a step, under a number that is right within this report.
func (r *Report) put(s report.Step, p Phase) int {
	s.Step = len(r.Plan.Steps) + 1
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
		r.Outlooks[i].Steps = r.upTo(r.Outlooks[i].Phase)
	}
}

// upTo returns the numbers of the steps that change something by the end of a
// phase.
func (r *Report) upTo(end Phase) (numbers []int) {
	for i, s := range r.Plan.Steps {
		if slices.Index(Phases(), r.Phases[i]) <= slices.Index(Phases(), end) {
			numbers = append(numbers, s.Step)
		}
	}
	return numbers
}

// known reports whether a step changes records whose values are known.
func known(s report.Step) bool { return s.ChangesRecords() && len(s.Add)+len(s.Remove) > 0 }

// changeOf returns a step as a change of the world.
func changeOf(s report.Step) dnsrec.Change {
	c := dnsrec.Change{Name: dnsrec.Canonical(s.Name), Type: dnsrec.Type(s.Type), TTL: time.Duration(s.TTL) * time.Second}
	for _, v := range s.Published() {
		if c.Type != dnsrec.TypeTXT && v != "." && !strings.HasSuffix(v, " .") {
			v = strings.TrimSuffix(v, ".")
		}
		c.Values = append(c.Values, v)
	}
	return c
}

// with returns changes with one more, which takes the place of an earlier one of
// the same RRset.
func with(changes []dnsrec.Change, c dnsrec.Change) []dnsrec.Change {
	out := slices.DeleteFunc(slices.Clone(changes), func(o dnsrec.Change) bool { return o.Name == c.Name && o.Type == c.Type })
	return append(out, c)
}

// lowTTL is the TTL that records should have at a cut-over.
const lowTTL = 5 * time.Minute

// highTTL is the longest TTL with which a cut-over is over soon.
const highTTL = time.Hour

// lowerTTL adds the steps that lower the TTL of what the cut-over changes.
func (m *mover) lowerTTL(r *Report) {
	for _, set := range m.replaced(r) {
		ttl, _ := zoneTTL(r.Authority, set)
		if ttl <= highTTL {
			continue
		}
		r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun,
			Text: fmt.Sprintf("Lower the TTL of the %s record %s from %d to %d seconds. Then wait until the old TTL has passed before you cut over.",
				set.Type, set.Name+".", int(ttl/time.Second), int(lowTTL/time.Second))}, PhaseNow)
	}
}

// replaced returns the RRsets that exist and that the cut-over replaces.
func (m *mover) replaced(r *Report) (sets []dnsrec.Query) {
	for _, s := range m.cutover(r) {
		if len(s.Remove) > 0 {
			sets = append(sets, dnsrec.Q(s.Name, dnsrec.Type(s.Type)))
		}
	}
	return sets
}

// cutover returns the steps of the cut-over: one change a record set, all to be
// made together.
func (m *mover) cutover(r *Report) (steps []report.Step) {
	if s, ok := m.moveMX(r); ok {
		steps = append(steps, s)
	}
	if !m.opts.Hybrid {
		steps = append(steps, m.moveAutodiscover(r)...)
	}
	return steps
}

// moveMX is the change of the MX records; false: there is nothing to change. A
// filter, or a server of one's own, that stays keeps its records.
func (m *mover) moveMX(r *Report) (report.Step, bool) {
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: r.Domain + ".", Type: string(dnsrec.TypeMX),
		TTL: int(lowTTL / time.Second), Fixes: []string{"mx.m365"},
		Text: "Mail arrives at Microsoft 365 from now on. Do this when the mailboxes are in sync."}
	if slices.ContainsFunc(m.inv.Targets, m.meant) {
		return s, false
	}
	there := slices.ContainsFunc(m.inv.Targets, isMicrosoft)
	s.Keep, s.Remove = m.splitMX()
	switch {
	case there && len(s.Remove) == 0:
		return s, false
	case there:
		s.Action = report.ActionRemove
	case m.inv.MX.Err != nil || !r.MX.Exists():
		s.Keep, s.Remove = nil, nil
		s.Text = "Publish the MX record that the admin center shows (Settings > Domains > " + r.Domain + " > DNS records) instead of the others. " + s.Text
	default:
		s.Add = []string{"0 " + kit.FQDN(r.MX.Host)}
		if len(s.Remove) > 0 {
			s.Action = report.ActionChange
		}
		if r.MX.Source == "derived" {
			s.Caution = r.MX.Host + " exists. Compare it with the admin center (Settings > Domains > " + r.Domain + " > DNS records) before you publish it."
		}
	}
	return s, true
}

// splitMX returns the MX records that stay at the cut-over, and those that go.
func (m *mover) splitMX() (keep, remove []string) {
	for _, t := range m.inv.Targets {
		if isMicrosoft(t) || t.Kind == kit.MXVerify {
			keep = append(keep, t.String())
		} else {
			remove = append(remove, t.String())
		}
	}
	return keep, remove
}

// moveAutodiscover returns the changes that make autodiscover an alias, which
// stands alone at its name (RFC 1034 3.6.2).
func (m *mover) moveAutodiscover(r *Report) (steps []report.Step) {
	now, name := m.inv.Autodiscover, "autodiscover."+r.Domain
	want := r.Cloud.Autodiscover + "."
	if now.Err != nil || m.inv.AutodiscoverAtMicrosoft(r.Cloud) {
		return nil
	}
	alias := report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: name + ".", Type: string(dnsrec.TypeCNAME), Add: []string{want},
		TTL: int(lowTTL / time.Second), Text: "Outlook and phones find their mailbox at Microsoft 365.", Fixes: []string{"autodiscover.target"}}
	if wild := sameData(now, m.inv.Wildcard); len(now.CNAMEs) > 0 && !wild {
		alias.Action, alias.Remove = report.ActionChange, []string{now.CNAMEs[0] + "."}
	} else if !wild {
		steps = append(steps, removal(name, dnsrec.TypeA, now.Values)...)
		if m.inv.AutoAAAA.Err == nil {
			steps = append(steps, removal(name, dnsrec.TypeAAAA, m.inv.AutoAAAA.Values)...)
		}
	}
	steps = append(steps, alias)
	if srv := m.inv.AutoSRV; srv.Err == nil && len(srv.CNAMEs) == 0 {
		for _, s := range removal(srv.Name, dnsrec.TypeSRV, srv.Values) {
			s.Text, s.Fixes = "Outlook would still find the old server through this record.", []string{"autodiscover.srv"}
			steps = append(steps, s)
		}
	}
	return steps
}

// removal is the removal of an RRset, if there is one.
func removal(name string, t dnsrec.Type, values []string) []report.Step {
	if len(values) == 0 {
		return nil
	}
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionRemove, Name: name + ".", Type: string(t),
		Text: "Make room for the CNAME record, which stands alone.", Fixes: []string{"autodiscover.target"}}
	for _, v := range values {
		if t == dnsrec.TypeSRV {
			v = kit.FQDN(v)
		}
		s.Remove = append(s.Remove, v)
	}
	return []report.Step{s}
}

// outlook judges the world at the end of a phase, and notes the result. What steps
// with values that are not known yet, or commands, will end does not count.
func (m *mover) outlook(r *Report, p Phase) examined {
	x := m.examine(r.changes(p), p == PhaseCutover)
	var counts report.Counts
	o := Outlook{Phase: p}
	for i := range x.findings {
		f := &x.findings[i]
		bad := f.Status == report.Fail || f.Status == report.Warn
		if bad && r.endsUnproven(f.Code) {
			continue
		}
		counts.Add(f)
		if bad && !slices.Contains(o.Remaining, f.Code) {
			o.Remaining = append(o.Remaining, f.Code)
		}
	}
	o.Verdict, o.Fail, o.Warn = counts.Verdict(x.cut), counts.Fail, counts.Warn
	r.Outlooks = append(r.Outlooks, o)
	return x
}

// oldServers adds what to do about terms of the SPF record that name the servers
// before the move. They may still send: only a person knows.
func (m *mover) oldServers(r *Report) {
	if m.opts.Hybrid {
		return
	}
	var old []string
	for _, a := range m.inv.Addresses {
		if a.Err == nil {
			old = append(old, a.Values...)
		}
	}
	var terms []string
	for _, t := range m.spfTerms(r) {
		if _, addr, ok := strings.Cut(t, ":"); ok && slices.Contains(old, strings.TrimSuffix(addr, "/32")) || t == "a" && shares(m.inv.Apex.Values, old) {
			terms = append(terms, t)
		}
	}
	if len(terms) > 0 {
		r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Text: "When nothing sends mail from the old server any more, remove " +
			strings.Join(terms, " and ") + " from the SPF record. Remember websites, scanners and applications."}, PhaseKeep)
	}
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

// spfTerms returns the terms of the SPF record as they are at the cut-over, without
// the signs before them.
func (m *mover) spfTerms(r *Report) (terms []string) {
	values := m.inv.TXT.Values
	for _, c := range r.changes(PhaseCutover) {
		if c.Name == r.Domain && c.Type == dnsrec.TypeTXT {
			values = c.Values
		}
	}
	for _, v := range values {
		if spf.Ours(v) {
			for t := range strings.FieldsSeq(strings.ToLower(v)) {
				terms = append(terms, strings.TrimPrefix(t, "+"))
			}
		}
	}
	return terms
}

// endsUnproven reports whether a step whose effect cannot be tried ends a code.
func (r *Report) endsUnproven(code string) bool {
	return slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool {
		return !known(s) && s.Action != report.ActionDecide && slices.Contains(s.Fixes, code)
	})
}
