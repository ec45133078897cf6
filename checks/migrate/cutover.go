package migrate

import (
	"fmt"
	"slices"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// lowerTTL adds the steps that lower the TTL of what the cut-over changes.
func (m *mover) lowerTTL(r *Report) {
	first := 0
	for first < len(r.Plan.Steps) && only(r.Plan.Steps[first].Fixes, lost) { // mail is lost today
		first++
	}
	for _, set := range m.replaced(r) {
		ttl, ok := zoneTTL(r.Authority, set)
		if !ok {
			ttl = leftOf(r, set)
		}
		if ttl <= highTTL {
			continue
		}
		n := r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun,
			Text: fmt.Sprintf("Lower the TTL of the %s record %s from %d to %d seconds. Then wait until the old TTL has passed before you cut over.",
				set.Type, set.Name+".", int(ttl/time.Second), int(lowTTL/time.Second))}, PhaseNow)
		r.place(n, first) // nothing else takes as long
		first++
	}
}

// replaced returns the RRsets that exist and that the cut-over replaces.
func (m *mover) replaced(r *Report) (sets []dnsrec.Query) {
	for _, s := range m.cutover(r) {
		if len(s.Remove) > 0 {
			sets = append(sets, dnsrec.Q(s.Name, dnsrec.Type(s.Type)))
		}
	}
	return sets
}

// cutover returns the steps of the cut-over: one change a record set, all to be
// made together.
func (m *mover) cutover(r *Report) (steps []report.Step) {
	if s, ok := m.moveMX(r); ok && r.From.Kind != FromTenant { // between tenants, see tenantSteps
		steps = append(steps, s)
	}
	if !m.opts.Hybrid {
		steps = append(steps, m.redirect(r)...)
		steps = append(steps, m.moveAutodiscover(r)...)
	}
	return steps
}

// redirect is the change in a filter that stays: its MX records do, and where it
// delivers to is a setting of its own.
func (m *mover) redirect(r *Report) []report.Step {
	i := slices.IndexFunc(m.inv.Targets, m.meant)
	if i < 0 {
		return nil
	}
	to := "the host that the admin center shows (Settings > Domains > " + r.Domain + " > DNS records)"
	if r.MX.Exists() {
		to = r.MX.Host
	}
	return []report.Step{{Owner: report.OwnerYou, Action: report.ActionRun,
		Text: "In the mail filter (" + m.inv.Targets[i].Host + "), change the server that it delivers mail for " + r.Domain + " to: " + to +
			". Do this when the mailboxes are in sync. The MX records stay as they are."}}
}

// replaceMX is the change from one host of Microsoft 365 to the one that the user
// gave: that of the new tenant, or of DNSSEC.
func (m *mover) replaceMX(r *Report) (report.Step, bool) {
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionChange, Name: r.Domain + ".", Type: string(dnsrec.TypeMX),
		TTL: int(lowTTL / time.Second), Add: []string{"0 " + kit.FQDN(r.MX.Host)}, Fixes: []string{"mx.host"},
		Text: "The MX record does not name the host that you gave. Publish it when the admin center that shows it lists the domain as set up: " +
			"a tenant that does not have the domain rejects its mail."}
	for _, t := range m.inv.Targets {
		switch {
		case t.Host == r.MX.Host:
			return s, false
		case t.Microsoft():
			s.Remove = append(s.Remove, t.String())
		default:
			s.Keep = append(s.Keep, t.String())
		}
	}
	return s, r.MX.Source == "given" && r.MX.Exists() && len(s.Remove) > 0
}

// respell is the change from a misspelt host of Microsoft 365 to the one that is
// meant. If that does not exist, the step of the checks says what to do.
func (m *mover) respell(r *Report) (report.Step, bool) {
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionChange, Name: r.Domain + ".", Type: string(dnsrec.TypeMX),
		TTL: int(lowTTL / time.Second), Fixes: []string{"mx.suffix"},
		Text: "End the name in a dot, or type it as the admin center shows it: your DNS provider adds the domain to a name without one."}
	for _, t := range m.inv.Targets {
		switch {
		case m.inv.misspelt(t) && slices.Contains(m.inv.Gone, meantHost(t, r.Domain)):
			return s, false
		case m.inv.misspelt(t):
			s.Remove = append(s.Remove, t.String())
			s.Add = append(s.Add, fmt.Sprintf("%d %s", t.Preference, kit.FQDN(meantHost(t, r.Domain))))
			if t.Kind == kit.MXMisspelled {
				s.Fixes, s.Text = []string{"mx.misspelled"}, "Correct the name of the host: mail does not reach Microsoft 365. Compare it with the admin center "+
					"(Settings > Domains > "+r.Domain+" > DNS records)."
			}
		default:
			s.Keep = append(s.Keep, t.String())
		}
	}
	return s, len(s.Remove) > 0
}

// moveMX is the change of the MX records; false: there is nothing to change. A
// filter, or a server of one's own, that stays keeps its records.
func (m *mover) moveMX(r *Report) (report.Step, bool) {
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: r.Domain + ".", Type: string(dnsrec.TypeMX),
		TTL: int(lowTTL / time.Second), Fixes: []string{"mx.m365"},
		Text: "Mail arrives at Microsoft 365 from now on. Do this when the mailboxes are in sync."}
	if slices.ContainsFunc(m.inv.Targets, m.meant) {
		return s, false
	}
	there := slices.ContainsFunc(m.inv.Targets, func(t kit.MXTarget) bool { return isMicrosoft(t) && !m.givesWay(r, t) })
	s.Keep, s.Remove = m.splitMX(r)
	s.Fixes = append(s.Fixes, m.oddHosts(r)...)
	switch {
	case there && len(s.Remove) == 0:
		return s, false
	case there:
		s.Action = report.ActionRemove
	case m.inv.MX.Err != nil || !r.MX.Exists():
		instead := ""
		if len(s.Remove) > 0 {
			s.Action, instead = report.ActionChange, " instead of the others"
		}
		record := "that the admin center shows (Settings > Domains > " + r.Domain + " > DNS records)"
		if r.MX.Source == "given" && r.From.Kind == FromTenant {
			record = "0 " + kit.FQDN(r.MX.Host) + " as soon as that host has an address"
		}
		s.Text = "Publish the MX record " + record + instead + ". " + s.Text
	default:
		s.Add = []string{"0 " + kit.FQDN(r.MX.Host)}
		if len(s.Remove) > 0 {
			s.Action = report.ActionChange
		}
		if r.MX.Source == "derived" {
			s.Caution = r.MX.Host + " exists. Compare it with the admin center (Settings > Domains > " + r.Domain + " > DNS records) before you publish it."
		}
		if label := r.otherLabel(); label != "" {
			s.Caution = label
		}
	}
	return s, true
}

// oddHosts returns the codes that are about hosts of Microsoft 365 which the cut-over
// takes away.
func (m *mover) oddHosts(r *Report) (codes []string) {
	for _, t := range m.inv.Targets {
		if !m.givesWay(r, t) {
			continue
		}
		if otherLabel(r.Domain, t) != "" {
			codes = append(codes, "mx.label")
		}
		if t.Cloud.SPF != r.Cloud.SPF {
			codes = append(codes, "mx.cloud")
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// otherLabel returns the warning of an MX host that has the label of another domain; "":
// it does not, or the label cannot be known.
func otherLabel(domain string, t kit.MXTarget) string {
	if !isMicrosoft(t) || t.Cloud == nil || t.Cloud.TenantMX || !kit.TokenSure(domain) || t.Label() == kit.MXToken(domain) {
		return ""
	}
	return t.Host + " has the label of another domain (expected " + kit.MXToken(domain) + "): if that domain is not in the same tenant, mail is rejected. " +
		"Compare it with the admin center (Settings > Domains > " + domain + " > DNS records) before the cut-over."
}

// otherLabel warns of the label of the MX host of the cut-over.
func (r *Report) otherLabel() string { return otherLabel(r.Domain, kit.ReadMX("0 "+r.MX.Host)) }

// givesWay reports whether the cut-over takes a host of Microsoft 365 out of the MX
// records: the user gave another one, or it is a host of the old tenant, which rejects
// the mail of a domain that it no longer has.
func (m *mover) givesWay(r *Report, t kit.MXTarget) bool {
	switch tenant := r.From.Kind == FromTenant; {
	case !isMicrosoft(t) || t.Host == r.MX.Host:
		return false
	case r.MX.Source == "given":
		return tenant || r.MX.Exists()
	default:
		return tenant && (t.Cloud.TenantMX || t.Cloud.SPF != r.Cloud.SPF || otherLabel(r.Domain, t) != "")
	}
}

// splitMX returns the MX records that stay at the cut-over, and those that go.
func (m *mover) splitMX(r *Report) (keep, remove []string) {
	for _, t := range m.inv.Targets {
		if has(m.dropped, t) {
			continue
		}
		if isMicrosoft(t) && !m.givesWay(r, t) || t.Kind == kit.MXVerify {
			keep = append(keep, t.String())
		} else {
			remove = append(remove, t.String())
		}
	}
	return keep, remove
}

// moveAutodiscover returns the changes that make autodiscover an alias, which
// stands alone at its name (RFC 1034 3.6.2).
func (m *mover) moveAutodiscover(r *Report) (steps []report.Step) {
	now, name := m.inv.Autodiscover, "autodiscover."+r.Domain
	want := r.Cloud.Autodiscover + "."
	if now.Err != nil || m.inv.AutodiscoverAtMicrosoft(r.Cloud) {
		return nil
	}
	if other := r.Cloud.Other; other != nil {
		return []report.Step{{Owner: report.OwnerDNS, Action: report.ActionRun, Fixes: []string{"autodiscover.target"},
			Text: fmt.Sprintf("Publish the CNAME record of %s that the admin center shows (%s in GCC High, %s in DoD), instead of the records of that name.",
				name, r.Cloud.Autodiscover, other.Autodiscover)}}
	}
	alias := report.Step{Owner: report.OwnerDNS, Action: report.ActionAdd, Name: name + ".", Type: string(dnsrec.TypeCNAME), Add: []string{want},
		TTL: int(lowTTL / time.Second), Text: "Outlook and phones find their mailbox at Microsoft 365.", Fixes: []string{"autodiscover.target"}}
	if wild := sameData(now, m.inv.Wildcard); len(now.CNAMEs) > 0 && !wild {
		alias.Action, alias.Remove = report.ActionChange, []string{now.CNAMEs[0] + "."}
	} else if !wild {
		steps = append(steps, removal(name, dnsrec.TypeA, now.Values)...)
		if m.inv.AutoAAAA.Err == nil {
			steps = append(steps, removal(name, dnsrec.TypeAAAA, m.inv.AutoAAAA.Values)...)
		}
	}
	steps = append(steps, alias)
	if srv := m.inv.AutoSRV; srv.Err == nil && len(srv.CNAMEs) == 0 {
		for _, s := range removal(srv.Name, dnsrec.TypeSRV, srv.Values) {
			s.Text, s.Fixes = "Outlook would still find the old server through this record.", []string{"autodiscover.srv"}
			steps = append(steps, s)
		}
	}
	return steps
}

// removal is the removal of an RRset, if there is one.
func removal(name string, t dnsrec.Type, values []string) []report.Step {
	if len(values) == 0 {
		return nil
	}
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionRemove, Name: name + ".", Type: string(t),
		Text: "Make room for the CNAME record: no other record may be at its name.", Fixes: []string{"autodiscover.target"}}
	for _, v := range values {
		if t == dnsrec.TypeSRV {
			v = kit.FQDN(v)
		}
		s.Remove = append(s.Remove, v)
	}
	return []report.Step{s}
}
