package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// This file is about the tags that RFC 9989 took away.

// judgeRemoved judges the tags that RFC 9989 took away.
func judgeRemoved(f dmarcFacts) []report.Finding {
	t := &f.res.Tree
	rec := t.Record
	tags := removedTags(rec)
	if len(tags) == 0 {
		return nil
	}
	x := kit.Find(report.Info, "dmarc.removed", f.domain, "%s: removed from DMARC in 2026, and without effect",
		strings.Join(tags, ", "))
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Remove it with the next change of the record.",
		Links: []string{"RFC 9989 A.6", "RFC 7489 6.6.4"}}
	for _, tag := range tags {
		x.Fix.Edits = append(x.Fix.Edits, kit.RemoveTag(f.at(), tag))
	}
	if rec.Pct != nil && *rec.Pct < fullPercent && t.Declared != dmarc.None {
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("pct=%d: receivers that implement RFC 9989 apply %s to all mail that fails; older "+
			"receivers apply %s", *rec.Pct, t.Policy, sampled(t.Declared, *rec.Pct))
		x.Fix.Text = "Decide whether the policy should apply to all mail."
		x.Fix.Alternatives = f.withoutPercent(x.Fix.Edits)
		x.Fix.Edits = nil
		if f.sampledTrial() && !f.keyed { // the same decision
			x.Fix = f.trialFix()
		}
	}
	return []report.Finding{x}
}

// sampledTrial reports whether the domain's own policy is on trial in both ways: by t=y, and
// by pct= of RFC 7489.
func (f dmarcFacts) sampledTrial() bool {
	t := &f.res.Tree
	rec := t.Record
	return t.At == f.domain && rec.Testing() && t.Policy != t.Declared && t.Declared != dmarc.None && rec.Pct != nil && *rec.Pct < fullPercent
}

// removedTags lists the tags of a record that RFC 9989 took away.
func removedTags(rec *dmarc.Record) (tags []string) {
	if rec.Pct != nil {
		tags = append(tags, "pct")
	}
	if rec.RF != "" {
		tags = append(tags, "rf")
	}
	if rec.RI != "" {
		tags = append(tags, "ri")
	}
	return tags
}

// sampled says what older receivers do with mail that fails: what is not in the
// sample gets the next lower policy (RFC 7489 6.6.4).
func sampled(p dmarc.Policy, percent int) string {
	if percent == 0 {
		return fmt.Sprintf("%s to all of it", p.Lower())
	}
	return fmt.Sprintf("%s to %d%% of it and %s to the rest", p, percent, p.Lower())
}

// withoutPercent returns the ways out of a policy for a part of the mail. The
// second one raises the policy for no receiver: one level lower is what RFC 9989
// applies under t=y (RFC 9989 4.7), and at most what RFC 7489 6.6.4 applies.
func (f dmarcFacts) withoutPercent(remove []report.Edit) []report.Choice {
	t := &f.res.Tree
	lower := append(slices.Clone(remove), kit.RemoveTag(f.at(), "t"))
	for _, o := range []struct {
		tag    string
		policy dmarc.Policy
	}{{"p", t.Record.P}, {"sp", t.Record.SP}, {"np", t.Record.NP}} {
		if o.policy.Strength() > 0 {
			lower = append(lower, kit.SetTag(f.at(), o.tag, string(o.policy.Lower())))
		}
	}
	before, others := sampled(t.Declared, *t.Record.Pct), ""
	for _, e := range lower {
		if tag, _, _ := strings.Cut(e.New, "="); tag == "sp" || tag == "np" {
			others += " The record then says " + e.New + "."
		}
	}
	return []report.Choice{
		{Label: "if all your senders pass DMARC", Edits: remove,
			Text: fmt.Sprintf("Remove pct=: older receivers then apply %s to all mail that fails (today: %s). Receivers that implement "+
				"RFC 9989 still apply %s.", t.Declared, before, t.Policy)},
		{Label: "if you are not sure yet", Edits: lower,
			Text: fmt.Sprintf("Replace pct= with a policy one level lower: all receivers then apply %s to mail that fails (today: older "+
				"receivers apply %s; receivers that implement RFC 9989 apply %s).", t.Declared.Lower(), before, t.Policy) + others},
	}
}
