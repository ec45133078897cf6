// Package limit bounds what clients may ask of the service, and what the
// service asks of others on their behalf.
package limit

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Buckets is a token bucket for each key: a client, or a domain that is asked
// about. It is safe for any number of goroutines.
type Buckets struct {
	limit rate.Limit
	burst int
	keys  int // most that are kept

	mu sync.Mutex
	m  map[string]*rate.Limiter
}

// NewBuckets returns buckets of burst tokens that fill up within fill. At most
// keys of them are kept.
func NewBuckets(burst int, fill time.Duration, keys int) *Buckets {
	return &Buckets{limit: rate.Limit(float64(burst) / fill.Seconds()), burst: burst, keys: keys,
		m: map[string]*rate.Limiter{}}
}

// Take takes a token of key. If there is none it returns when there will be one.
func (b *Buckets) Take(key string, now time.Time) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.m[key]
	if l == nil {
		if len(b.m) >= b.keys {
			b.sweep(now)
		}
		l = rate.NewLimiter(b.limit, b.burst)
		b.m[key] = l
	}
	if l.AllowN(now, 1) {
		return 0, true
	}
	missing := 1 - l.TokensAt(now)
	return time.Duration(math.Ceil(missing / float64(b.limit) * float64(time.Second))), false
}

// sweep makes room: it drops the fullest buckets. Full ones are as good as new
// ones, and the others belong to those who asked least.
func (b *Buckets) sweep(now time.Time) {
	for fill := float64(b.burst); len(b.m) >= b.keys && fill > -1; fill-- {
		for key, l := range b.m {
			if l.TokensAt(now) >= fill {
				delete(b.m, key)
			}
		}
	}
}
