// Package plan composes the edits of all findings of a domain into one plan: one
// change an RRset, in an order in which it is safe to stop after each step. What
// it prints as a record has been applied to what is known of the world and
// judged again; the rest is advice, or a decision for a person.
package plan

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// Judge examines the world with changed records: it returns what the checks find
// there, and what is known of it.
type Judge func(changes []dnsrec.Change) ([]report.Finding, *kit.Known)

// Ask asks questions, so that their answers are known.
type Ask func(questions []dnsrec.Query)

// Make composes a plan for the findings of a domain, and proves it by judge. It
// returns nil if there is nothing to do.
func Make(k *kit.Known, findings []report.Finding, judge Judge, ask Ask) *report.Plan {
	list := drafts(findings)
	m := &maker{judge: judge, names: newNames(k, list, ask), now: world{known: k, claims: claimsOf(findings), findings: findings}}
	m.first = m.now
	for _, d := range list {
		m.add(d)
	}
	for _, d := range drafts(m.appeared()) {
		m.add(d)
	}
	m.close()
	if len(m.steps) == 0 {
		return nil
	}
	return &report.Plan{Proven: m.now.claims.sureAs(m.first.claims), Steps: numbered(m.steps), Result: m.now.result(m.ended)}
}

// world is the domain as it is after some changes.
type world struct {
	known    *kit.Known
	changes  []dnsrec.Change
	claims   claims
	findings []report.Finding
}

// maker takes one draft after the other, and keeps what the world is like after
// the changes so far.
type maker struct {
	judge  Judge
	names  names
	first  world // as it is
	now    world
	steps  []step
	ended  []string          // codes of findings that commands end
	people []*report.Finding // what is left to people
}

// add makes steps of a draft: what can be proven of it becomes a change of
// records, and the rest is left to people.
func (m *maker) add(d draft) {
	for len(d.findings) > 0 && len(d.sets()) > 0 && !d.decides() && !m.names.foreign(d) {
		parts := d.parts()
		i := slices.IndexFunc(parts, m.try)
		if i < 0 {
			break
		}
		d = d.without(parts[i])
	}
	switch {
	case len(d.findings) == 0:
	case !d.decides() && d.open():
		m.assigned(d)
	default:
		m.people = append(m.people, d.findings...)
	}
}

// appeared lists what the changes of records made wrong that was not, such as a
// record that begins with p=none where there was no record.
func (m *maker) appeared() (fs []report.Finding) {
	for _, f := range m.now.findings {
		if m.first.claims.bad[claim{f.Code, f.Subject}] == report.Unset && !slices.Contains(m.ended, f.Code) {
			fs = append(fs, f)
		}
	}
	return fs
}

// close adds what is left to people: what still holds after the changes of
// records, as it is judged then.
func (m *maker) close() {
	var left []report.Finding
	for _, f := range m.now.findings {
		waits := slices.ContainsFunc(m.people, func(o *report.Finding) bool { return o.Code == f.Code && o.Subject == f.Subject })
		if waits && !slices.Contains(m.ended, f.Code) {
			left = append(left, f)
		}
	}
	for _, d := range drafts(left) {
		if d.decides() {
			m.put(m.decision(d))
			continue
		}
		for _, f := range d.findings {
			m.put(m.advice(f))
		}
	}
	for i := range m.steps { // only what the proof shows
		if s := &m.steps[i]; s.ChangesRecords() && len(s.Add)+len(s.Remove) > 0 {
			s.Fixes = slices.DeleteFunc(s.Fixes, func(code string) bool { return m.now.claims.has(code) && !slices.Contains(m.ended, code) })
		}
	}
}

// advice is what a finding asks a person to do. Records of other owners' zones,
// and answers of wildcard records, are told and not planned.
func (m *maker) advice(f *report.Finding) step {
	s := adviceOf(f)
	d := draft{[]*report.Finding{f}}
	if m.names.foreign(d) {
		var records []string
		for _, e := range f.Fix.Edits {
			if e.Op == "" && e.New != "" {
				records = append(records, e.Name+" "+e.Type+" "+e.New)
			}
		}
		s.Text += " To publish there: " + strings.Join(records, "; ") + "."
	}
	if slices.ContainsFunc(d.sets(), m.names.wild) {
		s.Text += " " + fromWildcard + " There is no record of this name to delete: change the wildcard record, or ignore this."
	}
	return s
}

// try makes steps of a draft, if the world is better after them, and at no time
// worse.
func (m *maker) try(d draft) bool {
	moves, ok := d.compose(m.names, m.now.changes)
	if !ok {
		return false
	}
	after := m.now
	for _, v := range moves {
		after = m.world(with(after.changes, v.change))
		if m.losesMail(after, v) || !after.claims.verdictNoWorseThan(m.now.claims) {
			return false
		}
	}
	fixed := m.now.claims.gone(after.claims, d.codes())
	if len(fixed) == 0 || !after.claims.noWorseThan(m.now.claims, d.endedByCommand()) || !d.takesAway() && m.losesSenders(after) {
		return false
	}
	m.now = after
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
		b.Text = "The output contains the values of the records in the next steps."
		waits = append(waits, m.put(b))
	}
	var records []int
	for _, f := range d.findings {
		for _, e := range f.Fix.Edits {
			s := step{waits: waits, Step: report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: setOf(e).name + ".", Type: e.Type,
				Text: f.Fix.Text, Fixes: []string{f.Code}, Caution: m.names.inTheWay(setOf(e))}}
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

// losesMail reports whether a change names a mail server that does not exist, or
// leaves a domain that receives mail without one that does.
func (m *maker) losesMail(after world, v move) bool {
	if v.change.Type != dnsrec.TypeMX {
		return false
	}
	exists := func(t kit.MXTarget) bool { return alive(after.known, t) }
	for _, t := range kit.ReadMXs(v.step.Add) {
		if t.Kind != kit.MXNull && !exists(t) {
			return true
		}
	}
	if v.change.Name != m.first.known.Domain {
		return false
	}
	was, _ := m.first.known.Peek(v.change.Name, v.change.Type)
	return slices.ContainsFunc(kit.ReadMXs(was.Values), receives) && !slices.ContainsFunc(kit.ReadMXs(v.change.Values), exists)
}

// receives reports whether mail can go to an MX record by its text.
func receives(t kit.MXTarget) bool {
	return !slices.Contains([]kit.MXKind{kit.MXNull, kit.MXVerify, kit.MXInvalid, kit.MXLiteral}, t.Kind)
}

// alive reports whether the host of an MX record has an address, as far as is
// known.
func alive(k *kit.Known, t kit.MXTarget) bool {
	if !receives(t) {
		return false
	}
	for _, typ := range []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA} {
		if a, known := k.Need(t.Host, typ); !known || a.Err != nil || len(a.Values) > 0 {
			return true
		}
	}
	return false
}

// losesSenders reports whether an address that may send before may not after.
func (m *maker) losesSenders(after world) bool {
	if !m.first.known.ConcernsSPF(after.changes) {
		return false
	}
	was, ok := m.now.known.SPF()
	is, ok2 := after.known.SPF()
	switch {
	case !ok || !ok2:
		return true // not known
	case len(was.Root.Records) == 0:
		return false
	}
	lost, _ := spf.Compare(was, is)
	return len(lost) > 0
}

// with returns changes with one more, which takes the place of an earlier one of
// the same RRset.
func with(changes []dnsrec.Change, c dnsrec.Change) []dnsrec.Change {
	out := slices.DeleteFunc(slices.Clone(changes), func(o dnsrec.Change) bool { return o.Name == c.Name && o.Type == c.Type })
	return append(out, c)
}

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
			o.Text = sentences(text, s.Text)
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
