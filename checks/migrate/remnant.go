package migrate

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dkim"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// Remnant is a record that names the mail system before the move, or may name it.
// DNS does not show what still uses it: only a person knows.
type Remnant struct {
	Name  string      `json:"name"`
	Type  dnsrec.Type `json:"type"`
	Value string      `json:"value"` // a term of the SPF record, or the first value of the record
}

// remnants lists the records that no check has found, and that may still name the
// mail system before the move.
func (m *mover) remnants(r *Report, now examined) (list []Remnant) {
	if m.opts.Hybrid {
		return nil
	}
	for _, t := range m.spfTerms(r) {
		if m.mayNameOld(t, now) {
			list = append(list, Remnant{r.Domain, dnsrec.TypeTXT, t})
		}
	}
	for _, c := range slices.Concat(m.inv.Clients, m.inv.Pinned) {
		if !m.inv.uses(c) && !slices.ContainsFunc(c.Answer.CNAMEs, func(t string) bool { return kit.CloudOfServer(t) != nil }) {
			list = append(list, remnantOf(c.Name, c.Type, c.Answer))
		}
	}
	for _, s := range m.inv.Selectors {
		if name := dkim.Name(s.Name, r.Domain); !s.Microsoft && !m.signsForOthers(s) && !found(now, "dkim.leftover", name) && !r.repairs(s.Name, name) {
			list = append(list, remnantOf(name, dnsrec.TypeTXT, s.Answer))
		}
	}
	for _, v := range m.inv.WildcardMX.Values {
		if t := kit.ReadMX(v); receives(t) && !isMicrosoft(t) && !m.meant(t) {
			list = append(list, Remnant{"*." + r.Domain, dnsrec.TypeMX, v})
		}
	}
	_, filtered := m.front()
	for _, t := range m.inv.Old() {
		if t.Kind == kit.MXGateway && !m.meant(t) && !filtered {
			list = append(list, Remnant{r.Domain, dnsrec.TypeMX, t.String()})
		}
	}
	return slices.DeleteFunc(list, m.kept)
}

// remnantOf returns the record that is published at a name: an alias, or the first
// of its values.
func remnantOf(name string, t dnsrec.Type, a kit.Answer) Remnant {
	switch {
	case len(a.CNAMEs) > 0:
		return Remnant{name, dnsrec.TypeCNAME, a.CNAMEs[0]}
	case len(a.Values) > 0:
		return Remnant{name, t, a.Values[0]}
	}
	return Remnant{Name: name, Type: t}
}

// found reports whether the checks say something of a name.
func found(x examined, code, name string) bool {
	return slices.ContainsFunc(x.findings, func(f report.Finding) bool { return f.Code == code && f.Subject == name })
}

// repairs reports whether a step is about one of the selectors that Microsoft 365
// signs with: what stands there is corrected or decided about, not left over.
func (r *Report) repairs(selector, name string) bool {
	return slices.Contains(kit.Selectors(), selector) && slices.ContainsFunc(r.Plan.Steps, func(s report.Step) bool {
		return dnsrec.Canonical(s.Name) == name || slices.Contains(s.Fixes, "dkim."+selector) ||
			slices.ContainsFunc(s.About, func(why string) bool { return strings.Contains(why, name) })
	})
}

// kept reports whether the user says that a record has nothing to do with the mail
// system before the move.
func (m *mover) kept(x Remnant) bool {
	selector, _, _ := strings.Cut(x.Name, "._domainkey.")
	return slices.ContainsFunc(m.opts.Keep, func(k string) bool {
		k = strings.TrimPrefix(dnsrec.Canonical(k), "+")
		return k == x.Value || x.Type != dnsrec.TypeTXT && k == x.Name || selector != x.Name && (k == selector || k == x.Name)
	})
}

// mayNameOld reports whether a term of the SPF record allows servers of which the
// records do not show whose they are.
func (m *mover) mayNameOld(term string, now examined) bool {
	kind, arg, _ := strings.Cut(strings.Replace(term, "redirect=", "redirect:", 1), ":")
	kind, _, _ = strings.Cut(kind, "/")
	switch kind {
	case "ip4", "ip6", "ptr", "exists", "mx", "a":
		return arg == "" || !m.ofFilter(arg)
	case "include", "redirect":
	default: // the version, all, or a term that allows nobody
		return false
	}
	s := spf.SenderOf(arg)
	switch {
	case slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool { return c.SPF == arg }) || m.ofFilter(arg) || dnsrec.Within(arg, m.env.Domain):
		return false
	case s == nil:
		return true
	case s.Kind == spf.Mailbox:
		return !slices.ContainsFunc(now.findings, func(f report.Finding) bool { return f.Code == "spf.leftover" && f.Data["sender"] == s.Name })
	}
	return kind == "redirect" || s.Kind == spf.Hosting || s.Kind == spf.Gateway
}

// keepsTerm reports whether a step only takes a term out of an SPF record of which the
// user says that it stays.
func (m *mover) keepsTerm(s report.Step) bool {
	holds := func(records []string, term string) bool {
		return slices.ContainsFunc(records, func(r string) bool { return slices.Contains(strings.Fields(r), term) })
	}
	return only(s.Fixes, []string{"spf.leftover"}) && slices.ContainsFunc(m.opts.Keep, func(k string) bool {
		return holds(s.Remove, k) && !holds(s.Add, k)
	})
}

// ofFilter reports whether a host is of the operator of a filter that stays.
func (m *mover) ofFilter(host string) bool {
	return slices.ContainsFunc(m.env.Gateways, func(g string) bool { return registered(dnsrec.Canonical(g)) == registered(host) })
}

// signsForOthers reports whether a selector is one of a service that sends for the
// domain and that has no mailboxes: a move leaves it alone.
func (m *mover) signsForOthers(s Selector) bool {
	services, _ := m.inv.Senders()
	return slices.ContainsFunc(spf.Senders(), func(o spf.Sender) bool {
		if o.Kind == spf.Mailbox || o.Kind == spf.Hosting || o.Kind == spf.Gateway {
			return false
		}
		return slices.Contains(o.Selectors, s.Name) && slices.Contains(services, o.Name) ||
			slices.ContainsFunc(s.Answer.CNAMEs, func(t string) bool { of := spf.SenderOf(t); return of != nil && of.Name == o.Name })
	})
}

// askRemnants adds the steps that delete what names the old mail system. They have
// no values: a person has to say which of the records those are.
func (r *Report) askRemnants(list []Remnant) {
	var terms, records []string
	for _, x := range list {
		if x.Name == r.Domain && x.Type == dnsrec.TypeTXT {
			terms = append(terms, x.Value)
		} else {
			records = append(records, x.Name+" "+string(x.Type))
		}
	}
	if len(terms) > 0 {
		text := "Find out which of these terms of the SPF record belong to the old mail system: " + strings.Join(terms, ", ") + ". DNS does not show it. " +
			"Remove them once nothing sends mail from there any more. Remember websites, scanners and applications. " + keepHint(terms[0])
		if slices.Contains(terms, "mx") && r.Stage.Moved() {
			text += " Since the MX change, mx allows the servers of Microsoft 365, which the include allows already. It no longer allows the old server."
		}
		r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Text: text}, PhaseKeep)
	}
	if len(records) > 0 {
		name, _, _ := strings.Cut(records[0], " ")
		text := "Find out which of these records belong to the old mail system: " + strings.Join(records, ", ") + ". DNS does not show it. " +
			"Delete them once no program, device or sender uses them any more. "
		if strings.Contains(text, "._domainkey.") {
			text += "Delete a DKIM key a week after the last message that it signed. "
		}
		text += keepHint(name)
		if slices.ContainsFunc(list, func(x Remnant) bool { return x.Type == dnsrec.TypeTLSA }) {
			text += " First delete the TLSA records. " + pinned
		}
		r.put(report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Text: text}, PhaseKeep)
	}
}

// keepHint says how to take a term or a record that stays out of the list.
func keepHint(what string) string {
	return "If one of them stays, leave it out of this list with --keep (for example, --keep " + what + ")."
}
