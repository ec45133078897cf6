package records

import (
	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/spf"
	"maildiag/report"
	"slices"
	"strings"
)

// leftoverKey judges the key of the mailbox provider before the migration: who
// holds it can still sign mail in the domain's name.
func (f *dkimFacts) leftoverKey(selector string, r *dkim.Result) (x report.Finding, is bool) {
	s := mailboxOf(selector)
	if !f.direct || s == nil || r.Keys()[0].Revoked() {
		return x, false
	}
	x = kit.Find(report.Warn, "dkim.leftover", r.Name, "the key of %s still exists. It is probably left over from before the migration", s.Name)
	x.Evidence = []report.Evidence{kit.Seen(r.Answer)}
	x.Data = map[string]any{"sender": s.Name}
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 6376 3.6.1"},
		Text: "If nobody sends through " + s.Name + " any more, delete the record a week after the last message: receivers check " +
			"signatures until then."}
	if len(r.Answer.CNAMEs) > 0 {
		x.Fix.Edits = []report.Edit{kit.Remove(r.Name, dnsrec.TypeCNAME, kit.FQDN(r.Answer.CNAMEs[0]))}
		return x, true
	}
	for _, v := range r.Answer.Values {
		x.Fix.Edits = append(x.Fix.Edits, kit.Remove(r.Name, dnsrec.TypeTXT, v))
	}
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
