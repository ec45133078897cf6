package checks

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
)

// DefaultWidth is how many checks of one domain run at once.
const DefaultWidth = 32

// thriftWidth is how many checks of one of thousands of domains run at once.
const thriftWidth = 4

// grace is how long a check may take to return once its time is up.
const grace = 250 * time.Millisecond

// Run examines one domain: it emits a Begin, the findings of the rows of cs in
// the order of cs, each as soon as it and all before it are ready, and an End.
//
// All rows start at once, at most width at a time; what a row finds is set
// aside if a row it needs failed, so nothing waits for an answer that is
// nearly always good. The rows of a thrifty run are done in turn by the
// caller's goroutine, with their questions sent ahead, if the resolver can do
// that. A row that panics, finds nothing or leaves a status
// unset becomes Unknown with the cause local, and the others go on. No
// goroutine outlives the call. The error is the sink's or ctx's.
func Run(ctx context.Context, env *Env, cs []Check, width int, sink report.Sink) error {
	ctx, cancel := context.WithCancel(ctx)
	inTurn := env.Thrift && dnsrec.SendsAhead(env.DNS)
	if inTurn {
		ctx = dnsrec.InTurn(ctx)
	}
	if env.Thrift {
		width = min(width, thriftWidth)
	}
	inner := env.DNS
	r := &run{env: env, ctx: ctx, failed: map[string]string{}, began: time.Now(),
		budget: dnsrec.NewBudget(ctx, inner, 0, domainTime(env))}
	env.DNS, env.memo = r.budget, memo{}
	if !inTurn {
		r.start(0, cs, width)
	}
	err := r.emit(cs, sink)
	cancel()
	r.wg.Wait()
	r.budget.Close()
	env.DNS = inner
	return err
}

// thriftTime is how long one of thousands of domains may ask the DNS: with a
// resolver that serves a limited rate, they wait for one another.
const thriftTime = 2 * dnsrec.DefaultDomainTime

func domainTime(env *Env) time.Duration {
	if env.Thrift {
		return thriftTime
	}
	return dnsrec.DefaultDomainTime
}

// run is the state of one call of Run.
type run struct {
	env    *Env
	ctx    context.Context
	wg     sync.WaitGroup
	done   []chan []report.Finding // one a row, buffered; nil: rows run in turn
	failed map[string]string       // row ID → why rows that need it are skipped
	budget *dnsrec.Budget
	began  time.Time
}

// start runs the rows from the one at first on, in their order, at most width
// at a time.
func (r *run) start(first int, cs []Check, width int) {
	slots := make(chan struct{}, max(width, 1))
	r.done = make([]chan []report.Finding, len(cs))
	for i := first; i < len(cs); i++ {
		r.done[i] = make(chan []report.Finding, 1)
	}
	r.wg.Go(func() {
		for i := first; i < len(cs); i++ {
			select {
			case slots <- struct{}{}:
				r.wg.Go(func() {
					defer func() { <-slots }()
					r.done[i] <- runOne(r.ctx, r.env, cs[i])
				})
			case <-r.ctx.Done():
				r.done[i] <- []report.Finding{outOfTime(cs[i])}
			}
		}
	})
}

// slowRow is how long a row of a thrifty run may take before the rest does not
// wait for it.
const slowRow = 2 * time.Second

// ahead sends the questions that the rows are sure to ask. If one answer that
// others follow from is long in coming, all rows run at once.
func (r *run) ahead(cs []Check) {
	const usual = 16 // questions of a round
	const patience = 500 * time.Millisecond
	defer func() { _ = recover() }() // the row that is at fault will tell
	for round := range len(rounds{}) {
		qs := make([]dnsrec.Query, 0, usual)
		for _, c := range cs {
			if c.Ahead[round] == nil {
				continue
			}
			began := time.Now()
			qs = append(qs, c.Ahead[round](r.ctx, r.env)...)
			if time.Since(began) > patience {
				dnsrec.Ahead(r.ctx, r.env.DNS, qs...)
				r.start(0, cs, len(cs))
				return
			}
		}
		dnsrec.Ahead(r.ctx, r.env.DNS, qs...)
	}
}

// now runs a row of a thrifty run. If it was slow, the rows behind it run at
// once.
func (r *run) now(i int, cs []Check) []report.Finding {
	began := time.Now()
	fs := runOne(r.ctx, r.env, cs[i])
	if time.Since(began) > slowRow {
		r.start(i+1, cs, len(cs))
	}
	return fs
}

// fails tells a finding because of which rows that need its row are skipped.
func fails(f report.Finding) bool { return f.Status == report.Fail || f.Status == report.Unknown }

func (r *run) emit(cs []Check, sink report.Sink) error {
	env := r.env
	err := sink.Emit(report.Event{Begin: &report.Begin{
		Domain: env.Domain, Unicode: env.Unicode, Started: env.Now,
		Resolver: env.Resolver, Expect: string(env.Expect),
	}})
	if r.done == nil {
		r.ahead(cs)
	}
	for i, c := range cs {
		if err != nil {
			return err
		}
		err = r.row(c, r.findings(i, cs), sink)
	}
	if err != nil {
		return err
	}
	return sink.Emit(report.Event{End: &report.End{
		Domain: env.Domain, Cloud: env.cloudID(r.ctx), Elapsed: time.Since(r.began),
		Queries: r.budget.Queries(), Cut: r.ctx.Err() != nil,
	}})
}

// row emits the findings of one row.
func (r *run) row(c Check, fs []report.Finding, sink report.Sink) error {
	for i := range fs {
		if fails(fs[i]) {
			r.failed[c.ID] = fs[i].Code
		}
		if err := sink.Emit(report.Event{Finding: &fs[i]}); err != nil {
			return err
		}
	}
	return nil
}

// findings gives what the row at i found, or why it was not looked at.
func (r *run) findings(i int, cs []Check) []report.Finding {
	c := cs[i]
	for _, n := range c.Needs {
		if code, bad := r.failed[n]; bad {
			r.failed[c.ID] = code
			return []report.Finding{{
				Check: c.ID, Code: c.ID + ".skipped", Status: report.Skip,
				Summary: fmt.Sprintf("not looked at, because of %s above", code),
			}}
		}
	}
	if r.done == nil {
		return r.now(i, cs)
	}
	select {
	case fs := <-r.done[i]:
		return fs
	case <-r.ctx.Done():
	}
	select {
	case fs := <-r.done[i]:
		return fs
	case <-time.After(grace):
		return []report.Finding{outOfTime(c)}
	}
}

func outOfTime(c Check) report.Finding {
	return report.Finding{
		Check: c.ID, Code: c.ID + ".unfinished", Status: report.Unknown, Cause: report.CauseLocal,
		Summary: "not finished: the time for this domain was up, or the run was stopped",
		Fix: &report.Fix{Owner: report.OwnerYou,
			Text: "Run again; --timeout 90s gives slow servers more time."},
	}
}

// runOne runs one row, contains its panics and completes its findings.
func runOne(ctx context.Context, env *Env, c Check) (fs []report.Finding) {
	began := time.Now()
	defer func() {
		if p := recover(); p != nil {
			fs = []report.Finding{internal(c, fmt.Sprint(p), string(debug.Stack()))}
		}
		elapsed := time.Since(began)
		for i := range fs {
			complete(&fs[i], c)
			fs[i].Elapsed = elapsed
		}
	}()
	fs = c.Run(ctx, env)
	if len(fs) == 0 {
		fs = []report.Finding{internal(c, "the check returned no finding", "")}
	}
	return fs
}

// internal is the finding of a fault of our own.
func internal(c Check, what, stack string) report.Finding {
	f := report.Finding{
		Code: c.ID + ".internal", Status: report.Unknown, Cause: report.CauseLocal,
		Summary: "maildiag itself failed here: " + what,
		Fix: &report.Fix{Owner: report.OwnerYou,
			Text: "This is a fault of maildiag, not of the domain. Please report it with the output of --record."},
	}
	if stack != "" {
		f.Evidence = []report.Evidence{{Kind: "server", Text: firstLines(stack, 12), From: "maildiag"}}
	}
	return f
}

// complete sets what a check need not say itself.
func complete(f *report.Finding, c Check) {
	f.Check = c.ID
	if f.Code == "" {
		f.Code = c.ID
	}
	if f.Status == report.Unset {
		f.Status, f.Cause = report.Unknown, report.CauseLocal
	}
	if f.Cause == "" && (f.Status == report.Warn || f.Status == report.Fail) {
		f.Cause = report.CauseDomain
	}
	if f.Cause == "" && f.Status == report.Unknown {
		f.Cause = report.CauseLocal
	}
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
