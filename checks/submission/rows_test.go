package submission

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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

// Row 3, after a sign-in: what the server through which an account sends refuses is
// for its operator, unless the reply says what is wrong with an address.
func TestRow03_AfterSignIn(t *testing.T) {
	const operator, unknown = "fail remote operator of the remote server", "unknown remote operator of the remote server"
	inVirtualTime(t, func(t *testing.T) {
		for reply, want := range map[string]string{
			"554 5.7.1 <unknown[192.0.2.77]>: Client host rejected: Access denied": operator,
			"554 5.7.1 <x@example.net>: Relay access denied":                       operator,
			"550 relay not permitted":                                              operator,
			"550 5.7.1 rule 17 says no":                                            operator,
			"550 4.7.1 contradiction":                                              operator,
			"421 4.3.2 Service shutting down":                                      unknown,
			"550 5.7.1 Authentication required":                                    unknown,
			"503 5.5.4 Error: send AUTH command first":                             unknown,
			"553 5.7.1 <a>: Sender address rejected: not logged in":                unknown,
			"550-Relaying denied.\n550 Authentication required":                    unknown,
			"550 5.1.1 <x@example.net>: User unknown":                              "fail input user",
			"553 5.7.1 <a>: Sender address rejected: not owned by user b":          "fail input user",
			"451 4.7.1 Greylisting in action, please come back later":              "unknown remote sender's administrator",
		} {
			l := newSMTPLab(t)
			p := l.strangersServer()
			p.NeedAuth, p.On["MAIL"] = "", reply
			l.serve(p)
			l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
			o := SMTPOptions{Host: stranger, From: loginUser, Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}}
			f := finding(t, l.login(o, inTime), "auth.sender")
			if got := verdictOf(f); got != want {
				t.Errorf("%s: %s, want %s (%s)", reply, got, want, f.Summary)
			}
		}
	})
}

// The replies of RFC 4954 6 and RFC 5248 2.4 to a sign-in, with words or without:
// whether the account is disabled, something is out of order, or the password is wrong.
func TestSignInReplies(t *testing.T) {
	const (
		account  = "fail input user common.auth-failed-disabled"
		password = "fail input user common.auth-failed"
		proxy    = "unknown remote operator of the remote server "
		broken   = "fail remote operator of the remote server "
	)
	inVirtualTime(t, func(t *testing.T) {
		for reply, want := range map[string]string{
			"525 5.7.13 User account disabled": account,
			"525 5.7.13":                       account,
			"525 disabled":                     account,
			"535 5.7.13 Account is suspended":  account,
			"535 5.7.8 Error: authentication failed: account disabled":              account,
			"535 Your account has been locked, contact support":                     account,
			"554 5.7.0 This mailbox is suspended":                                   account,
			"535 5.7.0 Konto ist gesperrt":                                          account,
			"526 5.7.11 Encryption required for requested authentication mechanism": proxy,
			"526 TLS required":             proxy,
			"523 5.7.10 Encryption Needed": proxy,
			"524 5.7.11":                   proxy,
			"538":                          proxy,
			"530 5.7.0 Must issue a STARTTLS command first":      proxy,
			"535 5.7.8 Authentication credentials invalid":       password,
			"550 5.7.1 Too many authentication failures":         password,
			"454 4.7.0 Temporary authentication failure":         "unknown remote operator of the remote server smtp.auth-temporary",
			"451 4.3.0 Internal authentication error":            "unknown remote operator of the remote server smtp.auth-temporary",
			"432 4.7.12 A password transition is needed":         "unknown input user common.auth-transition",
			"534 5.7.9 Authentication mechanism is too weak":     "fail input user smtp.534",
			"502 5.5.1 Command not implemented":                  broken,
			"501 5.5.2 cannot decode response":                   broken,
			"500 5.5.6 Authentication exchange line is too long": broken,
		} {
			l := newSMTPLab(t)
			p := l.strangersServer()
			p.On["AUTH"] = reply
			l.serve(p)
			l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
			o := SMTPOptions{Host: stranger, From: loginUser, Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}}
			f := finding(t, l.login(o, inTime), "auth.login")
			row, _ := f.Data["reply"].(string)
			if got := verdictOf(f) + " " + row; got != want {
				t.Errorf("%s: %s, want %s (%s)", reply, got, want, f.Summary)
			}
		}
	})
}

// A host of another name that passes on what Microsoft 365 says has that cause; words
// that many servers use are the user's affair there.
func TestPassedOnRefusals(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for reply, want := range map[string]string{
			"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled": "fail domain Microsoft 365 administrator",
			"535 5.7.139 Authentication unsuccessful, basic authentication is disabled.":                                                            "fail domain Microsoft 365 administrator",
			"535 5.7.3 Authentication unsuccessful": "fail input user",
			"535 5.7.8 Authentication failed":       "fail input user",
		} {
			l := newSMTPLab(t)
			p := l.strangersServer()
			p.On["AUTH"] = reply
			l.serve(p)
			l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
			fs := l.login(SMTPOptions{Host: stranger, Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}}, inTime)
			if got := verdictOf(finding(t, fs, "auth.login")); got != want {
				t.Errorf("%s: %s, want %s (%s)", reply, got, want, finding(t, fs, "auth.login").Summary)
			}
		}
	})
}

// What a server says to EHLO inside TLS, or to the envelope, of certificates and of
// the name in EHLO, is not explained as load or as a fault of the domain.
func TestReasonsOfRefusals(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for _, c := range []struct{ verb, reply, hello, code, want string }{
			{"EHLO TLS", "421 4.7.1 mail.example.net Error: No client certificate presented", "", "submission.auth", "fail remote operator of the remote server"},
			{"EHLO TLS", "550 Client certificate required", "", "submission.auth", "fail remote operator of the remote server"},
			{"EHLO", "501 5.5.4 syntax", "printer", "submission.ehlo", "unknown input you"},
			{"EHLO", "550 5.7.1 Blocked by our policy", "", "submission.ehlo", "unknown remote operator of the remote server"},
			{"EHLO", "421 4.7.0 Try again later", "", "submission.ehlo", "unknown remote you"},
			{"MAIL", "504 5.5.2 <printer>: Helo command rejected: need fully-qualified hostname", "printer", "auth.sender", "unknown input you"},
			{"MAIL", "550 5.7.1 <[192.0.2.1]>: Helo command rejected: Access denied", "", "auth.sender", "unknown local you"},
		} {
			l := newSMTPLab(t)
			p := l.strangersServer()
			p.NeedAuth, p.On[c.verb] = "", c.reply
			l.serve(p)
			fs := l.checked(SMTPOptions{Host: stranger, From: loginUser, Hello: c.hello, NoComparison: true,
				Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}})
			if got := verdictOf(finding(t, fs, c.code)); got != c.want {
				t.Errorf("%s to %s: %s, want %s (%s)", c.reply, c.verb, got, c.want, finding(t, fs, c.code).Summary)
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
			{stranger, []string{"AUTH XOAUTH2"}, "", "fail input you"},
			{stranger, []string{"AUTH CRAM-MD5"}, "", "fail remote operator of the remote server"},
			{stranger, []string{"AUTH NTLM GSSAPI SCRAM-SHA-256"}, "", "fail remote operator of the remote server"},
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

// checked examines a server as maildiag smtp does, with comparisons.
func (l *smtpLab) checked(o SMTPOptions) []report.Finding {
	l.t.Helper()
	for _, host := range []string{stranger, "smtp.gmail.com"} {
		address := map[string]string{stranger: v4, "smtp.gmail.com": otherV4}[host]
		l.dns[host+" A"], l.dns[host+" AAAA"] = []string{address}, []string{}
	}
	o.Host = orText(o.Host, stranger)
	env := l.env()
	env.Domain = o.Host
	return findingsOf(l.t, env, SMTPChecks(o))
}

// otherV4 is the address of the comparison host.
const otherV4 = "198.51.100.7"

// Row 11: each TLS alert has its own cause and owner; TLS that is not available
// for now is the server's operator's.
func TestRow11_Alerts(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		seen := map[string]int{}
		for _, number := range []int{40, 42, 43, 44, 45, 46, 48, 49, 51, 70, 71, 80, 86, 90, 109, 112, 113, 115, 116, 120, 47, 255} {
			for _, host := range []string{stranger, msHost} {
				l := newSMTPLab(t)
				p := l.exchange()
				p.On["HANDSHAKE"] = fmt.Sprintf("!await\n"+`!raw "\x15\x03\x03\x00\x02\x02\x%02x"`, number)
				l.serve(p)
				l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
				f := finding(t, l.judge(SMTPOptions{Host: host}), "submission.tls")
				want := "fail remote operator of the remote server"
				switch {
				case host == msHost:
					want = "unknown network network administrator"
				case number == 112 || number == 120:
					want = "fail input you"
				}
				if verdictOf(f) != want || f.Data["alert"] != number {
					t.Errorf("%d at %s: %s %v, want %s", number, host, verdictOf(f), f.Data, want)
				}
				if before, ok := seen[f.Fix.Text+f.Summary]; ok && before != number {
					t.Errorf("%d says the same as %d", number, before)
				}
				seen[f.Fix.Text+f.Summary] = number
			}
		}
		for _, reply := range []string{"454 4.7.0 TLS not available due to temporary reason", "454 TLS not available", "421 4.3.2 no", "450 later"} {
			l := newSMTPLab(t)
			p := l.strangersServer()
			p.On["STARTTLS"] = reply
			l.serve(p)
			f := finding(t, l.envelopeJudge(SMTPOptions{Host: stranger}), "submission.starttls")
			if verdictOf(f) != "unknown remote operator of the remote server" {
				t.Errorf("%s: %s", reply, verdictOf(f))
			}
		}
	})
}

// envelopeJudge examines a stranger's server as the submission row does.
func (l *smtpLab) envelopeJudge(o SMTPOptions) []report.Finding {
	l.dns[stranger+" A"], l.dns[stranger+" AAAA"] = []string{v4}, []string{}
	return l.judge(o)
}

// Row 9: certificates of different owners that are out of their time in the same
// direction mean that the clock is wrong, not the servers.
func TestRow09_Clock(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		now := time.Now()
		past := smtptest.Spec{NotBefore: now.AddDate(-11, 0, 0), NotAfter: now.AddDate(-10, 0, 0)}
		future := smtptest.Spec{NotBefore: now.AddDate(9, 0, 0), NotAfter: now.AddDate(10, 0, 0)}
		for name, c := range map[string]struct {
			mine, other smtptest.Spec
			want        string // of submission.certificate
		}{
			"clock ahead":      {past, past, "unknown local"},
			"clock behind":     {future, future, "unknown local"},
			"expired":          {past, smtptest.Spec{}, "fail remote"},
			"not yet valid":    {future, smtptest.Spec{}, "fail remote"},
			"contradictory":    {past, future, "fail remote"},
			"nothing is wrong": {smtptest.Spec{}, past, "pass "},
		} {
			l := newSMTPLab(t)
			c.mine.Names, c.other.Names = []string{stranger}, []string{"smtp.gmail.com"}
			mine, other := l.strangersServer(), l.strangersServer()
			mine.TLS, other.TLS = l.tls(c.mine), l.tls(c.other)
			other.Greeting = "220 smtp.gmail.com ESMTP\n"
			l.serve(mine)
			l.net.Routes[otherV4+":587"] = smtptest.Route{Server: smtptest.NewPiped(t, other)}
			for _, port := range []string{":443", ":25", ":465"} {
				l.net.Routes[port] = smtptest.Route{Fault: smtptest.Dropped}
			}
			fs := l.checked(SMTPOptions{})
			f := finding(t, fs, "submission.certificate")
			if got := fmt.Sprint(f.Status, " ", f.Cause); got != c.want {
				t.Errorf("%s: %s, want %s; %s", name, got, c.want, brief(fs))
			}
			clock := slices.ContainsFunc(fs, func(f report.Finding) bool {
				return f.Code == "submission.clock" && f.Status == report.Unknown && f.Cause == report.CauseLocal && !f.Optional
			})
			if clock != (c.want == "unknown local") {
				t.Errorf("%s: %s", name, brief(fs))
			}
		}
	})
}

// Row 13: before a stranger's server fails for what a device on the way can do,
// it is looked at twice, and another host is asked.
func TestRow13_SecondLook(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		stripped := func(p smtptest.Persona) smtptest.Handler {
			p.EHLO = slices.DeleteFunc(slices.Clone(p.EHLO), func(l string) bool { return l == "STARTTLS" })
			return p
		}
		turns := func(a, b smtptest.Handler) smtptest.Handler {
			n := 0
			return smtptest.HandlerFunc(func(c *smtptest.Conn) {
				n++
				if n%2 == 1 {
					a.Serve(c)
				} else {
					b.Serve(c)
				}
			})
		}
		for name, c := range map[string]struct {
			server func(p smtptest.Persona) smtptest.Handler
			other  func(p smtptest.Persona) smtptest.Handler
			want   string
		}{
			"server without it":      {stripped, nil, "fail remote"},
			"every second":           {func(p smtptest.Persona) smtptest.Handler { return turns(stripped(p), p) }, nil, "unknown remote"},
			"for every server":       {stripped, stripped, "unknown network"},
			"other host is silent":   {stripped, func(smtptest.Persona) smtptest.Handler { return nil }, "fail remote"},
			"server as it should be": {func(p smtptest.Persona) smtptest.Handler { return p }, stripped, "pass "},
		} {
			l := newSMTPLab(t)
			l.serve(c.server(l.strangersServer()))
			other := l.strangersServer()
			other.Greeting, other.TLS = "220 smtp.gmail.com ESMTP\n", l.tls(smtptest.Spec{Names: []string{"smtp.gmail.com"}})
			route := smtptest.Route{Server: smtptest.NewPiped(t, other)}
			if c.other != nil {
				route = smtptest.Route{Fault: smtptest.Dropped}
				if h := c.other(other); h != nil {
					route = smtptest.Route{Server: smtptest.NewPiped(t, h)}
				}
			}
			l.net.Routes[otherV4+":587"] = route
			for _, port := range []string{":443", ":25", ":465"} {
				l.net.Routes[port] = smtptest.Route{Fault: smtptest.Dropped}
			}
			fs := l.checked(SMTPOptions{})
			f := finding(t, fs, "submission.starttls")
			if got := fmt.Sprint(f.Status, " ", f.Cause); got != c.want {
				t.Errorf("%s: %s, want %s; %s", name, got, c.want, brief(fs))
			}
			if strings.HasPrefix(c.want, "unknown") && slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Status == report.Fail }) {
				t.Errorf("%s: a fail because of what is unknown: %s", name, brief(fs))
			}
		}
	})
}

// Row 15: inside TLS that someone on the way can read, a secret is sent only when
// that was allowed.
func TestRow15_InspectedTLS(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			issuer string
			asked  func(string) bool
			sent   int
		}{
			"genuine":         {"DigiCert Test CA", nil, 1},
			"refused":         {"Contoso Inspection", nil, 0},
			"declined":        {"Contoso Inspection", func(string) bool { return false }, 0},
			"allowed":         {"Contoso Inspection", func(issuer string) bool { return strings.Contains(issuer, "Contoso") }, 1},
			"genuine, denied": {"DigiCert Test CA", func(string) bool { return false }, 1},
		} {
			l := newSMTPLab(t)
			ca, err := smtptest.NewCA(c.issuer)
			if err != nil {
				t.Fatal(err)
			}
			l.ca = ca
			srv := l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{loginUser: loginPass}))
			fs := l.checked(SMTPOptions{Host: msHost, Inspected: c.asked, NoComparison: true,
				Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}})
			srv.Close()
			_, inTLS := srv.Received()
			if n := strings.Count(inTLS, "AUTH "); n != c.sent {
				t.Errorf("%s: sent %d times", name, n)
			}
			want := map[int]report.Status{0: report.Skip, 1: report.Pass}[c.sent]
			if f := finding(t, fs, "auth.login"); f.Status != want {
				t.Errorf("%s: %s", name, brief(fs))
			}
		}
	})
}

// Row 17: line ends without CR and codes that contradict each other are told.
func TestRow17_Protocol(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			verb, reply string
			told        bool
		}{
			"bare LF":            {"RSET", `!raw "250 ok\n"`, true},
			"bare LF in a reply": {"MAIL", `!raw "250-2.1.0 a\n250 2.1.0 b\r\n"`, true},
			"other class":        {"MAIL", "550 4.7.1 no", true},
			"two codes":          {"MAIL", "550-5.7.1 no\n550 5.1.1 no", true},
			"one without":        {"MAIL", "550-5.7.1 no\n550 see above", false},
			"a version":          {"MAIL", "250 1.2.3.4 is you", false},
			"a number":           {"MAIL", "250 2.5 of 10", false},
			"as it should be":    {"MAIL", "250 2.1.0 ok", false},
		} {
			l := newSMTPLab(t)
			p := l.strangersServer()
			p.NeedAuth, p.On[c.verb] = "", c.reply
			l.serve(p)
			fs := l.envelopeJudge(SMTPOptions{Host: stranger, From: loginUser})
			told := slices.ContainsFunc(fs, func(f report.Finding) bool { return f.Code == "submission.protocol" })
			if told != c.told {
				t.Errorf("%s: %s", name, brief(fs))
			}
		}
	})
}
