package bus

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Servers that come late have a time to join, once; then one copy must do.
func TestCopiesWait(t *testing.T) {
	other := errors.New("no permission")
	for name, x := range map[string]struct {
		joins time.Duration // of the third server
		err   error         // then
		want  []int         // copies of two streams
		warns int
	}{
		"all are there":       {0, nil, []int{3, 3}, 0},
		"one is a bit late":   {openTime / 2, nil, []int{3, 3}, 0},
		"one is too late":     {openTime + 2*time.Second, nil, []int{1, 1}, 1},
		"there are only two":  {time.Hour, nil, []int{1, 1}, 1},
		"it is not about it":  {0, other, nil, 0},
		"it is refused later": {openTime / 2, other, nil, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			b := &Bus{log: slog.New(slog.NewTextHandler(&log, nil))}
			began := time.Now()
			var made []int
			for range 2 {
				err := b.most(t.Context(), func(n int) error {
					if n == replicas && time.Since(began) < x.joins {
						return &jetstream.APIError{ErrorCode: noPeers}
					}
					if x.err == nil {
						made = append(made, n)
					}
					return x.err
				})
				if !errors.Is(err, x.err) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if !slices.Equal(made, x.want) || bytes.Count(log.Bytes(), []byte("WARN")) != x.warns || time.Since(began) > openTime+2*time.Second {
				t.Errorf("%s: %v after %v, %s", name, made, time.Since(began), log.String())
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	b := &Bus{log: slog.New(slog.DiscardHandler)}
	if err := b.most(ended, func(int) error { return &jetstream.APIError{ErrorCode: noReplicas} }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// cutBucket is a bucket whose values end early.
type cutBucket struct {
	jetstream.KeyValue
	updates chan jetstream.KeyValueEntry
}

func (c cutBucket) WatchAll(context.Context, ...jetstream.WatchOpt) (jetstream.KeyWatcher, error) {
	return c, nil
}
func (c cutBucket) Updates() <-chan jetstream.KeyValueEntry { return c.updates }
func (c cutBucket) Stop() error                             { return nil }

// Values that end before the mark of the last one are not all.
func TestEachIsWhole(t *testing.T) {
	for name, whole := range map[string]bool{"whole": true, "cut": false} {
		c := cutBucket{updates: make(chan jetstream.KeyValueEntry, 1)}
		if whole {
			c.updates <- nil
		}
		close(c.updates)
		if err := each(t.Context(), c, func(string, []byte) error { return nil }); (err == nil) != whole {
			t.Errorf("%s: %v", name, err)
		}
	}
}
