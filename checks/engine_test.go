package checks

import (
	"context"
	"errors"
	"fmt"
	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// deaf is a resolver that never knows anything.
var deaf = kit.ResolverFunc(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindRefused}
})

// events runs cs over an empty world and gives what was emitted, in words.
func events(t *testing.T, ctx context.Context, cs []kit.Check) (words []string) {
	t.Helper()
	env := &kit.Env{Domain: "contoso.com", Expect: kit.ExpectAuto, World: kit.World{DNS: deaf, HTTPS: sleepy}}
	sink := kittest.SinkFunc(func(e report.Event) error {
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
	if err := Run(ctx, env, cs, sink); err != nil {
		t.Fatal(err)
	}
	return words
}

func returns(fs ...report.Finding) func(*kit.Known) []report.Finding {
	return func(*kit.Known) []report.Finding { return fs }
}

// sleeps is a row that needs an answer which takes so long.
func sleeps(d time.Duration, fs ...report.Finding) func(*kit.Known) []report.Finding {
	return func(k *kit.Known) []report.Finding {
		r, ok := k.Get(d.String())
		if ok && r.Err != nil {
			return []report.Finding{{Code: "late", Status: report.Unknown}}
		}
		return kit.Judge(k, fs, func(fs []report.Finding) []report.Finding { return fs })
	}
}

// sleepy is a web server that answers after the time that is its address.
func sleepy(ctx context.Context, url string) *httpsget.Response {
	d, err := time.ParseDuration(url)
	if err != nil {
		panic(err)
	}
	select {
	case <-time.After(d):
		return &httpsget.Response{}
	case <-ctx.Done():
		return &httpsget.Response{Err: &httpsget.Error{Kind: httpsget.KindCanceled}}
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
		got := events(t, t.Context(), []kit.Check{
			{ID: "slow", Run: sleeps(3*time.Second, kit.Find(report.Pass, "slow.a", "", ""))},
			{ID: "fast", Run: returns(kit.Find(report.Warn, "fast.a", "", ""), kit.Find(report.Fail, "fast.b", "", ""))},
		})
		want(t, got, "begin contoso.com", "slow slow.a pass ", "fast fast.a warn domain", "fast fast.b fail domain", "end cut=false")
	})
}

// The first findings must not wait for the slowest check.
func TestRunStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var first time.Duration
		sink := kittest.SinkFunc(func(e report.Event) error {
			if e.Finding != nil && first == 0 {
				first = time.Since(began)
			}
			return nil
		})
		env := &kit.Env{Domain: "contoso.com", World: kit.World{DNS: deaf, HTTPS: sleepy}}
		err := Run(t.Context(), env, []kit.Check{
			{ID: "fast", Run: sleeps(time.Second, kit.Find(report.Pass, "fast.a", "", ""))},
			{ID: "slow", Run: sleeps(time.Minute, kit.Find(report.Pass, "slow.a", "", ""))},
		}, sink)
		if err != nil || first != time.Second {
			t.Errorf("first finding after %v (error %v), want 1s", first, err)
		}
	})
}

func TestRunContainsFaults(t *testing.T) {
	got := events(t, t.Context(), []kit.Check{
		{ID: "panics", Run: func(*kit.Known) []report.Finding { panic("boom") }},
		{ID: "silent", Run: returns()},
		{ID: "unset", Run: returns(report.Finding{Code: "unset.a"})},
		{ID: "well", Run: returns(kit.Find(report.Pass, "well.a", "", ""))},
	})
	want(t, got, "begin contoso.com", "panics panics.internal unknown local", "silent silent.internal unknown local",
		"unset unset.a unknown local", "well well.a pass ", "end cut=false")
}

func TestRunSkipsWhatNeedsAFailedRow(t *testing.T) {
	got := events(t, t.Context(), []kit.Check{
		{ID: "domain", Run: returns(kit.Find(report.Fail, "domain.exists", "", ""))},
		{ID: "mx", Needs: []string{"domain"}, Run: returns(kit.Find(report.Pass, "mx.a", "", ""))},
		{ID: "dane", Needs: []string{"mx"}, Run: returns(kit.Find(report.Pass, "dane.a", "", ""))},
		{ID: "free", Run: returns(kit.Find(report.Pass, "free.a", "", ""))},
	})
	want(t, got, "begin contoso.com", "domain domain.exists fail domain", "mx mx.skipped skip ", "dane dane.skipped skip ",
		"free free.a pass ", "end cut=false")
}

func TestRunEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		got := events(t, ctx, []kit.Check{
			{ID: "fast", Run: returns(kit.Find(report.Pass, "fast.a", "", ""))},
			{ID: "late", Run: sleeps(time.Hour)},
		})
		want(t, got, "begin contoso.com", "fast fast.a pass ", "late late unknown local", "end cut=true")
	})
}

func TestRunStopsWithItsSink(t *testing.T) {
	full := errors.New("disk full")
	env := &kit.Env{Domain: "contoso.com", World: kit.World{DNS: deaf}}
	err := Run(t.Context(), env, []kit.Check{{ID: "a", Run: returns(kit.Find(report.Pass, "a", "", ""))}},
		kittest.SinkFunc(func(e report.Event) error {
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
	cs := []kit.Check{{ID: "domain"}, {ID: "mx", Needs: []string{"domain"}}, {ID: "spf", Needs: []string{"domain"}}, {ID: "dane", Needs: []string{"mx"}}}
	for _, tt := range []struct{ only, skip, want, unknown []string }{
		{nil, nil, []string{"domain", "mx", "spf", "dane"}, nil},
		{[]string{"dane"}, nil, []string{"domain", "mx", "dane"}, nil},
		{[]string{"spf.lookups"}, nil, []string{"domain", "spf"}, nil},
		{nil, []string{"spf"}, []string{"domain", "mx", "dane"}, nil},
		{[]string{"spx"}, nil, nil, []string{"spx"}},
	} {
		rows, unknown := kit.Select(cs, tt.only, tt.skip)
		var ids []string
		for _, c := range rows {
			ids = append(ids, c.ID)
		}
		if !slices.Equal(ids, tt.want) || !slices.Equal(unknown, tt.unknown) {
			t.Errorf("kit.Select(only %v, skip %v) = %v, %v; want %v, %v", tt.only, tt.skip, ids, unknown, tt.want, tt.unknown)
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

// The plan is proven without a connection to a server that it names.
func TestPlanConnectsToNobody(t *testing.T) {
	zone := "contoso.com MX 0 contoso-com.mail.protection.outlook.com.\ncontoso.com MX 10 aspmx.l.google.com.\n" +
		"contoso-com.mail.protection.outlook.com A 192.0.2.1\naspmx.l.google.com A 192.0.2.2\ncontoso.com TXT v=spf1 -all\n"
	env, _ := kittest.NewEnv(t, "contoso.com", zone)
	var seen []string // by the row, in each world that it is run in
	rows, _ := kit.Select(All(), []string{"mx", "spf"}, nil)
	rows = append(rows, kit.Check{ID: "live", Live: true, Run: func(k *kit.Known) []report.Finding {
		if mx, ok := k.Need(k.Domain, dnsrec.TypeMX); ok {
			seen = append(seen, fmt.Sprint(len(mx.Values)))
		}
		return []report.Finding{kit.Find(report.Fail, "live.a", "", "a server does not work")}
	}})
	var end *report.End
	err := Run(t.Context(), env, rows, kittest.SinkFunc(func(e report.Event) error { end = e.End; return nil }))
	if err != nil {
		t.Fatal(err)
	}
	if end.Plan == nil || len(end.Plan.Steps) == 0 || !slices.Contains(end.Plan.Result.Remaining, "live.a") {
		t.Errorf("the plan: %+v", end.Plan)
	}
	want(t, seen, "2")
}
