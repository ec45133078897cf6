package plan

import (
	"slices"

	"maildiag/report"
)

// claim is what a finding says of what.
type claim struct{ code, subject string }

// claims is what is wrong with a domain.
type claims struct {
	bad    map[claim]report.Status // Fail and Warn
	order  []claim                 // of bad, as found
	counts report.Counts
	unsure bool // an answer was missing that the verdict needs
}

func claimsOf(findings []report.Finding) claims {
	c := claims{bad: map[claim]report.Status{}}
	for i := range findings {
		f := &findings[i]
		c.counts.Add(f)
		at := claim{f.Code, f.Subject}
		switch {
		case f.Status == report.Unknown && !f.Optional:
			c.unsure = true
		case f.Status == report.Fail || f.Status == report.Warn:
			if _, known := c.bad[at]; !known {
				c.order = append(c.order, at)
			}
			c.bad[at] = max(c.bad[at], f.Status)
		}
	}
	return c
}

// noWorseThan reports whether nothing is wrong, or graver, that was not before,
// but for one code that a later step ends.
func (c claims) noWorseThan(before claims, excused string) bool {
	for at, status := range c.bad {
		if status > before.bad[at] && at.code != excused {
			return false
		}
	}
	return !c.unsure || before.unsure
}

// verdictNoWorseThan reports whether the domain is not judged worse than before.
func (c claims) verdictNoWorseThan(before claims) bool {
	rank := func(c claims) int {
		return slices.Index([]report.Verdict{report.Ready, report.ReadyWarned, report.CouldNotTell, report.NotReady}, c.counts.Verdict(false))
	}
	return rank(c) <= rank(before)
}

// gone lists those of the codes whose findings are gone after a change, or milder.
func (c claims) gone(after claims, codes []string) (fixed []string) {
	for _, at := range c.order {
		if slices.Contains(codes, at.code) && after.bad[at] < c.bad[at] && !slices.Contains(fixed, at.code) {
			fixed = append(fixed, at.code)
		}
	}
	return fixed
}

// result is how the domain is judged in the end.
func (w world) result() report.PlanResult {
	r := report.PlanResult{Verdict: w.claims.counts.Verdict(false),
		Fail: w.claims.counts.Of(report.Fail), Warn: w.claims.counts.Of(report.Warn)}
	for _, at := range w.claims.order {
		if !slices.Contains(r.Remaining, at.code) {
			r.Remaining = append(r.Remaining, at.code)
		}
	}
	return r
}
