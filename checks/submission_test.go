package checks

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// smtpLab is Microsoft's submission host on a network that can be broken.
type smtpLab struct {
	t   *testing.T
	ca  *smtptest.CA
	net *smtptest.Net
	dns hostTable
}

// hostTable is a resolver that knows these addresses only and refuses others.
type hostTable map[string][]string

func (h hostTable) Lookup(_ context.Context, q dnsrec.Query) (dnsrec.Answer, error) {
	values, ok := h[q.String()]
	if !ok {
		return dnsrec.Answer{Query: q}, &dnsrec.Error{Query: q, Kind: dnsrec.KindRefused, Server: "table"}
	}
	return dnsrec.Answer{Query: q, Rcode: "NOERROR", Values: values, Server: "table"}, nil
}

const (
	msHost = "smtp.office365.com"
	v4, v6 = "192.0.2.10", "2001:db8::10"
)

func newSMTPLab(t *testing.T) *smtpLab {
	t.Helper()
	ca, err := smtptest.NewCA("DigiCert Test CA")
	if err != nil {
		t.Fatal(err)
	}
	return &smtpLab{t: t, ca: ca, net: &smtptest.Net{Routes: map[string]smtptest.Route{}},
		dns: hostTable{msHost + " A": {v4}, msHost + " AAAA": {v6}}}
}

func (l *smtpLab) tls(spec smtptest.Spec) *tls.Config {
	l.t.Helper()
	cert, err := l.ca.Issue(spec)
	if err != nil {
		l.t.Fatal(err)
	}
	return smtptest.Config(cert)
}

func msSpec() smtptest.Spec {
	return smtptest.Spec{CommonName: "outlook.com", Names: []string{msHost, "mail.example.net"}}
}

// exchange is Exchange Online with a good certificate.
func (l *smtpLab) exchange() smtptest.Persona {
	return smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{})
}

// serve puts a server behind all addresses at port 587.
func (l *smtpLab) serve(h smtptest.Handler) *smtptest.Server {
	srv := smtptest.New(l.t, h)
	l.net.Routes[":587"] = smtptest.Route{Server: srv}
	return srv
}

func (l *smtpLab) env() *Env {
	return &Env{Domain: "contoso.com", Now: time.Now(), World: World{
		DNS: l.dns,
		SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
			cfg.Roots, cfg.Hello = l.ca.Roots(), "[192.0.2.77]"
			const short = 200 * time.Millisecond
			cfg.Limits = smtpprobe.Limits{Connect: short, Banner: short, Command: short, TLS: time.Second}
			return smtpprobe.Probe(ctx, l.net, cfg)
		},
	}}
}

// judge examines a server as the submission row does.
func (l *smtpLab) judge(o SMTPOptions) []report.Finding {
	l.t.Helper()
	fs := judgeSubmission(fetchSubmission(l.t.Context(), l.env(), o.target(nil)))
	for i := range fs {
		complete(&fs[i], Check{ID: "submission"})
	}
	checkFindings(l.t, fs)
	return fs
}

// checkFindings holds what is true of all findings.
func checkFindings(t *testing.T, fs []report.Finding) {
	t.Helper()
	for _, f := range fs {
		if f.Summary == "" || f.Code == "" || f.Status == report.Unset {
			t.Errorf("incomplete: %+v", f)
		}
		bad := f.Status == report.Warn || f.Status == report.Fail || f.Status == report.Unknown
		if bad && (f.Cause == "" || f.Fix == nil || f.Fix.Owner == "" || f.Fix.Text == "") {
			t.Errorf("%s: no cause or fix: %+v", f.Code, f)
		}
		if bad && len(f.Evidence) == 0 && !strings.HasPrefix(f.Code, "path.") && f.Cause != report.CauseInput {
			t.Errorf("%s: no evidence", f.Code)
		}
		if f.Cause == report.CauseNetwork && f.Status == report.Fail {
			t.Errorf("%s: the network's fault is told as a fail", f.Code)
		}
	}
}

// brief gives the findings as "status code", and the causes of those that are
// no pass.
func brief(fs []report.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Status.String() + " " + strings.TrimPrefix(f.Code, "submission."))
		if f.Cause != "" {
			b.WriteString("/" + string(f.Cause))
		}
		b.WriteString("; ")
	}
	return strings.TrimSuffix(b.String(), "; ")
}

func summaries(fs []report.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(f.Status.String() + " " + f.Code + "  " + f.Subject + "  " + f.Summary + "\n")
	}
	return b.String()
}

const allPass = "pass tcp; pass greeting; pass starttls; pass certificate; pass auth"

func TestSubmissionPasses(t *testing.T) {
	l := newSMTPLab(t)
	l.serve(l.exchange())
	fs := l.judge(SMTPOptions{})
	if brief(fs) != allPass {
		t.Fatalf("got %s\n%s", brief(fs), summaries(fs))
	}
	t.Log("\n" + summaries(fs))
	if !slices.Equal(l.net.Dialed(), []string{v4 + ":587", "[" + v6 + "]:587"}) &&
		!slices.Equal(l.net.Dialed(), []string{"[" + v6 + "]:587", v4 + ":587"}) {
		t.Errorf("dialled %v", l.net.Dialed())
	}
	if fs[3].Data["days_left"] != 212 || fs[2].Data["version"] != "TLS 1.3" || fs[4].Data["mechanisms"] != "LOGIN XOAUTH2" {
		t.Errorf("data %v %v %v", fs[2].Data, fs[3].Data, fs[4].Data)
	}
	if fs[0].Data["ipv4_ms"] == nil || fs[0].Data["ipv6_ms"] == nil {
		t.Errorf("tcp data %v", fs[0].Data)
	}
}

func TestSubmissionSkippedWithoutMicrosoft(t *testing.T) {
	env := newSMTPLab(t).env()
	once(env, "profile", func() Profile { return Profile{} })
	if fs := runSubmission(t.Context(), env); len(fs) != 1 || fs[0].Status != report.Skip {
		t.Errorf("%+v", fs)
	}
}

// The ways not to be connected, at Microsoft's host and at another.
func TestFault_090_Unconnected(t *testing.T) {
	for fault, want := range map[smtptest.Fault][2]string{
		smtptest.Refused:     {"unknown tcp/network", "fail tcp/remote"},
		smtptest.Dropped:     {"unknown tcp/network", "unknown tcp/network"},
		smtptest.NoRoute:     {"unknown tcp/local; info tcp", "unknown tcp/local; info tcp"},
		smtptest.Unreachable: {"unknown tcp/network", "unknown tcp/network"},
		smtptest.Prohibited:  {"unknown tcp/local", "unknown tcp/local"},
		smtptest.Broken:      {"unknown tcp/network", "unknown tcp/network"},
		smtptest.Exhausted:   {"unknown tcp/local", "unknown tcp/local"}, // TestFault_119
	} {
		seen := map[string]bool{}
		for i, o := range []SMTPOptions{{}, {Host: "mail.example.net"}} {
			l := newSMTPLab(t)
			l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{v6}
			l.net.Routes[":587"] = smtptest.Route{Fault: fault}
			fs := l.judge(o)
			got := brief(fs)
			if fault != smtptest.NoRoute { // both families say the same
				got, _, _ = strings.Cut(got, "; ")
			}
			if got != want[i] {
				t.Errorf("%s: got %s, want %s", fault, brief(fs), want[i])
			}
			seen[fs[0].Fix.Text] = true
			t.Logf("%s\n%s", fault, summaries(fs))
		}
	}
}

// One family drops or is missing, the other works.
func TestFault_110_OneFamily(t *testing.T) {
	for fault, want := range map[smtptest.Fault]string{
		smtptest.Dropped: "unknown tcp/network",
		smtptest.Refused: "unknown tcp/network",
		smtptest.NoRoute: "info tcp",
	} {
		for _, dead := range []string{v4 + ":587", "[" + v6 + "]:587"} {
			l := newSMTPLab(t)
			l.serve(l.exchange())
			l.net.Routes[dead] = smtptest.Route{Fault: fault}
			fs := l.judge(SMTPOptions{})
			if !strings.Contains(brief(fs), want) || !strings.Contains(brief(fs), "pass auth") {
				t.Errorf("%s %s: %s", fault, dead, brief(fs))
			}
			for _, f := range fs {
				if f.Status == report.Unknown && !f.Optional {
					t.Errorf("%s: decides the verdict: %s", fault, f.Summary)
				}
			}
		}
	}
}

func TestSubmissionNames(t *testing.T) {
	l := newSMTPLab(t)
	l.serve(l.exchange())
	delete(l.dns, msHost+" AAAA")
	if fs := l.judge(SMTPOptions{}); !strings.HasPrefix(brief(fs), "unknown dns/resolver; pass tcp") || !fs[0].Optional {
		t.Errorf("AAAA refused: %s", brief(fs))
	}
	l.dns[msHost+" A"], l.dns[msHost+" AAAA"] = nil, nil
	if fs := l.judge(SMTPOptions{}); brief(fs) != "unknown dns/resolver" {
		t.Errorf("no address: %s", brief(fs))
	}
	l.dns[msHost+" A"] = []string{"10.1.2.3"}
	if fs := l.judge(SMTPOptions{}); !strings.HasPrefix(brief(fs), "unknown dns/resolver; pass tcp") {
		t.Errorf("redirected: %s", brief(fs))
	}
	l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = nil, nil
	if fs := l.judge(SMTPOptions{Host: "mail.example.net"}); brief(fs) != "fail dns/input" {
		t.Errorf("misspelt: %s", brief(fs))
	}
}
