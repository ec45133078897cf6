package migrate

import (
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// ownMX reports whether a term allows the servers of the domain's own MX records.
func (m *mover) ownMX(term string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(term, "+~?"), "/")
	return name == "mx" || name == "mx:"+m.env.Domain
}

// movesMX reports whether only mx among terms of the SPF record allows servers that
// the cut-over takes out of the MX records, though those of Microsoft 365 are among
// them today. The checks see the same where they are not.
func (m *mover) movesMX(r *Report, terms []string) bool {
	filters := slices.ContainsFunc(m.inv.Targets, func(t kit.MXTarget) bool { return t.Kind == kit.MXGateway })
	wide := func(t string) bool { return m.ownMX(t) && strings.Contains(t, "/") } // their neighbors as well
	return !r.Stage.Moved() && !m.opts.Hybrid && !filters && len(m.inv.Old()) > 0 && slices.ContainsFunc(m.inv.Targets, isMicrosoft) &&
		(slices.ContainsFunc(terms, wide) || slices.ContainsFunc(terms, m.ownMX) && !m.coversOld(terms))
}

// coversOld reports whether every address of the old servers is known, and allowed by
// something else than mx.
func (m *mover) coversOld(terms []string) bool {
	var networks []netip.Prefix
	for _, t := range terms {
		if p, ok := networkOf(t); ok {
			networks = append(networks, p)
		}
	}
	if m.inv.SPF != nil {
		today, _ := m.inv.SPF.Networks()
		for _, n := range today {
			if n.Result == spf.Pass && !n.Source.Open() && n.Source.Kind != spf.MX && n.Source.Kind != spf.IP4 && n.Source.Kind != spf.IP6 {
				networks = append(networks, n.Prefix)
			}
		}
	}
	return !slices.ContainsFunc(m.inv.Old(), func(t kit.MXTarget) bool {
		own, known := m.inv.Hosts[t.Host]
		return !known || slices.ContainsFunc(own, func(a netip.Addr) bool {
			return !slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
		})
	})
}

// networkOf returns the addresses of a term ip4 or ip6 that lets them pass.
func networkOf(term string) (p netip.Prefix, ok bool) {
	kind, arg, _ := strings.Cut(term, ":")
	if kind != "ip4" && kind != "ip6" {
		return p, false
	}
	if a, err := netip.ParseAddr(arg); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(arg)
	return p, err == nil
}

// writeOut keeps the servers that mx in the SPF record allows today: their addresses
// take its place. A step that adds them already is the one; otherwise a person has to
// say which of them send.
func (m *mover) writeOut(r *Report) {
	if !m.movesMX(r, termsOf(m.inv.TXT.Values)) || r.mentions([]string{"spf.cutover"}) {
		return
	}
	for i := range r.Plan.Steps {
		s := &r.Plan.Steps[i]
		if r.Phases[i] == PhaseNow && s.Type == string(dnsrec.TypeTXT) && dnsrec.Canonical(s.Name) == r.Domain && !m.movesMX(r, termsOf(m.withoutMX(s.Add))) &&
			m.coversOld(termsOf(s.Add)) {
			s.Add, s.Fixes = m.withoutMX(s.Add), append(slices.Clone(s.Fixes), "spf.cutover")
			s.Text += " The addresses replace mx: from the cut-over on, it no longer allows these servers."
			return
		}
	}
	r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Fixes: []string{"spf.cutover"},
		Text: "If the servers of the other MX records still send mail after the cut-over, replace mx in the SPF record with their addresses. " +
			"If not, remove the term."}, PhaseNow)
}

// withoutMX takes the terms that let the domain's own MX hosts pass out of SPF records.
func (m *mover) withoutMX(values []string) (out []string) {
	for _, v := range values {
		if spf.Ours(v) {
			v = strings.Join(slices.DeleteFunc(strings.Fields(v), func(t string) bool {
				t = strings.TrimPrefix(strings.ToLower(t), "+")
				return t == "mx" || t == "mx:"+m.env.Domain
			}), " ")
		}
		out = append(out, v)
	}
	return out
}
