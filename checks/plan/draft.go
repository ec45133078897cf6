package plan

import (
	"slices"
	"sort"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// draft is what findings ask for that belongs together: of one RRset, or of
// several where one finding asks for changes of more than one; or, without edits,
// what else one finding asks for.
type draft struct{ findings []*report.Finding }

// rrset is the name and type of a set of records.
type rrset struct {
	name string // canonical
	typ  dnsrec.Type
}

func setOf(e report.Edit) rrset { return rrset{dnsrec.Canonical(e.Name), dnsrec.Type(e.Type)} }

// sets lists the RRsets that a draft changes.
func (d draft) sets() (sets []rrset) {
	for _, f := range d.findings {
		for _, e := range f.Fix.Edits {
			if s := setOf(e); !slices.Contains(sets, s) {
				sets = append(sets, s)
			}
		}
	}
	return sets
}

// edits lists what is asked of one RRset.
func (d draft) edits(of rrset) (edits []report.Edit) {
	for _, f := range d.findings {
		for _, e := range f.Fix.Edits {
			if setOf(e) == of {
				edits = append(edits, e)
			}
		}
	}
	return edits
}

// drafts groups findings by the RRsets that they ask to change, in the order in
// which the changes are tried: who may send first, then who receives, then what
// depends on both.
func drafts(findings []*report.Finding) (list []draft) {
	for _, f := range findings {
		if f.Fix == nil || !asks(f) {
			continue
		}
		d := draft{[]*report.Finding{f}}
		switch {
		case len(f.Fix.Alternatives) > 0:
			list, d = extract(list, d, sameChoice)
		case len(f.Fix.Edits) > 0:
			list, d = extract(list, d, sharedSet)
		}
		list = append(list, d)
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].rank() < list[j].rank() })
	return list
}

// extract takes the drafts out of a list that belong to d, and joins them.
func extract(list []draft, d draft, belong func(o, d draft) bool) (rest []draft, joined draft) {
	if !slices.ContainsFunc(list, func(o draft) bool { return belong(o, d) }) {
		return list, d
	}
	for _, o := range list {
		if belong(o, d) {
			joined.findings = append(joined.findings, o.findings...)
		} else {
			rest = append(rest, o)
		}
	}
	joined.findings = append(joined.findings, d.findings...)
	return rest, joined
}

// sharedSet reports whether two drafts change the same RRset.
func sharedSet(o, d draft) bool {
	return !o.decides() && o.anyEdit(func(a report.Edit) bool {
		return d.anyEdit(func(b report.Edit) bool { return a.Type == b.Type && setOf(a) == setOf(b) })
	})
}

// anyEdit reports whether one of the edits of a draft is of a kind.
func (d draft) anyEdit(of func(report.Edit) bool) bool {
	return slices.ContainsFunc(d.findings, func(f *report.Finding) bool { return slices.ContainsFunc(f.Fix.Edits, of) })
}

// sameChoice reports whether two drafts ask to choose between the same.
func sameChoice(o, d draft) bool {
	label := func(c report.Choice) string { return c.Label }
	return o.decides() && slices.Equal(mapped(o.findings[0].Fix.Alternatives, label), mapped(d.findings[0].Fix.Alternatives, label))
}

func mapped[T, U any](list []T, f func(T) U) (out []U) {
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}

// open reports whether a draft is for records whose values are not known: who
// assigns them tells.
func (d draft) open() bool { return d.anyEdit(unvalued) }

// unvalued reports whether an edit names an RRset only: its values are not known.
func unvalued(e report.Edit) bool { return e.Op == "" && e.Old == "" && e.New == "" }

// decides reports whether a draft is a choice that only a person can make.
func (d draft) decides() bool { return len(d.findings[0].Fix.Alternatives) > 0 }

// asks reports whether a finding is something to act on.
func asks(f *report.Finding) bool {
	switch f.Status {
	case report.Fail, report.Warn:
		return true
	case report.Unknown:
		return !f.Optional
	}
	return false
}

// rejected is the code of the finding that receivers reject the domain's own mail
// today: what ends that comes first.
const rejected = "dmarc.m365"

// rank orders drafts.
func (d draft) rank() int {
	order := []string{"spf", "dkim", "mx", "autodiscover", "dmarc"}
	switch i := slices.Index(order, d.findings[0].Check); {
	case d.below():
		return -2
	case slices.ContainsFunc(d.findings, func(f *report.Finding) bool { return f.Code == rejected }):
		return -1
	case d.decides():
		return len(order) + 1
	case len(d.sets()) == 0:
		return len(order) + 2
	case i >= 0:
		return i
	}
	return len(order)
}

// codes lists the codes of the findings.
func (d draft) codes() (codes []string) {
	for _, f := range d.findings {
		codes = append(codes, f.Code)
	}
	return unique(codes)
}

// claims lists what the findings say of what.
func (d draft) claims() []claim {
	return mapped(d.findings, func(f *report.Finding) claim { return claim{f.Code, f.Subject} })
}

// parts lists what to try, the most first: all, what failures ask for, and what
// each finding asks for, the gravest first.
func (d draft) parts() []draft {
	parts := []draft{d}
	fails := d.only(func(f *report.Finding) bool { return f.Status == report.Fail })
	if n := len(fails.findings); n > 1 && n < len(d.findings) {
		parts = append(parts, fails)
	}
	if len(d.findings) < 2 {
		return parts
	}
	single := slices.Clone(d.findings)
	slices.SortStableFunc(single, func(a, b *report.Finding) int { return int(b.Status) - int(a.Status) })
	for _, f := range single {
		parts = append(parts, draft{[]*report.Finding{f}})
	}
	return parts
}

// only returns what the findings of a kind ask for.
func (d draft) only(kind func(*report.Finding) bool) draft {
	n := 0
	for _, f := range d.findings {
		if kind(f) {
			n++
		}
	}
	switch n {
	case 0:
		return draft{}
	case len(d.findings):
		return d
	}
	some := make([]*report.Finding, 0, n)
	for _, f := range d.findings {
		if kind(f) {
			some = append(some, f)
		}
	}
	return draft{some}
}

// useful returns the part of a draft that a change ends, or makes milder.
func (d draft) useful(before, after world) draft {
	return d.only(func(f *report.Finding) bool {
		at := claim{f.Code, f.Subject}
		return after.claims.bad[at] < before.claims.bad[at]
	})
}

// without returns the draft without what a part of it asks for.
func (d draft) without(part draft) draft {
	return d.only(func(f *report.Finding) bool { return !slices.Contains(part.findings, f) })
}

// adviceOf is what a finding asks a person to do where no change of records can
// be proven.
func adviceOf(f *report.Finding) step {
	s := step{Step: report.Step{Owner: f.Fix.Owner, Action: report.ActionRun, Text: f.Fix.Text, Commands: f.Fix.Commands,
		Fixes: []string{f.Code}}, about: []claim{{f.Code, f.Subject}}}
	if s.Owner == "" {
		s.Owner = report.OwnerYou
	}
	if s.Text == "" {
		s.Text = f.Summary
	}
	return s
}

// commands are the steps in Exchange PowerShell that a change of records waits
// for, and those that wait for it: what only shows is run before, what switches
// something on behind.
func (d draft) commands() (before, behind []step) {
	for _, f := range d.findings {
		var show, change []string
		for _, c := range f.Fix.Commands {
			switch {
			case strings.HasPrefix(c, "Get-") || strings.HasPrefix(c, "New-"):
				show = append(show, c)
			case strings.Contains(c, "-"):
				change = append(change, c)
			}
		}
		if len(show) > 0 {
			before = append(before, run(show, "Compare the records of the next steps with the output of the command.", nil))
		}
		if len(change) > 0 {
			behind = append(behind, run(change, switchOn(change), f))
		}
	}
	return before, behind
}

// endedByCommand is the code of a finding that shows as soon as the records are
// right, and that the command which waits for them ends: DKIM is published, but
// not switched on.
func (d draft) endedByCommand() string {
	_, behind := d.commands()
	if slices.ContainsFunc(behind, func(s step) bool { return s.switchesOn() }) {
		return "dkim.enabled"
	}
	return ""
}

// switchOn says what commands are for that wait for records.
func switchOn(commands []string) string {
	if kit.EnablesDKIM(commands) {
		return kit.WhenVisible
	}
	return "Run this when the records of the steps before are visible in the DNS."
}

// run is a step in Exchange PowerShell, for a finding that it ends; nil if it ends none.
func run(commands []string, text string, ends *report.Finding) step {
	s := step{Step: report.Step{Owner: report.OwnerM365, Action: report.ActionRun, Commands: commands, Text: text}}
	if ends != nil {
		s.Fixes, s.about = []string{ends.Code}, []claim{{ends.Code, ends.Subject}}
	}
	return s
}
