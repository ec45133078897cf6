// Package watch checks a list of domains again and again, keeps the history, and
// tells what changed.
package watch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/limit"
	"maildiag/service/run"
)

// maxDomains bounds a list.
const maxDomains = 100_000

// ReadDomains reads a list: one domain a line, blank lines and # comments aside.
// A domain that is listed twice counts once.
func ReadDomains(r io.Reader) (list []run.Request, err error) {
	lines, seen := bufio.NewScanner(r), map[string]bool{}
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		req, err := run.ParseRequest(text, "", "")
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if seen[req.Domain] {
			continue
		}
		if seen[req.Domain] = true; len(list) == maxDomains {
			return nil, fmt.Errorf("line %d: more than %d domains", n, maxDomains)
		}
		list = append(list, req)
	}
	return list, lines.Err()
}

// Watcher watches domains from one site.
type Watcher struct {
	Domains []run.Request
	Every   time.Duration
	Keep    time.Duration // how long the history goes back
	Site    string
	Runner  *run.Runner
	History *history.Store
	Notify  func(context.Context, []history.Event) error // nil: nobody is told
	Log     *slog.Logger
}

// Run checks all domains at once and at each interval, until ctx ends. A pass that
// takes longer than the interval is followed by the next one at once.
func (w *Watcher) Run(ctx context.Context) {
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	for {
		w.Pass(ctx, time.Now())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// atOnce is how many domains are checked at once: few, so that those who wait at
// the page have slots left.
const atOnce = 8

// Pass checks all domains once, tells what changed, and drops what is too old.
func (w *Watcher) Pass(ctx context.Context, now time.Time) {
	id := "watch-" + now.UTC().Format(time.RFC3339Nano)
	work := make(chan run.Request)
	var wg sync.WaitGroup
	for range min(atOnce, len(w.Domains)) {
		wg.Go(func() {
			for req := range work {
				w.look(ctx, id, req)
			}
		})
	}
	for _, req := range w.Domains {
		select {
		case work <- req:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
	if ctx.Err() != nil {
		return
	}
	if err := w.tell(ctx); err != nil {
		w.Log.Error("changes could not be sent; they are sent after the next pass", "error", err)
	}
	if err := w.History.Expire(ctx, now.Add(-w.Keep)); err != nil {
		w.Log.Error("old history could not be deleted", "error", err)
	}
}

// look checks one domain and keeps the result.
func (w *Watcher) look(ctx context.Context, id string, req run.Request) {
	rep, err := w.check(ctx, req)
	if err == nil {
		_, err = w.History.Add(ctx, history.Result{Run: id, Domain: req.Domain, Site: w.Site, At: rep.Start.Started,
			Verdict: rep.Verdict(), Findings: rep.Findings})
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
			select {
			case <-time.After(wait):
				continue
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
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

// tell sends what is pending, in messages of bounded size. What was sent is marked
// only then: an event may come twice, and never not at all.
func (w *Watcher) tell(ctx context.Context) error {
	for w.Notify != nil {
		list, err := w.History.Pending(ctx, maxEvents)
		if err != nil || len(list) == 0 {
			return err
		}
		if err := w.Notify(ctx, list); err != nil {
			return err
		}
		if err := w.History.Sent(ctx, list[len(list)-1].ID); err != nil {
			return err
		}
	}
	return nil
}
