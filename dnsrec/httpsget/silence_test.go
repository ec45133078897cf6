package httpsget

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// pipes connects to servers that read all and say nothing; refused: that end at once.
type pipes struct{ refused bool }

func (p *pipes) DialContext(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	if p.refused {
		theirs.Close()
	} else {
		go io.Copy(io.Discard, theirs)
	}
	return ours, nil
}

// A web server that did not answer a few fetches is not waited for as long as the
// others, until it answers. One that was only cut off by the caller counts as nothing.
func TestSilentAddressIsNotWaitedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := new(pipes)
		c := &Client{Resolver: here(), Dialer: web, Timeout: 15 * time.Second}
		took := func(want time.Duration) {
			t.Helper()
			if r := c.Get(t.Context(), page, 0); r.Err == nil || r.Elapsed != want {
				t.Errorf("took %s, want %s: %v", r.Elapsed, want, r.Err)
			}
		}
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			if r := c.Get(ctx, page, 0); r.Err.Kind != KindCanceled {
				t.Errorf("canceled: %v", r.Err)
			}
		}
		for range silentAfter {
			took(15 * time.Second)
		}
		took(silentTimeout)
		took(silentTimeout)
		web.refused = true
		took(0)
		web.refused = false
		took(15 * time.Second)
	})
}
