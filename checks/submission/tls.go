package submission

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/report"
	"maildiag/smtpprobe"
)

// ehlo judges the answer to EHLO unencrypted; only what is wrong is told.
func (v verdict) ehlo() (report.Finding, bool) {
	st := v.s.Find(smtpprobe.PhaseEHLO)
	if v.s.Mode == smtpprobe.StartTLS {
		st = v.s.Step(smtpprobe.PhaseEHLO, false)
	}
	switch {
	case st == nil:
		return report.Finding{}, false
	case st.Err != nil:
		return v.interrupted("ehlo", "cut off at EHLO", st), false
	case st.Reply.Code == 501:
		return v.rejectedName("ehlo", st), false
	case v.s.Hello(st.TLS) == nil:
		return v.refusal("ehlo", "the server rejects EHLO", st), false
	case st.Reply.Code != 250:
		y := v.broken("ehlo", "the server supports HELO only: %s", kit.ClipLine(st.Reply.String(), 120))
		return advise(y, v.repairer(), "Without EHLO there is no STARTTLS and no AUTH. For Microsoft's hosts, the "+
			"cause is SMTP inspection in between: turn it off for TCP 587.", "RFC 5321 2.2.1"), false
	}
	for _, ext := range v.s.Extensions(false) {
		if masked().MatchString(ext) {
			return v.inspected("ehlo", fmt.Sprintf("a firewall with SMTP inspection (Cisco PIX or ASA: an "+
				"extension is masked as %s)", ext)), v.s.TLS != nil
		}
	}
	return report.Finding{}, true
}

// starttls judges the way into TLS.
func (v verdict) starttls() (report.Finding, bool) {
	if v.s.Mode == smtpprobe.Implicit {
		return report.Finding{}, true
	}
	st := v.s.Find(smtpprobe.PhaseStartTLS)
	switch {
	case !v.s.Offers(false, "STARTTLS"):
		return v.noStartTLS(), false
	case st == nil:
		return report.Finding{}, false
	case st.Err != nil:
		return v.interrupted("starttls", "cut off at STARTTLS", st), false
	case st.Reply.Code/100 == 4:
		return v.startTLSLater(st), false
	case st.Reply.Code != 220:
		y := v.broken("starttls", "STARTTLS is offered and then rejected: %s", kit.ClipLine(st.Reply.String(), 120))
		return advise(y, v.repairer(), "For Microsoft's hosts, the cause is SMTP inspection in between: turn it off "+
			"for TCP 587. For other servers, check the certificate settings.", "RFC 3207 4"), false
	}
	return report.Finding{}, true
}

// startTLSLater is the finding of a server that cannot do TLS for the moment
// (RFC 3207 4): most often it cannot read its key or certificate.
func (v verdict) startTLSLater(st *smtpprobe.Step) report.Finding {
	y := v.make(report.Unknown, v.owns(), "starttls", "TLS is not available on the server for now: %s", kit.ClipLine(st.Reply.String(), 160))
	why := "often it cannot read its certificate or key."
	if !strings.Contains(strings.ToLower(st.Reply.Text()), "tls") {
		why = "the reply does not say why. A mail filter (milter) or policy service that does not answer is a common cause."
	}
	return advise(y, v.renewer(), "Check the log of the server: "+why+" Run again in a few minutes.", "RFC 3207 4")
}

func (v verdict) noStartTLS() report.Finding {
	if v.cloud != nil {
		y := v.make(report.Unknown, report.CauseNetwork, "starttls",
			"STARTTLS is missing, although Microsoft always offers it: something between you and Microsoft removed it")
		return advise(y, report.OwnerNetwork, "A firewall, mail proxy or antivirus program "+
			"removes it so that it can read the mail. Turn "+
			"off SMTP inspection for "+v.subject()+" (Cisco ASA: no inspect esmtp).", "RFC 3207 6")
	}
	if !v.submission() {
		y := v.make(report.Warn, report.CauseRemote, "starttls",
			"STARTTLS is not offered: mail is sent unencrypted")
		return advise(y, report.OwnerRemote, "Install a certificate on the server and enable STARTTLS.",
			"RFC 3207 4")
	}
	y := v.make(report.Fail, report.CauseRemote, "starttls", "STARTTLS is not offered: a sign-in "+
		"would expose the password")
	return advise(y, report.OwnerRemote, "Install a certificate on the server and enable STARTTLS.", "RFC 8314 3.3")
}

// injection is the finding of plaintext pushed in before TLS.
func (v verdict) injection() report.Finding {
	y := v.broken("injection", "plaintext was injected between STARTTLS and the TLS handshake; "+
		"maildiag ignored it and sent no password or token")
	y.Evidence = append([]report.Evidence{{Kind: "smtp", Text: v.s.Injected, From: v.from(),
		Note: "arrived unencrypted after the 220 reply to STARTTLS"}}, y.Evidence...)
	return advise(y, v.repairer(), "Either someone attacks the connection, or a proxy or server handles STARTTLS "+
		"incorrectly. Update it, and send no password over this connection until then.",
		"RFC 3207 5", "https://nvd.nist.gov/vuln/detail/CVE-2011-0411")
}

// tls judges the handshake.
func (v verdict) tls() (report.Finding, bool) {
	claim := "tls"
	if v.s.Mode == smtpprobe.StartTLS {
		claim = "starttls"
	}
	st, t := v.s.Find(smtpprobe.PhaseTLS), v.s.TLS
	switch {
	case st == nil:
		return report.Finding{}, false
	case st.Err != nil:
		return v.noTLS(st), false
	case !t.Modern():
		y := v.broken("tls", "only %s, which current clients reject", t.Version)
		return advise(y, v.repairer(), "Enable TLS 1.2 and 1.3 on the server. Microsoft's hosts have supported "+
			"both for years; there, the cause is a device in between.", "RFC 8996 2"), true
	}
	y := v.make(report.Pass, "", claim, "%s, %s", t.Version, t.Cipher)
	y.Data["version"], y.Data["cipher"] = t.Version, t.Cipher
	y.Evidence = v.said(v.s.Step(smtpprobe.PhaseEHLO, false))
	return y, true
}

// unusable recognizes a handshake that failed at what the server sent as its
// certificate: malformed, or larger than clients take (256 KiB, RSA 8192 bits).
var unusable = kit.Lazily(`failed to parse certificate|RSA key larger than|exceeds maximum of`)

func (v verdict) noTLS(st *smtpprobe.Step) report.Finding {
	if st.Err.Alert != 0 {
		return v.alerted(st.Err)
	}
	switch st.Err.Class {
	case smtpprobe.ClassTLS, smtpprobe.ClassOther:
		if unusable().MatchString(st.Err.Text) {
			y := v.broken("tls", "no TLS: its certificate cannot be used: %s", kit.ClipLine(st.Err.Text, 160))
			return advise(y, v.repairer(), "Replace the certificate with a standard one (ECDSA, or RSA of 2048 to 4096 "+
				"bits), and send only its intermediate certificates with it.", "RFC 5280 4.1")
		}
		y := v.broken("tls", "no TLS: %s", kit.ClipLine(st.Err.Text, 160))
		text := "The handshake failed before the server gave a reason. Enable TLS 1.2 and 1.3 on the " +
			"server. For Microsoft's hosts, the cause is a device in between that does not support them."
		return advise(y, v.repairer(), text, "RFC 9325 3.1.1")
	case smtpprobe.ClassNotTLS:
		y := v.broken("tls", "plaintext arrived where the TLS handshake should have started")
		return advise(y, v.repairer(), "The server or a device in between accepts STARTTLS but "+
			"does not start TLS. Turn off SMTP inspection.", "RFC 3207 4")
	}
	return v.interrupted("tls", "the connection was lost during the TLS handshake", st)
}

// Names in the issuer of the certificates of Microsoft's mail hosts.
var microsoftIssuers = []string{"Microsoft", "DigiCert"}

// genuine reports whether a certificate that was verified for a host of
// Microsoft's is one of Microsoft's, not of a device that this machine trusts.
func genuine(leaf smtpprobe.Certificate) bool {
	return slices.ContainsFunc(microsoftIssuers, func(n string) bool { return strings.Contains(leaf.Issuer, n) })
}

// certificate judges who stands behind the server.
func (v verdict) certificate() (report.Finding, bool) {
	t := v.s.TLS
	if t == nil {
		return report.Finding{}, false
	}
	leaf := t.Leaf()
	left := leaf.NotAfter.Sub(v.now)
	days, ends := int(left/(24*time.Hour)), v.certDays.Status(left, certificateWarning)
	known := genuine(leaf)
	var y report.Finding
	switch {
	case !t.Verified:
		y = v.untrusted(leaf, known)
	case v.cloud != nil && !known:
		y = v.make(report.Warn, report.CauseNetwork, "certificate",
			"TLS is inspected: the certificate was issued by %q, not by Microsoft's authority", leaf.IssuerOrg)
		y = advise(y, report.OwnerNetwork, "A device that this machine trusts can read the "+
			"mail and the passwords. Exempt "+v.subject()+" from TLS inspection, as Microsoft also recommends.",
			"https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-network-connectivity-principles")
	case ends != report.Pass:
		y = v.make(ends, v.owns(), "certificate", "for %s, expires in %d days, on %s", leaf.Name, days,
			leaf.NotAfter.Format(time.DateOnly))
		y = advise(y, v.renewer(), "Renew the certificate before that date.", "RFC 5280 4.1.2.5")
	default:
		y = v.make(report.Pass, "", "certificate", "for %s, expires in %d days, issued by %s", leaf.Name, days,
			leaf.IssuerOrg)
	}
	y.Data = map[string]any{"days_left": days, "not_after": leaf.NotAfter.Format(time.DateOnly),
		"issuer": leaf.IssuerOrg, "verified": t.Verified}
	if kind := t.Untimely(); kind != "" {
		y.Data["untimely"] = string(kind)
	}
	y.Evidence = []report.Evidence{v.certificateEvidence(leaf)}
	return y, true
}

func (v verdict) owns() report.Cause {
	if v.cloud != nil {
		return report.CauseMicrosoft
	}
	return report.CauseRemote
}

func (v verdict) renewer() string {
	if v.cloud != nil {
		return report.OwnerMicrosoft
	}
	return report.OwnerRemote
}

// untrusted reports why the certificate proves nothing.
func (v verdict) untrusted(leaf smtpprobe.Certificate, known bool) report.Finding {
	var why []string
	has := map[smtpprobe.CertKind]bool{}
	for _, p := range v.s.TLS.Problems {
		why = append(why, certificateProblems[p.Kind])
		has[p.Kind] = true
	}
	reasons := strings.Join(why, ", and ")
	var y report.Finding
	switch {
	case has[smtpprobe.CertNoRoots]:
		y = v.make(report.Unknown, report.CauseLocal, "certificate",
			"this machine has no list of trusted authorities")
		y = advise(y, report.OwnerYou, "Install it (Debian: apt install ca-certificates).")
	case v.cloud != nil && !known:
		y = v.make(report.Unknown, report.CauseNetwork, "certificate",
			"TLS is intercepted on this machine or network: the certificate, issued by %q, %s", leaf.IssuerOrg,
			reasons)
		y = advise(y, report.OwnerNetwork, "An antivirus program or a firewall replaces the certificate with its own. "+
			"Exempt "+v.subject()+" from TLS inspection. No password was sent.")
	case v.s.ValidThere():
		y = v.make(report.Unknown, report.CauseLocal, "certificate", "the certificate %s by this computer's clock (%s), and is valid by "+
			"the server's", reasons, v.s.Started.Format(time.DateOnly))
		y.Summary += serverDate(v.s)
		y = advise(y, report.OwnerYou, "Check this computer's clock (date, time zone, NTP), then run again. If it is right, the "+
			"server's clock and certificate are both out of date: its operator must renew the certificate.")
	case v.cloud != nil && (has[smtpprobe.CertExpired] || has[smtpprobe.CertFuture]):
		y = v.make(report.Unknown, report.CauseLocal, "certificate",
			"the certificate %s; this machine's clock may be wrong", reasons)
		y = advise(y, report.OwnerYou, "Check the clock. If it is right, Microsoft's certificate "+
			"has a problem; check its service health page.")
	case v.cloud != nil && has[smtpprobe.CertName]:
		y = v.make(report.Unknown, report.CauseNetwork, "certificate", "another server answers instead of "+
			"%s: its certificate is for %s", v.Host, kit.ShortList(leaf.Names, 3))
		y = advise(y, report.OwnerNetwork, "Find the cause of the redirection: a firewall rule for TCP "+
			fmt.Sprint(v.Port)+", a hosts file, or a DNS filter. No password was sent.", "RFC 9525 6")
	case len(why) == 1 && has[smtpprobe.CertName] && v.misnamed(leaf):
		y = v.make(report.Fail, report.CauseInput, "certificate", "%s is not a name that its certificate has: it is for %s", v.Host,
			kit.ShortList(leaf.Names, 3))
		y = advise(y, report.OwnerYou, "Enter the host name that the certificate has, here and in your devices and programs: "+
			nameToUse(leaf.Names)+". No password was sent.", "RFC 9525 6")
	default:
		y = v.broken("certificate", "the certificate %s", reasons)
		y = advise(y, v.repairer(), "Install on the server a certificate for "+v.Host+" from a public authority, "+
			"with all intermediate certificates. No password was sent.", "RFC 8314 3.4", "RFC 9525 6")
	}
	if v.Insecure {
		y.Status = report.Warn
	}
	return y
}

// misnamed reports whether a server whose certificate is in order was called by what
// no certificate is needed for: its IP address, or an alias of a host of Microsoft's.
func (v verdict) misnamed(leaf smtpprobe.Certificate) bool {
	name := nameToUse(leaf.Names)
	return name != "" && (isAddress(v.Host) || submissionName(name))
}

// nameToUse returns the name of a certificate to call the server by: one of Microsoft's
// submission hosts, or else the first; empty if there are only addresses.
func nameToUse(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), isAddress)
	if i := slices.IndexFunc(names, submissionName); i >= 0 {
		return names[i]
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// submissionName reports whether a name is that of a submission host of Microsoft's.
func submissionName(name string) bool {
	return special(name) != nil || slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool { return strings.EqualFold(c.Submission, name) })
}

var certificateProblems = map[smtpprobe.CertKind]string{
	smtpprobe.CertExpired:    "has expired",
	smtpprobe.CertFuture:     "is not valid yet",
	smtpprobe.CertName:       "is for other names",
	smtpprobe.CertNoNames:    "contains the host name only in the common name, which clients no longer use",
	smtpprobe.CertSelfSigned: "is self-signed",
	smtpprobe.CertUnknownCA:  "was issued by an authority that this machine does not trust",
	smtpprobe.CertIncomplete: "is sent without the intermediate certificate of its issuer",
	smtpprobe.CertWeak:       "is signed with SHA-1 or MD5, which can be forged",
	smtpprobe.CertNoRoots:    "could not be verified",
	smtpprobe.CertOther:      "could not be verified",
	smtpprobe.CertMissing:    "was not sent",
}

func (v verdict) certificateEvidence(leaf smtpprobe.Certificate) report.Evidence {
	var b strings.Builder
	fmt.Fprintf(&b, "subject %s\nissuer %s\nnames %s\nvalid %s to %s\nkey %s %d bits, signed with "+
		"%s\nSHA-256 %s", leaf.Subject, leaf.Issuer,
		kit.ShortList(leaf.Names, 8), leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly),
		leaf.Key, leaf.KeyBits, leaf.Signature, leaf.SHA256)
	for _, p := range v.s.TLS.Problems {
		fmt.Fprintf(&b, "\n%s: %s", p.Kind, p.Text)
	}
	return report.Evidence{Kind: "certificate", Text: b.String(), From: v.from()}
}

// auth judges which ways to log in are offered, and where.
func (v verdict) auth() (report.Finding, bool) {
	st := v.s.Hello(true)
	if st == nil {
		if failed := v.s.Step(smtpprobe.PhaseEHLO, true); failed != nil && failed.Err != nil {
			return v.interrupted("auth", "cut off at EHLO inside TLS", failed), false
		} else if failed != nil {
			return v.refusal("auth", "the server rejects EHLO inside TLS", failed), false
		}
		return report.Finding{}, false
	}
	before, after := v.s.Mechanisms(false), v.s.Mechanisms(true)
	offered := strings.Join(after, " ")
	y := v.make(report.Pass, "", "auth", "%s", offered)
	switch {
	case len(before) > 0 && len(after) > 0 && v.submission():
		y = v.make(report.Warn, v.cause(), "auth", "AUTH %s is offered before TLS: clients may "+
			"send their password unencrypted", strings.Join(before, " "))
		y = advise(y, v.repairer(), "Offer AUTH inside TLS only (Postfix: smtpd_tls_auth_only = yes). "+
			"Microsoft never offers it before TLS; there, the cause is a device in between.", "RFC 4954 4")
	case len(after) == 0 && !v.submission():
		y = v.make(report.Info, "", "auth", "no sign-in is offered. This is correct on port 25")
	case len(after) == 0:
		y = v.broken("auth", "the server offers no sign-in, not even inside TLS")
		if len(before) > 0 {
			y.Summary = "the server offers AUTH " + strings.Join(before, " ") + " before TLS only, where nobody should use it"
		}
		y = advise(y, v.repairer(), "Enable authentication for this port (Postfix: smtpd_sasl_auth_enable = "+
			"yes). For Microsoft's hosts, a device in between removed it.", "RFC 4954 3")
	case v.cloud != nil && lacks(after, v.expected()):
		y = v.make(report.Info, "", "auth", "%s; expected: %s", offered, strings.Join(v.expected(), " and "))
	case v.s.Mode == smtpprobe.StartTLS:
		y.Summary += ", offered inside TLS only"
	}
	y.Data = map[string]any{"mechanisms": offered}
	y.Evidence = []report.Evidence{v.transcript()}
	return y, true
}
