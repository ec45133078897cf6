package limit

import (
	"errors"
	"net/netip"
	"sync"
	"time"
)

// ErrBusy is returned if an address gets as many connections as it may.
var ErrBusy = errors.New("this server has had as many connections as one may get")

// Hosts bounds the connections to one address, no matter who asks for them: so many
// at once, and so many a minute. An IPv6 address counts with its whole /64.
type Hosts struct {
	atOnce  int
	minutes *Buckets

	mu   sync.Mutex
	open map[netip.Prefix]int
}

// maxHosts is how many addresses are kept in mind.
const maxHosts = 1 << 16

// NewHosts returns bounds for each address.
func NewHosts(atOnce, aMinute int) *Hosts {
	return &Hosts{atOnce: atOnce, minutes: NewBuckets(aMinute, time.Minute, maxHosts), open: map[netip.Prefix]int{}}
}

// Enter takes note of a connection to addr until leave is called, or returns
// [ErrBusy].
func (h *Hosts) Enter(addr netip.Addr, now time.Time) (leave func(), err error) {
	key := Site(addr)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[key] >= h.atOnce {
		return nil, ErrBusy
	}
	if _, ok := h.minutes.Take(key.String(), now); !ok {
		return nil, ErrBusy
	}
	h.open[key]++
	return sync.OnceFunc(func() { h.leave(key) }), nil
}

func (h *Hosts) leave(key netip.Prefix) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[key]--; h.open[key] == 0 {
		delete(h.open, key)
	}
}

// Site returns the block whose addresses are one party: an IPv4 address alone,
// the /64 of an IPv6 address.
func Site(addr netip.Addr) netip.Prefix {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.Prefix(bits) // bits fit the family
	return p
}
