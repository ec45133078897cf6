package scale

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"maildiag/checks"
	"maildiag/checks/kit"
	"maildiag/checks/kit/cputime"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/job"
)

// The costs of the model are those of real domains.
func TestMeasured(t *testing.T) {
	lines, reports, queries := realReports(t, 400)
	want := Measured()
	near := func(what string, got, want float64) {
		t.Helper()
		t.Logf("%s: %.0f", what, got)
		if got < want*0.8 || got > want*1.25 {
			t.Errorf("%s: %.1f, and the model has %.1f", what, got, want)
		}
	}
	packer := job.NewPacker()
	parts, raw := 0, 0
	for at := 0; at < len(lines); at += job.PartSize {
		parts += len(packer.Pack(lines[at:min(at+job.PartSize, len(lines))]))
	}
	for _, l := range lines {
		raw += len(l)
	}
	n := float64(len(lines))
	near("bytes of a report", float64(raw)/n, want.Report)
	near("bytes of a look in a part", float64(parts)/n, want.Part)
	near("queries of a look", float64(queries)/n, want.Queries)
	asked, err := json.Marshal(job.Options{Expect: "auto", Cloud: "auto", FailOn: "fail", Timeout: 45, NoPlan: true})
	if err != nil {
		t.Fatal(err)
	}
	it := job.Item{Run: "watch-20261127T104656Z", Number: 100000, Options: strings.Repeat("0", 64), Asked: asked}
	for _, r := range reports[:job.WatchSize] {
		it.Domains = append(it.Domains, r.Begin.Domain)
	}
	item, err := json.Marshal(it)
	if err != nil {
		t.Fatal(err)
	}
	near("bytes of a domain in an item", float64(len(item))/job.WatchSize, want.Item)
	first, again, perSecond := historyCosts(t, reports)
	near("bytes of the first look in the history", first, want.FirstLook)
	near("bytes of an equal look in the history", again, want.EqualLook)
	t.Logf("looks that one history takes in a second of processor time: %.0f", perSecond)
}

// historyCosts returns the bytes of a look, and how many looks the history takes in a
// second of processor time.
func historyCosts(t *testing.T, reports []*report.Report) (first, again, perSecond float64) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "h.db")
	s, err := history.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	size := func() float64 {
		sum := int64(0)
		if err := s.Close(); err != nil { // it writes the WAL back
			t.Fatal(err)
		}
		for _, name := range []string{path, path + "-wal"} {
			if info, err := os.Stat(name); err == nil {
				sum += info.Size()
			}
		}
		if s, err = history.Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		return float64(sum)
	}
	n := float64(len(reports))
	empty := size()
	pass(t, s, reports, 0)
	one := size()
	const more = 2
	began := cputime.Used()
	for p := range more {
		pass(t, s, reports, p+1)
	}
	used := cputime.Used() - began
	end := size()
	s.Close()
	return (one - empty) / n, (end - one) / n / more, n * more / used.Seconds()
}

// pass adds a look at each domain.
func pass(t *testing.T, s *history.Store, reports []*report.Report, number int) {
	t.Helper()
	at := time.Date(2026, 11, 27, 10+number, 0, 0, 0, time.UTC)
	for i := 0; i < len(reports); i += job.PartSize {
		var list []history.Result
		for _, r := range reports[i:min(i+job.PartSize, len(reports))] {
			list = append(list, history.Result{Run: "watch-" + at.Format("20060102T150405Z"), Domain: r.Begin.Domain, Site: "fra", At: at,
				Verdict: r.Verdict(), Findings: r.Findings})
		}
		if n, err := s.AddAll(t.Context(), list); n != len(list) || err != nil {
			t.Fatal(n, err)
		}
	}
}

// realReports checks real domains, as watching does.
func realReports(t *testing.T, n int) (lines [][]byte, reports []*report.Report, queries int) {
	t.Helper()
	bodies := kittest.ReadBodies(t)
	var zone strings.Builder
	kittest.IncludeZone(t, &zone)
	for i := range bodies {
		bodies[i].Zone(&zone)
	}
	server, err := dnsrec.ParseServer(dnstest.New(t, zone.String(), dnstest.Unlogged()).Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{server}})
	t.Cleanup(client.Close)
	opts := job.Options{Expect: "auto", Cloud: "auto", FailOn: "fail", Timeout: 45, NoPlan: true}
	world := kit.World{DNS: dnsrec.NewCache(client, dnsrec.CacheOptions{})}
	start := opts.Start(opts.Rows(), "test", time.Now())
	var mu sync.Mutex
	var wg sync.WaitGroup
	places := semaphore.NewWeighted(16)
	for i := range n {
		if err := places.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			defer places.Release(1)
			env := opts.Env(bodies[i*len(bodies)/n].Domain, "", time.Now())
			env.World, env.Resolver = world, "192.0.2.53"
			sink := report.Collect(func(r *report.Report) error {
				text, err := r.MarshalJSON()
				mu.Lock()
				defer mu.Unlock()
				lines, reports, queries = append(lines, append(text, '\n')), append(reports, r), queries+r.End.Queries
				return err
			})
			if err := sink.Emit(report.Event{Start: start}); err != nil {
				t.Error(err)
			}
			if err := checks.Run(t.Context(), env, opts.Rows(), sink); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(lines) != n {
		t.Fatal(fmt.Sprint(len(lines), " reports"))
	}
	return lines, reports, queries
}
