package submission

import (
	"strings"
	"testing"

	"maildiag/smtpprobe/smtptest"
)

// A server with a certificate in order is not to blame for what it was called by.
func TestMisnamed(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		const you, operator = "fail certificate/input you", "fail certificate/remote operator of the remote server"
		for _, c := range []struct {
			host string
			spec smtptest.Spec
			want string
			name string // to be used instead
		}{
			{v4, msSpec(), you, msHost},
			{v6, msSpec(), you, msHost},
			{v4, smtptest.Spec{Names: []string{"outlook.com", "*.outlook.com", "smtp.office365.us"}}, you, "smtp.office365.us"},
			{v4, smtptest.Spec{Names: []string{"mail.hoster.example", "mail2.hoster.example"}}, you, "mail.hoster.example"},
			{v4, smtptest.Spec{Names: []string{"*.hoster.example"}}, you, "*.hoster.example"},
			{"smtp.contoso.com", msSpec(), you, msHost},
			{"smtp.contoso.com", smtptest.Spec{Names: []string{"smtp-legacy.office365.com"}}, you, "smtp-legacy.office365.com"},
			{"smtp.contoso.com", smtptest.Spec{Names: []string{"mail.hoster.example"}}, operator, "smtp.contoso.com"},
			{v4, smtptest.Spec{Names: []string{msHost}, SelfSigned: true}, operator, v4},
			{v4, smtptest.Spec{CommonName: msHost}, operator, v4},
		} {
			l := newSMTPLab(t)
			l.dns["smtp.contoso.com A"], l.dns["smtp.contoso.com AAAA"] = []string{v4}, []string{}
			l.serve(smtptest.ExchangeOnline(l.tls(c.spec), map[string]string{}))
			got, fix := "", ""
			for _, f := range l.judge(SMTPOptions{Host: c.host}) {
				if f.Code == "submission.certificate" {
					got, fix = f.Status.String()+" certificate/"+string(f.Cause)+" "+f.Fix.Owner, f.Fix.Text
				}
			}
			if got != c.want || !strings.Contains(fix, c.name) {
				t.Errorf("%s, certificate for %v: %s: %s", c.host, c.spec.Names, got, fix)
			}
		}
	})
}
