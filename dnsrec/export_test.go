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
