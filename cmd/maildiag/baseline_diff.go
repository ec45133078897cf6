package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
)

// sinceBaseline is a sink that lets through what changed since an earlier run.
// What is bad and was not is let through as it is, and so decides over the exit
// code; all other changes become Info or Pass; what is as it was is left out.
type sinceBaseline struct {
	next report.Sink
	base *baseline
	rows []report.CheckInfo
	now  []report.Finding // of the open domain
	name string
}

func (s *sinceBaseline) Emit(e report.Event) error {
	switch {
	case e.Start != nil:
		start := *e.Start
		s.rows = start.Checks
		start.Checks = append(slices.Clone(start.Checks),
			report.CheckInfo{ID: report.BaselineCheck, Title: "SINCE THE BASELINE"})
		e.Start = &start
	case e.Begin != nil:
		s.name, s.now = e.Begin.Domain, nil
	case e.Finding != nil:
		s.now = append(s.now, *e.Finding)
		return nil
	case e.End != nil:
		found, err := s.compare()
		if err != nil {
			return err
		}
		e.End = planIfBad(e.End, slices.ContainsFunc(found, func(f report.Finding) bool { return bad(f.Status) }))
	}
	return s.next.Emit(e)
}

// planIfBad drops the plan where nothing of what is reported asks for one.
func planIfBad(e *report.End, anything bool) *report.End {
	if anything || e.Plan == nil {
		return e
	}
	end := *e
	end.Plan = nil
	return &end
}

// compare emits what changed of the domain, and returns it.
func (s *sinceBaseline) compare() (found []report.Finding, err error) {
	old, err := s.base.of(s.name)
	if err != nil {
		return nil, err
	}
	found = firstSeen(s.now)
	if old != nil {
		found = newDiff(old, s.now).all(s.rows)
	}
	for _, f := range found {
		if err := s.next.Emit(report.Event{Finding: &f}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// firstSeen returns the findings of a domain that the baseline does not have.
func firstSeen(now []report.Finding) []report.Finding {
	return append(now, report.Finding{
		Check: report.BaselineCheck, Code: "baseline.missing", Status: report.Info,
		Summary: "the baseline does not have this domain: all above is new",
	})
}

// diff compares the findings of a domain with those of an earlier run.
type diff struct {
	started time.Time
	ran     map[string]bool // the checks of the earlier run
	old     map[string]report.Finding
	now     []report.Finding
	gone    []report.Finding // those of old that were bad and are not found any more
	counts  map[string]int
}

// The kinds of change, as Data tells them.
const (
	changeNew     = "new"             // bad, and was not
	changeFixed   = "fixed"           // was bad
	changeBetter  = "better"          // still bad, but less
	changeRecord  = "changed"         // as good or bad as before, with other records
	changeUnknown = "not_in_baseline" // bad, of a check that the earlier run did not have
	changeNothing = "same"
)

func newDiff(old *report.Report, now []report.Finding) *diff {
	d := &diff{started: old.Begin.Started, old: keyed(old.Findings), now: now, counts: map[string]int{}}
	d.ran = map[string]bool{acceptCheck: true} // has findings only if there is something to say
	for _, f := range old.Findings {           // every other check that runs has at least one
		d.ran[f.Check] = true
	}
	here := keyed(now)
	for _, key := range slices.Sorted(maps.Keys(d.old)) {
		if f := d.old[key]; bad(f.Status) {
			if _, still := here[key]; !still {
				d.gone = append(d.gone, f)
			}
		}
	}
	return d
}

// keyed returns findings by what they claim of what; several alike are counted.
func keyed(fs []report.Finding) map[string]report.Finding {
	m := make(map[string]report.Finding, len(fs))
	for _, f := range fs {
		key := f.Code + " " + f.Subject
		for n := 2; ; n++ {
			if _, taken := m[key]; !taken {
				break
			}
			key = fmt.Sprintf("%s %s %d", f.Code, f.Subject, n)
		}
		m[key] = f
	}
	return m
}

// bad reports a status that someone should look at.
func bad(s report.Status) bool { return s == report.Warn || s == report.Fail || s == report.Unknown }

// all returns the changes in the order of the rows, and at last how many.
func (d *diff) all(rows []report.CheckInfo) (out []report.Finding) {
	here := keyed(d.now)
	keys := make([]string, len(d.now)) // in the order of d.now
	seen := map[string]int{}
	for i, f := range d.now {
		keys[i] = f.Code + " " + f.Subject
		if seen[keys[i]]++; seen[keys[i]] > 1 {
			keys[i] = fmt.Sprintf("%s %d", keys[i], seen[keys[i]])
		}
	}
	for _, r := range rows {
		for _, key := range keys {
			if f := here[key]; f.Check == r.ID {
				out = d.add(out, key, f)
			}
		}
		out = append(out, d.fixed(r.ID)...)
	}
	return append(out, d.summary())
}

// add appends what is to tell of a finding.
func (d *diff) add(out []report.Finding, key string, f report.Finding) []report.Finding {
	old, known := d.old[key]
	change := d.kind(f, old, known)
	if bad(f.Status) || change != changeNothing {
		d.counts[change]++
	}
	if change == changeNothing {
		return out
	}
	return append(out, marked(f, old, change))
}

// kind reports what happened to a finding.
func (d *diff) kind(f, old report.Finding, known bool) string {
	switch {
	case bad(f.Status) && !d.ran[f.Check]:
		return changeUnknown
	case bad(f.Status) && (!known || worseStatus(f.Status, old.Status)):
		return changeNew
	case !known:
		return changeNothing
	case bad(old.Status) && !bad(f.Status):
		return changeFixed
	case f.Status != old.Status && bad(f.Status):
		return changeBetter
	case recordsDiffer(f, old):
		return changeRecord
	}
	return changeNothing
}

// worseStatus reports whether a is worse than b was. What could not be checked is
// worse than what was known.
func worseStatus(a, b report.Status) bool {
	rank := func(s report.Status) int {
		return slices.Index([]report.Status{report.Warn, report.Fail, report.Unknown}, s)
	}
	return rank(a) > rank(b)
}

// recordsDiffer reports whether two findings rest on different DNS data. A
// baseline of an older version does not say which questions its answers belong
// to; then all that both call answers is compared.
func recordsDiffer(a, b report.Finding) bool {
	named := func(e report.Evidence) bool { return e.Query != nil }
	onlyNamed := slices.ContainsFunc(a.Evidence, named) && slices.ContainsFunc(b.Evidence, named)
	return !slices.Equal(records(a, onlyNamed), records(b, onlyNamed))
}

// record is one line of an answer.
type record struct {
	query report.Query // zero if not compared
	line  string
}

// records returns the DNS data that a finding rests on, in a steady order:
// servers rotate the records of a name.
func records(f report.Finding, onlyNamed bool) (out []record) {
	for _, e := range f.Evidence {
		var q report.Query
		switch {
		case onlyNamed && e.Query == nil, e.Kind != "answer":
			continue
		case onlyNamed:
			q = *e.Query
		}
		for l := range strings.Lines(e.Text) {
			out = append(out, record{q, strings.TrimSpace(l)})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		return cmp.Or(cmp.Compare(a.query.Name, b.query.Name), cmp.Compare(a.query.Type, b.query.Type),
			cmp.Compare(a.line, b.line)) < 0
	})
	return out
}

// marked reports a finding what changed.
func marked(f, old report.Finding, change string) report.Finding {
	was := old.Status.String()
	switch change {
	case changeNew:
		f.Summary = "new: " + f.Summary
		if old.Status != report.Unset {
			f.Summary += " (was " + was + ")"
		}
	case changeUnknown:
		f.Summary = "not in the baseline: " + f.Summary
	case changeFixed:
		f.Status, f.Summary = report.Pass, "fixed: "+f.Summary+" (was "+was+": "+old.Summary+")"
	case changeBetter:
		f.Summary = "better: " + f.Summary + " (was " + was + ", is " + f.Status.String() + ")"
		f.Status, f.Cause = report.Info, ""
	case changeRecord:
		f.Summary = "changed: " + f.Summary
		if bad(f.Status) {
			f.Summary += " (still " + f.Status.String() + ")"
		}
		f.Status, f.Cause = report.Info, ""
		for _, e := range old.Evidence {
			if e.Kind == "answer" {
				e.Note = "what it was at the baseline"
				f.Evidence = append(slices.Clip(f.Evidence), e)
			}
		}
	}
	f.Data = maps.Clone(f.Data)
	if f.Data == nil {
		f.Data = map[string]any{}
	}
	f.Data["change"] = change
	return f
}

// fixed returns the problems of a check that are gone. Nothing is called fixed
// by a check without a result.
func (d *diff) fixed(check string) (out []report.Finding) {
	untold := func(f report.Finding) bool {
		return f.Check == check && (f.Status == report.Unknown || f.Status == report.Skip)
	}
	if slices.ContainsFunc(d.now, untold) {
		return nil
	}
	for _, f := range d.gone {
		if f.Check == check {
			d.counts[changeFixed]++
			out = append(out, report.Finding{
				Check: check, Code: f.Code, Subject: f.Subject, Status: report.Pass,
				Summary: "fixed: is not found any more (was " + f.Status.String() + ": " + f.Summary + ")",
				Data:    map[string]any{"change": changeFixed},
			})
		}
	}
	return out
}

// summary counts the changes.
func (d *diff) summary() report.Finding {
	c := d.counts
	f := report.Finding{
		Check: report.BaselineCheck, Code: "baseline.compared", Status: report.Info,
		Data: map[string]any{"new": c[changeNew], "fixed": c[changeFixed], "better": c[changeBetter],
			"changed": c[changeRecord], "not_in_baseline": c[changeUnknown], "same": c[changeNothing], "since": d.started.UTC().Format(time.RFC3339)},
	}
	since := d.started.UTC().Format("2006-01-02 15:04 MST")
	if len(c) == 0 || len(c) == 1 && c[changeNothing] > 0 {
		f.Summary = "nothing changed since " + since
	} else {
		f.Summary = fmt.Sprintf("since %s: %d new, %d fixed, %d better, %d changed", since,
			c[changeNew], c[changeFixed], c[changeBetter], c[changeRecord])
	}
	if n := c[changeUnknown]; n > 0 {
		f.Summary += fmt.Sprintf("; %s of checks that the baseline does not have", kit.Plural(n, "problem", "problems"))
	}
	if n := c[changeNothing]; n > 0 {
		f.Summary += "; " + kit.Plural(n, "problem", "problems") + " as before"
	}
	return f
}
