package history

import (
	"slices"

	"maildiag/report"
)

// Days is how many days a strip shows.
const Days = 30

// Strip is the worst that remained of each day (UTC), today last. 100,000 domains have
// one each, so a day is a byte: a place in [stripVerdicts].
type Strip [Days]uint8

// stripVerdicts are the verdicts that a day may have; empty: no result.
func stripVerdicts() [8]report.Verdict {
	return [...]report.Verdict{"", report.Ready, report.ReadyWarned, report.CouldNotTell, report.NotReady, report.NotOnMicrosoft, report.NoMail, AllAccepted}
}

// On returns the verdict of a day.
func (s *Strip) On(day int) report.Verdict { return stripVerdicts()[s[day]] }

// All returns the verdicts of all days.
func (s *Strip) All() []report.Verdict {
	out := make([]report.Verdict, Days)
	for i := range out {
		out[i] = s.On(i)
	}
	return out
}

// Add counts a verdict of a day.
func (s *Strip) Add(day int, v report.Verdict) {
	all := stripVerdicts()
	if v = worst(s.On(day), v); !slices.Contains(all[:], v) {
		v = report.CouldNotTell // one of another version
	}
	s[day] = uint8(slices.Index(all[:], v))
}
