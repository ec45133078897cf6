package watch

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/worker"
	"maildiag/service/run"
)

// branches is a watcher of several sites, which see what the test says.
type branches struct {
	t   *testing.T
	bus *bus.Bus
	w   *Watcher
	now time.Time

	mu   sync.Mutex
	seen map[string]report.Status // of each site
	got  []history.Event
}

func newBranches(t *testing.T, database string, domains int) *branches {
	t.Helper()
	b := &branches{t: t, now: time.Now(), seen: map[string]report.Status{}}
	var err error
	quiet := slog.New(slog.DiscardHandler)
	if b.bus, err = bus.Open(t.Context(), bus.Config{Dir: t.TempDir(), AckWait: time.Second, Log: quiet}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.bus.Close)
	store, err := history.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	var list []Entry
	for n := range domains {
		list = append(list, Entry{Request: run.Request{Domain: fmt.Sprintf("d%d.example", n), Expect: kit.ExpectAuto}})
	}
	b.w = &Watcher{List: func() ([]Entry, error) { return slices.Clone(list), nil }, Every: time.Hour, Keep: 24 * time.Hour, History: store,
		Notify: b.notify, Sites: &Sites{b.bus, []string{"ams", "fra"}}, Log: quiet}
	b.background(b.w.collect)
	return b
}

// background runs f until the test ends.
func (b *branches) background(f func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { f(ctx) })
	b.t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
}

func (b *branches) notify(_ context.Context, list []history.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, list...)
	return nil
}

// staff starts a worker at a site.
func (b *branches) staff(site string) {
	w := &worker.Worker{Bus: b.bus, ID: site, Site: site, AtOnce: 8, Log: slog.New(slog.DiscardHandler), World: func() kit.World { return kit.World{} },
		Ready: func(context.Context) error { return nil }, Examine: func(_ context.Context, env *kit.Env, _ []kit.Check, sink report.Sink) error {
			b.mu.Lock()
			status := b.seen[site]
			b.mu.Unlock()
			f := report.Finding{Check: "spf", Code: "spf.all", Subject: env.Domain, Status: status, Summary: "x"}
			for _, e := range []report.Event{{Begin: &report.Begin{Domain: env.Domain}}, {Finding: &f}, {End: &report.End{Domain: env.Domain}}} {
				if err := sink.Emit(e); err != nil {
					return err
				}
			}
			return nil
		}}
	b.background(func(ctx context.Context) { _ = w.Run(ctx) })
}

// pass looks an hour later, with what the sites see, and waits until the history
// has so many looks of each domain.
func (b *branches) pass(ams, fra report.Status, looks int) {
	b.t.Helper()
	b.mu.Lock()
	b.seen["ams"], b.seen["fra"] = ams, fra
	b.mu.Unlock()
	b.now = b.now.Add(time.Hour)
	b.w.Pass(b.t.Context(), b.now, 0)
	b.until(looks)
}

// until waits for results.
func (b *branches) until(looks int) {
	b.t.Helper()
	for range 6000 {
		if b.have(looks) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.t.Fatalf("not every domain has %d looks", looks)
}

// have reports whether each domain has so many looks.
func (b *branches) have(looks int) bool {
	for _, r := range b.w.domains {
		spans, err := b.w.History.Spans(b.t.Context(), r.Domain)
		if err != nil {
			return false // the database is being restarted
		}
		n := 0
		for _, s := range spans {
			n += s.Seen
		}
		if n < looks {
			return false
		}
	}
	return true
}

// told returns the kinds of the events of d0.example since the last call.
func (b *branches) told() (kinds []string) {
	b.t.Helper()
	b.w.telling.Lock()
	b.w.tell(b.t.Context())
	b.w.telling.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.got {
		if e.Domain == "d0.example" {
			kinds = append(kinds, strings.TrimSpace(e.Kind+" "+strings.Join(e.Present, ",")))
		}
	}
	b.got = nil
	return kinds
}

// A change is told when two sites have seen it; that the sites disagree is an event
// of its own, and ends when they do not.
func TestSites(t *testing.T) {
	b := newBranches(t, filepath.Join(t.TempDir(), "h.db"), 2)
	b.staff("ams")
	b.staff("fra")
	const good, bad, none = report.Pass, report.Fail, report.Unknown
	looks := 0
	for n, x := range []struct {
		ams, fra report.Status
		passes   int
		want     []string
	}{
		{good, good, 1, nil},
		{good, bad, 1, nil},
		{good, bad, 2, []string{"sites-disagree fra"}},
		{none, none, 1, nil},
		{bad, bad, 1, []string{"problem ams,fra", "sites-agree ams,fra"}},
		{good, bad, 1, nil},
		{good, bad, 2, []string{"sites-disagree fra"}},
		{good, good, 1, []string{"fixed", "sites-agree"}},
		{bad, bad, 1, []string{"problem ams,fra"}},
		{good, good, 1, []string{"fixed"}},
	} {
		var got []string
		for range x.passes {
			looks += 2
			b.pass(x.ams, x.fra, looks)
			got = append(got, b.told()...)
		}
		slices.Sort(got)
		slices.Sort(x.want)
		if !slices.Equal(got, x.want) {
			t.Errorf("row %d: %q, want %q", n, got, x.want)
		}
	}
	b.w.Tally.Events(func(kind string, n int) {
		if want := map[string]int{history.KindProblem: 4, history.KindFixed: 4, history.KindDisagree: 4, history.KindAgree: 4}[kind]; n != want {
			t.Errorf("%d events of the kind %s are counted, not %d", n, kind, want)
		}
	})
	domains, err := b.w.History.Domains(t.Context(), b.now)
	if err != nil || len(domains) != 2 || len(domains[0].Sites) != 2 {
		t.Errorf("%d domains, %+v, %v", len(domains), domains[0], err)
	}
}

// A site without workers gets each domain once, however many passes it misses, and
// does not keep the others from theirs. When it is back, it catches up.
func TestSiteIsCutOff(t *testing.T) {
	b := newBranches(t, filepath.Join(t.TempDir(), "h.db"), 101)
	b.staff("ams")
	for n := range 3 {
		b.pass(report.Pass, report.Pass, n+1)
	}
	if waits, err := b.bus.Backlog(t.Context()); err != nil || waits["fra"] != 2 {
		t.Errorf("%v, %v", waits, err)
	}
	b.staff("fra")
	b.until(4)
	b.pass(report.Pass, report.Pass, 6)
}
