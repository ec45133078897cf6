package submission

import (
	"fmt"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// verdict judges one conversation, stage by stage. Each stage gives a finding,
// which may be empty, and whether the next one has anything to look at.
type verdict struct {
	submissionFacts
	family string
	s      *smtpprobe.Session
}

// make makes a finding about a stage.
func (v verdict) make(st report.Status, c report.Cause, claim, format string, args ...any) report.Finding {
	y := kit.Find(st, "submission."+claim, v.subject(), format, args...)
	y.Cause = c
	if st != report.Pass && st != report.Info {
		y.Evidence = []report.Evidence{v.transcript()}
	}
	if st == report.Pass {
		y.Cause, y.Data = "", map[string]any{}
	}
	return y
}

// broken makes a finding about something that should not be. At a host of
// Microsoft's it is the path's fault, as long as nothing proves otherwise: the
// domain is not judged by it. Elsewhere it is the server's.
func (v verdict) broken(claim, format string, args ...any) report.Finding {
	if v.cloud != nil {
		return v.make(report.Unknown, report.CauseNetwork, claim, format, args...)
	}
	return v.make(report.Fail, report.CauseRemote, claim, format, args...)
}

// advise adds a fix.
func advise(y report.Finding, owner, text string, links ...string) report.Finding {
	y.Fix = &report.Fix{Owner: owner, Text: text, Links: links}
	return y
}

// transcript is the whole conversation as evidence.
func (v verdict) transcript() report.Evidence {
	return report.Evidence{Kind: "smtp", Text: strings.TrimSuffix(v.s.Transcript(), "\n"), From: v.from()}
}

func (v verdict) from() string { return fmt.Sprintf("%s:%d", v.s.Address, v.s.Port) }

// said is one reply as evidence.
func (v verdict) said(st *smtpprobe.Step) []report.Evidence {
	if st == nil || st.Reply == nil {
		return nil
	}
	return []report.Evidence{{Kind: "smtp", Text: st.Reply.String(), From: v.from()}}
}

func ms(d time.Duration) int64 { return d.Round(time.Millisecond).Milliseconds() }

// tcp judges the connection.
func (v verdict) tcp() (report.Finding, bool) {
	st := v.s.Find(smtpprobe.PhaseConnect)
	if in := v.s.Find(smtpprobe.PhaseInput); in != nil {
		y := v.make(report.Unknown, report.CauseInput, "tcp", "nothing was sent: %s", in.Err.Text)
		return advise(y, report.OwnerYou, "Remove line breaks and spaces from the user "+
			"name, addresses, and password."), false
	}
	if st == nil {
		return v.make(report.Unknown, report.CauseLocal, "tcp", "no connection was tried"), false
	}
	if st.Err == nil {
		y := v.make(report.Pass, "", "tcp", "%s in %d ms", v.family, ms(st.Took))
		y.Data[strings.ToLower(v.family)+"_ms"] = ms(st.Took)
		return y, true
	}
	return v.unconnected(st.Err), false
}

// unconnected reports why there is no connection. The order matters: the
// missing family of a machine is not a fault if the other one works.
func (v verdict) unconnected(e *smtpprobe.Error) report.Finding {
	if e.Class == smtpprobe.ClassNoRoute && (v.connected() || v.family == "IPv6") {
		return v.make(report.Info, "", "tcp", "not tested: this machine has no %s", v.family)
	}
	say, ok := connectFaults[e.Class]
	if !ok {
		say = connectFault{cause: report.CauseLocal, what: "no connection: " + e.Text, owner: report.OwnerYou,
			next: "Run again."}
	}
	if e.Class == smtpprobe.ClassDeclined {
		say.what = "not tested: " + e.Text
	}
	if e.Class == smtpprobe.ClassTimeout && v.cloud == nil {
		say.what = "no answer in time: the host is down, or a " +
			"firewall in between drops the packets"
	}
	y := v.make(report.Unknown, say.cause, "tcp", "%s", say.what)
	y.Optional = v.connected()
	y = advise(y, say.owner, strings.ReplaceAll(say.next, "PORT", fmt.Sprint(v.Port)))
	if e.Class == smtpprobe.ClassRefused && v.cloud == nil {
		y = v.make(report.Fail, report.CauseRemote, "tcp", "connection refused: no service listens on port %d, "+
			"or a firewall rejects the connection", v.Port)
		y = advise(y, report.OwnerRemote, "Check the host and port. If they are right, "+
			"start the service or open the port.")
	}
	return y
}

// connectFault is what to tell about one way of not being connected.
type connectFault struct {
	cause             report.Cause
	what, owner, next string
}

// PORT in next stands for the port.
var connectFaults = map[smtpprobe.Class]connectFault{
	smtpprobe.ClassTimeout: {report.CauseNetwork, "no answer in time: a firewall in between drops the packets",
		report.OwnerNetwork, "Allow outgoing TCP PORT in your firewall. If it is already " +
			"allowed, ask your Internet provider: many block this port."},
	smtpprobe.ClassRefused: {report.CauseNetwork, "connection refused: Microsoft accepts connections from " +
		"everywhere, so a firewall in between rejects the connection",
		report.OwnerNetwork, "Allow outgoing TCP PORT in your firewall; one of its rules rejects the connection."},
	smtpprobe.ClassReset: {report.CauseNetwork, "the connection was reset while it was set up: probably by " +
		"a firewall or an intrusion prevention system",
		report.OwnerNetwork, "Look for blocked connections to TCP PORT in " +
			"the firewall log, and allow them."},
	smtpprobe.ClassNoRoute: {report.CauseLocal, "this machine has no route to the Internet",
		report.OwnerYou, "Connect this machine to the network, or run maildiag on a machine that is connected."},
	smtpprobe.ClassUnreachable: {report.CauseNetwork, "a router in between reports that the host cannot be reached",
		report.OwnerNetwork, "Check the route to the Internet. A router without a route, or a " +
			"firewall that rejects TCP PORT, sent this answer."},
	smtpprobe.ClassProhibited: {report.CauseLocal, "this machine's own firewall or routing " +
		"table blocks the connection",
		report.OwnerYou, "Allow outgoing TCP PORT in this machine's firewall " +
			"(nft, Windows Firewall, endpoint protection)."},
	smtpprobe.ClassDeclined: {report.CauseLocal, "", report.OwnerYou,
		"If the resolver should not answer with this address, correct it. To test a server of your own network, run the command maildiag there."},
	smtpprobe.ClassLocal: {report.CauseLocal, "this machine has run out of descriptors, ports or memory for " +
		"connections",
		report.OwnerYou, "Run fewer checks at once, or raise the limit (ulimit -n)."},
	smtpprobe.ClassCanceled: {report.CauseLocal, "not finished: the run was stopped",
		report.OwnerYou, "Run again."},
}

// greeting judges the first thing that the server says.
func (v verdict) greeting() (report.Finding, bool) {
	st := v.s.Find(smtpprobe.PhaseGreeting)
	switch {
	case st == nil && v.s.Mode == smtpprobe.Implicit:
		y, _ := v.tls()
		return y, false
	case st == nil:
		return report.Finding{}, false
	case st.Err != nil:
		return v.badGreeting(st), false
	case st.Reply.Code != 220:
		return v.refusal("greeting", "the server rejected the connection with its greeting", st), false
	}
	banner := st.Reply.Text()
	if what := Middlebox(st.Reply.Lines[0]); what != "" {
		return v.inspected("greeting", what), v.s.TLS != nil
	}
	y := v.make(report.Pass, "", "greeting", "%s", greeter(banner))
	y.Evidence = v.said(st)
	if v.cloud != nil && !strings.Contains(banner, "Microsoft ESMTP") {
		y = v.make(report.Unknown, report.CauseNetwork, "greeting", "the greeting is %q, not Microsoft's",
			kit.ClipLine(banner, 80))
		if v.s.TLS.Trusted() {
			y = v.make(report.Info, "", "greeting", "an unusual greeting, %q, but the certificate proves the "+
				"host", kit.ClipLine(banner, 80))
		}
		y = advise(y, report.OwnerNetwork, "A proxy in between answers instead of Microsoft. Exempt "+
			""+v.subject()+" from it.")
	}
	return y, true
}

// greeter names who greets, without the host's changing name.
func greeter(banner string) string {
	if strings.Contains(banner, "Microsoft ESMTP MAIL Service") {
		return "Microsoft ESMTP MAIL Service"
	}
	return kit.ClipLine(banner, 60)
}

// badGreeting reports what is there in place of a greeting.
func (v verdict) badGreeting(st *smtpprobe.Step) report.Finding {
	first := ""
	if st.Reply != nil && len(st.Reply.Lines) > 0 {
		first = st.Reply.Lines[0]
	}
	if h := v.s.Step(smtpprobe.PhaseTLS, false); first == "" && h != nil && h.Reply != nil {
		first = h.Reply.Lines[0]
	}
	switch kind := speaks(first); {
	case v.s.ImplicitTLS:
		y := v.broken("greeting", "this port uses TLS from the first byte "+
			"(implicit TLS); STARTTLS is expected here")
		return advise(y, v.repairer(), "Configure port 587 for SMTP with STARTTLS, or test "+
			"implicit TLS on its own port: maildiag smtp "+v.Host+":465", "RFC 8314 3.3")
	case kind != "":
		y := v.broken("greeting", "this is not an SMTP server; it looks like %s", kind)
		return advise(y, v.tester(), "Check the host and port. If they are right, something in "+
			"between, such as a proxy, answers instead of the server.")
	case st.Err.Class == smtpprobe.ClassTimeout:
		y := v.make(report.Unknown, v.cause(), "greeting", "connected, but no greeting in time")
		return advise(y, v.tester(), "A proxy or tarpit in between delays the connection, or the server is "+
			"overloaded. Run again. If the problem stays, test from another network.")
	case st.Err.Class == smtpprobe.ClassEOF, st.Err.Class == smtpprobe.ClassReset:
		y := v.make(report.Unknown, v.cause(), "greeting", "connected, but the connection was closed "+
			"before the greeting was complete")
		return advise(y, v.tester(), "A firewall or proxy that accepts connections and then drops "+
			"them can cause this. Test from another network.")
	}
	return v.interrupted("greeting", "the greeting is not SMTP", st)
}

// cause is whose fault it is when a server does not go on: at Microsoft's
// hosts the path's, elsewhere the server's.
func (v verdict) cause() report.Cause {
	if v.cloud != nil {
		return report.CauseNetwork
	}
	return report.CauseRemote
}

// refusal judges a reply that is not the one hoped for: temporary or by
// policy. Neither tells anything about the domain.
func (v verdict) refusal(claim, what string, st *smtpprobe.Step) report.Finding {
	cause, owner := report.CauseRemote, report.OwnerRemote
	if v.cloud != nil {
		cause, owner = report.CauseMicrosoft, report.OwnerMicrosoft
	}
	quote := kit.ClipLine(st.Reply.String(), 160)
	if wantsCertificate().MatchString(st.Reply.Text()) {
		y := v.broken(claim, "the server requires a certificate of the client: %s", quote)
		return advise(y, v.repairer(), clientCertificate, "RFC 8446 4.3.2")
	}
	if st.Reply.Code/100 == 4 {
		y := v.make(report.Unknown, cause, claim, "%s (temporary reply): %s", what, quote)
		return advise(y, report.OwnerYou, "Run again in a few minutes. If the problem stays, "+
			"make fewer connections from this address.", "RFC 5321 4.2.1")
	}
	y := v.make(report.Unknown, cause, claim, "%s: %s", what, quote)
	return advise(y, owner, "The reply contains the reason; often, a block list contains the "+
		"address of this machine. Also test from another network.", "RFC 5321 4.2.1")
}

var wantsCertificate = kit.Lazily(`(?i)\bclient certificate|\bcertificate (is )?(required|requested|needed|not presented)`)

// rejectedName is the finding of a server that rejects the name in EHLO: it is this
// machine's, or the one of --helo.
func (v verdict) rejectedName(claim string, st *smtpprobe.Step) report.Finding {
	cause, whose := report.CauseLocal, "that this machine sends in EHLO"
	if v.Hello != "" {
		cause, whose = report.CauseInput, "of --helo, "+v.Hello
	}
	y := v.make(report.Unknown, cause, claim, "the server rejects the name %s: %s", whose, kit.ClipLine(st.Reply.String(), 120))
	return advise(y, report.OwnerYou, "Set another one, a full host name or an address literal, with --helo.", "RFC 5321 4.1.1.1")
}

// interrupted judges a step that ended in an error of the connection or of the
// protocol.
func (v verdict) interrupted(claim, what string, st *smtpprobe.Step) report.Finding {
	switch st.Err.Class {
	case smtpprobe.ClassProtocol, smtpprobe.ClassTooLong, smtpprobe.ClassNotTLS:
		y := v.broken(claim, "%s: %s", what, kit.ClipLine(st.Err.Text, 120))
		return advise(y, v.repairer(), "Something does not follow the SMTP protocol; a proxy in between is the "+
			"likeliest.", "RFC 5321 4.2")
	case smtpprobe.ClassTLS:
		if st.Err.Alert != 0 {
			return v.alerted(st.Err)
		}
	case smtpprobe.ClassCanceled:
		y := v.make(report.Unknown, report.CauseLocal, claim, "not finished: the run was stopped")
		return advise(y, report.OwnerYou, "Run again.")
	}
	y := v.make(report.Unknown, v.cause(), claim, "%s: %s", what, kit.ClipLine(st.Err.Text, 120))
	return advise(y, v.tester(), "Run again. If the problem stays, test from another network to find "+
		"out whether the server or the network is the cause.")
}

// repairer is who repairs what broken finds.
func (v verdict) repairer() string {
	if v.cloud != nil {
		return report.OwnerNetwork
	}
	return report.OwnerRemote
}

// tester is who finds out more about what one conversation cannot decide.
func (v verdict) tester() string {
	if v.cloud != nil {
		return report.OwnerNetwork
	}
	return report.OwnerYou
}

// inspected is the finding of a middlebox that rewrites SMTP. Some let TLS
// through untouched, and then submission works.
func (v verdict) inspected(claim, what string) report.Finding {
	y := v.make(report.Unknown, report.CauseNetwork, claim, "%s rewrites the SMTP traffic", what)
	if v.s.TLS.Trusted() {
		y = v.make(report.Warn, report.CauseNetwork, claim, "%s rewrites the SMTP traffic, but lets TLS through", what)
	}
	return advise(y, report.OwnerNetwork, "Turn off SMTP inspection for outgoing TCP 587 (Cisco ASA: no "+
		"inspect esmtp; PIX: no fixup protocol smtp 25), "+
		"or exempt "+v.subject()+" in the mail protection of the antivirus program.")
}

var (
	stars   = kit.Lazily(`^220[ -].*\*{4}`)
	masked  = kit.Lazily(`^X{4,}[A-Z]?$`)
	proxies = kit.Lazily(`(?i)\b(avast|avg|kaspersky|norton|symantec|bitdefender|eset|sophos|trend micro|f-secure|g data)\b`)
)

// Middlebox names the device that a greeting gives away; empty if none.
func Middlebox(greeting string) string {
	if stars().MatchString(greeting) {
		return "a firewall with SMTP inspection (Cisco PIX or ASA: the greeting is masked by asterisks)"
	}
	if name := proxies().FindString(greeting); name != "" {
		return "the mail protection of " + name
	}
	return ""
}

// speaks names the protocol that a first line belongs to; empty if unknown.
func speaks(line string) string {
	switch {
	case strings.HasPrefix(line, "HTTP/"), strings.HasPrefix(strings.ToLower(line), "<!doctype"),
		strings.HasPrefix(line, "<html"):
		return "a web server or captive portal (HTTP)"
	case strings.HasPrefix(line, "SSH-"):
		return "an SSH server"
	case strings.HasPrefix(line, "* OK"), strings.HasPrefix(line, "* BYE"):
		return "an IMAP server"
	case strings.HasPrefix(line, "+OK"), strings.HasPrefix(line, "-ERR"):
		return "a POP3 server"
	case strings.Contains(line, "mysql"), len(line) >= 4 && line[1] == 0 && line[2] == 0:
		return "a MySQL database"
	case strings.HasPrefix(line, "\x15\x03"), strings.HasPrefix(line, "\x16\x03"):
		return "a TLS server (implicit TLS)"
	}
	return ""
}
