package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/service/httpd"
	"maildiag/smtpprobe"
)

// testService is a whole server over the recording of a small world, in which
// fabrikam.com migrates.
type testService struct {
	*httptest.Server
	service *service
	log     *syncBuffer
	hold    chan struct{} // closed: conversations with servers go on
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// start starts a server; change may change its flags. Conversations with servers
// wait if held is true, so that a check does not finish.
func start(t *testing.T, held bool, change func(*serveFlags)) *testService {
	t.Helper()
	f := &serveFlags{keep: time.Hour, timeout: time.Minute}
	f.replay = "testdata/fabrikam.rec"
	if change != nil {
		change(f)
	}
	w, err := f.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := &testService{log: new(syncBuffer), hold: make(chan struct{})}
	if held {
		w.open = s.holding(w.open)
	}
	srv := httptest.NewUnstartedServer(nil)
	gate := &httpd.Gate{Listen: netip.MustParseAddrPort(srv.Listener.Addr().String())}
	if gate.Proxies, err = prefixes("--behind-proxy", f.proxies); err != nil {
		t.Fatal(err)
	}
	if s.service, err = f.assemble(w, gate, slog.New(slog.NewJSONHandler(s.log, nil))); err != nil {
		t.Fatal(err)
	}
	srv.Config = s.service.server
	srv.Start()
	s.Server = srv
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		s.service.runner.Close(ended)
		select {
		case <-s.service.stop:
		default:
			close(s.service.stop)
		}
		s.service.wg.Wait()
		srv.Close()
	})
	return s
}

func (s *testService) holding(open func(bool) kit.World) func(bool) kit.World {
	return func(fresh bool) kit.World {
		w := open(fresh)
		probe := w.SMTP
		w.SMTP = func(ctx context.Context, c smtpprobe.Config) *smtpprobe.Session {
			select {
			case <-s.hold:
			case <-ctx.Done():
			}
			return probe(ctx, c)
		}
		return w
	}
}

// answer is what a request got.
type answer struct {
	*http.Response
	text string
}

func (s *testService) do(t *testing.T, c *http.Client, r *http.Request) answer {
	t.Helper()
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(text)}
}

// get asks for a path, with header fields as "Name: value".
func (s *testService) get(t *testing.T, path string, header ...string) answer {
	t.Helper()
	return s.do(t, s.Client(), s.request(t, http.MethodGet, path, nil, header...))
}

func (s *testService) request(t *testing.T, method, path string, body io.Reader, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Add(name, value); name == "Host" {
			r.Host = value
		}
	}
	return r
}

// browser is a client that keeps cookies and follows no redirect.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// submit fills in the box as a browser does. file is "name\x00content" or "".
func (s *testService) submit(t *testing.T, c *http.Client, tab, text, file string) answer {
	t.Helper()
	page := s.do(t, c, s.request(t, http.MethodGet, "/?tab="+tab, nil))
	m := csrfField.FindStringSubmatch(page.text)
	if m == nil {
		t.Fatal("the page has no token")
	}
	body, form := s.form(t, m[1], tab, text, file)
	return s.do(t, c, s.request(t, http.MethodPost, "/", body, "Content-Type: "+form, "Origin: "+s.URL))
}

func (s *testService) form(t *testing.T, csrf, tab, text, file string) (io.Reader, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"csrf", csrf}, {"tab", tab}, {"q", text}} {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	name, content, _ := strings.Cut(file, "\x00")
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}

// result follows a permalink until the check is done.
func (s *testService) result(t *testing.T, c *http.Client, path string) answer {
	t.Helper()
	for {
		a := s.do(t, c, s.request(t, http.MethodGet, path, nil))
		if !strings.Contains(a.text, `http-equiv="refresh"`) {
			return a
		}
		s.do(t, c, s.request(t, http.MethodGet, path+"/events", nil)) // until it is over
	}
}
