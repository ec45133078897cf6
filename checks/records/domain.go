// Package records checks what a domain publishes: MX, SPF, DKIM, DMARC and the
// records around them. Each topic is a file: gatherX is a plain function over
// what is known, judgeX a pure function from facts to findings.
package records

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// DomainDoc explains the check.
var DomainDoc = kit.Doc{
	Means: "Whether the domain exists in the DNS. A resolver failure is distinguished from a name that does not exist.",
	Why:   "If the name does not exist, nothing else can work. If the resolver does not answer, nothing else can be checked.",
	Fix:   "Check the spelling, then the registration and the delegation: the name servers at the registrar must be the ones that serve the zone.",
	Sources: []string{
		"RFC 1035 4.1.1", "RFC 8020 2",
		"https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records",
	},
}

// domainFacts are the answers that report whether a domain exists. They are the
// questions that other checks ask anyway.
type domainFacts struct {
	domain  string
	unicode string          // "" unless it differs
	answers []dnsrec.Answer // those that came
	errs    []error
	profile kit.Profile

	redirected []string        // what the resolver gives for names that do not exist
	denied     string          // a name that must exist, and does not by this resolver
	above      string          // the domain of the organization, which exists; "" if it does not, or is the same
	bogus      error           // of a name that the resolver calls bogus as well
	internal   []dnsrec.Answer // records that only the view inside a Windows network has
	torn       []dnsrec.Answer // two answers of which one denies the name
}

// probeTime is how long a resolver may take over names that do not exist; one
// that is slower is not told to lie.
const probeTime = time.Second

// Domain checks whether the domain exists.
func Domain(k *kit.Known) []report.Finding { return kit.Judge(k, gatherDomain(k), judgeDomain) }

// gatherDomain needs the MX or the TXT records, whichever answers first, which
// other checks ask for as well. Only if both fail does it try the addresses.
func gatherDomain(k *kit.Known) domainFacts {
	f := domainFacts{domain: k.Domain, unicode: k.Unicode}
	if !k.List { // one question, unless the resolver turns out to lie
		f.redirected, _ = dnsrec.Redirected(context.Background(), k.Within(probeTime), k.Domain)
	}
	for _, t := range []dnsrec.Type{dnsrec.TypeMX, dnsrec.TypeTXT, dnsrec.TypeA} {
		a, ok := k.Need(k.Domain, t)
		if !ok {
			return f
		}
		if a.Err == nil {
			f.answers = append(f.answers, a.Answer)
			break
		}
		f.errs = append(f.errs, a.Err)
		if kind := dnsrec.KindOf(a.Err); kind == dnsrec.KindNetwork || kind == dnsrec.KindTimeout || kind == dnsrec.KindRefused || kind == dnsrec.KindReferral {
			break // the resolver itself, not this type: a third time-out teaches nothing
		}
	}
	switch {
	case len(f.answers) == 0:
		f.bogus = bogusAll(k, f.errs[0])
	case f.answers[0].NXDomain():
		if f.denied = denied(k); f.denied == "" {
			f.above = existsAbove(k)
		}
	case empty(k, k.Domain, dnsrec.TypeMX, dnsrec.TypeTXT, dnsrec.TypeA):
		if empty(k, mustExist, dnsrec.TypeA) {
			f.denied = mustExist
		}
	default:
		f.profile, _ = k.Profile()
		f.internal = internalView(k)
	}
	if !k.List {
		f.torn = torn(k)
	}
	return f
}

// torn returns two answers about the domain of which one has records of it and the
// other one says that it does not exist. That cannot be (RFC 8020 2): neither is
// anything to act on.
func torn(k *kit.Known) []dnsrec.Answer {
	mx, ok := k.Need(k.Domain, dnsrec.TypeMX)
	txt, ok2 := k.Need(k.Domain, dnsrec.TypeTXT)
	if !ok || !ok2 || mx.Err != nil || txt.Err != nil || mx.NXDomain() == txt.NXDomain() || len(mx.Values)+len(txt.Values) == 0 {
		return nil
	}
	return []dnsrec.Answer{mx.Answer, txt.Answer}
}

// mustExist is a name that every resolver of the Internet knows.
const mustExist = "microsoft.com"

// empty reports whether a name has no records of these types, or does not exist.
func empty(k *kit.Known, name string, types ...dnsrec.Type) bool {
	for _, t := range types {
		if a, ok := k.Need(name, t); !ok || a.Err != nil || len(a.Values) > 0 {
			return false
		}
	}
	return true
}

// denied returns a name that must exist and does not by this resolver: then it
// denies everything. A top-level domain may be misspelled itself.
func denied(k *kit.Known) string {
	tld := k.Domain[strings.LastIndexByte(k.Domain, '.')+1:]
	if !absentName(k, tld, dnsrec.TypeNS) {
		return ""
	}
	if absentName(k, mustExist, dnsrec.TypeA) {
		return mustExist
	}
	return ""
}

// existsAbove returns the domain of the organization if the name is below it, and only
// the name does not exist.
func existsAbove(k *kit.Known) string {
	org := kit.Organization(k.Domain)
	if org == k.Domain {
		return ""
	}
	if a, ok := k.Need(org, dnsrec.TypeMX); !ok || a.Err != nil || a.NXDomain() {
		return ""
	}
	return org
}

// bogusAll returns the error of a second name that the resolver calls bogus: with
// a wrong clock, or an old trust anchor, it does so with every name, signed or
// not, because the signatures of the root cover them all (RFC 4035 5.2).
func bogusAll(k *kit.Known, err error) error {
	if dnsrec.KindOf(err) != dnsrec.KindBogus || dnsrec.Within(mustExist, k.Domain) {
		return nil
	}
	if a, _ := k.Need(mustExist, dnsrec.TypeA); dnsrec.KindOf(a.Err) == dnsrec.KindBogus {
		return a.Err
	}
	return nil
}

// absentName reports whether the resolver does not find a name: it says that it
// does not exist, or fails.
func absentName(k *kit.Known, name string, t dnsrec.Type) bool {
	a, ok := k.Need(name, t)
	return ok && dnsrec.KindOf(a.Err) != dnsrec.KindNotKnown && (a.Err != nil || a.NXDomain())
}

// internalView returns the records of a domain controller if the resolver serves
// the internal view of a Windows network. They are only asked for if a mail host
// in the domain, or the domain itself, has private addresses alone.
func internalView(k *kit.Known) (seen []dnsrec.Answer) {
	private := false
	for _, name := range ownHosts(k) {
		a, _ := k.Need(name, dnsrec.TypeA)
		private = private || a.Err == nil && privateOnly(&hostFacts{a: a.Answer}) != ""
	}
	if !private {
		return nil
	}
	names := []string{"_ldap._tcp." + k.Domain, "_ldap._tcp.dc._msdcs." + k.Domain}
	if k.List {
		names = names[:1] // a domain controller publishes both
	}
	for _, name := range names {
		if a, _ := k.Need(name, dnsrec.TypeSRV); a.Err == nil && len(a.Values) > 0 {
			seen = append(seen, a.Answer)
		}
	}
	return seen
}

// ownHosts returns the names whose addresses show the view: the mail hosts in the
// domain, whose addresses the MX check needs too, or the domain itself.
func ownHosts(k *kit.Known) (names []string) {
	targets := k.MXTargets()
	for _, m := range targets[:min(len(targets), maxMXHosts)] {
		if kit.HasSuffix("x."+m.Host, []string{"." + k.Domain}) && m.Kind == kit.MXOther {
			names = append(names, m.Host)
		}
	}
	if len(targets) == 0 {
		names = append(names, k.Domain)
	}
	return names
}

func judgeDomain(f domainFacts) []report.Finding {
	if f.bogus != nil {
		return []report.Finding{brokenValidator(f)}
	}
	if len(f.answers) == 0 {
		return []report.Finding{kit.Undecided("domain.exists", f.domain, f.errs[0])}
	}
	if fs := judgeResolver(f); fs != nil {
		return fs
	}
	a := f.answers[0]
	if a.NXDomain() {
		return append([]report.Finding{noSuchDomain(f.domain, f.above, a)}, judgeScripts(f)...)
	}
	found := kit.Find(report.Pass, "domain.exists", f.domain, "exists")
	found.Evidence = kit.Shown(a)
	fs := []report.Finding{found}
	switch p := f.profile; {
	case p.Routing:
		fs = append(fs, kit.Find(report.Info, "domain.kind", f.domain,
			"a hybrid routing domain of Microsoft 365: Microsoft publishes its records, and you cannot add DMARC or DKIM"))
	case p.Initial:
		fs = append(fs, kit.Find(report.Info, "domain.kind", f.domain,
			"an onmicrosoft.com domain: Microsoft publishes its MX, SPF and DKIM records; you can only add DMARC"))
	case p.Parked:
		fs = append(fs, kit.Find(report.Info, "domain.kind", f.domain,
			"parked: according to its own records, the domain neither sends nor receives mail, and is checked as such"))
	case p.Microsoft:
		fs = append(fs, microsoftKind(f.domain, p))
	}
	return append(fs, judgeScripts(f)...)
}

// judgeResolver returns what makes the answers of the resolver worthless; nil: nothing.
func judgeResolver(f domainFacts) []report.Finding {
	switch {
	case len(f.redirected) > 0:
		return unreliable(kit.Find(report.Unknown, "domain.resolver", f.domain,
			"the resolver returns false answers: it returns %s for names that do not exist, so its answers are not reliable", kit.ShortList(f.redirected, maxMXAddrs)), nil,
			"Sign in to the network if it has a portal. Otherwise, use another resolver: --resolver tls://ADDR or --resolver https://URL.")
	case f.denied != "":
		return unreliable(kit.Find(report.Unknown, "domain.resolver", f.domain,
			"the resolver does not find %s either, so its answers are not reliable", f.denied), f.answers[:1],
			"Use another resolver: --resolver tls://ADDR or --resolver https://URL.")
	case len(f.internal) > 0:
		return []report.Finding{internalResolver(f)}
	case len(f.torn) > 0:
		return unreliable(kit.Find(report.Unknown, "domain.resolver", f.domain,
			"the resolver returns records of the name, and says in another answer that it does not exist, so its answers are not reliable"), f.torn,
			"Use another resolver: --resolver tls://ADDR or --resolver https://URL. If all say the same, the domain's name servers contradict one another: maildiag consistency "+f.domain)
	}
	return nil
}

// judgeScripts warns of a name with letters of several scripts in one label:
// most such names are made to be taken for another.
func judgeScripts(f domainFacts) []report.Finding {
	mixed := kit.MixedScripts(f.unicode)
	if mixed == nil {
		return nil
	}
	x := kit.Find(report.Warn, "domain.script", f.domain, "the name has %s letters in one label, and many of them look alike",
		strings.Join(mixed, " and "))
	x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 5890 4.4"},
		Text: "Make sure that this is the name you mean, and not a lookalike: type it by hand."}
	return []report.Finding{x}
}

// unreliable completes a finding about a resolver whose answers make all others
// worthless: what was seen, and what to do.
func unreliable(x report.Finding, seen []dnsrec.Answer, fix string) []report.Finding {
	x.Cause = report.CauseResolver
	for _, a := range seen {
		x.Evidence = append(x.Evidence, kit.Seen(a))
	}
	x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 8020 2"}, Text: fix}
	return []report.Finding{x}
}

// brokenValidator is the finding about a resolver whose DNSSEC validation fails for
// every name.
func brokenValidator(f domainFacts) report.Finding {
	x := kit.Find(report.Unknown, "domain.resolver", f.domain,
		"the resolver's DNSSEC validation fails for %s too, so its errors say nothing about the domain", mustExist)
	x.Cause = report.CauseResolver
	for _, err := range []error{f.errs[0], f.bogus} {
		x.Evidence = append(x.Evidence, kit.Undecided("", "", err).Evidence...)
	}
	x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 4035 5.2"},
		Text: "Check the clock of the resolver (if it runs on this computer, this computer's clock) and its trust anchor for the root. " +
			"Or use another resolver: --resolver tls://ADDR or --resolver https://URL."}
	return x
}

// internalResolver is the finding about a resolver that serves the internal view.
func internalResolver(f domainFacts) report.Finding {
	x := kit.Find(report.Unknown, "domain.view", f.domain,
		"the resolver serves an internal view of the domain (private addresses and Active Directory records), not its public records")
	x.Cause = report.CauseResolver
	for _, a := range f.internal {
		x.Evidence = append(x.Evidence, kit.Seen(a))
	}
	x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 6890 2.2.2"},
		Text: "Use a public resolver with --resolver: records missing in the internal view may be published on the Internet."}
	return x
}

func microsoftKind(domain string, p kit.Profile) report.Finding {
	if len(p.Signs) == 0 {
		return kit.Find(report.Info, "domain.kind", domain,
			"no record points to Microsoft 365 yet; its checks run because of --expect m365")
	}
	format := "on %s, by its %s"
	if !slices.Contains(p.Signs, "MX") {
		format = "points to %s with its %s"
	}
	f := kit.Find(report.Info, "domain.kind", domain, format, p.Cloud.Title, strings.Join(p.Signs, " and "))
	f.Data = map[string]any{"cloud": p.Cloud.ID}
	return f
}

func noSuchDomain(domain, above string, a dnsrec.Answer) report.Finding {
	f := kit.Find(report.Fail, "domain.exists", domain, "does not exist (NXDOMAIN)")
	f.Evidence = kit.Shown(a)
	f.Fix = &report.Fix{
		Owner: report.OwnerDNS,
		Text: "Check the spelling. If it is right, check at the registrar whether the " +
			"registration has expired and whether the listed name servers serve the zone.",
		Links: []string{"RFC 8020 2"},
	}
	if above != "" {
		f.Summary = fmt.Sprintf("does not exist (NXDOMAIN), and %s does", above)
		f.Fix.Text = fmt.Sprintf("If the mail addresses end in @%s, check that domain: maildiag %s. If %s should have mail of its own, check the spelling, and publish its records.",
			above, above, domain)
	}
	return f
}
