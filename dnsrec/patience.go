package dnsrec

import (
	"context"
	"time"
)

// patience is how long the owner of a [Budget] waits for all questions of one
// Wait. Its timer is used again.
type patience struct {
	left    time.Duration
	timer   *time.Timer // nil before the first wait
	running bool
	over    bool
}

func (p *patience) begin(d time.Duration) { p.left, p.running, p.over = d, false, d <= 0 }

func (p *patience) end() {
	if p.running {
		p.timer.Stop()
	}
}

// wait waits until done can be received from, and reports whether it could. If
// there is no patience left, it only looks.
func (p *patience) wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
	}
	if p.over {
		return false
	}
	p.start()
	select {
	case <-done:
		return true
	case <-p.timer.C:
	case <-ctx.Done():
	}
	p.over = true
	return false
}

func (p *patience) start() {
	switch {
	case p.running:
		return
	case p.timer == nil:
		p.timer = time.NewTimer(p.left)
	default:
		p.timer.Reset(p.left)
	}
	p.running = true
}
