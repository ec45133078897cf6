package kit

import (
	"sync"
	"time"
)

// SlowFactor is how many domains for each place may wait for answers that take
// long, such as those of name servers that never answer.
const SlowFactor = 8

// stallTime is how long no domain may end before those that wait leave their places.
const stallTime = 250 * time.Millisecond

// Progress says how the domains of a list end, for [Env.Slow]. The zero value is ready.
type Progress struct {
	mu      sync.Mutex
	done    time.Time // when a domain was last done
	started time.Time // the latest start of a domain that is done
}

// Stuck reports whether a domain waits longer than others do. On a busy machine all
// wait long: then one that starts later is not done sooner.
func (p *Progress) Stuck(since time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started.After(since) || !p.done.After(since) && time.Since(since) >= stallTime
}

// Ended notes that a domain is done.
func (p *Progress) Ended(start time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done = time.Now(); start.After(p.started) {
		p.started = start
	}
}
