package plan

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// step is a step on its way to its number.
type step struct {
	report.Step
	waits   []int   // of maker.steps
	decides []rrset // of a decision: what its alternatives may change
	urgent  bool    // without it, mail is lost today
	about   []claim // what it is for; nil: all of the codes that it fixes
}

// set returns the RRset that a step changes.
func (s *step) set() rrset { return rrset{dnsrec.Canonical(s.Name), dnsrec.Type(s.Type)} }

// usualSteps is how many steps most plans have at the most.
const usualSteps = 4

// put adds a step, or what it says to the one that it repeats or continues, and
// returns its place.
func (m *maker) put(s step) int {
	for i := range m.steps {
		o := &m.steps[i]
		switch {
		case s.ChangesRecords() && o.ChangesRecords() && slices.Contains(s.sets(), o.set()):
			fixes, waits, about := slices.Concat(o.Fixes, s.Fixes), slices.Concat(o.waits, s.waits), slices.Concat(o.about, s.about)
			text := o.Text
			*o = s
			o.Fixes, o.waits, o.about = unique(fixes), waits, about
			o.Text = sentences(text, s.Text)
			return i
		case s.switchesOn() && o.switchesOn(), s.Action == report.ActionRun && s.Action == o.Action && s.Owner == o.Owner && s.Text == o.Text && slices.Equal(s.Commands, o.Commands):
			o.Fixes, o.waits = unique(slices.Concat(o.Fixes, s.Fixes)), slices.Concat(o.waits, s.waits)
			o.Commands, o.about = unique(slices.Concat(o.Commands, s.Commands)), slices.Concat(o.about, s.about)
			return i
		case s.onlyShows() && o.onlyShows() && s.Owner == o.Owner && slices.Equal(s.Commands, o.Commands):
			o.Text = sentences(o.Text, s.Text)
			return i
		}
	}
	if m.steps == nil {
		m.steps = make([]step, 0, usualSteps)
	}
	m.steps = append(m.steps, s)
	return len(m.steps) - 1
}

// switchesOn reports whether a step enables DKIM signing.
func (s *step) switchesOn() bool {
	return s.Action == report.ActionRun && kit.EnablesDKIM(s.Commands)
}

// onlyShows reports whether a step is for nothing but the output of its commands.
func (s *step) onlyShows() bool {
	return s.Action == report.ActionRun && len(s.Fixes)+len(s.waits) == 0 && len(s.Commands) > 0 &&
		!slices.ContainsFunc(s.Commands, func(c string) bool { return !strings.HasPrefix(c, "Get-") })
}

func unique[T comparable](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	out := make([]T, 0, len(list))
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// numbered puts steps behind those that they wait for, and numbers them: first what
// ends that mail is rejected or lost today, and what that waits for. Of steps that
// wait for one another, one is taken as if it did not wait.
func numbered(steps []step) (out []report.Step) {
	out = make([]report.Step, 0, len(steps))
	number := make([]int, len(steps)) // by place
	open := func(i int) bool { return number[i] == 0 }
	take := func(i int) {
		s := steps[i].Step
		for _, w := range steps[i].waits {
			if !open(w) && !slices.Contains(s.After, number[w]) {
				s.After = append(s.After, number[w])
			}
		}
		slices.Sort(s.After)
		out = append(out, s)
		number[i] = len(out)
		out[len(out)-1].Step = len(out)
	}
	places := urgentFirst(steps)
	for len(out) < len(steps) {
		before := len(out)
		for _, i := range places {
			if open(i) && !slices.ContainsFunc(steps[i].waits, func(w int) bool { return w != i && open(w) }) {
				take(i)
			}
		}
		if len(out) == before {
			take(places[slices.IndexFunc(places, open)])
		}
	}
	return out
}

// waitsFor reports whether a step waits for another one, or for what waits for it.
func waitsFor(steps []step, place, other int) bool {
	seen := map[int]bool{}
	var waits func(i int) bool
	waits = func(i int) bool {
		seen[i] = true
		return i == other || slices.ContainsFunc(steps[i].waits, func(w int) bool { return !seen[w] && waits(w) })
	}
	return waits(place)
}

// onlyReports reports whether a step changes no mail: it asks for reports of TLS.
func (s *step) onlyReports() bool {
	return len(s.Fixes) > 0 && !slices.ContainsFunc(s.Fixes, func(code string) bool { return code != "tlsrpt.record" })
}

// urgentFirst lists the places of steps, first of those that the mail of today is
// rejected or lost without, and of what they wait for; last of those that only ask for
// reports.
func urgentFirst(steps []step) (places []int) {
	var urgent func(i int)
	urgent = func(i int) {
		if slices.Contains(places, i) {
			return
		}
		for _, w := range steps[i].waits {
			if w < i {
				urgent(w)
			}
		}
		places = append(places, i)
	}
	for i := range steps {
		if steps[i].urgent || slices.Contains(steps[i].Fixes, rejected) {
			urgent(i)
		}
	}
	for i := range steps {
		if !steps[i].onlyReports() {
			urgent(i)
		}
	}
	for i := range steps {
		urgent(i)
	}
	return places
}

// take adds the steps of changes that were proven.
func (m *maker) take(d draft, moves []move, fixed []string) {
	var waits []int
	before, behind := d.commands()
	for _, b := range before {
		waits = append(waits, m.put(b))
	}
	for _, v := range moves {
		older, wait := m.behindOlder(v)
		v.step.Caution = sentences(v.caution(), older)
		v.step.Fixes, v.step.waits, v.step.about = fixed, slices.Concat(waits, wait), unique(slices.Concat(d.claims(), v.step.about))
		d.onlyIts(&v.step)
		waits = []int{m.put(v.step)}
	}
	code := d.endedByCommand()
	for _, b := range behind {
		if b.waits = waits; code != "" && m.now.claims.has(code) {
			b.Fixes, b.about = append(b.Fixes, code), append(b.about, claim{code, m.first.known.Domain})
		}
		m.put(b)
	}
	if code != "" {
		m.ended = append(m.ended, code)
	}
}

// onlyIts takes out of a step what only other changes of its draft are for.
func (d draft) onlyIts(s *step) {
	others := d.only(func(f *report.Finding) bool {
		return !slices.ContainsFunc(f.Fix.Edits, func(e report.Edit) bool { return slices.Contains(s.sets(), setOf(e)) })
	})
	if len(others.findings) == len(d.findings) {
		return
	}
	codes, claims := d.without(others).codes(), others.claims()
	s.about = slices.DeleteFunc(slices.Clone(s.about), func(c claim) bool { return slices.Contains(claims, c) })
	s.Fixes = slices.DeleteFunc(slices.Clone(s.Fixes), func(c string) bool { return slices.Contains(others.codes(), c) && !slices.Contains(codes, c) })
}

// assign adds the steps of records whose values Microsoft assigns: the command
// that shows them, the records, and the command that switches on what they are
// for.
func (m *maker) assign(d draft) {
	var waits []int
	before, behind := d.commands()
	for _, b := range before {
		b.Text = "The output contains the values of the records in the next steps."
		waits = append(waits, m.put(b))
	}
	var records []int
	for _, f := range d.findings {
		m.assigned = append(m.assigned, claim{f.Code, f.Subject})
		for _, e := range f.Fix.Edits {
			s := step{waits: waits, about: []claim{{f.Code, f.Subject}}, Step: report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: setOf(e).name + ".", Type: e.Type,
				Text: f.Fix.Text, Fixes: []string{f.Code}, Caution: m.names.inTheWay(setOf(e))}}
			if was, ok := m.names.published(setOf(e), false); ok && len(was) > 0 {
				s.Action = report.ActionChange
				_, s.Remove = split(setOf(e).typ, was, nil)
			}
			records = append(records, m.put(s))
		}
	}
	for _, b := range behind {
		b.waits = records
		m.put(b)
	}
}
