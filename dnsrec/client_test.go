package dnsrec_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
)

// try is the time-out of a try in tests: long enough for a loaded machine to
// answer, short enough to wait for.
const try = 300 * time.Millisecond

func server(t testing.TB, s string) dnsrec.Server {
	t.Helper()
	srv, err := dnsrec.ParseServer(s)
	if err != nil {
		t.Fatal(err)
	}
	return srv
}

func client(t testing.TB, opts dnsrec.Options, servers ...string) *dnsrec.Client {
	t.Helper()
	for _, s := range servers {
		opts.Servers = append(opts.Servers, server(t, s))
	}
	if opts.Timeout == 0 {
		opts.Timeout = try
	}
	c := dnsrec.NewClient(opts)
	t.Cleanup(c.Close)
	return c
}

func ask(r dnsrec.Resolver, name string, typ dnsrec.Type) (dnsrec.Answer, error) {
	return r.Lookup(context.Background(), dnsrec.Q(name, typ))
}

// show returns what matters of an answer or error in one line.
func show(a dnsrec.Answer, err error) string {
	if err != nil {
		return string(dnsrec.KindOf(err))
	}
	parts := append([]string{a.Rcode}, a.CNAMEs...)
	return strings.Join(append(parts, a.Values...), "|")
}

const zone = `
$ORIGIN example.com.
$TTL 600
@        SOA   ns.example.com. admin.example.com. 1 2 3 4 60
         NS    NS.Example.COM.
         MX    10 Mail.Example.COM.
         TXT   "v=spf1 " "-all"
         TXT   "other"
mail     300 A 192.0.2.1
mail     AAAA  2001:db8::1
null     MX    0 .
_25._tcp.mail TLSA 3 1 1 ABCDEF
_sip._tcp SRV  0 5 5060 mail
www      100 CNAME mail
far      CNAME www
lost     CNAME nowhere
deep     CNAME mail
`

func TestLookup(t *testing.T) {
	srv := dnstest.New(t, zone, dnstest.WithTLS())
	for _, s := range []string{
		srv.Addr, "tcp://" + srv.Addr, "tls://" + srv.TLSAddr, "tls://" + srv.TLSAddr + "#dns.test", srv.URL,
		strings.Replace(srv.URL, "127.0.0.1", "dns.test", 1) + "#127.0.0.1",
	} {
		c := client(t, dnsrec.Options{RootCAs: srv.CA(), Timeout: 5 * time.Second}, s)
		for _, tc := range []struct {
			name string
			typ  dnsrec.Type
			want string
			ttl  int
		}{
			{"example.com", "MX", "NOERROR|10 mail.example.com", 600},
			{"Example.COM.", "TXT", "NOERROR|other|v=spf1 -all", 600},
			{"example.com", "NS", "NOERROR|ns.example.com", 600},
			{"null.example.com", "MX", "NOERROR|0 .", 600},
			{"mail.example.com", "A", "NOERROR|192.0.2.1", 300},
			{"mail.example.com", "AAAA", "NOERROR|2001:db8::1", 600},
			{"_25._tcp.mail.example.com", "TLSA", "NOERROR|3 1 1 abcdef", 600},
			{"_sip._tcp.example.com", "SRV", "NOERROR|0 5 5060 mail.example.com", 600},
			{"far.example.com", "A", "NOERROR|www.example.com|mail.example.com|192.0.2.1", 100},
			{"far.example.com", "CNAME", "NOERROR|www.example.com", 600},
			{"far.example.com", "MX", "NOERROR|www.example.com|mail.example.com", 60},
			{"lost.example.com", "A", "NXDOMAIN|nowhere.example.com", 60},
			{"mail.example.com", "MX", "NOERROR", 60},
			{"none.example.com", "MX", "NXDOMAIN", 60},
			{"example.com", "SOA", "NOERROR|ns.example.com. admin.example.com. 1 2 3 4 60", 600},
		} {
			a, err := ask(c, tc.name, tc.typ)
			if got := show(a, err); got != tc.want || a.TTL != time.Duration(tc.ttl)*time.Second {
				t.Errorf("%s: %s %s: got %s TTL %v, want %s TTL %d (%v)",
					s, tc.name, tc.typ, got, a.TTL, tc.want, tc.ttl, err)
			}
		}
		a, _ := ask(c, "example.com", "TXT")
		if !slices.EqualFunc(a.Strings, [][]int{{5}, {7, 4}}, slices.Equal) {
			t.Errorf("%s: lengths of strings: %v", s, a.Strings)
		}
		if !strings.HasPrefix(a.Server, s) && !strings.HasPrefix("tcp://"+a.Server, s) {
			t.Errorf("%s: answered by %s", s, a.Server)
		}
	}
}
