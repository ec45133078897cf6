package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/cmd/internal/exceptions"
	"maildiag/report"
)

// acceptCheck is the row of the findings on the exceptions themselves.
const acceptCheck = "accept"

// accepting is a sink that turns accepted findings into Info. An exception that
// has expired changes nothing any more, and says so as a warning.
type accepting struct {
	next       report.Sink
	exceptions *exceptions.List
	asOf       string // the day that the run is judged as of, if not today
	now        time.Time
	domain     string
	here       []*exceptions.Exception        // for the open domain
	met        map[*exceptions.Exception]bool // those that a finding met
	untold     map[string]bool                // checks without a result
	ran        map[string]bool                // checks that did
	left       bool                           // a problem is not accepted
}

func (a *accepting) Emit(e report.Event) error {
	switch {
	case e.Start != nil:
		start := *e.Start
		a.asOf = start.AsOf
		start.Checks = append(slices.Clone(start.Checks),
			report.CheckInfo{ID: acceptCheck, Title: "EXCEPTIONS"})
		e.Start = &start
	case e.Begin != nil:
		a.domain = e.Begin.Domain
		a.now, _ = asOf(a.asOf, e.Begin.Started) // it was read before
		a.here, a.met = a.exceptions.Of(a.domain), map[*exceptions.Exception]bool{}
		a.untold, a.ran, a.left = map[string]bool{}, map[string]bool{}, false
	case e.Finding != nil:
		f := a.judge(*e.Finding)
		a.left = a.left || bad(f.Status)
		e.Finding = &f
	case e.End != nil && !e.End.Cut:
		for _, f := range a.own() {
			if err := a.next.Emit(report.Event{Finding: &f}); err != nil {
				return err
			}
		}
		e.End = planIfBad(e.End, a.left)
	}
	return a.next.Emit(e)
}

// judge turns a finding into Info if it is accepted.
func (a *accepting) judge(f report.Finding) report.Finding {
	a.ran[f.Check] = true
	if f.Status == report.Unknown || f.Status == report.Skip {
		a.untold[f.Check] = true
	}
	if !bad(f.Status) {
		return f
	}
	accepted := false
	for _, e := range a.here {
		if !e.Covers(f.Code) {
			continue
		}
		a.met[e] = true
		if !e.Expired(a.now) && !accepted {
			accepted = true
			until := " until " + e.Day
			if e.Until.IsZero() {
				until = ""
			}
			f.Summary = fmt.Sprintf("accepted%s (%s); would be %s: %s", until, e.Reason, f.Status, f.Summary)
			f.Status, f.Cause, f.Accepted = report.Info, "", true
		}
	}
	return f
}

// own returns the findings on the exceptions: those that have expired while the
// problem is still there, and those that nothing needs any more; or one on all.
func (a *accepting) own() (out []report.Finding) {
	for _, e := range a.here {
		check, _, _ := strings.Cut(e.ID, ".")
		where := fmt.Sprintf("%s line %d", a.exceptions.File, e.Line)
		f := report.Finding{Check: acceptCheck, Subject: e.ID}
		switch {
		case a.met[e] && e.Expired(a.now):
			f.Code, f.Status, f.Cause = "accept.expired", report.Warn, report.CauseInput
			f.Summary = fmt.Sprintf("%s was accepted until %s (%s), and is still there", e.ID, e.Day, e.Reason)
			f.Fix = &report.Fix{Owner: report.OwnerYou,
				Text: "Solve it, or, if that must wait, set a later day in " + where + "."}
		case !a.met[e] && e.Domain == a.domain && a.ran[check] && !a.untold[check]:
			f.Code, f.Status = "accept.unused", report.Info
			f.Summary = fmt.Sprintf("the exception for %s is needed no more: delete %s", e.ID, where)
		default:
			continue
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		out = append(out, a.sum())
	}
	return out
}

// sum returns the finding for a domain whose exceptions need no change.
func (a *accepting) sum() report.Finding {
	f := report.Finding{Check: acceptCheck, Code: "accept.active", Status: report.Skip,
		Summary: "no exception in " + a.exceptions.File + " is needed here"}
	var met []string
	for _, e := range a.here {
		if a.met[e] && !slices.Contains(met, e.ID) {
			met = append(met, e.ID)
		}
	}
	if len(met) > 0 {
		f.Status, f.Summary = report.Pass, a.exceptions.File+" accepts "+strings.Join(met, ", ")
	}
	return f
}
