package plan

import (
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// close adds what is left to people: what still holds after the changes of
// records, as it is judged then.
func (m *maker) close(list []draft) {
	for _, c := range m.choices(list) {
		m.decide(c)
	}
	for _, d := range list {
		if d.decides() {
			continue
		}
		for _, f := range d.findings {
			m.advise(f)
		}
	}
	for i := range m.steps {
		s := &m.steps[i]
		s.waits = slices.Concat(s.waits, m.keepers(s))
		if s.decidesPolicy() {
			s.waits = slices.Concat(s.waits, m.authentication(), m.stepsOf(func(f *report.Finding) bool { return strings.HasPrefix(f.Code, "dmarc.rua") }))
		}
		s.waits = slices.Concat(s.waits, m.includes(s), m.readable(s), m.targets(i))
	}
	for i := range m.steps {
		s := &m.steps[i]
		s.waits = slices.Concat(s.waits, m.others(i))
		ofOneSet(&s.Step)
		s.urgent = m.restores(s)
		m.tell(s)
		if s.HasValues() { // only what the proof shows
			s.Fixes = slices.DeleteFunc(s.Fixes, func(code string) bool { return m.now.claims.has(code) && !slices.Contains(m.ended, code) })
		}
	}
}

// targets lists the steps about what the two selectors lead to, for one that enables DKIM.
func (m *maker) targets(place int) []int {
	if !m.steps[place].switchesOn() {
		return nil
	}
	ofPair := func(f *report.Finding) bool {
		return f.Check == "dkim" && slices.ContainsFunc(kit.Selectors(), func(sel string) bool {
			return f.Subject == m.first.known.Domain || strings.HasPrefix(f.Subject, sel+keyLabel)
		})
	}
	before := m.stepsOf(func(f *report.Finding) bool { return ofPair(f) && f.Code != "dkim.enabled" })
	return slices.DeleteFunc(before, func(w int) bool { return waitsFor(m.steps, w, place) })
}

// stepsOf lists the steps for some findings.
func (m *maker) stepsOf(some func(*report.Finding) bool) (places []int) {
	wanted := func(s *step, in world) bool {
		return slices.ContainsFunc(in.findings, func(f *report.Finding) bool {
			return asks(f) && some(f) && slices.Contains(s.about, claim{f.Code, f.Subject})
		})
	}
	for i := range m.steps {
		if wanted(&m.steps[i], m.first) || wanted(&m.steps[i], m.now) {
			places = append(places, i)
		}
	}
	return places
}

// includes lists the decisions about the include of a service before those about its
// key: while it may send, its signatures must pass. Where receivers do not read the SPF
// record yet, it may hold the include.
func (m *maker) includes(s *step) (places []int) {
	for _, key := range slices.Concat(m.first.findings, m.now.findings) {
		if key.Code == "dkim.leftover" && slices.Contains(s.about, claim{key.Code, key.Subject}) {
			places = append(places, m.stepsOf(func(f *report.Finding) bool {
				return f.Code == "spf.leftover" && f.Data["sender"] == key.Data["sender"] || f.Code == "spf.order" || slices.Contains(reading, f.Code)
			})...)
		}
	}
	return unique(places)
}

// others lists the steps that change the record which a step without records of its
// own is about, and may be the same that it speaks of. Those that wait for it are left out.
func (m *maker) others(place int) (before []int) {
	s := &m.steps[place]
	if s.Action != report.ActionRun || s.Owner != report.OwnerDNS || len(s.about) == 0 {
		return nil
	}
	set := rrset{m.first.known.Domain, dnsrec.TypeTXT}
	switch s.about[0].check() {
	case checkSPF:
	case "dmarc":
		set.name = dmarc.Name(set.name)
	default:
		return nil
	}
	before, _ = m.touching([]rrset{set})
	return slices.DeleteFunc(before, func(w int) bool { return waitsFor(m.steps, w, place) })
}

// restores reports whether a step gives a domain a mail server that has none which
// exists.
func (m *maker) restores(s *step) bool {
	return s.HasValues() && len(s.Add) > 0 && s.set() == rrset{m.first.known.Domain, dnsrec.TypeMX} && m.deaf()
}

// deaf reports whether the domain has no mail server which exists.
func (m *maker) deaf() bool {
	was, known := m.first.known.Peek(m.first.known.Domain, dnsrec.TypeMX)
	return known && was.Err == nil && len(living(m.first.known, kit.ReadMXs(was.Values))) == 0
}

// onlyGraver reports whether a change that gives a domain a mail server makes what was
// wrong before graver, at the most: from then on, Microsoft 365 receives its mail.
func (m *maker) onlyGraver(d draft, after world) bool {
	set := rrset{m.first.known.Domain, dnsrec.TypeMX}
	if !slices.Equal(d.sets(), []rrset{set}) || !m.deaf() {
		return false
	}
	return after.claims.sureAs(m.now.claims) && !slices.ContainsFunc(after.claims.order, func(at claim) bool {
		return m.now.claims.bad[at] == report.Unset || at.check() == "mx" && after.claims.bad[at] > m.now.claims.bad[at]
	})
}

// decidesPolicy reports whether a step decides about a DMARC policy that may become
// stricter: not one that rejects the domain's own mail today, which is decided first, as
// is whether there is any mail.
func (s *step) decidesPolicy() bool {
	return slices.ContainsFunc(s.decides, ofDMARC) && !slices.Contains(s.Fixes, rejected) &&
		slices.ContainsFunc(s.Fixes, func(code string) bool { return strings.HasPrefix(code, "dmarc.") })
}

// authentication lists the steps without which mail of the domain's own may pass
// neither SPF nor DKIM, and fail a stricter policy: all that repair a signature, and
// those that end a failure of SPF.
func (m *maker) authentication() (places []int) {
	needed := func(code string) bool {
		return code != "dkim.leftover" && slices.ContainsFunc(slices.Concat(m.first.claims.order, m.now.claims.order), func(at claim) bool {
			fails := max(m.first.claims.bad[at], m.now.claims.bad[at]) == report.Fail
			return at.code == code && (at.check() == "dkim" || at.check() == "spf" && fails)
		})
	}
	for i := range m.steps {
		if s := &m.steps[i]; s.switchesOn() || slices.ContainsFunc(s.Fixes, needed) {
			places = append(places, i)
		}
	}
	return places
}

// The bounds of what a step tells about its findings.
const (
	maxAbout     = 3
	maxAboutText = 600 // holds each sentence of ours whole
)

// tell says in a step what is wrong with what: as found at first, or as a change
// brought to light.
func (m *maker) tell(s *step) {
	var told []claim
	worlds := [][]*report.Finding{m.first.findings, m.now.findings}
	if !s.HasValues() { // it comes after the changes
		slices.Reverse(worlds)
	}
	for _, found := range worlds {
		for _, f := range found {
			at := claim{f.Code, f.Subject}
			others := s.about != nil && f.Code != rejected && !slices.Contains(s.about, at)
			if len(told) == maxAbout || others || !asks(f) || !slices.Contains(s.Fixes, f.Code) || slices.Contains(told, at) {
				continue
			}
			told = append(told, at)
			s.About = append(s.About, kit.Clip(f.Statement(), maxAboutText))
		}
	}
}

// left lists what asks for something and no step is for yet.
func (m *maker) left() (fs []*report.Finding) {
	for _, f := range m.now.findings {
		if asks(f) && !slices.Contains(m.ended, f.Code) && !slices.Contains(m.assigned, claim{f.Code, f.Subject}) {
			fs = append(fs, f)
		}
	}
	return fs
}

// advise adds what a finding asks a person to do.
func (m *maker) advise(f *report.Finding) {
	if f.Code == uncovered && slices.ContainsFunc(m.steps, func(s step) bool { return slices.Contains(s.Fixes, uncovered) }) {
		return // a change of MX records waits for the policy
	}
	place := m.put(m.advice(f))
	if f.Check == "mtasts" {
		m.renew(f, place)
	}
}

// advice is what a finding asks a person to do. Records of other owners' zones,
// and answers of wildcard records, are told and not planned.
func (m *maker) advice(f *report.Finding) step {
	s := adviceOf(f)
	if d := (draft{[]*report.Finding{f}}); s.Owner == report.OwnerDNS { // what only shows is run by who can sign in
		if before, behind := d.commands(); len(before) > 0 && len(behind) == 0 {
			before[0].Text = "The next step compares records with the output of the command."
			s.waits, s.Commands = []int{m.put(before[0])}, nil
		}
	}
	d := draft{[]*report.Finding{f}}
	if text, policy, ok := m.behindPolicy(d); ok {
		s.Text, s.waits = text+" "+s.Text, append(s.waits, policy)
	}
	if m.names.foreign(d) {
		var records []string
		for _, e := range f.Fix.Edits {
			if e.Op == "" && e.New != "" {
				records = append(records, e.Name+" "+e.Type+" "+e.New)
			}
		}
		s.Text += " To publish there: " + strings.Join(records, "; ") + "."
	}
	if m.names.unkeepable(d.sets()) {
		s.Text += " " + m.names.unkept[0] + " has its records from a wildcard record, and loses them with the first record at this name or below it. First publish those that it needs."
	} else if aliased := m.names.aliasOf(d.sets()); aliased != "" {
		s.Text += " " + aliased
	}
	if slices.ContainsFunc(d.sets(), m.names.wild) {
		s.Text += " " + fromWildcard + " There is no record of this name to delete: change the wildcard record, or ignore this."
	}
	return s
}
