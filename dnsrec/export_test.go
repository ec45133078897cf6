package dnsrec

import "time"

// Hasten makes the pacers and pauses of a client that has asked nothing yet n
// times as fast, for tests against a real server.
func (c *Client) Hasten(n int) *Client {
	c.window /= time.Duration(n)
	for _, u := range c.servers {
		u.pace.span = c.window
	}
	return c
}

// InFlight counts the calls whose replies are waited for.
func (c *Client) InFlight() (n int) {
	for _, u := range c.servers {
		for l := range u.open {
			n += len(l.calls)
		}
	}
	return n
}

// Narrow makes the sockets of a client that has asked nothing yet ask the kernel for a
// receive buffer of so many bytes.
func (c *Client) Narrow(bytes int) *Client {
	c.buffer = bytes
	return c
}

// Sockets counts the sockets to the first server. The kernel has room
// for so many replies in each, and at most so many calls wait for those of one.
func (c *Client) Sockets() (sockets, room, most int) {
	u := c.servers[0]
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range u.udp {
		if l != nil {
			l.mu.Lock()
			sockets, room, most = sockets+1, l.room, max(most, len(l.calls))
			l.mu.Unlock()
		}
	}
	return sockets, room, most
}
