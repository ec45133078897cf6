package records

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// judgeAll judges what the record says of hosts that no term names.
func judgeAll(f spfFacts) report.Finding {
	root := f.tree.Root
	if open := f.tree.Everyone(); len(open) > 0 {
		return judgeOpen(f, open[0])
	}
	node := f.tree.Deciding()
	if len(root.Records) > 1 || len(node.Records) != 1 {
		return report.Finding{}
	}
	rec := node.Records[0]
	text := ""
	switch result := rec.Default(); {
	case len(rec.Faults) > 0 && rec.All() == nil:
		return report.Finding{} // it may be among the faults
	case rec.All() == nil && rec.Redirect() != nil:
		return report.Finding{} // the redirect is at fault, and told
	case result == spf.Fail:
		text = "-all: mail from servers not listed here fails SPF. Good if the list is complete; with DMARC, " +
			"~all is equally good"
	case result == spf.SoftFail:
		text = "~all: mail from servers not listed here is suspect, and DMARC decides. " +
			"As good as -all with DMARC, and safer for forwarded mail"
	default:
		return judgeNeutral(f, node)
	}
	x := kit.Find(report.Pass, "spf.all", f.domain, "%s", text)
	x.Data = map[string]any{"all": string(rec.Default())}
	return f.unlessDiscarded(x)
}

func judgeOpen(f spfFacts, b *spf.Branch) report.Finding {
	where := ""
	if b.Node != f.tree.Root {
		where = ", in the record of " + b.Node.Domain + ","
	}
	x := kit.Find(report.Fail, "spf.all", f.domain,
		"%s%s %s every server on the Internet to send for this domain and pass SPF", b.Text, where, f.allows(b))
	if !f.tree.Comes(b) {
		x.Summary += ", but " + f.unheard() + " today"
	}
	x.Evidence = []report.Evidence{{Kind: "answer", Text: strings.Join(b.Path(), " → ")}}
	x.Data = map[string]any{"all": string(spf.Pass)}
	x.Fix = f.openFix(b)
	return x
}

// allows is the verb for what a term of the record does, or would do if receivers came
// to it.
func (f spfFacts) allows(b *spf.Branch) string {
	if f.tree.Comes(b) {
		return "allows"
	}
	return "would allow"
}

// unheard says why receivers do not come to a term.
func (f spfFacts) unheard() string {
	if code := f.discarded(); code != "" {
		return "receivers ignore the whole record (see " + code + ")"
	}
	return "receivers give up before they read it"
}

// openFix returns how a record is closed that lets everyone send. Where DMARC is
// in force, senders that the record does not list are rejected from then on.
func (f spfFacts) openFix(b *spf.Branch) *report.Fix {
	links := []string{"RFC 7208 5.1", linkSPFMicrosoft}
	own, first := f.openTerms(), ""
	if f.unread() != nil {
		first = " " + f.readFirst()
	}
	switch {
	case len(own) == 0:
		return f.fix(fmt.Sprintf("Ask the operator of %s to correct its record. If nothing of yours sends through it, remove %s from the record of %s.",
			b.Node.Domain, f.leaves(b).Text, f.leaves(b).Node.Domain), nil, links...)
	case f.enforced == "" || !f.tree.Opens(): // receivers give up before they come to it
		return f.fix("Close the record, and end it in ~all. It is unknown who sends through the open term: list all your senders. "+
			"When DMARC reports show that none is missing, use -all."+first, f.closed(own), links...)
	}
	policy := "p=" + string(f.enforced)
	fix := f.fix(fmt.Sprintf("Once the record is closed, mail from servers that it does not list fails SPF. Under %s, receivers then %s "+
		"unless DKIM covers it.", policy, consequence(f.enforced, "it")), nil, links...)
	fix.Alternatives = []report.Choice{
		{Label: "if the record lists all your senders", Text: "Close the record, and end it in ~all." + first, Edits: f.closed(own)},
		{Label: "if you do not know who sends", Text: fmt.Sprintf("First set p=none in the DMARC record, with an address for reports (rua). After a few "+
			"weeks of reports, add your senders to the SPF record, close it, and restore %s. Until the record is closed, %s does not stop forged mail: "+
			"every server passes SPF.", policy, policy)},
	}
	return fix
}

// consequence is what receivers do with mail that fails a DMARC policy.
func consequence(p dmarc.Policy, mail string) string {
	if p == dmarc.Quarantine {
		return "send " + mail + " to junk or quarantine"
	}
	return "reject " + mail
}

// judgeNeutral judges ?all, and records without all.
func judgeNeutral(f spfFacts, node *spf.Node) report.Finding {
	rec := node.Records[0]
	what := "no all at the end"
	if all := rec.All(); all != nil {
		what = all.Text
	}
	x := kit.Find(report.Warn, "spf.all", f.domain,
		"%s: the record does not forbid other servers, so forged mail is not marked as suspect", what)
	x.Data = map[string]any{"all": string(spf.Neutral)}
	x.Evidence = []report.Evidence{spfSeen(node)}
	x.Fix = f.endFix(node)
	return f.unlessDiscarded(x)
}

// endFix returns how the record that has the last word gets an end: that is the
// target of a redirect, not the record in which the redirect stands (RFC 7208 6.1).
func (f spfFacts) endFix(node *spf.Node) *report.Fix {
	const strict = " When all senders are listed and sign with DKIM, -all is also correct."
	links := []string{"RFC 7208 5.1", linkSPFMicrosoft}
	end := []report.Edit{kit.SetAll(node.Domain, "~all")}
	switch {
	case node == f.tree.Owned():
		return f.fix("End the record in ~all."+strict, end, links...)
	case f.ours(node):
		return f.fix(fmt.Sprintf("End the record of %s in ~all: a redirect leads there, and its end decides.", node.Domain)+strict, end, links...)
	}
	last := f.leaves(node.Parent)
	return f.fix(fmt.Sprintf("%s in the record of %s leaves the decision to the record of %s, which only its operator can change. To decide "+
		"yourself, replace %s with include:%s ~all.", last.Text, last.Node.Domain, node.Domain, last.Text, last.Domain), nil, links...)
}

// judgeLeftoverSPF reports the mailbox provider before the migration.
func judgeLeftoverSPF(f spfFacts) []report.Finding {
	if !f.migrated() {
		return nil
	}
	var fs []report.Finding
	for _, b := range f.ownBranches() {
		s := senderOfBranch(b)
		if b.Kind != spf.Include && b.Kind != spf.Redirect || b.Result() != spf.Pass && b.Kind == spf.Include || b.State.Permanent() || s == nil || !isLeftover(s) {
			continue
		}
		x := kit.Find(report.Warn, "spf.leftover", f.domain,
			"%s %s %s to send, probably left over", b.Text, strings.NewReplacer("would", "would still", "allows", "still allows").Replace(f.allows(b)), s.Name)
		x.Data = map[string]any{"sender": s.Name, "term": b.Text, "lookups": b.Total}
		x.Fix = f.leftoverFix(b, s)
		fs = append(fs, x)
	}
	return append(fs, judgeOtherClouds(f)...)
}

// judgeOtherClouds reports the includes of clouds that the domain is not on. A domain is
// verified in one tenant of one cloud, and every tenant of the other sends by its include.
func judgeOtherClouds(f spfFacts) (fs []report.Finding) {
	own := f.profile.Cloud
	if slices.ContainsFunc(f.mx, func(m kit.MXTarget) bool { return isMicrosoft(m) && m.Cloud.SPF != own.SPF }) {
		return nil // which cloud it is on is in doubt: see mx.cloud
	}
	for _, b := range f.ownBranches() {
		i := slices.IndexFunc(kit.Clouds(), func(c kit.Cloud) bool { return c.SPF == b.Target && c.SPF != own.SPF })
		if i < 0 || b.Kind != spf.Include && b.Kind != spf.Redirect || b.Kind == spf.Include && b.Result() != spf.Pass {
			continue
		}
		cloud := &kit.Clouds()[i]
		x := kit.Find(report.Warn, "spf.leftover", b.Target, "%s %s %s to send, but the domain is on %s", b.Text, f.allows(b), cloud.Title, own.Title)
		x.Data = map[string]any{"sender": cloud.Title, "term": b.Text, "lookups": b.Total}
		x.Fix = f.cloudFix(b, cloud)
		fs = append(fs, x)
	}
	return fs
}

// cloudFix returns what to do about the include of a cloud that the domain is not on.
// The include of its own cloud takes its place, if no other term leads there.
func (f spfFacts) cloudFix(b *spf.Branch, cloud *kit.Cloud) *report.Fix {
	name := f.profile.Cloud.SPF
	gone := []report.Edit{kit.RemoveTerm(b.Node.Domain, b.Text)}
	how := "Remove " + b.Text
	switch {
	case len(f.tree.Reaches(name)) == 0:
		gone, how = includeFor(b, "include:"+name), fmt.Sprintf("Replace %s with include:%s", b.Text, name)
	case b.Kind == spf.Redirect: // it was the end of its record
		gone = append(gone, kit.SetAll(b.Node.Domain, "~all"))
		how += ", and end the record in ~all"
	}
	if b.Node.Domain != f.owned() {
		how += " (in the record of " + b.Node.Domain + ")"
	}
	fix := f.fix(fmt.Sprintf("Every customer of %s can pass SPF in your name.", cloud.Title), nil, "RFC 7208 11.4", linkSPFMicrosoft)
	fix.Alternatives = onlyIf(fmt.Sprintf("if no tenant on %s sends for the domain", cloud.Title), how+".", gone,
		report.Choice{Label: "if one does", Text: fmt.Sprintf("Keep it beside include:%s.", name), Stay: true})
	return fix
}

// leftoverFix returns what to do about the include of a provider that may be in
// use. While it still receives mail, its servers forward and answer too.
func (f spfFacts) leftoverFix(b *spf.Branch, s *spf.Sender) *report.Fix {
	if f.frees(b) { // the same decision
		return f.noRoom(f.missing())
	}
	fix := f.fix(fmt.Sprintf("Any other customer of %s can pass SPF in your name.", s.Name), nil, "RFC 7208 11.4", linkSPFMicrosoft)
	first, gone, drop := "", b.Text, []report.Edit{kit.RemoveTerm(b.Node.Domain, b.Text)}
	if b.Kind == spf.Redirect { // it was the end of its record
		gone, drop = gone+", and end the record in ~all", append(drop, kit.SetAll(b.Node.Domain, "~all"))
	}
	if b.Node.Domain != f.owned() {
		gone += " (in the record of " + b.Node.Domain + ")"
	}
	if slices.ContainsFunc(f.mx, func(m kit.MXTarget) bool { return m.Kind == kit.MXProvider && named(*s, m.Name) }) {
		first = "Remove its MX, then"
	}
	fix.Alternatives = onlyIf(fmt.Sprintf("if nobody sends through %s any more", s.Name),
		fmt.Sprintf("%s %s.", cmp.Or(first, "Remove"), gone), drop,
		report.Choice{Label: "if someone still does", Text: "Keep it.", Stay: true})
	if first != "" {
		fix.Alternatives[0].Edits = []report.Edit{kit.Assigned(f.domain, dnsrec.TypeMX), kit.Assigned(b.Node.Domain, dnsrec.TypeTXT)}
	}
	return fix
}

// maxWrittenMX is how many addresses of MX hosts are written out.
const maxWrittenMX = 8

// judgeCutover judges mx in the record of a domain whose mail will move: then it
// no longer allows the servers that it allows today.
func judgeCutover(f spfFacts) report.Finding {
	if !f.profile.Microsoft || len(f.mx) == 0 || slices.ContainsFunc(f.mx, kit.MXTarget.Meant) ||
		slices.ContainsFunc(f.mx, func(m kit.MXTarget) bool { return m.Kind == kit.MXGateway }) {
		return report.Finding{}
	}
	for _, b := range f.tree.Owned().Branches {
		if b.Kind != spf.MX || b.Target != f.domain || b.State != spf.StateGood {
			continue
		}
		x := kit.Find(report.Warn, "spf.cutover", f.domain,
			"%s %s the servers that receive mail today. From the day the MX record points to Microsoft 365, they fail SPF", b.Text, f.allows(b))
		own := f.onlyBy(b)
		terms := addressTerms(own)
		switch {
		case strings.Contains(b.Text, "/") || b.Qualifier != spf.Qualifier('+') || len(b.Addrs) == 0 || len(own) > 0 && terms == "":
			x.Fix = f.fix(fmt.Sprintf("If these servers still send mail after the switch, replace %s with their "+
				"addresses before the switch. If not, remove the term after the switch.", b.Text), nil, "RFC 7208 5.4")
		case terms == "":
			x.Status, x.Summary = report.Info, fmt.Sprintf("%s will mean Microsoft's servers when the MX record points to Microsoft 365; other terms allow the servers of today", b.Text)
			x.Fix = f.fix(fmt.Sprintf("Remove %s: it is not needed.", b.Text), []report.Edit{kit.RemoveTerm(f.owned(), b.Text)}, "RFC 7208 5.4")
		default:
			x.Fix = f.fix(fmt.Sprintf("Replace %s with the addresses of these servers before the switch: they may still send mail after it.", b.Text),
				[]report.Edit{kit.ReplaceTerm(f.owned(), b.Text, terms)}, "RFC 7208 5.4")
		}
		return x
	}
	return report.Finding{}
}

// onlyBy returns the addresses of a term that no other term lets pass: those of a
// provider are in its include, which goes when the provider does.
func (f spfFacts) onlyBy(b *spf.Branch) (addrs []netip.Addr) {
	networks, _ := f.tree.Networks()
	for _, a := range b.Addrs {
		if !slices.ContainsFunc(networks, func(n spf.Network) bool {
			return n.Source != b && n.Result == spf.Pass && !n.Source.Open() && n.Prefix.Contains(a)
		}) {
			addrs = append(addrs, a)
		}
	}
	return addrs
}

// addressTerms returns the terms for public addresses; "" if they are none or many.
func addressTerms(addrs []netip.Addr) string {
	if len(addrs) == 0 || len(addrs) > maxWrittenMX {
		return ""
	}
	var terms []string
	for _, a := range addrs {
		if a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
			return "" // not what receivers see
		}
		kind := "ip4:"
		if a.Is6() {
			kind = "ip6:"
		}
		if t := kind + a.String(); !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	return strings.Join(terms, " ")
}

// tellSenders names the known senders behind the includes.
func tellSenders(f spfFacts) report.Finding {
	var names []string
	f.tree.Walk(func(b *spf.Branch) bool {
		s := senderOfBranch(b)
		if s == nil || s.Name == "Microsoft 365" {
			return true
		}
		if text := fmt.Sprintf("%s (%s)", s.Name, s.Kind); !slices.Contains(names, text) {
			names = append(names, text)
		}
		return len(names) < 20
	})
	if len(names) == 0 {
		return report.Finding{}
	}
	x := kit.Find(report.Info, "spf.senders", f.domain, "may also send: %s", strings.Join(names, ", "))
	x.Data = map[string]any{"senders": len(names)}
	return x
}

// judgeSize reports records that are long for the DNS.
func judgeSize(f spfFacts) report.Finding {
	longest := 0
	for _, r := range f.tree.Root.Records {
		longest = max(longest, len(r.Text))
	}
	all := 0
	for _, v := range f.tree.Root.Answer.Values {
		all += len(v)
	}
	if longest <= spf.ShouldSize {
		return report.Finding{}
	}
	x := kit.Find(report.Info, "spf.size", f.domain, "the record has %d bytes, more than the %d that fit into every UDP answer; "+
		"receivers must repeat the lookup over TCP, which nearly all can do",
		longest, spf.ShouldSize)
	x.Data = map[string]any{"bytes": longest, "txt_bytes": all}
	x.Fix = &report.Fix{Owner: f.owner(), Links: []string{"RFC 7208 3.4"},
		Text: "Combine adjacent addresses into networks, remove unused terms, or move " +
			"terms to a separate record with include (one more lookup)."}
	return x
}
