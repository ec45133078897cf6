package worker

import (
	"context"
	"sync"
	"time"
)

// stallTime is how long no domain may end before those that wait leave their slots.
const stallTime = 250 * time.Millisecond

// slowFactor is how many domains for each slot may wait for answers that take
// long, such as those of name servers that never answer.
const slowFactor = 8

// slots bounds the domains at once.
type slots struct {
	free chan struct{}

	mu      sync.Mutex
	slow    int       // domains that have left their slot
	done    time.Time // when a domain was last done
	started time.Time // the latest start of a domain that is done
}

func newSlots(n int) *slots { return &slots{free: make(chan struct{}, n), done: time.Now()} }

// stuck reports whether a domain waits longer than others do. On a busy machine
// all wait long: then one that starts later is not done sooner.
func (s *slots) stuck(since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.started.After(since) || !s.done.After(since) && time.Since(since) >= stallTime
}

// slot is that of a domain.
type slot struct {
	of         *slots
	start      time.Time
	left, over bool // s.mu is held
}

// enter waits for a slot.
func (s *slots) enter(ctx context.Context) (*slot, error) {
	select {
	case s.free <- struct{}{}:
		return &slot{of: s, start: time.Now()}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// leave lets another domain in because this one is slow, and reports whether it
// did: too many cannot be slow.
func (l *slot) leave() bool {
	s := l.of
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.left || l.over {
		return true
	}
	if s.slow >= slowFactor*cap(s.free) {
		return false
	}
	s.slow++
	l.left = true
	<-s.free
	return true
}

// end frees the slot.
func (l *slot) end() {
	s := l.of
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.over {
		return
	}
	l.over = true
	if s.done = time.Now(); l.start.After(s.started) {
		s.started = l.start
	}
	if l.left {
		s.slow--
	} else {
		<-s.free
	}
}
