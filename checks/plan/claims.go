package plan

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/report"
)

// claim is what a finding says of what.
type claim struct{ code, subject string }

// claims is what is wrong with a domain.
type claims struct {
	bad    map[claim]report.Status // Fail and Warn
	order  []claim                 // of bad, as found
	counts report.Counts
	unsure []claim // an answer was missing that the verdict needs
}

func claimsOf(findings []*report.Finding) claims {
	c := claims{bad: map[claim]report.Status{}}
	for _, f := range findings {
		c.counts.Add(f)
		at := claim{f.Code, f.Subject}
		switch {
		case f.Status == report.Unknown && !f.Optional:
			c.unsure = append(c.unsure, at)
		case f.Status == report.Fail || f.Status == report.Warn:
			if _, known := c.bad[at]; !known {
				c.order = append(c.order, at)
			}
			c.bad[at] = max(c.bad[at], f.Status)
		}
	}
	return c
}

// noWorseThan reports whether nothing is wrong, or graver, that was not before:
// but for one code that a later step ends, and for warnings in the place of
// others of the same check, such as p=none where there was no policy.
func (c claims) noWorseThan(before claims, excused string) bool {
	for at, status := range c.bad {
		if status > before.bad[at] && at.code != excused && !(status == report.Warn && c.milderThan(before, at.check())) {
			return false
		}
	}
	return c.sureAs(before)
}

// check is the check that a claim is of. Reports of TLS count to MTA-STS: they are asked
// for as soon as a policy is in force.
func (at claim) check() string {
	check, _, _ := strings.Cut(at.code, ".")
	if check == "tlsrpt" {
		return "mtasts"
	}
	return check
}

// milderThan reports whether what a check finds is milder: a failure is gone, or
// there are fewer warnings.
func (c claims) milderThan(before claims, check string) bool {
	count := func(c claims, status report.Status) (n int) {
		for at, s := range c.bad {
			if s == status && at.check() == check {
				n++
			}
		}
		return n
	}
	fails, warns := count(c, report.Fail)-count(before, report.Fail), count(c, report.Warn)-count(before, report.Warn)
	return fails < 0 || fails == 0 && warns < 0
}

// sureAs reports whether all could be checked that could be before.
func (c claims) sureAs(before claims) bool {
	return !slices.ContainsFunc(c.unsure, func(at claim) bool { return !slices.Contains(before.unsure, at) })
}

// has reports whether something is still wrong, or could not be checked.
func (c claims) has(code string) bool {
	return slices.ContainsFunc(slices.Concat(c.order, c.unsure), func(at claim) bool { return at.code == code })
}

// open reports whether a finding still holds.
func (c claims) open(f *report.Finding) bool {
	at := claim{f.Code, f.Subject}
	return c.bad[at] > report.Unset || slices.Contains(c.unsure, at)
}

// without returns the claims without those of some codes, which commands end: what
// they are about passes then.
func (c claims) without(codes ...string) claims {
	out := claims{bad: map[claim]report.Status{}, counts: c.counts, unsure: c.unsure}
	for _, at := range c.order {
		status := c.bad[at]
		switch {
		case !slices.Contains(codes, at.code):
			out.bad[at], out.order = status, append(out.order, at)
			continue
		case status == report.Fail:
			out.counts.Fail--
		default:
			out.counts.Warn--
		}
		out.counts.Pass++
	}
	return out
}

// noMoreThan reports whether no code has more, or graver, claims than before.
func (c claims) noMoreThan(before claims) bool {
	weigh := func(c claims) map[string]int {
		sum := map[string]int{}
		for at, status := range c.bad {
			sum[at.code] += int(status)
		}
		return sum
	}
	was := weigh(before)
	for code, sum := range weigh(c) {
		if sum > was[code] {
			return false
		}
	}
	return c.sureAs(before)
}

// failsNoMoreThan reports whether nothing fails that did not before, but in the
// place of another failure of the same check.
func (c claims) failsNoMoreThan(before claims) bool {
	for at, status := range c.bad {
		if status == report.Fail && before.bad[at] < report.Fail && !c.milderThan(before, at.check()) {
			return false
		}
	}
	return true
}

// failsAnew reports whether something fails that did not before.
func (c claims) failsAnew(before claims) bool {
	return slices.ContainsFunc(c.order, func(at claim) bool { return c.bad[at] == report.Fail && before.bad[at] < report.Fail })
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

// ended lists what a change ends of the checks that some claims are of: also what the
// change was not made for.
func (c claims) ended(after claims, of []claim) (list []claim) {
	for _, at := range c.order {
		if after.bad[at] == report.Unset && slices.ContainsFunc(of, func(o claim) bool { return o.check() == at.check() }) {
			list = append(list, at)
		}
	}
	return list
}

// result is how the domain is judged after the changes of records. What commands do
// does not show in the DNS before.
func (w world) result() report.PlanResult {
	left := w.claims
	return report.PlanResult{Verdict: kit.EndOf(w.known).Verdict(left.counts), Fail: left.counts.Fail, Warn: left.counts.Warn,
		Remaining: unique(mapped(left.order, func(at claim) string { return at.code }))}
}
