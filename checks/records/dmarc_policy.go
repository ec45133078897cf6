package records

import (
	"fmt"
	"slices"
	"strings"

	"maildiag/checks/kit"
	"maildiag/dnsrec"
	"maildiag/dnsrec/dmarc"
	"maildiag/report"
)

// fullPercent is the pct= that says nothing.
const fullPercent = 100

// policyWords says what a policy does.
var policyWords = map[dmarc.Policy]string{
	dmarc.None:       "receivers deliver mail that fails DMARC (monitoring only)",
	dmarc.Quarantine: "receivers send mail that fails DMARC to junk",
	dmarc.Reject:     "receivers reject mail that fails DMARC",
}

// at returns the name of the record that applies.
func (f dmarcFacts) at() string { return f.res.Step(f.res.Tree.At).Name }

// judgeEffective reports the effective policy for this very name, and the next step
// on the ladder none, quarantine, reject.
func judgeEffective(f dmarcFacts) report.Finding {
	t := &f.res.Tree
	x := kit.Find(report.Pass, "dmarc.policy", f.domain, "%s: %s", policySource(t), policyWords[t.Policy])
	x.Data = map[string]any{"policy": string(t.Policy), "declared": string(t.Declared), "tag": t.Tag,
		"found_at": t.At}
	if t.Declared == dmarc.Reject {
		return x
	}
	next := dmarc.Reject
	switch {
	case f.profile.Parked:
		x.Status = report.Warn
		x.Fix = &report.Fix{Text: f.domain + " publishes that it sends no mail: set p=reject in its DMARC record."}
	case t.Declared == dmarc.None:
		x.Status, next = report.Warn, dmarc.Quarantine
		x.Fix = &report.Fix{Text: "After a few weeks of reports in which all your senders pass, move to p=quarantine."}
		if t.At == f.domain && t.Record.SP.Strength()+t.Record.NP.Strength() == 0 { // t=y would lower them too
			x.Fix.Text += " While testing, add t=y: receivers that implement RFC 9989 then keep applying p=none."
		}
	case t.Policy == dmarc.None: // in test mode (see dmarc.test)
		return x
	default:
		x.Fix = &report.Fix{Text: "After a few weeks in which none of your mail went to junk, move to p=reject."}
	}
	x.Fix.Owner, x.Fix.Links = report.OwnerDNS, []string{dmarcArticle, "RFC 9989 5.1"}
	if t.Declared == dmarc.None && len(t.Record.RUA) == 0 && !f.profile.Parked {
		x.Fix.Text = "Have reports sent to you first (see dmarc.rua). After a few weeks of reports in which all your senders " +
			"pass, move to p=quarantine."
		return x
	}
	if t.Record.Standing() != dmarc.Applied && !f.keyed {
		return x
	}
	switch {
	case f.keyed:
		f.askIfParked(x.Fix)
	case f.profile.Parked && t.At != f.domain: // the record of the other names stays as it is
		x.Fix.Text = f.domain + " publishes that it sends no mail: publish a DMARC record of its own with p=reject."
		x.Fix.Edits = []report.Edit{kit.Add(dmarc.Name(f.domain), dnsrec.TypeTXT, "v=DMARC1; p=reject")}
	case f.profile.Parked:
		x.Fix.Edits = f.step(next)
	default:
		x.Fix.Alternatives = f.whenAllPass(f.step(next)...)
	}
	return x
}

// askIfParked makes a decision of a stricter policy for a domain whose records say that
// it has no mail, and which has keys to sign mail with.
func (f dmarcFacts) askIfParked(fix *report.Fix) {
	fix.Text = mailQuestion(f.domain)
	var parked []report.Edit
	switch {
	case f.res.Tree.At != f.domain: // the record of the other names stays as it is
		parked = append(parked, kit.Add(dmarc.Name(f.domain), dnsrec.TypeTXT, "v=DMARC1; p=reject"))
	case f.res.Tree.Record.Standing() == dmarc.Applied:
		parked = append(f.step(dmarc.Reject), kit.RemoveTag(f.at(), "t"))
	}
	fix.Edits, fix.Alternatives = nil, mailOrKeys(f.domain, "Move to a stricter DMARC policy only when the reports show that all its senders pass.", parked...)
}

// whenAllPass returns the decision about a stricter policy: it is right only when
// a person has seen that no mail of the domain is lost by it. A record that a name
// takes its policy from also decides for names that nobody looked at here.
func (f dmarcFacts) whenAllPass(edits ...report.Edit) []report.Choice {
	if at := f.res.Tree.At; at != f.domain {
		return []report.Choice{
			{Label: "if the reports show that all senders of " + at + " and of its subdomains pass", Text: "Make the record at " + f.at() +
				" stricter. It decides for all of them: check " + at + " first."},
			{Label: "if they show it for " + f.domain + " only", Text: "Publish a DMARC record at " + dmarc.Name(f.domain) + " with the stricter policy."},
			leave(),
		}
	}
	return f.whenReports("all your senders pass", edits...)
}

// whenReports returns the decision about a stricter record of the domain, by what the
// reports have to show.
func (f dmarcFacts) whenReports(show string, edits ...report.Edit) []report.Choice {
	return []report.Choice{{Label: "if the reports show that " + show, Text: "Publish the stricter record.", Edits: edits}, leave()}
}

// leave is the other way to decide about a stricter record.
func leave() report.Choice {
	return report.Choice{Label: "until then", Text: "Leave the record as it is, and read the reports.", Stay: true}
}

// raisedSP returns the change of a tag sp that is weaker than p: to the next policy on
// the ladder none, quarantine, reject.
func (f dmarcFacts) raisedSP(rec *dmarc.Record) report.Edit {
	if rec.SP.Strength() == 0 && rec.P == dmarc.Reject {
		return kit.SetTag(f.at(), "sp", string(dmarc.Quarantine))
	}
	return kit.RemoveTag(f.at(), "sp")
}

// step returns the changes that set the tag which decides to the next policy: a
// first quarantine in test mode (RFC 9989 4.7).
func (f dmarcFacts) step(next dmarc.Policy) []report.Edit {
	tag := f.res.Tree.Tag
	if tag == "" {
		tag = "p"
	}
	edits := []report.Edit{kit.SetTag(f.at(), tag, string(next))}
	rec := f.res.Tree.Record
	for _, tag := range removedTags(rec) { // RFC 9989 A.6
		edits = append(edits, kit.RemoveTag(f.at(), tag))
	}
	if next == dmarc.Quarantine && tag == "p" && !rec.Testing() && rec.SP.Strength()+rec.NP.Strength() == 0 { // t=y would lower sp and np too
		edits = append(edits, kit.SetTag(f.at(), "t", "y"))
	}
	return edits
}

// policySource says where the policy comes from, such as "sp=reject".
func policySource(t *dmarc.Reading) string {
	s := t.Tag + "=" + string(t.Declared)
	switch {
	case t.Tag == "":
		s = "read as p=none, because the record has no valid policy"
	case t.Tag == "np":
		s += " (the name does not exist)"
	case t.Tag == "sp":
		s += " (for subdomains)"
	}
	if t.Policy != t.Declared {
		s += fmt.Sprintf(" in test mode, applied as %s", t.Policy)
	}
	return s
}

// judgeSubdomains judges what the record says of the names below.
func judgeSubdomains(f dmarcFacts) (fs []report.Finding) {
	t := &f.res.Tree
	rec := t.Record
	if t.At != f.domain || rec.Standing() != dmarc.Applied {
		return nil
	}
	if t.Org != t.At {
		if rec.SP != "" || rec.NP != "" { // RFC 9989 4.7
			x := kit.Find(report.Info, "dmarc.subdomains", f.domain, "sp= and np= have no effect here: names "+
				"below take their policy from %s", t.Org)
			return []report.Finding{x}
		}
		return nil
	}
	sub := rec.P
	if rec.SP != "" {
		sub = rec.SP
	}
	if sub.Strength() < rec.P.Strength() {
		x := kit.Find(report.Warn, "dmarc.subdomains", f.domain, "subdomains are less protected than the "+
			"domain: sp=%s beside p=%s", sub, rec.P)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 9989 4.7"},
			Text: "When mail from subdomains passes too, raise sp= to quarantine, and remove it some weeks later. " +
				"Until then, np= protects at least the subdomains that do not exist."}
		edits := []report.Edit{f.raisedSP(rec)}
		if rec.NP != "" && rec.NP.Strength() < rec.P.Strength() {
			edits = append(edits, kit.RemoveTag(f.at(), "np"))
		}
		x.Fix.Alternatives = f.whenReports("all senders of the subdomains of "+f.domain+" pass", edits...)
		switch {
		case sub == dmarc.Quarantine:
			x.Fix.Text = "When mail from subdomains passes too, remove sp=."
		case rec.NP == rec.P:
			x.Fix.Text = "When mail from subdomains passes too, raise sp= to quarantine, and remove it some weeks later. " +
				"np= already protects subdomains that do not exist."
		}
		return []report.Finding{x}
	}
	if rec.NP != "" && rec.NP.Strength() < sub.Strength() {
		x := kit.Find(report.Warn, "dmarc.subdomains", f.domain, "names that do not exist are less protected "+
			"than those that do: np=%s", rec.NP)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Text: "Remove np=: few senders use a name that does " +
			"not exist.", Links: []string{"RFC 9989 4.7"},
			Alternatives: f.whenReports("all your senders pass, and none uses a name that does not exist", kit.RemoveTag(f.at(), "np"))}
		return []report.Finding{x}
	}
	return nil
}

// judgeTestMode judges t=y.
func judgeTestMode(f dmarcFacts) []report.Finding {
	t := &f.res.Tree
	if lowered := t.Record.Tested(); t.Declared == dmarc.None && t.At == f.domain && len(lowered) > 0 {
		x := kit.Find(report.Warn, "dmarc.test", f.domain, "t=y lowers %s as well: receivers that implement RFC 9989 apply the policy one level below",
			strings.Join(lowered, " and "))
		x.Fix = f.trialFix()
		return []report.Finding{x}
	}
	if !t.Record.Testing() || t.Declared == dmarc.None {
		return nil
	}
	x := kit.Find(report.Warn, "dmarc.test", f.domain, "t=y asks for test mode: receivers that implement RFC 9989 apply %s instead "+
		"of %s; older receivers apply %s", t.Policy, t.Declared, t.Declared)
	if lowered := t.Record.Tested(); len(lowered) > 0 && t.At == f.domain {
		x.Summary += fmt.Sprintf(" (t=y lowers %s as well)", strings.Join(lowered, " and "))
	}
	x.Fix = f.trialFix()
	return []report.Finding{x}
}

// trialFix returns how the test mode of the record that applies ends.
func (f dmarcFacts) trialFix() *report.Fix {
	end := []report.Edit{kit.RemoveTag(f.at(), "t")}
	for _, tag := range removedTags(f.res.Tree.Record) { // pct would still hold the policy back, for some
		end = append(end, kit.RemoveTag(f.at(), tag))
	}
	fix := &report.Fix{Owner: report.OwnerDNS, Text: "When the reports show that all your senders pass, remove t=y.", Links: []string{"RFC 9989 4.7"}}
	switch {
	case f.keyed:
		f.askIfParked(fix)
		return fix
	case f.profile.Parked && f.res.Tree.At == f.domain:
		fix.Text, fix.Edits = f.domain+" publishes that it sends no mail: remove t=y from its DMARC record.", end
		return fix
	}
	fix.Alternatives = f.whenAllPass(end...)
	if f.sampledTrial() {
		fix.Text += " Receivers that do not implement RFC 9989 apply pct= instead of t=y."
		fix.Alternatives = append(fix.Alternatives[:1], f.withoutPercent(end[1:])[1])
	}
	return fix
}

// judgeReports judges whether anyone gets reports.
func judgeReports(f dmarcFacts) []report.Finding {
	t := &f.res.Tree
	if len(t.Record.RUA) > 0 || f.profile.Parked {
		return nil
	}
	x := kit.Find(report.Warn, "dmarc.rua", f.at(), "nobody receives reports (no valid rua=), so "+
		"nobody sees who sends in the domain's name, or which of your own mail fails")
	x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{dmarcArticle, "RFC 9989 4.7"}}
	meant, lost := f.meantReports()
	switch {
	case len(lost) > 0 && !meant:
		x.Fix.Text = fmt.Sprintf("Correct rua= at %s. It is unknown which address %s means.", f.at(), kit.ShortList(lost, 3))
		return []report.Finding{x}
	case meant:
		x.Fix.Text, x.Fix.Edits = "Correct the DMARC record at "+f.at()+".", []report.Edit{kit.RepairDMARC(f.at())}
		return []report.Finding{x}
	case t.At == f.domain && !f.profile.Receives:
		x.Fix.Text = "Add rua= to the DMARC record at " + f.at() + ", with an address where somebody reads the reports. The domain itself receives no mail."
		return []report.Finding{x}
	}
	x.Fix.Text = "Add rua= to the DMARC record at " + f.at() + ". " + mailboxFirst(t.At)
	if t.Record.Standing() == dmarc.Applied {
		x.Fix.Edits = []report.Edit{kit.SetTag(f.at(), "rua", "mailto:"+usualMailbox+t.At)}
	}
	return []report.Finding{x}
}

// meantReports reports whether the record has an address for reports once its
// faults are corrected, and which pieces cannot be read as addresses.
func (f dmarcFacts) meantReports() (meant bool, lost []string) {
	text := f.res.Step(f.res.Tree.At).Records()[0].Value
	mended, err := dmarc.Apply(text, dmarc.RepairRecord())
	rec, _, _ := dmarc.Parse(mended)
	return err == nil && rec != nil && len(rec.RUA) > 0, dmarc.Unreadable(text)
}

// judgeConsent judges whether outside domains take the reports.
func judgeConsent(f dmarcFacts) (fs []report.Finding) {
	var good []string
	var refused []dmarc.Authorization
	for _, a := range f.auths {
		switch {
		case a.OK:
			good = append(good, a.Host)
		case a.Err != nil:
			x := kit.Lesser(kit.Undecided("dmarc.rua-auth", a.Host, a.Err))
			if x.Status == report.Warn { // a fault of that domain's zone
				x.Cause, x.Fix.Owner = report.CauseRemote, report.OwnerRemote
			}
			fs = append(fs, x)
		case slices.Contains(f.free, a.Host):
		default:
			refused = append(refused, a)
		}
	}
	if len(f.free) > 0 {
		fs = append(fs, f.freeReports())
	}
	if len(refused) > 0 {
		fs = append(fs, noConsent(f, refused))
	}
	if len(good) > 0 && len(fs) == 0 {
		fs = append(fs, kit.Find(report.Pass, "dmarc.rua-auth", f.domain, "reports go to external addresses, which have authorized it: %s",
			strings.Join(good, ", ")))
	}
	if n := len(f.unchecked); n > 0 {
		fs = append(fs, kit.Find(report.Info, "dmarc.rua-auth", f.domain,
			"not checked whether %d more external domains have authorized reports: %s",
			n, strings.Join(f.unchecked[:min(n, kit.MaxShown)], ", ")))
	}
	return fs
}

func noConsent(f dmarcFacts, refused []dmarc.Authorization) report.Finding {
	var hosts []string
	x := kit.Find(report.Warn, "dmarc.rua-auth", f.domain, "")
	x.Fix = &report.Fix{Owner: report.OwnerRemote, Links: []string{"RFC 9990 4", "RFC 7489 7.1"},
		Text: "The operator of the address must publish an authorization record. A report service does so when the domain " +
			"is registered there. If you no longer use the service, remove the address from your record."}
	for _, a := range refused {
		hosts = append(hosts, a.Host)
		x.Evidence = append(x.Evidence, kit.Seen(a.Answer))
		x.Fix.Edits = append(x.Fix.Edits, kit.Add(a.Name, dnsrec.TypeTXT, a.Want))
	}
	x.Subject = strings.Join(hosts, ", ")
	x.Summary = "has not authorized reports for " + f.res.Tree.At + ", so receivers send none there"
	if len(hosts) > 1 {
		x.Summary = "have not authorized reports for " + f.res.Tree.At + ", so receivers send none there"
	}
	return x
}

// judgeReadings reports where the two generations of receivers part. What t and
// pct do is told by their own findings.
func judgeReadings(f dmarcFacts) (fs []report.Finding) {
	for _, d := range f.res.Differences() {
		if d.About == "policy" && f.res.Tree.Declared == f.res.List.Declared {
			continue
		}
		status := report.Info
		if d.About == "record" {
			status = report.Warn
		}
		x := kit.Find(status, "dmarc.readings", f.domain, "receivers differ: %s", d.Text)
		x.Fix = &report.Fix{Owner: report.OwnerDNS, Links: []string{"RFC 9989 4.10", "RFC 7489 6.6.3"},
			Text: "So that all receivers agree, publish a record with a valid p= at the organizational domain " +
				f.res.List.Org + ", and a separate one for each name that needs another policy."}
		fs = append(fs, x)
	}
	return fs
}
