package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/kit/admission"
	"maildiag/cmd/internal/domainlist"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// bulkRun is one run over a list.
//
// One goroutine reads the list and makes jobs, one admits them to examination,
// b.f.concurrency workers do them, and the caller's writes the results: each domain's events in one
// block, since workers have theirs mixed. Nothing of a domain stays when it is
// written, but 12 bytes that tell duplicates.
type bulkRun struct {
	f      *bulkFlags
	w      *world
	rows   []kit.Check
	newEnv func(name string) (*kit.Env, error)

	list *domainlist.Reader
	name string // of the list
	size int64  // of the list in bytes; 0: not known

	records spf.RecordCache
	seen    *domainlist.NameSet
	past    pastRun // what an earlier run wrote
	out     *output
	stats   bulkStats
	console *console
	room    chan []report.Event // of domains that were written, to be used again
	tuned   bool                // the limit of memory follows the domains at once

	began    time.Time
	bad      int  // lines without one
	table    bool // one looks like a row of CSV
	repeated int  // domains that were in the list before
	written  int
	dropped  int  // domains that were interrupted
	unsure   bool // there are too many to find all that are repeated
}

// job is one domain of the list.
type job struct {
	run    *bulkRun
	domain string
	env    *kit.Env // nil: see Env
	events []report.Event
	cut    bool          // the run was stopped before it was done
	done   chan struct{} // closed when it is; nil unless in order
}

// Domain returns the name of the job's domain.
func (j *job) Domain() string { return j.domain }

// Env returns the environment of the job's domain.
func (j *job) Env() *kit.Env {
	if j.env == nil {
		j.env, _ = j.run.env(j.domain) // it was one before
	}
	return j.env
}

// Rest leaves of the job what its environment can be made of again.
func (j *job) Rest() { j.env = nil }

// Emit keeps an event of the job's domain.
func (j *job) Emit(e report.Event) error {
	j.events = append(j.events, e)
	return nil
}

// listError is an error of the list, not of a line of it.
type listError struct{ err error }

func (e *listError) Error() string { return e.err.Error() }

// orderedWindow is how many domains may wait for a slow one before them, when
// the order of the list is kept.
const orderedWindow = 4 * bulkConcurrency

// run examines all domains of the list and emits what is found. The error is
// that of the list or of the output; a stop by ctx is none.
func (b *bulkRun) run(ctx context.Context) error {
	b.began, b.room = time.Now(), make(chan []report.Event, jobsRead)
	if err := b.out.Emit(report.Event{Start: b.start()}); err != nil {
		return err
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	results, feedErr := b.work(inner)
	var err error
	for j := range results {
		if err != nil {
			continue // let the workers end
		}
		if err = b.write(j); err != nil {
			cancel()
		}
	}
	if err = errors.Join(err, <-feedErr); err != nil {
		return err
	}
	cut := ctx.Err() != nil
	if !cut && b.total() == 0 {
		return nil // there is no domain in the list, which is an error and no result
	}
	return b.out.Emit(report.Event{Stop: &report.Stop{Elapsed: time.Since(b.began), Cut: cut, BadLines: b.bad}})
}

// start opens the run.
func (b *bulkRun) start() *report.Start {
	s := b.f.start(b.w, b.rows, 0)
	s.Options = b.f.shown(b.rows)
	return s
}

// work starts the reader and the workers. The results must all be taken;
// then the error of the list is there.
func (b *bulkRun) work(ctx context.Context) (results iter.Seq[*job], feedErr <-chan error) {
	jobs, admitted := make(chan *job, jobsRead), make(chan *job)
	errs := make(chan error, 1)
	var queue chan *job // in order
	ready := make(chan *job)
	if b.f.ordered {
		queue = make(chan *job, orderedWindow)
	}
	go func() {
		errs <- b.feed(ctx, jobs, queue)
		close(jobs)
	}()
	q := &admission.Queue[*job]{DNS: b.w.DNS, Places: b.f.concurrency, Opening: func(env *kit.Env) []dnsrec.Query {
		return checks.Opening(env, b.rows)
	}}
	if b.f.timeout < aheadTime {
		q.DNS = nil
	}
	go q.Run(ctx, jobs, admitted)
	w := &crew{run: b, jobs: admitted, ready: ready}
	for range b.f.concurrency {
		w.group.Go(func() { w.work(ctx) })
	}
	go func() { w.group.Wait(); close(ready) }()
	if b.f.ordered {
		return inOrder(queue), errs
	}
	return func(yield func(*job) bool) {
		for j := range ready {
			yield(j)
		}
	}, errs
}

// aheadTime is the time limit of a domain below which nothing is asked before its examination:
// that alone might take as long.
const aheadTime = 15 * time.Second

// jobsRead is how many jobs are made before they are asked for.
const jobsRead = 64

// crew is the workers of a run.
type crew struct {
	run   *bulkRun
	ends  kit.Progress
	jobs  <-chan *job
	ready chan<- *job // those that are done, unless in order
	group sync.WaitGroup
	slow  atomic.Int64 // domains whose place another worker has taken
	most  atomic.Int64 // the highest of slow that memory was made for
}

// slowStep is by how many slow domains the limit of memory grows.
const slowStep = 64

// leave starts a new worker in the place of a slow domain, unless too many are slow.
func (w *crew) leave(ctx context.Context) bool {
	n := w.slow.Add(1)
	if n > int64(kit.SlowFactor*w.run.f.concurrency) {
		w.slow.Add(-1)
		return false
	}
	if most := w.most.Load(); w.run.tuned && n > most && w.most.CompareAndSwap(most, n+slowStep) {
		debug.SetMemoryLimit(w.run.memoryFor(int(n) + slowStep))
	}
	w.group.Go(func() { w.work(ctx) })
	return true
}

// work does jobs until there are no more. A job that waits for slow answers leaves
// its place to a new worker, and then this one ends with it.
func (w *crew) work(ctx context.Context) {
	for left := false; !left; {
		j, more := <-w.jobs
		if !more {
			return
		}
		j.Env().Slow = func(since time.Time) bool {
			left = w.ends.Stuck(since) && w.leave(ctx)
			return left
		}
		start := time.Now()
		w.run.examine(ctx, j)
		w.ends.Ended(start)
		if left {
			w.slow.Add(-1)
		}
		if j.done != nil {
			close(j.done)
		} else {
			w.ready <- j
		}
	}
}

// inOrder returns the jobs of a queue, each when it is done.
func inOrder(queue <-chan *job) iter.Seq[*job] {
	return func(yield func(*job) bool) {
		for j := range queue {
			<-j.done
			yield(j)
		}
	}
}

// feed reads the list until its end, or that of ctx.
func (b *bulkRun) feed(ctx context.Context, jobs, queue chan<- *job) error {
	if queue != nil {
		defer close(queue)
	}
	for ctx.Err() == nil {
		e, err := b.list.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return &listError{err}
		}
		j := b.job(e)
		if j == nil {
			continue
		}
		if queue != nil {
			j.done = make(chan struct{})
			select {
			case queue <- j:
			case <-ctx.Done():
				return nil
			}
		}
		select {
		case jobs <- j:
		case <-ctx.Done():
			if queue != nil { // it is waited for
				j.cut = true
				close(j.done)
			}
		}
	}
	return nil
}

// job makes a job of a line; nil if there is nothing to do for it.
func (b *bulkRun) job(e domainlist.Entry) *job {
	var env *kit.Env
	if e.Err == nil {
		env, e.Err = b.env(e.Text)
	}
	if e.Err != nil {
		b.bad++
		b.table = b.table || b.f.column == "" && strings.ContainsAny(e.Text, ",;\t")
		b.console.badLine(b.name, e.Line, e.Err)
		return nil
	}
	switch {
	case !b.seen.Add(env.Domain):
		b.repeated++
		return nil
	case b.past.done.Has(env.Domain):
		return nil
	}
	if b.seen.Full() && !b.unsure {
		b.unsure = true
		b.console.note("over %d domains: those from line %d on are looked at twice if the list has them twice",
			domainlist.MaxNames, e.Line)
	}
	b.console.read(e.End)
	return &job{run: b, domain: env.Domain, env: env}
}

// env makes the environment of a domain.
func (b *bulkRun) env(name string) (*kit.Env, error) {
	env, err := b.newEnv(name)
	if err != nil {
		return nil, err
	}
	if b.f.asOf == "" && b.f.replay == "" {
		env.Now = time.Now()
	}
	env.List, env.RecordCache = true, &b.records
	return env, nil
}

// usualEvents is how many events most domains have.
const usualEvents = 32

// examine does a job.
func (b *bulkRun) examine(ctx context.Context, j *job) {
	if ctx.Err() != nil {
		j.cut = true
		return
	}
	select {
	case j.events = <-b.room:
	default:
		j.events = make([]report.Event, 0, usualEvents)
	}
	limit := b.f.timeout
	if p := j.env.Prefetch; p != nil {
		limit -= p.Waited()
	}
	_ = runDomain(ctx, j.env, b.rows, limit, j) // a job's Emit has no errors
	if end := j.events[len(j.events)-1].End; ctx.Err() != nil && (end == nil || end.Cut) {
		j.cut, j.events = true, nil
	}
}

// write emits the events of a job. Of a domain that was stopped half way,
// nothing is written: a resumed run does it again.
func (b *bulkRun) write(j *job) error {
	if j.cut {
		b.dropped++
		return nil
	}
	for _, e := range j.events {
		if err := b.out.Emit(e); err != nil {
			return err
		}
	}
	clear(j.events)
	select {
	case b.room <- j.events[:0]:
	default:
	}
	b.written++
	b.console.progress(b.written)
	return nil
}

// total reports how many domains are done, now or earlier.
func (b *bulkRun) total() int { return b.written + b.past.domains }

// count reports in one line what was done.
func (b *bulkRun) count() string {
	s := fmt.Sprintf("%s in %s", kit.Plural(b.total(), "domain", "domains"), shortTime(time.Since(b.began)))
	sep := ": "
	for _, v := range verdictsByWorst() {
		n, _ := b.out.tally.Domains(v)
		if n += b.past.verdicts[v]; n > 0 {
			words := verdictWords(v)
			if v == report.Ready && b.f.baseline != "" {
				words = "with nothing new"
			}
			s += sep + fmt.Sprintf("%d %s", n, words)
			sep = ", "
		}
	}
	for _, x := range []struct {
		n    int
		what string
	}{
		{b.past.domains, "of them from before"}, {b.repeated, "twice in the list"},
		{b.bad, "not a domain name"}, {b.dropped, "interrupted"},
	} {
		if x.n > 0 {
			s += fmt.Sprintf("; %d %s", x.n, x.what)
		}
	}
	return s
}
