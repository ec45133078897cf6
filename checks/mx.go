package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

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
	hosts   map[string]hostFacts // by name; at most maxMXHosts
	apex    dnsrec.Answer        // addresses of the domain itself, asked if there is no MX
	derived dnsrec.Answer        // of the name that Microsoft would derive, asked if there is no MX there
}

// hostFacts are the addresses of one host.
type hostFacts struct {
	a, aaaa       dnsrec.Answer
	aErr, aaaaErr error
}

func runMX(ctx context.Context, env *Env) []report.Finding { return judgeMX(fetchMX(ctx, env)) }

func fetchMX(ctx context.Context, env *Env) mxFacts {
	f := mxFacts{domain: env.Domain, expect: env.Expect}
	f.answer, f.err = env.Lookup(ctx, env.Domain, dnsrec.TypeMX)
	if f.err != nil {
		return f
	}
	f.targets = readMXs(f.answer.Values)
	f.hosts = env.hostAddresses(ctx, f.targets)
	f.profile = env.Profile(ctx)
	if !f.profile.Receives {
		f.apex, _ = env.Lookup(ctx, env.Domain, dnsrec.TypeA)
	}
	if f.profile.Microsoft && !slices.ContainsFunc(f.targets, func(m mxTarget) bool { return m.Kind == mxMicrosoft || m.Kind == mxGateway }) {
		f.derived, _ = env.Lookup(ctx, derivedMX(env.Domain, f.profile.Cloud), dnsrec.TypeA)
	}
	return f
}

// derivedMX is the classic MX host of a domain. It need not exist: domains
// added after July 2026 may only have a name under mx.microsoft, with a letter
// that Microsoft assigns.
func derivedMX(domain string, c *Cloud) string { return MXToken(domain) + c.MX[0] }

func isMicrosoft(m mxTarget) bool { return m.Kind == mxMicrosoft }

// hostAddresses asks for the addresses of the first hosts, all at once.
func (e *Env) hostAddresses(ctx context.Context, targets []mxTarget) map[string]hostFacts {
	var names []string
	for _, m := range targets {
		lookable := m.Kind != mxNull && m.Kind != mxLiteral && m.Kind != mxInvalid && m.Kind != mxVerify
		if lookable && len(names) < maxMXHosts && !slices.Contains(names, m.Host) {
			names = append(names, m.Host)
		}
	}
	found := make([]hostFacts, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { found[i] = e.addresses(ctx, name) })
	}
	wg.Wait()
	hosts := map[string]hostFacts{}
	for i, name := range names {
		hosts[name] = found[i]
	}
	return hosts
}

// addresses asks for the IPv4 and IPv6 addresses of a host at once.
func (e *Env) addresses(ctx context.Context, host string) (h hostFacts) {
	var wg sync.WaitGroup
	wg.Go(func() { h.aaaa, h.aaaaErr = e.Lookup(ctx, host, dnsrec.TypeAAAA) })
	h.a, h.aErr = e.Lookup(ctx, host, dnsrec.TypeA)
	wg.Wait()
	return h
}

func judgeMX(f mxFacts) []report.Finding {
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
func judgeNoMX(f mxFacts) []report.Finding {
	if i := slices.IndexFunc(f.targets, func(m mxTarget) bool { return m.Kind == mxNull }); i >= 0 {
		return []report.Finding{judgeNullMX(f, f.targets[i])}
	}
	var x report.Finding
	switch {
	case f.profile.Parked:
		x = find(report.Info, "mx.none", f.domain, "no MX record; a parked domain says so more clearly with a null MX")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Publish a null MX: senders then give up at once.",
			Records: []report.Record{add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 7505 3"}}
	case f.profile.Microsoft:
		x = find(report.Fail, "mx.none", f.domain, "no MX record: mail for this domain does not reach Microsoft 365")
		x.Fix = mxAdvice(f, "Publish the MX record of Microsoft 365.")
	case len(f.apex.Values) > 0:
		x = find(report.Warn, "mx.none", f.domain, "no MX record: senders fall back to the address of the domain itself, %s", shortList(f.apex.Values, maxMXAddrs))
		x.Fix = &report.Fix{Owner: report.OwnerDNS,
			Text:    "If the domain receives mail, publish an MX record that names its mail host. If not, publish a null MX.",
			Records: []report.Record{add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 5321 5.1", "RFC 7505 3"}}
	default:
		x = find(report.Warn, "mx.none", f.domain, "no MX record and no address: the domain cannot receive mail, not even bounces")
		x.Fix = &report.Fix{Owner: report.OwnerDNS,
			Text:    "If it shall receive mail, publish an MX record. If not, publish a null MX.",
			Records: []report.Record{add(f.domain, dnsrec.TypeMX, "0 .")}, Links: []string{"RFC 5321 5.1", "RFC 7505 3"}}
	}
	x.Evidence = []report.Evidence{seen(f.answer)}
	return []report.Finding{x}
}

func judgeNullMX(f mxFacts, null mxTarget) report.Finding {
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
func mxAdvice(f mxFacts, text string) *report.Fix {
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

// judgeRoute tells where mail goes.
func judgeRoute(f mxFacts) []report.Finding {
	groups := map[mxKind][]mxTarget{}
	for _, m := range f.targets {
		groups[m.Kind] = append(groups[m.Kind], m)
	}
	var fs []report.Finding
	ours := groups[mxMicrosoft]
	if len(ours) > 0 {
		fs = append(fs, judgeOurs(f, ours)...)
	}
	for _, m := range groups[mxRetired] {
		fs = append(fs, judgeRetired(f, m))
	}
	for _, m := range groups[mxNull] {
		fs = append(fs, nullBeside(f, m))
	}
	others := slices.Concat(groups[mxOther], groups[mxProvider], groups[mxConsumer])
	slices.SortStableFunc(others, func(a, b mxTarget) int { return a.Preference - b.Preference })
	gates := groups[mxGateway]
	switch {
	case len(ours) > 0:
		for _, group := range byOwner(others) {
			fs = append(fs, judgeLeftover(f, ours, group))
		}
		for _, m := range firstOfName(gates) {
			fs = append(fs, judgeBypass(f, ours, m))
		}
	case len(gates) > 0:
		fs = append(fs, judgeGateway(f, gates)...)
		for _, group := range byOwner(others) {
			fs = append(fs, besideGateway(f, gates[0], group))
		}
	case len(others) > 0:
		fs = append(fs, judgeElsewhere(f, others))
	}
	return fs
}

// judgeOurs judges the records that point at Microsoft 365.
func judgeOurs(f mxFacts, ours []mxTarget) []report.Finding {
	best := ours[0]
	pass := find(report.Pass, "mx.m365", f.domain, "%s  (preference %d)", best.Host, best.Preference)
	pass.Data = map[string]any{"host": best.Host, "preference": best.Preference, "ttl": int(f.answer.TTL / time.Second), "family": family(best)}
	fs := []report.Finding{pass}
	if want := f.profile.Cloud; want != nil && !hasSuffix(best.Host, want.MX) {
		fs = append(fs, wrongCloud(f, best, want))
	}
	if len(ours) > 1 {
		fs = append(fs, severalOurs(f, ours))
	}
	for _, m := range ours {
		if x, odd := judgeLabel(f, m); odd {
			fs = append(fs, x)
		}
	}
	return fs
}

func family(m mxTarget) string {
	_, zone, _ := strings.Cut(m.Host, ".")
	return zone
}

func wrongCloud(f mxFacts, m mxTarget, want *Cloud) report.Finding {
	x := find(report.Fail, "mx.cloud", m.Host, "belongs to %s, but the domain should be on %s", m.Cloud.Title, want.Title)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: mxDoc.Sources[3:4],
		Text: "Publish the MX record that the admin centre of " + want.Title + " shows for the domain. If the domain really is on " + m.Cloud.Title + ", say --cloud " + m.Cloud.ID + "."}
	return x
}

func severalOurs(f mxFacts, ours []mxTarget) report.Finding {
	names := make([]string, len(ours))
	for i, m := range ours {
		names[i] = m.Host
	}
	x := find(report.Warn, "mx.several", f.domain, "%d records point at Microsoft 365: %s", len(ours), shortList(names, 4))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: mxDoc.Sources[3:],
		Text: "One is enough: Exchange Online is itself spread over many servers, and Microsoft supports one MX record a domain. Keep the one that the admin centre shows."}
	for _, m := range ours[1:] {
		x.Fix.Records = append(x.Fix.Records, remove(f.domain, dnsrec.TypeMX, m.String()))
	}
	if slices.ContainsFunc(ours, func(m mxTarget) bool { return m.DANE }) && slices.ContainsFunc(ours, func(m mxTarget) bool { return !m.DANE }) {
		x.Summary += "; this is how the move to mx.microsoft looks half way"
		x.Fix.Text = "Finish the move: when the record under mx.microsoft is tested, give it preference 0 and delete the old one."
		x.Fix.Records = nil
		for _, m := range ours {
			if !m.DANE {
				x.Fix.Records = append(x.Fix.Records, remove(f.domain, dnsrec.TypeMX, m.String()))
			}
		}
	}
	return x
}

// judgeLabel compares a Microsoft host's label with the one derived from the
// domain. GCC High and DoD use the tenant's name, which cannot be derived.
func judgeLabel(f mxFacts, m mxTarget) (report.Finding, bool) {
	if m.Label() == MXToken(f.domain) || m.Cloud.Initial == ".onmicrosoft.us" || !tokenSure(f.domain) {
		return report.Finding{}, false
	}
	x := find(report.Warn, "mx.label", m.Host, "carries the label of another domain: %s, where %s would be usual", m.Label(), MXToken(f.domain))
	x.Data = map[string]any{"label": m.Label(), "expected": MXToken(f.domain)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: mxDoc.Sources[3:4],
		Text: "It works while that domain is in the same tenant, and mail is refused from the day it is not. " +
			"Compare with the admin centre: Settings > Domains > " + f.domain + " > DNS records."}
	return x, true
}

// judgeRetired judges a name that Microsoft has retired. Some still answer.
func judgeRetired(f mxFacts, m mxTarget) report.Finding {
	x := find(report.Warn, "mx.retired", m.Host, "is a name that Microsoft has retired and asks to delete; it still answers (preference %d)", m.Preference)
	if h := f.hosts[m.Host]; h.aErr == nil && h.aaaaErr == nil && len(h.a.Values)+len(h.aaaa.Values) == 0 {
		x.Status = report.Fail
		x.Summary = fmt.Sprintf("is a name that Microsoft has retired, and it has no address any more (preference %d)", m.Preference)
	}
	x.Fix = mxAdvice(f, "Publish the current record, then delete this one.")
	x.Fix.Links = []string{"https://learn.microsoft.com/exchange/mail-flow-best-practices/mail-flow-best-practices"}
	x.Fix.Records = append(x.Fix.Records, remove(f.domain, dnsrec.TypeMX, m.String()))
	return x
}

func nullBeside(f mxFacts, m mxTarget) report.Finding {
	x := find(report.Fail, "mx.null", f.domain, "a null MX stands beside other MX records: some senders take it at its word and deliver nothing")
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the null MX, since the domain receives mail.",
		Records: []report.Record{remove(f.domain, dnsrec.TypeMX, m.String())}, Links: []string{"RFC 7505 3"}}
	return x
}

// judgeLeftover judges the hosts of one other owner beside Microsoft 365.
func judgeLeftover(f mxFacts, ours, group []mxTarget) report.Finding {
	m := group[0]
	x := find(report.Fail, "mx.leftover", m.Host, "%s still receives mail for this domain (%s)", owner(group), preferences(group))
	why := "A sender that fails over to it delivers into the old mailbox."
	switch {
	case m.Preference < ours[0].Preference:
		why = "It comes before Microsoft 365, so nearly all mail goes there."
	case m.Preference == ours[0].Preference:
		why = "It has the same preference as Microsoft 365, so about half of all mail goes there."
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1", mxDoc.Sources[3]},
		Text:    why + " Delete it once no mailbox is left on the old system.",
		Records: removeAll(f.domain, group)}
	x.Data = map[string]any{"host": m.Host, "preference": m.Preference, "records": len(group)}
	return x
}

// byOwner groups hosts by the provider's name or, for unknown ones, by their
// registrable domain, in the order of their first.
func byOwner(targets []mxTarget) (groups [][]mxTarget) {
	key := func(m mxTarget) string {
		if m.Name != "" {
			return m.Name
		}
		if d, err := publicsuffix.EffectiveTLDPlusOne(m.Host); err == nil {
			return d
		}
		return m.Host
	}
	index := map[string]int{}
	for _, m := range targets {
		i, ok := index[key(m)]
		if !ok {
			i = len(groups)
			index[key(m)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], m)
	}
	return groups
}

// owner names the hosts of a group.
func owner(group []mxTarget) string {
	who := group[0].Host
	if n := len(group) - 1; n > 0 {
		who += fmt.Sprintf(" and %d more", n)
	}
	if group[0].Name != "" {
		who += " (" + group[0].Name + ")"
	}
	return who
}

func preferences(group []mxTarget) string {
	first, last := group[0].Preference, group[len(group)-1].Preference
	if first == last {
		return fmt.Sprintf("preference %d", first)
	}
	return fmt.Sprintf("preferences %d to %d", first, last)
}

func removeAll(domain string, group []mxTarget) (records []report.Record) {
	for _, m := range group[:min(len(group), maxMXHosts)] {
		records = append(records, remove(domain, dnsrec.TypeMX, m.String()))
	}
	return records
}

func judgeBypass(f mxFacts, ours []mxTarget, m mxTarget) report.Finding {
	x := find(report.Warn, "mx.bypass", m.Host, "%s filters mail, but a record beside it leads straight to Microsoft 365, past the filter", m.Name)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: mxDoc.Sources[4:],
		Text: "With a filter in front, publish the filter's records only; without one, Microsoft's only. Spammers choose the record that suits them."}
	for _, o := range ours {
		x.Fix.Records = append(x.Fix.Records, remove(f.domain, dnsrec.TypeMX, o.String()))
	}
	return x
}

func judgeGateway(f mxFacts, gates []mxTarget) []report.Finding {
	names := []string{}
	for _, m := range firstOfName(gates) {
		names = append(names, m.Name)
	}
	who := strings.Join(names, " and ")
	pass := find(report.Pass, "mx.gateway", gates[0].Host, "%s receives the mail and passes it on", who)
	pass.Data = map[string]any{"gateway": gates[0].Name, "host": gates[0].Host}
	if !f.profile.Microsoft {
		return []report.Finding{pass}
	}
	pass.Summary = who + " filters the mail in front of Microsoft 365"
	behind := find(report.Info, "mx.connector", gates[0].Host, "whether Microsoft 365 accepts mail from %s only cannot be seen in the DNS", who)
	behind.Fix = &report.Fix{Owner: report.OwnerM365,
		Text: "See that an inbound connector accepts mail from the filter only, that it has enhanced filtering, " +
			"and that the filter delivers to the host which the admin centre shows as the domain's MX.",
		Commands: []string{"Get-InboundConnector | Format-List Name, ConnectorType, SenderIPAddresses, RestrictDomainsToIPAddresses, EFSkipIPs, EFSkipLastIP"},
		Links:    []string{"https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/enhanced-filtering-for-connectors"}}
	return []report.Finding{pass, behind}
}

func besideGateway(f mxFacts, gate mxTarget, group []mxTarget) report.Finding {
	x := find(report.Warn, "mx.bypass", group[0].Host, "%s receives mail beside %s, past the filter (%s)", owner(group), gate.Name, preferences(group))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1"},
		Text:    "Delete the record unless this host belongs to the filter too.",
		Records: removeAll(f.domain, group)}
	return x
}

// judgeElsewhere judges a domain whose mail goes to other hosts only.
func judgeElsewhere(f mxFacts, others []mxTarget) report.Finding {
	m := others[0]
	who := m.Host
	if m.Name != "" {
		who = m.Name + " (" + m.Host + ")"
	}
	x := find(report.Pass, "mx.provider", m.Host, "mail is received by %s", who)
	x.Data = map[string]any{"host": m.Host, "provider": m.Name}
	if !f.profile.Microsoft {
		return x
	}
	x.Code, x.Status = "mx.m365", report.Warn
	x.Summary = fmt.Sprintf("mail is received by %s, not by Microsoft 365, though its %s points there: not migrated yet, or split on purpose",
		who, strings.Join(f.profile.Signs, " and "))
	x.Fix = mxAdvice(f, "When the mailboxes have moved, publish the MX record of Microsoft 365 and delete the others.")
	if f.expect == ExpectM365 {
		x.Status = report.Fail
		x.Summary = fmt.Sprintf("mail is received by %s, not by Microsoft 365", who)
	}
	x.Fix.Records = append(x.Fix.Records, removeAll(f.domain, others)...)
	return x
}

func firstOfName(targets []mxTarget) (first []mxTarget) {
	for _, m := range targets {
		if !slices.ContainsFunc(first, func(o mxTarget) bool { return o.Name == m.Name }) {
			first = append(first, m)
		}
	}
	return first
}

// judgeTargets judges whether the hosts can be reached by name.
func judgeTargets(f mxFacts) []report.Finding {
	var fs []report.Finding
	usable := 0
	for _, m := range f.targets {
		x, ok := judgeTarget(f, m)
		if ok {
			usable++
		}
		if x.Status != report.Unset {
			fs = append(fs, x)
		}
	}
	for i := range fs { // one dead host among living ones only delays mail
		if fs[i].Status == report.Fail && usable > 0 {
			fs[i].Status = report.Warn
		}
	}
	if n := len(f.targets) - maxMXHosts; n > 0 {
		fs = append(fs, find(report.Info, "mx.many", f.domain, "%d MX records; %d hosts were looked at, the rest were not", len(f.targets), len(f.hosts)))
	}
	return fs
}

// judgeTarget judges one record's host. ok: mail can be sent there, as far as
// is known.
func judgeTarget(f mxFacts, m mxTarget) (x report.Finding, ok bool) {
	gone := []report.Record{remove(f.domain, dnsrec.TypeMX, m.String())}
	switch m.Kind {
	case mxNull:
		return x, false
	case mxVerify:
		x = find(report.Info, "mx.verify", m.Host, "proves ownership to Microsoft and receives no mail; it can be deleted once the domain is verified")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete it when the admin centre shows the domain as verified.", Records: gone, Links: mxDoc.Sources[3:4]}
		return x, false
	case mxLiteral:
		x = find(report.Fail, "mx.literal", m.Host, "is an IP address; an MX record must name a host")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Give the mail server a name with an A record and put that name here.", Records: gone, Links: []string{"RFC 5321 5.1", "RFC 1035 3.3.9"}}
		return x, false
	case mxInvalid:
		x = find(report.Fail, "mx.name", m.Host, "is not a valid host name")
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Host names consist of letters, digits and hyphens. Correct the record.", Records: gone, Links: []string{"RFC 1123 2.1"}}
		return x, false
	case mxRetired:
		return x, len(f.hosts[m.Host].a.Values) > 0 // judged as a route
	}
	h, looked := f.hosts[m.Host]
	if !looked {
		return x, true
	}
	return judgeAddresses(f, m, h)
}

func judgeAddresses(f mxFacts, m mxTarget, h hostFacts) (x report.Finding, ok bool) {
	found := len(h.a.Values) + len(h.aaaa.Values)
	switch {
	case found > 0 && strings.Contains(m.Host, "_"):
		return underscore(f, m), true
	case found == 0 && h.aErr != nil:
		return undecided("mx.address", m.Host, h.aErr), dnsrec.KindOf(h.aErr) != dnsrec.KindChain
	case found == 0 && h.aaaaErr != nil:
		return undecided("mx.address", m.Host, h.aaaaErr), true
	case found == 0:
		return mxNoAddress(f, m, h), false
	case len(h.a.CNAMEs) > 0:
		x = find(report.Warn, "mx.cname", m.Host, "is an alias for %s; an MX record must name the host itself", h.a.CNAMEs[len(h.a.CNAMEs)-1])
		x.Evidence = []report.Evidence{seen(h.a)}
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Most senders cope, some do not. Point the MX record at the final name.", Links: []string{"RFC 5321 5.1", "RFC 2181 10.3"},
			Records: []report.Record{replace(f.domain, dnsrec.TypeMX, m.String(), fmt.Sprintf("%d %s.", m.Preference, h.a.CNAMEs[len(h.a.CNAMEs)-1]))}}
		return x, true
	}
	if private := privateOnly(h); private != "" {
		x = find(report.Warn, "mx.private", m.Host, "has the address %s, which nobody on the Internet can reach", private)
		x.Evidence = []report.Evidence{seen(h.a)}
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6890 2.2.2"},
			Text: "If you asked an internal resolver, ask a public one with --resolver: the outside may see another address. If not, publish the public address."}
		return x, true
	}
	return x, true
}

func mxNoAddress(f mxFacts, m mxTarget, h hostFacts) report.Finding {
	what := "has no address"
	if h.a.NXDomain() {
		what = "does not exist"
	}
	x := find(report.Fail, "mx.address", m.Host, "%s: no mail can be delivered there", what)
	x.Evidence = []report.Evidence{seen(h.a), seen(h.aaaa)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1"},
		Text:    "Give the host an A record, or delete this MX record.",
		Records: []report.Record{remove(f.domain, dnsrec.TypeMX, m.String())}}
	if m.Kind == mxMicrosoft {
		x.Cause = report.CauseDomain
		x.Fix = mxAdvice(f, "Microsoft does not serve this name: it is misspelt, or the domain is not (or no longer) set up in a tenant. Publish the right record.")
	}
	return x
}

// underscore judges a name that resolves, though no host may be called so.
func underscore(f mxFacts, m mxTarget) report.Finding {
	x := find(report.Warn, "mx.name", m.Host, "has an underscore, which host names may not have; some senders refuse it")
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Name the mail host without an underscore.", Links: []string{"RFC 1123 2.1"},
		Records: []report.Record{remove(f.domain, dnsrec.TypeMX, m.String())}}
	if strings.HasPrefix(m.Host, "_dc-mx.") {
		x.Summary = "is a name that Cloudflare makes up because the mail host's address is proxied; some senders refuse the underscore in it"
		x.Fix.Text = "In Cloudflare set the address record of the mail host to \"DNS only\"."
		x.Fix.Records = nil
	}
	return x
}

// privateOnly gives an address of the host if none is reachable from outside.
func privateOnly(h hostFacts) (example string) {
	for _, v := range slices.Concat(h.a.Values, h.aaaa.Values) {
		ip, err := netip.ParseAddr(v)
		if err != nil || !(ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast()) {
			return ""
		}
		example = v
	}
	return example
}

const (
	longTTL = 24 * time.Hour // a mistake in such a record is felt for a day
	cutTTL  = time.Hour      // what Microsoft advises
)

// judgeMXForm judges what is neither route nor host: duplicates and TTL.
func judgeMXForm(f mxFacts) []report.Finding {
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
