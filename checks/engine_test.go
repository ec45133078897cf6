package checks

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
)

// deaf is a resolver that never knows anything.
var deaf = lookupFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindRefused}
})

// events runs cs over an empty world and gives what was emitted, in words.
func events(t *testing.T, ctx context.Context, cs []Check, width int) (words []string) {
	t.Helper()
	env := &Env{Domain: "contoso.com", Expect: ExpectAuto, World: World{DNS: deaf}}
	sink := sinkFunc(func(e report.Event) error {
		switch {
		case e.Begin != nil:
			words = append(words, "begin "+e.Begin.Domain)
		case e.Finding != nil:
			words = append(words, fmt.Sprintf("%s %s %s %s", e.Finding.Check, e.Finding.Code, e.Finding.Status, e.Finding.Cause))
		case e.End != nil:
			words = append(words, fmt.Sprintf("end cut=%v", e.End.Cut))
		}
		return nil
	})
	if err := Run(ctx, env, cs, width, sink); err != nil {
		t.Fatal(err)
	}
	return words
}

type sinkFunc func(report.Event) error

func (f sinkFunc) Emit(e report.Event) error { return f(e) }

func returns(fs ...report.Finding) func(context.Context, *Env) []report.Finding {
	return func(context.Context, *Env) []report.Finding { return fs }
}

func sleeps(d time.Duration, fs ...report.Finding) func(context.Context, *Env) []report.Finding {
	return func(ctx context.Context, _ *Env) []report.Finding {
		select {
		case <-time.After(d):
			return fs
		case <-ctx.Done():
			return []report.Finding{{Code: "late", Status: report.Unknown}}
		}
	}
}

func want(t *testing.T, got []string, lines ...string) {
	t.Helper()
	if !slices.Equal(got, lines) {
		t.Errorf("got\n%q\nwant\n%q", got, lines)
	}
}

func TestRunKeepsTableOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := events(t, t.Context(), []Check{
			{ID: "slow", Run: sleeps(3*time.Second, find(report.Pass, "slow.a", "", ""))},
			{ID: "fast", Run: returns(find(report.Warn, "fast.a", "", ""), find(report.Fail, "fast.b", "", ""))},
		}, 8)
		want(t, got, "begin contoso.com", "slow slow.a pass ", "fast fast.a warn domain", "fast fast.b fail domain", "end cut=false")
	})
}

// The first findings must not wait for the slowest check.
func TestRunStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var first time.Duration
		sink := sinkFunc(func(e report.Event) error {
			if e.Finding != nil && first == 0 {
				first = time.Since(began)
			}
			return nil
		})
		env := &Env{Domain: "contoso.com", World: World{DNS: deaf}}
		err := Run(t.Context(), env, []Check{
			{ID: "fast", Run: sleeps(time.Second, find(report.Pass, "fast.a", "", ""))},
			{ID: "slow", Run: sleeps(time.Minute, find(report.Pass, "slow.a", "", ""))},
		}, 8, sink)
		if err != nil || first != time.Second {
			t.Errorf("first finding after %v (error %v), want 1s", first, err)
		}
	})
}

func TestRunContainsFaults(t *testing.T) {
	got := events(t, t.Context(), []Check{
		{ID: "panics", Run: func(context.Context, *Env) []report.Finding { panic("boom") }},
		{ID: "silent", Run: returns()},
		{ID: "unset", Run: returns(report.Finding{Code: "unset.a"})},
		{ID: "well", Run: returns(find(report.Pass, "well.a", "", ""))},
	}, 2)
	want(t, got, "begin contoso.com", "panics panics.internal unknown local", "silent silent.internal unknown local",
		"unset unset.a unknown local", "well well.a pass ", "end cut=false")
}

func TestRunSkipsWhatNeedsAFailedRow(t *testing.T) {
	got := events(t, t.Context(), []Check{
		{ID: "domain", Run: returns(find(report.Fail, "domain.exists", "", ""))},
		{ID: "mx", Needs: []string{"domain"}, Run: returns(find(report.Pass, "mx.a", "", ""))},
		{ID: "dane", Needs: []string{"mx"}, Run: returns(find(report.Pass, "dane.a", "", ""))},
		{ID: "free", Run: returns(find(report.Pass, "free.a", "", ""))},
	}, 8)
	want(t, got, "begin contoso.com", "domain domain.exists fail domain", "mx mx.skipped skip ", "dane dane.skipped skip ",
		"free free.a pass ", "end cut=false")
}

func TestRunEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := events(t, ctx, []Check{
			{ID: "fast", Run: returns(find(report.Pass, "fast.a", "", ""))},
			{ID: "late", Run: sleeps(time.Hour)},
		}, 8)
		want(t, got, "begin contoso.com", "fast fast.a pass ", "late late unknown local", "end cut=true")
	})
}

func TestRunObeysWidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		var cs []Check
		for i := range 9 {
			cs = append(cs, Check{ID: fmt.Sprint("c", i), Run: func(ctx context.Context, env *Env) []report.Finding {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(time.Second)
				now.Add(-1)
				return []report.Finding{find(report.Pass, "x", "", "")}
			}})
		}
		events(t, t.Context(), cs, 3)
		if most.Load() != 3 {
			t.Errorf("%d rows ran at once, want 3", most.Load())
		}
	})
}

func TestRunStopsWithItsSink(t *testing.T) {
	full := errors.New("disk full")
	env := &Env{Domain: "contoso.com", World: World{DNS: deaf}}
	err := Run(t.Context(), env, []Check{{ID: "a", Run: returns(find(report.Pass, "a", "", ""))}}, 1,
		sinkFunc(func(e report.Event) error {
			if e.Finding != nil {
				return full
			}
			return nil
		}))
	if !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

func TestSelect(t *testing.T) {
	cs := []Check{{ID: "domain"}, {ID: "mx", Needs: []string{"domain"}}, {ID: "spf", Needs: []string{"domain"}}, {ID: "dane", Needs: []string{"mx"}}}
	for _, tt := range []struct{ only, skip, want, unknown []string }{
		{nil, nil, []string{"domain", "mx", "spf", "dane"}, nil},
		{[]string{"dane"}, nil, []string{"domain", "mx", "dane"}, nil},
		{[]string{"spf.lookups"}, nil, []string{"domain", "spf"}, nil},
		{nil, []string{"spf"}, []string{"domain", "mx", "dane"}, nil},
		{[]string{"spx"}, nil, nil, []string{"spx"}},
	} {
		rows, unknown := Select(cs, tt.only, tt.skip)
		var ids []string
		for _, c := range rows {
			ids = append(ids, c.ID)
		}
		if !slices.Equal(ids, tt.want) || !slices.Equal(unknown, tt.unknown) {
			t.Errorf("Select(only %v, skip %v) = %v, %v; want %v, %v", tt.only, tt.skip, ids, unknown, tt.want, tt.unknown)
		}
	}
}

// TestTable holds what the design asks of the table itself.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range All() {
		if c.Title == "" || c.Run == nil || c.Doc.Means == "" || c.Doc.Why == "" || c.Doc.Fix == "" || len(c.Doc.Sources) == 0 {
			t.Errorf("row %q is not complete", c.ID)
		}
		for _, n := range c.Needs {
			if !seen[n] {
				t.Errorf("row %q needs %q, which is no earlier row", c.ID, n)
			}
		}
		if seen[c.ID] {
			t.Errorf("row %q stands twice", c.ID)
		}
		seen[c.ID] = true
	}
}
