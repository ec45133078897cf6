package dnsrec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// served plays a server that answers at most perSecond queries a second, and
// loses or refuses the rest; it counts what it did.
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

// count returns what the server did so far.
func (s *served) count() (good, bad int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.good, s.bad
}

const paceLate = 3 * time.Second // after which a query of these tests is lost

// fate is what happens to a question: what comes of each try, and after what
// time.
type fate func(try int) (answered bool, after time.Duration)

// load asks questions, so many at once, each again until it is answered or was
// tried eight times, until the context ends.
func load(ctx context.Context, p *pacer, atOnce int, next func() fate) {
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for ctx.Err() == nil {
				q := next()
				var failed []int64
				refused := false
				for try := range pacedTries {
					n, err := p.wait(ctx)
					if err != nil {
						return
					}
					answered, after := q(try)
					if time.Sleep(after); answered {
						p.answered(n, failed, refused)
						break
					}
					failed = append(failed, n)
					if after < paceLate { // refused: the client pauses
						refused = true
						time.Sleep(paceEpoch + rand.N(paceEpoch/2))
					}
				}
			}
		})
	}
	wg.Wait()
}

// The pace settles near what the server serves, be it told by refusals or by
// silence, and little is asked in vain from then on.
func TestPacerSettles(t *testing.T) {
	for what, after := range map[string]time.Duration{"refuses": 10 * time.Millisecond, "drops": paceLate} {
		for _, perSecond := range []float64{50, 200, 600} {
			t.Run(fmt.Sprint(what, " above ", perSecond), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p, s := newPacer(0, paceLate), &served{perSecond: perSecond, last: time.Now()}
					ctx, cancel := context.WithCancel(t.Context())
					done := make(chan struct{})
					go func() {
						defer close(done)
						load(ctx, p, int(perSecond)*5, func() fate {
							return func(int) (bool, time.Duration) {
								if s.ask() {
									return true, 5*time.Millisecond + rand.N(5*time.Millisecond)
								}
								return false, after
							}
						})
					}()
					time.Sleep(30 * time.Second)
					goodBefore, badBefore := s.count()
					const seconds = 150 // chance makes one minute differ from the next
					time.Sleep(seconds * time.Second)
					good, bad := s.count()
					cancel()
					<-done
					good, bad = good-goodBefore, bad-badBefore
					if float64(good) < 0.85*seconds*perSecond || bad > good/3 {
						t.Errorf("%d answered and %d in vain, where %v can be; limit %.0f, chance %.2f", good, bad, seconds*perSecond, p.limit, p.chance)
					}
				})
			})
		}
	}
}

// What is the fault of the domains, or chance, sets no limit: silent domains from
// the start or from some time on, slow ones, and packets lost on the way.
func TestPacerIgnoresDomains(t *testing.T) {
	const rtt = 5 * time.Millisecond
	well := func(int) (bool, time.Duration) { return true, rtt }
	silent := func(int) (bool, time.Duration) { return false, paceLate }
	losing := func(part float64) func(float64) fate {
		return func(float64) fate {
			return func(int) (bool, time.Duration) {
				if rand.Float64() < part {
					return false, paceLate
				}
				return true, rtt
			}
		}
	}
	part := func(part float64, bad fate) func(float64) fate {
		return func(float64) fate {
			if rand.Float64() < part {
				return bad
			}
			return well
		}
	}
	worlds := map[string]func(seconds float64) fate{
		"1 % silent": part(0.01, silent), "10 % silent": part(0.1, silent), "50 % silent": part(0.5, silent),
		"90 % silent": part(0.9, silent), "99 % silent": part(0.99, silent),
		"an operator stops answering": func(seconds float64) fate {
			if seconds > 10 {
				return part(0.8, silent)(seconds)
			}
			return well
		},
		"1 % lost": losing(0.01), "5 % lost": losing(0.05), "20 % lost": losing(0.2),
	}
	for what, world := range worlds {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, began := newPacer(0, paceLate), time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				load(ctx, p, 500, func() fate { return world(time.Since(began).Seconds()) })
				if p.active.Load() {
					t.Errorf("%s: limited to %v queries a second", what, p.limit)
				}
			})
		})
	}
}

// Where half of the packets are lost, a lower rate does not help, and the pacer
// finds that out.
func TestPacerGivesUpOnChance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(0, paceLate)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		load(ctx, p, 500, func() fate {
			return func(int) (bool, time.Duration) {
				if rand.Float64() < 0.5 {
					return false, paceLate
				}
				return true, 5 * time.Millisecond
			}
		})
		if p.active.Load() && p.limit < 200 { // 500 at once and 1.5 s each make some 330 a second
			t.Errorf("limited to %v queries a second", p.limit)
		}
	})
}

// The time in the queue of a pace is not the domain's.
func TestClockStopsInQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, began := newPacer(1, paceLate), time.Now()
		outer, cancel := WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		ctx, clock := withClock(outer, 2*time.Second, errSpent)
		defer clock.stop()
		for range 10 {
			if _, err := p.wait(ctx); err != nil {
				t.Fatalf("after %v: %v", time.Since(began), err)
			}
		}
		waited := time.Since(began)
		<-ctx.Done()
		if took := time.Since(began) - waited; took != 2*time.Second || context.Cause(ctx) != errSpent {
			t.Errorf("the clock ran for %v: %v", took, context.Cause(ctx))
		}
		if <-outer.Done(); time.Since(began)-waited != 3*time.Second {
			t.Errorf("the clock around it ran for %v", time.Since(began)-waited)
		}
	})
}

// What the user allows may change while queries wait: a share of a budget that
// others join and leave.
func TestPacerAllow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(10, paceLate)
		second := func() (sent int) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			for _, err := p.wait(ctx); err == nil && sent < 1000; _, err = p.wait(ctx) {
				sent++
			}
			return sent
		}
		for _, x := range []struct {
			allow    float64
			min, max int
		}{{10, 9, 12}, {40, 38, 42}, {5, 4, 7}, {0, 1000, 1000}, {20, 19, 22}} {
			p.allow(x.allow)
			if n := second(); n < x.min || n > x.max {
				t.Errorf("%v a second are allowed, %d were sent", x.allow, n)
			}
		}
		p.mu.Lock()
		p.limit = 3 // learned from the server
		p.mu.Unlock()
		p.allow(30)
		if n := second(); n > 5 {
			t.Errorf("the server serves 3 a second, %d were sent", n)
		}
	})
}
