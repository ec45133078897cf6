package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file keeps the servers that an SPF record allows by other records, such as
// those that mx stands for, when these records go.

// prepare keeps servers before people decide about records. It comes before all
// decisions, for these show records as they are after the steps. It reports whether
// there are such steps.
func (m *maker) prepare(list []draft) (kept bool) {
	for _, d := range list {
		if !d.decides() || !d.mayTakeServers() {
			continue
		}
		for i := range d.findings[0].Fix.Alternatives {
			way := d.way(d.alternative(i))
			if way.changesText() || !m.concernsSPF(way) {
				continue
			}
			if moves, after, ok := m.follow(way); ok && m.losesSenders(way, after) {
				kept = m.keep(moves, after) || kept
			}
		}
	}
	return kept
}

// mayTakeServers reports whether one of the alternatives of a decision may take servers
// away without a word: it changes other records than texts.
func (d draft) mayTakeServers() bool {
	return slices.ContainsFunc(d.findings, func(f *report.Finding) bool {
		return slices.ContainsFunc(f.Fix.Alternatives, func(c report.Choice) bool {
			return slices.ContainsFunc(c.Edits, func(e report.Edit) bool { return e.Type != string(dnsrec.TypeTXT) })
		})
	})
}

// concernsSPF reports whether the SPF record may lead to what a draft changes.
func (m *maker) concernsSPF(d draft) bool {
	return m.first.known.ConcernsSPF(mapped(d.sets(), func(s rrset) dnsrec.Change { return dnsrec.Change{Name: s.name, Type: s.typ} }))
}

// tryKeeping makes steps of a draft that takes senders away, behind one that keeps
// them.
func (m *maker) tryKeeping(d draft, moves []move, after world) bool {
	if m.keeping {
		return false
	}
	saved := *m
	saved.steps = slices.Clone(m.steps)
	m.keeping = true
	if m.keep(moves, after) && m.try(d) {
		m.keeping = false
		return true
	}
	*m = saved
	return false
}

// keep writes the servers out that an SPF record allows by records which go in
// moves. It reports whether there is such a step.
func (m *maker) keep(moves []move, after world) bool {
	if slices.ContainsFunc(moves, func(v move) bool { return v.change.Type == dnsrec.TypeTXT }) {
		return false // it says itself whom it takes away
	}
	d, ok := m.written(after)
	if !ok || m.names.foreign(d) {
		return false
	}
	added, ok := d.compose(m.names, m.now.changes)
	if !ok {
		return false
	}
	kept, ok := m.apply(added)
	if !ok || !kept.claims.noWorseThan(m.now.claims, "") || m.losesSenders(d, kept) || m.unusable(kept) {
		return false
	}
	m.now = kept
	for _, v := range added {
		v.step.Caution = v.caution()
		m.put(v.step)
	}
	return true
}

// maxWritten is how many servers are written out.
const maxWritten = 8

// written returns the change of the SPF record that allows the servers itself that
// are lost after changes of other records. ok is false if there are none, or if one
// of them cannot be named.
func (m *maker) written(after world) (d draft, ok bool) {
	was, ok := m.now.known.WholeSPF()
	lost, ok2 := m.now.lost(after, false)
	if !ok || !ok2 {
		return d, false
	}
	var terms, by []string
	for _, s := range lost {
		term, ok := m.termFor(was, s)
		if !ok {
			return d, false
		}
		terms, by = append(terms, term), append(by, s.By.Text)
	}
	terms, by = unique(terms), unique(by)
	if len(terms) == 0 || len(terms) > maxWritten {
		return d, false
	}
	fix := &report.Fix{Owner: report.OwnerDNS, Text: fmt.Sprintf("A later step deletes records through which the SPF record allows servers to send. "+
		"Leave out servers that send no mail. Add %s: %s allows this today.", strings.Join(terms, " and "), strings.Join(by, " and "))}
	for _, t := range terms {
		fix.Edits = append(fix.Edits, kit.AddTerm(was.Owned().Domain, t))
	}
	return draft{[]*report.Finding{{Check: checkSPF, Fix: fix}}}, true
}

// termFor returns the term that allows the network of a sample, which a or mx
// allows now: by its addresses, or by the name of a host that others run and may
// give another address.
func (m *maker) termFor(tree *spf.Tree, s spf.Sample) (term string, ok bool) {
	list, _ := tree.Networks()
	i := slices.IndexFunc(list, func(n spf.Network) bool { return n.Source == s.By && n.Prefix.Contains(s.Addr) })
	if i < 0 || s.By.Kind != spf.A && s.By.Kind != spf.MX || s.By.Open() {
		return "", false
	}
	network := list[i].Prefix
	if hosts := m.now.hostsIn(s.By, network); len(hosts) > 0 && !dnsrec.Within(hosts[0], dmarc.ListOrganizational(m.first.known.Domain)) {
		return "a:" + hosts[0], network.IsSingleIP()
	}
	term = "ip4:"
	if s.Addr.Is6() {
		term = "ip6:"
	}
	if network.IsSingleIP() {
		return term + network.Addr().String(), true
	}
	return term + network.String(), true
}

// inbound reports whether a sample is of hosts that only receive mail.
func (w world) inbound(s spf.Sample) bool {
	receivesOnly := func(hosts []string) bool {
		return len(hosts) > 0 && !slices.ContainsFunc(hosts, func(h string) bool { return !kit.Inbound(h) })
	}
	return s.By.OnlyReceives(kit.Inbound) || s.Addr.IsValid() && receivesOnly(w.hostsIn(s.By, netip.PrefixFrom(s.Addr, s.Addr.BitLen())))
}

// hostsIn returns the hosts of an mx term that have an address in a network.
func (w world) hostsIn(b *spf.Branch, network netip.Prefix) (hosts []string) {
	for _, host := range b.Hosts {
		for _, t := range []dnsrec.Type{dnsrec.TypeA, dnsrec.TypeAAAA} {
			a, _ := w.known.Need(host, t)
			if slices.ContainsFunc(a.Values, func(v string) bool {
				addr, err := netip.ParseAddr(v)
				return err == nil && network.Contains(addr)
			}) {
				hosts = append(hosts, host)
				break
			}
		}
	}
	return hosts
}

// keepers lists the steps that change the SPF record, for a step that deletes other
// records through which it allows servers: these may be written out by then. Hosts
// without an address stand for no server.
func (m *maker) keepers(s *step) (before []int) {
	var gone []dnsrec.Change
	note := func(set report.Set) {
		dead := set.Type == string(dnsrec.TypeMX) && len(living(m.first.known, kit.ReadMXs(set.Remove))) == 0
		if len(set.Remove) > 0 && set.Type != string(dnsrec.TypeTXT) && !dead {
			gone = append(gone, dnsrec.Change{Name: dnsrec.Canonical(set.Name), Type: dnsrec.Type(set.Type)})
		}
	}
	note(report.Set{Name: s.Name, Type: s.Type, Remove: s.Remove})
	for _, set := range s.Sets {
		note(set)
	}
	for _, a := range s.Alternatives {
		for _, set := range a.Sets {
			note(set)
		}
	}
	if len(gone) == 0 || !m.first.known.ConcernsSPF(gone) {
		return nil
	}
	for i := range m.steps {
		o := &m.steps[i].Step
		if o.HasValues() && o.Type == string(dnsrec.TypeTXT) && m.first.known.ConcernsSPF([]dnsrec.Change{{Name: dnsrec.Canonical(o.Name), Type: dnsrec.TypeTXT}}) {
			before = append(before, i)
		}
	}
	return before
}
