package records

import (
	"fmt"
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
			"no SPF record; Microsoft publishes it for this name, and nobody else can")
		x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
		return []report.Finding{x}
	case f.profile.Microsoft:
		want = "v=spf1 include:" + f.profile.Cloud.SPF + " -all"
		x = kit.Find(report.Fail, "spf.record", f.domain,
			"no SPF record: Gmail, Yahoo, Outlook.com and others reject or junk the domain's mail")
		x.Fix = &report.Fix{Text: "Publish a TXT record at the domain itself. If other services send for the " +
			"domain too, " +
			"add their terms before -all first; as long as you are not sure to have them all, end it in ~all."}
	case f.profile.Receives:
		x = kit.Find(report.Fail, "spf.record", f.domain,
			"no SPF record: Gmail, Yahoo, Outlook.com and others reject or junk the domain's mail")
		text := ""
		want, text = f.firstRecord()
		x.Fix = &report.Fix{Text: "Publish a TXT record at the domain itself. " + text}
	case f.mxErr != nil:
		x = kit.Find(report.Warn, "spf.record", f.domain,
			"no SPF record; whether the domain has mail could not be told, since its MX records were not answered")
		want = ""
		x.Fix = &report.Fix{Text: "If the domain sends mail, publish a TXT record that names its senders; if not, v=spf1 -all."}
	default:
		x = kit.Find(report.Warn, "spf.record", f.domain,
			"no SPF record: anyone can send in the name of this domain, which receives no mail itself")
		x.Fix = &report.Fix{Text: "If the domain sends no mail, say so with the record below. If it does, name " +
			"its senders before -all."}
	}
	x.Fix.Owner = report.OwnerDNS
	if want != "" {
		x.Fix.Edits = []report.Edit{kit.Add(f.domain, dnsrec.TypeTXT, want)}
	}
	x.Fix.Links = []string{linkSPFGoogle, linkSPFMicrosoft, "RFC 7208 3"}
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root)}
	return append([]report.Finding{x}, judgeAlike(f)...)
}

// firstRecord proposes a record by where mail arrives, as far as that tells who
// sends; "" if it does not.
func (f spfFacts) firstRecord() (record, text string) {
	for _, m := range f.mx {
		switch m.Kind {
		case kit.MXGateway:
			return "", "It names the servers that send: those of the mail gateway, if mail leaves through it, and " +
				"all others. The gateway's operator tells its include."
		case kit.MXProvider, kit.MXConsumer:
			for _, s := range spf.Senders() {
				if named(s, m.Name) {
					return "v=spf1 include:" + s.SPF[0] + " ~all", "The one below lets " + s.Name +
						" send; add a term for every other server or service that sends for the domain."
				}
			}
			return "", fmt.Sprintf("%s tells the include of its servers; add a term for every other sender, and "+
				"end it in ~all.", m.Name)
		}
	}
	return "v=spf1 mx ~all", "The one below lets the domain's MX hosts send; add a term for every other " +
		"server or service that sends for the domain."
}

// named tells whether a sender is the mailbox provider that MX records call
// name, and has one include for all its customers.
func named(s spf.Sender, name string) bool {
	return s.Kind == spf.Mailbox && strings.HasPrefix(strings.ToLower(s.Name), strings.ToLower(name)) &&
		strings.Contains(s.SPF[0], "spf")
}

// judgeOnlyAlike judges a domain whose only record is none to receivers.
func judgeOnlyAlike(f spfFacts, alike spf.Alike) report.Finding {
	x := kit.Find(report.Fail, "spf.lookalike", f.domain,
		"a TXT record is meant to be SPF, but %s: to receivers the domain has no SPF", alike.Reason)
	x.Evidence = []report.Evidence{f.alikeSeen(alike)}
	x.Fix = &report.Fix{Owner: f.owner(), Text: "Type the record anew; do not copy it from a document or a " +
		"web page.",
		Links: []string{"RFC 7208 4.5"}}
	if rec, ours, _ := spf.Parse(alike.Meant); ours {
		if txt, whole := rec.Corrected(); whole {
			x.Fix.Edits = []report.Edit{kit.Replace(f.domain, dnsrec.TypeTXT, alike.Text, txt)}
		}
	}
	return x
}

func (f spfFacts) alikeSeen(alike spf.Alike) report.Evidence {
	return kit.AnswerTo(dnsrec.Q(f.domain, dnsrec.TypeTXT), f.tree.Root.Answer.Server,
		f.domain+" TXT → "+kit.Clip(spf.Visible(alike.Text), maxSPFEvidence))
}

// judgeAlike tells of records beside the SPF record that only look like one.
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
		x := kit.Find(report.Warn, "spf.lookalike", f.domain,
			"beside the SPF record a TXT record only looks like one: %s", alike.Reason)
		x.Evidence = []report.Evidence{f.alikeSeen(alike)}
		x.Fix = &report.Fix{Owner: f.owner(), Links: []string{"RFC 7208 4.5"},
			Text: "Receivers do not read it. If it holds terms that the real record lacks, move them there; " +
				"then delete it.",
			Edits: []report.Edit{kit.Remove(f.domain, dnsrec.TypeTXT, alike.Text)}}
		fs = append(fs, x)
	}
	return fs
}

func tellSenderID(f spfFacts, i int) []report.Finding {
	alike := f.tree.Root.Alike[i]
	if !alike.SenderID {
		return nil
	}
	x := kit.Find(report.Info, "spf.senderid", f.domain,
		"a Sender ID record (%s) is left over; no receiver reads it any more", kit.Clip(alike.Text, 20))
	x.Fix = &report.Fix{Owner: f.owner(), Text: "It can be deleted.", Links: []string{"RFC 6686"},
		Edits: []report.Edit{kit.Remove(f.domain, dnsrec.TypeTXT, alike.Text)}}
	return []report.Finding{x}
}

// judgeManySPF judges a domain with several SPF records.
func judgeManySPF(f spfFacts) report.Finding {
	records := f.tree.Root.Records
	x := kit.Find(report.Fail, "spf.multiple", f.domain,
		"%d SPF records, where one is allowed: receivers answer permerror, as if there were none", len(records))
	x.Evidence = []report.Evidence{spfSeen(f.tree.Root), {Kind: "rule", Text: "more than one record is a " +
		"permanent error", Link: "RFC 7208 4.5"}}
	merged := spf.Merge(records)
	x.Fix = &report.Fix{Owner: f.owner(), Links: []string{"RFC 7208 4.5", linkSPFMicrosoft},
		Text: "Replace them by one record. The one below holds the terms of all, with the milder ending."}
	x.Fix.Edits = []report.Edit{kit.Replace(f.domain, dnsrec.TypeTXT, records[0].Text, merged)}
	for _, r := range records[1:] {
		x.Fix.Edits = append(x.Fix.Edits, kit.Remove(f.domain, dnsrec.TypeTXT, r.Text))
	}
	x.Data = map[string]any{"records": len(records)}
	return x
}

// marked shows a record of a node with a mark below a part of it.
func marked(n *spf.Node, r *spf.Record, offset, length int) report.Evidence {
	return kit.AnswerTo(dnsrec.Q(n.Domain, dnsrec.TypeTXT), "", spf.Mark(r.Text, offset, length))
}

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
	summary := fmt.Sprintf("\"%s\" is not SPF: %s", kit.Clip(spf.Visible(first.Term), 60), first.Problem)
	if first.Hint != "" {
		summary += "; probably \"" + kit.Clip(first.Hint, 80) + "\" is meant"
	}
	if n := len(r.Faults) - 1; n > 0 {
		summary += fmt.Sprintf(" (and %s)", kit.Plural(n, "more fault", "more faults"))
	}
	x := kit.Find(report.Fail, "spf.syntax", f.domain, "%s. Receivers answer permerror to all mail", summary)
	for _, e := range r.Faults[:min(len(r.Faults), maxFaultsShown)] {
		seen := marked(f.tree.Root, r, e.Offset, e.Len)
		seen.Note = fmt.Sprintf("byte %d: %s", e.Offset, e.Problem)
		x.Evidence = append(x.Evidence, seen)
	}
	x.Evidence = append(x.Evidence, report.Evidence{Kind: "rule", Text: "one syntax error anywhere makes the " +
		"whole record useless",
		Link: "RFC 7208 4.6"})
	x.Data = map[string]any{"offset": first.Offset, "faults": len(r.Faults)}
	x.Fix = &report.Fix{Owner: f.owner(), Links: []string{"RFC 7208 4.6", "RFC 7208 12"},
		Text: "Correct the term; only its author knows for certain what was meant."}
	if txt, whole := r.Corrected(); whole {
		x.Fix.Text = "Compare the record below with what was meant, then publish it."
		if drops(r) {
			x.Fix.Text += " Terms without any meaning are left out of it."
		}
		x.Fix.Edits = []report.Edit{kit.Replace(f.domain, dnsrec.TypeTXT, r.Text, txt)}
	}
	return x
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
	spf.IssueGlued: {"spf.glued", report.Warn, "Cut the record where the second one starts; if that " +
		"holds terms of its own, move them before all.", "RFC 7208 4.5"},
	spf.IssueModifier: {"spf.modifier", report.Warn,
		"Write it with a colon, so that it does what it was meant for.", "RFC 7208 6"},
	spf.IssueAfterAll: {"spf.order", report.Warn,
		"If these terms are wanted, move all to the end, as below; if not, delete them.", "RFC 7208 5.1"},
	spf.IssueRedirect: {"spf.order", report.Warn,
		"Delete the redirect; or, if the other record shall decide, delete all.", "RFC 7208 6.1"},
	spf.IssuePTR: {"spf.ptr", report.Warn, "Replace ptr by the addresses of the servers that it was " +
		"meant for (ip4:, ip6:), or delete it.", "RFC 7208 5.5"},
	spf.IssueDuplicate: {"spf.duplicate", report.Info, "Delete the second one.", "RFC 7208 4.6.4"},
	spf.IssueName:      {"spf.name", report.Warn, "Correct the name.", "RFC 7208 7.1"},
	spf.IssueRange: {"spf.range", report.Warn, "Narrow it down to the addresses of your own servers.",
		"RFC 7208 11.1"},
	spf.IssuePrivate: {"spf.private", report.Info,
		"Delete it; write the address that your servers have on the Internet.", "RFC 1918"},
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
	x := kit.Find(v.status, v.code, f.domain, "%s: %s", kit.Clip(strings.Join(terms, " "), 80), issues[0].Problem)
	x.Evidence = []report.Evidence{marked(f.tree.Owned(), r, issues[0].Term.Offset, len(issues[0].Term.Text))}
	x.Fix = &report.Fix{Owner: f.owner(), Text: v.text, Links: []string{v.link}}
	owned := f.tree.Owned()
	if len(owned.Records) == 1 && owned.Records[0] == r && issues[0].Code != spf.IssueRange &&
		issues[0].Code != spf.IssuePTR {
		if txt, whole := r.Corrected(); whole && txt != r.Text {
			x.Fix.Edits = []report.Edit{kit.Replace(owned.Domain, dnsrec.TypeTXT, r.Text, txt)}
		}
	}
	return x
}
