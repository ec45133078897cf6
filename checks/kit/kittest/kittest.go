// Package kittest makes worlds for the tests of checks: real DNS servers on
// loopback, and the real domains of the corpus.
package kittest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// TestDay is the day on which the tests judge.
var TestDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// patience is how long a try may take. All servers here answer at once, so it
// only matters where the machine is busy; for silence there is [Silent].
const patience = 20 * time.Second

// Silent is a resolver that answers for next, but not to questions about these
// names, as if nobody had answered in time. No name stands for all.
func Silent(next dnsrec.Resolver, names ...string) dnsrec.Resolver {
	return kit.ResolverFunc(func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		if len(names) == 0 || slices.Contains(names, q.Name) {
			return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindTimeout}
		}
		return next.Lookup(ctx, q)
	})
}

// NewEnv returns the environment of a domain in a world of its own: a real DNS
// server on loopback that serves zone.
func NewEnv(t testing.TB, domain, zone string, opts ...dnstest.Option) (*kit.Env, *dnstest.Server) {
	t.Helper()
	srv := dnstest.New(t, zone, opts...)
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: patience})
	t.Cleanup(client.Close)
	return &kit.Env{Domain: domain, Expect: kit.ExpectAuto, Cloud: "auto", Now: TestDay, TrustAD: true, World: kit.World{DNS: client}}, srv
}

// Verdicts returns the findings in the form "code status", without Pass and Info
// unless all is set.
func Verdicts(fs []report.Finding, all bool) (out []string) {
	for _, f := range fs {
		if all || f.Status != report.Pass && f.Status != report.Info {
			out = append(out, f.Code+" "+f.Status.String())
		}
	}
	return out
}

// Sound checks what every finding must have.
func Sound(t *testing.T, fs []report.Finding) {
	t.Helper()
	if len(fs) == 0 {
		t.Error("no findings")
	}
	for _, f := range fs {
		if f.Status == report.Unset || f.Code == "" || f.Summary == "" {
			t.Errorf("incomplete finding %+v", f)
		}
		if f.Status == report.Fail && (f.Fix == nil || f.Fix.Owner == "") {
			t.Errorf("%s fails without a fix and its owner", f.Code)
		}
		if f.Fix == nil {
			continue
		}
		for _, r := range f.Fix.Edits {
			if !strings.HasSuffix(r.Name, ".") || r.Type == "" {
				t.Errorf("%s: record %+v is not ready to publish", f.Code, r)
			}
		}
	}
}

// EqualLines fails the test if the lines differ.
func EqualLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// NoHTTPS is a world without web servers.
func NoHTTPS(_ context.Context, url string) *httpsget.Response {
	return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: httpsget.KindRefused, Phase: httpsget.PhaseConnect}}
}

// AtOnce calls f for 0 to n-1 side by side.
func AtOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

// SinkFunc is a sink of one function.
type SinkFunc func(report.Event) error

func (f SinkFunc) Emit(e report.Event) error { return f(e) }
