// Package worker takes lists of domains from the bus, checks them, and stores the
// results there.
package worker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"maildiag/checks/kit"
	"maildiag/checks/kit/pause"
	"maildiag/dnsrec/spf"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
	"maildiag/smtpprobe/pool"
)

// Worker does the items of the bus.
type Worker struct {
	Bus      *bus.Bus
	ID       string
	Site     string
	Version  string // of the program
	World    func() kit.World
	Resolver string // how it is called in reports
	TrustAD  bool
	AtOnce   int // domains
	Log      *slog.Logger

	// Ready returns why nothing can be checked from here, such as a resolver that
	// does not answer.
	Ready func(context.Context) error
	// PerOperator is how many domains whose name servers have the same operator the
	// workers of the site begin in a second, together; 0: any number.
	PerOperator float64
	// Share is called with the number of workers of the site whenever it may have
	// changed; nil: nobody.
	Share func(workers int)
	// Now is the clock that dates reports and decides what has expired; nil: that of
	// this machine.
	Now func() time.Time
	// Health examines the site and returns what it found as JSON; nil: nobody does.
	Health func(context.Context) json.RawMessage
	// Examine checks a domain: checks.Run.
	Examine func(context.Context, *kit.Env, []kit.Check, report.Sink) error

	slots     *slots
	operators operators
	packer    *job.Packer
	liners    sync.Pool   // of *liner
	spare     chan func() // to goroutines that have nothing to do
	records   spf.RecordCache
	running   atomic.Int64 // items
	hand      atomic.Int64 // domains of these items
	alone     sync.RWMutex // held for reading by items that others may be done beside
	mail      *pool.Pool
	since     time.Time
	sharers   int           // workers of the site, as was last known
	late      time.Duration // see lateTime
	refuse    time.Duration // see refuseTime

	looking *semaphore.Weighted // of those who ask Ready, one
	mu      sync.Mutex
	trouble error     // why nothing is taken
	shut    string    // why nothing can be learned about mail servers
	last    time.Time // when there last was trouble
	looked  time.Time // when the look began that found this out
}

// itemsAtOnce is how many items are worked on at once: a few, since the last
// domains of an item may be slow ones.
const itemsAtOnce = 4

// The pauses.
const (
	idleTime   = 5 * time.Second  // for one request for work
	pauseTime  = time.Second      // after an error, or while the site is drained
	readyFor   = 10 * time.Second // how long "ready" is believed
	refuseTime = 30 * time.Second // before an item that cannot be done here is tried again
	storeTime  = 10 * time.Second // for the last word about an item, and for a sign of life
)

// Run works until ctx ends. Items that are not done then go to other workers.
func (w *Worker) Run(ctx context.Context) error {
	lists, err := w.Bus.Items(ctx, bus.BulkQueue(job.Version))
	if err != nil {
		return err
	}
	watched, err := w.Bus.WatchItems(ctx, bus.WatchQueue(job.Version, w.Site))
	if err != nil {
		return err
	}
	w.looking = semaphore.NewWeighted(1)
	w.mail = w.newPool()
	w.packer, w.spare = job.NewPacker(), make(chan func())
	defer close(w.spare)
	w.slots, w.since, w.late = newSlots(w.AtOnce), w.now(), cmp.Or(w.late, lateTime)
	w.refuse = cmp.Or(w.refuse, refuseTime)
	w.share(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { w.live(ctx) })
	if w.Health != nil {
		wg.Go(func() { w.Bus.Hold(ctx, "site-"+w.Site, w.ID, w.health) })
	}
	wg.Go(func() { w.serve(ctx, &queue{watched, w.Bus.PutSeen, nil}) })
	w.serve(ctx, &queue{lists, w.Bus.PutPart, w.Bus.PartsOf})
	return nil
}

// now returns the time by the clock of the worker.
func (w *Worker) now() time.Time {
	if w.Now == nil {
		return time.Now()
	}
	return w.Now()
}

// queue is where items come from and where their results go.
type queue struct {
	*bus.Items
	put  func(context.Context, bus.Part) error
	have func(ctx context.Context, run string, item int) (map[int]bool, error) // the parts that are stored; nil: not known
}

// serve does the items of a queue, some at once.
func (w *Worker) serve(ctx context.Context, q *queue) {
	var wg sync.WaitGroup
	defer wg.Wait()
	places := semaphore.NewWeighted(itemsAtOnce)
	for places.Acquire(ctx, 1) == nil {
		it := w.take(ctx, q)
		if it == nil {
			return
		}
		wg.Go(func() {
			defer places.Release(1)
			w.do(ctx, q, it)
		})
	}
}

// healthTime is how often a site is examined, by one of its workers.
const healthTime = time.Minute

// health examines the site from time to time.
func (w *Worker) health(ctx context.Context) {
	for ctx.Err() == nil {
		if err := w.Bus.PutSite(ctx, bus.Site{Name: w.Site, Tests: w.Health(ctx)}); err != nil && ctx.Err() == nil {
			w.Log.Warn("the state of the site could not be stored", "error", err)
		}
		_ = pause.For(ctx, healthTime) // the loop looks at ctx
	}
}

// take waits for an item; nil: ctx has ended.
func (w *Worker) take(ctx context.Context, q *queue) *bus.Item {
	for ctx.Err() == nil {
		drained, err := w.Bus.Drained(ctx, w.Site)
		if err == nil && !drained {
			err = w.ready(ctx, readyFor)
		}
		if err != nil || drained {
			_ = pause.For(ctx, pauseTime) // the loop looks at ctx
			continue
		}
		it, err := q.Next(ctx, idleTime)
		if it != nil {
			return it
		}
		if err != nil && ctx.Err() == nil {
			w.Log.Warn("no work can be taken", "error", err)
			_ = pause.For(ctx, pauseTime) // the loop looks at ctx
		}
	}
	return nil
}

// ready reports why nothing can be checked, as was found out at most so long ago.
// Those who ask meanwhile share a look, which begins when all of them have asked.
func (w *Worker) ready(ctx context.Context, within time.Duration) error {
	asked := time.Now()
	if began, trouble := w.lastLook(); trouble == nil && asked.Sub(began) < within {
		return nil
	}
	if err := w.looking.Acquire(ctx, 1); err != nil {
		return err
	}
	defer w.looking.Release(1)
	if began, trouble := w.lastLook(); began.After(asked) {
		return trouble
	}
	began := time.Now()
	err := w.Ready(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.note(began, err)
	return err
}

// lastLook returns when the last look began, and what it found.
func (w *Worker) lastLook() (began time.Time, trouble error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.looked, w.trouble
}

// note notes what a look has found.
func (w *Worker) note(began time.Time, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil && w.trouble == nil:
		w.Log.Error("nothing can be checked from here; no work is taken", "error", err)
	case err == nil && w.trouble != nil:
		w.Log.Info("checks are possible again; work is taken")
	}
	if w.trouble, w.looked = err, began; err != nil {
		w.last = time.Now()
	}
}

// troubleSince reports whether nothing could be checked at some time since began.
func (w *Worker) troubleSince(began time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.last.Before(began)
}

// do does an item that was taken. One that was tried before is done alone: what
// ends a worker must not take the work on others with it.
func (w *Worker) do(ctx context.Context, q *queue, it *bus.Item) {
	w.running.Add(1)
	defer w.running.Add(-1)
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { w.busy(it, q.BusyEvery(), over) })
	defer wg.Wait()
	defer close(over)
	lock, unlock := w.alone.RLock, w.alone.RUnlock
	if it.Try > 1 {
		lock, unlock = w.alone.Lock, w.alone.Unlock
	}
	lock()
	err := w.item(ctx, q, it)
	unlock()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	switch {
	case err == nil:
		if err := it.Done(last); err != nil {
			w.Log.Warn("an item is done, but NATS does not know; its results count once", "error", err)
		}
	case ctx.Err() != nil:
		_ = it.Later(0) // if not, it goes to another worker later
	default:
		w.Log.Error("an item is given back", "try", it.Try, "error", err)
		_ = it.Later(w.refuse)
	}
}

// busy keeps an item until over.
func (w *Worker) busy(it *bus.Item, every time.Duration, over <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = it.Busy() // if it is lost, another worker repeats it
		case <-over:
			return
		}
	}
}

// live shows the others that this worker lives.
func (w *Worker) live(ctx context.Context) {
	tick := time.NewTicker(bus.AliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			w.share(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
			defer cancel()
			_ = w.Bus.Gone(last, w.ID) // if not, it is forgotten soon
			return
		}
	}
}

// share says that this worker lives, and takes its share of what the site may ask.
// If it is not known who else lives, the share stays.
func (w *Worker) share(ctx context.Context) {
	all, err := w.others(ctx)
	if err != nil {
		if ctx.Err() == nil {
			w.Log.Warn("no sign of life could be sent", "error", err)
		}
		return
	}
	n := 1
	for _, other := range all {
		if other.Site == w.Site && other.ID != w.ID {
			n++
		}
	}
	if n == w.sharers {
		return
	}
	w.sharers = n
	w.operators.allow(w.PerOperator / float64(n))
	if w.Share != nil {
		w.Share(n)
	}
}

// others says that this worker lives, and returns all that do.
func (w *Worker) others(ctx context.Context) ([]bus.Worker, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if err := w.Bus.Alive(ctx, w.state()); err != nil {
		return nil, err
	}
	return w.Bus.Workers(ctx)
}

// state is what the others are told.
func (w *Worker) state() bus.Worker {
	me := bus.Worker{ID: w.ID, Site: w.Site, Version: w.Version, Since: w.since.UTC().Truncate(time.Second), Items: int(w.running.Load()), Domains: int(w.hand.Load())}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.trouble != nil {
		me.Trouble = w.trouble.Error()
	}
	return me
}

var errTrouble = errors.New("domains could not be checked, and the resolver does not work")
