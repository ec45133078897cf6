package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
)

// exceptions are findings that someone accepts, one a line:
//
//	ID DOMAIN UNTIL REASON
//
// ID is a finding's (mx.leftover) or a check's (mx: all of them), DOMAIN a name,
// *.NAME for all below it or * for all, UNTIL the last day (2026-12-31) or
// never, REASON the rest of the line. # starts a comment line.
type exceptions struct {
	file  string
	exact map[string][]*exception
	wild  []*exception
}

// exception is one line of the file.
type exception struct {
	line   int
	id     string
	domain string    // "": all; with a leading dot: all below
	until  time.Time // the first moment after the last day; zero: never
	day    string    // UNTIL as it is written
	reason string
}

// maxExceptions bounds the file in bytes.
const maxExceptions = 16 << 20

func readExceptions(name string) (*exceptions, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	x := &exceptions{file: name, exact: map[string][]*exception{}}
	known := map[string]bool{} // IDs that were looked up
	lines := bufio.NewScanner(io.LimitReader(file, maxExceptions))
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\uFEFF"))
		if text == "" || text[0] == '#' {
			continue
		}
		e, err := parseException(text)
		if err == nil && !known[e.id] {
			err = mustBeID(e.id)
			known[e.id] = true
		}
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", name, n, err)
		}
		e.line = n
		if e.domain == "" || e.domain[0] == '.' {
			x.wild = append(x.wild, e)
		} else {
			x.exact[e.domain] = append(x.exact[e.domain], e)
		}
	}
	return x, lines.Err()
}

func parseException(text string) (*exception, error) {
	f := strings.Fields(text)
	if len(f) < 4 {
		return nil, errors.New("it needs an ID, a domain, the last day and a reason")
	}
	e := &exception{id: f[0], day: f[2], reason: strings.Join(f[3:], " ")}
	if f[1] != "*" {
		below := strings.HasPrefix(f[1], "*.")
		domain, _, err := dnsrec.ParseDomain(strings.TrimPrefix(f[1], "*."))
		if err != nil {
			return nil, errors.New(sayLine(err))
		}
		if e.domain = domain; below {
			e.domain = "." + domain
		}
	}
	if f[2] != "never" {
		day, err := time.Parse(time.DateOnly, f[2])
		if err != nil {
			return nil, fmt.Errorf("%q is not a day such as 2026-12-31, nor never", f[2])
		}
		e.until = day.AddDate(0, 0, 1)
	}
	return e, nil
}

// of returns the exceptions for a domain, in the order of the file.
func (x *exceptions) of(domain string) []*exception {
	all := slices.Clone(x.exact[domain])
	for _, e := range x.wild {
		if strings.HasSuffix(domain, e.domain) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b *exception) int { return a.line - b.line })
	return all
}

// covers reports whether the exception is for a finding.
func (e *exception) covers(code string) bool {
	return code == e.id || strings.HasPrefix(code, e.id+".")
}

// expired reports whether the last day has passed, in UTC.
func (e *exception) expired(now time.Time) bool {
	return !e.until.IsZero() && !now.Before(e.until)
}

// acceptCheck is the row of the findings on the exceptions themselves.
const acceptCheck = "accept"

// accepting is a sink that turns accepted findings into Info. An exception that
// has expired changes nothing any more, and says so as a warning.
type accepting struct {
	next       report.Sink
	exceptions *exceptions
	now        time.Time
	domain     string
	here       []*exception        // for the open domain
	met        map[*exception]bool // those that a finding met
	untold     map[string]bool     // checks without a result
	ran        map[string]bool     // checks that did
	left       bool                // a problem is not accepted
}

func (a *accepting) Emit(e report.Event) error {
	switch {
	case e.Start != nil:
		start := *e.Start
		start.Checks = append(slices.Clone(start.Checks),
			report.CheckInfo{ID: acceptCheck, Title: "ACCEPTED EXCEPTIONS"})
		e.Start = &start
	case e.Begin != nil:
		a.domain, a.now = e.Begin.Domain, e.Begin.Started
		a.here, a.met = a.exceptions.of(a.domain), map[*exception]bool{}
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
		if !e.covers(f.Code) {
			continue
		}
		a.met[e] = true
		if !e.expired(a.now) && !accepted {
			accepted = true
			until := " until " + e.day
			if e.until.IsZero() {
				until = ""
			}
			f.Summary = fmt.Sprintf("accepted%s (%s); would be %s: %s", until, e.reason, f.Status, f.Summary)
			f.Status, f.Cause = report.Info, ""
		}
	}
	return f
}

// own returns the findings on the exceptions: those that have expired while the
// problem is still there, and those that nothing needs any more.
func (a *accepting) own() (out []report.Finding) {
	for _, e := range a.here {
		check, _, _ := strings.Cut(e.id, ".")
		where := fmt.Sprintf("%s line %d", a.exceptions.file, e.line)
		f := report.Finding{Check: acceptCheck, Subject: e.id}
		switch {
		case a.met[e] && e.expired(a.now):
			f.Code, f.Status, f.Cause = "accept.expired", report.Warn, report.CauseInput
			f.Summary = fmt.Sprintf("%s was accepted until %s (%s), and is still there", e.id, e.day, e.reason)
			f.Fix = &report.Fix{Owner: report.OwnerYou,
				Text: "Solve it, or, if that must wait, set a later day in " + where + "."}
		case !a.met[e] && e.domain == a.domain && a.ran[check] && !a.untold[check]:
			f.Code, f.Status = "accept.unused", report.Info
			f.Summary = fmt.Sprintf("the exception for %s is needed no more: delete %s", e.id, where)
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}
