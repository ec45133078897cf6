package records

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file keeps domains silent that receive mail and publish that they send none:
// only their owners know whether they should.

// sendsNone reports whether the SPF record says that the domain sends no mail: -all
// and nothing else. Terms behind all show another intent.
func (f spfFacts) sendsNone() bool {
	if f.profile.Begins {
		return false
	}
	n := f.tree.Root
	for len(n.Branches) == 1 && n.Branches[0].Kind == spf.Redirect && n.Branches[0].Child != nil {
		n = n.Branches[0].Child
	}
	return len(n.Records) > 0 && !slices.ContainsFunc(n.Records, func(r *spf.Record) bool {
		terms := slices.DeleteFunc(slices.Clone(r.Terms), func(t spf.Term) bool { return t.Kind.Modifier() })
		return len(terms) != 1 || !kit.NamesNoSender(r.Text, false)
	})
}

// ifItSends makes decisions of what findings ask for, where the domain says that it
// sends no mail: it needs DKIM only if it does.
func (f dkimFacts) ifItSends(fs []report.Finding) []report.Finding {
	for i := range fs {
		x := fs[i].Fix
		if !f.silent || x == nil || len(x.Alternatives) > 0 || !kit.EnablesDKIM(x.Commands) {
			continue
		}
		how := "Publish the CNAME records of DKIM, and enable it: " + showDKIM(f.domain) + "; " + kit.EnableDKIM(f.domain)
		x.Alternatives = ifItSends(f.domain, how, "DKIM is not needed either.", x.Edits...)
		x.Text, x.Edits, x.Commands = sendQuestion(f.domain), nil, nil
	}
	return fs
}

// sendQuestion asks what ifItSends leaves open.
func sendQuestion(domain string) string {
	return "Decide whether " + domain + " sends mail: its SPF record says that it sends none."
}

// ifItSends returns the alternatives for a domain that receives mail and publishes
// that it sends none.
func ifItSends(domain, how, otherwise string, edits ...report.Edit) []report.Choice {
	return []report.Choice{
		{Label: "if " + domain + " sends mail", Text: how, Edits: edits},
		{Label: "if " + domain + " only receives mail", Text: otherwise},
	}
}
