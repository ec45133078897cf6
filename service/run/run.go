package run

import (
	"context"
	"errors"
	"sync"

	"maildiag/report"
)

// Run is a check under way, or done. Any number of clients follow it.
type Run struct {
	ID      string // 128 random bits
	Request Request

	cancel context.CancelCauseFunc

	mu      sync.Mutex
	events  []report.Event
	place   int // in the queue; 0: it runs
	done    bool
	err     error         // why there is no result
	holders int           // clients that want it
	kept    bool          // it has a permalink: it is finished even if nobody waits
	changed chan struct{} // closed at the next change
}

// errNobody ends a run that nobody waits for.
var errNobody = errors.New("nobody waits for the result any more")

// State is how far a run is.
type State struct {
	Place int // in the queue; 0: it runs
	Done  bool
	Err   error // done without a result
}

// After returns the events after the first n, and a channel that is closed when
// there is more to know.
func (r *Run) After(n int) ([]report.Event, State, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[min(n, len(r.events)):len(r.events):len(r.events)], State{r.place, r.done, r.err}, r.changed
}

// Follow hands all events to sink as they come, and each change of the place in
// the queue to moved. It returns when the run is done, with the error of the
// run, of sink or of ctx.
func (r *Run) Follow(ctx context.Context, moved func(place int) error, sink report.Sink) error {
	n, place := 0, 0
	for {
		events, state, changed := r.After(n)
		if state.Place != place {
			place = state.Place
			if err := moved(place); err != nil {
				return err
			}
		}
		for _, e := range events {
			if err := sink.Emit(e); err != nil {
				return err
			}
		}
		if n += len(events); state.Done {
			return state.Err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Wait returns the report when the run is done.
func (r *Run) Wait(ctx context.Context) (rep *report.Report, err error) {
	err = r.Follow(ctx, func(int) error { return nil }, report.Collect(func(one *report.Report) error {
		rep = one
		return nil
	}))
	return rep, err
}

// Release says that a client that started or joined the run is gone. The run
// ends with the last one, unless it is kept.
func (r *Run) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.holders--; r.holders == 0 && !r.kept && !r.done {
		r.cancel(errNobody)
	}
}

// hold adds a client, unless the run is about to end without a result.
func (r *Run) hold(keep bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done || r.holders == 0 && !r.kept {
		return false
	}
	r.holders++
	r.kept = r.kept || keep
	return true
}

// update changes the run and wakes those who follow it.
func (r *Run) update(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	close(r.changed)
	r.changed = make(chan struct{})
}

// Emit implements [report.Sink].
func (r *Run) Emit(e report.Event) error {
	r.update(func() { r.events = append(r.events, e) })
	return nil
}

// finished returns the events and whether they are to be kept.
func (r *Run) finished() ([]report.Event, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events, r.kept && r.err == nil
}
