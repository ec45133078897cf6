package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"maildiag/report"
)

// worstShown is how many domains the summary names.
const worstShown = 25

// codesShown is how many findings it names of each.
const codesShown = 3

// bulkStats is a sink that keeps what the summary of a long run tells: counts
// by check, and the worst domains. It takes the same room however many domains
// there are.
type bulkStats struct {
	rows   []report.CheckInfo
	checks map[string]*report.Counts
	worst  []standing // sorted, the worst first
	open   standing
}

// standing is how a domain stands.
type standing struct {
	domain  string
	counts  report.Counts
	verdict report.Verdict
	codes   []string // of the first failures
	warned  []string // of the first warnings
}

func (s *bulkStats) Emit(e report.Event) error {
	switch {
	case e.Begin != nil:
		s.open = standing{domain: e.Begin.Domain}
	case e.Finding != nil:
		s.take(e.Finding)
	case e.End != nil:
		s.open.verdict = e.End.Verdict(s.open.counts)
		if s.open.verdict != report.Ready {
			s.rank(s.open)
		}
	}
	return nil
}

func (s *bulkStats) take(f *report.Finding) {
	if s.checks == nil {
		s.checks = map[string]*report.Counts{}
	}
	if s.checks[f.Check] == nil {
		s.checks[f.Check] = &report.Counts{}
	}
	s.checks[f.Check].Add(f)
	s.open.counts.Add(f)
	switch f.Status {
	case report.Fail, report.Unknown:
		s.open.codes = tell(s.open.codes, f.Code)
	case report.Warn:
		s.open.warned = tell(s.open.warned, f.Code)
	}
}

// tell adds a code to those that are shown, if there is room.
func tell(codes []string, code string) []string {
	if len(codes) == codesShown || slices.Contains(codes, code) {
		return codes
	}
	return append(codes, code)
}

// rank puts a domain into the list of the worst.
func (s *bulkStats) rank(d standing) {
	i, _ := slices.BinarySearchFunc(s.worst, d, worseStanding)
	if i < worstShown {
		s.worst = slices.Insert(s.worst, i, d)
		s.worst = s.worst[:min(len(s.worst), worstShown)]
	}
}

// worseStanding orders domains, the worst first.
func worseStanding(a, b standing) int {
	rank := func(v report.Verdict) int { return slices.Index(verdictsByWorst(), v) }
	return cmp.Or(
		cmp.Compare(rank(a.verdict), rank(b.verdict)),
		cmp.Compare(b.counts.Fail, a.counts.Fail),
		cmp.Compare(b.counts.Unknown, a.counts.Unknown),
		cmp.Compare(b.counts.Warn, a.counts.Warn),
		cmp.Compare(a.domain, b.domain),
	)
}

func verdictsByWorst() []report.Verdict {
	return []report.Verdict{report.NotReady, report.BlockedHere, report.CouldNotTell, report.ReadyWarned, report.NotOnMicrosoft, report.Ready, report.NoMail}
}

// verdictWords returns a verdict in small letters: "not ready".
func verdictWords(v report.Verdict) string { return strings.ReplaceAll(string(v), "_", " ") }

// write prints the summary.
func (s *bulkStats) write(w io.Writer) {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.StripEscape)
	if len(s.worst) > 0 {
		fmt.Fprint(tw, "WORST\tVERDICT\tFAIL\tUNKNOWN\tWARN\tWHAT\n")
		for _, d := range s.worst {
			if len(d.codes) == 0 {
				d.codes = d.warned
			}
			fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%s\n", report.Clean(d.domain), verdictWords(d.verdict),
				d.counts.Fail, d.counts.Unknown, d.counts.Warn, strings.Join(d.codes, " "))
		}
		fmt.Fprintln(tw)
		tw.Flush()
	}
	fmt.Fprint(tw, "CHECK\tFAIL\tUNKNOWN\tWARN\tPASS\tINFO\tSKIP\n")
	for _, r := range s.rows {
		if c := s.checks[r.ID]; c != nil {
			fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\n", r.ID, c.Fail, c.Unknown, c.Warn, c.Pass, c.Info, c.Skip)
		}
	}
	tw.Flush()
}
