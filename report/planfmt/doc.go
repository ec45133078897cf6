package planfmt

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"maildiag/report"
)

// defaultTTL is set where the plan does not say one.
const defaultTTL = 3600

// step is a step of the plan with its records taken apart.
type step struct {
	report.Step
	zone              string // apex, absolute; empty: not one of the zones that may be changed
	name              string // canonical
	keep, remove, add []value
	why               string // why no records are written
	after             []int  // unfinished steps that come before it
	waits             []int  // of those and what is before them, what no program can do
	held              bool   // the whole plan is
	part              bool   // of the change of the next step
}

// written reports whether the records of the step are written.
func (s *step) written() bool { return s.ChangesRecords() && s.why == "" }

// first reports whether the step waits for no other.
func (s *step) first() bool { return s.written() && len(s.waits) == 0 }

// live reports whether a program may act on the step now.
func (s *step) live() bool { return s.first() && !s.held }

func (s *step) before() []value    { return slices.Concat(s.keep, s.remove) }
func (s *step) published() []value { return slices.Concat(s.keep, s.add) }

// ttlUnknown reports whether the records exist with a TTL that is not known.
func (s *step) ttlUnknown() bool { return s.TTL == 0 && len(s.before()) > 0 }

func (s *step) ttl() int {
	if s.TTL > 0 {
		return s.TTL
	}
	return defaultTTL
}

// relative returns the name of the records as seen from their zone.
func (s *step) relative() string { return relative(s.name, s.zone) }

// host returns the name of the records without the trailing dot.
func (s *step) host() string { return strings.TrimSuffix(s.name, ".") }

// doc is a plan, ready to be written.
type doc struct {
	plan  report.Plan
	meta  Meta
	steps []*step
}

func newDoc(p report.Plan, meta Meta, fits func(*step) string) (*doc, error) {
	if meta.Width <= 0 {
		meta.Width = defaultWidth
	}
	zones, err := zoneNames(meta)
	if err != nil {
		return nil, err
	}
	d := &doc{plan: p, meta: meta}
	for _, s := range p.Steps {
		if !slices.Contains(meta.Done, s.Step) {
			d.steps = append(d.steps, newSteps(s, zones, fits)...)
		}
	}
	for _, s := range d.steps {
		for _, n := range s.After {
			if d.find(n) != nil {
				s.after = append(s.after, n)
			}
		}
	}
	for _, s := range d.steps {
		s.waits, s.held = d.waits(s), meta.Held != ""
	}
	return d, nil
}

// zoneNames returns the apexes in canonical form.
func zoneNames(meta Meta) ([]string, error) {
	given := meta.Zones
	if len(given) == 0 {
		given = []string{meta.Domain}
	}
	var zones []string
	for _, z := range given {
		name, err := parseName(strings.TrimSuffix(z, ".") + ".")
		if err != nil {
			return nil, fmt.Errorf("planfmt: zone %q: %w", z, err)
		}
		zones = append(zones, name)
	}
	return zones, nil
}

// newSteps returns what is written for a step: first the other RRsets that change with
// its own. If one of them cannot be written, none is.
func newSteps(plan report.Step, zones []string, fits func(*step) string) (steps []*step) {
	for _, o := range plan.Sets {
		part := report.Step{Step: plan.Step, Owner: plan.Owner, After: plan.After, Action: report.ActionRemove, Name: o.Name, Type: o.Type,
			Keep: o.Keep, Remove: o.Remove, Add: o.Add, TTL: o.TTL, Cut: plan.Cut, Text: "In the same change as " + plan.Name + " " + plan.Type + "."}
		if len(o.Add) > 0 {
			part.Action = report.ActionAdd
		}
		s := newStep(part, zones, fits)
		s.part = true
		steps = append(steps, s)
	}
	steps = append(steps, newStep(plan, zones, fits))
	if i := slices.IndexFunc(steps, func(s *step) bool { return s.why != "" }); i >= 0 {
		for _, s := range steps {
			s.why = steps[i].why
		}
	}
	return steps
}

func newStep(plan report.Step, zones []string, fits func(*step) string) *step {
	s := &step{Step: plan}
	if !s.ChangesRecords() {
		return s
	}
	var err error
	if s.name, err = parseName(s.Name); err != nil {
		s.why = "the name is " + err.Error()
		return s
	}
	for _, z := range zones {
		if below(s.name, z) && len(z) > len(s.zone) {
			s.zone = z
		}
	}
	s.parse()
	if s.why == "" {
		s.why = fits(s)
	}
	return s
}

// parse takes the values apart; one that cannot be understood stops the whole
// step, because half an RRset is not what was proven.
func (s *step) parse() {
	for _, list := range []struct {
		from []string
		to   *[]value
	}{{s.Keep, &s.keep}, {s.Remove, &s.remove}, {s.Add, &s.add}} {
		for _, text := range list.from {
			v, err := parseValue(s.Type, text)
			if err != nil {
				s.why = err.Error()
				return
			}
			v.cut(s.Cut)
			*list.to = append(*list.to, v)
		}
	}
	switch {
	case !s.HasValues():
		s.why = "the value is not known yet"
	case s.Type == "CNAME" && len(s.published()) > 1:
		s.why = "a name can have only one CNAME" // RFC 2181 10.1
	}
}

// waits returns the unfinished steps that must be finished before a program
// may act on s. A change of records that is written right before it is no
// reason to wait for another change of records.
func (d *doc) waits(s *step) []int {
	var found []int
	seen := map[int]bool{}
	var visit func(after []int)
	visit = func(after []int) {
		for _, n := range after {
			other := d.find(n)
			if seen[n] {
				continue
			}
			seen[n] = true
			if s.ChangesRecords() && other.written() {
				visit(other.after)
				continue
			}
			found = append(found, n)
		}
	}
	visit(s.after)
	slices.Sort(found)
	return found
}

func (d *doc) find(n int) *step {
	i := slices.IndexFunc(d.steps, func(s *step) bool { return s.Step.Step == n })
	if i < 0 {
		return nil
	}
	return d.steps[i]
}

// group is a list of steps that are written as one piece: their records are in
// one zone, and all can be taken now or none.
type group struct {
	steps   []*step
	changes []*step // those of steps whose records are written
}

// zone returns the apex of the changes.
func (g *group) zone() string { return g.changes[0].zone }

// live reports whether a program is to act on the changes.
func (g *group) live() bool { return len(g.changes) > 0 && g.changes[0].live() }

func (g *group) add(s *step) {
	g.steps = append(g.steps, s)
	if s.written() {
		g.changes = append(g.changes, s)
	}
}

// groups returns first what waits for no other step, a group for each zone, so that a
// tool can take it as a whole or not at all; then the steps that are left, in
// their order.
func (d *doc) groups() []*group {
	var groups []*group
	rest := []*group{{}}
	for _, s := range d.steps {
		if !s.first() {
			if last := rest[len(rest)-1].changes; s.written() && len(last) > 0 && last[len(last)-1].Step.Step != s.Step.Step {
				rest = append(rest, &group{})
			}
			rest[len(rest)-1].add(s)
			continue
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.zone() == s.zone })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{})
		}
		groups[i].add(s)
	}
	if len(rest[0].steps) == 0 {
		return groups
	}
	return append(groups, rest...)
}

// The rules that say which records a tool can be given.

// anyRecord allows all records.
func anyRecord(*step) string { return "" }

// inZone requires a zone that may be changed.
func inZone(s *step) string {
	if s.zone == "" {
		return "the name is outside the zones of this domain"
	}
	return ""
}

// plainName requires names that need no escapes.
func plainName(s *step) string {
	if why := inZone(s); why != "" {
		return why
	}
	if s.Type == "NS" {
		return "name servers must be changed by hand"
	}
	for _, v := range slices.Concat(s.before(), s.add) {
		if v.name != "" && !isPlain(v.name) {
			return "a host name has unusual characters"
		}
	}
	if !isPlain(s.name) {
		return "the name has unusual characters"
	}
	return ""
}

// unicodeText requires, besides, text that is UTF-8.
func unicodeText(s *step) string {
	if why := plainName(s); why != "" {
		return why
	}
	for _, v := range slices.Concat(s.before(), s.add) {
		if !utf8.ValidString(v.text) {
			return "the text is not UTF-8, which this tool cannot write"
		}
	}
	return ""
}

// oneLineText requires, besides, text without line breaks and NUL.
func oneLineText(s *step) string {
	if why := unicodeText(s); why != "" {
		return why
	}
	for _, v := range slices.Concat(s.before(), s.add) {
		if strings.ContainsAny(v.text, "\r\n\x00") {
			return "the text has line breaks or NUL, which this tool cannot write"
		}
	}
	return ""
}
