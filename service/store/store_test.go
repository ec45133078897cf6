package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/report"
)

const id1, id2 = "AAAAAAAAAAAAAAAAAAAAA1", "AAAAAAAAAAAAAAAAAAAAA2"

var now = time.Unix(1_800_000_000, 0)

func events(domain string) []report.Event {
	return []report.Event{
		{Start: &report.Start{Schema: report.StreamSchema, Domains: 1, FailOn: report.Fail}},
		{Begin: &report.Begin{Domain: domain}},
		{Finding: &report.Finding{Check: "mx", Code: "mx", Status: report.Pass, Summary: "good"}},
		{End: &report.End{Domain: domain}}, {Stop: &report.Stop{}},
	}
}

// domainOf returns the domain of a result that is complete.
func domainOf(t *testing.T, s *Store, id string, at time.Time) string {
	t.Helper()
	domain := ""
	err := s.Replay(id, at, report.Collect(func(r *report.Report) error { domain = r.Begin.Domain; return nil }))
	if err != nil && !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	return domain
}

func TestStore(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "directory": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(dir, time.Hour, now)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Put(id1, events("contoso.com"), now); err != nil {
				t.Fatal(err)
			}
			if got := domainOf(t, s, id1, now); got != "contoso.com" {
				t.Errorf("%q", got)
			}
			if got := domainOf(t, s, id2, now) + domainOf(t, s, id1, now.Add(2*time.Hour)); got != "" {
				t.Errorf("found %q", got)
			}
			s.Expire(now.Add(2 * time.Hour))
			if n, bytes := s.Len(); n != 0 || bytes != 0 {
				t.Errorf("%d results, %d bytes", n, bytes)
			}
			if dir != "" {
				if left, _ := os.ReadDir(dir); len(left) != 0 {
					t.Errorf("%v is left", left)
				}
			}
		})
	}
}

// What was put is there after the process was killed; a half-written file, a
// link and a stranger's file are not.
func TestStoreSurvives(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Put(id1, events("contoso.com"), time.Now()); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	for name, text := range map[string]string{secret: "x", filepath.Join(dir, "notes.txt"): "x", filepath.Join(dir, "."+id2+".tmp"): `{"st`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(secret, filepath.Join(dir, id2+suffix)); err != nil {
		t.Skip(err)
	}
	second, err := Open(dir, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := second.Len(); n != 1 || domainOf(t, second, id1, time.Now()) != "contoso.com" {
		t.Errorf("%d results", n)
	}
}

func TestStoreIDs(t *testing.T) {
	s, err := Open(t.TempDir(), time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "../../etc/passwd", "..", strings.Repeat("A", 23), "AAAAAAAAAAAAAAAAAAAA/1", "AAAAAAAAAAAAAAAAAAAA\x001"} {
		if s.Put(id, events("x.example"), now) == nil {
			t.Errorf("%q is taken", id)
		}
		if err := s.Replay(id, now, report.Collect(func(*report.Report) error { return nil })); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestStoreBounded(t *testing.T) {
	s, err := Open("", time.Hour, now)
	if err != nil {
		t.Fatal(err)
	}
	s.most = 2000
	for i := range 100 {
		id := id1[:20] + string([]byte{'A' + byte(i/26), 'A' + byte(i%26)})
		if err := s.Put(id, events("contoso.com"), now); err != nil {
			t.Fatal(err)
		}
	}
	if _, bytes := s.Len(); bytes > 2000 || bytes == 0 {
		t.Errorf("%d bytes", bytes)
	}
}
