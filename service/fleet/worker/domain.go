package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// result is the report of a domain.
type result struct {
	line    []byte // as in the format jsonl
	verdict report.Verdict
	unsure  bool // something could not be checked
}

// lateTime is how long a check may go on after its time. One that does not end
// then never will, and is left alone.
const lateTime = 15 * time.Second

// domain checks a domain in its turn.
func (w *Worker) domain(ctx context.Context, p *piece, domain string) result {
	if p.giveUp {
		return w.unfinished(p, domain)
	}
	if w.operators.wait(ctx, w.World().DNS, domain) != nil {
		return result{} // the part is not stored
	}
	place, err := w.slots.enter(ctx)
	if err != nil {
		return result{} // neither
	}
	defer place.end()
	done := make(chan result, 1)
	w.start(func() { done <- w.examine(ctx, p, domain, place) })
	most := time.Duration(p.opts.Timeout)*time.Second + w.late
	if p.opts.DialMX {
		most += dialTime
	}
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case r := <-done:
		return r
	case <-late.C:
		w.Log.Error("the checks of a domain do not end", "run", p.Run, "domain", domain)
		return w.unfinished(p, domain)
	}
}

// start runs f beside the caller, on a goroutine that has run another one before if
// there is one: its stack has grown already.
func (w *Worker) start(f func()) {
	select {
	case w.spare <- f:
	default:
		go func() {
			for ok := true; ok; f, ok = <-w.spare {
				f()
			}
		}()
	}
}

// examine checks a domain. What panics is reported as not finished.
func (w *Worker) examine(ctx context.Context, p *piece, domain string, place *slot) (r result) {
	defer func() {
		if v := recover(); v != nil {
			w.Log.Error("internal error", "run", p.Run, "domain", domain, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			r = w.unfinished(p, domain)
		}
	}()
	ascii, unicode, err := kit.MailDomain(domain)
	if err != nil {
		return w.unfinished(p, domain)
	}
	if unicode == ascii {
		unicode = ""
	}
	env := p.opts.Env(ascii, unicode, w.now())
	env.World, env.Resolver, env.TrustAD, env.RecordCache = w.world(p), w.Resolver, w.TrustAD, &w.records
	env.Slow = func(since time.Time) bool { return w.slots.ends.Stuck(since) && place.leave() }
	limited, cancel := dnsrec.WithTimeout(ctx, time.Duration(p.opts.Timeout)*time.Second)
	defer cancel()
	if r, err = w.line(p.start, func(sink report.Sink) error { return w.Examine(limited, env, p.rows, sink) }); err != nil {
		w.Log.Error("internal error", "run", p.Run, "domain", domain, "error", err)
		return w.unfinished(p, domain)
	}
	return r
}

// unfinished is the report of a domain that has no result.
func (w *Worker) unfinished(p *piece, domain string) result {
	begin := report.Event{Begin: &report.Begin{Domain: domain, Started: p.start.Started, Resolver: w.Resolver, Expect: p.opts.Expect}}
	r, err := w.line(p.start, func(sink report.Sink) error {
		return errors.Join(sink.Emit(begin), sink.Emit(report.Event{End: &report.End{Domain: domain, Cut: true}}))
	})
	if err != nil {
		w.Log.Error("internal error", "run", p.Run, "domain", domain, "error", err)
	}
	return r
}

// liner makes reports, one after the other.
type liner struct {
	report.Sink
	last result
}

func newLiner() *liner {
	l := &liner{}
	l.Sink = report.CollectLines(func(rep *report.Report, line []byte) error {
		l.last = result{line: bytes.Clone(line), verdict: rep.Verdict()}
		l.last.unsure = l.last.verdict == report.CouldNotTell
		for i := range rep.Findings {
			l.last.unsure = l.last.unsure || rep.Findings[i].Status == report.Unknown
		}
		return nil
	})
	return l
}

// line makes a report of the events of a domain. A liner is used again if nothing
// went wrong: its memory has grown already.
func (w *Worker) line(start *report.Start, events func(report.Sink) error) (result, error) {
	to, ok := w.liners.Get().(*liner)
	if !ok {
		to = newLiner()
	}
	to.last = result{}
	err := to.Emit(report.Event{Start: start})
	if err == nil {
		err = events(to)
	}
	if err != nil {
		return result{}, err
	}
	r := to.last
	w.liners.Put(to)
	return r, nil
}
