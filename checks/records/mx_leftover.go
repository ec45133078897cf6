package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// judgeLeftover judges the hosts of one other owner beside Microsoft 365.
func judgeLeftover(f *mxFacts, ours, group []kit.MXTarget) report.Finding {
	m := group[0]
	part, why := f.mailShare(ours, group)
	x := kit.Find(report.Fail, "mx.leftover", m.Host, "%s still %s %s (%s)", owner(group), receive(group), part, preferences(group))
	if f.ownServer(m) {
		it := "it"
		if len(group) > 1 {
			it = "they"
		}
		x.Summary = fmt.Sprintf("%s may be the old mail server or part of a hybrid organization; %s still %s %s (%s)",
			owner(group), it, receive(group), part, preferences(group))
		if f.expect != kit.ExpectM365 {
			x.Status = report.Warn
		}
	}
	x.Data = map[string]any{"host": m.Host, "preference": m.Preference, "records": len(group)}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 5321 5.1", MXDoc.Sources[3]}}
	switch {
	case !slices.ContainsFunc(group, func(m kit.MXTarget) bool { return !f.dead(m) }):
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("no address for %s (%s): it delays senders", owner(group), preferences(group))
		if free := f.hosts[m.Host].free; free != "" {
			x.Summary += kit.Anyone(free, "receive mail of "+f.domain)
		} else if strings.Contains(m.Host, ".") && !dnsrec.Within(m.Host, f.domain) {
			x.Summary += ", and anyone who takes over the name receives mail"
		}
		x.Evidence = kit.Shown(f.hosts[m.Host].a)
		x.Fix.Text, x.Fix.Edits = "Delete the MX record of "+f.domain+" that names "+owner(group)+".", removeAll(f.domain, group)
	case m.Kind == kit.MXSender:
		x.Summary = fmt.Sprintf("%s receives mail for this domain (%s), but is meant for the bounces of a sending service",
			owner(group), preferences(group))
		x.Fix.Text = "A sender that fails over to it loses the mail. The service needs this record at a separate name " +
			"below the domain, such as bounce." + f.domain + ": move it to the name that the service shows."
		x.Fix.Edits = removeAll(f.domain, group)
	case m.Kind != kit.MXOther && f.expect == kit.ExpectM365: // the migration is finished
		x.Fix.Text, x.Fix.Edits = why+" Delete the MX record that names "+owner(group)+".", removeAll(f.domain, group)
	default:
		x.Fix.Text, x.Fix.Alternatives = why, f.leftoverChoices(ours, group)
	}
	return x
}

// mailShare says which part of the mail goes to hosts beside Microsoft 365, and why.
func (f *mxFacts) mailShare(ours, group []kit.MXTarget) (part, why string) {
	in := func(some []kit.MXTarget) func(kit.MXTarget) bool {
		return func(m kit.MXTarget) bool {
			return slices.ContainsFunc(some, func(o kit.MXTarget) bool { return o.Host == m.Host })
		}
	}
	first := kit.TriedFirst(f.targets, f.dead)
	n, part := kit.Share(first, in(group))
	beside, _ := kit.Share(first, in(ours))
	who, comes, has := owner(group), "comes", "has"
	if len(group) > 1 {
		comes, has = "come", "have"
	}
	switch {
	case n == 0:
		return "mail on failover", "A sender that fails over to " + group[0].Host + " delivers there instead of to Microsoft 365."
	case n == len(first):
		return part, fmt.Sprintf("%s %s before Microsoft 365, so %s goes there.", who, comes, part)
	case beside == 0:
		return "mail first", fmt.Sprintf("%s %s before Microsoft 365, so mail goes there first.", who, comes)
	}
	return part, fmt.Sprintf("%s %s the same preference as Microsoft 365, and %s %s.", who, has, receive(group), part)
}

// leftoverChoices are the ways to end what hosts of another owner receive beside
// Microsoft 365: only people know whether mailboxes are left there.
func (f *mxFacts) leftoverChoices(ours, group []kit.MXTarget) []report.Choice {
	m := group[0]
	choices := []report.Choice{
		{Label: "if no mailbox is left at " + owner(group), Text: "Mail then no longer goes there.", Edits: removeAll(f.domain, group)},
	}
	if m.Kind == kit.MXOther && m.Preference > ours[0].Preference {
		choices = append(choices, report.Choice{Label: fmt.Sprintf("if mail that %s receives is passed on to Microsoft 365 (a backup that queues mail)", owner(group)),
			Text: "Microsoft 365 needs no backup: senders queue mail themselves for days. Mail that the backup passes on comes from its address and fails SPF. " +
				"Delete the MX record, or keep it and set up an inbound connector with enhanced filtering.",
			Edits: removeAll(f.domain, group)})
	}
	keep := report.Choice{Label: "until the migration is finished", Text: "Leave the MX records as they are.", Stay: true}
	if f.ownServer(m) {
		keep.Label = "until the migration is finished, or if " + m.Host + " is part of a hybrid organization"
	}
	choices = append(choices, keep)
	if m.Kind == kit.MXOther {
		choices = append(choices, report.Choice{Label: "if " + m.Host + " is a filter in front of Microsoft 365",
			Text:  fmt.Sprintf("Delete Microsoft's MX record, and confirm the filter with --gateway %s.", m.Host),
			Edits: removeAll(f.domain, ours)})
	}
	return choices
}
