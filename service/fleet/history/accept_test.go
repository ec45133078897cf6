package history

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/report"
)

// Each row is what happens at each hour, and which events that makes. P is a pass, F
// a failure; + accepts the failure, ~ accepts another one, - accepts nothing, and !
// lets the exception expire.
func TestAcceptedIsNotTold(t *testing.T) {
	none := func(string, string, time.Time) *Exception { return nil }
	for story, want := range map[string]string{
		"PFF+FF":      "problem accepted",
		"PFF+FF+FF":   "problem accepted",
		"PFF+FPPP":    "problem accepted", // its end is told to nobody: it was no alert
		"+PFFF":       "",
		"+PFFPP":      "",
		"+PFF!FF":     "problem",
		"+PFF!FPP":    "problem fixed",
		"+PFF-FF":     "problem",
		"+FF!F":       "problem", // what was there at the start is told when its time is over
		"FF+F":        "",
		"FF+F-F":      "problem",
		"PFF~FF":      "problem",
		"PFF+F-F+F":   "problem accepted problem accepted",
		"PFF+F!F+FPP": "problem accepted problem accepted",
		"PF+F":        "",
		"PF+F!":       "problem",
		"+PFFPP!":     "",
		"FPP+":        "fixed",
	} {
		s := open(t, filepath.Join(t.TempDir(), "h.db"))
		list := Exceptions(none)
		for n, step := range story {
			now := epoch.Add(time.Duration(n) * time.Hour)
			switch step {
			case 'P', 'F':
				status := map[rune]report.Status{'P': report.Pass, 'F': report.Fail}[step]
				add(t, s, look(n, "fra", status))
			default:
				list = map[rune]Exceptions{'-': none, '+': accepting("mx.leftover"), '~': accepting("mx.other"), '!': none}[step]
			}
			for range 2 {
				if err := s.Accept(t.Context(), list, now); err != nil {
					t.Fatal(err)
				}
			}
		}
		events, err := s.Pending(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		on := false
		for i, e := range events {
			kinds = append(kinds, e.Kind)
			on = e.Kind == KindProblem
			said := e.Kind == KindAccepted || i > 0 && events[i-1].Kind == KindAccepted && e.Kind == KindProblem
			if said && (e.Exception == nil || e.Exception.Until != "2026-12-31" || e.Status != "fail") {
				t.Errorf("%s: %+v", story, e)
			}
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s: %q, want %q", story, got, want)
		}
		current, err := s.Current(t.Context(), 10)
		if err != nil || len(current) > 0 != on {
			t.Errorf("%s: %d open, %v", story, len(current), err)
		}
	}
}

// accepting accepts a code.
func accepting(code string) Exceptions {
	return func(domain, c string, _ time.Time) *Exception {
		if domain != "contoso.com" || c != code {
			return nil
		}
		return &Exception{"2026-12-31", "ticket 4711"}
	}
}

// The list says how much of what is wrong is accepted, and until when.
func TestAcceptedIsShown(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	watch(t, s, "contoso.com", "fabrikam.com")
	r := look(0, "fra", report.Fail)
	r.Findings = append(r.Findings, report.Finding{Check: "spf", Code: "spf.all", Status: report.Warn})
	add(t, s, r)
	for _, c := range []struct {
		codes []string
		want  Accepted
	}{
		{nil, Accepted{}},
		{[]string{"mx.leftover"}, Accepted{1, false, "2026-12-31"}},
		{[]string{"mx.leftover", "spf.all"}, Accepted{2, true, "2026-12-31"}},
		{[]string{"mx.other"}, Accepted{}},
	} {
		list := func(_, code string, _ time.Time) *Exception {
			if !slices.Contains(c.codes, code) {
				return nil
			}
			return &Exception{map[string]string{"mx.leftover": "2026-12-31"}[code] + map[string]string{"spf.all": "never"}[code], "x"}
		}
		if err := s.Accept(t.Context(), list, epoch); err != nil {
			t.Fatal(err)
		}
		domains, err := s.Domains(t.Context(), epoch)
		if err != nil || len(domains) != 2 || domains[0].Accepted != c.want || domains[1].Accepted != (Accepted{}) {
			t.Errorf("%v: %+v, %v", c.codes, domains, err)
		}
	}
}

// The verdict and each day show what is left without what was accepted at that time.
// A step is a day: the statuses of mx.leftover and spf.all, which of them (l and s)
// are accepted when they are seen, and behind > those accepted after that.
func TestRemaining(t *testing.T) {
	const f, w, u, r, a = report.NotReady, report.ReadyWarned, report.CouldNotTell, report.Ready, AllAccepted
	for script, want := range map[string][]report.Verdict{ // of the days, and of the domain
		"FP FP FP":       {f, f, f, f},
		"FP FPl FPl":     {f, a, a, a},
		"FPl PPl":        {a, r, r},
		"FPl FP":         {a, f, f},
		"FWl FWl":        {w, w, w},
		"FWs FWls":       {f, a, a},
		"FWls FWs":       {a, f, f},
		"FWls FWl":       {a, w, w},
		"PWs PW":         {a, w, w},
		"FPl FFl":        {a, f, f}, // what is new is not accepted
		"FPl FUl":        {a, u, u},
		"FUl PUl":        {u, u, u},
		"FP FP>l":        {f, f, a}, // accepted since the look
		"FPl FPl>":       {a, a, f}, // not any more since the look
		"FWls FWls>l":    {a, a, w},
		"FWls FWls>s":    {a, a, f},
		"PPls PPls":      {r, r, r},
		"FPl FP FPl PPl": {a, f, a, r, r},
	} {
		s := open(t, filepath.Join(t.TempDir(), "h.db"))
		watch(t, s, "contoso.com")
		days := strings.Fields(script)
		at := epoch
		for day, step := range days {
			at = epoch.AddDate(0, 0, day)
			before, after, more := strings.Cut(step[2:], ">")
			acceptLetters(t, s, before, at)
			add(t, s, twoFindings(step, at))
			if more {
				acceptLetters(t, s, after, at)
			}
		}
		list, err := s.Domains(t.Context(), at)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		d := list[0]
		same := 0 // days at the end with the statuses of the last one
		for i := len(days) - 1; i >= 0 && days[i][:2] == days[len(days)-1][:2]; i-- {
			same++
		}
		if want := epoch.AddDate(0, 0, len(days)-same); !d.Changed.Equal(want) {
			t.Errorf("%s: changed at %v, want %v", script, d.Changed, want)
		}
		if got := append(d.Days.All()[Days-len(days):], d.Remaining); !slices.Equal(got, want) || d.Sites[0].Remaining != d.Remaining {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

// twoFindings is a look that finds mx.leftover and spf.all with these statuses.
func twoFindings(statuses string, at time.Time) Result {
	letters := map[byte]report.Status{'P': report.Pass, 'F': report.Fail, 'W': report.Warn, 'U': report.Unknown}
	r := Result{Run: at.String(), Domain: "contoso.com", Site: "fra", At: at, End: &report.End{}, Findings: []report.Finding{
		{Check: "mx", Code: "mx.leftover", Status: letters[statuses[0]]}, {Check: "spf", Code: "spf.all", Status: letters[statuses[1]]}}}
	var c report.Counts
	c.Add(&r.Findings[0])
	c.Add(&r.Findings[1])
	r.Verdict = c.Verdict(false)
	return r
}

// acceptLetters accepts the findings of these letters.
func acceptLetters(t *testing.T, s *Store, letters string, now time.Time) {
	t.Helper()
	err := s.Accept(t.Context(), func(_, code string, _ time.Time) *Exception {
		if letter := map[string]string{"mx.leftover": "l", "spf.all": "s"}[code]; strings.Contains(letters, letter) {
			return &Exception{Never, "x"}
		}
		return nil
	}, now)
	if err != nil {
		t.Fatal(err)
	}
}
