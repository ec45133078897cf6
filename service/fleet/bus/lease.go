package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"maildiag/checks/kit/pause"
)

// Leases.
const (
	leasesName = "leases"
	leaseTime  = 15 * time.Second // without a renewal, somebody else may have it
	renewTime  = leaseTime / 5
	trustTime  = leaseTime * 2 / 3 // how long the holder relies on its last renewal
)

// Hold calls f whenever this program holds a lease, which one program has at a
// time. The context of f ends before somebody else can have the lease. It
// returns when ctx ends. Times are those that passed here, so that clocks need not
// agree.
func (b *Bus) Hold(ctx context.Context, name, id string, f func(context.Context)) {
	for ctx.Err() == nil {
		began := time.Now()
		if revision, err := b.leases.Create(ctx, name, []byte(id)); err == nil {
			b.held(ctx, name, id, revision, began, f)
			continue
		}
		_ = pause.For(ctx, renewTime) // the loop looks at ctx
	}
}

// held calls f while the lease can be renewed, and gives it back.
func (b *Bus) held(ctx context.Context, name, id string, revision uint64, renewed time.Time, f func(context.Context)) {
	mine, cancel := context.WithCancel(ctx)
	defer cancel()
	over := make(chan struct{})
	go func() {
		defer close(over)
		f(mine)
	}()
	tick := time.NewTicker(renewTime)
	defer tick.Stop()
	for running := true; running; {
		select {
		case <-over:
			running = false
		case <-tick.C:
			revision, renewed = b.renew(mine, name, id, revision, renewed)
			if time.Since(renewed) > trustTime {
				cancel()
				<-over
				return // it is not ours to give back
			}
		}
	}
	last, done := context.WithTimeout(context.WithoutCancel(ctx), callTime)
	defer done()
	_ = b.leases.Delete(last, name, jetstream.LastRevision(revision)) // if not, it expires
	_ = pause.For(ctx, renewTime)                                     // somebody else may take it
}

// renew renews a lease. Somebody else's is as good as expired long ago.
func (b *Bus) renew(ctx context.Context, name, id string, revision uint64, renewed time.Time) (uint64, time.Time) {
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	next, err := b.leases.Update(limited, name, []byte(id), revision)
	switch {
	case err == nil:
		return next, began
	case errors.Is(err, jetstream.ErrKeyExists):
		return revision, time.Time{}
	}
	return revision, renewed
}
