package records

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/spf"
)

// This file finds SPF records at names where receivers do not look for them.

// misplacedSPF is a valid SPF record that was meant for the domain.
type misplacedSPF struct {
	answer dnsrec.Answer
	record *spf.Record
}

// gatherMisplacedSPF looks for the record that the domain lacks at the names that zone
// editors and typing make. A wildcard record is not meant for the domain.
func gatherMisplacedSPF(k *kit.Known) (found *misplacedSPF) {
	wild, _ := k.Need(dkim.Probe(k.Domain)+"."+k.Domain, dnsrec.TypeTXT)
	for _, label := range []string{k.Domain, "spf", "_spf"} {
		a, ok := k.Need(label+"."+k.Domain, dnsrec.TypeTXT)
		if !ok || a.Err != nil || wild.Err != nil {
			continue
		}
		for _, v := range a.Values {
			rec, ours, err := spf.Parse(v)
			if found == nil && ours && err == nil && len(rec.Faults) == 0 && len(rec.Live()) > 1 && !slices.Contains(wild.Values, v) {
				found = &misplacedSPF{a.Answer, rec}
			}
		}
	}
	return found
}

// moved returns the record for the domain itself: it was never in force, so it ends
// mildly.
func (m *misplacedSPF) moved(cloud string) string {
	rec := m.record
	if cloud != "" && !slices.ContainsFunc(rec.Terms, func(t spf.Term) bool { return t.Kind == spf.Include && "include:"+dnsrec.Canonical(t.Domain) == cloud }) {
		rec, _, _ = spf.Parse(rec.With(cloud))
	}
	text := "v=spf1"
	for _, t := range rec.Live() {
		if t.Kind != spf.All {
			text += " " + t.Text
		}
	}
	if rec.All() == nil && rec.Redirect() != nil { // its target decides
		return text
	}
	return text + " ~all"
}
