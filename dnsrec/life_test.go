package dnsrec_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// A server may close an idle connection at any moment (RFC 7766 6.2.3).
func TestStaleConnection(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Skip: 1, Times: 1, Reset: true})
	c := client(t, dnsrec.Options{}, "tcp://"+srv.Addr)
	for range 2 {
		if a, err := ask(c, "mail.example.com", "A"); show(a, err) != "NOERROR|192.0.2.1" {
			t.Error(show(a, err), err)
		}
	}
}

func TestContextAndClose(t *testing.T) {
	srv := dnstest.New(t, zone)
	srv.Fault("", "", dnstest.Fault{Drop: true})
	before := runtime.NumGoroutine()
	c := client(t, dnsrec.Options{Timeout: 3 * time.Second}, srv.Addr, "tcp://"+srv.Addr)
	if n := runtime.NumGoroutine(); n != before {
		t.Errorf("%d goroutines before the first query", n-before)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 2)
	go func() { _, err := c.Lookup(ctx, dnsrec.Q("example.com", "A")); got <- err }()
	go func() { _, err := ask(c, "example.com", "A"); got <- err }()
	for len(srv.Queries()) < 2 {
		runtime.Gosched()
	}
	cancel()
	if err := <-got; dnsrec.KindOf(err) != dnsrec.KindCanceled {
		t.Errorf("canceled: %v", err)
	}
	c.Close()
	if err := <-got; dnsrec.KindOf(err) != dnsrec.KindCanceled {
		t.Errorf("closed: %v", err)
	}
	if _, err := ask(c, "example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindCanceled {
		t.Errorf("asked after Close: %v", err)
	}
	c.Close()
}

// A context that ends for a reason of its own is no failure of the server.
func TestContextCause(t *testing.T) {
	srv := dnstest.New(t, zone, dnstest.WithTLS())
	srv.Fault("", "A", dnstest.Fault{Drop: true})
	for _, s := range []string{srv.Addr, "tcp://" + srv.Addr, "tls://" + srv.TLSAddr, srv.URL} {
		c := client(t, dnsrec.Options{RootCAs: srv.CA(), Timeout: time.Minute}, s)
		ask(c, "example.com", "MX")
		b := dnsrec.NewBudget(t.Context(), c, 0, 50*time.Millisecond)
		if _, err := ask(b, "example.com", "A"); dnsrec.KindOf(err) != dnsrec.KindBudget {
			t.Errorf("%s: %v", s, err)
		}
		cause := errors.New("because")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, cause)
		defer cancel()
		_, err := c.Lookup(ctx, dnsrec.Q("example.com", "A"))
		if dnsrec.KindOf(err) != dnsrec.KindCanceled || !errors.Is(err, cause) {
			t.Errorf("%s: %v", s, err)
		}
		got := make(chan error)
		go func() { _, err := ask(c, "example.com", "A"); got <- err }()
		for n := srv.Count("", "A"); srv.Count("", "A") == n; {
			runtime.Gosched()
		}
		c.Close()
		if err := <-got; dnsrec.KindOf(err) != dnsrec.KindCanceled {
			t.Errorf("%s: closed: %v", s, err)
		}
	}
}

func TestTLSFailures(t *testing.T) {
	srv := dnstest.New(t, zone, dnstest.WithTLS())
	for what, c := range map[string]*dnsrec.Client{
		"unknown CA, tls":   client(t, dnsrec.Options{}, "tls://"+srv.TLSAddr),
		"unknown CA, https": client(t, dnsrec.Options{}, srv.URL),
		"other name":        client(t, dnsrec.Options{RootCAs: srv.CA()}, "tls://"+srv.TLSAddr+"#other.test"),
		"no TLS":            client(t, dnsrec.Options{RootCAs: srv.CA()}, "tls://"+srv.Addr),
	} {
		_, err := ask(c, "example.com", "MX")
		if k := dnsrec.KindOf(err); k != dnsrec.KindNetwork && k != dnsrec.KindTimeout {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(srv.Queries()); n != 0 {
		t.Errorf("%d queries were sent before the certificate was verified", n)
	}
}

func TestHTTPFailures(t *testing.T) {
	for _, tc := range []struct {
		status            int
		contentType, body string
		want              dnsrec.Kind
	}{
		{503, "text/plain", "busy", dnsrec.KindRefused},
		{403, "application/dns-message", "", dnsrec.KindRefused},
		{302, "", "", dnsrec.KindRefused},
		{200, "text/html", "<p>log in", dnsrec.KindMalformed},
		{200, "application/dns-message", "", dnsrec.KindMalformed},
		{200, "application/dns-message", strings.Repeat("x", 1<<20), dnsrec.KindMalformed},
	} {
		var hits atomic.Int32
		web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			hits.Add(1)
			w.Header().Set("Content-Type", tc.contentType)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tc.status)
			io.WriteString(w, tc.body)
		}))
		pool := x509.NewCertPool()
		pool.AddCert(web.Certificate())
		c := client(t, dnsrec.Options{RootCAs: pool, Timeout: 5 * time.Second, Tries: 1}, web.URL+"/dns-query")
		if _, err := ask(c, "example.com", "MX"); dnsrec.KindOf(err) != tc.want {
			t.Errorf("%d %s: %v", tc.status, tc.contentType, err)
		}
		if hits.Load() != 1 {
			t.Errorf("%d %s: %d requests", tc.status, tc.contentType, hits.Load())
		}
		c.Close()
		web.Close()
	}
}

// A user's limit holds from the first query on.
func TestQPS(t *testing.T) {
	srv := dnstest.New(t, "*.test. A 192.0.2.1")
	c := client(t, dnsrec.Options{QPS: 100, Timeout: 10 * time.Second}, srv.Addr)
	began := time.Now()
	if wrong, unknown := flood(c, 31, 31); wrong+unknown > 0 {
		t.Errorf("%d wrong, %d unknown", wrong, unknown)
	}
	if d := time.Since(began); d < 300*time.Millisecond {
		t.Errorf("31 queries at 100 a second took only %v", d)
	}
}

// No goroutine outlives Close, whatever the servers did.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, f := range []dnstest.Fault{
		{}, {Drop: true}, {Reset: true}, {Raw: []byte{1}}, {Over: "udp", Truncate: true}, {Stream: []byte{1, 0, 0}},
	} {
		srv, err := dnstest.Start(zone, dnstest.WithTLS())
		if err != nil {
			t.Fatal(err)
		}
		srv.Fault("", "", f)
		for _, s := range []string{srv.Addr, "tcp://" + srv.Addr, "tls://" + srv.TLSAddr, srv.URL} {
			c := dnsrec.NewClient(dnsrec.Options{RootCAs: srv.CA(), Timeout: 50 * time.Millisecond,
				Servers: []dnsrec.Server{server(t, s)}})
			flood(c, 20, 20)
			c.Close()
		}
		srv.Close()
	}
	for i := 0; runtime.NumGoroutine() > before && i < 200; i++ { // HTTP/2 ends in the background
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines are left:\n%s", n-before, buf[:runtime.Stack(buf, true)])
	}
}
