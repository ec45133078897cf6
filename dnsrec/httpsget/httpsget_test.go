package httpsget

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/httpsget/httpstest"
)

const (
	host = "mta-sts.contoso.com"
	page = "https://" + host + PolicyPath
)

// zone answers from a map of "name type" to values, or an error; it refuses
// what is not in it.
type zone map[string]any

func (z zone) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a := dnsrec.Answer{Query: q, Server: "192.0.2.53:53/udp"}
	switch v := z[q.String()].(type) {
	case []string:
		a.Rcode, a.Values = "NOERROR", v
	case string:
		a.Rcode = v
	case dnsrec.Kind:
		return a, &dnsrec.Error{Query: q, Kind: v, Server: a.Server}
	default:
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindRefused, Server: a.Server}
	}
	return a, nil
}

// here is a zone in which host has an address of each family.
func here() zone {
	return zone{host + " A": []string{"192.0.2.10"}, host + " AAAA": []string{"2001:db8::10"}}
}

func start(t *testing.T, h http.HandlerFunc) (*httpstest.Server, *Client) {
	t.Helper()
	s, err := httpstest.Start(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, &Client{Resolver: here(), Dialer: s.Dialer(), Roots: s.CA.Pool(), Timeout: 5 * time.Second}
}

func get(t *testing.T, c *Client) *Response {
	t.Helper()
	r := c.Get(t.Context(), page, 0)
	wire, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Response
	if err := json.Unmarshal(wire, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*r, back) {
		t.Errorf("JSON does not round-trip:\n%+v\n%+v", *r, back)
	}
	return r
}

func wantKind(t *testing.T, r *Response, want Kind) {
	t.Helper()
	switch {
	case r.Err == nil && want != "":
		t.Fatalf("no error, want %s; status %d", want, r.Status)
	case r.Err != nil && r.Err.Kind != want:
		t.Fatalf("error %v, want kind %q", r.Err, want)
	}
}

func TestGet(t *testing.T) {
	const policy = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
	s, c := start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != host || r.Header.Get("Accept-Encoding") != "identity" || r.URL.Path != PolicyPath {
			t.Errorf("request %s %s %v", r.Host, r.URL, r.Header)
		}
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Server", "test")
		io.WriteString(w, policy)
	})
	r := get(t, c)
	wantKind(t, r, "")
	if r.Status != 200 || string(r.Body) != policy || r.ContentType != "text/plain" || r.Header["Server"] != "test" {
		t.Errorf("got %+v", r)
	}
	if r.TLS == nil || !r.TLS.Verified || r.TLS.Version != "TLS 1.3" || r.TLS.Leaf.Names[0] != host {
		t.Errorf("TLS %+v", r.TLS)
	}
	if r.Remote != "[2001:db8::10]:443" || r.Elapsed <= 0 {
		t.Errorf("remote %s, elapsed %s", r.Remote, r.Elapsed)
	}
	if asked := c.Dialer.(*httpstest.Dialer).Asked(); len(asked) != 1 || s.Addr == asked[0] {
		t.Errorf("dialled %v", asked)
	}
}

func TestGetURL(t *testing.T) {
	c := &Client{Resolver: zone{}}
	for _, u := range []string{"", "http://" + host + "/", "https://user@" + host + "/", "https://" + host + ":8443/",
		"https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://localhost/",
		"https://münchen.example/", "https:///x", "https://a..b/", "unix:/x", "https://a b.c/", "https://%00.b/",
		"https://" + strings.Repeat("a", 64) + ".com/", "https://h.example/" + strings.Repeat("a", maxURL)} {
		if r := c.Get(t.Context(), u, 0); r.Err == nil || r.Err.Kind != KindURL {
			t.Errorf("%q: %v, want %s", u, r.Err, KindURL)
		}
	}
}

func TestFault_076_Redirects(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{"https://other.example/x", page} {
			hits := 0
			_, c := start(t, func(w http.ResponseWriter, r *http.Request) {
				hits++
				http.Redirect(w, r, to, code)
			})
			r := get(t, c)
			wantKind(t, r, "")
			if r.Status != code || r.Location != to || hits != 1 || len(r.Body) != 0 {
				t.Errorf("%d to %s: %+v after %d requests", code, to, r, hits)
			}
		}
	}
}

func TestFault_077_Sizes(t *testing.T) {
	body := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.(http.Flusher).Flush() // chunked
			w.Write(bytes.Repeat([]byte{'a'}, n))
		}
	}
	length := func(n string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: "+n+"\r\n\r\n"+strings.Repeat("a", PolicyLimit+1))
		}
	}
	for _, test := range []struct {
		name string
		h    http.HandlerFunc
		want Kind
		size int
	}{
		{"64 KiB", body(PolicyLimit), "", PolicyLimit},
		{"64 KiB and one", body(PolicyLimit + 1), KindTooLarge, PolicyLimit},
		{"content-length 64 KiB and one", length("65537"), KindTooLarge, 0},
		{"content-length 10^18", length("1000000000000000000"), KindTooLarge, 0},
		{"content-length beyond int64", length("99999999999999999999999"), KindBadHTTP, 0},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, KindTooLarge, PolicyLimit},
		{"endless header", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-A: b\r\n", 1<<17))
		}, KindBadHTTP, 0},
		{"endless interim", func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1<<12))
		}, KindBadHTTP, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := start(t, test.h)
			d := &countingDialer{Dialer: s.Dialer()}
			c.Dialer = d
			r := get(t, c)
			wantKind(t, r, test.want)
			if len(r.Body) != test.size {
				t.Errorf("body of %d bytes, want %d", len(r.Body), test.size)
			}
			if d.read > 128<<10 {
				t.Errorf("%d bytes read", d.read)
			}
		})
	}
}

// countingDialer counts the bytes that its one connection reads.
type countingDialer struct {
	Dialer
	read int
}

func (d *countingDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	return &countingConn{conn, d}, err
}

type countingConn struct {
	net.Conn
	d *countingDialer
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.d.read += n
	return n, err
}

// hijack writes raw bytes in place of a response and ends TLS properly.
func hijack(w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	io.WriteString(conn, raw)
	conn.Close()
}

// cut is like hijack, but ends the connection beneath TLS.
func cut(w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	io.WriteString(conn, raw)
	conn.(*tls.Conn).NetConn().Close()
}

func TestFault_078_Stalls(t *testing.T) {
	wait := make(chan struct{})
	drip := func(head string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			defer conn.Close()
			io.WriteString(conn, head)
			for {
				select {
				case <-wait:
					return
				case <-time.After(20 * time.Millisecond):
				}
				if _, err := io.WriteString(conn, "a"); err != nil {
					return
				}
			}
		}
	}
	t.Cleanup(func() { close(wait) })
	for _, test := range []struct {
		name  string
		h     http.HandlerFunc
		phase Phase
	}{
		{"header drips", drip("HTTP/1.1 200 OK\r\nX: "), PhaseHeader},
		{"body drips", drip("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"), PhaseBody},
		{"stall after TLS", func(http.ResponseWriter, *http.Request) { <-wait }, PhaseHeader},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, c := start(t, test.h)
			c.Timeout = 200 * time.Millisecond
			r := get(t, c)
			wantKind(t, r, KindTimeout)
			if r.Err.Phase != test.phase {
				t.Errorf("phase %s, want %s", r.Err.Phase, test.phase)
			}
		})
	}
}

func TestFault_078_StallBeforeTLS(t *testing.T) {
	ln := listen(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	c := &Client{Resolver: here(), Dialer: &httpstest.Dialer{Addr: ln}, Timeout: 200 * time.Millisecond}
	r := get(t, c)
	wantKind(t, r, KindTimeout)
	if r.Err.Phase != PhaseTLS {
		t.Errorf("phase %s", r.Err.Phase)
	}
}

// listen runs serve on every connection to a loopback port.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return ln.Addr().String()
}

func TestFault_079_Encoded(t *testing.T) {
	for _, enc := range []string{"gzip", "br", "zstd", "deflate"} {
		_, c := start(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", enc)
			z := gzip.NewWriter(w)
			z.Write(make([]byte, 1<<20))
			z.Close()
		})
		r := get(t, c)
		wantKind(t, r, KindEncoded)
		if len(r.Body) != 0 || r.Status != 200 || r.Header["Content-Encoding"] != enc {
			t.Errorf("%s: %+v", enc, r)
		}
	}
}

func TestFault_082_Certificates(t *testing.T) {
	other, err := httpstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().AddDate(0, 0, -100)
	for _, test := range []struct {
		name  string
		issue func(s *httpstest.Server) (*tls.Certificate, error)
		want  []Fault
	}{
		{"wrong name", func(s *httpstest.Server) (*tls.Certificate, error) {
			return s.CA.Issue([]string{"www.contoso.com"})
		}, []Fault{FaultName}},
		{"expired", func(s *httpstest.Server) (*tls.Certificate, error) {
			return s.CA.Issue([]string{host}, func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = long, long.AddDate(0, 0, 90)
			})
		}, []Fault{FaultExpired}},
		{"not yet valid", func(s *httpstest.Server) (*tls.Certificate, error) {
			return s.CA.Issue([]string{host}, func(c *x509.Certificate) { c.NotBefore = time.Now().AddDate(0, 0, 7) })
		}, []Fault{FaultNotYet}},
		{"self-signed", func(*httpstest.Server) (*tls.Certificate, error) {
			return httpstest.SelfSigned([]string{host})
		}, []Fault{FaultSelfSigned}},
		{"unknown CA", func(*httpstest.Server) (*tls.Certificate, error) {
			return other.Issue([]string{host})
		}, []Fault{FaultUnknownCA}},
		{"common name only", func(s *httpstest.Server) (*tls.Certificate, error) {
			return s.CA.Issue([]string{host}, func(c *x509.Certificate) { c.DNSNames = nil })
		}, []Fault{FaultCommonName}},
		{"three at once", func(*httpstest.Server) (*tls.Certificate, error) {
			return other.Issue([]string{"\x1b[31m.example"}, func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = long, long.AddDate(0, 0, 90)
			})
		}, []Fault{FaultName, FaultExpired, FaultUnknownCA}},
	} {
		t.Run(test.name, func(t *testing.T) {
			requests := 0
			s, c := start(t, func(http.ResponseWriter, *http.Request) { requests++ })
			cert, err := test.issue(s)
			if err != nil {
				t.Fatal(err)
			}
			s.Use(host, cert)
			r := get(t, c)
			wantKind(t, r, KindCertificate)
			if r.TLS == nil || r.TLS.Verified || !reflect.DeepEqual(r.TLS.Faults, test.want) {
				t.Errorf("TLS %+v, want %v", r.TLS, test.want)
			}
			if strings.ContainsRune(r.Err.Error(), 0x1b) || r.Err.Text == "" {
				t.Errorf("text %q", r.Err.Error())
			}
			if requests != 0 {
				t.Error("a request was sent over unverified TLS")
			}
		})
	}
}

func TestFault_083_HTTP2(t *testing.T) {
	t.Run("nothing else", func(t *testing.T) { // crypto/tls lets a server of "h2" alone fall back
		s, err := httpstest.NewCA()
		if err != nil {
			t.Fatal(err)
		}
		c := &Client{Resolver: here(), Roots: s.Pool(), Timeout: 5 * time.Second}
		c.Dialer = tlsListener(t, s, []string{"h2-only"}, nil)
		wantKind(t, get(t, c), KindALPN)
	})
	t.Run("frames all the same", func(t *testing.T) {
		ca, err := httpstest.NewCA()
		if err != nil {
			t.Fatal(err)
		}
		c := &Client{Resolver: here(), Roots: ca.Pool(), Timeout: 5 * time.Second}
		settings := bytes.Repeat([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0}, 100_000)
		c.Dialer = tlsListener(t, ca, nil, func(conn net.Conn) { conn.Write(settings) })
		wantKind(t, get(t, c), KindBadHTTP)
	})
}

// tlsListener runs a TLS server that offers protos and then runs serve.
func tlsListener(t *testing.T, ca *httpstest.CA, protos []string, serve func(net.Conn)) Dialer {
	t.Helper()
	cert, err := ca.Issue([]string{host})
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{*cert}, NextProtos: protos}
	return &httpstest.Dialer{Addr: listen(t, func(conn net.Conn) {
		secure := tls.Server(conn, config)
		if secure.Handshake() == nil && serve != nil {
			serve(secure)
		}
	})}
}

func TestFault_084_NoProxy(t *testing.T) {
	hits := 0
	proxy := listen(t, func(net.Conn) { hits++ })
	for _, v := range []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy"} {
		t.Setenv(v, "http://"+proxy)
	}
	_, c := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	wantKind(t, get(t, c), "")
	if hits != 0 {
		t.Errorf("%d connections to the proxy", hits)
	}
}

func TestFault_086_Addresses(t *testing.T) {
	for _, test := range []struct {
		name string
		zone zone
		want Kind
		dns  dnsrec.Kind
	}{
		{"NXDOMAIN", zone{host + " A": "NXDOMAIN", host + " AAAA": "NXDOMAIN"}, KindNXDomain, ""},
		{"no data", zone{host + " A": "NOERROR", host + " AAAA": "NOERROR"}, KindNoAddress, ""},
		{"SERVFAIL", zone{host + " A": dnsrec.KindServFail, host + " AAAA": dnsrec.KindServFail}, KindDNS, dnsrec.KindServFail},
		{"SERVFAIL and no data", zone{host + " A": dnsrec.KindServFail, host + " AAAA": "NOERROR"}, KindDNS, dnsrec.KindServFail},
		{"bogus", zone{host + " A": dnsrec.KindBogus, host + " AAAA": dnsrec.KindBogus}, KindDNS, dnsrec.KindBogus},
		{"timeout", zone{host + " A": dnsrec.KindTimeout, host + " AAAA": dnsrec.KindTimeout}, KindDNS, dnsrec.KindTimeout},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &Client{Resolver: test.zone, Dialer: &httpstest.Dialer{Addr: "127.0.0.1:1"}}
			r := get(t, c)
			wantKind(t, r, test.want)
			if test.dns != "" && (r.Err.DNS == nil || r.Err.DNS.Unpack().Kind != test.dns) {
				t.Errorf("DNS %+v, want %s", r.Err.DNS, test.dns)
			}
		})
	}
}

// lookupFunc is a resolver.
type lookupFunc func(context.Context, dnsrec.Query) (dnsrec.Answer, error)

func (f lookupFunc) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	return f(ctx, q)
}

func TestResolverOutlastsFetch(t *testing.T) {
	c := &Client{Timeout: 50 * time.Millisecond, Resolver: lookupFunc(func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		<-ctx.Done()
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindCanceled, Err: ctx.Err()}
	})}
	r := get(t, c)
	wantKind(t, r, KindDNS)
	if r.Err.DNS.Kind != dnsrec.KindTimeout {
		t.Errorf("DNS %+v", r.Err.DNS)
	}
}

func TestGetOneFamilyAnswers(t *testing.T) {
	_, c := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	c.Resolver = zone{host + " A": []string{"192.0.2.10"}, host + " AAAA": dnsrec.KindServFail}
	r := get(t, c)
	wantKind(t, r, "")
	if r.Remote != "192.0.2.10:443" {
		t.Errorf("remote %s", r.Remote)
	}
}

// dialMap dials by address: a function for each, refused for all else.
type dialMap map[string]func(context.Context) (net.Conn, error)

func (m dialMap) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	if f := m[address]; f != nil {
		return f(ctx)
	}
	return nil, fmt.Errorf("not in the test: %s", address)
}

func hang(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func refuse(ctx context.Context) (net.Conn, error) {
	var d net.Dialer // port 1 of loopback: nothing listens
	return d.DialContext(ctx, "tcp", "127.0.0.1:1")
}

func TestConnect(t *testing.T) {
	s, c := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	good := func(ctx context.Context) (net.Conn, error) { return s.Dialer().DialContext(ctx, "tcp", "") }
	const v6, v4 = "[2001:db8::10]:443", "192.0.2.10:443"
	for _, test := range []struct {
		name   string
		dialer dialMap
		want   Kind
		remote string
		failed []Kind
	}{
		{"both good: IPv6 first", dialMap{v6: good, v4: good}, "", v6, nil},
		{"IPv6 refused", dialMap{v6: refuse, v4: good}, "", v4, []Kind{KindRefused}},
		{"IPv6 hangs", dialMap{v6: hang, v4: good}, "", v4, nil},
		{"both refuse", dialMap{v6: refuse, v4: refuse}, KindRefused, "", []Kind{KindRefused, KindRefused}},
		{"refused and hanging", dialMap{v6: refuse, v4: hang}, KindTimeout, "", []Kind{KindRefused, KindTimeout}},
		{"refused and no route", dialMap{v6: nil, v4: refuse}, KindRefused, "", []Kind{KindNetwork, KindRefused}},
		{"no route at all", dialMap{}, KindNetwork, "", []Kind{KindNetwork, KindNetwork}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.Dialer, c.Timeout = test.dialer, time.Second
			if test.want == KindTimeout {
				c.Timeout = 100 * time.Millisecond
			}
			r := get(t, c)
			wantKind(t, r, test.want)
			var failed []Kind
			for _, a := range r.Failed {
				failed = append(failed, a.Kind)
			}
			if r.Remote != test.remote || !reflect.DeepEqual(failed, test.failed) {
				t.Errorf("remote %q, failed %v", r.Remote, failed)
			}
		})
	}
}

func TestFault_089_Cut(t *testing.T) {
	for name, head := range map[string]string{
		"with Content-Length":    "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nversion: STSv1\r\nmo",
		"without Content-Length": "HTTP/1.1 200 OK\r\n\r\nversion: STSv1\r\nmo",
		"chunked":                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nversion: STSv1\r\nmo",
		"in the header":          "HTTP/1.1 200 OK\r\nContent-Le",
	} {
		t.Run(name, func(t *testing.T) {
			_, c := start(t, func(w http.ResponseWriter, _ *http.Request) { cut(w, head) })
			wantKind(t, get(t, c), KindCut)
		})
	}
}

// replies answers any request with fixed bytes.
type replies struct{ io.Reader }

func (replies) Write(p []byte) (int, error) { return len(p), nil }

// FuzzExchange: whatever the server sends, what is kept is bounded and
// survives being written down.
func FuzzExchange(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 103 Early\r\n\r\nHTTP/1.0 302 Go\r\nLocation: \xff\r\n\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		const limit = 64
		u, fault := parseURL(page)
		if fault != nil {
			t.Fatal(fault)
		}
		r := &Response{URL: page}
		r.Err = exchange(replies{bytes.NewReader(sent)}, &wire{}, u, limit, r)
		if len(r.Body) > limit || len(r.Location) > 3*maxText || r.Err == nil && r.Status == 0 {
			t.Errorf("%q: %+v", sent, r)
		}
		text, err := json.Marshal(r)
		var back Response
		if err != nil || json.Unmarshal(text, &back) != nil || back.Location != r.Location || !bytes.Equal(back.Body, r.Body) {
			t.Errorf("%q: %s, %v", sent, text, err)
		}
	})
}

func TestOldTLS(t *testing.T) {
	ca, err := httpstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue([]string{host})
	if err != nil {
		t.Fatal(err)
	}
	addr := listen(t, func(conn net.Conn) {
		config := &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		tls.Server(conn, config).Handshake()
	})
	c := &Client{Resolver: here(), Dialer: &httpstest.Dialer{Addr: addr}, Roots: ca.Pool()}
	wantKind(t, get(t, c), KindTLS)
}

func TestNoTLS(t *testing.T) {
	addr := listen(t, func(conn net.Conn) {
		io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		io.Copy(io.Discard, conn)
	})
	c := &Client{Resolver: here(), Dialer: &httpstest.Dialer{Addr: addr}}
	wantKind(t, get(t, c), KindTLS)
}

func TestCanceled(t *testing.T) {
	_, c := start(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	wantKind(t, c.Get(ctx, page, 0), KindCanceled)
}

func TestNoGoroutineLeft(t *testing.T) {
	s, c := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	c.Dialer = dialMap{"[2001:db8::10]:443": hang,
		"192.0.2.10:443": func(ctx context.Context) (net.Conn, error) { return s.Dialer().DialContext(ctx, "tcp", "") }}
	wantKind(t, get(t, c), "")
	buf := make([]byte, 1<<20)
	if stacks := string(buf[:runtime.Stack(buf, true)]); strings.Contains(stacks, "httpsget.(*Client)") {
		t.Errorf("a goroutine is left:\n%s", stacks)
	}
}

func TestFault_185_Guard(t *testing.T) {
	_, c := start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	c.PublicOnly = true
	d := c.Dialer.(*httpstest.Dialer)
	c.Resolver = zone{host + " A": []string{"169.254.169.254", "127.0.0.1"}, host + " AAAA": []string{"::1"}}
	r := get(t, c)
	wantKind(t, r, KindBlocked)
	if len(d.Asked()) != 0 || len(r.Failed) != 3 {
		t.Errorf("dialled %v, failed %v", d.Asked(), r.Failed)
	}
	c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	r = get(t, c)
	wantKind(t, r, "")
	if asked := d.Asked(); len(asked) != 1 || asked[0] != "127.0.0.1:443" {
		t.Errorf("dialled %v", asked)
	}
}
