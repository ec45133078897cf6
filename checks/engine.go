package checks

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
)

// DefaultWidth is how many checks of one domain run at once.
const DefaultWidth = 32

// grace is how long a check may take to return once its time is up.
const grace = 250 * time.Millisecond

// Run examines one domain: it emits a Begin, the findings of the rows of cs in
// the order of cs, each as soon as it and all before it are ready, and an End.
//
// All rows start at once, at most width at a time; what a row finds is set
// aside if a row it needs failed, so nothing waits for an answer that is
// nearly always good. A row that panics, finds nothing or leaves a status
// unset becomes Unknown with the cause local, and the others go on. No
// goroutine outlives the call. The error is the sink's or ctx's.
func Run(ctx context.Context, env *Env, cs []Check, width int, sink report.Sink) error {
	ctx, cancel := context.WithCancel(ctx)
	if env.Thrift {
		ctx = dnsrec.InTurn(ctx)
	}
	inner := env.DNS
	r := &run{env: env, ctx: ctx, failed: map[string]string{}, began: time.Now(),
		budget: dnsrec.NewBudget(inner, 0, 0)}
	env.DNS, env.memo = r.budget, memo{}
	r.start(cs, width)
	err := r.emit(cs, sink)
	cancel()
	r.wg.Wait()
	r.budget.Close()
	env.DNS = inner
	return err
}

// run is the state of one call of Run.
type run struct {
	env    *Env
	ctx    context.Context
	wg     sync.WaitGroup
	done   []chan []report.Finding // one a row, buffered
	failed map[string]string       // row ID → why rows that need it are skipped
	budget *dnsrec.Budget
	began  time.Time
}

func (r *run) start(cs []Check, width int) {
	if r.env.Thrift {
		r.startInTurn(cs)
		return
	}
	slots := make(chan struct{}, max(width, 1))
	r.done = make([]chan []report.Finding, len(cs))
	for i := range cs {
		r.done[i] = make(chan []report.Finding, 1)
	}
	for i, c := range cs {
		r.wg.Go(func() {
			select {
			case slots <- struct{}{}:
				defer func() { <-slots }()
				r.done[i] <- runOne(r.ctx, r.env, c)
			case <-r.ctx.Done():
				r.done[i] <- []report.Finding{outOfTime(c)}
			}
		})
	}
}

const (
	lanes   = 4               // rows of a thrifty run that are under way
	slowRow = 2 * time.Second // how long a row may take before the rest does not wait for it
)

// startInTurn runs the rows in a few lanes. It does not run what is known to be
// skipped.
func (r *run) startInTurn(cs []Check) {
	r.done = make([]chan []report.Finding, len(cs))
	for i := range cs {
		r.done[i] = make(chan []report.Finding, 1)
	}
	q := &queue{run: r, cs: cs, failed: map[string]bool{}}
	for range lanes {
		r.wg.Go(q.work)
	}
}

// queue is the rows that the lanes take.
type queue struct {
	run *run
	cs  []Check

	mu     sync.Mutex
	next   int
	failed map[string]bool // rows because of which those that need them are skipped
}

// work does rows until there are none left, or one was slow: then the rest is
// done at once.
func (q *queue) work() {
	for {
		began := time.Now()
		if !q.one() {
			return
		}
		if time.Since(began) > slowRow {
			for range q.cs {
				q.run.wg.Go(func() { q.one() })
			}
			return
		}
	}
}

// one does the next row; false: there is none.
func (q *queue) one() bool {
	i := q.take()
	if i < 0 {
		return false
	}
	fs := runOne(q.run.ctx, q.run.env, q.cs[i])
	if slices.ContainsFunc(fs, fails) {
		q.mu.Lock()
		q.failed[q.cs[i].ID] = true
		q.mu.Unlock()
	}
	q.run.done[i] <- fs
	return true
}

// take gives the next row that is not skipped; -1: there is none.
func (q *queue) take() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.next < len(q.cs) {
		c := q.cs[q.next]
		q.next++
		if !slices.ContainsFunc(c.Needs, func(n string) bool { return q.failed[n] }) {
			return q.next - 1
		}
		q.failed[c.ID] = true
	}
	return -1
}

// fails tells a finding because of which rows that need its row are skipped.
func fails(f report.Finding) bool { return f.Status == report.Fail || f.Status == report.Unknown }

func (r *run) emit(cs []Check, sink report.Sink) error {
	env := r.env
	err := sink.Emit(report.Event{Begin: &report.Begin{
		Domain: env.Domain, Unicode: env.Unicode, Started: env.Now,
		Resolver: env.Resolver, Expect: string(env.Expect),
	}})
	for i, c := range cs {
		if err != nil {
			return err
		}
		err = r.row(c, r.done[i], sink)
	}
	if err != nil {
		return err
	}
	return sink.Emit(report.Event{End: &report.End{
		Domain: env.Domain, Cloud: env.cloudID(r.ctx), Elapsed: time.Since(r.began),
		Queries: r.budget.Queries(), Cut: r.ctx.Err() != nil,
	}})
}

// row emits the findings of one row, or why there are none.
func (r *run) row(c Check, done <-chan []report.Finding, sink report.Sink) error {
	for _, f := range r.findings(c, done) {
		if fails(f) {
			r.failed[c.ID] = f.Code
		}
		if err := sink.Emit(report.Event{Finding: &f}); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) findings(c Check, done <-chan []report.Finding) []report.Finding {
	for _, n := range c.Needs {
		if code, bad := r.failed[n]; bad {
			r.failed[c.ID] = code
			return []report.Finding{{
				Check: c.ID, Code: c.ID + ".skipped", Status: report.Skip,
				Summary: fmt.Sprintf("not looked at, because of %s above", code),
			}}
		}
	}
	select {
	case fs := <-done:
		return fs
	case <-r.ctx.Done():
	}
	select {
	case fs := <-done:
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
