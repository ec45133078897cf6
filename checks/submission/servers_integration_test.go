//go:build integration

package submission

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/postfixtest"
	"maildiag/smtpprobe/smtptest"
)

// postfixHost is the name of the servers of this file.
const postfixHost = postfixtest.Host

// setup is a Postfix as administrators set it up, what is asked of it, and the verdicts.
type setup struct {
	name     string
	spec     smtptest.Spec
	mixedUp  bool // the chain has the certificate of another authority in its middle
	settings []string
	ask      func(*SMTPOptions)
	want     []string // code, status, cause and owner
}

const theOperator = " operator of the remote server"

func setups() []setup {
	good := smtptest.Spec{Names: []string{postfixHost}, Intermediate: true}
	signIn := func(secret string) func(*SMTPOptions) {
		return func(o *SMTPOptions) { o.Auth.Secret = smtpprobe.NewSecret(secret) }
	}
	return []setup{
		{"as it should be", good, false, nil, nil, []string{"auth.login pass", "auth.sender pass", "auth.recipient pass"}},
		{"wrong password", good, false, nil, signIn("wrong-One9"), []string{"auth.login fail input user"}},
		{"no intermediate", smtptest.Spec{Names: []string{postfixHost}, Incomplete: true}, false, nil, nil,
			[]string{"submission.certificate fail remote" + theOperator, "auth.login skip"}},
		{"another intermediate", good, true, nil, nil, []string{"submission.certificate fail remote" + theOperator, "auth.login skip"}},
		{"another name", smtptest.Spec{Names: []string{"mx.other.test"}}, false, nil, nil, []string{"submission.certificate fail remote" + theOperator, "auth.login skip"}},
		{"no relaying", good, false, []string{"smtpd_relay_restrictions=reject"}, nil, []string{"auth.login pass", "auth.recipient fail remote" + theOperator}},
		{"clients rejected", good, false, []string{"smtpd_client_restrictions=reject"}, nil, []string{"auth.login pass", "auth.recipient fail remote" + theOperator}},
		{"a filter that is down", good, false, []string{"smtpd_milters=inet:127.0.0.1:1", "milter_default_action=tempfail"}, nil,
			[]string{"submission.starttls unknown remote" + theOperator, "auth.login skip"}},
		{"another mechanism", good, false, []string{"smtpd_sasl_mechanism_filter=login"}, func(o *SMTPOptions) { o.Auth.Mechanism = smtpprobe.MechPlain },
			[]string{"auth.login fail input you"}},
		{"another sender", good, false, []string{"smtpd_sender_login_maps=inline:{{boss@lab.test=boss}}", "smtpd_sender_restrictions=reject_sender_login_mismatch"},
			func(o *SMTPOptions) { o.From = "boss@lab.test" }, []string{"auth.login pass", "auth.recipient fail input user"}},
		{"TLS 1.3 only", good, false, []string{"smtpd_tls_security_level=encrypt", "smtpd_tls_mandatory_protocols=>=TLSv1.3"}, nil, []string{"auth.login pass"}},
		{"client certificates", good, false, []string{"smtpd_tls_security_level=encrypt", "smtpd_tls_req_ccert=yes"}, nil,
			[]string{"submission.auth fail remote" + theOperator, "auth.login skip"}},
		{"TLS from the first byte", good, false, []string{"smtpd_tls_wrappermode=yes"}, nil, []string{"submission.greeting fail remote" + theOperator}},
		{"full names only", good, false, []string{"smtpd_helo_required=yes", "smtpd_helo_restrictions=reject_non_fqdn_helo_hostname"},
			func(o *SMTPOptions) { o.Hello = "printer" }, []string{"auth.login pass", "auth.recipient unknown input you"}},
		{"a full disk", good, false, []string{"queue_minfree=9000000000000"}, nil, []string{"auth.login pass", "auth.sender unknown remote" + theOperator}},
		{"no sign-in from here", good, false, []string{"smtpd_sasl_exceptions_networks=127.0.0.0/8"}, nil, []string{"submission.auth fail remote" + theOperator, "auth.login skip"}},
	}
}

// TestPostfixSetups judges real servers: what is wrong, whose fault it is, and who
// must act.
func TestPostfixSetups(t *testing.T) {
	all := setups()
	lab := startPostfix(t, all)
	for _, s := range all {
		o := SMTPOptions{Host: postfixHost, Address: "127.0.0.1", Port: lab.Ports[s.name], Roots: lab.CA.Roots(), NoComparison: true, From: loginUser, To: "a@lab.test",
			Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}}
		if s.ask != nil {
			s.ask(&o)
		}
		env := &kit.Env{Domain: postfixHost, Expect: kit.ExpectAuto, Cloud: "auto", Now: time.Now(), World: kit.World{
			SMTP: func(ctx context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
				cfg.Limits.Banner = 2 * time.Second // one of them waits for TLS
				return smtpprobe.Probe(ctx, &net.Dialer{}, cfg)
			}}}
		fs := findingsOf(t, env, SMTPChecks(o))
		for _, want := range s.want {
			code, verdict, _ := strings.Cut(want, " ")
			if got := strings.TrimSpace(verdictOf(finding(t, fs, code))); got != verdict {
				t.Errorf("%s: %s %s, want %s: %s", s.name, code, got, verdict, finding(t, fs, code).Summary)
			}
		}
		if text := fmt.Sprint(fs); strings.Contains(text, loginPass) {
			t.Errorf("%s: the password is in %s", s.name, text)
		}
	}
}

// startPostfix starts a Postfix with each setup, and returns it.
func startPostfix(t *testing.T, all []setup) *postfixtest.Lab {
	l := postfixtest.New(t)
	l.StartDovecot(loginUser, loginPass, "plain login", "")
	var services []postfixtest.Service
	for _, s := range all {
		cert, err := l.CA.Issue(s.spec)
		l.Must(err)
		if s.mixedUp {
			stranger, err := smtptest.NewCA("Other CA")
			l.Must(err)
			other, err := stranger.Issue(s.spec)
			l.Must(err)
			cert.Certificate = append(cert.Certificate[:1], other.Certificate[1:]...)
		}
		services = append(services, postfixtest.Service{Name: s.name, Certificate: cert, Settings: append([]string{"smtpd_sasl_auth_enable=yes"}, s.settings...)})
	}
	l.StartPostfix(services)
	return l
}
