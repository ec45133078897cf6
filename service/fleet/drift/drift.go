// Package drift decides which differences between two looks at a domain are
// worth telling: those that were seen twice, or from two sites. What one site alone
// sees, and another one does not, is no change but a disagreement.
package drift

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"maildiag/report"
)

// Confirmations is how often a change must be seen, one look after the other at a
// site or once from as many sites, before it is an event.
const Confirmations = 2

// Problem names what is wrong, without the words that may change from look to
// look.
type Problem struct {
	Check   string `json:"check"`
	Code    string `json:"code"`
	Subject string `json:"subject,omitempty"`
}

// Compare orders problems.
func Compare(a, b Problem) int {
	return cmp.Or(cmp.Compare(a.Check, b.Check), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
}

// Look is what one look at a domain says about problems.
type Look struct {
	Present map[Problem]report.Status // Warn or Fail
	checks  map[string]*results
}

// results are those of one check.
type results struct {
	subjects map[string]bool // with a result
	faulty   bool            // something is present
	unknown  bool
}

// Read reads the findings of one look. A check with an Unknown proves nothing
// gone, nor does one that was only skipped; what it did find is present all the
// same.
func Read(findings []report.Finding) Look {
	l := Look{Present: map[Problem]report.Status{}, checks: map[string]*results{}}
	for i := range findings {
		f := &findings[i]
		subject := clean(f.Subject)
		c := l.checks[f.Check]
		if c == nil {
			c = &results{subjects: map[string]bool{}}
			l.checks[f.Check] = c
		}
		switch f.Status {
		case report.Fail, report.Warn:
			p := Problem{f.Check, f.Code, subject}
			l.Present[p] = max(l.Present[p], f.Status)
			c.subjects[subject], c.faulty = true, true
		case report.Pass, report.Info:
			c.subjects[subject] = true
		case report.Skip:
		default: // Unknown, Unset
			c.unknown = true
		}
	}
	maps.DeleteFunc(l.checks, func(_ string, c *results) bool { return c.unknown || len(c.subjects) == 0 })
	return l
}

// clean makes a subject one that any database can keep.
func clean(subject string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(subject, "\x00", "\ufffd"), "\ufffd")
}

// Judged returns the checks that came to a result, in order.
func (l Look) Judged() []string { return slices.Sorted(maps.Keys(l.checks)) }

// Says reports whether the look has seen the problem, and whether it can tell. A
// problem of a subject is gone if its check has a result for this subject, or
// found nothing wrong at all: a fault elsewhere may have hidden the subject.
func (l Look) Says(p Problem) (present, known bool) {
	if _, ok := l.Present[p]; ok {
		return true, true
	}
	c := l.checks[p.Check]
	return false, c != nil && (p.Subject == "" || c.subjects[p.Subject] || !c.faulty)
}

// Problems returns what is present, in order.
func (l Look) Problems() []Problem { return slices.SortedFunc(maps.Keys(l.Present), Compare) }

// Sighting is what one site says about one problem: whether it is present, in how
// many looks in a row, and when some of these were. Confirmed is the one that
// confirmed what it says.
type Sighting struct {
	Present                bool
	Streak                 int
	First, Confirmed, Last time.Time
}

// Next returns the sighting after another look.
func (s Sighting) Next(present bool, at time.Time) Sighting {
	if s.Streak == 0 || s.Present != present {
		return Sighting{Present: present, Streak: 1, First: at, Last: at}
	}
	if s.Streak++; s.Streak == Confirmations {
		s.Confirmed = at
	}
	s.Last = at
	return s
}

// Open reports whether a problem is open, given whether it was and what each site
// says. Two sites confirm a change, or one site twice if no other contradicts it.
// A problem that is open stays so while a site sees it.
func Open(was bool, sites []Sighting) bool {
	present, absent := split(sites)
	switch {
	case was:
		return len(present) > 0 || !confirmed(absent)
	case len(present) == 1 && len(absent) > 0:
		return present[0].alone(absent)
	}
	return confirmed(present)
}

// alone reports whether a site has confirmed what it says while others could not
// tell, which saw something else before. One look more than usual gives them the time
// to contradict: sites do not look in the same order each time.
func (s Sighting) alone(others []Sighting) bool {
	return s.Streak > Confirmations && !slices.ContainsFunc(others, func(o Sighting) bool { return !o.Last.Before(s.First) })
}

// split returns the sites that see a problem and those that do not.
func split(sites []Sighting) (present, absent []Sighting) {
	for _, s := range sites {
		if s.Present {
			present = append(present, s)
		} else {
			absent = append(absent, s)
		}
	}
	return present, absent
}

// confirmed reports whether two sites, or one site twice, say the same.
func confirmed(sites []Sighting) bool {
	return len(sites) >= Confirmations || len(sites) == 1 && sites[0].Streak >= Confirmations
}

// Disagree reports whether sites disagree about a problem, given whether they did:
// two of them have each confirmed what they see, and looked again since the other
// did. It ends when all say the same.
func Disagree(was bool, sites []Sighting) bool {
	present, absent := split(sites)
	for _, p := range present {
		for _, a := range absent {
			if was || p.since(a) && a.since(p) {
				return true
			}
		}
	}
	return false
}

// since reports whether a site has looked since another one confirmed what it says.
func (s Sighting) since(other Sighting) bool {
	return other.Streak >= Confirmations && !s.Last.Before(other.Confirmed)
}
