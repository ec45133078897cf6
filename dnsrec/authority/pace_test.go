package authority

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
)

// The servers of one network get so many questions at once, and no more; other
// networks do not wait for them, and silent servers hold nobody up for long.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		servers []string
		reply   time.Duration
		most    int           // questions at once
		end     time.Duration // when the last of 128 begins
	}{
		{[]string{"192.0.2.1"}, 20 * time.Millisecond, maxPaced, 60 * time.Millisecond},
		{[]string{"192.0.2.1", "192.0.2.99"}, 20 * time.Millisecond, maxPaced, 60 * time.Millisecond},
		{[]string{"2001:db8:1:1::1", "2001:db8:1:2::2"}, 20 * time.Millisecond, maxPaced, 60 * time.Millisecond},
		{[]string{"192.0.2.1", "198.51.100.1"}, 20 * time.Millisecond, 2 * maxPaced, 20 * time.Millisecond},
		{[]string{"192.0.2.1", "::ffff:192.0.2.2"}, 20 * time.Millisecond, maxPaced, 60 * time.Millisecond},
		{[]string{"192.0.2.1"}, 4 * time.Second, 128, 3 * paceAfter},
	} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			flying, most, began, last := 0, 0, time.Now(), time.Duration(0)
			ask := Pace(func(_ context.Context, _ netip.Addr, q dnsrec.Query) (dnsrec.Reply, error) {
				mu.Lock()
				flying++
				most, last = max(most, flying), time.Since(began)
				mu.Unlock()
				time.Sleep(c.reply)
				mu.Lock()
				flying--
				mu.Unlock()
				return dnsrec.Reply{}, nil
			})
			var wg sync.WaitGroup
			for i := range 128 {
				wg.Go(func() { ask(t.Context(), netip.MustParseAddr(c.servers[i%len(c.servers)]), dnsrec.Query{}) })
			}
			wg.Wait()
			if most != c.most || last != c.end {
				t.Errorf("%v: %d at once, the last after %v", c.servers, most, last)
			}
		})
	}
}
