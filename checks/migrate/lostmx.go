package migrate

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// lost are the findings about an MX record by which no mail arrives.
var lost = []string{"mx.address", "mx.unreachable", "mx.literal", "mx.name", "mx.host"}

// loses reports whether no mail arrives by an MX record of the mail system of today,
// and why.
func (m *mover) loses(t kit.MXTarget, now examined) (why string, ok bool) {
	if t.Microsoft() || m.inv.misspelt(t) || t.Kind == kit.MXNull || t.Kind == kit.MXVerify {
		return "", false
	}
	for _, f := range now.findings {
		if f.Subject == t.Host && slices.Contains(lost, f.Code) && (f.Status == report.Fail || f.Status == report.Warn) {
			return f.Statement(), true
		}
	}
	return t.Host + " has no address: no mail can be delivered there", m.inv.dead(t)
}

// repairMX adds what to do before the cut-over about MX records by which no mail
// arrives. Those that others stand in for are deleted: nothing is lost with them. Of
// a private address, only a person knows who uses it.
func (m *mover) repairMX(r *Report, now examined) {
	if r.Stage.Moved() {
		return
	}
	var whys, private []string
	var gone []kit.MXTarget
	living := 0
	for _, t := range m.inv.Targets {
		why, bad := m.loses(t, now)
		switch {
		case bad && found(now, "mx.unreachable", t.Host):
			private = append(private, why)
		case bad:
			whys, gone = append(whys, why), append(gone, t)
		case receives(t):
			living++
		}
	}
	r.discard("mx.address", "mx.unreachable")
	switch {
	case living == 0 && len(gone)+len(private) > 0:
		text := " Mail to " + r.Domain + " is not delivered today: senders return it. If the mail server still runs, publish its public address, or name the right host in the MX record."
		if !r.Stays {
			text += " If it no longer runs, cut over as soon as the mailboxes at Microsoft 365 are ready."
		}
		m.put0(r, report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Fixes: []string{"mx.address"}, Text: sentences(append(whys, private...)) + text})
		return
	case len(gone) > 0:
		m.dropped = gone
		m.put0(r, m.dropMX(r, whys))
	}
	if len(private) > 0 {
		m.put0(r, report.Step{Owner: report.OwnerDNS, Action: report.ActionRun, Fixes: []string{"mx.unreachable"}, Text: sentences(private) +
			" Mail is delayed until senders try the other MX hosts. Publish the public address of this server, or delete its MX record."})
	}
}

// dropMX is the step that deletes MX records by which no mail arrives.
func (m *mover) dropMX(r *Report, whys []string) report.Step {
	s := report.Step{Owner: report.OwnerDNS, Action: report.ActionRemove, Name: r.Domain + ".", Type: string(dnsrec.TypeMX), Fixes: []string{"mx.address"},
		Text: sentences(whys) + " Mail is delayed until senders try the other MX hosts. Delete the record. " +
			"If that server should still receive mail, publish its address instead."}
	for _, t := range m.inv.Targets {
		if has(m.dropped, t) {
			s.Remove = append(s.Remove, t.String())
		} else {
			s.Keep = append(s.Keep, t.String())
		}
	}
	return s
}

// sentences makes a text of statements.
func sentences(list []string) string { return strings.Join(list, ". ") + "." }

// put0 adds a step that comes before all others.
func (m *mover) put0(r *Report, s report.Step) { r.place(r.put(s, PhaseNow), 0) }

// discard takes the steps out that are about nothing but these codes.
func (r *Report) discard(codes ...string) {
	for i := len(r.Plan.Steps) - 1; i >= 0; i-- {
		if only(r.Plan.Steps[i].Fixes, codes) {
			r.drop(i)
		}
	}
}
