package checks

import (
	"cmp"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/checks/mxserver"
	"maildiag/checks/records"
	"maildiag/checks/stable"
	"maildiag/checks/submission"
)

// Known returns all checks, also those that run only when a flag asks for them.
func Known() []kit.Check {
	all := All()
	for _, c := range submission.SMTPChecks(submission.SMTPOptions{From: "postmaster@contoso.com"}) {
		if !slices.ContainsFunc(all, func(have kit.Check) bool { return have.ID == c.ID }) {
			all = append(all, c)
		}
	}
	return append(append(all, mxserver.Checks(mxserver.Options{})...), stable.Check())
}

// Codes returns the pages of all finding codes, complete, in the order of the checks.
func Codes() []kit.CodeDoc {
	pages := slices.Concat(records.Codes(), submission.Codes(), mxserver.Codes(), stable.Codes())
	var all []kit.CodeDoc
	for _, c := range Known() {
		own := slices.Concat(pages, kit.EveryCheck(c))
		for _, p := range own {
			if strings.HasPrefix(p.Code, c.ID+".") {
				p.Why = cmp.Or(p.Why, c.Doc.Why)
				if len(p.Sources) == 0 {
					p.Sources = c.Doc.Sources
				}
				all = append(all, p)
			}
		}
	}
	return all
}
