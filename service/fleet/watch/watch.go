// Package watch checks a list of domains again and again, keeps the history, and
// tells what changed.
package watch

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"maildiag/checks/kit/pause"
	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
	"maildiag/service/limit"
	"maildiag/service/run"
)

// Entry is a domain of the list, with its tags.
type Entry struct {
	run.Request
	Tags tags.Tags
}

// Watcher watches domains, from here or from several sites.
type Watcher struct {
	List    func() ([]Entry, error) // asked before each pass
	Every   time.Duration
	Keep    time.Duration // how long the history goes back
	Site    string
	Runner  *run.Runner // that checks them here
	Sites   *Sites      // that check them instead; nil: none
	History *history.Store
	Claim   *history.Claim                               // of the history; nil: it is claimed later
	Notify  func(context.Context, []history.Event) error // nil: nobody is told
	Alerts  *Alertmanager                                // nil: there is none
	Accept  func() (history.Exceptions, error)           // asked before each pass; nil: nothing is accepted
	Log     *slog.Logger
	Tally   Tally

	domains  []Entry            // of the last list that could be read
	accepted history.Exceptions // the last ones that could be read
	telling  sync.Mutex         // held while a message is sent
	told     time.Time          // when the last message was due
}

// run checks all domains at once, and then in each interval, spread over it, until
// ctx ends. A pass that takes longer than the interval is followed by the next one
// at once.
func (w *Watcher) run(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	if w.Alerts != nil {
		wg.Go(func() { w.keepAlerting(ctx) })
	}
	if w.Sites != nil {
		w.runSites(ctx)
		return
	}
	w.passes(ctx)
}

func (w *Watcher) passes(ctx context.Context) {
	for spread := time.Duration(0); ctx.Err() == nil; spread = w.Every {
		start := time.Now()
		w.Pass(ctx, start, spread)
		_ = pause.For(ctx, time.Until(start.Add(w.Every))) // the loop looks at ctx
	}
}

// atOnce is how many domains are checked at once: few, so that those who wait at
// the page have slots left.
const atOnce = 8

// Pass checks all domains once, starting them within spread, tells what changed,
// and drops what is too old.
func (w *Watcher) Pass(ctx context.Context, now time.Time, spread time.Duration) {
	unread, refused := w.read(ctx), w.accept(ctx, now)
	if unread != nil {
		w.Log.Error("the list of domains could not be read; the last one stays, and the next start would fail", "error", unread)
	}
	if refused != nil {
		w.Log.Error("the accepted exceptions could not be applied; the last ones stay, and the next start would fail", "error", refused)
	}
	w.Tally.read(unread == nil && refused == nil)
	_, _ = w.History.Domains(ctx, now) // those who look at the page would wait for it, and are told what fails
	w.telling.Lock()
	w.told = now
	w.telling.Unlock()
	if w.Sites != nil {
		w.dispatch(ctx, now, spread)
	} else {
		w.looks(ctx, now, spread)
	}
	if ctx.Err() != nil {
		return
	}
	w.Tally.passed(time.Now())
	w.telling.Lock()
	w.tell(ctx)
	w.telling.Unlock()
	if err := w.History.Expire(ctx, now.Add(-w.Keep)); err != nil {
		w.Log.Error("old history could not be deleted", "error", err)
	}
}

// read reads the list, and forgets the domains that left it.
func (w *Watcher) read(ctx context.Context) error {
	list, err := w.List()
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Compare(place(a.Domain), place(b.Domain)) })
	sites := []string{w.Site}
	if w.Sites != nil {
		sites = w.Sites.Names
	}
	if err := w.History.Watch(ctx, names(list), sites); err != nil {
		return err
	}
	tagged := map[string]tags.Tags{}
	for _, e := range list {
		tagged[e.Domain] = e.Tags
	}
	if err := w.History.Tag(ctx, tagged); err != nil {
		return err
	}
	w.domains = list
	return nil
}

// accept reads the exceptions. If they cannot be read, the last ones stay, and
// expire at their days. Until some were read, the history keeps those that it has.
func (w *Watcher) accept(ctx context.Context, now time.Time) (err error) {
	if w.Accept != nil {
		var list history.Exceptions
		if list, err = w.Accept(); err == nil {
			w.accepted = list
		} else if w.accepted == nil {
			return err
		}
	}
	return errors.Join(err, w.History.Accept(ctx, w.accepted, now))
}

// place is where in the interval a domain is checked, from 0 up to 1. It looks
// random and stays the same, so that each domain has its interval whatever happens
// to the others.
func place(domain string) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(domain)) // never fails
	x := h.Sum64()
	x ^= x >> 32 // FNV leaves the high bits of short names alike
	x *= 0x9e3779b97f4a7c15
	return float64(x>>11) / (1 << 53)
}

// looks checks each domain at its place.
func (w *Watcher) looks(ctx context.Context, start time.Time, spread time.Duration) {
	id := "watch-" + start.UTC().Format(time.RFC3339Nano)
	work := make(chan run.Request)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(work)
	for range min(atOnce, len(w.domains)) {
		wg.Go(func() {
			for req := range work {
				w.look(ctx, id, req)
				w.tellSome(ctx, time.Now())
			}
		})
	}
	for _, e := range w.domains {
		if spread > 0 {
			_ = pause.For(ctx, time.Until(start.Add(time.Duration(place(e.Domain)*float64(spread)))))
		}
		select {
		case work <- e.Request:
		case <-ctx.Done():
			return
		}
	}
}

// look checks one domain and keeps the result.
func (w *Watcher) look(ctx context.Context, id string, req run.Request) {
	rep, err := w.check(ctx, req)
	if err == nil {
		_, err = w.History.Add(ctx, history.Result{Run: id, Domain: req.Domain, Site: w.Site, At: rep.Start.Started,
			Verdict: rep.Verdict(), End: &rep.End, Findings: rep.Findings})
	}
	if err != nil && ctx.Err() == nil {
		w.Log.Error("a watched domain has no result in this pass", "domain", req.Domain, "error", err)
	}
}

// check runs the checks, and waits while the runner asks for it.
func (w *Watcher) check(ctx context.Context, req run.Request) (*report.Report, error) {
	for {
		one, err := w.Runner.Start(req, false)
		wait, again := retry(err)
		if again {
			if err := pause.For(ctx, wait); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		defer one.Release()
		return one.Wait(ctx)
	}
}

// retry reports whether a run that was refused may be asked for again, and when.
func retry(err error) (wait time.Duration, again bool) {
	var busy *run.BusyError
	switch {
	case errors.As(err, &busy):
		return busy.Wait, true
	case errors.Is(err, limit.ErrFull):
		return time.Second, true
	}
	return 0, false
}

// maxEvents bounds the events of one message.
const maxEvents = 500

// gap is the time between messages during a pass, in which events gather.
const gap = time.Minute

// tellSome sends what changed if the last message is long enough ago. It does not
// wait for a message that is being sent: the checks go on.
func (w *Watcher) tellSome(ctx context.Context, now time.Time) {
	if !w.telling.TryLock() {
		return
	}
	defer w.telling.Unlock()
	if now.Sub(w.told) >= gap {
		w.told = now
		w.tell(ctx)
	}
}

// tell sends what changed.
func (w *Watcher) tell(ctx context.Context) {
	if err := w.send(ctx); err != nil && ctx.Err() == nil {
		w.Log.Error("changes could not be sent; they are sent later", "error", err)
	}
}

// send sends what is pending, in messages of bounded size. What was sent is marked
// only then: an event may come twice, and never not at all.
func (w *Watcher) send(ctx context.Context) error {
	for {
		list, err := w.History.Pending(ctx, maxEvents)
		if err != nil || len(list) == 0 {
			return err
		}
		w.Tally.saw(list)
		if w.Notify != nil { // else a webhook that is added later is not told of the past
			err := w.Notify(ctx, list)
			if w.Tally.sent(ToWebhook, err); err != nil {
				return err
			}
		}
		if err := w.History.Sent(ctx, list[len(list)-1].ID); err != nil {
			return err
		}
	}
}
