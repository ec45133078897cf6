package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/pause"
	"maildiag/checks/migrate"
	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
)

// moveAt makes what a look at a domain finds.
func moveAt(stage migrate.Stage, mx string, ttl time.Duration, problems ...authority.Problem) *migrate.Report {
	r := &migrate.Report{Domain: "contoso.test", Stage: stage, Authority: &authority.Report{Problems: problems}}
	r.Inventory.MX = kit.Answer{Answer: dnsrec.Answer{Values: []string{mx}, TTL: ttl}}
	if !stage.Moved() {
		r.Go = new(bool)
		*r.Go = stage == migrate.Prepared
	}
	return r
}

// withTTL adds the TTL that the zone gives the MX record.
func withTTL(r *migrate.Report, ttl time.Duration) *migrate.Report {
	r.Authority.Sets = []authority.Set{{Query: dnsrec.Q(r.Domain, dnsrec.TypeMX), TTL: ttl}}
	return r
}

// The wait ends when every server that was asked agrees and the old TTL has passed,
// not earlier, and says each change once. The clock is played.
func TestMigrateWait(t *testing.T) {
	stale := authority.Problem{Kind: authority.Stale, Subject: "ns2.dns.test", Text: "has an older version of the zone", Breaks: true}
	cached := authority.Problem{Kind: authority.Cached, Subject: "the resolver", Text: "still has old records", For: 600}
	const old, ms = "10 mx.old.test", "0 contoso-test.mail.protection.outlook.com"
	for name, c := range map[string]struct {
		looks   []*migrate.Report // a minute apart; the last one stays
		limit   time.Duration
		settled bool
		after   time.Duration
		says    []string
	}{
		"settled at once": {[]*migrate.Report{moveAt(migrate.Finished, ms, time.Hour)}, time.Hour, true, 0, nil},
		"a stale secondary": {[]*migrate.Report{moveAt(migrate.Finished, ms, time.Hour, stale), moveAt(migrate.Finished, ms, time.Hour, stale),
			moveAt(migrate.Finished, ms, time.Hour)}, time.Hour, true, 2 * time.Minute, []string{"waiting: ns2.dns.test", "done: ns2.dns.test"}},
		"an old cache": {[]*migrate.Report{moveAt(migrate.Finished, ms, time.Hour, cached), moveAt(migrate.Finished, ms, time.Hour)}, time.Hour, true,
			time.Minute, []string{"waiting: the resolver", "done: the resolver"}},
		"the cut-over is seen": {[]*migrate.Report{moveAt(migrate.Before, old, 10*time.Minute), moveAt(migrate.Finished, ms, 5*time.Minute)}, time.Hour, true,
			11 * time.Minute, []string{"stage before", "12:01:00 stage finished", "contoso.test MX has changed"}},
		"the old TTL is longer than the time": {[]*migrate.Report{moveAt(migrate.Before, old, 3*time.Hour), moveAt(migrate.Finished, ms, 5*time.Minute)},
			time.Hour, false, time.Hour, []string{"the time of --for is up"}},
		"never ready": {[]*migrate.Report{moveAt(migrate.Before, old, time.Minute)}, 10 * time.Minute, false, 10 * time.Minute, []string{"the time of --for is up"}},
		"the TTL is lowered": {[]*migrate.Report{withTTL(moveAt(migrate.Prepared, old, time.Minute, cached), 30*time.Minute),
			withTTL(moveAt(migrate.Prepared, old, time.Minute), 5*time.Minute)}, time.Hour, true, 31 * time.Minute, []string{"contoso.test MX has changed"}},
		"prepared": {[]*migrate.Report{moveAt(migrate.Before, old, time.Minute), moveAt(migrate.Prepared, old, time.Minute)}, time.Hour, true, time.Minute, nil},
	} {
		began := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		now, n := began, 0
		var said bytes.Buffer
		s := &settling{waitFlags: waitFlags{every: time.Minute, limit: c.limit}, err: &said, now: func() time.Time { return now },
			sleep: func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil }}
		_, settled := s.until(t.Context(), func(context.Context) *migrate.Report {
			n++
			return c.looks[min(n, len(c.looks))-1]
		})
		if settled != c.settled || now.Sub(began) != c.after {
			t.Errorf("%s: settled %v after %v\n%s", name, settled, now.Sub(began), said.String())
		}
		lines := strings.Split(strings.TrimSpace(said.String()), "\n")
		for _, want := range c.says {
			if got := len(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.Contains(l, want) })); got != 1 {
				t.Errorf("%s: %q is said %d times\n%s", name, want, got, said.String())
			}
		}
	}
}

// A signal ends the wait.
func TestMigrateWaitStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &settling{waitFlags: waitFlags{every: time.Minute, limit: time.Hour}, err: &bytes.Buffer{}, now: time.Now, sleep: pause.For}
	if _, settled := s.until(ctx, func(context.Context) *migrate.Report { return moveAt(migrate.Before, "10 mx.old.test", time.Minute) }); settled {
		t.Error("a wait that was stopped has settled")
	}
}
