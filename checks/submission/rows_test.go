package submission

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// Tests of the rows of issue 16, by number, each with its relatives.

// stranger is a host that is not Microsoft's.
const stranger = "mail.example.net"

// strangersServer answers as a server of someone else does.
func (l *smtpLab) strangersServer() smtptest.Persona {
	p := smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{stranger}}), map[string]string{loginUser: loginPass})
	p.Greeting = "220 mail.example.net ESMTP\n"
	return p
}

// envelope examines a server without a sign-in, up to RCPT.
func (l *smtpLab) envelope(o SMTPOptions) []report.Finding {
	l.t.Helper()
	l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
	l.net.Routes[fmt.Sprint(":", o.Port)] = l.net.Routes[":587"]
	return judgeAuth(kit.Gather(l.t.Context(), l.env(), func(k *kit.Known) submissionFacts { return converse(k, o.target(nil)) }))
}

// finding returns the finding with a code.
func finding(t *testing.T, fs []report.Finding, code string) report.Finding {
	t.Helper()
	i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == code })
	if i < 0 {
		t.Fatalf("no %s in %s", code, brief(fs))
	}
	return fs[i]
}

// verdictOf is what a test of a row looks at.
func verdictOf(f report.Finding) string {
	owner := ""
	if f.Fix != nil {
		owner = f.Fix.Owner
	}
	return fmt.Sprintf("%s %s %s", f.Status, f.Cause, owner)
}

// Row 3: a submission port without a sign-in is judged by the stage.
func TestRow03_SignInFirst(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for reply, signIn := range map[string]bool{
			"554 5.7.1 <unknown[192.0.2.77]>: Client host rejected: Access denied": true,
			"554 5.7.1 <x@example.net>: Relay access denied":                       true,
			"550 5.7.1 Unable to relay":                                            true,
			"550 relay not permitted":                                              true,
			"550 5.7.0 Blocked":                                                    true,
			"530 5.7.0 Must issue a STARTTLS command first":                        true,
			"530 Authentication required":                                          true,
			"553 sorry, that domain isn't in my list of allowed rcpthosts":         true,
			"503 5.5.1 Error: authentication needed":                               true,
			"550 5.1.1 no such user":                                               false,
			"550 5.1.8 bad sender's system address":                                false,
			"552 5.3.4 too big":                                                    false,
			"552 5.2.2 mailbox full":                                               false,
			"501 5.5.4 syntax":                                                     false,
			"555 5.5.4 unsupported parameter":                                      false,
			"450 4.7.1 Client host rejected: cannot find your hostname":            false,
		} {
			for _, verb := range []string{"MAIL", "RCPT"} {
				for _, port := range []int{587, 465, 25} {
					l := newSMTPLab(t)
					p := l.strangersServer()
					p.NeedAuth, p.On[verb] = "", reply
					if port == 465 {
						p.Implicit = true
					}
					l.serve(p)
					o := SMTPOptions{Host: stranger, Port: port, From: loginUser, To: "x@example.net"}
					code := map[string]string{"MAIL": "auth.sender", "RCPT": "auth.recipient"}[verb]
					f := finding(t, l.envelope(o), code)
					got := f.Fix != nil && strings.Contains(f.Fix.Text, "--user")
					if want := signIn && port != 25; got != want || want && verdictOf(f) != "fail input you" {
						t.Errorf("%s to %s on %d: %s, %q", reply, verb, port, verdictOf(f), f.Fix.Text)
					}
				}
			}
		}
	})
}

// Row 4: where AUTH is missing inside TLS, the sign-in is skipped: the one fault
// is told once, and nothing fails because of what is unknown.
func TestRow04_NoMechanism(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for _, c := range []struct {
			host    string
			offered []string
			mech    smtpprobe.Mechanism
			want    string
		}{
			{msHost, nil, "", "skip  "},
			{msHost, nil, smtpprobe.MechPlain, "skip  "},
			{stranger, nil, "", "skip  "},
			{msHost, []string{"AUTH XOAUTH2"}, "", "unknown network you"},
			{msHost, []string{"AUTH LOGIN XOAUTH2"}, smtpprobe.MechPlain, "fail input you"},
			{stranger, []string{"AUTH CRAM-MD5"}, "", "fail input you"},
			{stranger, []string{"AUTH "}, "", "skip  "},
		} {
			l := newSMTPLab(t)
			p := l.exchange()
			if c.host == stranger {
				p = l.strangersServer()
			}
			p.EHLOTLS = append([]string{"SIZE 1000"}, c.offered...)
			l.serve(p)
			l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
			fs := l.login(SMTPOptions{Host: c.host, Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass), Mechanism: c.mech}}, inTime)
			if got := verdictOf(finding(t, fs, "auth.login")); got != c.want {
				t.Errorf("%s %q %q: %s, want %s", c.host, c.offered, c.mech, got, c.want)
			}
		}
	})
}

// Row 6: what a reply means is decided before its text may be withheld.
func TestRow06_VerdictBeforeRedaction(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		want := ""
		for _, secret := range []string{loginPass, "is", "the", "Tenant", "authentication"} {
			l := newSMTPLab(t)
			l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), nil, "tenant-disabled"))
			f := finding(t, l.login(SMTPOptions{Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(secret)}}, inTime), "auth.login")
			got := fmt.Sprint(verdictOf(f), f.Data)
			if want == "" {
				want = got
			}
			if got != want || f.Status != report.Fail {
				t.Errorf("%q: %s, want %s", secret, got, want)
			}
		}
	})
}

// Row 14: a temporary refusal is never the domain's.
func TestRow14_Temporary(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for _, reply := range []string{
			"451 4.7.1 Greylisting in action, please come back later", "450 4.2.0 <x>: Recipient address rejected: Greylisted", "451 4.7.500 Server busy. Please try again later from [192.0.2.77]. (S77719)",
			"451 4.7.650 The mail server [192.0.2.77] has been temporarily rate limited", "450 4.7.26 this message does not pass authentication checks", "421 4.7.0 Try again later",
			"452 4.5.3 too many recipients", "450 4.7.23 no PTR", "451 4.3.2 try later", "450 fnord",
		} {
			for _, verb := range []string{"MAIL", "RCPT"} {
				l := newSMTPLab(t)
				p := l.strangersServer()
				p.NeedAuth, p.On[verb] = "", reply
				l.serve(p)
				code := map[string]string{"MAIL": "auth.sender", "RCPT": "auth.recipient"}[verb]
				f := finding(t, l.envelope(SMTPOptions{Host: stranger, Port: 25, From: loginUser, To: "x@example.net"}), code)
				if f.Status != report.Unknown || f.Cause == report.CauseDomain {
					t.Errorf("%s to %s: %s", reply, verb, verdictOf(f))
				}
			}
		}
	})
}
