package limit

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestBuckets(t *testing.T) {
	b, now := NewBuckets(3, time.Minute, 10), time.Unix(1e9, 0)
	for i := range 5 {
		if _, ok := b.Take("a", now); ok != (i < 3) {
			t.Errorf("token %d: %v", i, ok)
		}
	}
	wait, ok := b.Take("a", now)
	if ok || wait < 19*time.Second || wait > 21*time.Second {
		t.Errorf("the next token is said to come in %v", wait)
	}
	if _, ok := b.Take("b", now); !ok {
		t.Error("another client must not wait")
	}
	if _, ok := b.Take("a", now.Add(wait)); !ok {
		t.Error("no token when there should be one")
	}
}

// A client that invents keys neither fills the memory nor frees those who have
// used up their tokens.
func TestBucketsBounded(t *testing.T) {
	b, now := NewBuckets(2, time.Minute, 100), time.Unix(1e9, 0)
	for range 2 {
		b.Take("greedy", now)
	}
	for i := range 10_000 {
		b.Take(fmt.Sprint(i), now)
	}
	if len(b.m) > 100 {
		t.Errorf("%d buckets", len(b.m))
	}
	if _, ok := b.Take("greedy", now); ok {
		t.Error("the greedy one got a new bucket")
	}
}

func TestQueue(t *testing.T) {
	q := NewQueue(1, 2)
	never := func(int) {}
	leave, err := q.Enter(t.Context(), never)
	if err != nil {
		t.Fatal(err)
	}
	places := make(chan int, 10)
	got := make(chan func(), 2)
	gone, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := q.Enter(gone, func(int) { places <- 0 })
		failed <- err
	}()
	<-places
	go func() {
		l, err := q.Enter(t.Context(), func(p int) { places <- p })
		if err != nil {
			t.Error(err)
		}
		got <- l
	}()
	if p := <-places; p != 2 {
		t.Errorf("place %d", p)
	}
	if _, err := q.Enter(t.Context(), never); !errors.Is(err, ErrFull) {
		t.Errorf("a full queue: %v", err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if p := <-places; p != 1 {
		t.Errorf("moved to place %d", p)
	}
	leave()
	leave() // once more changes nothing
	(<-got)()
	if r, w := q.Load(); r != 0 || w != 0 {
		t.Errorf("%d run, %d wait", r, w)
	}
}

func TestHosts(t *testing.T) {
	h, now := NewHosts(2, 3), time.Unix(1e9, 0)
	enter := func(addr string) error {
		leave, err := h.Enter(netip.MustParseAddr(addr), now)
		if err == nil {
			t.Cleanup(leave)
		}
		return err
	}
	var got []bool
	for _, a := range []string{"8.8.8.8", "::ffff:8.8.8.8", "8.8.8.8", "8.8.4.4", "2a01::1", "2a01::2", "2a01::3", "2a01:0:0:1::1"} {
		got = append(got, enter(a) == nil)
	}
	if want := []bool{true, true, false, true, true, true, false, true}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for i := range 4 {
		leave, err := h.Enter(netip.MustParseAddr("9.9.9.9"), now)
		if (err == nil) != (i < 3) {
			t.Errorf("connection %d in a minute: %v", i, err)
		}
		if err == nil {
			leave()
		}
	}
}
