package dnsrec

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestFault_038_ResolvConf(t *testing.T) {
	for _, tc := range []struct {
		text, servers string
		timeout       time.Duration
		tries         int
	}{
		{"", "127.0.0.1:53", 0, 0},
		{"nameserver 192.0.2.53\n", "192.0.2.53:53", 0, 0},
		{"nameserver 192.0.2.53\r\nnameserver\t2001:db8::53 # second\r\n", "192.0.2.53:53 [2001:db8::53]:53", 0, 0},
		{"nameserver fe80::1%eth0\n", "[fe80::1%eth0]:53", 0, 0},
		{"nameserver 0.0.0.0\n", "127.0.0.1:53", 0, 0},
		{strings.Repeat("nameserver 192.0.2.1\n", 3) + strings.Repeat("nameserver 192.0.2.2\n", 7),
			"192.0.2.1:53 192.0.2.1:53 192.0.2.1:53", 0, 0},
		{"search corp.test\ndomain corp.test\noptions ndots:15 rotate timeout:5 attempts:3\nnameserver 192.0.2.1",
			"192.0.2.1:53", 5 * time.Second, 3},
		{"options timeout:0 attempts:99\noptions timeout:x attempts: attempts\noptions", "127.0.0.1:53", time.Second, 5},
		{"options timeout:99999999999999999999 attempts:-3\n", "127.0.0.1:53", 0, 1},
		{"nameserver\nnameserver dns.example\nnameserver 192.0.2.1:5353\n;nameserver 192.0.2.9\n#nameserver 192.0.2.9\n" +
			"NAMESERVER 192.0.2.8\n\x00\xff nameserver 192.0.2.7", "127.0.0.1:53", 0, 0},
		{strings.Repeat("x", 1<<20) + "\nnameserver 192.0.2.1", "127.0.0.1:53", 0, 0},
		{"nameserver 192.0.2.1\n" + strings.Repeat("# \n", 1<<19), "192.0.2.1:53", 0, 0},
	} {
		opts := parseResolvConf(tc.text)
		var servers []string
		for _, s := range opts.Servers {
			servers = append(servers, s.String())
		}
		if got := strings.Join(servers, " "); got != tc.servers || opts.Timeout != tc.timeout || opts.Tries != tc.tries {
			t.Errorf("%.60q: %s, %v, %d tries", tc.text, got, opts.Timeout, opts.Tries)
		}
	}
}

func TestSystemOptions(t *testing.T) {
	opts, err := SystemOptions()
	if err != nil || len(opts.Servers) == 0 || len(opts.Servers) > maxConfServers {
		t.Errorf("%v, %v", opts, err)
	}
}

func TestParseServer(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		trusted  bool
	}{
		{"192.0.2.53", "192.0.2.53:53", false},
		{" 192.0.2.53:5353 ", "192.0.2.53:5353", false},
		{"udp://192.0.2.53", "192.0.2.53:53", false},
		{"2001:db8::1", "[2001:db8::1]:53", false},
		{"[2001:db8::1]", "[2001:db8::1]:53", false},
		{"[2001:db8::1]:5353", "[2001:db8::1]:5353", false},
		{"fe80::1%eth0", "[fe80::1%eth0]:53", false},
		{"127.0.0.1", "127.0.0.1:53", true},
		{"::1", "[::1]:53", true},
		{"::ffff:127.0.0.1", "127.0.0.1:53", true},
		{"tcp://192.0.2.53", "tcp://192.0.2.53:53", false},
		{"tcp://127.0.0.1:5353", "tcp://127.0.0.1:5353", true},
		{"TLS://192.0.2.53", "tls://192.0.2.53:853", true},
		{"tls://[2001:db8::1]:8853#DNS.example.", "tls://[2001:db8::1]:8853#dns.example", true},
		{"https://dns.example/dns-query", "https://dns.example/dns-query", true},
		{"https://dns.example", "https://dns.example/dns-query", true},
		{"https://dns.example:8443/q#192.0.2.53", "https://dns.example:8443/q#192.0.2.53", true},
		{"https://dns.example/#2001:db8::1", "https://dns.example/#2001:db8::1", true},
		{"https://192.0.2.53/dns-query", "https://192.0.2.53/dns-query", true},
		{"https://[2001:db8::1]/dns-query", "https://[2001:db8::1]/dns-query", true},
	} {
		s, err := ParseServer(tc.in)
		if err != nil || s.String() != tc.want || s.Trusted() != tc.trusted {
			t.Errorf("%q: %q, trusted %v, %v", tc.in, s.String(), s.Trusted(), err)
		}
	}
	for _, in := range []string{
		"", "dns.example", "192.0.2", "192.0.2.53:", "192.0.2.53:0", "192.0.2.53:99999", "192.0.2.53#x", "192.0.2.53 192.0.2.54",
		"tls://", "tls://dns.example", "tls://192.0.2.53#", "tls://192.0.2.53#a b", "http://dns.example/dns-query", "quic://192.0.2.53",
		"https://", "https:///x", "https://user:pw@dns.example/", "https://dns.example/#nowhere", "https://a b/", "://", "-x",
	} {
		if s, err := ParseServer(in); err == nil {
			t.Errorf("%q was taken for %s", in, s)
		} else if !strings.Contains(err.Error(), "192.0.2.53") {
			t.Errorf("%q: the error does not say what to give: %v", in, err)
		}
	}
}

func FuzzParseServer(f *testing.F) {
	for _, s := range []string{
		"192.0.2.53", "[::1]:53", "tls://192.0.2.53#dns.example", "https://dns.example/q#192.0.2.1", "fe80::1%x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		s, err := ParseServer(in)
		if err != nil {
			return
		}
		again, err := ParseServer(s.String())
		if err != nil || again != s {
			t.Fatalf("%q: %s, read again as %s, %v", in, s, again, err)
		}
		if fmt.Sprint(NewClient(Options{Servers: []Server{s}})) != s.String() {
			t.Fatalf("%q: client names it otherwise", in)
		}
	})
}
