package kit

import (
	"testing"
	"time"
)

// A domain leaves its place if others overtake it or all stand still, not because all
// wait long.
func TestProgressStuck(t *testing.T) {
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	for what, x := range map[string]struct {
		waits, started time.Duration // how long ago; started 0: none is done
		want           bool
	}{
		"busy: the one that is done started before": {waits: time.Minute, started: 2 * time.Minute},
		"overtaken":                    {waits: time.Minute, started: 30 * time.Second, want: true},
		"nothing is done, for long":    {waits: time.Minute, want: true},
		"nothing is done, for a while": {waits: stallTime / 100},
	} {
		var p Progress
		if x.started > 0 {
			p.Ended(ago(x.started))
		}
		if got := p.Stuck(ago(x.waits)); got != x.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}
