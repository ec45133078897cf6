package records

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// freeReports judges addresses for reports in domains that anyone can register: who
// does can also publish the consent.
func (f dmarcFacts) freeReports() report.Finding {
	text, remove := "does not exist: anyone who registers the domain can receive the reports about %s", "Remove the address"
	if len(f.free) > 1 {
		text, remove = "do not exist: anyone who registers the domains can receive the reports about %s", "Remove the addresses"
	}
	x := kit.Find(report.Warn, "dmarc.rua-auth", strings.Join(f.free, ", "), text, f.res.Tree.At)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: remove + " from the DMARC record at " + f.at() + ". Nobody receives reports there today.", Links: []string{"RFC 9990 4"}}
	if f.res.Tree.Record.Standing() != dmarc.Applied {
		return x
	}
	x.Fix.Edits = append(f.keptReports("rua", f.res.Tree.Record.RUA), f.keptReports("ruf", f.res.Tree.Record.RUF)...)
	if i := slices.Index(x.Fix.Edits, kit.RemoveTag(f.at(), "rua")); i >= 0 && (f.profile.Receives || f.res.Tree.At != f.domain) { // else nobody would see reports
		x.Fix.Edits[i] = kit.SetTag(f.at(), "rua", "mailto:"+usualMailbox+f.res.Tree.At)
		x.Fix.Text += " " + mailboxFirst(f.res.Tree.At)
	}
	return x
}

// keptReports returns the change of a tag that takes the addresses in domains that
// anyone can register out of it.
func (f dmarcFacts) keptReports(tag string, list []dmarc.URI) []report.Edit {
	var kept []string
	for _, u := range list {
		if !slices.Contains(f.free, u.Host()) {
			kept = append(kept, u.Address)
		}
	}
	switch len(kept) {
	case len(list):
		return nil
	case 0:
		return []report.Edit{kit.RemoveTag(f.at(), tag)}
	}
	return []report.Edit{kit.SetTag(f.at(), tag, strings.Join(kept, ","))}
}
