package httpsget

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const (
	silentAfter   = 3               // fetches in turn that an address did not answer in time
	silentTimeout = 2 * time.Second // of one more fetch from such an address
	silentMost    = 1 << 14         // addresses that are remembered
)

// silence knows the addresses that did not answer. A list may hold thousands of domains
// whose web host is the same dead server: after a few of them, the others are not
// waited for as long.
type silence struct {
	mu    sync.Mutex
	times map[netip.Addr]int // fetches since the last that was answered
}

// bound ends a fetch from addresses all of which were silent before sooner than others.
func (s *silence) bound(ctx context.Context, addrs []netip.Addr) (context.Context, context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(addrs, func(a netip.Addr) bool { return s.times[a] < silentAfter }) {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, silentTimeout)
}

// note notes whether the addresses of a fetch were silent.
func (s *silence) note(addrs []netip.Addr, silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range addrs {
		switch {
		case !silent:
			delete(s.times, a)
		case s.times == nil:
			s.times = map[netip.Addr]int{a: 1}
		case s.times[a] > 0 || len(s.times) < silentMost:
			s.times[a]++
		}
	}
}
