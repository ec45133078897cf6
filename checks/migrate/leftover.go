package migrate

import (
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// oldServers adds what to do about records that name the servers before the move, or
// that may: they may still send, and only a person knows. after is the world of the
// cut-over.
func (m *mover) oldServers(r *Report, after examined) {
	if m.opts.Hybrid {
		return
	}
	var terms []string
	for _, t := range m.spfTerms(r) {
		if m.namesOld(t) {
			terms = append(terms, t)
		}
	}
	for _, c := range m.inv.Pinned {
		if m.inv.uses(c) {
			continue
		}
		r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Text: "Delete the TLSA record " + c.Name + ", and wait until its TTL has passed. " + pinned}, PhaseKeep)
	}
	if len(terms) > 0 {
		r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Text: "When nothing sends mail from the old server any more, remove " +
			strings.Join(terms, " and ") + " from the SPF record. Remember websites, scanners and applications."}, PhaseKeep)
	}
	if r.From.Kind == FromParking || r.From.Kind == FromTenant || len(m.inv.Old()) == 0 {
		return
	}
	r.askRemnants(slices.DeleteFunc(m.remnants(r, after), func(x Remnant) bool {
		term := x.Name == r.Domain && x.Type == dnsrec.TypeTXT // the others have a note, or a step of the cut-over
		return !term && !strings.Contains(x.Name, "._domainkey.") || term && (slices.Contains(terms, x.Value) || m.ownMX(x.Value))
	}))
}

// pinned is why a TLSA record must not stay longer than its server (RFC 7672 2.1.2).
const pinned = "Do this before you change the certificate or the address of that server, or switch it off: senders that check DANE would not deliver there. " +
	"If the server also receives mail of other domains, keep the record."

// namesOld reports whether a term of the SPF record allows a server that receives
// mail today, by its address, by its network, or by a name of the domain.
func (m *mover) namesOld(term string) bool {
	var old []string
	for _, t := range m.inv.Old() {
		if dnsrec.Within(t.Host, m.env.Domain) {
			for _, a := range m.inv.Hosts[t.Host] {
				old = append(old, a.String())
			}
		}
	}
	kind, arg, named := strings.Cut(term, ":")
	switch {
	case term == "a":
		return share(m.inv.Apex.Values, old)
	case kind == "a" && named:
		host := dnsrec.Canonical(arg)
		return slices.ContainsFunc(m.inv.Old(), func(t kit.MXTarget) bool { return t.Host == host }) ||
			host == m.env.Domain && share(m.inv.Apex.Values, old)
	}
	network, ok := networkOf(term)
	return ok && slices.ContainsFunc(old, func(v string) bool { return network.Contains(netip.MustParseAddr(v)) })
}

// share reports whether two lists of addresses have one in common.
func share(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}

// spfTerms returns the terms of the SPF record as they are at the cut-over, without
// the signs before them.
func (m *mover) spfTerms(r *Report) (terms []string) {
	values := m.inv.TXT.Values
	for _, c := range r.changes(PhaseCutover) {
		if c.Name == r.Domain && c.Type == dnsrec.TypeTXT {
			values = c.Values
		}
	}
	return termsOf(values)
}

// termsOf returns the terms of the SPF records among values, without the signs before
// them.
func termsOf(values []string) (terms []string) {
	for _, v := range values {
		if spf.Ours(v) {
			for t := range strings.FieldsSeq(strings.ToLower(v)) {
				terms = append(terms, strings.TrimPrefix(t, "+"))
			}
		}
	}
	return terms
}

// askMailboxes keeps the condition of a step that takes mail or mail programs away
// from the old mail system: the records do not show whether mailboxes are left there.
// Other phases are a condition themselves.
func (m *mover) askMailboxes(r *Report, i int) {
	s := &r.Plan.Steps[i]
	client := s.ChangesRecords() && only(s.Fixes, []string{"autodiscover.target", "autodiscover.srv"})
	switch {
	case m.changesMX(*s) && s.Action == report.ActionRemove && slices.Contains(s.Fixes, "mx.leftover") &&
		slices.ContainsFunc(s.Remove, func(v string) bool { return !m.inv.dead(kit.ReadMX(v)) }): // a host without an address holds no mailbox
		onlyIf(s, "Decide whether a mailbox is left at the old mail system.", "if no mailbox is left there")
	case !client:
	case m.findsOld() && r.Stage.Moved() && r.Phases[i] == PhaseNow:
		onlyIf(s, "Decide whether all mailboxes are in Microsoft 365: until then, Outlook and phones must find the old server.", "if all mailboxes are there")
	case m.findsOld():
		s.Text = "Do this when all mailboxes are in Microsoft 365: until then, Outlook and phones must find the old server. " + s.Text
	case !r.Stage.Moved() && len(m.inv.Old()) > 0 && r.From.Kind != FromParking && len(m.inv.Autodiscover.CNAMEs) == 0:
		s.Text = "Do this when the mailboxes have moved. " + s.Text
	}
}

// onlyIf makes a decision of a step: no program is to take it before a person has
// answered.
func onlyIf(s *report.Step, question, label string) {
	if !s.HasValues() {
		s.Text = question + " " + s.Text
		return
	}
	s.Alternatives = []report.Alternative{
		{Label: label, Text: s.Text, Caution: s.Caution, Remove: s.Remove, Add: s.Add, Sets: s.Sets},
		{Label: "until then", Text: "Leave the records as they are.", Stay: true},
	}
	s.Action, s.Text, s.Caution, s.Remove, s.Add, s.Sets = report.ActionDecide, question, "", nil, nil, nil
}

// findsOld reports whether mail programs may find an old server by autodiscover: it
// was not meant for Microsoft 365 already.
func (m *mover) findsOld() bool {
	srv := m.inv.AutoSRV.Err == nil && len(m.inv.AutoSRV.Values) > 0
	if alias := m.inv.Autodiscover.CNAMEs; len(alias) > 0 && !srv {
		return !slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool {
			_, near := nearmiss.Of(alias[0], []string{c.Autodiscover})
			return near || alias[0] == c.Autodiscover
		})
	}
	return srv || len(m.inv.Autodiscover.Values) > 0
}
