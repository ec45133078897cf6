package run

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/service/limit"
)

// Config is what a [Runner] needs. All of it is the operator's choice.
type Config struct {
	World    func(fresh bool) kit.World
	Resolver string // how it is called in reports
	TrustAD  bool
	Version  string
	Timeout  time.Duration // of one run
	Slots    int           // runs at once
	Places   int           // runs that wait
	Victims  *limit.Buckets

	Keep func(id string, events []report.Event) // called when a run that has a permalink is done
	Over func(r Outcome)                        // called for each run that is over; it must not block
}

// Outcome is what is counted of a run.
type Outcome struct {
	Verdict  report.Verdict // empty: no result
	Elapsed  time.Duration
	Panicked string // the stack of a panic outside of the checks
}

// Runner runs checks.
type Runner struct {
	cfg   Config
	queue *limit.Queue
	ctx   context.Context
	stop  context.CancelCauseFunc
	wg    sync.WaitGroup

	mu      sync.Mutex
	closing bool
	active  map[string]*Run // by key
	byID    map[string]*Run
}

// ErrStopping is returned while the service stops.
var ErrStopping = errors.New("the service is stopping")

// BusyError is returned if a domain has been asked about too often.
type BusyError struct{ Wait time.Duration }

func (e *BusyError) Error() string {
	return fmt.Sprintf("this domain has been checked often; try again in %v", e.Wait.Round(time.Second))
}

// New returns a Runner. It must be closed.
func New(cfg Config) *Runner {
	r := &Runner{cfg: cfg, queue: limit.NewQueue(cfg.Slots, cfg.Places), active: map[string]*Run{}, byID: map[string]*Run{}}
	r.ctx, r.stop = context.WithCancelCause(context.Background())
	return r
}

// Start starts a run, or joins the one that answers the same request. keep says
// that it gets a permalink. The caller releases the run.
func (r *Runner) Start(req Request, keep bool) (*Run, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return nil, ErrStopping
	}
	if one := r.active[req.key()]; one != nil && one.hold(keep) {
		return one, nil
	}
	if _, waiting := r.queue.Load(); waiting >= r.cfg.Places {
		return nil, limit.ErrFull
	}
	if err := r.spare(req.Domain); err != nil {
		return nil, err
	}
	one := &Run{ID: newID(), Request: req, holders: 1, kept: keep, changed: make(chan struct{})}
	ctx, cancel := context.WithCancelCause(r.ctx)
	one.cancel = cancel
	r.active[req.key()], r.byID[one.ID] = one, one
	r.wg.Go(func() { r.run(ctx, one) })
	return one, nil
}

// newID returns 128 random bits.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ByID returns a run under way; nil: there is none.
func (r *Runner) ByID(id string) *Run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byID[id]
}

// Load returns how many runs are under way and how many wait.
func (r *Runner) Load() (running, waiting int) { return r.queue.Load() }

// Close lets runs finish until ctx ends, then stops them. No goroutine is left.
func (r *Runner) Close(ctx context.Context) {
	r.mu.Lock()
	r.closing = true
	r.mu.Unlock()
	stop := context.AfterFunc(ctx, func() { r.stop(ErrStopping) })
	r.wg.Wait()
	stop()
	r.stop(ErrStopping)
}

// run waits for its turn, and checks.
func (r *Runner) run(ctx context.Context, one *Run) {
	began := time.Now()
	out := Outcome{}
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				out.Panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
				err = errors.New("internal error in maildiagd")
			}
		}()
		leave, err := r.queue.Enter(ctx, func(place int) { one.update(func() { one.place = place }) })
		if err != nil {
			return err
		}
		defer leave()
		one.update(func() { one.place = 0 })
		return r.check(ctx, one, &out)
	}()
	one.cancel(nil)
	out.Elapsed = time.Since(began)
	r.over(one, err)
	if r.cfg.Over != nil {
		r.cfg.Over(out)
	}
}

// over makes what a run found known: to the permalink before those who follow.
func (r *Runner) over(one *Run, err error) {
	if events, kept := one.finished(); kept && err == nil && r.cfg.Keep != nil {
		r.cfg.Keep(one.ID, events)
	}
	r.mu.Lock()
	if r.active[one.Request.key()] == one {
		delete(r.active, one.Request.key())
	}
	delete(r.byID, one.ID)
	r.mu.Unlock()
	one.update(func() { one.done, one.err = true, err })
}

// check examines the domain.
func (r *Runner) check(ctx context.Context, one *Run, out *Outcome) error {
	rows, err := one.Request.rows()
	if err != nil {
		return err
	}
	began := time.Now()
	tally := new(report.Tally)
	sink := report.Tee(tally, one)
	if err := sink.Emit(report.Event{Start: start(rows, &one.Request, r.cfg.Version, began)}); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	if err := checks.Run(limited, r.env(&one.Request, began), rows, sink); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err = sink.Emit(report.Event{Stop: &report.Stop{Elapsed: time.Since(began)}})
	out.Verdict = tally.Verdict()
	return err
}

// do calls f in its turn, within the bounds of a run about a domain, for a client
// that waits for it.
func (r *Runner) do(ctx context.Context, domain string, f func(context.Context, kit.World)) (err error) {
	if err := r.admit(domain); err != nil {
		return err
	}
	defer r.wg.Done()
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	defer context.AfterFunc(r.ctx, cancel)()
	leave, err := r.queue.Enter(ctx, func(int) {})
	if err != nil {
		return err
	}
	defer leave()
	f(ctx, r.cfg.World(false))
	if r.ctx.Err() != nil {
		return ErrStopping
	}
	return nil
}

// admit lets a call of do in, which must call wg.Done.
func (r *Runner) admit(domain string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return ErrStopping
	}
	if err := r.spare(domain); err != nil {
		return err
	}
	r.wg.Add(1)
	return nil
}

// spare returns an error if those who are asked for a domain must be spared.
func (r *Runner) spare(domain string) error {
	if r.cfg.Victims == nil || domain == "" {
		return nil
	}
	if wait, ok := r.cfg.Victims.Take(victim(domain), time.Now()); !ok {
		return &BusyError{wait}
	}
	return nil
}

func (r *Runner) env(req *Request, now time.Time) *kit.Env {
	return &kit.Env{
		Domain: req.Domain, Unicode: req.Unicode, Expect: req.Expect, Cloud: "auto",
		Resolver: r.cfg.Resolver, Now: now, TrustAD: r.cfg.TrustAD, World: r.cfg.World(req.Fresh),
	}
}

// start opens the stream of a run as the command maildiag does.
func start(rows []kit.Check, req *Request, version string, now time.Time) *report.Start {
	s := &report.Start{Schema: report.StreamSchema, Version: version, Started: now, FailOn: report.Fail, Domains: 1}
	if req.Only != nil {
		s.Options = "--only "
		for i, c := range rows {
			if i > 0 {
				s.Options += ","
			}
			s.Options += c.ID
		}
	}
	for _, c := range rows {
		s.Checks = append(s.Checks, report.CheckInfo{ID: c.ID, Title: c.Title})
	}
	return s
}
