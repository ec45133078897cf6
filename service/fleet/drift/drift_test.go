package drift

import (
	"testing"

	"maildiag/report"
)

func TestOpen(t *testing.T) {
	yes, no := func(n int) Sighting { return Sighting{true, n} }, func(n int) Sighting { return Sighting{false, n} }
	for name, c := range map[string]struct {
		was   bool
		sites []Sighting
		want  bool
	}{
		"nobody looked":                {false, nil, false},
		"nobody looked, was open":      {true, nil, true},
		"seen once":                    {false, []Sighting{yes(1)}, false},
		"seen twice":                   {false, []Sighting{yes(2)}, true},
		"seen from two sites":          {false, []Sighting{yes(1), yes(1)}, true},
		"one site of three, once":      {false, []Sighting{yes(1), no(9), no(9)}, false},
		"one site of three, twice":     {false, []Sighting{yes(2), no(9), no(9)}, true},
		"gone once":                    {true, []Sighting{no(1)}, true},
		"gone twice":                   {true, []Sighting{no(2)}, false},
		"gone at two sites":            {true, []Sighting{no(1), no(1)}, false},
		"gone at two of three sites":   {true, []Sighting{no(9), no(9), yes(1)}, true},
		"one site flaps, one is right": {false, []Sighting{yes(1), no(4)}, false},
	} {
		if got := Open(c.was, c.sites); got != c.want {
			t.Errorf("%s: Open(%t, %v) = %t", name, c.was, c.sites, got)
		}
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
