// Package stable compares several answers to the same DNS question.
package stable

import (
	"fmt"
	"strings"
	"time"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/report"
)

// Check returns the row that compares the samples of each answer of a run. It is
// for a world whose resolver is a [dnsrec.Sampler].
func Check() kit.Check {
	return kit.Check{ID: "stable", Title: "STABILITY", Last: true, Doc: doc, Run: func(k *kit.Known) []report.Finding {
		return judge(k.Domain, k.Asked())
	}}
}

var doc = kit.Doc{
	Means: "Whether the resolver gives the same records each time. Each question of the run was asked several times. The order of " +
		"records, their TTL and changing addresses of a name make no difference.",
	Why: "If answers change, the other checks judge one of them by chance, and mail may depend on the other.",
	Fix: "Run maildiag consistency DOMAIN. If the name servers have different records, correct them. Otherwise, caches of the " +
		"resolver hold old records until their TTL has passed.",
	Sources: []string{"RFC 2181 5"},
}

// Codes returns the pages of the codes of the check.
func Codes() []kit.CodeDoc {
	return []kit.CodeDoc{{
		Code:  "stable.answers",
		Means: "Whether each answer of the run was the same in all lookups of --stable N.",
		Wrong: "A resolver with several caches shows old and new records in turn until the old TTL has passed: that ends by itself.",
		Fix:   "Run maildiag consistency DOMAIN, and correct name servers that have other records.",
	}}
}

// judge compares the samples of answers.
func judge(domain string, answers []dnsrec.Answer) []report.Finding {
	var unstable []dnsrec.Answer
	var names []string
	rotating := 0
	for _, a := range answers {
		switch {
		case len(a.Others) == 0:
		case rotates(a):
			rotating++
		default:
			unstable, names = append(unstable, a), append(names, a.Query.String())
		}
	}
	x := kit.Find(report.Pass, "stable.answers", domain, "%d answers are the same in each lookup", len(answers))
	x.Data = map[string]any{"answers": len(answers), "unstable": len(unstable), "rotating": rotating}
	if rotating > 0 {
		x.Summary += fmt.Sprintf("; the addresses of %d names change, as load balancing does", rotating)
	}
	if len(unstable) == 0 {
		return []report.Finding{x}
	}
	x.Status, x.Cause = report.Unknown, report.CauseResolver
	x.Summary = fmt.Sprintf("%d of %d answers change from one lookup to the next, so other findings can be wrong: %s",
		len(unstable), len(answers), kit.ShortList(names, 3))
	x.Data["questions"] = strings.Join(names[:min(len(names), maxUnstable)], ", ")
	var wait time.Duration
	for _, a := range unstable[:min(len(unstable), maxUnstable)] {
		for _, version := range append([]dnsrec.Answer{a}, a.Others...) {
			x.Evidence = append(x.Evidence, kit.Seen(version))
			wait = max(wait, version.TTL)
		}
	}
	x.Fix = &report.Fix{Owner: report.OwnerYou, Links: []string{"RFC 2181 5"},
		Text: fmt.Sprintf("Run maildiag consistency %s. If the name servers have different records, correct them. Otherwise, the "+
			"resolver's caches hold an old version: run again in %s, or with another resolver (--resolver).", domain, max(wait, time.Minute).Round(time.Second))}
	return []report.Finding{x}
}

// maxUnstable is how many answers that change are shown.
const maxUnstable = 5

// rotates reports whether the versions of an answer are addresses, at least one in
// each: hosts with many servers answer with some of them in turn.
func rotates(a dnsrec.Answer) bool {
	for _, version := range append([]dnsrec.Answer{a}, a.Others...) {
		if a.Type != dnsrec.TypeA && a.Type != dnsrec.TypeAAAA || len(version.Values) == 0 {
			return false
		}
	}
	return true
}
