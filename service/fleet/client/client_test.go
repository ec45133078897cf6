package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maildiag/service/api"
)

// A server with a fault of its own is asked again for a bounded time, and then its
// words are shown. One that says when there is room is waited for as long as it
// takes.
func TestInsist(t *testing.T) {
	const full, works = "full", "works"
	answers := map[string]func(http.ResponseWriter){
		"500":  func(w http.ResponseWriter) { w.WriteHeader(500); _, _ = w.Write([]byte(`{"detail":"the disk burns"}`)) },
		"502":  func(w http.ResponseWriter) { http.Error(w, "proxy", http.StatusBadGateway) },
		"503":  func(w http.ResponseWriter) { http.Error(w, "proxy", http.StatusServiceUnavailable) },
		full:   func(w http.ResponseWriter) { w.Header().Set("Retry-After", "60"); w.WriteHeader(503) },
		"429":  func(w http.ResponseWriter) { w.Header().Set("Retry-After", "60"); w.WriteHeader(429) },
		"409":  func(w http.ResponseWriter) { w.WriteHeader(409) },
		works:  func(w http.ResponseWriter) { w.WriteHeader(204) },
		"gone": nil,
	}
	long := strings.Fields(strings.Repeat(full+" 429 ", 200))
	for name, x := range map[string]struct {
		script []string // the last answer stays
		gaveUp bool
		words  string
	}{
		"a fault":                 {[]string{"500"}, true, "the disk burns"},
		"a proxy":                 {[]string{"502"}, true, "502"},
		"a proxy that is busy":    {[]string{"503"}, true, "503"},
		"nobody":                  {[]string{"gone"}, true, "EOF"},
		"it comes back":           {[]string{"500", "502", "gone", works}, false, ""},
		"full for hours":          {append(long, works), false, ""},
		"full, and then a fault":  {append(long, "500"), true, "the disk burns"},
		"a refusal is not tried":  {[]string{"409"}, false, "409"},
		"faults between the full": {append(strings.Fields(strings.Repeat("500 500 full ", 100)), works), false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				answer := answers[x.script[min(int(n.Add(1)), len(x.script))-1]]
				if answer == nil {
					panic(http.ErrAbortHandler)
				}
				answer(w)
			}))
			defer s.Close()
			c, err := New(s.URL, "", "", "")
			if err != nil {
				t.Fatal(err)
			}
			var waited time.Duration
			c.Sleep = func(_ context.Context, d time.Duration) error {
				waited += d
				return nil
			}
			err = c.insist(t.Context(), nil, "runs", "r", "seal")
			_, gaveUp := errors.AsType[*GaveUp](err)
			if gaveUp != x.gaveUp || (err != nil) != (x.words != "") || err != nil && !strings.Contains(err.Error(), x.words) {
				t.Errorf("after %v: %v", waited, err)
			}
			if tries := n.Load(); gaveUp && len(x.script) == 1 && (waited < patience || waited > 2*patience || tries > 100) {
				t.Errorf("%d tries in %v", tries, waited)
			}
		})
	}
}

// Only what maildiagd itself says is a fault of its own.
func TestIsFault(t *testing.T) {
	for want, errs := range map[bool][]error{
		true:  {&Error{Status: 500, Problem: &api.Problem{}}, fmt.Errorf("x: %w", &Error{Status: 503, Problem: &api.Problem{}})},
		false: {nil, errors.New("refused"), &Error{Status: 502}, &Error{Status: 404, Problem: &api.Problem{}}, &GaveUp{}},
	} {
		for _, err := range errs {
			if IsFault(err) != want {
				t.Errorf("%v: %t", err, !want)
			}
		}
	}
}

// A server that speaks first, and only then is asked, is known by what it said.
func TestEarlyGreeting(t *testing.T) {
	near, far := net.Pipe()
	c := &askingConn{Conn: near, asked: make(chan struct{})}
	read := make(chan string)
	go func() {
		b := make([]byte, 64)
		n, _ := c.Read(b)
		read <- string(b[:n])
	}()
	go func() {
		go far.Write([]byte("220 mx.contoso.com ESMTP\r\n"))
		far.Read(make([]byte, 64))
	}()
	select {
	case s := <-read:
		t.Fatalf("read %q before anything was asked", s)
	default:
	}
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if s := <-read; s != "220 mx.contoso.com ESMTP\r\n" {
		t.Errorf("read %q", s)
	}
	c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a closed connection is read")
	}
}
