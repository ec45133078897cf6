package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"maildiag/cmd/internal/release"
	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/fleet/bus"
	"maildiag/service/httpd"
	"maildiag/service/limit"
	"maildiag/service/probe"
	"maildiag/service/run"
	"maildiag/service/store"
	"maildiag/service/upload"
	"maildiag/service/web"
)

// The bounds of the work at once.
const (
	slots   = 32
	places  = 128
	maxKeys = 1 << 16 // clients and domains that are kept in mind
)

// service is a server with what it stops.
type service struct {
	server *http.Server
	logins *httpd.Logins
	runner *run.Runner
	probe  *probe.Handler
	ready  *atomic.Bool
	stop   chan struct{}
	wg     sync.WaitGroup
	watch  sync.WaitGroup // what uses the bus beside the worker
}

// expire drops results whose time is over.
func (s *service) expire(results *store.Store) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			results.Expire(now)
		case <-s.stop:
			return
		}
	}
}

// assemble puts the parts together.
func (f *serveFlags) assemble(w *world, gate *httpd.Gate, log *slog.Logger) (_ *service, err error) {
	version := release.Version(linked)
	results, err := store.Open(f.data, f.keep, time.Now())
	if err != nil {
		return nil, failed("name a folder that can be written", "--data: %v", err)
	}
	mon := httpd.NewMonitor(log, version, gate)
	runner := run.New(run.Config{
		World: w.open, Resolver: w.resolver, TrustAD: w.trustAD, Version: version, Timeout: f.timeout, Slots: slots, Places: places,
		Victims: perMinute(f.domainChecks), Over: mon.Over,
		Keep: func(id string, events []report.Event) {
			if err := results.Put(id, events, time.Now()); err != nil {
				log.Error("a result cannot be kept", "error", err)
			}
		},
	})
	mon.Gauge("maildiagd_runs_running", "Checks that run.", func() float64 { n, _ := runner.Load(); return float64(n) })
	mon.Gauge("maildiagd_runs_waiting", "Checks that wait.", func() float64 { _, n := runner.Load(); return float64(n) })
	mon.Gauge("maildiagd_results", "Results with a permalink.", func() float64 { n, _ := results.Len(); return float64(n) })

	s := &service{runner: runner, ready: new(atomic.Bool), stop: make(chan struct{})}
	s.ready.Store(true)
	s.wg.Go(func() { s.expire(results) })
	defer func() {
		if err != nil { // what was started ends
			close(s.stop)
			s.wg.Wait()
		}
	}()
	spend, uploads := gate.Spend(perMinute(f.clientChecks)), upload.New(f.data)
	pages := &web.Handler{Runner: runner, Store: results, Uploads: uploads, Version: version, Keep: f.keep, Spend: spend,
		Secure: f.webConfig != "" || gate.Proxies != nil}
	lists, err := f.startFleet(s, w, mon, log)
	if err != nil {
		return nil, err
	}
	if err := f.startWatch(s, pages, f.url(gate), lists, mon, log); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	if lists != nil {
		(&api.Runs{Bus: lists}).Register(mux)
		pages.Sites = sitesOf(lists)
	}
	(&api.Handler{Runner: runner, Uploads: uploads, Version: version, Spend: spend}).Register(mux)
	pages.Register(mux)
	if s.probe, err = f.exporter(runner, gate); err != nil {
		return nil, err
	}
	mux.Handle("GET /probe", s.probe)
	mux.Handle("GET /metrics", mon.Metrics())
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("healthy\n")) })
	mux.HandleFunc("GET /-/ready", s.isReady)
	s.logins = httpd.NewLogins(gate, perMinute(f.clientLogins), mon.Refused)
	s.server = httpd.NewServer(mon.Wrap(mux, gate.Wrap(mux)), log)
	return s, nil
}

// startWatch starts the checks of --watch, which end with the service, and shows
// them on a page.
func (f *serveFlags) startWatch(s *service, pages *web.Handler, address string, lists *bus.Bus, mon *httpd.Monitor, log *slog.Logger) error {
	w, err := f.watch.open(context.Background(), f.data, address, s.runner, lists, log)
	if err != nil || w == nil {
		return err
	}
	pages.Domains, pages.Detail, pages.Changes = w.History.Domains, w.History.Detail, w.History.Changes
	addWatchMetrics(mon, w, lists)
	ctx, cancel := context.WithCancel(context.Background())
	s.wg.Go(func() {
		<-s.stop
		cancel()
	})
	s.watch.Add(1)
	s.wg.Go(func() {
		defer s.watch.Done()
		if w.Sites != nil {
			lists.Hold(ctx, "watch", rand.Text(), w.Run) // one server at a time
		} else {
			w.Run(ctx)
		}
		if err := w.History.Close(); err != nil {
			log.Error("the history could not be closed", "error", err)
		}
	})
	return nil
}

// exporter answers /probe.
func (f *serveFlags) exporter(runner *run.Runner, gate *httpd.Gate) (*probe.Handler, error) {
	h := &probe.Handler{Runner: runner, Modules: probe.Modules(), Limit: f.timeout, Spend: gate.Spend(perMinute(f.clientProbes))}
	if f.modules == "" {
		return h, nil
	}
	var err error
	if h.Modules, err = probe.LoadModules(f.modules); err != nil {
		return nil, fileFault("--modules", f.modules, err, "the file has the form: modules: {NAME: {only: [mx, spf], expect: m365, ttl: 5m}}")
	}
	return h, nil
}

// perMinute makes buckets of n a minute; nil: no limit.
func perMinute(n int) *limit.Buckets {
	if n <= 0 {
		return nil
	}
	return limit.NewBuckets(n, time.Minute, maxKeys)
}

func (s *service) isReady(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// shutdown lets running checks finish, for a time, and ends every answer.
func (s *service) shutdown() {
	s.ready.Store(false)
	close(s.stop)
	s.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	s.runner.Close(ctx)
	s.probe.Wait()
	last, cancelLast := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancelLast()
	if err := s.server.Shutdown(last); err != nil {
		_ = s.server.Close()
	}
}
