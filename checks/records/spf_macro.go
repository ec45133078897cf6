package records

import (
	"slices"

	"maildiag/checks/kit"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file keeps what receivers work out for each message from being called a fault:
// only a message shows whom such a term lets pass.

// unclear returns the first term by which mail from Microsoft 365 may pass, and of which
// the DNS does not show whether it does: it has a macro for the local part, the
// connecting address or the HELO name (RFC 7208 7.2), and is not known to be of
// another sender. nil: there is none that receivers come to.
func (f spfFacts) unclear() (term *spf.Branch) {
	if f.discarded() != "" || f.tree.Opens() {
		return nil
	}
	stop := f.tree.Stop()
	f.tree.Walk(func(b *spf.Branch) bool {
		if b.State == spf.StateDynamic && b.Kind != spf.PTR && b.Result() == spf.Pass && !ofOtherSender(b) {
			term = b
		}
		return term == nil && b != stop
	})
	return term
}

// ofOtherSender reports whether a term is of a service that is known not to send mail
// of Microsoft 365.
func ofOtherSender(b *spf.Branch) bool {
	s := senderOfBranch(b)
	if s == nil {
		s = spf.SenderOf(b.Node.Domain)
	}
	return s != nil && !slices.Contains([]spf.SenderKind{spf.SPFHost, spf.Gateway, spf.Signature}, s.Kind)
}

// judgeUnclear judges a record without the cloud's include, some term of which may
// stand for it.
func (f spfFacts) judgeUnclear() report.Finding {
	name, b := f.profile.Cloud.SPF, f.unclear()
	x := kit.Find(report.Warn, "spf.m365", f.domain,
		"include:%s is missing. It is not known whether mail from Microsoft 365 passes SPF: receivers evaluate %s for each message", name, b.Text)
	x.Data = map[string]any{"how": "unknown", "include": name}
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
	add := f.includeFix(name, "", false)
	x.Fix = f.fix("Send a message from Microsoft 365 to a mailbox elsewhere, and read its Authentication-Results header.", nil, linkSPFMicrosoft, "RFC 7208 7.2")
	x.Fix.Alternatives = onlyIf("if the header does not say spf=pass", add.Text, add.Edits,
		report.Choice{Label: "if the header says spf=pass", Text: "Leave the record as it is: " + b.Text + " allows Microsoft 365.", Stay: true})
	if len(add.Alternatives) > 0 { // there is no room, or the domain sends nothing
		x.Fix = add
	}
	return x
}

// judgeOpenMacro judges a term that lets every host pass, such as exists where a
// wildcard record answers: it is as good as +all.
func (f spfFacts) judgeOpenMacro() report.Finding {
	name, term := f.profile.Cloud.SPF, f.sampled[0].Term
	x := kit.Find(report.Warn, "spf.m365", f.domain,
		"include:%s is missing: mail from Microsoft 365 passes SPF only because %s lets every server pass, probably by a wildcard record", name, term)
	x.Evidence = []report.Evidence{{Kind: "answer", Text: stepTexts(f.sampled[0].Path)}}
	x.Data = map[string]any{"how": "missing", "include": name}
	x.Fix = f.fix("Replace "+term+" with include:"+name+" and the terms of your other senders. If the term is needed, publish the names that it asks for where no wildcard record answers.",
		nil, linkSPFMicrosoft, "RFC 7208 7.2", "RFC 4592 2.2.1")
	return x
}
