package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"maildiag/checks/kit/pause"
)

// Pauses between tries.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 10 * time.Second
)

// patience is how long a server may be out of reach or report faults of its own,
// such as while it restarts.
const patience = 2 * time.Minute

// GaveUp is the error of a request that failed each time.
type GaveUp struct {
	After time.Duration
	Last  error // what the last try met
}

func (e *GaveUp) Error() string { return fmt.Sprintf("given up after %v: %v", e.After, e.Last) }
func (e *GaveUp) Unwrap() error { return e.Last }

// Patience decides how often a request that fails is repeated. Its zero value is
// ready for use.
type Patience struct {
	pause  time.Duration
	waited time.Duration // since the server last worked
	why    string        // as was last said
}

// After returns how long to wait after an error, and the error to end with, if
// waiting does not help. A server that says when there is room may take as long as
// it likes: it works.
func (p *Patience) After(err error) (time.Duration, error) {
	refused, ok := errors.AsType[*Error](err)
	if ok && refused.Status < 500 && refused.Status != http.StatusTooManyRequests {
		return 0, err
	}
	p.pause = min(max(2*p.pause, firstPause), lastPause)
	if ok && refused.Wait > 0 && (refused.Status == http.StatusTooManyRequests || refused.Status == http.StatusServiceUnavailable) {
		p.waited = 0
		return refused.Wait, nil
	}
	if p.waited >= patience {
		return 0, &GaveUp{p.waited, err}
	}
	p.waited += p.pause
	return p.pause, nil
}

// IsFault reports whether maildiagd answered that it has a fault of its own, such as
// while its NATS servers choose a new leader.
func IsFault(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Problem != nil && e.Status >= http.StatusInternalServerError
}

// Works notes that the server works.
func (p *Patience) Works() { *p = Patience{} }

// insist sends a request until there is an answer that waiting cannot change.
func (c *Client) insist(ctx context.Context, in any, path ...string) error {
	var p Patience
	for {
		err := c.send(ctx, http.MethodPut, in, path...)
		if err == nil || ctx.Err() != nil {
			return err
		}
		wait, final := p.After(err)
		if final != nil {
			return final
		}
		if c.Waiting != nil && p.why != err.Error() {
			p.why = err.Error()
			c.Waiting(p.why)
		}
		if err := c.Pause(ctx, wait); err != nil {
			return err
		}
	}
}

// Pause returns after d, or when ctx ends.
func (c *Client) Pause(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	return pause.For(ctx, d)
}
