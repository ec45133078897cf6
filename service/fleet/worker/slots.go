package worker

import (
	"context"
	"sync"
	"time"

	"maildiag/checks/kit"
)

// slots bounds the domains at once.
type slots struct {
	free chan struct{}

	ends kit.Progress

	mu   sync.Mutex
	slow int // domains that have left their slot
}

func newSlots(n int) *slots { return &slots{free: make(chan struct{}, n)} }

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
	if s.slow >= kit.SlowFactor*cap(s.free) {
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
	s.ends.Ended(l.start)
	if l.left {
		s.slow--
	} else {
		<-s.free
	}
}
