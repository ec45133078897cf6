package records

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// leftoverKey judges the key of the mailbox provider before the migration: who
// holds it can still sign mail in the domain's name.
func (f *dkimFacts) leftoverKey(selector string, r *dkim.Result) (x report.Finding, is bool) {
	s := mailboxOf(selector)
	if !f.direct || s == nil || r.Keys()[0].Revoked() {
		return x, false
	}
	x = kit.Find(report.Warn, "dkim.leftover", r.Name, "the key of %s still exists, probably left over from before the migration", s.Name)
	x.Evidence = kit.Shown(r.Answer)
	x.Data = map[string]any{"sender": s.Name}
	unused := report.Choice{Label: "if nobody has sent through " + s.Name + " for a week",
		Text: "Delete the record " + r.Name + ". Receivers check the signatures of mail that was sent days ago."}
	unused.Edits = withdrawn(r)
	used := report.Choice{Label: "if " + s.Name + " still sends mail for the domain", Text: "Keep the record " + r.Name + ".", Stay: true}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6376 3.6.1"}, Alternatives: []report.Choice{unused, used},
		Text: "Find out whether " + s.Name + " still signs mail of " + f.domain + ", for example from websites, devices or newsletters. " +
			"DNS does not show it. Without the record, all such mail fails DKIM."}
	return x, true
}

// mailboxOf returns the mailbox provider, other than Microsoft, that a selector
// is named for; nil if the name says nothing, as "mail" or "key1".
func mailboxOf(selector string) *spf.Sender {
	const shortest = 4 // letters
	stem, _, _ := strings.Cut(selector, "-")
	if stem = strings.ToLower(strings.TrimRight(stem, "0123456789")); len(stem) < shortest {
		return nil
	}
	senders := spf.Senders()
	for i := range senders {
		s := &senders[i]
		if isLeftover(s) && slices.Contains(s.Selectors, selector) && strings.HasPrefix(strings.ToLower(strings.ReplaceAll(s.Name, " ", "")), stem) {
			return s
		}
	}
	return nil
}
