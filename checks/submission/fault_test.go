package submission

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maildiag/checks/kit"
	"maildiag/checks/kit/kittest"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// findingsOf runs rows and returns what they find.
func findingsOf(t *testing.T, env *kit.Env, rows []kit.Check) []report.Finding {
	t.Helper()
	return kit.Gather(t.Context(), env, func(k *kit.Known) []report.Finding { return kit.RunOver(k, rows) })
}

// Thirty unrelated hosts behind a firewall that drops port 587: none of them
// fails, and each run names the one cause.
func TestFault_091_PortDroppedForAll(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		up := smtptest.Route{Server: smtptest.NewPiped(t, l.exchange())}
		for port, fault := range map[string]smtptest.Fault{":587": smtptest.Dropped, ":465": smtptest.Dropped,
			":25": smtptest.Dropped} {
			l.net.Routes[port] = smtptest.Route{Fault: fault}
		}
		l.net.Routes[":443"] = up
		l.dns["smtp.gmail.com A"], l.dns["smtp.gmail.com AAAA"] = []string{"198.51.100.7"}, []string{"2001:db8::7"}
		hosts := []string{msHost}
		for i := range 29 {
			host := fmt.Sprintf("mail.host-%d.example", i)
			l.dns[host+" A"], l.dns[host+" AAAA"] = []string{fmt.Sprintf("192.0.2.%d", 100+i)}, []string{}
			hosts = append(hosts, host)
		}
		kittest.AtOnce(len(hosts), func(i int) {
			got := findingsOf(t, l.env(), SMTPChecks(SMTPOptions{Host: hosts[i]}))
			want := "unknown tcp/network; unknown path/network"
			if brief(got) != want || !strings.Contains(got[1].Summary, "port 587 is blocked between you and") {
				t.Errorf("%s: %s\n%s", hosts[i], brief(got), summaries(got))
			}
		})
	})
}

// pipeNet connects each dial in memory to a handler and counts.
type pipeNet struct {
	h     smtptest.Handler
	dials atomic.Int64
}

func (p *pipeNet) DialContext(context.Context, string, string) (net.Conn, error) {
	p.dials.Add(1)
	a, b := net.Pipe()
	go smtptest.Serve(b, p.h, nil)
	return a, nil
}

// Hosts that hold every connection end in time, whatever they hold it with, and
// cost a bounded number of connections.
func TestFault_111_Tarpits(t *testing.T) {
	for name, script := range map[string]string{
		"no greeting":          "!stall",
		"a byte every 5 s":     "!drip 5s 220 a greeting that goes on and on and on and on and on",
		"a line every 14 s":    "!trickle 14s 220-more",
		"EHLO never answered":  "220 x\nC: EHLO\n!stall",
		"EHLO line every 14 s": "220 x\nC: EHLO\n!trickle 14s 250-more",
	} {
		synctest.Test(t, func(t *testing.T) {
			tar := &pipeNet{h: smtptest.Script{Text: script}}
			env := &kit.Env{Domain: msHost, Now: time.Now(), World: kit.World{
				DNS: hostTable{msHost + " A": slices.Repeat([]string{v4}, 20), msHost + " AAAA": slices.Repeat([]string{v6}, 20),
					"smtp.gmail.com A": {"198.51.100.7"}},
				SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
					return smtpprobe.Probe(ctx, tar, cfg)
				},
			}}
			began := time.Now()
			got := findingsOf(t, env, SMTPChecks(SMTPOptions{Host: msHost}))
			took := time.Since(began)
			for _, f := range got {
				if f.Status == report.Fail || f.Cause == report.CauseLocal {
					t.Errorf("%s: %s", name, summaries(got))
				}
			}
			if n := tar.dials.Load(); took > 90*time.Second || n > 2+maxCanaries || len(got) < 2 {
				t.Errorf("%s: %v, %d connections\n%s", name, took, n, summaries(got))
			}
			time.Sleep(10 * time.Minute) // the servers end
		})
	}
}

// loggedTable is a hostTable that notes what it was asked.
type loggedTable struct {
	hostTable
	mu    *sync.Mutex
	asked *[]string
}

func (l loggedTable) Lookup(ctx context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	l.mu.Lock()
	*l.asked = append(*l.asked, q.String())
	l.mu.Unlock()
	return l.hostTable.Lookup(ctx, q)
}

// A stranger's host, named by the domain or put in by the resolver, gets no
// secret, however valid a certificate of its own it has.
func TestFault_153_StrangersHost(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		stranger := smtptest.NewPiped(t, smtptest.ExchangeOnline(l.tls(smtptest.Spec{
			Names: []string{"mail.stranger.example"}}), nil))
		for _, address := range []string{"203.0.113.66:587", "203.0.113.66:465", "203.0.113.66:25"} {
			l.net.Routes[address] = smtptest.Route{Server: stranger}
		}
		l.dns["_submission._tcp.contoso.com SRV"] = []string{"0 1 587 mail.stranger.example"}
		l.dns["_submissions._tcp.contoso.com SRV"] = []string{"0 1 465 mail.stranger.example"}
		l.dns["mail.stranger.example A"] = []string{"203.0.113.66"}
		for name, address := range map[string]string{"named by the domain": v4, "put in by the resolver": "203.0.113.66"} {
			good := l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{loginUser: loginPass}))
			l.dns[msHost+" A"], l.dns[msHost+" AAAA"] = []string{address}, []string{}
			env, asked := l.env(), []string{}
			env.DNS = loggedTable{l.dns, &sync.Mutex{}, &asked}
			env.Cloud = "worldwide"
			auth := &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}
			got := findingsOf(t, env, SMTPChecks(SMTPOptions{Auth: auth, NoComparison: true}))
			if clear, inTLS := stranger.Received(); strings.Contains(clear+inTLS, "AUTH") {
				t.Errorf("%s: the stranger got %q", name, inTLS)
			}
			if slices.ContainsFunc(asked, func(q string) bool { return strings.HasSuffix(q, " SRV") }) {
				t.Errorf("%s: asked %v", name, asked)
			}
			good.Close()
			_, inTLS := good.Received()
			if named := address == v4; strings.Contains(inTLS, "AUTH") != named {
				t.Errorf("%s: %s", name, summaries(got))
			}
		}
	})
}

// A certificate that no client can use is told as that.
func TestFault_121_UnusableCertificate(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{}
		p := l.exchange()
		p.TLS.Certificates = []tls.Certificate{{Certificate: [][]byte{[]byte("junk")},
			PrivateKey: p.TLS.Certificates[0].PrivateKey}}
		l.serve(p)
		fs := l.judge(SMTPOptions{Host: "mail.example.net"})
		if f := fs[len(fs)-1]; f.Status != report.Fail || !strings.Contains(f.Summary, "certificate cannot be used") {
			t.Errorf("%s", summaries(fs))
		}
	})
}

// In Clouds() whose submission host Microsoft has not publicly confirmed, what rests on
// the name says so, and nothing fails because of it.
func TestUnconfirmedHost(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		const says = "Microsoft has not publicly confirmed this name"
		dropped := smtptest.Route{Fault: smtptest.Dropped}
		faults := []func(l *smtpLab, host string){
			func(l *smtpLab, host string) { l.dns[host+" A"], l.dns[host+" AAAA"] = nil, nil },
			func(l *smtpLab, _ string) { l.net.Routes[":587"] = dropped },
			func(l *smtpLab, _ string) { l.net.Routes[":587"] = smtptest.Route{Fault: smtptest.Refused} },
			func(l *smtpLab, _ string) {
				l.serve(smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{"a.example"}}), nil))
			},
			func(l *smtpLab, _ string) {
				p := l.exchange()
				p.EHLO = []string{"SIZE 1"}
				l.serve(p)
			},
		}
		kittest.AtOnce(len(kit.Clouds())*len(faults), func(i int) {
			c := &kit.Clouds()[i%len(kit.Clouds())]
			l := newSMTPLab(t)
			l.dns[c.Submission+" A"], l.dns[c.Submission+" AAAA"] = []string{v4}, []string{}
			l.dns["smtp.gmail.com A"] = []string{"198.51.100.7"}
			for _, port := range []string{":443", ":25", ":465"} {
				l.net.Routes[port] = dropped
			}
			faults[i/len(kit.Clouds())](l, c.Submission)
			fs := kit.Gather(t.Context(), l.env(), SMTPChecks(SMTPOptions{Host: c.Submission})[0].Run)
			for _, y := range fs {
				if y.Status == report.Fail || y.Status >= report.Warn && strings.Contains(y.Summary, says) != c.IsUnsure("Submission") {
					t.Errorf("%s, fault %d:\n%s", c.ID, i/len(kit.Clouds()), summaries(fs))
				}
			}
		})
	})
}

// A certificate for the name proves it: no doubt is told then.
func TestUnconfirmedHostProven(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for _, c := range kit.Clouds() {
			l := newSMTPLab(t)
			l.dns[c.Submission+" A"], l.dns[c.Submission+" AAAA"] = []string{v4}, []string{}
			p := smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{c.Submission}}), nil)
			p.EHLOTLS = []string{"SIZE 1"}
			l.serve(p)
			if fs := l.judge(SMTPOptions{Host: c.Submission}); strings.Contains(summaries(fs), "not publicly confirmed") {
				t.Errorf("%s:\n%s", c.ID, summaries(fs))
			}
		}
	})
}
