package migrate

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/report"
)

// parking returns the domain-parking service that runs the name servers of the
// domain, or that receives its mail; "": none that is known.
func (m *mover) parking(r *Report) string {
	if s := kit.ParkedBy(m.nameServers(r)); s != "" {
		return s
	}
	if i := slices.IndexFunc(m.inv.first(), func(t kit.MXTarget) bool { return t.Kind == kit.MXParking }); i >= 0 {
		return m.inv.first()[i].Name
	}
	return ""
}

// nameServers returns those of the delegation, where it is known.
func (m *mover) nameServers(r *Report) []string {
	if r.Authority != nil && len(r.Authority.Delegated) > 0 {
		return r.Authority.Delegated
	}
	return m.inv.NS.Values
}

// leaveParking adds the step before all others: a parking service publishes its own
// records.
func (m *mover) leaveParking(r *Report) {
	service := kit.ParkedBy(m.nameServers(r))
	if service == "" {
		return
	}
	m.put0(r, report.Step{Owner: report.OwnerDNS, Action: report.ActionRun,
		Text: "The name servers of " + r.Domain + " are those of a domain-parking service (" + service + "). You probably cannot publish the records below there. " +
			"If so, first set the domain up at your DNS provider, with the records that are to stay, and then change the name servers at the registrar. Run again after that."})
}

// watchParking asks whether the domain is parked.
func (m *mover) watchParking(r *Report) {
	if r.Parking != "" {
		r.Watch = append(r.Watch, "Is "+r.Domain+" parked? Its records are those of a domain-parking service ("+r.Parking+"), where it has no mailboxes. "+
			"The steps here prepare mailboxes at Microsoft 365. If the domain should stay parked, do not take them.")
	}
}
