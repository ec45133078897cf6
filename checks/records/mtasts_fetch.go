package records

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec/httpsget"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// webFault is what to tell about one way in which a fetch fails.
type webFault struct {
	status report.Status
	cause  report.Cause
	what   string // after "the policy cannot be fetched: "
	owner  string
	next   string
}

// webFaults has a row for each kind but dns and certificate. What the server
// did for certain is a fault of the domain; what may be the network's is
// unknown.
var webFaults = map[httpsget.Kind]webFault{
	httpsget.KindURL: {report.Fail, report.CauseDomain, "maildiag does not fetch from this URL",
		report.OwnerDNS, "Use an https:// URL with a host name and the standard port."},
	httpsget.KindNXDomain: {report.Fail, report.CauseDomain, "its host does not exist",
		report.OwnerDNS, "Publish an A, AAAA or CNAME record for the host that " +
			"points to the web server with the file."},
	httpsget.KindNoAddress: {report.Fail, report.CauseDomain, "its host has no address",
		report.OwnerDNS, "Publish an A, AAAA or CNAME record for the host that " +
			"points to the web server with the file."},
	httpsget.KindBlocked: {report.Fail, report.CauseDomain, "its host has no public address",
		report.OwnerDNS, "Point the host to an address that can be reached from the Internet."},
	httpsget.KindRefused: {report.Fail, report.CauseDomain, "its host rejects connections to port 443",
		OwnerWeb, "Start the web server, or open port 443 in its firewall. (maildiag connects " +
			"directly: if your network requires a proxy, run it from another network.)"},
	httpsget.KindTLS: {report.Fail, report.CauseDomain, "the TLS handshake with its host fails",
		OwnerWeb, "Configure the web server on port 443 for this host name, with " +
			"a certificate for it and with TLS 1.2 and 1.3."},
	httpsget.KindBadHTTP: {report.Fail, report.CauseDomain, "its host does not send a valid HTTP response",
		OwnerWeb, "Serve the file with a standard web server."},
	httpsget.KindTooLarge: {report.Fail, report.CauseDomain, "the file is larger than senders accept",
		OwnerWeb, "Serve the right file. A policy has a few hundred bytes (senders need not " +
			"read more than 64 KiB); a logo should be smaller than 32 KiB."},
	httpsget.KindEncoded: {report.Fail, report.CauseDomain, "the file is compressed, although maildiag " +
		"did not ask for compression",
		OwnerWeb, "Turn off compression (Content-Encoding) for this file."},
	httpsget.KindALPN: {report.Unknown, report.CauseLocal, "its host supports HTTP/2 only, which maildiag does not support",
		OwnerWeb, "Allow HTTP/1.1 as well as HTTP/2: not every sender supports HTTP/2."},
	httpsget.KindTimeout: {report.Unknown, report.CauseNetwork, "no answer in time",
		report.OwnerYou, "Run again, and also from another network (maildiag uses no proxy). If the " +
			"problem stays, the cause is the web server or a firewall in front of it."},
	httpsget.KindReset: {report.Unknown, report.CauseNetwork, "the connection was reset",
		report.OwnerYou, "Run again, and also from another network (maildiag uses no proxy). If the " +
			"problem stays, the cause is the web server or a firewall in front of it."},
	httpsget.KindCut: {report.Unknown, report.CauseNetwork, "the connection ended before the file was complete",
		report.OwnerYou, "Run again. If the problem stays, configure the web server to send Content-Length and to close TLS properly."},
	httpsget.KindNetwork: {report.Unknown, report.CauseNetwork, "its host cannot be reached from here",
		report.OwnerYou, "Check this machine's network, or run from another one."},
	httpsget.KindCanceled: {report.Unknown, report.CauseLocal, "not fetched before the time limit was " +
		"reached or the run was stopped",
		report.OwnerYou, "Run again; --timeout 90s gives slow servers more time."},
}

// httpTemporary are the statuses that say "not now" (RFC 9110 15), beside 5xx.
var httpTemporary = map[int]bool{http.StatusRequestTimeout: true, http.StatusTooEarly: true,
	http.StatusTooManyRequests: true}

// fetchFault judges a fetch that brought no file; ok reports whether it brought
// one. code is the claim; for a certificate certCode is.
func fetchFault(r *httpsget.Response, code, certCode, subject string) (x report.Finding, ok bool) {
	switch {
	case r.Err == nil && r.Status == http.StatusOK:
		return report.Finding{}, true
	case r.Err == nil:
		x = statusFault(r, code, subject)
	case r.Err.Kind == httpsget.KindDNS && r.Err.DNS != nil:
		x = kit.Undecided(code, subject, r.Err.DNS.Unpack())
		x.Summary = "the file cannot be fetched: " + x.Summary
		return x, false
	case r.Err.Kind == httpsget.KindCertificate && r.TLS != nil:
		x = certificateFault(r, certCode, subject)
	default:
		x = kindFault(r, code, subject)
	}
	x.Evidence = append([]report.Evidence{shown(r)}, x.Evidence...)
	return x, false
}

func kindFault(r *httpsget.Response, code, subject string) report.Finding {
	say, known := webFaults[r.Err.Kind]
	if !known { // of a later version's record
		say = webFault{report.Unknown, report.CauseInput,
			"for a reason unknown to this version: " + string(r.Err.Kind),
			report.OwnerYou, "Replay with the version that made the recording."}
	}
	x := kit.Find(say.status, code, subject, "the file cannot be fetched: %s", say.what)
	x.Cause = say.cause
	x.Fix = &report.Fix{Owner: say.owner, Text: say.next, Links: []string{"RFC 8461 3.3"}}
	return x
}

// statusFault judges a response whose status is not 200.
func statusFault(r *httpsget.Response, code, subject string) report.Finding {
	x := kit.Find(report.Fail, code, subject, "the web server responds with %s", statusText(r.Status))
	x.Cause = report.CauseDomain
	x.Fix = &report.Fix{Owner: OwnerWeb, Links: []string{"RFC 8461 3.3"},
		Text: "Serve the file at exactly this URL, with status 200, to everyone."}
	switch {
	case r.Status >= 300 && r.Status < 400:
		x.Summary = fmt.Sprintf("the web server redirects (%d) to %s; senders do not follow", r.Status,
			kit.Clip(r.Location, 120))
		x.Fix.Text = "Serve the file at exactly this URL with status 200, and exclude it from the redirect rule. " +
			"To keep it on another server, point the host name there with a CNAME record."
	case r.Status == http.StatusNotFound, r.Status == http.StatusGone:
		x.Summary = fmt.Sprintf("the web server does not have the file (%s)", statusText(r.Status))
	case r.Status >= 500, httpTemporary[r.Status]:
		x.Status, x.Cause = report.Unknown, report.CauseRemote
		x.Summary += ": the file is not available, perhaps only for the moment"
		x.Fix.Text = "Run again in a few minutes. If the problem stays, check the web server's log."
	}
	return x
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// certificateFault names all that is wrong with a certificate.
func certificateFault(r *httpsget.Response, code, subject string) report.Finding {
	x := kit.Find(report.Fail, code, subject, "the web server's certificate is not accepted: %s", r.TLS.Reason())
	x.Cause = report.CauseDomain
	x.Evidence = []report.Evidence{shownCertificate(r)}
	x.Fix = &report.Fix{Owner: OwnerWeb, Links: []string{"RFC 8461 3.3"},
		Text: "Install a certificate from a public CA for this host name, with " +
			"its intermediate certificates and automatic renewal."}
	switch {
	case r.TLS.Has(httpsget.FaultNoRoots):
		x.Status, x.Cause = report.Unknown, report.CauseLocal
		x.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Install the CA certificates of this system (for " +
			"example, the package ca-certificates)."}
	case r.TLS.Has(httpsget.FaultUnknownCA), r.TLS.Has(httpsget.FaultSelfSigned):
		x.Fix.Text += " If other sites show the same issuer, a proxy in your network " +
			"replaces certificates: run from another network."
	}
	return x
}

// comparisonURL returns the URL of a host whose certificate a public CA has issued for certain.
func comparisonURL() string { return kit.Clouds()[0].Authority }

// unknownIssuer reports whether a fetch failed at a certificate whose issuer is
// not known here.
func unknownIssuer(r *httpsget.Response) bool {
	return r != nil && r.Err != nil && r.TLS != nil && r.TLS.Leaf != nil &&
		(r.TLS.Has(httpsget.FaultUnknownCA) || r.TLS.Has(httpsget.FaultSelfSigned))
}

// inspected reports whether two hosts that have nothing in common show the same
// unknown issuer: something between here and them replaces certificates.
func inspected(r, compared *httpsget.Response) bool {
	return unknownIssuer(r) && unknownIssuer(compared) && r.TLS.Leaf.Issuer == compared.TLS.Leaf.Issuer
}

// inspectedFinding is the finding about a proxy that replaces certificates.
func inspectedFinding(r, compared *httpsget.Response, subject string) report.Finding {
	x := kit.Find(report.Unknown, "mtasts.certificate", subject,
		"a proxy between you and the Internet replaces certificates: %s shows the same issuer, %s", comparisonURL(), r.TLS.Leaf.Issuer)
	x.Cause, x.Optional = report.CauseLocal, true
	x.Evidence = []report.Evidence{shownCertificate(r), shownCertificate(compared)}
	x.Fix = &report.Fix{Owner: report.OwnerYou, Text: "Run from another network, or install the CA certificate of the proxy on this machine."}
	return x
}

// shown is the fetch as evidence.
func shown(r *httpsget.Response) report.Evidence {
	var b strings.Builder
	b.WriteString("GET " + kit.Clip(r.URL, 300))
	for _, a := range r.Failed {
		fmt.Fprintf(&b, "\n  %s: %s", a.Address, a.Kind)
	}
	if r.Status != 0 {
		b.WriteString("\n  " + statusText(r.Status))
		if r.ContentType != "" {
			b.WriteString("\n  Content-Type: " + r.ContentType)
		}
		if r.Location != "" {
			b.WriteString("\n  Location: " + r.Location)
		}
	}
	if r.Err != nil {
		b.WriteString("\n  " + kit.Clip(strings.TrimPrefix(r.Err.Error(), "httpsget: "), 300))
	}
	return report.Evidence{Kind: "https", Text: b.String(), From: r.Remote}
}

const dayFormat = "2006-01-02"

func shownCertificate(r *httpsget.Response) report.Evidence {
	e := report.Evidence{Kind: "certificate", From: r.Remote}
	if c := r.TLS.Leaf; c != nil {
		e.Text = fmt.Sprintf("subject %s\nissuer %s\nnames %s\nvalid %s to %s", c.Subject, c.Issuer,
			kit.ShortList(c.Names, 10), c.NotBefore.Format(dayFormat), c.NotAfter.Format(dayFormat))
	}
	return e
}

const certWarning = 14 * 24 * time.Hour // design: a certificate under 14 days is a warning

// judgeExpiry judges the days left of a certificate that is accepted. One that
// lives for days only, as some CAs issue now, is due when a third is left.
func judgeExpiry(f mtastsFacts) report.Finding {
	r := f.policy
	c := r.TLS.Leaf
	left := c.NotAfter.Sub(f.now)
	days := int(left.Hours() / 24)
	x := kit.Find(report.Pass, "mtasts.certificate", mtasts.PolicyHost(f.domain), "%s, certificate expires in %d days", r.TLS.Version, days)
	x.Data = map[string]any{"days_left": days, "not_after": c.NotAfter.Format(time.RFC3339)}
	x.Evidence = []report.Evidence{shownCertificate(r)}
	if s := f.days.Status(left, min(certWarning, c.NotAfter.Sub(c.NotBefore)/3)); s != report.Pass {
		x.Status, x.Cause = s, report.CauseDomain
		x.Summary = fmt.Sprintf("the web server's certificate expires in %d days, on %s", days,
			c.NotAfter.Format(dayFormat))
		x.Fix = &report.Fix{Owner: OwnerWeb, Links: []string{"RFC 8461 3.3"},
			Text: "Renew the certificate, and find out why it was not renewed " +
				"automatically. After it expires, senders cannot read the policy."}
	}
	return x
}
