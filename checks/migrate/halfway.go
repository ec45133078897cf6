package migrate

import (
	"slices"

	"maildiag/dnsrec"
	"maildiag/dnsrec/authority"
	"maildiag/report"
)

// differing reports whether the name servers of the domain have different records.
func (r *Report) differing() bool {
	return r.Authority != nil && slices.ContainsFunc(r.Authority.Problems, func(p authority.Problem) bool {
		return p.Kind == authority.Stale || p.Kind == authority.Differ
	})
}

// disputed reports whether name servers have different records of a name. Which of
// them are meant, nobody knows before the servers are repaired.
func (r *Report) disputed(name string) bool {
	return r.differing() && slices.ContainsFunc(r.Authority.Sets, func(s authority.Set) bool {
		return s.Name == dnsrec.Canonical(name) && len(s.Views) > 1
	})
}

// repairServers adds the step that ends different records of name servers: changes
// of the zone do not.
func (r *Report) repairServers() {
	if !r.differing() {
		return
	}
	for _, p := range r.Authority.Problems {
		if p.Kind == authority.Stale || p.Kind == authority.Differ {
			r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Fixes: []string{"nameservers." + string(p.Kind)},
				Text: "Repair the transfer of the zone to " + p.Subject + ", or ask the DNS provider to. Run again when all name servers have the same serial."}, PhaseNow)
		}
	}
}
