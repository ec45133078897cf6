package checks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/dnsrec"
	"maildiag/report"
)

var mxDoc = Doc{
	Means: "Where mail for the domain is delivered: the MX records, whom they belong to, and whether their hosts have addresses.",
	Why: "Mail follows the MX records and nothing else. A record left over from the old system still receives mail, " +
		"and a host without an address receives none.",
	Fix: "For Microsoft 365 alone publish exactly one MX record, with the value that the admin centre shows for the domain " +
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
	expect  Expectation
	profile Profile
	answer  dnsrec.Answer
	err     error
	targets []mxTarget
	hosts   map[string]*hostFacts // by name; at most maxMXHosts
	apex    *hostFacts            // addresses of the domain itself, asked if there is no MX
	derived dnsrec.Answer         // of the name that Microsoft would derive, asked if there is no MX there
}

// hostFacts are the addresses of one host.
type hostFacts struct {
	a, aaaa       dnsrec.Answer
	aErr, aaaaErr error
}

func runMX(ctx context.Context, env *Env) []report.Finding { return judgeMX(fetchMX(ctx, env)) }

func fetchMX(ctx context.Context, env *Env) *mxFacts {
	f := &mxFacts{domain: env.Domain, expect: env.Expect}
	f.answer, f.err = env.Lookup(ctx, env.Domain, dnsrec.TypeMX)
	if f.err != nil {
		return f
	}
	f.targets = slices.Clone(env.mxTargets(ctx))
	f.hosts = env.hostAddresses(ctx, f.targets)
	f.apex = new(hostFacts)
	if len(f.targets) == 0 {
		f.apex = env.addresses(ctx, env.Domain)
	}
	f.profile = env.Profile(ctx)
	right := func(m mxTarget) bool { return m.Kind == mxMicrosoft && !f.dead(m) || m.Kind == mxGateway }
	if f.profile.Microsoft && !slices.ContainsFunc(f.targets, right) {
		f.derived, _ = env.Lookup(ctx, derivedMX(env.Domain, f.profile.Cloud), dnsrec.TypeA)
	}
	return f
}

// derivedMX is the classic MX host of a domain. It need not exist: domains
// added after July 2026 may only have a name under mx.microsoft, with a letter
// that Microsoft assigns.
func derivedMX(domain string, c *Cloud) string { return MXToken(domain) + c.MX[0] }

func isMicrosoft(m mxTarget) bool { return m.Kind == mxMicrosoft }

func thenMX(ctx context.Context, env *Env) []dnsrec.Query {
	return dnsrec.Queries(dnsrec.TypeA, addressed(env.mxTargets(ctx))...)
}

func lastMX(ctx context.Context, env *Env) []dnsrec.Query {
	return dnsrec.Queries(dnsrec.TypeAAAA, env.withoutIPv4(ctx, addressed(env.mxTargets(ctx)))...)
}

// addressed gives the hosts whose addresses are asked for.
func addressed(targets []mxTarget) (names []string) {
	for _, m := range targets {
		lookable := m.Kind != mxNull && m.Kind != mxLiteral && m.Kind != mxInvalid && m.Kind != mxVerify
		if lookable && len(names) < maxMXHosts && !slices.Contains(names, m.Host) {
			names = append(names, m.Host)
		}
	}
	return names
}

// hostAddresses asks for the addresses of the first hosts, all at once.
func (e *Env) hostAddresses(ctx context.Context, targets []mxTarget) map[string]*hostFacts {
	names := addressed(targets)
	found := make([]*hostFacts, len(names))
	dnsrec.Each(ctx, len(names), func(i int) { found[i] = e.addresses(ctx, names[i]) })
	hosts := make(map[string]*hostFacts, len(names))
	for i, name := range names {
		hosts[name] = found[i]
	}
	return hosts
}

// addresses asks for the IPv4 and IPv6 addresses of a host at once. A thrifty
// run asks for the latter only where the former do not serve.
func (e *Env) addresses(ctx context.Context, host string) *hostFacts {
	h := new(hostFacts)
	if e.Thrift {
		if h.a, h.aErr = e.Lookup(ctx, host, dnsrec.TypeA); wantsAAAA(h.a, h.aErr) {
			h.aaaa, h.aaaaErr = e.Lookup(ctx, host, dnsrec.TypeAAAA)
		}
		return h
	}
	wg := dnsrec.NewGroup(ctx)
	wg.Go(func() { h.aaaa, h.aaaaErr = e.Lookup(ctx, host, dnsrec.TypeAAAA) })
	h.a, h.aErr = e.Lookup(ctx, host, dnsrec.TypeA)
	wg.Wait()
	return h
}

// withoutIPv4 gives the hosts whose IPv4 addresses do not serve.
func (e *Env) withoutIPv4(ctx context.Context, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !wantsAAAA(e.Lookup(ctx, name, dnsrec.TypeA))
	})
}

// wantsAAAA tells that the IPv4 addresses of a host do not serve.
func wantsAAAA(a dnsrec.Answer, err error) bool {
	return err != nil || len(a.Values) == 0 || privateOnly(&hostFacts{a: a}) != ""
}

func judgeMX(f *mxFacts) []report.Finding {
	if f.err != nil {
		return []report.Finding{undecided("mx.record", f.domain, f.err)}
	}
	if !f.profile.Receives {
		return judgeNoMX(f)
	}
	fs := judgeRoute(f)
	fs = append(fs, judgeTargets(f)...)
	fs = append(fs, judgeMXForm(f)...)
	if len(fs) > 0 {
		fs[0].Evidence = append([]report.Evidence{seen(f.answer)}, fs[0].Evidence...)
	}
	return fs
}

// judgeNoMX judges a domain that has no MX record, or only null ones.
func judgeNoMX(f *mxFacts) []report.Finding {
	if i := slices.IndexFunc(f.targets, func(m mxTarget) bool { return m.Kind == mxNull }); i >= 0 {
		return []report.Finding{judgeNullMX(f, f.targets[i])}
	}
	apex := slices.Concat(f.apex.a.Values, f.apex.aaaa.Values) // RFC 5321 5.1
	var x report.Finding
	switch {
	case f.profile.Parked:
		x = find(report.Info, "mx.none", f.domain, "no MX record; a parked domain says so more clearly with a null MX")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish a null MX: senders then give up at once.",
			Records: []report.Record{add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 7505 3"}}
	case f.profile.Microsoft:
		x = find(report.Fail, "mx.none", f.domain, "no MX record: mail for this domain does not reach Microsoft 365")
		x.Fix = mxAdvice(f, "Publish the MX record of Microsoft 365.")
	case len(apex) > 0:
		x = find(report.Warn, "mx.none", f.domain, "no MX record: senders fall back to the address of the domain itself, %s",
			shortList(apex, maxMXAddrs))
		x.Fix = &report.Fix{Owner: report.OwnerDNS,
			Text:    "If the domain receives mail, publish an MX record that names its mail host. If not, publish a null MX.",
			Records: []report.Record{add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 5321 5.1", "RFC 7505 3"}}
	case cmp.Or(f.apex.aErr, f.apex.aaaaErr) != nil:
		return []report.Finding{undecided("mx.none", f.domain, cmp.Or(f.apex.aErr, f.apex.aaaaErr))}
	default:
		x = find(report.Warn, "mx.none", f.domain, "no MX record and no address: the domain cannot receive mail, not even bounces")
		x.Fix = &report.Fix{Owner: report.OwnerDNS,
			Text:    "If it shall receive mail, publish an MX record. If not, publish a null MX.",
			Records: []report.Record{add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 5321 5.1", "RFC 7505 3"}}
	}
	x.Evidence = []report.Evidence{seen(f.answer)}
	return []report.Finding{x}
}

func judgeNullMX(f *mxFacts, null mxTarget) report.Finding {
	x := find(report.Pass, "mx.null", f.domain, "null MX: the domain says that it receives no mail")
	x.Evidence = []report.Evidence{seen(f.answer)}
	switch {
	case f.expect == ExpectM365 || f.profile.Microsoft && !f.profile.Parked:
		x.Status = report.Fail
		x.Summary = "null MX: every sender is told that this domain receives no mail"
		x.Fix = mxAdvice(f, "Replace the null MX by the record of Microsoft 365.")
		for i := range x.Fix.Records {
			x.Fix.Records[i].Before = null.String()
		}
	case null.Preference != 0:
		x.Status = report.Info
		x.Summary += fmt.Sprintf("; its preference should be 0, not %d", null.Preference)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Set the preference to 0.", Links: []string{"RFC 7505 3"},
			Records: []report.Record{replace(f.domain, dnsrec.TypeMX, null.String(), "0 .")}}
	}
	return x
}

// mxAdvice gives the record to publish if the DNS shows that its host exists,
// and otherwise tells where to read it.
func mxAdvice(f *mxFacts, text string) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Links: mxDoc.Sources[3:4]}
	if len(f.derived.Values) > 0 {
		fix.Text = text + " The host below exists; compare it with the admin centre (Settings > Domains > " + f.domain + " > DNS records) before you publish it."
		fix.Records = []report.Record{add(f.domain, dnsrec.TypeMX, "0 "+fqdn(f.derived.Name))}
		return fix
	}
	fix.Text = text + " Microsoft assigns its name: read it in the admin centre under Settings > Domains > " + f.domain +
		" > DNS records. If the domain is not listed there, add it first."
	fix.Commands = []string{"Get-DnssecStatusForVerifiedDomain -DomainName " + f.domain}
	return fix
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
			x := find(report.Info, "mx.duplicate", m.Host, "is named by several MX records; one is enough")
			x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Keep the one with the lowest preference.",
				Records: []report.Record{remove(f.domain, dnsrec.TypeMX, m.String())}, Links: []string{"RFC 5321 5.1"}}
			fs = append(fs, x)
		}
		seenHosts[m.Host] = true
	}
	moving := f.profile.Microsoft && !slices.ContainsFunc(f.targets, isMicrosoft)
	if ttl := f.answer.TTL; ttl > longTTL || moving && ttl > cutTTL {
		x := find(report.Info, "mx.ttl", f.domain, "the MX records may be kept for %s; before a change, lower the TTL to an hour and wait that long", ttl)
		x.Data = map[string]any{"ttl": int(ttl / time.Second)}
		fs = append(fs, x)
	}
	return fs
}

// shortList joins the first n of names and counts the rest.
func shortList(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:n], ", "), len(names)-n)
}
