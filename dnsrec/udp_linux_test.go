//go:build linux && !onebyone

package dnsrec_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// Where the kernel keeps few replies for a socket, there are more sockets, and none
// waits for more replies than are kept.
func TestSmallReceiveBuffer(t *testing.T) {
	const queries = 150
	for _, bytes := range []int{1, 4 << 10, 16 << 10, 1 << 20} {
		t.Run(fmt.Sprint(bytes), func(t *testing.T) {
			t.Parallel()
			srv := dnstest.New(t, zone)
			srv.Fault("", "", dnstest.Fault{Drop: true})
			c := client(t, dnsrec.Options{Timeout: time.Minute}, srv.Addr).Narrow(bytes)
			var wg sync.WaitGroup
			defer wg.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for i := range queries {
				wg.Go(func() { c.Lookup(ctx, dnsrec.Q(fmt.Sprintf("n%d.example.com", i), "A")) })
				for len(srv.Queries()) <= i {
					runtime.Gosched()
				}
			}
			sockets, room, most := c.Sockets()
			if wanted := min(max((queries+room-1)/room, 4), 64); sockets != wanted {
				t.Errorf("%d sockets with room for %d replies each, want %d", sockets, room, wanted)
			}
			if sockets < 64 && most > room {
				t.Errorf("%d queries over a socket with room for %d replies", most, room)
			}
		})
	}
}
