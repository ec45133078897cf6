package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// This file is about the records that the domain's owner edits, and about terms
// in them that were meant to be the include of a cloud.

// ours reports whether the domain's owner edits the record in which a term
// stands: the domain's own, or one at a name below it.
func (f spfFacts) ours(n *spf.Node) bool {
	return len(n.Records) == 1 && (n == f.tree.Owned() || dnsrec.Within(n.Domain, f.domain))
}

// ownBranches lists the terms of the records that the domain's owner edits, those
// of the domain itself first.
func (f spfFacts) ownBranches() (list []*spf.Branch) {
	list = slices.Clone(f.tree.Owned().Branches)
	f.tree.Walk(func(b *spf.Branch) bool {
		if b.Node != f.tree.Owned() && f.ours(b.Node) {
			list = append(list, b)
		}
		return true
	})
	return list
}

// leaves returns the term of the domain's own records by which a receiver leaves
// them on its way to b: b itself if it stands in one of them.
func (f spfFacts) leaves(b *spf.Branch) *spf.Branch {
	for b.Node.Parent != nil && !f.ours(b.Node) {
		b = b.Node.Parent
	}
	return b
}

// meantInclude returns the include of a Microsoft cloud that a term was meant to
// be, which misspells its name, has another of its hosts, or the wrong mechanism;
// "" if there is none.
func meantInclude(b *spf.Branch) string {
	name := dnsrec.Canonical(b.Domain)
	if name == "" || b.Macros() {
		return ""
	}
	var known []string
	for _, c := range kit.Clouds() {
		switch right := b.Kind == spf.Include || b.Kind == spf.Redirect; {
		case name == c.SPF && right:
			return ""
		case name == c.SPF || strings.HasSuffix(c.SPF, "."+name) && strings.Count(name, ".") > 1, hostOf(c, name):
			return "include:" + c.SPF
		}
		if !slices.Contains(known, c.SPF) {
			known = append(known, c.SPF)
		}
	}
	if meant, ok := nearmiss.Of(name, known); ok {
		return "include:" + meant
	}
	switch m := kit.ReadMX("0 " + name); m.Kind {
	case kit.MXSuffixed, kit.MXMisspelled:
		return "include:" + m.Cloud.SPF
	case kit.MXRetired: // the ones older than Exchange Online, such as spf.messaging.microsoft.com
		return "include:" + kit.Clouds()[0].SPF
	}
	return ""
}

// hostOf reports whether a name is that of a host of a cloud which publishes no
// SPF record: of mail, autodiscover or submission.
func hostOf(c kit.Cloud, name string) bool {
	return kit.HasSuffix("x."+name, c.MX) || name == c.Autodiscover || name == c.Submission
}

// wrongInclude returns the change that writes the include of a cloud in the place
// of a term that was meant to be it, and says so; how is empty if there is none.
func (f spfFacts) wrongInclude(name string) (edits []report.Edit, saved int, how string) {
	for _, b := range f.ownBranches() {
		switch {
		case meantInclude(b) == "include:"+name:
			how = fmt.Sprintf("Replace %s, which was meant to be include:%s.", b.Text, name)
		case b.Kind == spf.Include && b.Target == kit.RoutingSPF:
			how = fmt.Sprintf("Replace %s, which lists other servers, with include:%s.", b.Text, name)
		default:
			continue
		}
		if b.Node != f.tree.Owned() {
			how += " It is in the record of " + b.Node.Domain + "."
		}
		edits, saved = append(edits, includeFor(b, "include:"+name)...), saved+b.Total
	}
	return edits, saved, how
}

// includeFor returns the changes that write an include in the place of a term. A
// redirect was the end of its record, which then needs another one.
func includeFor(b *spf.Branch, include string) []report.Edit {
	edits := []report.Edit{kit.ReplaceTerm(b.Node.Domain, b.Text, include)}
	if b.Kind == spf.Redirect {
		edits = append(edits, kit.SetAll(b.Node.Domain, "~all"))
	}
	return edits
}

// openTerms lists the terms of the domain's own records by which everyone may
// send.
func (f spfFacts) openTerms() (own []*spf.Branch) {
	for _, b := range f.tree.Everyone() {
		if f.ours(b.Node) || b.Node == f.tree.Owned() {
			own = append(own, b)
		}
	}
	return own
}

// closed returns the changes that keep terms from letting everyone send. Who
// really sends by them is not known, so the domain's record then ends in ~all.
func (f spfFacts) closed(open []*spf.Branch) []report.Edit {
	edits := []report.Edit{kit.SetAll(f.owned(), "~all")}
	if cloud := f.unread(); cloud != nil { // nothing else lets it pass
		edits = append(edits, kit.AddFirst(f.owned(), "include:"+f.profile.Cloud.SPF))
	}
	for _, b := range open {
		edit := kit.RemoveTerm(b.Node.Domain, b.Text)
		if b.Kind == spf.All {
			edit = kit.SetAll(b.Node.Domain, "~all")
		}
		if !slices.Contains(edits, edit) {
			edits = append(edits, edit)
		}
	}
	for _, r := range f.tree.Owned().Records {
		for _, i := range r.Lint() {
			if i.Code == spf.IssuePrivate {
				edits = append(edits, kit.RemoveTerm(f.owned(), i.Term.Text))
			}
		}
	}
	return edits
}

func meantTerms(term string) string {
	return fmt.Sprintf("Replace %s with the terms that were meant.", term)
}

// spelled returns the terms that a term of a record was meant to be, where its
// name holds what no name can (odd); "" if they are not known.
func spelled(b *spf.Branch) (terms string, odd bool) {
	rec, _, _ := spf.Parse("v=spf1 " + b.Text)
	for _, i := range rec.Lint() {
		if i.Code == spf.IssueName {
			return i.Hint, true
		}
	}
	if b.State != spf.StateNoRecord || b.Child == nil || !b.Child.Answer.NXDomain() {
		return "", false
	}
	top := b.Target[strings.LastIndexByte(b.Target, '.')+1:]
	for _, glued := range []string{"mx", "ptr", "a"} { // "include:example.commx"
		rest, ok := strings.CutSuffix(strings.ToLower(b.Text), glued)
		if _, _, err := spf.Parse("v=spf1 " + rest); ok && err == nil && len(top) > len(glued)+1 {
			return b.Text[:len(rest)] + " " + b.Text[len(rest):], true
		}
	}
	return "", false
}
