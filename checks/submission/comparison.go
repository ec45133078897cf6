package submission

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// maxCanaries is the most further connections that one failure may cost.
const maxCanaries = 8

// comparisonLimits are short: someone waits, after a conversation that may have
// taken its full minute. What takes longer counts as failed.
var comparisonLimits = smtpprobe.Limits{Connect: 6 * time.Second, Banner: 10 * time.Second,
	Command: 8 * time.Second, TLS: 8 * time.Second, Session: 20 * time.Second}

// comparison is one further connection, made to find out whose fault a failure is.
type comparison struct {
	host  string
	port  int
	until smtpprobe.Phase

	err     error // its name could not be resolved
	session *smtpprobe.Session
}

// works reports whether the connection came as far as it should.
func (c comparison) works() bool {
	return c.session != nil && c.session.Failed() == nil && c.session.Connected()
}

// tried reports whether there was an address to connect to.
func (c comparison) tried() bool { return c.session != nil }

func (c comparison) String() string {
	switch st := c.failed(); {
	case c.session == nil && c.err != nil:
		return fmt.Sprintf("%s:%d not resolved", c.host, c.port)
	case c.session == nil:
		return fmt.Sprintf("%s:%d has no address", c.host, c.port)
	case st != nil:
		return fmt.Sprintf("%s:%d (%s) %s: %s", c.host, c.port, c.session.Address, st.Phase, st.Err.Class)
	case c.session.TLS != nil:
		return fmt.Sprintf("%s:%d (%s) %s, certificate issued by %s", c.host, c.port, c.session.Address,
			c.session.TLS.Version, c.session.TLS.Leaf().IssuerOrg)
	case c.until != smtpprobe.PhaseConnect:
		return fmt.Sprintf("%s:%d (%s) no STARTTLS", c.host, c.port, c.session.Address)
	}
	return fmt.Sprintf("%s:%d (%s) connected in %d ms", c.host, c.port, c.session.Address,
		ms(c.session.Step(smtpprobe.PhaseConnect, false).Took))
}

func (c comparison) failed() *smtpprobe.Step {
	if c.session == nil {
		return nil
	}
	return c.session.Failed()
}

// otherHost is a submission host of someone else: what fails with both fails
// on our side.
func (t target) otherHost() string {
	if strings.HasSuffix(t.Host, ".gmail.com") {
		return kit.Clouds()[0].Submission
	}
	return "smtp.gmail.com"
}

// symptom is what a failure looks like, and so which comparisons can explain it.
type symptom string

const (
	noSymptom      symptom = ""
	symptomNames   symptom = "names"   // the resolver does not give the host's addresses
	symptomConnect symptom = "connect" // no connection
	symptomPath    symptom = "path"    // connected, but SMTP or TLS was altered in between
	symptomClock   symptom = "clock"   // a certificate out of its time: the server's fault, or this clock's
	symptomTurned  symptom = "turned"  // turned away or cut off by the server, or by a device in its name
)

// symptom reads the findings: only what a network can do is worth asking on.
func (f submissionFacts) symptom(fs []report.Finding) (seen symptom) {
	for _, y := range fs {
		switch {
		case y.Optional || y.Status < report.Warn:
		case y.Code == "submission.dns" && y.Cause == report.CauseResolver:
			return symptomNames
		case y.Code == "submission.dns": // no resolver, so no other host can be found either
		case y.Code == "submission.tcp" && (y.Cause == report.CauseNetwork || y.Cause == report.CauseRemote):
			return symptomConnect
		case y.Code == "submission.certificate" && y.Data["untimely"] != nil:
			return symptomClock
		case y.Cause == report.CauseNetwork, y.Status == report.Fail && alterable[y.Code]:
			return symptomPath
		case y.Status == report.Unknown && alterable[y.Code] && y.Cause != report.CauseLocal && y.Cause != report.CauseInput:
			seen = symptomTurned
		}
	}
	return seen
}

// alterable are the findings at a stranger's server that a device on the way
// can cause for every server.
var alterable = map[string]bool{"submission.greeting": true, "submission.ehlo": true, "submission.starttls": true,
	"submission.injection": true, "submission.tls": true, "submission.certificate": true, "submission.auth": true}

// withPath adds to the findings whose fault the failure is, if further
// connections can tell.
func (f submissionFacts) withPath(k *kit.Known, fs []report.Finding) []report.Finding {
	seen := f.symptom(fs)
	switch {
	case f.NoComparison:
		return fs
	case seen == symptomNames:
		return f.concluded(fs, f.otherResolver(k), false)
	}
	var cs []comparison
	if seen != noSymptom {
		cs = f.comparisons(seen)
	}
	for i := range cs {
		cs[i].send(k, f.target)
	}
	again := f.lookAgain(k)
	switch {
	case k.Missing():
		return nil
	case again.Code == codeSNI:
		fs = append(fs, again)
	case again.Code != "":
		return replaced(fs, again)
	}
	if seen == noSymptom {
		return fs
	}
	ours, end := f.fault(seen, cs)
	if end.Code == "" { // the other server is well: it is this one's fault
		return fs
	}
	return f.concluded(fs, f.doubted([]report.Finding{end}), ours)
}

// fault concludes whose fault a failure is. ours reports whether it is not the
// server's, whatever it looked like.
func (f submissionFacts) fault(seen symptom, cs []comparison) (ours bool, end report.Finding) {
	i := slices.IndexFunc(cs, func(c comparison) bool { return c.host == f.otherHost() && c.port == f.Port })
	switch {
	case seen == symptomConnect:
		ours = i >= 0 && cs[i].tried() && !cs[i].works()
	case f.cloud != nil && seen == symptomPath: // no comparison is needed to know
	case i < 0 || cs[i].session == nil || !cs[i].session.Connected():
		return false, report.Finding{}
	case seen == symptomClock:
		return f.clock(cs[i])
	case !f.alike(cs[i].session):
		return false, report.Finding{}
	default:
		ours = true
	}
	return ours, f.judgePath(seen, cs)
}

// concluded adds the conclusion, at most one, to the symptoms that it explains:
// those no longer decide the verdict, it does. ours reports whether the port is
// blocked here; what looked like a server's fault then is none.
func (f submissionFacts) concluded(fs, conclusion []report.Finding, ours bool) []report.Finding {
	if len(conclusion) == 0 {
		return fs
	}
	end := &conclusion[0]
	for i := range fs {
		y := &fs[i]
		theirs := y.Status == report.Fail || y.Status == report.Unknown && (y.Cause == report.CauseRemote || y.Cause == report.CauseMicrosoft)
		if ours && theirs && (y.Code == "submission.tcp" || alterable[y.Code]) {
			y.Status, y.Cause = report.Unknown, end.Cause
		}
		if y.Status != report.Unknown || y.Cause != end.Cause || y.Optional {
			continue
		}
		y.Optional, end.Optional = true, false
		if y.Code == "submission.tcp" {
			y.Fix = &report.Fix{Owner: end.Fix.Owner, Text: "See submission.path below: more connections were made to find the cause."}
		}
	}
	return append(fs, *end)
}

// BlockedHere reports whether the findings about a server mean that the network
// of this machine is what keeps a device from sending: comparisons concluded so,
// or what a host of Microsoft's always offers was taken out on the way.
func BlockedHere(fs []report.Finding) bool {
	ours := func(y report.Finding) bool {
		return y.Status == report.Unknown && y.Cause == report.CauseNetwork && !y.Optional
	}
	if i := slices.IndexFunc(fs, func(y report.Finding) bool { return y.Code == "submission.path" }); i >= 0 {
		return ours(fs[i]) && fs[i].Data["unproven"] == nil
	}
	return slices.ContainsFunc(fs, func(y report.Finding) bool { return alterable[y.Code] && ours(y) })
}

// comparisons lists the connections that explain an symptom.
func (f submissionFacts) comparisons(seen symptom) []comparison {
	const connect, tls = smtpprobe.PhaseConnect, smtpprobe.PhaseStartTLS
	other := f.otherHost()
	list := []comparison{
		{host: f.Host, port: 443, until: connect}, {host: other, port: f.Port, until: connect},
		{host: f.Host, port: portSMTP, until: connect}, {host: f.Host, port: portSubmissions, until: connect},
		{host: other, port: portSubmissions, until: connect}, {host: other, port: 443, until: connect},
	}
	if seen != symptomConnect {
		list = []comparison{{host: other, port: f.Port, until: tls}, {host: f.Host, port: 443,
			until: smtpprobe.PhaseTLS},
			{host: f.Host, port: portSMTP, until: tls}}
	}
	known := []int{portSMTP, portSubmission, portSubmissions} // where the other host listens
	list = slices.DeleteFunc(list, func(c comparison) bool {
		return c.port == f.Port && (c.host == f.Host || !slices.Contains(known, c.port))
	})
	return list[:min(len(list), maxCanaries)]
}

// send needs the conversation, over IPv4 if that is allowed.
func (c *comparison) send(k *kit.Known, t target) {
	address := ""
	switch {
	case c.host == t.Host && (t.Address != "" || dnsrec.IsAddress(t.Host)):
		address = literalFamily(t).answer.Values[0]
	default:
		a, _ := k.Need(c.host, k.Families()[0])
		if c.err = a.Err; c.err != nil || len(a.Values) == 0 {
			return
		}
		address = a.Values[0]
	}
	cfg := smtpprobe.Config{Host: c.host, Address: address, Port: c.port, Until: c.until, Hello: t.Hello, Limits: comparisonLimits}
	if c.host == t.Host {
		cfg.Roots = t.Roots // of the others, only the system's authorities know
	}
	if c.port == 443 || c.port == portSubmissions {
		cfg.Mode = smtpprobe.Implicit
	}
	c.session, _ = k.Talk(cfg)
}

// judgePath concludes from the comparisons. It says what it is sure of, and no
// more: that a port is blocked here takes the same host answering on another
// port, and another host failing on the same one.
func (f submissionFacts) judgePath(seen symptom, cs []comparison) report.Finding {
	at := func(host string, port int) comparison {
		i := slices.IndexFunc(cs, func(c comparison) bool { return c.host == host && c.port == port })
		if i < 0 {
			return comparison{}
		}
		return cs[i]
	}
	var y report.Finding
	if seen == symptomConnect {
		y = f.blocked(at(f.Host, 443), at(f.otherHost(), f.Port), at(f.otherHost(), 443), at(f.Host, portSMTP))
	} else {
		y = f.altered(at(f.otherHost(), f.Port), at(f.Host, 443))
	}
	y.Data = map[string]any{"connections": len(cs)}
	if other := at(f.otherHost(), f.Port); f.cloud == nil && (!other.tried() || other.works()) {
		y.Data["unproven"] = true // the server may be what does not answer
	}
	var b strings.Builder
	for _, c := range cs {
		b.WriteString(c.String() + "\n")
	}
	y.Evidence = []report.Evidence{{Kind: "server", Text: strings.TrimSuffix(b.String(), "\n"),
		Note: "more connections, made to find the cause; --no-comparison turns them off"}}
	return y
}

// path makes a concluding finding.
func (f submissionFacts) path(c report.Cause, owner, text, format string, args ...any) report.Finding {
	y := kit.Find(report.Unknown, "submission.path", f.subject(), format, args...)
	y.Cause, y.Optional = c, true
	return advise(y, owner, text)
}

// blocked concludes why there is no connection.
func (f submissionFacts) blocked(same443, otherPort, other443, same25 comparison) report.Finding {
	who := f.Host
	if f.cloud != nil {
		who = "Microsoft"
	}
	hint := ""
	if same25.works() && f.Port != portSMTP && f.cloud != nil {
		hint = " Until then, use port 25 with STARTTLS: it works from here, and Microsoft accepts submissions there too."
	}
	switch {
	case !same443.works() && !otherPort.tried():
		return f.path(f.causeOfSilence(), report.OwnerNetwork, "Test from another network. If it fails there too, "+
			"the host is down.", "%s answers neither on port %d nor on port 443; "+
			"there was no other host to compare with", f.Host, f.Port)
	case !same443.works() && !otherPort.works() && !other443.works():
		return f.path(report.CauseNetwork, report.OwnerNetwork,
			"Connect this machine to the Internet, or run maildiag on a machine that is connected.",
			"this machine cannot reach the Internet: neither %s nor %s answers on any port", f.Host, f.otherHost())
	case same443.works() && !otherPort.tried() && f.cloud != nil && (f.Port == portSubmission || f.Port == portSMTP):
		return f.path(report.CauseNetwork, report.OwnerNetwork, fmt.Sprintf("Allow outgoing TCP %d in the firewall; if it is open there, ask the "+
			"Internet provider to open it.", f.Port)+hint,
			"%s answers on port 443 but not on port %d, on which Microsoft listens: your firewall or Internet provider blocks it; "+
				"there was no other host to compare with", f.Host, f.Port)
	case same443.works() && !otherPort.tried():
		return f.path(report.CauseNetwork, report.OwnerNetwork, fmt.Sprintf("Look for a rule about TCP %d in the firewall. If there is none, ask the "+
			"server's operator whether the server listens on that port.", f.Port)+hint,
			"%s answers on port 443 but not on port %d: a firewall on either side blocks it, "+
				"or no service listens there; there was no other host to compare with", f.Host, f.Port)
	case same443.works() && !otherPort.works():
		return f.path(report.CauseNetwork, report.OwnerNetwork,
			fmt.Sprintf("Allow outgoing TCP %d in the firewall; if it is open there, ask the Internet "+
				"provider to open it.", f.Port)+hint,
			"port %d is blocked between you and %s, and also to %s, while %s answers "+
				"on port 443: your firewall or Internet provider blocks it", f.Port, who, f.otherHost(), f.Host)
	case same443.works():
		return f.path(report.CauseNetwork, report.OwnerNetwork, fmt.Sprintf("Look for a rule about TCP %d to "+
			"%s in the firewall. If there is none, run the test from another network.", f.Port, f.Host)+hint,
			"only %s on port %d cannot be reached: its port 443 answers, and port %d at %s answers. "+
				"Probably a firewall rule for this host; the host itself may also block your address", f.Host, f.Port, f.Port, f.otherHost())
	case otherPort.works():
		return f.path(f.causeOfSilence(), report.OwnerNetwork, "Test from another network. If it fails there too, the host is down. "+
			"Check Microsoft's status page: https://status.cloud.microsoft.",
			"%s does not answer on any port, but port %d at %s does: the host or the route to it is down", f.Host,
			f.Port, f.otherHost())
	}
	return f.path(report.CauseNetwork, report.OwnerNetwork,
		fmt.Sprintf("Allow outgoing TCP %d in the firewall; if it is open there, ask the Internet provider.",
			f.Port),
		"neither %s nor %s answers on port %d, but the Internet can be reached: probably a firewall blocks the port", f.Host,
		f.otherHost(), f.Port)
}

func (f submissionFacts) causeOfSilence() report.Cause {
	if f.cloud != nil {
		return report.CauseNetwork
	}
	return report.CauseRemote
}

// altered concludes who alters the conversation.
func (f submissionFacts) altered(other, same443 comparison) report.Finding {
	var mine *smtpprobe.Session
	for _, x := range f.families {
		if x.session != nil && x.session.Connected() {
			mine = x.session
			break
		}
	}
	text := fmt.Sprintf("Exclude TCP %d to %s from inspection in the firewall, mail proxy "+
		"and antivirus program (Cisco ASA: no inspect esmtp).", f.Port, f.Host)
	switch {
	case mine == nil || other.session == nil || !other.session.Connected():
		return f.path(report.CauseNetwork, report.OwnerNetwork, text,
			"something changes the SMTP traffic on the way; %s could not be reached for comparison", f.otherHost())
	case sameHand(mine, other.session):
		return f.path(report.CauseNetwork, report.OwnerNetwork, text,
			"%s shows the same greeting or certificate: a device on "+
				"your network answers for both on port %d", f.otherHost(), f.Port)
	case other.session.Hello(false) != nil && !other.session.Offers(false, "STARTTLS"):
		return f.path(report.CauseNetwork, report.OwnerNetwork, text,
			"STARTTLS is also missing at %s, which always offers "+
				"it: a device on your network removes it", f.otherHost())
	case f.alike(other.session):
		return f.path(report.CauseNetwork, report.OwnerNetwork, text,
			"%s does not work here either, although it works elsewhere: something on your network "+
				"answers for all servers on port %d, or changes what they say", f.otherHost(), f.Port)
	case same443.session != nil && same443.session.TLS != nil && !same443.session.TLS.Verified &&
		f.cloud != nil:
		return f.path(report.CauseNetwork, report.OwnerNetwork, text,
			"the certificate at %s:443 is not genuine either: TLS is intercepted on this machine or network",
			f.Host)
	}
	return f.path(report.CauseNetwork, report.OwnerNetwork, text,
		"only the SMTP traffic with %s is changed; %s on port %d is not affected", f.Host, f.otherHost(), f.Port)
}

// otherResolver asks a public resolver over HTTPS for the host's address: what
// it knows and ours does not is hidden by ours.
func (f submissionFacts) otherResolver(k *kit.Known) []report.Finding {
	if k.HTTPS == nil {
		return nil
	}
	const resolver = "dns.google"
	r, ok := k.Get("https://" + resolver + "/resolve?type=A&name=" + url.QueryEscape(f.Host))
	if !ok {
		return nil
	}
	var answer struct {
		Answer []struct {
			Type int    `json:"type"`
			Data string `json:"data"`
		}
	}
	if r.Err != nil || json.Unmarshal(r.Body, &answer) != nil {
		return nil // nothing learned
	}
	for _, a := range answer.Answer {
		if ip, err := netip.ParseAddr(a.Data); err == nil {
			y := f.path(report.CauseResolver, report.OwnerNetwork,
				"Allow the name in the DNS filter, or use another resolver with --resolver.",
				"another resolver (%s, over HTTPS) returns an address for %s (%s): your resolver, or a filter in front of it, hides the "+
					"name", resolver, f.Host, ip)
			y.Evidence = []report.Evidence{{Kind: "https", Text: kit.ClipLine(string(r.Body), 500), From: resolver,
				Note: "one more connection, made to find the cause; --no-comparison turns it off"}}
			y.Data = map[string]any{"connections": 1}
			return []report.Finding{y}
		}
	}
	return nil
}
