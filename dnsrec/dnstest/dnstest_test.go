package dnstest_test

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"maildiag/dnsrec/dnstest"
)

const world = `
$ORIGIN example.com.
@          SOA  ns hostmaster 1 2 3 4 60
@          MX   10 mail
mail       A    192.0.2.1
a.b.deep   TXT  "x" "y"
*.wild     TXT  "star"
sub.wild   A    192.0.2.2
alias      CNAME mail
chain      CNAME alias
loop       CNAME pool
pool       CNAME loop
dangling   CNAME nowhere
old        DNAME new
x.new      A    192.0.2.3
`

func ask(t *testing.T, srv *dnstest.Server, network, name string, typ uint16) *dns.Msg {
	t.Helper()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(name), typ)
	m.SetEdns0(1232, false)
	c := dns.Client{Net: network, Timeout: 2 * time.Second}
	addr := srv.Addr
	if network == "tcp-tls" {
		addr, c.TLSConfig = srv.TLSAddr, &tls.Config{RootCAs: srv.CA(), ServerName: "dns.test"}
	}
	r, _, err := c.Exchange(m, addr)
	if err != nil {
		t.Fatalf("%s %s: %v", name, network, err)
	}
	return r
}

func values(r *dns.Msg) string {
	var out []string
	for _, rr := range r.Answer {
		out = append(out, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return strings.Join(out, "|")
}

func TestAnswers(t *testing.T) {
	srv := dnstest.New(t, world)
	for _, tc := range []struct {
		name  string
		typ   uint16
		rcode int
		want  string
		soa   string
	}{
		{"example.com", dns.TypeMX, dns.RcodeSuccess, "10 mail.example.com.", ""},
		{"MAIL.example.COM", dns.TypeA, dns.RcodeSuccess, "192.0.2.1", ""},
		{"mail.example.com", dns.TypeAAAA, dns.RcodeSuccess, "", "example.com."},
		{"b.deep.example.com", dns.TypeTXT, dns.RcodeSuccess, "", "example.com."}, // empty non-terminal
		{"c.deep.example.com", dns.TypeTXT, dns.RcodeNameError, "", "example.com."},
		{"any.wild.example.com", dns.TypeTXT, dns.RcodeSuccess, `"star"`, ""},
		{"two.any.wild.example.com", dns.TypeTXT, dns.RcodeSuccess, `"star"`, ""},
		{"any.wild.example.com", dns.TypeA, dns.RcodeSuccess, "", "example.com."},
		{"x.sub.wild.example.com", dns.TypeTXT, dns.RcodeNameError, "", "example.com."}, // RFC 4592 2.2.1
		{"chain.example.com", dns.TypeA, dns.RcodeSuccess,
			"alias.example.com.|mail.example.com.|192.0.2.1", ""},
		{"chain.example.com", dns.TypeCNAME, dns.RcodeSuccess, "alias.example.com.", ""},
		{"chain.example.com", dns.TypeMX, dns.RcodeSuccess, "alias.example.com.|mail.example.com.", "example.com."},
		{"dangling.example.com", dns.TypeA, dns.RcodeNameError, "nowhere.example.com.", "example.com."},
		{"loop.example.com", dns.TypeA, dns.RcodeSuccess, "pool.example.com.|loop.example.com.", ""},
		{"x.old.example.com", dns.TypeA, dns.RcodeSuccess, "new.example.com.|x.new.example.com.|192.0.2.3", ""},
		{"other.test", dns.TypeA, dns.RcodeNameError, "", "."},
	} {
		r := ask(t, srv, "udp", tc.name, tc.typ)
		soa := ""
		if len(r.Ns) == 1 {
			soa = r.Ns[0].Header().Name
		}
		if r.Rcode != tc.rcode || values(r) != tc.want || soa != tc.soa {
			t.Errorf("%s %s: got %s %q SOA %q, want %s %q %q", tc.name, dns.Type(tc.typ),
				dns.RcodeToString[r.Rcode], values(r), soa, dns.RcodeToString[tc.rcode], tc.want, tc.soa)
		}
	}
}

func TestTransports(t *testing.T) {
	srv := dnstest.New(t, "example.com. A 192.0.2.1", dnstest.WithTLS())
	for _, network := range []string{"udp", "tcp", "tcp-tls"} {
		if r := ask(t, srv, network, "example.com", dns.TypeA); values(r) != "192.0.2.1" {
			t.Errorf("%s: %s", network, r)
		}
	}
	var got []string
	for _, q := range srv.Queries() {
		got = append(got, q.Transport)
	}
	if want := []string{"udp", "tcp", "tls"}; !slices.Equal(got, want) {
		t.Errorf("log has %v, want %v", got, want)
	}
}

func TestFaultCounts(t *testing.T) {
	srv := dnstest.New(t, "example.com. A 192.0.2.1")
	srv.Fault("example.com", "A", dnstest.Fault{Skip: 1, Times: 2, Rcode: "SERVFAIL",
		Extended: []dnstest.Extended{{Code: 22, Text: "no reachable authority"}}})
	var got []int
	for range 4 {
		got = append(got, ask(t, srv, "udp", "example.com", dns.TypeA).Rcode)
	}
	if want := []int{0, 2, 2, 0}; !slices.Equal(got, want) {
		t.Errorf("rcodes %v, want %v", got, want)
	}
	srv.Heal()
	srv.Fault("", "", dnstest.Fault{Records: "example.com. A 192.0.2.9"})
	if r := ask(t, srv, "udp", "example.com", dns.TypeA); values(r) != "192.0.2.9" {
		t.Errorf("replaced records: %s", values(r))
	}
}

func TestTruncation(t *testing.T) {
	long := strings.Repeat(`"`+strings.Repeat("x", 250)+`" `, 8)
	srv := dnstest.New(t, "example.com. TXT "+long)
	if r := ask(t, srv, "udp", "example.com", dns.TypeTXT); !r.Truncated {
		t.Error("2,000 bytes over UDP are not truncated")
	}
	if r := ask(t, srv, "tcp", "example.com", dns.TypeTXT); r.Truncated || len(r.Answer) != 1 {
		t.Errorf("over TCP: %s", r)
	}
}

func TestBigZoneLoadsFast(t *testing.T) {
	var b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&b, "n%d.example.com. 300 IN TXT \"v=spf1 include:spf.protection.outlook.com -all\"\n", i)
	}
	began := time.Now()
	srv := dnstest.New(t, b.String())
	t.Logf("60,000 records in %v", time.Since(began))
	if r := ask(t, srv, "udp", "n59999.example.com", dns.TypeTXT); len(r.Answer) != 1 {
		t.Errorf("last record is missing: %s", r)
	}
}

func TestBadZone(t *testing.T) {
	if _, err := dnstest.Start("example.com. MX ten mail"); err == nil {
		t.Error("a broken zone text was accepted")
	}
}
