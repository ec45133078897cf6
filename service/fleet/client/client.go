// Package client talks to the API of maildiagd about lists.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"maildiag/report"
	"maildiag/service/api"
)

// Client is a client of one server.
type Client struct {
	User, Password string
	Waiting        func(why string)                           // called when a request that is repeated begins to wait
	Sleep          func(context.Context, time.Duration) error // nil: by the clock

	base *url.URL
	http *http.Client
}

// responseTime bounds how long the server may take to begin its answer.
const responseTime = time.Minute

// New returns a client of the server at a URL. ca is a file of authorities; empty:
// those of the system. A password goes out over TLS alone, or within the machine.
func New(server, user, password, ca string) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("not an http:// or https:// URL")
	}
	if user != "" && u.Scheme != "https" && !loopback(u.Hostname()) {
		return nil, errors.New("a password would travel without TLS: use https://")
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dial, ResponseHeaderTimeout: responseTime, TLSHandshakeTimeout: responseTime, ForceAttemptHTTP2: true}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s has no certificate", ca)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool}
	}
	return &Client{User: user, Password: password, base: u, http: &http.Client{Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Error is an answer of refusal.
type Error struct {
	Status int
	Detail string
	Wait   time.Duration // before the same may work; 0: it does not

	Problem *api.Problem // of maildiagd; nil: it is that of something else at that URL
}

func (e *Error) Error() string { return e.Detail }

// request sends one request; the caller closes the body of the answer.
func (c *Client) request(ctx context.Context, method string, to *url.URL, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, to.String(), body)
	if err != nil {
		return nil, err
	}
	if c.User != "" {
		r.SetBasicAuth(c.User, c.Password)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, plain(err)
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, refusal(res, c.User != "")
}

// plain returns the reason of an error of a request, without its URL.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// refusal reads why a server refuses.
func refusal(res *http.Response, signed bool) error {
	e := &Error{Status: res.StatusCode, Detail: "the server answers with status " + res.Status}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		e.Wait = time.Duration(min(seconds, 60)) * time.Second
	}
	var p api.Problem
	if json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&p) == nil && p.Detail != "" {
		e.Detail, e.Problem = report.CleanTo(p.Detail, 300), &p
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized:
		if e.Detail = "the server asks for a sign-in"; signed {
			e.Detail = "the server does not accept this user and password"
		}
	case res.StatusCode == http.StatusNotFound && p.Detail == "":
		e.Detail = "this is not the API of maildiagd"
	}
	return e
}

// path returns the URL of a path of the API.
func (c *Client) path(elem ...string) *url.URL {
	return c.base.JoinPath(append([]string{"api", "v1"}, elem...)...)
}

// get reads a JSON document.
func (c *Client) get(ctx context.Context, out any, path ...string) error {
	res, err := c.request(ctx, http.MethodGet, c.path(path...), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(io.LimitReader(res.Body, 16<<20)).Decode(out)
}

// send sends one request that has no result.
func (c *Client) send(ctx context.Context, method string, in any, path ...string) error {
	return c.sendTo(ctx, method, c.path(path...), in)
}

func (c *Client) sendTo(ctx context.Context, method string, to *url.URL, in any) error {
	res, err := c.request(ctx, method, to, in)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// Run returns how far a run is.
func (c *Client) Run(ctx context.Context, id string) (s api.RunStatus, err error) {
	err = c.get(ctx, &s, "runs", id)
	return s, err
}

// Fleet returns all that is going on.
func (c *Client) Fleet(ctx context.Context) (s api.FleetStatus, err error) {
	err = c.get(ctx, &s, "runs")
	return s, err
}

// Drain makes a site take no more work; with force, also one without workers.
func (c *Client) Drain(ctx context.Context, site string, force bool) error {
	path := c.path("sites", site, "drain")
	if force {
		path.RawQuery = "force=1"
	}
	return c.sendTo(ctx, http.MethodPut, path, nil)
}

// Undrain makes a site take work again.
func (c *Client) Undrain(ctx context.Context, site string) error {
	return c.send(ctx, http.MethodDelete, nil, "sites", site, "drain")
}

// Results writes the reports of a run that are there to w, one a line.
func (c *Client) Results(ctx context.Context, id string, w io.Writer) error {
	res, err := c.request(ctx, http.MethodGet, c.path("runs", id, "results"), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(w, res.Body)
	return err
}
