package watch

import (
	"context"
	"sync"
	"time"

	"maildiag/checks/kit/pause"
	"maildiag/service/fleet/history"
)

// claimAgain is the time before a history that another process has is claimed again.
const claimAgain = 5 * time.Second

// Run watches until ctx ends, while no other process watches with the same history.
func (w *Watcher) Run(ctx context.Context) {
	for waiting := false; ctx.Err() == nil; {
		claim, err := w.claim(ctx)
		if err == nil {
			waiting = false
			w.runClaimed(ctx, claim)
			continue
		}
		if !waiting && ctx.Err() == nil {
			w.Log.Warn("nothing is watched from here until the history is free", "error", err)
		}
		waiting = true
		_ = pause.For(ctx, claimAgain) // the loop looks at ctx
	}
}

// claim returns the claim that was made at the start, or a new one.
func (w *Watcher) claim(ctx context.Context) (*history.Claim, error) {
	if c := w.Claim; c != nil {
		w.Claim = nil
		return c, nil
	}
	return w.History.Claim(ctx)
}

// runClaimed watches until ctx ends or the claim is lost.
func (w *Watcher) runClaimed(ctx context.Context, claim *history.Claim) {
	held, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer cancel()
		if err := claim.Keep(held); err != nil {
			w.Log.Error("the database ended the session that claims the history; it is claimed again", "error", err)
		}
	})
	w.run(held)
	cancel()
	wg.Wait()
}
