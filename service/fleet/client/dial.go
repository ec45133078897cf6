package client

import (
	"context"
	"net"
	"sync"
)

// dial connects for HTTP, in which the client speaks first. What a server of another
// protocol says before is kept until a request waits for an answer: net/http would
// throw it away, and the error would not tell who speaks there.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{Timeout: responseTime}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &askingConn{Conn: c, asked: make(chan struct{})}, nil
}

// askingConn is a connection that reads nothing before something is written.
type askingConn struct {
	net.Conn
	once  sync.Once
	asked chan struct{} // closed with the first write, and at the end
}

func (c *askingConn) Read(b []byte) (int, error) {
	<-c.asked
	return c.Conn.Read(b)
}

func (c *askingConn) Write(b []byte) (int, error) {
	defer c.once.Do(func() { close(c.asked) })
	return c.Conn.Write(b)
}

func (c *askingConn) Close() error {
	defer c.once.Do(func() { close(c.asked) })
	return c.Conn.Close()
}
