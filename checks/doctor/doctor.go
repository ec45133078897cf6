// Package doctor reports whether a machine is fit to run the checks: whether its
// resolver can be relied on, which ports are open, and whether TLS, the clock
// and IPv6 work. It judges the machine and its network, never a domain.
package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Machine is what an examination may use.
type Machine struct {
	kit.World
	TCP      dnsrec.Resolver // the same resolver over TCP; nil if it is not asked over UDP
	Resolver string          // how the resolver is called
	TrustAD  bool            // nobody on the path to the resolver can alter its answers
	Now      func() time.Time
}

// Line is the result of one test.
type Line struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Status  report.Status  `json:"status"`
	Summary string         `json:"summary"`
	Effect  string         `json:"effect,omitempty"` // what maildiag cannot do because of it
	Fix     string         `json:"fix,omitempty"`
	Data    map[string]any `json:"data,omitempty"`

	unfinished bool
}

// Verdict is the answer to the question whether the machine is fit.
type Verdict string

// The verdicts.
const (
	Fit     Verdict = "FIT"
	Limited Verdict = "FIT WITH LIMITS"
	Unfit   Verdict = "NOT FIT"
	Cut     Verdict = "COULD NOT CHECK" // the time limit was reached, or the run was stopped
)

// test is one row: its result is judged by the statuses of package report.
// Fail means that results from this machine would be missing or wrong, Warn that
// some checks report "could not check".
type test struct {
	id, title string
	run       func(context.Context, Machine) Line
}

var tests = []test{
	{"resolver", "DNS resolver", resolver},
	{"dnssec", "DNSSEC", dnssec},
	{"dns-size", "Large DNS answers", dnsSize},
	{"dns-tcp", "DNS over TCP", dnsTCP},
	{"smtp-25", "Outgoing port 25", outgoing(25)},
	{"smtp-465", "Outgoing port 465", outgoing(465)},
	{"smtp-587", "Outgoing port 587", outgoing(587)},
	{"https-443", "Outgoing port 443", outgoing(443)},
	{"tls", "TLS certificates", genuine},
	{"clock", "Clock", clock},
	{"ipv6", "IPv6", ipv6},
}

// Examine runs the tests with some IDs, or all, at the same time and returns their
// results in a fixed order. It ends when ctx does.
func Examine(ctx context.Context, m Machine, only ...string) []Line {
	rows := slices.DeleteFunc(slices.Clone(tests), func(t test) bool { return len(only) > 0 && !slices.Contains(only, t.id) })
	lines := make([]Line, len(rows))
	var wg sync.WaitGroup
	for i, t := range rows {
		wg.Go(func() {
			l := t.run(ctx, m)
			if ctx.Err() != nil && l.Status != report.Pass {
				l = Line{Status: report.Unknown, Summary: "not finished: the time limit was reached, or the run was stopped", unfinished: true}
			}
			l.ID, l.Title = t.id, t.title
			lines[i] = l
		})
	}
	wg.Wait()
	return lines
}

// Judge returns the verdict on all lines.
func Judge(lines []Line) Verdict {
	has := func(s report.Status) bool {
		return slices.ContainsFunc(lines, func(l Line) bool { return l.Status == s })
	}
	switch {
	case has(report.Fail):
		return Unfit
	case slices.ContainsFunc(lines, func(l Line) bool { return l.unfinished }):
		return Cut
	case has(report.Warn), has(report.Unknown), has(report.Unset), len(lines) == 0:
		return Limited
	}
	return Fit
}
