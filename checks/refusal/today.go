package refusal

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/refusal/replies"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// today sees whether records that changed since the refusal have removed its
// cause. Then it says so, and what is left is a warning: the next message is
// not refused for it.
func today(row *replies.Row, from string, fs []report.Finding) []report.Finding {
	if f := soleTopic(row, fs); f != nil && f.Status == report.Pass {
		f.Summary = "today: " + f.Summary + noLonger
		return fs
	}
	why := gone(row, from, fs)
	if why == "" {
		return fs
	}
	fs = slices.DeleteFunc(fs, func(f report.Finding) bool { // what it says already, and what nobody needs any more
		return f.Code == "explain.spf" && f.Status == report.Pass || f.Status == report.Unknown && f.Cause == report.CauseInput
	})
	for i := range fs {
		if fs[i].Status == report.Fail && named(fs[i].Code, "explain.spf", "explain.dkim", "explain.dmarc", "explain.alignment") {
			fs[i].Status = report.Warn
		}
	}
	return append([]report.Finding{kit.Find(report.Pass, "explain.today", from, "today: %s", why+noLonger)}, fs...)
}

const noLonger = "; this is no longer the cause"

// soleTopic returns the finding that alone decides about the cause of a row,
// nil if several do.
func soleTopic(row *replies.Row, fs []report.Finding) *report.Finding {
	switch row.Confirm {
	case replies.ConfirmSPF:
		return found(fs, "explain.spf")
	case replies.ConfirmPTR:
		return found(fs, "explain.ptr")
	}
	return nil
}

// gone returns why the policy that a row names refuses nothing any more, "" if
// it may.
func gone(row *replies.Row, from string, fs []report.Finding) string {
	policy := found(fs, "explain.dmarc")
	switch {
	case policy == nil || !byPolicy(row):
		return ""
	case policy.Status == report.Fail:
		return from + " has no DMARC policy, so receivers reject nothing for it"
	case policy.Data["policy"] == string(dmarc.None):
		return fmt.Sprintf("the DMARC policy of %s is none, so receivers reject nothing for it", from)
	}
	spf, aligned := found(fs, "explain.spf"), found(fs, "explain.alignment")
	if spf == nil || aligned == nil || spf.Status != report.Pass {
		return ""
	}
	if list, ok := aligned.Data["aligned"].([]string); ok && slices.ContainsFunc(list, func(id string) bool { return strings.HasPrefix(id, "SPF ") }) {
		return spf.Summary + ", and is aligned with From"
	}
	return ""
}

// byPolicy reports whether a row says that the sender's own DMARC policy asked
// for the refusal.
func byPolicy(row *replies.Row) bool {
	_, name, _ := strings.Cut(row.ID, ".")
	return named(name, "dmarc", "dmarc-reject", "dmarc-alignment")
}

// about reports whether a finding of ours is about the cause that a row names,
// and not beside it: a row about a missing record is not confirmed by one that
// is there.
func about(row *replies.Row, code string) bool {
	_, name, _ := strings.Cut(row.ID, ".")
	switch name {
	case "dmarc-missing":
		return code == "explain.dmarc"
	case "alignment":
		return named(code, "explain.alignment", "explain.dkim")
	}
	return true
}

func named(s string, list ...string) bool { return slices.Contains(list, s) }

func found(fs []report.Finding, code string) *report.Finding {
	if i := slices.IndexFunc(fs, func(f report.Finding) bool { return f.Code == code }); i >= 0 {
		return &fs[i]
	}
	return nil
}
