package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sync/semaphore"
)

// Those who ask at the same time share a look that begins after they asked, and
// nobody else waits for it.
func TestReadyTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		var fails atomic.Bool
		w := &Worker{looking: semaphore.NewWeighted(1), Log: slog.New(slog.DiscardHandler), Ready: func(context.Context) error {
			looks.Add(1)
			failed := fails.Load()
			time.Sleep(time.Second)
			if failed {
				return errors.New("no resolver")
			}
			return nil
		}}
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := w.ready(t.Context(), 0); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Second / 2)
		fails.Store(true) // after this look has begun
		for range 50 {
			wg.Go(func() {
				if w.ready(t.Context(), 0) == nil {
					t.Error("a look that began before the trouble counts")
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		if w.state(); time.Since(began) > 0 {
			t.Error("the sign of life waits for the look")
		}
		wg.Wait()
		if looks.Load() != 2 {
			t.Errorf("%d looks, want 2", looks.Load())
		}
		if w.state().Trouble == "" || !w.troubleSince(began) {
			t.Error("the trouble is not known")
		}
		fails.Store(false)
		for range 2 { // the second time, it is believed
			if err := w.ready(t.Context(), readyFor); err != nil || looks.Load() != 3 {
				t.Errorf("%d looks, %v", looks.Load(), err)
			}
		}
	})
}
