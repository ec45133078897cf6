package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/mtasts"
	"maildiag/report"
)

// This file keeps changes of MX records back until the MTA-STS policy covers what
// they lead to: senders that have a policy in mode enforce deliver to no other
// host (RFC 8461 5).

// uncovered is the code of the finding that the policy lacks an MX host.
const uncovered = "mtasts.mx"

// readPolicy notes the policy that senders find today.
func (m *maker) readPolicy(k *kit.Known) {
	if _, ok := stsRecord(k); !ok {
		return
	}
	if m.unread = true; k.HTTPS == nil {
		return
	}
	r, ok := k.Get(mtasts.PolicyURL(k.Domain))
	if !ok {
		return
	}
	p, ok := kit.STSPolicy(r)
	switch m.unread = !ok; {
	case ok && p.Mode == mtasts.Enforce:
		m.policy = &p
	case ok:
		m.mild = &p
	}
}

// stsRecord returns the record that says that there is a policy.
func stsRecord(k *kit.Known) (rec mtasts.Record, ok bool) {
	txt, _ := k.Peek(mtasts.RecordName(k.Domain), dnsrec.TypeTXT)
	return mtasts.Announced(txt.Values)
}

// unreadable are the codes of what keeps a policy from being read.
var unreadable = []string{"mtasts.policy", "mtasts.certificate"}

// movesMail returns the hosts that a plan adds by a change of MX records, or where it only takes
// hosts away, those that stay; none if no host that receives mail comes or goes.
func (m *maker) movesMail(v move) (hosts []string) {
	if v.change.Type != dnsrec.TypeMX || v.change.Name != m.first.known.Domain {
		return nil
	}
	was, will := m.hosts(m.first.known.MXTargets()), m.hosts(kit.ReadMXs(v.change.Values))
	for _, h := range will {
		if !slices.Contains(was, h) {
			hosts = append(hosts, h)
		}
	}
	switch {
	case len(was) == 0: // mail is lost today
		return nil
	case len(hosts) > 0 || len(was) == len(will):
		return hosts
	}
	return will
}

// hosts names those of some MX hosts that have an address, each once.
func (m *maker) hosts(targets []kit.MXTarget) (hosts []string) {
	for _, t := range living(m.first.known, targets) {
		if !slices.Contains(hosts, t.Host) {
			hosts = append(hosts, t.Host)
		}
	}
	return hosts
}

// olderPolicy returns what to know before mail moves to other hosts: senders have a
// policy for its max_age, whatever is served today (RFC 8461 3.3, 5.1). wait says until when
// they may have the policy before that of today, if that is known.
func (m *maker) olderPolicy(v move) (caution, wait string) {
	hosts := m.movesMail(v)
	if len(hosts) == 0 || m.policy == nil && m.mild == nil && !m.unread {
		return "", ""
	}
	list := kit.ShortList(hosts, maxAbout)
	if m.mild != nil {
		return m.loosened(list)
	}
	if m.unread {
		return fmt.Sprintf("Senders may still have the MTA-STS policy, which could not be read. If it is in mode enforce and does not list %s, they do not deliver there. "+
			"Before this change, serve a policy that lists %s as well as the hosts of today, or wait until the max_age of the old one has passed.", list, list), ""
	}
	rec, _ := stsRecord(m.first.known)
	since, now := rec.Time(), m.first.known.Now
	until := since.Add(m.policy.MaxAge)
	if until.After(now) && !since.After(now) {
		return "", fmt.Sprintf("Wait until %s, unless the MTA-STS policy before the present one listed %s, too: senders may have it until then (max_age), and deliver late or not at all.",
			until.UTC().Format("2006-01-02 15:04 UTC"), list)
	}
	return fmt.Sprintf("Senders may have the MTA-STS policy before the present one for %s (max_age). If it did not list %s, wait for so long after the change of the policy.",
		kit.Spell(m.policy.MaxAge), list), ""
}

// maxPolicyAge is for how long senders keep a policy at the most. RFC 8461 3.2
const maxPolicyAge = 31557600 * time.Second

// loosened returns what [maker.olderPolicy] does, where the policy of today is not in mode
// enforce: what it was before, and for how long senders have that, does not show. The
// first policies of a domain are in mode testing, too: one that is older than its max_age
// was hardly in mode enforce before.
func (m *maker) loosened(list string) (caution, wait string) {
	rec, _ := stsRecord(m.first.known)
	since, now := rec.Time(), m.first.known.Now
	age := m.mild.MaxAge
	if m.mild.Mode == mtasts.None { // the end of another policy
		age = maxPolicyAge
	}
	switch until := since.Add(age); {
	case since.IsZero(), since.After(now), m.mild.Mode == mtasts.None && until.After(now):
		return fmt.Sprintf("The MTA-STS policy is in mode %s. If it was in mode enforce before and did not list %s, senders may still have that one, and deliver late or not at all: "+
			"wait until its max_age has passed since the change.", m.mild.Mode, list), ""
	case until.After(now):
		return "", fmt.Sprintf("Wait until %s, unless the MTA-STS policy before the present one was not in mode enforce, or listed %s, too: senders may have it until then (max_age), and deliver late or not at all.",
			until.UTC().Format("2006-01-02 15:04 UTC"), list)
	}
	return "", ""
}

// behindOlder adds to a change of MX records what [maker.olderPolicy] says, and returns
// the place of the step that it waits for, if there is one.
func (m *maker) behindOlder(v move) (caution string, waits []int) {
	caution, wait := m.olderPolicy(v)
	if wait != "" {
		waits = append(waits, m.put(step{Step: report.Step{Owner: report.OwnerYou, Action: report.ActionRun, Text: wait}}))
	}
	return caution, waits
}

// readable lists the steps that make the policy readable, for one that moves mail.
func (m *maker) readable(s *step) []int {
	set := rrset{m.first.known.Domain, dnsrec.TypeMX}
	if !m.unread || len(living(m.first.known, m.first.known.MXTargets())) == 0 || !slices.Contains(s.decides, set) && !(s.HasValues() && s.set() == set) {
		return nil
	}
	return m.stepsOf(func(f *report.Finding) bool { return slices.Contains(unreadable, f.Code) })
}

// breaksSTS reports whether a change of MX records adds hosts that the policy does
// not cover, leaves none that it covers where there was one: of all, or of
// Microsoft's, or takes one away before it covers any of Microsoft's that stay.
func (m *maker) breaksSTS(after world, v move) bool {
	if m.policy == nil || v.change.Type != dnsrec.TypeMX || v.change.Name != m.first.known.Domain {
		return false
	}
	was, will := living(m.first.known, kit.ReadMXs(v.now)), living(after.known, kit.ReadMXs(v.change.Values))
	covered := func(t kit.MXTarget) bool { return m.policy.Allows(t.Host) }
	fresh := func(t kit.MXTarget) bool {
		return !covered(t) && !slices.ContainsFunc(was, func(o kit.MXTarget) bool { return o.Host == t.Host })
	}
	none := func(kind func(kit.MXTarget) bool) bool {
		both := func(t kit.MXTarget) bool { return kind(t) && covered(t) }
		return slices.ContainsFunc(was, both) && slices.ContainsFunc(will, kind) && !slices.ContainsFunc(will, both)
	}
	microsoft := func(t kit.MXTarget) bool { return t.Kind == kit.MXMicrosoft }
	gone := func(t kit.MXTarget) bool {
		return covered(t) && !slices.ContainsFunc(will, func(o kit.MXTarget) bool { return o.Host == t.Host })
	}
	early := slices.ContainsFunc(was, gone) && slices.ContainsFunc(will, microsoft) &&
		!slices.ContainsFunc(will, func(t kit.MXTarget) bool { return microsoft(t) && covered(t) })
	return len(was) > 0 && slices.ContainsFunc(will, fresh) || none(receives) || none(microsoft) || early
}

// living returns the MX hosts that have an address, as far as is known.
func living(k *kit.Known, targets []kit.MXTarget) []kit.MXTarget {
	return slices.DeleteFunc(targets, func(t kit.MXTarget) bool { return !alive(k, t) })
}

// behindPolicy returns what to say of a change that the policy does not allow yet,
// and the place of the step that it waits for. ok is false if there is no such
// change in a draft.
func (m *maker) behindPolicy(d draft) (text string, place int, ok bool) {
	if m.policy == nil || m.names.foreign(d) || len(d.sets()) == 0 {
		return "", 0, false
	}
	moves, composed := d.compose(m.names, m.now.changes)
	if !composed {
		return "", 0, false
	}
	after := m.now
	for _, v := range moves {
		after = m.world(v.after(after.changes))
		ok = ok || m.breaksSTS(after, v)
	}
	if !ok {
		return "", 0, false
	}
	return m.policyFirst(after), m.widen(after), true
}

// policyFirst says why a change of MX records waits.
func (m *maker) policyFirst(after world) string {
	var hosts []string
	mx, _ := after.known.Need(after.known.Domain, dnsrec.TypeMX)
	for _, t := range kit.ReadMXs(mx.Values) {
		if receives(t) && !m.policy.Allows(t.Host) {
			hosts = append(hosts, t.Host)
		}
	}
	return fmt.Sprintf("Do not make this change of the MX records yet: the MTA-STS policy (mode enforce) does not list %s, so senders that use MTA-STS could not deliver. "+
		"First change the policy and its id. Wait until the max_age of the old policy has passed (%s). Then run maildiag plan again, which shows the records.",
		kit.ShortList(unique(hosts), maxAbout), kit.Spell(m.policy.MaxAge))
}

// widen adds the steps that make the policy cover the MX hosts of today and those of
// a later world, once for all changes that wait for it. It returns the place of the
// last.
func (m *maker) widen(after world) (place int) {
	find := func(w world) *report.Finding {
		i := slices.IndexFunc(w.findings, func(f *report.Finding) bool { return f.Code == uncovered && f.Status == report.Fail })
		if i < 0 {
			return nil
		}
		return w.findings[i]
	}
	later, f := find(after), find(m.now)
	if f == nil {
		f = later
	}
	if f == nil { // a run without this check
		return m.put(step{Step: report.Step{Owner: report.OwnerYou, Action: report.ActionRun, Text: "Run maildiag plan without --only and --skip: the MTA-STS policy has to change, too."}})
	}
	place = slices.IndexFunc(m.steps, func(s step) bool { return slices.Contains(s.Fixes, uncovered) && len(s.Commands) > 0 })
	if place < 0 {
		s := adviceOf(f)
		s.Text = "Serve this MTA-STS policy: it lists the MX hosts of today and of a later step."
		place = m.put(s)
	}
	if later != nil {
		m.steps[place].Commands = joined(m.steps[place].Commands, later.Fix.Commands)
	}
	return m.renew(f, place)
}

// joined returns the commands that write a policy, with what another policy lists.
func joined(commands, other []string) []string {
	end := slices.IndexFunc(commands, func(c string) bool { return strings.HasPrefix(c, "max_age: ") })
	if end < 0 {
		return commands
	}
	var lines []string
	for _, c := range other {
		if strings.HasPrefix(c, "mx: ") && !slices.Contains(commands, c) {
			lines = append(lines, c)
		}
	}
	return slices.Insert(slices.Clone(commands), end, lines...)
}

// renew adds the step that makes senders fetch a policy which a step serves, and
// returns its place: they look at the id first (RFC 8461 3.1). It is a step
// of its own, for a new id before the new policy makes senders keep the old one.
func (m *maker) renew(f *report.Finding, policy int) (place int) {
	name := mtasts.RecordName(m.first.known.Domain)
	i := slices.IndexFunc(f.Fix.Edits, func(e report.Edit) bool { return setOf(e) == rrset{name, dnsrec.TypeTXT} && e.New != "" })
	if i < 0 || len(f.Fix.Commands) == 0 {
		return policy
	}
	s := step{waits: []int{policy}, Step: report.Step{Owner: report.OwnerDNS, Action: report.ActionRun,
		Text: fmt.Sprintf("When the new policy is served, change the id in the TXT record %s, for example to %s. Each new policy needs a new id.", name, f.Fix.Edits[i].New)}}
	return m.put(s)
}
