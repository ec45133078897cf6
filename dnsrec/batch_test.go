package dnsrec_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

const aheadZone = `. SOA ns.test. h.test. 1 3600 600 86400 60
a.test. TXT "one"
b.test. TXT "two"
c.test. CNAME a.test.
`

// inTurn is a server with all that stands before it in a run over many domains.
func inTurn(t *testing.T, scheme string) (context.Context, *dnsrec.Budget, *dnsrec.Cache, *dnsrec.Client, *dnstest.Server) {
	srv := dnstest.New(t, aheadZone)
	c := client(t, dnsrec.Options{Timeout: 200 * time.Millisecond}, scheme+srv.Addr)
	cache := dnsrec.NewCache(c, dnsrec.CacheOptions{})
	budget := dnsrec.NewBudget(t.Context(), cache, 0, 0)
	t.Cleanup(budget.Close)
	return t.Context(), budget, cache, c, srv
}

func TestBatch(t *testing.T) {
	for _, scheme := range []string{"", "tcp://"} {
		ctx, budget, _, c, srv := inTurn(t, scheme)
		c.Lookup(ctx, dnsrec.Q("warm.test", "TXT")) // opens a connection
		srv.Forget()
		names := []string{"a.test", "b.test", "c.test", "missing.test"}
		ahead := func() { budget.Ask(dnsrec.Queries(dnsrec.TypeTXT, names...)...) }
		ahead()
		ahead() // they are under way
		for began := time.Now(); len(srv.Queries()) < len(names); time.Sleep(time.Millisecond) {
			if time.Since(began) > 10*time.Second {
				t.Fatalf("%s: only %d questions are sent", scheme, len(srv.Queries()))
			}
		}
		for range 2 {
			for i, want := range []string{"NOERROR|one", "NOERROR|two", "NOERROR|a.test|one", "NXDOMAIN"} {
				if got := show(budget.Lookup(ctx, dnsrec.Q(names[i], "TXT"))); got != want {
					t.Errorf("%s %s: %s, want %s", scheme, names[i], got, want)
				}
			}
		}
		ahead() // they are known
		if n := len(srv.Queries()); n != len(names) || budget.Queries() != len(names) {
			t.Errorf("%s: %d questions at the server, %d counted", scheme, n, budget.Queries())
		}
	}
}

// A connection that the server closes takes the questions sent ahead with it;
// they are asked again over another one.
func TestBatchOverClosedStream(t *testing.T) {
	ctx, budget, _, c, srv := inTurn(t, "tcp://")
	c.Lookup(ctx, dnsrec.Q("warm.test", "TXT"))
	srv.Fault("", "", dnstest.Fault{Reset: true, Times: 1})
	qs := dnsrec.Queries(dnsrec.TypeTXT, "a.test", "b.test")
	budget.Ask(qs...)
	for i, want := range []string{"NOERROR|one", "NOERROR|two"} {
		if got := show(budget.Lookup(ctx, dnsrec.Q([]string{"a.test", "b.test"}[i], "TXT"))); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// What is lost, refused or cut on the way of a prefetch is asked again as ever.
func TestBatchFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		fault dnstest.Fault
		want  string
	}{
		"lost once":    {dnstest.Fault{Drop: true, Times: 1}, "NOERROR|one"},
		"lost":         {dnstest.Fault{Drop: true}, "timeout"},
		"truncated":    {dnstest.Fault{Truncate: true}, "NOERROR|one"},
		"no EDNS":      {dnstest.Fault{EDNS: true, Rcode: "FORMERR"}, "NOERROR|one"},
		"servfail":     {dnstest.Fault{Rcode: "SERVFAIL"}, "servfail"},
		"refused once": {dnstest.Fault{Rcode: "REFUSED", Skip: 1, Times: 1}, "NOERROR|one"},
		"cut chain":    {dnstest.Fault{Partial: true}, "NOERROR|one"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, budget, _, c, srv := inTurn(t, "")
			c.Hasten(10)
			srv.Fault("a.test", "TXT", tc.fault)
			if tc.fault.Skip > 0 { // a server that answers nothing else is not asked again
				c.Lookup(ctx, dnsrec.Q("a.test", "TXT"))
			}
			q := dnsrec.Q("a.test", "TXT")
			budget.Ask(q)
			a, err := budget.Lookup(ctx, q)
			if got := show(a, err); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// A question that nobody comes to look up is forgotten with its budget, and
// asked anew by who comes later.
func TestBatchForgotten(t *testing.T) {
	ctx, _, cache, c, srv := inTurn(t, "")
	for i := range 100 {
		budget := dnsrec.NewBudget(t.Context(), cache, 0, 0)
		budget.Ask(dnsrec.Q(fmt.Sprintf("n%d.test", i), "TXT"), dnsrec.Q("a.test", "TXT"))
		budget.Close()
	}
	if n := c.InFlight(); n != 0 || cache.Len() != 0 {
		t.Errorf("%d calls in flight, %d answers kept", n, cache.Len())
	}
	if got := show(cache.Lookup(ctx, dnsrec.Q("a.test", "TXT"))); got != "NOERROR|one" {
		t.Error(got)
	}
	if n := srv.Count("a.test", "TXT"); n > 101 {
		t.Errorf("asked %d times", n)
	}
}

// Many who send ahead and look up the same questions at once share one answer
// each, also where some of them give up.
func TestBatchShared(t *testing.T) {
	ctx, _, cache, c, srv := inTurn(t, "")
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			budget := dnsrec.NewBudget(t.Context(), cache, 0, 0)
			defer budget.Close()
			ctx := ctx
			if i%8 == 0 {
				gone, cancel := context.WithCancel(ctx)
				cancel()
				ctx = gone
			}
			for j := range 20 {
				budget.Ask(dnsrec.Q(fmt.Sprintf("n%d.test", j), "TXT"))
			}
			for j := range 20 {
				a, err := budget.Lookup(ctx, dnsrec.Q(fmt.Sprintf("n%d.test", j), "TXT"))
				if err == nil && !a.NXDomain() || err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("n%d.test: %+v %v", j, a, err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(srv.Queries()); n > 20+20*64/8 {
		t.Errorf("%d questions for 20 names", n)
	}
	if n := c.InFlight(); n != 0 {
		t.Errorf("%d calls in flight", n)
	}
}

// What is on its way for another budget is shared, and asked anew if that one
// is closed before anyone has come for it.
func TestBatchOfAnother(t *testing.T) {
	ctx, budget, cache, c, srv := inTurn(t, "")
	for i := range 50 {
		q := dnsrec.Q(fmt.Sprintf("n%d.test", i), "TXT")
		other := dnsrec.NewBudget(t.Context(), cache, 0, 0)
		other.Ask(q)
		budget.Ask(q)
		if i%2 == 0 {
			other.Close()
		}
		if a, err := budget.Lookup(ctx, q); err != nil || !a.NXDomain() {
			t.Errorf("%s: %+v %v", q, a, err)
		}
		other.Close()
		if n := srv.Count(q.Name, "TXT"); n > 1+(i+1)%2 {
			t.Errorf("%s was asked %d times", q, n)
		}
	}
	if n := c.InFlight(); n != 0 {
		t.Errorf("%d calls in flight", n)
	}
}

// A small cache that many answers pass through does not lose what is still on
// its way.
func TestBatchThroughSmallCache(t *testing.T) {
	srv := dnstest.New(t, aheadZone)
	cache := dnsrec.NewCache(client(t, dnsrec.Options{}, srv.Addr), dnsrec.CacheOptions{Entries: 8})
	budget := dnsrec.NewBudget(t.Context(), cache, 0, 0)
	defer budget.Close()
	ctx := t.Context()
	var qs []dnsrec.Query
	for i := range 150 {
		qs = append(qs, dnsrec.Q(fmt.Sprintf("early%d.test", i), "TXT"))
	}
	budget.Ask(slices.Clone(qs)...)
	for i := range 100 {
		cache.Lookup(ctx, dnsrec.Q(fmt.Sprintf("n%d.test", i), "TXT"))
	}
	for _, q := range qs {
		_, err := cache.Lookup(ctx, q) // of another domain
		_, again := budget.Lookup(ctx, q)
		if n := srv.Count(q.Name, "TXT"); err != nil || again != nil || n != 1 {
			t.Errorf("%s was asked %d times: %v, %v", q, n, err, again)
		}
	}
	if n := cache.Len(); n > 8+len(qs) {
		t.Errorf("%d entries in a cache of 8", n)
	}
}

// Batches that are posted at the same time go together, and each question is
// answered to whom it belongs.
func TestBatchTogether(t *testing.T) {
	for _, scheme := range []string{"", "tcp://"} {
		ctx, _, cache, c, srv := inTurn(t, scheme)
		c.Lookup(ctx, dnsrec.Q("warm.test", "TXT")) // opens a connection
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				budget := dnsrec.NewBudget(t.Context(), cache, 0, 0)
				defer budget.Close()
				own := dnsrec.Q(fmt.Sprintf("own%d.test", i), "TXT")
				budget.Ask(own, dnsrec.Q("a.test", "TXT"))
				if a, err := budget.Lookup(ctx, own); err != nil || !a.NXDomain() || a.Name != own.Name {
					t.Errorf("%s: %+v %v", own, a, err)
				}
				if got := show(budget.Lookup(ctx, dnsrec.Q("a.test", "TXT"))); got != "NOERROR|one" {
					t.Errorf("a.test: %s", got)
				}
			})
		}
		wg.Wait()
		if n := srv.Count("a.test", "TXT"); n != 1 {
			t.Errorf("%s: a.test was asked %d times", scheme, n)
		}
		if n := len(srv.Queries()); n != 1+200+1 {
			t.Errorf("%s: %d questions", scheme, n)
		}
	}
}

// A client that is closed while questions are about to be sent gives errors,
// and keeps nothing.
func TestBatchOfClosedClient(t *testing.T) {
	for range 50 {
		ctx, budget, _, c, _ := inTurn(t, "")
		q := dnsrec.Q("a.test", "TXT")
		budget.Ask(q)
		c.Close()
		if _, err := budget.Lookup(ctx, q); err != nil && dnsrec.KindOf(err) != dnsrec.KindCanceled {
			t.Errorf("%v", err)
		}
		budget.Close()
		if n := c.InFlight(); n != 0 {
			t.Fatalf("%d calls in flight", n)
		}
	}
}
