package dnsrec

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGroupInTurn(t *testing.T) {
	var order []int
	g := NewGroup(InTurn(t.Context()))
	for i := range 5 {
		g.Go(func() { order = append(order, i) }) // no lock: one goroutine
	}
	g.Wait()
	if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
		t.Errorf("done in the order %v", order)
	}
}

// After a slow one, the others go at once.
func TestGroupImpatience(t *testing.T) {
	for name, c := range map[string]struct {
		ctx  func(context.Context) context.Context
		want time.Duration
	}{
		"in turn": {InTurn, 2 * 3 * time.Second},
		"at once": {func(ctx context.Context) context.Context { return ctx }, 3 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			g := NewGroup(c.ctx(t.Context()))
			for range 10 {
				g.Go(func() { time.Sleep(3 * time.Second) })
			}
			g.Wait()
			if took := time.Since(began); took != c.want {
				t.Errorf("%s: took %v, want %v", name, took, c.want)
			}
		})
	}
}

func TestGroupAtOnce(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	g := NewGroup(t.Context())
	for range 2 {
		g.Go(func() { both.Done(); both.Wait() })
	}
	g.Wait()
}

// A part that panics does so where it is waited for, when all others are done.
func TestGroupPanics(t *testing.T) {
	for name, ctx := range map[string]context.Context{"at once": t.Context(), "in turn": InTurn(t.Context())} {
		done := 0
		got := func() (p any) {
			defer func() { p = recover() }()
			g := NewGroup(ctx)
			g.Go(func() { done++ })
			g.Go(func() { panic("boom") })
			g.Wait()
			return nil
		}()
		if got != "boom" || done != 1 {
			t.Errorf("%s: %v, %d done", name, got, done)
		}
	}
}

func TestEach(t *testing.T) {
	var order []int
	Each(InTurn(t.Context()), 5, func(i int) { order = append(order, i) }) // no lock: one goroutine
	if !slices.Equal(order, []int{0, 1, 2, 3, 4}) {
		t.Errorf("in turn: done in the order %v", order)
	}
	for name, c := range map[string]struct {
		ctx  context.Context
		want time.Duration
	}{
		"in turn": {InTurn(t.Context()), 2 * 3 * time.Second}, // after a slow one, the others go at once
		"at once": {t.Context(), 3 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, done := time.Now(), make([]bool, 10)
			Each(c.ctx, len(done), func(i int) { time.Sleep(3 * time.Second); done[i] = true })
			if took := time.Since(began); took != c.want || slices.Contains(done, false) {
				t.Errorf("%s: took %v, want %v; done: %v", name, took, c.want, done)
			}
		})
	}
	defer func() {
		if p := recover(); p != "boom" {
			t.Errorf("panic: %v", p)
		}
	}()
	Each(t.Context(), 3, func(i int) {
		if i == 1 {
			panic("boom")
		}
	})
}
