package main

import (
	"context"
	"math"
	"sync"
	"time"

	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/watch"
	"maildiag/service/httpd"
)

// countsFor is how long counts of the history are kept: to count 100,000 domains
// takes a moment, in which nobody writes.
const countsFor = time.Minute

// counts reads and keeps counts of the history.
type counts struct {
	of *history.Store

	mu   sync.Mutex
	at   time.Time
	last history.Counts
	err  error
}

// read returns counts that are not too old.
func (c *counts) read(now time.Time) (history.Counts, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at.IsZero() || now.Sub(c.at) >= countsFor {
		ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
		defer cancel()
		c.last, c.err = c.of.Counts(ctx, now)
		c.at = now
	}
	return c.last, c.err
}

// addWatchMetrics adds what --watch does to the metrics.
func addWatchMetrics(mon *httpd.Monitor, w *watch.Watcher, lists *bus.Bus) {
	known := &counts{of: w.History}
	for _, g := range []struct {
		name, help string
		of         func(*history.Counts) float64
	}{
		{"domains", "Domains that are watched.", func(c *history.Counts) float64 { return float64(c.Domains) }},
		{"overdue_domains", "Domains without a result in the last three intervals.", func(c *history.Counts) float64 { return float64(c.Overdue) }},
		{"last_result_timestamp_seconds", "When the latest result was made.", func(c *history.Counts) float64 { return seconds(c.Last) }},
		{"problems", "Confirmed problems that are not accepted.", func(c *history.Counts) float64 { return float64(c.Problems) }},
		{"accepted_problems", "Confirmed problems that are accepted.", func(c *history.Counts) float64 { return float64(c.Accepted) }},
		{"disagreements", "Problems about which sites disagree.", func(c *history.Counts) float64 { return float64(c.Disagreements) }},
		{"pending_events", "Events that wait to be sent.", func(c *history.Counts) float64 { return float64(c.Pending) }},
	} {
		mon.Gauge("maildiagd_watch_"+g.name, g.help+" NaN: not known.", func() float64 {
			c, err := known.read(time.Now())
			if err != nil {
				return math.NaN()
			}
			return g.of(&c)
		})
	}
	mon.Gauge("maildiagd_watch_last_pass_timestamp_seconds", "When the last pass over all domains ended; with --sites, when all were queued. NaN: none yet.",
		func() float64 { return seconds(w.Tally.Pass()) })
	mon.Gauge("maildiagd_watch_files_unreadable", "1 if the list of domains or the accepted exceptions could not be read before the last pass: the last ones stay, and the next start would fail.",
		func() float64 {
			if w.Tally.Stale() {
				return 1
			}
			return 0
		})
	mon.Add(httpd.Family{Name: "maildiagd_watch_events_total", Help: "Confirmed changes.", Labels: []string{"kind"}, Counter: true,
		Read: func(add func(float64, ...string)) {
			w.Tally.Events(func(kind string, n int) { add(float64(n), kind) })
		}})
	mon.Add(httpd.Family{Name: "maildiagd_watch_messages_total", Help: "Messages to the webhook and to Alertmanager.", Labels: []string{"receiver", "outcome"}, Counter: true,
		Read: func(add func(float64, ...string)) {
			w.Tally.Deliveries(func(receiver, outcome string, n int) { add(float64(n), receiver, outcome) })
		}})
	if w.Sites != nil {
		addSiteMetrics(mon, w.Sites.Names, lists)
	}
}

// addSiteMetrics adds what waits for the sites, and for the history.
func addSiteMetrics(mon *httpd.Monitor, sites []string, lists *bus.Bus) {
	mon.Add(httpd.Family{Name: "maildiagd_watch_site_items", Help: "Items of up to 100 domains that wait for a site. NaN: not known.", Labels: []string{"site"},
		Read: func(add func(float64, ...string)) {
			ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
			defer cancel()
			waiting, err := lists.Backlog(ctx)
			for _, site := range sites {
				add(orUnknown(waiting[site], err), site)
			}
		}})
	mon.Gauge("maildiagd_watch_untaken_results", "Parts of results of sites that the history has not taken. NaN: not known.", func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
		defer cancel()
		return orUnknown(lists.Untaken(ctx))
	})
}

// orUnknown returns a number, or NaN if it is not known.
func orUnknown(n int, err error) float64 {
	if err != nil {
		return math.NaN()
	}
	return float64(n)
}

// seconds returns a time as Prometheus has it; NaN: there is none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return math.NaN()
	}
	return float64(t.UnixMilli()) / 1000
}
