package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
)

const (
	badShown   = 1000             // bad lines that are told one by one
	tellEvery  = 10 * time.Second // a line of progress, where there is no terminal
	barColumns = 24
)

// console is stderr during a run over a list: messages, and progress as a bar
// on a terminal and as a line now and then elsewhere. How far the run is, it
// tells by the bytes of the list, which need not be counted first.
type console struct {
	err      io.Writer
	quiet    bool
	terminal bool
	size     int64
	began    time.Time

	mu     sync.Mutex
	bad    int
	done   int
	taken  int   // domains of the list so far
	end    int64 // bytes of the list up to them
	shown  bool
	ticker *time.Ticker
	ended  chan struct{}
	wg     sync.WaitGroup
}

func newConsole(err io.Writer, quiet bool, size int64) *console {
	_, terminal := terminalOf(err)
	c := &console{err: err, quiet: quiet, size: size, began: time.Now(), ended: make(chan struct{})}
	c.terminal = terminal && os.Getenv("TERM") != "dumb"
	if quiet {
		return c
	}
	every := tellEvery
	if c.terminal {
		every = progressEvery
	}
	c.ticker = time.NewTicker(every)
	c.wg.Go(c.watch)
	return c
}

func (c *console) watch() {
	for {
		select {
		case <-c.ended:
			return
		case <-c.ticker.C:
			c.mu.Lock()
			c.tell(time.Since(c.began))
			c.mu.Unlock()
		}
	}
}

// tell shows how far the run is.
func (c *console) tell(took time.Duration) {
	if !c.terminal {
		fmt.Fprintln(c.err, "maildiag:", c.status(took))
		return
	}
	if took > progressAfter {
		fmt.Fprint(c.err, "\r\x1b[K", c.bar(), c.status(took))
		c.shown = true
	}
}

// part reports how much of the list is done, 0 to 1; 0 if that is not known.
func (c *console) part() float64 {
	if c.size <= 0 {
		return 0
	}
	return min(float64(c.end)/float64(c.size)*float64(c.done)/float64(max(c.taken, 1)), 1)
}

func (c *console) bar() string {
	if c.size <= 0 {
		return ""
	}
	full := int(c.part() * barColumns)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", barColumns-full) + "] "
}

// status reports count, part, rate and what is left: "1200 domains, 34 %,
// 410/s, 6 s left".
func (c *console) status(took time.Duration) string {
	rate := float64(c.done) / max(took.Seconds(), 0.001)
	s := kit.Plural(c.done, "domain", "domains")
	part := c.part()
	if part > 0 {
		s += fmt.Sprintf(", %.0f %%", 100*part)
	}
	s += fmt.Sprintf(", %.3g/s", rate)
	if part > 0 && part < 1 {
		s += ", " + shortTime(time.Duration(float64(took)*(1-part)/part)) + " left"
	}
	return s
}

// progress notes how many domains are done.
func (c *console) progress(done int) {
	c.mu.Lock()
	c.done = done
	c.mu.Unlock()
}

// read notes that a domain is to be done, which the list holds up to end.
func (c *console) read(end int64) {
	c.mu.Lock()
	c.taken, c.end = c.taken+1, end
	c.mu.Unlock()
}

// badLine reports a line that names no domain.
func (c *console) badLine(list string, line int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bad++
	switch {
	case c.bad <= badShown:
		c.say("%s line %d is left out: %s", list, line, dnsrec.NameFault(err))
	case c.bad == badShown+1:
		c.say("%s: over %d lines name no domain; the others are only counted", list, badShown)
	}
}

// note reports something about the run.
func (c *console) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.quiet {
		c.say(format, args...)
	}
}

func (c *console) say(format string, args ...any) {
	c.clear()
	fmt.Fprintln(c.err, "maildiag:", oneLine(fmt.Sprintf(format, args...)))
}

func (c *console) clear() {
	if c.shown {
		fmt.Fprint(c.err, "\r\x1b[K")
		c.shown = false
	}
}

// stop ends the progress.
func (c *console) stop() {
	close(c.ended)
	c.wg.Wait()
	if c.ticker != nil {
		c.ticker.Stop()
	}
	c.clear()
}

// shortTime returns a duration as a person says it: "0.4 s", "90 s", "12 min",
// "3.5 h".
func shortTime(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}
