package report

import (
	"slices"
	"strings"
)

// BaselineCheck is the row of the findings on a comparison with an earlier run.
const BaselineCheck = "baseline"

// Report is all that is known of one domain.
type Report struct {
	Start    Start
	Begin    Begin
	Findings []Finding
	End      End
}

// Counts counts the findings by their status.
func (r *Report) Counts() Counts {
	var c Counts
	for i := range r.Findings {
		c.Add(&r.Findings[i])
	}
	return c
}

// Verdict judges the domain.
func (r *Report) Verdict() Verdict { return r.End.Verdict(r.Counts()) }

// ExitCode returns the exit code for this domain alone; failOn is Warn or Fail.
func (r *Report) ExitCode(failOn Status) int { return r.End.ExitCode(r.Counts(), failOn) }

// compared reports whether the run has only what changed since an earlier one.
func (s *Start) compared() bool {
	return slices.ContainsFunc(s.Checks, func(c CheckInfo) bool { return c.ID == BaselineCheck })
}

// titleOf returns a verdict in words, with what was checked if that is not all.
func (s *Start) titleOf(v Verdict) string { return strings.TrimSpace(s.bareTitle(v) + " " + s.scope()) }

// bareTitle returns a verdict in words. Where nothing new is wrong, that does
// not mean that the domain is ready.
func (s *Start) bareTitle(v Verdict) string {
	if v == Ready && s.compared() {
		return "NOTHING NEW"
	}
	return v.Title()
}

// scope says which checks were run, if not all were: "(only: mx, spf)".
func (s *Start) scope() string {
	for _, f := range [][2]string{{"--only", "only"}, {"--skip", "without"}} {
		if list := s.option(f[0]); list != "" {
			return "(" + f[1] + ": " + strings.ReplaceAll(list, ",", ", ") + ")"
		}
	}
	return ""
}

// option returns the value of a flag that was asked for, if it is a list of
// checks. Options that are read back can hold anything.
func (s *Start) option(flag string) string {
	fields := strings.Fields(s.Options)
	i := slices.Index(fields, flag)
	if i < 0 || i+1 == len(fields) || len(fields[i+1]) > 200 {
		return ""
	}
	if strings.Trim(fields[i+1], "abcdefghijklmnopqrstuvwxyz0123456789-,") != "" {
		return ""
	}
	return fields[i+1]
}

// title returns the heading of a check.
func (s *Start) title(check string) string {
	for _, list := range [...][]CheckInfo{s.Checks, s.titles} {
		for _, c := range list {
			if c.ID == check && c.Title != "" {
				return c.Title
			}
		}
	}
	return check
}

// usualFindings is how many findings most domains have at most.
const usualFindings = 32

// Collect returns a sink that calls each with every domain when it is done. It
// holds one domain at a time; the Report is not used again.
func Collect(each func(*Report) error) Sink { return &collector{each: each} }

// collector is the base of the renderers that need a whole domain. All three
// functions may be nil.
type collector struct {
	open  func(*Start) error
	each  func(*Report) error
	close func(*Stop) error

	brief bool // each keeps nothing of the Report

	start Start
	rep   *Report
	room  []Finding // for the next one
}

func (c *collector) Emit(e Event) error {
	switch {
	case e.Start != nil:
		c.start = *e.Start
		if c.open != nil {
			return c.open(e.Start)
		}
	case e.Begin != nil:
		if cap(c.room) == 0 {
			c.room = make([]Finding, 0, usualFindings)
		}
		c.rep, c.room = &Report{Start: c.start, Begin: *e.Begin, Findings: c.room}, nil
	case e.Finding != nil && c.rep != nil:
		c.rep.Findings = append(c.rep.Findings, *e.Finding)
	case e.End != nil && c.rep != nil:
		r := c.rep
		r.End, c.rep = *e.End, nil
		err := c.each(r)
		if c.brief {
			clear(r.Findings)
			c.room = r.Findings[:0]
		}
		return err
	case e.Stop != nil && c.close != nil:
		return c.close(e.Stop)
	}
	return nil
}
