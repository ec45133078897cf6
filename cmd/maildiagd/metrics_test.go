package main

import (
	"log/slog"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/service/fleet/history"
	"maildiag/service/fleet/watch"
	"maildiag/service/httpd"
)

// The metrics of watching count domains, what is confirmed, and what was sent.
func TestWatchMetrics(t *testing.T) {
	store, err := history.Open(t.Context(), filepath.Join(t.TempDir(), "h.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	store.Stale = 3 * time.Hour
	if err := store.Watch(t.Context(), []string{"a.example", "b.example", "c.example"}, []string{"fra"}); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for n, x := range []struct {
		domain string
		ago    time.Duration
		status report.Status
	}{{"a.example", 2, report.Pass}, {"a.example", 1, report.Fail}, {"a.example", 0, report.Fail}, {"b.example", 4, report.Pass}} {
		f := report.Finding{Check: "mx", Code: "mx.leftover", Status: x.status}
		if _, err := store.Add(t.Context(), history.Result{Run: strconv.Itoa(n), Domain: x.domain, Site: "fra", At: now.Add(-x.ago * time.Hour), Verdict: report.Ready,
			Findings: []report.Finding{f}}); err != nil {
			t.Fatal(err)
		}
	}
	mon := httpd.NewMonitor(slog.New(slog.DiscardHandler), "test", &httpd.Gate{})
	addWatchMetrics(mon, &watch.Watcher{History: store}, nil)
	w := httptest.NewRecorder()
	mon.Metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^maildiagd_watch_(\S+) (\S+)$`).FindAllStringSubmatch(w.Body.String(), -1) {
		got[m[1]] = m[2]
	}
	last := strconv.FormatFloat(float64(now.Unix()), 'g', -1, 64)
	want := map[string]string{"domains": "3", "overdue_domains": "2", "problems": "1", "accepted_problems": "0", "disagreements": "0", "files_unreadable": "0", "pending_events": "1",
		"last_pass_timestamp_seconds": "NaN", "last_result_timestamp_seconds": last,
		`messages_total{outcome="delivered",receiver="webhook"}`: "0", `messages_total{outcome="failed",receiver="webhook"}`: "0",
		`messages_total{outcome="delivered",receiver="alertmanager"}`: "0", `messages_total{outcome="failed",receiver="alertmanager"}`: "0"}
	for _, kind := range []string{"problem", "fixed", "sites-disagree", "sites-agree", "accepted", "sites-disagree-accepted"} {
		want[`events_total{kind="`+kind+`"}`] = "0"
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
