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
	l := b.of(key, now)
	if l.AllowN(now, 1) {
		return 0, true
	}
	return b.missing(l, now), false
}

// Charge takes a token of key even if there is none: what was done already is paid
// for later.
func (b *Buckets) Charge(key string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(key, now).ReserveN(now, 1)
}

// Turn takes the next token of key that nobody has taken, and returns how long it
// takes until it is there.
func (b *Buckets) Turn(key string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.of(key, now).ReserveN(now, 1).DelayFrom(now)
}

// Wait returns when key will have a token, and takes none; 0: it has one.
func (b *Buckets) Wait(key string, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.m[key]
	if l == nil || l.TokensAt(now) >= 1 {
		return 0
	}
	return b.missing(l, now)
}

// of returns the bucket of key.
func (b *Buckets) of(key string, now time.Time) *rate.Limiter {
	l := b.m[key]
	if l == nil {
		if len(b.m) >= b.keys {
			b.sweep(now)
		}
		l = rate.NewLimiter(b.limit, b.burst)
		b.m[key] = l
	}
	return l
}

func (b *Buckets) missing(l *rate.Limiter, now time.Time) time.Duration {
	return time.Duration(math.Ceil((1 - l.TokensAt(now)) / float64(b.limit) * float64(time.Second)))
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
