package spf

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
)

// slow answers after a round trip.
type slow struct {
	dnsrec.Resolver
	rtt time.Duration
}

func (s slow) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	time.Sleep(s.rtt)
	return s.Resolver.Lookup(ctx, q)
}

// TestRoundTrips holds, in the virtual time of a bubble, that a level of the
// tree takes one round trip however wide it is, and that addresses are asked
// for beside it.
func TestRoundTrips(t *testing.T) {
	for _, c := range []struct {
		zone  string
		trips int
	}{
		{"d.test TXT v=spf1 -all", 1},
		{"d.test TXT v=spf1 ip4:192.0.2.1 a a:x.test include:a.test include:b.test include:c.test -all\na.test TXT v=spf1 -all", 2},
		{"d.test TXT v=spf1 mx include:a.test -all\nd.test MX 10 m1.test\nd.test MX 20 m2.test\na.test TXT v=spf1 -all", 3},
		{"d.test TXT v=spf1 include:a.test include:b.test -all\na.test TXT v=spf1 include:c.test mx -all\n" +
			"b.test TXT v=spf1 include:c.test -all\nc.test TXT v=spf1 include:e.test a -all\ne.test TXT v=spf1 -all\na.test MX 5 m1.test", 4},
	} {
		synctest.Test(t, func(t *testing.T) {
			const rtt = 20 * time.Millisecond
			began := time.Now()
			Load(t.Context(), slow{fakeZone(c.zone), rtt}, "d.test")
			if trips := int(time.Since(began) / rtt); trips != c.trips {
				t.Errorf("%s: %d round trips, want %d", c.zone, trips, c.trips)
			}
		})
	}
}
