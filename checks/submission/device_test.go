package submission

import (
	"crypto/tls"
	"slices"
	"testing"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe/smtptest"
)

// device examines a server, and what the device of the profile makes of it.
func (l *smtpLab) device(id, host string) report.Finding {
	l.t.Helper()
	l.dns[host+" A"], l.dns[host+" AAAA"] = []string{v4}, []string{v6}
	i := slices.IndexFunc(devices, func(d Device) bool { return d.ID == id })
	o := SMTPOptions{Host: host, Device: &devices[i], NoComparison: true}
	fs := kit.Gather(l.t.Context(), l.env(), func(k *kit.Known) []report.Finding {
		return kit.Judge(k, converse(k, o.target(nil)), func(f submissionFacts) []report.Finding {
			return f.withDevice(k, judgeSubmission(f))
		})
	})
	return fs[len(fs)-1]
}

// server is a server that takes TLS from one version to another, with these
// suites.
func (l *smtpLab) server(host string, lowest, highest uint16, suites ...uint16) smtptest.Persona {
	cfg := l.tls(smtptest.Spec{Names: []string{host}, RSA: 2048})
	cfg.MinVersion, cfg.MaxVersion, cfg.CipherSuites = lowest, highest, suites
	return smtptest.ExchangeOnline(cfg, nil)
}

// What stops each profile, and what does not. Where maildiag itself gets nowhere,
// nothing is said about the device.
func TestDevices(t *testing.T) {
	const legacyHost, other = "smtp-legacy.office365.com", "mail.example.net"
	modern := func(l *smtpLab, host string) smtptest.Persona { return l.server(host, tls.VersionTLS12, 0) }
	old := func(l *smtpLab, host string) smtptest.Persona {
		return l.server(host, tls.VersionTLS10, 0, everyCipher()...)
	}
	for name, c := range map[string]struct {
		device, host string
		persona      func(l *smtpLab, host string) smtptest.Persona
		want         report.Status
	}{
		"TLS 1.0 at Microsoft":                {"tls10", msHost, modern, report.Fail},
		"TLS 1.1 at Microsoft":                {"tls11", msHost, modern, report.Fail},
		"TLS 1.0 at Microsoft, handshake set": {"tls10", msHost, old, report.Fail},
		"TLS 1.2 at Microsoft":                {"tls12", msHost, modern, report.Pass},
		"TLS 1.0 at the host for it":          {"tls10", legacyHost, old, report.Pass},
		"TLS 1.0 at an old server":            {"tls10", other, old, report.Pass},
		"TLS 1.1 at a modern server":          {"tls11", other, modern, report.Fail},
		"RSA key exchange, offered":           {"rsa", other, old, report.Pass},
		"RSA key exchange, not offered": {"rsa", msHost, func(l *smtpLab, host string) smtptest.Persona {
			return l.server(host, tls.VersionTLS12, 0, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)
		}, report.Fail},
		"LOGIN, offered": {"login", msHost, modern, report.Pass},
		"LOGIN, not offered": {"login", other, func(l *smtpLab, host string) smtptest.Persona {
			p := modern(l, host)
			p.EHLOTLS = []string{"AUTH PLAIN"}
			return p
		}, report.Fail},
		"no SNI, same certificate": {"no-sni", msHost, modern, report.Pass},
		"no SNI, another certificate": {"no-sni", other, func(l *smtpLab, host string) smtptest.Persona {
			p := modern(l, host)
			named, unnamed := p.TLS, l.tls(smtptest.Spec{Names: []string{"default.example.net"}})
			p.TLS = &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
				if h.ServerName == "" {
					return unnamed, nil
				}
				return named, nil
			}}
			return p
		}, report.Fail},
		"private name, accepted": {"private-name", msHost, modern, report.Pass},
		"the server is broken for all": {"tls10", other, func(l *smtpLab, host string) smtptest.Persona {
			p := modern(l, host)
			p.EHLO = []string{"SIZE"}
			return p
		}, report.Skip},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T) {
				l := newSMTPLab(t)
				l.serve(c.persona(l, c.host))
				y := l.device(c.device, c.host)
				if y.Code != "submission.device" || y.Status != c.want {
					t.Errorf("%s %s: %s", y.Code, y.Status, y.Summary)
				}
				checkFindings(t, []report.Finding{y})
			})
		})
	}
}
