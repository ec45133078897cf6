package dnsrec_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// fake answers by a function and counts.
type fake struct {
	answer func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error)
	asked  atomic.Int32
}

func (f *fake) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	f.asked.Add(1)
	return f.answer(ctx, q)
}

func answers(ttl time.Duration) *fake {
	return &fake{answer: func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: []string{"x"}, TTL: ttl}, nil
	}}
}

func fails(kind dnsrec.Kind) *fake {
	return &fake{answer: func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: kind}
	}}
}

// The time that answers are kept: FAULTS 22.
func TestFault_022_CacheLifetime(t *testing.T) {
	for _, tc := range []struct {
		what string
		next *fake
		kept time.Duration
	}{
		{"TTL 0", answers(0), dnsrec.DefaultMinTTL},
		{"TTL 100 s", answers(100 * time.Second), 100 * time.Second},
		{"TTL ten years", answers(10 * 365 * 24 * time.Hour), dnsrec.DefaultMaxTTL},
		{"servfail", fails(dnsrec.KindServFail), dnsrec.DefaultErrorTTL},
		{"timeout", fails(dnsrec.KindTimeout), dnsrec.DefaultErrorTTL},
		{"chain", fails(dnsrec.KindChain), dnsrec.DefaultMinTTL},
		{"canceled", fails(dnsrec.KindCanceled), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			cache := dnsrec.NewCache(tc.next, dnsrec.CacheOptions{})
			first, _ := ask(cache, "a.test", "A")
			if first.Cached {
				t.Errorf("%s: the first answer claims to be cached", tc.what)
			}
			if tc.kept > 0 {
				time.Sleep(tc.kept - 1)
				if again, _ := ask(cache, "a.test", "A"); !again.Cached || tc.next.asked.Load() != 1 {
					t.Errorf("%s: asked again after %v", tc.what, tc.kept-1)
				}
				time.Sleep(time.Nanosecond)
			}
			if ask(cache, "a.test", "A"); tc.next.asked.Load() != 2 {
				t.Errorf("%s: still kept after %v", tc.what, tc.kept)
			}
		})
	}
}

func TestCacheSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{answer: func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
			time.Sleep(time.Second)
			return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: []string{"x"}}, nil
		}}
		cache := dnsrec.NewCache(slow, dnsrec.CacheOptions{})
		var wg sync.WaitGroup
		var fresh atomic.Int32
		for range 100 {
			wg.Go(func() {
				a, err := ask(cache, "a.test", "A")
				if show(a, err) != "NOERROR|x" {
					t.Error(show(a, err))
				}
				if !a.Cached {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if slow.asked.Load() != 1 || fresh.Load() != 1 {
			t.Errorf("100 callers: asked %d times, %d fresh answers", slow.asked.Load(), fresh.Load())
		}
	})
}

// obedient answers after a second, or ends with its context.
func obedient() *fake {
	return &fake{answer: func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		select {
		case <-time.After(time.Second):
			return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: []string{"x"}}, nil
		case <-ctx.Done():
			return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindCanceled, Err: ctx.Err()}
		}
	}}
}

// The end of one caller's context, be it the first, bothers only that caller.
func TestCacheCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := obedient()
		cache := dnsrec.NewCache(next, dnsrec.CacheOptions{})
		got := make([]string, 4)
		var wg sync.WaitGroup
		patient := []time.Duration{100 * time.Millisecond, time.Hour, 50 * time.Millisecond, time.Hour}
		for i, patience := range patient {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				a, err := cache.Lookup(ctx, dnsrec.Q("a.test", "A"))
				got[i] = show(a, err)
			})
			synctest.Wait() // so that the first leads
		}
		wg.Wait()
		if want := "canceled NOERROR|x canceled NOERROR|x"; strings.Join(got, " ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
		if n := next.asked.Load(); n != 2 {
			t.Errorf("asked %d times, want 2: by the first, and by who took over", n)
		}
	})
}

// Names asked once must not push out names that all ask for, and memory is
// bounded.
func TestCacheGenerations(t *testing.T) {
	next := answers(time.Hour)
	cache := dnsrec.NewCache(next, dnsrec.CacheOptions{Entries: 100})
	shared := int32(0)
	for i := range 10_000 {
		before := next.asked.Load()
		ask(cache, "spf.protection.outlook.com", "TXT")
		shared += next.asked.Load() - before
		ask(cache, fmt.Sprintf("domain%d.test", i), "MX")
	}
	if shared != 1 {
		t.Errorf("the shared name was asked %d times in 10,000 domains", shared)
	}
	if n := cache.Len(); n > 101 {
		t.Errorf("%d entries kept, limit 100", n)
	}
}

// What is under way while its generation ends belongs to who asks for it, and is
// looked at by nobody else: the race detector tells.
func TestCacheMovesWhatIsUnderWay(t *testing.T) {
	var zone strings.Builder
	for i := range 200 {
		fmt.Fprintf(&zone, "n%d.test. TXT \"v%d\"\n", i, i)
	}
	srv := dnstest.New(t, zone.String(), dnstest.Latency(3*time.Millisecond))
	cache := dnsrec.NewCache(client(t, dnsrec.Options{}, srv.Addr), dnsrec.CacheOptions{Entries: 8})
	var wg sync.WaitGroup
	for first := range 16 {
		wg.Go(func() {
			for i := range 100 {
				n := (first + i) % 200
				if got, want := show(ask(cache, fmt.Sprintf("n%d.test", n), "TXT")), fmt.Sprintf("NOERROR|v%d", n); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			}
		})
	}
	wg.Wait()
}

func TestCacheBytes(t *testing.T) {
	next := &fake{answer: func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: []string{strings.Repeat("x", 60_000)}}, nil
	}}
	cache := dnsrec.NewCache(next, dnsrec.CacheOptions{Bytes: 1_000_000})
	for i := range 1000 {
		ask(cache, fmt.Sprintf("domain%d.test", i), "TXT")
	}
	if n := cache.Len(); n > 20 {
		t.Errorf("%d answers of 60 kB kept in 1 MB", n)
	}
}

func TestBudget(t *testing.T) {
	next := answers(0)
	b := dnsrec.NewBudget(t.Context(), dnsrec.NewCache(next, dnsrec.CacheOptions{}), 3, time.Minute)
	for i := range 5 {
		name := fmt.Sprintf("n%d.test", i)
		for range 2 { // the second time is free
			_, err := ask(b, name, "A")
			if want := i >= 3; (dnsrec.KindOf(err) == dnsrec.KindBudget) != want {
				t.Errorf("question %d: %v", i, err)
			}
		}
	}
	if b.Queries() != 3 || next.asked.Load() != 3 {
		t.Errorf("counted %d, asked %d, want 3", b.Queries(), next.asked.Load())
	}
}

func TestBudgetTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := dnsrec.NewBudget(t.Context(), obedient(), 0, 500*time.Millisecond)
		if _, err := ask(b, "a.test", "A"); dnsrec.KindOf(err) != dnsrec.KindBudget {
			t.Errorf("a question that takes too long: %v", err)
		}
		if _, err := ask(b, "b.test", "A"); dnsrec.KindOf(err) != dnsrec.KindBudget {
			t.Errorf("a question after the end: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b = dnsrec.NewBudget(t.Context(), obedient(), 0, 0)
		if _, err := b.Lookup(ctx, dnsrec.Q("a.test", "A")); dnsrec.KindOf(err) != dnsrec.KindCanceled ||
			!errors.Is(err, context.Canceled) {
			t.Errorf("canceled by the caller: %v", err)
		}
	})
}
