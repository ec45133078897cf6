package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"maildiag/checks/kit"
	"maildiag/checks/kit/pause"
	"maildiag/dnsrec"
	"maildiag/report"
)

// waitFlags say to repeat a run until it passes.
type waitFlags struct {
	wait  bool
	every time.Duration
	limit time.Duration
}

func (w *waitFlags) add(f *pflag.FlagSet) {
	f.BoolVar(&w.wait, "wait", false, "repeat the checks until they pass, and report each change on stderr")
	f.DurationVar(&w.every, "every", 30*time.Second,
		"with --wait: `INTERVAL` between checks (never before the TTLs expire)")
	f.DurationVar(&w.limit, "for", 2*time.Hour, "with --wait: `TIME` after which to give up")
}

func (w *waitFlags) validate(f *checkFlags) error {
	switch {
	case !w.wait:
		return nil
	case w.every <= 0 || w.limit <= 0:
		return usage("--wait --every 30s --for 2h", "--every and --for must be above 0")
	case f.replay != "" || f.record != "":
		return usage("leave --wait out", "--wait looks at the live world; it cannot be recorded or replayed")
	case f.user != "":
		return usage("leave --user out", "--wait does not log in again and again")
	}
	return nil
}

// expiries is a DNS resolver that notes until when the one behind it, which has
// a cache, will give the same answer. It stands under our own cache, which
// keeps answers exactly as long, so that nothing is asked before that is of use.
type expiries struct {
	next dnsrec.Resolver

	mu    sync.Mutex
	until map[dnsrec.Query]time.Time
}

// The bounds of the cache while waiting. A TTL of a week cannot be waited for.
const (
	waitMinTTL = time.Second
	waitMaxTTL = 7 * 24 * time.Hour
)

// behind puts the expiries and their cache in front of a resolver.
func (x *expiries) behind(next dnsrec.Resolver) dnsrec.Resolver {
	x.next, x.until = next, map[dnsrec.Query]time.Time{}
	return dnsrec.NewCache(x, dnsrec.CacheOptions{MinTTL: waitMinTTL, MaxTTL: waitMaxTTL, ErrorTTL: waitMinTTL})
}

// Lookup asks, and notes the TTL of the answer.
func (x *expiries) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a, err := x.next.Lookup(ctx, q)
	if err == nil {
		x.mu.Lock()
		x.until[q] = time.Now().Add(min(max(a.TTL, waitMinTTL), waitMaxTTL))
		x.mu.Unlock()
	}
	return a, err
}

// earliest returns the first moment at which one of the questions may have
// another answer; of all questions that were asked, if none are given.
func (x *expiries) earliest(qs []dnsrec.Query) (first time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(qs) == 0 {
		qs = slices.Collect(maps.Keys(x.until))
	}
	for _, q := range qs {
		if t := x.until[q]; first.IsZero() || t.Before(first) {
			first = t
		}
	}
	return first
}

// reasons returns the questions whose answers a finding rests on; none if they
// cannot be named. outside reports whether it rests on more than DNS.
func reasons(f *report.Finding) (qs []dnsrec.Query, outside bool) {
	unnamed := false
	for _, e := range f.Evidence {
		switch {
		case e.Kind == "smtp" || e.Kind == "https" || e.Kind == "certificate":
			outside = true
		case e.Query != nil:
			qs = append(qs, dnsrec.Q(e.Query.Name, dnsrec.Type(e.Query.Type)))
		case e.Kind == "answer": // follows from several answers
			unnamed = true
		}
	}
	if unnamed {
		return nil, outside
	}
	return qs, outside
}

// nextLook reports when it is worth to look again: when something that a problem
// rests on may have changed, but not before every has passed.
func (x *expiries) nextLook(now time.Time, every time.Duration, problems []report.Finding) time.Time {
	next := now.Add(every)
	var first time.Time
	for i := range problems {
		qs, outside := reasons(&problems[i])
		if outside {
			return next
		}
		if t := x.earliest(x.known(qs)); first.IsZero() || t.Before(first) {
			first = t
		}
	}
	if first.After(next) {
		return first
	}
	return next
}

// known leaves out what was never answered, such as a question that timed out.
func (x *expiries) known(qs []dnsrec.Query) []dnsrec.Query {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.DeleteFunc(qs, func(q dnsrec.Query) bool { return x.until[q].IsZero() })
}

// round is one look at all domains.
type round struct {
	events   []report.Event
	tally    report.Tally
	states   map[string]report.Status // by domain, code and subject
	problems []report.Finding
	domain   string
}

func (r *round) Emit(e report.Event) error {
	switch {
	case e.Begin != nil:
		r.domain = e.Begin.Domain
	case e.Finding != nil:
		f := e.Finding
		key := r.domain + " " + f.Code
		if f.Subject != "" && f.Subject != r.domain {
			key += " (" + f.Subject + ")"
		}
		r.states[key] = max(r.states[key], f.Status)
		if bad(f.Status) && !f.Optional {
			r.problems = append(r.problems, *f)
		}
	}
	r.events = append(r.events, e)
	return r.tally.Emit(e)
}

// waiting repeats a run.
type waiting struct {
	*waitFlags
	x    *expiries
	look func(context.Context, report.Sink) error // one whole run
	err  io.Writer
	tell bool
}

// until looks again and again until all passes, the time is up or ctx ends. It
// gives the last look.
func (w *waiting) until(ctx context.Context) (*round, error) {
	end := time.Now().Add(w.limit)
	var last *round
	for {
		r := &round{states: map[string]report.Status{}}
		if err := w.look(ctx, r); err != nil {
			return r, err
		}
		w.compare(last, r)
		last = r
		now := time.Now()
		if ctx.Err() != nil || r.tally.ExitCode() == exitOK {
			return r, nil
		}
		next := w.x.nextLook(now, w.every, w.deciding(r))
		if next.After(end) {
			w.say("not passed, and the time of --for is up before the next look could show a change (%s)", clock(next))
			return r, nil
		}
		if next.After(now.Add(w.every)) {
			w.say("next look at %s: the resolver keeps the old answer until then", clock(next))
		}
		if pause.For(ctx, next.Sub(now)) != nil {
			return r, nil
		}
	}
}

// deciding returns the problems that keep the run from passing: under the
// default --fail-on, a warning does not.
func (w *waiting) deciding(r *round) []report.Finding {
	var out []report.Finding
	for _, f := range r.problems {
		if f.Status != report.Warn {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return r.problems
	}
	return out
}

// compare reports what changed since the last look, one line each; at the first
// look, what is waited for.
func (w *waiting) compare(last, r *round) {
	for _, key := range slices.Sorted(maps.Keys(r.states)) {
		is := r.states[key]
		switch {
		case last == nil && bad(is):
			w.say("%s is %s", key, is)
		case last != nil && is != last.states[key] && (bad(is) || bad(last.states[key])):
			was := last.states[key].String()
			if last.states[key] == report.Unset {
				was = "not there"
			}
			w.say("%s is %s (was %s)", key, is, was)
		}
	}
	if last == nil {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(last.states)) {
		if _, still := r.states[key]; !still && bad(last.states[key]) {
			w.say("%s is gone (was %s)", key, last.states[key])
		}
	}
}

func (w *waiting) say(format string, args ...any) {
	if w.tell {
		fmt.Fprintln(w.err, "maildiag:", clock(time.Now()), oneLine(fmt.Sprintf(format, args...)))
	}
}

// clock returns the time of day, with the day if it is not today.
func clock(t time.Time) string {
	if time.Until(t).Abs() > 12*time.Hour {
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("15:04:05")
}

// checkAgain repeats look until it passes, and renders the last look.
func (a *app) checkAgain(ctx context.Context, f *checkFlags, envs []*kit.Env, all *changes, out *output,
	look func(context.Context, report.Sink) error) error {
	w := &waiting{waitFlags: &f.waitFlags, x: f.expiries, err: a.err, tell: !f.quiet}
	w.look = func(ctx context.Context, r report.Sink) error {
		for _, env := range envs {
			if f.asOf == "" {
				env.Now = time.Now()
			}
		}
		return look(ctx, all.before(r))
	}
	r, err := w.until(ctx)
	for _, e := range r.events {
		if err == nil {
			err = out.Emit(e)
		}
	}
	return out.finish(ctx, err)
}
