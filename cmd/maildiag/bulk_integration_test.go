//go:build integration

package main

import (
	"bytes"
	"fmt"
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
		"refuses": dnstest.Limit(1500, "REFUSED"), "drops": dnstest.Limit(1500, ""),
		"drops many": dnstest.Limit(600, ""), "drops few": dnstest.Limit(3000, ""), "loses": dnstest.Loss(0.2),
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

// Domains whose name servers never answer end as such, and hold no other up: the
// others are done before the first of them, though these come first in the list
// and are more than are examined at once.
func TestFault_029_BulkSilentDomains(t *testing.T) {
	for _, silent := range []int{3, 30, 150, 270} {
		t.Run(fmt.Sprint(silent, " of 300"), func(t *testing.T) {
			srv, list := bulkWorld(t, 300-silent)
			srv.Fault("", "", dnstest.Fault{Edit: func(query, reply []byte) [][]byte {
				if bytes.Contains(query, []byte("silent")) {
					return nil
				}
				return [][]byte{reply}
			}})
			for i := range silent {
				list = fmt.Sprintf("silent%d.example\n", i) + list
			}
			_, out, _ := bulk(t, list, "--resolver", srv.Addr, "--expect", "any", "-q", "--concurrency", "32")
			onceEvery(t, domainsOf(t, out), list)
			seen, late := 0, 0
			for r, err := range report.ReadReports(strings.NewReader(out)) {
				if err != nil {
					t.Fatal(err)
				}
				dead := strings.HasPrefix(r.Begin.Domain, "silent")
				if dead {
					seen++
				} else if seen > 0 {
					late++
				}
				if dead != (r.Verdict() == report.CouldNotTell) {
					t.Errorf("%s: %v", r.Begin.Domain, r.Verdict())
				}
			}
			if late > (300-silent)/10 { // a busy computer loses a few packets
				t.Errorf("%d domains came after the first silent one", late)
			}
			if n := len(srv.Queries()); n > 13*(300-silent)+20*silent {
				t.Errorf("%d queries", n)
			}
		})
	}
}
