package pause

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestFor(t *testing.T) {
	stop := errors.New("stop")
	synctest.Test(t, func(t *testing.T) {
		for _, x := range []struct {
			d, end, took time.Duration // end: of the context; negative: before the call
			want         error
		}{
			{d: time.Hour, end: 2 * time.Hour, took: time.Hour},
			{d: time.Hour, end: time.Minute, took: time.Minute, want: stop},
			{d: 0, end: time.Hour},
			{d: -time.Hour, end: time.Hour},
			{d: 0, end: -1, want: stop},
			{d: time.Hour, end: -1, want: stop},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			if x.end < 0 {
				cancel(stop)
			} else {
				time.AfterFunc(x.end, func() { cancel(stop) })
			}
			start := time.Now()
			if err := For(ctx, x.d); err != x.want || time.Since(start) != x.took {
				t.Errorf("For(%v) with an end at %v: %v after %v", x.d, x.end, err, time.Since(start))
			}
			cancel(nil)
		}
	})
}
