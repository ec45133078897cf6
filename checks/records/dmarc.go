package records

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

const dmarcArticle = "https://learn.microsoft.com/defender-office-365/email-authentication-dmarc-configure"

// DMARCDoc explains the check.
var DMARCDoc = kit.Doc{
	Means: "What the domain asks receivers to do with mail that names it as the sender " +
		"but is neither signed by it nor sent from its servers. The DMARC record is " +
		"that of the name itself or of its organizational domain, found by the tree " +
		"walk (RFC 9989) and by the Public Suffix List (RFC 7489).",
	Why: "Without a record, large receivers reject mail or send it to junk, and anyone " +
		"can send in the domain's name. With p=none you only receive reports about who " +
		"sends in its name; p=quarantine and p=reject stop forged mail.",
	Fix: "Publish v=DMARC1; p=none with a rua= address. Read the reports until all " +
		"your senders pass, then move to p=quarantine and p=reject.",
	Sources: []string{"RFC 9989 4.7", "RFC 9989 4.10", "RFC 7489 6.6.3", "RFC 9990 4", dmarcArticle},
}

// dmarcFacts is what the DNS says of a domain's policy.
type dmarcFacts struct {
	domain     string
	profile    kit.Profile
	res        *dmarc.Result
	auths      []dmarc.Authorization
	unchecked  []string
	free       []string // of the hosts of auths: they do not exist, and anyone can register their domains
	misplaced  []misplaced
	silent     bool          // nothing says that it has mail
	keyed      bool          // its records say that it sends none, but it has DKIM keys
	deaf       []string      // hosts of addresses for reports that receive no mail
	spf        spfFacts      // gathered if a policy is in force
	signs      cover         // whether mail from Microsoft 365 is signed with a key of Microsoft
	enableable bool          // no record keeps Microsoft 365 from signing
	uncovered  report.Status // of mail from Microsoft 365 that passes neither SPF nor DKIM
	aligned    bool          // mail from Microsoft 365 is known to pass SPF or DKIM
	empty      bool          // it has neither MX records nor an SPF record
	alias      bool          // it is one
	freeAlias  string        // the domain that the alias at its name leads to, if anyone can register it
	wildAlias  bool          // the alias at its name comes from a wildcard record
}

// discovery is the DMARC policy of a domain, as far as it is known.
var discovery = kit.NewFact(func(k *kit.Known) *dmarc.Result { return dmarc.New(k.Domain) })

// discovered is the DMARC policy of a domain.
var discovered = kit.NewFact(func(k *kit.Known) *dmarc.Result {
	res, _ := discovery.Of(k)
	res.Advance(context.Background(), k)
	return res
})

// lacksDMARC reports whether nothing meant as DMARC is published for a domain.
func lacksDMARC(res *dmarc.Result) bool {
	return !res.Tree.Found() && res.Tree.Err == nil && len(res.Own().Texts) == 0
}

// DMARC checks the DMARC policy.
func DMARC(k *kit.Known) []report.Finding { return kit.Judge(k, gatherDMARC(k), judgeDMARC) }

func gatherDMARC(k *kit.Known) dmarcFacts {
	f := dmarcFacts{domain: k.Domain, profile: k.NamedProfile()}
	if f.profile.Routing {
		return f
	}
	var ok bool
	f.res, ok = discovered.Of(k)
	switch t := &f.res.Tree; {
	case !ok:
	case t.Found():
		f.deaf = deafHosts(k, t)
		f.auths, f.unchecked = dmarc.Authorizations(context.Background(), k, t.At, t.Record)
		for _, a := range f.auths {
			if a.Err == nil && !a.OK && k.FreeDomain(a.Host) != "" {
				f.free = append(f.free, a.Host)
			}
		}
	}
	gatherMisplaced(k, &f, ok && lacksDMARC(f.res))
	f.wildAlias = ok && lacksDMARC(f.res) && k.WildAlias(f.res.Own().Answer)
	if ok && lacksDMARC(f.res) && len(f.res.Own().Answer.CNAMEs) > 0 {
		f.freeAlias = k.FreeEnd(f.res.Own().Answer)
	}
	if f.profile, ok = k.Profile(); ok {
		f.keyed = f.profile.Parked && len(signingKeys(k)) > 0
		f.silent = !f.profile.Microsoft && !f.profile.Receives && noSender(k)
		f.empty, f.alias = !f.profile.Microsoft && publishesNoMail(k), isAlias(k)
		if !k.Missing() {
			gatherCover(k, &f)
		}
	}
	return f
}

// publishesNoMail reports whether a domain has neither MX nor SPF records.
func publishesNoMail(k *kit.Known) bool {
	mx, _ := k.Need(k.Domain, dnsrec.TypeMX)
	txt, _ := k.Need(k.Domain, dnsrec.TypeTXT)
	records, _ := k.ApexSPF()
	return mx.Err == nil && len(mx.Values) == 0 && txt.Err == nil && len(records) == 0
}

// isAlias reports whether a domain is an alias.
func isAlias(k *kit.Known) bool {
	mx, _ := k.Need(k.Domain, dnsrec.TypeMX)
	return len(mx.CNAMEs) > 0
}

// noSender reports whether nothing names a sender: an SPF record that allows none,
// or no SPF record where a null MX, or a resolver that fails, leaves it open
// whether the domain has mail at all.
func noSender(k *kit.Known) bool {
	if records, _ := k.ApexSPF(); len(records) > 0 {
		return slices.Equal(records, []string{"v=spf1 -all"})
	}
	a, _ := k.Need(k.Domain, dnsrec.TypeMX)
	return a.Err != nil || slices.ContainsFunc(k.MXTargets(), func(m kit.MXTarget) bool { return m.Kind == kit.MXNull })
}

func judgeDMARC(f dmarcFacts) []report.Finding {
	if f.profile.Routing {
		return []report.Finding{kit.Find(report.Skip, "dmarc.record", f.domain,
			"a hybrid routing domain. Microsoft owns its zone; "+
				"nobody can publish a record there or send from it")}
	}
	tree := &f.res.Tree
	if tree.Err != nil {
		return []report.Finding{kit.Undecided("dmarc.record", f.domain, tree.Err)}
	}
	fs := append(judgeForm(f), judgePlace(f)...)
	if !tree.Found() {
		fs = atAlias(f, fs)
		if len(fs) == 0 || !slices.ContainsFunc(fs,
			func(x report.Finding) bool { return x.Status == report.Fail }) {
			fs = append([]report.Finding{noRecord(f)}, fs...)
		}
		return append(fs, judgeReadings(f)...)
	}
	fs = append([]report.Finding{foundRecord(f), judgeEffective(f)}, fs...)
	fs = append(fs, judgeSubdomains(f)...)
	fs = append(fs, judgeTestMode(f)...)
	fs = append(fs, judgeRemoved(f)...)
	fs = append(fs, judgeCover(f)...)
	fs = append(fs, judgeReports(f)...)
	fs = append(fs, judgeMailboxes(f)...)
	fs = append(fs, judgeConsent(f)...)
	return atAlias(f, append(fs, judgeReadings(f)...))
}

// atAlias says of each change of a record behind an alias where it is made.
func atAlias(f dmarcFacts, fs []report.Finding) []report.Finding {
	ofRecord := []string{"dmarc.syntax", "dmarc.multiple", "dmarc.rua", "dmarc.policy", "dmarc.subdomains", "dmarc.test", "dmarc.removed"}
	for i := range fs {
		x := &fs[i]
		if x.Fix == nil || !slices.Contains(ofRecord, x.Code) {
			continue
		}
		at := f.res.Step(f.res.Tree.At)
		for _, s := range f.res.Steps {
			if s.Name == x.Subject || kit.Changes(x.Fix, s.Answer) {
				at = s
				break
			}
		}
		if at != nil {
			kit.Behind(at.Answer, f.domain, x.Fix)
		}
	}
	return fs
}

// foundRecord reports where the record that applies stands.
func foundRecord(f dmarcFacts) report.Finding {
	t := &f.res.Tree
	step := f.res.Step(t.At)
	x := kit.Find(report.Pass, "dmarc.record", step.Name, "%s", step.Records()[0].Value)
	if t.At != f.domain {
		x.Summary = fmt.Sprintf("inherited from %s: %s", t.At, x.Summary)
	}
	x.Evidence = kit.Shown(step.Answer)
	x.Data = map[string]any{"found_at": t.At, "organizational_domain": t.Org}
	return x
}

// noRecord judges a domain that nothing covers.
func noRecord(f dmarcFacts) report.Finding {
	x := kit.Find(report.Fail, "dmarc.record", dmarc.Name(f.domain),
		"no DMARC record, here or above: large receivers reject such mail or send it to junk, and anyone can "+
			"send in the domain's name")
	own := f.res.Own()
	x.Evidence = kit.Shown(own.Answer)
	for _, s := range f.res.Steps[1:] {
		if s.Domain == f.res.List.Org && s.Err == nil {
			x.Evidence = append(x.Evidence, kit.Seen(s.Answer))
		}
	}
	x.Fix = firstRecord(f)
	if alias := own.Answer.CNAMEs; len(alias) > 0 && !f.wildAlias {
		x.Summary = "the alias at this name does not point to a DMARC record"
		if f.freeAlias != "" {
			x.Summary += ", and anyone who registers the domain " + f.freeAlias + " can publish one"
		}
		x.Fix = aliasOrRecord(own.Name, alias[0], x.Fix)
	}
	if f.profile.Parked || f.silent { // it has no mail that could be refused
		x.Status = report.Warn
		x.Summary = "no DMARC record, here or above: anyone can send in the domain's name, and receivers are not " +
			"asked to reject it"
	}
	if f.profile.Initial {
		x.Status, x.Fix.Owner = report.Warn, report.OwnerM365
		x.Summary = "no DMARC record; Microsoft publishes none for its own domains, but lets you add one"
		x.Fix.Text = "In the Microsoft 365 admin center, under Settings > Domains > " + f.domain + " > DNS " +
			"records, add the TXT record. Use p=none first if you send from this domain."
	}
	return x
}

// firstRecord returns the record with which DMARC begins, at the place from
// which it covers the whole organization.
func firstRecord(f dmarcFacts) *report.Fix {
	org := f.res.List.Org
	begin := kit.Add(dmarc.Name(org), dnsrec.TypeTXT, "v=DMARC1; p=none; rua=mailto:"+usualMailbox+org)
	text := "Publish a DMARC record with p=none, which changes nothing for your mail. " + mailboxFirst(org)
	if org == f.domain && !f.profile.Receives {
		begin.New = "v=DMARC1; p=none"
		text = "Publish a DMARC record with p=none, which changes nothing for your mail. Add rua= with an address at which somebody reads the " +
			"reports: the domain itself receives no mail."
	}
	fix := &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, "RFC 9989 5.1"}, Text: text, Edits: []report.Edit{begin}}
	switch {
	case f.keyed:
		fix.Text = mailQuestion(f.domain)
		fix.Edits, fix.Alternatives = nil, mailOrKeys(f.domain, text, kit.Add(dmarc.Name(f.domain), dnsrec.TypeTXT, "v=DMARC1; p=reject"))
		fix.Alternatives[0].Edits = []report.Edit{begin}
	case f.profile.Parked || f.profile.Initial:
		fix.Text = f.domain + " sends no mail: publish a DMARC record with p=reject."
		fix.Edits = []report.Edit{kit.Add(dmarc.Name(f.domain), dnsrec.TypeTXT, "v=DMARC1; p=reject")}
	case (f.silent || f.empty) && org == f.domain:
		fix.Text = mailQuestion(f.domain)
		fix.Edits, fix.Alternatives = nil, mailOrAlias(f.alias, f.domain, text, begin)
	}
	return fix
}

// aliasOrRecord returns the decision about an alias that points to no record: a
// service may be meant to publish it.
func aliasOrRecord(name, target string, first *report.Fix) *report.Fix {
	own := report.Choice{Label: "if you publish the record yourself", Text: "Replace the CNAME record with a TXT record. " + first.Text}
	for _, e := range first.Edits {
		if dnsrec.Canonical(e.Name) == name {
			own.Edits = append(own.Edits, kit.Remove(name, dnsrec.TypeCNAME, target+"."), e)
		}
	}
	return &report.Fix{Owner: first.Owner, Links: first.Links, Text: "Decide who publishes the DMARC record of " + name + ".",
		Alternatives: []report.Choice{own, {Label: "if a service publishes it", Text: "Ask the service for the correct target of the CNAME record. " +
			target + " has no DMARC record."}}}
}

// usualMailbox is the local part and the sign of the address that is proposed for reports.
const usualMailbox = "dmarc-reports@"

// mailboxFirst says that the proposed address must exist.
func mailboxFirst(org string) string {
	return "First create the mailbox " + usualMailbox + org + ", or use the address of a service that evaluates the reports."
}

// judgeForm judges how the records of the domain, or those it inherits, are
// written.
func judgeForm(f dmarcFacts) (fs []report.Finding) {
	step := f.res.Own()
	if len(step.Texts) == 0 && f.res.Tree.At != "" {
		step = f.res.Step(f.res.Tree.At)
	} else if s := f.res.Step(f.res.Tree.Org); len(step.Texts) == 0 && s != nil {
		step = s
	}
	if rs := step.Records(); len(rs) > 1 {
		fs = append(fs, f.severalPolicies(step, rs))
	}
	for _, t := range step.Texts {
		if len(step.Records()) > 1 && t.Record != nil {
			continue
		}
		if x, bad := f.judgeText(step, t); bad {
			fs = append(fs, x)
		}
	}
	return fs
}

func (f dmarcFacts) severalPolicies(s *dmarc.Step, rs []dmarc.Text) report.Finding {
	x := kit.Find(report.Fail, "dmarc.multiple", s.Name, "%d DMARC records found; only one is allowed. Receivers ignore all of them",
		len(rs))
	x.Evidence = kit.Shown(s.Answer)
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 9989 4.10", "RFC 7489 6.6.3"},
		Text: "Combine the DMARC records at " + s.Name + " into one with p=none and the reporting addresses of all: no policy is applied today. Move to a stricter " +
			"policy when the reports show that all your senders pass.",
		Edits: []report.Edit{kit.MergeDMARC(s.Name)}}
	if f.inherits(s) {
		x.Fix.Text = "Combine the DMARC records at " + s.Name + " into one with the reporting addresses of all."
		f.keepInherited(x.Fix, s.Name, dmarc.None)
	}
	return x
}

// inherits reports whether a policy of a domain above is in force because receivers
// cannot read what is published at a name.
func (f dmarcFacts) inherits(s *dmarc.Step) bool {
	return s == f.res.Own() && f.res.Tree.Found() && f.res.Tree.At != f.domain && f.uncovered == report.Unset
}

// keepInherited makes a decision of the correction of a record, after which its own
// policy takes the place of the one that it inherits today. It reports whether they
// differ.
func (f dmarcFacts) keepInherited(fix *report.Fix, name string, own dmarc.Policy) bool {
	t := &f.res.Tree
	if own == t.Policy {
		return false
	}
	fix.Text += fmt.Sprintf(" Receivers ignore it today, and those that implement RFC 9989 apply %s of %s. The corrected record replaces that policy.", policySource(t), t.At)
	keep := append(slices.Clone(fix.Edits), kit.SetTag(name, "p", string(t.Policy)))
	fix.Alternatives = []report.Choice{
		{Label: "to keep the policy that applies today", Edits: keep, Text: fmt.Sprintf("Publish the corrected record with p=%s.", t.Policy)},
		{Label: fmt.Sprintf("if %s needs a policy of its own", f.domain), Edits: fix.Edits, Text: fmt.Sprintf("Publish the corrected record with p=%s.", own)},
	}
	fix.Edits = nil
	return true
}

// minor are the problems that change nothing for the reader's mail.
var minor = []dmarc.Kind{dmarc.KindScheme, dmarc.KindUseless, dmarc.KindUnknown, dmarc.KindSize}

// judgeText judges the writing of one record.
func (f dmarcFacts) judgeText(s *dmarc.Step, t dmarc.Text) (report.Finding, bool) {
	ps := slices.DeleteFunc(slices.Clone(t.Problems),
		func(p dmarc.Problem) bool { return p.Kind == dmarc.KindRemoved })
	if len(ps) == 0 {
		return report.Finding{}, false
	}
	first := ps[0]
	if fault := t.Fault(); fault != nil {
		first = *fault
	}
	status := report.Warn
	switch {
	case t.Record == nil && len(s.Records()) == 0,
		t.Record != nil && first.Fatal && t.Record.Standing() != dmarc.Monitoring:
		status = report.Fail
	case !slices.ContainsFunc(ps, func(p dmarc.Problem) bool { return !slices.Contains(minor, p.Kind) }):
		status = report.Info
	}
	x := kit.Find(status, "dmarc.syntax", s.Name, "at character %d: %s", first.Pos+1, first.Text)
	if t.Record != nil && first.Fatal && status == report.Warn {
		x.Summary += "; receivers read the record as p=none"
	}
	if n := len(ps) - 1; n > 0 {
		x.Summary += fmt.Sprintf(" (%s)", kit.Plural(n, "more fault", "more faults"))
	}
	seen := kit.AnswerTo(dnsrec.Q(s.Name, dnsrec.TypeTXT), s.Answer.Server, s.Name+" TXT\n  "+t.Value)
	seen.Note = pointer(ps)
	x.Evidence = []report.Evidence{seen}
	x.Data = map[string]any{"position": first.Pos + 1, "kind": string(first.Kind)}
	x.Fix = f.syntaxFix(s, t)
	return x, true
}

// syntaxFix returns the repair of a record. A policy that receivers do not
// apply today does not come into force by it; one that only some apply does, unless
// mail would be lost by it.
func (f dmarcFacts) syntaxFix(s *dmarc.Step, t dmarc.Text) *report.Fix {
	fix := &report.Fix{Owner: report.OwnerDNS, Text: "Correct the DMARC record at " + s.Name + ". Only its author knows what was meant.",
		Links: []string{"RFC 9989 4.7", "RFC 9989 4.8"}}
	mended, err := dmarc.Apply(t.Value, dmarc.RepairRecord())
	if err != nil || mended == t.Value {
		return fix
	}
	fix.Text, fix.Edits = "Correct the DMARC record at "+s.Name+".", []report.Edit{kit.RepairDMARC(s.Name)}
	now, _, _ := dmarc.Parse(mended)
	asMeant, _ := dmarc.Apply(t.Value, dmarc.AsMeant())
	if meant, _, _ := dmarc.Parse(asMeant); meant != nil && now != nil && meant.P.Strength() > now.P.Strength() {
		fix.Text += fmt.Sprintf(" It was probably meant as p=%s, which receivers do not apply today. Start with p=%s, and set p=%s "+
			"when the reports show that all your senders pass.", meant.P, now.P, meant.P)
	}
	if lost := dmarc.Unreadable(t.Value); len(lost) > 0 {
		fix.Text += fmt.Sprintf(" The corrected record leaves out %s: it is unknown which address was meant. If you know it, add it to rua= or ruf=.",
			kit.ShortList(lost, 3))
	}
	if t.Record == nil && now != nil && f.inherits(s) && f.keepInherited(fix, s.Name, now.P) {
		return fix
	}
	if starts := dmarc.EffectOf([]string{t.Value}, mended).Starts; len(starts) > 0 && !f.sendsNothing() && (!f.aligned || t.Record == nil || t.Record.Standing() != dmarc.Applied) {
		fix.Edits, fix.Alternatives = nil, beginOrApply(s.Name, starts, asMeant)
		if f.uncovered != report.Unset { // one decision about one record
			fix.Alternatives = f.coverFix().Alternatives
		}
		fix.Text += " Some receivers ignore it as it is written: for them, the policy begins to apply with the correction."
	}
	return fix
}

// beginOrApply returns the decision about a corrected record whose policy some
// receivers do not apply today, and which mail of the domain may fail.
func beginOrApply(name string, starts []string, asMeant string) []report.Choice {
	repair := kit.RepairDMARC(name)
	apply := []report.Edit{repair}
	if meant, _, _ := dmarc.Parse(asMeant); meant != nil && meant.SP != "" {
		apply = append(apply, kit.SetTag(name, "sp", string(meant.SP)))
	}
	begin := []report.Edit{repair, kit.SetTag(name, "p", string(dmarc.None))}
	for _, tag := range []string{"sp", "np"} { // they take the place of p
		if slices.ContainsFunc(starts, func(s string) bool { return strings.HasPrefix(s, tag+"=") }) {
			begin = append(begin, kit.RemoveTag(name, tag))
		}
	}
	return []report.Choice{
		{Label: "if you do not know whether all your senders pass DMARC", Edits: begin,
			Text: fmt.Sprintf("Publish the corrected record with p=none. Restore %s when the reports show that all your senders pass.", strings.Join(starts, ", "))},
		{Label: "if all your senders pass DMARC", Edits: apply, Text: "Publish the corrected record with its policy."},
	}
}

// pointer lists all problems with their places.
func pointer(ps []dmarc.Problem) string {
	var out []string
	for _, p := range ps[:min(len(ps), kit.MaxShown)] {
		out = append(out, fmt.Sprintf("character %d: %s", p.Pos+1, p.Text))
	}
	return strings.Join(out, "; ")
}
