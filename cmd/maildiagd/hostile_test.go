package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maildiag/service/httpd"
)

// Requests of attackers get a clear refusal: none is a fault of the server, and
// none does anything.
func TestHostileRequests(t *testing.T) {
	s := start(t, false, nil)
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, "p%d=x&", i)
	}
	for _, x := range []struct {
		method, path, body string
		header             []string
		status             int
	}{
		{"GET", "/", "", []string{"Host: evil.test"}, 421},
		{"GET", "/", "", []string{"Host: 127.0.0.1.evil.test"}, 421},
		{"GET", "/", "", []string{"Host: 192.0.2.1"}, 421},
		{"GET", "/", "", []string{"Host: localhost.evil.test:8587"}, 421},
		{"GET", "/api/v1/check?domain=fabrikam.com", "", []string{"Origin: http://evil.test"}, 403},
		{"GET", "/api/v1/check?domain=fabrikam.com", "", []string{"Origin: null"}, 403},
		{"POST", "/api/v1/explain", "550 x", []string{"Origin: http://evil.test"}, 403},
		{"POST", "/api/v1/explain", "550 x", []string{"Origin: null"}, 403},
		{"POST", "/api/v1/explain", "550 x", []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"GET", "/metrics", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}, 403},
		{"GET", "/probe?target=fabrikam.com", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"GET", "/probe?target=fabrikam.com", "", []string{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"GET", "/api/v1/check?domain=fabrikam.com", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"GET", "/api/v1/migrate?domain=fabrikam.com", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"GET", "/metrics", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"GET", "/", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
		{"GET", "/", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"GET", "/domainsx", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"GET", "/domains/contoso.com", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"}, 403},
		{"GET", "/domains/contoso.com", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 404}, // let in: nothing is watched here
		{"GET", "/changes", "", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 404},
		{"POST", "/api/v1/explain", "550 x", []string{"Content-Encoding: gzip"}, 415},
		{"POST", "/api/v1/explain", "550 x", []string{"Content-Encoding: identity", "Content-Encoding: br"}, 415},
		{"POST", "/api/v1/explain", "550 x", []string{"Content-Encoding: identity"}, 200},
		{"GET", "/probe", "", []string{"Sec-Fetch-Site: none"}, 400},
		{"POST", "/", "q=fabrikam.com", []string{"Content-Type: application/x-www-form-urlencoded"}, 400},
		{"POST", "/", "q=fabrikam.com", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"POST", "/", "--x\r\n", []string{"Content-Type: multipart/form-data; boundary=x"}, 403},
		{"POST", "/", "", []string{"Content-Type: multipart/form-data"}, 400},
		{"POST", "/", strings.Repeat("--x\r\nContent-Disposition: form-data; name=tab\r\n\r\nx\r\n", 100_000) + "--x--", []string{"Content-Type: multipart/form-data; boundary=x"}, 400},
		{"OPTIONS", "/api/v1/check", "", []string{"Origin: http://evil.test", "Access-Control-Request-Method: GET"}, 403},
		{"OPTIONS", "/api/v1/check", "", nil, 405},
		{"PUT", "/api/v1/check", "", nil, 405}, {"DELETE", "/r/AAAAAAAAAAAAAAAAAAAAAA", "", nil, 405}, {"TRACE", "/", "", nil, 405},
		{"POST", "/api/v1/check?domain=fabrikam.com", "", nil, 405}, {"GET", "/api/v1/explain", "", nil, 405},
		{"GET", "/api/v1/check", "", nil, 400},
		{"GET", "/api/v1/check?domain=", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com&domain=evil.test", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com&resolver=192.0.2.1", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com&timeout=1h", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com&allow-net=0.0.0.0/0", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com&port=22", "", nil, 400},
		{"GET", "/api/v1/check?domain=http://169.254.169.254/latest/", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com%0d%0aSet-Cookie:x", "", nil, 400},
		{"GET", "/api/v1/check?domain=%zz", "", nil, 400},
		{"GET", "/api/v1/check?domain=localhost", "", nil, 400},
		{"GET", "/api/v1/plan?domain=fabrikam.com&format=../../etc/passwd", "", nil, 400},
		{"GET", "/api/v1/check?domain=" + strings.Repeat("a", 10_000), "", nil, 414},
		{"GET", "/api/v1/check?" + many.String(), "", nil, 431},
		{"GET", "/api/v1/check?domain=%24%7Bjndi%3Aldap%3A%2F%2Fx.test%2Fa%7D", "", nil, 400}, {"GET", "/api/v1/check?domain=%24%28id%29.fabrikam.com", "", nil, 400},
		{"GET", "/api/v1/check?domain=fabrikam.com%27+OR+1%3D1--", "", nil, 400}, {"GET", "/api/v1/check?domain=fabrikam.com%00.evil.test", "", nil, 400},
		{"GET", "/api/v1/check?domain=%3Cscript%3Ealert(1)%3C/script%3E", "", nil, 400}, {"GET", "/api/v1/check?domain=%E2%80%AEmoc.mairbaf", "", nil, 400},
		{"GET", "/api/v1/check?domain=0x7f000001", "", nil, 400}, {"GET", "/api/v1/check?domain=2130706433", "", nil, 400}, {"GET", "/api/v1/check?domain=127.1", "", nil, 400},
		{"GET", "/api/v1/check?domain=http://fabrikam.com@169.254.169.254/", "", nil, 400}, {"GET", "/api/v1/check?domain=gopher://127.0.0.1:25/x", "", nil, 400},
		{"GET", "/api/v1/check?domain[]=fabrikam.com", "", nil, 400}, {"GET", "/api/v1/check?domain=fabrikam.com&only=mx,../../x", "", nil, 400},
		{"GET", "/api/v1/migrate?domain=fabrikam.com&mx=x.test%0D%0AHost:+y", "", nil, 400}, {"GET", "/api/v1/migrate?domain=fabrikam.com&gateway=10.0.0.1", "", nil, 400},
		{"GET", "/probe?target=fabrikam.com&module=../../etc/passwd", "", nil, 400}, {"GET", "/probe?target=169.254.169.254", "", nil, 400},
		{"GET", "/probe?target=fabrikam.com", "", []string{"X-Prometheus-Scrape-Timeout-Seconds: NaN"}, 400}, {"POST", "/probe", "x", nil, 405},
		{"GET", "/api/v1/spf?domain=fabrikam.com&ip=fe80::1%25eth0", "", nil, 400}, {"PATCH", "/api/v1/migrate", "{}", nil, 405},
		{"POST", "/api/v1/explain?format=xml", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", nil, 400},
		{"GET", "/-/quit", "", nil, 404}, {"GET", "/actuator/env", "", nil, 404}, {"GET", "/", "", []string{"Host: localhost@evil.test"}, 421},
		{"PROPFIND", "/", "", nil, 405}, {"GET", "/static/%252e%252e%252fetc/passwd", "", nil, 404},
		{"GET", "/" + strings.Repeat("a", 2000), "", nil, 414},
		{"GET", "/static/../../../../etc/passwd", "", nil, 404}, {"GET", "/static/%2e%2e/%2e%2e/etc/passwd", "", nil, 404},
		{"GET", "/r/..%2f..%2f..%2fetc%2fpasswd/json", "", nil, 404}, {"GET", "/static/", "", nil, 404},
		{"GET", "/debug/pprof/", "", nil, 404}, {"GET", "/debug/vars", "", nil, 404}, {"GET", "/.git/config", "", nil, 404},
		{"GET", "/config", "", nil, 404}, {"GET", "/admin", "", nil, 404},
	} {
		r := s.request(t, x.method, x.path, strings.NewReader(x.body), x.header...)
		r.URL.Opaque = "" // paths go as they are
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Do(r)
		if err != nil {
			t.Errorf("%s %.80s: %v", x.method, x.path, err)
			continue
		}
		text, _ := io.ReadAll(res.Body)
		res.Body.Close()
		status := res.StatusCode
		if status == http.StatusMovedPermanently || status == http.StatusTemporaryRedirect { // the clean form of a path, which is not there
			status = s.get(t, res.Header.Get("Location")).StatusCode
		}
		if status != x.status || res.Header.Get("Access-Control-Allow-Origin") != "" || strings.Contains(string(text), "root:") {
			t.Errorf("%s %.80s %q: status %d, want %d", x.method, x.path, x.header, status, x.status)
		}
	}
	if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Error(log)
	}
}

// Every answer, refusals as well, forbids browsers what no page of ours does.
func TestHeaders(t *testing.T) {
	s := start(t, false, nil)
	for _, path := range []string{"/", "/none", "/api/v1/check", "/api/none", "/metrics", "/-/healthy", "/r/AAAAAAAAAAAAAAAAAAAAAA", "/api/v1/openapi.json"} {
		for _, host := range []string{"Host: localhost", "Host: evil.test"} {
			h := s.get(t, path, host).Header
			csp := h.Get("Content-Security-Policy")
			if !strings.HasPrefix(csp, "default-src 'none';") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
				t.Errorf("%s %s: %v", path, host, h)
			}
		}
	}
	page := s.get(t, "/").text
	for _, inline := range []string{"<style", "style=", " onclick", "javascript:", "<script>"} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %s", inline)
		}
	}
}

// Bytes that are no request, or two in one, get an answer of refusal or none.
func TestHostileBytes(t *testing.T) {
	s := start(t, false, nil)
	host := s.Listener.Addr().String()
	for name, text := range map[string]string{
		"HTTP/0.9":        "GET /\r\n\r\n",
		"length twice":    "POST /api/v1/explain HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		"length, chunked": "POST /api/v1/explain HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"two hosts":       "GET / HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.test\r\n\r\n",
		"no host":         "GET / HTTP/1.1\r\n\r\n",
		"large header":    "GET / HTTP/1.1\r\nHost: " + host + "\r\nX: " + strings.Repeat("x", 40_000) + "\r\n\r\n",
		"huge length":     "POST /api/v1/explain HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 99999999999\r\n\r\nhello",
		"all options":     "OPTIONS * HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
		"bad chunk":       "POST /api/v1/explain HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"line in path":    "GET /\x00 HTTP/1.1\r\nHost: " + host + "\r\n\r\n",
	} {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, text)
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err == nil {
			if res.StatusCode < 400 || res.StatusCode > 499 && res.StatusCode != http.StatusNotImplemented {
				t.Errorf("%s: status %d", name, res.StatusCode)
			}
			res.Body.Close()
		}
		c.Close()
	}
}

// What follows a body whose length is said in two ways is not taken for a request.
func TestSmuggled(t *testing.T) {
	s := start(t, false, nil)
	host := s.Listener.Addr().String()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, part := range []string{"Content-Length: 6\r\n", ""} {
		if _, err := io.WriteString(c, "POST /api/v1/explain HTTP/1.1\r\nHost: "+host+"\r\n"+part+"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(c)
	if n := strings.Count(string(text), "HTTP/1.1 "); n != 1 || err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("%d answers, %v", n, err)
	}
}

// The server does not listen where others could use it without TLS and a login.
func TestExposed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	users := "basic_auth_users:\n  helpdesk: $2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG\n"
	for name, args := range map[string][]string{
		"nothing":    {"--listen", "0.0.0.0:0"},
		"IPv6":       {"--listen", "[::]:0"},
		"any":        {"--listen", ":0"},
		"login only": {"--listen", "0.0.0.0:0", "--web.config.file", write("login.yml", users)},
		"bad file":   {"--listen", "127.0.0.1:0", "--web.config.file", write("bad.yml", "nonsense: 1\n")},
		"no file":    {"--listen", "0.0.0.0:0", "--web.config.file", filepath.Join(dir, "none.yml")},
		"bad proxy":  {"--listen", "0.0.0.0:0", "--behind-proxy", "proxy"},
		"name":       {"--listen", "example.com:0"},
	} {
		var stdout, stderr syncBuffer
		code := program(t.Context(), append(args, "--replay", "testdata/fabrikam.rec"), nil, &stdout, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), "maildiagd: hint: ") || stdout.String() != "" {
			t.Errorf("%s: exit code %d: %s", name, code, stderr.String())
		}
	}
}

// A stop lets running checks finish: the answer is whole, the stream has its end,
// and the program ends with 0.
func TestStop(t *testing.T) {
	s := start(t, true, nil)
	whole := make(chan answer)
	go func() { whole <- s.get(t, "/api/v1/check?domain=fabrikam.com") }()
	for !strings.Contains(s.get(t, "/metrics").text, "maildiagd_runs_running 1") {
	}
	events, err := s.Client().Do(s.request(t, http.MethodGet, "/api/v1/check?domain=fabrikam.com", nil, "Accept: text/event-stream"))
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	stopped := make(chan struct{})
	go func() { s.service.shutdown(); close(stopped) }()
	for s.get(t, "/-/ready").StatusCode != http.StatusServiceUnavailable {
	}
	for s.get(t, "/api/v1/check?domain=contoso.com").StatusCode != http.StatusServiceUnavailable {
	}
	close(s.hold)
	if text := readAll(t, events); !strings.Contains(text, "event: stop\n") {
		t.Errorf("the stream ends with %.300s", text[max(0, len(text)-300):])
	}
	if a := <-whole; a.StatusCode != http.StatusOK || !strings.Contains(a.text, `"verdict": "not_ready"`) {
		t.Errorf("status %d", a.StatusCode)
	}
	<-stopped
}

// The program serves until its context ends.
func TestProgram(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var stderr syncBuffer
	r, w := io.Pipe()
	code := make(chan int)
	go func() {
		code <- program(ctx, []string{"--listen", "127.0.0.1:0", "--replay", "testdata/fabrikam.rec"}, nil, w, &stderr)
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "maildiagd: "))
	for _, path := range []string{"-/healthy", "-/ready", "metrics", ""} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
	stop()
	if c := <-code; c != exitOK {
		t.Errorf("exit code %d: %s", c, stderr.String())
	}
}

// A server has bounds for everything that a client can make slow or large.
func TestServerBounds(t *testing.T) {
	s := httpd.NewServer(nil, slog.New(slog.DiscardHandler))
	for name, d := range map[string]time.Duration{"header": s.ReadHeaderTimeout, "request": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("%s: %v", name, d)
		}
	}
	if s.MaxHeaderBytes > 16<<10 || s.MaxHeaderBytes == 0 {
		t.Errorf("header of %d bytes", s.MaxHeaderBytes)
	}
}
