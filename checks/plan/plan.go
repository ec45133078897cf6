// Package plan composes the edits of all findings of a domain into one plan: one
// change an RRset, in an order in which it is safe to stop after each step. What
// it prints as a record has been applied to what is known of the world and
// judged again; the rest is advice, or a decision for a person.
package plan

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Judge examines the world with changed records: it returns what the checks find
// there, and what is known of it.
type Judge func(changes []dnsrec.Change) ([]report.Finding, *kit.Known)

// Make composes a plan for the findings of a domain, and proves it by judge. It
// returns nil if there is nothing to do.
func Make(k *kit.Known, findings []report.Finding, judge Judge) *report.Plan {
	m := &maker{judge: judge, first: k, now: world{known: k, findings: findings, claims: claimsOf(findings)}}
	for _, d := range drafts(findings) {
		m.add(d)
	}
	m.finishSPF()
	m.adviseSPF()
	if len(m.steps) == 0 {
		return nil
	}
	return &report.Plan{Proven: m.proven(), Steps: numbered(m.steps), Result: m.now.result(m.ended)}
}

// world is the domain as it is after some changes.
type world struct {
	known    *kit.Known
	changes  []dnsrec.Change
	findings []report.Finding
	claims   claims
}

// maker takes one draft after the other, and keeps what the world is like after
// the changes so far.
type maker struct {
	judge  Judge
	first  *kit.Known // the world as it is
	now    world
	steps  []step
	ended  []string // codes of findings that commands end
	doubts bool     // a change of records could not be proven
	judged int      // how many drafts were taken
	rounds int      // of finishSPF
}

// add makes steps of a draft: what can be proven of it becomes a change of
// records, and the rest advice.
func (m *maker) add(d draft) {
	if d = d.without(m.settled(d)); m.read(d) {
		d = d.without(draft{d.aboutSPF()})
	}
	for len(d.findings) > 0 && len(d.sets()) > 0 && !d.waits() {
		parts := d.parts()
		i := slices.IndexFunc(parts, m.try)
		if i < 0 {
			break
		}
		d = d.without(parts[i])
	}
	if len(d.findings) == 0 {
		return
	}
	if d.waits() {
		m.put(m.decision(d))
		return
	}
	if d.open() {
		m.assigned(d)
		return
	}
	m.doubts = m.doubts || len(d.sets()) > 0 && !advisedLater(d.findings[0])
	for _, f := range d.findings {
		if !advisedLater(f) {
			m.put(adviceOf(f))
		}
	}
}

// try makes steps of a draft, if the world is better after them, and at no time
// worse.
func (m *maker) try(d draft) bool {
	moves, ok := d.compose(m.first, m.now.changes)
	if !ok {
		return false
	}
	after := m.now
	for _, v := range moves {
		if m.losesMail(v.change) {
			return false
		}
		after = m.world(with(after.changes, v.change))
		if !after.claims.verdictNoWorseThan(m.now.claims) {
			return false
		}
	}
	fixed := m.now.claims.gone(after.claims, d.codes())
	if len(fixed) == 0 || !after.claims.noWorseThan(m.now.claims, d.endedByCommand()) && !d.onlyReads(m.now, after) || !d.takesAway() && m.losesSenders(after) ||
		m.unusable(after) {
		return false
	}
	m.countLookups(d, moves, after)
	m.now = after
	m.judged++
	m.take(d, moves, fixed)
	return true
}

// assigned adds the steps of records whose values Microsoft assigns: the command
// that shows them, the records, and the command that switches on what they are
// for.
func (m *maker) assigned(d draft) {
	var waits []int
	before, behind := d.commands()
	for _, b := range before {
		b.Text = "The output contains the values of the records in the next step."
		waits = append(waits, m.put(b))
	}
	var records []int
	for _, f := range d.findings {
		for _, e := range f.Fix.Edits {
			s := step{waits: waits, Step: report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: setOf(e).name + ".", Type: e.Type,
				Text: f.Fix.Text, Fixes: []string{f.Code}}}
			records = append(records, m.put(s))
		}
	}
	for _, b := range behind {
		b.waits = records
		m.put(b)
	}
}

// world is the domain after some changes.
func (m *maker) world(changes []dnsrec.Change) world {
	w := world{changes: changes}
	w.findings, w.known = m.judge(changes)
	w.claims = claimsOf(w.findings)
	return w
}

// take adds the steps of changes that were proven.
func (m *maker) take(d draft, moves []move, fixed []string) {
	var waits []int
	before, behind := d.commands()
	for _, b := range before {
		waits = append(waits, m.put(b))
	}
	for _, v := range moves {
		v.step.Fixes, v.step.waits = fixed, waits
		waits = []int{m.put(v.step)}
	}
	for _, b := range behind {
		b.waits = waits
		m.put(b)
	}
	if code := d.endedByCommand(); code != "" {
		m.ended = append(m.ended, code)
	}
}

// decision is a change that is right only when a person has seen that nothing is
// lost by it.
func (m *maker) decision(d draft) step {
	s := adviceOf(d.findings[0])
	moves, ok := d.compose(m.first, m.now.changes)
	if !ok || len(moves) != 1 || !m.world(with(m.now.changes, moves[0].change)).claims.noWorseThan(m.now.claims, "") {
		return s
	}
	change := moves[0].step
	s.Action, s.Name, s.Type, s.Keep = report.ActionDecide, change.Name, change.Type, change.Keep
	s.Alternatives = []report.Alternative{
		{Label: "if the reports show that all your senders pass", Text: "Publish the stricter record.", Remove: change.Remove, Add: change.Add},
		{Label: "until then", Text: "Leave the record as it is, and read the reports."},
	}
	return s
}

// losesMail reports whether a domain that receives mail would have no mail server
// after a change.
func (m *maker) losesMail(c dnsrec.Change) bool {
	if c.Type != dnsrec.TypeMX || c.Name != m.first.Domain {
		return false
	}
	live := func(values []string) bool {
		useless := []kit.MXKind{kit.MXNull, kit.MXVerify, kit.MXInvalid, kit.MXLiteral}
		return slices.ContainsFunc(kit.ReadMXs(values), func(t kit.MXTarget) bool { return !slices.Contains(useless, t.Kind) })
	}
	was, _ := m.first.Peek(c.Name, c.Type)
	return live(was.Values) && !live(c.Values)
}

// with returns changes with one more, which takes the place of an earlier one of
// the same RRset.
func with(changes []dnsrec.Change, c dnsrec.Change) []dnsrec.Change {
	out := slices.DeleteFunc(slices.Clone(changes), func(o dnsrec.Change) bool { return o.Name == c.Name && o.Type == c.Type })
	return append(out, c)
}

// proven reports whether all records of the plan were judged, with every answer
// that this takes.
func (m *maker) proven() bool { return !m.doubts && (len(m.now.changes) == 0 || !m.now.claims.unsure) }

// step is a step on its way to its number.
type step struct {
	report.Step
	waits []int // of maker.steps
}

// put adds a step, or what it says to the one that it repeats or continues, and
// returns its place.
func (m *maker) put(s step) int {
	for i := range m.steps {
		o := &m.steps[i]
		switch {
		case s.ChangesRecords() && o.ChangesRecords() && o.Name == s.Name && o.Type == s.Type:
			fixes, waits := append(o.Fixes, s.Fixes...), append(o.waits, s.waits...)
			text := o.Text
			*o = s
			o.Fixes, o.waits = unique(fixes), waits
			if text != s.Text {
				o.Text = text + " " + s.Text
			}
			return i
		case !s.ChangesRecords() && s.Action == o.Action && s.Owner == o.Owner && s.Text == o.Text && slices.Equal(s.Commands, o.Commands):
			o.Fixes, o.waits = unique(append(o.Fixes, s.Fixes...)), append(o.waits, s.waits...)
			return i
		}
	}
	m.steps = append(m.steps, s)
	return len(m.steps) - 1
}

func unique[T comparable](list []T) (out []T) {
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// numbered puts steps behind those that they wait for, and numbers them.
func numbered(steps []step) (out []report.Step) {
	number := make([]int, len(steps)) // by place
	for len(out) < len(steps) {
		before := len(out)
		for i := range steps {
			s := &steps[i]
			ready := number[i] == 0 && !slices.ContainsFunc(s.waits, func(w int) bool { return w != i && number[w] == 0 })
			if !ready {
				continue
			}
			number[i] = len(out) + 1
			s.Step.Step = number[i]
			for _, w := range s.waits {
				if w != i && !slices.Contains(s.After, number[w]) {
					s.After = append(s.After, number[w])
				}
			}
			slices.Sort(s.After)
			out = append(out, s.Step)
		}
		if len(out) == before { // they wait for one another, which no draft asks for
			break
		}
	}
	return out
}
