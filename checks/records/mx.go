package records

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// MXDoc explains the check.
var MXDoc = kit.Doc{
	Means: "Where mail for the domain is delivered: the MX records, who operates their hosts, and whether the hosts have addresses.",
	Why: "Senders deliver only to the hosts in the MX records. A record left over from the old " +
		"system still receives mail, and a host without an address receives none.",
	Fix: "For Microsoft 365 alone publish exactly one MX record, with the value that the admin center shows for the domain " +
		"(Settings > Domains > the domain > DNS records), preference 0, and delete all others. Behind a filter, keep the filter's records only.",
	Sources: []string{
		"RFC 5321 5.1", "RFC 7505 3", "RFC 2181 10.3",
		"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records",
		"https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/fix-error-code-550-5-7-1-in-exchange-online",
	},
}

const (
	maxMXHosts = 10 // hosts looked at; a domain may publish thousands
	maxMXAddrs = 2  // addresses of each host that are shown
)

// mxFacts are the MX records of a domain and the addresses of their hosts.
type mxFacts struct {
	domain  string
	expect  kit.Expectation
	profile kit.Profile
	answer  dnsrec.Answer
	txt     kit.Answer // of the domain: whether it follows the same CNAME as the MX records
	err     error
	targets []kit.MXTarget
	hosts   map[string]*hostFacts // by name; at most maxMXHosts
	apex    *hostFacts            // addresses of the domain itself; nil unless there is no MX
	derived dnsrec.Answer         // of the name that Microsoft would derive, asked if there is no MX there
	sends   bool                  // has an SPF record, or it is not known
	keyed   bool                  // its records say that it sends no mail, but it has DKIM keys
	allElse bool                  // SPF, DKIM and autodiscover are all at Microsoft 365, though mail is not received there
}

// hostFacts are the addresses of one host.
type hostFacts struct {
	a, aaaa       dnsrec.Answer
	aErr, aaaaErr error
	free          string // the domain of a host that does not exist, which anyone can register
}

// MX checks the MX records and their hosts.
func MX(k *kit.Known) []report.Finding {
	f := gatherMX(k)
	if k.Missing() {
		return nil
	}
	whole := f // which is made once, and not by each gather
	return judgeMX(&whole)
}

func gatherMX(k *kit.Known) mxFacts {
	f := mxFacts{domain: k.Domain, expect: k.Expect}
	a, ok := k.Need(k.Domain, dnsrec.TypeMX)
	f.answer, f.err = a.Answer, a.Err
	if !ok || f.err != nil {
		return f
	}
	f.txt, _ = k.Need(k.Domain, dnsrec.TypeTXT)
	f.targets = k.MXTargets()
	f.hosts = hostAddresses(k, f.targets)
	if len(f.targets) == 0 {
		f.apex = addresses(k, k.Domain)
		f.sends = !publishesNoMail(k)
	}
	if f.profile, ok = k.Profile(); !ok || k.Missing() {
		return f
	}
	f.keyed = f.profile.Parked && len(signingKeys(k)) > 0
	right := func(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft && !f.dead(m) || m.Kind == kit.MXGateway }
	if f.profile.Microsoft && !slices.ContainsFunc(f.targets, right) {
		a, _ = k.Need(derivedMX(k.Domain, f.profile.Cloud), dnsrec.TypeA)
		f.derived = a.Answer
		f.allElse = atMicrosoft(k, f.profile.Cloud)
	}
	return f
}

// atMicrosoft reports whether SPF, DKIM and autodiscover of a domain all point to
// a cloud.
func atMicrosoft(k *kit.Known, c *kit.Cloud) bool {
	tree, ok := k.SPF()
	if !ok || len(tree.Reaches(c.SPF)) == 0 {
		return false
	}
	key, _ := k.Need("selector1._domainkey."+k.Domain, dnsrec.TypeTXT)
	autodiscover, _ := k.Need("autodiscover."+k.Domain, dnsrec.TypeA)
	return len(key.CNAMEs) > 0 && readDKIMTarget(key.CNAMEs[0]).Good() && slices.Contains(autodiscover.CNAMEs, c.Autodiscover)
}

// derivedMX is the classic MX host of a domain. It need not exist: domains
// added after July 2026 may only have a name under mx.microsoft, with a letter
// that Microsoft assigns.
func derivedMX(domain string, c *kit.Cloud) string { return kit.MXToken(domain) + c.MX[0] }

func isMicrosoft(m kit.MXTarget) bool { return m.Kind == kit.MXMicrosoft }

// addressed returns the hosts whose addresses are asked for.
func addressed(targets []kit.MXTarget) []string {
	names := make([]string, 0, min(len(targets), maxMXHosts))
	for _, m := range targets {
		if m.Kind == kit.MXSuffixed || m.Kind == kit.MXMisspelled {
			names = append(names, m.Name) // what is to be published must exist
		}
		lookable := m.Kind != kit.MXNull && m.Kind != kit.MXLiteral && m.Kind != kit.MXInvalid && m.Kind != kit.MXVerify
		if lookable && len(names) < maxMXHosts && !slices.Contains(names, m.Host) {
			names = append(names, m.Host)
		}
	}
	return names
}

// hostAddresses needs the addresses of the first hosts.
func hostAddresses(k *kit.Known, targets []kit.MXTarget) map[string]*hostFacts {
	names := addressed(targets)
	for _, name := range names {
		needAddresses(k, name)
	}
	if k.Missing() {
		return nil
	}
	hosts := make(map[string]*hostFacts, len(names))
	room := make([]hostFacts, len(names))
	for i, name := range names {
		h := &room[i]
		if *h = needAddresses(k, name); h.aErr == nil {
			h.free = k.FreeEnd(h.a)
		}
		hosts[name] = h
	}
	return hosts
}

// addresses needs the addresses of a host.
func addresses(k *kit.Known, host string) *hostFacts {
	h := needAddresses(k, host)
	return &h
}

// needAddresses needs the addresses of a host: of IPv6 in a list only where those
// of IPv4 do not serve.
func needAddresses(k *kit.Known, host string) (h hostFacts) {
	a, ok := k.Need(host, dnsrec.TypeA)
	h.a, h.aErr = a.Answer, a.Err
	if k.Want(host, dnsrec.TypeAAAA) || ok && wantsAAAA(h.a, h.aErr) {
		a, _ = k.Need(host, dnsrec.TypeAAAA)
		h.aaaa, h.aaaaErr = a.Answer, a.Err
	}
	return h
}

// wantsAAAA reports whether the IPv4 addresses of a host do not serve.
func wantsAAAA(a dnsrec.Answer, err error) bool {
	return err != nil || len(a.Values) == 0 || privateOnly(&hostFacts{a: a}) != ""
}

func judgeMX(f *mxFacts) []report.Finding {
	if f.err != nil {
		return []report.Finding{kit.Undecided("mx.record", f.domain, f.err)}
	}
	if !f.profile.Receives {
		return append(judgeNoMX(f), judgeBesideAlias(f)...)
	}
	fs := judgeRoute(f)
	fs = append(fs, judgeTargets(f)...)
	fs = append(fs, judgeMXForm(f)...)
	fs = append(fs, judgeBesideAlias(f)...)
	if len(fs) > 0 {
		fs[0].Evidence = append(kit.Shown(f.answer), fs[0].Evidence...)
	}
	return fs
}

// judgeBesideAlias finds a CNAME beside other records of the domain, which RFC 1034
// 3.6.2 forbids: one type follows it and another does not. A name that is an alias
// for all types is none of ours.
func judgeBesideAlias(f *mxFacts) []report.Finding {
	alias, direct := f.txt.Answer, f.answer
	if len(direct.CNAMEs) > 0 {
		alias, direct = direct, alias
	}
	if f.txt.Err != nil || len(alias.CNAMEs) == 0 || len(direct.CNAMEs) > 0 || len(direct.Values) == 0 {
		return nil
	}
	x := kit.Find(report.Warn, "mx.beside-cname", f.domain, "is an alias (CNAME) for %s and has %s records beside it: which of them senders "+
		"see depends on their resolver", alias.CNAMEs[0], direct.Type)
	x.Evidence = []report.Evidence{kit.Seen(direct), kit.Seen(alias)}
	x.Data = map[string]any{"target": alias.CNAMEs[0]}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the CNAME record of the domain itself. Publish the addresses of its target as A and " +
		"AAAA records, or use what your DNS provider offers for this (ALIAS, ANAME, flattening).", Links: []string{"RFC 1034 3.6.2", "RFC 2181 10.1"}}
	return []report.Finding{x}
}

// judgeNoMX judges a domain that has no MX record, or only null ones.
func judgeNoMX(f *mxFacts) []report.Finding {
	if i := slices.IndexFunc(f.targets, func(m kit.MXTarget) bool { return m.Kind == kit.MXNull }); i >= 0 {
		return []report.Finding{judgeNullMX(f, f.targets[i])}
	}
	apex := slices.Concat(f.apex.a.Values, f.apex.aaaa.Values) // RFC 5321 5.1
	var x report.Finding
	switch {
	case f.profile.Parked:
		x = kit.Find(report.Info, "mx.none", f.domain, "no MX record; for a parked domain, a null MX is clearer")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish a null MX: senders then give up at once.",
			Edits: []report.Edit{kit.Add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 7505 3"}}
		if f.keyed {
			x.Summary = "no MX record: the domain receives no mail, not even bounces"
			x.Fix.Text, x.Fix.Edits = mailQuestion(f.domain), nil
			x.Fix.Alternatives = mailOrKeys(f.domain, "Publish an MX record that names its mail server.")
		}
	case f.profile.Microsoft:
		x = kit.Find(report.Fail, "mx.none", f.domain, "no MX record: mail for this domain does not reach Microsoft 365")
		x.Fix = mxAdvice(f, "Publish the MX record of Microsoft 365.")
		if (len(apex) > 0 || cmp.Or(f.apex.aErr, f.apex.aaaaErr) != nil) && privateOnly(f.apex) == "" {
			f.perhapsAtApex(&x, apex)
		}
	case len(apex) > 0 && privateOnly(f.apex) != "":
		return []report.Finding{judgePrivateApex(f)}
	case len(apex) > 0:
		x = kit.Find(report.Warn, "mx.none", f.domain, "no MX record: senders fall back to the address of the domain itself, %s",
			kit.ShortList(apex, maxMXAddrs))
		x.Fix = noMXFix(f, "Publish an MX record that names its mail server.")
	case cmp.Or(f.apex.aErr, f.apex.aaaaErr) != nil:
		return []report.Finding{kit.Undecided("mx.none", f.domain, cmp.Or(f.apex.aErr, f.apex.aaaaErr))}
	default:
		x = kit.Find(report.Warn, "mx.none", f.domain, "no MX record and no address: the domain cannot receive mail, not even bounces")
		x.Fix = noMXFix(f, "Publish an MX record that names its mail server.")
	}
	x.Evidence = kit.Shown(f.answer)
	return []report.Finding{x}
}

// perhapsAtApex makes a decision of the missing MX record of Microsoft 365, for a
// mail server may take mail at the address of the domain itself (RFC 5321 5.1).
func (f *mxFacts) perhapsAtApex(x *report.Finding, apex []string) {
	where := "the address of the domain itself"
	if len(apex) > 0 {
		where += ", " + kit.ShortList(apex, maxMXAddrs)
		x.Summary = "no MX record: senders fall back to " + where + ", and mail does not reach Microsoft 365"
	}
	x.Fix = mxAdvice(f, "Senders deliver to "+where+", while there is no MX record. When no mailbox is left there, publish the MX record of Microsoft 365.")
	x.Fix.Links = append([]string{"RFC 5321 5.1"}, x.Fix.Links...)
	if len(x.Fix.Edits) == 0 {
		return
	}
	x.Fix.Alternatives = []report.Choice{
		{Label: "when the mailboxes have moved, or if no mail server runs there", Text: "Mail then goes to Microsoft 365.", Edits: x.Fix.Edits},
		{Label: "until the mailboxes have moved", Text: "Leave the domain without an MX record.", Stay: true},
	}
	x.Fix.Edits = nil
}

// judgePrivateApex judges a domain without MX records whose own addresses, which
// take the place of an MX record (RFC 5321 5.1), are not on the Internet.
func judgePrivateApex(f *mxFacts) report.Finding {
	if err := cmp.Or(f.apex.aErr, f.apex.aaaaErr); err != nil { // the other family may be public
		return kit.Undecided("mx.none", f.domain, err)
	}
	x, _ := judgePrivate(f, kit.MXTarget{Host: f.domain}, f.apex, privateOnly(f.apex))
	x.Cause = report.CauseDomain
	x.Evidence = append(kit.Shown(f.answer), x.Evidence...)
	if x.Status == report.Fail {
		x.Summary = "no MX record, so senders fall back to the address of the domain itself, and it " + x.Summary
		x.Fix = noMXFix(f, "Publish an MX record that names a mail server with a public address.")
	}
	return x
}

// noMXFix returns the decision about a domain without MX records: only its
// owner knows whether it should receive mail.
func noMXFix(f *mxFacts, receive string) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Text: "Decide whether " + f.domain + " should have mail.",
		Links: []string{"RFC 5321 5.1", "RFC 7505 3", "RFC 7505 4.2"}}
	if !f.sends {
		fix.Text = mailQuestion(f.domain)
		fix.Alternatives = mailOrAlias(len(f.answer.CNAMEs) > 0, f.domain, receive)
		return fix
	}
	fix.Alternatives = []report.Choice{
		{Label: "if " + f.domain + " should send or receive mail", Text: receive + " A domain that only sends needs it for bounces."},
		{Label: "if " + f.domain + " should neither send nor receive mail", Text: "Publish a null MX: senders then give up at once. " + silenced, Caution: nullRejects,
			Edits: append([]report.Edit{kit.Add(f.domain, dnsrec.TypeMX, "0 .")}, f.silence()...)},
	}
	return fix
}

// silenced is what silence does.
const silenced = "Publish an SPF record that allows no sender, and p=reject: receivers then reject mail that names the domain as its sender."

// silence returns the changes by which a domain publishes that it sends no mail.
func (f *mxFacts) silence() []report.Edit {
	parked := parkedRecords(f.domain)[1:]
	for _, v := range f.txt.Values {
		if spf.Ours(v) && v != parkedSPF {
			parked = append(parked, kit.Remove(f.domain, dnsrec.TypeTXT, v))
		}
	}
	return parked
}

func judgeNullMX(f *mxFacts, null kit.MXTarget) report.Finding {
	x := kit.Find(report.Pass, "mx.null", f.domain, "null MX: the domain publishes that it receives no mail")
	x.Evidence = kit.Shown(f.answer)
	switch {
	case f.expect == kit.ExpectM365 || f.profile.Microsoft && !f.profile.Parked:
		x.Status = report.Fail
		x.Summary = "null MX: it tells every sender that this domain receives no mail"
		x.Fix = f.insteadOf(null, "Replace the null MX with the MX record of Microsoft 365.")
		if f.expect != kit.ExpectM365 {
			x.Fix = f.nullOrMail(x.Fix, report.Choice{Text: "Leave the null MX as it is. " + silenced, Edits: f.silence()})
		}
	case null.Preference != 0:
		x.Status = report.Info
		x.Summary += fmt.Sprintf("; its preference should be 0, not %d", null.Preference)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Set the preference to 0.", Links: []string{"RFC 7505 3"},
			Edits: []report.Edit{kit.Replace(f.domain, dnsrec.TypeMX, null.String(), "0 .")}}
	}
	return x
}

// mxAdvice returns the record to publish if the DNS shows that its host exists,
// and otherwise tells where to read it.
func mxAdvice(f *mxFacts, text string) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[3:4]}
	if len(f.derived.Values) > 0 {
		fix.Text = text + " " + f.derived.Name + " exists; compare it with the admin center (Settings > Domains > " + f.domain + " > DNS records) before you publish it."
		fix.Edits = []report.Edit{kit.Add(f.domain, dnsrec.TypeMX, "0 "+kit.FQDN(f.derived.Name))}
		return fix
	}
	fix.Text = text + " Microsoft assigns its name: read it in the admin center under Settings > Domains > " + f.domain +
		" > DNS records. If the domain is not listed there, add it first."
	if c := f.profile.Cloud; c == nil || slices.Contains(c.MX, ".mx.microsoft") { // the command is not known to exist in other clouds
		fix.Commands = []string{"Get-DnssecStatusForVerifiedDomain -DomainName " + f.domain}
	}
	return fix
}

// insteadOf returns the advice to publish Microsoft's MX record in the place of
// another.
func (f *mxFacts) insteadOf(m kit.MXTarget, text string) *report.Fix {
	fix := mxAdvice(f, text)
	if len(fix.Edits) > 0 {
		fix.Edits = append(fix.Edits, kit.Remove(f.domain, dnsrec.TypeMX, m.String()))
	}
	return fix
}

// nullRejects is said of a null MX of a domain that may send. RFC 7505 4.2
const nullRejects = "Receivers may reject all mail from a domain with a null MX (5.7.27). First make sure that no server or service sends for the domain."

// nullOrMail returns the decision about a null MX beside other signs of mail.
func (f *mxFacts) nullOrMail(receive *report.Fix, keep report.Choice) *report.Fix {
	keep.Label, keep.Caution = "if "+f.domain+" should neither send nor receive mail", nullRejects
	return &report.Fix{Owner: receive.Owner, Links: receive.Links, Text: "Decide whether " + f.domain + " should have mail.",
		Alternatives: []report.Choice{
			{Label: "if " + f.domain + " should send or receive mail", Text: receive.Text, Edits: receive.Edits},
			keep,
		}}
}

const (
	longTTL = 24 * time.Hour // a mistake in such a record is felt for a day
	cutTTL  = time.Hour      // what Microsoft advises
)

// judgeMXForm judges what is neither route nor host: duplicates and TTL.
func judgeMXForm(f *mxFacts) []report.Finding {
	var fs []report.Finding
	seenHosts := map[string]bool{}
	for _, m := range f.targets {
		if seenHosts[m.Host] {
			x := kit.Find(report.Info, "mx.duplicate", m.Host, "appears in several MX records; one is enough")
			x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Keep the one with the lowest preference.",
				Edits: []report.Edit{kit.Remove(f.domain, dnsrec.TypeMX, m.String())}, Links: []string{"RFC 5321 5.1"}}
			fs = append(fs, x)
		}
		seenHosts[m.Host] = true
	}
	moving := f.profile.Microsoft && !slices.ContainsFunc(f.targets, isMicrosoft)
	if ttl := f.answer.TTL; ttl > longTTL || moving && ttl > cutTTL {
		x := kit.Find(report.Info, "mx.ttl", f.domain, "resolvers keep the MX records for %s; before a change, lower the TTL to one hour and wait until the old TTL has passed", ttl)
		x.Data = map[string]any{"ttl": int(ttl / time.Second)}
		fs = append(fs, x)
	}
	return fs
}
