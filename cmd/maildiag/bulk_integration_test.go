//go:build integration

package main

import (
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec/dnstest"
	"maildiag/report"
)

// A resolver that serves a limited rate, or loses packets, makes a run slower
// and no verdict false: FAULTS 29 and 30.
func TestFault_029_BulkRateLimit(t *testing.T) {
	t.Parallel()
	const n = 300
	for what, opt := range map[string]dnstest.Option{
		"refuses": dnstest.Limit(1500, "REFUSED"), "drops": dnstest.Limit(1500, ""), "loses": dnstest.Loss(0.2),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			srv, list := bulkWorld(t, n, opt)
			began := time.Now()
			_, out, _ := bulk(t, list, "--resolver", srv.Addr, "--expect", "any", "-q")
			unknown, why := 0, map[string]int{}
			for r, err := range report.ReadReports(strings.NewReader(out)) {
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range r.Findings {
					switch {
					case f.Status == report.Unknown:
						unknown++
						why[f.Code+": "+f.Summary[:min(len(f.Summary), 90)]]++
					case f.Status == report.Fail && f.Code != "dkim.none":
						t.Errorf("%s: %s %s", r.Begin.Domain, f.Code, f.Summary)
					}
				}
			}
			onceEvery(t, domainsOf(t, out), list)
			t.Logf("%v, %d queries, %d unknown", time.Since(began).Round(time.Millisecond), len(srv.Queries()), unknown)
			if unknown > n*10/200 { // some ten claims a domain
				t.Errorf("%d claims of %d domains are unknown: %v", unknown, n, why)
			}
		})
	}
}
