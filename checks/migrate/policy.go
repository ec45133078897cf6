package migrate

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/records"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// policy is the MTA-STS policy that senders find today; false: there is none, or it
// could not be read.
func (m *mover) policy() (p mtasts.Policy, ok bool) {
	if !m.announced() {
		return p, false
	}
	p, ok = m.served()
	return p, ok && p.Mode != mtasts.None
}

// announced reports whether a record says that there is a policy.
func (m *mover) announced() bool {
	_, ok := mtasts.Announced(m.inv.MTASTS.Values)
	return ok
}

// served is the policy that a web server sends, if senders accept it.
func (m *mover) served() (mtasts.Policy, bool) {
	return kit.STSPolicy(m.env.HTTPS(m.ctx, mtasts.PolicyURL(m.env.Domain)))
}

// newHosts returns the MX hosts that receive mail from the cut-over on.
func (m *mover) newHosts(r *Report) (hosts []kit.MXTarget) {
	if s, ok := m.moveMX(r); ok && !r.Stage.Moved() {
		hosts = kit.ReadMXs(append(slices.Clone(s.Keep), s.Add...))
		hosts = slices.DeleteFunc(hosts, func(t kit.MXTarget) bool { return !isMicrosoft(t) })
	}
	return hosts
}

// widen makes a step that publishes a policy list all that it must list: the hosts
// of today, those of the cut-over, and what the policy of today lists. Senders have
// old MX records and old policies for as long as they may keep them (RFC 8461 8.1).
func (m *mover) widen(r *Report, s *report.Step) {
	at := slices.IndexFunc(s.Commands, func(c string) bool { return strings.HasPrefix(c, "max_age: ") })
	first := slices.IndexFunc(s.Commands, func(c string) bool { return strings.HasPrefix(c, "mx: ") })
	if at < 0 || first < 0 {
		return
	}
	var p mtasts.Policy
	for _, c := range s.Commands {
		if mx, ok := strings.CutPrefix(c, "mx: "); ok {
			p.MX = append(p.MX, mx)
		}
	}
	n := len(p.MX)
	if today, ok := m.policy(); ok {
		p.MX = unique(append(p.MX, today.MX...))
	}
	for _, t := range slices.Concat(slices.DeleteFunc(slices.Clone(m.inv.Targets), func(t kit.MXTarget) bool { return !receives(t) }), m.newHosts(r)) {
		if !p.Allows(t.Host) {
			p.MX = append(p.MX, patternOf(t))
		}
	}
	var lines []string
	for _, mx := range p.MX[n:] {
		lines = append(lines, "mx: "+mx)
	}
	s.Commands = slices.Insert(slices.Clone(s.Commands), at, lines...)
	if slices.Contains(s.Fixes, "mtasts.mx") && !r.Stage.Moved() {
		s.Text = "Serve this policy, which lists both the old mail servers and those of Microsoft 365. Then change the id in the TXT record " +
			mtasts.RecordName(r.Domain) + ". Senders may keep the old policy until its max_age has passed."
	}
}

// patternOf returns the pattern of a policy for a host. The hosts of Microsoft 365
// change below their zone.
func patternOf(t kit.MXTarget) string {
	if _, zone, ok := strings.Cut(t.Host, "."); ok && isMicrosoft(t) {
		return "*." + zone
	}
	return t.Host
}

// narrow adds the step that takes the old servers out of the policy when nothing
// is under way to them any more. It also notes how long senders may keep a policy
// that does not list the new servers.
func (m *mover) narrow(r *Report) {
	p, ok := m.policy()
	hosts := m.newHosts(r)
	if !ok {
		m.unreadPolicy(r, len(hosts) > 0)
		return
	}
	if p.Mode == mtasts.Enforce && !r.Stage.Moved() {
		switch {
		case slices.ContainsFunc(hosts, func(t kit.MXTarget) bool { return !p.Allows(t.Host) }):
			r.policyAge = p.MaxAge
		case len(hosts) > 0:
			m.olderPolicy(r, p)
		}
	}
	for _, t := range m.inv.Targets {
		if isMicrosoft(t) || r.Stays || r.Stage.Moved() {
			hosts = append(hosts, t)
		}
	}
	old := func(pattern string) bool {
		return !slices.ContainsFunc(hosts, func(t kit.MXTarget) bool { return mtasts.Match(pattern, t.Host) }) && !ofMicrosoft(pattern)
	}
	if len(hosts) == 0 || m.opts.Hybrid || !slices.ContainsFunc(p.MX, old) {
		return
	}
	p.MX = slices.DeleteFunc(p.MX, old)
	for _, t := range hosts {
		if !p.Allows(t.Host) {
			p.MX = append(p.MX, patternOf(t))
		}
	}
	r.put(report.Step{Owner: records.OwnerWeb, Action: report.ActionRun, Commands: records.WritePolicy(p), Fixes: []string{"mtasts.unused"},
		Text: "Take the old mail servers out of the MTA-STS policy, then change the id in the TXT record " + mtasts.RecordName(r.Domain) + "."}, PhaseKeep)
}

// olderPolicy notes until when senders may have the policy before the one of today,
// which may not list the new servers: they keep it for its max_age, whatever the
// policy of today says (RFC 8461 3.2). Only an id that is a time, or the user, says
// since when a policy is served.
func (m *mover) olderPolicy(r *Report, p mtasts.Policy) {
	since, given := m.opts.Since, !m.opts.Since.IsZero()
	for _, v := range m.inv.MTASTS.Values {
		if record, ours, err := mtasts.Parse(v); ours && err == nil && !given {
			since = record.Time()
		}
	}
	until := since.Add(p.MaxAge)
	text := fmt.Sprintf("Senders may keep the MTA-STS policy before this one for %s (max_age): they would not deliver to Microsoft 365", kit.Spell(p.MaxAge))
	switch {
	case until.After(r.Now):
		r.policyUntil = until
		r.policyWhy = &Reason{Code: "time.policy", Text: text + ". Wait until " + until.UTC().Format("2006-01-02 15:04 UTC")}
	case !given:
		r.policyWhy = &Reason{Code: "time.policy", Unknown: true, Text: text +
			". The records do not show since when the policy lists Microsoft 365. Give the day with --policy-since YYYY-MM-DD"}
	}
}

// unreadPolicy notes that senders may have a policy which could not be read: they apply
// it for its max_age, whether they can fetch it again or not (RFC 8461 3.3).
func (m *mover) unreadPolicy(r *Report, moves bool) {
	if !moves || r.Stage.Moved() || !m.announced() {
		return
	}
	if _, ok := m.served(); ok {
		return
	}
	r.policyWhy = &Reason{Code: "time.policy", Unknown: true, Text: "The MTA-STS policy could not be read, and senders may still have it. " +
		"If it is in mode enforce and does not list Microsoft 365, they do not deliver there. Serve a policy that does, or wait until the max_age of the old one has passed"}
}

// ofMicrosoft reports whether a pattern stands for hosts of a cloud.
func ofMicrosoft(pattern string) bool {
	return slices.ContainsFunc(kit.Clouds(), func(c kit.Cloud) bool {
		return kit.HasSuffix("x."+strings.TrimPrefix(pattern, "*."), c.MX)
	})
}
