package worker

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
)

// fleet is a bus in this process, with a run on it.
type fleet struct {
	*bus.Bus
	t    *testing.T
	opts job.Options
}

func newFleet(t *testing.T, domains int) *fleet {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), AckWait: 300 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	f := &fleet{b, t, job.Options{Expect: "any", Cloud: "auto", FailOn: "fail", Timeout: 5}}
	f.submit("run1", domains, f.opts.Hash())
	return f
}

func name(i int) string { return fmt.Sprintf("d%d.example", i) }

func (f *fleet) submit(id string, domains int, hash string) {
	f.t.Helper()
	text, err := json.Marshal(f.opts)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.PutRun(f.t.Context(), bus.Run{ID: id, Version: job.Version, Options: text}); err != nil {
		f.t.Fatal(err)
	}
	items := 0
	for at := 0; at < domains; at += job.ItemSize {
		it := job.Item{Run: id, Number: items, Options: hash}
		for i := at; i < min(at+job.ItemSize, domains); i++ {
			it.Domains = append(it.Domains, name(i))
		}
		data, err := json.Marshal(it)
		if err != nil {
			f.t.Fatal(err)
		}
		if err := f.PutItem(f.t.Context(), bus.BulkQueue(job.Version), id, items, data); err != nil {
			f.t.Fatal(err)
		}
		items++
	}
	if err := f.Seal(f.t.Context(), id, domains, items, job.Parts(domains)); err != nil {
		f.t.Fatal(err)
	}
}

// work starts a worker and returns how to stop it.
func (f *fleet) work(w *Worker) (stop func()) {
	f.t.Helper()
	w.Bus, w.Site, w.AtOnce = cmp.Or(w.Bus, f.Bus), cmp.Or(w.Site, "fra"), 16
	w.ID = fmt.Sprintf("%p", w)
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	if w.World == nil {
		w.World = func() kit.World { return kit.World{} }
	}
	if w.Ready == nil {
		w.Ready = func(context.Context) error { return nil }
	}
	if w.Examine == nil {
		w.Examine = pass
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := w.Run(ctx); err != nil {
			f.t.Error(err)
		}
	})
	stop = func() { cancel(); wg.Wait() }
	f.t.Cleanup(stop)
	return stop
}

// pass finds a domain ready.
func pass(_ context.Context, env *kit.Env, _ []kit.Check, sink report.Sink) error {
	return errors.Join(sink.Emit(report.Event{Begin: &report.Begin{Domain: env.Domain, Expect: string(env.Expect)}}),
		sink.Emit(report.Event{Finding: &report.Finding{Check: "mx", Code: "mx.ok", Status: report.Pass, Summary: "fine"}}),
		sink.Emit(report.Event{End: &report.End{Domain: env.Domain}}))
}

// results waits until all parts of a run are there, and until nothing waits, and
// returns the verdicts of its domains, each of which must be there once.
func (f *fleet) results(id string, domains int) map[string]report.Verdict {
	f.t.Helper()
	got := map[string]report.Verdict{}
	for domain, r := range f.reports(id, domains) {
		got[domain] = r.Verdict()
	}
	return got
}

// reports is results with all that was found.
func (f *fleet) reports(id string, domains int) map[string]*report.Report {
	f.t.Helper()
	for {
		parts, err := f.CountParts(f.t.Context(), id)
		waiting, err2 := f.Waiting(f.t.Context())
		if err := errors.Join(err, err2); err != nil {
			f.t.Fatal(err)
		}
		if parts == job.Parts(domains) && waiting == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	var b bytes.Buffer
	unpacker := job.NewUnpacker()
	defer unpacker.Close()
	if err := f.EachPart(f.t.Context(), id, func(p bus.Part) error { return unpacker.Unpack(&b, p.Data) }); err != nil {
		f.t.Fatal(err)
	}
	got := map[string]*report.Report{}
	for r, err := range report.ReadReports(&b) {
		if err != nil {
			f.t.Fatal(err)
		}
		if _, twice := got[r.Begin.Domain]; twice {
			f.t.Errorf("%s is there twice", r.Begin.Domain)
		}
		got[r.Begin.Domain] = r
	}
	for i := range domains {
		if _, ok := got[name(i)]; !ok {
			f.t.Errorf("%s is missing", name(i))
		}
	}
	if len(got) != domains {
		f.t.Errorf("%d domains of %d", len(got), domains)
	}
	return got
}

// Every domain is there once, however the list is cut and however many work.
func TestWork(t *testing.T) {
	for workers, sizes := range map[int][]int{1: {1, job.PartSize + 1}, 3: {job.PartSize, 2*job.ItemSize + 7}} {
		f := newFleet(t, sizes[0])
		for range workers {
			f.work(new(Worker))
		}
		f.submit("run2", sizes[1], f.opts.Hash())
		for n, id := range []string{"run1", "run2"} {
			for d, v := range f.results(id, sizes[n]) {
				if v != report.Ready {
					t.Errorf("%s: %s", d, v)
				}
			}
		}
	}
}

// A domain that panics, never ends, or has a report that is too large is
// reported as not checked, and the others are not touched.
func TestPoison(t *testing.T) {
	f := newFleet(t, 0)
	f.opts.Timeout = 1
	f.submit("run2", 60, f.opts.Hash())
	poison := map[string]func(report.Sink) error{
		name(3):  func(report.Sink) error { panic("poison") },
		name(30): func(report.Sink) error { <-t.Context().Done(); return nil },
		name(31): func(report.Sink) error { return errors.New("poison") },
		name(59): func(sink report.Sink) error {
			text := make([]byte, 2<<20)
			for i, x := 0, uint32(1); i < len(text); i++ {
				x = x*1664525 + 1013904223
				text[i] = 'A' + byte(x>>27)
			}
			return errors.Join(sink.Emit(report.Event{Begin: &report.Begin{Domain: name(59)}}),
				sink.Emit(report.Event{Finding: &report.Finding{Check: "mx", Code: "mx.ok", Status: report.Pass, Summary: string(text)}}),
				sink.Emit(report.Event{End: &report.End{Domain: name(59)}}))
		},
	}
	f.work(&Worker{late: -800 * time.Millisecond, Examine: func(ctx context.Context, env *kit.Env, rows []kit.Check, sink report.Sink) error {
		if p := poison[env.Domain]; p != nil {
			return p(sink)
		}
		return pass(ctx, env, rows, sink)
	}})
	for d, v := range f.results("run2", 60) {
		if want := map[bool]report.Verdict{true: report.CouldNotTell, false: report.Ready}[poison[d] != nil]; v != want {
			t.Errorf("%s: %s, want %s", d, v, want)
		}
	}
}

// A worker that stops gives its items back at once, and what it has stored counts.
func TestStop(t *testing.T) {
	const domains = 2*job.ItemSize + 1
	f := newFleet(t, domains)
	var n atomic.Int64
	half := make(chan struct{})
	stop := f.work(&Worker{Examine: func(ctx context.Context, env *kit.Env, rows []kit.Check, sink report.Sink) error {
		if n.Add(1) > domains/2 {
			if n.Load() == domains/2+1 {
				close(half)
			}
			<-ctx.Done()
		}
		return pass(ctx, env, rows, sink)
	}})
	<-half
	stop()
	f.work(new(Worker))
	f.results("run1", domains)
}

// An item that is tried too often has results all the same; what was found is
// kept, and nothing is checked for the rest.
func TestGiveUp(t *testing.T) {
	f := newFleet(t, 60)
	items, err := f.Items(t.Context(), bus.BulkQueue(job.Version))
	if err != nil {
		t.Fatal(err)
	}
	for range maxTries - 1 {
		it, err := items.Next(t.Context(), time.Minute)
		if err != nil || it == nil {
			t.Fatal(it, err)
		}
		if it.Try == maxTries-1 {
			w := &Worker{Bus: f.Bus, Site: "ams", World: func() kit.World { return kit.World{} }, Examine: pass, slots: newSlots(1), late: time.Minute, packer: job.NewPacker()}
			p, err := w.open(t.Context(), it)
			if err == nil {
				p.queue = &queue{put: f.PutPart}
				err = w.part(t.Context(), p, 1)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := it.Later(0); err != nil {
			t.Fatal(err)
		}
	}
	f.work(&Worker{Examine: func(context.Context, *kit.Env, []kit.Check, report.Sink) error { panic("checked") }})
	got := f.results("run1", 60)
	for i := range 60 {
		want := report.CouldNotTell
		if i/job.PartSize == 1 {
			want = report.Ready
		}
		if got[name(i)] != want {
			t.Errorf("%d: %s, want %s", i, got[name(i)], want)
		}
	}
}

// What is not a mail domain is not checked, whoever has queued it.
func TestNotMail(t *testing.T) {
	var asked []string
	w := &Worker{Log: slog.New(slog.DiscardHandler), World: func() kit.World { return kit.World{} },
		Examine: func(ctx context.Context, env *kit.Env, rows []kit.Check, sink report.Sink) error {
			asked = append(asked, env.Domain)
			return pass(ctx, env, rows, sink)
		}}
	p := &piece{start: new(report.Start), opts: job.Options{Timeout: 5}}
	if r := w.examine(t.Context(), p, "contoso.com", nil); r.verdict != report.Ready || len(asked) != 1 {
		t.Fatal(r.verdict, asked)
	}
	for _, d := range []string{"_dmarc.contoso.com", "k._domainkey.contoso.com", "smtp.office365.com", "contoso-com.mail.protection.outlook.com", "a..b", ""} {
		if r := w.examine(t.Context(), p, d, nil); r.verdict != report.CouldNotTell || len(r.line) == 0 {
			t.Errorf("%s: %s", d, r.verdict)
		}
	}
	if len(asked) != 1 {
		t.Errorf("asked about %q", asked[1:])
	}
}

// What a worker does not know, it does not do.
func TestUnknownOptions(t *testing.T) {
	f := newFleet(t, 0)
	for what, hash := range map[string]string{"another hash": "x", "none": ""} {
		id := "run-" + strings.ReplaceAll(what, " ", "-")
		f.submit(id, 1, hash)
		items, err := f.Items(t.Context(), bus.BulkQueue(job.Version))
		if err != nil {
			t.Fatal(err)
		}
		it, err := items.Next(t.Context(), time.Minute)
		if err != nil || it == nil {
			t.Fatal(it, err)
		}
		w := &Worker{Bus: f.Bus, Site: "fra", Examine: pass}
		if err := w.item(t.Context(), &queue{put: f.PutPart, have: f.PartsOf}, it); !errors.Is(err, job.ErrUnknown) {
			t.Errorf("%s: %v", what, err)
		}
		if n, err := f.CountParts(t.Context(), id); n != 0 || err != nil {
			t.Errorf("%s: %d parts, %v", what, n, err)
		}
		if err := it.Done(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A resolver that fails half way leads to no result; when it answers again, all
// domains have theirs.
func TestResolverFails(t *testing.T) {
	const domains = 200
	f := newFleet(t, domains)
	var down atomic.Bool
	var n atomic.Int64
	log := new(bytes.Buffer)
	var mu sync.Mutex
	fails := errors.New("no answer")
	w := &Worker{
		refuse: time.Millisecond,
		Log: slog.New(slog.NewTextHandler(writer(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			if bytes.Contains(p, []byte("given back")) {
				down.Store(false)
			}
			return log.Write(p)
		}), nil)),
		Ready: func(context.Context) error {
			if down.Load() {
				return fails
			}
			return nil
		},
		Examine: func(ctx context.Context, env *kit.Env, rows []kit.Check, sink report.Sink) error {
			if n.Add(1) == domains/2 {
				down.Store(true)
			}
			if down.Load() {
				return fails
			}
			return pass(ctx, env, rows, sink)
		},
	}

	f.work(w)
	for d, v := range f.results("run1", domains) {
		if v != report.Ready {
			t.Errorf("%s: %s", d, v)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(log.String(), "no work is taken") {
		t.Error("the log does not say that the resolver fails")
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// Domains that wait for slow answers make room for others, but not all of them.
func TestSlots(t *testing.T) {
	s := newSlots(1)
	var all []*slot
	for range kit.SlowFactor {
		l, err := s.enter(t.Context())
		if err != nil || !l.leave() || !l.leave() {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	last, err := s.enter(t.Context())
	if err != nil || last.leave() {
		t.Error("too many have left", err)
	}
	all[0].end()
	all[0].end()
	if !last.leave() {
		t.Error("none may leave")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if s.free <- struct{}{}; len(s.free) != 1 {
		t.Error("slots are lost")
	}
	if _, err := s.enter(ended); err == nil {
		t.Error("a slot that is not there")
	}
}
