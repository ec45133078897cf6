package scale

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the table of docs/fleet/scale.md")

const day = 24 * time.Hour

// fleet returns one with faults: each site is cut off for ten minutes a week, one of
// them for a day, and the history is down for six hours.
func fleet(domains, sites int, every time.Duration, history float64) Fleet {
	f := Fleet{Domains: domains, Sites: sites, Every: every, Days: 30, Differ: 0.005, Costs: Measured(), History: history,
		WatchBytes: 64 << 20, SeenBytes: 2 << 30, Workers: 300, CutOff: map[int][]Span{}, Down: []Span{{10 * day, 10*day + 6*time.Hour}}}
	for site := range sites {
		for week := range 4 {
			at := time.Duration(week)*7*day + time.Duration(site)*5*time.Hour + 3*day
			f.CutOff[site] = append(f.CutOff[site], Span{at, at + 10*time.Minute})
		}
	}
	f.CutOff[0] = append(f.CutOff[0], Span{27 * day, 28 * day})
	return f
}

// rows are the fleets of the table.
func rows() []struct {
	name string
	Fleet
} {
	type row = struct {
		name string
		Fleet
	}
	return []row{
		{"100,000 × 1, hourly", fleet(100_000, 1, time.Hour, 0)},
		{"100,000 × 5, hourly", fleet(100_000, 5, time.Hour, 0)},
		{"1 million × 5, daily", fleet(1_000_000, 5, day, 0)},
		{"10 million × 5, daily", fleet(10_000_000, 5, day, 0)},
		{"10 million × 5, daily, history of 1,000 looks a second", fleet(10_000_000, 5, day, 1000)},
		{"10 million × 5, weekly", fleet(10_000_000, 5, 7*day, 0)},
	}
}

// The table of the document is that of the simulation.
func TestTable(t *testing.T) {
	const name = "../../../docs/fleet/scale.md"
	old, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- simulation -->\n", "<!-- end -->"
	before, rest, ok1 := strings.Cut(string(old), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the table has no place")
	}
	text := before + begin + table() + end + after
	if text == string(old) {
		return
	}
	if !*update {
		t.Fatal("docs/fleet/scale.md differs from the simulation; go test ./service/fleet/scale -run Table -update writes it")
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| domains × sites | looks a second | in the history after 30 days | skipped | latest | items waiting | results waiting | history busy | history | DNS a site | NATS messages | NATS traffic |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows() {
		o := Run(r.Fleet)
		rate := float64(r.Domains) * float64(r.Sites) / r.Every.Seconds()
		real := float64(o.Looks) / (float64(r.Days) * day.Seconds())
		fmt.Fprintf(&b, "| %s | %.0f | %s | %.2g %% | %s | %s | %s | %.0f %% | %s | %.0f/s | %.0f/s | %s a day |\n", r.name, rate, count(o.Looks),
			100*float64(o.Refused)/float64(o.Refused+o.Looks), o.Late.Round(time.Minute), size(o.MostItems), size(o.MostResults), 100*o.HistoryBusy,
			size(o.HistoryBytes), real*r.Queries/float64(r.Sites), real*messages, size(real*day.Seconds()*(r.Part+r.Item+itemHead/100)*copies))
	}
	return b.String()
}

// What a look costs on NATS: an item of 100 and a part of 25 are each published,
// handed out and acknowledged. In a cluster of three each message goes to two more
// servers; then it goes to who takes it.
const (
	messages = 4.0/100 + 4.0/25
	copies   = 4
)

func count(n int) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.2f billion", float64(n)/1e9)
	}
	return fmt.Sprintf("%.0f million", float64(n)/1e6)
}

func size(bytes float64) string {
	for _, u := range []struct {
		name string
		unit float64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}} {
		if bytes >= u.unit {
			return fmt.Sprintf("%.3g %s", bytes/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%.0f kB", bytes/1e3)
}

// Without faults and with room, each look is there, late by no more than its own work.
func TestPlain(t *testing.T) {
	f := Fleet{Domains: 50_000, Sites: 3, Every: time.Hour, Days: 2, Workers: 100, History: 1000, WatchBytes: math.Inf(1), SeenBytes: math.Inf(1), Costs: Measured()}
	o := Run(f)
	all := 50_000 * 3 * 48
	if o.Looks < all-3*50_000/12 || o.Looks > all || o.Refused != 0 || o.Late > 3*time.Minute {
		t.Errorf("%+v", o)
	}
	if math.Abs(o.SiteBusy-50_000/3600.0/100) > 0.01 || math.Abs(o.HistoryBusy-3*50_000/3600.0/1000) > 0.01 {
		t.Errorf("%+v", o)
	}
	if again := Run(f); again != o {
		t.Errorf("%+v, and then %+v", o, again)
	}
}

// Each bound and each fault shows where it must.
func TestFaults(t *testing.T) {
	plain := Fleet{Domains: 50_000, Sites: 2, Every: time.Hour, Days: 3, Workers: 100, History: 1000, WatchBytes: 1e9, SeenBytes: 1e12, Costs: Measured()}
	for name, x := range map[string]struct {
		change func(*Fleet)
		check  func(Figures) bool
	}{
		"a site is cut off for half an interval": {func(f *Fleet) { f.CutOff = map[int][]Span{1: {{10 * time.Hour, 10*time.Hour + 30*time.Minute}}} },
			func(o Figures) bool { return o.Refused == 0 && o.Late > 29*time.Minute && o.Late < 40*time.Minute }},
		"a site is cut off for a day": {func(f *Fleet) { f.CutOff = map[int][]Span{1: {{10 * time.Hour, 34 * time.Hour}}} },
			func(o Figures) bool { return o.Refused > 22*50_000 && o.Refused < 25*50_000 }},
		"the history is down": {func(f *Fleet) { f.Down = []Span{{10 * time.Hour, 16 * time.Hour}} },
			func(o Figures) bool { return o.Refused == 0 && o.Late > 5*time.Hour && o.MostResults > 6*50_000*2*700 }},
		"the history is down, and there is no room": {func(f *Fleet) { f.Down, f.SeenBytes = []Span{{10 * time.Hour, 16 * time.Hour}}, 2*50_000*765 },
			func(o Figures) bool { return o.Refused > 3*50_000*2 && o.MostResults <= 2*50_000*765 }},
		"too few workers":  {func(f *Fleet) { f.Workers = 10 }, func(o Figures) bool { return o.SiteBusy > 0.99 && o.Refused > 0 }},
		"a slow history":   {func(f *Fleet) { f.History = 10 }, func(o Figures) bool { return o.HistoryBusy > 0.99 && o.MostResults > 1e8 }},
		"a small queue":    {func(f *Fleet) { f.WatchBytes, f.Workers = 5e5, 10 }, func(o Figures) bool { return o.Refused > 0 && o.MostItems <= 5e5 }},
		"nothing is wrong": {func(*Fleet) {}, func(o Figures) bool { return o.Refused == 0 && o.Late < 3*time.Minute }},
	} {
		f := plain
		x.change(&f)
		if o := Run(f); !x.check(o) {
			t.Errorf("%s: %+v", name, o)
		}
	}
}
