package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/report"
)

var epoch = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func look(run int, site string, status report.Status) Result {
	return Result{Run: fmt.Sprint(run), Domain: "contoso.com", Site: site, At: epoch.Add(time.Duration(run) * time.Hour), Verdict: report.Ready,
		Findings: []report.Finding{{Check: "mx", Code: "mx.leftover", Status: status, Summary: fmt.Sprint("words of run ", run)}}}
}

func add(t *testing.T, s *Store, r Result) bool {
	t.Helper()
	added, err := s.Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// Any number of deliveries, in any order and at once, count once.
func TestCountedOnce(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "a?b#c%20.db"))
	var deliveries []Result
	for n := range 12 {
		for range 3 {
			deliveries = append(deliveries, look(n%6, []string{"fra", "nyc"}[n/6], report.Pass))
		}
	}
	rand.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
	var wg sync.WaitGroup
	added := make(chan bool, len(deliveries))
	for _, r := range deliveries {
		wg.Go(func() {
			ok, err := s.Add(context.Background(), r)
			if err != nil {
				t.Error(err)
			}
			added <- ok
		})
	}
	wg.Wait()
	close(added)
	count := 0
	for ok := range added {
		if ok {
			count++
		}
	}
	spans, err := s.Spans(t.Context(), "contoso.com")
	if err != nil || len(spans) != 2 || count != 12 {
		t.Fatalf("%d added, spans %v, %v", count, spans, err)
	}
	for _, one := range spans {
		if one.Seen != 6 || !one.First.Equal(epoch) || !one.Last.Equal(epoch.Add(5*time.Hour)) {
			t.Errorf("span %+v", one)
		}
	}
}

// Each row is the looks of one site, and how many events they make.
func TestEvents(t *testing.T) {
	const P, F, U, S, W = report.Pass, report.Fail, report.Unknown, report.Skip, report.Warn
	for _, c := range []struct {
		looks []report.Status
		want  []string
	}{
		{[]report.Status{F, F, F}, nil}, // the first state is no change
		{[]report.Status{P, F, P, F, P}, nil},
		{[]report.Status{P, F, F, F}, []string{KindProblem}},
		{[]report.Status{P, W, F}, []string{KindProblem}},
		{[]report.Status{P, F, F, P, P, P}, []string{KindProblem, KindFixed}},
		{[]report.Status{P, F, U, F}, []string{KindProblem}},
		{[]report.Status{P, U, U, U, U, P}, nil},
		{[]report.Status{F, U, U, S, S}, nil},
		{[]report.Status{U, U, F, F}, nil}, // the first result after an outage
		{[]report.Status{F, P, P, F, F}, []string{KindFixed, KindProblem}},
	} {
		s := open(t, filepath.Join(t.TempDir(), "h.db"))
		for n, status := range c.looks {
			add(t, s, look(n, "fra", status))
			add(t, s, look(n, "fra", status)) // delivered again: no second look
		}
		list, err := s.Pending(t.Context(), 10)
		if err != nil || len(list) != len(c.want) {
			t.Errorf("%v: %v, %v", c.looks, list, err)
			continue
		}
		for i, e := range list {
			if e.Kind != c.want[i] || e.Code != "mx.leftover" {
				t.Errorf("%v: event %d is %+v", c.looks, i, e)
			}
		}
	}
}

func TestTwoSitesConfirm(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	for _, site := range []string{"fra", "nyc"} {
		add(t, s, look(0, site, report.Pass))
	}
	add(t, s, look(1, "fra", report.Fail))
	if list, _ := s.Pending(t.Context(), 10); len(list) != 0 {
		t.Fatalf("after one site: %v", list)
	}
	add(t, s, look(1, "nyc", report.Fail))
	list, err := s.Pending(t.Context(), 10)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := s.Sent(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Pending(t.Context(), 10); err != nil || len(list) != 0 {
		t.Fatal(list, err)
	}
}

// Old spans go, the present state and unsent events stay, also across a restart.
func TestExpire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := open(t, path)
	for n, status := range []report.Status{report.Pass, report.Fail, report.Fail, report.Warn} {
		add(t, s, look(n, "fra", status))
	}
	watch(t, s, "contoso.com")
	if err := s.Expire(t.Context(), epoch.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	spans, err := s.Spans(t.Context(), "contoso.com")
	if err != nil || len(spans) != 1 || spans[0].Findings[0].Status != report.Warn {
		t.Errorf("spans %v, %v", spans, err)
	}
	if list, err := s.Pending(t.Context(), 10); err != nil || len(list) != 1 {
		t.Errorf("events %v, %v", list, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	s := open(t, path)
	if _, err := s.db.Exec("PRAGMA user_version = 1000"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, err := Open(t.Context(), path); err == nil {
		s.Close()
		t.Error("opened")
	}
	if _, err := OpenSnapshot(t.Context(), path); err == nil || errors.Is(err, ErrOlder) {
		t.Errorf("read: %v", err)
	}
}

// A history of the version before knows afterwards which event told of what is
// open, and what is open keeps its event, however old.
func TestOlderSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	db, d, err := connect(path)
	if err != nil {
		t.Fatal(err)
	}
	old := &Store{db: db, dialect: d}
	for done := false; !done; {
		if done, err = old.step(t.Context(), migrations()[:3]); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []string{
		`INSERT INTO watched VALUES ('contoso.com')`,
		`INSERT INTO problems VALUES ('contoso.com', 'mx', 'mx.leftover', ''), ('contoso.com', 'spf', 'spf.all', '')`,
		`INSERT INTO events (at, domain, site, kind, "check", code, subject, sent) VALUES (1, 'contoso.com', 'fra', 'problem', 'mx', 'mx.leftover', '', 1),
			(2, 'contoso.com', 'fra', 'fixed', 'mx', 'mx.leftover', '', 1), (3, 'contoso.com', 'fra', 'problem', 'mx', 'mx.leftover', '', 1)`,
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	old.Close()
	if _, err := OpenSnapshot(t.Context(), path); !errors.Is(err, ErrOlder) {
		t.Errorf("read: %v", err)
	}
	s := open(t, path)
	if err := s.Expire(t.Context(), epoch); err != nil {
		t.Fatal(err)
	}
	list, err := s.Current(t.Context(), 10)
	if err != nil || len(list) != 1 || list[0].ID != 3 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What is open has the status that was confirmed, and its end has it too.
func TestCurrent(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	for n, status := range []report.Status{report.Pass, report.Fail, report.Warn, report.Fail} {
		add(t, s, look(n, "fra", status))
	}
	list, err := s.Current(t.Context(), 10)
	if err != nil || len(list) != 1 || list[0].Status != "warn" || !list[0].At.Equal(epoch.Add(2*time.Hour)) {
		t.Fatalf("%+v, %v", list, err)
	}
	add(t, s, look(4, "fra", report.Pass))
	add(t, s, look(5, "fra", report.Pass))
	if list, err := s.Current(t.Context(), 10); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	for since, want := range map[int]int{5: 1, 6: 0} {
		list, err := s.Ended(t.Context(), epoch.Add(time.Duration(since)*time.Hour), 10)
		if err != nil || len(list) != want || want > 0 && list[0].Status != "warn" {
			t.Errorf("since %d: %+v, %v", since, list, err)
		}
	}
}

func watch(t *testing.T, s *Store, domains ...string) {
	t.Helper()
	if err := s.Watch(t.Context(), domains, []string{"fra"}); err != nil {
		t.Fatal(err)
	}
}

// A domain that leaves the list leaves nothing that could make an event, and its
// history expires. When it returns, its first state is no change.
func TestWatch(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	add(t, s, look(0, "fra", report.Pass))
	add(t, s, look(1, "fra", report.Fail))
	watch(t, s, "fabrikam.com")
	for _, table := range []string{"sightings", "baselines", "problems"} {
		var n int
		if err := s.db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", table, n, err)
		}
	}
	if err := s.Expire(t.Context(), epoch.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if spans, err := s.Spans(t.Context(), "contoso.com"); err != nil || len(spans) != 0 {
		t.Errorf("spans %v, %v", spans, err)
	}
	watch(t, s, "contoso.com", "fabrikam.com")
	for n := range 3 {
		add(t, s, look(50+n, "fra", report.Fail))
	}
	if list, err := s.Pending(t.Context(), 10); err != nil || len(list) != 0 {
		t.Errorf("events %v, %v", list, err)
	}
}

// A strip has the worst verdict of each day, and a domain that of its latest
// results.
func TestDomains(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	watch(t, s, "contoso.com", "fabrikam.com")
	for _, c := range []struct {
		hour    int
		verdict report.Verdict
	}{{0, report.Ready}, {5, report.Ready}, {6, report.NotReady}, {7, report.Ready}, {30, report.Ready}, {80, report.ReadyWarned}} {
		r := look(c.hour, "fra", report.Pass)
		r.Verdict = c.verdict
		add(t, s, r)
	}
	list, err := s.Domains(t.Context(), epoch.Add(81*time.Hour))
	if err != nil || len(list) != 2 || list[1].Verdict != "" || list[1].Name != "fabrikam.com" {
		t.Fatalf("%+v, %v", list, err)
	}
	d := list[0]
	if d.Verdict != report.ReadyWarned || !d.Changed.Equal(epoch.Add(80*time.Hour)) {
		t.Errorf("%+v", d)
	}
	want := [4]report.Verdict{report.NotReady, report.Ready, "", report.ReadyWarned}
	if got := [4]report.Verdict(d.Days.All()[Days-4:]); got != want || d.Days.On(Days-5) != "" {
		t.Errorf("days %v", d.Days)
	}
}

// On a disk that is full, a result is kept whole or not at all, and can be added
// again when there is room.
func TestDiskFull(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "h.db"))
	add(t, s, look(0, "fra", report.Pass))
	var pages int
	if err := s.db.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
	big := look(1, "fra", report.Fail)
	big.Findings[0].Summary = strings.Repeat("x", 1<<20)
	if ok, err := s.Add(t.Context(), big); ok || err == nil {
		t.Fatal(ok, err)
	}
	if spans, err := s.Spans(t.Context(), big.Domain); err != nil || len(spans) != 1 || spans[0].Seen != 1 {
		t.Errorf("%v, %v", spans, err)
	}
	if _, err := s.db.Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if !add(t, s, big) || add(t, s, big) {
		t.Error("not added, or twice")
	}
}

// What a site has not confirmed for long does not count, and a site that is not
// asked any more neither holds a problem open nor disagrees.
func TestStaleSite(t *testing.T) {
	for name, x := range map[string]struct {
		stale time.Duration
		sites []string
		fixed bool // or nothing is told: the one that sees it has not looked since
	}{
		"the site is silent":  {3 * time.Hour, []string{"ams", "fra"}, true},
		"it may return":       {100 * time.Hour, []string{"ams", "fra"}, false},
		"it is not asked now": {100 * time.Hour, []string{"ams"}, true},
		"all are others now":  {100 * time.Hour, []string{"lon"}, true},
	} {
		s := open(t, filepath.Join(t.TempDir(), "h.db"))
		s.Stale = x.stale
		for n := range 3 {
			for _, site := range []string{"ams", "fra"} {
				add(t, s, look(n, site, map[bool]report.Status{true: report.Pass, false: report.Fail}[n == 0]))
			}
		}
		if err := s.Watch(t.Context(), []string{"contoso.com"}, x.sites); err != nil {
			t.Fatal(err)
		}
		add(t, s, look(20, x.sites[0], report.Pass))
		add(t, s, look(21, x.sites[0], report.Pass))
		list, err := s.Pending(t.Context(), 10)
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		kinds := map[string]bool{}
		for _, e := range list {
			kinds[e.Kind] = true
		}
		if kinds[KindFixed] != x.fixed || kinds[KindDisagree] {
			t.Errorf("%s: %+v", name, list)
		}
	}
}

// The file may have a relative name.
func TestRelativeName(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("data", 0o700); err != nil {
		t.Fatal(err)
	}
	open(t, filepath.Join("data", "h.db"))
	if _, err := os.Stat(filepath.Join("data", "h.db")); err != nil {
		t.Error(err)
	}
}
