package mxserver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// view judges one address of a host.
type view struct {
	f       facts
	h       host
	a       address
	reached bool // an address of the host accepts connections
}

func (v view) find(st report.Status, code, format string, args ...any) report.Finding {
	y := kit.Find(st, code, v.h.Host, format, args...)
	if v.a.session != nil && st != report.Pass && st != report.Info {
		y.Evidence = []report.Evidence{transcript(v.a.session)}
	}
	return y
}

func (v view) advise(y report.Finding, text string, links ...string) report.Finding {
	y.Fix = &report.Fix{Owner: v.h.owner(v.f.domain), Text: text, Links: links}
	return y
}

func (v view) judge() (out []report.Finding) {
	s := v.a.session
	if s == nil {
		return nil
	}
	if !s.Connected() {
		return []report.Finding{v.unconnected()}
	}
	y, greeted := v.greeting()
	out = append(out, y)
	if greeted {
		out = append(out, v.startTLS())
		if s.TLS != nil {
			out = append(out, v.certificate())
		}
		if y := v.tlsa(); y.Code != "" {
			out = append(out, y)
		}
	}
	return append(out, v.ptr())
}

// unconnected judges an address that accepts no connection, while another mail
// server does. Silence may be meant for this network alone.
func (v view) unconnected() report.Finding {
	e := v.a.session.Find(smtpprobe.PhaseConnect).Err
	const code = "mxserver.tcp"
	switch {
	case e.Class == smtpprobe.ClassNoRoute && strings.Contains(v.a.ip, ":"):
		return v.find(report.Info, code, "IPv6 not tested: this machine has none")
	case e.Class == smtpprobe.ClassDeclined:
		y := kit.Optional(v.find(report.Unknown, code, "not connected to: %s", kit.ClipLine(e.Text, 120)))
		y.Cause, y.Fix = report.CauseLocal, &report.Fix{Owner: report.OwnerYou, Text: "Check the domain alone to test this server: maildiag " +
			v.f.domain + " --dial-mx"}
		return y
	case e.Class == smtpprobe.ClassRefused && v.f.open():
		st := report.Fail
		if v.reached {
			st = report.Warn
		}
		return v.advise(v.find(st, code, "port %d refuses connections", v.f.Port),
			"Start the mail server or open the port in its firewall. If the server is gone, delete the MX record.", "RFC 5321 5.1")
	}
	y := v.find(report.Unknown, code, "no connection on port %d from here: %s", v.f.Port, kit.ClipLine(e.Text, 120))
	y.Cause, y.Optional = report.CauseRemote, v.reached
	if !v.f.open() || e.Class == smtpprobe.ClassNoRoute {
		return v.incomparable(y)
	}
	return v.advise(y, "Test from another network. If it fails there too, the server is down or its firewall drops the connections.")
}

// incomparable makes a finding one of the network, where no other mail server shows
// that it is the server's.
func (v view) incomparable(y report.Finding) report.Finding {
	y.Cause = report.CauseNetwork
	y.Fix = &report.Fix{Owner: report.OwnerNetwork, Text: fmt.Sprintf("Check whether your network allows outgoing TCP %d. "+
		"There was no other mail server to compare with.", v.f.Port)}
	return y
}

// greeting judges the banner and the answer to EHLO. A refusal there is about
// the client: this network, not the domain.
func (v view) greeting() (y report.Finding, further bool) {
	const code = "mxserver.greeting"
	s := v.a.session
	if failed := s.Failed(); failed != nil && s.Hello(false) == nil {
		y = v.find(report.Unknown, code, "the connection was lost before the server had introduced itself")
		if y.Cause = report.CauseRemote; !v.f.open() {
			return v.incomparable(y), false
		}
		return v.advise(y, "Run again. If it stays, look into the log of the mail server."), false
	}
	for _, st := range []*smtpprobe.Step{s.Find(smtpprobe.PhaseGreeting), s.Step(smtpprobe.PhaseEHLO, false)} {
		if st == nil || st.OK() || st.Reply == nil || s.Hello(false) != nil {
			continue
		}
		y = v.find(report.Unknown, code, "the server rejects this network: %s", kit.ClipLine(st.Reply.String(), 160))
		y.Cause = report.CauseNetwork
		y.Fix = &report.Fix{Owner: report.OwnerNetwork, Text: "Run maildiag on a network that mail servers accept: many " +
			"reject home and cloud addresses. That says nothing about mail from others."}
		return y, false
	}
	st := s.Find(smtpprobe.PhaseGreeting)
	y = v.find(report.Pass, code, "greets as %s", kit.ClipLine(bannerName(st.Reply), 80))
	return y, true
}

// bannerName returns the name in a greeting. RFC 5321 4.2
func bannerName(r *smtpprobe.Reply) string {
	if f := strings.Fields(r.Text()); len(f) > 0 {
		return f[0]
	}
	return "a server without a name"
}

// startTLS judges whether mail can be encrypted.
func (v view) startTLS() report.Finding {
	const code = "mxserver.starttls"
	s := v.a.session
	st := report.Warn // RFC 3207 4: an MX must not require it, and senders go on without
	if v.dane() {
		st = report.Fail // RFC 7672 2.2: senders that use DANE hold the mail
	}
	switch {
	case s.TLS != nil && !s.TLS.Modern():
		return v.advise(v.find(report.Warn, code, "offers only %s", s.TLS.Version), "Enable TLS 1.2 and 1.3 on the server.", "RFC 8996 2")
	case s.TLS != nil:
		y := v.find(report.Pass, code, "%s, %s", s.TLS.Version, s.TLS.Cipher)
		y.Data = map[string]any{"version": s.TLS.Version, "cipher": s.TLS.Cipher}
		return y
	case !s.Offers(false, "STARTTLS"):
		return v.advise(v.find(st, code, "STARTTLS is not offered: mail arrives unencrypted, and senders that require TLS do not deliver"),
			"Install a certificate on the server and enable STARTTLS.", "RFC 3207 4")
	}
	if reply := s.Find(smtpprobe.PhaseStartTLS); reply != nil && reply.Reply != nil && reply.Reply.Code/100 == 4 {
		y := v.find(report.Unknown, code, "TLS is not available for now: %s", kit.ClipLine(reply.Reply.String(), 120))
		return v.advise(y, "Run again in a few minutes. Often the server cannot read its certificate or key.", "RFC 3207 4")
	}
	return v.advise(v.find(st, code, "STARTTLS is offered and then fails"),
		"Check the certificate, key and TLS versions of the server.", "RFC 3207 4")
}

// certificateWarning is how long before its end a certificate is warned of.
const certificateWarning = 14 * 24 * time.Hour

// certificate judges the certificate by the public authorities. Only senders that
// require that, by MTA-STS or by a setting, reject a bad one; to those that use
// DANE only the TLSA records count.
func (v view) certificate() report.Finding {
	const code = "mxserver.certificate"
	t := v.a.session.TLS
	leaf := t.Leaf()
	left := leaf.NotAfter.Sub(v.f.now)
	days := int(left / (24 * time.Hour))
	y := v.find(report.Pass, code, "for %s, expires in %d days, issued by %s", leaf.Name, days, leaf.IssuerOrg)
	switch ends := v.f.certDays.Status(left, certificateWarning); {
	case slices.ContainsFunc(t.Problems, func(p smtpprobe.CertProblem) bool { return p.Kind == smtpprobe.CertNoRoots }):
		y = v.find(report.Unknown, code, "this machine has no list of trusted authorities")
		y.Cause, y.Optional = report.CauseLocal, true
		y.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Install it (Debian: apt install ca-certificates)."}
	case v.clockWrong():
		y = v.find(report.Unknown, code, "only by this computer's clock (%s) is the certificate expired or not yet valid: the clock is wrong",
			v.a.session.Started.Format(time.DateOnly))
		y.Cause = report.CauseLocal
		y.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Check this computer's clock (date, time zone, NTP), then run again."}
	case !t.Verified:
		y = v.advise(v.find(report.Warn, code, "the certificate does not verify for %s: %s. Senders that require a valid "+
			"certificate (MTA-STS) do not deliver", v.h.Host, problems(t)),
			"Install a certificate for "+v.h.Host+" from a public authority, with its intermediate certificates.", "RFC 8461 4.2", "RFC 9525 6")
	case ends != report.Pass:
		y = v.advise(v.find(ends, code, "for %s, expires in %d days, on %s", leaf.Name, days, leaf.NotAfter.Format(time.DateOnly)),
			"Renew the certificate before that date, and the TLSA records with it if there are any.")
	}
	if y.Data == nil {
		y.Data = map[string]any{}
	}
	y.Data["days_left"], y.Data["not_after"] = days, leaf.NotAfter.Format(time.DateOnly)
	y.Data["issuer"], y.Data["verified"] = leaf.IssuerOrg, t.Verified
	return y
}

// clockWrong reports whether the certificate is out of its time by the clock of
// this computer alone. The reference decides if it can: its certificate is
// always in its time. Else the server's greeting does.
func (v view) clockWrong() bool {
	s, kind := v.a.session, v.a.session.TLS.OnlyUntimely()
	if kind == "" {
		return false
	}
	if ref := v.f.reference(); ref != nil && ref.TLS != nil {
		if theirs, ok := ref.Date(); ok && ref.TLS.Verified {
			return s.TLS.Leaf().In(theirs)
		}
		if ref.TLS.OnlyUntimely() == kind {
			return true
		}
	}
	return s.ValidThere()
}

func problems(t *smtpprobe.TLS) string {
	var out []string
	for _, p := range t.Problems {
		out = append(out, kit.ClipLine(p.Text, 100))
	}
	return strings.Join(out, "; ")
}

// ptr judges the names of the address. They matter where the server sends mail
// too, so nothing here is more than a remark.
func (v view) ptr() report.Finding {
	const code = "mxserver.ptr"
	if v.a.ptr.Err != nil {
		y := kit.Lesser(kit.Undecided(code, v.h.Host, v.a.ptr.Err))
		return y
	}
	for _, name := range v.a.ptr.Values {
		if slices.Contains(v.a.names[name], v.a.ip) {
			return v.find(report.Pass, code, "%s has the name %s, which leads back to it", v.a.ip, kit.ClipLine(name, 80))
		}
	}
	y := v.find(report.Info, code, "%s has no name in the DNS (PTR)", v.a.ip)
	if len(v.a.ptr.Values) > 0 {
		y.Summary = fmt.Sprintf("the name of %s in the DNS (PTR), %s, does not point back to it", v.a.ip, kit.ShortList(v.a.ptr.Values, 2))
	}
	y.Summary += ". Receivers reject mail from such an address; for receiving it does not matter"
	y.Evidence = kit.Shown(v.a.ptr.Answer)
	return y
}
