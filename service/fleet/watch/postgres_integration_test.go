//go:build integration

package watch

import (
	"testing"

	"maildiag/report"
	"maildiag/service/fleet/history/postgrestest"
)

// The database is killed while sites look and their results arrive. When it is
// back, each site has looked at each domain in each pass, and no look counts twice.
func TestPostgresKilled(t *testing.T) {
	server := postgrestest.New(t)
	b := newBranches(t, server.URL, 60)
	b.staff("ams")
	b.staff("fra")
	b.pass(report.Pass, report.Pass, 2)
	for n := range 2 {
		b.now = b.now.Add(2 * b.w.Every)
		b.w.Pass(t.Context(), b.now, 0)
		server.Kill()
		server.Start()
		b.until(2*n + 4)
	}
	for _, r := range b.w.domains {
		spans, err := b.w.History.Spans(t.Context(), r.Domain)
		if err != nil || len(spans) != 2 || spans[0].Seen != 3 || spans[1].Seen != 3 {
			t.Fatalf("%s: %+v, %v", r.Domain, spans, err)
		}
	}
	if kinds := b.told(); len(kinds) != 0 {
		t.Errorf("told %v", kinds)
	}
}
