//go:build integration

package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/history/postgrestest"
)

// PostgreSQL and SQLite keep the same of the same looks, whatever they are: the
// subjects are hostile, some looks come twice, and the list and the sites change.
func TestPostgresIsSQLite(t *testing.T) {
	server := postgrestest.New(t)
	stores := []*Store{open(t, filepath.Join(t.TempDir(), "h.db")), open(t, server.URL)}
	rnd := rand.New(rand.NewPCG(1, 2))
	statuses := []report.Status{report.Pass, report.Fail, report.Fail, report.Warn, report.Unknown, report.Skip}
	subjects := []string{"", "a", "it's ? $1 {list}", "\x00\xff", "ü\"\\"}
	state := func(s *Store, now time.Time) string {
		t.Helper()
		var all []Event
		domains, err1 := s.Domains(t.Context(), now)
		events, err2 := s.Pending(t.Context(), 1000)
		spans, err3 := s.Spans(t.Context(), "d1.example")
		current, err4 := s.Current(t.Context(), 1000)
		ended, err5 := s.Ended(t.Context(), epoch, 1000)
		detail, err6 := s.Detail(t.Context(), "d1.example", now)
		changes, err7 := s.Changes(t.Context(), 1000)
		if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
			t.Fatal(err)
		}
		for i, e := range slices.Concat(events, current, ended, changes, detail.Events) {
			e.ID = int64(i)
			all = append(all, e)
		}
		text, err := json.Marshal([]any{domains, all, spans, detail.Problems, len(detail.Spans)})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	events := 0
	for n := range 120 {
		at := epoch.Add(time.Duration(n) * time.Hour)
		r := Result{Run: fmt.Sprint(n - n%2), Domain: fmt.Sprintf("d%d.example", rnd.IntN(3)), Site: []string{"ams", "fra"}[rnd.IntN(2)], At: at, Verdict: report.Ready}
		for range 3 {
			r.Findings = append(r.Findings, report.Finding{Check: "mx", Code: fmt.Sprintf("mx.%d", rnd.IntN(2)), Subject: subjects[rnd.IntN(len(subjects))],
				Status: statuses[rnd.IntN(len(statuses))]})
		}
		for _, s := range stores {
			if n%50 == 0 {
				if err := s.Watch(t.Context(), []string{"d0.example", "d1.example", fmt.Sprintf("d%d.example", 2+n/100)}, []string{"ams", "fra"}[n/100:]); err != nil {
					t.Fatal(err)
				}
				if err := s.Expire(t.Context(), at.Add(-100*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			s.Stale = 40 * time.Hour
			if n%9 == 0 {
				code := fmt.Sprintf("mx.%d", n/9%3)
				list := func(_, c string, _ time.Time) *Exception {
					return map[string]*Exception{code: {"2026-12-31", "it's"}}[c]
				}
				if err := s.Accept(t.Context(), list, at); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				add(t, s, r)
			}
			if list, err := s.Pending(t.Context(), 1); err != nil {
				t.Fatal(err)
			} else if n%60 == 59 && len(list) > 0 {
				events++
				if err := s.Sent(t.Context(), list[0].ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		if a, b := state(stores[0], at), state(stores[1], at); a != b {
			t.Fatalf("after look %d:\nSQLite:     %s\nPostgreSQL: %s", n, a, b)
		}
	}
	if events == 0 {
		t.Error("nothing happened")
	}
}

// A database that exists is opened again, and one of a newer version is refused.
func TestPostgresVersions(t *testing.T) {
	server := postgrestest.New(t)
	s := open(t, server.URL)
	open(t, server.URL)
	if _, err := s.db.Exec("UPDATE schema_version SET version = 1000"); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), server.URL); err == nil {
		s.Close()
		t.Error("opened")
	}
}

// A snapshot of PostgreSQL is what one of SQLite is, and sees nothing that comes
// after it.
func TestPostgresSnapshot(t *testing.T) {
	server := postgrestest.New(t)
	var texts []string
	for _, name := range []string{filepath.Join(t.TempDir(), "h.db"), server.URL} {
		s := open(t, name)
		for n, status := range []report.Status{report.Pass, report.Fail, report.Fail, report.Pass, report.Pass} {
			add(t, s, look(n, "fra", status))
		}
		from, err := OpenSnapshot(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		add(t, s, look(9, "fra", report.Fail))
		var all []any
		err = errors.Join(from.Looks(t.Context(), func(l *Look) error { all = append(all, *l); return nil }),
			from.Spans(t.Context(), func(d *DomainSpan) error { all = append(all, *d); return nil }),
			from.Events(t.Context(), func(e *Event) error { all = append(all, *e); return nil }), from.Close())
		if err != nil || len(all) != 5+3+2 {
			t.Fatalf("%d, %v", len(all), err)
		}
		texts = append(texts, fmt.Sprintf("%+v", all))
	}
	if texts[0] != texts[1] {
		t.Errorf("SQLite:     %s\nPostgreSQL: %s", texts[0], texts[1])
	}
}

// What one server writes to a database, the list of another one has at once.
func TestPostgresBoards(t *testing.T) {
	server := postgrestest.New(t)
	a, b := open(t, server.URL), open(t, server.URL)
	watch(t, a, "contoso.com", "fabrikam.com")
	rnd := rand.New(rand.NewPCG(3, 4))
	for n := range 60 {
		writer, reader := a, b
		if rnd.IntN(2) == 0 {
			writer, reader = b, a
		}
		r := look(n, "fra", []report.Status{report.Pass, report.Fail}[rnd.IntN(2)])
		r.Domain, r.Verdict = []string{"contoso.com", "fabrikam.com"}[rnd.IntN(2)], []report.Verdict{report.Ready, report.NotReady}[rnd.IntN(2)]
		add(t, writer, r)
		for _, s := range []*Store{reader, writer}[:1+rnd.IntN(2)] {
			list, err := s.Domains(t.Context(), r.At)
			if err != nil || len(list) != 2 {
				t.Fatal(list, err)
			}
			if d := list[map[string]int{"contoso.com": 0, "fabrikam.com": 1}[r.Domain]]; d.Verdict != r.Verdict || !d.Checked.Equal(r.At) {
				t.Fatalf("step %d: %+v, want %s", n, d, r.Verdict)
			}
		}
	}
}
