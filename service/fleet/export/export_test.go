package export

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/tags"
)

var epoch = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// aHistory returns a history of some hours, in which a problem begins and ends.
func aHistory(t *testing.T, hours int) (path string, s *history.Store) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "history.db")
	s, err := history.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	err = errors.Join(s.Watch(t.Context(), []string{"contoso.com"}, []string{"ams", "fra"}), s.Tag(t.Context(), map[string]tags.Tags{"contoso.com": {"tenant": "x"}}))
	if err != nil {
		t.Fatal(err)
	}
	for n := range hours {
		status := map[bool]report.Status{true: report.Fail, false: report.Pass}[n%10 > 4]
		var list []history.Result
		for _, site := range []string{"ams", "fra"} {
			list = append(list, history.Result{Run: fmt.Sprint(n), Domain: "contoso.com", Site: site, At: epoch.Add(time.Duration(n) * time.Hour), Verdict: report.Ready,
				Findings: []report.Finding{{Check: "mx", Code: "mx.leftover", Status: status, Cause: report.CauseDomain, Subject: "ü\x00\xff\x1b[31m\"", Summary: "a\nb"},
					{Check: "spf", Code: "spf.all", Status: report.Pass}}})
		}
		if _, err := s.AddAll(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	return path, s
}

// read reads a file back.
func read[T any](t *testing.T, dir, name string) []T {
	t.Helper()
	rows, err := parquet.ReadFile[T](filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The files have what the history has, while it is open elsewhere.
func TestParquet(t *testing.T) {
	const hours = 40
	path, store := aHistory(t, hours)
	from, err := history.OpenSnapshot(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	if _, err := store.Add(t.Context(), history.Result{Run: "late", Domain: "fabrikam.com", Site: "ams", At: epoch}); err != nil {
		t.Fatalf("a writer waits for the export: %v", err)
	}
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for range 2 { // the second one replaces the first
		n, err := Parquet(t.Context(), from, dir)
		if err != nil || n.Looks != 2*hours || n.Findings != 2*8*2 || n.Changes != 7 || n.Records != 0 {
			t.Fatalf("%+v, %v", n, err)
		}
	}
	spans, err := store.Spans(t.Context(), "contoso.com")
	if err != nil {
		t.Fatal(err)
	}
	count := map[int64]int64{}
	for i, l := range read[Look](t, dir, "looks.parquet") {
		if l.Domain != "contoso.com" || l.Verdict != "ready" || !l.At.Equal(epoch.Add(time.Duration(i/2)*time.Hour)) || l.Site != []string{"ams", "fra"}[i%2] || l.Run != fmt.Sprint(i/2) {
			t.Fatalf("look %d: %+v", i, l)
		}
		count[l.Span]++
	}
	findings := read[Finding](t, dir, "findings.parquet")
	for i, f := range findings {
		span, seen := spans[i/2], spans[i/2].Findings[i%2]
		if f.Code != seen.Code || f.Status != seen.Status.String() || f.Cause != string(seen.Cause) || f.Subject != report.Clean(seen.Subject) || f.Site != span.Site ||
			!f.First.Equal(span.First) || !f.Last.Equal(span.Last) || f.Seen != count[f.Span] || f.Seen != int64(span.Seen) {
			t.Errorf("finding %d: %+v, want that of %+v", i, f, span)
		}
	}
	for _, l := range read[Look](t, dir, "looks.parquet") {
		if want := map[string]string{"contoso.com": "tenant=x"}[l.Domain]; l.Tags.String() != want {
			t.Fatalf("%+v", l)
		}
	}
	events, err := store.Pending(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range read[Change](t, dir, "changes.parquet") {
		e := events[i]
		if c.ID != e.ID || !c.At.Equal(e.At) || c.Kind != e.Kind || c.Code != e.Code || c.Status != "fail" || len(c.SeenAt) != len(e.Present) || len(c.NotSeen) != len(e.Absent) ||
			c.Tags.String() != "tenant=x" {
			t.Errorf("change %d: %+v, want %+v", i, c, e)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 4 {
		t.Errorf("%v, %v", left, err)
	}
}

// What changed in records is there once for all sites that saw it, with values that
// are safe to be shown, and tells what was accepted of a look.
func TestRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	s, err := history.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = errors.Join(s.Watch(t.Context(), []string{"a.example", "b.example"}, []string{"ams", "fra"}), s.Tag(t.Context(), map[string]tags.Tags{"b.example": {"tenant": "x"}}))
	err = errors.Join(err, s.Accept(t.Context(), func(domain, _ string, _ time.Time) *history.Exception {
		return map[string]*history.Exception{"b.example": {Until: history.Never, Reason: "x"}}[domain]
	}, epoch))
	for hour, mx := range []string{"1 old.example", "1 old.example", "1 new.example\x1b[2J", "1 new.example\x1b[2J"} {
		for _, domain := range []string{"b.example", "a.example"} {
			for _, site := range []string{"ams", "fra"} {
				seen := kit.Seen(dnsrec.Answer{Query: dnsrec.Query{Name: domain, Type: dnsrec.TypeMX}, Values: []string{mx}})
				_, e := s.Add(t.Context(), history.Result{Run: fmt.Sprint(hour), Domain: domain, Site: site, At: epoch.Add(time.Duration(hour) * time.Hour), Verdict: report.NotReady,
					Findings: []report.Finding{{Check: "mx", Code: "mx.leftover", Status: report.Fail, Evidence: []report.Evidence{seen}}}})
				err = errors.Join(err, e)
			}
		}
	}
	from, e := history.OpenSnapshot(t.Context(), path)
	if err = errors.Join(err, e); err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	dir := t.TempDir()
	if n, err := Parquet(t.Context(), from, dir); err != nil || n.Records != 2 {
		t.Fatal(n, err)
	}
	for i, r := range read[Record](t, dir, "records.parquet") {
		got := fmt.Sprintf("%s %s %s %s %q %q %s %s", r.At.UTC().Format(time.TimeOnly), r.Domain, r.Name, r.Type, r.Removed, r.Added, r.Sites, r.Tags)
		domain, tag := []string{"a.example", "b.example"}[i], []string{"", "tenant=x"}[i]
		want := fmt.Sprintf("02:00:00 %s %[1]s MX %q %q [ams fra] %s", domain, []string{"1 old.example"}, []string{report.Clean("1 new.example\x1b[2J")}, tag)
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, l := range read[Look](t, dir, "looks.parquet") {
		if want := map[string]string{"a.example": "not_ready", "b.example": "accepted"}[l.Domain]; l.Verdict != "not_ready" || l.Remains != want {
			t.Errorf("%+v", l)
		}
	}
}

// More rows than a batch and a row group have are written once each.
func TestGroups(t *testing.T) {
	dir := t.TempDir()
	var err error
	f := create[Look](dir, "x", &err)
	defer f.discard()
	const rows = groupRows + batchRows + 1
	for n := range rows {
		err = errors.Join(err, f.add(Look{Run: fmt.Sprint(n % 7), At: epoch, Span: int64(n)}))
	}
	if err := errors.Join(err, f.close(), f.publish()); err != nil {
		t.Fatal(err)
	}
	list := read[Look](t, dir, "x")
	for n, l := range list {
		if l.Span != int64(n) || l.Run != fmt.Sprint(n%7) {
			t.Fatalf("row %d: %+v", n, l)
		}
	}
	if len(list) != rows {
		t.Errorf("%d rows", len(list))
	}
}

// An export that fails leaves the files of the one before, and nothing else.
func TestExportFails(t *testing.T) {
	path, _ := aHistory(t, 3)
	from, err := history.OpenSnapshot(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "looks.parquet"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Parquet(ctx, from, dir); err == nil {
		t.Error("no error")
	}
	left, err := os.ReadDir(dir)
	if text, _ := os.ReadFile(filepath.Join(dir, "looks.parquet")); err != nil || len(left) != 1 || string(text) != "old" {
		t.Errorf("%v, %v", left, err)
	}
}

// The names and types of the columns are those that the documentation has.
func TestColumns(t *testing.T) {
	for _, c := range []struct {
		row  any
		want string
	}{
		{Look{}, "run domain site at verdict remaining_verdict span tags"},
		{Finding{}, "span domain site first last seen check code status cause subject summary"},
		{Change{}, "id at domain site kind status check code subject seen_at not_seen_at accepted_until accepted_reason tags"},
		{Record{}, "at domain sites name type removed added tags"},
	} {
		got := ""
		for i, f := range parquet.SchemaOf(c.row).Fields() {
			if i > 0 {
				got += " "
			}
			got += f.Name()
		}
		if got != c.want {
			t.Errorf("%v: %s", reflect.TypeOf(c.row), got)
		}
	}
}
