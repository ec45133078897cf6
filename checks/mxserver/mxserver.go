package mxserver

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
	"maildiag/smtpprobe"
)

var doc = kit.Doc{
	Means: "Whether the servers behind the MX records accept connections on port 25, and what they show: greeting, " +
		"STARTTLS, certificate, TLSA records that match it, and names of their addresses.",
	Why: "DNS records can be right while the server behind them is down, has no TLS, or shows a certificate " +
		"that its TLSA records do not allow.",
	Fix:     "Correct the server, or the record that names it. If port 25 is blocked here, run maildiag on another network.",
	Sources: []string{"RFC 5321 5.1", "RFC 3207 4", "RFC 7672 3"},
}

// ID is that of the row of [Checks].
const ID = "mxserver"

// Checks returns the row of a run about the mail servers of a domain.
func Checks(o Options) []kit.Check {
	return []kit.Check{{ID: ID, Title: "MAIL SERVERS", Live: true, Doc: doc, Run: func(k *kit.Known) []report.Finding {
		return kit.Judge(k, gather(k, o), judge)
	}}}
}

func judge(f facts) []report.Finding {
	switch {
	case f.err != nil:
		return []report.Finding{kit.Undecided("mxserver.dns", f.domain, f.err)}
	case f.mx.NXDomain():
		y := kit.Find(report.Fail, "mxserver.dns", f.domain, "%s does not exist", f.domain)
		y.Cause, y.Evidence = report.CauseInput, kit.Shown(f.mx)
		y.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Check the spelling of the domain."}
		return []report.Finding{y}
	case len(f.hosts) == 0:
		return []report.Finding{kit.Find(report.Skip, "mxserver.dns", f.domain, "%s has no mail server to connect to", f.domain)}
	}
	if y := f.path(); y.Code != "" {
		return []report.Finding{y}
	}
	var out []report.Finding
	for _, h := range f.hosts {
		out = append(out, f.judgeHost(h)...)
	}
	if f.leftOut > 0 {
		out = append(out, kit.Find(report.Info, "mxserver.limit", f.domain, "%d more addresses were not connected to: "+
			"maildiag connects to at most %d", f.leftOut, maxAddresses))
	}
	return out
}

// path is the finding of a network that blocks or alters port 25; the zero
// finding if nothing shows that.
func (f facts) path() report.Finding {
	greeted := slices.ContainsFunc(f.hosts, func(h host) bool {
		return slices.ContainsFunc(h.addresses, func(a address) bool { return a.session != nil && greets(a.session) })
	})
	why := f.shut()
	if why == "" || !f.open() && greeted { // only these servers may be reached from here
		return report.Finding{}
	}
	y := kit.Find(report.Unknown, "mxserver.path", f.domain, "%s, so nothing is known about the servers of %s", why, f.domain)
	text := "Run maildiag on a network that allows outgoing TCP 25, such as the mail server's own. Home and cloud " +
		"networks usually block the port."
	if f.open() {
		text = "Run maildiag on a network without SMTP inspection, or exempt this computer from it."
	}
	y.Optional = f.list // the run says it once
	y.Cause, y.Fix = report.CauseNetwork, &report.Fix{Owner: report.OwnerNetwork, Text: text}
	for _, s := range f.compared {
		y.Evidence = append(y.Evidence, transcript(s))
	}
	return y
}

// reference is the last comparison; nil if there was none.
func (f facts) reference() *smtpprobe.Session {
	if len(f.compared) == 0 {
		return nil
	}
	return f.compared[len(f.compared)-1]
}

// altered reports whether a session with a reference lacks the TLS that the
// reference always has. A server that turns this network away is not altered, nor
// is one whose certificate is out of its time: this computer's clock is wrong.
func altered(s *smtpprobe.Session) bool {
	hello := s.Hello(false)
	return hello != nil && (s.TLS == nil && !s.Offers(false, "STARTTLS") || s.TLS != nil && !s.TLS.Verified && s.TLS.OnlyUntimely() == "")
}

func transcript(s *smtpprobe.Session) report.Evidence {
	return report.Evidence{Kind: "smtp", Text: strings.TrimSuffix(s.Transcript(), "\n"), From: fmt.Sprintf("%s:%d", s.Address, s.Port)}
}

// judgeHost judges the addresses of a host, and says what holds for several of
// them once.
func (f facts) judgeHost(h host) (out []report.Finding) {
	if y := f.noAddress(h); y.Code != "" {
		return []report.Finding{y}
	}
	reached := slices.ContainsFunc(h.addresses, func(a address) bool { return a.session != nil && a.session.Connected() })
	for _, a := range h.addresses {
		v := view{f, h, a, reached}
		for _, y := range v.judge() {
			out = merge(out, y, a.ip)
		}
	}
	for i := range out {
		y := &out[i]
		if ips := y.Data["addresses"].([]string); len(ips) < len(h.addresses) {
			y.Subject += " (" + kit.ShortList(ips, 3) + ")"
		}
		if bad := y.Status == report.Warn || y.Status == report.Fail || y.Status == report.Unknown; bad && y.Cause == "" {
			y.Cause = h.cause(f.domain)
		}
	}
	return out
}

// merge adds a finding about an address to those that say the same.
func merge(all []report.Finding, y report.Finding, ip string) []report.Finding {
	for i := range all {
		x := &all[i]
		if x.Code == y.Code && x.Status == y.Status && x.Summary == y.Summary {
			x.Data["addresses"] = append(x.Data["addresses"].([]string), ip)
			x.Evidence = append(x.Evidence, y.Evidence...)
			return all
		}
	}
	if y.Data == nil {
		y.Data = map[string]any{}
	}
	y.Data["addresses"] = []string{ip}
	return append(all, y)
}

// noAddress is the finding of a host that has no address to connect to.
func (f facts) noAddress(h host) report.Finding {
	if slices.ContainsFunc(h.addresses, func(a address) bool { return public(a.ip) }) {
		return report.Finding{}
	}
	for _, a := range h.names {
		if a.Err != nil {
			return kit.Undecided("mxserver.dns", h.Host, a.Err)
		}
	}
	y := kit.Find(report.Fail, "mxserver.dns", h.Host, "%s has no address, so no mail server can be reached", h.Host)
	if len(h.addresses) > 0 {
		y.Summary = fmt.Sprintf("%s has no public address: no sender on the Internet can reach it", h.Host)
	}
	for _, a := range h.names {
		y.Evidence = append(y.Evidence, kit.Seen(a.Answer))
	}
	y.Cause = h.cause(f.domain)
	y.Fix = &report.Fix{Owner: h.owner(f.domain), Text: "Publish the public address of " + h.Host + ", or correct the MX record.",
		Links: []string{"RFC 5321 5.1"}}
	return y
}

// cause and owner report whose fault a fault of the host is, and who mends it.
func (h host) cause(domain string) report.Cause {
	switch {
	case h.Kind == kit.MXMicrosoft:
		return report.CauseMicrosoft
	case dnsrec.Within(h.Host, domain):
		return report.CauseDomain
	}
	return report.CauseRemote
}

func (h host) owner(domain string) string {
	switch h.cause(domain) {
	case report.CauseMicrosoft:
		return report.OwnerMicrosoft
	case report.CauseDomain:
		return report.OwnerYou
	}
	return report.OwnerRemote
}
