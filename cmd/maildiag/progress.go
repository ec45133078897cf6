package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"maildiag/report"
)

const (
	progressAfter = time.Second
	progressEvery = 200 * time.Millisecond
)

// progress is a Sink that tells on stderr what is being waited for, once that
// takes over a second. It writes one line and takes it back before anything
// else is written, since stdout may be the same terminal.
type progress struct {
	inner report.Sink
	err   io.Writer

	mu     sync.Mutex
	checks []report.CheckInfo
	domain string
	check  string // last one that reported
	since  time.Time
	shown  bool
	stop   chan struct{}
}

// withProgress adds progress to a sink if stderr is a terminal.
func (a *app) withProgress(inner report.Sink) report.Sink {
	if _, ok := terminalOf(a.err); !ok || os.Getenv("TERM") == "dumb" {
		return inner
	}
	return &progress{inner: inner, err: a.err}
}

func (p *progress) Emit(e report.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	switch {
	case e.Start != nil:
		p.checks = e.Start.Checks
	case e.Begin != nil:
		p.end()
		p.domain, p.check, p.since = e.Begin.Domain, "", time.Now()
		p.stop = make(chan struct{})
		go p.watch(p.stop)
	case e.Finding != nil:
		p.check = e.Finding.Check
	case e.End != nil, e.Stop != nil:
		p.end()
	}
	err := p.inner.Emit(e)
	if err != nil { // nothing comes after it
		p.end()
	}
	return err
}

// end stops watching, if it goes on.
func (p *progress) end() {
	if p.stop != nil {
		close(p.stop)
		p.stop = nil
	}
}

// watch shows the line until stop.
func (p *progress) watch(stop chan struct{}) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			p.mu.Lock()
			if took := time.Since(p.since); took > progressAfter && p.stop == stop {
				fmt.Fprintf(p.err, "\r\x1b[Kmaildiag: %s: waiting for %s (%.0f s)", p.domain, p.next(), took.Seconds())
				p.shown = true
			}
			p.mu.Unlock()
		}
	}
}

// next names the check whose findings come next.
func (p *progress) next() string {
	for i, c := range p.checks {
		if c.ID == p.check && i+1 < len(p.checks) {
			return p.checks[i+1].ID
		}
	}
	if p.check == "" && len(p.checks) > 0 {
		return p.checks[0].ID
	}
	return "the end"
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.err, "\r\x1b[K")
		p.shown = false
	}
}
