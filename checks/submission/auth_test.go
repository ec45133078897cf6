package submission

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec/httpsget"
	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

const (
	loginUser = "scanner@contoso.com"
	loginPass = "Zq7+Xk9/Wv3=tr&U%mL"
)

// login examines the lab's host with a login.
func (l *smtpLab) login(o SMTPOptions, now time.Time) []report.Finding {
	l.t.Helper()
	if o.Auth == nil {
		o.Auth = &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass)}
	}
	o.Host = orText(o.Host, msHost)
	env := l.env()
	env.Now = now
	fs := judgeAuth(kit.Gather(l.t.Context(), env, func(k *kit.Known) submissionFacts { return converse(k, o.target(nil)) }))
	for i := range fs {
		kit.Complete(&fs[i], kit.Check{ID: "auth"})
	}
	checkFindings(l.t, fs)
	data, err := json.Marshal(fs)
	if err != nil || strings.Contains(string(data), loginPass) {
		l.t.Errorf("%v, or a secret in %s", err, data)
	}
	return fs
}

// inTime is a day before passwords are switched off.
var inTime = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// Every known reply of Exchange Online to a login or an envelope has a finding
// with its own words, an owner and a fix.
func TestEveryRefusal(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		want := map[string]string{ // reply → status, cause and owner
			"tenant-disabled":   "fail domain Microsoft 365 administrator",
			"mailbox-disabled":  "fail domain Microsoft 365 administrator",
			"security-defaults": "fail domain Microsoft 365 administrator",
			"criteria":          "fail domain Microsoft 365 administrator",
			"credentials":       "fail input user",
			"basic-disabled":    "fail domain Microsoft 365 administrator",
			"account-locked":    "fail domain Microsoft 365 administrator",
			"sts-unreachable":   "fail domain Microsoft 365 administrator",
			"sts-https":         "fail domain Microsoft 365 administrator",
			"basic-retired":     "fail domain Microsoft 365 administrator",
			"unrecognized-type": "fail input user",
			"anonymous":         "fail input user",
			"send-as":           "fail domain Microsoft 365 administrator",
			"send-as-denied":    "fail domain Microsoft 365 administrator",
			"concurrent":        "unknown input user",
			"temporary":         "unknown microsoft Microsoft support",
			"rate":              "unknown input user",
		}
		summaries := map[string]string{}
		for _, r := range smtptest.Refusals() {
			if r.Stage == "EHLO" || r.Name == "success" {
				continue
			}
			l := newSMTPLab(t)
			p := smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{loginUser: loginPass}, r.Name)
			l.serve(p)
			fs := l.login(SMTPOptions{From: loginUser, To: "a@example.org"}, inTime)
			i := slices.IndexFunc(fs, func(f report.Finding) bool {
				return f.Status == report.Fail ||
					f.Status == report.Unknown
			})
			if i < 0 {
				t.Errorf("%s: not found: %s", r.Name, brief(fs))
				continue
			}
			f := fs[i]
			if strings.Contains(f.Summary, "not in the catalogue") {
				t.Errorf("%s: %s", r.Name, f.Summary)
			}
			if got := f.Status.String() + " " + string(f.Cause) + " " + f.Fix.Owner; want[r.Name] != "" && got != want[r.Name] {
				t.Errorf("%s: got %s, want %s", r.Name, got, want[r.Name])
			}
			if !strings.Contains(f.Evidence[0].Text, r.Reply) {
				t.Errorf("%s: not verbatim: %q", r.Name, f.Evidence[0].Text)
			}
			stem := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(r.Name, "-old"), "-compound"), "-auth")
			if other := summaries[f.Summary]; other != "" && other != stem && r.Name != "anonymous-compound" && r.Name != "send-as-denied" {
				t.Errorf("%s says the same as %s: %s", r.Name, other, f.Summary)
			}
			summaries[f.Summary] = stem
		}
	})
}

func TestTenantSwitchedOff(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		srv := l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), nil, "tenant-disabled"))
		fs := l.login(SMTPOptions{}, inTime)
		if brief(fs) != "fail auth.login/domain; info auth.retirement" {
			t.Fatalf("got %s", brief(fs))
		}
		text := strings.Join(fs[0].Fix.Commands, "\n")
		for _, want := range []string{"Set-CASMailbox -Identity scanner@contoso.com " +
			"-SmtpClientAuthenticationDisabled $false", "AllowBasicAuthSmtp",
			"Get-MgPolicyIdentitySecurityDefaultEnforcementPolicy", "'scanner@contoso.com'",
			"Get-MgDomain -DomainId contoso.com"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
		if !strings.Contains(fs[0].Fix.Text, "Manage email apps") {
			t.Errorf("no admin centre path: %s", fs[0].Fix.Text)
		}
		srv.Close()
		if _, inTLS := srv.Received(); strings.Count(inTLS, "AUTH ") != 1 { // TestFault_154, both families
			t.Errorf("sent %q", inTLS)
		}
	})
}

func TestRetirementCalendar(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for day, want := range map[string]string{
			"2026-11-23": "in 38 days (end of December 2026)", "2026-12-30": "tomorrow",
			"2026-12-31": "since the end of December 2026", "2027-09-01": "since the end of December 2026",
		} {
			now, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			l := newSMTPLab(t)
			l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{loginUser: loginPass}))
			fs := l.login(SMTPOptions{}, now)
			if brief(fs) != "pass auth.login; warn auth.retirement/domain" || !strings.Contains(fs[1].Summary, want) {
				t.Errorf("%s: %s: %s", day, brief(fs), fs[1].Summary)
			}
		}
	})
}

// A reply to AUTH is not explained as one about delivery to a recipient.
func TestRepliesToAUTHAreNotAboutDelivery(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for _, reply := range []string{"421 4.4.1 Connection timed out", "450 4.2.0 Greylisted, please try again",
			"421 4.4.2 Connection dropped"} {
			l := newSMTPLab(t)
			p := l.exchange()
			p.On["AUTH"] = reply
			l.serve(p)
			fs := l.login(SMTPOptions{}, inTime)
			if fs[0].Status != report.Unknown || strings.Contains(fs[0].Summary, "receiv") || fs[0].Fix.Owner == report.OwnerRecipient {
				t.Errorf("%s: %s: %s", reply, fs[0].Fix.Owner, fs[0].Summary)
			}
		}
	})
}

func TestUnknownReply(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		p := l.exchange()
		p.On["AUTH"] = "535 5.9.9 The moon is in the wrong house"
		l.serve(p)
		fs := l.login(SMTPOptions{}, inTime)
		if fs[0].Status != report.Fail || !strings.Contains(fs[0].Summary, "The moon is in the wrong house") || fs[0].Fix.Owner == "" {
			t.Errorf("%s", summaries(fs))
		}
	})
}

func TestNothingSentWithoutProof(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for name, change := range map[string]func(l *smtpLab) smtptest.Persona{
			"wrong name": func(l *smtpLab) smtptest.Persona {
				return smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{"a.example"}}), nil)
			},
			"stripped": func(l *smtpLab) smtptest.Persona {
				p := l.exchange()
				p.EHLO = []string{"SIZE " +
					"1"}
				return p
			},
			"injected": func(l *smtpLab) smtptest.Persona {
				p := l.exchange()
				p.On["STARTTLS"] = "220 go\n250 evil"
				return p
			},
		} {
			for _, insecure := range []bool{false, true} {
				l := newSMTPLab(t)
				srv := l.serve(change(l))
				fs := l.login(SMTPOptions{Insecure: insecure}, inTime)
				srv.Close()
				clear, inTLS := srv.Received()
				if brief(fs) != "skip auth.login" || strings.Contains(clear+inTLS, "AUTH") {
					t.Errorf("%s: %s, sent %q", name, summaries(fs), inTLS)
				}
			}
		}
	})
}

func TestMechanismNotOffered(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.serve(l.exchange())
		fs := l.login(SMTPOptions{Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret(loginPass),
			Mechanism: smtpprobe.MechPlain}}, inTime)
		if brief(fs) != "fail auth.login/input" || !strings.Contains(fs[0].Summary, "LOGIN XOAUTH2") {
			t.Errorf("%s", summaries(fs))
		}
	})
}

// jwt makes a token with the given claims; nobody signed it.
func jwt(claims map[string]any) smtpprobe.Secret {
	b, _ := json.Marshal(claims)
	enc := base64.RawURLEncoding.EncodeToString
	return smtpprobe.NewSecret(enc([]byte(`{"alg":"none"}`)) + "." + enc(b) + "." + enc([]byte("sig")))
}

func TestToken(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		soon := inTime.Add(time.Hour).Unix()
		exchange := "https://outlook.office365.com"
		for name, c := range map[string]struct {
			claims map[string]any
			want   string
			says   string
			sent   bool
		}{
			"good": {map[string]any{"aud": exchange, "scp": "openid SMTP.Send", "exp": soon,
				"upn": loginUser}, "pass auth.token", "", true},
			"slash and list": {map[string]any{"aud": []string{exchange + "/"}, "scp": "SMTP.Send", "exp": soon},
				"pass auth.token", "", true},
			"application": {map[string]any{"aud": "00000002-0000-0ff1-ce00-000000000000",
				"roles": []string{"SMTP.SendAsApp"}, "exp": soon, "idtyp": "app"}, "pass auth.token", "", true},
			"Graph": {map[string]any{"aud": "https://graph.microsoft.com", "scp": "Mail.Send",
				"exp": soon}, "fail auth.token/input", "Microsoft Graph", false},
			"other service": {map[string]any{"aud": "api://mine", "scp": "SMTP.Send", "exp": soon},
				"fail auth.token/input", "api://mine", false},
			"expired": {map[string]any{"aud": exchange, "scp": "SMTP.Send",
				"exp": inTime.Add(-time.Minute).Unix()}, "fail auth.token/input", "expired on 2026-11-23 09:59:00",
				false},
			"wrong scope": {map[string]any{"aud": exchange, "scp": "IMAP.AccessAsUser.All", "exp": soon},
				"fail auth.token/input", "lacks the permission SMTP.Send", false},
			"no role": {map[string]any{"aud": exchange, "roles": []string{"IMAP.AccessAsApp"}, "exp": soon,
				"appid": "abc"}, "warn auth.token/domain", "lacks the role SMTP.SendAsApp", true},
			"other user": {map[string]any{"aud": exchange, "scp": "SMTP.Send", "exp": soon,
				"upn": "boss@contoso.com"}, "info auth.token", "boss@contoso.com", true},
		} {
			l := newSMTPLab(t)
			token := jwt(c.claims)
			srv := l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{loginUser: token.Reveal()}))
			fs := l.login(SMTPOptions{Auth: &smtpprobe.Auth{User: loginUser, Secret: token, Token: true}}, inTime)
			srv.Close()
			_, inTLS := srv.Received()
			want := c.want + "; skip auth.login"
			if c.sent {
				want = c.want + "; pass auth.login"
			}
			text := ""
			for _, f := range fs {
				text += f.Summary + "\n"
			}
			if !strings.HasPrefix(brief(fs), c.want) || !strings.HasSuffix(brief(fs), strings.TrimPrefix(want, c.want+"; ")) || !strings.Contains(text, c.says) ||
				strings.Contains(inTLS, "AUTH") != c.sent {
				t.Errorf("%s: %s\n%s", name, brief(fs), text)
			}
		}
		for _, junk := range []string{"", "opaque", "a.b.c", "a.eyJ9.c", strings.Repeat("x", 100<<10), "a." +
			base64.RawURLEncoding.EncodeToString([]byte(`{"aud":{}}`)) + ".c"} {
			if c, ok := readToken(junk); ok {
				t.Errorf("%.20q: %+v", junk, c)
			}
		}
	})
}

func TestTokenRefused(t *testing.T) { // TestFault_147
	l := newSMTPLab(t)
	l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), nil))
	fs := l.login(SMTPOptions{Auth: &smtpprobe.Auth{User: loginUser,
		Secret: smtpprobe.NewSecret("opaque-token"), Token: true}}, inTime)
	if brief(fs) != "info auth.token; fail auth.login/domain" {
		t.Fatalf("%s", summaries(fs))
	}
	last := fs[1].Evidence[len(fs[1].Evidence)-1]
	if !strings.Contains(last.Text, `"status":"401"`) {
		t.Errorf("the JSON of the refusal is missing: %+v", fs[1].Evidence)
	}
}

func TestPowerShellQuoting(t *testing.T) {
	for in, want := range map[string]string{"a@b.c": "a@b.c", "o'neil@b.c": "'o''neil@b.c'", "a b": "'a b'",
		"$(x)": "'$(x)'", "-x": "'-x'", "": "''", "@x": "'@x'"} {
		if got := psQuote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// path examines the host with further connections and gives the conclusion.
func (l *smtpLab) path(o SMTPOptions) (report.Finding, bool) {
	l.t.Helper()
	for _, h := range []string{"smtp.gmail.com"} {
		l.dns[h+" A"], l.dns[h+" AAAA"] = []string{"198.51.100.7"}, []string{"2001:db8::7"}
	}
	env := l.env()
	began := len(l.net.Dialed())
	kit.Gather(l.t.Context(), env, func(k *kit.Known) submissionFacts { return converse(k, o.target(nil)) })
	first := len(l.net.Dialed()) - began
	fs := kit.Gather(l.t.Context(), env, func(k *kit.Known) []report.Finding {
		return kit.Judge(k, converse(k, o.target(nil)), func(f submissionFacts) []report.Finding { return f.withPath(k, judgeSubmission(f)) })
	})
	checkFindings(l.t, fs)
	further := len(l.net.Dialed()) - began - 2*first
	if further > maxCanaries {
		l.t.Errorf("%d further connections", further)
	}
	last := fs[len(fs)-1]
	if last.Code != "submission.path" {
		return last, false
	}
	if listed := strings.Count(last.Evidence[0].Text, "\n") + 1; listed != further {
		l.t.Errorf("%d connections, %d listed: %s", further, listed, last.Evidence[0].Text)
	}
	return last, true
}

func TestWhoseFault(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		const up, down = smtptest.Fault(""), smtptest.Dropped
		for name, c := range map[string]struct {
			same587, same443, same25, other587, other443 smtptest.Fault
			says                                         string
		}{
			"587 blocked here": {down, up, down, down, up, "port 587 is blocked between you and Microsoft, and " +
				"also to smtp.gmail.com"},
			"587 refused here": {smtptest.Refused, up, down, smtptest.Refused, up,
				"port 587 is blocked between you and Microsoft"},
			"only this host":    {down, up, down, up, up, "only smtp.office365.com on port 587 cannot be reached"},
			"host away":         {down, down, down, up, up, "does not answer on any port"},
			"no Internet":       {down, down, down, down, down, "cannot reach the Internet"},
			"no proof of block": {down, down, down, down, up, "probably a firewall blocks the port"},
		} {
			l := newSMTPLab(t)
			srv := smtptest.NewPiped(t, l.exchange())
			for address, fault := range map[string]smtptest.Fault{
				v4 + ":587": c.same587, "[" + v6 + "]:587": c.same587, v4 + ":443": c.same443, v4 + ":25": c.same25,
				v4 + ":465":        down,
				"198.51.100.7:587": c.other587, "198.51.100.7:465": c.other587, "198.51.100.7:443": c.other443,
			} {
				l.net.Routes[address] = smtptest.Route{Server: srv, Fault: fault}
			}
			f, ok := l.path(SMTPOptions{})
			if !ok || !strings.Contains(f.Summary, c.says) || f.Cause != report.CauseNetwork {
				t.Errorf("%s: %s: %s\n%s", name, f.Cause, f.Summary, f.Evidence[0].Text)
			}
			if blocked := strings.Contains(f.Summary, "is blocked"); blocked != strings.Contains(name, "here") {
				t.Errorf("%s: says blocked without proof: %s", name, f.Summary)
			}
			if f, ok := l.path(SMTPOptions{NoComparison: true}); ok {
				t.Errorf("%s: --no-comparison: %s", name, f.Summary)
			}
		}
	})
}

// The conclusion decides the verdict, and not the symptom that it explains; a
// port that is refused here is nobody else's failure.
func TestConclusionDecides(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for _, host := range []string{msHost, "mail.example.net"} {
			for _, fault := range []smtptest.Fault{smtptest.Dropped, smtptest.Refused} {
				l := newSMTPLab(t)
				l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{}
				l.dns["smtp.gmail.com A"] = []string{"198.51.100.7"}
				for _, port := range []string{":587", ":465", ":25"} {
					l.net.Routes[port] = smtptest.Route{Fault: fault}
				}
				l.net.Routes[":443"] = smtptest.Route{Server: smtptest.NewPiped(t, l.exchange())}
				fs := findingsOf(t, l.env(), SMTPChecks(SMTPOptions{Host: host}))
				if brief(fs) != "unknown tcp/network; unknown path/network" || !fs[0].Optional || fs[1].Optional {
					t.Errorf("%s, %s: %s\n%s", host, fault, brief(fs), summaries(fs))
				}
				// Only there it is refused: then it is the server's.
				l.net.Routes["198.51.100.7:587"] = l.net.Routes[":443"]
				fs = findingsOf(t, l.env(), SMTPChecks(SMTPOptions{Host: host}))
				if failed := fs[0].Status == report.Fail; failed != (host != msHost && fault == smtptest.Refused) {
					t.Errorf("%s, %s there only: %s", host, fault, summaries(fs))
				}
			}
		}
	})
}

// What was not compared is not said: a port on which the other host does not
// listen, or a host without an address, prove nothing.
func TestBlockedNeedsProof(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for name, o := range map[string]SMTPOptions{"strange port": {Host: "mail.example.net", Port: 2525},
			"nothing to compare with": {Host: "mail.example.net"}} {
			l := newSMTPLab(t)
			l.dns["mail.example.net A"], l.dns["mail.example.net AAAA"] = []string{v4}, []string{}
			if o.Port != 0 {
				l.dns["smtp.gmail.com A"] = []string{"198.51.100.7"}
			}
			refused := smtptest.Route{Fault: smtptest.Refused}
			for _, port := range []string{":2525", ":587", ":465", ":25"} {
				l.net.Routes[port] = refused
			}
			l.net.Routes[":443"] = smtptest.Route{Server: smtptest.NewPiped(t, l.exchange())}
			fs := findingsOf(t, l.env(), SMTPChecks(o))
			if brief(fs) != "fail tcp/remote; unknown path/network" || strings.Contains(fs[1].Summary, "is blocked") ||
				!fs[1].Optional {
				t.Errorf("%s: %s\n%s", name, brief(fs), summaries(fs))
			}
			l.net.Routes[":443"] = smtptest.Route{Fault: smtptest.Dropped}
			fs = findingsOf(t, l.env(), SMTPChecks(o))
			if s := fs[1].Summary; strings.Contains(s, "is blocked") || strings.Contains(s, "nothing outside") {
				t.Errorf("%s, dead: %s", name, s)
			}
		}
	})
}

// One device answers for every host.
func TestFault_112_TransparentProxy(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		p := smtptest.Persona{Greeting: "220 mailguard.local ESMTP", Name: "mailguard.local",
			EHLO: []string{"SIZE 1000"}, On: map[string]string{}}
		l.serve(p)
		l.net.Routes[":443"], l.net.Routes[":25"] = smtptest.Route{Fault: smtptest.Dropped},
			smtptest.Route{Fault: smtptest.Dropped}
		f, ok := l.path(SMTPOptions{})
		if !ok || !strings.Contains(f.Summary, "a device on your network answers") {
			t.Errorf("%s", f.Summary)
		}
	})
}

func TestNoFurtherConnectionsWithoutNeed(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.serve(l.exchange())
		if f, ok := l.path(SMTPOptions{}); ok || len(l.net.Dialed()) != 4 { // twice one a family, no more
			t.Errorf("%s; dialled %v", f.Summary, l.net.Dialed())
		}
		l.net.Routes["["+v6+"]:587"] = smtptest.Route{Fault: smtptest.Dropped} // one family is enough
		if f, ok := l.path(SMTPOptions{}); ok {
			t.Errorf("%s", f.Summary)
		}
	})
}

func TestHiddenName(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		l.dns[msHost+" A"], l.dns[msHost+" AAAA"] = nil, nil
		env := l.env()
		asked := ""
		env.HTTPS = func(_ context.Context, url string) *httpsget.Response {
			asked = url
			return &httpsget.Response{URL: url, Status: 200,
				Body: []byte(`{"Status":0,"Answer":[{"name":"x","type":5,"data":"y."},{"type":1,"data":"192.0.2.99"}]}`)}
		}
		fs := kit.Gather(t.Context(), env, SMTPChecks(SMTPOptions{})[0].Run)
		if brief(fs) != "unknown dns/resolver; unknown path/resolver" || !strings.Contains(fs[1].Summary, "192.0.2.99") || !strings.HasPrefix(asked, "https://dns.google/resolve?") {
			t.Errorf("%s, asked %s", summaries(fs), asked)
		}
	})
}

func TestRowsOfSMTP(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		ids := func(rows []kit.Check) (out []string) {
			for _, r := range rows {
				out = append(out, r.ID)
			}
			return out
		}
		all := []kit.Check{{ID: "domain"}, {ID: "submission", Needs: []string{"domain"}}, {ID: "last"}}
		rows := WithSMTP(all, SMTPOptions{Auth: &smtpprobe.Auth{}})
		if !slices.Equal(ids(rows), []string{"domain", "submission", "auth", "last"}) || !slices.Equal(rows[2].Needs, []string{"domain"}) {
			t.Errorf("got %v", ids(rows))
		}
		if rows := WithSMTP(all[:1], SMTPOptions{}); len(rows) != 1 {
			t.Errorf("not selected: %v", ids(rows))
		}
		if rows := SMTPChecks(SMTPOptions{}); !slices.Equal(ids(rows), []string{"submission"}) {
			t.Errorf("without login: %v", ids(rows))
		}
		l := newSMTPLab(t)
		l.serve(smtptest.ExchangeOnline(l.tls(msSpec()), map[string]string{loginUser: loginPass}))
		o := SMTPOptions{Host: msHost, Auth: &smtpprobe.Auth{User: loginUser,
			Secret: smtpprobe.NewSecret(loginPass)}}
		if got := findingsOf(t, l.env(), SMTPChecks(o)); brief(got) != allPass+"; pass auth.login; warn auth.retirement/domain" {
			t.Errorf("%s", summaries(got))
		}
		if n := len(l.net.Dialed()); n != 2 { // one conversation a family for both rows
			t.Errorf("%d connections", n)
		}
	})
}

// A fault of our own in the middle of a login takes no other check with it,
// and what it leaves behind does not hold the secret.
func TestFault_146_PanicInAUTH(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		l := newSMTPLab(t)
		env := l.env()
		env.SMTP = func(_ context.Context, cfg smtpprobe.Config) *smtpprobe.Session {
			panic(fmt.Sprintf("%v %+v %#v", cfg, cfg.Auth, cfg.Auth))
		}
		rows := append(SMTPChecks(SMTPOptions{Host: msHost, Auth: &smtpprobe.Auth{User: loginUser,
			Secret: smtpprobe.NewSecret(loginPass)}}), kit.Check{ID: "other", Run: func(*kit.Known) []report.Finding {
			return []report.Finding{kit.Find(report.Pass, "other", "", "fine")}
		}})
		got := findingsOf(t, env, rows)
		if brief(got) != "unknown internal/local; unknown auth.internal/local; pass other" {
			t.Errorf("%s", summaries(got))
		}
		if data, _ := json.Marshal(got); strings.Contains(string(data), loginPass) {
			t.Errorf("the secret is in %s", data)
		}
	})
}

// What a token must be for is not confirmed for all Clouds(), and not known for
// other servers: such a token is sent, and is no failure.
func TestTokenOfUnconfirmedScope(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		soon := inTime.Add(time.Hour).Unix()
		for name, c := range map[string]struct {
			host   string
			claims map[string]any
			want   string
			says   string
			sent   bool
		}{
			"DoD, other audience": {"outlook-dod.office365.us", map[string]any{"aud": "https://outlook-dod.example",
				"scp": "SMTP.Send", "exp": soon}, "warn auth.token/input", "not publicly confirmed the scope", true},
			"DoD, other permission": {"outlook-dod.office365.us", map[string]any{"aud": "https://outlook-dod.office365.us",
				"scp": "Mail.Send", "exp": soon}, "warn auth.token/input", "lacks the permission SMTP.Send", true},
			"DoD, Graph": {"outlook-dod.office365.us", map[string]any{"aud": "https://dod-graph.microsoft.us",
				"scp": "Mail.Send", "exp": soon}, "fail auth.token/input", "Microsoft Graph", false},
			"China, application": {"smtp.partner.outlook.cn", map[string]any{"aud": "https://x.partner.example",
				"roles": []string{"SMTP.SendAsApp"}, "exp": soon}, "warn auth.token/input", "not publicly confirmed", true},
			"China, delegated": {"smtp.partner.outlook.cn", map[string]any{"aud": "https://x.partner.example",
				"scp": "SMTP.Send", "exp": soon}, "fail auth.token/input", "not for Exchange Online", false},
			"GCC High": {"smtp.office365.us", map[string]any{"aud": "https://x.example", "scp": "SMTP.Send",
				"exp": soon}, "fail auth.token/input", "not for Exchange Online", false},
			"another server": {"mail.example.net", map[string]any{"aud": "mail", "exp": soon},
				"info auth.token", "it is unknown", true},
			"another server, expired": {"mail.example.net", map[string]any{"aud": "mail",
				"exp": inTime.Add(-time.Hour).Unix()}, "fail auth.token/input", "expired", false},
		} {
			l, token := newSMTPLab(t), jwt(c.claims)
			l.dns[c.host+" A"], l.dns[c.host+" AAAA"] = []string{v4}, []string{}
			srv := l.serve(smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{c.host}}),
				map[string]string{loginUser: token.Reveal()}))
			fs := l.login(SMTPOptions{Host: c.host, Auth: &smtpprobe.Auth{User: loginUser, Secret: token, Token: true}},
				inTime)
			srv.Close()
			_, inTLS := srv.Received()
			if !strings.HasPrefix(brief(fs), c.want) || !strings.Contains(summaries(fs), c.says) || strings.Contains(inTLS, "AUTH") != c.sent {
				t.Errorf("%s: %s\n%s", name, brief(fs), summaries(fs))
			}
		}
	})
}
