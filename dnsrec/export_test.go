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
