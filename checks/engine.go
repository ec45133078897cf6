package checks

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/plan"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Run examines one domain: it emits a Begin, the findings of the rows of cs in
// the order of cs, each as soon as it and all before it are ready, and an End.
//
// All rows gather at once, and what they miss is asked in one batch. A row
// gathers again when all that it missed has landed, and is judged when it
// misses nothing. A row that needs one that failed is skipped. A row that
// panics, finds nothing or leaves a status unset becomes Unknown with the cause
// local, and the others go on. What is to be done about the findings is in the
// End, as a plan that was proven by the same rows over a changed world. No
// goroutine outlives the call. The error is the sink's.
func Run(ctx context.Context, env *kit.Env, cs []kit.Check, sink report.Sink) error {
	began := time.Now()
	if env.Prefetch != nil {
		began = began.Add(-env.Prefetch.Waited())
	}
	err := sink.Emit(report.Event{Begin: &report.Begin{
		Domain: env.Domain, Unicode: env.Unicode, Started: env.Started(),
		Resolver: env.Resolver, Expect: string(env.Expect),
	}})
	if err != nil {
		return err
	}
	a := kit.NewAnswers(ctx, env)
	defer a.Close()
	known := a.World(env)
	x := newExamination(a, known, cs, sink)
	defer x.free()
	x.began = began
	if err := x.examine(); err != nil {
		return err
	}
	end := kit.EndOf(known)
	if !env.NoPlan && ctx.Err() == nil {
		again := newExamination(a, known, cs, unheard{}) // of one changed world after the other
		defer again.free()
		end.Plan = plan.Make(known, x.findings(), func(changes []dnsrec.Change) ([]*report.Finding, *kit.Known) {
			view := known.With(changes...)
			again.restart(view)
			again.inherit(x)
			_ = again.examine() // it has no errors of its own
			return again.findings(), view
		})
	}
	end.Elapsed, end.Queries, end.Cut = time.Since(began), a.Queries(), ctx.Err() != nil
	return sink.Emit(report.Event{End: end})
}

// Opening returns the questions that the rows of cs ask about a domain when nothing is
// known.
func Opening(env *kit.Env, cs []kit.Check) []dnsrec.Query {
	a := kit.NewAnswers(context.Background(), env)
	defer a.Close()
	x := newExamination(a, a.World(env), cs, unheard{})
	defer x.free()
	x.gather()
	x.collect()
	return x.missed.Questions()
}

// unheard is the sink of a world that is only tried.
type unheard struct{}

func (unheard) Emit(report.Event) error { return nil }

// examination is the state of the rows of one domain.
type examination struct {
	answers *kit.Answers
	known   *kit.Known
	rows    []row
	failed  map[string]string // row ID → why rows that need it are skipped
	next    int               // the first row that is not emitted
	sink    report.Sink
	began   time.Time
	missed  kit.Missed // by all rows; see ask
}

// row is a check on its way to its findings.
type row struct {
	*kit.Check
	missed   kit.Missed // since it gathered last
	rounds   int
	judged   bool
	findings []report.Finding
}

// examinations are pooled: the lists of what rows miss keep their room from one domain
// to the next.
var examinations = sync.Pool{New: func() any { return &examination{failed: map[string]string{}} }}

func newExamination(a *kit.Answers, k *kit.Known, cs []kit.Check, sink report.Sink) *examination {
	x := examinations.Get().(*examination)
	x.answers, x.known, x.sink, x.began = a, k, sink, time.Now()
	x.rows = slices.Grow(x.rows[:0], len(cs))[:len(cs)]
	for i := range cs {
		x.rows[i].Check = &cs[i]
	}
	return x
}

// free ends the use of an examination.
func (x *examination) free() {
	x.restart(nil)
	for i := range x.rows {
		x.rows[i].Check = nil
	}
	x.missed.Reset()
	x.answers, x.sink = nil, nil
	examinations.Put(x)
}

// restart makes it the examination of another world. What it found stays as it is.
func (x *examination) restart(k *kit.Known) {
	x.known, x.next, x.began = k, 0, time.Now()
	clear(x.failed)
	for i := range x.rows {
		r := &x.rows[i]
		r.missed.Reset()
		*r = row{Check: r.Check, missed: r.missed}
	}
}

// inherit takes over what an examination of the world as it is found in rows that
// the changes do not concern, and in those about servers.
func (x *examination) inherit(of *examination) {
	for i := range of.rows {
		if r := &of.rows[i]; r.Live || !x.known.Concerned(&r.missed) {
			x.rows[i].judged, x.rows[i].findings = true, r.findings
			x.note(&x.rows[i])
		}
	}
}

// examine judges rows over what is known, and asks what they miss.
func (x *examination) examine() error {
	for {
		x.gather()
		if err := x.emit(); err != nil || x.next == len(x.rows) {
			return err
		}
		x.ask()
		for !slices.ContainsFunc(x.rows, x.ready) {
			x.answers.Wait()
		}
	}
}

// ready reports whether a row has all that it missed.
func (x *examination) ready(r row) bool { return !r.judged && x.known.Landed(&r.missed) }

// gather runs the rows that are ready.
func (x *examination) gather() {
	for i := range x.rows {
		r := &x.rows[i]
		if r.judged {
			continue
		}
		if code, bad := x.blocked(r); bad {
			r.judged, r.findings = true, []report.Finding{skipped(r.Check, code)}
		} else if x.known.Landed(&r.missed) {
			x.run(r)
		}
		if r.judged {
			x.note(r)
		}
	}
}

// run gathers a row once, and judges it if it misses nothing.
func (x *examination) run(r *row) {
	fs := x.known.RunCheck(r.Check, &r.missed)
	if r.rounds++; r.missed.Any() && r.rounds < kit.MaxRounds {
		return
	}
	for i := range fs {
		fs[i].Elapsed = time.Since(x.began)
	}
	r.judged, r.findings = true, fs
}

// ask sends what the rows miss, in one batch.
func (x *examination) ask() {
	x.collect()
	x.answers.Ask(&x.missed)
}

// collect notes what all rows miss.
func (x *examination) collect() {
	x.missed.Reset()
	for i := range x.rows {
		if r := &x.rows[i]; !r.judged {
			x.missed.Add(&r.missed)
		}
	}
}

// blocked returns the code of a finding because of which a row is skipped.
func (x *examination) blocked(r *row) (code string, bad bool) {
	for _, n := range r.Needs {
		if code, bad = x.failed[n]; bad {
			return code, true
		}
	}
	return "", false
}

// note keeps why rows that need this one are skipped.
func (x *examination) note(r *row) {
	for _, f := range r.findings {
		if f.Status == report.Fail || f.Status == report.Unknown {
			x.failed[r.ID] = f.Code
		}
	}
	if code, bad := x.blocked(r); bad {
		x.failed[r.ID] = code
	}
}

// emit emits the rows that are judged, up to the first that is not.
func (x *examination) emit() error {
	for ; x.next < len(x.rows) && x.rows[x.next].judged; x.next++ {
		r := &x.rows[x.next]
		if code, bad := x.blocked(r); bad { // what it needs was judged after it
			r.findings = []report.Finding{skipped(r.Check, code)}
		}
		for i := range r.findings {
			if err := x.sink.Emit(report.Event{Finding: &r.findings[i]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// findings lists what all rows found, in their order.
func (x *examination) findings() []*report.Finding {
	n := 0
	for i := range x.rows {
		n += len(x.rows[i].findings)
	}
	all := make([]*report.Finding, 0, n)
	for i := range x.rows {
		for j := range x.rows[i].findings {
			all = append(all, &x.rows[i].findings[j])
		}
	}
	return all
}

func skipped(c *kit.Check, code string) report.Finding {
	return report.Finding{
		Check: c.ID, Code: c.ID + ".skipped", Status: report.Skip, Blocked: true,
		Summary: fmt.Sprintf("skipped because of %s above", code),
	}
}
