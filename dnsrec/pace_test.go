package dnsrec

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// served plays a server that answers at most perSecond queries a second, and
// loses or refuses the rest; it counts the last second's answers.
type served struct {
	mu        sync.Mutex
	perSecond float64
	tokens    float64
	last      time.Time
	good, bad int
}

func (s *served) ask() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.tokens = min(s.tokens+s.perSecond*now.Sub(s.last).Seconds(), s.perSecond/5)
	s.last = now
	if s.tokens < 1 {
		s.bad++
		return false
	}
	s.tokens--
	s.good++
	return true
}

// The pace settles near what the server serves, be it told by refusals or by
// silence, and little time is lost from then on.
func TestPacerSettles(t *testing.T) {
	for what, fault := range map[string]verdict{"refused": refused, "lost": lost} {
		synctest.Test(t, func(t *testing.T) {
			const late = 3 * time.Second
			p, s := newPacer(0, late), &served{perSecond: 200, last: time.Now()}
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for range 500 {
				wg.Go(func() {
					for ctx.Err() == nil {
						n, err := p.wait(ctx)
						if err != nil {
							return
						}
						time.Sleep(5 * time.Millisecond)
						switch {
						case s.ask():
							p.note(n, answered)
						case fault == lost:
							time.Sleep(late)
							p.note(n, lost)
						default:
							p.note(n, refused)
						}
					}
				})
			}
			time.Sleep(time.Minute)
			s.mu.Lock()
			s.good, s.bad = 0, 0
			s.mu.Unlock()
			time.Sleep(time.Minute)
			s.mu.Lock()
			good, bad := s.good, s.bad
			s.mu.Unlock()
			cancel()
			wg.Wait()
			t.Logf("%s: %d answered and %d in vain in a minute, of %d possible", what, good, bad, 60*200)
			if good < 60*200*7/10 || bad > good/5 {
				t.Errorf("%s: %d answered, %d in vain", what, good, bad)
			}
		})
	}
}

// Loss at random, and the silence of a few domains' servers, change nothing.
func TestPacerIgnoresChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(0, time.Second)
		for i := range 10_000 {
			n, _ := p.wait(t.Context())
			time.Sleep(time.Millisecond)
			if i%5 == 0 || i%1000 < 20 {
				p.note(n, lost)
			} else {
				p.note(n, answered)
			}
		}
		if p.active.Load() {
			t.Errorf("limited to %v queries a second", p.limit)
		}
	})
}
