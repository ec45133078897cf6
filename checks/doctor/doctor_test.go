package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dnstest"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// today is the clock of the machine in these tests.
var today = time.Date(2026, time.November, 26, 12, 0, 0, 0, time.UTC)

// lab is a small Internet: a resolver, and servers for the peers. The port that a
// peer listens on is mapped to a server on loopback.
type lab struct {
	t     *testing.T
	dns   *dnstest.Server
	net   *smtptest.Net
	roots *x509.CertPool
	date  string
}

const zone = `
smtp.office365.com. 300 IN A 192.0.2.1
smtp.office365.com. 300 IN AAAA 2001:db8::1
www.google.com. 300 IN A 192.0.2.2
smtp.office365.com. 300 IN A 192.0.2.3
smtp.gmail.com. 300 IN A 192.0.2.4
smtp.mail.yahoo.com. 300 IN A 192.0.2.5
gmail-smtp-in.l.google.com. 300 IN A 192.0.2.6
. 300 IN NS a.root-servers.net.
`

// newLab is a network in which nothing is wrong.
func newLab(t *testing.T, opts ...dnstest.Option) *lab {
	t.Helper()
	records := zone
	for _, name := range largeTXT {
		records += fmt.Sprintf("%s. 300 IN TXT %q %q %q %q\n", name,
			strings.Repeat("a", 200), strings.Repeat("b", 200), strings.Repeat("c", 200), strings.Repeat("d", 200))
	}
	l := &lab{t: t, dns: dnstest.New(t, records, opts...), net: &smtptest.Net{Routes: map[string]smtptest.Route{}},
		roots: x509.NewCertPool(), date: today.Format("Mon, 02 Jan 2006 15:04:05 GMT")}
	l.listen("192.0.2.1:443", "Microsoft Test CA", "smtp.office365.com")
	l.net.Routes["[2001:db8::1]:443"] = l.net.Routes["192.0.2.1:443"]
	l.listen("192.0.2.2:443", "Google Test CA", "www.google.com")
	l.listen("192.0.2.4:465", "Google Test CA", "smtp.gmail.com")
	l.talk("220 good.example ESMTP\n", "250-good.example\n250 STARTTLS\n")
	return l
}

// listen puts a server with implicit TLS at an address.
func (l *lab) listen(address, authority, host string) {
	ca, err := smtptest.NewCA(authority)
	if err != nil {
		l.t.Fatal(err)
	}
	cert, err := ca.Issue(smtptest.Spec{CommonName: host, Names: []string{host}})
	if err != nil {
		l.t.Fatal(err)
	}
	if root, err := x509.ParseCertificate(ca.DER()); err == nil {
		l.roots.AddCert(root)
	}
	l.serve(address, smtptest.Persona{Greeting: "220 x", Implicit: true, TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
}

func (l *lab) serve(address string, h smtptest.Handler) {
	l.net.Routes[address] = smtptest.Route{Server: smtptest.New(l.t, h)}
}

// talk makes the servers on ports 25 and 587 say this.
func (l *lab) talk(greeting, ehlo string) {
	for _, address := range []string{"192.0.2.3:587", "192.0.2.3:25", "192.0.2.4:587", "192.0.2.6:25"} {
		l.serve(address, smtptest.Script{Text: greeting + "C: EHLO\n" + ehlo + "C: QUIT\n221 bye\n"})
	}
}

// fault lets all connections to a port fail.
func (l *lab) fault(port string, f smtptest.Fault) {
	for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5", "192.0.2.6", "[2001:db8::1]"} {
		l.net.Routes[address+":"+port] = smtptest.Route{Fault: f}
	}
}

func (l *lab) machine() Machine {
	client := func(prefix string) *dnsrec.Client {
		s, err := dnsrec.ParseServer(prefix + l.dns.Addr)
		if err != nil {
			l.t.Fatal(err)
		}
		c := dnsrec.NewClient(dnsrec.Options{Servers: []dnsrec.Server{s}, Timeout: 10 * time.Second})
		l.t.Cleanup(c.Close)
		return c
	}
	return Machine{Resolver: "test", TrustAD: true, Now: func() time.Time { return today }, TCP: client("tcp://"),
		World: kit.World{DNS: client(""),
			SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				cfg.Roots = l.roots
				return smtpprobe.Probe(ctx, l.net, cfg)
			},
			HTTPS: func(context.Context, string) *httpsget.Response {
				return &httpsget.Response{Header: map[string]string{"Date": l.date}}
			},
		}}
}

// TestExamine breaks one thing at a time and wants the one line to say so, and the
// verdict to follow.
func TestExamine(t *testing.T) {
	for _, test := range []struct {
		name    string
		fault   func(l *lab)
		want    string // the lines that are not a pass
		verdict Verdict
	}{
		{"nothing", func(*lab) {}, "", Fit},
		{"no answers", func(l *lab) { l.dns.Fault("", "", dnstest.Fault{Rcode: "SERVFAIL"}) },
			"resolver=fail dnssec=unknown dns-size=unknown dns-tcp=unknown smtp-25=unknown smtp-465=unknown smtp-587=unknown https-443=unknown tls=unknown ipv6=unknown", Unfit},
		{"hidden names", func(l *lab) { l.dns.Fault("smtp.office365.com", "A", dnstest.Fault{Rcode: "NXDOMAIN"}) },
			"resolver=fail", Unfit},
		{"no validation", func(l *lab) {
			l.dns.Fault(".", "NS", dnstest.Fault{Records: ". 300 IN NS a.root-servers.net.", Edit: withoutAD})
		}, "dnssec=warn", Limited},
		{"no TCP", func(l *lab) { l.dns.Fault("", "", dnstest.Fault{Over: "tcp", Rcode: "REFUSED"}) }, "dns-tcp=warn", Limited},
		{"large answers lost", func(l *lab) { l.dns.Fault("", "TXT", dnstest.Fault{Rcode: "SERVFAIL"}) }, "dns-size=warn", Limited},
		{"truncated, over TCP", func(l *lab) { l.dns.Fault("", "TXT", dnstest.Fault{Truncate: true, Over: "udp"}) }, "", Fit},
		{"587 dropped", func(l *lab) { l.fault("587", smtptest.Unreachable) }, "smtp-587=warn", Limited},
		{"25 refused", func(l *lab) { l.fault("25", smtptest.Refused) }, "smtp-25=warn", Limited},
		{"one of two hosts down", func(l *lab) { l.net.Routes["192.0.2.3:587"] = smtptest.Route{Fault: smtptest.Refused} }, "", Fit},
		{"443 blocked", func(l *lab) { l.fault("443", smtptest.Prohibited) }, "https-443=warn tls=unknown ipv6=warn", Limited},
		{"no IPv6", func(l *lab) { l.net.Routes["[2001:db8::1]:443"] = smtptest.Route{Fault: smtptest.NoRoute} }, "ipv6=info", Fit},
		{"STARTTLS removed", func(l *lab) { l.talk("220 good.example ESMTP\n", "250-good.example\n250 SIZE 1\n") }, "smtp-25=warn smtp-587=warn", Limited},
		{"masked greeting", func(l *lab) { l.talk("220 ****************************\n", "250-x\n250 STARTTLS\n") }, "smtp-25=warn smtp-587=warn", Limited},
		{"not SMTP", func(l *lab) { l.talk("HTTP/1.1 400 Bad Request\n", "250 x\n") }, "smtp-25=warn smtp-587=warn", Limited},
		{"interception, not trusted", func(l *lab) { l.roots = x509.NewCertPool() }, "tls=warn", Limited},
		{"interception, trusted", func(l *lab) {
			l.listen("192.0.2.1:443", "Proxy CA", "smtp.office365.com")
			l.listen("192.0.2.2:443", "Proxy CA", "www.google.com")
		}, "tls=warn", Limited},
		{"clock two hours off", func(l *lab) { l.date = today.Add(2 * time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT") }, "clock=warn", Limited},
		{"clock years off", func(l *lab) { l.date = today.AddDate(-3, 0, 0).Format("Mon, 02 Jan 2006 15:04:05 GMT") }, "clock=fail", Unfit},
		{"no time", func(l *lab) { l.date = "soon" }, "clock=unknown", Limited},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, dnstest.Authentic())
			test.fault(l)
			lines := Examine(t.Context(), l.machine())
			var got []string
			for _, line := range lines {
				if line.Status != report.Pass {
					got = append(got, line.ID+"="+line.Status.String())
				}
				if (line.Status == report.Warn || line.Status == report.Fail) && (line.Fix == "" || line.Effect == "") {
					t.Errorf("%s has no advice: %+v", line.ID, line)
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("lines %v, want %s\n%+v", got, test.want, lines)
			}
			if v := Judge(lines); v != test.verdict {
				t.Errorf("verdict %s, want %s", v, test.verdict)
			}
		})
	}
}

// withoutAD clears the AD bit (RFC 4035 3.2.3).
func withoutAD(_, reply []byte) [][]byte {
	out := slices.Clone(reply)
	out[3] &^= 0x20
	return [][]byte{out}
}

// A resolver that sends unknown names somewhere makes every result doubtful.
func TestRedirectingResolver(t *testing.T) {
	l := newLab(t, dnstest.Authentic())
	m := l.machine()
	honest := m.DNS
	m.DNS = lookup(func(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
		a, err := honest.Lookup(ctx, q)
		if a.NXDomain() && q.Type == dnsrec.TypeA {
			a.Rcode, a.Values = "NOERROR", []string{"198.51.100.1"}
		}
		return a, err
	})
	if line := resolver(t.Context(), m); line.Status != report.Fail {
		t.Errorf("%+v", line)
	}
}

type lookup func(context.Context, dnsrec.Query) (dnsrec.Answer, error)

func (f lookup) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) { return f(ctx, q) }

// A run that is stopped blames nothing.
func TestStopped(t *testing.T) {
	l := newLab(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	lines := Examine(ctx, l.machine())
	for _, line := range lines {
		if line.Status == report.Fail || line.Status == report.Warn {
			t.Errorf("%+v", line)
		}
	}
	if got := Judge(lines); got != Cut {
		t.Errorf("verdict %s of tests that were not finished", got)
	}
}

// If the resolver gives nothing, it alone is at fault: no port, no size of a packet.
func TestMuteResolver(t *testing.T) {
	for _, kind := range []dnsrec.Kind{dnsrec.KindTimeout, dnsrec.KindServFail, dnsrec.KindRefused, dnsrec.KindReferral, dnsrec.KindNetwork} {
		l := newLab(t)
		m := l.machine()
		fails := lookup(func(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
			return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: kind}
		})
		m.DNS, m.TCP = fails, fails
		lines := Examine(t.Context(), m)
		for _, line := range lines {
			want := report.Unknown
			if line.ID == "resolver" {
				want = report.Fail
			}
			if line.Status != want && line.ID != "clock" { // the lab's web server is reached without DNS
				t.Errorf("%s: %+v", kind, line)
			}
		}
		if got := Judge(lines); got != Unfit {
			t.Errorf("%s: verdict %s", kind, got)
		}
	}
}

// Without a result, nothing is fit.
func TestJudgeNothing(t *testing.T) {
	if got := Judge(nil); got != Limited {
		t.Error(got)
	}
	if got := Judge([]Line{{}}); got != Limited {
		t.Error(got)
	}
}
