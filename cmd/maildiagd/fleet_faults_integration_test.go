//go:build integration

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"maildiag/service/api"
	"maildiag/service/fleet/bus"
	"maildiag/service/fleet/job"
	"maildiag/service/fleet/worker"
)

// Of a cluster of three, the server that leads the queue is killed in the middle of
// a run.
func fleetLeaderKilled(t *testing.T, bulk string) {
	l := newLab(t, bulk, 1300)
	c := newCluster(l, 3)
	l.outside(c)
	for _, name := range []string{"work", "res", "watch", "seen", "KV_runs", "KV_digests", "KV_workers", "KV_leases"} {
		if info := c.stream(l, name); info.Config.Replicas != 3 {
			t.Errorf("%s: %d replicas", name, info.Config.Replicas)
		}
	}
	l.work("fra")
	l.work("ams")
	l.submit()
	l.until("there are results", func() bool { return l.checked() > 0 })
	if l.checked() == 1300 {
		t.Fatal("the run is over before the leader is killed")
	}
	c.nodes[c.stream(l, "work").Cluster.Leader].kill()
	l.same(l.results())
}

// A site is cut off from NATS with work in its hands. Another site does the work;
// what the first one sends when it is back does not count twice, and it works again.
func fleetSitePartitioned(t *testing.T, bulk string) {
	l := newLab(t, bulk, 700).inside(0)
	r := newRelay(t, l.nats)
	fra := l.workBy("fra", "nats://secret@"+r.Addr().String(), l.dns.Addr)
	l.submit()
	l.until("the site has results", func() bool { return l.checked() > 0 })
	r.set(true)
	if l.checked() == 700 {
		t.Fatal("the run is over before the site is cut off")
	}
	ams := l.work("ams")
	results := l.results()
	l.same(results)
	r.set(false)
	ams.kill()
	if code, _, errs := l.command("submit", "--run", "r2", "--expect", "any", "-"); code != exitOK {
		t.Fatal(errs)
	}
	code, again, errs := l.command("results", "--run", "r2", "--wait")
	if code != exitOK {
		t.Fatalf("%s\n%s", errs, fra.log.String())
	}
	l.same(again)
	if later := l.results(); later != results {
		t.Error("the results have changed since the site is back")
	}
}

// The resolver of one site answers SERVFAIL in the middle of a run. No domain is
// called faulty for it: the site takes no work, and the items wait for another
// site, or for the resolver.
func fleetResolverFails(t *testing.T, bulk string) {
	for name, heals := range map[string]bool{"another site": false, "the item waits": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, bulk, 700).inside(0)
			other := l.resolver()
			fra := l.workBy("fra", l.url, other.Addr)
			l.submit()
			l.until("the site has results", func() bool { return l.checked() > 0 })
			other.Fault("", "", dnstest.Fault{Rcode: "SERVFAIL"})
			l.until("the site takes no work", func() bool { return strings.Contains(fra.log.String(), "no work is taken") })
			before := l.checked()
			if before == 700 {
				t.Fatal("the run is over before the resolver fails")
			}
			if heals {
				l.until("an item is given back", func() bool { return strings.Contains(fra.log.String(), "is given back") })
				other.Heal()
			} else {
				l.work("ams")
			}
			l.same(strings.ReplaceAll(l.results(), other.Addr, l.dns.Addr)) // reports name the resolver
		})
	}
}

// The same list is submitted again while it is checked, when it is done, and by two
// at once.
func fleetSubmittedTwice(t *testing.T, bulk string) {
	l := newLab(t, bulk, 700).inside(0)
	l.submit()
	l.work("fra")
	l.until("there are results", func() bool { return l.checked() > 0 })
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(l.submit)
	}
	wg.Wait()
	results := l.results()
	l.same(results)
	l.submit()
	if again := l.results(); again != results {
		t.Error("the results have changed")
	}
}

// Work of another version of maildiagd waits for a worker of that version; work
// whose options are not those of its run is refused, and reported as not checked.
func fleetTwoVersions(t *testing.T, bulk string) {
	l := newLab(t, bulk, 100).inside(0)
	b, err := bus.Open(t.Context(), bus.Config{URL: l.url, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	future := bus.Run{ID: "future", Version: job.Version + 1, Options: json.RawMessage(`{"expect":"any","cloud":"auto","fail_on":"fail","timeout_seconds":5,"news":true}`)}
	if err := b.PutRun(t.Context(), future); err != nil {
		t.Fatal(err)
	}
	if err := b.PutItem(t.Context(), bus.BulkQueue(future.Version), "future", 0, []byte(`{"run":"future","domains":["d1.example"]}`)); err != nil {
		t.Fatal(err)
	}
	if err := b.Seal(t.Context(), "future", 1, 1, 1); err != nil {
		t.Fatal(err)
	}
	l.work("fra")
	l.submit()
	code, out, errs := l.command("results", "--run", "r", "--wait")
	if code != exitOK {
		t.Fatal(errs)
	}
	l.same(out)
	if n, err := b.CountParts(t.Context(), "future"); n != 0 || err != nil {
		t.Errorf("%d parts of another version, %v", n, err)
	}
	items, err := b.Items(t.Context(), bus.BulkQueue(future.Version))
	if err != nil {
		t.Fatal(err)
	}
	if it, err := items.Next(t.Context(), 10*time.Second); err != nil || it == nil || it.Try != 1 {
		t.Errorf("the work of another version does not wait: %+v, %v", it, err)
	}
}

// The disk of the history is full. What the site has seen waits in NATS, and each
// domain is there once when there is room again.
func fleetHistoryFull(t *testing.T, bulk string) {
	l := newLab(t, bulk, 60)
	c := newCluster(l, 1)
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, []byte(l.list), 0o600); err != nil {
		t.Fatal(err)
	}
	l.args = append(l.args, "--watch", list, "--every", "24h", "--sites", "fra")
	l.outside(c)
	l.until("the list is in the history and the site has work", func() bool { return c.stream(l, "watch").State.Msgs > 0 })
	full, room := unix.Rlimit{Cur: 4 << 10, Max: unix.RLIM_INFINITY}, unix.Rlimit{}
	if err := unix.Prlimit(l.server.Process.Pid, unix.RLIMIT_FSIZE, &full, &room); err != nil {
		t.Fatal(err)
	}
	l.work("fra")
	l.until("the history is full", func() bool { return strings.Contains(l.server.log.String(), "results cannot be kept") })
	if got := l.domains(); len(got) > 0 {
		t.Fatalf("%d domains are kept on a full disk", len(got))
	}
	if err := unix.Prlimit(l.server.Process.Pid, unix.RLIMIT_FSIZE, &room, nil); err != nil {
		t.Fatal(err)
	}
	l.until("all domains are in the history", func() bool { return len(l.domains()) == 60 })
	code, _, errs := l.command("submit", "--run", "r", "-")
	if code != exitOK {
		t.Fatal(errs)
	}
	want := map[string]string{}
	for d, v := range verdicts(t, l.results()) {
		want[d] = string(v)
	}
	if got := l.domains(); !maps.Equal(got, want) {
		t.Errorf("the history has %v, want %v", got, want)
	}
}

// The clocks of two sites are an hour wrong.
func fleetClocksDiffer(t *testing.T, bulk string) {
	l := newLab(t, bulk, 700).inside(0)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for site, skew := range map[string]time.Duration{"early": -time.Hour, "late": time.Hour} {
		wg.Go(func() {
			err := inProcess(ctx, l.url, l.dns.Addr, site, func(w *worker.Worker) { w.Now = func() time.Time { return time.Now().Add(skew) } })
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		})
	}
	l.submit()
	var s api.FleetStatus
	l.until("there is a pace", func() bool {
		_, out, _ := l.command("status", "--json")
		s = api.FleetStatus{}
		return json.Unmarshal([]byte(out), &s) == nil && len(s.Runs) == 1 && (s.Runs[0].Rate > 0 || s.Runs[0].State == api.StateDone)
	})
	l.same(l.results())
}

// poisonedWorker is a worker that one domain ends.
func poisonedWorker(ctx context.Context, url, resolver string) int {
	err := inProcess(ctx, url, resolver, "fra", func(w *worker.Worker) {
		examine := w.Examine
		w.Examine = func(ctx context.Context, env *kit.Env, rows []kit.Check, sink report.Sink) error {
			switch env.Domain {
			case "d30.example":
				os.Exit(7)
			case "d60.example":
				panic("poison")
			case "d90.example": // for longer than it may
				time.Sleep(90 * time.Second)
			}
			return examine(ctx, env, rows, sink)
		}
	})
	if err != nil {
		return 1
	}
	return 0
}

// One domain ends the worker each time, another panics, and the checks of a third
// one do not end. They are reported as not checked, the first one with the others of
// its part, and all others as they are.
func fleetPoison(t *testing.T, bulk string) {
	l := newLab(t, bulk, 200).inside(0)
	if code, _, errs := l.command("submit", "--run", "r", "--expect", "any", "--timeout", "2s", "-"); code != exitOK {
		t.Fatal(errs)
	}
	deaths := 0
	p := spawn(t, "poisoned-worker", l.url, l.dns.Addr)
	for l.checked() < 200 {
		if err := p.Wait(); err == nil || p.ProcessState.ExitCode() != 7 {
			t.Fatalf("%v: %s", err, p.log.String())
		}
		deaths++
		p = spawn(t, "poisoned-worker", l.url, l.dns.Addr)
		l.until("the worker ends, or its work", func() bool { return !p.alive() || l.checked() == 200 })
	}
	got, want := verdicts(t, l.results()), verdicts(t, l.plainBulk())
	for d, v := range want {
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(d, "d"), ".example"))
		if err != nil {
			t.Fatal(err)
		}
		poison := n == 60 || n == 90 || n/job.PartSize == 30/job.PartSize
		if poison {
			v = report.CouldNotTell
		}
		if got[d] != v {
			t.Errorf("%s: %q, want %q", d, got[d], v)
		}
	}
	if len(got) != 200 || deaths < 2 {
		t.Errorf("%d domains after %d deaths", len(got), deaths)
	}
}
