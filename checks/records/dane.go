package records

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/tlsa"
	"maildiag/report"
)

// DANEDoc explains the check.
var DANEDoc = kit.Doc{
	Means: "Whether the mail servers have TLSA records, whether DNSSEC " +
		"protects them, and whether senders can use them. For a domain on " +
		"Exchange Online: whether its MX host supports DANE.",
	Why: "With DANE, senders know in advance which key the mail server must present, " +
		"so nobody on the network can remove or break the encryption. " +
		"Wrong records make senders hold mail back. This check does " +
		"not compare them with the certificate on port 25.",
	Fix: "On Exchange Online: sign the zone, move the MX to the host under mx.microsoft that " +
		"Enable-DnssecForVerifiedDomain names, " +
		"then run Enable-SmtpDaneInbound. Elsewhere, the operator of the mail server publishes the records.",
	Sources: []string{"RFC 7672", "RFC 6698 2.1", daneArticle},
}

const daneArticle = "https://techcommunity.microsoft.com/t5/exchange-team-blog/implementing-inbound-smtp-dane-with-dnssec-for-exchange-online/ba-p/3939694"

// daneFacts are the TLSA records of a domain's MX hosts.
type daneFacts struct {
	domain  string
	initial bool
	trust   bool // an AD bit may be believed
	mx      dnsrec.Answer
	err     error
	hosts   []kit.MXTarget
	tlsa    map[string]tlsaAnswer // by host, where asked
}

type tlsaAnswer struct {
	a   dnsrec.Answer
	err error
}

// dane finds the TLSA records of the MX hosts.
var dane = kit.NewFact(gatherDANE)

// DANE checks the TLSA records of the MX hosts.
func DANE(k *kit.Known) []report.Finding {
	f, _ := dane.Of(k)
	return kit.Judge(k, f, judgeDANE)
}

func gatherDANE(k *kit.Known) daneFacts {
	f := daneFacts{domain: k.Domain, initial: k.NamedProfile().Initial, trust: k.TrustAD}
	mx, ok := k.Need(k.Domain, dnsrec.TypeMX)
	f.mx, f.err = mx.Answer, mx.Err
	if !ok {
		return f
	}
	for i, hosts := 0, mailHosts(k.MXTargets()); i < len(hosts) && len(f.hosts) < maxMXHosts; i++ {
		same := func(m kit.MXTarget) bool { return m.Host == hosts[i].Host }
		if !slices.ContainsFunc(hosts[:i], same) {
			f.hosts = append(f.hosts, hosts[i])
		}
	}
	f.ask(k, f.worthAsking())
	return f
}

// on reports whether an MX host has TLSA records.
func (f daneFacts) on() bool {
	for _, t := range f.tlsa {
		if len(t.a.Values) > 0 {
			return true
		}
	}
	return false
}

// worthAsking picks the hosts whose TLSA records can matter. Those of
// Microsoft's classic families have none, for their zones are not signed. If
// the MX records themselves are known to be unsigned, DANE does not apply
// (RFC 7672 2.2.1).
func (f *daneFacts) worthAsking() []kit.MXTarget {
	if f.trust && !f.mx.Authentic {
		return nil
	}
	if !slices.ContainsFunc(f.hosts, classic) {
		return f.hosts
	}
	return slices.DeleteFunc(slices.Clone(f.hosts), classic)
}

// ask needs the TLSA records of hosts. If it is not known whether the MX records
// are signed, the first host stands for all in a list.
func (f *daneFacts) ask(k *kit.Known, hosts []kit.MXTarget) {
	for i, m := range hosts {
		name := tlsa.RecordName(m.Host)
		if i > 0 && !f.mx.Authentic && !k.Want(name, dnsrec.TypeTLSA) && !f.on() {
			return
		}
		a, ok := k.Need(name, dnsrec.TypeTLSA)
		if ok {
			if f.tlsa == nil {
				f.tlsa = map[string]tlsaAnswer{}
			}
			f.tlsa[m.Host] = tlsaAnswer{a.Answer, a.Err}
		}
	}
}

// classic reports whether a host is of a family of Microsoft's without DNSSEC.
func classic(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft && !m.DANE }

func judgeDANE(f daneFacts) []report.Finding {
	switch {
	case f.err != nil:
		return []report.Finding{kit.Lesser(kit.Undecided("dane.tlsa", f.domain, f.err))}
	case f.initial:
		return []report.Finding{kit.Find(report.Skip, "dane.tlsa", f.domain,
			"the zone belongs to Microsoft; DANE is for domains of your own")}
	case len(f.hosts) == 0:
		return []report.Finding{kit.Find(report.Skip, "dane.tlsa", f.domain, "no MX host, so there is nothing to protect")}
	}
	var fs []report.Finding
	var without []kit.MXTarget
	for _, m := range f.hosts {
		switch t, asked := f.tlsa[m.Host]; {
		case asked && t.err != nil:
			fs = append(fs, judgeTLSAError(f, m, t.err))
		case asked && len(t.a.Values) > 0:
			fs = append(fs, judgeTLSA(f, m, t.a))
		default:
			without = append(without, m)
		}
	}
	if len(without) > 0 {
		fs = append(fs, judgeWithout(f, without))
	}
	return fs
}

// judgeTLSAError: a sender that checks DANE must not deliver while it cannot
// learn whether there are records. RFC 7672 2.1.2
func judgeTLSAError(f daneFacts, m kit.MXTarget, err error) report.Finding {
	x := kit.Optional(kit.Undecided("dane.tlsa", m.Host, err))
	if x.Status == report.Fail { // a fault of the zone of the host
		x.Cause, x.Fix.Owner = hostCause(f, m), hostOwner(f, m)
	}
	if k := dnsrec.KindOf(err); k == dnsrec.KindServFail || k == dnsrec.KindBogus {
		x.Summary += ". Senders that use DANE hold mail back if they get the same error"
	}
	return x
}

// maxTLSA is how many TLSA records of one host are checked.
const maxTLSA = 100

// judgeTLSA judges the records of one host.
func judgeTLSA(f daneFacts, m kit.MXTarget, a dnsrec.Answer) report.Finding {
	usable, useless := 0, []string{}
	for _, v := range a.Values[:min(len(a.Values), maxTLSA)] {
		r, err := tlsa.Parse(v)
		switch {
		case err != nil:
			useless = append(useless, strings.TrimPrefix(err.Error(), "tlsa: "))
		case r.Unusable() != "":
			useless = append(useless, r.Unusable())
		default:
			usable++
		}
	}
	x := judgeProof(f, m, a)
	if usable == 0 {
		x = kit.Find(report.Warn, "dane.tlsa", m.Host,
			"none of its %d TLSA records can be used for mail: %s", len(a.Values), useless[0])
		x.Cause = hostCause(f, m)
		x.Fix = &report.Fix{Owner: hostOwner(f, m), Links: []string{"RFC 7672 3.1", "RFC 6698 2.1"},
			Text: "Publish a record of the form 3 1 1 with the SHA-256 digest of the " +
				"server's public key. Delete the records that cannot be used."}
	}
	x.Evidence = append(x.Evidence, seenShort(a))
	x.Data = map[string]any{"records": len(a.Values), "usable": usable,
		"authentic": a.Authentic && f.mx.Authentic, "trusted_path": f.trust}
	return x
}

// judgeProof judges whether DNSSEC proves the records. An AD bit is the word
// of the resolver, and as good as the path to it.
func judgeProof(f daneFacts, m kit.MXTarget, a dnsrec.Answer) report.Finding {
	secure := a.Authentic && f.mx.Authentic
	x := kit.Find(report.Pass, "dane.tlsa", m.Host, "%d TLSA records, protected by DNSSEC", len(a.Values))
	switch {
	case secure && f.trust:
	case secure:
		x = kit.Find(report.Warn, "dane.tlsa", m.Host,
			"TLSA records, protected by DNSSEC according to the resolver; but answers from this resolver could be forged on the way")
		x.Cause = report.CauseResolver
		x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 4035 4.9.3"},
			Text: "This does not mean the domain is at fault. To be sure, use a validating " +
				"resolver on this machine or over TLS: --resolver tls://ADDR."}
	case f.trust:
		x = kit.Find(report.Warn, "dane.tlsa", m.Host, "TLSA records without DNSSEC: senders ignore them")
		x.Cause = hostCause(f, m)
		x.Fix = &report.Fix{Owner: hostOwner(f, m), Links: []string{"RFC 7672 2.2"},
			Text: "Sign the mail server's zone with DNSSEC and publish the DS " +
				"record at its registrar, or delete the TLSA records."}
	default:
		x = kit.Optional(kit.Find(report.Unknown, "dane.tlsa", m.Host,
			"TLSA records; this resolver does not report whether DNSSEC protects them"))
		x.Cause = report.CauseResolver
		x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 4035 3.2.3"},
			Text: "Use a validating resolver on this machine or over TLS: --resolver tls://ADDR."}
	}
	return x
}

// hostCause and hostOwner tell whose a mail host is.
func hostCause(f daneFacts, m kit.MXTarget) report.Cause {
	cause, _ := ownerOfHost(f.domain, m)
	return cause
}

func hostOwner(f daneFacts, m kit.MXTarget) string {
	_, owner := ownerOfHost(f.domain, m)
	return owner
}

// ownerOfHost reports whose fault a fault of a mail host is, and who mends it.
func ownerOfHost(domain string, m kit.MXTarget) (report.Cause, string) {
	switch {
	case m.Kind == kit.MXMicrosoft:
		return report.CauseMicrosoft, report.OwnerMicrosoft
	case dnsrec.Within(m.Host, domain):
		return report.CauseDomain, report.OwnerDNS
	}
	return report.CauseRemote, report.OwnerRemote
}

// seenShort shows an answer, with each value cut.
func seenShort(a dnsrec.Answer) report.Evidence {
	const most = 160
	a.Values = slices.Clone(a.Values[:min(len(a.Values), maxTLSA)])
	for i, v := range a.Values {
		a.Values[i] = kit.Clip(v, most)
	}
	return kit.Seen(a)
}

// judgeWithout judges the hosts that have no TLSA records.
func judgeWithout(f daneFacts, without []kit.MXTarget) report.Finding {
	var x report.Finding
	switch {
	case f.on():
		x = judgePartial(f, without)
	case slices.ContainsFunc(without, classic):
		x = judgeClassic(f, without[slices.IndexFunc(without, classic)])
	case slices.ContainsFunc(without, func(m kit.MXTarget) bool { return m.DANE }):
		x = judgeCapable(f, without[slices.IndexFunc(without, func(m kit.MXTarget) bool { return m.DANE })])
	case f.trust && !f.mx.Authentic:
		x = kit.Find(report.Info, "dane.possible", f.domain, "no DANE: DNSSEC does not protect the MX records; "+unproved)
	default:
		x = kit.Find(report.Info, "dane.tlsa", f.domain, "no DANE: %s has no TLSA records", without[0].Host)
	}
	if t, asked := f.tlsa[without[0].Host]; asked {
		x.Evidence = append(x.Evidence, kit.Seen(t.a))
	}
	return x
}

func judgePartial(f daneFacts, without []kit.MXTarget) report.Finding {
	names := make([]string, len(without))
	for i, m := range without {
		names[i] = m.Host
	}
	x := kit.Find(report.Warn, "dane.partial", f.domain,
		"some MX hosts have TLSA records, but not %s: an attacker can redirect mail to the unprotected host", kit.ShortList(names, 4))
	x.Cause = report.CauseDomain
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 7672 2.2.1"},
		Text: "Publish TLSA records for every MX host, or delete the MX records of hosts without them."}
	return x
}

// judgeClassic reports what it takes to get DANE with Exchange Online.
func judgeClassic(f daneFacts, m kit.MXTarget) report.Finding {
	if m.Cloud.ID != "worldwide" && m.Cloud.ID != "gcc" {
		return kit.Find(report.Info, "dane.possible", m.Host,
			"no DANE: Microsoft has not announced it for incoming mail in this cloud")
	}
	x := kit.Find(report.Info, "dane.possible", m.Host,
		"this MX host does not support DANE; after a move of the MX to mx.microsoft, your domain can use it")
	x.Fix = &report.Fix{Owner: report.OwnerM365, Links: []string{daneArticle, "RFC 7672"},
		Text: unsigned(f) + "If you have an MTA-STS policy, first set it to testing and add the new host. Lower " +
			"the TTL of the MX record and wait until the old TTL has passed. The first command " +
			"shows the new MX host. Publish it with preference 20 and test it. Then give it " +
			"preference 0 and the old record 30, and later delete the old record. The last " +
			"command publishes the TLSA records within about half an hour.",
		Commands: []string{
			"Enable-DnssecForVerifiedDomain -DomainName " + f.domain,
			"Get-DnssecStatusForVerifiedDomain -DomainName " + f.domain,
			"Enable-SmtpDaneInbound -DomainName " + f.domain,
		}}
	return x
}

// judgeCapable judges a host under mx.microsoft without TLSA records.
func judgeCapable(f daneFacts, m kit.MXTarget) report.Finding {
	x := kit.Find(report.Info, "dane.possible", m.Host, "this MX host supports DANE, but DANE is not enabled")
	if f.trust && !f.mx.Authentic {
		x.Summary = "this MX host supports DANE, but DNSSEC does not protect the domain's MX record; " + unproved
	}
	x.Fix = &report.Fix{Owner: report.OwnerM365, Links: []string{daneArticle},
		Text: unsigned(f) + "Run the command; the TLSA records appear within about half an hour.",
		Commands: []string{
			"Enable-SmtpDaneInbound -DomainName " + f.domain,
			"Get-SmtpDaneInboundStatus -DomainName " + f.domain,
		}}
	return x
}

// unproved: a resolver on this machine may be trusted, and yet not validate.
const unproved = "the zone is not signed, or this resolver does not validate"

// unsigned is the first step of a zone without DNSSEC, as far as is known.
func unsigned(f daneFacts) string {
	if f.mx.Authentic {
		return ""
	}
	return "If the zone is not signed with DNSSEC, sign it first (this resolver does not report it). "
}
