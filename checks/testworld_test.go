package checks

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
)

// testDay is the day on which the tests judge.
var testDay = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newEnv gives the environment of a domain in a world of its own: a real DNS
// server on loopback that serves zone.
func newEnv(t testing.TB, domain, zone string, opts ...dnstest.Option) (*Env, *dnstest.Server) {
	t.Helper()
	srv := dnstest.New(t, zone, opts...)
	s, err := dnsrec.ParseServer(srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: 200 * time.Millisecond})
	t.Cleanup(client.Close)
	return &Env{Domain: domain, Expect: ExpectAuto, Cloud: "auto", Now: testDay, TrustAD: true, World: World{DNS: client}}, srv
}

// verdicts gives the findings in the form "code status", without Pass and Info
// unless all is set.
func verdicts(fs []report.Finding, all bool) (out []string) {
	for _, f := range fs {
		if all || f.Status != report.Pass && f.Status != report.Info {
			out = append(out, f.Code+" "+f.Status.String())
		}
	}
	return out
}

// sound checks what every finding must have.
func sound(t *testing.T, fs []report.Finding) {
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
		for _, r := range f.Fix.Records {
			if !strings.HasSuffix(r.Name, ".") || r.Type == "" || r.Before == "" && r.After == "" {
				t.Errorf("%s: record %+v is not ready to publish", f.Code, r)
			}
		}
	}
}

func equalLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// noHTTPS is a world without web servers.
func noHTTPS(_ context.Context, url string) *httpsget.Response {
	return &httpsget.Response{URL: url, Err: &httpsget.Error{Kind: httpsget.KindRefused, Phase: httpsget.PhaseConnect}}
}
