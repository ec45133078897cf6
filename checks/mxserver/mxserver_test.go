package mxserver

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
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

// lab is a domain with one MX host, and the references, in memory.
type lab struct {
	t    *testing.T
	ca   *smtptest.CA
	cert smtptest.Spec
	mx   smtptest.Persona
	net  *smtptest.Net
	dns  map[string]dnsrec.Answer

	mu         sync.Mutex
	busy, most int
}

const mxHost = "mx1.contoso.com"

func newLab(t *testing.T) *lab {
	t.Helper()
	ca, err := smtptest.NewCA("Lab CA")
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, ca: ca, cert: smtptest.Spec{Names: []string{mxHost}}, net: &smtptest.Net{Routes: map[string]smtptest.Route{}},
		dns: map[string]dnsrec.Answer{}}
	l.mx = smtptest.Persona{Greeting: "220 mx1.contoso.com ESMTP", Name: "mx1.contoso.com", EHLO: []string{"STARTTLS"}, EHLOTLS: []string{"8BITMIME"}}
	l.answer("contoso.com MX", "10 mx1.contoso.com.")
	l.answer(mxHost+" A", "192.0.2.25")
	l.answer(mxHost + " AAAA")
	l.answer("_25._tcp." + mxHost + " TLSA")
	l.answer("25.2.0.192.in-addr.arpa PTR", "mx1.contoso.com.")
	for i, name := range references {
		l.answer(name+" A", fmt.Sprintf("198.51.100.%d", i+1))
		l.serve(fmt.Sprintf("198.51.100.%d:25", i+1), l.persona(smtptest.Persona{Greeting: "220 ref ESMTP", Name: "ref",
			EHLO: []string{"STARTTLS"}, EHLOTLS: []string{"SIZE"}}, smtptest.Spec{Names: references}))
	}
	return l
}

func (l *lab) answer(question string, values ...string) {
	l.dns[question] = dnsrec.Answer{Rcode: "NOERROR", Values: values, Authentic: true}
}

// persona gives a persona a certificate, good for the whole of the test's time.
func (l *lab) persona(p smtptest.Persona, s smtptest.Spec) smtptest.Persona {
	cert, err := l.ca.Issue(s)
	if err != nil {
		l.t.Fatal(err)
	}
	p.TLS = smtptest.Config(cert)
	return p
}

func (l *lab) serve(address string, h smtptest.Handler) {
	l.net.Routes[address] = smtptest.Route{Server: smtptest.NewPiped(l.t, h)}
}

// reference changes the first reference.
func (l *lab) reference(greeting string, from, until time.Time) {
	l.serve("198.51.100.1:25", l.persona(smtptest.Persona{Greeting: greeting, Name: "ref", EHLO: []string{"STARTTLS"}, EHLOTLS: []string{"SIZE"}},
		smtptest.Spec{Names: references, NotBefore: from, NotAfter: until}))
}

func (l *lab) fault(address string, f smtptest.Fault) {
	l.net.Routes[address] = smtptest.Route{Fault: f}
}

func (l *lab) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	a, ok := l.dns[q.Name+" "+string(q.Type)]
	a.Query = q
	if !ok {
		return a, &dnsrec.Error{Query: q, Kind: dnsrec.KindServFail, Server: "lab"}
	}
	return a, nil
}

// talk counts how many conversations are held at once.
func (l *lab) talk(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
	l.mu.Lock()
	l.busy++
	l.most = max(l.most, l.busy)
	l.mu.Unlock()
	defer func() { l.mu.Lock(); l.busy--; l.mu.Unlock() }()
	cfg.Roots = l.ca.Roots()
	return smtpprobe.Probe(ctx, l.net, cfg)
}

// run checks the domain; known changes what is known before it is judged.
func (l *lab) run(trust bool, known func(f *facts)) (fs []report.Finding) {
	l.t.Helper()
	if l.net.Routes["192.0.2.25:25"] == (smtptest.Route{}) {
		l.serve("192.0.2.25:25", l.persona(l.mx, l.cert))
	}
	env := &kit.Env{Domain: "contoso.com", Now: time.Now(), TrustAD: trust, World: kit.World{DNS: l, SMTP: l.talk}}
	f := kit.Gather(l.t.Context(), env, func(k *kit.Known) facts { return gather(k, Options{}) })
	if known != nil {
		known(&f)
	}
	fs = judge(f)
	kittest.Sound(l.t, fs)
	for _, y := range fs {
		if bad := y.Status >= report.Warn && y.Status != report.Skip; bad && (y.Cause == "" || y.Fix == nil || y.Fix.Text == "" || len(y.Evidence) == 0) {
			l.t.Errorf("%s: no cause, fix or evidence: %+v", y.Code, y)
		}
		if y.Cause == report.CauseNetwork && y.Status == report.Fail {
			l.t.Errorf("%s: a fault of the network fails the domain", y.Code)
		}
	}
	return fs
}

func brief(fs []report.Finding) string {
	var out []string
	for _, y := range fs {
		s := strings.ToUpper(y.Status.String()) + " " + strings.TrimPrefix(y.Code, "mxserver.")
		if y.Cause != "" {
			s += "/" + string(y.Cause)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// Each fault of a server, of the way there and of the DNS has its finding, and its
// owner.
func TestServers(t *testing.T) {
	day := 24 * time.Hour
	const good = "PASS greeting, PASS starttls, PASS certificate, PASS ptr"
	for name, c := range map[string]struct {
		change func(l *lab)
		want   string
	}{
		"good":        {func(l *lab) {}, good},
		"no starttls": {func(l *lab) { l.mx.EHLO = []string{"SIZE"} }, "PASS greeting, WARN starttls/domain, PASS ptr"},
		"starttls later": {func(l *lab) { l.mx.On = map[string]string{"STARTTLS": "454 4.7.0 TLS not available"} },
			"PASS greeting, UNKNOWN starttls/domain, PASS ptr"},
		"starttls broken": {func(l *lab) { l.mx.On = map[string]string{"STARTTLS": "501 no"} }, "PASS greeting, WARN starttls/domain, PASS ptr"},
		"wrong name": {func(l *lab) { l.cert.Names = []string{"other.example"} },
			"PASS greeting, PASS starttls, WARN certificate/domain, PASS ptr"},
		"self-signed": {func(l *lab) { l.cert.SelfSigned = true }, "PASS greeting, PASS starttls, WARN certificate/domain, PASS ptr"},
		"expired": {func(l *lab) { l.cert.NotAfter, l.cert.NotBefore = time.Now().Add(-day), time.Now().Add(-9*day) },
			"PASS greeting, PASS starttls, WARN certificate/domain, PASS ptr"},
		"expires soon": {func(l *lab) { l.cert.NotAfter = time.Now().Add(5 * day) },
			"PASS greeting, PASS starttls, WARN certificate/domain, PASS ptr"},
		"clock ahead": {func(l *lab) {
			l.cert.NotBefore, l.cert.NotAfter = time.Now().Add(-9*day), time.Now().Add(-day)
			l.reference("220 ref ESMTP", l.cert.NotBefore, l.cert.NotAfter)
		}, "PASS greeting, PASS starttls, UNKNOWN certificate/local, PASS ptr"},
		"clock behind": {func(l *lab) {
			l.cert.NotBefore, l.cert.NotAfter = time.Now().Add(day), time.Now().Add(9*day)
			l.reference("220 ref ESMTP", l.cert.NotBefore, l.cert.NotAfter)
		}, "PASS greeting, PASS starttls, UNKNOWN certificate/local, PASS ptr"},
		"clock ahead, by the reference": {func(l *lab) {
			l.cert.NotBefore, l.cert.NotAfter = time.Now().Add(-9*day), time.Now().Add(-day)
			l.reference("220 ref ready at "+time.Now().Add(-2*day).Format(time.RFC1123Z), time.Now().Add(-9*day), time.Now().Add(90*day))
		}, "PASS greeting, PASS starttls, UNKNOWN certificate/local, PASS ptr"},
		"clock ahead, by the server alone": {func(l *lab) {
			l.cert.NotBefore, l.cert.NotAfter = time.Now().Add(-9*day), time.Now().Add(-day)
			l.mx.Greeting = "220 mx1.contoso.com ESMTP " + time.Now().Add(-2*day).Format(time.RFC1123Z)
		}, "PASS greeting, PASS starttls, UNKNOWN certificate/local, PASS ptr"},
		"expired, and the server's clock is wrong": {func(l *lab) {
			l.cert.NotBefore, l.cert.NotAfter = time.Now().Add(-9*day), time.Now().Add(-day)
			l.mx.Greeting = "220 mx1.contoso.com ESMTP " + time.Now().Add(-2*day).Format(time.RFC1123Z)
			l.reference("220 ref ready at "+time.Now().Format(time.RFC1123Z), time.Now().Add(-9*day), time.Now().Add(90*day))
		}, "PASS greeting, PASS starttls, WARN certificate/domain, PASS ptr"},
		"expired, the reference is not valid yet": {func(l *lab) {
			l.cert.NotBefore, l.cert.NotAfter = time.Now().Add(-9*day), time.Now().Add(-day)
			l.reference("220 ref ESMTP", time.Now().Add(day), time.Now().Add(9*day))
		}, "PASS greeting, PASS starttls, WARN certificate/domain, PASS ptr"},
		"rejects this network": {func(l *lab) { l.mx.Greeting = "554 5.7.1 blocked" }, "UNKNOWN greeting/network, PASS ptr"},
		"rejects EHLO":         {func(l *lab) { l.mx.On = map[string]string{"EHLO": "550 5.7.1 go away"} }, "UNKNOWN greeting/network, PASS ptr"},
		"refused":              {func(l *lab) { l.fault("192.0.2.25:25", smtptest.Refused) }, "FAIL tcp/domain"},
		"silent":               {func(l *lab) { l.fault("192.0.2.25:25", smtptest.Dropped) }, "UNKNOWN tcp/remote"},
		"nothing to compare with": {func(l *lab) {
			for _, name := range references {
				l.answer(name + " A")
			}
			l.fault("192.0.2.25:25", smtptest.Refused)
		}, "UNKNOWN tcp/network"},
		"blocked here": {func(l *lab) {
			for _, a := range []string{"192.0.2.25:25", "198.51.100.1:25", "198.51.100.2:25"} {
				l.fault(a, smtptest.Dropped)
			}
		}, "UNKNOWN path/network"},
		"refused for all here": {func(l *lab) {
			for _, a := range []string{"192.0.2.25:25", "198.51.100.1:25", "198.51.100.2:25"} {
				l.fault(a, smtptest.Refused)
			}
		}, "UNKNOWN path/network"},
		"only the second reference": {func(l *lab) { l.fault("198.51.100.1:25", smtptest.Dropped) }, good},
		"only the own server": {func(l *lab) {
			l.fault("198.51.100.1:25", smtptest.Dropped)
			l.fault("198.51.100.2:25", smtptest.Dropped)
		}, good},
		"starttls removed here": {func(l *lab) {
			l.mx.EHLO = []string{"SIZE"}
			l.serve("198.51.100.1:25", smtptest.Persona{Greeting: "220 box", Name: "box", EHLO: []string{"SIZE"}})
		}, "UNKNOWN path/network"},
		"no name": {func(l *lab) { l.answer("25.2.0.192.in-addr.arpa PTR") }, "PASS greeting, PASS starttls, PASS certificate, INFO ptr"},
		"name of another": {func(l *lab) {
			l.answer("25.2.0.192.in-addr.arpa PTR", "x.example.")
			l.answer("x.example A", "192.0.2.99")
		}, "PASS greeting, PASS starttls, PASS certificate, INFO ptr"},
		"no address":       {func(l *lab) { l.answer(mxHost + " A") }, "FAIL dns/domain"},
		"private address":  {func(l *lab) { l.answer(mxHost+" A", "10.0.0.1") }, "FAIL dns/domain"},
		"address unknown":  {func(l *lab) { delete(l.dns, mxHost+" A") }, "UNKNOWN dns/resolver"},
		"no such domain":   {func(l *lab) { l.dns["contoso.com MX"] = dnsrec.Answer{Rcode: "NXDOMAIN"} }, "FAIL dns/input"},
		"null MX":          {func(l *lab) { l.answer("contoso.com MX", "0 .") }, "SKIP dns"},
		"resolver is down": {func(l *lab) { delete(l.dns, "contoso.com MX") }, "UNKNOWN dns/resolver"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t)
				c.change(l)
				if got := brief(l.run(true, nil)); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			})
		})
	}
}

// TLSA records are compared with the certificate that the server shows: in each
// form, and only what DNSSEC proves can fail.
func TestTLSAAgainstTheLiveCertificate(t *testing.T) {
	for name, c := range map[string]struct {
		record func(chain []smtpprobe.Certificate) string
		spec   smtptest.Spec
		signed bool
		want   report.Status
	}{
		"3 1 1":              {func(c []smtpprobe.Certificate) string { return "3 1 1 " + c[0].KeySHA256 }, smtptest.Spec{}, true, report.Pass},
		"3 0 1":              {func(c []smtpprobe.Certificate) string { return "3 0 1 " + c[0].SHA256 }, smtptest.Spec{}, true, report.Pass},
		"3 1 2":              {func(c []smtpprobe.Certificate) string { return "3 1 2 " + c[0].KeySHA512 }, smtptest.Spec{}, true, report.Pass},
		"3 0 2":              {func(c []smtpprobe.Certificate) string { return "3 0 2 " + c[0].SHA512 }, smtptest.Spec{}, true, report.Pass},
		"self-signed, 3 1 1": {func(c []smtpprobe.Certificate) string { return "3 1 1 " + c[0].KeySHA256 }, smtptest.Spec{SelfSigned: true}, true, report.Pass},
		"other name, 3 1 1": {func(c []smtpprobe.Certificate) string { return "3 1 1 " + c[0].KeySHA256 },
			smtptest.Spec{Names: []string{"other.example"}}, true, report.Pass},
		"anchor": {func(c []smtpprobe.Certificate) string { return "2 0 1 " + c[1].SHA256 }, smtptest.Spec{Intermediate: true}, true, report.Pass},
		"anchor, other name": {func(c []smtpprobe.Certificate) string { return "2 0 1 " + c[1].SHA256 },
			smtptest.Spec{Intermediate: true, Names: []string{"other.example"}}, true, report.Fail},
		"leaf as anchor":      {func(c []smtpprobe.Certificate) string { return "2 1 1 " + c[0].KeySHA256 }, smtptest.Spec{}, true, report.Fail},
		"old key":             {func([]smtpprobe.Certificate) string { return "3 1 1 " + strings.Repeat("ab", 32) }, smtptest.Spec{}, true, report.Fail},
		"old key, unsigned":   {func([]smtpprobe.Certificate) string { return "3 1 1 " + strings.Repeat("ab", 32) }, smtptest.Spec{}, false, report.Warn},
		"intermediate as own": {func(c []smtpprobe.Certificate) string { return "3 0 1 " + c[1].SHA256 }, smtptest.Spec{Intermediate: true}, true, report.Fail},
		"usage 1":             {func(c []smtpprobe.Certificate) string { return "1 1 1 " + c[0].KeySHA256 }, smtptest.Spec{}, true, report.Info},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t)
				l.cert = c.spec
				if l.cert.Names == nil {
					l.cert.Names = []string{mxHost}
				}
				fs := l.run(true, func(f *facts) {
					h := &f.hosts[0]
					h.tlsa.Values, h.tlsa.Authentic = []string{c.record(h.addresses[0].session.TLS.Chain)}, c.signed
				})
				i := slices.IndexFunc(fs, func(y report.Finding) bool { return y.Code == "mxserver.tlsa" })
				if i < 0 || fs[i].Status != c.want {
					t.Errorf("got %s, want tlsa %s", brief(fs), c.want)
				}
			})
		})
	}
}

// A run is a burden to nobody: two connections at once, ten in all.
func TestFewConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		var ips []string
		for i := range 14 {
			ip := fmt.Sprintf("192.0.2.%d", i+1)
			ips = append(ips, ip)
			l.answer(dnsrec.Q(fmt.Sprintf("%d.2.0.192.in-addr.arpa", i+1), dnsrec.TypePTR).String())
			l.serve(ip+":25", smtptest.HandlerFunc(func(c *smtptest.Conn) { time.Sleep(time.Second); c.Send("421 busy\r\n") }))
		}
		l.answer(mxHost+" A", ips...)
		fs := l.run(true, nil)
		if dialed := len(l.net.Dialed()); l.most != atOnce || dialed != maxAddresses+1 {
			t.Errorf("%d at once, %d connections", l.most, dialed)
		}
		if y := fs[len(fs)-1]; y.Code != "mxserver.limit" {
			t.Errorf("nothing says what was left out: %s", brief(fs))
		}
	})
}
