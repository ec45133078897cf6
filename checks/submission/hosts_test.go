package submission

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maildiag/report"
	"maildiag/smtpprobe"
	"maildiag/smtpprobe/smtptest"
)

// Each host with rules of its own is judged by them, in any spelling of its name.
func TestSpecialHosts(t *testing.T) {
	for _, h := range specialHosts {
		for _, name := range []string{h.name, strings.ToUpper(h.name)} {
			if got := (SMTPOptions{Host: name}).target(nil); got.special == nil || got.special.title != h.title || (got.cloud == nil) != (h.cloud == "") {
				t.Errorf("%s: %+v", name, got)
			}
		}
		for _, other := range []string{"x" + h.name, h.name + ".example.com", "x." + h.name} {
			if special(other) != nil {
				t.Errorf("%s is taken for %s", other, h.name)
			}
		}
	}
}

func TestTokensOfSpecialHosts(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		soon := inTime.Add(time.Hour).Unix()
		const exchange = "https://outlook.office365.com"
		hve := map[string]any{"aud": exchange, "roles": []string{"Mail.Send"}, "exp": soon, "idtyp": "app"}
		elsewhere := map[string]any{"aud": exchange, "roles": []string{"SMTP.SendAsApp"}, "exp": soon, "idtyp": "app"}
		for _, c := range []struct {
			host   string
			claims map[string]any
			want   string
		}{
			{"smtp-hve.office365.com", hve, "pass auth.token; pass auth.login"},
			{"smtp-hve.office365.com", elsewhere, "warn auth.token/domain; pass auth.login"},
			{"smtp-hve.office365.com", map[string]any{"aud": "https://graph.microsoft.com", "roles": []string{"Mail.Send"}, "exp": soon},
				"warn auth.token/input; pass auth.login"},
			{"smtp-legacy.office365.com", elsewhere, "pass auth.token; pass auth.login"},
			{"smtp-legacy.office365.com", hve, "warn auth.token/domain; pass auth.login"},
			{msHost, hve, "warn auth.token/domain; pass auth.login"},
		} {
			l := newSMTPLab(t)
			l.dns[c.host+" A"], l.dns[c.host+" AAAA"] = []string{v4}, []string{v6}
			token := jwt(c.claims)
			l.serve(smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{c.host}}), map[string]string{loginUser: token.Reveal()}))
			fs := l.login(SMTPOptions{Host: c.host, Auth: &smtpprobe.Auth{User: loginUser, Secret: token, Token: true}}, inTime)
			if got := brief(fs); got != c.want {
				t.Errorf("%s %v: got %s, want %s", c.host, c.claims["roles"], got, c.want)
			}
		}
	})
}

// Passwords end at the hosts where that was announced, and only there.
func TestPasswordsOfSpecialHosts(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		for host, want := range map[string]report.Status{
			msHost: report.Warn, "smtp-legacy.office365.com": report.Warn, "smtp-mail.outlook.com": report.Info,
			"smtp-hve.office365.com": report.Unset, "smtp.azurecomm.net": report.Unset,
		} {
			l := newSMTPLab(t)
			l.dns[host+" A"], l.dns[host+" AAAA"] = []string{v4}, []string{v6}
			l.serve(smtptest.ExchangeOnline(l.tls(smtptest.Spec{Names: []string{host}}), map[string]string{loginUser: "s3cret-password"}))
			fs := l.login(SMTPOptions{Host: host, Auth: &smtpprobe.Auth{User: loginUser, Secret: smtpprobe.NewSecret("s3cret-password")}}, inTime)
			got := report.Unset
			if i := slices.IndexFunc(fs, func(y report.Finding) bool { return y.Code == "auth.retirement" }); i >= 0 {
				got = fs[i].Status
			}
			if got != want {
				t.Errorf("%s: %s, want %s (%s)", host, got, want, brief(fs))
			}
		}
	})
}
