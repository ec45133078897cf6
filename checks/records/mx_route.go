package records

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// This file judges where mail goes: the owners of the MX hosts.

// judgeRoute reports where mail goes.
func judgeRoute(f *mxFacts) []report.Finding {
	groups := map[kit.MXKind][]kit.MXTarget{}
	for _, m := range f.targets {
		groups[m.Kind] = append(groups[m.Kind], m)
	}
	var fs []report.Finding
	ours := groups[kit.MXMicrosoft]
	if len(ours) > 0 {
		fs = append(fs, judgeOurs(f, ours)...)
	}
	for _, m := range groups[kit.MXRetired] {
		fs = append(fs, judgeRetired(f, m))
	}
	for _, m := range groups[kit.MXNull] {
		fs = append(fs, nullBeside(f, m))
	}
	others := slices.Concat(groups[kit.MXOther], groups[kit.MXProvider], groups[kit.MXConsumer], groups[kit.MXSender], groups[kit.MXParking])
	sort.SliceStable(others, func(i, j int) bool { return others[i].Preference < others[j].Preference })
	gates := groups[kit.MXGateway]
	switch {
	case len(ours) > 0:
		for _, group := range byOwner(others) {
			if slices.ContainsFunc(group, kit.LikelyFilter) {
				fs = append(fs, judgeLikelyFilter(f, ours, group))
				continue
			}
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
	case len(others) > 0 && !(f.profile.Microsoft && f.allDead(others)): // else see mxNoAddress
		fs = append(fs, judgeElsewhere(f, others))
	}
	return fs
}

// judgeOurs judges the records that point at Microsoft 365.
func judgeOurs(f *mxFacts, ours []kit.MXTarget) []report.Finding {
	best := ours[0]
	pass := kit.Find(report.Pass, "mx.m365", f.domain, "%s  (preference %d)", best.Host, best.Preference)
	pass.Data = map[string]any{"host": best.Host, "preference": best.Preference, "ttl": int(f.answer.TTL / time.Second), "family": family(best)}
	fs := []report.Finding{pass}
	if want := f.profile.Cloud; want != nil && !kit.HasSuffix(best.Target(), want.MX) {
		fs = append(fs, wrongCloud(f, best, want))
	}
	if distinct := firstOfHost(ours); len(distinct) > 1 {
		fs = append(fs, severalOurs(f, distinct))
	}
	for _, m := range ours {
		if x, odd := judgeLabel(f, m); odd {
			fs = append(fs, x)
		}
	}
	return fs
}

func family(m kit.MXTarget) string {
	_, zone, _ := strings.Cut(m.Target(), ".")
	return zone
}

func wrongCloud(f *mxFacts, m kit.MXTarget, want *kit.Cloud) report.Finding {
	x := kit.Find(report.Fail, "mx.cloud", m.Host, "belongs to %s, but the domain should be on %s", m.Cloud.Title, want.Title)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[3:4],
		Text: "Publish the MX record that the admin center of " + want.Title + " shows for the domain. If the domain is on " + m.Cloud.Title + ", use --cloud " + m.Cloud.ID + "."}
	return x
}

// lives reports whether a host is known to have an address.
func (f *mxFacts) lives(m kit.MXTarget) bool {
	h := f.hosts[m.Host]
	return h != nil && len(h.a.Values)+len(h.aaaa.Values) > 0
}

// judgeLabel compares a Microsoft host's label with the one derived from the
// domain. GCC High and DoD use the tenant's name, which cannot be derived.
func judgeLabel(f *mxFacts, m kit.MXTarget) (report.Finding, bool) {
	if f.dead(m) { // told by its address; it does not work
		return report.Finding{}, false
	}
	if m.Label() == kit.MXToken(f.domain) || m.Cloud.TenantMX || !kit.TokenSure(f.domain) {
		return report.Finding{}, false
	}
	x := kit.Find(report.Warn, "mx.label", m.Host, "contains the label of another domain: %s, expected %s%s", m.Label(), kit.MXToken(f.domain), hyphenRule(f.domain))
	x.Data = map[string]any{"label": m.Label(), "expected": kit.MXToken(f.domain)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[3:4],
		Text: m.Host + " works only while that domain is in the same tenant; after that, mail is rejected. " +
			"Compare with the admin center: Settings > Domains > " + f.domain + " > DNS records."}
	return x, true
}

// hyphenRule explains the label of a domain with hyphens.
func hyphenRule(domain string) string {
	if !strings.Contains(domain, "-") {
		return ""
	}
	return " (dots become hyphens; own hyphens of the name are left out, and a code at the end says where they were)"
}

// judgeRetired judges a name that Microsoft has retired. Some still answer.
func judgeRetired(f *mxFacts, m kit.MXTarget) report.Finding {
	x := kit.Find(report.Warn, "mx.retired", m.Host, "is a name that Microsoft has retired and asks you to delete (preference %d)", m.Preference)
	switch {
	case f.lives(m):
		x.Summary = fmt.Sprintf("is a name that Microsoft has retired and asks you to delete; it still works (preference %d)", m.Preference)
	case f.dead(m):
		x.Status = report.Fail
		x.Summary = fmt.Sprintf("is a name that Microsoft has retired and that no longer has an address (preference %d)", m.Preference)
	}
	current := slices.ContainsFunc(f.targets, isMicrosoft)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the MX record that names " + m.Host + ": its replacement is already published."}
	if !current {
		x.Fix = mxAdvice(f, "Replace the MX record that names "+m.Host+" with the one that Microsoft 365 assigns today.")
	}
	x.Fix.Links = []string{"https://learn.microsoft.com/exchange/mail-flow-best-practices/mail-flow-best-practices"}
	if current || len(x.Fix.Edits) > 0 { // else nothing would be left to deliver to
		x.Fix.Edits = append(x.Fix.Edits, kit.Remove(f.domain, dnsrec.TypeMX, m.String()))
	}
	return x
}

func nullBeside(f *mxFacts, m kit.MXTarget) report.Finding {
	x := kit.Find(report.Fail, "mx.null", f.domain, "a null MX is published together with other MX records: some senders obey it and deliver nothing")
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Delete the null MX record of " + f.domain + ", because the domain receives mail.",
		Edits: []report.Edit{kit.Remove(f.domain, dnsrec.TypeMX, m.String())}, Links: []string{"RFC 7505 3"}}
	if f.expect != kit.ExpectM365 {
		x.Fix = f.nullOrMail(x.Fix, report.Choice{Text: "Delete all other MX records, and keep the null MX."})
	}
	return x
}

// ownServer reports whether an unknown host has a name in the domain itself: it
// can be a hybrid server as well as the old mailbox.
func (f *mxFacts) ownServer(m kit.MXTarget) bool {
	return m.Kind == kit.MXOther && kit.HasSuffix(m.Host, []string{"." + f.domain})
}

// judgeLikelyFilter judges unknown hosts beside Microsoft 365 that are called
// like a filter.
func judgeLikelyFilter(f *mxFacts, ours, group []kit.MXTarget) report.Finding {
	x := kit.Find(report.Warn, "mx.bypass", group[0].Host,
		"judging by its name, this is a filter (%s); another record bypasses it and points directly to Microsoft 365", preferences(group))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[4:], Text: "Decide what " + owner(group) +
		" is for. Spammers choose the record that bypasses the filter.", Alternatives: f.filterChoices(ours, group)}
	return x
}

// filterChoices are the ways to have either a filter or Microsoft 365 as the
// target of all mail.
func (f *mxFacts) filterChoices(ours, filters []kit.MXTarget) []report.Choice {
	who := owner(filters) + " filter"
	if name := filters[0].Name; name != "" {
		who = name + " filters"
	} else if len(filters) == 1 {
		who += "s"
	}
	return []report.Choice{
		{Label: "if " + who + " the mail of " + f.domain, Text: "Publish only the filter's MX records.", Edits: removeAll(f.domain, ours)},
		{Label: "if the filter is no longer used", Text: "Publish only Microsoft's MX record.", Edits: removeAll(f.domain, filters)},
	}
}

// byOwner groups hosts by the provider's name or, for unknown ones, by their
// registrable domain, in the order of their first.
func byOwner(targets []kit.MXTarget) (groups [][]kit.MXTarget) {
	key := func(m kit.MXTarget) string {
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
func owner(group []kit.MXTarget) string {
	who := group[0].Host
	if n := len(group) - 1; n > 0 {
		who += fmt.Sprintf(" and %d more", n)
	}
	if group[0].Name != "" {
		who += " (" + group[0].Name + ")"
	}
	return who
}

// receive is the verb that goes with owner.
func receive(group []kit.MXTarget) string {
	if len(group) == 1 {
		return "receives"
	}
	return "receive"
}

func preferences(group []kit.MXTarget) string {
	first, last := group[0].Preference, group[len(group)-1].Preference
	if first == last {
		return fmt.Sprintf("preference %d", first)
	}
	return fmt.Sprintf("preferences %d to %d", first, last)
}

func removeAll(domain string, group []kit.MXTarget) (records []report.Edit) {
	for _, m := range group[:min(len(group), maxMXHosts)] {
		records = append(records, kit.Remove(domain, dnsrec.TypeMX, m.String()))
	}
	return records
}

func judgeBypass(f *mxFacts, ours []kit.MXTarget, m kit.MXTarget) report.Finding {
	x := kit.Find(report.Warn, "mx.bypass", m.Host, "%s filters mail, but another record points directly to Microsoft 365 and bypasses the filter", m.Name)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[4:],
		Text: "Decide whether " + m.Name + " filters the mail of " + f.domain + ". Spammers choose the record that bypasses the filter."}
	filters := slices.DeleteFunc(slices.Clone(f.targets), func(o kit.MXTarget) bool { return o.Kind != kit.MXGateway || o.Name != m.Name })
	x.Fix.Alternatives = f.filterChoices(ours, filters)
	return x
}

func judgeGateway(f *mxFacts, gates []kit.MXTarget) []report.Finding {
	names := []string{}
	for _, m := range firstOfName(gates) {
		names = append(names, m.Name)
	}
	who := strings.Join(names, " and ")
	pass := kit.Find(report.Pass, "mx.gateway", gates[0].Host, "%s receives the mail and passes it on", who)
	pass.Data = map[string]any{"gateway": gates[0].Name, "host": gates[0].Host}
	if !f.profile.Microsoft {
		return []report.Finding{pass}
	}
	pass.Summary = who + " filters the mail in front of Microsoft 365"
	behind := kit.Find(report.Info, "mx.connector", gates[0].Host, "DNS cannot show whether Microsoft 365 accepts mail only from %s", who)
	behind.Fix = &report.Fix{Owner: report.OwnerM365,
		Text: "Make sure that an inbound connector accepts mail only from the filter, that it uses enhanced filtering, " +
			"and that the filter delivers to the host that the admin center shows as the domain's MX.",
		Commands: []string{"Get-InboundConnector | Format-List Name, ConnectorType, SenderIPAddresses, RestrictDomainsToIPAddresses, EFSkipIPs, EFSkipLastIP"},
		Links:    []string{"https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/enhanced-filtering-for-connectors"}}
	return []report.Finding{pass, behind}
}

func besideGateway(f *mxFacts, gate kit.MXTarget, group []kit.MXTarget) report.Finding {
	x := kit.Find(report.Warn, "mx.bypass", group[0].Host, "%s %s mail as well as %s, bypassing the filter (%s)",
		owner(group), receive(group), gate.Name, preferences(group))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1"},
		Text: "Decide whether " + owner(group) + " belongs to " + gate.Name + ".", Alternatives: []report.Choice{
			{Label: "if it does not belong to the filter", Text: "Mail then goes to the filter only.", Edits: removeAll(f.domain, group)},
			{Label: "if it belongs to the filter", Text: "Leave the MX records as they are.", Stay: true},
		}}
	return x
}

// judgeElsewhere judges a domain whose mail goes to other hosts only.
func judgeElsewhere(f *mxFacts, others []kit.MXTarget) report.Finding {
	m := others[0]
	who := m.Host
	if m.Name != "" {
		who = m.Name + " (" + m.Host + ")"
	}
	if m.Kind == kit.MXParking {
		who = "the domain-parking service of " + m.Host
	}
	x := kit.Find(report.Pass, "mx.provider", m.Host, "mail is received by %s", who)
	x.Data = map[string]any{"host": m.Host, "provider": m.Name}
	switch {
	case !f.profile.Microsoft && m.Kind == kit.MXParking:
		return f.perhapsParked(x, others)
	case !f.profile.Microsoft:
		return x
	}
	x.Code, x.Status = "mx.m365", report.Warn
	x.Summary = fmt.Sprintf("mail is received by %s, not by Microsoft 365, though %s: not migrated yet, or split on purpose",
		who, f.profile.Pointing())
	x.Fix = mxAdvice(f, "When the mailboxes have moved, publish the MX record of Microsoft 365 and delete the others.")
	if f.expect == kit.ExpectM365 {
		x.Status = report.Fail
		x.Summary = fmt.Sprintf("mail is received by %s, not by Microsoft 365", who)
	}
	if m.Kind == kit.MXOther {
		x.Fix.Text += fmt.Sprintf(" If this host is a filter in front of Microsoft 365, confirm it with --gateway %s.", m.Host)
	}
	if f.perhapsGateway(m) {
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("is %s a filter in front of Microsoft 365? Mail is received there", m.Host)
		x.Fix = &report.Fix{Owner: report.OwnerYou, Links: MXDoc.Sources[4:],
			Text: fmt.Sprintf("If it is a filter, confirm it with --gateway %s. If it is the old mail server, publish the MX record of "+
				"Microsoft 365 when the mailboxes have moved, and delete the others.", m.Host)}
		return x
	}
	if len(x.Fix.Edits) > 0 { // else nothing would be left to deliver to
		x.Fix.Alternatives = []report.Choice{
			{Label: "when the mailboxes have moved", Text: "Mail then goes to Microsoft 365 only.", Caution: f.beforeMove(m),
				Edits: append(x.Fix.Edits, removeAll(f.domain, others)...)},
			{Label: "until the mailboxes have moved", Text: "Leave the MX records as they are.", Stay: true},
		}
		x.Fix.Edits = nil
	}
	return x
}

// perhapsParked asks whether a domain whose mail a domain-parking service receives is
// to have mail: nobody reads what is sent to it.
func (f *mxFacts) perhapsParked(x report.Finding, others []kit.MXTarget) report.Finding {
	x.Code, x.Status = "mx.parking", report.Warn
	x.Summary += ": is " + f.domain + " parked? Nobody there reads mail for it"
	null := append(removeAll(f.domain, others), kit.Add(f.domain, dnsrec.TypeMX, "0 ."))
	if len(f.targets) > len(others) || len(others) > maxMXHosts {
		null = nil
	}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: mailQuestion(f.domain), Links: []string{"RFC 5321 5.1", "RFC 7505 3"}, Alternatives: []report.Choice{
		{Label: "if " + f.domain + " should have mail", Text: "Publish an MX record that names its mail server, instead of those of the parking service. " +
			"If the parking service also runs the name servers, first change those at the registrar."},
		{Label: "if it is parked, until somebody uses it", Text: "Leave the MX records as they are. Mail to the domain reaches the parking service.", Stay: true},
		{Label: "if it is parked, and nobody but you should get its mail", Text: "Publish a null MX: senders then give up at once.", Caution: nullRejects, Edits: null},
	}}
	if null == nil {
		x.Fix.Alternatives = x.Fix.Alternatives[:2]
	}
	return x
}

// perhapsGateway reports whether an unknown host is probably a filter: by its
// name, or because all else of the domain is at Microsoft 365.
func (f *mxFacts) perhapsGateway(m kit.MXTarget) bool {
	return m.Kind == kit.MXOther && (kit.LikelyFilter(m) || f.allElse)
}

// firstOfHost returns the first record of each host.
func firstOfHost(targets []kit.MXTarget) (first []kit.MXTarget) {
	for _, m := range targets {
		if !slices.ContainsFunc(first, func(o kit.MXTarget) bool { return o.Host == m.Host }) {
			first = append(first, m)
		}
	}
	return first
}

func firstOfName(targets []kit.MXTarget) (first []kit.MXTarget) {
	for _, m := range targets {
		if !slices.ContainsFunc(first, func(o kit.MXTarget) bool { return o.Name == m.Name }) {
			first = append(first, m)
		}
	}
	return first
}
