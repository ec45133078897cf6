package records

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/nearmiss"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// maxIncludeFindings is how many broken includes of one record are told one by
// one.
const maxIncludeFindings = 8

// judgeIncludes judges terms that lead to nothing that can be used.
func judgeIncludes(f spfFacts) []report.Finding {
	var fs []report.Finding
	told := map[string]bool{}
	f.tree.Walk(func(b *spf.Branch) bool {
		if !b.State.Permanent() && b.State != spf.StateTemp {
			return true
		}
		key := b.Target + "/" + b.Kind.String()
		if told[key] {
			return true
		}
		told[key] = true
		if b.State == spf.StateTemp {
			fs = append(fs, judgeUnanswered(f, b))
		} else {
			fs = append(fs, judgeDead(f, b))
		}
		return len(fs) < maxIncludeFindings
	})
	return fs
}

// judgeUnanswered reports a part of the tree that the DNS did not answer.
func judgeUnanswered(f spfFacts, b *spf.Branch) report.Finding {
	x := kit.Undecided("spf.include", b.Target, b.Err)
	x.Summary = fmt.Sprintf("%s in the record of %s: %s", b.Text, b.Node.Domain, x.Summary)
	if x.Status == report.Unknown {
		x.Summary += "; receivers that see this return temperror and try again later"
	}
	var e *dnsrec.Error
	if errors.As(b.Err, &e) && x.Status == report.Fail && x.Fix != nil && b.Node != f.tree.Root {
		x.Fix.Owner = report.OwnerRemote
	}
	return x
}

// deadWords says what is wrong with a term that makes receivers give up.
func deadWords(b *spf.Branch) (code, what, link string) {
	switch b.State {
	case spf.StateMultiple:
		return "spf.include", fmt.Sprintf("%s has %d SPF records", b.Target, len(b.Child.Records)), "RFC 7208 4.5"
	case spf.StateBroken:
		e := b.Child.Records[0].Faults[0]
		return "spf.include", fmt.Sprintf("the record of %s is broken at %s: %s", b.Target,
			kit.Clip(spf.Visible(e.Term), 60), e.Problem), "RFC 7208 4.6"
	case spf.StateLoop:
		return "spf.loop", "it includes itself (a loop): " + strings.Join(b.Loop, " → "), "RFC 7208 4.6.4"
	case spf.StateManyMX:
		return "spf.mx", fmt.Sprintf("%s has %d MX hosts; mx allows at most %d", b.Target, len(b.Hosts),
			spf.MaxMX), "RFC 7208 4.6.4"
	case spf.StateBadName:
		return "spf.include", fmt.Sprintf("%q is not a valid host name", b.Target), "RFC 7208 5.2"
	}
	what = b.Target + " has no SPF record"
	if b.Child != nil {
		if b.Child.Answer.NXDomain() {
			what = b.Target + " does not exist"
		}
		if n := len(b.Child.Answer.CNAMEs); n > 0 {
			what = b.Target + " is an alias of " + strings.Replace(what, b.Target, b.Child.Answer.CNAMEs[n-1]+", which", 1)
		}
	}
	return "spf.include", what, "RFC 7208 5.2"
}

// judgeDead judges a term that makes receivers answer permerror.
func judgeDead(f spfFacts, b *spf.Branch) report.Finding {
	code, what, link := deadWords(b)
	where := ""
	if b.Node != f.tree.Root {
		where = " (in the record of " + b.Node.Domain + ")"
	}
	if f.free[b.Target] != "" {
		what += ", and " + f.anyoneSends(b)
	}
	x := kit.Find(report.Fail, code, b.Target, "%s%s: %s. Receivers that read it treat the record as an error (permerror)", b.Text,
		where, what)
	if b.Child != nil {
		x.Evidence = append(x.Evidence, spfSeen(b.Child))
	}
	if b.Node != f.tree.Root {
		x.Evidence = append(x.Evidence, report.Evidence{Kind: "answer", Text: strings.Join(b.Path(), " → ")})
	}
	x.Fix = f.deadFix(b, link)
	return x
}

// deadFix returns what to do about a term that makes receivers give up: in the
// domain's own records the term goes, in those of others only their operator
// can act.
func (f spfFacts) deadFix(b *spf.Branch, link string) *report.Fix {
	at := b.Node.Domain
	own := at == f.owned() || f.ours(b.Node)
	if own && meantInclude(b) != "" {
		return f.fix(fmt.Sprintf("Replace %s, which was meant to be %s.", b.Text, meantInclude(b)),
			includeFor(b, meantInclude(b)), link, linkSPFMicrosoft)
	}
	switch terms, odd := spelled(b); {
	case own && terms != "":
		return f.fix(meantTerms(b.Text), []report.Edit{kit.ReplaceTerm(at, b.Text, terms)}, link)
	case own && odd: // it may hold several names
		return f.fix(fmt.Sprintf("Correct %s. Only its author knows which names were meant.", b.Text), nil, link)
	}
	if fix := f.faultyRecord(b, link); fix != nil {
		return fix
	}
	if own {
		return f.absentFix(b, link)
	}
	out := f.leaves(b)
	text := fmt.Sprintf("Only the operator of %s can fix its record: report it to them. Without %s in the record of %s, receivers reject the mail "+
		"of its senders; remove it only if nothing of yours sends through them.", at, out.Text, out.Node.Domain)
	if f.profile.Microsoft && f.onlyWay(b.Path()[0], f.profile.Cloud.SPF) {
		return f.fix(text+fmt.Sprintf(" First add include:%s before it: Microsoft 365 is allowed only by what it includes.", f.profile.Cloud.SPF), nil, link)
	}
	drop := []report.Edit{kit.RemoveTerm(out.Node.Domain, out.Text)}
	fix := f.fix(text, nil, link)
	switch {
	case b.State == spf.StateLoop && authorizesNobody(out):
		return f.fix(fmt.Sprintf("Remove %s from the record of %s: it leads back to itself, and authorizes no sender.", out.Text, out.Node.Domain), drop, link)
	case b.State == spf.StateLoop: // receivers give up there
		fix.Alternatives = onlyIf("if nothing of yours sends through "+out.Text, fmt.Sprintf("Remove %s from the record of %s.", out.Text, out.Node.Domain),
			drop, report.Choice{Label: "if something does", Text: "Keep it, and report the loop to the operator."})
	}
	return fix
}

// authorizesNobody reports whether nothing that an include leads to stands for a
// sender.
func authorizesNobody(b *spf.Branch) bool {
	nobody := b.Child != nil
	sub := spf.Tree{Root: b.Child}
	if nobody {
		sub.Walk(func(c *spf.Branch) bool {
			follows := c.Kind == spf.Include || c.Kind == spf.Redirect
			nobody = c.Kind == spf.All && c.Qualifier != '+' || follows && (c.Child != nil || c.State.Permanent()) || c.State == spf.StateNothing
			return nobody
		})
	}
	return nobody
}

// absentFix returns what to do about a term of the domain's own records that leads
// to nothing which could be used. It authorizes nobody, and may have been meant to.
func (f spfFacts) absentFix(b *spf.Branch, link string) *report.Fix {
	where, at := "", b.Node.Domain
	if chain := b.Node.Answer.CNAMEs; len(chain) > 0 {
		at = chain[len(chain)-1]
	}
	if at != f.owned() {
		where = " from the record of " + at
	}
	drop := []report.Edit{kit.RemoveTerm(at, b.Text)}
	if b.Kind == spf.Redirect { // it was the end of its record
		drop = append(drop, kit.SetAll(at, "~all"))
		where += ", and end the record in ~all"
	}
	text, label, keep := f.whatWasMeant(b)
	if f.free[b.Target] != "" && len(keep.Edits) == 0 {
		return f.freeFix(b)
	}
	if label == "" {
		return f.fix(fmt.Sprintf("Remove %s%s, or correct the name.", b.Text, where), drop, link)
	}
	fix := f.fix(text, nil, link)
	fix.Alternatives = []report.Choice{keep, {Label: "if not", Text: fmt.Sprintf("Remove %s%s.", b.Text, where), Edits: drop}}
	fix.Alternatives[0].Label = label
	if _, s := nearSender(b.Target); f.hosts[b.Target] && s == nil && spf.SenderOf(b.Target) == nil {
		fix.Alternatives = append(fix.Alternatives, f.asHost(b))
	}
	return fix
}

// hostTargets returns the targets of the domain's own includes that have no SPF record, but
// a public address: a: was probably meant.
func (f *spfFacts) hostTargets(k *kit.Known) map[string]bool {
	hosts := map[string]bool{}
	for _, b := range f.ownBranches() {
		if b.State != spf.StateNoRecord || b.Macros() || b.Child == nil || b.Child.Answer.NXDomain() || len(hosts) == maxIncludeFindings {
			continue
		}
		a, ok := k.Need(b.Target, dnsrec.TypeA)
		hosts[b.Target] = ok && a.Err == nil && len(a.Values) > 0 && privateOnly(&hostFacts{a: a.Answer}) == ""
	}
	return hosts
}

// asHost returns the way to write the host itself in the place of an include of it.
func (f spfFacts) asHost(b *spf.Branch) report.Choice {
	a := "a:" + b.Target
	if b.Kind == spf.Include && b.Qualifier != '+' {
		a = string(b.Qualifier) + a
	}
	how := fmt.Sprintf("Replace %s with %s, which allows the addresses of that host.", b.Text, a)
	if b.Node.Domain != f.owned() {
		how += " It is in the record of " + b.Node.Domain + "."
	}
	return report.Choice{Label: fmt.Sprintf("if the server %s itself sends mail for the domain", b.Target), Text: how, Edits: includeFor(b, a)}
}

// whatWasMeant returns what a term without an SPF record behind it may have been
// meant for, which only a person knows; label is empty if there is no sign of it.
func (f spfFacts) whatWasMeant(b *spf.Branch) (text, label string, keep report.Choice) {
	if b.State != spf.StateNoRecord {
		return "", "", keep
	}
	if org, err := publicsuffix.EffectiveTLDPlusOne(f.domain); err == nil && dnsrec.Within(b.Target, org) {
		keep.Text = fmt.Sprintf("Publish a TXT record at %s that lists these servers: v=spf1, one ip4: or ip6: term for each, and -all. Keep %s.", b.Target, b.Text)
		if b.Child != nil && len(b.Child.Answer.CNAMEs) > 0 {
			keep.Text = fmt.Sprintf("%s is an alias (CNAME) for %s, which has no SPF record. Replace the CNAME record with a TXT record that lists these servers, or let it point to the right name. Keep %s.",
				b.Target, b.Child.Answer.CNAMEs[0], b.Text)
		}
		if b.Macros() {
			keep.Text = fmt.Sprintf("Publish the TXT records below %s to which %s leads. Keep %s.", b.Target, b.Text, b.Text)
		}
		return fmt.Sprintf("%s is a name of your own, and has no SPF record: receivers give up at %s.", b.Target, b.Text),
			fmt.Sprintf("if %s is to list servers that send for you", b.Target), keep
	}
	if meant, s := nearSender(b.Target); s != nil && len(f.tree.Reaches(meant)) == 0 {
		keep.Text = fmt.Sprintf("Replace %s with include:%s.", b.Text, meant)
		keep.Edits = includeFor(b, "include:"+meant)
		return fmt.Sprintf("%s has no SPF record. The name is close to %s, which belongs to %s.", b.Target, meant, s.Name),
			fmt.Sprintf("if %s sends for the domain", s.Name), keep
	}
	if s := spf.SenderOf(b.Target); s != nil {
		keep.Text = fmt.Sprintf("Ask %s which include to use, and replace %s with it.", s.Name, b.Text)
		return fmt.Sprintf("%s belongs to %s, and has no SPF record: receivers give up at %s.", b.Target, s.Name, b.Text),
			fmt.Sprintf("if %s sends for the domain", s.Name), keep
	}
	_, what, _ := deadWords(b)
	if internal(b.Target) {
		keep.Text = fmt.Sprintf("Replace %s with one ip4: or ip6: term for each public address of these servers.", b.Text)
		return fmt.Sprintf("%s is a name of an internal network, which receivers cannot look up: they give up at %s.", b.Target, b.Text), "if servers of yours send from there", keep
	}
	keep.Text = fmt.Sprintf("Ask the operator of %s to publish the record again. Until then, receivers give up at %s, and mail may fail SPF.", b.Target, b.Text)
	return fmt.Sprintf("%s: receivers give up at %s. Its operator may publish the record again.", what, b.Text),
		fmt.Sprintf("if something of yours sends through %s", b.Target), keep
}

// nearSender returns the include of a known sender that a name misspells.
func nearSender(name string) (meant string, s *spf.Sender) {
	var known []string
	for _, s := range spf.Senders() {
		known = append(known, s.SPF...)
	}
	if meant, ok := nearmiss.Of(name, known); ok {
		return meant, spf.SenderOf(meant)
	}
	return "", nil
}

// onlyWay reports whether the record leads to a name by one of its terms alone.
func (f spfFacts) onlyWay(term, name string) bool {
	ways := f.tree.Reaches(name)
	return len(ways) > 0 && !slices.ContainsFunc(ways, func(w spf.Reach) bool { return w.Path[0].Text != term })
}

// faultyRecord returns what to do where the name is right and the record behind
// it is at fault: it holds senders, and without the term they would be refused,
// so the term stays. It returns nil if there is no record that could be mended.
func (f spfFacts) faultyRecord(b *spf.Branch, link string) *report.Fix {
	own := dnsrec.Within(b.Target, f.domain)
	faulty := b.State == spf.StateMultiple || b.State == spf.StateBroken
	absent := b.State == spf.StateNoRecord && b.Child != nil && !b.Child.Answer.NXDomain() // the name exists
	text := "Correct the record of %s. Keep %s: without it, receivers reject the senders listed there."
	if absent {
		text = "Publish a valid SPF record at %s. Keep %s: without it, receivers reject the senders meant there."
	}
	switch {
	case !faulty && !(own && absent), absent && f.hosts[b.Target] && len(corrections(b.Child)) == 0:
		return nil
	case own:
		fix := f.fix(fmt.Sprintf(text, b.Target, b.Text), corrections(b.Child), link)
		kit.Behind(b.Child.Answer, f.domain, fix)
		return fix
	}
	out := f.leaves(b)
	return f.fix(fmt.Sprintf("Only the operator of %s can correct its record: report it to them. Without %s in the record of %s, receivers reject "+
		"the mail of its senders; remove it only if nothing of yours sends through them.", b.Target, out.Text, out.Node.Domain), nil, link)
}

// corrections returns the changes that make one valid record of what is at a name;
// none if only its author knows what was meant.
func corrections(n *spf.Node) []report.Edit {
	for _, r := range n.Records {
		if _, whole := mended(r.Text); !whole {
			return nil
		}
	}
	switch {
	case len(n.Records) > 1:
		return append(kit.RepairSPF(n.Domain), kit.MergeSPF(n.Domain))
	case len(n.Records) == 1:
		return kit.RepairSPF(n.Domain)
	}
	for _, txt := range n.Answer.Values {
		if record, whole := mended(txt); whole {
			return []report.Edit{kit.Replace(n.Domain, dnsrec.TypeTXT, txt, record)}
		}
	}
	return nil
}

// mended returns the SPF record that a text was meant to be, and whether it is
// free of faults.
func mended(text string) (record string, whole bool) {
	record, err := spf.Apply(text, spf.RepairSyntax()...)
	if err != nil {
		return "", false
	}
	_, _, err = spf.Parse(record)
	return record, err == nil
}

// repairEdits returns the changes of repairs that take no sender away. Terms that
// lead to nothing are judged one by one.
func repairEdits(name string, repairs []spf.Repair) (edits []report.Edit) {
	for _, r := range repairs {
		switch {
		case r.TakesSender() || r.Kind == spf.RepairDead:
		case twice(r.Branch): // to remove the term would remove both
			edits = append(edits, kit.RepairSPF(name)...)
		case r.Replace != "":
			edits = append(edits, kit.ReplaceTerm(name, r.Branch.Text, r.Replace))
		default:
			edits = append(edits, kit.RemoveTerm(name, r.Branch.Text))
		}
	}
	return edits
}

// twice reports whether a record holds the term of a branch more than once.
func twice(b *spf.Branch) bool {
	n := 0
	for _, o := range b.Node.Branches {
		if strings.EqualFold(o.Term.String(), b.Term.String()) {
			n++
		}
	}
	return n > 1
}

// judgeVoids judges lookups that find nothing.
func judgeVoids(f spfFacts) report.Finding {
	n := f.tree.Voids
	if n == 0 {
		return report.Finding{}
	}
	var terms []string
	f.tree.Walk(func(b *spf.Branch) bool {
		own := b.Voids
		if b.Child != nil {
			for _, c := range b.Child.Branches {
				own -= c.Voids
			}
		}
		if own > 0 && len(terms) < 6 {
			terms = append(terms, kit.Clip(b.Text, 60))
		}
		return true
	})
	names := strings.Join(terms, ", ")
	data := map[string]any{"voids": n, "limit": spf.MaxVoids}
	if n > spf.MaxVoids {
		x := kit.Find(report.Fail, "spf.voids", f.domain,
			"%d lookups find nothing (%s), but only %d are allowed: receivers treat this as an error (permerror)", n, names, spf.MaxVoids)
		x.Evidence = []report.Evidence{{Kind: "rule", Text: "more than two lookups without a " +
			"result are a permanent error", Link: "RFC 7208 4.6.4"}}
		x.Fix, x.Data = f.voidsFix(), data
		return x
	}
	x := kit.Find(report.Info, "spf.voids", f.domain, "%s nothing (%s)", kit.Plural(n, "lookup finds", "lookups find"),
		names)
	if n == spf.MaxVoids {
		x.Status = report.Warn
		x.Summary += "; with one more, receivers treat the record as an error (permerror)"
		x.Fix = f.fix(f.voidText(), f.voidEdits(), "RFC 7208 4.6.4")
	}
	x.Data = data
	return x
}

// voidsFix returns what to do about too many lookups that find nothing.
func (f spfFacts) voidsFix() *report.Fix {
	repairs := f.tree.Plan(f.advice()).Repairs
	return f.fix(f.voidText(), withoutTwice(append(repairEdits(f.owned(), repairs), f.voidEdits()...)), "RFC 7208 4.6.4")
}

// voidText says which terms to remove, and in whose records the others stand.
func (f spfFacts) voidText() string {
	var own, others []string
	f.tree.Walk(func(b *spf.Branch) bool {
		term := fmt.Sprintf("%s in the record of %s", kit.Clip(b.Text, 60), b.Node.Domain)
		switch {
		case b.State != spf.StateNothing || len(own)+len(others) == maxRepairsTold:
		case b.Node == f.tree.Owned() || f.ours(b.Node):
			own = append(own, term)
		default:
			others = append(others, term)
		}
		return true
	})
	var text []string
	if len(own) > 0 {
		text = append(text, fmt.Sprintf("Remove the terms whose lookups find nothing: %s. They allow no sender.", strings.Join(own, ", ")))
	}
	if len(others) > 0 {
		text = append(text, fmt.Sprintf("Only their operators can change %s. Report it to them.", strings.Join(others, ", ")))
	}
	return cmp.Or(strings.Join(text, " "), "Correct the includes that lead to no SPF record.")
}

// voidEdits returns the changes that take out the owner's terms that lead to
// nothing.
func (f spfFacts) voidEdits() (edits []report.Edit) {
	for _, b := range f.ownBranches() {
		if b.State == spf.StateNothing {
			edits = append(edits, kit.RemoveTerm(b.Node.Domain, b.Text))
		}
	}
	return edits
}
