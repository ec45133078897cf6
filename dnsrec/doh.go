package dnsrec

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// doh asks over HTTPS by POST (RFC 8484 4.1), many queries on one HTTP/2
// connection. It follows no redirect and uses no proxy: the answers should
// come from the server that was named.
type doh struct {
	url    string
	client http.Client
	life   context.Context // ends with the client
	end    context.CancelFunc
}

// dnsMessage is the media type of a DNS message (RFC 8484 6).
const dnsMessage = "application/dns-message"

var errRefused = errors.New("refused")

func newDoH(s Server, opts Options) *doh {
	tr := &http.Transport{
		TLSClientConfig:        &tls.Config{RootCAs: opts.RootCAs},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		TLSHandshakeTimeout:    opts.Timeout,
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 32 << 10,
		MaxConnsPerHost:        udpSockets,
	}
	if s.addr.IsValid() {
		tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, s.addr.String())
		}
	}
	d := &doh{url: s.url, client: http.Client{
		Transport:     tr,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	d.life, d.end = context.WithCancel(context.Background())
	return d
}

func (d *doh) exchange(ctx context.Context, c *call, deadline time.Time) error {
	limited, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	defer context.AfterFunc(d.life, cancel)()
	// The ID is 0, so that caches see the same request (RFC 8484 4.1).
	binary.BigEndian.PutUint16(c.packet[lengthSize:], 0)
	body := bytes.Clone(c.packet[lengthSize:]) // the transport may read it late
	req, err := http.NewRequestWithContext(limited, http.MethodPost, d.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", dnsMessage)
	req.Header.Set("Accept", dnsMessage)
	req.Header["User-Agent"] = nil
	res, err := d.client.Do(req)
	if err == nil {
		defer res.Body.Close()
		err = d.take(res, c)
	}
	switch {
	case err != nil && d.life.Err() != nil:
		return errClosed
	case err != nil && limited.Err() != nil:
		return cut(ctx)
	}
	return err
}

// take reads the reply into the call.
func (d *doh) take(res *http.Response, c *call) error {
	switch {
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%w: HTTP status %s", errRefused, res.Status)
	case res.Header.Get("Content-Type") != dnsMessage:
		return fmt.Errorf("%w: not a DNS message but %.60q", errMalformed, res.Header.Get("Content-Type"))
	}
	reply, err := io.ReadAll(io.LimitReader(res.Body, maxMessage))
	if err != nil {
		return err
	}
	if !c.fits(reply) {
		return errMisfit
	}
	c.reply, c.arrived = append(c.reply[:0], reply...), time.Now()
	return nil
}

func (d *doh) close() {
	d.end()
	d.client.CloseIdleConnections()
}
