package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/spf"
	"maildiag/report"
)

// judgeNoSPF judges a domain without an SPF record.
func judgeNoSPF(f spfFacts) []report.Finding {
	for i, alike := range f.tree.Root.Alike {
		if !alike.SenderID {
			return append([]report.Finding{judgeOnlyAlike(f, alike)}, tellSenderID(f, i)...)
		}
	}
	want := parkedSPF
	var x report.Finding
	switch {
	case f.profile.Initial:
		x = kit.Find(report.Info, "spf.record", f.domain,
			"no SPF record. Only Microsoft can publish one for this name")
		x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
		return []report.Finding{x}
	case f.profile.Microsoft || f.profile.Receives:
		x = kit.Find(report.Fail, "spf.record", f.domain,
			"no SPF record: Gmail, Yahoo, Outlook.com and others reject %s's mail or send it to junk", f.domain)
		text := ""
		want, text = f.firstRecord()
		if at := f.misplaced; at != nil {
			x.Summary += ". An SPF record is published at " + at.answer.Name + ", where receivers do not look for it"
			want, text = at.moved(f.cloudInclude()), "It has the terms of the record at "+at.answer.Name+
				", where receivers do not look for it. When you are sure that the list is complete, you can end the record in -all."
		}
		x.Fix = &report.Fix{Text: "Publish a TXT record at " + f.domain + ". " + text}
	case f.mxErr != nil:
		x = kit.Find(report.Warn, "spf.record", f.domain,
			"no SPF record. It is unknown whether the domain handles mail: its MX records could not be checked")
		want = ""
		x.Fix = &report.Fix{Text: "If the domain sends mail, publish a TXT record that lists its senders. If not, publish v=spf1 -all."}
	default:
		x = kit.Find(report.Warn, "spf.record", f.domain,
			"no SPF record: anyone can send mail in the name of this domain, which receives none itself")
		x.Fix = &report.Fix{Text: "If the domain sends no mail, publish an SPF record that allows no sender. If it does, list " +
			"its senders before -all."}
	}
	x.Fix.Owner = report.OwnerDNS
	if want == parkedSPF && f.mxErr == nil && len(f.mx) == 0 {
		x.Fix.Text = "Decide whether the domain should have mail."
		x.Fix.Alternatives = mailOrAlias(len(f.tree.Root.Answer.CNAMEs) > 0, f.domain, "Publish a TXT record at the domain that lists its senders and ends in ~all.")
	} else if want != "" {
		x.Fix.Edits = []report.Edit{kit.Add(f.domain, dnsrec.TypeTXT, want)}
	}
	x.Fix.Links = []string{linkSPFGoogle, linkSPFMicrosoft, "RFC 7208 3"}
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
	return append([]report.Finding{x}, judgeAlike(f)...)
}

// judgeOnlyAlike judges a domain whose only record is none to receivers.
func judgeOnlyAlike(f spfFacts, alike spf.Alike) report.Finding {
	x := kit.Find(report.Fail, "spf.lookalike", f.domain,
		"a TXT record is meant to be SPF, but %s: receivers do not recognize it, so the domain has no SPF record", alike.Reason)
	x.Evidence = []report.Evidence{f.alikeSeen(alike)}
	x.Fix = &report.Fix{Owner: f.owner(), Text: "Type the record by hand. Do not copy it from a document or a " +
		"web page.",
		Links: []string{"RFC 7208 4.5"}}
	if txt, whole := mended(alike.Text); whole {
		x.Fix.Text = "Correct the start of the record: " + alike.Reason + ". " + x.Fix.Text
		x.Fix.Edits = []report.Edit{kit.Replace(f.domain, dnsrec.TypeTXT, alike.Text, txt)}
	}
	return x
}

func (f spfFacts) alikeSeen(alike spf.Alike) report.Evidence {
	return report.Evidence{Kind: "answer", From: f.tree.Root.Answer.Server,
		Text: f.domain + " TXT → " + kit.Clip(spf.Visible(alike.Text), maxSPFEvidence)}
}

// judgeAlike reports records beside the SPF record that only look like one.
func judgeAlike(f spfFacts) []report.Finding {
	var fs []report.Finding
	for i, alike := range f.tree.Root.Alike {
		if alike.SenderID {
			fs = append(fs, tellSenderID(f, i)...)
			continue
		}
		if len(f.tree.Root.Records) == 0 {
			continue
		}
		text, edits := f.mergeAlike(alike)
		x := kit.Find(report.Warn, "spf.lookalike", f.domain,
			"a second TXT record looks like SPF but is not: %s", alike.Reason)
		x.Evidence = []report.Evidence{f.alikeSeen(alike)}
		x.Fix = &report.Fix{Owner: f.owner(), Links: []string{"RFC 7208 4.5"},
			Text: text, Edits: edits}
		fs = append(fs, x)
	}
	return fs
}

// mergeAlike returns the changes that take the terms of a record that receivers
// ignore into the one that they read, and delete it: who wrote it meant its
// senders to send.
func (f spfFacts) mergeAlike(alike spf.Alike) (text string, edits []report.Edit) {
	record, whole := mended(alike.Text)
	if whole {
		other, _, _ := spf.Parse(record)
		whole = len(spf.Refusals(append(slices.Clone(f.tree.Owned().Records), other))) == 0
	}
	if !whole {
		return "Receivers ignore it. Move the terms that the SPF record lacks there. Then delete it.", nil
	}
	return "Receivers ignore it. Add its terms to the SPF record, and delete it. Leave out those of services that you do not use.",
		[]report.Edit{kit.MergeIntoSPF(f.owned(), record), kit.Remove(f.domain, dnsrec.TypeTXT, alike.Text)}
}

func tellSenderID(f spfFacts, i int) []report.Finding {
	alike := f.tree.Root.Alike[i]
	if !alike.SenderID {
		return nil
	}
	x := kit.Find(report.Info, "spf.senderid", f.domain,
		"a Sender ID record (%s) is left over. Receivers no longer read it", kit.Clip(alike.Text, 20))
	x.Fix = &report.Fix{Owner: f.owner(), Text: "Delete the Sender ID record.", Links: []string{"RFC 6686"},
		Edits: []report.Edit{kit.Remove(f.domain, dnsrec.TypeTXT, alike.Text)}}
	return []report.Finding{x}
}

// judgeManySPF judges a domain with several SPF records.
func judgeManySPF(f spfFacts) report.Finding {
	records := f.tree.Root.Records
	x := kit.Find(report.Fail, "spf.multiple", f.domain,
		"%d SPF records found; only one is allowed. Receivers treat this as an error (permerror) and ignore all of them",
		len(records))
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root), {Kind: "rule", Text: "more than one record is a " +
		"permanent error", Link: "RFC 7208 4.5"}}
	x.Fix = f.mergeFix()
	if full := f.noRoom(f.missing()); full != nil {
		full.Text = fmt.Sprintf("Combine the %d SPF records of %s into one. %s", len(records), f.domain, full.Text)
		x.Fix = full
	}
	x.Data = map[string]any{"records": len(records)}
	return x
}

// mergeFix returns how several records become one: by a choice where one of them
// refuses servers that another may allow, because one record has one order.
func (f spfFacts) mergeFix() *report.Fix {
	records := f.tree.Root.Records
	fix := f.fix(fmt.Sprintf("Combine the SPF records of %s into one with the terms of all, and the milder ending.", f.domain),
		[]report.Edit{kit.MergeSPF(f.domain)}, "RFC 7208 4.5", linkSPFMicrosoft)
	refusals := spf.Refusals(records)
	if len(refusals) == 0 {
		return fix
	}
	said := kit.ShortList(refusals, 3)
	fix.Text += fmt.Sprintf(" One of them does not allow %s, and another may allow the same servers. In one record, the first term that matches decides.", said)
	lead, _ := spf.Leading(records)
	fix.Edits, fix.Alternatives = nil, []report.Choice{
		{Label: "if these servers should not send", Text: "Begin the record with " + cmp.Or(strings.Join(lead, " "), "what does not allow them") + ".", Edits: f.intoOne(spf.RefusingFirst(records))},
		{Label: "if they may send", Text: "Leave out " + said + ".", Edits: f.intoOne(spf.WithoutRefusals(records))},
	}
	return fix
}

// intoOne returns the changes that publish one record in the place of all.
func (f spfFacts) intoOne(record string, err error) (edits []report.Edit) {
	if err != nil {
		return nil
	}
	for _, r := range f.tree.Root.Records {
		edits = append(edits, kit.Remove(f.domain, dnsrec.TypeTXT, r.Text))
	}
	edits[0].New, edits[0].TTL = record, newTTL
	return edits
}

// newTTL is the TTL of a new record, in seconds: what Microsoft asks for.
const newTTL = 3600

// maxFaultsShown is how many faults of one record are shown.
const maxFaultsShown = 5

// judgeSyntax judges what is not SPF in the domain's own records.
func judgeSyntax(f spfFacts) []report.Finding {
	var fs []report.Finding
	for _, r := range f.tree.Root.Records {
		if len(r.Faults) > 0 {
			fs = append(fs, judgeFaults(f, r))
		}
	}
	return fs
}

func judgeFaults(f spfFacts, r *spf.Record) report.Finding {
	first := r.Faults[0]
	summary := fmt.Sprintf("\"%s\" is not valid in SPF: %s", kit.Clip(spf.Visible(first.Term), 60), first.Problem)
	if first.Hint != "" {
		summary += "; probably meant: \"" + kit.Clip(first.Hint, 80) + "\""
	}
	if n := len(r.Faults) - 1; n > 0 {
		summary += fmt.Sprintf(" (and %s)", kit.Plural(n, "more fault", "more faults"))
	}
	x := kit.Find(report.Fail, "spf.syntax", f.domain, "%s. Receivers treat this as an error (permerror) and ignore the record", summary)
	for _, e := range r.Faults[:min(len(r.Faults), maxFaultsShown)] {
		x.Evidence = append(x.Evidence, report.Evidence{Kind: "answer", Text: spf.Mark(r.Text, e.Offset, e.Len),
			Note: fmt.Sprintf("byte %d: %s", e.Offset, e.Problem)})
	}
	x.Evidence = append(x.Evidence, report.Evidence{Kind: "rule", Text: "one syntax error anywhere makes the whole record invalid",
		Link: "RFC 7208 4.6"})
	x.Data = map[string]any{"offset": first.Offset, "faults": len(r.Faults)}
	terms := make([]string, len(r.Faults))
	for i, e := range r.Faults {
		terms[i] = kit.Clip(spf.Visible(e.Term), 60)
	}
	term := kit.ShortList(terms, maxFaultsShown)
	text, edits := fmt.Sprintf("Correct %s in the SPF record of %s. Only its author knows what was meant.", term, f.domain), []report.Edit(nil)
	for _, e := range r.Faults[:min(len(r.Faults), maxFaultsShown)] {
		if e.Hint != "" {
			text += fmt.Sprintf(" Instead of %q, probably %q was meant.", kit.Clip(spf.Visible(e.Term), 60), kit.Clip(e.Hint, 80))
		}
	}
	if _, whole := mended(r.Text); whole {
		text, edits = fmt.Sprintf("Correct %s in the SPF record of %s, and check that the new record says what you meant.", term, f.domain), kit.RepairSPF(f.domain)
		if drops(r) {
			text += " Terms without any meaning are removed."
		}
	}
	x.Fix = f.fix(text, edits, "RFC 7208 4.6", "RFC 7208 12")
	if drop := f.withoutFaults(r); len(edits) == 0 && len(drop) > 0 {
		x.Fix.Alternatives = []report.Choice{
			{Label: "if you know what was meant", Text: "Correct the record."},
			{Label: "if nobody knows", Text: "Delete what nobody can read: it allows no sender. Receivers then apply the rest of the record, which must not allow everyone.", Edits: drop},
		}
	}
	return x
}

// withoutFaults returns the changes that delete the terms of a record of which only its
// author knows what was meant, and correct the others; none if that leaves no valid record.
func (f spfFacts) withoutFaults(r *spf.Record) (drop []report.Edit) {
	var edits []spf.Edit
	for _, e := range r.Faults {
		if e.Hint == "" && !e.Drop {
			drop, edits = append(drop, kit.RemoveTerm(f.domain, e.Term)), append(edits, spf.RemoveTerm(e.Term))
		}
	}
	record, err := spf.Apply(r.Text, append(edits, spf.RepairSyntax()...)...)
	if err != nil {
		return nil
	}
	if _, _, err = spf.Parse(record); err != nil {
		return nil
	}
	drop = append(drop, kit.RepairSPF(f.domain)...)
	if open := f.openTerms(); len(open) > 0 { // which nobody obeys today
		drop = append(drop, f.closed(open)...)
	}
	return drop
}

func drops(r *spf.Record) bool {
	for _, e := range r.Faults {
		if e.Drop && e.Hint == "" {
			return true
		}
	}
	return false
}

// judgeTerms judges the terms of the domain's own record that receivers accept
// and nobody wants.
func judgeTerms(f spfFacts) []report.Finding {
	var fs []report.Finding
	records := f.tree.Root.Records
	if owned := f.tree.Owned(); owned != f.tree.Root {
		records = append(records[:len(records):len(records)], owned.Records...)
	}
	for _, r := range records {
		grouped := map[string][]spf.Issue{}
		var order []string
		for _, i := range r.Lint() {
			if i.Code == spf.IssueRange && f.ofCloud(i.Term) {
				continue
			}
			if grouped[i.Code] == nil {
				order = append(order, i.Code)
			}
			grouped[i.Code] = append(grouped[i.Code], i)
		}
		for _, code := range order {
			if x := judgeIssues(f, r, grouped[code]); x.Status != report.Unset {
				fs = append(fs, x)
			}
		}
	}
	return fs
}

// issueVerdicts says how the issues of a record are judged; those not named
// here are not worth a line.
var issueVerdicts = map[string]struct {
	code   string
	status report.Status
	text   string
	link   string
}{
	spf.IssueGlued: {"spf.glued", report.Warn, "Remove the second v=spf1, keep its terms, and move all " +
		"to the end.", "RFC 7208 4.5"},
	spf.IssueModifier: {"spf.modifier", report.Warn,
		"Write it with a colon: with an equals sign, receivers ignore it.", "RFC 7208 6"},
	spf.IssueAfterAll: {"spf.order", report.Warn,
		"If these terms are needed, move all to the end. If not, delete them.", "RFC 7208 5.1"},
	spf.IssueRefused: {"spf.order", report.Warn, "Decide whether these servers send. In a record, the first term that matches decides.", "RFC 7208 4.6.2"},
	spf.IssueRedirect: {"spf.order", report.Warn,
		"Delete the redirect, or include its target if the senders listed there should pass.", "RFC 7208 6.1"},
	spf.IssuePTR: {"spf.ptr", report.Warn, "Replace ptr with the addresses of the servers that it " +
		"was meant for (ip4:, ip6:), or delete it. DNS does not list whom it allows to send.", "RFC 7208 5.5"},
	spf.IssueDuplicate: {"spf.duplicate", report.Info, "Delete the second one.", "RFC 7208 4.6.4"},
	spf.IssueName:      {"spf.name", report.Warn, "Correct the name.", "RFC 7208 7.1"},
	spf.IssueRange: {"spf.range", report.Warn, "List only the addresses of your own servers.",
		"RFC 7208 11.1"},
	spf.IssuePrivate: {"spf.private", report.Warn,
		"The public addresses of these servers are probably missing in the record.", "RFC 6890"},
}

func judgeIssues(f spfFacts, r *spf.Record, issues []spf.Issue) report.Finding {
	v, known := issueVerdicts[issues[0].Code]
	if !known {
		return report.Finding{}
	}
	var terms []string
	for _, i := range issues {
		terms = append(terms, i.Term.Text)
	}
	subject := f.domain
	if issues[0].Code == spf.IssueRedirect {
		subject = dnsrec.Canonical(issues[0].Term.Domain)
	}
	x := kit.Find(v.status, v.code, subject, "%s: %s", kit.Clip(strings.Join(terms, " "), 80), issues[0].Problem)
	x.Evidence = []report.Evidence{{Kind: "answer", Text: spf.Mark(r.Text, issues[0].Term.Offset,
		len(issues[0].Term.Text))}}
	open := func(b *spf.Branch) bool { return b.Text == issues[0].Term.Text }
	if i := slices.IndexFunc(f.tree.Everyone(), open); i >= 0 && issues[0].Code == spf.IssueRange {
		x.Fix = f.openFix(f.tree.Everyone()[i]) // one decision about one term
		return x
	}
	x.Fix = f.fix(strings.Replace(v.text, "Delete it", "Delete "+kit.Clip(strings.Join(terms, " "), 80), 1), nil, v.link)
	if slices.Contains(f.tree.Owned().Records, r) {
		if x.Fix.Alternatives = f.issueChoices(r, issues); len(x.Fix.Alternatives) == 0 {
			x.Fix.Edits = issueEdits(f.owned(), issues)
		}
		if issues[0].Code == spf.IssueName && len(x.Fix.Edits) > 0 {
			x.Fix.Text = meantTerms(issues[0].Term.Text)
		}
	}
	return x
}

// issueChoices returns the ways to end issues of one code where a term authorizes
// somebody, or was meant to; none if only one way is right.
func (f spfFacts) issueChoices(r *spf.Record, issues []spf.Issue) []report.Choice {
	first, name := issues[0].Term, f.owned()
	var drop []report.Edit
	for _, i := range issues {
		drop = append(drop, kit.RemoveTerm(name, i.Term.Text))
	}
	switch issues[0].Code {
	case spf.IssueAfterAll:
		return f.afterAllChoices(r, issues)
	case spf.IssueRedirect:
		if len(f.tree.Reaches(first.Domain)) > 0 {
			return nil // its senders are authorized, or refused on purpose
		}
		return []report.Choice{
			{Label: fmt.Sprintf("if the senders in the record of %s should pass", first.Domain), Text: "Include it before all, in place of the redirect.",
				Edits: append(drop, kit.AddTerm(name, "include:"+first.Domain))},
			{Label: "if not", Text: fmt.Sprintf("Delete %s: it has had no effect.", first.Text), Edits: drop},
		}
	case spf.IssueRefused:
		return []report.Choice{
			{Label: "if they send for " + f.domain, Text: "Move the terms to the start of the record."},
			{Label: "if not", Text: "Delete the terms: they have had no effect.", Edits: drop},
		}
	case spf.IssuePrivate:
		return []report.Choice{
			{Label: "if no mail server inside your network checks SPF", Text: "Delete the terms: no receiver on the Internet ever sees these addresses.", Edits: drop},
			{Label: "if one does", Text: "Keep them, and list the public addresses of these servers as well."},
		}
	case spf.IssuePTR:
		return []report.Choice{
			{Label: fmt.Sprintf("if a server of yours needs %s", first.Text), Text: "Write the addresses of the server in its place, with ip4: and ip6:."},
			{Label: "if none does", Text: fmt.Sprintf("Delete %s.", first.Text), Edits: drop},
		}
	}
	return nil
}

// issueEdits returns the changes that end the issues of one code; none if only
// the owner knows what was meant.
func issueEdits(name string, issues []spf.Issue) (edits []report.Edit) {
	switch issues[0].Code {
	case spf.IssueGlued:
		return kit.RepairSPF(name)
	case spf.IssueAfterAll:
		if edits, _ = beforeAll(name, issues); len(edits) == 0 { // a second all
			return kit.RepairSPF(name)
		}
	case spf.IssueRedirect:
		return []report.Edit{kit.RemoveTerm(name, issues[0].Term.Text)}
	}
	for _, i := range issues {
		if (i.Code == spf.IssueModifier || i.Code == spf.IssueName) && i.Hint != "" {
			edits = append(edits, kit.ReplaceTerm(name, i.Term.Text, i.Hint))
		}
	}
	return edits
}
