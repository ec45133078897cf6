package smtptest

import (
	"context"
	"maps"
	"net"
	"sync"
)

// Meter is a smtpprobe.Dialer that counts the connections open at a time, by a group of
// hosts. A connection counts from the moment that it is asked for until it is closed.
type Meter struct {
	Net   *Net
	Group func(host string) int

	mu   sync.Mutex
	open map[int]int
	most map[int]int
}

// DialContext connects as the network does.
func (m *Meter) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, _ := net.SplitHostPort(address)
	group := m.Group(host)
	m.count(group, 1)
	c, err := m.Net.DialContext(ctx, network, address)
	if err != nil {
		m.count(group, -1)
		return nil, err
	}
	return &metered{c, sync.OnceFunc(func() { m.count(group, -1) })}, nil
}

func (m *Meter) count(group, n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open == nil {
		m.open, m.most = map[int]int{}, map[int]int{}
	}
	m.open[group] += n
	m.most[group] = max(m.most[group], m.open[group])
}

// Most returns the most connections that each group has had at a time.
func (m *Meter) Most() map[int]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.most)
}

// metered is a connection that counts until it is closed.
type metered struct {
	net.Conn
	over func()
}

// Close closes the connection.
func (c *metered) Close() error {
	c.over()
	return c.Conn.Close()
}
