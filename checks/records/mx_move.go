package records

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// This file judges several MX records of Microsoft 365 beside one another.

func severalOurs(f *mxFacts, ours []kit.MXTarget) report.Finding {
	names := make([]string, len(ours))
	for i, m := range ours {
		names[i] = m.Host
	}
	x := kit.Find(report.Warn, "mx.several", f.domain, "%d records point to Microsoft 365: %s", len(ours), kit.ShortList(names, 4))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: MXDoc.Sources[3:],
		Text: "Keep one MX record of " + f.domain + " that points to Microsoft 365: Microsoft supports one MX record per domain, and Exchange Online runs on many servers behind it. Keep the one that the admin center shows."}
	keep := max(0, slices.IndexFunc(ours, func(m kit.MXTarget) bool { return m.Label() == kit.MXToken(f.domain) && !f.dead(m) }))
	for i, m := range ours {
		if i == keep {
			continue
		}
		x.Fix.Edits = append(x.Fix.Edits, kit.Remove(f.domain, dnsrec.TypeMX, m.String()))
	}
	if slices.ContainsFunc(ours, func(m kit.MXTarget) bool { return m.DANE }) && slices.ContainsFunc(ours, func(m kit.MXTarget) bool { return !m.DANE }) {
		x.Summary += "; the move to mx.microsoft is not finished"
		x.Fix.Text, x.Fix.Alternatives = f.finishMove(ours)
		x.Fix.Edits = nil
	}
	return x
}

// finishMove says how the move to mx.microsoft ends: DNS does not show whether the new
// host accepts mail. The old record stays until the new host has an address: nothing
// else receives mail before. The new record takes preference 0 in the same change.
func (f *mxFacts) finishMove(ours []kit.MXTarget) (text string, choices []report.Choice) {
	fresh := slices.DeleteFunc(slices.Clone(ours), func(m kit.MXTarget) bool { return !m.DANE })
	old := slices.DeleteFunc(slices.Clone(ours), func(m kit.MXTarget) bool { return m.DANE })
	i := slices.IndexFunc(fresh, f.lives)
	if i < 0 {
		return "Keep the old record for now: no host under mx.microsoft in these records has an address. First correct the new record. " +
			"Then test it, give it preference 0, and delete the old one.", nil
	}
	end := removeAll(f.domain, old)
	if m := fresh[i]; m.Preference != 0 {
		end = append(end, kit.Replace(f.domain, dnsrec.TypeMX, m.String(), "0 "+kit.FQDN(m.Host)))
	}
	choices = []report.Choice{
		{Label: "if a test shows that " + fresh[i].Host + " accepts mail for the domain", Text: "Finish the move: the old record goes in the same change.", Edits: end},
		{Label: "until it is tested", Text: "Leave the MX records as they are.", Stay: true},
	}
	if slices.ContainsFunc(old, f.lives) {
		choices = append(choices, report.Choice{Label: "if the move is given up", Text: "Delete the new record.", Edits: removeAll(f.domain, fresh)})
	}
	return "First test whether " + fresh[i].Host + " accepts mail for the domain: all mail goes there after the move.", choices
}
