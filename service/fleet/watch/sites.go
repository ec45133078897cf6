package watch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"maildiag/checks/kit/pause"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/job"
)

// Sites has domains checked by the workers of several sites.
type Sites struct {
	Bus   *bus.Bus
	Names []string
}

// options are those of a domain that is watched.
func options() *job.Options {
	return &job.Options{Expect: "auto", Cloud: "auto", FailOn: "fail", Timeout: 45, NoPlan: true}
}

// dispatch queues all domains for each site, an item at its place in the interval.
func (w *Watcher) dispatch(ctx context.Context, start time.Time, spread time.Duration) {
	asked := options()
	text, err := json.Marshal(asked)
	if err != nil {
		w.Log.Error("the options of watching cannot be sent", "error", err)
		return
	}
	behind := map[string]int{}
	for at := 0; at < len(w.domains) && ctx.Err() == nil; at += job.WatchSize {
		some := w.domains[at:min(at+job.WatchSize, len(w.domains))]
		if spread > 0 {
			_ = pause.For(ctx, time.Until(start.Add(time.Duration(place(some[0].Domain)*float64(spread))))) // the loop looks at ctx
		}
		it := job.Item{Run: "watch-" + start.UTC().Format("20060102T150405Z"), Number: at / job.WatchSize, Options: asked.Hash(), Asked: text, Domains: names(some)}
		data, err := json.Marshal(it)
		if err != nil {
			w.Log.Error("domains cannot be sent", "error", err)
			continue
		}
		w.put(ctx, it.Number, data, behind)
	}
	for site, items := range behind {
		w.Log.Warn("a site has not finished its last pass; what waits for it is not queued again", "site", site, "domains", items*job.WatchSize)
	}
}

// put queues an item for each site, and counts those that still have the last one.
func (w *Watcher) put(ctx context.Context, n int, data []byte, behind map[string]int) {
	for _, site := range w.Sites.Names {
		err := w.Sites.Bus.PutWatch(ctx, bus.WatchQueue(job.Version, site), n, data)
		switch {
		case errors.Is(err, bus.ErrFull):
			behind[site]++
		case err != nil && ctx.Err() == nil:
			w.Log.Error("domains are not checked in this pass", "site", site, "error", err)
		}
	}
}

func names(list []Entry) []string {
	texts := make([]string, len(list))
	for i, r := range list {
		texts[i] = r.Domain
	}
	return texts
}

// The pauses of what takes results.
const (
	idleTime  = 5 * time.Second // for one request for results
	againTime = 5 * time.Second // before results that could not be kept are tried again
	keepTime  = time.Minute     // for the results of one part
)

// collect takes what the sites have seen into the history until ctx ends.
func (w *Watcher) collect(ctx context.Context) {
	var items *bus.SeenItems
	for ctx.Err() == nil {
		var err error
		if items == nil {
			if items, err = w.Sites.Bus.SeenItems(ctx); err != nil {
				items = nil
			}
		}
		var seen *bus.Seen
		if items != nil {
			seen, err = items.Next(ctx, idleTime)
		}
		switch {
		case err != nil && ctx.Err() == nil:
			w.Log.Warn("the results of the sites cannot be read", "error", err)
			_ = pause.For(ctx, againTime) // the loop looks at ctx
		case seen != nil:
			w.keep(ctx, seen)
		}
		w.tellSome(ctx, time.Now())
	}
}

// keep adds what a site has seen to the history. Results that cannot be kept, such
// as on a full disk, come again; those that cannot be read never could be.
func (w *Watcher) keep(ctx context.Context, seen *bus.Seen) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	list, err := read(seen)
	if err != nil {
		w.Log.Error("results of a site cannot be read; they are dropped", "site", seen.Site, "error", err)
		list = nil
	}
	if _, err := w.History.AddAll(limited, list); err != nil {
		w.Log.Error("results cannot be kept; they are tried again", "site", seen.Site, "error", err)
		_ = seen.Later(againTime)       // if not, they come again on their own
		_ = pause.For(ctx, time.Second) // it comes again anyway
		return
	}
	if err := seen.Done(limited); err != nil {
		w.Log.Warn("results are kept, but NATS does not know; they count once", "error", err)
	}
}

// read reads results. All are dated by the clock of NATS: those of the sites may
// be wrong.
func read(seen *bus.Seen) (list []history.Result, err error) {
	var lines bytes.Buffer
	unpacker := job.NewUnpacker()
	defer unpacker.Close()
	if err := unpacker.Unpack(&lines, seen.Data); err != nil {
		return nil, err
	}
	for r, err := range report.ReadReports(&lines) {
		if err != nil {
			return nil, err
		}
		list = append(list, history.Result{Run: seen.Run, Domain: r.Begin.Domain, Site: seen.Site, At: seen.At,
			Verdict: r.Verdict(), End: &r.End, Findings: r.Findings})
	}
	return list, nil
}

// runSites is [Watcher.run] for several sites.
func (w *Watcher) runSites(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { w.collect(ctx) })
	w.passes(ctx)
}
