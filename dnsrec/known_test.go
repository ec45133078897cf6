package dnsrec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// settle waits for all that was asked, as the owner of a budget does.
func settle(b *dnsrec.Budget, patience time.Duration) {
	inbox := make(chan func())
	b.Wait(patience, inbox)
	for b.Pending() > 0 {
		(<-inbox)()
	}
}

func known(t *testing.T, b *dnsrec.Budget, q dnsrec.Query) (dnsrec.Answer, error) {
	t.Helper()
	a, err, ok := b.Known(q)
	if !ok {
		t.Fatalf("%s is not known", q)
	}
	return a, err
}

// What lands through Ask and Wait is what Lookup returns, for all kinds of
// answers and failures.
func TestKnown(t *testing.T) {
	for _, scheme := range []string{"", "tcp://"} {
		for _, patience := range []time.Duration{0, time.Minute} {
			_, budget, _, c, srv := inTurn(t, scheme)
			c.Lookup(t.Context(), dnsrec.Q("warm.test", "TXT"))
			srv.Forget()
			srv.Fault("b.test", "TXT", dnstest.Fault{Rcode: "SERVFAIL"})
			qs := []dnsrec.Query{dnsrec.Q("a.test", "TXT"), dnsrec.Q("b.test", "TXT"), dnsrec.Q("c.test", "TXT"),
				dnsrec.Q("missing.test", "TXT"), dnsrec.Q("a..test", "TXT"), dnsrec.Q("a.test", "NONE")}
			budget.Ask(qs...)
			for _, q := range qs {
				if _, _, ok := budget.Known(q); ok {
					t.Fatalf("%s is known before it was waited for", q)
				}
			}
			settle(budget, patience)
			sent := len(srv.Queries())
			if budget.Queries() < 4 {
				t.Errorf("%d questions counted", budget.Queries())
			}
			for _, q := range qs {
				a, err := known(t, budget, q)
				got := show(a, err)
				if want := show(budget.Lookup(t.Context(), q)); got != want {
					t.Errorf("%s: %s is known, but looked up %s", q, got, want)
				}
				if kind := dnsrec.KindOf(err); q.Name == "b.test" && kind != dnsrec.KindServFail {
					t.Errorf("%s: %s", q, got)
				}
			}
			budget.Ask(qs...)
			if settle(budget, patience); len(srv.Queries()) != sent {
				t.Errorf("known questions were asked again")
			}
			if c.InFlight() != 0 {
				t.Errorf("%d calls are left", c.InFlight())
			}
		}
	}
}

// A question nobody answers holds up none of the others.
func TestWaitIsNotHeldUp(t *testing.T) {
	_, budget, _, _, srv := inTurn(t, "")
	srv.Fault("a.test", "TXT", dnstest.Fault{Drop: true})
	slow := dnsrec.Q("a.test", "TXT")
	budget.Ask(slow, dnsrec.Q("b.test", "TXT"), dnsrec.Q("c.test", "TXT"))
	inbox := make(chan func())
	budget.Wait(20*time.Millisecond, inbox)
	for budget.Pending() > 1 {
		(<-inbox)()
	}
	for _, name := range []string{"b.test", "c.test"} {
		if _, err := known(t, budget, dnsrec.Q(name, "TXT")); err != nil {
			t.Error(err)
		}
	}
	if _, _, ok := budget.Known(slow); ok {
		t.Error("the slow question has landed without its func")
	}
	(<-inbox)()
	if _, err := known(t, budget, slow); dnsrec.KindOf(err) != dnsrec.KindTimeout {
		t.Error(err)
	}
}

// slowly answers after a time, or not at all.
type slowly time.Duration

func (d slowly) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	select {
	case <-time.After(time.Duration(d)):
		return dnsrec.Answer{Query: q, Rcode: "NOERROR"}, nil
	case <-ctx.Done():
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindCanceled, Err: context.Cause(ctx)}
	}
}

func TestWaitEnds(t *testing.T) {
	q, why := dnsrec.Q("a.test", "TXT"), errors.New("stopped")
	for name, c := range map[string]struct {
		ask    func(*dnsrec.Budget, context.CancelFunc)
		want   dnsrec.Kind
		within time.Duration
	}{
		"within": {func(b *dnsrec.Budget, _ context.CancelFunc) { b.AskWithin(q, time.Second) }, dnsrec.KindTimeout, time.Second},
		"budget": {func(b *dnsrec.Budget, _ context.CancelFunc) { b.Ask(q) }, dnsrec.KindBudget, dnsrec.DefaultDomainTime},
		"cancel": {func(b *dnsrec.Budget, _ context.CancelFunc) {
			b.Ask(q)
			time.AfterFunc(time.Second, func() { b.Cancel(why) })
		},
			dnsrec.KindCanceled, time.Second},
		"context": {func(b *dnsrec.Budget, stop context.CancelFunc) { b.Ask(q); time.AfterFunc(time.Second, stop) },
			dnsrec.KindCanceled, time.Second},
	} {
		for _, cached := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				var next dnsrec.Resolver = slowly(time.Hour)
				if cached {
					next = dnsrec.NewCache(next, dnsrec.CacheOptions{})
				}
				b := dnsrec.NewBudget(ctx, next, 0, 0)
				defer b.Close()
				began := time.Now()
				c.ask(b, stop)
				settle(b, 500*time.Millisecond)
				_, err := known(t, b, q)
				if took := time.Since(began); dnsrec.KindOf(err) != c.want || took != c.within {
					t.Errorf("%s: %v after %v", name, err, took)
				}
			})
		}
	}
}

// Close ends the goroutines of Wait, whose funcs nobody receives any more.
func TestCloseWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := dnsrec.NewBudget(t.Context(), slowly(time.Second), 0, 0)
		b.Ask(dnsrec.Q("a.test", "TXT"), dnsrec.Q("b.test", "TXT"))
		b.Wait(0, make(chan func()))
		time.Sleep(2 * time.Second) // they have their answers
		b.Close()
		b.Close()
	}) // fails if a goroutine is left
}

func TestKnownBeyondBudget(t *testing.T) {
	b := dnsrec.NewBudget(t.Context(), answers(0), 2, 0)
	defer b.Close()
	qs := dnsrec.Queries(dnsrec.TypeTXT, "a.test", "b.test", "c.test")
	if _, _, ok := b.Known(qs[2]); ok {
		t.Error("known before it was asked")
	}
	b.Ask(qs...)
	settle(b, 0)
	for i, q := range qs {
		if _, err := known(t, b, q); (dnsrec.KindOf(err) == dnsrec.KindBudget) != (i == 2) {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// panics fails on every question.
type panics struct{}

func (panics) Lookup(context.Context, dnsrec.Query) (dnsrec.Answer, error) { panic("broken") }

// A panic of a resolver comes to the owner, who can contain it.
func TestWaitPanics(t *testing.T) {
	b := dnsrec.NewBudget(t.Context(), panics{}, 0, 0)
	defer b.Close()
	b.Ask(dnsrec.Q("a.test", "TXT"))
	inbox := make(chan func())
	b.Wait(0, inbox)
	defer func() {
		if p := recover(); p != "broken" {
			t.Errorf("recovered %v", p)
		}
	}()
	(<-inbox)()
}

// Many owners ask overlapping questions at once through one cache; each learns
// all its answers.
func TestKnownTogether(t *testing.T) {
	srv := dnstest.New(t, "*.example. TXT x")
	c := client(t, dnsrec.Options{}, srv.Addr)
	cache := dnsrec.NewCache(c, dnsrec.CacheOptions{})
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			b := dnsrec.NewBudget(t.Context(), cache, 0, 0)
			defer b.Close()
			var qs []dnsrec.Query
			for j := range 8 {
				qs = append(qs, dnsrec.Q(fmt.Sprintf("n%d.example", (i+j*j)%16), "TXT"))
			}
			b.Ask(qs...)
			settle(b, time.Minute)
			for _, q := range qs {
				if a, err, ok := b.Known(q); !ok || err != nil || !slices.Equal(a.Values, []string{"x"}) {
					t.Errorf("%s: %v %v %v", q, a.Values, err, ok)
				}
			}
		})
	}
	wg.Wait()
	if n := len(srv.Queries()); n != 16 {
		t.Errorf("%d questions for 16 names", n)
	}
}

func TestKnownAllocates(t *testing.T) {
	b := dnsrec.NewBudget(t.Context(), answers(0), 0, 0)
	defer b.Close()
	q := dnsrec.Q("a.test", "TXT")
	b.Ask(q)
	settle(b, 0)
	other := dnsrec.Q("b.test", "TXT")
	if n := testing.AllocsPerRun(100, func() { b.Known(q); b.Known(other) }); n != 0 {
		t.Errorf("Known allocates %v times", n)
	}
}

func BenchmarkKnown(b *testing.B) {
	c := client(b, dnsrec.Options{Timeout: 3 * time.Second}, echo(b))
	cache := dnsrec.NewCache(c, dnsrec.CacheOptions{})
	const questions = 20
	b.ReportAllocs()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			names := make([]string, questions)
			for i := next.Add(questions); i <= int64(b.N); i = next.Add(questions) {
				for j := range names {
					names[j] = fmt.Sprintf("n%d.domain%d.example", j, i)
				}
				budget := dnsrec.NewBudget(b.Context(), cache, 0, 0)
				budget.Ask(dnsrec.Queries(dnsrec.TypeTXT, names...)...)
				settle(budget, time.Second)
				for _, name := range names {
					if _, err, ok := budget.Known(dnsrec.Q(name, dnsrec.TypeTXT)); !ok || err != nil {
						b.Error(err)
					}
				}
				budget.Close()
			}
		})
	}
	wg.Wait()
}
