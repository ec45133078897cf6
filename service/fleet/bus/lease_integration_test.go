//go:build integration

package bus

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"maildiag/checks/kit/pause"
)

// A lease is held by one at a time, also when a holder ends, and when somebody
// else has taken it away.
func TestHold(t *testing.T) {
	b := open(t, Config{Dir: t.TempDir()})
	var holders, most atomic.Int64
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	held := make(chan context.CancelFunc)
	for n := range 3 {
		mine, stop := context.WithCancel(ctx)
		wg.Go(func() {
			b.Hold(mine, "watch", fmt.Sprint(n), func(ctx context.Context) {
				most.Store(max(most.Load(), holders.Add(1)))
				select {
				case held <- stop:
				case <-ctx.Done():
				}
				<-ctx.Done()
				holders.Add(-1)
			})
		})
	}
	(<-held)() // the first one ends
	<-held     // another one has it
	e, err := b.leases.Get(ctx, "watch")
	if err == nil {
		_, err = b.leases.Update(ctx, "watch", []byte("a thief"), e.Revision())
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		if holders.Load() == 0 {
			break
		}
		_ = pause.For(ctx, renewTime/100)
	}
	if holders.Load() != 0 {
		t.Error("it is held although it was taken away")
	}
	if e, err := b.leases.Get(ctx, "watch"); err != nil || string(e.Value()) != "a thief" {
		t.Errorf("what is not ours was given back: %v", err)
	}
	if err := b.leases.Delete(ctx, "watch", jetstream.LastRevision(0)); err != nil {
		t.Fatal(err)
	}
	<-held
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
}
