package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/pause"
	"maildiag/checks/migrate"
	"maildiag/report"
)

// validateWait refuses what cannot be waited for, and prepares a cache that forgets
// in time.
func (f *migrateFlags) validateWait() error {
	switch {
	case !f.wait:
		return nil
	case f.every <= 0 || f.limit <= 0:
		return usage("--wait --every 1m --for 2h", "--every and --for must be above 0")
	case f.replay != "" || f.record != "" || f.zone.file != "" || f.list != "":
		return usage("leave --wait out", "--wait looks at one domain in the live world, not at a recording, a zone file or a list")
	}
	f.expiries = new(expiries)
	return nil
}

// assessed assesses a domain, with --wait until it has settled; settled is true
// without --wait.
func (a *app) assessed(ctx context.Context, env *kit.Env, o migrate.Options, f *migrateFlags, w *world) (r *migrate.Report, settled bool) {
	if !f.wait {
		return f.assess(ctx, env, o, w), true
	}
	s := &settling{waitFlags: f.waitFlags, err: a.err, now: time.Now, sleep: pause.For}
	return s.until(ctx, func(ctx context.Context) *migrate.Report {
		if f.asOf == "" {
			env.Now = time.Now()
		}
		return f.assess(ctx, env, o, w)
	})
}

// settling repeats the look at a move. Its clock can be played.
type settling struct {
	waitFlags
	err   io.Writer
	now   func() time.Time
	sleep func(context.Context, time.Duration) error

	old time.Time // when caches have forgotten the records that were seen to change
}

// until looks again and again until the records of the stage are everywhere, the
// time is up or ctx ends. It returns the last look, and whether it has settled.
func (s *settling) until(ctx context.Context, look func(context.Context) *migrate.Report) (r *migrate.Report, settled bool) {
	end := s.now().Add(s.limit)
	var last *migrate.Report
	for {
		r = look(ctx)
		now := s.now()
		s.compare(last, r, now)
		switch {
		case ctx.Err() != nil:
			return r, false
		case r.Settled() && !now.Before(s.old):
			s.say(now, "every name server that has the zone, and every resolver that was asked, has the records of stage %s", r.Stage)
			return r, true
		case now.Add(s.every).After(end):
			s.say(now, "the time of --for is up")
			return r, false
		}
		last = r
		s.sleep(ctx, s.every)
	}
}

// compare says what changed since the last look, one line each; at the first look,
// what is waited for.
func (s *settling) compare(last, r *migrate.Report, now time.Time) {
	if last == nil || last.Stage != r.Stage {
		s.say(now, "stage %s", r.Stage)
	}
	var before []string
	if last != nil {
		before = reasonsOf(last)
		s.changed(last, r, now)
	}
	is := reasonsOf(r)
	for _, x := range is {
		if !slices.Contains(before, x) {
			s.say(now, "waiting: %s", x)
		}
	}
	for _, x := range before {
		if !slices.Contains(is, x) {
			s.say(now, "done: %s", x)
		}
	}
}

// reasonsOf lists what a report still waits for.
func reasonsOf(r *migrate.Report) (list []string) {
	for _, x := range r.Reasons {
		list = append(list, x.Text)
	}
	if r.Authority != nil {
		for _, p := range r.Authority.Problems {
			if text := p.String(); !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return list
}

// changed notes until when caches may have the records that a look replaced.
func (s *settling) changed(last, r *migrate.Report, now time.Time) {
	for _, c := range migrate.Changed(last, r) {
		if until := now.Add(c.Longest()); until.After(s.old) {
			s.old = until
		}
		s.say(now, "%s %s has changed: caches may have the old record until %s", c.Name, c.Type, clock(now.Add(c.Longest())))
	}
}

func (s *settling) say(at time.Time, format string, args ...any) {
	fmt.Fprintln(s.err, "maildiag:", at.Format("15:04:05"), oneLine(report.Clean(fmt.Sprintf(format, args...))))
}
