package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/submission"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// peers are hosts of two owners that listen on a port: what fails with both fails
// on our side.
var peers = map[int][]string{
	25:  {wellKnown, "gmail-smtp-in.l.google.com"},
	465: {"smtp.gmail.com", "smtp.mail.yahoo.com"},
	587: {wellKnown, "smtp.gmail.com"},
	443: {wellKnown, "www.google.com"},
}

// needs says what a closed port prevents.
var needs = map[int]string{
	25:  "maildiag smtp HOST:25 cannot talk to mail servers from here.",
	465: "maildiag smtp HOST:465 cannot be used from here.",
	587: "The submission check, and maildiag smtp, report could not check.",
	443: "MTA-STS policies, BIMI images and OAuth sign-in report could not check.",
}

// limits are short: someone waits.
var limits = smtpprobe.Limits{Connect: 6 * time.Second, Banner: 8 * time.Second,
	Command: 6 * time.Second, TLS: 8 * time.Second, Session: 15 * time.Second}

// contact is one connection to a peer.
type contact struct {
	host    string
	port    int
	err     error              // its name could not be resolved
	session *smtpprobe.Session // nil if it has no address
}

func (c contact) connected() bool { return c.session != nil && c.session.Connected() }

func (c contact) String() string {
	switch {
	case c.err != nil:
		return c.host + " not resolved: " + why(c.err)
	case c.session == nil:
		return c.host + " has no address"
	case c.session.Failed() != nil:
		return fmt.Sprintf("%s: %s", c.host, c.session.Failed().Err.Class)
	}
	return c.host + " answers"
}

// connect connects to a peer and goes on to a phase. Nothing is signed in to, and
// no message is sent.
func (m Machine) connect(ctx context.Context, host string, port int, family dnsrec.Type, until smtpprobe.Phase) contact {
	c := contact{host: host, port: port}
	a, err := m.DNS.Lookup(ctx, dnsrec.Q(host, family))
	if c.err = err; err != nil || len(a.Values) == 0 {
		return c
	}
	cfg := smtpprobe.Config{Host: host, Address: a.Values[0], Port: port, Until: until, Limits: limits}
	if port == 443 || port == 465 {
		cfg.Mode = smtpprobe.Implicit
	}
	c.session = m.SMTP(ctx, cfg)
	return c
}

// outgoing returns the test of one port.
func outgoing(port int) func(context.Context, Machine) Line {
	until := smtpprobe.PhaseConnect
	if port == 25 || port == 587 {
		until = smtpprobe.PhaseEHLO
	}
	return func(ctx context.Context, m Machine) Line {
		var tried []contact
		for _, host := range peers[port] {
			c := m.connect(ctx, host, port, dnsrec.TypeA, until)
			if c.connected() {
				return opened(c)
			}
			tried = append(tried, c)
		}
		return closed(port, tried)
	}
}

// opened judges a connection: that it came about does not mean that the server is
// the one who answers.
func opened(c contact) Line {
	took := c.session.Step(smtpprobe.PhaseConnect, false).Took.Round(time.Millisecond).Milliseconds()
	const fix = "Exempt outgoing SMTP from inspection in the firewall, mail proxy and antivirus program (Cisco ASA: no inspect esmtp)."
	const effect = "TLS and sign-in problems of servers cannot be distinguished from problems of this network."
	g := c.session.Find(smtpprobe.PhaseGreeting)
	switch {
	case g == nil:
	case g.OK() && submission.Middlebox(g.Reply.Lines[0]) != "":
		return Line{Status: report.Warn, Summary: "open, but " + submission.Middlebox(g.Reply.Lines[0]) + " answers", Effect: effect, Fix: fix}
	case g.OK() && c.session.Hello(false) != nil && !c.session.Offers(false, "STARTTLS"):
		return Line{Status: report.Warn, Summary: "open, but something on the way removes STARTTLS from " + c.host, Effect: effect, Fix: fix}
	case !g.OK():
		return Line{Status: report.Warn, Summary: "open, but there is no proper SMTP greeting from " + c.host,
			Effect: effect, Fix: "Run again. If it stays, look for a proxy between this machine and the Internet."}
	}
	return Line{Status: report.Pass, Summary: fmt.Sprintf("open: %s connected in %d ms", c.host, took)}
}

// closed judges a port on which no peer answered.
func closed(port int, tried []contact) Line {
	var each []string
	for _, c := range tried {
		each = append(each, c.String())
	}
	detail := strings.Join(each, "; ")
	if !slices.ContainsFunc(tried, func(c contact) bool { return c.session != nil }) {
		return Line{Status: report.Unknown, Summary: "could not check: " + detail}
	}
	l := Line{Status: report.Warn, Summary: "no connection (" + detail + ")", Effect: needs[port],
		Fix: fmt.Sprintf("Allow outgoing TCP %d in the firewall. If it is allowed, ask your Internet provider.", port)}
	if every(tried, smtpprobe.ClassNoRoute) {
		l.Fix = "Connect this machine to the Internet, or run maildiag on a machine that is connected."
	}
	return l
}

// every reports whether all contacts that were tried failed in the same way.
func every(tried []contact, class smtpprobe.Class) bool {
	return !slices.ContainsFunc(tried, func(c contact) bool {
		return c.session == nil || c.session.Failed() == nil || c.session.Failed().Err.Class != class
	})
}

// ipv6 reports whether connections over IPv6 work. None at all is no fault.
func ipv6(ctx context.Context, m Machine) Line {
	var tried []contact
	var lost error
	for _, host := range peers[443] {
		c := m.connect(ctx, host, 443, dnsrec.TypeAAAA, smtpprobe.PhaseConnect)
		if c.connected() {
			return opened(c)
		}
		if lost = c.err; c.session != nil {
			tried = append(tried, c)
		}
	}
	switch {
	case len(tried) == 0 && lost != nil:
		return Line{Status: report.Unknown, Summary: "could not check: " + why(lost)}
	case len(tried) == 0:
		return Line{Status: report.Info, Summary: "not tested: no IPv6 address was found for a host to connect to"}
	case every(tried, smtpprobe.ClassNoRoute):
		return Line{Status: report.Info, Summary: "this machine has none; servers are tested over IPv4 only"}
	}
	l := closed(443, tried)
	l.Summary = "configured, but does not work: " + l.Summary
	l.Effect = "IPv6 addresses of servers are reported as could not check."
	l.Fix = "Repair the IPv6 route, or give --ipv4."
	return l
}
