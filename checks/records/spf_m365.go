package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// judgeSPFCloud judges whether Microsoft's servers may send for the domain.
func judgeSPFCloud(f spfFacts) []report.Finding {
	if !f.profile.Microsoft || f.profile.Parked {
		return nil
	}
	name := f.profile.Cloud.SPF
	ways := f.tree.Reaches(name)
	if len(ways) == 0 && f.profile.Initial {
		// Microsoft's own zones: routing domains include outlook.com.
		name = kit.RoutingSPF
		if ways = f.tree.Reaches(name); len(ways) == 0 {
			return nil
		}
	}
	if len(ways) == 0 {
		return []report.Finding{judgeNoInclude(f)}
	}
	best := ways[0]
	if best.Result != spf.Pass {
		return []report.Finding{judgeQualifier(f, best)}
	}
	if stop := f.tree.Stop(); stop != nil && f.discarded() == "" && !f.tree.Passes(name) && !f.tree.Opens() {
		return []report.Finding{judgeUnread(f, name, stop)}
	}
	x := kit.Find(report.Pass, "spf.m365", f.domain, "%s", howReached(name, best))
	x.Data = map[string]any{"how": reachWord(best), "include": name}
	x.Evidence = []report.Evidence{{Kind: "answer", Text: strings.Join(wayTexts(best), " → ")}}
	return []report.Finding{f.unlessDiscarded(x)}
}

// judgeUnread judges an include of the cloud that receivers do not come to, because
// they give up at a term before it, or at the include itself.
func judgeUnread(f spfFacts, name string, stop *spf.Branch) report.Finding {
	at, result, unclear := "at "+stop.Text+" ", "does not pass SPF", f.unclear()
	if stop.Target == name {
		at = ""
	}
	if unclear != nil {
		result = "passes SPF only if " + unclear.Text + " allows it, which receivers evaluate for each message"
	}
	x := kit.Find(report.Fail, "spf.m365", f.domain,
		"receivers give up %sbefore they read include:%s: mail that Microsoft 365 sends for this domain %s", at, name, result)
	if unclear != nil || f.expect != kit.ExpectM365 && !slices.ContainsFunc(f.mx, kit.MXTarget.Meant) {
		x.Status = report.Warn
	}
	x.Data = map[string]any{"how": "unread", "include": name}
	x.Evidence = []report.Evidence{{Kind: "answer", Text: strings.Join(stop.Path(), " → ")}}
	if f.lastingStop() == nil {
		x.Fix = f.stopFix(stop)
		if cloud := f.behindStop(); cloud == nil || len(x.Fix.Edits) > 0 || len(f.tree.CutOff(cloud)) > 0 {
			return x
		}
	}
	x.Fix = f.fix(f.readFirst(), []report.Edit{kit.AddFirst(f.owned(), "include:"+name)}, linkSPFMicrosoft, "RFC 7208 4.6.4")
	return x
}

// readFirst says that the cloud's include comes first.
func (f spfFacts) readFirst() string {
	return fmt.Sprintf("Make include:%s the first term of the record of %s: receivers then read it before they give up.", f.profile.Cloud.SPF, f.owned())
}

// behindStop returns the cloud's include that receivers do not come to, because they
// give up at another term; nil if there is none.
func (f spfFacts) behindStop() *spf.Branch {
	if f.tree.Opens() {
		return nil
	}
	return f.unread()
}

// unread is behindStop also where mail passes by a term that lets everyone send.
func (f spfFacts) unread() *spf.Branch {
	if !f.profile.Microsoft || f.profile.Parked || f.discarded() != "" || f.tree.Stop() == nil || f.tree.Passes(f.profile.Cloud.SPF) {
		return nil
	}
	for _, r := range f.tree.Reaches(f.profile.Cloud.SPF) {
		if r.Result == spf.Pass {
			return r.Path[len(r.Path)-1]
		}
	}
	return nil
}

// stopFix returns what ends that receivers give up at a term.
func (f spfFacts) stopFix(stop *spf.Branch) *report.Fix {
	switch {
	case stop.State.Permanent():
		return f.deadFix(stop, linkSPFMicrosoft)
	case stop.TooMany():
		return lookupsFix(f)
	}
	return f.voidsFix()
}

// lastingStop returns the term at which receivers give up, before they come to the
// end of the owner's record, if no change of records is known that ends this.
func (f spfFacts) lastingStop() *spf.Branch {
	stop := f.tree.Stop()
	if stop == nil || f.discarded() != "" {
		return nil
	}
	if !stop.State.Permanent() && stop.TooMany() || len(f.stopFix(stop).Edits) > 0 { // for too many lookups, see noRoom
		return nil
	}
	for b := stop; b != nil; b = b.Node.Parent {
		if b.Node == f.tree.Owned() && b.Kind == spf.Redirect { // at the end
			return nil
		}
	}
	return stop
}

func reachWord(r spf.Reach) string {
	switch {
	case r.Direct():
		return "direct"
	case r.Redirected():
		return "redirect"
	}
	return "through"
}

// howReached reports in words how the include is reached.
func howReached(name string, r spf.Reach) string {
	through := r.Path[len(r.Path)-1].Node.Domain
	switch {
	case r.Direct():
		return "include:" + name + " allows Microsoft's servers to send"
	case len(r.Path) == 1:
		return "redirect=" + name + ": only Microsoft's record decides who may send"
	case r.Redirected():
		return fmt.Sprintf("include:%s is reached by redirect, in the record of %s", name, through)
	}
	return fmt.Sprintf("include:%s is reached through %s", name, through)
}

func wayTexts(r spf.Reach) []string {
	var texts []string
	for _, b := range r.Path {
		texts = append(texts, b.Node.Domain+": "+b.Text)
	}
	return texts
}

func stepTexts(steps []spf.Step) string {
	var texts []string
	for _, s := range steps {
		texts = append(texts, s.String())
	}
	return strings.Join(texts, " → ")
}

// judgeQualifier judges an include whose sign keeps it from letting anyone
// send.
func judgeQualifier(f spfFacts, r spf.Reach) report.Finding {
	signed := func(b *spf.Branch) bool { return b.Kind == spf.Include && b.Qualifier != '+' }
	b := r.Path[max(0, slices.IndexFunc(r.Path, signed))]
	x := kit.Find(report.Fail, "spf.m365", f.domain,
		"%s, in the record of %s, gives mail from Microsoft 365 the result %s instead of pass",
		b.Text, b.Node.Domain, r.Result)
	x.Evidence = []report.Evidence{{Kind: "answer", Text: strings.Join(wayTexts(r), " → ")}}
	x.Data = map[string]any{"how": reachWord(r), "include": f.profile.Cloud.SPF, "result": string(r.Result)}
	var edits []report.Edit
	if b.Node == f.tree.Owned() {
		edits = []report.Edit{kit.ReplaceTerm(f.owned(), b.Text, b.Text[1:])}
	}
	x.Fix = f.fix(fmt.Sprintf("Write %s without the sign in front of it.", b.Text), edits, linkSPFMicrosoft, "RFC 7208 4.6.2")
	return x
}

// judgeNoInclude judges a record that does not lead to the cloud's include.
func judgeNoInclude(f spfFacts) report.Finding {
	name := f.profile.Cloud.SPF
	if x := judgeOtherWays(f, name); x.Status != report.Unset {
		return x
	}
	x := kit.Find(report.Fail, "spf.m365", f.domain,
		"include:%s is missing: mail that Microsoft 365 sends for this domain does not pass SPF", name)
	if f.holdsSome() {
		x.Summary = fmt.Sprintf("include:%s is missing, and the record lists only part of Microsoft's servers: mail from the others does not pass SPF", name)
	}
	text := ""
	open := f.tree.Everyone()
	throughGateway := slices.ContainsFunc(f.mx, func(m kit.MXTarget) bool { return m.Kind == kit.MXGateway }) &&
		f.includesKind(spf.Gateway)
	switch {
	case f.open && len(open) == 0:
		return f.judgeOpenMacro()
	case f.tree.Opens():
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("include:%s is missing: mail from Microsoft 365 passes SPF only because %s lets every server pass", name, open[0].Text)
	case throughGateway:
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("include:%s is missing; this is correct only if all mail leaves through the mail "+
			"gateway", name)
	case f.expect != kit.ExpectM365 && !slices.ContainsFunc(f.mx, kit.MXTarget.Meant):
		x.Status = report.Warn
		x.Summary = fmt.Sprintf("include:%s is missing: the domain is not migrated yet, or split on purpose", name)
		text = "Do this before the first mailbox sends from Microsoft 365."
	case f.unclear() != nil:
		return f.judgeUnclear()
	}
	for i := range kit.Clouds() {
		if c := &kit.Clouds()[i]; c.SPF != name && len(f.tree.Reaches(c.SPF)) > 0 {
			x.Summary += fmt.Sprintf("; the record has that of another cloud, %s", c.Title)
			break
		}
	}
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
	x.Data = map[string]any{"how": "missing", "include": name, "partial": f.holdsSome()}
	x.Fix = f.includeFix(name, text, throughGateway)
	if f.behindAll(name) {
		x.Summary = fmt.Sprintf("include:%s comes after all, where receivers never read it: mail that Microsoft 365 sends for this domain does not pass SPF", name)
		if len(x.Fix.Edits) > 0 {
			x.Fix.Text = fmt.Sprintf("Move include:%s before all in the SPF record of %s.", name, f.owned())
		}
	}
	return x
}

// behindAll reports whether the owner's record includes a name where receivers do not
// come to it (RFC 7208 5.1).
func (f spfFacts) behindAll(name string) bool {
	return slices.ContainsFunc(f.tree.Owned().Records, func(r *spf.Record) bool {
		return slices.ContainsFunc(r.Lint(), func(i spf.Issue) bool {
			return i.Code == spf.IssueAfterAll && i.Term.Kind == spf.Include && dnsrec.Canonical(i.Term.Domain) == name
		})
	})
}

// includeFix returns how the cloud's include comes into the owner's records, in
// the place of what was meant to be it. If the limit of lookups is near, terms
// that authorize nobody go, and the include comes first, so that a limit broken
// later does not concern it (RFC 7208 4.6.4).
func (f spfFacts) includeFix(name, text string, throughGateway bool) *report.Fix {
	edits, saved, how := f.wrongInclude(name)
	advice := f.advice()
	advice.Reserve = f.includeCost() - saved
	plan := f.tree.Plan(advice)
	repairs := repairEdits(f.owned(), plan.Repairs)
	near := f.tree.Lookups+advice.Reserve >= nearLookups
	stop := f.lastingStop()
	switch {
	case how != "":
	case stop != nil:
		how, edits = fmt.Sprintf("Add include:%s as the first term of the SPF record: receivers give up at %s.", name, stop.Text), []report.Edit{kit.AddFirst(f.owned(), "include:"+name)}
	case near:
		how, edits = "Add include:"+name+" as the first term of the SPF record.", []report.Edit{kit.AddFirst(f.owned(), "include:"+name)}
	default:
		how, edits = "Add include:"+name+" to the SPF record"+f.beforeEnd()+".", []report.Edit{kit.AddTerm(f.owned(), "include:"+name)}
	}
	if near && len(repairs) > 0 {
		how += " Terms that need a lookup and authorize nobody else are removed, or written as addresses."
	}
	fix := f.fix(strings.TrimSpace(how+" "+text), withoutTwice(append(edits, repairs...)), linkSPFMicrosoft)
	switch {
	case f.sendsNone():
		fix.Text = sendQuestion(f.domain)
		fix.Alternatives = ifItSends(f.domain, how, "Leave the SPF record as it is. DKIM is not needed either.", fix.Edits...)
	case throughGateway:
		fix.Text = "What is right depends on how mail leaves Microsoft 365."
		fix.Alternatives = onlyIf("if Microsoft 365 sends any mail directly to the Internet", how, fix.Edits,
			report.Choice{Label: "if all mail leaves through the mail gateway", Text: "Leave the record as it is.", Stay: true})
	default:
		if full := f.noRoom(advice.Reserve, edits...); full != nil {
			return full
		}
	}
	if len(fix.Alternatives) > 0 {
		fix.Edits = nil
	}
	return fix
}

// beforeEnd says where a term goes in the owner's record.
func (f spfFacts) beforeEnd() string {
	if records := f.tree.Owned().Records; len(records) == 1 && records[0].All() == nil {
		return ""
	}
	return " before all"
}

// includeCost is how many lookups the cloud's include costs.
func (f spfFacts) includeCost() int {
	if f.cloud == nil {
		return 1
	}
	return 1 + f.cloud.Lookups
}

// onlyIf returns a change that is right in one case only, and what to do in the
// other.
func onlyIf(label, text string, edits []report.Edit, other report.Choice) []report.Choice {
	return []report.Choice{{Label: label, Text: text, Edits: edits}, other}
}

// withoutTwice leaves out changes of a term that has one already.
func withoutTwice(edits []report.Edit) (once []report.Edit) {
	for _, e := range edits {
		if e.Old == "" || !slices.ContainsFunc(once, func(o report.Edit) bool { return o.Name == e.Name && o.Old == e.Old }) {
			once = append(once, e)
		}
	}
	return once
}

// judgeOtherWays reports records that let the cloud's servers send without
// showing its include.
func judgeOtherWays(f spfFacts, name string) report.Finding {
	if f.cloud == nil || len(f.cloud.Root.Records) != 1 {
		return report.Finding{}
	}
	nets, _ := f.cloud.Networks()
	var holders []*spf.Node // whose records hold the cloud's networks
	for _, n := range nets {
		if b := f.tree.Covers(n.Prefix); b != nil {
			holders = append(holders, b.Node)
		}
	}
	passes := len(f.sampled) > 0 && len(f.tree.Everyone()) == 0 && !f.open
	for _, o := range f.sampled {
		passes = passes && o.Result == spf.Pass && !o.LocalPart && !o.Helo
	}
	switch {
	case len(nets) > 0 && len(holders) == len(nets):
		return f.judgeFlattened(name, holders)
	case passes:
		x := kit.Find(report.Pass, "spf.m365", f.domain,
			"Microsoft's servers pass because of %s, which is evaluated for each message", f.sampled[0].Term)
		x.Data = map[string]any{"how": "macro", "include": name}
		x.Evidence = []report.Evidence{{Kind: "answer", Text: stepTexts(f.sampled[0].Path)}}
		return x
	}
	return report.Finding{}
}

// holdsSome reports whether the record lists some networks of the cloud.
func (f spfFacts) holdsSome() bool {
	if f.cloud == nil {
		return false
	}
	nets, _ := f.cloud.Networks()
	return slices.ContainsFunc(nets, func(n spf.Network) bool { return f.tree.Covers(n.Prefix) != nil })
}

// judgeFlattened judges records that list the cloud's networks in the place of
// its include: by hand, or by someone who keeps the list up to date.
func (f spfFacts) judgeFlattened(name string, holders []*spf.Node) report.Finding {
	owned := f.tree.Owned()
	by := holders[0]
	for _, h := range holders {
		if h == owned || by != owned && dnsrec.Within(h.Domain, f.domain) {
			by = h
		}
	}
	data := map[string]any{"how": "flattened", "include": name}
	if by != owned && !strings.HasSuffix(by.Domain, "."+f.domain) {
		x := kit.Find(report.Pass, "spf.m365", f.domain, "the record of %s lists the addresses of Microsoft "+
			"365; its operator must keep them up to date", by.Domain)
		x.Data = data
		return x
	}
	x := kit.Find(report.Warn, "spf.m365", f.domain,
		"the addresses of Microsoft 365 are listed one by one in the record of %s instead of include:%s; "+
			"mail fails SPF when Microsoft adds an address", by.Domain, name)
	x.Data = data
	var edits []report.Edit
	if by == owned {
		edits = f.unflattened(name)
	}
	x.Fix = f.fix("Replace the addresses with the include.", edits, linkSPFMicrosoft, "RFC 7208 5.2")
	return x
}

// includesKind reports whether the record leads to a sender of this kind.
func (f spfFacts) includesKind(kind spf.SenderKind) bool {
	found := false
	f.tree.Walk(func(b *spf.Branch) bool {
		if s := senderOfBranch(b); s != nil && s.Kind == kind {
			found = true
		}
		return !found
	})
	return found
}

// senderOfBranch finds who is behind an include or redirect; for a name that
// depends on the message its end tells enough.
func senderOfBranch(b *spf.Branch) *spf.Sender {
	switch {
	case b.Kind != spf.Include && b.Kind != spf.Redirect && b.Kind != spf.Exists:
		return nil
	case b.Target != "":
		return spf.SenderOf(b.Target)
	}
	_, end, _ := strings.Cut(b.Domain[strings.LastIndexByte(b.Domain, '}')+1:], ".")
	return spf.SenderOf(end)
}

// unflattened returns the changes that put the cloud's include in the place of
// the cloud's networks.
func (f spfFacts) unflattened(name string) (edits []report.Edit) {
	for _, b := range f.tree.Owned().Branches {
		switch {
		case !f.ofCloud(*b.Term):
		case len(edits) == 0:
			edits = append(edits, kit.ReplaceTerm(f.owned(), b.Text, "include:"+name))
		default:
			edits = append(edits, kit.RemoveTerm(f.owned(), b.Text))
		}
	}
	return edits
}

// ofCloud reports whether a term names a network of the cloud.
func (f spfFacts) ofCloud(t spf.Term) bool {
	return f.cloud != nil && (t.Kind == spf.IP4 || t.Kind == spf.IP6) && f.cloud.Covers(t.Prefix) != nil
}
