package drift

import (
	"strings"
	"testing"
	"time"

	"maildiag/report"
)

// Each row is what two or three sites say in each interval, the one after the other:
// x is a problem, o is none, - is a look that could not tell, or none. What a site
// said last counts for three intervals. They look in this order, after ~ in the other
// one. Events are P for a problem, F for fixed, D
// for sites that disagree, A for sites that agree.
func TestEvents(t *testing.T) {
	for name, c := range map[string]struct{ looks, want string }{
		"one site":                             {"o x x x o o", "P F"},
		"one site flaps":                       {"o x o x o x", ""},
		"one of two":                           {"oo xo xo xo", "D"},
		"one of two, the other comes later":    {"oo xo xo xx", "D P A"},
		"one of two ends":                      {"oo xo xo oo oo", "D A"},
		"one of two flaps":                     {"oo xo oo xo oo", ""},
		"one of two, the other flaps":          {"oo xo xx xo xx", "P"},
		"one of two, the other cannot tell":    {"oo x- x- x-", "P"},
		"the same, and then it can":            {"oo x- x- xo xo", "P D"},
		"one of two, the other never could":    {"o- x- x-", "P"},
		"one of two, the other is silent long": {"oo oo o- o- o- x- x-", "P"},
		"it disagrees, then is silent":         {"oo xo xo x- x- x- x-", "D P A"},
		"both":                                 {"oo xx", "P"},
		"both, one after the other":            {"oo xo xx", "P"},
		"both, and one is fixed":               {"oo xx ox ox ox", "P D"},
		"both, and both are fixed":             {"oo xx ox oo", "P F"},
		"both are fixed at once":               {"oo xx oo", "P F"},
		"fixed, the other cannot tell":         {"oo xx o- o- o- o-", "P F"},
		"one of three":                         {"ooo xoo xoo xoo", "D"},
		"one of three, once":                   {"ooo xoo ooo", ""},
		"two of three":                         {"ooo xxo xxo", "P D"},
		"two of three in turn":                 {"ooo xoo oxo oox ooo", ""},
		"one of three, two cannot tell":        {"ooo x-- x-- x--", "P"},
		"the same, twice":                      {"ooo x-- x--", ""},
		"the order changes":                    {"oo ~xo xo xo", "D"},
		"the order changes, both see it":       {"oo ~xo xx", "P"},
		"one of three, one cannot tell":        {"ooo x-o x-o", "D"},
		"all three, fixed at two":              {"ooo xxx oox oox", "P D"},
		"unknown alone":                        {"ooo --- --- ooo", ""},
	} {
		if got := eventsOf(c.looks); got != c.want {
			t.Errorf("%s: %s: %q, want %q", name, c.looks, got, c.want)
		}
	}
}

// eventsOf returns the events of looks, each interval a word, each site a letter.
func eventsOf(looks string) string {
	const interval = time.Hour
	var events []string
	open, differ := false, false
	sites := map[int]Sighting{}
	for n, word := range strings.Fields(looks) {
		word, reversed := strings.CutPrefix(word, "~")
		for i := range word {
			site := i
			if reversed {
				site = len(word) - 1 - i
			}
			now, said := time.Unix(0, 0).Add(time.Duration(n)*interval+time.Duration(i)*time.Minute), word[site]
			if said == '-' {
				continue
			}
			sites[site] = sites[site].Next(said == 'x', now)
			var fresh []Sighting
			for _, s := range sites {
				if now.Sub(s.Last) <= 3*interval {
					fresh = append(fresh, s)
				}
			}
			for _, x := range []struct {
				was         *bool
				is          bool
				begins, end string
			}{{&open, Open(open, fresh), "P", "F"}, {&differ, Disagree(differ, fresh), "D", "A"}} {
				if x.is != *x.was {
					events = append(events, map[bool]string{true: x.begins, false: x.end}[x.is])
				}
				*x.was = x.is
			}
		}
	}
	return strings.Join(events, " ")
}

// Nobody who has looked, or looks any more, changes nothing.
func TestNoSites(t *testing.T) {
	if Open(false, nil) || !Open(true, nil) || Disagree(false, nil) || Disagree(true, nil) {
		t.Error("no sites change something")
	}
}

// Whatever else a check found, an Unknown in it proves nothing gone and is no
// problem; nor is a Skip a result.
func TestUnknownProvesNothing(t *testing.T) {
	p := Problem{"mx", "mx.leftover", "contoso.com"}
	for s := report.Unset; s <= report.Unknown; s++ {
		for with := report.Unset; with <= report.Unknown; with++ {
			look := Read([]report.Finding{
				{Check: "mx", Code: "mx.other", Subject: p.Subject, Status: s}, {Check: "mx", Code: "mx.one", Subject: p.Subject, Status: with}})
			present, known := look.Says(p)
			open := s == report.Unknown || with == report.Unknown || s == report.Unset || with == report.Unset
			skipped := s == report.Skip && with == report.Skip
			if present || known == (open || skipped) {
				t.Errorf("%v and %v: present %t, known %t", s, with, present, known)
			}
			for q := range look.Present {
				if st := look.Present[q]; st != report.Warn && st != report.Fail {
					t.Errorf("%v is a problem", st)
				}
			}
		}
	}
	if _, known := Read(nil).Says(p); known {
		t.Error("a check that did not run proves something")
	}
}

// A problem of one subject is not gone because another subject was judged, unless
// the check found nothing wrong.
func TestGoneNeedsItsSubject(t *testing.T) {
	p := Problem{"mx", "mx.leftover", "a.contoso.com"}
	for name, c := range map[string]struct {
		subject string
		status  report.Status
		known   bool
	}{
		"its own subject, passed":   {p.Subject, report.Pass, true},
		"its own subject, failed":   {p.Subject, report.Fail, true},
		"another subject, passed":   {"b.contoso.com", report.Pass, true},
		"another subject, for info": {"b.contoso.com", report.Info, true},
		"another subject, failed":   {"b.contoso.com", report.Fail, false},
		"another subject, warned":   {"b.contoso.com", report.Warn, false},
		"another subject, unknown":  {"b.contoso.com", report.Unknown, false},
		"the check as a whole":      {"", report.Fail, false},
	} {
		look := Read([]report.Finding{{Check: "mx", Code: "mx.other", Subject: c.subject, Status: c.status}})
		if present, known := look.Says(p); present || known != c.known {
			t.Errorf("%s: present %t, known %t", name, present, known)
		}
	}
}
